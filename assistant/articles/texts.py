"""Plain text and Markdown files.

In: the text of one file. Out: fields for `build_article`. Refuses to know: paths, encodings.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from assistant.articles.fields import FieldError
from assistant.articles.moments import parse_moment

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_NEVER_CLOSED = re.compile(r"\A---[ \t]*\n[A-Za-z_-]{2,30}:[ \t\n]")
_LONGEST_FRONT = 50_000
_NOTHING = ("", "~", "null", "Null", "NULL")
_HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*(?:\n|\Z)")
_LONGEST_HEADLINE = 200
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = (
    rf"(?:{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\s+{_MONTH}\s+\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}})"
)
_DATED_LINE = re.compile(
    rf"^(?P<label>(?:first\s+|last\s+)?(?:published|posted|updated|modified|date)\b)?\s*(?:on|at)?\s*:?\s*"
    rf"(?P<date>{_DATE})(?P<time>[ T,|]+(?:at\s+)?\d{{1,2}}:\d{{2}}.{{0,20}})?$",
    re.IGNORECASE,
)
_DATELINE = re.compile(rf"^[A-Z][A-Z .,'’()-]{{2,60}}?,?\s(?P<date>(?i:{_DATE}))\b.{{0,40}}?[-–—]")
_BYLINE = re.compile(r"^By (?P<names>[A-Z][^.!?:;]{2,100}[^.!?:;,])$")
_HEAD_LINES = 8


class _Strings(yaml.BaseLoader):
    """Scalars stay as written (`no` is Norwegian, 2022-02-31 a bad date); a key stands once."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise FieldError(f"The key {key.value!r} stands twice in the front matter.")
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def text_fields(text: str) -> dict[str, Any]:
    """A text file's headline, byline, dates where its first lines state them, and its body."""
    lines = _unix(text).strip("\n \t").split("\n")
    fields: dict[str, Any] = {}
    first = lines[0].strip()
    if _is_headline(first, lines):
        fields["title"] = first
        lines = lines[1:]
    for line in [line for line in lines[:_HEAD_LINES] if line.strip()]:
        found = _head_line(line.strip())
        if found is None:
            dateline = _DATELINE.match(line.strip())
            if dateline and "published_at" not in fields and _is_date(dateline["date"]):
                fields["published_at"] = dateline["date"]
            break
        meaning, value = found
        if meaning in fields:
            break
        fields[meaning] = value
        lines.remove(line)
    fields["text"] = "\n".join(lines)
    return fields


def markdown_fields(text: str) -> dict[str, Any]:
    """Front matter and body of a Markdown file; a first `# heading` serves as the title."""
    body = _unix(text)
    fields: dict[str, Any] = {}
    front = _FRONT.match(body)
    loaded = _front_matter(front[1]) if front else None
    if front and not isinstance(loaded, str):
        if not isinstance(loaded, dict):
            raise FieldError("The front matter must be a list of `name: value` lines.")
        body = body[front.end() :]
        fields = {name: value for name, value in loaded.items() if value not in _NOTHING}
    elif not front and _NEVER_CLOSED.match(body):
        raise FieldError("The front matter is never closed; end it with a line `---`.")
    heading = _HEADING.match(body)
    if heading and not ({"title", "headline"} & {str(name).lower() for name in fields}):
        fields["title"] = heading[1]
        body = body[heading.end() :]
    fields["text"] = body
    return fields


def _front_matter(text: str) -> Any:
    """What stands between the two lines; a string is prose between two rules, not front matter."""
    if not text.strip():
        return {}
    if len(text) > _LONGEST_FRONT:
        raise FieldError(f"The front matter is longer than {_LONGEST_FRONT:,} characters.")
    try:
        # The loader is safe: it builds strings, lists and dicts only.
        return yaml.load(text, Loader=_Strings)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        if isinstance(error, FieldError):
            raise
        detail = " ".join(str(error).split())[:160]
        raise FieldError(f"The front matter is no YAML: {detail}") from error


def _unix(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _head_line(line: str) -> tuple[str, Any] | None:
    """(field, value) of a byline or a line that is a date; None where the report has begun."""
    if byline := _BYLINE.match(line):
        return "authors", byline["names"]
    dated = _DATED_LINE.match(line)
    if not dated:
        return None
    label = (dated["label"] or "").lower()
    whole = dated["date"] + (dated["time"] or "")
    value = whole if _is_date(whole) else dated["date"]
    # A bare line that is no possible date is text; one that says "Published" is a bad date.
    if not label and not _is_date(value):
        return None
    return ("updated_at" if "updated" in label or "modified" in label else "published_at"), value


def _is_date(value: str) -> bool:
    try:
        parse_moment(value)
    except (ValueError, OverflowError):
        return False
    return True


def _is_headline(line: str, lines: list[str]) -> bool:
    if not line or len(line) > _LONGEST_HEADLINE or line[-1] in ".,;:" or len(lines) < 2:
        return False
    following = lines[1].strip()
    return not following or (_head_line(line) is None and _head_line(following) is not None)
