"""Spans and metrics of OpenTelemetry for the requests of clients.

::

    import benchwire

    client = benchwire.PublicClient(hooks=benchwire.otel.hooks())

Needs the extra ``otel``: ``pip install "benchwire[otel]"``. It brings the API of OpenTelemetry alone;
which SDK and exporter records, the program configures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

try:
    from opentelemetry import metrics, trace
    from opentelemetry.trace import SpanKind, Status, StatusCode
except ImportError as problem:
    raise ImportError(
        f'telemetry needs the extra "otel": pip install "benchwire[otel]" ({problem})'
    ) from problem

from benchwire.events import FailureEvent, Hooks, RequestEvent, ResponseEvent

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

    Attributes = dict[str, str | int]

__all__ = ["hooks"]

# The boundaries that the conventions advise, in seconds.
_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]


def hooks(
    tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
) -> Hooks:
    """Return hooks that record a span and a duration for each attempt at a request.

    They follow the semantic conventions for HTTP clients: spans of the kind CLIENT, named by method
    and path template, and the histogram ``http.client.request.duration`` in seconds. A retry is a span
    of its own with ``http.request.resend_count``. Spans are children of the caller's current span,
    also where pages are fetched ahead in threads. No header is recorded, and of a query the names
    alone. ``benchwire.service`` and ``benchwire.operation`` name the spec and its operation; the path
    of `get_raw` is of none.

    Args:
        tracer_provider: Makes the spans; by default the global one.
        meter_provider: Records the durations; by default the global one.
    """
    recorder = _Recorder(tracer_provider, meter_provider)
    return Hooks(
        on_request=recorder.start, on_response=recorder.response, on_failure=recorder.failure
    )


class _Recorder:
    def __init__(
        self, tracer_provider: TracerProvider | None, meter_provider: MeterProvider | None
    ) -> None:
        self._tracer = trace.get_tracer("benchwire", tracer_provider=tracer_provider)
        self._durations = metrics.get_meter(
            "benchwire", meter_provider=meter_provider
        ).create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        # With what the duration will have, so far; by the identity of the event, as equal ones may be
        # under way together.
        self._started: dict[int, tuple[Span, Attributes]] = {}

    def start(self, event: RequestEvent) -> None:
        attributes = _endpoint(event)
        span = self._tracer.start_span(
            f"{event.method} {_template(event)}".rstrip(),
            kind=SpanKind.CLIENT,
            attributes={
                **attributes,
                "url.full": _url(event),
                "benchwire.service": event.service,
                **({"benchwire.operation": event.operation} if event.template else {}),
                **({"http.request.resend_count": event.attempt - 1} if event.attempt > 1 else {}),
            },
        )
        self._started[id(event)] = span, attributes

    def response(self, event: ResponseEvent) -> None:
        _, attributes = self._started[id(event.request)]
        attributes["http.response.status_code"] = event.status_code
        if event.status_code >= 400:
            attributes["error.type"] = str(event.status_code)
        if event.is_complete:
            self._end(event.request, event.elapsed)

    def failure(self, event: FailureEvent) -> None:
        is_sent = id(event.request) in self._started
        if not is_sent and event.elapsed:
            return  # interrupted after its response
        if not is_sent:  # there was no time left for it
            self.start(event.request)
        _, attributes = self._started[id(event.request)]
        attributes["error.type"] = event.kind
        # Errors of the user's own code may have anything in their texts.
        reason = event.reason if event.is_own else None
        self._end(event.request, event.elapsed if is_sent else None, reason)

    def _end(self, event: RequestEvent, elapsed: float | None, reason: str | None = None) -> None:
        span, attributes = self._started.pop(id(event))
        span.set_attributes(attributes)
        if "error.type" in attributes:
            span.set_status(Status(StatusCode.ERROR, reason))
        span.end()
        if elapsed is not None:
            self._durations.record(elapsed, attributes)


def _endpoint(event: RequestEvent) -> Attributes:
    url = urlsplit(event.base_url)
    found: Attributes = {
        "http.request.method": event.method,
        "server.address": url.hostname or "",
        "server.port": url.port or (80 if url.scheme == "http" else 443),
    }
    if template := _template(event):
        found["url.template"] = template
    return found


def _template(event: RequestEvent) -> str:
    return urlsplit(event.base_url).path + event.template if event.template else ""


def _url(event: RequestEvent) -> str:
    names = [pair.partition("=")[0] for pair in event.query.split("&") if pair]
    query = "&".join(f"{name}=REDACTED" for name in names)
    return event.base_url + event.path + (f"?{query}" if query else "")
