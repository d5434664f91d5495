"""Plain text and Markdown files.

In: the text of one file. Out: fields for `build_article`. Refuses to know: paths, encodings.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from assistant.articles.fields import FieldError, parse_moment

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*(?:\n|\Z)")
_LONGEST_HEADLINE = 200
_DATED_LINE = re.compile(
    r"^(?:published|posted|updated|date)?\s*(?:on|at)?\s*:?\s*"
    r"((?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2},?\s+\d{4})|"
    r"\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{4}|"
    r"\d{4}-\d{2}-\d{2})(?:[ T,|]+(?:at\s+)?\d{1,2}:\d{2}.{0,20})?$",
    re.IGNORECASE,
)
_HEAD_LINES = 8


def text_fields(text: str) -> dict[str, Any]:
    """A text file's headline, its date where one of the first lines is a date, and its body."""
    lines = text.strip("\ufeff\n \t").replace("\r\n", "\n").split("\n")
    fields: dict[str, Any] = {}
    first = lines[0].strip()
    if _is_headline(first, lines):
        fields["title"] = first
        lines = lines[1:]
    for index, line in enumerate(lines[:_HEAD_LINES]):
        dated = _DATED_LINE.match(line.strip())
        if dated:
            try:
                parse_moment(dated[1])
            except ValueError:
                continue
            fields["published_at"] = dated[1]
            del lines[index]
            break
    fields["text"] = "\n".join(lines)
    return fields


def markdown_fields(text: str) -> dict[str, Any]:
    """Front matter and body of a Markdown file; a first `# heading` serves as the title."""
    front = _FRONT.match(text.lstrip("\ufeff"))
    fields: dict[str, Any] = {}
    body = text.lstrip("\ufeff")
    if front:
        body = body[front.end() :]
        try:
            loaded = yaml.safe_load(front[1])
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            detail = " ".join(str(error).split())[:160]
            raise FieldError(f"The front matter is no YAML: {detail}") from error
        if loaded is not None and not isinstance(loaded, dict):
            raise FieldError("The front matter must be a list of `name: value` lines.")
        fields = dict(loaded or {})
    heading = _HEADING.match(body)
    if heading and not ({"title", "headline"} & {str(name).lower() for name in fields}):
        fields["title"] = heading[1]
        body = body[heading.end() :]
    fields["text"] = body
    return fields


def _is_headline(line: str, lines: list[str]) -> bool:
    followed_by_gap = len(lines) > 1 and not lines[1].strip()
    return (
        bool(line) and len(line) <= _LONGEST_HEADLINE and line[-1] not in ".,;:" and followed_by_gap
    )
