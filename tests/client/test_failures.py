"""Failed requests: each kind of failure is one typed error, for sync and async."""

from __future__ import annotations

import socket
import threading
import traceback
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

import benchwire
from benchwire._transport import sync
from support import wire
from support.both import KEY, Flavour
from support.fault_clock import SkippingClock, on_clock
from support.limits import with_growing_limit
from support.scripted import PATIENCE, Reply, always, json_reply

STATUSES = {
    400: benchwire.BadRequestError,
    401: benchwire.AuthenticationError,
    402: benchwire.PaymentRequiredError,
    403: benchwire.PermissionDeniedError,
    404: benchwire.NotFoundError,
    409: benchwire.ConflictError,
    422: benchwire.UnprocessableEntityError,
    429: benchwire.RateLimitError,
    500: benchwire.ServerError,
    503: benchwire.ServerError,
    520: benchwire.ServerError,
    418: benchwire.APIStatusError,
}


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_is_an_error_of_its_class(status: int, flavour: Flavour, scripted: Any) -> None:
    raw_response = json_reply({"error": "Not now."}, status, x_request_id="r-7", retry_after="30")
    service = scripted(always(raw_response))
    with pytest.raises(benchwire.APIStatusError) as caught:
        flavour.result(flavour.public(service.url).models.get())
    error = caught.value
    assert type(error) is STATUSES[status]
    assert (error.status_code, error.request_id) == (status, "r-7")
    assert (error.operation, error.headers["retry-after"]) == ("listModels", "30")
    assert str(error) == f"GET /models returned status {status}: Not now."
    assert len(service.requests) == 1


