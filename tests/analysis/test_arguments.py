"""What the statistics refuse, and what they say of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwire.analysis import statistics as s

REFUSED: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: s.wilson_interval(3, 0), ValueError, "n must be at least 1, not 0"),
    (lambda: s.wilson_interval(4, 3), ValueError, "successes must be at most n, which is 3, not 4"),
    (lambda: s.wilson_interval(-1, 3), ValueError, "successes must be at least 0, not -1"),
    (lambda: s.wilson_interval(1, 3, 1), ValueError, "level must be above 0 and below 1, not 1"),
    (lambda: s.wilson_interval(1, 3, math.nan), ValueError, "level must be above 0 and below 1, not nan"),
    (lambda: s.wilson_interval(1.5, 3), TypeError, "successes must be a whole number, not 1.5"),  # type: ignore[arg-type]
    (lambda: s.tango_interval(3, 2, 4), ValueError, "only_1 + only_2 must be at most n, which is 4, not 5"),
    (lambda: s.newcombe_paired_interval(0, 0, 0, 0), ValueError, "must be at least 1, not 0"),
    (lambda: s.mcnemar(1, -1), ValueError, "only_2 must be at least 0, not -1"),
    (lambda: s.paired_t([1]), ValueError, "differences must have at least 2 numbers, not 1"),
    (lambda: s.paired_t([1, math.nan]), ValueError, "differences[1] must be between -1e100 and 1e100, not nan"),
    (lambda: s.paired_t([1, 2], [1]), ValueError, "one cluster for each value: 1 for 2 values"),
    (lambda: s.paired_t([1, 2], ["a", "a"]), ValueError, "there must be at least 2 clusters, not 1"),
    (lambda: s.paired_t([1, 2, 3], ["a", None, "b"]), ValueError, "clusters[1] is missing"),
    (lambda: s.paired_t([1, 2, 3], pd.Series([1, 2, None])), ValueError, "clusters[2] is missing"),
    (lambda: s.paired_t([1, 2, 3], ["a", "b", pd.NA]), ValueError, "clusters[2] is missing"),
    (lambda: s.paired_t([1, 2, 3, 4], pa.array(["a", "b", None, None])), ValueError, "clusters[2] is missing"),
    (lambda: s.paired_t([1, 2], {"a", "b"}), TypeError, "clusters must be a list of values, not a set"),
    (lambda: s.paired_t(b"ab"), TypeError, "differences must be a list of values, not a bytes"),
    (lambda: s.paired_t([1, -(10**400)]), ValueError, "differences[1] must be between -1e100 and 1e100, not -inf"),
    (lambda: s.paired_t([1, 2], "ab"), TypeError, "clusters must be a list of values, not a str"),
    (lambda: s.paired_t({0.1, 0.2}), TypeError, "differences must be a list of values, not a set"),
    (lambda: s.paired_t(pa.array([0.1, None])), TypeError, "differences[1] must be a number, not None"),
    (lambda: s.paired_t(pd.Series([0.1, pd.NA])), TypeError, "differences[1] must be a number, not <NA>"),
    (lambda: s.wilcoxon_signed_rank(["True", "False"]), TypeError, "differences[0] must be a number, not 'True'"),  # type: ignore[list-item]
    (lambda: s.holm([0.5, None]), TypeError, "p_values[1] must be a number, not None"),  # type: ignore[list-item]
    (lambda: s.paired_t(pd.DataFrame([[5.0], [5.1]], [0, 1], [3])), TypeError, "differences must be a list of values, not a DataFrame"),
    (lambda: s.paired_t({0: 5.0, 1: 5.1}), TypeError, "differences must be a list of values, not a dict"),
    (lambda: s.holm(0.5), TypeError, "p_values must be a list of values, not a float"),  # type: ignore[arg-type]
    (lambda: s.holm({0: 0.5, 1: 0.2}), TypeError, "p_values must be a list of values, not a dict"),
    (lambda: s.cochran_q(pd.DataFrame({"a": [1], "b": [0]})), TypeError, "items must be a list of values, not a DataFrame"),
    (lambda: s.wilcoxon_signed_rank([]), ValueError, "differences must have at least 1 numbers, not 0"),
    (lambda: s.sign_flip_permutation([1], resamples=0), ValueError, "resamples must be at least 1, not 0"),
    (lambda: s.paired_bootstrap([1, 2], resamples=9), ValueError, "resamples must be at least 100, not 9"),
    (lambda: s.paired_bootstrap([1, 2], seed=None), TypeError, "seed must be a whole number, not None"),  # type: ignore[arg-type]
    (lambda: s.sign_flip_permutation([1], seed=1.5), TypeError, "seed must be a whole number, not 1.5"),  # type: ignore[arg-type]
    (lambda: s.paired_bootstrap([1, 2], method="x"), ValueError, "method must be 'bca' or"),  # type: ignore[arg-type]
    (lambda: s.cochran_q([]), ValueError, "items must have at least one item"),
    (lambda: s.cochran_q([[1, 0], [1]]), ValueError, "items[1] must have one value for each of 2 models, not 1"),
    (lambda: s.cochran_q([[1, 2]]), ValueError, "items[0][1] must be 0 or 1, not 2"),
    (lambda: s.cochran_q([[1, 0]], [0]), ValueError, "weights must be one number above 0 for each item"),
    (lambda: s.cochran_q([[1, 0]], []), ValueError, "weights must be one number above 0 for each item"),
    (lambda: s.holm([10**400]), ValueError, "p_values[0] must be from 0 to 1, not 1000"),
    (lambda: s.holm([0.5, 1.1]), ValueError, "p_values[1] must be from 0 to 1, not 1.1"),
    (lambda: s.benjamini_hochberg([math.nan]), ValueError, "p_values[0] must be from 0 to 1, not nan"),
    (lambda: s.sample_size(None, variance=1), TypeError, "difference must be a number, not None"),  # type: ignore[arg-type]
    (lambda: s.sample_size(1, variance="x"), TypeError, "variance must be a number, not 'x'"),  # type: ignore[arg-type]
    (lambda: s.sample_size(0, variance=1), ValueError, "difference must be from 1e-100 to 1e100, or its negative, not 0"),
    (lambda: s.sample_size(1e-300, discordance=0.5), ValueError, "or its negative, not 1e-300"),
    (lambda: s.sample_size(1, variance=10**400), ValueError, "variance must be a finite number, not negative"),
    (lambda: s.sample_size(-1e200, variance=1), ValueError, "or its negative, not -1e+200"),
    (lambda: s.sample_size(0.2, discordance=0.1), ValueError, "can't be larger than discordance, which is 0.1"),
    (lambda: s.sample_size(0.2), TypeError, "give discordance, for right or wrong answers, or variance"),
    (lambda: s.sample_size(0.2, discordance=0.1, variance=1), TypeError, "give discordance"),
    (lambda: s.sample_size(0.2, variance=-1), ValueError, "variance must be a finite number, not negative"),
    (lambda: s.minimum_detectable_difference(0, variance=1), ValueError, "n must be at least 1, not 0"),
    (lambda: s.minimum_detectable_difference(9, discordance=2), ValueError, "discordance must be from 0 to 1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_a_wrong_argument_is_refused(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_numbers_of_other_libraries_are_taken() -> None:
    assert s.wilson_interval(np.int64(3), np.int32(5)) == s.wilson_interval(3, 5)
    assert s.paired_t(np.array([1.0, 2.0, 4.0])) == s.paired_t([1, Fraction(2), Decimal(4)])  # type: ignore[list-item]
    assert s.cochran_q(np.array([[1, 0], [1, 1]])) == s.cochran_q([(True, False), (True, True)])
    assert s.paired_t(iter([1, 2]), iter("ab")).df == 1
    assert s.paired_t(pa.array([1.0, 2.0, 4.0]), pa.array(["a", "b", "b"])).df == 1


counts = st.integers(0, 10**7)
differences = st.lists(
    st.floats(-1e6, 1e6) | st.sampled_from([-1.0, 0.0, 1.0]), min_size=2, max_size=60
)


@given(counts, counts, counts, counts, st.floats(1e-6, 1 - 1e-6))
def test_any_table_gives_probabilities_and_intervals(
    both: int, only_1: int, only_2: int, neither: int, level: float
) -> None:
    n = both + only_1 + only_2 + neither
    result = s.mcnemar(only_1, only_2)
    for p in (result.exact, result.mid_p, result.p_asymptotic, result.p_continuity):
        assert 0 <= p <= 1
    assert result.mid_p <= result.exact
    if n:
        for low, high in (
            s.tango_interval(only_1, only_2, n, level),
            s.newcombe_paired_interval(both, only_1, only_2, neither, level),
        ):
            assert -1 <= low <= (only_1 - only_2) / n <= high <= 1
        low, high = s.wilson_interval(both, n, level)
        assert 0 <= low <= both / n <= high <= 1


@given(differences)
def test_any_differences_give_probabilities_and_intervals(values: list[float]) -> None:
    paired = s.paired_t(values)
    assert paired.low <= paired.mean <= paired.high
    bootstrap = s.paired_bootstrap(values, resamples=100)
    rounding = max(1e-100, 1e-9 * max(map(abs, values)))
    assert min(values) - rounding <= bootstrap.low <= bootstrap.high <= max(values) + rounding
    for p in (
        paired.p,
        s.wilcoxon_signed_rank(values).p,
        s.sign_flip_permutation(values, resamples=100).p,
    ):
        assert 0 <= p <= 1


@given(differences, st.sampled_from([2.0**-120, 2.0**120]))
def test_the_unit_of_differences_changes_no_probability(values: list[float], unit: float) -> None:
    values = [round(value, 9) for value in values]
    scaled = [value * unit for value in values]
    assert s.paired_t(scaled).p == pytest.approx(s.paired_t(values).p)
    bootstrap, same = (s.paired_bootstrap(each, resamples=100) for each in (values, scaled))
    assert (same.low / unit, same.high / unit) == pytest.approx((bootstrap.low, bootstrap.high))
    permutation = s.sign_flip_permutation(values, resamples=100)
    assert s.sign_flip_permutation(scaled, resamples=100).p == permutation.p


SCORES = st.integers(0, 10)


@given(st.lists(st.tuples(SCORES, SCORES), min_size=2, max_size=40), st.sampled_from([3, 7, 10]))
def test_scores_that_are_no_binary_fractions_say_what_whole_numbers_do(
    scores: list[tuple[int, int]], parts: int
) -> None:
    """0.9 - 0.8 is less than 0.4 - 0.3, and 0.1 + 0.2 - 0.3 is not 0."""
    whole = [float(a - b) for a, b in scores]
    shares = [a / parts - b / parts for a, b in scores]
    assert s.wilcoxon_signed_rank(shares).p == s.wilcoxon_signed_rank(whole).p
    flips, same = (s.sign_flip_permutation(each, resamples=300).p for each in (whole, shares))
    assert same == flips
    bootstrap, again = (s.paired_bootstrap(each, resamples=100) for each in (whole, shares))
    assert (again.low * parts, again.high * parts) == pytest.approx(
        (bootstrap.low, bootstrap.high), abs=1e-9
    )


@pytest.mark.parametrize("values", [[1e-134, 2e-134, 4e-134], [1e-300, 0.0], [5e-324, 1, 2]])
def test_differences_too_small_to_square_are_0(values: list[float]) -> None:
    assert 0 < s.paired_t(values).p <= 1
    assert s.paired_bootstrap(values, resamples=100).high >= 0


@pytest.mark.parametrize("value", [1e150, -1e300, math.inf, math.nan])
def test_differences_beyond_the_limit_are_refused(value: float) -> None:
    for call in (s.paired_t, s.paired_bootstrap, s.sign_flip_permutation, s.wilcoxon_signed_rank):
        with pytest.raises(ValueError, match=r"\[1\] must be between -1e100 and 1e100"):
            call([0.5, value])


@given(st.floats(1e-3, 0.5), st.floats(0, 1), st.floats(0.6, 0.99), st.floats(0.6, 0.99))
def test_the_detectable_difference_inverts_the_sample_size(
    difference: float, more: float, level: float, power: float
) -> None:
    discordance = difference + more * (1 - difference)
    n = math.ceil(s.sample_size(difference, discordance=discordance, level=level, power=power))
    detected = s.minimum_detectable_difference(n, discordance=discordance, level=level, power=power)
    assert detected is not None
    assert detected <= difference * (1 + 1e-9)
    detected = s.minimum_detectable_difference(n, variance=discordance, level=level, power=power)
    assert detected is not None
    assert s.sample_size(detected, variance=discordance, level=level, power=power) == pytest.approx(
        n
    )


@pytest.mark.parametrize("spread", [{"discordance": 0.2}, {"variance": 0.2}])
def test_more_power_takes_no_fewer_items(spread: dict[str, float]) -> None:
    powers = [0.001, 0.01, 0.024, 0.1, 0.5, 0.9]
    sizes = [s.sample_size(0.05, **spread, power=power) for power in powers]
    assert sizes == sorted(sizes)
    assert sizes[0] == 0
    found = [s.minimum_detectable_difference(99, **spread, power=power) for power in powers]
    assert found == sorted(found, key=float)  # type: ignore[arg-type]


def test_too_few_items_detect_no_difference() -> None:
    assert s.minimum_detectable_difference(5, discordance=0.1) is None
    assert s.minimum_detectable_difference(5, discordance=0) is None


def test_a_seed_gives_the_same_result_again() -> None:
    values = [0.1 * number for number in range(40)]
    for call in (s.paired_bootstrap, s.sign_flip_permutation):
        assert call(values, seed=3) == call(values, seed=3)
        assert call(values, seed=3).seed == 3
    assert s.paired_bootstrap(values, seed=3) != s.paired_bootstrap(values, seed=4)
