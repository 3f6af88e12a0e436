"""The option ``--report`` of ``compare`` and ``matrix``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from benchwire.analysis import ComparisonStatistics, MatrixStatistics, report
from benchwire.cli.exits import FAILED, CommandError
from benchwire.cli.output import note
from benchwire.models import ComparisonResult

ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE.html",
        help="Also write the result as one HTML file that loads nothing (needs the extra report).",
    ),
]


def write_report(
    result: ComparisonStatistics | MatrixStatistics,
    path: Path,
    items: Iterable[ComparisonResult] = (),
) -> None:
    """Write a report, replacing a file that is there, and say so on standard error.

    Raises:
        CommandError: If it can't be written, or Jinja2 is not installed.
    """
    try:
        report(result, path, items=items)
    except (ImportError, OSError) as problem:
        raise CommandError(f"the report was not written: {problem}", FAILED) from None
    note(f"report: {path}")
