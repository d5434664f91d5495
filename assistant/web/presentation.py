"""What the chat shows, as HTML that is safe as HTML and as Markdown.

In: answers, articles, filters, counts. Out: strings of markup.
Refuses to know: Gradio, the archive, how an answer came about. Whatever comes from an article, a
question or a file name passes through `show`, so no such text can become a tag, a link, Markdown
or a template; the only links are to http and https addresses.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from itertools import pairwise

from assistant.types import (
    Answer,
    Article,
    Citation,
    Copy,
    Filters,
    InferredFilter,
    Passage,
    Rejection,
)
from assistant.web.escape import isolate, show, source_link

# Longer questions are shown cut; the whole question is still what was asked.
SHOWN_QUESTION_CHARS = 600
# The closest passages shown when the archive has no answer.
CLOSEST = 3

_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_MARK = re.compile(r"\[(\d{1,3})\]")
_PARAGRAPH_GAP = re.compile(r"\n\s*\n")


def show_day(day: date) -> str:
    """A day written out: 21 September 2022."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def show_moment(when: datetime | None, *, date_only: bool = True) -> str:
    """A publication date written out, with the time of day where the source gave one."""
    if when is None:
        return "undated"
    if date_only or when.timetz() == time(0, tzinfo=UTC):
        return show_day(when.date())
    return f"{show_day(when.date())}, {when:%H:%M} {show(when.tzname() or '')}".rstrip()


def show_period(first: date | None, last: date | None) -> str:
    """A span of days, both ends included, in as few words as it takes."""
    if first is None or last is None:
        return f"from {show_day(first)}" if first else f"up to {show_day(last)}" if last else ""
    if first == last:
        return show_day(first)
    if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
        return str(first.year)
    month_end = calendar.monthrange(first.year, first.month)[1]
    if (first.year, first.month, first.day) == (last.year, last.month, 1) and (
        last.day == month_end
    ):
        return f"{_MONTHS[first.month - 1]} {first.year}"
    return f"{show_day(first)} to {show_day(last)}"


def question_bubble(question: str) -> str:
    """What the reader asked."""
    cut = question[:SHOWN_QUESTION_CHARS]
    ending = " …" if len(question) > SHOWN_QUESTION_CHARS else ""
    return f'<div class="asked" dir="auto">{show(cut)}{ending}</div>'


def progress_bubble(text: str, status: str) -> str:
    """An answer on its way: what is there so far, and what is being done."""
    so_far = f'<p class="text" dir="auto">{show(text)}</p>' if text else ""
    return f'<div class="answer pending">{so_far}<p class="status">{show(status)}</p></div>'


def error_bubble(message: str) -> str:
    """One sentence about what went wrong."""
    return f'<div class="answer failed"><p><strong>No answer.</strong> {isolate(message)}</p></div>'


def answer_bubble(answer: Answer, turn: int) -> str:
    """The whole outcome of one question; `turn` makes its source buttons tell turns apart."""
    body = _absent(answer, turn) if answer.abstained else _cited(answer, turn)
    notes = "".join(
        f'<p class="note"><bdi>{cite_marks(note, turn, answer.citations)}</bdi></p>'
        for note in answer.notes
    )
    kind = "absent" if answer.abstained else "found"
    understood = _understood(answer)
    return (
        f'<div class="answer {kind}">{understood}{filter_chips(answer, turn)}{body[0]}'
        f"{notes}{body[1]}</div>"
    )


def _understood(answer: Answer) -> str:
    """How a follow-up was read, where that differs from what was typed."""
    asked, understood = answer.question.strip(), answer.standalone_question.strip()
    if not understood or understood.casefold() == asked.casefold():
        return ""
    return f'<p class="understood">Understood as: {isolate(understood)}</p>'


def _cited(answer: Answer, turn: int) -> tuple[str, str]:
    plain = _MARK.sub("", answer.text)
    repeats = "".join(plain.split()).casefold() == "".join(answer.answer.split()).casefold()
    short = (
        f'<p class="short" dir="auto"><strong>{show(answer.answer)}</strong></p>'
        if answer.answer.strip() and not repeats
        else ""
    )
    text = f'<p class="text" dir="auto">{cite_marks(answer.text, turn, answer.citations)}</p>'
    cards = "".join(source_card(citation, turn) for citation in answer.citations)
    sources = f'<p class="label">Sources</p><ol class="sources">{cards}</ol>' if cards else ""
    return short + text, sources


