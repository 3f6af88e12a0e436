"""Queries of the v2 API: types, models with scores and ranks, and probe runs.

A score is the percentage of passed test cases; one that ended in an error has neither passed nor
failed. A rank is a model's position by score within a category, 1 for the best; equal scores share a
rank.
"""

# ruff: noqa: S608 - SQL text contains names of our own only; user input is bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchwire_local.data.rows import as_dict, from_json
from benchwire_local.errors import ApiError, not_found

if TYPE_CHECKING:
    import sqlite3

# One row per tested model and category; :type_id is a type, or null for all types.
_SCORES = """
WITH counted AS (
    SELECT r.model_id, c.name AS category, count(*) AS total, sum(t.result = 'passed') AS passed,
        sum(t.result = 'failed') AS failed
    FROM v2_runs r
    JOIN v2_probes p ON p.id = r.probe_id
    JOIN v2_categories c ON c.id = p.category_id
    JOIN v2_test_cases t ON t.run_id = r.id
    WHERE :type_id IS NULL OR r.type_id = :type_id
    GROUP BY r.model_id, c.id
),
scored AS (
    SELECT model_id, category, total, passed, failed, round(100.0 * passed / total, 2) AS score
    FROM counted
),
ranked AS (
    SELECT *, rank() OVER (PARTITION BY category ORDER BY score DESC) AS rank FROM scored
)
"""
_RUNS = """
SELECT r.id, coalesce(sum(t.result = 'passed'), 0) AS passedCount,
    coalesce(sum(t.result = 'failed'), 0) AS failedCount, count(t.id) AS totalCount,
    p.id AS probeId, p.name AS probeName, c.id AS probeCategoryId, c.name AS probeCategoryName,
    r.created_at AS createdAt
FROM v2_runs r
JOIN v2_probes p ON p.id = r.probe_id
JOIN v2_categories c ON c.id = p.category_id
LEFT JOIN v2_test_cases t ON t.run_id = r.id
"""
_MODEL = "SELECT id, name, provider, benchmark_date AS benchmarkDate, url"


def list_types(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return all benchmark types, by id."""
    rows = connection.execute("SELECT id, name, description FROM v2_types ORDER BY id")
    return [as_dict(row) for row in rows]


def type_exists(connection: sqlite3.Connection, type_id: int) -> bool:
    """Return whether there is a benchmark type with this id."""
    found = connection.execute("SELECT 1 FROM v2_types WHERE id = ?", (type_id,))
    return found.fetchone() is not None


def model_exists(connection: sqlite3.Connection, model_id: int) -> bool:
    """Return whether there is a model with this id."""
    found = connection.execute("SELECT 1 FROM v2_models WHERE id = ?", (model_id,))
    return found.fetchone() is not None


def list_models(connection: sqlite3.Connection, type_id: int | None) -> list[dict[str, Any]]:
    """Return all models by id, with their scores of one type, or aggregated over all of them."""
    categories = _categories(connection)
    scores: dict[int, dict[str, float]] = {}
    for row in connection.execute(f"{_SCORES} SELECT * FROM scored", {"type_id": type_id}):
        scores.setdefault(row["model_id"], {})[row["category"]] = row["score"]
    return [
        as_dict(row) | {"scores": _per_category(categories, scores.get(row["id"], {}))}
        for row in connection.execute(f"{_MODEL} FROM v2_models ORDER BY id")
    ]


def get_model(connection: sqlite3.Connection, model_id: int, type_id: int | None) -> dict[str, Any]:
    """Return one model with scores, counts and ranks; raise a 404 if the id is unknown."""
    row = connection.execute(
        f"{_MODEL}, description, config, metadata FROM v2_models WHERE id = ?", (model_id,)
    ).fetchone()
    if row is None:
        raise not_found("benchmark model", model_id)
    categories = _categories(connection)
    # Ranks are among all models, so the model is selected after they are computed.
    ranked = connection.execute(
        f"{_SCORES} SELECT * FROM ranked WHERE model_id = :model_id",
        {"type_id": type_id, "model_id": model_id},
    ).fetchall()
    total, passed, failed = (
        sum(category[name] for category in ranked) for name in ("total", "passed", "failed")
    )
    return as_dict(row) | {
        "scores": _per_category(categories, {c["category"]: c["score"] for c in ranked}),
        "ranks": _per_category(categories, {c["category"]: c["rank"] for c in ranked}),
        "totalCount": total,
        "passedCount": passed,
        "failedCount": failed,
        "config": from_json(row["config"]),
        "metadata": from_json(row["metadata"]),
    }


def list_runs(connection: sqlite3.Connection, model_id: int, type_id: int) -> list[dict[str, Any]]:
    """Return a model's runs of one type, by id."""
    rows = connection.execute(
        f"{_RUNS} WHERE r.model_id = ? AND r.type_id = ? GROUP BY r.id ORDER BY r.id",
        (model_id, type_id),
    )
    return [_run(row) for row in rows]


def get_run(connection: sqlite3.Connection, model_id: int, run_id: int) -> dict[str, Any]:
    """Return one run with its test cases; raise a 404 if the model has no run with this id."""
    row = connection.execute(
        f"{_RUNS} WHERE r.model_id = ? AND r.id = ? GROUP BY r.id", (model_id, run_id)
    ).fetchone()
    if row is None:
        raise ApiError(
            404, f"The benchmark model {model_id} has no probe run with the id {run_id}."
        )
    cases = connection.execute(
        "SELECT id, result, explanation, conversation, metadata FROM v2_test_cases"
        " WHERE run_id = ? ORDER BY id",
        (run_id,),
    )
    return _run(row) | {"testCases": [_case(case) for case in cases]}


def _categories(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT name FROM v2_categories ORDER BY id")]


def _per_category(categories: list[str], values: dict[str, Any]) -> dict[str, Any]:
    """Return a value for every category; ``None`` where nothing was tested."""
    return {category: values.get(category) for category in categories}


def _run(row: sqlite3.Row) -> dict[str, Any]:
    passed, total = row["passedCount"], row["totalCount"]
    return as_dict(row) | {"score": round(100 * passed / total, 2) if total else 0.0}


def _case(row: sqlite3.Row) -> dict[str, Any]:
    return as_dict(row) | {
        "passed": {"passed": True, "failed": False}.get(row["result"]),
        "conversation": from_json(row["conversation"]),
        "metadata": from_json(row["metadata"]),
    }
