"""Queries of the public API's catalogue: models, benchmarks and their prompts."""

# ruff: noqa: S608 - SQL text contains names of our own only; user input is bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchwire_local.data.filters import Where, order_by
from benchwire_local.data.public_tables import decode_input
from benchwire_local.data.rows import as_dict, from_json
from benchwire_local.errors import not_found

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from benchwire_local.data.key_lists import DatabaseConnection

# Names are sorted case-insensitively; ids and prompts exactly, so that an index can be used.
_MODEL_ORDER = {
    "name": "fold(name)",
    "created_at": "created_at",
    "released_at": "released_at",
    "architecture_type": "fold(architecture_type)",
    "context_length": "context_length",
    "license": "fold(license)",
    "region": "fold(region)",
}
# The same columns as the API's reference spells them.
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
    *("characteristics", "deprecated", "is_public", "prompt_count"),
)
# The columns with facets, by kind: the name of the filter and of the list in the response.
_FACETS = {
    "model": {
        "company": "companies",
        "region": "regions",
        "license": "licenses",
        "size": "sizes",
    },
    "benchmark": {"language": "languages"},
}


def list_models(connection: DatabaseConnection, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page of models that ``listModels`` requests, and the facets."""
    columns = ", ".join(f"public_models.{column}" for column in _MODEL_COLUMNS)
    rows, rest = _page(connection, "model", columns, _MODEL_ORDER, query)
    return {"models": [_model(row) for row in rows], **rest}


def list_benchmarks(connection: DatabaseConnection, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page of benchmarks that ``listBenchmarks`` requests, and the facets."""
    columns = ", ".join(f"public_benchmarks.{column}" for column in _BENCHMARK_COLUMNS)
    rows, rest = _page(connection, "benchmark", columns, _BENCHMARK_ORDER, query)
    return {"datasets": [_benchmark(row) for row in rows], **rest}


def list_prompts(
    connection: DatabaseConnection, benchmark_id: str, query: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the page that ``listBenchmarkPrompts`` requests; raise a 404 if the id is unknown."""
    found = connection.execute(
        "SELECT pk, prompt_count FROM public_benchmarks WHERE id = ?", (benchmark_id,)
    ).fetchone()
    if found is None:
        raise not_found("benchmark", benchmark_id)
    where = Where()
    where.equals("benchmark_pk", found["pk"])
    where.add(f"position < {found['prompt_count']:d}")  # an import may be adding more
    # Only field and value together are a filter.
    if "search" in query and "search_value" in query:
        where.contains([query["search"]], query["search_value"])
    order = order_by(query.get("sort_by", "position"), query.get("sort_order", "asc"), "id")
    selected = f"SELECT pk FROM public_prompts{where.sql}{order}"
    page, count = connection.page(selected, where.values, query)
    rows = connection.execute(
        "SELECT p.id, input, input_is_json, truth FROM json_each(?) page"
        " CROSS JOIN public_prompts p ON p.pk = page.value ORDER BY page.key",
        (page,),
    )
    return {"prompts": [_prompt(row) for row in rows], "count": count}


def _page(
    connection: DatabaseConnection,
    kind: str,
    columns: str,
    orders: Mapping[str, str],
    query: Mapping[str, Any],
) -> tuple[list[sqlite3.Row], dict[str, Any]]:
    """Return the rows of a page, and the facets and counts of its response."""
    table, links = f"public_{kind}s", f"public_{kind}_categories"
    shown = Where()
    if not query.get("include_deprecated"):
        shown.add("NOT deprecated")
    where = Where([*shown.conditions])
    where.contains(["name"], query.get("query"))
    where.equals("name", query.get("name"))
    where.equals("key", query.get("key"))
    where.one_of("id", query.get("ids"))
    where.linked("pk", f"SELECT {kind}_pk FROM {links} WHERE category", query.get("categories"))
    for column, name in _FACETS[kind].items():
        where.one_of(column, query.get(name))
    order = order_by(orders[query.get("sort_by", "name")], query.get("order", "asc"), "id")
    selected = f"SELECT pk FROM {table}{where.sql}{order}"
    page, total = connection.page(selected, where.values, query)
    rows = connection.execute(
        f"SELECT {columns} FROM json_each(?) page CROSS JOIN {table} ON {table}.pk = page.value"
        " ORDER BY page.key",
        (page,),
    ).fetchall()
    linked = f"{links} JOIN {table} ON pk = {kind}_pk"
    facets = {
        name: _facet(connection, table, column, shown) for column, name in _FACETS[kind].items()
    }
    return rows, {
        "categories": _facet(connection, linked, "category", shown),
        **facets,
        "count": len(rows),
        "total_count": total,
    }


def _facet(connection: DatabaseConnection, source: str, column: str, shown: Where) -> list[str]:
    where = Where([*shown.conditions, f"{column} IS NOT NULL"])
    rows = connection.execute(
        f"SELECT DISTINCT {column} FROM {source}{where.sql} ORDER BY {column}"
    )
    return [row[0] for row in rows]


def _model(row: sqlite3.Row) -> dict[str, Any]:
    model = as_dict(row)
    is_open = row["open_weights"]
    model["open_weights"] = None if is_open is None else bool(is_open)
    model["deprecated"] = bool(row["deprecated"])
    model["key_takeaways"] = from_json(row["key_takeaways"])
    return model


def _benchmark(row: sqlite3.Row) -> dict[str, Any]:
    benchmark = as_dict(row)
    benchmark["deprecated"] = bool(row["deprecated"])
    benchmark["is_public"] = bool(row["is_public"])
    benchmark["categories"] = from_json(row["categories"])
    benchmark["characteristics"] = from_json(row["characteristics"])
    return benchmark


def _prompt(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "input": decode_input(row["input"], row["input_is_json"]),
        "truth": row["truth"],
    }
