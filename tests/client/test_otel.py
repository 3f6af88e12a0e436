"""Spans and durations in OpenTelemetry's own SDK, by its conventions for HTTP clients."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import benchwire
from benchwire import export
from support import wire
from support.both import KEY, Flavour
from support.fault_clock import SkippingClock, on_clock
from support.scripted import PATIENCE, Received, Reply, Scripted, always, json_reply


class Telemetry:
    """What a program records, and hooks that record there."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader])
        self.hooks = benchwire.otel.hooks(self.tracers, self.meters)

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    def durations(self) -> list[Any]:
        data = self.reader.get_metrics_data()
        assert data is not None
        (resource,) = data.resource_metrics
        (scope,) = resource.scope_metrics
        (metric,) = scope.metrics
        assert (scope.scope.name, metric.name) == ("benchwire", "http.client.request.duration")
        assert metric.unit == "s"
        return list(metric.data.data_points)


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    telemetry = Telemetry()
    yield telemetry
    telemetry.tracers.shutdown()
    telemetry.meters.shutdown()


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_request_is_a_span_and_a_duration(
    flavour: Flavour, scripted: Scripted, telemetry: Telemetry
) -> None:
    service = scripted(always(json_reply(wire.models([], 0))))
    client = flavour.make("PublicClient", KEY, service.url + "/api/v1", hooks=telemetry.hooks)
    flavour.result(client.models.get(query="of a secret plan", companies=["OpenAI", "Google"]))
    (span,) = telemetry.spans
    port = int(service.url.rpartition(":")[2])
    common = {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.template": "/api/v1/models",
        "http.response.status_code": 200,
    }
    names = "query=REDACTED&companies=REDACTED&page=REDACTED&page_size=REDACTED"
    assert (span.name, span.kind) == ("GET /api/v1/models", SpanKind.CLIENT)
    assert attributes(span) == common | {
        "url.full": f"{service.url}/api/v1/models?{names}",
        "benchwire.service": "public",
        "benchwire.operation": "listModels",
    }
    assert span.status.status_code is StatusCode.UNSET
    (point,) = telemetry.durations()
    assert dict(point.attributes) == common
    assert (point.count, point.explicit_bounds[:2]) == (1, (0.005, 0.01))
    assert span.end_time is not None
    assert span.start_time is not None
    assert point.sum <= (span.end_time - span.start_time) / 1e9
    recorded = span.to_json() + str(point)
    assert KEY not in recorded
    assert "secret" not in recorded
    assert "OpenAI" not in recorded


def test_names_have_no_ids(flavour: Flavour, scripted: Scripted, telemetry: Telemetry) -> None:
    service = scripted(always(json_reply(wire.evaluation(1, id="eval-1"))))
    client = flavour.make("PublicClient", KEY, service.url + "/api/v1", hooks=telemetry.hooks)
    flavour.result(client.evaluations.get_by_id("eval-1"))
    flavour.result(client.get_raw("/some/eval-1"))
    by_id, raw = telemetry.spans
    assert (
        by_id.name == "GET " + attributes(by_id)["url.template"] == "GET /api/v1/evaluations/{id}"
    )
    assert raw.name == "GET"
    assert not {"url.template", "benchwire.operation"} & attributes(raw).keys()
    assert attributes(raw)["url.full"] == service.url + "/api/v1/some/eval-1"


def test_each_attempt_is_a_span(
    flavour: Flavour, scripted: Scripted, telemetry: Telemetry, clock: SkippingClock
) -> None:
    replies = [
        Reply(b"", 503, {"retry-after": "0"}),
        Reply(gzip.compress(b'{"models": []}')[:-9], 200, {"content-encoding": "gzip"}),
        None,
        json_reply(wire.models([], 0)),
    ]
    service = scripted(lambda _: replies.pop(0))
    client = flavour.make("PublicClient", KEY, service.url, hooks=telemetry.hooks, max_retries=4)
    flavour.result(on_clock(client, clock).models.get())
    found = [attributes(span) for span in telemetry.spans]
    assert [one.get("http.response.status_code") for one in found] == [503, 200, None, 200]
    error = "APIConnectionError"
    assert [one.get("error.type") for one in found] == ["503", error, error, None]
    assert [one.get("http.request.resend_count") for one in found] == [None, 1, 2, 3]
    statuses = [span.status.status_code for span in telemetry.spans]
    assert statuses == [StatusCode.ERROR] * 3 + [StatusCode.UNSET]
    assert "incomplete body" in (telemetry.spans[1].status.description or "")
    outcomes = [
        (point.attributes.get("http.response.status_code"), point.attributes.get("error.type"))
        for point in telemetry.durations()
    ]
    assert Counter(outcomes) == Counter([(503, "503"), (200, error), (None, error), (200, None)])


def test_what_was_never_sent_is_a_span_too(flavour: Flavour, telemetry: Telemetry) -> None:
    client = flavour.make(
        "PublicClient", KEY, "http://127.0.0.1:9", hooks=telemetry.hooks, max_retries=0
    )
    with pytest.raises(benchwire.APIConnectionError):
        flavour.result(client.models.get())
    late = client.with_options(deadline=1e-9)
    with pytest.raises(benchwire.DeadlineExceededError):
        flavour.result(late.models.get())
    refused, unsent = telemetry.spans
    assert attributes(refused)["error.type"] == "APIConnectionError"
    assert "Connect" in (refused.status.description or "")
    assert "page" not in (refused.status.description or "")
    assert attributes(unsent)["error.type"] == "DeadlineExceededError"


