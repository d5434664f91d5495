"""What OpenAI's protocol says, in our terms."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi", reason="the web extra is not installed")

from assistant.answering.extractive import NOT_IN_ARCHIVE
from assistant.types import Turn
from assistant.web.openai_models import SOURCES, CompletionIn


def test_earlier_answers_are_read_without_marks_and_sources_and_abstentions_as_none() -> None:
    said = [
        ("user", "Who won?"),
        ("assistant", f"Ada Finch won. [1]{SOURCES}[1] The Gazette"),
        ("user", "Who lost?"),
        ("assistant", f"{NOT_IN_ARCHIVE} No article matches the filters."),
        ("user", "Why?"),
    ]
    messages = [{"role": role, "content": content} for role, content in said]
    request = CompletionIn.model_validate({"messages": messages})
    assert request.turns() == [Turn("Who won?", "Ada Finch won."), Turn("Who lost?", "")]
    assert request.question() == "Why?"
