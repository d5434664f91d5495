"""Cut an article into passages at sentence and paragraph borders.

In: a text and a token limit. Out: half-open character spans, in order, that hold every sentence
exactly once. Refuses to know: headlines, embeddings, storage.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from assistant.offline import go_offline
from assistant.sentences import Span, sentence_spans

if TYPE_CHECKING:
    import tiktoken

ENCODING = "cl100k_base"
# A passage may close early, at the end of a paragraph, once it is this full: a passage that ends
# with its paragraph reads as one thought and is a better thing to quote.
_FULL_ENOUGH = 0.75


@cache
def _encoding() -> tiktoken.Encoding:
    go_offline()
    import tiktoken

    return tiktoken.get_encoding(ENCODING)


def count_tokens(texts: list[str]) -> list[int]:
    """The number of cl100k_base tokens in each text."""
    encoding = _encoding()
    return [len(encoding.encode_ordinary(text)) for text in texts]


def split_passages(text: str, chunk_tokens: int) -> list[Span]:
    """Spans of at most `chunk_tokens` tokens, cut between sentences.

    Only a single sentence longer than the limit is cut inside, between words. Without overlap:
    each sentence is stored, embedded and citable once.
    """
    sentences = sentence_spans(text)
    sizes = count_tokens([text[span.start : span.end] for span in sentences])
    passages: list[Span] = []
    current: list[Span] = []
    filled = 0
    for index, (sentence, size) in enumerate(zip(sentences, sizes, strict=True)):
        if size > chunk_tokens:
            _close(passages, current)
            current, filled = [], 0
            passages += _cut_long(text, sentence, chunk_tokens)
            continue
        if current and (
            filled + size > chunk_tokens
            or (
                filled >= _FULL_ENOUGH * chunk_tokens
                and _new_paragraph(text, current[-1], sentence)
                and filled + _paragraph_size(text, sentences, sizes, index) > chunk_tokens
            )
        ):
            _close(passages, current)
            current, filled = [], 0
        current.append(sentence)
        filled += size
    _close(passages, current)
    return passages


def _close(passages: list[Span], sentences: list[Span]) -> None:
    if sentences:
        passages.append(Span(sentences[0].start, sentences[-1].end))


def _new_paragraph(text: str, before: Span, after: Span) -> bool:
    return "\n" in text[before.end : after.start]


def _paragraph_size(text: str, sentences: list[Span], sizes: list[int], first: int) -> int:
    """Tokens of the paragraph that begins with sentence number `first`."""
    total = sizes[first]
    for index in range(first + 1, len(sentences)):
        if _new_paragraph(text, sentences[index - 1], sentences[index]):
            break
        total += sizes[index]
    return total


def _cut_long(text: str, sentence: Span, chunk_tokens: int) -> list[Span]:
    """Cut one over-long sentence between words into pieces of at most `chunk_tokens` tokens."""
    pieces: list[Span] = []
    start = sentence.start
    while start < sentence.end:
        # 4 characters a token is the average of English; shrink until it fits.
        end = min(sentence.end, start + 4 * chunk_tokens)
        while True:
            if end < sentence.end:
                space = max(text.rfind(" ", start + 1, end), text.rfind("\n", start + 1, end))
                end = space if space > start else end
            if end - start <= 1 or count_tokens([text[start:end]])[0] <= chunk_tokens:
                break
            end = start + max(1, (end - start) * 3 // 4)
        _append_stripped(pieces, text, start, end)
        start = end
    return pieces


def _append_stripped(pieces: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        lead = len(piece) - len(piece.lstrip())
        pieces.append(Span(start + lead, start + lead + len(stripped)))
