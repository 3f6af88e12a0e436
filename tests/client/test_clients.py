"""Clients: keys, copies, custom HTTP clients, closing, and the combined client."""

from __future__ import annotations

import gc
from typing import Any

import httpx
import pytest

import benchwire
from support import wire
from support.both import KEY, Flavour
from support.scripted import Received, Reply, always, json_reply

KINDS = {
    "PublicClient": ("LAYERLENS_STRATIX", "https://api.layerlens.ai/api/v1"),
    "V2Client": ("BENCHWIRE_V2", "https://api.probe.splx.ai"),
    "V0Client": ("BENCHWIRE_V0", "https://api.harmstack.com"),
    "Stratix": ("LAYERLENS_STRATIX", None),
}
MODELS = json_reply(wire.models([wire.model(1)], 1))


def services(received: Received) -> Reply:
    """Return a response of the service that a request is for: all three have one address."""
    if received.path == "/models":
        return MODELS
    if received.path == "/v0/me":
        return json_reply({"available_credits": 5})
    return json_reply([{"id": 1, "name": "Security"}])


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_key_is_an_error_of_the_constructor(kind: str, flavour: Flavour) -> None:
    for arguments in ((), (None,), ("",)):
        with pytest.raises(benchwire.ConfigurationError, match=f"{KINDS[kind][0]}_API_KEY"):
            flavour.make(kind, *arguments)


