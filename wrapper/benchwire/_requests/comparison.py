"""Compares two models by the evaluations that are found for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet

from attrs import field, frozen

from benchwire._requests.evaluation import get_evaluation
from benchwire._requests.fetch import fetch
from benchwire._transport.port import Port
from benchwire.errors import APIResponseValidationError
from benchwire_api.arguments import identifier, strings
from benchwire_api.public.api.benchmarks import list_benchmarks
from benchwire_api.public.api.comparisons import compare_evaluations
from benchwire_api.public.api.evaluations import list_evaluations
from benchwire_api.public.api.models import list_models
from benchwire_api.public.models import (
    ComparisonResponse,
    Evaluation,
    EvaluationStatus,
    PublicBenchmarkDetail,
    PublicModelDetail,
)
from benchwire_api.public.models.outcome_filter import OutcomeFilterValue
from benchwire_api.types import Request


@frozen
class IdOrKey:
    """A model or a benchmark, by its id or its key."""

    kind: str
    suffix: str
    id: str | None
    key: str | None

    def check(self) -> None:
        """Validate that exactly one of the two is given, and is valid."""
        name, other = (f"{self.kind}_{what}{self.suffix}" for what in ("id", "key"))
        if (self.id is None) == (self.key is None):
            raise ValueError(f"pass {name} or {other}, exactly one of the two")
        identifier(name if self.key is None else other, self.id or self.key or "")

    async def find(self, port: Port) -> str:
        """Return the id; one request if the key is given, which may match parts of other keys.

        What is no key is a name, or else the id, where both are given: two requests.
        """
        if self.id is not None and self.key is None:
            return self.id
        found, is_cut = await self._matches(port, "key")
        if not found and self.id is not None:
            found, _ = await self._matches(port, "name")
        if len(found) > 1:
            raise ValueError(
                f"{self.key!r} is the key or name of {len(found)} {self.kind}s: {', '.join(found)}"
            )
        if found or (self.id is not None and "," not in self.id):  # no id has a comma
            return found[0] if found else self.id or ""
        among = f" among the first {list_models.MAX_PAGE_SIZE} that contain it" if is_cut else ""
        names = "key" if self.id is None else "key or name"
        raise ValueError(f"no {self.kind} has the {names} {self.key!r}{among}")

    async def _matches(self, port: Port, by: str) -> tuple[list[str], bool]:
        """Return the ids of those with this key or name, and whether there may be more."""
        wanted: dict[str, str | None] = {by: self.key}
        key, name, size = wanted.get("key"), wanted.get("name"), list_models.MAX_PAGE_SIZE
        rows: Sequence[PublicModelDetail | PublicBenchmarkDetail]
        if self.kind == "model":
            request = list_models.build_request(
                key=key, name=name, page_size=size, include_deprecated=True
            )
            rows = (await fetch(port, request, list_models.parse_response)).models
        else:
            request = list_benchmarks.build_request(
                key=key, name=name, page_size=size, include_deprecated=True
            )
            rows = (await fetch(port, request, list_benchmarks.parse_response)).datasets
        return [row.id for row in rows if getattr(row, by) == self.key], len(rows) == size


@frozen
class Comparison:
    """A comparison of two models on a benchmark.

    Attributes:
        benchmark_id: The benchmark.
        model_id_1: The first model, the reference.
        model_id_2: The second model, the comparison.
        benchmark_key: The benchmark's key, in place of its id; likewise those of the models.
        model_key_1: The first model's key.
        model_key_2: The second model's key.
        evaluation_ids: Two evaluations, in place of all of these.
        outcome_filter: The outcome to keep.
        search: Text to look for in the rows.
    """

    benchmark_id: str | None
    model_id_1: str | None
    model_id_2: str | None
    benchmark_key: str | None = None
    model_key_1: str | None = None
    model_key_2: str | None = None
    evaluation_ids: Collection[str] | None = field(default=None, kw_only=True)
    outcome_filter: OutcomeFilterValue | None = field(default=None, kw_only=True)
    search: str | None = field(default=None, kw_only=True)

    def check(self, page: int | None, page_size: int | None) -> int:
        """Validate all arguments, before the first of the requests; return the page size to iterate."""
        if self.evaluation_ids is not None:
            self._check_ids(self.evaluation_ids)
            return 0
        for one in self._parts():
            one.check()
        self.request("1", "2", page, page_size)
        return compare_evaluations.MAX_PAGE_SIZE if page_size is None else page_size

    async def fetch(
        self, port: Port, *, page: int | None, page_size: int | None
    ) -> ComparisonResponse:
        """Find both evaluations, then fetch one page of their comparison."""
        first, second = await self.find(port)
        request = self.request(first, second, page, page_size)
        return await fetch(port, request, compare_evaluations.parse_response)

    async def find(self, port: Port) -> tuple[str, str]:
        """Find both evaluations and return their ids."""
        first, second = await self.find_both(port)
        return first.id, second.id

    async def find_both(self, port: Port) -> tuple[Evaluation, Evaluation]:
        """Find both evaluations."""
        if self.evaluation_ids is None:
            parts = self._parts()
            ids = [await one.find(port) for one in parts]
            try:
                first, second = await find_evaluations(port, *ids)
            except ValueError:
                # Keys and names are taken where ids are, at no cost where they are ids. One with a
                # comma, as HELM's benchmarks have it, is refused as an id before it is sent.
                named = [
                    await IdOrKey(one.kind, "", each, each if one.key is None else None).find(port)
                    for one, each in zip(parts, ids, strict=True)
                ]
                if named == ids:
                    raise
                first, second = await find_evaluations(port, *named)
        else:
            ids = list(self.evaluation_ids)
            first, second = [await get_evaluation(port, one, port.deadline) for one in ids]
        return first, second

    def _check_ids(self, ids: Collection[str]) -> None:
        if any(one.id or one.key for one in self._parts()):
            raise ValueError("pass evaluation_ids, or benchmark and models, not both")
        if isinstance(ids, str | AbstractSet) or len(strings("evaluation_ids", ids)) != 2:
            raise ValueError(f"evaluation_ids must be two ids in an order, not {ids!r}")
        first, second = ids
        self.request(identifier("evaluation_ids[0]", first), second, None, None)

    def _parts(self) -> tuple[IdOrKey, IdOrKey, IdOrKey]:
        return (
            IdOrKey("benchmark", "", self.benchmark_id, self.benchmark_key),
            IdOrKey("model", "_1", self.model_id_1, self.model_key_1),
            IdOrKey("model", "_2", self.model_id_2, self.model_key_2),
        )

    def request(self, first: str, second: str, page: int | None, page_size: int | None) -> Request:
        """Build the request of one page of the comparison of two evaluations."""
        return compare_evaluations.build_request(
            evaluation_id_1=first,
            evaluation_id_2=second,
            page=page,
            page_size=page_size,
            outcome_filter=self.outcome_filter,
            search=self.search,
        )


async def find_evaluations(port: Port, benchmark_id: str, *models: str) -> list[Evaluation]:
    """Find the latest successful evaluation of each model on a benchmark.

    One request with all model ids. It is not documented whether ``unique`` takes the latest of the
    successful evaluations, or the latest one if it is successful. So a model that is missing from
    the response is requested once more, alone and without ``unique``.

    Returns:
        The evaluations, in the order of the models.

    Raises:
        ValueError: If a model has none; the message names the models and the benchmark.
        APIResponseValidationError: If that can't be known, since the service ignores the filters.
    """
    listed = await _successful(port, benchmark_id, list(dict.fromkeys(models)), unique=True)
    found = {model: latest(listed, model, benchmark_id) for model in models}
    for model in [model for model, evaluation in found.items() if evaluation is None]:
        listed = await _successful(port, benchmark_id, [model], unique=False)
        found[model] = latest(listed, model, benchmark_id)

    missing = " or ".join(repr(model) for model, evaluation in found.items() if evaluation is None)
    if missing:
        _check_filters_are_applied(listed, models, benchmark_id)
        raise ValueError(
            f"no successful evaluation of model {missing} on benchmark {benchmark_id!r}"
        )
    return [evaluation for model in models if (evaluation := found[model]) is not None]


async def _successful(
    port: Port, benchmark_id: str, models: Sequence[str], *, unique: bool
) -> list[Evaluation]:
    request = _evaluations_request(benchmark_id, models, unique=unique)
    return (await fetch(port, request, list_evaluations.parse_response)).evaluations


def _evaluations_request(benchmark_id: str, models: Sequence[str], *, unique: bool) -> Request:
    return list_evaluations.build_request(
        model_ids=models,
        benchmark_ids=[benchmark_id],
        status=EvaluationStatus.SUCCESS,
        sort_by="submitted_at",
        order="desc",
        unique=unique,
    )


def _check_filters_are_applied(
    listed: Sequence[Evaluation], models: Collection[str], benchmark_id: str
) -> None:
    """Raise if the service ignored the filters, since "no evaluation" would then be unproven.

    The evaluation may be on another page.
    """
    for position, evaluation in enumerate(listed):
        if evaluation.model_id not in models or evaluation.benchmark_id != benchmark_id:
            path = f"$.evaluations[{position}]"
            expected = f"an evaluation of {' or '.join(models)} on {benchmark_id}, as requested"
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
    """Return the latest successful evaluation of a model on a benchmark.

    The filters are checked again: a service that ignores one returns others, too.
    """
    matches = [
        evaluation
        for evaluation in evaluations
        if evaluation.model_id == model_id
        and evaluation.benchmark_id == benchmark_id
        and evaluation.status == EvaluationStatus.SUCCESS
    ]
    return max(matches, key=lambda evaluation: evaluation.submitted_at or 0, default=None)
