"""An optional second opinion on free-text answers, by any LlamaIndex LLM; off unless called.

In: a run's folder, an LLM, a prompt file. Out: `verdicts.jsonl` and a `judge` part in
`metrics.json`, beside the automatic figures, which stay as they are.
Refuses to know: how answers were made, which model judges.

Only answers that were given to answerable questions are judged; abstentions need no opinion.
Question, answers and answer are data to the judge: they are put in as JSON strings, and a reply
that does not begin with one of the two verdicts is recorded as no verdict.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from llama_index.core.llms import LLM, ChatMessage, MessageRole

from assistant.answering.calling import Caller
from assistant.answering.prompts import FOLDER, Prompt, load_prompt
from assistant.evaluation.report import read_metrics, read_scores
from assistant.evaluation.statistics import as_floats, ratios

PROMPT = FOLDER / "judge.md"
_VARIABLES = {"question", "answers", "answer"}
# One word is asked for; some models think aloud after it.
_REPLY_TOKENS = 600
_VERDICTS = {"correct": True, "incorrect": False}


def judge_run(
    folder: Path,
    llm: LLM,
    *,
    prompt: Path = PROMPT,
    timeout_s: float = 60.0,
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Judge the answers of a run; returns what is put into its `metrics.json` under `judge`.

    Verdicts that `verdicts.jsonl` holds from the same prompt and model are kept, so an
    interrupted call can be repeated. Raises SettingsError for a prompt that lacks a variable,
    LanguageModelError where the judge fails or takes longer than `timeout_s` over one answer.
    """
    caller = Caller(llm, reply_tokens=_REPLY_TOKENS)
    asked = load_prompt(prompt, _VARIABLES)
    metrics = read_metrics(folder)
    judge = {"model": llm.metadata.model_name, "prompt_sha256": asked.sha256}
    path = folder / "verdicts.jsonl"
    known = _earlier(path, judge)
    agreed: list[bool] = []
    correct: list[bool] = []
    unclear = 0
    with path.open("w", encoding="utf-8") as out:
        for line in known.values():
            out.write(json.dumps(line) + "\n")
        for record, scores in read_scores(folder):
            if not scores.answerable or scores.abstained or scores.error:
                continue
            verdict = known.get(scores.id)
            if verdict is None:
                message = ChatMessage(_fill(asked, record), role=MessageRole.USER)
                reply = caller.complete([message], time.monotonic() + timeout_s)
                verdict = {"id": scores.id, "verdict": _verdict(reply), "reply": reply, **judge}
                out.write(json.dumps(verdict) + "\n")
                out.flush()
            if verdict["verdict"] is None:
                unclear += 1
            else:
                correct.append(verdict["verdict"])
                agreed.append(verdict["verdict"] == scores.right)
            if progress:
                progress()
    ones = as_floats([1] * len(correct))
    columns = {"correct": (as_floats(correct), ones), "agreement": (as_floats(agreed), ones)}
    figures = {name: one.to_json() for name, one in ratios(columns, seed).items()}
    metrics["judge"] = {**judge, **figures, "no_verdict": unclear}
    (folder / "metrics.json").write_text(
        json.dumps(metrics, ensure_ascii=False, indent=2) + "\n", "utf-8"
    )
    return dict(metrics["judge"])


def _fill(prompt: Prompt, record: dict[str, Any]) -> str:
    return prompt.fill(
        question=json.dumps(record["standalone_question"], ensure_ascii=False),
        answers=json.dumps(record["gold"]["answers"], ensure_ascii=False),
        answer=json.dumps(f"{record['answer']}: {record['text']}", ensure_ascii=False),
    )


def _verdict(reply: str) -> bool | None:
    words = reply.strip().strip("*\"'` ").casefold().split()
    return _VERDICTS.get(words[0].strip(".,:;*\"'`")) if words else None


def _earlier(path: Path, judge: dict[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    lines = path.read_text("utf-8").split("\n") if path.exists() else []
    for line in lines:
        try:
            verdict = json.loads(line)
        except ValueError:
            continue  # the end, or the line that was being written when the run was stopped
        if judge.items() <= verdict.items():
            found[verdict["id"]] = verdict
    return found
