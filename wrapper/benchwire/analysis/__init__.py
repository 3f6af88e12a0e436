"""Statistics of evaluations: intervals, tests and plans, in `benchwire.analysis.statistics`."""
