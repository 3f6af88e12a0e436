"""Reads benchwire's own format: JSON lines with one answer each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_local.errors import ImportFailedError
from benchwire_local.results.formats import source
from benchwire_local.results.formats.row import FileReport, Row
from benchwire_local.results.line import LineError, parse_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchwire_local.results.formats.choices import Choices


def rows(path: Path, options: Choices, report: FileReport) -> Iterator[Row]:
    """Yield the answers of a file."""
    report.offer(metrics=["score"])
    name = str(path)
    for number, line in source.lines(path):
        try:
            answer = parse_line(line)
        except LineError as problem:  # not by a context manager, which takes a tenth of the time
            raise ImportFailedError(name, number, str(problem)) from None
        if answer is not None:
            yield Row(
                benchmark=answer.benchmark,
                model=options.model or answer.model,
                prompt_id=answer.prompt_id,
                input=answer.input,
                truth=answer.truth,
                result=answer.result,
                score=answer.score,
                duration_ms=answer.duration_ms,
                source=name,
                line=number,
            )
