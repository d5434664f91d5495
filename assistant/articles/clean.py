"""Take newsroom furniture out of text saved from a web page, and nothing else.

In: a text. Out: the report, paragraphs parted by one empty line.
Refuses to know: file formats, HTML.

Each rule names lines that no report contains as a sentence of its own. A doubtful line stays: a
lost sentence cannot be cited, a furniture line that stays is merely ugly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Direction overrides and zero-width characters make what is read differ from what is stored.
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")

_PHOTO_AGENCIES = (
    r"(?:Getty(?: Images)?|AFP|Reuters|REUTERS|AP(?: Photo)?|EPA|Shutterstock|iStock|Alamy|Bloomberg|"
    r"KCNA|Xinhua|Anadolu|TASS|Sputnik|Zuma|Imagn(?: Images)?|USA TODAY Sports|Network)"
)
_CREDIT = re.compile(
    rf"(?:[A-Z][\w .,'’&-]*|[A-Z ]+)?(?:(?:/|\s+via\s+|\s+VIA\s+){_PHOTO_AGENCIES})+(?:/[\w .-]+)*\.?\s*$"
)
_CREDIT_LINE = re.compile(
    r"^(?:photo(?:graph)?|image|picture|credit|video|illustration|caption)s?"
    r"(?: (?:credit|courtesy|by|source|of))?\s*[:|]\s*.{1,120}$",
    re.IGNORECASE,
)
# A whole line (after bullets) that is a control of the page, an invitation or a label.
_FURNITURE_LINE = re.compile(
    r"""^(?:
      (?:read|see|learn|watch|view|show|load|find\ out)\ (?:more|also|next|all)(?:\s*[:>»].{0,120})?[.…]?
    | (?:related|more)(?:\ (?:articles?|stories|coverage|links|topics|content|news|from\ .{1,40}|on\ .{1,40}))?\s*:?
    | (?:read|see|watch|related|listen|more|also\ read|recommended)\s*:\s*.{1,160}
    | advertisement|advertising|story\ continues\ below(?:\ advertisement)?|ad\ feedback|sponsored(?:\ content)?
    | (?:share|save|print|email|copy\ link|comments?|tweet|facebook|twitter|x|whatsapp|linkedin|reddit|
       share\ (?:this|on|via|to)(?:\ .{1,40})?|follow\ us(?:\ on\ .{1,60})?|listen\ to\ this\ article.{0,40}|
       view\ comments.{0,20}|\d+\ comments?|join\ the\ (?:conversation|discussion))
    | (?:sign|signed)\ (?:up|in)(?:\ (?:for|to|now|here)\b.{0,160})?|log\ ?in|subscribe(?:\ (?:to|now|for|today)\b.{0,160})?
    | (?:get|start)\ (?:the|our|your)\ .{1,80}(?:newsletter|inbox|free\ trial|subscription).{0,80}
    | .{0,80}\b(?:delivered\ (?:straight\ |daily\ )?to\ your\ (?:door|inbox)|ad-free\ browsing|app\ updates\ on-the-go).{0,80}
    | (?:comment\ on\ articles|skip\ to\ (?:main\ )?content|back\ to\ top|click\ here.{0,60}|most\ (?:read|popular|viewed))
    | (?:this|our)\ (?:web)?site\ uses\ cookies.{0,300}|we\ use\ cookies.{0,300}|(?:accept|manage|reject)(?:\ all)?\ cookies.{0,60}
    | by\ (?:clicking|subscribing|signing\ up|continuing).{0,300}
    | (?:terms\ of\ (?:use|service)|privacy\ policy|cookie\ policy|do\ not\ sell.{0,60})
    | (?:©|\(c\)\ \d{4}|copyright\ (?:©|\d{4})).{0,200}|all\ rights\ reserved.{0,80}
    | to\ read\ how\ .{1,60}\ uses\ ai\ .{0,100}
    | .{0,40}\bcover
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
# From these headings on, in the last part of a page, nothing belongs to the report any more.
_END_HEADING = re.compile(
    r"^(?:about\ the\ (?:writer|author|reporter)s?|uncommon\ knowledge|related\ (?:articles|stories|"
    r"topics)|more\ (?:stories|from)\b.{0,60}|recommended(?:\ (?:stories|for\ you))?|most\ (?:read|"
    r"popular)|you\ (?:may|might)\ also\ like|what\ to\ read\ next|trending(?:\ now)?|comments|"
    r"sign\ up\ (?:for|to)\ .{1,80}|editor'?s\ picks?|join\ the\ conversation)\s*:?$".replace(
        "\\ ", " "
    ),
    re.IGNORECASE,
)
_END_ZONE = 0.5
_BIO = re.compile(
    r"^.{3,60}\bis an? (?:.{0,60}\b)?(?:reporter|writer|journalist|editor|correspondent|columnist)\b"
    r".{0,300}(?:read more|\.\.\.|…|@\w+|follow (?:him|her|them))",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*[•·▪‣*\-–]\s+")
_KEYWORDS = re.compile(r"^(?:[A-Z][\w.'’-]*\s+){3,}[A-Z][\w.'’-]*$")


def clean_text(text: str) -> str:
    """The report in NFC, without furniture; cleaning twice changes nothing more."""
    cleaned = _clean_once(text)
    while (again := _clean_once(cleaned)) != cleaned:
        cleaned = again
    return cleaned


def plain(text: str) -> str:
    """The text in NFC without control, direction and zero-width characters, spaces squeezed."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _CONTROL.sub("", _INVISIBLE.sub("", text.replace("\x85", "\n").replace("\u2028", "\n")))
    return _SPACES.sub(" ", text.replace("\u2029", "\n\n"))


def _clean_once(text: str) -> str:
    paragraphs = list(_paragraphs(plain(text)))
    paragraphs = _without_footer(paragraphs)
    kept: list[str] = []
    seen: set[str] = set()
    for index, paragraph in enumerate(paragraphs):
        if _is_furniture(paragraph) or _is_photo(paragraph, paragraphs, index):
            continue
        # A slogan stands on a page again and again; a report says nothing twice word for word.
        if len(paragraph) > 40 and paragraph in seen:
            continue
        seen.add(paragraph)
        kept.append(paragraph)
    return "\n\n".join(kept)


def _paragraphs(text: str) -> Iterator[str]:
    """Paragraphs; hard-wrapped lines are joined, lines that stand alone stay paragraphs."""
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        if len(lines) > 1 and _hard_wrapped(lines):
            yield " ".join(lines)
        else:
            yield from lines


def _hard_wrapped(lines: list[str]) -> bool:
    """Whether the lines of a block are one paragraph broken at a column."""
    lengths = [len(line) for line in lines[:-1]]
    return (
        all(50 <= length <= 100 for length in lengths)
        and max(lengths) - min(lengths) <= 20
        and sum(line[-1] not in '.!?:”"' for line in lines[:-1]) >= len(lengths) / 2
        and not any(_BULLET.match(line) for line in lines)
    )


def _without_footer(paragraphs: list[str]) -> list[str]:
    total = sum(map(len, paragraphs))
    before = 0
    for index, paragraph in enumerate(paragraphs):
        if before >= _END_ZONE * total and _END_HEADING.match(paragraph):
            return paragraphs[:index]
        before += len(paragraph)
    return paragraphs


def _is_furniture(paragraph: str) -> bool:
    line = _BULLET.sub("", paragraph)
    return bool(
        _FURNITURE_LINE.match(line) or _CREDIT_LINE.match(line) or _BIO.match(line)
    ) or not any(character.isalnum() for character in line)


def _is_photo(paragraph: str, paragraphs: list[str], index: int) -> bool:
    """A caption with its agency credit, or the keyword line that stands before one."""
    if _CREDIT.search(paragraph):
        # A sentence that merely ends with an agency's name has no slash and no "via".
        return True
    following = paragraphs[index + 1] if index + 1 < len(paragraphs) else ""
    return bool(_KEYWORDS.match(paragraph) and _CREDIT.search(following))
