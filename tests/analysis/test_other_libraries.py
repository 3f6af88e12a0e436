"""Statistics against scipy and statsmodels, over thousands of random tables."""

from __future__ import annotations

import itertools
import random
import statistics as standard
from collections.abc import Iterator
from dataclasses import astuple

import numpy as np
import pytest

from benchwire.analysis import statistics
from benchwire.analysis.statistics import _distributions as distributions
from support.late import Late

stats, optimize = Late("scipy.stats"), Late("scipy.optimize")
linear_model = Late("statsmodels.regression.linear_model")
contingency_tables = Late("statsmodels.stats.contingency_tables")
proportion = Late("statsmodels.stats.proportion")
multitest = Late("statsmodels.stats.multitest")

DRAWS = 1_000
LEVELS = [0.5, 0.9, 0.95, 0.999]


def tables(draws: int, largest: int = 400) -> Iterator[tuple[int, int, int, int]]:
    """Yield tables of all sizes, with zeros, and with counts far apart."""
    generator = random.Random(20)
    for _ in range(draws):
        top = generator.choice([1, 3, 20, largest])
        table = tuple(generator.randint(0, top) for _ in range(4))
        if sum(table):
            yield table  # type: ignore[misc]


def test_mcnemar() -> None:
    for both, only_1, only_2, neither in tables(DRAWS, 3_000):
        ours = statistics.mcnemar(only_1, only_2)
        table = [[both, only_1], [only_2, neither]]
        assert ours.exact == pytest.approx(
            contingency_tables.mcnemar(table, exact=True).pvalue, rel=1e-7
        )
        n, least = only_1 + only_2, min(only_1, only_2)
        mid = 1 - stats.binom.pmf(least, n, 0.5) / 2 if only_1 == only_2 else (
            2 * stats.binom.cdf(least, n, 0.5) - stats.binom.pmf(least, n, 0.5)
        )  # fmt: skip
        if n:
            assert ours.mid_p == pytest.approx(mid, rel=1e-6)
            theirs = contingency_tables.mcnemar(table, exact=False, correction=False)
            assert ours.chi2 == pytest.approx(theirs.statistic)
            assert ours.p_asymptotic == pytest.approx(theirs.pvalue, rel=1e-9)
            if only_1 != only_2:  # statsmodels takes 1 off 0, too
                theirs = contingency_tables.mcnemar(table, exact=False, correction=True)
                assert ours.p_continuity == pytest.approx(theirs.pvalue, rel=1e-9)


def test_mcnemar_of_a_million_pairs() -> None:
    for only_1, only_2 in [(500_000, 501_000), (1_000_000, 990_000), (3_000, 2_000)]:
        theirs = 2 * stats.binom.cdf(min(only_1, only_2), only_1 + only_2, 0.5)
        assert statistics.mcnemar(only_1, only_2).exact == pytest.approx(theirs, rel=1e-6)


@pytest.mark.parametrize("level", LEVELS)
def test_wilson(level: float) -> None:
    for successes, failures, _, _ in tables(DRAWS, 100_000):
        n = successes + failures
        if n:
            theirs = proportion.proportion_confint(successes, n, 1 - level, method="wilson")
            assert statistics.wilson_interval(successes, n, level) == pytest.approx(
                theirs, abs=1e-12
            )


def score(only_1: int, only_2: int, n: int, difference: float) -> float:
    """Return Tango's score, its likelihood maximized numerically instead of by the formula of its root."""

    def derivative(q: float) -> float:
        concordant = n - only_1 - only_2
        return only_1 / (q + difference) + only_2 / q - 2 * concordant / (1 - 2 * q - difference)

    low, high = max(0.0, -difference) + 1e-13, (1 - difference) / 2 - 1e-13
    if derivative(low) <= 0:
        q = low
    elif derivative(high) >= 0:
        q = high
    else:
        q = optimize.brentq(derivative, low, high, xtol=1e-15)
    variance = n * (2 * q + difference * (1 - difference))
    return float((only_1 - only_2 - n * difference) / variance**0.5)


