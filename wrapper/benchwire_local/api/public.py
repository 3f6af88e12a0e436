"""The operations of the public API: models, benchmarks, prompts, evaluations, comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchwire_local.data import public_catalogue, public_evaluations
from benchwire_local.http.call import reader

if TYPE_CHECKING:
    from benchwire_local.data.key_lists import DatabaseConnection
    from benchwire_local.http.call import Call, Handler


def _prompts(connection: DatabaseConnection, call: Call) -> dict[str, Any]:
    benchmark_id = call.path_params["benchmark_id"]
    page = public_catalogue.list_prompts(connection, benchmark_id, call.query)
    return {"status": "success", "data": page}


HANDLERS: dict[str, Handler] = {
    "listModels": reader(lambda db, call: public_catalogue.list_models(db, call.query)),
    "listBenchmarks": reader(lambda db, call: public_catalogue.list_benchmarks(db, call.query)),
    "listBenchmarkPrompts": reader(_prompts),
    "listEvaluations": reader(lambda db, call: public_evaluations.list_evaluations(db, call.query)),
    "getEvaluation": reader(
        lambda db, call: public_evaluations.get_evaluation(db, call.path_params["id"])
    ),
    "listResults": reader(lambda db, call: public_evaluations.list_results(db, call.query)),
    "compareEvaluations": reader(lambda db, call: public_evaluations.compare(db, call.query)),
}
