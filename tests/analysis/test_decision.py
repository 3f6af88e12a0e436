"""What a comparison says of its counts and scores."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwire.analysis import ComparisonStatistics, PairedTable, statistics
from benchwire.analysis.decision import from_counts, from_scores
from benchwire.analysis.macro import macro_average
from benchwire.analysis.pairs import Counts, DecisionSettings, PairedScores, Subject, TestName

HOSTILE = "<img src=x onerror=alert(1)></table><script>\u2028"
SUBJECT = Subject(
    benchmark="B", model_1="one", model_2="two", evaluation_id_1="e1", evaluation_id_2="e2"
)
KEYS = [
    "benchmark",
    "model_1",
    "model_2",
    "n_paired",
    "only_1_answered",
    "only_2_answered",
    "unscored",
    "table",
    "accuracy_1",
    "accuracy_2",
    "difference",
    "test",
    "detectable_difference",
    "standard_error",
    "sampled",
    "warnings",
    "summary",
]
COUNT = st.integers(0, 80)
quick = settings(max_examples=40)


def counted(*table: int, subject: Subject = SUBJECT, level: float = 0.95) -> ComparisonStatistics:
    return from_counts(subject, Counts(table=PairedTable(*table)), DecisionSettings(level=level))


@quick
@given(table=st.tuples(COUNT, COUNT, COUNT, COUNT).filter(any), level=st.floats(0.5, 0.999))
def test_words_and_interval_say_the_same(table: tuple[int, ...], level: float) -> None:
    found = counted(*table, level=level)
    text = found.summary()
    assert ("is not decided by these items" in text) == (not found.difference.is_decided)
    assert "no difference" not in text
    if found.difference.is_decided:
        word = "better" if found.difference.value > 0 else "worse"
        assert re.match(rf"one is [0-9.]+ percentage points {word} than two on B, ", text)
    assert ("too few" in text) == (sum(table) < 30) == any("Only" in w for w in found.warnings)
    assert text.count(". ") == 0
    assert "-0.0" not in text


@quick
@given(table=st.tuples(COUNT, COUNT, COUNT, COUNT).filter(lambda t: sum(t) > 1))
def test_exchanging_the_models_mirrors_everything(table: tuple[int, int, int, int]) -> None:
    both, one, two, neither = table
    first, second = counted(*table), counted(both, two, one, neither)
    assert first.difference.low == pytest.approx(-second.difference.high, abs=1e-9)
    assert first.accuracy_1 == second.accuracy_2
    assert first.test == second.test
    assert first.standard_error.paired == pytest.approx(second.standard_error.paired)


@quick
@given(table=st.tuples(COUNT, COUNT, COUNT, COUNT).filter(lambda t: sum(t) > 1))
def test_the_standard_errors_are_those_of_the_scores(table: tuple[int, int, int, int]) -> None:
    both, one, two, neither = table
    scores = PairedScores()
    scores.first = [1.0] * (both + one) + [0.0] * (two + neither)
    scores.second = [1.0] * both + [0.0] * one + [1.0] * two + [0.0] * neither
    t = from_scores(SUBJECT, scores, DecisionSettings(test="t"))
    errors = counted(*table).standard_error
    assert errors.paired == pytest.approx(t.standard_error.paired)
    assert errors.unpaired == pytest.approx(t.standard_error.unpaired)


def test_the_dictionary_has_the_documented_keys() -> None:
    found = counted(306, 209, 152, 652).to_dict()
    assert list(found) == KEYS
    assert list(found["difference"]) == ["value", "low", "high", "level", "method"]
    assert list(found["test"]) == ["name", "p", "exact_p"]
    assert list(found["table"]) == ["both", "only_1", "only_2", "neither"]
    assert list(found["accuracy_1"]) == ["value", "low", "high"]
    assert list(found["standard_error"]) == ["paired", "unpaired"]


def test_an_undecided_comparison_names_what_it_would_have_detected() -> None:
    found = counted(100, 20, 18, 62)
    assert found.summary() == (
        "Whether one or two is better on B is not decided by these items: the difference is +1.0"
        " percentage points, 95 % CI -5.2 to +7.2 (McNemar mid-p 0.75; 20 items only the first"
        " answered right, 18 only the second, of 200), where 8.6 percentage points would have been"
        " detected with a probability of 80 %."
    )


@pytest.mark.parametrize(("level", "shown"), [(0.57, "57"), (0.9999999, "99.99999")])
def test_no_level_is_shown_as_certainty(level: float, shown: str) -> None:
    assert f", {shown} % CI " in counted(10, 9, 8, 7, level=level).summary()


def test_scores_beyond_one_are_no_percentages() -> None:
    scores = PairedScores()
    scores.first, scores.second = [float(n % 10) for n in range(60)], [4.0] * 60
    found = from_scores(SUBJECT, scores, DecisionSettings())
    assert found.unit == "score"
    assert "the difference is +0.5, 95 % CI -0.248 to +1.25" in found.summary()
    for least, shown in ((1234.5, "1239 ("), (995.25, "999.75 (")):
        scores.first = [least + n % 10 for n in range(60)]
        rows = dict(from_scores(SUBJECT, scores, DecisionSettings()).rows())
        assert rows["1: one"].startswith(shown)


def test_differences_without_spread_detect_nothing() -> None:
    scores = PairedScores()
    scores.first, scores.second = [0.3, 0.9] * 20, [0.3, 0.9] * 20
    found = from_scores(SUBJECT, scores, DecisionSettings())
    assert (found.difference.value, found.detectable_difference) == (0, None)
    assert "would have been detected" not in found.summary()
    assert macro_average([found, found]).detectable_difference is None


@pytest.mark.parametrize("test", ["auto", "permutation"])
@pytest.mark.parametrize("clusters", [None, "group"])
def test_scores_that_differ_by_rounding_are_equal(test: TestName, clusters: str | None) -> None:
    scores = PairedScores(clusters=clusters)
    # Means of the same numbers, added in another order.
    scores.first, scores.second = [0.1 + 0.2, 0.3] * 20, [0.3] * 40
    scores.labels = [n // 4 for n in range(40)]
    found = from_scores(SUBJECT, scores, DecisionSettings(test=test, clusters=clusters))
    assert (found.difference.low, found.difference.high, found.test.p) == (0, 0, 1)
    assert not found.difference.is_decided
    assert found.detectable_difference is None


@pytest.mark.parametrize("test", ["auto", "permutation"])
def test_clusters_whose_differences_cancel_but_for_rounding_decide_nothing(test: TestName) -> None:
    scores = PairedScores(clusters="group")
    scores.first, scores.second = [0.1, 0.2, 0.0] * 12, [0.0, 0.0, 0.3] * 12
    scores.labels = [n // 3 for n in range(36)]
    found = from_scores(SUBJECT, scores, DecisionSettings(test=test, clusters="group"))
    assert (found.difference.value, found.difference.is_decided, found.test.p) == (0, False, 1)


def test_opposite_differences_of_two_benchmarks_cancel() -> None:
    parts = []
    for first, second in ((0.9, 0.8), (0.3, 0.4)):
        scores = PairedScores()
        scores.first, scores.second = [first] * 30, [second] * 30
        parts.append(from_scores(SUBJECT, scores, DecisionSettings()))
    found = macro_average(parts)
    assert (found.difference.value, found.difference.is_decided, found.test.p) == (0, False, 1)
    assert found.detectable_difference is None


def test_a_limit_of_zero_but_for_rounding_does_not_exclude_it() -> None:
    scores = PairedScores()
    scores.first, scores.second = [0.1, 0.2, 0.1, 1.0], [0.4, 0.9, 0.4, 0.9]
    decision = DecisionSettings(test="permutation", resamples=1000)
    found = from_scores(SUBJECT, scores, decision)
    assert (found.difference.high, found.difference.is_decided) == (0, False)


def test_clusters_are_flipped_whole() -> None:
    scores = PairedScores(clusters="group")
    scores.first, scores.second = [1.0] * 8, [0.0] * 8
    scores.labels = [n // 2 for n in range(8)]
    found = from_scores(
        SUBJECT,
        scores,
        DecisionSettings(test="permutation", clusters="group", resamples=100),
    )
    assert (found.test.p, found.test.exact_p) == (2 / 16, 2 / 16)
    assert found.test.p == statistics.sign_flip_permutation([2.0] * 4).p


def test_html_shows_texts_as_texts() -> None:
    subject = Subject(
        benchmark=HOSTILE, model_1=HOSTILE, model_2="&", evaluation_id_1="", evaluation_id_2=""
    )
    html = counted(3, 2, 1, 0, subject=subject)._repr_html_()
    tags: set[str] = set()

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.add(tag)

    Parser().feed(html)
    assert tags == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert html.index("difference") < html.index("McNemar mid-p</td>")
