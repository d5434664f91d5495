"""Training material of the reader: one group of candidate passages for each question.

In: the folder with `*.jsonl.gz` files and `newsdesk-train/`. Out: Groups.
Refuses to know: tokens, models. Passages are cut by the product's own splitter, so the reader
trains on what it will read.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bm25s
import Stemmer

from assistant.answering.reader import header_text, in_context
from assistant.archive.chunking import split_passages
from assistant.retrieval.conversation import resolve
from assistant.types import Turn
from training.dev_questions import question_set, rows_of

CHUNK_TOKENS = 200
_NEGATIVES_DEPTH = 40
_QUIZ_WORDS = 7
_HELD_OUT_EVERY = 20
_DESK = "newsdesk-train"
GENERAL = ("squadshifts-new_wiki", "squadshifts-reddit", "xquad-en", "nq-oracle")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage: `spans` are answer spans in characters of `text`; `relevant` as judged."""

    header: str
    text: str
    spans: tuple[tuple[int, int], ...]
    relevant: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A question with its candidates. `has_spans` is False where a positive has no known span.

    `settling`: the question asks for yes or no, and its spans are the words that settle it, any
    part of which may be marked.
    """

    question: str
    candidates: tuple[Candidate, ...]
    kind: str
    has_spans: bool = True
    settling: bool = False


def general_groups(folder: Path, limit: int, seed: int) -> list[Group]:
    """SQuAD-like questions with a passage that answers; every second one with a wrong one too:
    the rest of a passage that was cut in two, else one that BM25 finds for the question and that
    does not hold the answer's words.
    """
    rng = random.Random(seed)
    groups: list[Group] = []
    for name in GENERAL:
        records = list(_read(folder / f"{name}.jsonl.gz"))
        pool = list({p["text"]: p for r in records for p in r["passages"]}.values())
        hits = _lexical([p["text"] for p in pool], [r["question"] for r in records])
        for record, found in zip(records, hits, strict=True):
            own = {passage["text"] for passage in record["passages"]}
            positives, negatives = _cut_records(record["passages"])
            negatives += [
                _unmarked(candidate)
                for passage in (pool[hit] for hit in found[:10])
                if passage["text"] not in own and not _mentions(passage["text"], record["answers"])
                for part in _cut_records([passage])
                for candidate in part
            ]
            if positives:
                chosen = [rng.choice(positives), *negatives[: len(groups) % 2]]
                groups.append(Group(record["question"], tuple(chosen), "general"))
    rng.shuffle(groups)
    return groups[:limit]


def quiz_groups(folder: Path, seed: int, size: int = 8) -> list[Group]:
    """RealTime QA 2022 to 2024: passages that were judged to give the answer, and hard wrong ones.

    The published spans are string matches, half of them wrong. `questions/quiz.tsv` has, for each
    question, the matches that were read and found right, as `passage.span`, and the passages where
    none of those read is right: they hold the right words about something else.
    """
    rng = random.Random(seed)
    judged = dict(_judged())
    groups = []
    for record in _read(folder / "realtimeqa-2022-2024.jsonl.gz"):
        right, wrong = judged.get(record["id"], ({}, frozenset()))
        if not right:
            continue
        positives, negatives = [], []
        for number, passage in enumerate(record["passages"]):
            if number in right:
                spans = [passage["spans"][span] for span in right[number]]
                positives += _cut_records([passage | {"spans": spans}])[0]
            elif number in wrong or not passage["spans"]:
                negatives += [_unmarked(c) for part in _cut_records([passage]) for c in part]
        negatives = [n for n in negatives if not _asks_it(n.text, record["question"])]
        rng.shuffle(positives)
        rng.shuffle(negatives)
        chosen = positives[:2] + negatives[: size - len(positives[:2])]
        groups.append(Group(record["question"], tuple(chosen), "quiz"))
    return groups


def _judged() -> Iterator[tuple[str, tuple[dict[int, list[int]], frozenset[int]]]]:
    for question, right, wrong in rows_of("quiz.tsv"):
        windows: dict[int, list[int]] = {}
        for window in right.split():
            passage, span = window.split(".")
            windows.setdefault(int(passage), []).append(int(span))
        yield question, (windows, frozenset(int(number) for number in wrong.split()))


def written_groups(folder: Path, seed: int) -> list[Group]:
    """Questions written for this project about passages of the RealTime QA file.

    `questions/written.tsv`: passage (`record/number`), question, start and end of the answer in
    the passage; without the last two, the passage does not say it.
    """
    return _place_groups(folder, rows_of("written.tsv"), seed)


def conversation_groups(folder: Path, seed: int) -> list[Group]:
    """Follow-ups written for this project, as the product asks them of the reader.

    `questions/conversations.tsv`: as written.tsv, then the turns before, question and answer in
    turn. Some are no follow-ups, though taken for one: what was said before is about something
    else.
    """
    rows = []
    for place, question, start, end, *said in rows_of("conversations.tsv"):
        turns = [Turn(*turn) for turn in zip(said[::2], said[1::2], strict=True)]
        resolved = resolve(question, turns)
        rows.append([place, in_context(resolved.core, resolved.context), start, end])
    return _place_groups(folder, rows, seed)


def _place_groups(
    folder: Path, rows: list[list[str]], seed: int, size: int = 4, unanswerable_size: int = 3
) -> list[Group]:
    """A group for each row (place, question, start, end), its passage and what BM25 finds."""
    rng = random.Random(seed)
    groups = []
    for question, own, similar in _asked_of_passages(folder, rows):
        answer = next((own["text"][s["start"] : s["end"]] for s in own["spans"]), "")
        positives, rest = _cut_records([own])
        others = [
            _unmarked(candidate)
            for passage in similar
            if passage["title"] != own["title"]
            and not (answer and _mentions(passage["text"], [answer]))
            for part in _cut_records([passage])
            for candidate in part
        ]
        # Its writer saw one passage: what a search finds first may answer it after all.
        others = others[:8] if answer else others[5:20]
        rng.shuffle(others)
        kept = positives[:1] or rest[:1]
        chosen = kept + others[: (size if answer else unanswerable_size) - len(kept)]
        groups.append(Group(question, tuple(chosen), "written" if answer else "unanswerable"))
    return groups


def polar_groups(folder: Path, seed: int, size: int = 2) -> list[Group]:
    """Yes/no questions written for this project about passages of the RealTime QA file.

    `questions/polar.tsv`: passage (`record/number`), question, verdict, start and end of the words
    that settle it; without the last two the passage settles nothing and the verdict is "none".
    The questions on every twentieth passage are kept out, to measure on.
    """
    rng = random.Random(seed)
    rows = rows_of("polar.tsv")
    kept_out = set(list(dict.fromkeys(row[0] for row in rows))[::_HELD_OUT_EVERY])
    asked = [row for row in rows if row[0] not in kept_out]
    groups = []
    for question, own, similar in _asked_of_passages(folder, asked):
        positives, rest = _cut_records([own])
        # Another passage may settle it too: what a search finds first is left out.
        others = [
            _unmarked(candidate)
            for passage in similar[4:16]
            if passage["title"] != own["title"]
            for part in _cut_records([passage])
            for candidate in part
        ]
        rng.shuffle(others)
        kept = positives[:1] if own["spans"] else rest[:1]
        if kept:
            chosen = kept + others[: size - len(kept)]
            groups.append(Group(question, tuple(chosen), "yesno", settling=True))
    return groups


def _asked_of_passages(
    folder: Path, rows: list[list[str]]
) -> Iterator[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    """For each row (place, question, …, start, end of the words that answer): the question, its
    passage with those words as its spans, and what BM25 finds for it in the whole file.
    """
    records = {r["id"]: r for r in _read(folder / "realtimeqa-2022-2024.jsonl.gz")}
    pool = list({p["text"]: p for r in records.values() for p in r["passages"]}.values())
    found = _lexical([f"{p['title']}\n{p['text']}" for p in pool], [row[1] for row in rows])
    for (place, question, *_, start, end), hits in zip(rows, found, strict=True):
        record, _, number = place.rpartition("/")
        spans = [{"start": int(start), "end": int(end)}] if start else []
        own = records[record]["passages"][int(number)] | {"spans": spans}
        yield question, own, [pool[hit] for hit in hits]


def news_groups(folder: Path, seed: int, size: int = 6) -> list[Group]:
    """The questions of newsdesk-train, with BM25's best wrong passages as negatives."""
    return _desk_groups(folder, list(_read(folder / _DESK / "questions.jsonl")), seed, size)


