"""Relations of every API: authentication, request ids, and that nothing undocumented is served."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, TypeAlias

import pytest
from scripts.contract.http_client import ApiClient, Exchange
from scripts.contract.services import undocumented_paths

from benchwire_drift.look import READS

from . import assertions as expect
from .listings import Item

Objects: TypeAlias = list[tuple[Exchange, str, Item]]
# A run sees the same few names thousands of times.
_amount = cache(
    re.compile(r"count|total|duration|token|length|credits|price|cost|rank", re.IGNORECASE).search
)
_moment = cache(
    re.compile(
        r"(submitted|finished|created|updated|completed)_?at|benchmark_?date", re.IGNORECASE
    ).fullmatch
)
_identity = cache(re.compile(r"(\w*?)_?id", re.IGNORECASE).fullmatch)
_date = cache(parsedate_to_datetime)


def test_a_request_without_a_key_is_rejected(api: ApiClient) -> None:
    expect.status(api.without_key(READS[api.name][0]), 401, 403)


def test_an_undocumented_path_is_a_404(api: ApiClient, objects: Objects) -> None:
    ids = {one.request.path: str(item["id"]) for one, _, item in objects if item.get("id")}
    documented = {operation.template for operation in api.operations.values()}
    for path in undocumented_paths(documented, ids):
        expect.status(api.probe(path), 404)


@pytest.mark.assumed
def test_head_is_rejected(api: ApiClient) -> None:
    path = api.operations[READS[api.name][0]].template
    expect.status(api.probe(path, "HEAD"), 404, 405, 501)


# ---- all responses of the run so far; this module is therefore the last one -------------------


def test_every_response_has_a_request_id_of_its_own(api: ApiClient) -> None:
    ids = [exchange.headers.get("x-request-id") for exchange in api.exchanges]
    present = [request_id for request_id in ids if request_id]
    expect.data(present, "no response has x-request-id")
    assert len(present) == len(ids), f"{len(ids) - len(present)} of {len(ids)} have none"
    expect.unique(present)


@pytest.fixture(scope="module")
def objects(api: ApiClient) -> Objects:
    """Return every object of every successful response, with the name of its list or field."""
    found = []
    for exchange in api.exchanges:
        if exchange.request.operation and exchange.status == 200:
            with contextlib.suppress(ValueError):
                body = json.loads(exchange.content)
                found += [(exchange, name, item) for name, item in _objects(body)]
    return found


def _objects(value: Any, name: str = "") -> Iterator[tuple[str, Item]]:
    if isinstance(value, dict):
        yield name, value
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from _objects(inner, key)
    for inner in value if isinstance(value, list) else ():
        yield from _objects(inner, name)


def test_no_amount_is_negative(api: ApiClient, objects: Objects) -> None:
    for exchange, _, item in objects:
        api.requests[:] = [exchange.request]
        for name, value in item.items():
            assert not (_amount(name) and str(value)[0] == "-"), f"{name} is negative"


def test_times_are_in_order_and_past(api: ApiClient, objects: Objects) -> None:
    for exchange, _, item in objects:
        api.requests[:] = [exchange.request]
        times = {name: time for name in item if (time := _time(name, item[name]))}
        starts, ends = (
            [time for name, time in times.items() if name.startswith(words)]
            for words in (("created", "submitted"), ("updated", "finished", "completed"))
        )
        message = f"in {' and '.join(times)}, the end is before the beginning"
        assert not starts or not ends or max(starts) <= min(ends), message
        date = exchange.headers.get("date")
        now = _date(date) if date else datetime.max.replace(tzinfo=UTC)
        for name, time in times.items():
            assert time.year >= 2010, f"{name} is before 2010"
            hours = (time - now).total_seconds() / 3600
            assert hours < 0.2, f"{name} is {hours:,.1f} hours after the response"


def _time(name: str, value: Any) -> datetime | None:
    """Parse seconds since the epoch or ISO 8601; return None if it is neither, or 0."""
    if not value or not _moment(name):
        return None
    with contextlib.suppress(ValueError):
        time = datetime.fromisoformat(str(value))
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    with contextlib.suppress(ValueError):
        return datetime.fromtimestamp(min(float(value), 2.0**37), UTC)
    return None


def test_an_id_has_one_name(api: ApiClient, objects: Objects) -> None:
    """What a row tells of another, such as `model_name`, is what that one's own list tells."""
    known: dict[tuple[str, str, str], set[str]] = {}
    for exchange, holder, item in objects:
        api.requests[:] = [exchange.request]
        for place, texts in _told(holder, item):
            known[place] = known.get(place, texts) & texts
            assert known[place], f"the {place[0]} {place[1]} has another {place[2]} elsewhere"


def _told(holder: str, item: Item) -> Iterator[tuple[tuple[str, str, str], set[str]]]:
    for field, identity in item.items():
        prefix = match[1] if (match := _identity(field)) else None
        kind = prefix or ("" if prefix is None else holder.removesuffix("s"))
        for label in ("name", "key", "company") if kind and identity is not None else ():
            own = (label, f"display_{label}")
            names = (f"{prefix}_{label}", f"{prefix}{label.title()}") if prefix else own
            if texts := {str(item[name]) for name in names if item.get(name) is not None}:
                yield (kind, str(identity), label), texts
