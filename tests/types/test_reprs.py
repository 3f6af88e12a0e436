"""The repr of what users see: one line of at most 200 characters that says what it is; no key."""

from __future__ import annotations

import asyncio
import inspect
import itertools
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import benchwire
from benchwire import errors, models
from benchwire_api.public import models as public
from benchwire_api.v0 import models as v0
from benchwire_api.v2 import models as v2
from support import wire
from support.scripted import always, json_reply

CANARY = "canAryReprQw7heron"
ATTRS = sorted(
    {
        kind
        for module in (public, v0, v2, models)
        for name in module.__all__
        if attrs.has(kind := getattr(module, name))
    },
    key=lambda kind: (kind.__module__, kind.__name__),
)
LONG = ["x" * 1_000_000, "line\n" * 100, "\u2028" * 50]
TEXTS = st.text(max_size=2_000) | st.sampled_from(LONG)
VALUES = st.recursive(
    st.none() | TEXTS | st.integers() | st.floats() | st.booleans(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=10,
)


def check(shown: str, kind: type) -> None:
    assert len(shown) <= 200, shown
    assert len(shown.splitlines()) == 1
    assert shown.startswith(kind.__name__), shown
    assert shown.endswith(")")


def test_there_are_models() -> None:
    assert len(ATTRS) > 35


@settings(max_examples=100)
@given(drawn=st.lists(VALUES, max_size=8))
def test_a_model_is_one_short_line_without_keys(drawn: list[Any]) -> None:
    """To draw values takes longer than all else: the models share them, each from another on."""
    values = itertools.cycle([*LONG, *drawn])
    for kind in ATTRS:
        next(values)
        fields = [field for field in attrs.fields(kind) if field.init]
        shown = repr(
            kind(**{one.alias: CANARY if one.repr is False else next(values) for one in fields})
        )
        check(shown, kind)
        assert CANARY not in shown


def test_a_url_is_shown_without_user_and_query() -> None:
    url = f"https://user:{CANARY}@example.com/v1?key={CANARY}"
    for shown in (
        models.JobSpec(benchmark_id=1, endpoint_url=url, api_key="k"),
        v0.SubmitJobRequest(benchmark_id=1, endpoint_url=url, api_key="k"),
        models.PublicModelDetail(id=url, key="k", name="n"),
    ):
        assert CANARY not in repr(shown)
        assert "https://example.com/v1'" in repr(shown)


def test_the_first_fields_with_a_value_are_shown() -> None:
    model = models.PublicModelDetail(id="m", key="k" * 50, name="n", context_length=9)
    assert (
        repr(model) == f"PublicModelDetail(id='m', key='{'k' * 40}'…, name='n', context_length=9)"
    )
    page = models.PublicModelsListResponse.from_dict(wire.models([wire.model(1)] * 3, 3))
    assert "models=[3 PublicModelDetail]" in repr(page)
    few = models.ResultList([model])
    assert repr(few).startswith("[PublicModelDetail(id='m'")
    many = models.ResultList([models.PublicModelDetail(id="x" * 999, key="k", name="n")] * 1_000)
    assert repr(many).endswith(", … 1,000 in all]")
    assert len(repr(many)) <= 200
    assert repr(models.ResultList()) == "[]"


@pytest.mark.parametrize("name", [n for n in dir(errors) if inspect.isclass(getattr(errors, n))])
def test_an_error_is_one_short_line_and_its_text_is_whole(name: str) -> None:
    kind = getattr(errors, name)
    if not issubclass(kind, errors.BenchwireError):
        return
    error = kind.__new__(kind)
    errors.BenchwireError.__init__(error, "long\n" * 1_000)
    check(repr(error), kind)
    assert str(error) == "long\n" * 1_000


@pytest.mark.parametrize("prefix", ["", "Async"])
def test_clients_resources_and_pagers_say_what_they_are(prefix: str) -> None:
    with benchwire.local.serve() as server:
        check(repr(server), type(server))
    check(repr(server), type(server))
    client = getattr(benchwire, f"{prefix}PublicClient")(CANARY)
    for one in (client, client.models, client.results):
        check(repr(one), type(one))
        assert client.base_url in repr(one)
        assert CANARY not in repr(one)
    assert repr(client.models.iter_models()) == f"{prefix}Pager(PublicModelDetail, not read)"
    asyncio.run(client.aclose()) if prefix else client.close()


def test_showing_a_pager_requests_nothing(scripted: Any) -> None:
    service = scripted(always(json_reply(wire.models([], 0))))
    with benchwire.PublicClient("k", service.url) as client:
        html = client.models.iter_models()._repr_html_()
    assert html == (
        "<p>Pager(PublicModelDetail, not read): iterate it, or call its to_list() or to_pandas().</p>"
    )
    assert service.requests == []


def test_statistics_are_their_sentence() -> None:
    with benchwire.local.serve() as server, server.public_client() as client:
        benchmark = "682bddc1e014f9fa440f8a91"
        first, second = "699f9761e014f9c3072b0513", "699f9761e014f9c3072b0512"
        found = client.comparisons.statistics(benchmark, first, second)
        ranks = client.comparisons.matrix([benchmark], [first, second])
    for one in (found, ranks):
        check(repr(one), type(one))
