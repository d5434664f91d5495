"""MinHash: edited copies meet, different reports do not."""

from __future__ import annotations

from assistant.archive import copies

REPORT = " ".join(
    f"Sentence {n} tells of the {word} that the council of Marlow weighed on day {n}."
    for n, word in enumerate(
        "bridge tunnel harbour school clinic tax road park market fire".split()
    )
)


def test_a_trimmed_copy_is_the_same_story() -> None:
    whole, trimmed = copies.signature(REPORT), copies.signature(REPORT[: int(len(REPORT) * 0.85)])
    assert copies.similarity(whole, trimmed) >= copies.SAME_STORY
    assert set(copies.band_keys(whole)) & set(copies.band_keys(trimmed))
    assert copies.most_similar(whole, [("trimmed", trimmed)]) == ["trimmed"]


def test_another_report_is_not() -> None:
    other = copies.signature("Storms closed the airport. Flights were cancelled until the evening.")
    assert copies.most_similar(copies.signature(REPORT), [("other", other)]) == []


def test_signatures_survive_storage() -> None:
    mark = copies.signature(REPORT)
    assert (copies.from_bytes(copies.to_bytes(mark)) == mark).all()


def test_token_overlap_counts_the_smaller_text() -> None:
    assert copies.token_overlap("a b c d", "A B") == 1.0
    assert copies.token_overlap("a b", "c d") == 0.0
    assert copies.token_overlap("", "c d") == 0.0
