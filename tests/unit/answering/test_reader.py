"""The reader's own arithmetic, and the shipped model on plain questions."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import numpy as np
import pytest

from assistant.answering.reader import (
    Encoded,
    OnnxReader,
    ReaderConfig,
    _best_spans,
    _exact_by_itself,
    answerability_features,
    header_text,
)
from assistant.archive.embedding import sha256_of
from assistant.errors import ModelError
from assistant.types import Article, Passage
from tests.conftest import article, day


def passage(source: Article) -> Passage:
    return Passage(
        source.id, source.id, source.url, source.title, source.text, 0, len(source.text),
        published_at=source.published_at,
    )  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> OnnxReader:
    return OnnxReader(threads=1, budget_s=30)


def test_reads_the_answer_where_it_stands(reader: OnnxReader) -> None:
    right, wrong = article(7), article(8, title="Weather", text="It rained all day in Odeville.")
    readings = reader.read(
        "How much would the plan in Marlow cost?", [passage(wrong), passage(right)]
    )
    assert readings[1].relevance > readings[0].relevance
    assert "7 million" in readings[1].text
    for reading in readings:
        assert reading.passage.text[reading.start : reading.end] == reading.text
        assert 0 <= reading.probability <= 1
    assert sum(reading.probability for reading in readings) <= 1 + 1e-6
    assert 0 <= reader.answerability(readings) <= 1


def test_the_order_of_passages_does_not_matter(reader: OnnxReader) -> None:
    passages = [passage(article(n)) for n in range(1, 12)]
    forward = reader.read("Who is the mayor of Marlow?", passages)
    backward = reader.read("Who is the mayor of Marlow?", passages[::-1])
    assert [r.relevance for r in forward] == [r.relevance for r in backward[::-1]]


def test_a_used_up_budget_leaves_the_last_unread() -> None:
    hasty = OnnxReader(threads=1, budget_s=1e-9)
    passages = [passage(article(n)) for n in range(1, 31)]
    readings = hasty.read("Who is the mayor?", passages)
    assert 0 < len(readings) < len(passages)
    assert [r.passage.id for r in readings] == [p.id for p in passages[: len(readings)]]


def test_odd_input(reader: OnnxReader) -> None:
    assert reader.read("Who?", []) == []
    assert reader.answerability([]) == 0.0
    long = passage(article(1, text="word " * 3_000, title="t " * 400))
    assert len(reader.read("why " * 400, [long])) == 1
    page = passage(article(1, text="The mayor is Ada Finch.", title="大" * 1_000))
    assert reader.read("Who is the mayor?", [page])[0].text == "Ada Finch"


def test_the_fast_kernels_are_exact_where_they_are_used(
    reader: OnnxReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not _exact_by_itself():
        pytest.skip("they are not used on this processor")
    monkeypatch.setattr("assistant.answering.reader._exact_by_itself", lambda: False)
    passages = [passage(article(7)), passage(article(8, text="It rained all day in Odeville."))]
    exact = OnnxReader(threads=1, budget_s=30).read("Who ended the strike?", passages)
    for one, other in zip(exact, reader.read("Who ended the strike?", passages), strict=True):
        assert one.text == other.text
        assert one.relevance == pytest.approx(other.relevance, abs=0.1)


def test_header() -> None:
    assert header_text(day("2024-05-14"), "Vote") == "2024-05-14. Vote. "
    assert header_text(None, "Vote") == "Vote. "


def test_features_are_finite(reader: OnnxReader) -> None:
    readings = reader.read("Who is the mayor?", [passage(article(1))])
    assert np.isfinite(list(answerability_features(readings).values())).all()


def test_the_shipped_model_is_the_described_one() -> None:
    folder = files("assistant.answering") / "models"
    described = json.loads((folder / "reader.json").read_text("utf-8"))
    assert described["sha256"] == sha256_of(folder / "reader.onnx")  # type: ignore[arg-type]


def test_a_broken_description_is_a_model_error() -> None:
    with pytest.raises(ModelError, match=r"reader\.json"):
        ReaderConfig.load('{"max_tokens": 3}')


def spans(text: str, known: str, start: str, end: str) -> str:
    """The span chosen where the logits favour a start and an end word, each token one word."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    body = np.array(words, np.int32)
    pair = Encoded([0] * len(words), [1] * len(words), body)
    starts, ends = (np.full(len(words), -9.0, np.float32) for _ in range(2))
    for logits, favoured in ((starts, start), (ends, end)):
        for number, (a, b) in enumerate(words):
            place = favoured.split("|").index(text[a:b]) if text[a:b] in favoured.split("|") else -1
            if place >= 0:
                logits[number] = 5.0 - place
    scored = _best_spans(pair, text, known, starts, ends)
    return text[scored.best[0].start : scored.best[0].end]


def test_the_longer_form_of_a_name_in_the_question_is_no_answer() -> None:
    text = "The Ada Finch Marlow Bridge fell. Dunford hit it."
    asked = "What hit the Marlow Bridge?"
    assert spans(text, asked, "Ada|Dunford", "Bridge|Dunford") == "Dunford"
    assert spans(text, "", "Ada|Dunford", "Bridge|Dunford") == "Ada Finch Marlow Bridge"


def test_a_name_does_not_grow_by_what_the_question_says() -> None:
    text = "Crews tore down the East Wing of the Marlow Palace on Monday."
    long, short = "East Wing of the Marlow Palace", "East Wing"
    favoured = "Wing|Palace"
    assert spans(text, "What was torn down?", "East|the", favoured).startswith(long)
    assert spans(text, "Which part of the Marlow Palace fell?", "East|the", favoured) == short


def test_a_span_stays_inside_its_sentence() -> None:
    text = "The toll is 66. Another 31 are missing today."
    assert spans(text, "", "66.|Another", "31") == "Another 31"


def test_words_of_the_question_are_no_answer_while_there_is_another() -> None:
    text = "Dunford lost on Sunday. Marlow won by two goals."
    known = "Who beat Dunford?"
    assert spans(text, known, "Dunford|Marlow", "Dunford|Marlow") == "Marlow"
    assert spans(text, "", "Dunford|Marlow", "Dunford|Marlow") == "Dunford"
