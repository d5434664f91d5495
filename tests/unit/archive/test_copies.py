"""MinHash and resemblance: edited copies meet, different reports do not."""

from __future__ import annotations

from assistant.archive import copies

REPORT = " ".join(
    f"Sentence {n} tells of the {word} that the council of Marlow weighed on day {n}."
    for n, word in enumerate(
        "bridge tunnel harbour school clinic tax road park market fire".split()
    )
)


def test_a_trimmed_copy_is_the_same_story() -> None:
    trimmed = REPORT[: int(len(REPORT) * 0.85)]
    whole, part = copies.signature(REPORT), copies.signature(trimmed)
    assert copies.similarity(whole, part) >= copies.WORTH_COMPARING
    assert set(copies.band_keys(whole)) & set(copies.band_keys(part))
    shared = copies.resemblance(copies.shingles(REPORT), copies.shingles(trimmed))
    assert copies.SAME_STORY <= shared < 1


def test_another_report_is_not() -> None:
    other = "Storms closed the airport. Flights were cancelled until the evening."
    assert copies.resemblance(copies.shingles(REPORT), copies.shingles(other)) == 0


def test_resemblance_is_symmetric_and_whole_for_the_same_text() -> None:
    one, other = copies.shingles(REPORT), copies.shingles(REPORT[200:])
    assert copies.resemblance(one, other) == copies.resemblance(other, one)
    assert copies.resemblance(one, one) == 1


def test_signatures_survive_storage() -> None:
    mark = copies.signature(REPORT)
    assert (copies.from_bytes(copies.to_bytes(mark)) == mark).all()


def test_token_overlap_counts_the_smaller_text() -> None:
    assert copies.token_overlap("a b c d", "A B") == 1.0
    assert copies.token_overlap("a b", "c d") == 0.0
    assert copies.token_overlap("", "c d") == 0.0
