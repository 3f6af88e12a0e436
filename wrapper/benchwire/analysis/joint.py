"""The statistics of several models from comparisons of each with one reference. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from . import statistics
from .comparison import FEW, NO_SPREAD, ComparisonStatistics, Estimate
from .decision import from_scores, mean_estimate, unit_of
from .macro import macro_average, mean_of
from .matrix import (
    ADJUSTMENTS,
    Adjustment,
    MatrixPair,
    MatrixStatistics,
    RankedModel,
)
from .pairs import (
    DecisionSettings,
    Evaluated,
    PairedPage,
    PairedScores,
    Subject,
    cluster_of,
    name_of,
)
from .ranks import RANK_RESAMPLES, JoinedItem, ranks_of
from .statistics._arguments import ROUNDING, listed

MOST = 100


@dataclass(frozen=True, slots=True)
class MatrixSettings:
    """What to decide, and how.

    Attributes:
        benchmarks: The benchmarks, by ids or keys.
        models: The models, by ids or keys.
        baseline: One of the models, or ``None``.
        decision: How each pair is decided.
        adjust: How p-values are adjusted for all pairs.

    Raises:
        TypeError: If the benchmarks or the models are no list: a set has no first model.
        ValueError: If one is out of its limits.
    """

    benchmarks: Collection[str]
    models: Collection[str]
    baseline: str | None
    decision: DecisionSettings
    adjust: Adjustment

    def __post_init__(self) -> None:
        for what, given, least in (("benchmarks", self.benchmarks, 1), ("models", self.models, 2)):
            names = list(listed(what, given))  # of a Series, "in" would search the index
            object.__setattr__(self, what, names)
            if not least <= len(names) <= MOST or len(set(names)) < len(names):
                raise ValueError(f"{what} must be {least} to {MOST} different ones, not {names!r}")
        if self.baseline is not None and self.baseline not in self.models:
            raise ValueError(f"baseline must be one of models, not {self.baseline!r}")
        if self.adjust not in ADJUSTMENTS:
            known = ", ".join(map(repr, ADJUSTMENTS))
            raise ValueError(f"adjust must be one of {known}, not {self.adjust!r}")
        if len(self.benchmarks) > 1 and self.decision.test == "permutation":
            raise ValueError("test 'permutation' is of one benchmark, not of several")

    @property
    def names(self) -> list[str]:
        """The models, the baseline first."""
        return sorted(self.models, key=lambda name: name != self.baseline)

    def adjusted(self, p_values: list[float]) -> list[float]:
        """Return p-values adjusted for each other."""
        if self.adjust == "holm":
            return statistics.holm(p_values)
        return statistics.benjamini_hochberg(p_values) if self.adjust == "bh" else p_values


@dataclass(slots=True)
class _KeptRow:
    """What is kept of a row: what identifies its item, its cluster, and both scores."""

    result: int | None
    text: int
    cluster: Hashable
    first: float | None
    second: float | None


class ReferenceComparisons:
    """The comparisons of one benchmark: the first model, the reference, with each other model."""

    def __init__(self, evaluations: Sequence[Evaluated], settings: DecisionSettings) -> None:
        names = list(map(name_of, evaluations))
        own = [
            name if names.count(name) == 1 else f"{name} ({one.model_id})"
            for name, one in zip(names, evaluations, strict=True)
        ]
        self.reference: str = own[0]
        self.others: list[str] = own[1:]
        self.benchmark_id: str = evaluations[0].benchmark_id
        self.benchmark: str = evaluations[0].benchmark_name or self.benchmark_id
        self.unpaired: dict[str, int] = {}
        self._answered = 0
        self._evaluations, self._settings = evaluations, settings
        self._rows: dict[str, list[_KeptRow]] = {model: [] for model in self.others}

    def wanted(self) -> Iterator[tuple[str, str, Callable[[PairedPage], None]]]:
        """Yield the evaluations of each comparison, and what takes its pages."""
        for model, other in zip(self.others, self._evaluations[1:], strict=True):
            yield self._evaluations[0].id, other.id, partial(self._add, model)

    def _add(self, model: str, page: PairedPage) -> None:
        rows, clusters = self._rows[model], self._settings.clusters
        for row in page.results:
            label = None if clusters is None else cluster_of(row, clusters)
            first, second = row.score1, row.score2
            if self._settings.test == "mcnemar":
                first, second = (
                    one if one is None else float(one > 0.5) for one in (first, second)
                )
            text = hash((row.prompt, row.truth))
            rows.append(_KeptRow(row.result_id_1, text, label, first, second))
        self.unpaired[model] = max(0, page.total_results_2 - len(rows))
        self._answered = page.total_results_1

    def items(self) -> Iterator[tuple[Hashable, dict[str, float | None]]]:
        """Yield the cluster of each item, and the scores of the models that answered it.

        Raises:
            ValueError: If the reference's answers differ between the comparisons.
        """
        joined: dict[Hashable, tuple[Hashable, dict[str, float | None]]] = {}
        is_stable = self._is_stable()
        for model in self.others:
            seen: Counter[int] = Counter()
            for row in self._rows[model]:
                seen[row.text] += 1
                # Of equal prompts, the first with the first, the second with the second.
                key = row.result if is_stable else (row.text, seen[row.text])
                _, scores = joined.setdefault(key, (row.cluster, {self.reference: row.first}))
                if scores[self.reference] != row.first:
                    raise ValueError(
                        f"the scores of {self.reference} on {self.benchmark} differ between its"
                        " comparisons with other models: they changed during the read"
                    )
                scores[model] = row.second
        self.unpaired[self.reference] = max(0, self._answered - len(joined))
        yield from joined.values()

    def _is_stable(self) -> bool:
        """Return whether the reference's result ids identify items in all comparisons."""
        texts: dict[int, int] = {}
        for rows in self._rows.values():
            ids = [row.result for row in rows]
            if None in ids or len(set(ids)) < len(ids):
                return False
            for row in rows:
                if row.result is not None and texts.setdefault(row.result, row.text) != row.text:
                    return False
        return True