def _absent(answer: Answer, turn: int) -> tuple[str, str]:
    head = (
        '<p class="short"><strong>Not in the archive</strong></p>'
        "<p>Nothing in the archive supports an answer well enough to quote it.</p>"
    )
    cards = "".join(
        passage_card(passage, turn, index)
        for index, passage in enumerate(answer.passages[:CLOSEST])
    )
    if not cards:
        return head, ""
    return head, f'<p class="label">Closest passages</p><ul class="sources">{cards}</ul>'


def cite_marks(text: str, turn: int, citations: Sequence[Citation]) -> str:
    """Answer text whose [n] marks open source n.

    A mark without a source stays text, and so does one inside a quote: that is the article's own.
    """
    known = {citation.number for citation in citations}
    quoted = _places(text, [one.quote for one in citations if _MARK.search(one.quote)])
    shown, done = [], 0
    for mark in _MARK.finditer(text):
        number = int(mark[1])
        if number not in known or any(first <= mark.start() < last for first, last in quoted):
            continue
        shown.append(show(text[done : mark.start()]))
        shown.append(
            f'<button type="button" class="cite" value="c-{turn}-{number}">'
            f'<span class="vh">Source </span>{number}</button>'
        )
        done = mark.end()
    return "".join([*shown, show(text[done:])])


def _places(text: str, quotes: Sequence[str]) -> list[tuple[int, int]]:
    return [match.span() for quote in quotes for match in re.finditer(re.escape(quote), text)]


def source_card(citation: Citation, turn: int) -> str:
    """One numbered source: headline, publisher, date, who else carried it, the quote."""
    article = citation.article
    return (
        f'<li value="{citation.number}"><span class="number">{citation.number}</span>'
        f"{_headline(f'c-{turn}-{citation.number}', article.title)}"
        f"{byline(article.publisher, article.published_at, citation.copies)}"
        f'<blockquote dir="auto">{show(citation.quote)}</blockquote></li>'
    )


def passage_card(passage: Passage, turn: int, index: int) -> str:
    """A passage that came close, for a question without an answer."""
    return (
        f"<li>{_headline(f'p-{turn}-{index}', passage.title)}"
        f"{byline(passage.publisher, passage.published_at, passage.copies)}"
        f'<blockquote dir="auto">{show(passage.text)}</blockquote></li>'
    )


def _headline(pointer: str, title: str) -> str:
    shown = isolate(title.strip() or "Untitled")
    return f'<button type="button" class="headline" value="{pointer}">{shown}</button>'


def byline(
    publisher: str | None, published_at: datetime | None, copies: Sequence[Copy] = ()
) -> str:
    """Publisher and day, and the other outlets that carried the text."""
    others = dict.fromkeys(copy.publisher for copy in copies if copy.publisher)
    others.pop(publisher or "", None)
    carried = "; also carried by " + ", ".join(map(isolate, others)) if others else ""
    named = isolate(publisher) if publisher else "Publisher not named"
    return f'<p class="by">{named}, {show_moment(published_at)}{carried}</p>'


def filter_chips(answer: Answer, turn: int) -> str:
    """The limits in force: those the reader set as text, those read from the question removable."""
    chips = [
        f'<span class="chip"><span>{limit}</span></span>' for limit in _given(answer.filters.given)
    ]
    chips += [
        f'<button type="button" class="chip drop" value="f-{turn}-{index}">'
        f'<span><span class="vh">Remove the limit </span>{_limit(inferred)}</span>'
        '<span class="cross" aria-hidden="true"> ×</span></button>'
        for index, inferred in enumerate(answer.filters.inferred)
    ]
    return f'<p class="chips">Searched only: {" ".join(chips)}</p>' if chips else ""


def _given(filters: Filters) -> list[str]:
    period = show_period(filters.published_from, filters.published_to)
    limits = [period] if period else []
    return limits + [isolate(publisher) for publisher in filters.publishers]


def _limit(inferred: InferredFilter) -> str:
    if inferred.publisher:
        return isolate(inferred.publisher)
    period = show_period(inferred.published_from, inferred.published_to)
    return f"{period} (“{isolate(inferred.because)}”)"


def marked_text(
    text: str, cited: tuple[int, int] | None, others: Iterable[tuple[int, int]] = ()
) -> str:
    """Article text in paragraphs with passages marked by their offsets, never by searching.

    The passage `cited` is marked as such; where `others` overlap it, `cited` wins.
    """
    quoted = _clip(cited, len(text)) if cited else (0, 0)
    further = [_clip(span, len(text)) for span in others]
    edges = {edge for span in (quoted, *further) for edge in span}
    paragraphs, start = [], 0
    for gap in (*_PARAGRAPH_GAP.finditer(text), None):
        end = gap.start() if gap else len(text)
        cuts = sorted({start, end, *(edge for edge in edges if start < edge < end)})
        pieces = "".join(
            _piece(text[a:b], _inside(a, quoted), any(_inside(a, span) for span in further))
            for a, b in pairwise(cuts)
        )
        if pieces:
            paragraphs.append(f'<p dir="auto">{pieces}</p>')
        start = gap.end() if gap else end
    return "".join(paragraphs)


