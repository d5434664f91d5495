"""Question sets: a file in, checked questions out, in the order of the file.

In: JSON Lines of our own, or a published format (formats.py). Out: `Question`.
Refuses to know: archives, answers, scores. A wrong line raises SourceError with file and line.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from assistant.errors import SourceError
from assistant.types import Turn

_FIELDS = (
    "id",
    "kind",
    "question",
    "answers",
    "evidence",
    "asked_on",
    "history",
    "note",
    "choices",
)


class Evidence(NamedTuple):
    """Where the answer is: `url` names the article, `quote` the words; "" is the whole article."""

    url: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question with what is known to be right.

    `answers`: any of them is right; empty where the right move is to abstain. `asked_on` is the
    day as of which it is asked, `history` the conversation before it, oldest first.
    """

    id: str
    kind: str
    question: str
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    asked_on: date | None = None
    history: tuple[Turn, ...] = ()
    note: str = ""
    choices: tuple[str, ...] = ()

    @property
    def retrieval_only(self) -> bool:
        """Whether only articles are judged (BEIR, TREC), so that no answer is known, or none."""
        return not self.answers and bool(self.evidence) and not any(e.quote for e in self.evidence)

    def to_json(self) -> dict[str, Any]:
        """The fields as our own format has them."""
        return {
            "id": self.id,
            "kind": self.kind,
            "question": self.question,
            "answers": list(self.answers),
            "evidence": [{"url": one.url, "quote": one.quote} for one in self.evidence],
            "asked_on": self.asked_on.isoformat() if self.asked_on else None,
            "history": [{"question": t.question, "answer": t.answer} for t in self.history],
            "note": self.note,
            "choices": list(self.choices),
        }


def read_questions(path: Path | str, *, qrels: Path | str | None = None) -> list[Question]:
    """The questions of a file or folder, in its order; the format is found by looking at it.

    JSON Lines (also .gz) of our own or of RealTime QA; .json of SQuAD or MultiHop-RAG; a BEIR
    folder; TREC topics with their `qrels`, or a folder that holds both. Raises SourceError naming
    file and line for what is wrong, an id given twice, and a set without questions.
    """
    from assistant.evaluation.formats import records  # here: formats builds on this module

    place = Path(path)
    if not place.exists():
        raise SourceError(f"There is no question set at {place}. Check the path.")
    found: list[Question] = []
    first_at: dict[str, str] = {}
    for where, question in records(place, Path(qrels) if qrels else None):
        if question.id in first_at:
            raise SourceError(
                f"{where}: the id {question.id!r} is taken already, at {first_at[question.id]}. "
                "Give every question an id of its own."
            )
        first_at[question.id] = where
        found.append(question)
    if not found:
        raise SourceError(f"{place} holds no questions. Each line must be a JSON object.")
    return found


def select_questions(
    questions: Sequence[Question],
    *,
    kinds: Iterable[str] = (),
    limit: int | None = None,
    sample: int | None = None,
    seed: int = 0,
) -> list[Question]:
    """Of these `kinds` (empty: all), `sample` drawn with `seed`, the first `limit` of them.

    The order of the set is kept, so the same arguments give the same list. Raises SourceError for
    a kind that the set does not have and for a number below 1.
    """
    for name, number in (("limit", limit), ("sample", sample)):
        if number is not None and number < 1:
            raise SourceError(f"--{name} must be 1 or more (got {number}).")
    wanted = set(kinds)
    known = {question.kind for question in questions}
    if wanted - known:
        raise SourceError(
            f"No question is of kind {', '.join(sorted(wanted - known))}. "
            f"Kinds of this set: {', '.join(sorted(known))}."
        )
    chosen = [one for one in questions if not wanted or one.kind in wanted]
    if sample is not None and sample < len(chosen):
        picked = random.Random(seed).sample(range(len(chosen)), sample)
        chosen = [chosen[at] for at in sorted(picked)]
    return chosen[:limit]


def json_lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """("file:line", object) for each line that is not blank; `.gz` is unpacked."""
    opened: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opened(path, "rt", encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield f"{path}:{number}", _json_object(line, f"{path}:{number}")
    except (OSError, EOFError) as error:
        raise SourceError(f"{path}: cannot be read ({error}). Check the path and file.") from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}:{number + 1}: not UTF-8 ({error.reason}). Save the file as UTF-8."
        ) from error


def own_question(fields: Mapping[str, Any], where: str) -> Question:
    """A question from the fields of our own format; unknown fields are errors."""
    unknown = sorted(set(fields) - set(_FIELDS))
    if unknown:
        raise SourceError(
            f"{where}: unknown field {', '.join(unknown)}. Known fields: {', '.join(_FIELDS)}."
        )
    return Question(
        id=text_field(fields, "id", where),
        kind=text_field(fields, "kind", where) if "kind" in fields else "question",
        question=text_field(fields, "question", where),
        answers=text_list(fields, "answers", where),
        evidence=tuple(_evidence(one, where) for one in _list(fields, "evidence", where)),
        asked_on=day_field(fields, "asked_on", where),
        history=tuple(_turn(one, where) for one in _list(fields, "history", where)),
        note=_optional_text(fields, "note", where),
        choices=text_list(fields, "choices", where),
    )


def text_field(fields: Mapping[str, Any], name: str, where: str) -> str:
    """A text that must be there and not be blank; a number is taken as its text."""
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise SourceError(f"{where}: {name} must be a text that is not empty (got {value!r:.80}).")
    return value


def text_list(fields: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    """A list of texts, empty where the field is missing or null."""
    values = _list(fields, name, where)
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise SourceError(f"{where}: {name} must be a list of texts (got {values!r:.80}).")
    return tuple(values)


def day_field(fields: Mapping[str, Any], name: str, where: str) -> date | None:
    """An ISO date, None where the field is missing, null or ""."""
    value = fields.get(name)
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise SourceError(
            f"{where}: {name} must be a date YYYY-MM-DD (got {value!r:.80})."
        ) from None


def _optional_text(fields: Mapping[str, Any], name: str, where: str) -> str:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise SourceError(f"{where}: {name} must be a text (got {value!r:.80}).")
    return value or ""


def _json_object(line: str, where: str) -> Mapping[str, Any]:
    try:
        fields = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SourceError(f"{where}: not JSON ({error}). Put one JSON object on a line.") from error
    if not isinstance(fields, dict):
        raise SourceError(f"{where}: not a JSON object. Put one JSON object on a line.")
    return fields


def _list(fields: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise SourceError(f"{where}: {name} must be a list (got {value!r:.80}).")
    return value


def _evidence(value: Any, where: str) -> Evidence:
    if not isinstance(value, dict):
        raise SourceError(f'{where}: evidence must hold {{"url", "quote"}} (got {value!r:.80}).')
    return Evidence(text_field(value, "url", where), _optional_text(value, "quote", where))


def _turn(value: Any, where: str) -> Turn:
    if not isinstance(value, dict):
        raise SourceError(
            f'{where}: history must hold {{"question", "answer"}} (got {value!r:.80}).'
        )
    return Turn(text_field(value, "question", where), _optional_text(value, "answer", where))
