"""The trained passage reader: one forward pass gives relevance, an answer span and "nothing here".

In: a question and passages. Out: Readings. Refuses to know: retrieval, wording, pages.

The model (docs/reader-model-card.md) was trained with its span scores normalised over all passages
of a question and a null option (Clark and Gardner, 2018), so spans of different passages compare.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from assistant.answering.spans import completed, cuts, enclosing, names_again
from assistant.archive.embedding import cpu_threads, minilm_folder
from assistant.errors import ModelError
from assistant.sentences import sentence_spans
from assistant.types import AnswerSpan, Passage, Reading

Logits = npt.NDArray[np.float32]

_LONGEST_SPAN_TOKENS = 40
# A headline of a feed may be a page long; what is left of the window belongs to the passage.
MOST_HEADER_TOKENS = 96
_SPANS_CONSIDERED, _SPANS_KEPT = 30, 3
# Log-odds taken from a span that only repeats the question (docs/decisions.md).
_REPEATED = 3.0
# How much less likely, in log-odds, the whole name may be than the part of it that was found.
_NEARLY = 2.3
_ALTERNATIVES = re.compile(r"\bor\b", re.IGNORECASE)  # "A or B?" is answered in its own words


class Encoded(NamedTuple):
    """Token ids and types of one (question, passage) pair; `body` maps tokens to characters.

    `body` is [tokens, 2]: start and end character of the token in the passage, -1 for tokens that
    belong to the question or the header.
    """

    ids: list[int]
    types: list[int]
    body: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """What reader.json says about the model beside it; its keys are explained in the model card."""

    max_tokens: int
    max_question_tokens: int
    threshold: float
    bias: float
    weights: dict[str, float]

    @classmethod
    def load(cls, raw: str) -> ReaderConfig:
        """Parse reader.json. Raises ModelError where a key is missing."""
        try:
            fields = json.loads(raw)
            return cls(
                max_tokens=fields["max_tokens"],
                max_question_tokens=fields["max_question_tokens"],
                threshold=fields["answerability"]["threshold"],
                bias=fields["answerability"]["bias"],
                weights=fields["answerability"]["weights"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"reader.json is not usable ({error!r}). Reinstall the package."
            ) from error


class OnnxReader:
    """Runs reader.onnx. One reader may serve several threads.

    `folder` holds another reader.onnx with its reader.json than those of the package.
    """

    def __init__(
        self, *, threads: int = 0, budget_s: float = 2.0, folder: Path | None = None
    ) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        models = folder or files("assistant.answering") / "models"
        self.config = ReaderConfig.load((models / "reader.json").read_text("utf-8"))
        self._budget_s = budget_s
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cpu_threads(threads)
        options.log_severity_level = 3
        if not _exact_by_itself():
            options.add_session_config_entry("session.x64quantprecision", "1")
        model = (models / "reader.onnx").read_bytes()
        self._session: Any = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def read(self, question: str, passages: Sequence[Passage], context: str = "") -> list[Reading]:
        """A Reading for each passage read, in the order given.

        `context`: what was said before a question that leans on it, latest first. Passages are
        read from the first on; when the time budget is used up, the rest stays unread.
        """
        deadline = time.monotonic() + self._budget_s
        asked = self._tokenizer.encode(in_context(question, context), add_special_tokens=False).ids
        asked = asked[: self.config.max_question_tokens]
        known = "" if _ALTERNATIVES.search(question) else question
        scored: list[tuple[Passage, _Scored]] = []
        for passage in passages:
            scored.append((passage, self._score(asked, passage, known)))
            if time.monotonic() > deadline:
                break
        return _normalised(scored)

    def answerability(self, readings: Sequence[Reading]) -> float:
        """Calibrated probability in [0, 1] that the passages read answer the question."""
        if not readings:
            return 0.0
        features = answerability_features(readings)
        config = self.config
        logit = config.bias + sum(config.weights[name] * features[name] for name in config.weights)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))

    def _encode(self, question: list[int], passage: Passage) -> Encoded:
        """`[CLS] question [SEP] header passage [SEP]`, cut to the model's window."""
        cls, sep = 101, 102
        header = self._tokenizer.encode(
            header_text(passage.published_at, passage.title), add_special_tokens=False
        ).ids[:MOST_HEADER_TOKENS]
        text = self._tokenizer.encode(passage.text, add_special_tokens=False)
        lead = [cls, *question, sep]
        room = self.config.max_tokens - len(lead) - len(header) - 1
        kept = text.ids[:room]
        ids = [*lead, *header, *kept, sep]
        body = np.full((len(ids), 2), -1, np.int32)
        at = len(lead) + len(header)
        body[at : at + len(kept)] = np.array(text.offsets[: len(kept)], np.int32).reshape(-1, 2)
        return Encoded(ids, [0] * len(lead) + [1] * (len(ids) - len(lead)), body)

    def _score(self, question: list[int], passage: Passage, known: str) -> _Scored:
        """One forward pass for one pair.

        Alone, a pair is read a tenth faster than in batches of eight, which are padded; and int8
        activations are scaled by batch, so neighbours would move its relevance by .3 on average.
        """
        pair = self._encode(question, passage)
        relevance, starts, ends = self._session.run(
            ["relevance", "start", "end"],
            {
                "input_ids": np.array([pair.ids], np.int64),
                "attention_mask": np.ones((1, len(pair.ids)), np.int64),
                "token_type_ids": np.array([pair.types], np.int64),
            },
        )
        spans = _best_spans(pair, passage.text, known, starts[0], ends[0])
        return _Scored(float(relevance[0]), spans)


