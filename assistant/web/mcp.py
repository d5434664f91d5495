"""The archive as tools of the Model Context Protocol: ask_news, search_news, read_article.

In: an assistant. Out: a server with its tools, or an ASGI app that serves them by streamable HTTP.
Refuses to know: who calls, how an answer is found.

Failures that a caller can do something about come back as tool errors that name the remedy; what
breaks inside is logged, and the caller learns only that it did.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import date
from functools import partial
from importlib.metadata import version
from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field
from starlette.applications import Starlette

from assistant.answering.assistant import Assistant
from assistant.errors import NewsAssistantError
from assistant.retrieval.query import absent_publishers_note, understand
from assistant.types import Article, Filters
from assistant.web import mcp_results as results
from assistant.web.escape import plain

MOST_PASSAGES = 50
PAGE_CHARACTERS = 8_000
MOST_PAGE_CHARACTERS = 40_000
# The largest sensible call is a question of 2,000 characters with some filters.
_MOST_REQUEST_BYTES = 64 * 1024
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_INSTRUCTIONS = (
    "A news archive. ask_news answers one self-contained question with sentences quoted from dated "
    "articles, or says that the archive does not hold the answer; keep its citations when you use "
    "it. search_news lists passages, read_article gives an article's text. " + results.QUOTED
)

Opened = Callable[[], Awaitable[Assistant]]

_From = Annotated[date | None, Field(description="only articles published on this day or later")]
_To = Annotated[date | None, Field(description="only articles published on this day or earlier")]
_Publishers = Annotated[
    list[str] | None, Field(description="only these publishers, by their full names")
]
_AsOf = Annotated[date | None, Field(description="the archive as it stood at the end of this day")]
_Infer = Annotated[
    bool, Field(description="also read dates and publishers named in the words as filters")
]


def mcp_server(opened: Opened) -> MCPServer:
    """The server with its three tools; `opened` gives the assistant at every call.

    What `opened` raises on purpose (a locked archive, say) is the call's tool error.
    """
    server = MCPServer(
        "news-assistant",
        title="News archive",
        instructions=_INSTRUCTIONS,
        version=version("news-assistant"),
        log_level="WARNING",
    )
    # Nothing is changed by any tool, and nothing outside the archive is reached.
    tool = partial(
        server.tool,
        annotations=ToolAnnotations(
            read_only_hint=True, idempotent_hint=True, open_world_hint=False
        ),
    )

    @tool(title="Ask the news archive")
    async def ask_news(
        question: Annotated[str, Field(description="one question, clear without its context")],
        published_from: _From = None,
        published_to: _To = None,
        publishers: _Publishers = None,
        as_of: _AsOf = None,
        infer_filters: _Infer = True,
    ) -> Annotated[CallToolResult, results.AskResult]:
        """Answer a question from the archive, in sentences quoted word for word and cited."""
        with _tool_errors():
            assistant = await opened()
            filters = _filters(published_from, published_to, publishers)
            answer = await assistant.aask(
                question, filters=filters, as_of=as_of, infer_filters=infer_filters
            )
            notes = () if answer.passages else _publishers_note(assistant, filters)
            result = results.ask_result(answer, notes)
            return _both(result, results.ask_text(result))

    @tool(title="Search the news archive")
    async def search_news(
        query: Annotated[str, Field(description="words or a question")],
        limit: Annotated[int, Field(ge=1, le=MOST_PASSAGES, description="most passages")] = 10,
        published_from: _From = None,
        published_to: _To = None,
        publishers: _Publishers = None,
        as_of: _AsOf = None,
        infer_filters: _Infer = True,
    ) -> Annotated[CallToolResult, results.SearchResult]:
        """List the passages that fit best, best first, each with its article and offsets."""
        with _tool_errors():
            assistant = await opened()
            filters = _filters(published_from, published_to, publishers)

            def search() -> results.SearchResult:
                asked = understand(
                    query,
                    assistant.archive,
                    filters=filters,
                    as_of=as_of,
                    infer_filters=infer_filters,
                )
                passages = assistant.retriever.search(asked, top_n=limit)
                return results.SearchResult(
                    passages=[results.found(passage) for passage in passages],
                    read_as_filters=[one.because for one in asked.filters.inferred],
                    notes=[] if passages else list(_publishers_note(assistant, filters)),
                )

            result = await assistant.workers.run(search)
            return _both(result, results.search_text(result))

    @tool(title="Read an article")
    async def read_article(
        article: Annotated[str, Field(description="article_id or url from another tool")],
        offset: Annotated[int, Field(ge=0, description="first character")] = 0,
        max_characters: Annotated[
            int, Field(ge=500, le=MOST_PAGE_CHARACTERS, description="longest page")
        ] = PAGE_CHARACTERS,
    ) -> Annotated[CallToolResult, results.ArticlePage]:
        """Give the text of one article, page by page where it is long."""
        with _tool_errors():
            assistant = await opened()
            stored = await assistant.workers.run(_stored, assistant, article.strip(), offset)
            page = results.article_page(stored, offset, max_characters)
            return _both(page, results.page_text(page))

    return server


def _filters(first: date | None, last: date | None, publishers: Sequence[str] | None) -> Filters:
    return Filters(published_from=first, published_to=last, publishers=tuple(publishers or ()))


def _both(result: BaseModel, text: str) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=result.model_dump(mode="json"),
    )


@contextlib.contextmanager
def _tool_errors() -> Iterator[None]:
    """Turn failures with a remedy into tool errors that carry it."""
    try:
        yield
    except NewsAssistantError as error:
        raise ToolError(str(error)) from error


def _publishers_note(assistant: Assistant, filters: Filters) -> tuple[str, ...]:
    return tuple(plain(note) for note in absent_publishers_note(filters, assistant.archive))


def _stored(assistant: Assistant, named: str, offset: int) -> Article:
    """The article; raises ToolError where there is none, or nothing at `offset`."""
    article = assistant.archive.article(named)
    if article is None:
        raise ToolError(
            f"There is no article {plain(named)!r} in the archive. Give the article_id or url that "
            "search_news or ask_news returned."
        )
    if offset >= len(article.text):
        raise ToolError(
            f"The article ends at character {len(article.text)}; offset {offset} is behind its "
            "end. Start with offset 0 and go on with next_offset."
        )
    return article


# -- over HTTP --------------------------------------------------------------------------------


def mcp_app(assistant: Assistant, *, path: str = "/mcp", hosts: Sequence[str] = ()) -> Starlette:
    """An ASGI app that serves the tools by streamable HTTP at `path`, without sessions.

    Requests must name a loopback host or one of `hosts` (names or addresses, with no port), in
    Host and, from a browser, in Origin: so no page can reach it through a name of its own.

    To make it part of another Starlette or FastAPI app, add its `routes` to that app's (ahead of
    anything mounted at "/") and enter its `router.lifespan_context` in that app's lifespan.
    """

    async def opened() -> Assistant:
        return assistant

    allowed = [*_LOOPBACK, *hosts]
    return mcp_server(opened).streamable_http_app(
        streamable_http_path=path,
        stateless_http=True,
        max_request_body_size=_MOST_REQUEST_BYTES,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=[form for host in allowed for form in (host, f"{host}:*")],
            allowed_origins=[
                f"{scheme}://{form}"
                for host in allowed
                for form in (host, f"{host}:*")
                for scheme in ("http", "https")
            ],
        ),
    )
