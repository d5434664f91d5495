from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.wording import (
    contains,
    exact_match,
    find_quote,
    fold,
    normalise,
    overlap,
    token_f1,
)


def test_normalise_is_squads_on_ascii() -> None:
    assert normalise("The  Quick, (brown) fox -- an animal!") == "quick brown fox animal"


def test_normalise_is_unicode_first() -> None:
    assert normalise("Ｚürich’s “Straße”") == normalise("zu\u0308richs STRASSE")


@given(st.text())
def test_normalise_twice_is_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@pytest.mark.parametrize(
    ("prediction", "answers", "em", "f1"),
    [
        ("14 minutes", ["14 minutes, 25 seconds"], 0, 2 / 3),
        ("the Huffman", ["Benjamine Huffman", "Huffman"], 1, 1),
        ("", ["Paris"], 0, 0),
        ("a b b c", ["b b d"], 0, 2 * (2 / 3) * (2 / 3) / (4 / 3)),
        ("Paris", [], 0, 0),
    ],
)
def test_squad_scores_by_hand(prediction: str, answers: list[str], em: float, f1: float) -> None:
    assert exact_match(prediction, answers) == em
    assert token_f1(prediction, answers) == pytest.approx(f1)


def test_contains_wants_whole_words() -> None:
    assert contains("It was the Sea of Azov, he said.", ["sea of azov"]) == 1
    assert contains("Romania", ["Oman"]) == 0
    assert contains("anything", ["the"]) == 0


def test_find_quote_through_white_space_accents_and_quotation_marks() -> None:
    text = "First.\n\nThe cafe\u0301 owner said,\n “We  stay”. Last."
    (place,) = find_quote(text, 'The café owner said, "We stay".')
    assert text[place.start : place.end] == "The cafe\u0301 owner said,\n “We  stay”."


def test_find_quote_finds_every_place_and_keeps_trailing_accents() -> None:
    assert [tuple(s) for s in find_quote("ab ab", "ab")] == [(0, 2), (3, 5)]
    text = "un cafe\u0301"
    (place,) = find_quote(text, "un  café")
    assert place.end == len(text)
    assert find_quote(text, " ") == ()
    assert find_quote(text, "thé") == ()


@given(st.text(), st.data())
def test_a_slice_in_another_form_is_found_where_it_stands(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = text[start:end]
    form = data.draw(st.sampled_from(["NFC", "NFD"]))
    other = "\n ".join(unicodedata.normalize(form, quote).split(" "))
    if fold(quote).text:
        assert any(overlap((start, end), place) for place in find_quote(text, other))


@given(st.text())
def test_folded_spans_are_ordered_and_inside(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.spans)
    assert all(0 <= s.start < s.end <= len(text) for s in folded.spans)
    assert list(folded.spans) == sorted(folded.spans)
    assert "  " not in folded.text
