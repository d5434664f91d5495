"""Tell whether two articles are near-copies: wire stories that several outlets carry.

In: texts. Out: MinHash signatures, the keys under which similar signatures meet, the resemblance.
Refuses to know: where signatures are stored. Resemblance (Jaccard similarity of shingle sets) and
locality-sensitive hashing after Broder (1997): the keys of two texts meet with probability
1 - (1 - J^ROWS)^BANDS for resemblance J.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
from datasketch import MinHash

Signature = npt.NDArray[np.uint32]

PERMUTATIONS, BANDS, ROWS = 128, 32, 4
_SHINGLE_WORDS = 4
# Resemblance of 4-word shingles: two items that share 80 % of their text come to 0.60 to 0.67,
# updates of one newsroom's running story, with other figures, stay below 0.55 (docs/decisions.md).
SAME_STORY = 0.58
# The estimate of 128 hashes is off by 0.13 (three standard deviations); below this a pair cannot be
# the same story.
WORTH_COMPARING = SAME_STORY - 0.13
_WORD = re.compile(r"\w+")


def shingles(text: str) -> frozenset[str]:
    """The text's overlapping 4-word shingles, case folded; a shorter text is one shingle."""
    words = _WORD.findall(text.casefold())
    return frozenset(
        " ".join(words[index : index + _SHINGLE_WORDS])
        for index in range(max(1, len(words) - _SHINGLE_WORDS + 1))
    )


def signature(text: str) -> Signature:
    """128 MinHash values of the text's shingles."""
    sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
    sketch.update_batch([shingle.encode() for shingle in shingles(text)])
    return np.asarray(sketch.hashvalues, np.uint32)


def band_keys(values: Signature) -> list[int]:
    """One signed 64-bit key for each band; two texts that share any key are compared."""
    bands = values.reshape(BANDS, ROWS).astype(np.uint64)
    keys = np.arange(BANDS, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        for row in range(ROWS):
            keys = (keys ^ bands[:, row]) * np.uint64(0x100000001B3)
            keys ^= keys >> np.uint64(29)
    return [int(key) for key in keys.astype(np.int64)]


def similarity(one: Signature, other: Signature) -> float:
    """Estimated resemblance of two texts, in [0, 1]."""
    return float((one == other).mean())


def resemblance(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared shingles over all shingles of the two texts, in [0, 1]."""
    shared = len(one & other)
    return shared / max(1, len(one) + len(other) - shared)


def token_overlap(one: str, other: str) -> float:
    """Shared words over the smaller text's words, in [0, 1]: how far one contains the other."""
    first, second = (set(_WORD.findall(text.casefold())) for text in (one, other))
    return len(first & second) / max(1, min(len(first), len(second)))


def to_bytes(values: Signature) -> bytes:
    return values.tobytes()


def from_bytes(stored: bytes) -> Signature:
    return np.frombuffer(stored, np.uint32)
