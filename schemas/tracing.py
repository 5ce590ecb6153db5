"""Trace a reply from the gateway over the broker to worker and consumers; off unless configured.

The context travels as W3C ``traceparent`` in the headers of events
(https://www.w3.org/TR/trace-context/), so everything that is done for a prompt is one trace, on
whatever machines. There is a span for each prompt, reply and event, and none for a token: where
traces are off a span costs one comparison, and OpenTelemetry is not even imported.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from schemas.settings import SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

# A collector that is away must not keep a process from stopping.
_EXPORT_TIMEOUT_S = 1

Kind = Literal["producer", "consumer", "internal"]
Attribute = str | int | float | bool


class _Traces:
    """What the process's spans go to: set once at start, as its logs are."""

    provider: "TracerProvider | None" = None


class Span:
    """What is said of one piece of work; a span of nothing says nothing."""

    def say(self, **attributes: Attribute) -> None:
        """Add attributes, such as how it ended."""

    def fail(self, reason: str) -> None:
        """Mark the work as failed."""


class _RecordedSpan(Span):
    def __init__(self, span: "object") -> None:
        self._span = span

    def say(self, **attributes: Attribute) -> None:
        for name, value in attributes.items():
            self._span.set_attribute(f"rivulet.{name}", value)  # type: ignore[attr-defined]

    def fail(self, reason: str) -> None:
        from opentelemetry.trace import StatusCode  # noqa: PLC0415 - see the module

        self._span.set_status(StatusCode.ERROR, reason)  # type: ignore[attr-defined]


_NOTHING = Span()


def configure_traces(service: str, endpoint: str | None) -> None:
    """Send the spans of this process to an OTLP/HTTP endpoint; ``None`` makes none.

    Raises ``SettingsError`` where OpenTelemetry is not installed. Starts a thread, so it must come
    after whatever forks.
    """
    if endpoint is None:
        return
    try:
        # Not installed everywhere, and half a second to import.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError(
            "RIVULET_TRACES is set, but OpenTelemetry is not installed: "
            "pip install 'rivulet[traces]', or unset it"
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": f"rivulet-{service}"}))
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=_EXPORT_TIMEOUT_S)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _Traces.provider = provider


def end_traces() -> None:
    """Send what is left; nothing is traced any more."""
    provider, _Traces.provider = _Traces.provider, None
    if provider is not None:
        provider.shutdown()


def is_tracing() -> bool:
    """Tell whether spans are made."""
    return _Traces.provider is not None


def tracer_provider() -> "TracerProvider | None":
    """Return what a library's own instrumentation needs; ``None`` where traces are off."""
    return _Traces.provider


@contextmanager
def span(
    name: str,
    kind: Kind = "internal",
    *,
    came_with: Mapping[str, str] | None = None,
    **attributes: Attribute,
) -> Iterator[Span]:
    """Time a piece of work; it goes on with the trace that ``came_with`` headers, if any does."""
    if _Traces.provider is None:
        yield _NOTHING
        return
    from opentelemetry import trace  # noqa: PLC0415 - see the module
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    context = None if came_with is None else TraceContextTextMapPropagator().extract(came_with)
    tracer = _Traces.provider.get_tracer("rivulet")
    with tracer.start_as_current_span(
        name, context=context, kind=trace.SpanKind[kind.upper()]
    ) as started:
        recorded = _RecordedSpan(started)
        recorded.say(**attributes)
        yield recorded


def go_on_with(headers: Mapping[str, str]) -> None:
    """Let the spans of this task be parts of the trace that a client's headers name, if any.

    Only of that one: a client's ``tracestate`` would be kept in the log with every event.
    """
    if _Traces.provider is None:
        return
    from opentelemetry.context import attach  # noqa: PLC0415 - see the module
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    parent = headers.get("traceparent")
    attach(TraceContextTextMapPropagator().extract({"traceparent": parent} if parent else {}))


def inject(headers: dict[str, str]) -> None:
    """Let the work at hand be gone on with by whoever gets these headers."""
    if _Traces.provider is None:
        return
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - see the module
        TraceContextTextMapPropagator,
    )

    TraceContextTextMapPropagator().inject(headers)
