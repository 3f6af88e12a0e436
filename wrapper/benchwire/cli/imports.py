"""``benchwire import``: answers in logs of evaluation tools, into a database of the embedded server."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from benchwire.cli.exits import CommandError
from benchwire.cli.output import Format, FormatOption, note, print_records
from benchwire.cli.session import DEFAULT_DATABASE

_TALLIES = ("rows", "scored", "unscored", "errors", "mean")
_COLUMNS = ("benchmark", "model", "correct", "answers", "unscored", "errors", "evaluation_id")
_SURVEY = ("format", "version", "benchmark", "model", "filters", "metrics", *_TALLIES)


def import_logs(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Logs: files, folders or patterns; packed with gzip or zstd or not.",
            metavar="PATH…",
        ),
    ],
    *,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            help="auto, benchwire, lm-eval, inspect, every-eval-ever, helm, promptfoo or"
            " openai-evals; auto recognises each file by its content.",
        ),
    ] = "auto",
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="The metric to take as score; repeatable, for tasks with different ones."
        ),
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", help="The filter of lm-evaluation-harness; repeatable."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The model's key, instead of the one in the files.")
    ] = None,
    db: Annotated[
        Path, typer.Option(help="The database file to import into.", dir_okay=False)
    ] = DEFAULT_DATABASE,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show what the files are recognised as; import nothing."),
    ] = False,
    form: FormatOption = Format.AUTO,
) -> None:
    """Import the answers in logs of evaluation tools; all of them or nothing."""
    embedded = import_module("benchwire.local")
    options: dict[str, Any] = {
        "format": source, "metric": metric or (), "filter": filters or (), "model": model,
    }  # fmt: skip
    try:
        if dry_run:
            _survey(embedded.read_results(paths, survey=True, **options), form)
            return
        results = embedded.read_results(paths, **options)
        done = embedded.import_results(results, db)
    except (embedded.ImportFailedError, embedded.LocalServerError) as problem:
        raise CommandError(str(problem)) from None
    _print_notes(results)
    rows = [
        {
            "benchmark": one.benchmark_key, "model": one.model_key, "correct": one.correct,
            "answers": one.total, "unscored": one.unscored, "errors": one.errors,
            "averaged": one.averaged, "evaluation_id": one.id,
        }
        for one in done.evaluations
    ]  # fmt: skip
    print_records(rows, _COLUMNS, form)
    if done.averaged:
        note(f"{done.averaged} prompts have the mean score of several answers")
    if done.unscored or done.errors:
        note(
            f"{done.unscored} answers without a score and {done.errors} failed samples are in no"
            " accuracy"
        )
    note(f"{done.answers} answers imported. Serve them: benchwire local serve --db {db}")


def _survey(results: Any, form: Format) -> None:
    for _ in results:
        pass
    rows = [
        {
            "format": report.format, "version": report.version, "benchmark": benchmark,
            "model": model, "filters": ", ".join(report.filters),
            "metrics": ", ".join(report.metrics), "source": report.source.encode(errors="backslashreplace").decode(),
            **{name: getattr(tally, name) for name in _TALLIES},
        }
        for report in results.reports
        for (benchmark, model), tally in report.evaluations.items()
    ]  # fmt: skip
    print_records(rows, _SURVEY, form)
    _print_notes(results)
    if not rows:
        raise CommandError("there are no answers in the files")


def _print_notes(results: Any) -> None:
    for report in results.reports:
        for text in report.notes:
            note(f"{report.source}: {text}")
    for text in results.notes:
        note(text)
