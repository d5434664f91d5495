"""Read a window of publication dates out of a question's words.

In: a question, the day it is asked on, the days the archive covers. Out: an InferredFilter or None.
Refuses to know: indexes, history, publishers.

A date in a question is the date of an event; news about it appears from shortly before until weeks
after. So the window is wider than the words. A bare year, several dates at once, a date after the
day of asking and a date outside the archive's days say too little and infer nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.types import InferredFilter

# On newsdesk-dev, of the answerable questions that name one month or day, all have their evidence
# published between a week before and two months after it (docs/decisions.md).
_BEFORE, _AFTER = timedelta(days=7), timedelta(days=62)
_AS_OF_SLACK = timedelta(days=14)

_MONTHS = (
    "january february march april may june july august september october november december"
).split()
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_NUMBERS = {word: n for n, word in enumerate("one two three four five six seven".split(), 1)}

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATE_FORMS = (
    rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b",
    rf"\b{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}\b",
    r"\b(?P<year>(?:19|20)\d\d)-(?P<number>\d\d)-(?P<day>\d\d)\b",
    rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}\b",
    rf"\b{_MONTH}\s+{_DAY}\b(?!\s*(?:%|percent|people|years))",
    rf"\b{_DAY}\s+{_MONTH}\b",
)
_DATES = [re.compile(form, re.IGNORECASE) for form in _DATE_FORMS]
_LEAD = re.compile(
    r"\b(since|after|from|as of|by|until|till|before|up to|through|between)\s+"
    r"(?:the\s+)?(?:(?:early|mid|late|night|morning|evening|end|start|beginning|middle)\s+)*"
    r"(?:(?:of|on)\s+)?(?:[- ]\s*)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A date as it stands in the question: its words, where they are, the days they name."""

    words: str
    at: int
    first: date
    last: date


def infer_dates(
    question: str, as_of: date, covered: tuple[date, date] | None
) -> InferredFilter | None:
    """The publication window the question's words ask for, or None.

    `covered` holds the days of the oldest and the newest article; without one nothing is inferred.
    """
    if covered is None:
        return None
    mentions = _mentions(question, as_of)
    if mentions:
        window = _window_of_mentions(question, mentions, as_of, covered)
    else:
        window = _relative(question, as_of)
    if window is None:
        return None
    because, first, last = window
    starts_late = first is not None and first > min(as_of, covered[1])
    ends_early = last is not None and last < covered[0]
    if starts_late or ends_early:
        return None
    return InferredFilter("dates", because, published_from=first, published_to=last)


def state_day(window: InferredFilter) -> date | None:
    """The day whose state is asked for ("as of …", "by …"): of windows that have only an end."""
    if window.published_to is None or window.published_from:
        return None
    return window.published_to - _AS_OF_SLACK


def about_present(question: str, today: date) -> bool:
    """Whether the question may be about the days before `today`: it names no other year alone."""
    years = {int(year) for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", question)}
    return not years or today.year in years


def dates_in(text: str, as_of: date) -> list[date]:
    """First days of the dates that a text names, in order; one without a year is the last before
    `as_of`.
    """
    return [mention.first for mention in _mentions(text, as_of)]


_Window = tuple[str, date | None, date | None]


def _mentions(question: str, as_of: date) -> list[_Mention]:
    found: dict[int, _Mention] = {}
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(question):
            if any(match.start() < end and match.end() > start for start, end in taken):
                continue
            mention = _mention(match, as_of)
            if mention:
                taken.append(match.span())
                found[mention.at] = mention
    return [found[at] for at in sorted(found)]


def _mention(match: re.Match[str], as_of: date) -> _Mention | None:
    parts = match.groupdict()
    number = int(parts["number"]) if parts.get("number") else _month_number(parts["month"])
    day = int(parts["day"]) if parts.get("day") else None
    year = int(parts["year"]) if parts.get("year") else None
    if year is None and parts.get("month", "").lower() == "may" and match[0][0] == "m":
        return None  # "may 12 people" is a verb
    try:
        if year is None:
            # A day without a year is the last one before the day of asking.
            first = date(as_of.year, number, day or 1)
            first = first if first <= as_of else first.replace(year=as_of.year - 1)
        else:
            first = date(year, number, day or 1)
    except ValueError:
        return None
    return _Mention(match[0], match.start(), first, first if day else _month_end(first))


def _window_of_mentions(
    question: str, mentions: list[_Mention], as_of: date, covered: tuple[date, date]
) -> _Window | None:
    if any(mention.first > as_of for mention in mentions):
        return None
    first, last = mentions[0].first, mentions[-1].last
    if last < covered[0] - _BEFORE or first > covered[1]:
        return None
    lead = _LEAD.search(question[: mentions[0].at])
    word = lead[1].lower() if lead else ""
    because = question[(lead.start() if lead else mentions[0].at) :]
    because = because[: because.find(mentions[-1].words) + len(mentions[-1].words)]
    if len(mentions) == 2 and word in ("between", "from"):
        return because, first - _BEFORE, last + _AFTER
    if len(mentions) > 1:
        return None
    if word in ("since", "after", "from"):
        return because, first, None
    if word in ("as of", "by", "until", "till", "before", "up to", "through"):
        return because, None, last + _AS_OF_SLACK
    return because, first - _BEFORE, last + _AFTER


def _relative(question: str, as_of: date) -> _Window | None:
    for pattern, start in _RELATIVE:
        match = pattern.search(question)
        if match:
            first = start(match, as_of)
            return (match[0], first, None) if first else None
    return None


def _weekday_before(match: re.Match[str], as_of: date) -> date:
    back = (as_of.weekday() - _WEEKDAYS.index(match["weekday"].lower())) % 7
    return as_of - timedelta(days=back or 7)


def _ago(match: re.Match[str], as_of: date) -> date | None:
    count = int(match["n"]) if match["n"].isdigit() else _NUMBERS.get(match["n"].lower(), 0)
    days = count * {"day": 1, "week": 7, "month": 31}[match["unit"].lower()]
    # More than a year back is the span of a record or a career, not of the news.
    return as_of - timedelta(days=days + 1) if 0 < days <= 366 else None


def _last_month(_match: re.Match[str], as_of: date) -> date:
    return (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)


_Start = Callable[[re.Match[str], date], date | None]
_RELATIVE: list[tuple[re.Pattern[str], _Start]] = [
    (re.compile(pattern, re.IGNORECASE), start)
    for pattern, start in (
        (r"\b(?:today|tonight|this morning)\b(?=\W*$)", lambda _, day: day - timedelta(days=1)),
        (r"\b(?:yesterday|last night)\b", lambda _, day: day - timedelta(days=2)),
        (r"\bthis week\b", lambda _, day: day - timedelta(days=day.weekday())),
        (r"\bthis month\b", lambda _, day: day.replace(day=1)),
        (r"\blast week\b", lambda _, day: day - timedelta(days=day.weekday() + 7)),
        (r"\blast month\b", _last_month),
        (
            rf"\b(?:since|last|on|this past)\s+(?P<weekday>{'|'.join(_WEEKDAYS)})\b",
            _weekday_before,
        ),
        (
            r"\b(?:in |over |during |within )?the (?:last|past) (?P<n>\d+|one|two|three|four|five|"
            r"six|seven) (?P<unit>day|week|month)s?\b",
            _ago,
        ),
        (
            r"\b(?P<n>\d+|one|two|three|four|five|six|seven) (?P<unit>day|week|month)s? ago\b",
            _ago,
        ),
    )
]


def _month_number(name: str) -> int:
    return next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name.lower()[:3]))


def _month_end(first: date) -> date:
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)
