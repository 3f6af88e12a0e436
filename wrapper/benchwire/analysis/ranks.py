"""The ranks of several models, with intervals from resampled items. Pure."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from .comparison import Estimate
from .pairs import DecisionSettings

RANK_RESAMPLES = 2_000
_STEPS = (
    3_603_600  # of a score: tenths, hundredths and fractions up to 1/16 are whole numbers of them
)


@dataclass(slots=True)
class JoinedItem:
    """An item; only the models that answered it are among the scores."""

    cluster: Hashable
    scores: dict[int, float | None]


def ranks_of(
    benchmarks: list[list[JoinedItem]], models: int, settings: DecisionSettings
) -> list[Estimate]:
    """Return the rank of each model, with its interval from resampled items, or clusters.

    The items of each benchmark are resampled by themselves.
    """
    generator = random.Random(settings.seed)  # noqa: S311  # no secret
    draws = min(settings.resamples, RANK_RESAMPLES)
    by_benchmark = [_drawn_means(items, models, settings, draws, generator) for items in benchmarks]

    def ranks(means: Sequence[Sequence[float]]) -> list[int]:
        # Sums of the same numbers in another order are equal.
        totals = [round(math.fsum(each), 12) for each in zip(*means, strict=True)]
        ordered = sorted(totals)
        return [models + 1 - bisect_right(ordered, total) for total in totals]

    observed, *drawn = map(ranks, zip(*by_benchmark, strict=True))
    tail = round((1 - settings.level) / 2 * (len(drawn) - 1))
    return [
        Estimate(observed[m], by_draw[tail], by_draw[-1 - tail])
        for m in range(models)
        for by_draw in (sorted(one[m] for one in drawn),)
    ]


def _drawn_means(
    items: list[JoinedItem],
    models: int,
    settings: DecisionSettings,
    draws: int,
    generator: random.Random,
) -> Iterator[list[float]]:
    """Yield the mean score of each model, as observed and then of each resample.

    The scores of an item, or the sums of a cluster, are packed into one whole number, with a field for
    each model and one for whether it answered: a resample is then one sum, for all models at once.
    A model that answered none of a resample's items has the lowest score of the benchmark there.
    """
    known = {score for item in items for score in item.scores.values() if score is not None}
    low, spread = min(known, default=0.0), max(known, default=0.0) - min(known, default=0.0)
    steps = 1 if known <= {0, 1} else _STEPS / min(1.0, max(spread, 1e-9))
    # A large cluster may be drawn each time.
    most = len(items) ** (1 if settings.clusters is None else 2)
    width = (math.ceil(steps * max(1.0, spread)) * most).bit_length()
    units: dict[Hashable, int] = {}
    for place, item in enumerate(items):
        label = place if settings.clusters is None else item.cluster
        for m, score in item.scores.items():
            if score is not None:
                packed = round((score - low) * steps) + (1 << models * width) << m * width
                units[label] = units.get(label, 0) + packed
        units.setdefault(label, 0)
    mask = (1 << width) - 1
    packed_units = list(units.values())
    for draw in range(draws + 1):
        chosen = generator.choices(packed_units, k=len(packed_units)) if draw else packed_units
        total = sum(chosen)
        fields = [total >> place * width & mask for place in range(2 * models)]
        yield [fields[m] / (fields[models + m] or 1) / steps for m in range(models)]
