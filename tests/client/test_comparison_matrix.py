"""Several models on the same items, read from a service as comparisons with one of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from itertools import combinations
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import benchwire
from benchwire.analysis import MatrixStatistics, statistics
from support.answers import AnswersService, Scores
from support.both import Flavour
from support.scripted import always, json_reply

# Of 60 items m1 answers 40 right, m2 38, m3 20, m4 18.
RIGHT = [(0, 40), (2, 40), (20, 40), (22, 40)]
SCORES: list[Scores] = [{n: float(low < n <= high) for n in range(1, 61)} for low, high in RIGHT]
MODELS = ["m1", "m2", "m3", "m4"]


def matrix(flavour: Flavour, url: str, models: list[str] = MODELS, **options: Any) -> Any:
    options = {"benchmarks": ["b1"], "resamples": 200, **options}
    return flavour.result(flavour.public(url).comparisons.matrix(models=models, **options))


def test_every_pair_comes_from_one_comparison_fewer_than_models(
    flavour: Flavour, scripted: Any
) -> None:
    service = scripted(AnswersService(SCORES))
    found: MatrixStatistics = matrix(flavour, service.url)
    compared = [
        (request.query["evaluation_id_1"], request.query["evaluation_id_2"])
        for request in service.requests
        if request.path.endswith("/comparison")
    ]
    assert compared == [("e1", "e2"), ("e1", "e3"), ("e1", "e4")]
    assert [one.model for one in found.models] == [f"maker/m{n}" for n in (1, 2, 3, 4)]
    assert [(one.accuracy.value, one.n) for one in found.models] == [
        (right / 60, 60) for right in (40, 38, 20, 18)
    ]
    p_values = []
    for a, b in combinations(range(4), 2):
        ours = found.pair(f"maker/m{a + 1}", f"maker/m{b + 1}")
        only = [n for n in SCORES[a] if SCORES[a][n] != SCORES[b][n]]
        wins = sum(bool(SCORES[a][n]) for n in only)
        expected = statistics.mcnemar(wins, len(only) - wins)
        assert (ours.statistics.test.p, ours.statistics.test.exact_p) == (
            expected.mid_p,
            expected.exact,
        )
        p_values.append(expected.mid_p)
    assert [pair.adjusted_p for pair in found.pairs] == statistics.holm(p_values)
    assert found.any_difference == statistics.cochran_q(
        [[int(scores[n] or 0) for scores in SCORES] for n in SCORES[0]]
    )


def test_tiers_and_the_baseline_are_in_the_sentence(flavour: Flavour, scripted: Any) -> None:
    service = scripted(AnswersService(SCORES))
    found = matrix(flavour, service.url, baseline="m3", seed=5)
    assert found.reference == found.baseline == "maker/m3"
    assert found.tiers == (("maker/m1", "maker/m2"), ("maker/m3", "maker/m4"))
    assert found.summary() == (
        "4 models on Benchmark 1 fall into 2 tiers at 95 % (Holm over 6 pairs; seed 5):"
        " maker/m1, maker/m2 > maker/m3, maker/m4; against maker/m3: better: maker/m1, maker/m2;"
        " not decided: maker/m4."
    )
    assert "seed 5" in found._repr_html_()
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (data["seed"], data["baseline"], len(data["pairs"])) == (5, "maker/m3", 6)


def test_a_tier_is_compared_with_its_first_model(flavour: Flavour, scripted: Any) -> None:
    """Each model is only a little worse than the one above: no chain makes one tier of all."""
    steps: list[Scores] = [
        {n: float(n <= right) for n in range(1, 61)} for right in (50, 46, 42, 38)
    ]
    found = matrix(flavour, scripted(AnswersService(steps)).url, adjust="none")
    neighbours = [found.pair(f"maker/m{n}", f"maker/m{n + 1}") for n in (1, 2, 3)]
    assert not any(pair.is_separated for pair in neighbours)
    assert found.tiers == (("maker/m1", "maker/m2"), ("maker/m3", "maker/m4"))


def test_no_tier_is_above_a_model_that_is_better_on_the_same_items(
    flavour: Flavour, scripted: Any
) -> None:
    """m2 answered the difficult half alone, and is better there; m1 has the higher accuracy."""
    service = AnswersService(
        [
            {n: float(n > 30 or n <= 10) for n in range(1, 61)},
            {n: float(n <= 18) for n in range(1, 31)},
            dict.fromkeys(range(1, 61), 0.0),
        ]
    )
    found = matrix(flavour, scripted(service).url, ["m3", "m1", "m2"])
    assert [one.model for one in found.models] == [f"maker/m{n}" for n in (1, 2, 3)]
    pair = found.pair("maker/m1", "maker/m2")
    assert (pair.is_separated, pair.statistics.difference.value < 0) == (True, True)
    assert found.tiers == (("maker/m1", "maker/m2"), ("maker/m3",))


def test_few_clusters_are_warned_of_and_no_test_takes_them_for_items(
    flavour: Flavour, scripted: Any
) -> None:
    fields = {n: {"passage": n % 7} for n in SCORES[0]}
    url = scripted(AnswersService(SCORES, fields=fields)).url
    found = matrix(flavour, url, clusters="passage")
    assert found.warnings == (
        "Only 7 clusters for a pair: with fewer than 30 take every number as a rough guess.",
    )
    # Cochran's test is of independent items.
    assert (found.scores, found.any_difference) == ("binary", None)


def test_differences_without_spread_are_warned_of(flavour: Flavour, scripted: Any) -> None:
    """Tenths are no binary fractions: 0.9 - 0.8 is less than 0.4 - 0.3."""
    scores: list[Scores] = [{n: (n % 9 + k) / 10 for n in range(1, 61)} for k in (0, 1)]
    found = matrix(flavour, scripted(AnswersService(scores)).url, MODELS[:2])
    [of] = [pair.statistics for pair in found.pairs]
    sentence = "Every difference, or that of every cluster, is the same, so there is no spread to compute with."
    assert of.standard_error.paired == 0
    assert (of.warnings, found.warnings) == ((sentence,), (f"{sentence} (1 of 1 comparisons)",))


@pytest.mark.parametrize("kind", [pd.Series, iter])
def test_models_of_any_list_are_taken_with_a_baseline(
    flavour: Flavour, scripted: Any, kind: Callable[[list[str]], Any]
) -> None:
    url = scripted(AnswersService(SCORES)).url
    found = matrix(flavour, url, kind(MODELS), benchmarks=kind(["b1"]), baseline="m2")
    assert found.to_dict() == matrix(flavour, url, baseline="m2").to_dict()


def test_ranks_have_intervals_that_a_seed_repeats(flavour: Flavour, scripted: Any) -> None:
    url = scripted(AnswersService(SCORES)).url
    one, two, other = (matrix(flavour, url, seed=seed) for seed in (1, 1, 2))
    assert one == two
    assert [model.rank.value for model in one.models] == [1, 2, 3, 4]
    assert [(model.rank.low, model.rank.high) for model in one.models[:2]] == [(1, 1), (1, 2)]
    assert all(model.rank.low >= 3 for model in one.models[2:])
    assert other.seed == 2


@pytest.mark.parametrize(
    "hide",
    [
        lambda n, row: {**row, "result_id_1": None},
        lambda n, row: {**row, "result_id_1": 1},
        lambda n, row: {**row, "prompt": "the same", "truth": ""},
    ],
)
def test_rows_are_joined_by_the_id_or_by_prompt_and_truth(
    flavour: Flavour, scripted: Any, hide: Callable[[int, dict[str, Any]], dict[str, Any]]
) -> None:
    fields = {n: hide(n, {}) for n in SCORES[0]}
    found = matrix(flavour, scripted(AnswersService(SCORES, fields=fields)).url)
    assert found.pairs == matrix(flavour, scripted(AnswersService(SCORES)).url).pairs


def test_gaps_are_counted(flavour: Flavour, scripted: Any) -> None:
    scores: list[Scores] = [
        {n: score for n, score in SCORES[0].items() if n > 4},
        {**SCORES[1], 60: None},
        {n: score for n, score in SCORES[2].items() if n < 59},
    ]
    found = matrix(flavour, scripted(AnswersService(scores)).url, MODELS[:3])
    by_name = {one.model: one for one in found.models}
    assert [(by_name[f"maker/m{n}"].n, by_name[f"maker/m{n}"].unscored) for n in (1, 2, 3)] == [
        (56, 0),
        (55, 1),
        (54, 0),
    ]
    pair = found.pair("maker/m2", "maker/m3").statistics
    assert (pair.n_paired, pair.unscored) == (54, 0)
    assert pair.only_1_answered + pair.only_2_answered == 2
    assert found.warnings == (
        "4 answers of maker/m2 on Benchmark 1 are left out: maker/m1 has no answer to these items, or none with a score.",
        "4 answers of maker/m3 on Benchmark 1 are left out: maker/m1 has no answer to these items, or none with a score.",
    )


def test_answers_of_the_reference_alone_are_counted_as_left_out(
    flavour: Flavour, scripted: Any
) -> None:
    scores: list[Scores] = [SCORES[0], {n: score for n, score in SCORES[1].items() if n <= 40}]
    found = matrix(flavour, scripted(AnswersService(scores)).url, MODELS[:2])
    assert [one.n for one in found.models] == [40, 40]
    assert found.warnings == (
        "20 answers of maker/m1 on Benchmark 1 are left out: no other model has an answer to these items, or one with a score.",
    )


def test_numbers_of_other_libraries_are_taken_and_written(flavour: Flavour, scripted: Any) -> None:
    numpy = pytest.importorskip("numpy")
    url = scripted(AnswersService(SCORES)).url
    options = {"seed": numpy.int64(3), "resamples": numpy.int16(200), "level": Decimal("0.9")}
    found = matrix(flavour, url, **options)
    assert found == matrix(flavour, url, seed=3, resamples=200, level=0.9)
    json.dumps(found.to_dict())


@pytest.mark.parametrize(
    "options", [{"seed": None}, {"seed": "a"}, {"resamples": 150.5}, {"resamples": None}]
)
def test_what_no_one_can_repeat_is_refused_before_a_request(
    flavour: Flavour, scripted: Any, options: dict[str, Any]
) -> None:
    service = scripted(AnswersService(SCORES))
    with pytest.raises(TypeError, match=r"(seed|resamples) must be a whole number, not"):
        matrix(flavour, service.url, **options)
    assert service.requests == []


def test_every_pair_has_the_scale_of_the_benchmark(flavour: Flavour, scripted: Any) -> None:
    """Of scores from 0 to 5 two models may have none above 1, and be the best or the worst."""
    low: list[Scores] = [{n: float(n % k == 0) for n in range(1, 61)} for k in (2, 3)]
    for high in (
        {n: float(n % 6) for n in range(1, 61)},
        {n: 5.0 * (n == 1) for n in range(1, 61)},
    ):
        found = matrix(flavour, scripted(AnswersService([*low, high])).url, MODELS[:3])
        assert {pair.statistics.unit for pair in found.pairs} == {"score"}
        assert "percentage" not in found.pair("maker/m1", "maker/m2").statistics.summary()
        assert "%" not in str(found.tables())


def test_few_items_are_warned_of(flavour: Flavour, scripted: Any) -> None:
    few = [{n: score for n, score in one.items() if n > 48} for one in SCORES]
    url = scripted(AnswersService(few)).url
    assert "Only 12 items for a pair" in matrix(flavour, url).warnings[0]
    found = matrix(flavour, url, benchmarks=["b1", "b2"])
    assert {one.n for one in found.models} == {24}
    assert "Only 12 items for a pair on a benchmark" in found.warnings[0]


def test_graded_scores_take_the_paired_t(flavour: Flavour, scripted: Any) -> None:
    graded = [{n: n % (5 + k) / 10 for n in range(1, 61)} for k in range(3)]
    url = scripted(AnswersService(graded)).url
    found = matrix(flavour, url, MODELS[:3])
    assert (found.scores, found.any_difference) == ("graded", None)
    for pair in found.pairs:
        of = pair.statistics
        first, second = (graded[int(name[-1]) - 1] for name in (of.model_1, of.model_2))
        assert of.test.p == statistics.paired_t([first[n] - second[n] for n in first]).p
    assert matrix(flavour, url, MODELS[:3], test="mcnemar").scores == "binary"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"models": ["m1"]}, "models must be 2 to 100 different ones"),
        ({"models": ["m1", "m1"]}, "models must be 2 to 100 different ones"),
        ({"models": "m1"}, "models must be a list of values, not a str"),
        ({"models": {"m1", "m2"}}, "models must be a list of values, not a set"),
        ({"models": {"m1": 1, "m2": 2}}, "models must be a list of values, not a dict"),
        (
            {"models": pd.DataFrame({"m1": [], "m2": []})},
            "models must be a list of values, not a DataF",
        ),
        ({"benchmarks": []}, "benchmarks must be 1 to 100 different ones"),
        ({"baseline": "m9"}, "baseline must be one of models, not 'm9'"),
        ({"adjust": "sidak"}, "adjust must be one of 'holm', 'bh', 'none', not 'sidak'"),
        ({"level": 0}, "level must be above 0"),
    ],
)
def test_arguments_are_checked_before_a_request(
    flavour: Flavour, scripted: Any, arguments: dict[str, Any], message: str
) -> None:
    service = scripted(always(json_reply({}, 500)))
    comparisons = flavour.public(service.url).comparisons
    with pytest.raises((TypeError, ValueError), match=message):
        flavour.result(comparisons.matrix(**{"benchmarks": ["b1"], "models": MODELS, **arguments}))
    assert service.requests == []


def test_keys_are_taken_and_one_model_is_not_two(flavour: Flavour, scripted: Any) -> None:
    url = scripted(AnswersService(SCORES)).url
    found = matrix(flavour, url, ["maker/m3", "m1"], baseline="m1")
    assert (found.baseline, len(found.pairs)) == ("maker/m1", 1)
    with pytest.raises(ValueError, match="two of 'm1', 'maker/m1' are the same"):
        matrix(flavour, url, ["m1", "maker/m1"])


SCORE = st.sampled_from([0.0, 1.0, 1.0, 0.0, None])


@given(items=st.lists(st.tuples(SCORE, SCORE, SCORE), min_size=4, max_size=40))
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_a_matrix_says_what_each_comparison_says(items: list[Any], scripted: Any) -> None:
    scores = [dict(enumerate(column, 1)) for column in zip(*items, strict=True)]
    known = [[s for s in column.values() if s is not None] for column in scores]
    with benchwire.PublicClient("k", scripted(AnswersService(scores)).url) as client:
        pairs = [
            [x for x in zip(scores[a].values(), scores[b].values(), strict=True) if None not in x]
            for a, b in combinations(range(3), 2)
        ]
        if min(map(len, pairs)) < 2 or min(map(len, known)) < 2:
            return
        found = client.comparisons.matrix(["b1"], MODELS[:3], resamples=100)
        for pair in found.pairs:
            of = pair.statistics
            ids = tuple(f"e{name[-1]}" for name in (of.model_1, of.model_2))
            alone = client.comparisons.statistics(evaluation_ids=ids)
            assert (of.table, of.difference, of.test) == (alone.table, alone.difference, alone.test)
            assert of.unscored == alone.unscored
    assert found.tiers[0][0] == found.models[0].model
