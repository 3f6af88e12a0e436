"""The operations of the public API: models, benchmarks, prompts, evaluations, comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_local.data import public_catalogue, public_evaluations
from benchwire_local.errors import ApiError
from benchwire_local.http.call import ApiResponse
from benchwire_local.http.parameters import shorten

if TYPE_CHECKING:
    from benchwire_local.http.call import Call, Handler


def list_models(call: Call) -> ApiResponse:
    """Handle ``listModels``."""
    with call.state.db.read() as connection:
        return ApiResponse(200, public_catalogue.list_models(connection, call.query))


def list_benchmarks(call: Call) -> ApiResponse:
    """Handle ``listBenchmarks``."""
    with call.state.db.read() as connection:
        return ApiResponse(200, public_catalogue.list_benchmarks(connection, call.query))


def list_benchmark_prompts(call: Call) -> ApiResponse:
    """Handle ``listBenchmarkPrompts``."""
    benchmark_id = call.path_params["benchmark_id"]
    with call.state.db.read() as connection:
        data = public_catalogue.list_prompts(connection, benchmark_id, call.query)
    if data is None:
        raise ApiError(404, f"There is no benchmark with the id {shorten(benchmark_id)}.")
    return ApiResponse(200, {"status": "success", "data": data})


def list_evaluations(call: Call) -> ApiResponse:
    """Handle ``listEvaluations``."""
    with call.state.db.read() as connection:
        return ApiResponse(200, public_evaluations.list_evaluations(connection, call.query))


def get_evaluation(call: Call) -> ApiResponse:
    """Handle ``getEvaluation``."""
    try:
        with call.state.db.read() as connection:
            return ApiResponse(
                200, public_evaluations.get_evaluation(connection, call.path_params["id"])
            )
    except public_evaluations.EvaluationNotFoundError as error:
        raise _not_found(error) from None


def compare_evaluations(call: Call) -> ApiResponse:
    """Handle ``compareEvaluations``."""
    try:
        with call.state.db.read() as connection:
            return ApiResponse(200, public_evaluations.compare(connection, call.query))
    except public_evaluations.EvaluationNotFoundError as error:
        raise _not_found(error) from None
    except public_evaluations.ComparisonError:
        raise ApiError(422, "The two evaluations are of different benchmarks.") from None


def _not_found(error: public_evaluations.EvaluationNotFoundError) -> ApiError:
    return ApiError(404, f"There is no evaluation with the id {shorten(error.args[0])}.")


HANDLERS: dict[str, Handler] = {
    "listModels": list_models,
    "listBenchmarks": list_benchmarks,
    "listBenchmarkPrompts": list_benchmark_prompts,
    "listEvaluations": list_evaluations,
    "getEvaluation": get_evaluation,
    "compareEvaluations": compare_evaluations,
}
