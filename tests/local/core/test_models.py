"""`listModels` against the same filters, order and pages computed in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.local_data import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchwire_local.data.public_tables import ModelRow

CURRENT = [model for model in MODELS if not model.deprecated]


def ids(body: dict[str, Any]) -> list[str]:
    return [model["id"] for model in body["models"]]


@pytest.mark.parametrize(
    ("query", "keep"),
    [
        ({"query": "BETA"}, lambda m: "beta" in m.name.lower()),
        ({"query": "étoile"}, lambda m: m.name == "ÉTOILE"),
        ({"query": "straße"}, lambda m: m.name == "STRASSE"),
        ({"query": "100%"}, lambda m: m.name == "Beta 100%"),
        ({"query": "r_s"}, lambda m: m.name == "under_score"),
        ({"query": "maker/"}, lambda m: False),
        ({"query": ""}, lambda m: True),
        ({"name": "alpha"}, lambda m: m.name == "alpha"),
        ({"name": "Alpha"}, lambda m: False),
        ({"name": "alph"}, lambda m: False),
        ({"key": "maker/zeta"}, lambda m: m.key == "maker/zeta"),
        ({"ids": "m03,m00,nope"}, lambda m: m.id in ("m00", "m03")),
        ({"categories": "moe"}, lambda m: "moe" in m.categories),
        ({"categories": "a,é"}, lambda m: {"a", "é"} & set(m.categories)),
        ({"companies": "OpenAI,Mistral"}, lambda m: m.company in ("OpenAI", "Mistral")),
        ({"companies": "openai"}, lambda m: False),
        ({"regions": "eu"}, lambda m: m.region == "eu"),
        ({"licenses": "MIT,Apache-2.0"}, lambda m: m.license in ("MIT", "Apache-2.0")),
        ({"sizes": "Extra Large,Medium"}, lambda m: m.size in ("Extra Large", "Medium")),
        (
            {"sizes": "Small", "regions": "eu", "categories": "moe", "query": "b"},
            lambda m: m.name == "Beta 100%",
        ),
        ({"companies": "Legacy"}, lambda m: False),
        ({"companies": "' OR 1=1 --"}, lambda m: False),
    ],
)
def test_filter(api: Any, query: dict[str, str], keep: Callable[[ModelRow], bool]) -> None:
    raw = "&".join(f"{k}={v}" for k, v in query.items()).replace("%", "%25").replace(" ", "+")
    body = api.get("/api/v1/models?" + raw.replace("#", "%23"))
    expected = sorted(model.id for model in CURRENT if keep(model))
    assert sorted(ids(body)) == expected
    assert body["total_count"] == body["count"] == len(expected)


@pytest.mark.parametrize("comma", [",", "%2C", "%2c"])
def test_a_list_is_split_after_percent_decoding(api: Any, comma: str) -> None:
    assert ids(api.get(f"/api/v1/models?ids=m01{comma}m02")) == ["m01", "m02"]
    assert ids(api.get(f"/api/v1/models?companies=Acme{comma}%20Inc.")) == []


SORTS: dict[str, Callable[[ModelRow], Any]] = {
    "name": lambda m: m.name.casefold(),
    "created_at": lambda m: m.created_at,
    "released_at": lambda m: m.released_at,
    "architecture_type": lambda m: m.architecture_type and m.architecture_type.casefold(),
    "context_length": lambda m: m.context_length,
    "license": lambda m: m.license and m.license.casefold(),
    "region": lambda m: m.region,
}
CAMEL = {
    "created_at": "createdAt",
    "released_at": "releasedAt",
    "architecture_type": "architectureType",
    "context_length": "contextLength",
}


def in_order(key: Callable[[ModelRow], Any], *, descending: bool) -> list[str]:
    known = sorted((m for m in CURRENT if key(m) is not None), key=lambda m: m.id)
    known.sort(key=key, reverse=descending)
    return [m.id for m in known] + sorted(m.id for m in CURRENT if key(m) is None)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort_by", SORTS)
def test_sort_is_stable_and_nulls_come_last(api: Any, sort_by: str, order: str) -> None:
    expected = in_order(SORTS[sort_by], descending=order == "desc")
    assert ids(api.get("/api/v1/models", sort_by=sort_by, order=order)) == expected
    camel = CAMEL.get(sort_by, sort_by)
    assert ids(api.get("/api/v1/models", sort_by=camel, order=order)) == expected


def test_without_sort_by_the_order_is_by_name_ascending(api: Any) -> None:
    expected = in_order(SORTS["name"], descending=False)
    assert ids(api.get("/api/v1/models")) == expected
    assert ids(api.get("/api/v1/models", order="desc")) != expected


@pytest.mark.parametrize("size", [1, 3, 8, 500])
def test_pages_partition_the_result(api: Any, size: int) -> None:
    seen: list[str] = []
    for page in range(1, len(CURRENT) // size + 3):
        body = api.get("/api/v1/models", page=page, page_size=size, sort_by="created_at")
        assert body["count"] == len(body["models"]) <= size
        assert body["total_count"] == len(CURRENT)
        seen += ids(body)
    assert seen == in_order(SORTS["created_at"], descending=False)


def test_the_furthest_page_is_empty(api: Any) -> None:
    body = api.get("/api/v1/models", page=2147483647, page_size=500)
    assert (body["models"], body["count"], body["total_count"]) == ([], 0, len(CURRENT))


def test_deprecated_models_only_when_asked_for(api: Any) -> None:
    body = api.get("/api/v1/models", include_deprecated="true")
    assert sorted(ids(body)) == [model.id for model in MODELS]
    assert "Legacy" in body["companies"]
    body = api.get("/api/v1/models", include_deprecated="false")
    assert sorted(ids(body)) == [model.id for model in CURRENT]
    assert "Legacy" not in body["companies"]


def test_facets_name_what_there_is_whatever_is_filtered(api: Any) -> None:
    for body in (api.get("/api/v1/models"), api.get("/api/v1/models?name=Zeta&page=9")):
        assert body["categories"] == sorted({c for m in CURRENT for c in m.categories})
        assert body["companies"] == sorted({m.company for m in CURRENT if m.company})
        assert body["regions"] == ["eu", "usa"]
        assert body["licenses"] == ["Apache-2.0", "MIT", "Proprietary"]
        assert body["sizes"] == ["Extra Large", "Large", "Medium", "Small"]


def test_a_model_shows_all_its_properties(api: Any) -> None:
    (model,) = api.get("/api/v1/models", ids="m02")["models"]
    assert model == {
        "id": "m02",
        "key": "maker/beta-100%",
        "name": "Beta 100%",
        "description": "The model Beta 100%.",
        "company": "Acme, Inc.",
        "created_at": 2,
        "released_at": None,
        "parameters": None,
        "modality": "text",
        "context_length": None,
        "architecture_type": "moe",
        "license": "MIT",
        "open_weights": True,
        "region": "eu",
        "key_takeaways": ["Fast.", "Cheap."],
        "deprecated": False,
        "cost_per_input_token": "0.000001",
        "cost_per_output_token": None,
    }
    (unknown,) = api.get("/api/v1/models", ids="m01")["models"]
    assert unknown["open_weights"] is None
    assert unknown["key_takeaways"] is None
