"""The command line: news-assistant COMMAND, see `_parser`.

In: arguments. Out: text or JSON on standard output, progress and errors on standard error, exit
code 0, 2 (the caller can put it right) or 1 (ours). Refuses to know: how anything is done.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from assistant.commands import evaluation, follow, key, mcp, remove, sync, versions
from assistant.commands.printing import Progress, RejectedFile, day, print_json, say
from assistant.errors import NewsAssistantError
from assistant.settings import Settings, load_settings
from assistant.types import Answer, Article, Citation, Filters, Passage, Rejection, show_date

if TYPE_CHECKING:
    from assistant.evaluation.questions import Question

_SNIPPET_CHARACTERS = 220


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = load_settings(arguments.settings, archive=arguments.archive)
        arguments.run(arguments, settings)
    except NewsAssistantError as error:
        print(f"news-assistant: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(
            "news-assistant: stopped; what was finished is kept. The same command again does the "
            "rest.",
            file=sys.stderr,
        )
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); that is its right.
        sys.stderr.close()
        return 0
    return 0


def _ingest(arguments: argparse.Namespace, settings: Settings) -> None:
    from assistant.archive.archive import Archive
    from assistant.archive.folders import LocatedArticles

    items = LocatedArticles(arguments.paths, {"mapping": dict(arguments.map)})
    everything: list[Rejection] = []  # what --json lists; a summary holds the first of many
    with Archive.open(settings=settings) as archive, RejectedFile(arguments.rejected) as file:
        if arguments.if_empty and archive.stats().articles:
            say(f"The archive {archive.path} already holds articles.")
            return

        def rejected(rejection: Rejection) -> None:
            file.write(rejection)
            if arguments.json:
                everything.append(rejection)

        with Progress("Reading articles", unit=" articles") as progress:
            summary = archive.ingest(
                progress.counting(items),
                progress=lambda now: progress.tell(
                    accepted=now.accepted, copies=now.copies, rejected=now.rejected
                ),
                on_reject=rejected,
            )
    if arguments.json:
        print_json(
            summary.to_json() | {"rejected": [rejection.to_json() for rejection in everything]}
        )
        return
    print(
        f"{summary.added} added, {summary.updated} updated, {summary.unchanged} unchanged, "
        f"{summary.copies} copies of a known story, {summary.rejections} rejected; "
        f"{summary.passages} passages in {summary.seconds:.1f} s."
    )
    if summary.superseded:
        print(f"{summary.superseded} older than the archive's version: kept, not searched.")
    if summary.held:
        print(f"{summary.held} under embargo: stored, not shown before their time.")
    for rejection in summary.rejected:
        print(f"  rejected {rejection.source}: {rejection.reason}")
    if summary.rejections > len(summary.rejected):
        print(f"  … the first {len(summary.rejected)} of {summary.rejections} (--rejected FILE)")


def _ask(arguments: argparse.Namespace, settings: Settings) -> None:
    from assistant.answering.assistant import Assistant

    with Assistant.open(settings, create=False) as assistant:
        answer = assistant.ask(
            arguments.question,
            filters=_filters(arguments),
            as_of=arguments.as_of,
            infer_filters=not arguments.no_infer,
        )
    if arguments.json:
        print_json(answer.to_json())
    else:
        _print_answer(answer)


def _search(arguments: argparse.Namespace, settings: Settings) -> None:
    from assistant.answering.assistant import Assistant
    from assistant.retrieval.query import absent_publishers_note, understand

    with Assistant.open(settings, create=False) as assistant:
        query = understand(
            arguments.query,
            assistant.archive,
            filters=_filters(arguments),
            as_of=arguments.as_of,
            infer_filters=not arguments.no_infer,
        )
        passages = assistant.retriever.search(query, top_n=arguments.limit)
        unknown = absent_publishers_note(query.filters.combined, assistant.archive)
    if arguments.json:
        found = [passage.to_json() for passage in passages]
        print_json({"filters": query.filters.to_json(), "passages": found})
        return
    for because in (inferred.because for inferred in query.filters.inferred):
        print(f"Filtered by “{because}” (--no-infer to search without).")
    for number, passage in enumerate(passages, 1):
        print(f"{number}. {_source_line(passage)}")
        print(f"   {_one_line(passage.text)}")
    if not passages:
        print(" ".join(["Nothing found.", *unknown]))


def _evaluate(arguments: argparse.Namespace, settings: Settings) -> None:
    from assistant.answering.assistant import Assistant
    from assistant.evaluation.questions import read_questions, select_questions
    from assistant.evaluation.runs import evaluate, summary_lines

    judge = evaluation.judge(arguments, settings)
    questions = select_questions(
        read_questions(arguments.questions, qrels=arguments.qrels),
        kinds=arguments.kind or (),
        limit=arguments.limit,
        sample=arguments.sample,
        seed=arguments.seed,
    )
    if arguments.run_file:
        _score_run(arguments, settings, questions)
        return
    with (
        Assistant.open(settings, create=False) as assistant,
        Progress("Asking", unit=" questions", total=len(questions)) as progress,
    ):
        metrics = evaluate(
            assistant,
            questions,
            arguments.output,
            abstain=not arguments.no_abstain,
            infer_filters=not arguments.no_infer,
            resume=arguments.resume,
            seed=arguments.seed,
            progress=progress.step,
        )
    lines = summary_lines(metrics)
    if judge:
        metrics["judge"] = judge()
        lines += evaluation.judge_lines(metrics["judge"])
    if arguments.json:
        print_json(metrics)
    else:
        print("\n".join(lines))


def _score_run(
    arguments: argparse.Namespace, settings: Settings, questions: Sequence[Question]
) -> None:
    """Another system's run file, judged by the same gold as our own."""
    from assistant.archive.archive import Archive
    from assistant.evaluation.runs import summary_lines
    from assistant.evaluation.trec import score_run

    with Archive.open(settings=settings, create=False) as archive:
        metrics = score_run(arguments.run_file, questions, archive.article, seed=arguments.seed)
    if arguments.json:
        print_json(metrics)
    else:
        print("\n".join(summary_lines(metrics)))


