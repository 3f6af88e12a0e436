"""The operations of the v2 API: benchmark types, models and probe runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchwire_local.data import v2_queries
from benchwire_local.errors import not_found
from benchwire_local.http.call import reader

if TYPE_CHECKING:
    import sqlite3

    from benchwire_local.http.call import Call, Handler


def _models(connection: sqlite3.Connection, call: Call) -> list[dict[str, Any]]:
    return v2_queries.list_models(connection, _checked_type(connection, call))


def _model(connection: sqlite3.Connection, call: Call) -> dict[str, Any]:
    type_id = _checked_type(connection, call)
    return v2_queries.get_model(connection, call.path_params["modelId"], type_id)


def _runs(connection: sqlite3.Connection, call: Call) -> list[dict[str, Any]]:
    model_id = call.path_params["modelId"]
    _checked_type(connection, call)
    if not v2_queries.model_exists(connection, model_id):
        raise not_found("benchmark model", model_id)
    return v2_queries.list_runs(connection, model_id, call.query["benchmarkTypeId"])


def _run(connection: sqlite3.Connection, call: Call) -> dict[str, Any]:
    model_id, run_id = call.path_params["modelId"], call.path_params["probeRunId"]
    return v2_queries.get_run(connection, model_id, run_id)


def _checked_type(connection: sqlite3.Connection, call: Call) -> int | None:
    """Return the requested type, ``None`` for all; raise a 404 if it is unknown."""
    type_id: int | None = call.query.get("benchmarkTypeId")
    if type_id is not None and not v2_queries.type_exists(connection, type_id):
        raise not_found("benchmark type", type_id)
    return type_id


HANDLERS: dict[str, Handler] = {
    "listBenchmarkTypes": reader(lambda db, _call: v2_queries.list_types(db)),
    "listBenchmarkModels": reader(_models),
    "getBenchmarkModel": reader(_model),
    "listProbeRuns": reader(_runs),
    "getProbeRun": reader(_run),
}