@pytest.mark.parametrize("level", LEVELS)
def test_tango_limits_are_where_the_score_is_the_quantile(level: float) -> None:
    for both, only_1, only_2, neither in tables(60, 60):
        n = both + only_1 + only_2 + neither
        for limit in statistics.tango_interval(only_1, only_2, n, level):
            if abs(limit) != 1:
                found = abs(score(only_1, only_2, n, limit))
                assert found == pytest.approx(stats.norm.ppf((1 + level) / 2), rel=1e-4)


def test_intervals_of_the_swapped_models_are_mirrored() -> None:
    for both, only_1, only_2, neither in tables(DRAWS):
        n = both + only_1 + only_2 + neither
        estimate = (only_1 - only_2) / n
        for interval, swapped in [
            (statistics.tango_interval(only_1, only_2, n), statistics.tango_interval(only_2, only_1, n)),
            (statistics.newcombe_paired_interval(both, only_1, only_2, neither),
             statistics.newcombe_paired_interval(both, only_2, only_1, neither)),
        ]:  # fmt: skip
            assert interval == pytest.approx((-swapped.high, -swapped.low), abs=1e-9)
            assert -1 <= interval.low <= estimate <= interval.high <= 1


def random_differences(generator: random.Random, least: int = 2) -> list[float]:
    n = generator.choice([least, 5, 12, 60, 300])
    kind = generator.choice(["graded", "coarse", "binary"])
    if kind == "graded":
        return [generator.gauss(0.2, 1) for _ in range(n)]
    return [
        generator.choice([-1, 0, 0, 1] if kind == "binary" else [-2, -0.5, 0.25, 1])
        for _ in range(n)
    ]


def test_paired_t() -> None:
    generator = random.Random(21)
    for _ in range(DRAWS):
        values = random_differences(generator)
        if len(set(values)) == 1:
            continue
        level = generator.choice(LEVELS)
        ours, theirs = statistics.paired_t(values, level=level), stats.ttest_1samp(values, 0)
        assert (ours.t, ours.df) == pytest.approx(
            (theirs.statistic, theirs.df), rel=1e-9, abs=1e-12
        )
        assert ours.p == pytest.approx(theirs.pvalue, rel=1e-8)
        assert (ours.low, ours.high) == pytest.approx(
            tuple(theirs.confidence_interval(level)), rel=1e-8
        )