def _compare(arguments: argparse.Namespace, _: Settings) -> None:
    from assistant.evaluation.comparison import compare, write_comparison

    comparison = compare(arguments.run_a, arguments.run_b, seed=arguments.seed)
    if arguments.output:
        write_comparison(comparison, arguments.output)
    if arguments.json:
        print_json(comparison.to_json())
    else:
        print("\n".join(comparison.lines()))


def _serve(arguments: argparse.Namespace, settings: Settings) -> None:
    from assistant.offline import go_offline

    go_offline()
    try:
        from assistant.web.launch import launch
    except ModuleNotFoundError as error:
        _fail(
            f"The chat needs Gradio: pip install 'news-assistant[web]' ({error.name} is missing)."
        )
    from assistant.answering.assistant import Assistant
    from assistant.web.access import Gate
    from assistant.web.logs import configure_logs
    from assistant.web.serving import read_examples

    chosen = {"host": arguments.host, "port": arguments.port}
    settings = settings.model_copy(update={k: v for k, v in chosen.items() if v is not None})
    Gate(settings)  # before the models are loaded: an open server without keys is refused
    configure_logs()
    with Assistant.open(settings) as assistant:
        launch(assistant, settings, read_examples(Path("corpus/examples.json")))


def _stats(arguments: argparse.Namespace, settings: Settings) -> None:
    from assistant.archive.archive import Archive

    with Archive.open(settings=settings, create=False) as archive:
        stats = archive.stats()
    if arguments.json:
        print_json(stats.to_json())
        return
    period = f"{stats.oldest} to {stats.newest}" if stats.oldest else "no dates"
    print(f"{stats.path}: {stats.articles} articles ({period}), {stats.passages} passages")
    print(
        f"{stats.undated} undated, {stats.clusters} stories carried more than once, "
        f"{stats.bytes / 1e6:.1f} MB, embedder {stats.embedder}"
    )
    if stats.held:
        print(f"{stats.held} more under embargo, not shown before their time")
    if len(stats.languages) > 1:
        print("languages: " + ", ".join(f"{code} {n}" for code, n in stats.languages))
    for publisher, articles in stats.publishers:
        print(f"  {articles:6} {publisher}")


