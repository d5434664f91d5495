"""How a proposed answer is marked in its passage, for the reader to judge it.

In: the tokens of a passage, a span. Out: the tokens with marks. Refuses to know: models, texts.
"""

from __future__ import annotations

from collections.abc import Sequence

# The word pieces "«" and "»" of BERT's uncased vocabulary: known to the encoder, rare in English.
OPENING, CLOSING = 1077, 1090


def mark_tokens(
    ids: Sequence[int], offsets: Sequence[tuple[int, int]], span: tuple[int, int]
) -> tuple[list[int], int]:
    """The token ids with a mark before and after those of `span` (in characters), and the place of
    the first mark. A span without tokens is marked at the start.
    """
    inside = [i for i, (start, end) in enumerate(offsets) if start < span[1] and end > span[0]]
    first, after = (inside[0], inside[-1] + 1) if inside else (0, 0)
    return [*ids[:first], OPENING, *ids[first:after], CLOSING, *ids[after:]], first