def desk_groups(folder: Path, seed: int, size: int = 5) -> list[Group]:
    """More questions written for this project about the articles of newsdesk-train.

    `questions/desk.tsv`: as follow-ups.tsv (see training.dev_questions), most without turns before.
    A follow-up is asked with its turns behind it, as the product asks it of the reader.
    """
    texts = {a["url"]: a["text"] for a in _read(folder / _DESK / "articles.jsonl.gz")}
    asked = []
    for question, (url, *_) in zip(question_set("desk", texts), rows_of("desk.tsv"), strict=True):
        turns = [Turn(**turn) for turn in question["history"]]
        resolved = resolve(question["question"], turns)
        asked.append(
            question | {"url": url, "question": in_context(resolved.core, resolved.context)}
        )
    return _desk_groups(folder, asked, seed, size)


# A passage of newsdesk-train: article, start and end in it, header, text.
_Cut = tuple[str, int, int, str, str]


def _cut_article(article: dict[str, Any]) -> list[_Cut]:
    header, text = _header(article), article["text"]
    return [
        (article["url"], start, end, header, text[start:end])
        for start, end in split_passages(text, CHUNK_TOKENS)
    ]


def _desk_groups(
    folder: Path, questions: list[dict[str, Any]], seed: int, size: int
) -> list[Group]:
    rng = random.Random(seed)
    articles = {a["url"]: a for a in _read(folder / _DESK / "articles.jsonl.gz")}
    cut = {url: _cut_article(article) for url, article in articles.items()}
    passages = [passage for own in cut.values() for passage in own]
    found = _lexical([f"{p[3]}\n{p[4]}" for p in passages], [q["question"] for q in questions])
    groups = []
    for question, hits in zip(questions, found, strict=True):
        group = _news_group(question, [passages[hit] for hit in hits], articles, cut, rng, size)
        if group:
            groups.append(group)
    return groups


