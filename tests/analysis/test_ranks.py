"""Ranks and their intervals, held against resampling item by item."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchwire.analysis.joint import MatrixSettings, ReferenceComparisons, decide_matrix
from benchwire.analysis.pairs import DecisionSettings
from benchwire.models import ComparisonResponse, Evaluation
from support import wire

RESAMPLES = 100
BINARY = st.sampled_from([0.0, 1.0])
GRADED = st.integers(-8, 8).map(lambda n: n / 4)
Items = list[tuple[int, list[float | None]]]


def items_of(scores: st.SearchStrategy[float]) -> st.SearchStrategy[Items]:
    """Three items that everybody answered, so that every pair has some, and others with gaps."""
    whole = st.lists(scores, min_size=3, max_size=3)
    gaps = st.lists(st.none() | scores, min_size=3, max_size=3)
    items = st.tuples(st.lists(whole, min_size=3, max_size=3), st.lists(gaps, max_size=20))
    labels = st.lists(st.integers(0, 4), min_size=23, max_size=23)
    # Three clusters at least.
    return st.tuples(items, labels).map(
        lambda both: list(zip([5, 6, 7, *both[1]], [*both[0][0], *both[0][1]], strict=False))
    )


def decide(items: Items, decision: DecisionSettings) -> Any:
    evaluations = [
        Evaluation.from_dict(wire.evaluation(n, model_id=f"m{n}", model_key=f"m{n}"))
        for n in range(3)
    ]
    compared = ReferenceComparisons(evaluations, decision)
    for other, (_, _, add) in enumerate(compared.wanted(), 1):
        rows = [
            wire.comparison_row(n, score1=scores[0], score2=scores[other], group=label)
            for n, (label, scores) in enumerate(items)
        ]
        add(ComparisonResponse.from_dict(wire.comparison(rows, len(rows))))
    return decide_matrix([compared], MatrixSettings(["b"], ["x", "y", "z"], None, decision, "none"))


def ranks(units: list[Items], lowest: float) -> list[int]:
    means = []
    for model in range(3):
        known = [s for unit in units for _, scores in unit if (s := scores[model]) is not None]
        means.append(sum(known) / len(known) if known else lowest)
    return [1 + sum(other > mean for other in means) for mean in means]


@given(
    items=items_of(BINARY) | items_of(GRADED),
    clusters=st.sampled_from([None, "group"]),
    seed=st.integers(0, 9),
)
@example(
    items=[(n, [0.0] * 3) for n in range(3)]
    + [(3, [None, None, score]) for score in (None, None, 0.0)],
    clusters=None,
    seed=2,
)
@settings(max_examples=20)
def test_ranks_are_those_of_resampled_items(items: Items, clusters: str | None, seed: int) -> None:
    groups: dict[object, Items] = {}
    for place, item in enumerate(items):
        groups.setdefault(place if clusters is None else item[0], []).append(item)
    units = list(groups.values())
    generator = random.Random(seed)
    # A resample may hold no score of a model.
    lowest = min(score for _, scores in items for score in scores if score is not None)
    drawn = [ranks(generator.choices(units, k=len(units)), lowest) for _ in range(RESAMPLES)]
    observed = ranks(units, lowest)

    decision = DecisionSettings(test="t", clusters=clusters, seed=seed, resamples=RESAMPLES)
    found = {one.model: one.rank for one in decide(items, decision).models}

    for model in range(3):
        each = sorted(one[model] for one in drawn)
        rank = found[f"m{model}"]
        assert (rank.value, rank.low, rank.high) == (observed[model], each[2], each[-3])


def test_a_p_value_that_is_the_limit_separates_nothing() -> None:
    scores: list[list[float | None]] = [[1.0, 0.0, 0.0]] * 39 + [[0.0, 1.0, 0.0]] * 23
    decision = DecisionSettings(test="permutation", seed=1, resamples=999)
    pair = decide([(n, each) for n, each in enumerate(scores)], decision).pair("m0", "m1")
    assert (pair.adjusted_p, pair.is_separated) == (0.05, False)
