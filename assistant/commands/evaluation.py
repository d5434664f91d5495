"""The language model's second opinion in `news-assistant evaluate --judge`.

In: arguments, settings. Out: a judge to call once the run is on disk, lines to print.
Refuses to know: how answers are scored.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from assistant.errors import LanguageModelError, SettingsError
from assistant.settings import Settings


def judge(arguments: argparse.Namespace, settings: Settings) -> Callable[[], dict[str, Any]] | None:
    """Judges the run in --output with the settings' language model; None without --judge.

    Raises SettingsError, before any question is asked, where there is no model or no --output.
    """
    if not arguments.judge:
        return None
    if arguments.output is None:
        raise SettingsError("--judge keeps its verdicts beside the answers: name --output as well.")
    from assistant.answering.language_model import load_llm
    from assistant.evaluation.judge import PROMPT, judge_run

    llm = load_llm(settings)
    if llm is None:
        raise SettingsError("--judge needs a language model: set llm and llm_model.")
    own = settings.llm_prompts / PROMPT.name if settings.llm_prompts else PROMPT

    def run() -> dict[str, Any]:
        try:
            return judge_run(
                arguments.output,
                llm,
                prompt=own if own.exists() else PROMPT,
                timeout_s=settings.llm_timeout_s,
                seed=arguments.seed,
            )
        except LanguageModelError as error:
            raise LanguageModelError(
                f"{error}. Answers, figures and the verdicts so far are kept in "
                f"{arguments.output}: repeat the command with --resume."
            ) from error

    return run


def judge_lines(judged: dict[str, Any]) -> list[str]:
    """The judge's figures as lines of text."""
    lines = [f"judged by {judged['model']}: {judged['no_verdict']} without a verdict"]
    lines += [
        f"  {name:20} {100 * judged[name]['value']:6.1f}  (n={judged[name]['n']})"
        for name in ("correct", "agreement")
        if name in judged
    ]
    return lines
