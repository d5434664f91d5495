"""Published question sets, read as they are published.

In: a file or folder. Out: (where, Question) pairs, where being file:line or the nearest there is.
Refuses to know: archives, answers, scores.

| set | recognised by | evidence |
|---|---|---|
| our own JSON Lines | `question` | article url and quote |
| RealTime QA (Kasai et al. 2023) | `question_sentence` | none |
| SQuAD v1.1 and v2.0 | a JSON object with `data` | the sentence of the answer, in `squad:TITLE#N` |
| MultiHop-RAG (Tang and Yang 2024) | a JSON list with `query` | article url and fact |
| BEIR (Thakur et al. 2021) | a folder with `queries.jsonl` | whole documents |
| TREC | topics and a qrels file | whole documents |

SQuAD's paragraphs and BEIR's documents have no url of their own: `set_articles` in corpora.py gives
them as articles whose urls match.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from assistant.errors import SourceError
from assistant.evaluation.questions import (
    Evidence,
    Question,
    json_lines,
    own_question,
    text_field,
    text_list,
)
from assistant.sentences import enclosing_sentences

Records = Iterator[tuple[str, Question]]

# The judgment from which a document counts as relevant; BEIR and TREC call 0 not relevant.
_RELEVANT = 1
_QRELS_ORDER = ("test", "dev", "train")
_NO_ANSWER = "insufficient information"
_TOPIC = re.compile(r"<top>(.*?)</top>", re.DOTALL | re.IGNORECASE)
_NUMBER = re.compile(r"<num>\s*(?:Number:)?\s*(\S+)", re.IGNORECASE)
_TITLE = re.compile(r"<title>\s*(?:Topic:)?\s*(.*?)\s*(?=<|\Z)", re.DOTALL | re.IGNORECASE)


def records(place: Path, qrels: Path | None = None) -> Records:
    """The questions at `place` with where each stands; the format is found by looking.

    Raises SourceError for what is wrong, naming file and line, and for an unknown format.
    """
    if place.is_dir():
        return _folder(place, qrels)
    if qrels or place.suffix in (".tsv", ".topics", ".xml", ".txt"):
        return _trec(place, qrels)
    if place.suffix == ".json":
        return _json_file(place)
    return _lines(place)


def _lines(path: Path) -> Records:
    for where, fields in json_lines(path):
        if "question_sentence" in fields:
            yield where, _realtime_question(fields, where)
        else:
            yield where, own_question(fields, where)


def _realtime_question(fields: Mapping[str, Any], where: str) -> Question:
    """`answer` holds indices into `choices` (from 0), or the answer itself where there are none."""
    choices = text_list(fields, "choices", where)
    given = fields.get("answer")
    marks = [str(mark) for mark in (given if isinstance(given, list) else [given])]
    answers: list[str] = []
    for mark in marks:
        if choices and mark.isdigit() and int(mark) < len(choices):
            answers.append(choices[int(mark)])
        elif choices or not mark.strip():
            raise SourceError(f"{where}: answer {mark!r:.80} is not the number of a choice.")
        else:
            answers.append(mark)
    return Question(
        id=text_field(fields, "question_id", where),
        kind="quiz",
        question=text_field(fields, "question_sentence", where),
        answers=tuple(dict.fromkeys(answers)),
        asked_on=_slashed_day(fields.get("question_date"), where),
        choices=choices,
    )


def _slashed_day(value: Any, where: str) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value).replace("/", "-")[:10])
    except ValueError:
        raise SourceError(
            f"{where}: question_date must be YYYY/MM/DD (got {value!r:.80})."
        ) from None


def _json_file(path: Path) -> Records:
    content = read_json(path)
    if isinstance(content, dict) and isinstance(content.get("data"), list):
        yield from _squad(content["data"], path)
    elif isinstance(content, list):
        yield from _multihop(content, path)
    else:
        raise SourceError(
            f"{path}: neither SQuAD (an object with data) nor MultiHop-RAG (a list of queries). "
            "Put one question on a line of a .jsonl file."
        )


def read_json(path: Path) -> Any:
    """The content of a JSON file; SourceError names the line that is wrong."""
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise SourceError(f"{path}:{error.lineno}: not JSON ({error.msg}).") from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"{path}: cannot be read ({error}). Check the path and file.") from error


def squad_paragraphs(data: list[Any], path: Path) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(url, title, paragraph) for each paragraph: the url is `squad:TITLE#N`, N from 0."""
    for at, article in enumerate(data):
        where = f"{path}: data[{at}]"
        paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            raise SourceError(f"{where}: paragraphs must be a list. Is this a SQuAD file?")
        title = str(article.get("title") or at)
        for number, paragraph in enumerate(paragraphs):
            if not isinstance(paragraph, dict):
                raise SourceError(f"{where}.paragraphs[{number}]: must be an object.")
            text_field(paragraph, "context", f"{where}.paragraphs[{number}]")
            yield f"squad:{title}#{number}", title, paragraph


