"""Headers of a request: the key in the header of each API and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support import wire
from support.both import Flavour
from support.scripted import always, in_turn, json_reply

SECRET = "canary-5d1f"
URL = "http://127.0.0.1:9/v1"

Call = Callable[[Any], Any]

CALLS: dict[str, tuple[str, Call, Any, int, tuple[str, str]]] = {
    "public": (
        "PublicClient",
        lambda c: c.models.get(query="x"),
        wire.models([], 0),
        200,
        ("x-api-key", SECRET),
    ),
    "v2": ("V2Client", lambda c: c.benchmarks.list_types(), [], 200, ("x-api-key", SECRET)),
    "v0": (
        "V0Client",
        lambda c: c.me(),
        {"available_credits": 1},
        200,
        ("authorization", f"Bearer {SECRET}"),
    ),
    "v0 with a body": (
        "V0Client",
        lambda c: c.jobs.submit("b", URL, "endpoint-key"),
        {"job_id": "j1"},
        202,
        ("authorization", f"Bearer {SECRET}"),
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_each_api_has_the_key_in_its_header_only(
    name: str, flavour: Flavour, scripted: Any
) -> None:
    kind, call, body, status, (key_header, key_value) = CALLS[name]
    # A submission reads the list of jobs first.
    before = [json_reply({"jobs": []})] if status == 202 else []
    service = scripted(in_turn([*before, json_reply(body, status)]))
    flavour.result(call(flavour.make(kind, SECRET, service.url)))
    assert len(service.requests) == len(before) + 1
    for request in service.requests:
        assert request.header(key_header) == key_value
        assert request.header("accept") == "application/json"
        assert str(request.header("user-agent")).startswith("benchwire/")
        assert request.header("content-type") == ("application/json" if request.body else None)
        # Nowhere else.
        others = [value for header, value in request.headers if header != key_header]
        assert SECRET not in repr((request.target, request.body, others))


@pytest.mark.parametrize("name", CALLS)
def test_no_repr_or_error_has_the_key(name: str, flavour: Flavour, scripted: Any) -> None:
    kind, call, _, _, _ = CALLS[name]
    service = scripted(always(json_reply({"error": "no"}, 401)))
    client = flavour.make(kind, SECRET, service.url)
    with pytest.raises(Exception, match="status 401") as caught:
        flavour.result(call(client))
    assert SECRET not in repr(client) + repr(client._transport)
    assert SECRET not in repr(caught.value) + repr(vars(caught.value))
    assert service.url in repr(client)
    assert "endpoint-key" not in repr(vars(caught.value))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, flavour: Flavour, scripted: Any) -> None:
    target = scripted(always(json_reply(wire.models([], 0))))
    location = f"{target.url}/models?code=secret#secret".replace("//", "//secret@")
    service = scripted(always(json_reply({}, status, location=location)))
    for http_client in (None, flavour.http(follow_redirects=True)):
        client = flavour.public(service.url, http_client=http_client)
        with pytest.raises(Exception, match=rf"status {status} .*{target.url}/models,") as caught:
            flavour.result(client.models.get())
        assert "secret" not in str(caught.value)
    assert target.requests == []
    assert len(service.requests) == 2


def test_a_proxy_of_the_environment_is_not_used(
    flavour: Flavour, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = scripted(always(json_reply({}, 500)))
    service = scripted(always(json_reply(wire.models([], 0))))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    flavour.result(flavour.public(service.url).models.get())
    assert (len(proxy.requests), len(service.requests)) == (0, 1)
