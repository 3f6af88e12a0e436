"""Relations of the v0 API: the account and the benchmarks."""

from __future__ import annotations

from datetime import datetime

import pytest
from scripts.contract.http_client import ApiClient

from . import assertions as expect


def test_the_service_is_up_without_a_key(api: ApiClient) -> None:
    expect.status(api.without_key("getHealth"), 200)


def test_credits_are_not_negative(api: ApiClient) -> None:
    available = api.get("getAccount")["available_credits"]
    assert available >= 0, f"{available} credits"


def test_ids_of_benchmarks_are_unique(api: ApiClient) -> None:
    ids = [item["id"] for item in api.get("listBenchmarks")["benchmarks"]]
    if not ids:
        pytest.skip("there is no benchmark")
    expect.unique(ids)


def test_a_benchmark_is_updated_after_its_creation(api: ApiClient) -> None:
    for item in api.get("listBenchmarks")["benchmarks"]:
        created, updated = item.get("created_at"), item.get("updated_at")
        if created and updated:
            in_order = datetime.fromisoformat(created) <= datetime.fromisoformat(updated)
            assert in_order, f"{item['id']} was updated before its creation"
