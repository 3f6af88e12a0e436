"""A matrix over several benchmarks: a mean in which each benchmark counts equally."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import benchwire
import benchwire.local
from benchwire.analysis import ComparisonStatistics, PairedTable
from benchwire.analysis.decision import from_counts, from_scores
from benchwire.analysis.macro import macro_average
from benchwire.analysis.pairs import Counts, DecisionSettings, PairedScores, Subject
from benchwire.analysis.statistics import mcnemar, paired_t
from support.answers import AnswersService, Scores
from support.both import Flavour

# m1 is far better on 40 items of the first benchmark, m2 a little on 400 of the second.
SMALL: list[Scores] = [{n: float(n <= right) for n in range(1, 41)} for right in (36, 8)]
LARGE: list[Scores] = [{n: float(n <= right) for n in range(1, 401)} for right in (200, 240)]
BOTH = ["b1", "b2"]


def matrix(flavour: Flavour, service: str, benchmarks: list[str] = BOTH, **options: Any) -> Any:
    comparisons = flavour.public(service).comparisons
    return flavour.result(comparisons.matrix(benchmarks, ["m1", "m2"], resamples=200, **options))


def test_each_benchmark_counts_equally(flavour: Flavour, scripted: Any) -> None:
    url = scripted(AnswersService(SMALL, others=LARGE)).url
    found = matrix(flavour, url)
    alone = [matrix(flavour, url, [one]).pairs[0].statistics for one in BOTH]
    of = found.pairs[0].statistics
    # Pooled, m2 would be the better one: 248 of 440 against 236.
    assert (of.model_1, of.difference.value) == ("maker/m1", pytest.approx((0.7 - 0.1) / 2))
    first, second = alone[0].difference, alone[1].difference  # of m2 - m1 on the second
    assert of.difference.low == pytest.approx(
        0.3 - math.hypot(first.value - first.low, second.high - second.value) / 2
    )
    assert of.difference.high == pytest.approx(
        0.3 + math.hypot(first.high - first.value, second.value - second.low) / 2
    )
    assert (of.n_paired, of.table) == (440, PairedTable(208, 28, 40, 164))
    assert of.difference.method == "macro-average, Tango score"
    assert found.benchmarks == ("Benchmark 1", "Benchmark 2")
    best = found.models[0]
    assert (best.accuracy.value, best.n) == (pytest.approx((0.9 + 0.5) / 2), 440)
    assert best.by_benchmark == {"Benchmark 1": 0.9, "Benchmark 2": 0.5}
    assert best.rank.value == 1
    assert "on Benchmark 1 + Benchmark 2, each weighted equally, fall into" in found.summary()


def test_whether_any_model_differs_is_of_the_means_that_count_equally(
    flavour: Flavour, scripted: Any
) -> None:
    """m1 leads on 40 items and m2 by as much on 400: their means are equal, whatever a pool says."""
    small: list[Scores] = [{n: float(n <= right) for n in range(1, 41)} for right in (24, 16, 20)]
    large: list[Scores] = [
        {n: float(n <= right) for n in range(1, 401)} for right in (160, 240, 200)
    ]
    comparisons = flavour.public(scripted(AnswersService(small, others=large)).url).comparisons
    models = ["m1", "m2", "m3"]
    found = flavour.result(comparisons.matrix(BOTH, models, resamples=200)).any_difference
    assert (found.q, found.df, found.p) == (0, 2, 1)
    alone = flavour.result(comparisons.matrix(["b2"], models, resamples=200)).any_difference
    assert alone.p < 1e-6


def test_the_t_that_was_asked_for_is_computed_of_right_or_wrong_answers(
    flavour: Flavour, scripted: Any
) -> None:
    url = scripted(AnswersService(SMALL, others=LARGE)).url
    of = matrix(flavour, url, test="t").pairs[0].statistics
    assert (of.scores, of.test.name) == ("binary", "Welch t")
    assert of.difference.method == "macro-average, paired t"


def test_scores_of_two_scales_have_no_mean(flavour: Flavour, scripted: Any) -> None:
    percent = [{n: score * 100 for n, score in one.items()} for one in LARGE]  # type: ignore[operator]
    url = scripted(AnswersService(SMALL, others=percent)).url
    with pytest.raises(ValueError, match=r"different scales says nothing.*Benchmark 2: score"):
        matrix(flavour, url)


def test_signs_are_flipped_on_one_benchmark_alone(flavour: Flavour, scripted: Any) -> None:
    service = scripted(AnswersService(SMALL))
    with pytest.raises(ValueError, match="'permutation' is of one benchmark"):
        matrix(flavour, service.url, test="permutation")
    assert service.requests == []


def test_one_benchmark_by_id_and_by_key_is_not_two() -> None:
    with benchwire.local.serve() as server, server.public_client() as client:
        benchmark = client.benchmarks.get(page_size=1).datasets[0]
        found = client.evaluations.get_many(benchmark_ids=[benchmark.id], unique=True).evaluations
        models = [one.model_id for one in found[:2]]
        with pytest.raises(ValueError, match=r"benchmarks: two of .* are the same"):
            client.comparisons.matrix([benchmark.id, str(benchmark.key)], models)


def test_benchmarks_of_one_name_stay_apart(flavour: Flavour, scripted: Any) -> None:
    service = AnswersService(SMALL, others=LARGE)
    rows = service._evaluation
    service._evaluation = lambda n, **fields: rows(n, **{**fields, "dataset_name": "Same"})  # type: ignore[method-assign]
    found = matrix(flavour, scripted(service).url)
    assert found.benchmarks == ("Same (b1)", "Same (b2)")
    assert list(found.models[0].by_benchmark.values()) == [0.9, 0.5]


def test_models_of_one_name_stay_apart(flavour: Flavour, scripted: Any) -> None:
    service = AnswersService(SMALL)
    rows = service._evaluation
    service._evaluation = lambda n, **fields: rows(n, **{**fields, "model_key": "same"})  # type: ignore[method-assign]
    found = matrix(flavour, scripted(service).url, ["b1"])
    assert [(one.model, one.accuracy.value) for one in found.models] == [
        ("same (m1)", 0.9),
        ("same (m2)", 0.2),
    ]


def counted(table: tuple[int, int, int, int], level: float = 0.95) -> ComparisonStatistics:
    subject = Subject("b", "m1", "m2")
    counts = Counts(table=PairedTable(*table))
    return from_counts(subject, counts, DecisionSettings(level=level))


CELL = st.integers(0, 300)
TABLE = st.tuples(CELL, CELL, CELL, CELL).filter(lambda table: sum(table) > 1)


@given(table=TABLE, times=st.integers(2, 4))
def test_the_same_benchmark_again_says_the_same_more_surely(table: Any, times: int) -> None:
    one = counted(table)
    found = macro_average([one] * times)
    gap, alone = found.difference, one.difference
    assert gap.value == pytest.approx(alone.value)
    for side in (-1, 1):
        limit, before = (each.low if side < 0 else each.high for each in (gap, alone))
        assert (limit - gap.value) * math.sqrt(times) == pytest.approx(before - alone.value)
    assert found.standard_error.paired == pytest.approx(one.standard_error.paired / times**0.5)
    # McNemar's test of all items together, where each benchmark has as many.
    pooled = mcnemar(table[1] * times, table[2] * times).p_asymptotic
    assert found.test.p == pytest.approx(pooled, abs=1e-12)
    assert -1 <= gap.low <= gap.value <= gap.high <= 1


SCORES = st.lists(st.tuples(*[st.integers(0, 8).map(lambda n: n / 8)] * 2), min_size=2, max_size=30)


@given(parts=st.lists(SCORES, min_size=2, max_size=3))
def test_graded_scores_take_the_t_of_welch(parts: Any) -> None:
    scipy_stats = pytest.importorskip("scipy.stats")
    subject = Subject("b", "m1", "m2")
    each = []
    for rows in parts:
        paired = PairedScores(first=[row[0] for row in rows], second=[row[1] for row in rows])
        each.append(from_scores(subject, paired, DecisionSettings(test="t"), is_binary=False))
    found = macro_average(each)
    ts = [paired_t([a - b for a, b in rows]) for rows in parts]
    value = sum(t.mean for t in ts) / len(ts)
    variances = [(t.se / len(ts)) ** 2 for t in ts]
    assert found.difference.value == pytest.approx(value, abs=1e-12)
    if sum(variances) == 0:
        assert found.test.p == (0.0 if found.difference.value else 1.0)
        return
    df = sum(variances) ** 2 / sum(v**2 / t.df for v, t in zip(variances, ts, strict=True))
    expected = 2 * scipy_stats.t.sf(abs(value) / math.sqrt(sum(variances)), df)
    assert found.test.p == pytest.approx(expected, rel=1e-6, abs=1e-12)
    assert found.test.name == "Welch t"