def test_clustered_standard_errors() -> None:
    generator = random.Random(22)
    for _ in range(300):
        values = random_differences(generator, 5)
        clusters = [generator.randrange(max(2, len(values) // 3)) for _ in values]
        if len(set(clusters)) < 2 or len(set(values)) == 1:
            continue
        ours = statistics.clustered_standard_error(values, clusters)
        for corrected in (False, True):
            fit = linear_model.OLS(values, np.ones(len(values))).fit(
                cov_type="cluster",
                cov_kwds={
                    "groups": np.array(clusters),
                    "use_correction": corrected,
                    "df_correction": True,
                },
                use_t=True,
            )
            # statsmodels also multiplies by (n - 1)/(n - k), which is 1 with one parameter.
            assert (ours.corrected if corrected else ours.uncorrected) == pytest.approx(fit.bse[0])
        ours_t = statistics.paired_t(values, clusters)
        if ours_t.se == 0:
            continue  # no number in statsmodels
        assert ours_t.p == pytest.approx(fit.pvalues[0], rel=1e-7)
        assert (ours_t.low, ours_t.high) == pytest.approx(tuple(fit.conf_int()[0]))


def test_clusters_of_one_item_each_change_nothing() -> None:
    values = [0.1, 0.5, -0.2, 0.9]
    ours, theirs = statistics.paired_t(values, range(4)), statistics.paired_t(values)
    assert astuple(ours) == pytest.approx(astuple(theirs))


def test_wilcoxon_without_ties() -> None:
    generator = random.Random(23)
    for _ in range(300):
        values = [generator.gauss(0.3, 1) for _ in range(generator.choice([1, 4, 15, 50, 51, 400]))]
        ours = statistics.wilcoxon_signed_rank(values)
        method = "exact" if len(values) <= 50 else "asymptotic"
        theirs = stats.wilcoxon(values, method=method)
        assert (ours.statistic, ours.p) == pytest.approx(
            (theirs.statistic, theirs.pvalue), rel=1e-9
        )
        assert ours.exact == (method == "exact")


def test_wilcoxon_with_ties() -> None:
    generator = random.Random(24)
    for _ in range(40):
        values = [generator.choice([-3, -1, -1, 1, 2, 2]) for _ in range(generator.randint(2, 10))]
        ranks = stats.rankdata(np.abs(values))
        sums = [sum(r for r, s in zip(ranks, signs, strict=True) if s)
                for signs in itertools.product([0, 1], repeat=len(values))]  # fmt: skip
        ours = statistics.wilcoxon_signed_rank([*values, 0, 0])
        as_far = sum(total <= ours.statistic + 1e-9 for total in sums) / len(sums)
        assert ours.p == pytest.approx(min(1, 2 * as_far))
    for _ in range(40):
        values = [generator.choice([-3, -1, 1, 2, 2]) for _ in range(200)]
        theirs = stats.wilcoxon(values, method="asymptotic")
        assert statistics.wilcoxon_signed_rank(values).p == pytest.approx(theirs.pvalue, rel=1e-9)


def test_cochran_q() -> None:
    generator = random.Random(25)
    for _ in range(300):
        models = generator.randint(2, 6)
        items = [
            [generator.randrange(2) for _ in range(models)] for _ in range(generator.randint(1, 60))
        ]
        ours = statistics.cochran_q(items)
        if all(len(set(row)) == 1 for row in items):
            assert ours.q == 0
            continue
        theirs = contingency_tables.cochrans_q(np.array(items))
        assert (ours.q, ours.p) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-8)
        if models == 2:
            only_1 = sum(row == [1, 0] for row in items)
            assert ours.q == pytest.approx(statistics.mcnemar(only_1, items.count([0, 1])).chi2)


def test_cochran_q_of_weighted_items_is_the_quadratic_form_of_the_weighted_sums() -> None:
    generator = np.random.default_rng(26)
    for _ in range(100):
        models = int(generator.integers(2, 6))
        items = generator.integers(0, 2, (40, models))
        weights = generator.uniform(0.1, 3, 40)
        sums = weights @ items
        within = items - items.mean(axis=1, keepdims=True)
        variances = (within**2).sum(axis=1) / (models - 1)
        covariance = (weights**2 @ variances) * (np.eye(models) - 1 / models)
        expected = sums @ np.linalg.pinv(covariance) @ sums
        assert statistics.cochran_q(items, weights).q == pytest.approx(expected)
        assert statistics.cochran_q(items, [7] * 40).q == pytest.approx(
            statistics.cochran_q(items).q
        )


def test_adjusted_p_values() -> None:
    generator = random.Random(26)
    for _ in range(DRAWS):
        values = [generator.choice([generator.random(), generator.random() ** 6, 0.5])
                  for _ in range(generator.randint(1, 40))]  # fmt: skip
        theirs = stats.false_discovery_control(values)
        assert statistics.benjamini_hochberg(values) == pytest.approx(theirs)
    for _ in range(20):  # statsmodels takes its time
        values = [generator.random() ** 4 for _ in range(generator.randint(1, 40))]
        assert statistics.holm(values) == pytest.approx(
            multitest.multipletests(values, method="holm")[1]
        )
    assert statistics.holm([]) == statistics.benjamini_hochberg([]) == []


def test_distributions() -> None:
    for df, t in itertools.product([1, 2, 5, 30, 1_318, 1e6], [0, 1e-9, 0.3, 1, 2, 9, 40, 1e5]):
        theirs = 2 * stats.t.sf(t, df)
        assert distributions.t_two_sided(t, df) == pytest.approx(theirs, rel=1e-7, abs=1e-300)
    for df, level in itertools.product([1, 2, 5, 30, 1_318, 1e6], LEVELS):
        theirs = stats.t.ppf((1 + level) / 2, df)
        assert distributions.t_quantile_two_sided(level, df) == pytest.approx(theirs, rel=1e-8)
    for df, x in itertools.product([1, 2, 3, 7, 50], [0, 1e-6, 0.5, 3, 8, 40, 300]):
        assert distributions.chi2_tail(x, df) == pytest.approx(
            stats.chi2.sf(x, df), rel=1e-9, abs=1e-300
        )


def test_resampling_intervals() -> None:
    """Two programs draw different resamples: their results differ by the error of the draws."""
    generator = random.Random(27)
    for method in ("bca", "percentile"):
        for values in (
            [generator.expovariate(1) for _ in range(80)],
            [1] * 30 + [-1] * 12 + [0] * 60,
        ):
            ours = statistics.paired_bootstrap(values, method=method, resamples=20_000, seed=1)
            theirs = stats.bootstrap(
                (values,), np.mean, method="BCa" if method == "bca" else method, n_resamples=20_000,
                rng=np.random.default_rng(1),
            )  # fmt: skip
            close = pytest.approx(theirs.standard_error, rel=0.03)
            assert ours.se == close
            # Means of right and wrong answers are multiples of 1/n.
            step = 0.1 * ours.se + (1 / len(values) if isinstance(values[0], int) else 0)
            assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=step)
            assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=step)


