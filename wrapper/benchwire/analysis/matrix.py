"""Several models on the same items: every pair, ranks with intervals, and tiers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Literal

from . import statistics
from ._words import amount, html_table, level_text, percentage, probability_text, signed
from .comparison import ComparisonStatistics, Estimate

Adjustment = Literal["holm", "bh", "none"]
ADJUSTMENTS: dict[Adjustment, str] = {
    "holm": "Holm",
    "bh": "Benjamini-Hochberg",
    "none": "no adjustment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedModel:
    """A model among others.

    Attributes:
        model: The model.
        n: How many of its answers have a score, of those that count: the reference answered the item, too,
            or, of the reference, another model.
        unscored: How many of its answers have none.
        accuracy: Its share of right answers, or mean score, with its interval; of several benchmarks
            the mean of those on each.
        rank: Its rank by accuracy, 1 the best, with the interval of ranks when the items are resampled.
        tier: The number of its tier, from 1.
        by_benchmark: Its accuracy on each benchmark.
    """

    model: str
    n: int
    unscored: int
    accuracy: Estimate
    rank: Estimate
    tier: int
    by_benchmark: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixPair:
    """Two of the models.

    Attributes:
        statistics: Their comparison; differences are first minus second.
        adjusted_p: The p-value, adjusted for all pairs.
        is_separated: Whether the adjusted p-value is below 1 - level.
    """

    statistics: ComparisonStatistics
    adjusted_p: float
    is_separated: bool

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        whole = self.statistics.to_dict()
        names = ("model_1", "model_2", "n_paired", "unscored", "table", "difference")
        return {
            **{name: whole[name] for name in names},
            "test": {**whole["test"], "adjusted_p": self.adjusted_p},
            "detectable_difference": whole["detectable_difference"],
            "separated": self.is_separated,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixStatistics:
    """Several models on the same items; of several benchmarks each counts equally.

    Attributes:
        benchmarks: The benchmarks.
        models: The models, the best first.
        pairs: Every pair of models, the better one first.
        adjust: How p-values are adjusted for all pairs: ``holm``, ``bh`` or ``none``.
        level: The confidence level; the interval of each difference is not adjusted.
        baseline: The model that `summary` compares with the others.
        reference: The model that the others' answers were paired with: only items that it answered
            count.
        any_difference: Cochran's test of whether any model differs, of right or wrong answers of three
            or more models to items that all answered, of each benchmark, without clusters; else
            ``None``. Of several benchmarks, each counts equally.
        scores: ``binary`` or ``graded``, as in `ComparisonStatistics`.
        seed: The seed of resampling.
        resamples: How many resamples the intervals of ranks are from.
        warnings: What to know before relying on it, in sentences.
    """

    benchmarks: tuple[str, ...]
    models: tuple[RankedModel, ...]
    pairs: tuple[MatrixPair, ...]
    adjust: Adjustment
    level: float
    baseline: str | None
    reference: str
    any_difference: statistics.CochranQ | None
    scores: Literal["binary", "graded"]
    seed: int
    resamples: int
    warnings: tuple[str, ...] = ()

    @property
    def tiers(self) -> tuple[tuple[str, ...], ...]:
        """The models of each tier, the best first.

        A model starts a tier where it is separated from the first model of the one above. Models of one
        tier are not equal; these items do not separate them from the tier's first.
        """
        last = self.models[-1].tier
        return tuple(
            tuple(one.model for one in self.models if one.tier == tier)
            for tier in range(1, last + 1)
        )

    def pair(self, model_1: str, model_2: str) -> MatrixPair:
        """Return the pair of two models, whichever is the better one.

        Raises:
            KeyError: If there is no such pair.
        """
        for pair in self.pairs:
            if {pair.statistics.model_1, pair.statistics.model_2} == {model_1, model_2}:
                return pair
        raise KeyError((model_1, model_2))

    def against_baseline(self) -> Iterator[tuple[str, MatrixPair]]:
        """Yield the other models, the best first, each with its pair with the baseline."""
        for one in self.models:
            if self.baseline is not None and one.model != self.baseline:
                yield one.model, self.pair(one.model, self.baseline)

    def summary(self) -> str:
        """Return the result in one plain sentence."""
        tiers = self.tiers
        fall = f"fall into {len(tiers)} tiers" if len(tiers) > 1 else "are not separated"
        text = (
            f"{len(self.models)} models on {' + '.join(self.benchmarks)}{self._weights()} {fall} at"
            f" {level_text(self.level)} ({self.adjustment_text()}; seed {self.seed}):"
            f" {' > '.join(', '.join(tier) for tier in tiers)}"
        )
        if self.baseline is not None:
            found: dict[str, list[str]] = {}
            for model, pair in self.against_baseline():
                word = "not decided"
                if pair.is_separated:
                    is_better = (pair.statistics.model_1 == model) == (
                        pair.statistics.difference.value > 0
                    )
                    word = "better" if is_better else "worse"
                found.setdefault(word, []).append(model)
            lists = "; ".join(f"{word}: {', '.join(models)}" for word, models in found.items())
            text += f"; against {self.baseline}: {lists}"
        return text + "."

    def _weights(self) -> str:
        return ", each weighted equally," if len(self.benchmarks) > 1 else ""

    def adjustment_text(self) -> str:
        """Return how p-values are adjusted, and for how many pairs."""
        number = len(self.pairs)
        pairs = f"{number} pair{'' if number == 1 else 's'}"
        return f"{ADJUSTMENTS[self.adjust]} {'for' if self.adjust == 'none' else 'over'} {pairs}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-like values: the object that ``matrix --format json`` prints."""
        return {
            "benchmarks": list(self.benchmarks),
            "models": [asdict(one) for one in self.models],
            "pairs": [pair.to_dict() for pair in self.pairs],
            "tiers": [list(tier) for tier in self.tiers],
            "adjust": self.adjust,
            "level": self.level,
            "baseline": self.baseline,
            "reference": self.reference,
            "any_difference": None if self.any_difference is None else asdict(self.any_difference),
            "seed": self.seed,
            "resamples": self.resamples,
            "warnings": list(self.warnings),
            "summary": self.summary(),
        }

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.summary()!r:.160})"

    def tables(self) -> list[tuple[list[str], list[list[str]]]]:
        """Return the models and the pairs as tables to read: a head and lines each."""
        unit = self.pairs[0].statistics.unit
        places = self.benchmarks if len(self.benchmarks) > 1 else ()
        models = [
            [
                str(one.tier),
                one.model,
                percentage(one.accuracy.value, unit),
                f"{amount(one.accuracy.low, unit)} to {amount(one.accuracy.high, unit)}",
                f"{one.rank.value} ({one.rank.low} to {one.rank.high})",
                f"{one.n:,}",
                *(percentage(one.by_benchmark[place], unit) for place in places),
            ]
            for one in self.models
        ]
        pairs = [
            [
                of.model_1,
                of.model_2,
                signed(of.difference.value, unit),
                f"{signed(of.difference.low, unit)} to {signed(of.difference.high, unit)}",
                probability_text(pair.adjusted_p),
                "yes" if pair.is_separated else "not decided",
                f"{of.n_paired:,}",
            ]
            for pair in self.pairs
            for of in (pair.statistics,)
        ]
        head = ["tier", "model", "accuracy", "interval", "rank", "items", *places]
        gaps = ["1", "2", "1 minus 2", "interval", "adjusted p", "separated", "items"]
        return [(head, models), (gaps, pairs)]

    def _repr_html_(self) -> str:
        models, pairs = self.tables()
        notes = "".join(f"<p>{escape(text)}</p>" for text in self.warnings)
        return html_table(self.summary(), *models) + html_table("Pairs", *pairs) + notes
