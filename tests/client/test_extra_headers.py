"""More headers of a single call, and hooks that learn of every end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import httpx
import pytest

import benchwire
from support import wire
from support.both import KEY, Flavour
from support.scripted import Received, Reply, Scripted, json_reply

EXTRA = {
    "X-Gateway": "team 7",
    "User-Agent": "ours/1",
    "x-secret": benchwire.Secret("hidden-value"),
}


@pytest.mark.parametrize("own", [False, True])
def test_they_are_sent_with_each_request(own: bool, flavour: Flavour, scripted: Scripted) -> None:
    def respond(received: Received) -> Reply:
        page = int(received.query.get("page", 1))
        return json_reply(wire.models([wire.model(page)] if page <= 3 else [], 3))

    service = scripted(respond)
    options = {"http_client": flavour.http()} if own else {}
    client = flavour.public(service.url, **options)
    flavour.result(client.models.get(extra_headers=EXTRA))
    rows = flavour.items(client.models.iter_models(page_size=1, extra_headers=EXTRA))
    assert len(rows) == 3
    flavour.result(client.with_options(extra_headers=EXTRA).models.get())
    flavour.result(
        client.with_options(extra_headers=EXTRA).models.get(extra_headers={"X-GATEWAY": "8"})
    )
    *with_them, last = service.requests
    for received in with_them:
        assert received.header("x-gateway") == "team 7"
    assert last.header("x-gateway") == "8"
    for received in service.requests:
        assert received.header("user-agent") == "ours/1"
        assert received.header("x-secret") == "hidden-value"
        assert received.header("x-api-key") == KEY
        assert received.header("accept") == "application/json"
    flavour.result(client.models.get())
    assert service.requests[-1].header("x-gateway") is None
    assert service.requests[-1].header("user-agent").startswith("benchwire/")  # type: ignore[union-attr]


REFUSED = {
    **dict.fromkeys(("Host", "content-length", "Content-Type", "Transfer-Encoding", "TE"), "x"),
    **dict.fromkeys(("connection", "Accept-Encoding", "expect", "X-API-Key", "x-api-key"), "x"),
    **dict.fromkeys(("", "a b", "a:b", "a\r\nb", "é", "a\x00"), "x"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_is_refused(name: str, flavour: Flavour) -> None:
    client = flavour.public("http://127.0.0.1:9")
    with pytest.raises(ValueError, match="extra_headers"):
        flavour.result(client.models.get(extra_headers={name: "x"}))
    with pytest.raises(ValueError, match="extra_headers"):
        client.with_options(extra_headers={name: "x"})


@pytest.mark.parametrize(
    "value", ["a\r\nX-Other: b", "a\nb", "a\0b", "é", " a", "a\t", "\x7f", 5, None, b"x"]
)
def test_a_value_that_is_refused(value: Any, flavour: Flavour) -> None:
    values = [value, benchwire.Secret(value)] if isinstance(value, str) else [value]
    client = flavour.public("http://127.0.0.1:9")
    for each in values:
        with pytest.raises((ValueError, TypeError), match=r"extra_headers\['x-a'\]") as caught:
            flavour.result(client.models.get(extra_headers={"x-a": each}))
        assert "X-Other" not in str(caught.value)
    with pytest.raises(TypeError, match="must be a mapping"):
        flavour.result(client.models.get(extra_headers=["x"]))


def test_the_key_of_the_v0_api_and_a_secret_that_is_sent_back(
    flavour: Flavour, scripted: Scripted
) -> None:
    service = scripted(lambda got: json_reply({"error": f"{got.header('x-secret')} is bad"}, 400))
    client = flavour.v0(service.url)
    with pytest.raises(ValueError, match="it has the key"):
        flavour.result(client.jobs.list(extra_headers={"Authorization": "Basic x"}))
    with pytest.raises(benchwire.BadRequestError) as caught:
        flavour.result(client.jobs.list(extra_headers=EXTRA))
    assert "hidden-value" not in str(caught.value)
    assert "is bad" in str(caught.value)


class Ends:
    """How each attempt began and ended."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        names = ("on_request", "on_response", "on_failure", "on_retry")
        self.hooks = benchwire.Hooks(**{name: self._of(name[3:]) for name in names})

    def _of(self, name: str) -> Any:
        return lambda event: self.seen.append((name, getattr(event, "kind", "")))


REPLIES: dict[str, tuple[Reply | None, list[tuple[str, str]]]] = {
    "a response": (json_reply({"jobs": []}), [("response", "")]),
    "an error": (json_reply({}, 404), [("response", "")]),
    "no response": (None, [("failure", "APIConnectionError")]),
    "half a body": (
        Reply(b'{"jobs": []}', withheld=3),
        [("failure", "APIConnectionError")],
    ),
    "a body that is no gzip": (
        Reply(b"x", 200, {"content-encoding": "gzip"}),
        [("response", ""), ("failure", "APIConnectionError")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REPLIES)
def test_hooks_learn_of_the_end_of_each_attempt(
    name: str, flavour: Flavour, scripted: Scripted
) -> None:
    reply, ends = REPLIES[name]
    heard = Ends()
    client = flavour.v0(scripted(lambda _: reply).url, hooks=heard.hooks)
    with suppress(benchwire.APIError):
        flavour.result(client.jobs.list())
    assert heard.seen == [("request", ""), *ends]


def test_hooks_learn_of_timeouts_deadlines_and_retries(flavour: Flavour) -> None:
    heard = Ends()
    kind = httpx.Client if flavour.name == "sync" else httpx.AsyncClient

    def respond(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    http = flavour._kept(kind(transport=httpx.MockTransport(respond)))
    client = flavour.make("V0Client", KEY, hooks=heard.hooks, http_client=http, max_retries=1)
    with pytest.raises(benchwire.APITimeoutError):
        flavour.result(client.jobs.list())
    once = [("request", ""), ("failure", "APITimeoutError")]
    assert heard.seen == [*once, ("retry", ""), *once]
    heard.seen.clear()
    with pytest.raises(benchwire.DeadlineExceededError):
        flavour.result(client.jobs.list(deadline=1e-9))
    assert heard.seen == [("failure", "DeadlineExceededError")]


@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError, ValueError])
def test_hooks_learn_of_what_breaks_a_call_off(
    error: type[BaseException], flavour: Flavour
) -> None:
    heard = Ends()
    kind = httpx.Client if flavour.name == "sync" else httpx.AsyncClient

    def respond(request: httpx.Request) -> httpx.Response:
        raise error(f"of the user's own, with {KEY}")

    http = flavour._kept(kind(transport=httpx.MockTransport(respond)))
    client = flavour.make("V0Client", KEY, hooks=heard.hooks, http_client=http)
    with pytest.raises(error):
        flavour.result(client.jobs.list())
    assert heard.seen == [("request", ""), ("failure", error.__name__)]
