"""Queries of the public API's catalogue: models, benchmarks and their prompts."""

# ruff: noqa: S608 - only names of our own are put into SQL text; what users send is bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from benchwire_local.data.filters import Where, limit_of, order_by
from benchwire_local.data.public_tables import count_prompts, decode_input

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

# Text people read is sorted without regard to case; ids and prompts exactly, which an index can do.
_MODEL_ORDER = {
    "name": "fold(name)",
    "created_at": "created_at",
    "released_at": "released_at",
    "architecture_type": "fold(architecture_type)",
    "context_length": "context_length",
    "license": "fold(license)",
    "region": "fold(region)",
}
# The same columns in the spelling the reference uses.
_MODEL_ORDER |= {
    "createdAt": _MODEL_ORDER["created_at"],
    "releasedAt": _MODEL_ORDER["released_at"],
    "architectureType": _MODEL_ORDER["architecture_type"],
    "contextLength": _MODEL_ORDER["context_length"],
}
_BENCHMARK_ORDER = {"name": "fold(name)"}
_MODEL_COLUMNS = (
    *("id", "key", "name", "description", "company", "created_at", "released_at", "parameters"),
    *("modality", "context_length", "architecture_type", "license", "open_weights", "region"),
    *("key_takeaways", "deprecated", "cost_per_input_token", "cost_per_output_token"),
)
_BENCHMARK_COLUMNS = (
    *("id", "key", "name", "description", "created_at", "language", "categories"),
    *("characteristics", "deprecated", "is_public"),
)
# As count_prompts() has it, for every row of a list.
_PROMPT_COUNT = (
    "(SELECT coalesce(max(position) + 1, 0) FROM public_prompts"
    " WHERE benchmark_pk = public_benchmarks.pk) AS prompt_count"
)