def _exact_by_itself() -> bool:
    """Whether the processor is known to add products of 8-bit numbers without overflow (VNNI).

    Elsewhere ONNX Runtime must be asked for kernels that do, which take 1.3 times as long.
    """
    try:
        return "vnni" in Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False


class _Span(NamedTuple):
    """A span in characters of the passage with its logits added up."""

    start: int
    end: int
    score: float


class _Spans(NamedTuple):
    """The best spans of a passage, best first, and the mass of all its spans."""

    best: tuple[_Span, ...]
    start_mass: float
    end_mass: float


class _Scored(NamedTuple):
    """One passage's outcome; relevance is a logit beside the null option's 0."""

    relevance: float
    spans: _Spans


def answerability_features(readings: Sequence[Reading]) -> dict[str, float]:
    """What tells an answerable question: strength of the best span and passage against "nothing".

    `span`: log-odds of the best span's probability; `relevance`: the best passage's relevance;
    `both`: the best sum of a passage's relevance and its span's log-odds; `margin`: how far the
    best passage stands above the fifth.
    """
    relevances = sorted((reading.relevance for reading in readings), reverse=True)
    odds = [_log_odds(reading.probability) for reading in readings]
    return {
        "span": max(odds),
        "relevance": relevances[0],
        "both": max(odd + reading.relevance for odd, reading in zip(odds, readings, strict=True)),
        "margin": relevances[0] - relevances[min(4, len(relevances) - 1)],
    }


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


def in_context(question: str, context: str) -> str:
    """What the reader sees as the question: what was said before stands behind it in brackets."""
    return f"{question} ({context})" if context else question


def header_text(published_at: datetime | None, title: str) -> str:
    """What the reader sees before the passage: its day and headline."""
    day = f"{published_at.date().isoformat()}. " if published_at else ""
    return f"{day}{title}. "


