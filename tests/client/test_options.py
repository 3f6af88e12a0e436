"""Options of clients and calls, hooks, and the response info of results."""

from __future__ import annotations

import logging
import pickle
import sys
import time
from typing import Any

import httpx
import pytest

import benchwire
from benchwire.models import RateLimit, ResultList
from benchwire_api.types import NO_RESPONSE
from support import wire
from support.both import KEY, Flavour
from support.scripted import Reply, always, json_reply

HEADERS = {
    "x-request-id": "r-1",
    "x-ratelimit-limit": "100, 100;w=60",
    "x-ratelimit-remaining": "41",
    "x-ratelimit-reset": "17",
}


def reply(body: Any) -> Reply:
    return json_reply(body, **HEADERS)


CALLS = {
    "public models": (lambda f, u: f.public(u).models.get(), wire.models([], 0)),
    "public evaluations": (
        lambda f, u: f.public(u).evaluations.get_many(),
        wire.evaluations([], 0),
    ),
    "public evaluation": (lambda f, u: f.public(u).evaluations.get_by_id("e1"), wire.evaluation(1)),
    "v2 types": (lambda f, u: f.v2(u).benchmarks.list_types(), []),
    "v2 models": (lambda f, u: f.v2(u).benchmarks.list_models(), []),
    "v0 account": (lambda f, u: f.v0(u).me(), {"available_credits": 3}),
    "v0 jobs": (lambda f, u: f.v0(u).jobs.list(), {"jobs": []}),
    "v0 benchmarks": (lambda f, u: f.v0(u).benchmarks.list(), {"benchmarks": []}),
    "v0 job": (lambda f, u: f.v0(u).jobs.get("j1"), wire.job("j1", "running")),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_result_has_the_info_of_its_response(
    name: str, flavour: Flavour, scripted: Any
) -> None:
    call, body = CALLS[name]
    service = scripted(always(reply(body)))
    result = flavour.result(call(flavour, service.url))
    info = result.response_info
    assert info is not None
    assert (info.request_id, info.status_code, info.attempts) == ("r-1", 200, 1)
    assert info.rate_limit == RateLimit(limit=100, remaining=41, reset="17")
    assert info.headers["content-type"] == "application/json"


def test_the_info_of_a_response_without_headers_is_none(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(json_reply(wire.models([], 0))))
    info = flavour.result(flavour.public(service.url).models.get()).response_info
    assert (info.request_id, info.rate_limit) == (None, None)


def test_each_page_has_the_info_of_its_own_response(flavour: Flavour, scripted: Any) -> None:
    def page(received: Any) -> Reply:
        number = int(received.query.get("page", "1"))
        rows = [wire.model(10 * number + row) for row in range(2)]
        return json_reply(wire.models(rows, 6), **{"x-request-id": f"page-{number}"})

    service = scripted(page)
    pages = flavour.items(
        flavour.public(service.url).models.iter_models(page_size=2, max_items=5).pages()
    )
    assert [page.response_info.request_id for page in pages] == ["page-1", "page-2", "page-3"]


def test_the_info_is_not_part_of_the_value_of_a_result(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(reply(wire.job("j1", "running"))))
    client = flavour.v0(service.url)
    one, other = (flavour.result(client.jobs.get("j1")) for _ in range(2))
    assert one == other
    assert "r-1" not in repr(one)
    copied = pickle.loads(pickle.dumps(one))
    assert (copied, copied.response_info) == (one, NO_RESPONSE)
    service = scripted(always(reply({"jobs": []})))
    jobs = flavour.result(flavour.v0(service.url).jobs.list())
    assert jobs == []
    assert isinstance(jobs, ResultList)


def failing_first(body: Any) -> Any:
    """Return a handler whose first response is a 503, and all others have the body."""
    responses = [Reply(b"", 503, {"retry-after": "0"}), reply(body)]
    return lambda received: responses.pop(0) if len(responses) > 1 else responses[0]


def test_hooks_are_called_for_each_event_in_order(flavour: Flavour, scripted: Any) -> None:
    service = scripted(failing_first(wire.models([], 0)))
    events: list[Any] = []
    hooks = benchwire.Hooks(
        on_request=events.append, on_response=events.append, on_retry=events.append
    )
    client = flavour.make("PublicClient", KEY, service.url, hooks=hooks)
    result = flavour.result(client.models.get(query="x"))
    assert [type(event).__name__ for event in events] == [
        "RequestEvent",
        "ResponseEvent",
        "RetryEvent",
        "RequestEvent",
        "ResponseEvent",
    ]
    first, refused, retry, second, succeeded = events
    assert (first.service, first.operation, first.method) == ("public", "listModels", "GET")
    assert (first.path, first.query) == ("/models", "query=x&page=1&page_size=100")
    assert (first.attempt, second.attempt) == (1, 2)
    assert (refused.status_code, refused.request) == (503, first)
    assert retry.reason == "status 503"
    assert (succeeded.request_id, succeeded.size > 0) == ("r-1", True)
    assert result.response_info.attempts == 2
    assert KEY not in repr(events)


def test_an_error_of_a_hook_does_not_fail_the_call(
    flavour: Flavour, scripted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: object) -> None:
        raise ValueError("a mistake of the user's")

    service = scripted(failing_first(wire.models([], 0)))
    hooks = benchwire.Hooks(on_request=fail, on_response=fail, on_retry=fail)
    client = flavour.make("PublicClient", KEY, service.url, hooks=hooks)
    assert flavour.result(client.models.get()).total_count == 0
    assert len(service.requests) == 2
    assert {record.exc_text or str(record.exc_info) for record in caplog.records}
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


def test_copies_can_have_other_hooks(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(reply(wire.models([], 0))))
    events: list[str] = []
    client = flavour.public(
        service.url, hooks=benchwire.Hooks(on_request=lambda _: events.append("a"))
    )
    copy = client.with_options(hooks=benchwire.Hooks(on_request=lambda _: events.append("b")))
    flavour.result(copy.models.get())
    flavour.result(client.models.get())
    assert events == ["b", "a"]


def test_hooks_must_be_hooks(flavour: Flavour, scripted: Any) -> None:
    with pytest.raises(TypeError, match=r"^hooks must be benchwire\.Hooks, not function$"):
        flavour.public("http://127.0.0.1", hooks=lambda event: None)


def test_the_log_at_debug_has_the_events_of_the_hooks(
    flavour: Flavour, scripted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    service = scripted(failing_first(wire.models([], 0)))
    client = flavour.make("PublicClient", KEY, service.url)
    with caplog.at_level(logging.DEBUG, "benchwire"):
        flavour.result(client.models.get(query="unlogged"))
    messages = [record.getMessage() for record in caplog.records if record.name == "benchwire"]
    assert messages[0] == "public listModels: GET /models, attempt 1"
    assert messages[1].startswith("public listModels: status 503, 0 bytes in ")
    assert messages[2].startswith("public listModels: retry in ")
    assert messages[3] == "public listModels: GET /models, attempt 2"
    assert messages[4].endswith("request id r-1")
    assert "unlogged" not in " ".join(messages)


@pytest.mark.parametrize(
    ("options", "attempts"), [({}, 3), ({"max_retries": 0}, 1), ({"max_retries": 1}, 2)]
)
def test_max_retries_of_a_call_limits_its_attempts(
    options: dict[str, int], attempts: int, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(Reply(b"", 503, {"retry-after": "0"})))
    client = flavour.make("PublicClient", KEY, service.url)
    with pytest.raises(benchwire.ServerError):
        flavour.result(client.models.get(**options))
    assert len(service.requests) == attempts


def test_an_unknown_argument_is_refused(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(reply(wire.models([], 0))))
    client = flavour.public(service.url)
    with pytest.raises(TypeError, match="'timout': did you mean 'timeout'"):
        flavour.result(client.models.get(timout=5))
    assert service.requests == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("deadline", 0, ValueError),
        ("deadline", float("inf"), ValueError),
        pytest.param("deadline", 10**400, ValueError, id="beyond floats"),
        pytest.param("timeout", 10**400, ValueError, id="beyond floats, too"),
        ("deadline", "5", TypeError),
        ("max_retries", -1, ValueError),
        ("max_retries", 101, ValueError),
        ("max_retries", 1.5, TypeError),
        ("max_retries", True, TypeError),
    ],
)
def test_options_are_checked(
    name: str, value: Any, kind: type[Exception], flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(reply(wire.models([], 0))))
    with pytest.raises(kind, match=f"^{name} must be "):
        flavour.make("PublicClient", KEY, service.url, **{name: value})
    client = flavour.public(service.url)
    with pytest.raises(kind, match=f"^{name} must be "):
        client.with_options(**{name: value})
    with pytest.raises(kind, match=f"^{name} must be "):
        flavour.result(client.models.get(**{name: value}))
    assert service.requests == []


