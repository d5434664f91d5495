"""One flat set of settings, read from NEWS_ASSISTANT_* variables or a TOML file.

In: environment, an optional TOML file. Out: a frozen `Settings`.
Refuses to know: what the values are used for. Unknown keys are errors, so a typing mistake in a
settings file is never silently a default. Reading settings creates nothing on disk.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from assistant.errors import SettingsError

ENV_PREFIX = "NEWS_ASSISTANT_"


class Settings(BaseSettings):
    """What a user may choose; every field can be set as NEWS_ASSISTANT_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", frozen=True)

    archive: Path = Field(Path("archive"), description="folder of the archive")
    embedder: str = Field(
        "minilm",
        description='"minilm" (built in) or a sentence-transformers name or folder',
    )
    chroma_url: str | None = Field(None, description="a Chroma server instead of the embedded one")
    # 200: best hit@10 on newsdesk-dev that still fits MiniLM's 256-token window with its headline
    # and date, see docs/decisions.md.
    chunk_tokens: int = Field(200, ge=32, le=2000, description="most tokens in a passage")
    lock_timeout_s: float = Field(5.0, ge=0, description="how long to wait for a busy archive")
    top_k: int = Field(100, ge=1, le=1000, description="candidates from each index")
    top_n: int = Field(10, ge=1, le=100, description="passages kept after the reader")
    read_n: int = Field(40, ge=1, le=200, description="fused candidates given to the reader")
    read_budget_s: float = Field(2.0, gt=0, description="time the reader may take for a question")
    answerability_threshold: float | None = Field(
        None, ge=0, le=1, description="abstain below this confidence; None: the reader's own"
    )
    answers: Literal["quotes", "written"] = Field(
        "quotes", description="quoted sentences, or a text that a language model writes"
    )
    llm: Literal["openai-like", "ollama", "anthropic"] | None = Field(
        None, description="what kind of language model writes; None: no language model"
    )
    llm_model: str | None = Field(None, description="the language model's name")
    llm_url: str | None = Field(None, description="where it answers (http://localhost:8080/v1)")
    llm_api_key: SecretStr | None = Field(None, description="its key; never shown")
    llm_timeout_s: float = Field(60.0, gt=0, description="time it may take for one question")
    # Ten passages of 200 tokens with headline and date come to about 2,500 tokens.
    llm_prompt_tokens: int = Field(3000, ge=300, description="most tokens of passages for it")
    llm_reply_tokens: int = Field(600, ge=16, description="most tokens that it may write")
    llm_prompts: Path | None = Field(None, description="folder of prompts that replace ours")
    threads: int = Field(0, ge=0, description="CPU threads for the models; 0: all cores")
    allow_private_addresses: bool = Field(
        False, description="let feeds lead to addresses of your own network (an intranet feed)"
    )
    fetch_user_agent: str = Field(
        "news-assistant/0.1 (reads feeds into a news archive)",
        min_length=1,
        pattern=r"^[ -~]+$",
        description="how we name ourselves to servers; add a contact of yours",
    )
    fetch_timeout_s: float = Field(30.0, gt=0, description="longest time for one page or feed")
    fetch_max_bytes: int = Field(
        10_000_000, ge=1_000, description="largest page or feed, packed or unpacked"
    )
    fetch_delay_s: float = Field(
        1.0, ge=0, description="pause between two requests to one host, if robots.txt asks no more"
    )
    fetch_concurrency: int = Field(8, ge=1, le=64, description="requests under way at once")
    feed_attempts: int = Field(
        5, ge=1, le=100, description="how often a feed's item that fails is tried"
    )
    feed_recheck_h: float = Field(
        24.0, gt=0, description="hours after which an item still in its feed is fetched again"
    )
    host: str = Field("127.0.0.1", description="address the server listens on")
    port: int = Field(7860, ge=0, le=65535, description="port the server listens on")
    api_keys_file: Path | None = Field(
        None, description="file of hashed keys and logins; where it is set, nobody gets in without"
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="further names this server is reached by, separated by commas"
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="origins whose pages may call the API, separated by commas"
    )
    requests_per_minute: int = Field(
        300, ge=0, description="most API requests a minute for a key or address; 0: no limit"
    )
    max_upload_mb: int = Field(20, ge=1, le=2000, description="largest upload, in MB")
    workers: int = Field(0, ge=0, description="questions worked on at once; 0: one a core")
    waiting: int = Field(64, ge=0, description="questions that may wait; further ones get a 503")
    waiting_s: float = Field(30.0, gt=0, description="longest wait of a question, then a 503")
    otlp_endpoint: str | None = Field(
        None, description="OpenTelemetry collector (http://host:4318) that gets a trace of each ask"
    )

    @field_validator("allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def _split_list(cls, value: Any) -> Any:
        """A variable holds a list as text; a TOML file has real lists."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value


def load_settings(path: Path | None = None, **overrides: Any) -> Settings:
    """Settings from `overrides`, then the environment, then the TOML file, then the defaults.

    `path` defaults to NEWS_ASSISTANT_SETTINGS where that is set. Raises SettingsError for an
    unknown key, a bad value or an unreadable file.
    """
    named = path or os.environ.get(ENV_PREFIX + "SETTINGS")
    try:
        from_file = tomllib.loads(Path(named).read_text("utf-8")) if named else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"Cannot read the settings file {named}: {error}") from error
    known = Settings.model_fields
    in_environment = {
        name.removeprefix(ENV_PREFIX).lower()
        for name in os.environ
        if name.startswith(ENV_PREFIX) and name != ENV_PREFIX + "SETTINGS"
    }
    unknown = sorted((set(from_file) | in_environment | set(overrides)) - set(known))
    if unknown:
        raise SettingsError(
            f"Unknown setting {', '.join(unknown)}. Known settings: {', '.join(known)}."
        )
    below_environment = {
        key: value for key, value in from_file.items() if key not in in_environment
    }
    chosen = below_environment | {
        key: value for key, value in overrides.items() if value is not None
    }
    try:
        return Settings(**chosen)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if name == "llm_api_key":  # an error must not show the key
            raise SettingsError(f"Setting {name}: {first['msg']}.") from None
        raise SettingsError(f"Setting {name}: {first['msg']} (got {first['input']!r}).") from error
