"""The statistics of a comparison, requested from a service: counts where they are enough, else rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import benchwire
from benchwire.analysis import PairedTable, statistics
from benchwire.analysis.pairs import OUTCOMES
from support.answers import AnswersService
from support.both import Flavour
from support.scripted import always, json_reply

NONE = dict.fromkeys(("benchmark_id", "model_id_1", "model_id_2"))
IDS = ("b1", "m1", "m2")
# 40 prompts: 8 both, 12 only the first, 4 only the second, 16 neither.
FIRST = {n: float(n <= 20) for n in range(1, 41)}
SECOND = {n: float(n <= 8 or 20 < n <= 24) for n in range(1, 41)}
TABLE = PairedTable(8, 12, 4, 16)
ROWS_PAGE = "500"


def test_four_small_requests_give_the_table(flavour: Flavour, scripted: Any) -> None:
    service = scripted(AnswersService([FIRST, SECOND]))
    found = flavour.result(flavour.public(service.url).comparisons.statistics(*IDS))
    assert found.table == TABLE
    assert service.queries("outcome_filter") == [None, *OUTCOMES]
    assert service.queries("page_size")[1:] == ["25"] * 4
    limits = statistics.tango_interval(12, 4, 40)
    assert (found.difference.value, found.difference.low, found.difference.high) == (0.2, *limits)
    assert (found.test.p, found.test.exact_p) == (
        statistics.mcnemar(12, 4).mid_p,
        statistics.mcnemar(12, 4).exact,
    )
    assert (found.n_paired, found.only_1_answered, found.only_2_answered, found.unscored) == (
        40,
        0,
        0,
        0,
    )
    assert (found.benchmark, found.model_1, found.model_2) == (
        "Benchmark 1",
        "maker/m1",
        "maker/m2",
    )
    assert found.warnings == ()


def test_keys_and_evaluations_name_the_same(flavour: Flavour, scripted: Any) -> None:
    service = scripted(AnswersService([FIRST, SECOND]))
    comparisons = flavour.public(service.url).comparisons
    keys = {"benchmark_key": "b1", "model_key_1": "maker/m1", "model_key_2": "maker/m2"}
    by_key = flavour.result(comparisons.statistics(**keys))
    by_evaluation = flavour.result(comparisons.statistics(evaluation_ids=("e1", "e2")))
    assert by_key.table == by_evaluation.table == TABLE
    assert (by_evaluation.evaluation_id_1, by_evaluation.evaluation_id_2) == ("e1", "e2")


@pytest.mark.parametrize("drops_unscored", [True, False])
def test_an_unscored_answer_is_not_wrong(
    flavour: Flavour, scripted: Any, drops_unscored: bool
) -> None:
    """Whether the service counts it as a failure, or not at all."""
    scores = [{**FIRST, 1: None, 40: None}, {**SECOND, 30: None}]
    service = scripted(AnswersService(scores, drops_unscored=drops_unscored))
    found = flavour.result(flavour.public(service.url).comparisons.statistics(*IDS))
    assert found.table == PairedTable(7, 12, 4, 14)
    assert (found.n_paired, found.unscored) == (37, 3)
    assert "3 without a score left out" in found.summary()


def test_what_only_one_answered_is_counted(flavour: Flavour, scripted: Any) -> None:
    first = {n: score for n, score in FIRST.items() if n > 3}
    second = {n: score for n, score in SECOND.items() if n < 40}
    service = scripted(AnswersService([first, second]))
    found = flavour.result(flavour.public(service.url).comparisons.statistics(*IDS))
    assert (found.n_paired, found.only_1_answered, found.only_2_answered, found.unscored) == (
        36,
        1,
        3,
        0,
    )
    assert service.queries("outcome_filter")[1:] == [*OUTCOMES, "all"]


def test_graded_scores_are_read_row_by_row(flavour: Flavour, scripted: Any) -> None:
    graded = {n: n / 100 for n in FIRST}
    service = scripted(AnswersService([graded, SECOND]))
    found = flavour.result(flavour.public(service.url).comparisons.statistics(*IDS))
    expected = statistics.paired_t([graded[n] - SECOND[n] for n in graded])
    assert (found.scores, found.test.name, found.test.p) == ("graded", "paired t", expected.p)
    assert (found.difference.low, found.difference.high) == (expected.low, expected.high)
    assert found.standard_error.paired == expected.se
    assert ROWS_PAGE in service.queries("page_size")


def test_a_graded_score_is_right_above_one_half_for_mcnemar(
    flavour: Flavour, scripted: Any
) -> None:
    service = scripted(AnswersService([{n: 0.4 + s / 2 for n, s in FIRST.items()}, SECOND]))
    found = flavour.result(flavour.public(service.url).comparisons.statistics(*IDS, test="mcnemar"))
    assert found.table == TABLE
    assert ROWS_PAGE not in service.queries("page_size")


def test_a_service_that_ignores_the_filter_is_read_row_by_row(
    flavour: Flavour, scripted: Any
) -> None:
    service = scripted(AnswersService([FIRST, SECOND], applies_filter=False))
    assert flavour.result(flavour.public(service.url).comparisons.statistics(*IDS)).table == TABLE


@pytest.mark.parametrize("clusters", ["group", lambda row: row.additional_properties["group"]])
def test_clusters_are_a_field_or_a_function(flavour: Flavour, scripted: Any, clusters: Any) -> None:
    groups = {n: {"group": n // 4} for n in FIRST}
    service = scripted(AnswersService([FIRST, SECOND], fields=groups))
    comparisons = flavour.public(service.url).comparisons
    found = flavour.result(comparisons.statistics(*IDS, clusters=clusters))
    differences = [FIRST[n] - SECOND[n] for n in FIRST]
    expected = statistics.paired_t(differences, [n // 4 for n in FIRST])
    assert (found.test.name, found.test.p, found.clusters) == ("clustered paired t", expected.p, 11)
    assert any("11 clusters" in warning for warning in found.warnings)


def test_resampling_prints_its_seed(flavour: Flavour, scripted: Any) -> None:
    service = scripted(AnswersService([FIRST, SECOND]))
    comparisons = flavour.public(service.url).comparisons
    one, two = (
        flavour.result(comparisons.statistics(*IDS, test="permutation", seed=7, resamples=500))
        for _ in range(2)
    )
    assert one == two
    assert one.to_dict()["test"]["seed"] == 7
    assert "seed 7" in one.summary()
    assert "seed 7" in one._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"test": "z"}, "test must be one of 'auto', 'mcnemar', 't', 'permutation', not 'z'"),
        ({"level": 95}, "level must be above 0 and below 1, not 95"),
        ({"resamples": 9}, "resamples must be at least 100, not 9"),
        ({"clusters": ""}, "clusters must name a field of the rows"),
        ({"test": "mcnemar", "clusters": "prompt"}, "needs independent items"),
        ({"model_id_2": None}, "pass model_id_2 or model_key_2, exactly one of the two"),
        ({"evaluation_ids": ("e1", "e2")}, "pass evaluation_ids, or benchmark and models"),
        ({**NONE, "evaluation_ids": ("e1",)}, "evaluation_ids must be two ids"),
        ({**NONE, "evaluation_ids": "e1"}, "evaluation_ids must be two ids"),
        ({**NONE, "evaluation_ids": {"e1", "e2"}}, "evaluation_ids must be two ids in an order"),
        ({**NONE, "evaluation_ids": iter(["e1", "e2"])}, "evaluation_ids must be a list of str"),
        ({**NONE, "evaluation_ids": {"e1": 1, "e2": 2}}, "evaluation_ids must be a list of str"),
    ],
)
def test_arguments_are_checked_before_a_request(
    flavour: Flavour, scripted: Any, arguments: dict[str, Any], message: str
) -> None:
    service = scripted(always(json_reply({}, 500)))
    ids = dict(zip(("benchmark_id", "model_id_1", "model_id_2"), IDS, strict=True))
    with pytest.raises((TypeError, ValueError), match=message):
        flavour.result(flavour.public(service.url).comparisons.statistics(**{**ids, **arguments}))
    assert service.requests == []


def test_an_unknown_field_for_clusters_is_named(flavour: Flavour, scripted: Any) -> None:
    service = scripted(AnswersService([FIRST, SECOND]))
    comparisons = flavour.public(service.url).comparisons
    with pytest.raises(ValueError, match="a row has no field 'topic'; it has 'prompt', 'truth'"):
        flavour.result(comparisons.statistics(*IDS, clusters="topic"))


def test_nothing_in_common_is_an_error(flavour: Flavour, scripted: Any) -> None:
    service = scripted(AnswersService([{1: 1.0}, {2: 1.0}]))
    with pytest.raises(ValueError, match="0 items of Benchmark 1 have a score of both"):
        flavour.result(flavour.public(service.url).comparisons.statistics(*IDS))


def test_a_failed_request_raises_whatever_on_error_is(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(json_reply({"error": "down"}, 500)))
    comparisons = flavour.public(service.url, on_error="none").comparisons
    with pytest.raises(benchwire.ServerError):
        flavour.result(comparisons.statistics(*IDS))


SCORE = st.sampled_from([0.0, 1.0, 1.0, 0.0, None, 0.5])
PAIRS = st.lists(st.tuples(SCORE, SCORE), min_size=2, max_size=60)


@given(pairs=PAIRS, drops=st.booleans())
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_the_table_is_that_of_the_scores(pairs: list[Any], drops: bool, scripted: Any) -> None:
    """Whatever the scores: counted pair by pair here, from counts or from rows there."""
    scores = [dict(enumerate(column, 1)) for column in zip(*pairs, strict=True)]
    known = [(a > 0.5, b > 0.5) for a, b in pairs if a is not None and b is not None]
    with benchwire.PublicClient("k", scripted(AnswersService(scores, drops)).url) as client:
        if len(known) < 2:
            with pytest.raises(ValueError, match=f"^{len(known)} items|no spread"):
                client.comparisons.statistics(*IDS, test="t")
            return
        found = client.comparisons.statistics(*IDS)
    sides = [(True, True), (True, False), (False, True), (False, False)]
    assert found.table == PairedTable(*map(known.count, sides))
    assert found.unscored == len(pairs) - len(known)
    json.dumps(found.to_dict(), allow_nan=False)


def test_an_evaluation_is_not_compared_with_itself(flavour: Flavour, scripted: Any) -> None:
    comparisons = flavour.public(scripted(AnswersService([FIRST, SECOND])).url).comparisons
    with pytest.raises(ValueError, match="both are evaluation 'e1'"):
        flavour.result(comparisons.statistics("b1", "m1", "m1"))


def test_of_how_many_items_the_scores_were_seen_is_said(flavour: Flavour, scripted: Any) -> None:
    """A graded score that is none of the first of its outcome goes unnoticed, and the result says so."""
    first = {n: float(n <= 80) for n in range(1, 161)}
    graded = {**first, 70: 0.9}
    comparisons = flavour.public(scripted(AnswersService([graded, first])).url).comparisons
    found = flavour.result(comparisons.statistics(*IDS))
    assert (found.scores, found.sampled, found.to_dict()["sampled"]) == ("binary", 50, 50)
    assert "the scores of 50 items looked at" in dict(found.rows())["right answers"]
    whole = flavour.result(comparisons.statistics(*IDS, test="t"))
    assert (whole.scores, whole.sampled) == ("graded", None)
    assert "looked at" not in dict(whole.rows())["right answers"]


@pytest.mark.parametrize("test", ["auto", "t"])
def test_an_evaluation_that_did_not_end_with_success_is_named(
    flavour: Flavour, scripted: Any, test: Any
) -> None:
    """Its answers so far may be the easy ones; so the sentence, the warnings and the JSON say so."""
    service = AnswersService([FIRST, SECOND], statuses={1: "failure", 2: "in-progress"})
    comparisons = flavour.public(scripted(service).url).comparisons
    found = flavour.result(comparisons.statistics(evaluation_ids=("e1", "e2"), test=test))
    said = [
        "evaluation 'e1' has the status 'failure'",
        "evaluation 'e2' has the status 'in-progress'",
    ]
    assert found.summary().endswith(f"; {said[0]}; {said[1]}.")
    assert [text.partition(":")[0].lower() for text in found.warnings] == said
    assert found.to_dict()["warnings"] == list(found.warnings)
