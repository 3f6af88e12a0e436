"""The operations of the v2 API: benchmark types, models and probe runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_local.data import v2_queries
from benchwire_local.errors import ApiError
from benchwire_local.http.call import ApiResponse

if TYPE_CHECKING:
    import sqlite3

    from benchwire_local.http.call import Call, Handler


def list_benchmark_types(call: Call) -> ApiResponse:
    """Handle ``listBenchmarkTypes``."""
    with call.state.db.read() as connection:
        return ApiResponse(200, v2_queries.list_types(connection))


def list_benchmark_models(call: Call) -> ApiResponse:
    """Handle ``listBenchmarkModels``."""
    with call.state.db.read() as connection:
        type_id = _checked_type(connection, call)
        return ApiResponse(200, v2_queries.list_models(connection, type_id))


def get_benchmark_model(call: Call) -> ApiResponse:
    """Handle ``getBenchmarkModel``."""
    model_id = call.path_params["modelId"]
    with call.state.db.read() as connection:
        type_id = _checked_type(connection, call)
        model = v2_queries.get_model(connection, model_id, type_id)
    if model is None:
        raise ApiError(404, f"There is no benchmark model with the id {model_id}.")
    return ApiResponse(200, model)


def list_probe_runs(call: Call) -> ApiResponse:
    """Handle ``listProbeRuns``."""
    model_id = call.path_params["modelId"]
    with call.state.db.read() as connection:
        _checked_type(connection, call)
        if not v2_queries.model_exists(connection, model_id):
            raise ApiError(404, f"There is no benchmark model with the id {model_id}.")
        runs = v2_queries.list_runs(connection, model_id, call.query["benchmarkTypeId"])
    return ApiResponse(200, runs)


def get_probe_run(call: Call) -> ApiResponse:
    """Handle ``getProbeRun``."""
    model_id, run_id = call.path_params["modelId"], call.path_params["probeRunId"]
    with call.state.db.read() as connection:
        run = v2_queries.get_run(connection, model_id, run_id)
    if run is None:
        raise ApiError(
            404, f"The benchmark model {model_id} has no probe run with the id {run_id}."
        )
    return ApiResponse(200, run)


def _checked_type(connection: sqlite3.Connection, call: Call) -> int | None:
    """Return the requested type, ``None`` for all; an unknown type has no scores."""
    type_id: int | None = call.query.get("benchmarkTypeId")
    if type_id is not None and not v2_queries.type_exists(connection, type_id):
        raise ApiError(404, f"There is no benchmark type with the id {type_id}.")
    return type_id


HANDLERS: dict[str, Handler] = {
    "listBenchmarkTypes": list_benchmark_types,
    "listBenchmarkModels": list_benchmark_models,
    "getBenchmarkModel": get_benchmark_model,
    "listProbeRuns": list_probe_runs,
    "getProbeRun": get_probe_run,
}