BODIES: dict[str, tuple[Reply, str]] = {
    "HTML": (Reply(b"<html>Welcome</html>", 200, {"content-type": "text/html"}), "$"),
    "nothing": (Reply(b""), "$"),
    "a list": (json_reply([]), "$"),
    "a row of another type": (
        json_reply(wire.models([wire.model(1), wire.model(2, name=5)], 2)),
        "$.models[1].name",
    ),
    "no total": (json_reply({"models": []}), "$.total_count"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_does_not_match_the_spec_is_an_error(
    name: str, flavour: Flavour, scripted: Any
) -> None:
    reply, path = BODIES[name]
    service = scripted(always(reply))
    with pytest.raises(benchwire.APIResponseValidationError) as caught:
        flavour.result(flavour.public(service.url).models.get())
    assert (caught.value.path, caught.value.status_code) == (path, 200)
    assert caught.value.operation == "listModels"


INTERRUPTED: dict[str, Reply | None] = {
    "closed without a response": None,
    "cut off in the body": Reply(b'{"models": []', 200, withheld=5),
    "cut off before the body": Reply(b"x" * 50, 200, withheld=50),
}


@pytest.mark.parametrize("name", INTERRUPTED)
def test_an_interrupted_connection_is_a_connection_error(
    name: str, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(INTERRUPTED[name]))
    with pytest.raises(benchwire.APIConnectionError) as caught:
        flavour.result(flavour.public(service.url).models.get(query="quiet"))
    check_connection_error(caught.value, f"GET {service.url}/models: no response")
    assert len(service.requests) == 1


def test_a_body_that_can_not_be_decompressed_is_a_connection_error(
    flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(Reply(b"no gzip", 200, {"content-encoding": "gzip"})))
    with pytest.raises(benchwire.APIConnectionError) as caught:
        flavour.result(flavour.public(service.url).models.get())
    check_connection_error(
        caught.value,
        "GET /models: the response with status 200 has an incomplete body: it can't be decompressed",
    )


def test_a_refused_connection_is_a_connection_error(flavour: Flavour) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(benchwire.APIConnectionError) as caught:
            flavour.result(flavour.public(url).models.get())
    check_connection_error(caught.value, f"GET {url}/models: no response: ConnectError")


def check_connection_error(error: benchwire.APIConnectionError, message: str) -> None:
    assert type(error) is benchwire.APIConnectionError
    assert str(error).startswith(message)
    assert (error.operation, error.request_id) == ("listModels", None)
    # httpx's exception holds the request, and the request the key: it must not be chained.
    assert (error.__cause__, error.__context__) == (None, None)
    assert KEY not in "".join(traceback.format_exception(error)) + repr(vars(error))


class LateResponse:
    """A handler that responds once its gate is set."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.gate = threading.Event()

    def __call__(self, received: Any) -> Reply:
        assert self.gate.wait(PATIENCE)
        return self.reply


@pytest.mark.parametrize(
    ("client_timeout", "call_timeout"),
    [(0.05, None), (None, 0.05), (60, 0.05), (60, httpx.Timeout(60, read=0.05))],
)
def test_a_late_response_is_a_timeout(
    client_timeout: Any, call_timeout: Any, flavour: Flavour, scripted: Any
) -> None:
    late = LateResponse(json_reply(wire.models([], 0)))
    service = scripted(late)
    client = flavour.public(service.url, timeout=client_timeout)
    try:
        with pytest.raises(benchwire.APITimeoutError) as caught:
            flavour.result(client.models.get(timeout=call_timeout))
    finally:
        late.gate.set()
    where = f"GET {service.url}/models: no response in time"
    assert str(caught.value) in {f"{where} (read)", f"{where} (total)"}
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert caught.value.operation == "listModels"


def test_the_timeout_of_a_call_applies_to_that_call_only(flavour: Flavour, scripted: Any) -> None:
    never = threading.Event()

    def late(received: Any) -> Reply:
        # Longer than the client waits; the first time shorter than the call.
        never.wait(0.2 if len(service.requests) == 1 else PATIENCE)
        return json_reply(wire.models([], 0))

    service = scripted(late)
    client = flavour.public(service.url, timeout=0.05)
    assert flavour.result(client.models.get(timeout=PATIENCE)).total_count == 0
    with pytest.raises(benchwire.APITimeoutError):
        flavour.result(client.models.get())
    never.set()


CALLS_WITH_TIMEOUT = {
    "benchmarks.get": lambda c, **o: c.benchmarks.get(**o),
    "benchmarks.get_prompts": lambda c, **o: c.benchmarks.get_prompts("b1", **o),
    "benchmarks.get_all_prompts": lambda c, **o: c.benchmarks.get_all_prompts("b1", **o),
    "evaluations.get_by_id": lambda c, **o: c.evaluations.get_by_id("e1", **o),
    "evaluations.get_many": lambda c, **o: c.evaluations.get_many(**o),
    "evaluations.wait": lambda c, **o: c.evaluations.wait("e1", **o),
    "comparisons.compare": lambda c, **o: c.comparisons.compare("e1", "e2", **o),
    "comparisons.compare_models": lambda c, **o: c.comparisons.compare_models("b", "1", "2", **o),
    "v2.benchmarks.list_types": lambda c, **o: c.benchmarks.list_types(**o),
    "v2.benchmarks.list_models": lambda c, **o: c.benchmarks.list_models(**o),
    "v2.benchmarks.get_model": lambda c, **o: c.benchmarks.get_model(1, **o),
    "v2.benchmarks.list_runs": lambda c, **o: c.benchmarks.list_runs(1, 2, **o),
    "v2.benchmarks.get_run": lambda c, **o: c.benchmarks.get_run(1, 2, **o),
    "v0.me": lambda c, **o: c.me(**o),
    "v0.benchmarks.list": lambda c, **o: c.benchmarks.list(**o),
    "v0.jobs.submit": lambda c, **o: c.jobs.submit("b", "http://x", "k", **o),
    "v0.jobs.submit_batch": lambda c, **o: c.jobs.submit_batch(["b"], "http://x", "k", **o),
    "v0.jobs.list": lambda c, **o: c.jobs.list(**o),
    "v0.jobs.get": lambda c, **o: c.jobs.get("j1", **o),
    "v0.jobs.wait": lambda c, **o: c.jobs.wait("j1", **o),
    "v0.jobs.wait_all": lambda c, **o: c.jobs.wait_all(["j1"], **o),
    "v0.jobs.run": lambda c, **o: c.jobs.run("b", "http://x", "k", **o),
}


@pytest.mark.parametrize("name", CALLS_WITH_TIMEOUT)
def test_every_call_has_a_timeout(name: str, flavour: Flavour, scripted: Any) -> None:
    late = LateResponse(json_reply({}))
    service = scripted(late)
    make = {"v2": flavour.v2, "v0": flavour.v0}.get(name.split(".", maxsplit=1)[0], flavour.public)

    def is_sent(limit: float) -> bool:
        with pytest.raises((benchwire.APITimeoutError, benchwire.WaitTimeoutError)) as caught:
            flavour.result(CALLS_WITH_TIMEOUT[name](make(service.url), timeout=limit))
        return not getattr(caught.value, "never_sent", False)

    try:
        with_growing_limit(is_sent)
        service.wait_for_requests(1)
    finally:
        late.gate.set()
    assert len(service.requests) == 1


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_an_invalid_timeout_is_refused(timeout: float, flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(json_reply(wire.models([], 0))))
    message = "^timeout must be a positive, finite number of seconds"
    with pytest.raises(ValueError, match=message):
        flavour.public(service.url, timeout=timeout)
    with pytest.raises(ValueError, match=message):
        flavour.result(flavour.public(service.url).models.get(timeout=timeout))
    assert service.requests == []


@pytest.mark.parametrize(
    "raw_response",
    [
        f"HTTP/1.1 200 OK\r\nbad key {KEY}\r\n\r\n",
        f"{KEY} is no status line\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nx-request-id: {KEY}\r\ncontent-length: 9\r\n\r\n",
        f"HTTP/1.1 200 OK\r\ncontent-encoding: {KEY}\r\ncontent-length: 2\r\n\r\n{{}}",
    ],
)
def test_a_key_in_the_head_of_a_response_is_redacted(
    raw_response: str, flavour: Flavour, clock: SkippingClock
) -> None:
    events: list[Any] = []
    hooks = benchwire.Hooks(on_retry=events.append, on_response=events.append)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _ in range(2):
                try:
                    connection, _ = listener.accept()
                except OSError:  # closed: not every response is retried
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(raw_response.encode())

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = on_clock(flavour.public(url, hooks=hooks, max_retries=1), clock)
        with pytest.raises(benchwire.APIError) as caught:
            flavour.result(client.models.get())
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    assert KEY not in shown + repr(events)


def test_the_timeout_of_an_attempt_includes_the_wait_for_the_headers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a sync client with an ``http_client``, whose own timeouts restart with each byte."""
    now = 0.0
    chunks = 0

    def body() -> Iterator[bytes]:
        nonlocal now, chunks
        while True:
            now += 0.2
            chunks += 1
            yield b" "

    def reply(request: httpx.Request) -> httpx.Response:
        nonlocal now
        now += 0.4
        return httpx.Response(200, content=body())

    monkeypatch.setattr(sync, "time", SimpleNamespace(monotonic=lambda: now))
    with (
        httpx.Client(transport=httpx.MockTransport(reply)) as http,
        benchwire.PublicClient(
            KEY, "http://127.0.0.1:9", timeout=0.5, max_retries=0, http_client=http
        ) as client,
        pytest.raises(benchwire.APITimeoutError),
    ):
        client.models.get()
    assert chunks == 1, "0.6 s have passed with the first"
