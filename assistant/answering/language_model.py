"""The language model that the settings name, as any LlamaIndex `LLM`.

In: Settings. Out: an LLM, or None where none is set. Refuses to know: prompts, answers.
Makes no call. A key is read from the settings alone, never from another program's variable: an
OPENAI_API_KEY that lies about must not travel to whatever address is set here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.errors import SettingsError
from assistant.settings import Settings

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

# Servers on the same machine ask for no key, but the client insists on one.
_NO_KEY = "none"
_EXTRAS = {"openai-like": "llm", "ollama": "ollama", "anthropic": "anthropic"}


def load_llm(settings: Settings) -> LLM | None:
    """The LLM of `settings.llm`, at temperature 0 and without retries of its own.

    Raises SettingsError where a model name or address is missing or no address, or where the
    package for this kind of LLM is not installed.
    """
    if settings.llm is None:
        if settings.answers == "written":
            raise SettingsError(
                'answers = "written" needs a language model: set llm and llm_model as well.'
            )
        return None
    if not settings.llm_model:
        raise SettingsError(f'llm = "{settings.llm}" needs llm_model, the name of the model.')
    _check_url(settings.llm_url)
    try:
        return _make(settings, settings.llm_model)
    except ModuleNotFoundError as error:
        raise SettingsError(
            f'llm = "{settings.llm}" needs a package that is not installed ({error.name}): '
            f"pip install 'news-assistant[{_EXTRAS[settings.llm]}]'"
        ) from error


def _make(settings: Settings, model: str) -> LLM:
    writer: LLM
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else _NO_KEY
    window = settings.llm_prompt_tokens + settings.llm_reply_tokens
    if settings.llm == "ollama":
        from llama_index.llms.ollama import Ollama

        writer = Ollama(
            model=model,
            base_url=settings.llm_url or "http://localhost:11434",
            temperature=0.0,
            request_timeout=settings.llm_timeout_s,
            # Rules and marks come on top of the passages.
            context_window=2 * window,
            additional_kwargs={"num_predict": settings.llm_reply_tokens},
        )
        return writer
    if settings.llm == "anthropic":
        from llama_index.llms.anthropic import Anthropic

        writer = Anthropic(
            model=model,
            base_url=settings.llm_url,
            api_key=key,
            temperature=0.0,
            max_tokens=settings.llm_reply_tokens,
            timeout=settings.llm_timeout_s,
            max_retries=0,
        )
        return writer
    from llama_index.llms.openai_like import OpenAILike

    if not settings.llm_url:
        raise SettingsError(
            'llm = "openai-like" needs llm_url, the address of the endpoint '
            "(http://localhost:8080/v1, https://api.openai.com/v1)."
        )
    writer = OpenAILike(
        model=model,
        api_base=settings.llm_url,
        api_key=key,
        is_chat_model=True,
        context_window=2 * window,
        temperature=0.0,
        max_tokens=settings.llm_reply_tokens,
        timeout=settings.llm_timeout_s,
        max_retries=0,
    )
    return writer


def _check_url(url: str | None) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("llm_url must be an http or https address.")
    if parts.username or parts.password:
        raise SettingsError("llm_url must not hold a password: set llm_api_key instead.")
