"""Put what an elliptical follow-up names in the place of its counterpart in the question before.

"How many sit-ups does the test require?" + "And push-ups?" asks "How many push-ups does the test
require?". In: both questions. Out: the whole question, or None where there is no counterpart.
Refuses to know: answers, earlier turns, the archive.

The counterpart is of the same sort as the fragment: the same last word ("the Eaton Fire" for "the
Palisades Fire"), a superlative, a month or day, a participle, at last a name.
"""

from __future__ import annotations

import re

_OPENING = re.compile(
    r"^(?:(?:and|but|or|so)\s+)?(?:what about|how about)\s+|^(?:and|or)\s+", re.IGNORECASE
)
_ASKS_ITSELF = re.compile(
    r"\b(?:who|whom|whose|what|when|where|which|why|how|did|does|do|is|are|was|were|has|have|had|"
    r"can|could|will|would|should)\b",
    re.IGNORECASE,
)
_MOST_WORDS = 6
_PREPOSITION = r"as of|by|in|on|at|from|for|since|until|during|after|before|against|to|with"
_LED = re.compile(rf"^(?P<preposition>{_PREPOSITION})\s+(?P<rest>.+)$", re.IGNORECASE)
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|March|April|May|June|July|Aug(?:ust|\.)?|"
    r"Sept(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DATE = re.compile(rf"\b{_MONTH}(?:\s+\d{{1,2}}\b)?(?:,?\s+\d{{4}}\b)?|\b(?:19|20)\d\d\b")
_SUPERLATIVE = re.compile(
    r"\b(?:\w{2,}est|most|least|first|last|second|third|next|previous)\b(?!\s+of\b)", re.IGNORECASE
)
_NO_SUPERLATIVE = frozenset(
    "west forest interest protest request test contest guest arrest".split()
)
_PARTICIPLE = re.compile(r"\b(?!need)\w{2,}(?:ed|en)\b")
_PASSIVE = re.compile(r"\b(?:was|were|is|are|be|been|being|got)\s+$", re.IGNORECASE)
_NAME = re.compile(
    r"(?:[A-Z][\w'’.&-]*\w|[A-Z])(?:\s+(?:(?:of|the|de|la|and)\s+)?[A-Z][\w'’.&-]*\w)*"
)


def fill_in(question: str, topic: str) -> str | None:
    """The question before, `topic`, with the fragment that `question` names in place."""
    opening = _OPENING.match(question)
    if opening is None:
        return None
    fragment = question[opening.end() :].strip().rstrip("?.! ").strip()
    words = fragment.split()
    if not words or len(words) > _MOST_WORDS or _ASKS_ITSELF.search(fragment):
        return None
    place = _counterpart(fragment, topic)
    if place is None:
        return None
    start, end = place
    bare = _PARTICIPLE.fullmatch(fragment) and not _PASSIVE.search(topic[:start])
    return f"{topic[:start]}{'were ' if bare else ''}{fragment}{topic[end:]}"


def _counterpart(fragment: str, topic: str) -> tuple[int, int] | None:
    """Where in `topic` the phrase stands that the fragment takes the place of."""
    led = _LED.match(fragment)
    if led:
        same = rf"\b{re.escape(led['preposition'])}\s+"
        sort = _DATE if _DATE.search(led["rest"]) else _NAME
        matches = list(re.finditer(rf"(?i:{same})(?:the\s+)?(?:{sort.pattern})", topic))
        return matches[-1].span() if matches else None
    return (
        _same_head(fragment, topic)
        or _same_sort(_DATE, fragment, topic)
        or _superlative(fragment, topic)
        or _participle(fragment, topic)
        or _name(fragment, topic)
    )


def _same_head(fragment: str, topic: str) -> tuple[int, int] | None:
    """A phrase that ends like the fragment: in the same word, or the same part after a hyphen."""
    *before, head = re.sub(r"^the\s+", "", fragment, flags=re.IGNORECASE).split()
    if before and head[0].isupper():
        pattern = rf"(?:\bthe\s+)?(?:[A-Z][\w'’.-]*\s+)+{re.escape(head)}\b"
    elif before:
        pattern = rf"(?:\bthe\s+)?[\w'’-]+\s+{re.escape(head)}\b"
    elif "-" in head:
        pattern = rf"\b\w+-{re.escape(head.rsplit('-', 1)[1])}\b"
    else:
        return None
    matches = list(re.finditer(pattern, topic))
    return matches[-1].span() if matches else None


def _same_sort(sort: re.Pattern[str], fragment: str, topic: str) -> tuple[int, int] | None:
    """The last phrase of a sort that the whole fragment is of, a possessive left standing."""
    bare = re.sub(r"['’]s$", "", re.sub(r"^the\s+", "", fragment, flags=re.IGNORECASE))
    if not sort.fullmatch(bare):
        return None
    matches = list(sort.finditer(topic))
    if not matches:
        return None
    start, end = matches[-1].span()
    if fragment.endswith(("'s", "’s")):
        the = re.search(r"\bthe\s+$", topic[:start], re.IGNORECASE)
        start = the.start() if the else start
    return start, end


def _superlative(fragment: str, topic: str) -> tuple[int, int] | None:
    given = _SUPERLATIVE.search(fragment)
    if given is None or given[0].lower() in _NO_SUPERLATIVE:
        return None
    found = [m for m in _SUPERLATIVE.finditer(topic) if m[0].lower() not in _NO_SUPERLATIVE]
    if not found:
        return None
    start, end = found[-1].span()
    the = re.search(r"\bthe\s+$", topic[:start], re.IGNORECASE)
    if the and re.match(r"the\b", fragment, re.IGNORECASE):
        start = the.start()
    return start, end


def _participle(fragment: str, topic: str) -> tuple[int, int] | None:
    if not _PARTICIPLE.fullmatch(fragment):
        return None
    matches = list(_PARTICIPLE.finditer(topic))
    return matches[-1].span() if matches else None


def _name(fragment: str, topic: str) -> tuple[int, int] | None:
    """The last name in the question before, dates and its first word left out."""
    bare = re.sub(r"^the\s+", "", fragment, flags=re.IGNORECASE)
    if not _NAME.fullmatch(bare):
        return None
    dates = [match.span() for match in _DATE.finditer(topic)]
    names = [
        match.span()
        for match in _NAME.finditer(topic)
        if match.start() > 0 and not any(a < match.end() and match.start() < b for a, b in dates)
    ]
    return names[-1] if names else None