def test_bootstrap_of_clusters_knows_of_them() -> None:
    generator = random.Random(28)
    effects = [generator.gauss(0, 1) for _ in range(60)]
    values = [effect + generator.gauss(0, 0.1) for effect in effects for _ in range(5)]
    clusters = [number for number in range(60) for _ in range(5)]
    of_clusters = statistics.paired_bootstrap(values, clusters).se
    assert of_clusters == pytest.approx(
        statistics.clustered_standard_error(values, clusters).corrected, rel=0.05
    )
    assert of_clusters > 2 * statistics.paired_bootstrap(values).se


def test_sign_flips() -> None:
    generator = random.Random(29)
    for _ in range(60):
        values = [generator.choice([-2, -1, 0, 1, 1, 0.5]) for _ in range(generator.randint(1, 11))]
        sums = [abs(sum(a * b for a, b in zip(values, signs, strict=True)))
                for signs in itertools.product([1, -1], repeat=len(values))]  # fmt: skip
        ours = statistics.sign_flip_permutation(values)
        assert ours.exact
        assert ours.p == pytest.approx(
            standard.fmean(total >= abs(sum(values)) - 1e-9 for total in sums)
        )
    for values in ([1] * 40 + [-1] * 22, [generator.gauss(0.2, 1) for _ in range(200)]):
        ours = statistics.sign_flip_permutation(values, resamples=20_000)
        theirs = stats.permutation_test(
            (values,), np.mean, permutation_type="samples", n_resamples=20_000,
            rng=np.random.default_rng(2), vectorized=True,
        )  # fmt: skip
        assert ours.p == pytest.approx(theirs.pvalue, abs=0.012)
        assert not ours.exact


def test_right_and_wrong_answers_give_mcnemars_exact_p() -> None:
    for only_1, only_2 in [(5, 1), (0, 7), (6, 6)]:
        flips = statistics.sign_flip_permutation([1] * only_1 + [-1] * only_2 + [0] * 9)
        assert flips.exact
        assert flips.p == pytest.approx(statistics.mcnemar(only_1, only_2).exact)
