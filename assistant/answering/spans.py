"""Where the name, amount or quotation really begins and ends that a span is a part of.

In: a text, a span of it. Out: a span. Refuses to know: models, questions.
"""

from __future__ import annotations

import re

_CURRENCIES, _QUOTES = frozenset("$€£¥"), frozenset('"”')
_AT, _LEAST = re.compile(r"\bat $", re.IGNORECASE), re.compile(r"(?:least|most)\b")
# 'no foregone conclusion," dashing hopes': the words of a quotation and what follows it, unless
# that is a name: 'Queen of Soul," Aretha Franklin'.
_CLOSED = re.compile(
    r"(?P<quoted>[^\"“”]*[^\W\d][^\"“”]*)[,.!?][”\"](?!(?:\s+[A-Z]\S*)+$)(?=[^\"“”]*\w)[^\"“”]*$"
)
_TITLES = frozenset(
    "president vice prime minister secretary senator sen representative rep governor gov "
    "mayor judge justice chief coach ceo king queen prince princess pope cardinal bishop "
    "reverend rev doctor dr mr mrs ms sir dame lord lady general gen colonel col lieutenant "
    "lt captain capt sergeant sgt officer director chairman chairwoman chair attorney "
    "ambassador spokesman spokeswoman spokesperson professor prof actor actress singer "
    "rapper star author former acting quarterback pitcher forward guard commissioner speaker "
    "leader deputy assistant congressman congresswoman republican republicans democrat "
    "democrats democratic premier chancellor ayatollah sheriff superintendent detective "
    "agent announcer host comedian filmmaker founder manager administrator supervisor "
    "councilman councilwoman treasurer pastor father sister brother state us u.s inspector "
    "constable councillor councilor mp mep admiral baroness vice-president".split()
)
_DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april "
    "may june july august september october november december jan feb mar apr jun jul aug "
    "sept sep oct nov dec".split()
)
# They have a capital at the head of a sentence or headline only.
_ORDINARY = frozenset(
    "the a an in on at of for to by and but or as if when while after before then since "
    "until because he she it they we i you his her its their our your my this that these "
    "those with from who what which where why how is are was were has have had will would "
    "can could may might do does did not no yes there here so also both all some many most "
    "more last next per during under over into about like yesterday today tomorrow meanwhile "
    "however although though despite only even still yet once later earlier none".split()
)
_NO_NAMES = _TITLES | _DAYS | _ORDINARY
# "Ludwig van der Berg", "Maria de la Cruz", "Fry & Kay"
_WITHIN = r"(?:(?:van|von|der|den|de|la|le|di|da|du|del|bin|ibn|al|el|&) )*"
_BEFORE = re.compile(rf"(\S+) {_WITHIN}$")
_JOINED = re.compile(r"[A-Z][\w'’&.-]*-$")
_AFTER = re.compile(rf" (?:of (?:the )?|{_WITHIN})([\w&.’'-]+)")
_ENDS = re.compile(r"[,.;:!?”\")\]]$|['’]s$")
_OPENING = re.compile(r"[\"'“‘(\[]+")
_INITIALS = re.compile(r"(?:[A-Z]\.)+|St\.|Jr\.")
_MAGNITUDE = r"(?:dozen|hundred|thousand|million|billion|trillion)"
_NUMBER = re.compile(
    rf"(?:\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|"
    r"(?:four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|"
    rf"{_MAGNITUDE}))$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    rf"(?: {_MAGNITUDE}\b)*(?: ?°[CF]?\b| (?:[ap]\.m\.|(?:square |cubic |metric )?(?:tons?|tonnes?|"
    r"miles?|kilomet(?:er|re)s?|km|feet|foot|inch(?:es)?|yards?|met(?:er|re)s?|pounds?|ounces?|kg|"
    r"kilogram(?:me)?s?|gallons?|lit(?:er|re)s?|barrels|minutes?|seconds?|hours?|days?|weeks?|"
    r"months?|years?|percent|percentage points?|per cent|basis points|degrees|[mk]ph|"
    r"(?:mega|giga)watts|dollars|cents|euros|acres|hectares|light-years|[ap]m)\b))?"
)
_LONGEST_CHARS = 60
_WORD = re.compile(r"\w+")


def names_again(span: str, question: str) -> bool:
    """Whether a span is the longer form of a name in the question: "Francis Scott Key Bridge" where
    it asks what hit the Key Bridge. Two words of the name at least are in the question.
    """
    words, asked = _WORD.findall(span), _WORD.findall(question)
    for tail in range(2, len(words)):
        head, name = words[:-tail], words[-tail:]
        if any(asked[at : at + tail] == name for at in range(len(asked) - tail + 1)):
            return all(word[0].isupper() for word in words) and not any(
                word.lower() in _NO_NAMES for word in head
            )
    return False


def cuts(text: str, at: int) -> bool:
    """Whether a span that begins or ends at `at` would cut a word or a number in two."""
    before, after = text[max(at - 2, 0) : at], text[at : at + 2]
    if not before or not after:
        return False
    if before[-1].isalnum() and after[0].isalnum():
        return True
    if before[-1] in ".,:":
        return before[:1].isdigit() and after[0].isdigit()
    return after[0] in ".,:" and before[-1].isdigit() and after[1:].isdigit()


def completed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the "at" of "at least five", the sign of "$5" and of "5%" that belong to it,
    and without what follows the quotation that it begins in.
    """
    closed = _CLOSED.match(text, start, end) if _QUOTES & set(text[start:end]) else None
    if closed:
        end = closed.end("quoted")
    if text[start - 1 : start] in _CURRENCIES and text[start].isdigit():
        start -= 1
    elif _AT.search(text, 0, start) and _LEAST.match(text, start):
        start -= len("at ")
    if text[end : end + 1] == "%" and text[end - 1].isdigit():
        end += 1
    return start, end


def enclosing(text: str, start: int, end: int) -> tuple[int, int]:
    """The name that the span is cut out of, without titles, or the amount with its unit.

    The same span where it is whole, and where it is neither.
    """
    first, after = start, end
    words = text[start:end].split()
    if words and _is_name(words[0]):
        first = _name_start(text, start)
    if words and _is_name(words[-1]) and not _ENDS.search(words[-1]):
        after = _name_end(text, end)
    unit = _UNIT.match(text, end) if _NUMBER.search(text[start:end]) else None
    if unit:
        after = max(after, unit.end())
    return (first, after) if after - first <= end - start + _LONGEST_CHARS else (start, end)


def _name_start(text: str, start: int) -> int:
    joined = _JOINED.search(text[max(start - 40, 0) : start])
    if joined:
        start -= len(joined[0])
    while before := _BEFORE.search(text[max(start - 40, 0) : start]):
        word = before[1]
        if not _is_name(word) or (_ENDS.search(word) and not _INITIALS.fullmatch(word)):
            break
        start -= len(before[0])
        opening = _OPENING.match(word)
        if opening:
            return start + opening.end()
    return start


def _name_end(text: str, end: int) -> int:
    while (after := _AFTER.match(text, end)) and _is_name(after[1]):
        following = _AFTER.match(text, after.end())
        if _INITIALS.fullmatch(after[1]) and following and _is_name(following[1]):
            end = after.end()
            continue
        word = re.sub(r"['’]s$|\.$", "", after[1])
        end = after.start(1) + len(word)
        if word != after[1]:
            break
    return end


def _is_name(word: str) -> bool:
    """Whether the word is written like a part of a name and is no title, day or month."""
    bare = re.sub(r"^[\"'“‘(\[]+|['’]s$|[^\w]+$", "", word)
    return (
        bare[:1].isupper() and not re.search(r"-[a-z]+$", bare) and bare.casefold() not in _NO_NAMES
    )
