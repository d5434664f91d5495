"""Published question sets, each in the form it is published in."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from assistant.errors import SourceError
from assistant.evaluation.corpora import set_articles
from assistant.evaluation.gold import locate_gold
from assistant.evaluation.questions import Evidence, read_questions

CONTEXT = "The harbour opened in 1911. Mayor Ada Finch cut the ribbon. It rained."


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def squad(**changes: object) -> dict[str, object]:
    answerable = {
        "id": "s1",
        "question": "Who cut the ribbon?",
        "answers": [{"text": "Ada Finch", "answer_start": CONTEXT.index("Ada Finch")}],
    }
    impossible = {"id": "s2", "question": "Who paid?", "answers": [], "is_impossible": True}
    paragraph = {"context": CONTEXT, "qas": [answerable | changes, impossible]}
    return {"version": "v2.0", "data": [{"title": "Old_Harbour", "paragraphs": [paragraph]}]}


def test_squad(tmp_path: Path) -> None:
    path = write(tmp_path / "dev.json", squad())
    first, second = read_questions(path)
    assert (first.id, first.kind, first.answers) == ("s1", "factoid", ("Ada Finch",))
    assert first.evidence == (Evidence("squad:Old_Harbour#0", "Mayor Ada Finch cut the ribbon."),)
    assert (second.kind, second.answers, second.evidence) == ("unanswerable", (), ())
    articles = {one.url: one for one in set_articles(path)}
    assert articles["squad:Old_Harbour#0"].title == "Old Harbour"
    assert all(quote.places for quote in locate_gold(first, articles.get))


def test_squad_with_a_wrong_offset_is_named(tmp_path: Path) -> None:
    wrong = squad(answers=[{"text": "Ada Finch", "answer_start": 0}])
    with pytest.raises(SourceError, match=r"dev\.json.*qas\[0\].*answer_start"):
        read_questions(write(tmp_path / "dev.json", wrong))


def test_broken_json_is_named_by_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"dev\.json:2"):
        read_questions(write(tmp_path / "dev.json", '{"data":\n oops}'))


def test_realtime_qa(tmp_path: Path) -> None:
    line = {
        "question_id": "20220617_0",
        "question_date": "2022/06/17",
        "question_source": "CNN",
        "question_url": "https://example.org",
        "question_sentence": "Which harbour opened?",
        "choices": ["Old Harbour", "New Harbour"],
        "answer": ["1"],
        "evidence": "",
    }
    (question,) = read_questions(write(tmp_path / "20220617_qa.jsonl", line))
    assert question.answers == ("New Harbour",)
    assert question.asked_on == date(2022, 6, 17)
    with pytest.raises(SourceError, match=r"qa\.jsonl:1.*number of a choice"):
        read_questions(write(tmp_path / "qa.jsonl", line | {"answer": ["7"]}))


def test_multihop_rag(tmp_path: Path) -> None:
    fact = {"url": "https://example.org/1", "fact": "It rained.", "title": "t", "source": "s"}
    rows = [
        {"query": "Did it rain?", "answer": "Yes", "question_type": "comparison_query",
         "evidence_list": [fact]},
        {"query": "Why?", "answer": "Insufficient information.", "question_type": "null_query",
         "evidence_list": []},
    ]  # fmt: skip
    first, second = read_questions(write(tmp_path / "MultiHopRAG.json", rows))
    assert (first.kind, first.evidence) == ("comparison", (Evidence(fact["url"], "It rained."),))
    assert (second.kind, second.answers) == ("unanswerable", ())
    body = {"url": fact["url"], "title": "t", "body": CONTEXT, "source": "Gazette",
            "author": "Ada", "published_at": "2023-11-24T17:01:22+00:00"}  # fmt: skip
    (article,) = set_articles(write(tmp_path / "corpus.json", [body]))
    assert (article.publisher, article.authors) == ("Gazette", ("Ada",))
    assert article.published_at is not None


def test_beir(tmp_path: Path) -> None:
    write(tmp_path / "corpus.jsonl", {"_id": "d1", "title": "Harbour", "text": CONTEXT})
    queries = [{"_id": "1", "text": "harbour"}, {"_id": "2", "text": "unjudged"}]
    write(tmp_path / "queries.jsonl", "\n".join(map(json.dumps, queries)))
    write(tmp_path / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\n1\td1\t1\n1\td2\t0\n")
    (question,) = read_questions(tmp_path)
    assert question.evidence == (Evidence("beir:d1"),)
    assert question.retrieval_only
    assert [one.url for one in set_articles(tmp_path)] == ["beir:d1"]
    write(tmp_path / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\n1\td1\tgood\n")
    with pytest.raises(SourceError, match=r"test\.tsv:2"):
        read_questions(tmp_path)


TOPICS = """<top>
<num> Number: 301
<title> International
harbour works
<desc> Description:
Anything.
</top>
"""


def test_trec(tmp_path: Path) -> None:
    topics = write(tmp_path / "topics.301", TOPICS)
    qrels = write(tmp_path / "qrels.txt", "301 0 DOC-1 2\n301 0 DOC-2 0\n302 0 DOC-3 1\n")
    (question,) = read_questions(tmp_path)
    assert (question.id, question.question) == ("301", "International harbour works")
    assert question.evidence == (Evidence("DOC-1"),)
    assert read_questions(topics, qrels=qrels) == [question]
    tabbed = write(tmp_path / "t.tsv", "301\tInternational harbour works\n")
    assert read_questions(tabbed, qrels=qrels) == [question]
    with pytest.raises(SourceError, match="--qrels"):
        read_questions(tabbed)
    with pytest.raises(SourceError, match=r"t\.tsv:1"):
        read_questions(write(tabbed, "no tab"), qrels=qrels)
