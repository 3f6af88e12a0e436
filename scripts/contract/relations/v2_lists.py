"""The lists of the v2 API, and a sample of them that takes few requests."""

from __future__ import annotations

import pytest
from scripts.contract.http_client import ApiClient

from .listings import Item

COUNTS = ("passedCount", "failedCount", "totalCount")
UNKNOWN_ID = 2**31 - 7
MAX_TYPES = 4
_MAX_MODELS = 4


def list_types(api: ApiClient) -> list[Item]:
    """Return a few benchmark types; skip if there is none."""
    types: list[Item] = api.get("listBenchmarkTypes")
    if not types:
        pytest.skip("there is no benchmark type")
    return types[:MAX_TYPES]


def list_models(api: ApiClient, **query: int) -> list[Item]:
    """Return the models; skip if there is none."""
    models: list[Item] = api.get("listBenchmarkModels", **query)
    if not models:
        pytest.skip("there is no model")
    return models


def sample_models(api: ApiClient) -> list[Item]:
    """Return the first and the last models."""
    models = list_models(api)
    half = _MAX_MODELS // 2
    return models if len(models) <= _MAX_MODELS else [*models[:half], *models[-half:]]


def sample_runs(api: ApiClient) -> list[tuple[Item, Item, Item]]:
    """Return model, type and run for a sample of the probe runs; skip if there is none."""
    runs = [
        (model, item, run)
        for model in sample_models(api)
        for item in list_types(api)
        for run in api.get("listProbeRuns", model["id"], benchmarkTypeId=item["id"])
    ]
    if not runs:
        pytest.skip("there is no probe run")
    return runs


def assert_counts_add_up(item: Item) -> None:
    """Assert that passed and failed are the total."""
    passed, failed, total = (item[name] for name in COUNTS)
    message = f"{item['id']}: {passed} passed, {failed} failed, {total} in all"
    assert passed + failed == total, message
    assert min(passed, failed) >= 0, message


def percentage(runs: list[Item]) -> float:
    """Return the percentage of test cases that passed."""
    total = sum(run["totalCount"] for run in runs)
    return 100 * sum(run["passedCount"] for run in runs) / total if total else 0.0
