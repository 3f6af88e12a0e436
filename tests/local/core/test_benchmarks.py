"""`listBenchmarks` and `listBenchmarkPrompts` against the same computed in Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.local_data import BENCHMARKS, PROMPTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchwire_local.data.public_tables import BenchmarkRow

CURRENT = [benchmark for benchmark in BENCHMARKS if not benchmark.deprecated]


@pytest.mark.parametrize(
    ("query", "keep"),
    [
        ("query=MATH", lambda b: b.id == "b1"),
        ("name=chat", lambda b: b.id == "b2"),
        ("name=Chat", lambda b: False),
        ("key=none", lambda b: b.id == "b3"),
        ("ids=b3,b1,b4", lambda b: b.id in ("b1", "b3")),
        ("categories=talk,hard", lambda b: b.id in ("b1", "b2")),
        ("languages=French,Latin", lambda b: b.id == "b2"),
        ("languages=English&categories=talk", lambda b: False),
    ],
)
def test_filter(api: Any, query: str, keep: Callable[[BenchmarkRow], bool]) -> None:
    body = api.get(f"/api/v1/datasets?{query}")
    expected = {b.id for b in CURRENT if keep(b)}
    assert {b["id"] for b in body["datasets"]} == expected
    assert body["count"] == body["total_count"] == len(expected)
    assert body["categories"] == ["hard", "math", "talk"]
    assert body["languages"] == ["English", "French"]


def test_order_and_pages(api: Any) -> None:
    names = sorted((b.name for b in CURRENT), key=str.casefold)
    path = "/api/v1/datasets"
    assert [b["name"] for b in api.get(path)["datasets"]] == names
    body = api.get(path, sort_by="name", order="desc", page=2, page_size=2)
    assert [b["name"] for b in body["datasets"]] == names[::-1][2:]
    assert (body["count"], body["total_count"]) == (1, 3)


def test_deprecated_benchmarks_only_when_asked_for(api: Any) -> None:
    body = api.get("/api/v1/datasets", include_deprecated="true")
    assert {b["id"] for b in body["datasets"]} == {"b1", "b2", "b3", "b4"}
    assert "Latin" in body["languages"]
    assert "old" in body["categories"]


def test_a_benchmark_shows_all_its_properties(api: Any) -> None:
    (benchmark,) = api.get("/api/v1/datasets", ids="b1")["datasets"]
    assert benchmark == {
        "id": "b1",
        "key": "math",
        "name": "Maths",
        "description": "Sums.",
        "created_at": 5,
        "prompt_count": 45,
        "language": "English",
        "categories": ["math", "hard"],
        "characteristics": ["short"],
        "deprecated": False,
        "is_public": True,
    }
    (empty,) = api.get("/api/v1/datasets", ids="b3")["datasets"]
    assert (empty["prompt_count"], empty["is_public"], empty["language"]) == (0, False, None)


# ---- prompts --------------------------------------------------------------------------------


def prompts(api: Any, benchmark: str = "b1", **query: Any) -> tuple[list[str], int]:
    body = api.get(f"/api/v1/datasets/{benchmark}/prompts", **query)
    assert body["status"] == "success"
    return [prompt["id"] for prompt in body["data"]["prompts"]], body["data"]["count"]


OWN_ORDER = [prompt.id for prompt in PROMPTS["b1"]]


def test_prompts_come_in_the_benchmarks_own_order(api: Any) -> None:
    assert sorted(OWN_ORDER) != OWN_ORDER
    assert prompts(api) == (OWN_ORDER, 45)
    assert prompts(api, sort_order="desc") == (OWN_ORDER[::-1], 45)


@pytest.mark.parametrize("size", [1, 7, 44, 45, 100])
@pytest.mark.parametrize("extra", [{}, {"sort_order": "desc"}])
def test_pages_of_prompts_partition_the_benchmark(api: Any, size: int, extra: Any) -> None:
    seen: list[str] = []
    for page in range(1, 45 // size + 3):
        found, count = prompts(api, page=page, page_size=size, **extra)
        assert count == 45
        assert len(found) <= size
        seen += found
    assert seen == (OWN_ORDER[::-1] if extra else OWN_ORDER)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("field", ["id", "input", "truth"])
def test_prompts_sorted_by_a_field(api: Any, field: str, order: str) -> None:
    expected = sorted(PROMPTS["b1"], key=lambda p: getattr(p, field), reverse=order == "desc")
    found, _ = prompts(api, sort_by=field, sort_order=order, page_size=500)
    assert found == [prompt.id for prompt in expected]


@pytest.mark.parametrize(
    ("benchmark", "field", "value"),
    [
        *[
            ("b1", "id", "1"),
            ("b1", "input", "WHAT IS 1"),
            ("b1", "truth", "8"),
            ("b1", "truth", ""),
        ],
        *[("b2", "truth", "no_1"), ("b2", "input", "100%"), ("b2", "input", "HEISST du")],
        *[("b2", "input", '"question"'), ("b2", "input", "nowhere"), ("b2", "id", "X")],
    ],
)
def test_prompts_searched_by_a_field(api: Any, benchmark: str, field: str, value: str) -> None:
    def text(prompt: Any) -> str:
        found = getattr(prompt, field)
        if isinstance(found, str):
            return found
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

    expected = [p.id for p in PROMPTS[benchmark] if value.casefold() in text(p).casefold()]
    found = prompts(api, benchmark, search=field, search_value=value, page_size=5)
    assert found == (expected[:5], len(expected))


def test_field_and_value_of_a_search_belong_together(api: Any) -> None:
    assert prompts(api, search="id")[1] == 45
    assert prompts(api, search_value="nowhere")[1] == 45


def test_inputs_of_every_shape_come_back_as_they_were(api: Any) -> None:
    body = api.get("/api/v1/datasets/b2/prompts")
    expected = [{"id": p.id, "input": p.input, "truth": p.truth} for p in PROMPTS["b2"]]
    assert body["data"]["prompts"] == expected


def test_prompts_of_a_benchmark_without_any(api: Any) -> None:
    assert prompts(api, "b3") == ([], 0)


def test_prompts_of_no_benchmark_are_an_error(api: Any) -> None:
    assert "'b9'" in api.refused("/api/v1/datasets/b9/prompts", 404)
