"""OpenAI's own client talks to a real server of ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="the web extra is not installed")
pytest.importorskip("openai", reason="the openai package is not installed")

import openai
import uvicorn

from assistant.answering.assistant import Assistant
from assistant.web.app import build_app
from assistant.web.serving import listen

QUESTION = {"role": "user", "content": "Who denied the arms sale?"}
START_LIMIT_S = 30


@pytest.fixture(scope="module")
def client(corpus_assistant: Assistant) -> Iterator[openai.OpenAI]:
    with listen("127.0.0.1", 0) as listening:
        app = build_app(corpus_assistant, corpus_assistant.settings)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until = time.monotonic() + START_LIMIT_S
        while not server.started and time.monotonic() < until:
            time.sleep(0.05)
        port = listening.getsockname()[1]
        yield openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="unused", max_retries=0)
        server.should_exit = True
        thread.join(START_LIMIT_S)


def test_the_model_is_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["news-assistant"]
    assert client.models.retrieve("news-assistant").owned_by == "news-assistant"


def test_a_completion_cites_in_its_text_and_as_data(client: openai.OpenAI) -> None:
    done = client.chat.completions.create(
        model="news-assistant", messages=[QUESTION], temperature=0.2
    )
    message = done.choices[0].message
    assert done.choices[0].finish_reason == "stop"
    assert message.content
    assert "[1]" in message.content
    assert "Sources:\n[1] " in message.content
    assert message.annotations
    for annotation in message.annotations:
        cited = annotation.url_citation
        assert message.content[cited.start_index] == "["
        assert cited.url in message.content
    citations = message.model_extra["citations"]
    assert citations[0]["quote"] in message.content
    assert done.usage
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens > 0


def test_the_chunks_of_a_stream_are_the_completion(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="news-assistant", messages=[QUESTION])
    chunks = list(
        client.chat.completions.create(
            model="news-assistant",
            messages=[QUESTION],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage
    last = chunks[-2].choices[0]
    assert last.finish_reason == "stop"
    assert last.delta.model_extra["citations"] == whole.choices[0].message.model_extra["citations"]
    assert len({chunk.id for chunk in chunks}) == 1


def test_earlier_messages_are_the_conversation(client: openai.OpenAI) -> None:
    first = client.chat.completions.create(
        model="news-assistant",
        messages=[{"role": "system", "content": "Answer in verse."}, QUESTION],
    )
    told = {"role": "assistant", "content": first.choices[0].message.content}
    follow_up = {"role": "user", "content": [{"type": "text", "text": "And when was that?"}]}
    alone = client.chat.completions.create(model="news-assistant", messages=[follow_up])
    asked = [QUESTION, told, follow_up]
    done = client.chat.completions.create(model="news-assistant", messages=asked)
    assert done.choices[0].message.content != alone.choices[0].message.content
    urls = {one["url"] for one in done.choices[0].message.model_extra["citations"]}
    assert any("arms" in url or "korea" in url or "shells" in url for url in urls)


def test_our_own_filters_can_be_sent_along(client: openai.OpenAI) -> None:
    done = client.chat.completions.create(
        model="news-assistant",
        messages=[QUESTION],
        extra_body={"filters": {"publishers": ["The Meridian Post"]}},
    )
    sources = done.choices[0].message.model_extra["citations"]
    assert {source["publisher"] for source in sources} <= {"The Meridian Post"}


def test_mistakes_are_the_errors_that_clients_know(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="news-assistant"):
        client.chat.completions.create(model="gpt-x", messages=[QUESTION])
    with pytest.raises(openai.UnprocessableEntityError, match="empty") as caught:
        client.chat.completions.create(
            model="news-assistant", messages=[{"role": "user", "content": " "}]
        )
    assert caught.value.type == "invalid_request_error"
    with pytest.raises(openai.UnprocessableEntityError, match="last message"):
        client.chat.completions.create(
            model="news-assistant", messages=[{"role": "assistant", "content": "x"}]
        )
    with pytest.raises(openai.UnprocessableEntityError, match="empty"):
        client.chat.completions.create(
            model="news-assistant", messages=[{"role": "user", "content": "?"}], stream=True
        )
