"""Several benchmarks as one: means in which each benchmark counts equally, whatever its size. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any

from . import statistics
from .comparison import (
    MCNEMAR,
    POWER,
    ComparisonStatistics,
    Difference,
    Estimate,
    PairedTable,
    SignificanceTest,
    StandardErrors,
)
from .statistics._arguments import beyond_rounding
from .statistics._distributions import normal_two_sided, t_two_sided

_SUMS = ("n_paired", "only_1_answered", "only_2_answered", "unscored")


def mean_of(estimates: Sequence[Estimate | Difference]) -> Estimate:
    """Return the mean of independent estimates, with an interval of the same level.

    For K estimates it is the mean ∓ √(Σ (value - limit)²)/K: the distances to the limits are added as
    standard errors are, and an interval of one side longer than the other stays so.

    Source: Zou and Donner 2008 (MOVER), of which Newcombe 1998 is the case of two.
    """
    number = len(estimates)
    if number == 1:
        return Estimate(estimates[0].value, estimates[0].low, estimates[0].high)
    values = [one.value for one in estimates]
    value = beyond_rounding(math.fsum(values) / number, max(map(abs, values)))
    below = math.hypot(*(one.value - one.low for one in estimates)) / number
    above = math.hypot(*(one.high - one.value for one in estimates)) / number
    return Estimate(value, value - below, value + above)


def macro_average(parts: Sequence[ComparisonStatistics]) -> ComparisonStatistics:
    """Return the comparison of two models over several benchmarks, from that on each.

    The difference is the mean of the differences on each benchmark. It is of these benchmarks: nothing
    is said of others. Counts are sums.

    Raises:
        ValueError: If only some of the benchmarks have scores from 0 to 1.
    """
    if len(parts) == 1:
        return parts[0]
    if len({part.unit for part in parts}) > 1:
        units = ", ".join(f"{part.benchmark}: {part.unit}" for part in parts)
        raise ValueError(f"a mean over scores of different scales says nothing ({units})")
    gap = mean_of([part.difference for part in parts])
    errors = StandardErrors(
        *(
            math.hypot(*each) / len(parts)
            for each in zip(*(astuple(part.standard_error) for part in parts), strict=True)
        )
    )
    sums: dict[str, Any] = {name: sum(getattr(part, name) for part in parts) for name in _SUMS}
    n, level = sums["n_paired"], parts[0].difference.level
    clusters = [part.clusters for part in parts if part.clusters is not None]
    method = f"macro-average, {parts[0].difference.method}"
    return replace(
        parts[0],
        **sums,
        benchmark=" + ".join(part.benchmark for part in parts),
        difference=Difference(gap.value, gap.low, gap.high, level, method),
        table=PairedTable(*map(sum, zip(*(astuple(part.table) for part in parts), strict=True))),
        accuracy_1=mean_of([part.accuracy_1 for part in parts]),
        accuracy_2=mean_of([part.accuracy_2 for part in parts]),
        test=_test(parts, gap.value, errors.paired),
        detectable_difference=None
        if errors.paired == 0
        else statistics.minimum_detectable_difference(
            n, variance=n * errors.paired**2, level=level, power=POWER
        ),
        standard_error=errors,
        clusters=sum(clusters) if clusters else None,
        warnings=tuple(f"{part.benchmark}: {text}" for part in parts for text in part.warnings),
    )


def _test(parts: Sequence[ComparisonStatistics], value: float, se: float) -> SignificanceTest:
    """Return the test of whether the mean difference is 0.

    Where each benchmark's test is McNemar's it is that, with each benchmark's items weighted by 1/n: z is the sum of
    (only 1 - only 2)/n divided by √(Σ (only 1 + only 2)/n²). Otherwise t, with the degrees of freedom of
    Welch and Satterthwaite.
    """
    if parts[0].test.name == MCNEMAR:
        error = math.hypot(
            *(
                math.sqrt(part.table.only_1 + part.table.only_2) / part.n_paired / len(parts)
                for part in parts
            )
        )
        return SignificanceTest(
            "weighted McNemar", normal_two_sided(value / error) if error else 1.0
        )
    if se == 0:
        return SignificanceTest("Welch t", 0.0 if value else 1.0)
    spread = math.fsum(
        (part.standard_error.paired / len(parts)) ** 4 / ((part.clusters or part.n_paired) - 1)
        for part in parts
    )
    return SignificanceTest("Welch t", t_two_sided(value / se, se**4 / spread))