@pytest.mark.parametrize("timeout", [2**32 / 1000 + 0.01, sys.maxsize, httpx.Timeout(1e300)])
def test_a_timeout_may_be_longer_than_a_socket_can_wait(
    timeout: Any, flavour: Flavour, scripted: Any
) -> None:
    """A socket counts milliseconds in 32 bits: of the first it would wait for 10."""

    def late(_: Any) -> Reply:
        time.sleep(0.1)
        return reply(wire.models([], 0))

    client = flavour.public(scripted(late).url, timeout=timeout, max_retries=0)
    assert flavour.result(client.models.get()).total_count == 0


@pytest.mark.parametrize("value", [0, -1, 2**31, "5"])
def test_max_body_is_checked(value: Any, flavour: Flavour) -> None:
    with pytest.raises((ValueError, TypeError), match=r"^max_body must be "):
        flavour.public("http://127.0.0.1", max_body=value)


def test_a_key_may_be_a_secret(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(reply(wire.models([], 0))))
    client = flavour.make("PublicClient", benchwire.Secret(KEY), service.url)
    flavour.result(client.models.get())
    assert dict(service.requests[0].headers)["x-api-key"] == KEY


def test_the_combined_client_has_the_options_too(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(Reply(b"", 503, {"retry-after": "0"})))
    events: list[Any] = []
    client = flavour.make(
        "Benchwire",
        public_api_key=KEY,
        public_base_url=service.url,
        max_retries=1,
        hooks=benchwire.Hooks(on_retry=events.append),
    )
    with pytest.raises(benchwire.ServerError):
        flavour.result(client.public.models.get())
    with pytest.raises(benchwire.ServerError):
        flavour.result(client.with_options(max_retries=0).public.models.get())
    assert (len(service.requests), len(events)) == (3, 1)


def test_secrets_of_the_endpoint_are_sent_in_plain(flavour: Flavour, scripted: Any) -> None:
    def handler(received: Any) -> Reply:
        if received.method == "GET":
            return json_reply({"jobs": []})
        return json_reply({"job_id": "j1"}, 202)

    service = scripted(handler)
    flavour.result(
        flavour.v0(service.url).jobs.submit(
            "b1",
            "https://models.example.com",
            benchwire.Secret("endpoint-key"),
            headers={"x-token": benchwire.Secret("token"), "x-team": "evaluation"},
        )
    )
    sent = service.requests[-1].json()
    assert sent["api_key"] == "endpoint-key"
    assert sent["headers"] == {"x-token": "token", "x-team": "evaluation"}