def _squad(data: list[Any], path: Path) -> Records:
    for url, _, paragraph in squad_paragraphs(data, path):
        for number, fields in enumerate(_objects(paragraph.get("qas"), f"{path}: {url}: qas")):
            where = f"{path}: {url}: qas[{number}]"
            impossible = bool(fields.get("is_impossible"))
            given = [] if impossible else _objects(fields.get("answers"), f"{where}.answers")
            answers = [text_field(one, "text", where) for one in given]
            yield (
                where,
                Question(
                    id=text_field(fields, "id", where),
                    kind="unanswerable" if impossible else "factoid",
                    question=text_field(fields, "question", where),
                    answers=tuple(dict.fromkeys(answers)),
                    evidence=_squad_evidence(url, paragraph["context"], given, where),
                ),
            )


def _squad_evidence(
    url: str, context: str, answers: list[Mapping[str, Any]], where: str
) -> tuple[Evidence, ...]:
    """The sentence around the first answer."""
    if not answers:
        return ()
    start, text = answers[0].get("answer_start"), answers[0]["text"]
    if not isinstance(start, int) or context[start : start + len(text)] != text:
        raise SourceError(f"{where}: answer_start does not point at the answer in its context.")
    span = enclosing_sentences(context, start, start + len(text))
    return (Evidence(url, context[span.start : span.end]),)


def _multihop(content: list[Any], path: Path) -> Records:
    for number, fields in enumerate(_objects(content, str(path))):
        where = f"{path}: [{number}]"
        answer = text_field(fields, "answer", where)
        unknown = answer.strip(" .").casefold() == _NO_ANSWER
        facts = _objects(fields.get("evidence_list"), f"{where}.evidence_list")
        yield (
            where,
            Question(
                id=str(fields.get("id", f"mh-{number}")),
                kind="unanswerable"
                if unknown
                else str(fields.get("question_type", "question")).removesuffix("_query"),
                question=text_field(fields, "query", where),
                answers=() if unknown else (answer,),
                evidence=tuple(
                    Evidence(text_field(fact, "url", where), text_field(fact, "fact", where))
                    for fact in facts
                ),
            ),
        )


