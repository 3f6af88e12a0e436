"""Mocks and caches of other libraries as a user's `http_client`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hishel
import httpx
import pytest
import respx
from hishel.httpx import AsyncCacheTransport, CacheTransport
from pytest_httpx import HTTPXMock, IteratorStream

import benchwire
from support import wire
from support.both import Flavour
from support.fault_clock import SkippingClock, on_clock
from support.jobs_service import JobsService, submit
from support.scripted import Received, Reply, ScriptedService, json_reply

URL = "https://api.test"
PAGE = wire.models([wire.model(1)], 1)
RAW = json.dumps(PAGE).encode()


@pytest.fixture
def router() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=URL) as router:
        yield router


def ids(flavour: Flavour, client: Any) -> list[str]:
    return [model.id for model in flavour.result(client.models.get()).models]


@pytest.mark.parametrize("is_own", [True, False])
def test_respx(is_own: bool, flavour: Flavour, router: respx.MockRouter) -> None:
    """It mocks the connections of a client without an `http_client`, too."""
    route = router.get("/models").mock(return_value=httpx.Response(200, json=PAGE))
    options = {"http_client": flavour.http()} if is_own else {}
    assert ids(flavour, flavour.public(URL, **options)) == ["m1"]
    assert route.call_count == 1


def test_errors_of_respx_are_retried(
    flavour: Flavour, router: respx.MockRouter, clock: SkippingClock
) -> None:
    answers = [httpx.ConnectError, httpx.Response(503), httpx.Response(200, content=RAW)]
    router.get("/models").mock(side_effect=answers)
    client = flavour.public(URL, http_client=flavour.http(), max_retries=2)
    assert ids(flavour, on_clock(client, clock)) == ["m1"]


def test_errors_of_respx_are_ours(flavour: Flavour, router: respx.MockRouter) -> None:
    client = flavour.public(URL, http_client=flavour.http(), max_retries=0)
    router.get("/models").mock(side_effect=httpx.ReadTimeout)
    with pytest.raises(benchwire.APITimeoutError):
        flavour.result(client.models.get())
    router.get("/models").mock(return_value=httpx.Response(402, json={"error": "No credits."}))
    with pytest.raises(benchwire.PaymentRequiredError, match=r"No credits\."):
        flavour.result(client.models.get())


def test_a_route_that_respx_does_not_know_is_its_own_error(
    flavour: Flavour, router: respx.MockRouter
) -> None:
    router.get("/benchmarks")
    router._assert_all_called = False
    client = flavour.public(URL, http_client=flavour.http())
    with pytest.raises(AssertionError, match="not mocked"):
        flavour.result(client.models.get())


def test_a_submission_to_respx(flavour: Flavour, router: respx.MockRouter) -> None:
    jobs = router.get("/v0/jobs").mock(return_value=httpx.Response(200, json={"jobs": []}))
    answer = httpx.Response(202, json={"job_id": "j1", "status": "pending"})
    posted = router.post("/v0/jobs").mock(return_value=answer)
    client = flavour.v0(URL, http_client=flavour.http())
    assert flavour.result(submit(client)).job_id == "j1"
    assert (jobs.call_count, posted.call_count) == (1, 1)


@pytest.mark.parametrize("is_stream", [True, False])
def test_pytest_httpx(
    is_stream: bool, flavour: Flavour, httpx_mock: HTTPXMock, clock: SkippingClock
) -> None:
    body: Any = {"stream": IteratorStream([RAW[:9], RAW[9:]])} if is_stream else {"content": RAW}
    httpx_mock.add_exception(httpx.ConnectError("refused"))
    httpx_mock.add_response(**body)
    client = flavour.public(URL, http_client=flavour.http(), max_retries=2)
    assert ids(flavour, on_clock(client, clock)) == ["m1"]
    assert all(request.url.path == "/models" for request in httpx_mock.get_requests())


def cached(flavour: Flavour, path: Path, *, rfc: bool) -> Any:
    """Return an httpx client that caches, by RFC 9111 or whatever the service says."""
    if flavour.name == "async":
        storage = hishel.AsyncSqliteStorage(database_path=path)
        transport: Any = AsyncCacheTransport(httpx.AsyncHTTPTransport(), storage, rfc=rfc)
    else:
        kept = hishel.SqliteStorage(database_path=path)
        transport = CacheTransport(httpx.HTTPTransport(), kept, rfc=rfc)
    return flavour.http(transport=transport)


@pytest.fixture(params=[True, False], ids=["rfc", "all"])
def cache(request: pytest.FixtureRequest, flavour: Flavour, tmp_path: Path) -> Any:
    return cached(flavour, tmp_path / "cache.db", rfc=request.param)


def test_a_list_comes_from_a_cache(flavour: Flavour, scripted: Any, cache: Any) -> None:
    service = scripted(lambda _: json_reply(PAGE, cache_control="max-age=60"))
    client = flavour.public(service.url, http_client=cache)
    for _ in range(3):
        assert ids(flavour, client) == ["m1"]
    assert len(service.requests) == 1


@pytest.mark.parametrize("kind", ["job", "jobs", "evaluation"])
def test_a_wait_never_ends_on_the_word_of_a_cache(
    kind: str, flavour: Flavour, scripted: Any, cache: Any
) -> None:
    """It ends with the service's own word, or with an error that names the cache."""
    late = iter([1, 2])

    def answer(received: Received) -> Reply:
        is_running = next(late, None)
        if kind == "evaluation":
            body: Any = wire.evaluation(1, status="pending" if is_running else "success")
        else:
            body = wire.job("j1", "running") if is_running else wire.completed("j1")
        listed = {"jobs": [body]} if received.path.endswith("/jobs") else body
        return json_reply(listed, cache_control="max-age=60")

    url = scripted(answer).url
    brief = {"poll_interval": 0.001}
    try:
        if kind == "evaluation":
            client = flavour.public(url, http_client=cache)
            state = flavour.result(client.evaluations.wait(wire.evaluation(1)["id"], **brief))
        elif kind == "job":
            state = flavour.result(flavour.v0(url, http_client=cache).jobs.wait("j1", **brief))
        else:
            client = flavour.v0(url, http_client=cache)
            (state,) = flavour.result(client.jobs.wait_all(["j1"], **brief))
    except benchwire.BenchwireError as error:
        assert "cache" in str(error)  # noqa: PT017  any other error fails the test
    else:
        assert state.status in {"completed", "success"}


def test_a_submission_is_not_looked_for_in_a_cache(
    flavour: Flavour, scripted: Any, cache: Any
) -> None:
    """A list of before the send would prove that it was not executed, and a repeat costs again."""
    jobs = JobsService()
    jobs.responses = [None]
    service: ScriptedService = scripted(jobs)
    client = flavour.v0(service.url, http_client=cache)
    flavour.result(client.jobs.list(limit=200))
    try:
        assert flavour.result(submit(client, resend=True)).job_id == "j1"
    except benchwire.BenchwireError as error:
        assert "cache" in str(error)  # noqa: PT017
    assert len(jobs.posted) <= 1