def _lexical(texts: list[str], asked: list[str]) -> Any:
    """BM25's best texts for each question, best first: [questions, _NEGATIVES_DEPTH] indices."""
    stemmer = Stemmer.Stemmer("english")

    def terms(strings: list[str]) -> Any:
        return bm25s.tokenize(strings, stopwords="en", stemmer=stemmer, show_progress=False)

    index = bm25s.BM25()
    index.index(terms(texts), show_progress=False)
    return index.retrieve(terms(asked), k=_NEGATIVES_DEPTH, show_progress=False)[0]


def _news_group(
    question: dict[str, Any],
    hits: list[_Cut],
    articles: dict[str, dict[str, Any]],
    cut: dict[str, list[_Cut]],
    rng: random.Random,
    size: int,
) -> Group | None:
    """The question with its gold passages and the hardest wrong ones; None where a quote of an
    answerable question is not found. `hits` come best first, `cut` are all passages by article.
    """
    gold = [
        (e["url"], *place)
        for e in question["evidence"]
        if e["url"] in articles and (place := locate(articles[e["url"]]["text"], e["quote"]))
    ]
    if question["answers"] and not gold:
        return None
    shown = [
        passage
        for url in dict.fromkeys(url for url, _, _ in gold)
        for passage in cut[url]
        if any(u == url and passage[1] < b and passage[2] > a for u, a, b in gold)
    ]
    kept = []
    if question["answers"]:
        for url, start, _, header, text in shown:
            quotes = [(a - start, b - start) for u, a, b in gold if u == url]
            spans = answer_spans(text, quotes, question["answers"], question["kind"])
            kept.append(Candidate(header, text, spans, relevant=True))
        rng.shuffle(kept)
        kept = kept[:2]
    negatives = [
        Candidate(header, text, (), relevant=False)
        for *_, header, text in _wrong(question, hits, shown, size)
    ]
    # The hardest wrong passages first, one from further down to keep the easy cases known.
    wrong = negatives[: size - len(kept) - 1] + negatives[10:11]
    chosen = kept + wrong[: size - len(kept)]
    has_spans = not question["answers"] or any(candidate.spans for candidate in kept)
    settling = question["kind"] == "yesno"
    return Group(question["question"], tuple(chosen), question["kind"], has_spans, settling)


