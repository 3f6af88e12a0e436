"""The filters of the public API's lists, as keyword arguments shared by ``get`` and ``iter_…``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypedDict, TypeVar, cast

from benchwire_api.public.models import EvaluationStatus

Filters = TypeVar("Filters", bound=Mapping[str, object])


class ModelFilters(TypedDict, total=False):
    """What ``models.get`` filters and sorts by (openapi/public.yaml, listModels)."""

    query: str | None
    name: str | None
    key: str | None
    ids: Collection[str] | None
    categories: Collection[str] | None
    companies: Collection[str] | None
    regions: Collection[str] | None
    licenses: Collection[str] | None
    sizes: Collection[str] | None
    sort_by: str | None
    order: str | None
    include_deprecated: bool | None


class BenchmarkFilters(TypedDict, total=False):
    """What ``benchmarks.get`` filters and sorts by (openapi/public.yaml, listBenchmarks)."""

    query: str | None
    name: str | None
    key: str | None
    ids: Collection[str] | None
    categories: Collection[str] | None
    languages: Collection[str] | None
    sort_by: str | None
    order: str | None
    include_deprecated: bool | None


class PromptFilters(TypedDict, total=False):
    """What ``benchmarks.get_prompts`` filters and sorts by (openapi/public.yaml, listBenchmarkPrompts)."""

    search_field: str | None
    search_value: str | None
    sort_by: str | None
    sort_order: str | None


class EvaluationFilters(TypedDict, total=False):
    """What ``evaluations.get_many`` filters and sorts by (openapi/public.yaml, listEvaluations)."""

    sort_by: str | None
    order: str | None
    model_ids: Collection[str] | None
    benchmark_ids: Collection[str] | None
    status: EvaluationStatus | str | None
    unique: bool


class ComparisonFilters(TypedDict, total=False):
    """What ``comparisons.compare`` filters by (openapi/public.yaml, compareEvaluations)."""

    outcome_filter: str | None
    search: str | None


def settled(given: Filters, kind: type[Filters]) -> Filters:
    """Refuse a filter that is none, and copy the lists: pages fetched later must ask for the same.

    Raises:
        TypeError: As for any argument that a function does not have. Left alone, a misspelt filter
            would filter nothing in silence.
    """
    names = kind.__annotations__
    for name in given:
        if name not in names:
            raise TypeError(f"there is no filter {name!r}; there are {', '.join(names)}")
    copied = {
        name: list(value) if isinstance(value, list | set) else value
        for name, value in given.items()
    }
    return cast("Filters", copied)
