"""Queries of the public API's evaluations, and the comparison of two of them."""

# ruff: noqa: S608 - SQL text contains names of our own only; user input is bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchwire_local.data.filters import Where, order_by
from benchwire_local.data.rows import as_dict, from_json
from benchwire_local.errors import ApiError, not_found

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from benchwire_local.data.key_lists import DatabaseConnection

# As the service does, an evaluation that has not ended has zeros. Durations are stored in milliseconds,
# and sent in nanoseconds. What is imported may have answers to some prompts alone, and samples that never ran.
_EVALUATION = """
SELECT e.id, e.status, coalesce(e.status_description, '') AS status_description, e.submitted_at,
    coalesce(e.finished_at, 0) AS finished_at,
    m.id AS model_id, m.name AS model_name, m.key AS model_key,
    coalesce(m.company, '') AS model_company, b.id AS dataset_id, b.name AS dataset_name,
    CAST(round(coalesce(e.average_duration, 0) * 1000000) AS INTEGER) AS average_duration,
    coalesce(e.accuracy, 0.0) AS accuracy,
    e.readability_score, e.toxicity_score, coalesce(e.ethics_score, 0.0) AS ethics_score,
    coalesce(e.failed_prompt_count, 0) AS failed_prompt_count,
    coalesce(e.queue_id, 0) AS queue_id,
    coalesce(nullif(e.prompt_count, 0), b.prompt_count) AS total_prompt_count,
    b.categories AS dataset_categories, coalesce(m.company, '') AS provider
"""
# What this server does not compute has the value that recorded responses have where the service did
# not: 0, or null for usage.
_NOT_COMPUTED: dict[str, Any] = {
    "user_id": "local", "organization_id": "local", "project_id": "local",
    "use_organization_api_key": False,
    "max_duration": 0, "median_duration": 0, "p90_duration": 0, "p95_duration": 0,
    "correct_median_duration": 0, "incorrect_median_duration": 0,
    "average_latency_content_ms": 0, "median_latency_content_ms": 0, "max_latency_content_ms": 0,
    "p90_latency_content_ms": 0, "p95_latency_content_ms": 0,
    "correct_median_latency_content_ms": 0, "incorrect_median_latency_content_ms": 0,
    "total_input_tokens": None, "total_output_tokens": None,
    "avg_input_tokens_per_prompt": None, "avg_output_tokens_per_prompt": None,
}  # fmt: skip
_OF_EVALUATION = """
JOIN public_models m ON m.pk = e.model_pk
JOIN public_benchmarks b ON b.pk = e.benchmark_pk
"""
_SOURCE = f"FROM public_evaluations e {_OF_EVALUATION}"
_OUTCOMES = {
    "all": None,
    "both_succeed": "r1.correct AND r2.correct",
    "both_fail": "NOT r1.correct AND NOT r2.correct",
    "reference_fails": "NOT r1.correct AND r2.correct",
    "comparison_fails": "r1.correct AND NOT r2.correct",
}
_PAIRS = """
FROM public_results r1
JOIN public_results r2 ON r2.evaluation_pk = ? AND r2.prompt_pk = r1.prompt_pk
JOIN public_prompts p ON p.pk = r1.prompt_pk
"""

# What most results have; ``metrics`` of the others says more.
_PLAIN = {"status": "scored", "answers": 1, "cluster": None, "metadata": None}

_SORTED_BY = {
    "submitted_at": "e.submitted_at",
    "submittedAt": "e.submitted_at",
    "accuracy": "coalesce(e.accuracy, 0)",
    "average_duration": "coalesce(e.average_duration, 0)",
    "averageDuration": "coalesce(e.average_duration, 0)",
}


