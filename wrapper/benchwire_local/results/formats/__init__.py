"""Reading of results in the formats of evaluation tools, as rows of one kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchwire_local.errors import ImportFailedError, NoAnswersError
from benchwire_local.results.formats import (
    benchwire,
    detection,
    every_eval_ever,
    helm,
    inspect_logs,
    lm_eval,
    openai_evals,
    promptfoo,
)
from benchwire_local.results.formats.choices import Choices
from benchwire_local.results.formats.detection import FORMATS, FormatName
from benchwire_local.results.row import FileReport, Row, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

__all__ = ["FORMATS", "Choices", "FileReport", "ImportFailedError", "Results", "Row", "Tally"]

_READERS: dict[str, Callable[[Path, Choices, FileReport], Iterator[Row]]] = {
    detection.BENCHWIRE: benchwire.rows,
    detection.LM_EVAL: lm_eval.rows,
    detection.INSPECT: inspect_logs.rows,
    detection.EVERY_EVAL_EVER: every_eval_ever.rows,
    detection.HELM: helm.rows,
    detection.PROMPTFOO: promptfoo.rows,
    detection.OPENAI_EVALS: openai_evals.rows,
}


class _Reading(Iterator[Row]):
    """An iteration which, continued after an error, raises one and does not look as if it had ended."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._problem = ""

    def __next__(self) -> Row:
        if self._problem:
            raise RuntimeError(f"the files were not read to their end: {self._problem}")
        try:
            return next(self._rows)
        except StopIteration:
            raise
        except BaseException as problem:
            self._problem = str(problem) or type(problem).__name__
            raise


class Results:
    """The answers in files of results; each iteration reads the files anew, in bounded memory.

    Args:
        paths: Files, folders and patterns as in a shell; packed with gzip or zstd or not.
        format: One of ``FORMATS``, or ``auto`` to recognise each file by its content.
        options: What to take of several metrics and filters.

    Attributes:
        reports: What each file was recognised as, with the counts of the rows read so far.
        notes: What was left out of folders, and why; with ``survey``, also what can't be read.
    """

    def __init__(
        self,
        paths: Iterable[str | Path],
        format: FormatName = "auto",  # noqa: A002  the word of the command
        options: Choices | None = None,
    ) -> None:
        if format not in ("auto", *FORMATS):
            raise ValueError(f"format must be auto or one of {', '.join(FORMATS)}, not {format!r}")
        self._paths = list(paths)
        self._format = None if format == "auto" else format
        self._options = options or Choices()
        self.reports: list[FileReport] = []
        self.notes: list[str] = []

    def __iter__(self) -> Iterator[Row]:
        """Yield the answers.

        Raises:
            ImportFailedError: A file can't be read; the message has file, line or member, and field.
        """
        return _Reading(self._read())

    def _read(self) -> Iterator[Row]:
        survey, model = self._options.survey, self._options.model
        self.reports = []
        found, self.notes = detection.units(
            self._paths, self._format, (lambda _: model) if model else lm_eval.model_of, survey
        )
        for unit in found:
            report = FileReport(str(unit.path), unit.format)
            self.reports.append(report)
            try:
                for row in _READERS[unit.format](unit.path, self._options, report):
                    report.count(row)
                    yield row
                if not report.evaluations:
                    raise NoAnswersError(str(unit.path), None, "there are no answers in it")
            except ImportFailedError as problem:
                # A folder may well have logs without answers; one that was named has to have some.
                if not survey and (unit.named or not isinstance(problem, NoAnswersError)):
                    raise
                report.note(f"can't be imported: {problem}")
            report.check_own_figures()
        if not found and not self.notes:
            raise ImportFailedError(str(self._paths[0]) if self._paths else "", None, "no files")
