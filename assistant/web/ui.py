"""The chat page: the only file that knows Gradio.

In: an `Assistant`, `Settings`, example questions. Out: an ASGI app that shows the page.
Refuses to know: how answers are found (`conversation` asks), what they look like (`presentation`
draws), how it is served and who may see it (`app`, which mounts it). Nothing on the page comes
from, or goes to, another host.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.offline import go_offline

go_offline()

import gradio as gr  # noqa: E402  (reads its telemetry switch when it is imported)
from fastapi import FastAPI  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.middleware.cors import CORSMiddleware  # noqa: E402

from assistant.answering.assistant import Assistant, Mode  # noqa: E402
from assistant.errors import NewsAssistantError  # noqa: E402
from assistant.settings import Settings  # noqa: E402
from assistant.types import Answer, Filters  # noqa: E402
from assistant.web import conversation, presentation, uploads  # noqa: E402
from assistant.web.escape import plain  # noqa: E402
from assistant.web.roles import may_ingest  # noqa: E402
from assistant.web.theme import COLOURS, MONO, SANS  # noqa: E402

logger = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
# Two answers at a time keep two cores busy; further questions wait in line.
ASKED_AT_ONCE = 2
# The conversation lives in the browser that asked. Gradio encrypts it with a key that has to be
# the same after a restart; it hides nothing from whoever sits at that browser.
STORAGE_KEY = "news-assistant-conversation"
STORAGE_SECRET = "not-a-secret-0001"  # noqa: S105
EXAMPLES_SHOWN = 6
FOCUS_BOX = "() => document.querySelector('#question textarea')?.focus()"

Update = dict[Any, Any]


def build_page(assistant: Assistant, settings: Settings, examples: Sequence[str]) -> gr.Blocks:
    """The page as Gradio Blocks; `chat_app` adds its style."""
    page = gr.Blocks(
        title="News archive assistant",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(3600, 3600),
    )
    with page:
        _Page(page, assistant, settings, examples[:EXAMPLES_SHOWN])
    page.queue(
        default_concurrency_limit=ASKED_AT_ONCE, max_size=settings.waiting or 1, api_open=False
    )
    return page


def chat_app(assistant: Assistant, settings: Settings, examples: Sequence[str] = ()) -> FastAPI:
    """The page as an ASGI app; its lifespan has to be run."""
    # Gradio adds its own CORS headers unless its host has that middleware: ours is `access`.
    host = FastAPI(
        middleware=[Middleware(CORSMiddleware)], openapi_url=None, docs_url=None, redoc_url=None
    )
    gr.mount_gradio_app(
        host,
        build_page(assistant, settings, examples),
        path="/",
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        max_file_size=f"{settings.max_upload_mb}mb",
        theme=gr.themes.Base(font=SANS, font_mono=MONO).set(**COLOURS),
        head=f"<style>{(STATIC / 'page.css').read_text('utf-8')}</style>",
    )
    return host


class _Page:
    """Components and what happens on them; made inside a Blocks context."""

    def __init__(
        self, page: gr.Blocks, assistant: Assistant, settings: Settings, examples: Sequence[str]
    ) -> None:
        self.assistant = assistant
        self.archive = assistant.archive
        self.folder = str(settings.archive)
        self.answers = settings.answers
        self.max_upload = f"{settings.max_upload_mb} MB"
        self.examples = [{"text": example} for example in examples]
        self._lay_out()
        self._wire(page)

    def _lay_out(self) -> None:
        self.kept = gr.BrowserState([], storage_key=STORAGE_KEY, secret=STORAGE_SECRET)
        self.pending = gr.State("")
        with gr.Row(elem_id="masthead"):
            gr.HTML("<h1>News archive</h1>", elem_id="title", scale=1)
            self.status = gr.HTML("", elem_id="status", scale=3)
            self.restart = gr.Button(
                "New conversation", elem_id="restart", size="sm", scale=0, min_width=150
            )
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=3, min_width=320, elem_id="talk"):
                self.chat = gr.Chatbot(
                    elem_id="chat",
                    label="Conversation",
                    show_label=False,
                    height=None,
                    layout="panel",
                    autoscroll=False,
                    buttons=[],
                    latex_delimiters=[],
                    group_consecutive_messages=False,
                )
                with gr.Row(elem_id="ask-row"):
                    self.box = gr.Textbox(
                        label="Your question",
                        placeholder="Ask about the archive",
                        max_lines=5,
                        autofocus=True,
                        scale=4,
                        min_width=200,
                        elem_id="question",
                    )
                    self.ask = gr.Button(
                        "Ask", variant="primary", scale=0, min_width=90, elem_id="ask"
                    )
                    self.stop = gr.Button(
                        "Stop", variant="stop", scale=0, min_width=90, visible=False, elem_id="stop"
                    )
                self.mode = gr.Radio(
                    [("Quotes only", "quotes"), ("Written answer", "written")],
                    value=self.answers,
                    label="Answer with",
                    visible=self.assistant.can_write,
                    elem_id="mode",
                )
            with gr.Column(scale=2, min_width=320, elem_id="side"):
                self.panel = gr.HTML(
                    "", elem_id="panel", js_on_load=(STATIC / "page.js").read_text("utf-8")
                )
                with gr.Accordion("Filters", open=True, elem_id="filters"):
                    with gr.Row():
                        self.first = _day_box("Published from", "first-day")
                        self.last = _day_box("Published to", "last-day")
                    self.publishers = gr.Dropdown(
                        label="Publishers (none chosen: all)",
                        multiselect=True,
                        elem_id="publishers",
                    )
                    self.clear = gr.Button("Clear filters", size="sm", elem_id="clear-filters")
                with gr.Accordion("Add articles", open=False, elem_id="add") as self.add:
                    gr.HTML(
                        f"<p>txt, md, html, json, jsonl or csv, up to {self.max_upload} each</p>",
                        elem_id="files-hint",
                    )
                    self.files = gr.File(
                        label="Articles to add",
                        show_label=False,
                        file_count="multiple",
                        file_types=list(uploads.SUFFIXES),
                        height=130,
                        elem_id="files",
                    )
                    self.report = gr.HTML("", elem_id="report")

    def _wire(self, page: gr.Blocks) -> None:
        form = [self.pending, self.kept, self.first, self.last, self.publishers, self.mode]
        progress = [self.chat, self.kept, self.box, self.pending, self.stop]
        begin: dict[str, Any] = {
            "outputs": [self.box, self.pending, self.stop],
            "queue": False,
            "api_visibility": "private",
        }
        answer: dict[str, Any] = {
            "outputs": progress,
            "show_progress": "hidden",
            "concurrency_id": "ask",
            "concurrency_limit": ASKED_AT_ONCE,
            "api_visibility": "private",
        }
        quick: dict[str, Any] = {
            "queue": False,
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        typed = gr.on(
            [self.ask.click, self.box.submit],
            self.begin_typed,
            inputs=[self.box],
            trigger_mode="once",
            **begin,
        )
        chosen = self.chat.example_select(self.begin_example, **begin)
        asking = [
            typed.then(self.answer, inputs=form, **answer),
            chosen.then(self.answer, inputs=form, **answer),
            self.panel.drop_filter(self.answer_again, inputs=[self.kept, self.mode], **answer),
        ]
        self.stop.click(
            self.stopped,
            inputs=[self.kept, self.pending, self.box],
            outputs=progress,
            cancels=asking,
            **quick,
        ).then(None, js=FOCUS_BOX)
        self.restart.click(
            self.restarted, outputs=[*progress, self.panel], cancels=asking, **quick
        ).then(None, js=FOCUS_BOX)
        self.panel.open_source(self.opened, inputs=[self.kept], outputs=self.panel, **quick)
        self.panel.close_source(lambda: "", outputs=self.panel, **quick)
        self.clear.click(
            lambda: ("", "", []), outputs=[self.first, self.last, self.publishers], **quick
        )
        surroundings = [self.chat, self.status, self.publishers]
        self.files.upload(
            self.uploaded,
            inputs=[self.files],
            outputs=[self.files, self.report, *surroundings],
            show_progress="hidden",
            concurrency_id="ingest",
            concurrency_limit=1,
            api_visibility="private",
        )
        page.load(self.loaded, inputs=[self.kept], outputs=[*surroundings, self.add], **quick)

    def begin_typed(self, question: str) -> Update:
        return {self.box: "", self.pending: question, self.stop: gr.update(visible=True)}

    def begin_example(self, chosen: gr.SelectData) -> Update:
        return {self.pending: chosen.value["text"], self.stop: gr.update(visible=True)}

    def answer(
        self,
        question: str,
        kept: object,
        first: str | None,
        last: str | None,
        publishers: list[str] | None,
        mode: Mode,
    ) -> Iterator[Update]:
        """Ask what was typed, under the limits of the form."""
        earlier = conversation.unpack(kept)
        try:
            filters = conversation.read_filters(first, last, publishers)
        except NewsAssistantError as error:
            yield self._ended({self.chat: conversation.refused(earlier, question, error)}, question)
            return
        yield from self._answered(question, earlier, filters, mode, infer=True)

    def answer_again(self, kept: object, mode: Mode, dropped: gr.EventData) -> Iterator[Update]:
        """Ask an earlier question again without one of the limits that were read from it."""
        answers = conversation.unpack(kept)
        kind, turn, index = conversation.read_pointer(str(dropped.pointer))
        if kind != "f" or turn >= len(answers):
            yield {self.stop: gr.update(visible=False)}
            return
        answer = answers[turn]
        yield {self.stop: gr.update(visible=True)}
        yield from self._answered(
            answer.question,
            answers[:turn] if turn == len(answers) - 1 else answers,
            conversation.without_inferred(answer, index),
            mode,
            infer=False,
            typed=False,
        )

    def _answered(
        self,
        question: str,
        earlier: list[Answer],
        filters: Filters,
        mode: Mode,
        *,
        infer: bool,
        typed: bool = True,
    ) -> Iterator[Update]:
        frames = conversation.converse(
            self.assistant, question, earlier, filters, infer_filters=infer, mode=mode
        )
        for frame in frames:
            shown: Update = {self.chat: frame.messages}
            if frame.failed:
                yield self._ended(shown, question if typed else None)
            elif frame.answers is None:
                yield shown
            else:
                kept = conversation.pack(frame.answers)
                yield self._ended(shown | {self.kept: kept}, None)

    def _ended(self, shown: Update, give_back: str | None) -> Update:
        """The last update of a question; one that failed goes back into the box."""
        ended = shown | {self.pending: "", self.stop: gr.update(visible=False)}
        return ended | ({self.box: give_back} if give_back else {})

    def stopped(self, kept: object, pending: str, typed: str) -> Update:
        answers = conversation.unpack(kept)
        return self._ended({self.chat: conversation.messages(answers)}, typed or pending)

    def restarted(self) -> Update:
        return self._ended({self.chat: [], self.kept: [], self.panel: ""}, None)

    def opened(self, kept: object, source: gr.EventData) -> str:
        """The article behind a source button."""
        try:
            return conversation.open_source(
                self.archive, conversation.unpack(kept), str(source.pointer)
            )
        except NewsAssistantError as error:
            return presentation.missing_panel("Source", "", str(error))
        except Exception:
            logger.exception("A source could not be opened.")
            return presentation.missing_panel(
                "Source", "", "This source could not be opened; the server's log has the details."
            )

    def uploaded(self, paths: list[str] | None, request: gr.Request) -> Iterator[Update]:
        """Take uploaded files into the archive and say what became of each."""
        if not may_ingest(request.request):
            report = presentation.failed_report("Your login may ask, but not add articles.")
            yield {self.files: None, self.report: report}
            return
        files = [Path(path) for path in paths or ()]
        yield {self.report: presentation.taking_in([file.name for file in files])}
        report = uploads.take_in(self.archive, files)
        yield self._surroundings() | {self.files: None, self.report: report}

    def loaded(self, kept: object, request: gr.Request) -> Update:
        """A page just opened, or opened again: the conversation it kept, the archive as it is."""
        shown = self._surroundings(value=conversation.messages(conversation.unpack(kept)))
        return shown | {self.add: gr.update(visible=may_ingest(request.request))}

    def _surroundings(self, **chat: Any) -> Update:
        """What shows the state of the archive; `chat` holds further changes of the conversation."""
        stats = self.archive.stats()
        today = datetime.now().astimezone().date()
        line = presentation.status_line(stats.articles, stats.newest, today)
        choices = [(plain(name), name) for name in self.archive.publishers()]
        return {
            self.chat: gr.update(
                placeholder=presentation.welcome(stats.articles, self.folder),
                examples=self.examples if stats.articles else [],
                **chat,
            ),
            self.status: f'<p role="status">{line}</p>',
            self.publishers: gr.update(choices=choices),
        }


def _day_box(label: str, elem_id: str) -> gr.Textbox:
    return gr.Textbox(
        label=label, placeholder="2022-09-21", max_lines=1, min_width=130, elem_id=elem_id
    )