def decide_matrix(
    comparisons: Sequence[ReferenceComparisons], settings: MatrixSettings
) -> MatrixStatistics:
    """Return the statistics of all models; of several benchmarks each counts equally.

    The models of the comparisons are in the same order, by their names.

    Raises:
        ValueError: If two models have too few items of a benchmark with a score of both.
    """
    reference = comparisons[0].reference
    models = [reference, *comparisons[0].others]
    names = [one.benchmark for one in comparisons]
    if len(set(names)) < len(names):
        names = [f"{one.benchmark} ({one.benchmark_id})" for one in comparisons]
    items = {
        name: [
            JoinedItem(
                cluster, {m: scores[model] for m, model in enumerate(models) if model in scores}
            )
            for cluster, scores in one.items()
        ]
        for name, one in zip(names, comparisons, strict=True)
    }
    every = [item for of in items.values() for item in of]
    is_binary = {score for item in every for score in item.scores.values()} <= {0, 1, None}
    is_graded_or_clustered = not is_binary or settings.decision.clusters is not None
    # Of a pair whose scores happen to be from 0 to 1 the scale is still that of the benchmark.
    units = {
        name: unit_of(score for item in of for score in item.scores.values() if score is not None)
        for name, of in items.items()
    }
    ranks = ranks_of(list(items.values()), len(models), settings.decision)
    order = sorted(range(len(models)), key=lambda m: (ranks[m].value, models[m]))
    parts = [
        [
            from_scores(
                Subject(name, models[a], models[b]),
                _paired(of, a, b, settings.decision),
                settings.decision,
                is_binary=is_binary,
                unit=units[name],
            )
            for name, of in items.items()
        ]
        for a, b in combinations(order, 2)
    ]
    found = [macro_average(each) for each in parts]
    adjusted = settings.adjusted([one.test.p for one in found])
    alpha = (1 - settings.decision.level) * (1 - ROUNDING)  # 1 - 0.95 is above 0.05
    pairs = [
        MatrixPair(statistics=one, adjusted_p=p, is_separated=p < alpha)
        for one, p in zip(found, adjusted, strict=True)
    ]
    tiers = _tiers([models[m] for m in order], pairs)
    ranked = tuple(
        _ranked(items, m, settings.decision, is_binary, model=models[m], rank=ranks[m], tier=tier)
        for m, tier in zip(order, tiers, strict=True)
    )
    return MatrixStatistics(
        benchmarks=tuple(names),
        models=ranked,
        pairs=tuple(pairs),
        adjust=settings.adjust,
        level=settings.decision.level,
        baseline=None if settings.baseline is None else reference,
        reference=reference,
        any_difference=None if is_graded_or_clustered else _any_difference(items, len(models)),
        scores="binary" if is_binary else "graded",
        seed=settings.decision.seed,
        resamples=min(settings.decision.resamples, RANK_RESAMPLES),
        warnings=tuple(_warnings(comparisons, parts)),
    )


