"""Queries of the v2 API: types, models with scores and ranks, and probe runs.

A score is the percentage of test cases passed. A rank is a model's place by score within a
category, 1 for the best; equal scores share a place.
"""

# ruff: noqa: S608 - only names of our own are put into SQL text; what users send is bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import sqlite3

# One row per model and category that were tested; :type_id is the type, or null for all of them.
_SCORES = """
WITH counted AS (
    SELECT r.model_id, c.name AS category, count(*) AS total, sum(t.passed) AS passed
    FROM v2_runs r
    JOIN v2_probes p ON p.id = r.probe_id
    JOIN v2_categories c ON c.id = p.category_id
    JOIN v2_test_cases t ON t.run_id = r.id
    WHERE :type_id IS NULL OR r.type_id = :type_id
    GROUP BY r.model_id, c.id
),
scored AS (
    SELECT model_id, category, total, passed, round(100.0 * passed / total, 2) AS score
    FROM counted
),
ranked AS (
    SELECT *, rank() OVER (PARTITION BY category ORDER BY score DESC) AS place FROM scored
)
"""
_RUNS = """
SELECT r.id, sum(t.passed) AS passed, count(t.id) AS total,
    p.id AS probe_id, p.name AS probe_name, c.id AS category_id, c.name AS category_name,
    r.created_at
FROM v2_runs r
JOIN v2_probes p ON p.id = r.probe_id
JOIN v2_categories c ON c.id = p.category_id
LEFT JOIN v2_test_cases t ON t.run_id = r.id
"""


def list_types(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return all benchmark types, by id."""
    rows = connection.execute("SELECT id, name, description FROM v2_types ORDER BY id")
    return [dict(row) for row in rows]


def type_exists(connection: sqlite3.Connection, type_id: int) -> bool:
    """Whether there is a benchmark type with this id."""
    return _exists(connection, "v2_types", type_id)


def model_exists(connection: sqlite3.Connection, model_id: int) -> bool:
    """Whether there is a model with this id."""
    return _exists(connection, "v2_models", model_id)


def list_models(connection: sqlite3.Connection, type_id: int | None) -> list[dict[str, Any]]:
    """Return all models by id, with their scores of one type, or aggregated over all of them."""
    categories = _categories(connection)
    scores: dict[int, dict[str, float]] = {}
    for row in connection.execute(f"{_SCORES} SELECT * FROM scored", {"type_id": type_id}):
        scores.setdefault(row["model_id"], {})[row["category"]] = row["score"]
    return [
        _model(row) | {"scores": _per_category(categories, scores.get(row["id"], {}))}
        for row in connection.execute("SELECT * FROM v2_models ORDER BY id")
    ]


def get_model(
    connection: sqlite3.Connection, model_id: int, type_id: int | None
) -> dict[str, Any] | None:
    """Return one model with scores, counts and ranks; ``None`` if there is no such id."""
    row = connection.execute("SELECT * FROM v2_models WHERE id = ?", (model_id,)).fetchone()
    if row is None:
        return None
    categories = _categories(connection)
    # Ranks are among all models, so the model is picked out only after they are computed.
    ranked = connection.execute(
        f"{_SCORES} SELECT * FROM ranked WHERE model_id = :model_id",
        {"type_id": type_id, "model_id": model_id},
    ).fetchall()
    total = sum(category["total"] for category in ranked)
    passed = sum(category["passed"] for category in ranked)
    return _model(row) | {
        "description": row["description"],
        "scores": _per_category(categories, {c["category"]: c["score"] for c in ranked}),
        "ranks": _per_category(categories, {c["category"]: c["place"] for c in ranked}),
        "totalCount": total,
        "passedCount": passed,
        "failedCount": total - passed,
        "config": _decoded(row["config"]),
        "metadata": _decoded(row["metadata"]),
    }


def list_runs(connection: sqlite3.Connection, model_id: int, type_id: int) -> list[dict[str, Any]]:
    """Return a model's runs of one type, by id."""
    rows = connection.execute(
        f"{_RUNS} WHERE r.model_id = ? AND r.type_id = ? GROUP BY r.id ORDER BY r.id",
        (model_id, type_id),
    )
    return [_run(row) for row in rows]


def get_run(connection: sqlite3.Connection, model_id: int, run_id: int) -> dict[str, Any] | None:
    """Return one run with its test cases; ``None`` if the model has no run with this id."""
    row = connection.execute(
        f"{_RUNS} WHERE r.model_id = ? AND r.id = ? GROUP BY r.id", (model_id, run_id)
    ).fetchone()
    if row is None:
        return None
    cases = connection.execute(
        "SELECT id, passed, explanation, conversation, metadata FROM v2_test_cases"
        " WHERE run_id = ? ORDER BY id",
        (run_id,),
    )
    return _run(row) | {"testCases": [_case(case) for case in cases]}


def _exists(connection: sqlite3.Connection, table: str, row_id: int) -> bool:
    found = connection.execute(
        f"SELECT 1 FROM {table} WHERE id = ?",
        (row_id,),
    )
    return found.fetchone() is not None


def _categories(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT name FROM v2_categories ORDER BY id")]


def _per_category(categories: list[str], values: dict[str, Any]) -> dict[str, Any]:
    """Every category has its place, so that nothing tested shows as null and not as nothing."""
    return {category: values.get(category) for category in categories}


def _model(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "provider": row["provider"],
        "benchmarkDate": row["benchmark_date"],
        "url": row["url"],
    }


def _run(row: sqlite3.Row) -> dict[str, Any]:
    passed, total = row["passed"] or 0, row["total"]
    return {
        "id": row["id"],
        "passedCount": passed,
        "failedCount": total - passed,
        "totalCount": total,
        "score": round(100 * passed / total, 2) if total else 0.0,
        "probeId": row["probe_id"],
        "probeName": row["probe_name"],
        "probeCategoryId": row["category_id"],
        "probeCategoryName": row["category_name"],
        "createdAt": row["created_at"],
    }


def _case(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "passed": bool(row["passed"]),
        "explanation": row["explanation"],
        "conversation": orjson.loads(row["conversation"]),
        "metadata": _decoded(row["metadata"]),
    }


def _decoded(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)