def _best_spans(
    pair: Encoded,
    text: str,
    known: str,
    starts: Logits,
    ends: Logits,
) -> _Spans:
    """The best legal spans, of different words: in one sentence of the passage, at most 40 tokens.

    A span that only repeats what the question says (`known`) is no answer while there is another
    that is nearly as good.
    """
    repeated = _words(known)
    legal = np.flatnonzero(pair.body[:, 1] > 0)
    if not len(legal):
        return _Spans((), -np.inf, -np.inf)
    body = pair.body[legal]
    start_logits = starts[legal].astype(np.float64)
    end_logits = ends[legal].astype(np.float64)
    scores = start_logits[:, None] + end_logits[None, :]
    allowed = np.triu(np.ones_like(scores, bool))
    allowed &= ~np.triu(np.ones_like(scores, bool), _LONGEST_SPAN_TOKENS)
    allowed &= np.array([not cuts(text, int(at)) for at in body[:, 0]])[:, None]
    allowed &= np.array([not cuts(text, int(at)) for at in body[:, 1]])[None, :]
    borders = [span.end for span in sentence_spans(text)]
    sentence = np.searchsorted(borders, body[:, 0], side="right")
    allowed &= sentence[:, None] == sentence[None, :]
    scores[~allowed] = -np.inf
    most = min(_SPANS_CONSIDERED, int(allowed.sum()))
    if not most:
        return _Spans((), -np.inf, -np.inf)
    best: dict[frozenset[str], _Span] = {}
    for place in np.argpartition(scores, scores.size - most, axis=None)[-most:]:
        first, last = np.unravel_index(int(place), scores.shape)
        start, end = int(body[first, 0]), int(body[last, 1])
        score = float(scores[first, last])
        start, end = completed(text, start, end)
        start, after = _whole(text, (start, end), body, scores, score)
        end = end if _tells_again(text[end:after], repeated) else after
        words = _words(text[start:end])
        shared = words & repeated
        told = shared == words or (len(shared) > 1 and names_again(text[start:end], known))
        score -= _REPEATED if told else 0.0
        if words not in best or score > best[words].score:
            best[words] = _Span(start, end, score)
    return _Spans(
        tuple(sorted(best.values(), key=lambda span: -span.score)[:_SPANS_KEPT]),
        float(np.logaddexp.reduce(start_logits)),
        float(np.logaddexp.reduce(end_logits)),
    )


def _whole(
    text: str,
    span: tuple[int, int],
    body: npt.NDArray[np.int32],
    scores: npt.NDArray[np.float64],
    score: float,
) -> tuple[int, int]:
    """The longest part of the name or amount around a span that the reader likes nearly as well."""
    first, after = enclosing(text, *span)
    if (first, after) == span:
        return span
    rows = np.flatnonzero((body[:, 0] >= first) & (body[:, 0] <= span[0]))
    columns = np.flatnonzero((body[:, 1] <= after) & (body[:, 1] >= span[1]))
    wider = [
        (int(body[row, 0]), int(body[column, 1]))
        for row in rows
        for column in columns
        if scores[row, column] >= score - _NEARLY
    ]
    return max([span, *wider], key=lambda one: one[1] - one[0])


def _tells_again(tail: str, asked: frozenset[str]) -> bool:
    """Whether what a span grew by only repeats the question: "of the White House" where it asks for
    a part of it.
    """
    return tail.startswith(" of ") and _words(tail) - {"of"} <= asked


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold())) - {"a", "an", "the"}


def _normalised(scored: Sequence[tuple[Passage, _Scored]]) -> list[Reading]:
    """Readings whose span probabilities share one normalisation with the null option (logit 0)."""
    start_total = np.logaddexp.reduce([0.0, *(one.spans.start_mass for _, one in scored)])
    end_total = np.logaddexp.reduce([0.0, *(one.spans.end_mass for _, one in scored)])
    readings = []
    for passage, one in scored:
        spans = [
            AnswerSpan(
                text=passage.text[span.start : span.end],
                start=passage.start + span.start,
                end=passage.start + span.end,
                probability=float(np.exp(min(span.score - start_total - end_total, 0.0))),
            )
            for span in one.spans.best
        ]
        best = spans[0] if spans else AnswerSpan("", passage.start, passage.start, 0.0)
        readings.append(
            Reading(
                passage, one.relevance, best.text, best.start, best.end, best.probability,
                tuple(spans[1:]),
            )
        )  # fmt: skip
    return readings
