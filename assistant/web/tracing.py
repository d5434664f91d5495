"""OpenTelemetry spans for requests and the stages of answers, where a collector is configured.

In: a collector's address, finished answers. Out: spans, sent in the background.
Refuses to know: how stages are timed; the answer brings its own timings, so the pipeline needs no
tracer. Without an address nothing of OpenTelemetry is set up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from starlette.types import Scope

from assistant.types import Answer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

SERVICE = "news-assistant"
# The stages that an answer times, as the four that a trace shows, in their order.
STAGES: Mapping[str, tuple[str, ...]] = {
    "understand": ("understand",),
    "retrieve": ("lexical", "dense", "fuse", "collapse"),
    "read": ("read",),
    "write": ("answer",),
}
_NS_PER_MS = 1_000_000


class Tracing:
    """Spans for one server; does nothing where no collector is configured."""

    def __init__(self, endpoint: str | None) -> None:
        self._provider: TracerProvider | None = None
        self._tracer: Any = None
        if endpoint:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor

            self._provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
            exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")
            self._provider.add_span_processor(BatchSpanProcessor(exporter))
            self._tracer = self._provider.get_tracer(SERVICE)

    @contextmanager
    def request(self, scope: Scope) -> Iterator[None]:
        """A span around a request, below the caller's own (`traceparent`) where it sent one."""
        if self._tracer is None:
            yield
            return
        from opentelemetry.propagate import extract

        carrier = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if name in (b"traceparent", b"tracestate")
        }
        with self._tracer.start_as_current_span(scope["method"], context=extract(carrier)) as span:
            span.set_attribute("http.request.method", scope["method"])
            span.set_attribute("url.path", scope["path"])
            span.set_attribute("news_assistant.request_id", scope["state"]["request_id"])
            yield
            # The route is known only now; its template, as paths are without number.
            route = getattr(scope.get("route"), "path", None)
            if route:
                span.update_name(f"{scope['method']} {route}")

    def answered(self, answer: Answer, started_ns: int) -> None:
        """One span for an answer and, inside it, one for each stage, laid end to end."""
        if self._tracer is None:
            return
        from opentelemetry.trace import set_span_in_context

        timings = answer.timings_ms
        whole = self._tracer.start_span("ask", start_time=started_ns)
        whole.set_attribute("news_assistant.abstained", answer.abstained)
        whole.set_attribute("news_assistant.citations", len(answer.citations))
        inside = set_span_in_context(whole)
        at_ns = started_ns
        for name, parts in STAGES.items():
            spent_ms = sum(timings.get(part, 0.0) for part in parts)
            span = self._tracer.start_span(name, context=inside, start_time=at_ns)
            for part in parts:
                span.set_attribute(f"news_assistant.{part}_ms", timings.get(part, 0.0))
            at_ns += round(spent_ms * _NS_PER_MS)
            span.end(at_ns)
        whole.end(max(at_ns, started_ns + round(timings.get("total", 0.0) * _NS_PER_MS)))

    def close(self) -> None:
        """Send what is left."""
        if self._provider is not None:
            self._provider.shutdown()