def _paired(
    items: list[JoinedItem], first: int, second: int, settings: DecisionSettings
) -> PairedScores:
    paired = PairedScores(settings.clusters)
    alone = [0, 0]
    for item in items:
        answered = [place in item.scores for place in (first, second)]
        if not all(answered):
            alone[0] += answered[0]
            alone[1] += answered[1]
            continue
        one, two = item.scores[first], item.scores[second]
        if one is None or two is None:
            paired.unscored += 1
            continue
        paired.first.append(one)
        paired.second.append(two)
        paired.labels.append(item.cluster)
    both = len(paired.first) + paired.unscored
    paired.answered = (both + alone[0], both + alone[1])
    return paired


def _tiers(models: list[str], pairs: list[MatrixPair]) -> list[int]:
    """Return the tier of each model, the best first.

    A model joins while it is not separated from the tier's first: with the model just above it in
    place of the first, small steps would chain all models together. Where one that ranks lower, by all of
    its answers, is the better one on the items that both answered, no tier is above the other.
    """
    separated = {
        (of.model_1, of.model_2): pair.is_separated and of.difference.value > 0
        for pair in pairs
        for of in (pair.statistics,)
    }
    tiers: list[int] = []
    first = models[0]
    for model in models:
        starts = model != first and separated[first, model]
        tiers.append((tiers[-1] if tiers else 1) + starts)
        first = model if starts else first
    return tiers


def _ranked(
    items: dict[str, list[JoinedItem]],
    place: int,
    settings: DecisionSettings,
    is_binary: bool,
    *,
    model: str,
    rank: Estimate,
    tier: int,
) -> RankedModel:
    scored = {
        name: [(item, score) for item in of if (score := item.scores.get(place)) is not None]
        for name, of in items.items()
    }
    estimates = {
        name: mean_estimate(
            [score for _, score in of],
            None if settings.clusters is None else [item.cluster for item, _ in of],
            settings.level,
            is_binary=is_binary,
        )
        for name, of in scored.items()
    }
    return RankedModel(
        model=model,
        n=sum(map(len, scored.values())),
        unscored=sum(item.scores.get(place, 0) is None for of in items.values() for item in of),
        accuracy=mean_of(list(estimates.values())),
        rank=rank,
        tier=tier,
        by_benchmark={name: one.value for name, one in estimates.items()},
    )


def _any_difference(items: dict[str, list[JoinedItem]], models: int) -> statistics.CochranQ | None:
    complete = [
        [
            [int(score) for score in scores if score is not None]
            for item in of
            if len(scores := item.scores.values()) == models and None not in scores
        ]
        for of in items.values()
    ]
    if models < 3 or not all(complete):
        return None
    # Each benchmark counts equally: 1/n as weights, as whole numbers, whose sums are exact.
    common = math.lcm(*map(len, complete))
    weights = [common // len(of) for of in complete for _ in of]
    return statistics.cochran_q([scores for of in complete for scores in of], weights)


def _warnings(
    comparisons: Sequence[ReferenceComparisons],
    pairs: list[list[ComparisonStatistics]],
) -> Iterator[str]:
    every = [part for parts in pairs for part in parts]
    where = (" for a pair" if len(pairs) > 1 else "") + (
        " on a benchmark" if len(comparisons) > 1 else ""
    )
    for what, numbers in (
        ("items", [part.n_paired for part in every]),
        ("clusters", [part.clusters for part in every if part.clusters is not None]),
    ):
        if numbers and min(numbers) < FEW:
            yield (
                f"Only {min(numbers)} {what}{where}: with fewer than {FEW} take every number as a rough"
                " guess."
            )
    if same := sum(NO_SPREAD in part.warnings for part in every):
        yield f"{NO_SPREAD} ({same} of {len(every)} comparisons)"
    for one in comparisons:
        for model, number in one.unpaired.items():
            if number:
                other = "no other model" if model == one.reference else one.reference
                yield (
                    f"{number:,} answers of {model} on {one.benchmark} are left out: {other} has"
                    f" {'an' if model == one.reference else 'no'} answer to these items, or"
                    f" {'one' if model == one.reference else 'none'} with a score."
                )
