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
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from assistant.archive.embedding import cpu_threads, minilm_folder
from assistant.errors import ModelError
from assistant.sentences import sentence_spans
from assistant.types import Passage, Reading

Logits = npt.NDArray[np.float32]

_BATCH = 8
_LONGEST_SPAN_TOKENS = 40
_SPANS_CONSIDERED = 20
# Log-odds taken from a span that only repeats the question (docs/decisions.md).
_REPEATED = 3.0
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
    sha256: str

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
                sha256=fields["sha256"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"reader.json is not usable ({error!r}). Reinstall the package."
            ) from error


class OnnxReader:
    """Runs reader.onnx. One reader may serve several threads."""

    def __init__(self, *, threads: int = 0, budget_s: float = 2.0) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        folder = files("assistant.answering") / "models"
        self.config = ReaderConfig.load((folder / "reader.json").read_text("utf-8"))
        self._budget_s = budget_s
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cpu_threads(threads)
        options.log_severity_level = 3
        model = (folder / "reader.onnx").read_bytes()
        self._session: Any = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """A Reading for each passage read, in the order given.

        Passages are read in batches from the first on; when the time budget is used up after a
        batch, the rest stays unread.
        """
        deadline = time.monotonic() + self._budget_s
        asked = self._tokenizer.encode(question, add_special_tokens=False).ids
        asked = asked[: self.config.max_question_tokens]
        known = frozenset() if _ALTERNATIVES.search(question) else _words(question)
        spans: list[tuple[Passage, _Scored]] = []
        for first in range(0, len(passages), _BATCH):
            batch = passages[first : first + _BATCH]
            spans += zip(batch, self._score(asked, batch, known), strict=True)
            if time.monotonic() > deadline:
                break
        return _normalised(spans)

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
        ).ids
        text = self._tokenizer.encode(passage.text, add_special_tokens=False)
        lead = [cls, *question, sep]
        room = self.config.max_tokens - len(lead) - len(header) - 1
        kept = text.ids[: max(room, 0)]
        ids = [*lead, *header, *kept, sep]
        body = np.full((len(ids), 2), -1, np.int32)
        at = len(lead) + len(header)
        body[at : at + len(kept)] = np.array(text.offsets[: len(kept)], np.int32).reshape(-1, 2)
        return Encoded(ids, [0] * len(lead) + [1] * (len(ids) - len(lead)), body)

    def _score(
        self, question: list[int], passages: Sequence[Passage], known: frozenset[str]
    ) -> list[_Scored]:
        encoded = [self._encode(question, passage) for passage in passages]
        width = max(len(pair.ids) for pair in encoded)
        ids = np.zeros((len(encoded), width), np.int64)
        types, mask = np.zeros_like(ids), np.zeros_like(ids)
        for row, pair in enumerate(encoded):
            ids[row, : len(pair.ids)] = pair.ids
            types[row, : len(pair.ids)] = pair.types
            mask[row, : len(pair.ids)] = 1
        relevance, starts, ends = self._session.run(
            ["relevance", "start", "end"],
            {"input_ids": ids, "attention_mask": mask, "token_type_ids": types},
        )
        return [
            _best_span(pair, passage.text, known, float(relevance[row]), starts[row], ends[row])
            for row, (pair, passage) in enumerate(zip(encoded, passages, strict=True))
        ]


class _Scored(NamedTuple):
    """One passage's outcome: its best span in characters and the mass of all its spans."""

    relevance: float
    start: int
    end: int
    score: float
    start_mass: float
    end_mass: float


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


def header_text(published_at: datetime | None, title: str) -> str:
    """What the reader sees before the passage: its day and headline."""
    day = f"{published_at.date().isoformat()}. " if published_at else ""
    return f"{day}{title}. "


def _best_span(
    pair: Encoded,
    text: str,
    known: frozenset[str],
    relevance: float,
    starts: Logits,
    ends: Logits,
) -> _Scored:
    """The best legal span: inside one sentence of the passage, at most 40 tokens.

    A span that only repeats words of the question (`known`) is no answer while there is another
    that is nearly as good.
    """
    legal = np.flatnonzero(pair.body[:, 1] > 0)
    if not len(legal):
        return _Scored(relevance, 0, 0, -np.inf, -np.inf, -np.inf)
    start_logits = starts[legal].astype(np.float64)
    end_logits = ends[legal].astype(np.float64)
    scores = start_logits[:, None] + end_logits[None, :]
    allowed = np.triu(np.ones_like(scores, bool))
    allowed &= ~np.triu(np.ones_like(scores, bool), _LONGEST_SPAN_TOKENS)
    borders = [span.end for span in sentence_spans(text)]
    sentence = np.searchsorted(borders, pair.body[legal, 0], side="right")
    allowed &= sentence[:, None] == sentence[None, :]
    scores[~allowed] = -np.inf
    most = min(_SPANS_CONSIDERED, scores.size)
    order = np.argpartition(scores, scores.size - most, axis=None)[-most:]
    ranked = [np.unravel_index(int(one), scores.shape) for one in order]

    def worth(place: tuple[Any, ...]) -> float:
        first, last = place
        words = _words(text[pair.body[legal[first], 0] : pair.body[legal[last], 1]])
        return float(scores[place]) - (_REPEATED if words <= known else 0.0)

    first, last = max(ranked, key=worth)
    return _Scored(
        relevance,
        int(pair.body[legal[first], 0]),
        int(pair.body[legal[last], 1]),
        worth((first, last)),
        float(np.logaddexp.reduce(start_logits)),
        float(np.logaddexp.reduce(end_logits)),
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold())) - {"a", "an", "the"}


def _normalised(spans: Sequence[tuple[Passage, _Scored]]) -> list[Reading]:
    """Readings whose span probabilities share one normalisation with the null option (logit 0)."""
    if not spans:
        return []
    start_total = np.logaddexp.reduce([0.0, *(scored.start_mass for _, scored in spans)])
    end_total = np.logaddexp.reduce([0.0, *(scored.end_mass for _, scored in spans)])
    return [
        Reading(
            passage=passage,
            relevance=scored.relevance,
            text=passage.text[scored.start : scored.end],
            start=passage.start + scored.start,
            end=passage.start + scored.end,
            probability=float(np.exp(min(scored.score - start_total - end_total, 0.0))),
        )
        for passage, scored in spans
    ]