def list_models(connection: sqlite3.Connection, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page of models that ``listModels`` requests, and the facets."""
    shown = _shown(query)
    where = _catalogue_filters(query)
    where.linked(
        "pk",
        "SELECT model_pk FROM public_model_categories WHERE category",
        query.get("categories"),
    )
    where.one_of("company", query.get("companies"))
    where.one_of("region", query.get("regions"))
    where.one_of("license", query.get("licenses"))
    where.one_of("size", query.get("sizes"))
    order = order_by(_MODEL_ORDER[query.get("sort_by", "name")], query.get("order", "asc"), "id")
    rows, total = _page(
        connection, ("public_models", ", ".join(_MODEL_COLUMNS)), where, order, query
    )
    return {
        "models": [_model(row) for row in rows],
        "categories": _facet(
            connection,
            "public_model_categories JOIN public_models ON pk = model_pk",
            "category",
            shown,
        ),
        "companies": _facet(connection, "public_models", "company", shown),
        "regions": _facet(connection, "public_models", "region", shown),
        "licenses": _facet(connection, "public_models", "license", shown),
        "sizes": _facet(connection, "public_models", "size", shown),
        "count": len(rows),
        "total_count": total,
    }


def list_benchmarks(connection: sqlite3.Connection, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page of benchmarks that ``listBenchmarks`` requests, and the facets."""
    shown = _shown(query)
    where = _catalogue_filters(query)
    where.linked(
        "pk",
        "SELECT benchmark_pk FROM public_benchmark_categories WHERE category",
        query.get("categories"),
    )
    where.one_of("language", query.get("languages"))
    columns = f"{', '.join(_BENCHMARK_COLUMNS)}, {_PROMPT_COUNT}"
    order = order_by(
        _BENCHMARK_ORDER[query.get("sort_by", "name")], query.get("order", "asc"), "id"
    )
    rows, total = _page(connection, ("public_benchmarks", columns), where, order, query)
    return {
        "datasets": [_benchmark(row) for row in rows],
        "categories": _facet(
            connection,
            "public_benchmark_categories JOIN public_benchmarks ON pk = benchmark_pk",
            "category",
            shown,
        ),
        "languages": _facet(connection, "public_benchmarks", "language", shown),
        "count": len(rows),
        "total_count": total,
    }


def list_prompts(
    connection: sqlite3.Connection, benchmark_id: str, query: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the page of prompts that ``listBenchmarkPrompts`` requests.

    Returns:
        The prompts and the number of all that match; ``None`` if there is no such benchmark.
    """
    found = connection.execute(
        "SELECT pk FROM public_benchmarks WHERE id = ?", (benchmark_id,)
    ).fetchone()
    if found is None:
        return None
    where = Where()
    where.equals("benchmark_pk", found["pk"])
    # Field and value belong together: one without the other filters nothing.
    if "search" in query and "search_value" in query:
        where.contains([query["search"]], query["search_value"])
    size, offset = limit_of(query)
    descending = query.get("sort_order") == "desc"
    if len(where.conditions) == 1 and "sort_by" not in query and not descending:
        # The usual walk through a benchmark: straight to the page, however far in it is.
        count = count_prompts(connection, found["pk"])
        where.add("position >= ?", offset)
        offset = 0
    else:
        (count,) = connection.execute(
            f"SELECT count(*) FROM public_prompts{where.sql}",
            where.values,
        ).fetchone()
    order = order_by(query.get("sort_by", "position"), query.get("sort_order", "asc"), "id")
    rows = connection.execute(
        "SELECT id, input, input_is_json, truth FROM public_prompts"
        f"{where.sql}{order} LIMIT ? OFFSET ?",
        (*where.values, size, offset),
    )
    return {"prompts": [_prompt(row) for row in rows], "count": count}


def _shown(query: Mapping[str, Any]) -> Where:
    where = Where()
    if not query.get("include_deprecated"):
        where.add("NOT deprecated")
    return where


def _catalogue_filters(query: Mapping[str, Any]) -> Where:
    where = _shown(query)
    where.contains(["name"], query.get("query"))
    where.equals("name", query.get("name"))
    where.equals("key", query.get("key"))
    where.one_of("id", query.get("ids"))
    return where


def _page(
    connection: sqlite3.Connection,
    source: tuple[str, str],
    where: Where,
    order: str,
    query: Mapping[str, Any],
) -> tuple[list[sqlite3.Row], int]:
    table, columns = source
    (total,) = connection.execute(
        f"SELECT count(*) FROM {table}{where.sql}",
        where.values,
    ).fetchone()
    rows = connection.execute(
        f"SELECT {columns} FROM {table}{where.sql}{order} LIMIT ? OFFSET ?",
        (*where.values, *limit_of(query)),
    ).fetchall()
    return rows, total


def _facet(connection: sqlite3.Connection, source: str, column: str, shown: Where) -> list[str]:
    where = Where([*shown.conditions, f"{column} IS NOT NULL"], list(shown.values))
    rows = connection.execute(
        f"SELECT DISTINCT {column} FROM {source}{where.sql} ORDER BY {column}",
        where.values,
    )
    return [row[0] for row in rows]


def _model(row: sqlite3.Row) -> dict[str, Any]:
    model = dict(row)
    model["open_weights"] = _boolean(row["open_weights"])
    model["deprecated"] = bool(row["deprecated"])
    model["key_takeaways"] = _decoded(row["key_takeaways"])
    return model


def _benchmark(row: sqlite3.Row) -> dict[str, Any]:
    benchmark = dict(row)
    benchmark["deprecated"] = bool(row["deprecated"])
    benchmark["is_public"] = bool(row["is_public"])
    benchmark["categories"] = _decoded(row["categories"])
    benchmark["characteristics"] = _decoded(row["characteristics"])
    return benchmark


def _prompt(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "input": decode_input(row["input"], row["input_is_json"]),
        "truth": row["truth"],
    }


def _boolean(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _decoded(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)
