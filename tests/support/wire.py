"""Bodies as the services send them, with no more in them than the specs require."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from support.scripted import Received, Reply, json_reply


def model(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": f"m{number}", "key": f"maker/m{number}", "name": f"Model {number}", **fields}


def models(rows: Sequence[dict[str, Any]], total: int, **fields: Any) -> dict[str, Any]:
    return {
        "models": list(rows),
        "categories": [],
        "companies": [],
        "regions": [],
        "licenses": [],
        "sizes": [],
        "count": len(rows),
        "total_count": total,
        **fields,
    }


def benchmark(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": f"b{number}", "key": f"b{number}", "name": f"Benchmark {number}", **fields}


def benchmarks(rows: Sequence[dict[str, Any]], total: int, **fields: Any) -> dict[str, Any]:
    return {
        "datasets": list(rows),
        "categories": [],
        "languages": [],
        "count": len(rows),
        "total_count": total,
        **fields,
    }


def prompt(number: int) -> dict[str, Any]:
    return {"id": f"p{number}", "input": f"What is {number}?", "truth": str(number)}


def prompts(rows: Sequence[dict[str, Any]], total: int) -> dict[str, Any]:
    return {"status": "success", "data": {"prompts": list(rows), "count": total}}


def evaluation(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"e{number}",
        "status": "success",
        "submitted_at": 1_750_000_000 + number,
        "model_id": "m1",
        "dataset_id": "b1",
        **fields,
    }


def evaluations(rows: Sequence[dict[str, Any]], total: int | None = None) -> dict[str, Any]:
    return {"evaluations": list(rows), "total_count": len(rows) if total is None else total}


def comparison_row(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "result_id_1": number,
        "result_id_2": 100_000 + number,
        "prompt": f"What is {number}?",
        "truth": str(number),
        **fields,
    }


def comparison(rows: Sequence[dict[str, Any]] | None, total: int) -> dict[str, Any]:
    return {
        "results": rows if rows is None else list(rows),
        "total_count": total,
        "correct_count_1": 3,
        "total_results_1": 5,
        "correct_count_2": 4,
        "total_results_2": 5,
    }


def results(rows: Sequence[Any] | None, total: int) -> dict[str, Any]:
    return {"evaluation_id": "e1", "results": rows, "metrics": {"total_count": total}}


def job(identity: str, status: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "status": status,
        "benchmark_id": "bench",
        "created_at": "2025-06-03T09:15:27Z",
        "completed_at": None,
        **fields,
    }


def completed(identity: str, **fields: Any) -> dict[str, Any]:
    ended = {"completed_at": "2025-06-03T09:16:02Z", "passed_count": 3, "failed_count": 1}
    return job(identity, "completed", **{**ended, "score": 75.0, "total_count": 4, **fields})


def failed(identity: str, reason: str) -> dict[str, Any]:
    return job(identity, "failed", completed_at="2025-06-03T09:16:02Z", error_message=reason)


MODEL_V2 = {"id": 7, "name": "Seven", "provider": None}
MODEL_V2_DETAILS = {**MODEL_V2, "totalCount": 3, "passedCount": 2, "failedCount": 1}
RUN_V2 = {
    "id": 9,
    "passedCount": 1,
    "failedCount": 2,
    "totalCount": 3,
    "score": 33.5,
    "probeId": 4,
    "probeName": None,
    "probeCategoryId": 1,
    "probeCategoryName": "Security",
    "createdAt": "2025-06-03T09:15:27.1234567Z",
}


def paged_prompts(
    count: int,
    *,
    cap: int = 500,
    total: Callable[[int], int] | None = None,
    rows: Callable[[int, list[dict[str, Any]]], list[dict[str, Any]]] | None = None,
) -> Callable[[Received], Reply]:
    """A service that lists prompts by pages.

    Args:
        count: The prompts there are.
        cap: The most it puts on a page, whatever was asked for.
        total: The total it gives with a page, by the page's number; by default the truth.
        rows: What it makes of the rows of a page, from the page's number and the right rows.
    """

    def handler(received: Received) -> Reply:
        page = int(received.query["page"])
        size = min(int(received.query["page_size"]), cap)
        numbers = range((page - 1) * size, min(page * size, count))
        right = [prompt(number) for number in numbers]
        sent = right if rows is None else rows(page, right)
        return json_reply(prompts(sent, count if total is None else total(page)))

    return handler