def test_an_attempt_without_time_is_no_duration(flavour: Flavour, telemetry: Telemetry) -> None:
    client = flavour.make("PublicClient", KEY, "http://127.0.0.1:9", hooks=telemetry.hooks)
    with pytest.raises(benchwire.DeadlineExceededError):
        flavour.result(client.models.get(deadline=1e-9))
    assert len(telemetry.spans) == 1
    assert telemetry.reader.get_metrics_data() is None


def test_texts_of_errors_of_the_users_own_code_are_not_recorded(telemetry: Telemetry) -> None:
    own = type("APIConnectionError", (Exception,), {})

    def fail(_: httpx.Request) -> httpx.Response:
        raise own("a prompt of the user's")

    with (
        httpx.Client(transport=httpx.MockTransport(fail)) as http,
        benchwire.PublicClient(KEY, hooks=telemetry.hooks, http_client=http) as client,
        pytest.raises(own),
    ):
        client.models.get()
    (span,) = telemetry.spans
    assert attributes(span)["error.type"] == "APIConnectionError"
    assert "prompt" not in span.to_json()


def test_an_interrupt_after_the_response_is_no_second_span(
    scripted: Scripted, telemetry: Telemetry
) -> None:
    service = scripted(always(json_reply(wire.models([], 0))))

    def interrupt(event: benchwire.ResponseEvent) -> None:
        assert telemetry.hooks.on_response is not None
        telemetry.hooks.on_response(event)
        raise KeyboardInterrupt

    hooks = evolve(telemetry.hooks, on_response=interrupt)
    with (
        benchwire.PublicClient(KEY, service.url, hooks=hooks) as client,
        pytest.raises(KeyboardInterrupt),
    ):
        client.models.get()
    assert [span.status.status_code for span in telemetry.spans] == [StatusCode.UNSET]


def pages(received: Received) -> Reply:
    page, size = (int(received.query[name]) for name in ("page", "page_size"))
    rows = [wire.model(number) for number in range(100)]
    return json_reply(wire.models(rows[size * (page - 1) : size * page], 100))


def parents(spans: list[ReadableSpan]) -> list[int | None]:
    return [span.parent and span.parent.span_id for span in spans]


def test_pages_fetched_ahead_are_children_of_the_callers_span(
    scripted: Scripted, telemetry: Telemetry
) -> None:
    service = scripted(pages)
    tracer = telemetry.tracers.get_tracer("test")
    with (
        benchwire.PublicClient(KEY, service.url, hooks=telemetry.hooks) as client,
        tracer.start_as_current_span("report") as report,
    ):
        assert len(client.models.iter_models(page_size=5).to_list()) == 100
    *requests, _ = telemetry.spans
    assert len(requests) >= 20
    assert set(parents(requests)) == {report.get_span_context().span_id}


def test_pages_fetched_ahead_by_tasks_are_children_of_the_callers_span(
    scripted: Scripted, telemetry: Telemetry
) -> None:
    service = scripted(pages)

    async def report() -> int:
        tracer = telemetry.tracers.get_tracer("test")
        async with benchwire.AsyncPublicClient(KEY, service.url, hooks=telemetry.hooks) as client:
            with tracer.start_as_current_span("report") as report:
                assert len(await client.models.iter_models(page_size=5).to_list()) == 100
                return report.get_span_context().span_id

    parent = asyncio.run(report())
    *requests, _ = telemetry.spans
    assert len(requests) >= 20
    assert set(parents(requests)) == {parent}


def test_requests_of_an_export_are_children_of_the_callers_span(
    telemetry: Telemetry, tmp_path: Path
) -> None:
    tracer = telemetry.tracers.get_tracer("test")
    with (
        benchwire.local.serve() as server,
        server.public_client(hooks=telemetry.hooks) as client,
        tracer.start_as_current_span("nightly") as nightly,
    ):
        few = client.evaluations.get_many(status="success", page_size=3).evaluations
        export.export_results(client, tmp_path, few)
    *requests, last = telemetry.spans
    assert len(requests) > 3
    assert set(parents(requests)) == {nightly.get_span_context().span_id}
    assert last.name == "nightly"


def test_a_cancelled_request_ends_its_span(scripted: Scripted, telemetry: Telemetry) -> None:
    arrived, released = threading.Event(), threading.Event()

    def answer(_: Received) -> None:
        arrived.set()
        released.wait(PATIENCE)

    service = scripted(answer)

    async def cancelled() -> None:
        async with benchwire.AsyncPublicClient(KEY, service.url, hooks=telemetry.hooks) as client:
            task = asyncio.ensure_future(client.models.get())
            await asyncio.to_thread(arrived.wait, PATIENCE)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancelled())
    released.set()
    (span,) = telemetry.spans
    assert attributes(span)["error.type"] == "CancelledError"
    assert span.status.status_code is StatusCode.ERROR