# -- arguments --------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="news-assistant", description="Questions to a news archive, answers with their source."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace, Settings], None], text: str
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.add_argument("--archive", type=Path, help="folder of the archive (default: archive)")
        one.add_argument("--settings", type=Path, help="a TOML file with settings")
        one.add_argument("--json", action="store_true", help="print JSON")
        one.set_defaults(run=run)
        return one

    ingest = command("ingest", _ingest, "Take articles in from files and folders.")
    ingest.epilog = (
        "Read are text, Markdown with front matter, saved pages (HTML), JSON, JSON Lines, CSV, "
        "Parquet, ninjs, NewsML-G2, NITF, WARC, WACZ, mbox, EML, PDF and DOCX, and any of them in "
        "gzip, bzip2, zip and tar files; what a file holds is told by its content first."
    )
    ingest.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    ingest.add_argument(
        "--map",
        action="append",
        default=[],
        type=_pair,
        metavar="FIELD=COLUMN",
        help="take a field (title, text, url, published_at …) from this column or key of tables "
        "and JSON; may be repeated",
    )
    ingest.add_argument("--if-empty", action="store_true", help="do nothing where articles are")
    ingest.add_argument(
        "--rejected", type=Path, metavar="FILE", help="write what is rejected there, as JSON lines"
    )
    ask = command("ask", _ask, "Answer a question from the archive.")
    ask.add_argument("question")
    search = command("search", _search, "List the passages that fit a query best.")
    search.add_argument("query")
    search.add_argument("--limit", type=_positive, default=10, help="how many passages")
    for one in (ask, search):
        one.add_argument("--from", dest="published_from", type=day, metavar="DATE")
        one.add_argument("--to", dest="published_to", type=day, metavar="DATE")
        one.add_argument("--publisher", action="append", default=[], help="may be repeated")
        one.add_argument(
            "--language",
            type=_language,
            action="append",
            default=[],
            metavar="CODE",
            help="en, de, …; may be repeated",
        )
        one.add_argument("--as-of", type=day, metavar="DATE", help="hide what came later")
        one.add_argument("--no-infer", action="store_true", help="read no filters in the words")
    evaluate = command("evaluate", _evaluate, "Score a question set.")
    evaluate.add_argument("questions", type=Path)
    evaluate.add_argument("--output", type=Path, help="folder for predictions and metrics")
    evaluate.add_argument("--no-abstain", action="store_true", help="answer however weak")
    evaluate.add_argument("--no-infer", action="store_true", help="read no filters in questions")
    evaluate.add_argument("--qrels", type=Path, help="the qrels file of TREC topics")
    evaluate.add_argument(
        "--run", dest="run_file", type=Path, help="score this TREC run file instead of asking"
    )
    evaluate.add_argument("--kind", action="append", help="only this kind; may be repeated")
    evaluate.add_argument("--limit", type=_positive, help="only the first so many")
    evaluate.add_argument("--sample", type=_positive, help="so many drawn at random")
    evaluate.add_argument("--seed", type=int, default=0)
    evaluate.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    evaluate.add_argument("--judge", action="store_true", help="have the language model judge too")
    compare = command("compare", _compare, "Say what changed between two evaluation runs.")
    compare.add_argument("run_a", type=Path)
    compare.add_argument("run_b", type=Path)
    compare.add_argument("--output", type=Path, help="write the comparison as a page")
    compare.add_argument("--seed", type=int, default=0)
    serve = command("serve", _serve, "Serve the chat page and the HTTP API.")
    serve.add_argument("--host")
    serve.add_argument("--port", type=int)
    follow.add(command)
    key.add(command)
    command("stats", _stats, "Say what the archive holds.")
    for module in (remove, sync, versions, mcp):
        module.add(command)
    return parser


def _language(text: str) -> str:
    from assistant.archive.languages import language_code

    code = language_code(text)
    if code is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no language code; write en, de or fr")
    return code


def _pair(text: str) -> tuple[str, str]:
    field, _, column = text.partition("=")
    if not field.strip() or not column.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is no mapping; write title=headline")
    return field.strip(), column.strip()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _filters(arguments: argparse.Namespace) -> Filters:
    return Filters(
        published_from=arguments.published_from,
        published_to=arguments.published_to,
        publishers=tuple(arguments.publisher),
        languages=tuple(arguments.language),
    )


# -- printing ---------------------------------------------------------------------------------


def _print_answer(answer: Answer) -> None:
    if answer.standalone_question != answer.question:
        print(f"Understood as: {answer.standalone_question}")
    for because in (inferred.because for inferred in answer.filters.inferred):
        print(f"Filtered by “{because}” (--no-infer to ask without).")
    if answer.abstained:
        print(answer.text)
        for note in answer.notes:
            print(note)
        for passage in answer.passages[:3]:
            print(f"  closest: {_source_line(passage)}")
            print(f"           {_one_line(passage.text)}")
        return
    print(answer.answer)
    print()
    print(answer.text)
    for note in answer.notes:
        print(f"Note: {note}")
    print()
    for citation in answer.citations:
        print(f"[{citation.number}] {_source_line(citation)}")


def _source_line(source: Citation | Passage) -> str:
    origin: Article | Passage = source.article if isinstance(source, Citation) else source
    parts = [
        origin.title,
        origin.publisher,
        show_date(origin.published_at) or "undated",
        origin.url,
    ]
    carried = [copy.publisher for copy in source.copies if copy.publisher]
    also = f" (also carried by {', '.join(carried)})" if carried else ""
    return ", ".join(part for part in parts if part) + also


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    cut = line[:_SNIPPET_CHARACTERS]
    return line if line == cut else f"{cut} …"


def _fail(message: str) -> NoReturn:
    raise NewsAssistantError(message)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
