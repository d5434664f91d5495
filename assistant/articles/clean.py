"""Take newsroom furniture out of text saved from a web page, and nothing else.

In: a text. Out: the report, paragraphs parted by one empty line.
Refuses to know: file formats, HTML.

Each rule names lines that no report contains as a sentence of its own. A doubtful line stays: a
lost sentence cannot be cited, a furniture line that stays is merely ugly.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

# Direction overrides and zero-width characters make what is read differ from what is stored.
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")

_PHOTO_AGENCIES = (
    r"(?:Getty(?: Images)?|AFP|Reuters|REUTERS|AP(?: Photo)?|EPA|Shutterstock|iStock|Alamy|Bloomberg|"
    r"KCNA|KNS|Xinhua|Anadolu|TASS|Sputnik|Zuma|Imagn(?: Images)?|USA TODAY Sports|Network)"
)
# Looked for in the last characters of a paragraph only: over a whole page of capitals the search
# would take the square of its length.
_CREDIT_TAIL = 160
_CREDIT_END = re.compile(
    rf"(?P<lead>^|[.…!?\"”)]\s+|\s)"
    r"(?P<name>(?:[A-Z0-9][\w.'’&-]*,? ){0,6}[A-Z0-9][\w.'’&-]*)?"
    rf"(?P<agency>(?:(?:/|\s?\b(?:via|VIA)\s+){_PHOTO_AGENCIES})+(?:/[\w .-]{{1,40}})?)(?P<stop>\.?)\s*$"
)
_LONGEST_CAPTION = 600
_CREDIT_LINE = re.compile(
    r"^(?:photo(?:graph)?|image|picture|credit|video|illustration|caption)s?"
    r"(?: (?:credit|courtesy|by|source|of))?\s*[:|]\s*.{1,120}$",
    re.IGNORECASE,
)
# Furniture is short. The bound also keeps every pattern below from running over a whole page.
_LONGEST_FURNITURE = 400
# A whole line (after bullets) that is a control of the page, an invitation or a label.
_FURNITURE_LINE = re.compile(
    r"""^(?:
      (?:read|see|learn|watch|view|show|load|find\ out)\ (?:more|also|next|all)\s*[.…:>»]*
    | (?:related|more)(?:\ (?:articles?|stories|coverage|links|topics|content|news|from\ .{1,40}|on\ .{1,40}))?\s*:?
    | advertisement|advertising|story\ continues\ below(?:\ advertisement)?|ad\ feedback|sponsored(?:\ content)?
    | (?:share|save|print|email|copy\ link|comments?|tweet|facebook|twitter|x|whatsapp|linkedin|reddit|
       share\ (?:this|on|via)(?:\ .{1,40})?|follow\ us(?:\ on\ .{1,60})?|listen\ to\ this\ article.{0,40}|
       view\ comments.{0,20}|\d+\ comments?|join\ the\ (?:conversation|discussion))
    | sign\ (?:up|in)(?:\ (?:now|here|today))?|log\ ?in|subscribe(?:\ (?:now|for\ free|today|here))?
    | comment\ on\ articles|skip\ to\ (?:main\ )?content|back\ to\ top|most\ (?:read|popular|viewed)
    | (?:accept|manage|reject)(?:\ all)?\ cookies
    | terms\ of\ (?:use|service)|privacy\ policy|cookie\ policy|do\ not\ sell\ my\ .{0,50}
    | all\ rights\ reserved(?:\.\ .{0,300}|\.)?|(?:©|\(c\)\ \d{4}|copyright\ ©).{0,200}
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
# Open-ended: these begin like furniture, and a report may begin a sentence so. They count only
# where the line does not end or speak like a report (`_REPORTED`).
_INVITATION = re.compile(
    r"""^(?:
      (?:read|see|learn|watch|view|listen|find\ out)\ (?:more|also|next|now)\s*[:>»].{1,160}
    | (?:read|see|watch|related|listen|more|also\ read|recommended)\s*:.{1,160}
    | sign\ up\ (?:for|to)\ .{1,300}
    | subscribe\ to\ .{1,160}
    | (?:get|start)\ (?:the|our|your)\ .{1,80}(?:newsletter|inbox|free\ trial|subscription).{0,80}
    | .{0,80}\b(?:delivered\ (?:straight\ |daily\ )?to\ your\ (?:door|inbox)|ad-free\ browsing|app\ updates\ on-the-go).{0,80}
    | click\ here\ (?:to|for)\ .{1,80}
    | (?:(?:this|our)\ (?:web)?site|we)\ uses?\ cookies\b.{0,300}
    | by\ (?:clicking|subscribing|signing\ up|continuing)\b.{0,200}\byou\ (?:agree|consent|accept|confirm|acknowledge)\b.{0,200}
    | copyright\ \d{4}.{0,200}
    | to\ read\ how\ .{1,60}\ uses\ ai\ .{0,100}
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
# "More:Who won the vote" is a link whose label was glued on; in prose a space follows the colon.
_GLUED_LABEL = re.compile(
    r"^(?:(?:read|see|learn) more|more|related|watch|also read|recommended):[^\s/].{1,200}$",
    re.IGNORECASE,
)
# What a report does and an invitation does not: someone says something, or something has happened.
_REPORTED = re.compile(
    r"\b(?:said|says|told|according|announced|reported|warned|promised|ruled|was|were|had)\b",
    re.IGNORECASE,
)
# Of these lines furniture may end in a full stop; a headline behind "More:" does not.
_MAY_BE_SENTENCE = re.compile(
    r"^(?:sign\ up|subscribe|get|start|click|this|our|we|by|copyright|to\ read)\b",
    re.IGNORECASE,
)
# From these headings on nothing belongs to the report any more. Behind a strong one stand a bio
# and teasers; a weak one may also stand amid a report, so that it ends the page only where no
# sentence follows it: a teaser that stays is ugly, a lost closing sentence cannot be cited.
_STRONG_END = re.compile(
    r"^(?:about the (?:writer|author|reporter)s?|uncommon knowledge)\s*:?$", re.IGNORECASE
)
_WEAK_END = re.compile(
    r"^(?:related (?:articles|stories|topics)|recommended(?: (?:stories|for you))?|"
    r"most (?:read|popular)|you (?:may|might) also like|what to read next|"
    r"more (?:stories|from)\b.{0,60}|trending(?: now)?|comments|editor'?s picks?|"
    r"join the conversation)\s*:?$",
    re.IGNORECASE,
)
_SHORTEST_SENTENCE = 30
# Behind a strong heading, at most this share of the sentences' paragraphs before it.
_TEASER_SHARE = 1 / 3
_BIO = re.compile(
    r"^[A-Z].{2,60}\bis an? (?:.{0,60}\b)?(?:reporter|writer|journalist|editor|correspondent|columnist)\b"
    r".{0,300}?(?:read more\b|@\w+|follow (?:him|her|them)\b|(?:\.\.\.|…)$)",
    re.IGNORECASE,
)
_CUT_CAPTION = re.compile(r"(?:\.\.\.|…)$")
_FIRST_PARAGRAPHS = 4
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
    """The paragraphs before the first heading that ends the report."""
    repeated = {one for one, times in Counter(paragraphs).items() if times > 1}
    sentences = [_is_sentence(one) and one not in repeated for one in paragraphs]
    before, behind = 0, sum(sentences)
    for index, paragraph in enumerate(paragraphs):
        if index and (
            (_STRONG_END.match(paragraph) and behind <= _TEASER_SHARE * before)
            or (not behind and _WEAK_END.match(paragraph))
        ):
            return paragraphs[:index]
        before += sentences[index]
        behind -= sentences[index]
    return paragraphs


def _is_sentence(paragraph: str) -> bool:
    return (
        len(paragraph) >= _SHORTEST_SENTENCE
        and paragraph[-1] in ".!?\"”’'"
        and not _is_furniture(paragraph)
    )


def _is_furniture(paragraph: str) -> bool:
    line = _BULLET.sub("", paragraph)
    if len(line) > _LONGEST_FURNITURE:
        return False
    if not any(character.isalnum() for character in line):
        return True
    if _FURNITURE_LINE.match(line) or _BIO.match(line):
        return True
    ends = line[-1] in ".!?"
    if _CREDIT_LINE.match(line):
        return not ends
    if _GLUED_LABEL.match(line):
        return True
    if _INVITATION.match(line):
        if _MAY_BE_SENTENCE.match(line):
            return not (ends and _REPORTED.search(line))
        return line[-1] not in ".!"
    return False


def _is_photo(paragraph: str, paragraphs: list[str], index: int) -> bool:
    """A caption with its agency credit, a caption cut short before one, or its keyword line."""
    if _has_credit(paragraph):
        return True
    following = paragraphs[index + 1] if index + 1 < len(paragraphs) else ""
    if len(following) > _LONGEST_CAPTION or not _has_credit(following):
        return False
    if len(paragraph) <= _CREDIT_TAIL and _KEYWORDS.match(paragraph):
        return True
    alone = _credit(following)
    return (
        index < _FIRST_PARAGRAPHS
        and len(paragraph) <= _LONGEST_CAPTION
        and bool(alone and not following[: -len(alone)].strip())
        and bool(_CUT_CAPTION.search(paragraph))
    )


def _has_credit(paragraph: str) -> bool:
    return len(paragraph) <= _LONGEST_CAPTION and bool(_credit(paragraph))


def _credit(paragraph: str) -> str:
    """The credit that ends the paragraph ("J. Ode/AFP/Getty Images"), or nothing.

    "…in a statement distributed via Reuters." is a sentence: the words run on into the agency's
    name. A credit names its photographer, or stands by itself behind the caption's last stop.
    """
    tail = paragraph[-_CREDIT_TAIL:]
    found = _CREDIT_END.search(tail)
    if not found:
        return ""
    by_itself = found["lead"] != " "
    if not by_itself and (found["stop"] or not found["name"]):
        return ""
    return tail[found.start("name") if found["name"] else found.start("agency") :]
