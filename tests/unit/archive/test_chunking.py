"""Passages: every sentence once, within the limit, at exact offsets."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.archive.chunking import count_tokens, split_passages

WORDS = st.sampled_from(
    "the mayor said that prices rose by 3.5 percent in Marlow. Why? U.S.".split()
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=250), st.integers(32, 80))
def test_passages_tile_the_text(words: list[str], limit: int) -> None:
    text = " ".join(words)
    spans = split_passages(text, limit)
    for before, after in pairwise(spans):
        assert before.end <= after.start
        assert text[before.end : after.start].strip() == ""
    assert "".join(text[s.start : s.end] for s in spans).replace(" ", "") == text.replace(" ", "")
    # The sum over sentences is what is limited; joining them adds at most a token a sentence.
    assert all(n <= limit * 1.3 for n in count_tokens([text[s.start : s.end] for s in spans]))


def test_one_endless_sentence_is_cut_between_words() -> None:
    text = "word " * 500
    spans = split_passages(text, 50)
    assert len(spans) > 5
    assert all(set(text[s.start : s.end].split()) == {"word"} for s in spans)


def test_prefers_the_end_of_a_paragraph() -> None:
    first = "The council met in the morning and voted for the plan at once. " * 5
    second = "Opponents walked out of the hall and promised to go to court. " * 5
    text = f"{first.strip()}\n\n{second.strip()}"
    spans = split_passages(text, 85)
    assert text[spans[0].start : spans[0].end] == first.strip()


def test_nothing_from_nothing() -> None:
    assert split_passages(" \n\n ", 100) == []