@pytest.mark.parametrize("kind", ["PublicClient", "V2Client", "V0Client"])
def test_settings_come_from_the_environment(
    kind: str, flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix, url = KINDS[kind]
    monkeypatch.setenv(f"{prefix}_API_KEY", KEY)
    assert flavour.make(kind).base_url == url
    monkeypatch.setenv(f"{prefix}_BASE_URL", "http://127.0.0.1:9/x/")
    assert flavour.make(kind).base_url == "http://127.0.0.1:9/x"
    assert flavour.make(kind, base_url="http://127.0.0.1:8").base_url == "http://127.0.0.1:8"


def test_the_key_of_the_environment_is_sent(
    flavour: Flavour, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = scripted(services)
    monkeypatch.setenv("LAYERLENS_STRATIX_API_KEY", "from-outside")
    monkeypatch.setenv("LAYERLENS_STRATIX_BASE_URL", service.url)
    flavour.result(flavour.make("PublicClient").models.get())
    flavour.result(flavour.make("PublicClient", "from-inside").models.get())
    keys = [request.header("x-api-key") for request in service.requests]
    assert keys == ["from-outside", "from-inside"]


def test_an_httpx_url_is_accepted(flavour: Flavour, scripted: Any) -> None:
    import httpx

    service = scripted(services)
    flavour.result(flavour.public(httpx.URL(service.url)).models.get())
    assert len(service.requests) == 1


def test_requests_share_a_connection(flavour: Flavour, scripted: Any) -> None:
    service = scripted(services)
    client = flavour.public(service.url)
    for _ in range(3):
        flavour.result(client.models.get())
    assert (len(service.requests), service.connections) == (3, 1)


def test_copies_share_the_connections_and_leave_the_original(
    flavour: Flavour, scripted: Any
) -> None:
    service = scripted(services)
    client = flavour.public(service.url, timeout=60)
    copy = client.with_options(timeout=2, on_error="none")
    assert type(copy) is type(client)
    for one in (client, copy, copy.with_options(), client):
        flavour.result(one.models.get())
    assert service.connections == 1
    # The copy's settings are its own; a copy of it has them too.
    service.handler = always(json_reply({}, 500))
    assert flavour.result(copy.models.get()) is None
    assert flavour.result(copy.with_options(timeout=1).models.get()) is None
    with pytest.raises(benchwire.ServerError):
        flavour.result(client.models.get())
    assert (client._transport.options.timeouts.read, copy._transport.options.timeouts.read) == (
        60,
        2,
    )
    # Closing the copy leaves the connections open.
    service.handler = services
    flavour.close(copy)
    assert flavour.result(client.models.get()).total_count == 1
    assert service.connections == 1


def test_the_timeout_of_a_copy_applies(flavour: Flavour, scripted: Any) -> None:
    import threading

    gate = threading.Event()

    def respond_late(received: Received) -> Reply:
        assert gate.wait(20)
        return MODELS

    service = scripted(respond_late)
    copy = flavour.public(service.url).with_options(timeout=0.05)
    try:
        with pytest.raises(benchwire.APITimeoutError):
            flavour.result(copy.models.get())
        items, error = flavour.read(copy.models.iter_models())
    finally:
        gate.set()
    assert (items, type(error)) == ([], benchwire.APITimeoutError)


def test_a_custom_http_client_is_used_and_stays_open(flavour: Flavour, scripted: Any) -> None:
    service = scripted(services)
    http_client = flavour.http(headers={"x-team": "evaluation"})
    for _ in range(2):
        client = flavour.public(service.url, http_client=http_client)
        with flavour.entered(client):
            flavour.result(client.models.get())
    assert not http_client.is_closed
    assert service.connections == 1
    assert [request.header("x-team") for request in service.requests] == ["evaluation"] * 2
    assert [request.header("x-api-key") for request in service.requests] == [KEY] * 2


@pytest.mark.parametrize("kind", ["PublicClient", "V2Client", "V0Client", "Stratix"])
def test_a_custom_http_client_must_be_of_the_right_type(kind: str, flavour: Flavour) -> None:
    wrong = {"sync": "Client", "async": "AsyncClient"}[flavour.name]
    with pytest.raises(TypeError, match=f"^http_client must be an httpx.{wrong}, not str$"):
        flavour.make(kind, KEY, http_client="http")


def test_a_with_block_closes(flavour: Flavour, scripted: Any) -> None:
    service = scripted(services)
    client = flavour.public(service.url)
    copy = client.with_options(timeout=5)
    with flavour.entered(client) as entered:
        assert entered is client
        with flavour.entered(copy):
            flavour.result(copy.models.get())
        flavour.result(client.models.get())
    for one in (client, copy):
        with pytest.raises(benchwire.BenchwireError, match=r"the client is closed$") as caught:
            flavour.result(one.models.get())
        assert not isinstance(caught.value, benchwire.APIError)
        assert KEY not in repr(vars(caught.value))
    assert len(service.requests) == 2
    flavour.close(client)  # a second call does nothing


def test_a_with_block_closes_after_an_error(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(json_reply({}, 500)))
    client = flavour.public(service.url)
    with pytest.raises(benchwire.ServerError), flavour.entered(client):
        flavour.result(client.models.get())
    assert client._transport.connections.is_closed


def test_the_combined_client_has_all_three_apis(flavour: Flavour, scripted: Any) -> None:
    service = scripted(services)
    urls = dict.fromkeys(("public_base_url", "v2_base_url", "v0_base_url"), service.url)
    client = flavour.make(
        "Benchwire", public_api_key="k1", v2_api_key="k2", v0_api_key="k0", **urls
    )
    with flavour.entered(client) as entered:
        assert entered is client
        flavour.result(client.public.models.get())
        flavour.result(client.v2.benchmarks.list_types())
        flavour.result(client.v0.me())
    keys = [
        request.header("x-api-key") or request.header("authorization")
        for request in service.requests
    ]
    assert keys == ["k1", "k2", "Bearer k0"]
    assert client.public is client.public
    assert service.connections == 1
    with pytest.raises(benchwire.BenchwireError, match="closed"):
        flavour.result(client.v0.me())


def test_the_combined_client_needs_one_key_and_raises_for_others_on_use(
    flavour: Flavour, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(benchwire.ConfigurationError) as caught:
        flavour.make("Benchwire")
    for variable in ("LAYERLENS_STRATIX_API_KEY", "BENCHWIRE_V2_API_KEY", "BENCHWIRE_V0_API_KEY"):
        assert variable in str(caught.value)
    service = scripted(services)
    monkeypatch.setenv("BENCHWIRE_V0_API_KEY", "k0")
    client = flavour.make("Benchwire", v0_base_url=service.url)
    assert flavour.result(client.v0.me()).available_credits == 5
    with pytest.raises(benchwire.ConfigurationError, match="LAYERLENS_STRATIX_API_KEY"):
        _ = client.public
    with pytest.raises(benchwire.ConfigurationError, match="BENCHWIRE_V2_API_KEY"):
        _ = client.v2


def test_the_settings_of_the_combined_client_apply_to_all_three(
    flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(json_reply({}, 500)))
    urls = dict.fromkeys(("public_base_url", "v2_base_url", "v0_base_url"), service.url)
    keys = dict.fromkeys(("public_api_key", "v2_api_key", "v0_api_key"), KEY)
    http_client = flavour.http()
    client = flavour.make(
        "Benchwire",
        **urls,
        **keys,
        timeout=7,
        max_retries=0,
        on_error="none",
        http_client=http_client,
    )
    with flavour.entered(client):
        assert flavour.result(client.public.models.get()) is None
        assert flavour.result(client.v2.benchmarks.list_types()) is None
        assert flavour.result(client.v0.me()) is None
    for one in (client.public, client.v2, client.v0):
        assert one._transport.options.timeouts.read == 7
    assert not http_client.is_closed


def test_stratix_has_the_arguments_of_the_document(flavour: Flavour, scripted: Any) -> None:
    service = scripted(services)
    client = flavour.make("Stratix", KEY, service.url, 30)
    found = flavour.result(client.public.models.get(query="claude"))
    assert found.models[0].id == "m1"
    assert client.public._transport.options.timeouts.read == 30
    assert KEY not in repr(client) + repr(client.public)
    with pytest.raises(benchwire.ConfigurationError, match="BENCHWIRE_V0_API_KEY"):
        _ = client.v0


def test_stratix_needs_the_key_of_the_document(
    flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of another API is not used, and nothing stays open after the error."""
    monkeypatch.setenv("BENCHWIRE_V0_API_KEY", "k0")
    with pytest.raises(benchwire.ConfigurationError) as caught:
        flavour.make("Stratix")
    assert "LAYERLENS_STRATIX_API_KEY" in str(caught.value)
    assert "BENCHWIRE_V0_API_KEY" not in str(caught.value)


def test_copies_of_the_combined_client_share_the_connections_and_leave_the_original(
    flavour: Flavour, scripted: Any
) -> None:
    service = scripted(always(json_reply({}, 500)))
    client = flavour.make("Stratix", KEY, service.url, 30)
    copy = client.with_options(timeout=7, max_retries=0, on_error="none")
    assert type(copy) is type(client)
    assert flavour.result(copy.public.models.get()) is None
    assert copy.public._transport.options.timeouts.read == 7
    flavour.close(copy)
    with pytest.raises(benchwire.ServerError):
        flavour.result(client.public.models.get(max_retries=0))
    assert client.public._transport.options.timeouts.read == 30
    assert service.connections == 1


def test_an_error_of_a_custom_transport_is_raised_unchanged(
    flavour: Flavour, scripted: Any
) -> None:
    """Whether the request was sent is unknown, so the SDK must not claim either."""

    class FailingTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise RuntimeError("the hook broke after sending")

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return self.handle_request(request)

    client = flavour.public(
        "http://127.0.0.1:9", http_client=flavour.http(transport=FailingTransport())
    )
    with pytest.raises(RuntimeError, match=r"^the hook broke after sending$"):
        flavour.result(client.models.get())


def test_a_response_is_freed_once_it_is_parsed(flavour: Flavour, scripted: Any) -> None:
    """Immediately, without the garbage collector: pages of a long list must not accumulate."""
    client = flavour.public(scripted(services).url)
    gc.collect()
    gc.disable()
    try:
        flavour.result(client.models.get())
        assert [one for one in gc.get_objects() if isinstance(one, httpx.Response)] == []
    finally:
        gc.enable()


def test_a_client_whose_construction_failed_has_a_repr() -> None:
    half_built = object.__new__(benchwire.PublicClient)
    assert repr(half_built) == "PublicClient(base_url=…)"
