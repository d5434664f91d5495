"""What the chat shows: safe whatever the text, right to the character, complete."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from assistant.types import (
    Answer,
    AppliedFilters,
    Article,
    Citation,
    Copy,
    Filters,
    InferredFilter,
    Passage,
    Rejection,
)
from assistant.web import presentation
from assistant.web.escape import isolate, plain, safe_url, show, source_link

DAY = datetime(2022, 9, 21, tzinfo=UTC)
OUR_TAGS = {
    *"article bdi blockquote button code div h2 header li mark ol p section span strong ul".split(),
}
HOSTILE = [
    "<script>alert(1)</script>",
    "</p></div><img src=x onerror=alert(1)>",
    "![pixel](https://evil.example/p.png)",
    "[click](javascript:alert(1)) and <https://evil.example>",
    "**bold** _it_ `code` # head\n\n    indented\n\n| a | b |\n|---|---|",
    "https://evil.example www.evil.example a@evil.example",
    "${1+1} {{value}} $$x$$ \\(y\\) &lt;b&gt; &#60;i&#62;",
    '" onclick="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "before \u202egnidaeh\u202c \u2066inside\u2069 after",
    "nul \x00 bell \x07 del \x7f line\u2028end\x85 lone \ud800",
]


class Reading(HTMLParser):
    """What a browser makes of markup: its tags, their attributes and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.marked: dict[str, str] = {}
        self._marks: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "mark":
            self._marks.append(dict(attrs)["class"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._marks.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        for mark in self._marks:
            self.marked[mark] = self.marked.get(mark, "") + data


def article(**changes: object) -> Article:
    fields: dict[str, object] = {
        "url": "https://news.example/story",
        "title": "Dockers end strike",
        "text": "Dockers ended their strike on Tuesday.\n\nFerries sail again from Wednesday.",
        "published_at": DAY,
        "publisher": "Harbour Post",
    }
    return Article(**(fields | changes))  # type: ignore[arg-type]


def citation(number: int, start: int, end: int, of: Article | None = None) -> Citation:
    source = of or article()
    return Citation(number, source.text[start:end], start, end, source)


def answer(**changes: object) -> Answer:
    fields: dict[str, object] = {
        "question": "When did the strike end?",
        "standalone_question": "When did the strike end?",
        "answer": "on Tuesday",
        "text": "Dockers ended their strike on Tuesday. [1]",
        "citations": (citation(1, 0, 38),),
        "passages": (),
        "filters": AppliedFilters(),
        "abstained": False,
    }
    return Answer(**(fields | changes))  # type: ignore[arg-type]


def passage(**changes: object) -> Passage:
    source = article()
    fields: dict[str, object] = {
        "id": "p1",
        "article_id": source.id,
        "url": source.url,
        "title": source.title,
        "text": source.text[:38],
        "start": 0,
        "end": 38,
        "publisher": source.publisher,
        "published_at": source.published_at,
    }
    return Passage(**(fields | changes))  # type: ignore[arg-type]


# -- hostile text ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(text: str) -> None:
    shown = show(text)
    assert not set(shown) - set("&#;") & set(
        "<>\"'`*_[]()!|\\~={}$:/.@-+\n\r\x00\u202e\u2066\ud800"
    )
    read = Reading(shown)
    assert read.tags == []
    readable = text.encode("utf-8", "replace").decode()
    kept = [mark for mark in readable if mark.isprintable() and mark != " "]
    assert [mark for mark in read.text if mark.isprintable() and mark not in " \ufffd"] == kept


@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_of_an_answer_can_bring_its_own_markup(text: str) -> None:
    source = article(url=text, title=text, text=text, publisher=text, authors=(text,))
    copies = (Copy("c", text, text, text, DAY),)
    cited = Citation(1, text, 0, len(text), source, copies)
    limits = AppliedFilters(
        Filters(publishers=(text,)), (InferredFilter("publisher", text, publisher=text),)
    )
    found = answer(
        question=text,
        standalone_question=text + "?",
        answer=text,
        text=text + " [1]",
        citations=(cited,),
        filters=limits,
        notes=(text,),
    )
    close = passage(url=text, title=text, text=text, publisher=text, copies=copies)
    absent = answer(text=text, abstained=True, citations=(), passages=(close,), filters=limits)
    for markup in (
        presentation.question_bubble(text),
        presentation.answer_bubble(found, 0),
        presentation.answer_bubble(absent, 0),
        presentation.progress_bubble(text, text),
        presentation.error_bubble(text),
        presentation.article_panel(source, (0, len(text)), notice=text),
        presentation.missing_panel(text, text, text),
        presentation.upload_report([text], {"added": 1}, [Rejection(text, text)]),
        presentation.failed_report(text),
        presentation.taking_in([text]),
        presentation.welcome(0, text),
    ):
        read = Reading(markup)
        assert set(read.tags) <= OUR_TAGS
        assert not [name for name, _ in read.attributes if name.startswith(("on", "src", "href"))]
        assert "\n" not in markup  # a blank line would hand the rest to the Markdown reader
        assert not set("\u202e\u2066\x00") & set(markup)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        " https://news.example",
        "https://news.example/a b",
        "https://news.\nexample",
        "http://",
        "http://[broken",
        "//news.example/x",
        "ftp://news.example/x",
        "upload:notes.txt?sha256=0123456789ab",
        "",
    ],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert safe_url(url) is None
    assert "<a" not in source_link(url)
    assert "".join(Reading(source_link(url)).text.split()) == "".join(url.split())


def test_a_link_names_the_site_it_leads_to() -> None:
    url = "https://trusted.example@evil.example/a?b=1&c=\"'<x>"
    read = Reading(source_link(url))
    assert dict(read.attributes)["href"] == url
    assert dict(read.attributes)["rel"] == "noopener noreferrer"
    assert dict(read.attributes)["target"] == "_blank"
    assert read.text == "Read the original at evil.example"


def test_right_to_left_text_keeps_to_itself() -> None:
    assert isolate("شحن") == "<bdi>شحن</bdi>"
    assert Reading(show("a\u200fb")).text == "a\u200fb"
    assert plain("a\u202e b\n c") == "a b c"


# -- dates ----------------------------------------------------------------------------------


def test_dates_are_written_out() -> None:
    assert presentation.show_moment(DAY) == "21 September 2022"
    assert presentation.show_moment(None) == "undated"
    afternoon = datetime(2022, 9, 21, 14, 5, tzinfo=UTC)
    assert presentation.show_moment(afternoon) == "21 September 2022"
    assert presentation.show_moment(afternoon, date_only=False) == "21 September 2022, 14:05 UTC"


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (date(2022, 9, 1), date(2022, 9, 30), "September 2022"),
        (date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        (date(2022, 1, 1), date(2022, 12, 31), "2022"),
        (date(2022, 9, 21), date(2022, 9, 21), "21 September 2022"),
        (date(2022, 9, 1), date(2022, 9, 29), "1 September 2022 to 29 September 2022"),
        (date(2022, 9, 1), None, "from 1 September 2022"),
        (None, date(2022, 9, 30), "up to 30 September 2022"),
        (None, None, ""),
    ],
)
def test_periods_take_few_words(first: date | None, last: date | None, shown: str) -> None:
    assert presentation.show_period(first, last) == shown


