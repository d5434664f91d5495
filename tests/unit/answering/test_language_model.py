"""From settings to a language model, and where its key may show."""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from llama_index.core.llms import ChatMessage, CompletionResponse, CustomLLM, LLMMetadata

from assistant.answering.calling import Caller
from assistant.answering.language_model import load_llm
from assistant.errors import LanguageModelError, SettingsError
from assistant.settings import Settings, load_settings

KEY = "sk-do-not-show"


def test_no_language_model_is_the_default() -> None:
    assert load_llm(Settings()) is None


def test_openai_like_and_ollama_are_made_without_a_call() -> None:
    pytest.importorskip("llama_index.llms.openai_like", reason="the llm extra is not installed")
    chosen = {"llm_model": "m", "llm_url": "http://127.0.0.1:9/v1", "llm_api_key": KEY}
    llm: Any = load_llm(Settings(llm="openai-like", **chosen))  # type: ignore[arg-type]
    assert (llm.model, llm.max_retries, llm.timeout, llm.temperature) == ("m", 0, 60.0, 0.0)
    assert llm.api_key == KEY
    pytest.importorskip("llama_index.llms.ollama", reason="the ollama extra is not installed")
    ollama: Any = load_llm(Settings(llm="ollama", llm_model="m", llm_timeout_s=7))
    assert (ollama.base_url, ollama.request_timeout) == ("http://localhost:11434", 7.0)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("llama_index.llms.anthropic"):
        pytest.skip("the anthropic extra is installed")
    with pytest.raises(SettingsError, match=r"pip install 'news-assistant\[anthropic\]'"):
        load_llm(Settings(llm="anthropic", llm_model="m"))


def test_the_key_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWS_ASSISTANT_LLM_API_KEY", KEY)
    settings = load_settings()
    assert settings.llm_api_key is not None
    assert settings.llm_api_key.get_secret_value() == KEY
    shown = f"{settings!r} {settings} {json.dumps(settings.model_dump(mode='json'))}"
    assert KEY not in shown
    with pytest.raises(SettingsError) as caught:
        load_settings(llm_api_key=[KEY])
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


class Odd(CustomLLM):
    """Any LlamaIndex LLM may be passed in; this one misbehaves without a network."""

    kind: str = "fine"

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="odd")

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        raise NotImplementedError

    def stream_complete(
        self, prompt: str, formatted: bool = False, **_: Any
    ) -> Iterator[CompletionResponse]:
        if self.kind == "hangs":
            time.sleep(3)
        yield CompletionResponse(text="a", delta="a")
        if self.kind == "raises":
            raise KeyError(KEY)
        if self.kind == "sleeps":
            time.sleep(2)
        yield CompletionResponse(text="ab", delta="b")


def read(kind: str, seconds: float) -> str:
    caller = Caller(Odd(kind=kind), reply_tokens=10)
    return caller.complete([ChatMessage("x")], time.monotonic() + seconds)


def test_any_llm_can_be_called_and_any_failure_is_one() -> None:
    assert read("fine", 10) == "ab"
    with pytest.raises(LanguageModelError, match="failed") as caught:
        read("raises", 10)
    assert KEY not in str(caught.value)
    with pytest.raises(LanguageModelError, match="too long"):
        read("sleeps", 0.3)


def test_calls_that_hang_are_counted() -> None:
    caller = Caller(Odd(kind="hangs"), reply_tokens=10)
    for _ in range(16):
        with pytest.raises(LanguageModelError, match="too long"):
            caller.complete([ChatMessage("x")], time.monotonic())
    with pytest.raises(LanguageModelError, match="unanswered"):
        caller.complete([ChatMessage("x")], time.monotonic() + 5)