def list_evaluations(connection: DatabaseConnection, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page of evaluations that ``listEvaluations`` requests.

    ``unique`` keeps the latest evaluation of each model and benchmark among those that match the
    other filters. Without ``sort_by`` and ``order``, the newest come first.
    """
    where = Where()
    where.one_of("m.id", query.get("models"))
    where.one_of("b.id", query.get("datasets"))
    where.equals("e.status", query.get("status"))
    if query.get("unique"):
        latest = (
            "SELECT e.pk, row_number() OVER (PARTITION BY e.model_pk, e.benchmark_pk"
            f" ORDER BY e.submitted_at DESC, e.pk DESC) AS number {_SOURCE}{where.sql}"
        )
        where = Where([f"e.pk IN (SELECT pk FROM ({latest}) WHERE number = 1)"], where.values)
    default_order = "asc" if "sort_by" in query else "desc"
    order = order_by(
        _SORTED_BY[query.get("sort_by", "submitted_at")],
        query.get("order", default_order),
        "e.id",
    )
    selected = f"SELECT e.pk {_SOURCE}{where.sql}{order}"
    page, total = connection.page(selected, where.values, query)
    rows = connection.execute(
        f"{_EVALUATION} FROM json_each(?) page CROSS JOIN public_evaluations e ON e.pk = page.value"
        f" {_OF_EVALUATION} ORDER BY page.key",
        (page,),
    )
    evaluations = [_evaluation(row) for row in rows]
    return {"evaluations": evaluations, "count": len(evaluations), "total_count": total}


def get_evaluation(connection: DatabaseConnection, evaluation_id: str) -> dict[str, Any]:
    """Return one evaluation with its summary; raise a 404 if the id is unknown."""
    row = connection.execute(
        f"{_EVALUATION}, e.summary {_SOURCE} WHERE e.id = ?", (evaluation_id,)
    ).fetchone()
    if row is None:
        raise not_found("evaluation", evaluation_id)
    return _evaluation(row) | {"summary": from_json(row["summary"])}


def _evaluation(row: sqlite3.Row) -> dict[str, Any]:
    evaluation = _NOT_COMPUTED | as_dict(row)
    evaluation["dataset_categories"] = from_json(row["dataset_categories"])
    # A score that is not computed is absent: the vendor's client refuses a null there.
    for name in ("readability_score", "toxicity_score"):
        if evaluation[name] is None:
            del evaluation[name]
    return evaluation


def list_results(connection: DatabaseConnection, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page of answers that ``listResults`` requests, in the order of the prompts.

    An answer that is missing is an empty text, as in the service, whose clients require one. A result
    without a score has a null there; of one that has more to tell, ``metrics`` has an object.

    Raises:
        ApiError: 404 if there is no such evaluation.
    """
    evaluation = _evaluated(connection, query["evaluation_id"])
    selected = (
        "SELECT r.pk FROM public_results r JOIN public_prompts p ON p.pk = r.prompt_pk"
        " WHERE r.evaluation_pk = ? ORDER BY p.position"
    )
    page, total = connection.page(selected, [evaluation["pk"]], query)
    rows = connection.execute(
        "SELECT '' AS subset, p.input AS prompt, coalesce(r.result, '') AS result, p.truth,"
        " CAST(round(coalesce(r.duration_ms, 0) * 1000000) AS INTEGER) AS duration, r.score,"
        " 0 AS input_tokens, 0 AS output_tokens, 0 AS latency_ms, 0 AS latency_content_ms,"
        " r.status, r.scorer, r.answers, r.cluster, r.metadata"
        " FROM json_each(?) page CROSS JOIN public_results r ON r.pk = page.value"
        " CROSS JOIN public_prompts p ON p.pk = r.prompt_pk ORDER BY page.key",
        (page,),
    )
    ranges = ("min_toxicity_score", "max_toxicity_score", "min_readability_score",
              "max_readability_score")  # fmt: skip
    return {
        "evaluation_id": query["evaluation_id"],
        "results": [_result(row) for row in rows],
        "metrics": {"total_count": total, **dict.fromkeys(ranges, 0)},
    }


def _result(row: sqlite3.Row) -> dict[str, Any]:
    result = as_dict(row)
    details = {name: result.pop(name) for name in ("status", "answers", "cluster", "metadata")}
    scorer = result.pop("scorer")
    if scorer is None and details == _PLAIN:
        return result | {"metrics": {"accuracy": row["score"]}}
    details["metadata"] = from_json(details["metadata"])
    of_scorer = {name: value for name, value in details.items() if value is not None}
    return result | {"metrics": {scorer or "accuracy": {"score": row["score"], **of_scorer}}}


def compare(connection: DatabaseConnection, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page of paired answers that ``compareEvaluations`` requests.

    A row pairs the answers to a prompt for which both evaluations have a result with a score. The counts
    of each evaluation are over all such results, not only over those that match the filters.

    Raises:
        ApiError: 404 if one of the two does not exist, 422 if their benchmarks differ.
    """
    first, second = (
        _evaluated(connection, query[name]) for name in ("evaluation_id_1", "evaluation_id_2")
    )
    if first["benchmark_pk"] != second["benchmark_pk"]:
        raise ApiError(422, "The two evaluations are of different benchmarks.")
    where = Where(values=[second["pk"]])  # the placeholder of the join is the first
    where.equals("r1.evaluation_pk", first["pk"])
    where.add("r1.score IS NOT NULL AND r2.score IS NOT NULL")
    outcome = _OUTCOMES[query["outcome_filter"]]
    if outcome is not None:
        where.add(outcome)
    where.contains(["p.input", "p.truth", "r1.result", "r2.result"], query.get("search"))
    page, total = connection.page(
        f"SELECT r1.pk {_PAIRS}{where.sql} ORDER BY p.position",
        where.values,
        query,
    )
    rows = connection.execute(
        "SELECT r1.pk AS result_id_1, r2.pk AS result_id_2, p.input AS prompt, p.truth AS truth,"
        " r1.result AS result1, r1.score AS score1, r2.result AS result2, r2.score AS score2"
        " FROM json_each(?) page CROSS JOIN public_results r1 ON r1.pk = page.value"
        " CROSS JOIN public_results r2 ON r2.evaluation_pk = ? AND r2.prompt_pk = r1.prompt_pk"
        " JOIN public_prompts p ON p.pk = r1.prompt_pk ORDER BY page.key",
        (page, second["pk"]),
    ).fetchall()
    return {
        "results": [as_dict(row) for row in rows] or None,
        "total_count": total,
        "correct_count_1": first["correct"],
        "total_results_1": first["total"],
        "correct_count_2": second["correct"],
        "total_results_2": second["total"],
    }


def _evaluated(connection: DatabaseConnection, evaluation_id: str) -> dict[str, int]:
    row = connection.execute(
        "SELECT pk, benchmark_pk FROM public_evaluations WHERE id = ?", (evaluation_id,)
    ).fetchone()
    if row is None:
        raise not_found("evaluation", evaluation_id)
    results = "SELECT count(*) FROM public_results WHERE evaluation_pk = ?"
    return as_dict(row) | {
        "total": connection.number(f"{results} AND correct IS NOT NULL", [row["pk"]]),
        "correct": connection.number(f"{results} AND correct", [row["pk"]]),
    }