def test_the_status_line_says_how_much_and_how_new() -> None:
    today = date(2026, 11, 24)
    line = presentation.status_line(1234, date(2026, 11, 3), today)
    assert line == "Archive as of 24 November 2026: 1,234 articles, newest 3 November 2026"
    assert presentation.status_line(1, None, today).endswith("1 article, none of them dated")
    assert presentation.status_line(0, None, today).endswith("no articles yet")


# -- answers --------------------------------------------------------------------------------


def test_an_answer_shows_its_short_form_its_text_and_its_sources() -> None:
    copies = (Copy("a", "u", "t", "Copy Wire", None), Copy("b", "u", "t", "Harbour Post", None))
    cited = Citation(1, "Dockers ended their strike on Tuesday.", 0, 38, article(), copies)
    markup = presentation.answer_bubble(
        answer(citations=(cited,), notes=("A source was corrected.",)), turn=3
    )
    read = Reading(markup)
    assert "<strong>on Tuesday</strong>" in markup
    assert "A source was corrected." in read.text
    assert "Harbour Post, 21 September 2022; also carried by Copy Wire" in read.text
    assert "Understood as" not in read.text
    assert [value for name, value in read.attributes if name == "value"] == ["c-3-1", "1", "c-3-1"]


def test_a_short_answer_that_is_the_whole_text_is_said_once() -> None:
    whole = "Dockers ended their strike on Tuesday."
    read = Reading(presentation.answer_bubble(answer(answer=whole, citations=()), 0))
    assert read.text.count(whole) == 1


def test_a_follow_up_shows_how_it_was_understood() -> None:
    follow_up = answer(question="And in Norway?", standalone_question="Strike in Norway?")
    assert (
        "Understood as: Strike in Norway?" in Reading(presentation.answer_bubble(follow_up, 0)).text
    )


def test_marks_without_a_source_stay_text() -> None:
    cited = [citation(1, 0, 9)]
    read = Reading(presentation.cite_marks("One [1], two [2][1], three [999] [x].", 4, cited))
    assert read.tags.count("button") == 2
    assert read.text == "One Source 1, two [2]Source 1, three [999] [x]."
    assert {value for name, value in read.attributes if name == "value"} == {"c-4-1"}


