"""Copies of clients: another key, URL or setting, with shared connections or with their own."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import benchwire
from support import wire
from support.both import Flavour
from support.scripted import Received, Reply, json_reply

CALLS = {
    "PublicClient": lambda c: c.models.get(),
    "V2Client": lambda c: c.benchmarks.list_types(),
    "V0Client": lambda c: c.me(),
    "Stratix": lambda c: c.public.models.get(),
}
KEYS = {"PublicClient": "x-api-key", "V2Client": "x-api-key", "V0Client": "authorization"}
MAKERS = ["copy", "with_options"]


def services(received: Received) -> Reply:
    if received.path.endswith("/models"):
        return json_reply(wire.models([wire.model(1)], 1))
    if received.path == "/v0/me":
        return json_reply({"available_credits": 5})
    return json_reply([{"id": 1, "name": "Security"}])


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("kind", CALLS)
def test_a_copy_has_its_own_key_and_url(
    kind: str, maker: str, flavour: Flavour, scripted: Any
) -> None:
    first, second = scripted(services), scripted(services)
    client = flavour.make(kind, "first-key", first.url)
    copy = getattr(client, maker)(api_key="second-key", base_url=second.url)
    other_key = getattr(copy, maker)(api_key="third-key")
    assert type(copy) is type(client)
    for one in (client, copy, client, other_key):
        flavour.result(CALLS[kind](one))
    header = KEYS.get(kind, "x-api-key")
    sent = [[request.header(header) for request in service.requests] for service in (first, second)]
    bearer = "Bearer " if header == "authorization" else ""
    assert sent == [
        [f"{bearer}first-key"] * 2, [f"{bearer}second-key", f"{bearer}third-key"],
    ]  # fmt: skip
    flavour.close(other_key)
    flavour.close(copy)


@pytest.mark.parametrize("kind", CALLS)
def test_closing_a_copy_or_its_original_leaves_the_other_open(
    kind: str, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(services)
    call = CALLS[kind]
    client = flavour.make(kind, "key", service.url)
    copy = client.copy(timeout=5)
    for one in (client, copy):
        flavour.result(call(one))
    assert service.connections == 2
    flavour.close(copy)
    flavour.result(call(client))
    last = client.copy()
    flavour.close(client)
    with pytest.raises(benchwire.BenchwireError, match="closed"):
        flavour.result(call(client))
    flavour.result(call(last))
    flavour.close(last)


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("maker", MAKERS)
def test_a_copy_keeps_the_settings(kind: str, maker: str, flavour: Flavour, scripted: Any) -> None:
    service = scripted(lambda received: json_reply({}, 500))
    seen: list[Any] = []
    hooks = benchwire.Hooks(on_request=seen.append)
    client = flavour.make(
        kind, "key", service.url, max_retries=0, on_error="none", hooks=hooks, allow_http=True
    )
    copy = getattr(client, maker)(timeout=9)
    again = getattr(copy, maker)(base_url=f"{service.url}/again")
    for one in (copy, again):
        assert flavour.result(CALLS[kind](one)) is None
    assert len(seen) == len(service.requests) == 2
    # Plain http to another machine is allowed for the copy, too.
    for one in (again, getattr(client, maker)(base_url="http://192.0.2.1/api", api_key="k")):
        flavour.close(one)
    flavour.close(copy)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"base_url": "ftp://x"}, "base URL .* must be an http or https URL"),
        ({"base_url": "http://192.0.2.1"}, "plain http"),
        ({"api_key": "a b"}, "can't be sent in a header"),
        ({"api_key": ""}, "there is no key"),
        ({"on_error": ""}, "on_error must be"),
        ({"timout": 5}, "there is no argument 'timout'"),
    ],
)
def test_a_copy_checks_its_settings(
    wrong: dict[str, Any], message: str, kind: str, maker: str, flavour: Flavour
) -> None:
    client = flavour.make(kind, "key", "http://127.0.0.1:1")
    with pytest.raises((benchwire.ConfigurationError, ValueError, TypeError), match=message):
        getattr(client, maker)(**wrong)


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, pickle.dumps])
def test_the_modules_copy_and_pickle_say_what_to_do_instead(
    make: Callable[[Any], object], kind: str, flavour: Flavour
) -> None:
    """A shallow copy would close its original, and what a deep one met first was a lock."""
    client = flavour.make(kind, "key", "http://127.0.0.1:1")
    with pytest.raises(TypeError, match=r"call the client's own copy\(\) or with_options\(\)"):
        make(client)
    if make is not copy.copy:
        api = getattr(client, "public", client)
        resource = getattr(api, "jobs" if kind == "V0Client" else "benchmarks")
        for held in (resource, {"client": client}):
            with pytest.raises(TypeError, match="a client, and what holds one, can't be pickled"):
                make(held)


def test_a_custom_http_client_is_used_by_a_copy_and_stays_open(
    flavour: Flavour, scripted: Any
) -> None:
    service = scripted(services)
    http_client = flavour.http(headers={"x-team": "evaluation"})
    client = flavour.make("PublicClient", "key", service.url, http_client=http_client)
    copy = client.copy(timeout=5)
    flavour.close(client)
    flavour.result(copy.models.get())
    flavour.close(copy)
    assert not http_client.is_closed
    assert service.requests[0].header("x-team") == "evaluation"
