"""From answers to a decision: what two or more models' answers to the same items prove.

`benchwire.analysis.statistics` has the intervals, tests and plans, pure functions over numbers.
`client.comparisons.statistics` returns a `ComparisonStatistics`.
"""

from .comparison import (
    ComparisonStatistics,
    Difference,
    Estimate,
    PairedTable,
    SignificanceTest,
    StandardErrors,
)

__all__ = [
    "ComparisonStatistics",
    "Difference",
    "Estimate",
    "PairedTable",
    "SignificanceTest",
    "StandardErrors",
]
