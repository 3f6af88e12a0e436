"""What stock output gets wrong in requests; each test shows the fault in stock output too."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from benchwire_api import public, v0, v2
from benchwire_api.public.api.evaluations import get_evaluation
from benchwire_api.public.api.models import list_models
from benchwire_api.v2.api.benchmarks import get_probe_run

COMPANIES = ["OpenAI", "Acme Inc."]


def stock_client(stock: Any, url: str, **options: Any) -> Any:
    return stock("public").AuthenticatedClient(
        base_url=url, token="key", prefix="", auth_header_name="x-api-key", **options
    )


def test_01_lists_are_sent_as_one_comma_joined_value(recorder: Any, stock: Any) -> None:
    recorder.body = b'{"models": [], "total_count": 0}'
    with public.Client(base_url=recorder.url, token="key") as client:
        list_models.sync(client=client, companies=COMPANIES, sizes=["Extra Large"], page=2)
    assert recorder.seen[0].target == (
        "/models?companies=OpenAI,Acme%20Inc.&sizes=Extra%20Large&page=2&page_size=100"
    )

    with stock_client(stock, recorder.url) as client:
        stock("public.api.models.list_models").sync_detailed(client=client, companies=COMPANIES)
    assert "companies=OpenAI&companies=Acme" in recorder.seen[1].target


@pytest.mark.parametrize("bad", ["", ".", ".."])
def test_02_ids_that_address_something_else_are_refused(
    bad: str, recorder: Any, stock: Any
) -> None:
    with (
        public.Client(base_url=recorder.url, token="key") as client,
        pytest.raises(ValueError, match=f"id must be an id, not '{bad}'"),
    ):
        get_evaluation.sync(bad, client=client)
    assert recorder.seen == []

    recorder.status = 404
    with stock_client(stock, recorder.url) as client:
        stock("public.api.evaluations.get_evaluation").sync_detailed(bad, client=client)
    assert recorder.seen[0].target in {"/", "/evaluations", "/evaluations/"}


@pytest.mark.parametrize(
    ("identity", "segment"),
    [
        ("eval_abc-1.5", "eval_abc-1.5"),
        ("a/b", "a%2Fb"),
        ("../x", "..%2Fx"),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c", "a%3Fb%23c"),
        ("ü ", "%C3%BC%20"),
        ("...", "..."),
    ],
)
def test_02_an_id_stays_one_segment(identity: str, segment: str, recorder: Any) -> None:
    recorder.status = 404
    with (
        public.Client(base_url=recorder.url, token="key") as client,
        pytest.raises(public.StatusError),
    ):
        get_evaluation.sync(identity, client=client)
    assert recorder.seen[0].target == f"/evaluations/{segment}"


@pytest.mark.parametrize("bad", [None, True, 1.5, b"x"])
def test_02_an_id_of_another_type_is_refused(bad: Any) -> None:
    with pytest.raises(TypeError, match=r"^model_id must be an int, not "):
        get_probe_run.build_request(bad, 7)


def test_03_the_default_timeout_is_finite(stock: Any) -> None:
    assert public.Client(token="key").timeout == 600.0
    assert stock_client(stock, "http://x").get_httpx_client().timeout == httpx.Timeout(None)


@pytest.mark.parametrize("bad", [0, -1.0, float("inf"), float("nan"), 10**400], ids=range(5))
def test_03_a_timeout_that_is_none_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="positive, finite number of seconds"):
        public.Client(token="key", timeout=bad)
    with pytest.raises(ValueError, match="positive, finite number of seconds"):
        public.Client(token="key").with_timeout(bad)


@pytest.mark.parametrize("timeout", [2**32 / 1000 + 0.01, 1e300])
def test_03_a_timeout_may_be_longer_than_a_socket_can_wait(recorder: Any, timeout: float) -> None:
    recorder.body = b'{"models": [], "total_count": 0}'
    with public.Client(base_url=recorder.url, token="key", timeout=timeout) as client:
        assert list_models.sync(client=client).total_count == 0


def test_03_the_timeout_ends_a_request_without_a_response(recorder: Any) -> None:
    recorder.silent = True
    with (
        public.Client(base_url=recorder.url, token="key").with_timeout(0.05) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        list_models.sync(client=client)


@pytest.mark.parametrize("package", [public, v2, v0])
def test_04_the_token_is_not_in_the_repr(package: Any, stock: Any) -> None:
    client = package.Client(token="canary-1", headers={"authorization": "canary-2"})
    assert "canary" not in repr(client)
    assert client.base_url in repr(client)
    assert "canary-1" in repr(stock("public").AuthenticatedClient(base_url="", token="canary-1"))


def test_05_copies_leave_the_original_alone_and_share_its_connections(
    recorder: Any, stock: Any
) -> None:
    recorder.body = b'{"models": [], "total_count": 0}'
    with public.Client(base_url=recorder.url, token="key") as client:
        copy = client.with_timeout(5).with_headers({"x-team": "evaluation"})
        for each in (client, copy, client):
            list_models.sync(client=each)
    assert (client.timeout, dict(client.headers)) == (600.0, {})
    assert copy.timeout == 5
    assert [seen.headers.get("x-team") for seen in recorder.seen] == [None, "evaluation", None]
    assert len({seen.port for seen in recorder.seen}) == 1

    with stock_client(stock, recorder.url) as client:
        stock_send = stock("public.api.models.list_models").sync_detailed
        stock_send(client=client)
        with client.with_headers({"x-team": "evaluation"}) as copy:
            stock_send(client=copy)
        stock_send(client=client)
    assert recorder.seen[-1].headers.get("x-team") == "evaluation"
    assert recorder.seen[-1].port != recorder.seen[-2].port