def test_a_mark_inside_a_quote_is_the_articles_own_text() -> None:
    source = article(text="Reed was born in Pell.[1] He left [2] early.")
    cited = [citation(1, 0, 25, source), citation(2, 26, 44, source)]
    text = f"{cited[0].quote} [1] {cited[1].quote} [2]"
    read = Reading(presentation.cite_marks(text, 0, cited))
    assert read.text == "Reed was born in Pell.[1] Source 1 He left [2] early. Source 2"
    assert [value for name, value in read.attributes if name == "value"] == ["c-0-1", "c-0-2"]


def test_abstention_is_visible_and_shows_the_closest_passages() -> None:
    passages = tuple(passage(id=str(n), title=f"Close {n}") for n in range(5))
    absent = answer(answer="", text="", abstained=True, citations=(), passages=passages)
    read = Reading(presentation.answer_bubble(absent, 2))
    assert "Not in the archive" in read.text
    assert "Closest passages" in read.text
    assert "Close 2" in read.text
    assert "Close 3" not in read.text
    assert ("class", "answer absent") in read.attributes
    assert ("value", "p-2-0") in read.attributes
    nothing = answer(answer="", text="", abstained=True, citations=())
    assert "Closest" not in presentation.answer_bubble(nothing, 0)


def test_inferred_limits_can_be_removed_and_given_ones_are_told() -> None:
    limits = AppliedFilters(
        Filters(published_from=date(2022, 1, 1), publishers=("Harbour Post",)),
        (
            InferredFilter("dates", "in September 2022", date(2022, 9, 1), date(2022, 9, 30)),
            InferredFilter("publisher", "the Ledger", publisher="The Ledger"),
        ),
    )
    read = Reading(presentation.answer_bubble(answer(filters=limits), 1))
    assert "from 1 January 2022 Harbour Post" in read.text
    assert "Remove the limit September 2022 (“in September 2022”) ×" in read.text
    assert ("value", "f-1-0") in read.attributes
    assert ("value", "f-1-1") in read.attributes
    assert "Searched only" not in presentation.answer_bubble(answer(), 0)


# -- highlights -----------------------------------------------------------------------------


def test_the_cited_passage_is_marked_by_its_offsets() -> None:
    text = "It rained. It rained. It rained."
    markup = presentation.marked_text(text, (11, 21))
    assert markup.count("<mark") == 1
    assert Reading(markup.partition("<mark")[0]).text == "It rained. "
    assert Reading(markup).marked == {"cited": "It rained."}
    assert Reading(markup).text == text


def test_overlapping_citations_keep_the_opened_one_whole() -> None:
    text = "abcdefghij"
    read = Reading(presentation.marked_text(text, (3, 7), [(1, 5), (6, 9), (3, 7)]))
    assert read.text == text
    assert read.marked == {"cited": "defg", "other": "bchi"}


def test_paragraphs_are_kept_and_a_quote_may_span_them() -> None:
    text = "First one.\n\nSecond one.\n \nThird\nline."
    markup = presentation.marked_text(text, (6, 18))
    assert markup.count("<p ") == 3
    assert Reading(markup).marked == {"cited": "one.Second"}
    assert Reading(markup).text == "First one.Second one.Third\nline."


@pytest.mark.parametrize("span", [None, (5, 5), (9, 3), (-4, 0), (500, 900)])
def test_a_span_that_is_none_marks_nothing(span: tuple[int, int] | None) -> None:
    assert "<mark" not in presentation.marked_text("Some text.", span)


def test_offsets_count_characters_of_the_text_not_of_the_markup() -> None:
    text = "<b>é</b> & “quote” 🚢 sails."
    start = text.index("“")
    read = Reading(presentation.marked_text(text, (start, start + 9)))
    assert read.marked == {"cited": text[start : start + 9]}


def test_the_panel_shows_the_whole_article() -> None:
    source = article(updated_at=datetime(2022, 9, 23, tzinfo=UTC), authors=("A. Writer",))
    read = Reading(presentation.article_panel(source, (0, 38)))
    for part in (
        "Dockers end strike",
        "Harbour Post, 21 September 2022; updated 23 September 2022",
        "By A. Writer",
        "Read the original at news.example",
        "Ferries sail again from Wednesday.",
    ):
        assert part in read.text
    assert read.marked["cited"] == source.text[:38]


# -- uploads --------------------------------------------------------------------------------


def test_an_upload_report_counts_and_gives_reasons() -> None:
    counts = {"added": 2, "updated": 0, "unchanged": 1}
    rejected = [Rejection("empty.txt", "the file is empty")]
    read = Reading(presentation.upload_report(["a.txt", "empty.txt"], counts, rejected))
    assert "a.txt, empty.txt: 2 added, 1 unchanged." in read.text
    assert "1 rejected:" in read.text
    assert "empty.txt: the file is empty" in read.text
    assert "nothing added" in presentation.upload_report(["a.txt"], {"added": 0}, [])