def _objects(value: Any, where: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise SourceError(f"{where}: must be a list of objects.")
    return value


def _folder(place: Path, qrels: Path | None) -> Records:
    if (place / "queries.jsonl").exists():
        return _beir(place, qrels)
    topics = sorted(p for p in place.iterdir() if p.name.startswith("topics"))
    judged = sorted(p for p in place.iterdir() if p.name.startswith("qrels") and p.is_file())
    if len(topics) == 1 and (qrels or len(judged) == 1):
        return _trec(topics[0], qrels or judged[0])
    raise SourceError(
        f"{place}: neither a BEIR folder (queries.jsonl) nor one TREC topics file with its qrels. "
        "Name the file, and its qrels with --qrels."
    )


def _beir(place: Path, qrels: Path | None) -> Records:
    named = [place / "qrels" / f"{name}.tsv" for name in _QRELS_ORDER]
    judged = qrels or next((path for path in named if path.exists()), None)
    if judged is None:
        raise SourceError(
            f"{place}/qrels: no test.tsv, dev.tsv or train.tsv. Name one with --qrels."
        )
    relevant = _read_qrels(judged)
    urls = {
        text_field(fields, "_id", where): beir_url(fields)
        for where, fields in json_lines(place / "corpus.jsonl")
    }
    for where, fields in json_lines(place / "queries.jsonl"):
        name = text_field(fields, "_id", where)
        if name in relevant:
            unknown = [one for one in relevant[name] if one not in urls]
            if unknown:
                raise SourceError(f"{judged}: document {unknown[0]!r} is not in corpus.jsonl.")
            evidence = tuple(Evidence(urls[one]) for one in relevant[name])
            yield where, _retrieval_question(name, text_field(fields, "text", where), evidence)


def beir_url(fields: Mapping[str, Any]) -> str:
    """A document's url: its metadata's, else `beir:ID`."""
    metadata = fields.get("metadata")
    url = metadata.get("url") if isinstance(metadata, dict) else None
    return str(url) if url else f"beir:{fields['_id']}"


def _trec(topics: Path, qrels: Path | None) -> Records:
    """Topics in TREC's tagged text or as `number<tab>words`; only judged topics are asked."""
    if qrels is None:
        raise SourceError(f"{topics}: TREC topics need their judgments. Name them with --qrels.")
    relevant = _read_qrels(qrels)
    for where, name, words in _topics(topics):
        if name in relevant:
            evidence = tuple(Evidence(document) for document in relevant[name])
            yield where, _retrieval_question(name, words, evidence)


def _topics(path: Path) -> Iterator[tuple[str, str, str]]:
    text = _read_text(path)
    tagged = list(_TOPIC.finditer(text))
    for match in tagged:
        where = f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
        number, title = _NUMBER.search(match[1]), _TITLE.search(match[1])
        if not number or not title or not title[1]:
            raise SourceError(f"{where}: a topic needs <num> and <title>.")
        yield where, number[1].split("<")[0], " ".join(title[1].split())
    for at, line in enumerate(() if tagged else text.splitlines(), 1):
        if line.strip():
            name, tab, words = line.partition("\t")
            if not tab or not words.strip():
                raise SourceError(f"{path}:{at}: a topic line is NUMBER, a tab, the words.")
            yield f"{path}:{at}", name.strip(), words.strip()


def _retrieval_question(name: str, words: str, evidence: tuple[Evidence, ...]) -> Question:
    return Question(id=name, kind="retrieval", question=words, evidence=evidence)


def _read_qrels(path: Path) -> dict[str, list[str]]:
    """Relevant documents of each topic that has any: TREC's four columns or BEIR's three."""
    relevant: dict[str, list[str]] = {}
    for number, line in enumerate(_read_text(path).splitlines(), 1):
        parts = line.split()
        if not parts or (number == 1 and parts[0] in ("query-id", "qid")):
            continue
        pick: Callable[[list[str]], tuple[str, str, str]] | None = {
            3: lambda p: (p[0], p[1], p[2]),
            4: lambda p: (p[0], p[2], p[3]),
        }.get(len(parts))
        try:
            topic, document, grade = pick(parts) if pick else ("", "", "not a number")
            judged = int(grade)
        except ValueError:
            raise SourceError(
                f"{path}:{number}: not a judgment: topic 0 document grade, or query-id corpus-id "
                "score."
            ) from None
        if judged >= _RELEVANT:
            relevant.setdefault(topic, []).append(document)
    return relevant


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read ({error}). Check the path and file.") from error
