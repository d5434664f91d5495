"""Spans grow to the name, amount or quotation that they are a part of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.spans import completed, cuts, enclosing, names_again


@pytest.mark.parametrize(
    ("text", "span", "whole"),
    [
        ("It hit at least five cars", "least five", "at least five"),
        ("It cost $5 then", "5", "$5"),
        ("It rose 5% then", "5", "5%"),
        ("He liked that most of all", "most of all", "most of all"),
        ("five cars", "five", "five"),
        ('It is "no sure thing," dashing hopes', 'no sure thing," dashing', "no sure thing"),
        ("the “Old Mill,” with Bo Kay", "Old Mill,” with Bo Kay", "Old Mill"),
        ('He read "Old Mill" aloud', '"Old Mill" aloud', '"Old Mill" aloud'),
        ('a 6" pipe of steel', '6" pipe', '6" pipe'),
        ('a 5-foot-11", heavy man', '5-foot-11", heavy', '5-foot-11", heavy'),
        ("“Weird Al” Kay sang", "Weird Al” Kay", "Weird Al” Kay"),
        ('the "Queen of Soul," Ada Fry', 'Queen of Soul," Ada Fry', 'Queen of Soul," Ada Fry'),
    ],
)
def test_a_span_ends_where_its_amount_or_quotation_does(text: str, span: str, whole: str) -> None:
    start = text.index(span)
    assert text[slice(*completed(text, start, start + len(span)))] == whole


@pytest.mark.parametrize(
    ("text", "span", "whole"),
    [
        ("from the ACLU of Oregon today", "ACLU", "ACLU of Oregon"),
        ("at the La Brea Tar Pits.", "Brea Tar", "La Brea Tar Pits"),
        ("the Bethesda-By-the-Sea Episcopal Church", "Episcopal Church",
         "Bethesda-By-the-Sea Episcopal Church"),
        ("48.5 tons fall", "48.5", "48.5 tons"),
        ("says Mayor Cavalier Johnson.", "Johnson", "Cavalier Johnson"),
        ("by Sen. J. D. Vance, who", "Vance", "J. D. Vance"),
        ("the Zug-based Corso Club won", "Club", "Corso Club"),
        ("On Tuesday Ada Fry said", "Fry", "Ada Fry"),
        ("When Ada Fry’s bill passed", "Ada", "Ada Fry"),
        ("the Liberal Party’s rise", "Liberal", "Liberal Party"),
        ("Ada Fry, Bo Kay", "Fry", "Ada Fry"),
        ("it took nine days", "nine", "nine days"),
        ("at 90 kg it", "90", "90 kg"),
        ("fifteen minutes later", "fifteen", "fifteen minutes"),
        ("the city minutes later", "city", "city"),
        ("5 million dollars went", "5 million", "5 million dollars"),
        ("1,200 square miles burned", "1,200", "1,200 square miles"),
        ("at 30 °C in", "30", "30 °C"),
        ("at 3:30 p.m. today", "3:30", "3:30 p.m."),
        ("by Bo van der Berg, who", "Berg", "Bo van der Berg"),
        ("by Bo van der Berg, who", "Bo", "Bo van der Berg"),
        ("Fry & Kay Ltd. said", "Kay", "Fry & Kay Ltd"),
        ("by Ada M. Fry and", "Ada", "Ada M. Fry"),
        ("by Ada M. She", "Ada", "Ada M"),
        ("Yesterday Fry resigned", "Fry", "Fry"),
        ("Councillor Ada Fry said", "Fry", "Ada Fry"),
        ("said (Ada Fry) then", "Fry", "Ada Fry"),
        ("the New Pell Times said", "Times", "New Pell Times"),
        ("a red boat", "boat", "boat"),
        ("Vance", "Vance", "Vance"),
    ],
)  # fmt: skip
def test_the_whole_name_or_amount(text: str, span: str, whole: str) -> None:
    start = text.index(span)
    assert text[slice(*enclosing(text, start, start + len(span)))] == whole


@pytest.mark.parametrize(
    ("left", "right"), [("1,", "000"), ("48", ".5"), ("Ben", "zinga"), ("10", ":30")]
)
def test_words_and_numbers_are_not_cut(left: str, right: str) -> None:
    assert cuts(left + right, len(left))


@pytest.mark.parametrize(("left", "right"), [("in ", "May"), ("5", "."), ("5", ", 6"), ("", "a")])
def test_between_words_is_no_cut(left: str, right: str) -> None:
    assert not cuts(left + right, len(left))


@given(st.text("Ab c'’s.,-1 ofthe", max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_a_span_never_shrinks_or_leaves_the_text(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    first, after = enclosing(text, start, end)
    assert 0 <= first <= start <= end <= after <= len(text)


@pytest.mark.parametrize(
    ("span", "question", "again"),
    [
        ("Francis Pell Key Bridge", "Which ship hit the Key Bridge?", True),
        ("Key Bridge", "Which ship hit the Key Bridge?", False),
        ("Marlow Bridge", "Which ship hit the Key Bridge?", False),
        ("Hubble Space Telescope", "Which space telescope was launched?", False),
        ("President Ada Finch", "What is Ada Finch now?", False),
        ("52-year-old Ada Finch", "How old is Ada Finch?", False),
        ("Ada Finch Pell", "Who is Finch?", False),
        ("", "", False),
    ],
)
def test_longer_forms_of_names_in_the_question(span: str, question: str, again: bool) -> None:
    assert names_again(span, question) == again
