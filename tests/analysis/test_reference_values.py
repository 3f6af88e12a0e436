"""Statistics against the values that R, the papers and real data give."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from benchwire.analysis import statistics
from support.shared import require_shared

R_DIGITS = 1e-9


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return json.loads(require_shared("data", "statistics", "reference.json").read_text("utf-8"))


def test_mcnemar(reference: dict[str, Any]) -> None:
    for row in reference["mcnemar"]:
        _, only_1, only_2, _ = row["table"]
        result = statistics.mcnemar(only_1, only_2)
        names = {"exact": "exact", "midp": "mid_p", "chi2": "chi2", "p_asymptotic": "p_asymptotic",
                 "p_continuity": "p_continuity"}  # fmt: skip
        for theirs, ours in names.items():
            if theirs in row:
                assert getattr(result, ours) == pytest.approx(row[theirs], rel=1e-8), row["name"]


def test_paired_intervals(reference: dict[str, Any]) -> None:
    first, second = reference["paired_difference_ci95"]
    both, only_1, only_2, neither = first["table"]
    tango = statistics.tango_interval(only_1, only_2, both + only_1 + only_2 + neither)
    assert tango == pytest.approx(first["tango"], abs=R_DIGITS)
    newcombe = statistics.newcombe_paired_interval(both, only_1, only_2, neither)
    assert newcombe == pytest.approx(first["newcombe_method10"], abs=R_DIGITS)
    # PropCIs has the other sign.
    tango = statistics.tango_interval(second["c"], second["b"], second["n"])
    assert tango == pytest.approx(second["tango"], abs=R_DIGITS)


def test_pairs_of_gsm8k(reference: dict[str, Any]) -> None:
    for row in reference["gsm8k_pairs_2_minus_1"]:
        both, only_1, only_2, neither = row["table"]
        n = sum(row["table"])
        tango = statistics.tango_interval(only_2, only_1, n)
        assert tango == pytest.approx(row["tango"], abs=R_DIGITS)
        newcombe = statistics.newcombe_paired_interval(both, only_2, only_1, neither)
        assert newcombe == pytest.approx(row["newcombe10"], abs=R_DIGITS)
        differences = [1] * only_2 + [-1] * only_1 + [0] * (both + neither)
        paired = statistics.paired_t(differences)
        assert (paired.low, paired.high) == pytest.approx(row["t"], abs=R_DIGITS)
        assert paired.mean == pytest.approx(row["diff"], abs=R_DIGITS)
        assert statistics.mcnemar(only_1, only_2).exact == pytest.approx(row["exact"], rel=1e-8)


def test_wilson_intervals(reference: dict[str, Any]) -> None:
    for share, limits in reference["gsm8k_wilson"].items():
        successes, n = map(int, share.split("/"))
        assert statistics.wilson_interval(successes, n) == pytest.approx(limits, abs=R_DIGITS)
    for row in reference["single_proportion_newcombe1998"]:
        interval = statistics.wilson_interval(row["k"], row["n"])
        assert interval == pytest.approx(row["wilson"], abs=R_DIGITS)


def test_adjusted_p_values(reference: dict[str, Any]) -> None:
    table = reference["multiple_testing_BH1995_table"]
    assert statistics.holm(table["p"]) == pytest.approx(table["holm"], abs=1e-9)
    assert statistics.benjamini_hochberg(table["p"]) == pytest.approx(table["bh"], abs=1e-9)


def test_paired_t_of_the_sleep_data(reference: dict[str, Any]) -> None:
    drug_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    drug_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    row = reference["paired_t_sleep"]
    result = statistics.paired_t([a - b for a, b in zip(drug_1, drug_2, strict=True)])
    assert (result.t, result.df, result.p) == pytest.approx((row["t"], row["df"], row["p"]))
    assert (result.low, result.high) == pytest.approx(row["ci95"])


def test_sample_sizes(reference: dict[str, Any]) -> None:
    miller, connor = reference["power"]["miller2024"], reference["power"]["mcnemar_connor1987"]
    n = statistics.sample_size(miller["delta"], variance=miller["omega2"])
    assert n == pytest.approx(miller["n"], abs=1e-4)
    discordance = connor["p_b"] + connor["p_c"]
    n = statistics.sample_size(connor["p_c"] - connor["p_b"], discordance=discordance)
    assert n == pytest.approx(connor["n"], abs=1e-4)


def test_the_comparison_of_two_models_of_gsm8k() -> None:
    """6b_verification against 175b_finetuning: the figures of the product's own example."""
    result = statistics.mcnemar(209, 152)
    assert result.chi2 == 9
    assert result.mid_p == pytest.approx(0.00269, abs=5e-6)
    differences = [1] * 209 + [-1] * 152 + [0] * (306 + 652)
    assert statistics.paired_t(differences).se == pytest.approx(0.0144, abs=5e-5)
    interval = statistics.tango_interval(209, 152, 1319)
    assert [round(100 * limit, 1) for limit in interval] == [1.5, 7.1]


def test_no_item_that_differs() -> None:
    assert statistics.mcnemar(0, 0) == statistics.McNemar(1.0, 1.0, 0.0, 1.0, 1.0)
    low, high = statistics.tango_interval(0, 0, 11)
    assert low < 0 < high
    assert low == -high
    assert statistics.paired_t([0, 0, 0]).p == 1
    assert statistics.paired_t([1, 1, 1]).t == math.inf
    assert statistics.wilcoxon_signed_rank([0, 0]).p == 1
    assert statistics.sign_flip_permutation([0, 0]).p == 1
    assert statistics.cochran_q([[1, 1], [0, 0]]).p == 1
