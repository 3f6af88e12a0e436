"""From answers to a decision: what two or more models' answers to the same items prove.

`benchwire.analysis.statistics` has the intervals, tests and plans, pure functions over numbers.
`client.comparisons.statistics` returns a `ComparisonStatistics`, `client.comparisons.matrix` a
`MatrixStatistics`; `report` writes either as one HTML file.
"""

from .comparison import (
    ComparisonStatistics,
    Difference,
    Estimate,
    PairedTable,
    SignificanceTest,
    StandardErrors,
)
from .matrix import MatrixPair, MatrixStatistics, RankedModel
from .reports import report

__all__ = [
    "ComparisonStatistics",
    "Difference",
    "Estimate",
    "MatrixPair",
    "MatrixStatistics",
    "PairedTable",
    "RankedModel",
    "SignificanceTest",
    "StandardErrors",
    "report",
]