def _wrong(question: dict[str, Any], hits: list[_Cut], shown: list[_Cut], size: int) -> list[_Cut]:
    """Passages that do not answer the question, the most tempting first."""
    if question["answers"]:
        return [
            hit for hit in hits if hit not in shown and not _mentions(hit[4], question["answers"])
        ]
    if "url" in question:
        # Its writer saw one article: what a search finds first elsewhere may answer it after all.
        own = [hit for hit in hits if hit[0] == question["url"]][: size - 2]
        return own + [hit for hit in hits if hit[0] != question["url"]][5:]
    # What contradicts a false premise is worth showing, but holds no answer to it.
    contradicts = shown[:2] if question["kind"] == "false_premise" else []
    return contradicts + [hit for hit in hits if hit not in shown]


def answer_spans(
    text: str, quotes: list[tuple[int, int]], answers: list[str], kind: str
) -> tuple[tuple[int, int], ...]:
    """Where an answer stands inside the gold quotes of `text`; for a mere yes or no the quotes."""
    if kind == "yesno" and answers[0].casefold() in {"yes", "no"}:
        return tuple((max(start, 0), min(end, len(text))) for start, end in quotes)
    spans = []
    for start, end in quotes:
        lo, hi = max(start, 0), min(end, len(text))
        for answer in answers:
            place = locate(text[lo:hi], answer, fold_case=True)
            if place:
                spans.append((lo + place[0], lo + place[1]))
    return tuple(dict.fromkeys(spans))


def locate(text: str, wanted: str, *, fold_case: bool = False) -> tuple[int, int] | None:
    """The first place of `wanted` in `text`, white space folded, at word borders; None without.

    Accents may be composed in one and decomposed in the other.
    """
    forms = dict.fromkeys((wanted, *(unicodedata.normalize(f, wanted) for f in ("NFC", "NFD"))))
    for words in (form.split() for form in forms):
        pattern = r"(?<!\w)" + r"\s+".join(re.escape(word) for word in words) + r"(?!\w)"
        match = re.search(pattern, text, re.IGNORECASE if fold_case else 0) if words else None
        if match:
            return match.span()
    return None


def _asks_it(text: str, question: str) -> bool:
    """Whether the passage is the quiz itself: its "answer" is one option among others."""
    opening = " ".join(re.findall(r"\w+", question.casefold())[:_QUIZ_WORDS])
    return opening in " ".join(re.findall(r"\w+", text.casefold()))


def _mentions(text: str, answers: list[str]) -> bool:
    return any(len(a) > 3 and locate(text, a, fold_case=True) for a in answers)


def _cut_records(passages: list[dict[str, Any]]) -> tuple[list[Candidate], list[Candidate]]:
    """Recorded passages cut to reading size: those that hold a span, and those that do not."""
    positives, negatives = [], []
    for passage in passages:
        for start, end in split_passages(passage["text"], CHUNK_TOKENS):
            spans = tuple(
                (s["start"] - start, s["end"] - start)
                for s in passage["spans"]
                if s["start"] >= start and s["end"] <= end
            )
            header = header_text(None, passage["title"].replace("_", " "))
            made = Candidate(header, passage["text"][start:end], spans, bool(spans))
            (positives if spans else negatives).append(made)
    return positives, negatives


def _unmarked(candidate: Candidate) -> Candidate:
    return Candidate(candidate.header, candidate.text, (), relevant=False)


def _header(article: dict[str, Any]) -> str:
    stamp = article["published_at"]
    when = datetime.fromisoformat(stamp).replace(tzinfo=UTC) if stamp else None
    return header_text(when, article["title"])


def _read(path: Path) -> Iterator[dict[str, Any]]:
    opening = gzip.open if path.suffix == ".gz" else open
    with opening(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
