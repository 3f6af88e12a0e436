"""Finds the two evaluations that a comparison of two models is made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from benchwire._core import public_calls
from benchwire._core.checks import identifier
from benchwire._core.filters import ComparisonFilters
from benchwire._core.plan import Plan
from benchwire.errors import APIResponseValidationError
from benchwire_api.public.models import ComparisonResponse, Evaluation, EvaluationStatus


def compare_models(
    benchmark_id: str,
    model_id_1: str,
    model_id_2: str,
    filters: ComparisonFilters,
    *,
    page: int | None,
    page_size: int | None,
) -> Plan[ComparisonResponse]:
    """Find both evaluations, then give one page of their comparison."""
    # Every argument is checked before the first request is sent.
    public_calls.comparison_arguments(filters, page=page, page_size=page_size)
    found = find_evaluations(benchmark_id, model_id_1, model_id_2)
    return _compare_found(found, filters, page=page, page_size=page_size)


def _compare_found(
    found: Plan[tuple[str, str]],
    filters: ComparisonFilters,
    *,
    page: int | None,
    page_size: int | None,
) -> Plan[ComparisonResponse]:
    first, second = yield from found
    return (yield from public_calls.compare(first, second, filters, page=page, page_size=page_size))


def find_evaluations(benchmark_id: str, model_id_1: str, model_id_2: str) -> Plan[tuple[str, str]]:
    """Find the latest successful evaluation of each model on a benchmark.

    One request with both model ids. Whether the service takes the latest of the successful ones or
    looks at the latest only is not documented; so a model that is left out is asked for once more,
    by itself and without ``unique``, before it is said to have none.

    Returns:
        The evaluations' ids, first model first.

    Raises:
        ValueError: If a model has none; the message names the models and the benchmark.
        APIResponseValidationError: If that can't be told, since the service ignores the filters.
    """
    return _find(
        identifier("benchmark_id", benchmark_id),
        (identifier("model_id_1", model_id_1), identifier("model_id_2", model_id_2)),
    )


def _find(benchmark_id: str, models: tuple[str, str]) -> Plan[tuple[str, str]]:
    listed = yield from _successful(benchmark_id, list(dict.fromkeys(models)), unique=True)
    found = {model: latest(listed, model, benchmark_id) for model in models}
    for model in [model for model in found if found[model] is None]:
        listed = yield from _successful(benchmark_id, [model], unique=False)
        found[model] = latest(listed, model, benchmark_id)

    first, second = (found[model] for model in models)
    if first is None or second is None:
        _check_filters_hold(listed, models, benchmark_id)
        missing = " or ".join(repr(model) for model in found if found[model] is None)
        raise ValueError(
            f"no successful evaluation of model {missing} on benchmark {benchmark_id!r}"
        )
    return first.id, second.id


def _successful(
    benchmark_id: str, models: Sequence[str], *, unique: bool
) -> Plan[list[Evaluation]]:
    response = yield from public_calls.list_evaluations(
        {
            "model_ids": models,
            "benchmark_ids": [benchmark_id],
            "status": EvaluationStatus.SUCCESS,
            "sort_by": "submitted_at",
            "order": "desc",
            "unique": unique,
        },
        page=None,
        page_size=None,
    )
    return response.evaluations


def _check_filters_hold(
    listed: Sequence[Evaluation], models: Collection[str], benchmark_id: str
) -> None:
    """Refuse to say "there is none" on the word of a service that did not look.

    One that ignores the filters may have it on some other page.
    """
    for position, evaluation in enumerate(listed):
        if evaluation.model_id not in models or evaluation.benchmark_id != benchmark_id:
            path = f"$.evaluations[{position}]"
            expected = f"an evaluation of {' or '.join(models)} on {benchmark_id}, as asked for"
            got = f"one of {evaluation.model_id} on {evaluation.benchmark_id}"
            raise APIResponseValidationError(
                f"the service does not filter evaluations: at {path} expected {expected}, got {got}",
                operation="listEvaluations",
                request_id=None,
                status_code=200,
                path=path,
                expected=expected,
                got=got,
            )


def latest(
    evaluations: Iterable[Evaluation], model_id: str, benchmark_id: str
) -> Evaluation | None:
    """Give the latest successful evaluation of a model on a benchmark among those that came.

    What came is not taken on trust: a service that ignores a filter sends others too.
    """
    fitting = [
        evaluation
        for evaluation in evaluations
        if evaluation.model_id == model_id
        and evaluation.benchmark_id == benchmark_id
        and evaluation.status == EvaluationStatus.SUCCESS
    ]
    return max(fitting, key=lambda evaluation: evaluation.submitted_at or 0, default=None)
