"""``--fail-if``: whether a comparison passes a gate of continuous integration."""

from __future__ import annotations

from dataclasses import dataclass

import typer

from benchwire.analysis import ComparisonStatistics


@dataclass(frozen=True)
class Gate:
    """A condition under which the command fails, judged by a bound of the interval.

    Attributes:
        name: The condition as the user wrote it.
        margin: The difference in percentage points that the bound is compared with, 0 or less.
        needs_better: Whether the first model must be shown to be better.
    """

    name: str
    margin: float = 0.0
    needs_better: bool = False

    @classmethod
    def parse(cls, text: str) -> Gate:
        """Parse ``worse``, ``worse-by=PP`` or ``not-better``.

        Raises:
            typer.BadParameter: If it is none of them.
        """
        name, _, number = text.partition("=")
        if text in ("worse", "not-better"):
            return cls(text, needs_better=text == "not-better")
        try:
            margin = float(number)
        except ValueError:
            margin = -1.0
        if name != "worse-by" or not 0 < margin <= 100:
            raise typer.BadParameter(
                f"{text!r} is not worse, worse-by=PP (percentage points, above 0) or not-better",
                param_hint="--fail-if",
            )
        return cls(text, margin=-margin)

    def judge(self, result: ComparisonStatistics) -> tuple[bool, str]:
        """Return whether the gate is passed, and the sentence that says why, from the same number."""
        gap = result.difference
        scale = 100 if result.unit == "points" else 1
        if self.margin and result.unit != "points":
            raise typer.BadParameter(
                "worse-by needs scores from 0 to 1: these have no percentage points",
                param_hint="--fail-if",
            )
        bound = (gap.low if self.needs_better else gap.high) * scale
        passed = bound > self.margin if self.needs_better else bound >= self.margin
        which = "lower" if self.needs_better else "upper"
        relation = ("above" if passed else "not above") if self.needs_better else (
            "not below" if passed else "below"
        )  # fmt: skip
        return passed, (
            f"gate {self.name}: {'passed' if passed else 'failed'}: the {which} limit of the"
            f" difference, {bound:+.2f}, is {relation} {self.margin:g}"
        )