def _clip(span: tuple[int, int], size: int) -> tuple[int, int]:
    start, end = (min(max(edge, 0), size) for edge in span)
    return (start, end) if start < end else (0, 0)


def _inside(place: int, span: tuple[int, int]) -> bool:
    return span[0] <= place < span[1]


def _piece(text: str, cited: bool, other: bool) -> str:
    if not (cited or other):
        return show(text)
    return f'<mark class="{"cited" if cited else "other"}">{show(text)}</mark>'


def article_panel(
    article: Article,
    cited: tuple[int, int] | None,
    others: Iterable[tuple[int, int]] = (),
    *,
    notice: str = "",
) -> str:
    """A whole article with the cited passage highlighted, for the side panel."""
    updated = (
        f"; updated {show_moment(article.updated_at, date_only=article.date_only)}"
        if article.updated_at and article.updated_at != article.published_at
        else ""
    )
    authors = (
        f'<p class="by">By {isolate(", ".join(article.authors))}</p>' if article.authors else ""
    )
    remark = f'<p class="note">{show(notice)}</p>' if notice else ""
    publisher = isolate(article.publisher) if article.publisher else "Publisher not named"
    return _panel(
        article.title,
        f'<p class="by">{publisher}, '
        f"{show_moment(article.published_at, date_only=article.date_only)}{updated}</p>"
        f"{authors}<p>{source_link(article.url)}</p>",
        remark + marked_text(article.text, cited, others),
    )


def missing_panel(title: str, quote: str, notice: str) -> str:
    """What is left to show of a source whose article cannot be opened."""
    quoted = f'<blockquote dir="auto">{show(quote)}</blockquote>' if quote else ""
    return _panel(title, "", f'<p class="note">{show(notice)}</p>{quoted}')


def _panel(title: str, particulars: str, body: str) -> str:
    return (
        '<section class="source" aria-label="Source" tabindex="-1"><header>'
        '<button type="button" class="close" aria-label="Close the source">×</button>'
        f'<h2 dir="auto">{show(title.strip() or "Untitled")}</h2>{particulars}</header>'
        f'<div class="body" tabindex="0" role="group" aria-label="Article text">{body}</div>'
        "</section>"
    )


def taking_in(files: Sequence[str]) -> str:
    """What is shown while uploaded files are read and indexed."""
    return f'<div class="report" role="status"><p>Taking in {_listed(files)} …</p></div>'


def upload_report(
    files: Sequence[str], counts: Mapping[str, int], rejected: Sequence[Rejection]
) -> str:
    """What became of uploaded files: counts by outcome (added, …), reasons for the rejected."""
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items() if count)
    lines = "".join(f"<li>{isolate(one.source)}: {isolate(one.reason)}</li>" for one in rejected)
    refused = (
        f'<p>{len(rejected):,} rejected:</p><ul class="rejected">{lines}</ul>' if lines else ""
    )
    return (
        f'<div class="report" role="status"><p>{_listed(files)}: '
        f"{outcomes or 'nothing added'}.</p>{refused}</div>"
    )


def _listed(files: Sequence[str]) -> str:
    return ", ".join(map(isolate, files))


def failed_report(message: str) -> str:
    """Why an upload could not be taken in."""
    return f'<div class="report failed" role="status"><p>{isolate(message)}</p></div>'


def welcome(articles: int, archive: str) -> str:
    """What an empty conversation shows; for an empty archive (a folder), how to fill it."""
    if articles:
        return (
            '<div class="welcome"><h2>Ask the archive</h2>'
            "<p>Every answer is quoted word for word from an article you can open here.</p></div>"
        )
    return (
        '<div class="welcome"><h2>The archive is empty</h2>'
        "<p>Add articles on this page under “Add articles”, or stop the server and run "
        f"<code>news-assistant ingest FOLDER --archive {show(archive)}</code>.</p></div>"
    )


def status_line(articles: int, newest: date | None, today: date) -> str:
    """Archive as of today: how many articles, the newest of them."""
    if not articles:
        return f"Archive as of {show_day(today)}: no articles yet"
    plural = "" if articles == 1 else "s"
    dated = f"newest {show_day(newest)}" if newest else "none of them dated"
    return f"Archive as of {show_day(today)}: {articles:,} article{plural}, {dated}"
