"""A fuller answer that a language model writes, under the promises of the extractive one.

In: a question, its evidence, the extractive draft. Out: sentences as they pass the check, then a
Draft. Refuses to know: search, abstention (decided before a model is asked), pages.

Every sentence given out has been found in the passages that it cites, and its citations quote the
very sentences that carry it. When the model is late, fails, or nothing it wrote stands, the
extractive answer takes its place, or follows what stood, with a note that says why.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.answering.calling import Caller
from assistant.answering.checking import Checker
from assistant.answering.citations import CitationList, last_mark, renumbered
from assistant.answering.claims import claims
from assistant.answering.condense import VARIABLES as CONDENSE_VARIABLES
from assistant.answering.condense import condense
from assistant.answering.decompose import VARIABLES as DECOMPOSE_VARIABLES
from assistant.answering.decompose import decompose
from assistant.answering.extractive import Draft, answer_key, updates
from assistant.answering.fencing import Fence
from assistant.answering.marked import Marked, MarkedSentences
from assistant.answering.prompts import find_prompt
from assistant.answering.several import Found, evidence, other_notes
from assistant.archive.chunking import count_tokens
from assistant.errors import LanguageModelError
from assistant.settings import Settings
from assistant.types import Article, Citation, Passage, Reader, Turn

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage

_MOST_SENTENCES = 8
# Of the time for a question, what rewriting it or taking it apart may take.
_PREPARING = 1 / 3
_INSTEAD = "; this answer is quoted from the articles instead."
_AFTERWARDS = " before its end; quotes from the articles complete the answer."
_NOTHING_STOOD = "What the language model wrote was not borne out by the passages"
_MARKS = re.compile(r"(?: \[\d+\])+$")


class Writer:
    """Holds a language model and its checked prompts. One writer may serve several threads."""

    def __init__(self, llm: LLM, reader: Reader, settings: Settings) -> None:
        """Raises SettingsError for a prompt with a missing or unknown variable."""
        self.caller = Caller(llm, reply_tokens=settings.llm_reply_tokens)
        self.checker = Checker(reader)
        self.timeout_s = settings.llm_timeout_s
        self.prompt_tokens = settings.llm_prompt_tokens
        folder = settings.llm_prompts
        self.rules = find_prompt("answer_rules", folder, ("fence",))
        self.task = find_prompt("answer_task", folder, ("passages", "question"))
        self.condense = find_prompt("condense", folder, CONDENSE_VARIABLES)
        self.decompose = find_prompt("decompose", folder, DECOMPOSE_VARIABLES)

    def begin(self) -> Writing:
        """The work on one question; its time runs from now."""
        return Writing(self)


class Writing:
    """One question: its time, and what went wrong. After a failure the model is not asked again."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._started = time.monotonic()
        self._failure = ""
        self._dropped = 0

    def standalone(self, question: str, history: Sequence[Turn]) -> str | None:
        """The follow-up rewritten to stand alone; None where the rules should decide."""
        if self._failure or not history:
            return None
        try:
            return condense(question, history, self._writer.condense, self._prepare)
        except LanguageModelError as error:
            self._failure = str(error)
            return None

    def parts(self, question: str) -> list[str]:
        """The questions that this one is made of; none where it asks one thing."""
        if self._failure:
            return []
        try:
            return decompose(question, self._writer.decompose, self._prepare)
        except LanguageModelError as error:
            self._failure = str(error)
            return []

    def answer(
        self,
        question: str,
        found: Sequence[Found],
        draft: Draft,
        find_article: Callable[[str], Article | None],
    ) -> Iterator[str | Draft]:
        """The answer's sentences, each as soon as it is checked, and at the end the whole Draft.

        `found` is the question and its parts; their evidence goes to the model, best first, as far
        as the token budget reaches. `draft` is the extractive answer, in case.
        """
        citations = CitationList(find_article)
        sentences: list[str] = []
        try:
            for sentence in self._checked(question, self._fitting(evidence(found)), citations):
                sentences.append(sentence)
                yield sentence
        except LanguageModelError as error:
            self._failure = str(error)
        notes = self._notes(bool(sentences)) + [
            f"Not in the archive: “{one.question}”" for one in found[1:] if one.weak
        ]
        fallen_back = bool(self._failure) or not sentences
        if fallen_back:
            cited = {citation.number for citation in citations.all()}
            for sentence in draft.sentences:
                numbered = renumbered(sentence, draft.citations, citations)
                if last_mark(numbered) not in cited:
                    sentences.append(numbered)
                    yield numbered
        notes += other_notes(draft, citations)
        cited_now = citations.all()
        yield Draft(
            draft.answer if fallen_back else _short(draft.answer, sentences, cited_now),
            tuple(sentences),
            cited_now,
            (*notes, *updates(cited_now)),
            draft.confidence,
        )

    def _prepare(self, prompt: str) -> str:
        deadline = self._started + _PREPARING * self._writer.timeout_s
        return self._writer.caller.complete(_messages(prompt), deadline)

    def _fitting(self, ranked: Sequence[Passage]) -> list[Passage]:
        room = self._writer.prompt_tokens
        fitting = []
        sizes = count_tokens([Fence().passages([passage]) for passage in ranked])
        for passage, size in zip(ranked, sizes, strict=True):
            if size <= room:
                room -= size
                fitting.append(passage)
        return fitting

    def _checked(
        self, question: str, passages: Sequence[Passage], citations: CitationList
    ) -> Iterator[str]:
        """The model's sentences that stand, with the numbers that `citations` gives them."""
        if self._failure:
            return
        if not passages:
            raise LanguageModelError("No passage fits the language model's llm_prompt_tokens")
        fence = Fence()
        task = self._writer.task.fill(
            passages=fence.passages(passages), question=fence.around("question", question)
        )
        messages = _messages(task, rules=self._writer.rules.fill(fence=fence.mark))
        reply = self._writer.caller.stream(messages, self._started + self._writer.timeout_s)
        said: set[tuple[str, ...]] = set()
        for marked in _sentences(reply):
            sentence = self._standing(marked, passages, citations)
            key = claims(marked.text).key
            if sentence and key not in said:
                said.add(key)
                yield sentence
            if len(said) == _MOST_SENTENCES:
                return

    def _standing(
        self, marked: Marked, passages: Sequence[Passage], citations: CitationList
    ) -> str | None:
        cited = [passages[number - 1] for number in marked.numbers if 1 <= number <= len(passages)]
        support = self._writer.checker.support(marked.text, cited) if cited else []
        found = [citations.cite(one.passage, one.start, one.end) for one in support]
        numbers = dict.fromkeys(citation.number for citation in found if citation)
        if not found or None in found:
            self._dropped += bool(claims(marked.text).words)
            return None
        return f"{marked.text} {' '.join(f'[{number}]' for number in numbers)}"

    def _notes(self, some: bool) -> list[str]:
        if self._failure:
            return [self._failure + (_AFTERWARDS if some else _INSTEAD)]
        if not some:
            return [_NOTHING_STOOD + _INSTEAD]
        if self._dropped:
            plural = "s were" if self._dropped > 1 else " was"
            return [f"{self._dropped} sentence{plural} left out: the passages cited do not say so."]
        return []


def _messages(prompt: str, rules: str = "") -> list[ChatMessage]:
    from llama_index.core.llms import ChatMessage, MessageRole

    asked = [ChatMessage(prompt, role=MessageRole.USER)]
    return [ChatMessage(rules, role=MessageRole.SYSTEM), *asked] if rules else asked


def _sentences(reply: Iterator[str]) -> Iterator[Marked]:
    collected = MarkedSentences()
    for piece in reply:
        yield from collected.add(piece)
    yield from collected.end()


def _short(answer: str, sentences: Sequence[str], citations: Sequence[Citation]) -> str:
    """The reader's short answer where the written one has it too, else the first sentence."""
    told = " ".join([*sentences, *(citation.quote for citation in citations)])
    if answer and f" {answer_key(answer)} " in f" {answer_key(told)} ":
        return answer
    return _MARKS.sub("", sentences[0])
