"""Reads benchwire's own formats: JSON lines with one answer each, and databases of the embedded server."""

# ruff: noqa: S608 - SQL text contains names of our own only

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchwire_local.data import SCHEMAS
from benchwire_local.data.database import Database
from benchwire_local.data.public_tables import ANSWER_COLUMNS, decode_input
from benchwire_local.errors import DatabaseError, ImportFailedError
from benchwire_local.results.formats import line_batch, source
from benchwire_local.results.row import FileReport, Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchwire_local.results.formats.choices import Choices

_LATEST = """
SELECT e.pk, b.key AS benchmark, m.key AS model, count(*) OVER pair AS evaluations
FROM public_evaluations e JOIN public_benchmarks b ON b.pk = e.benchmark_pk
JOIN public_models m ON m.pk = e.model_pk
WHERE e.status IN ('success', 'failure')
WINDOW pair AS (PARTITION BY e.model_pk, e.benchmark_pk) ORDER BY e.submitted_at, e.pk
"""
_ANSWER = f"SELECT prompt_pk, {', '.join(ANSWER_COLUMNS)}"
_ANSWERS = f"""
SELECT p.id, p.digest, p.input, p.input_is_json, p.truth, r.*
FROM ({_ANSWER} FROM public_results WHERE evaluation_pk = :evaluation AND answers = 1
    UNION ALL {_ANSWER} FROM public_answers WHERE evaluation_pk = :evaluation) r
JOIN public_prompts p ON p.pk = r.prompt_pk ORDER BY p.position, r.epoch
"""


def rows(path: Path, options: Choices, report: FileReport) -> Iterator[Row]:
    """Yield the answers of a file."""
    report.offer(metrics=["score"])
    if source.is_database(path):
        yield from _stored(path, options, report)
        return
    yield from line_batch.rows(path, options.model)


def _stored(path: Path, options: Choices, report: FileReport) -> Iterator[Row]:
    """Yield the answers of the latest evaluation of each model on each benchmark in a database."""
    try:
        db = Database(path, SCHEMAS)
    except DatabaseError as problem:
        raise ImportFailedError(str(path), None, str(problem)) from None
    try:
        with db.read() as connection:
            latest = {(one["benchmark"], one["model"]): one for one in connection.execute(_LATEST)}
        for (benchmark, model), one in latest.items():
            if earlier := one["evaluations"] - 1:
                report.note(f"{benchmark} of {model}: {earlier} earlier evaluations are left out")
            with db.read() as connection:
                found = connection.execute(_ANSWERS, {"evaluation": one["pk"]})
            for answer in found:
                yield Row(
                    benchmark,
                    options.model or model,
                    None if answer["id"] == answer["digest"] else answer["id"],
                    decode_input(answer["input"], answer["input_is_json"]),
                    answer["truth"],
                    answer["result"],
                    answer["score"],
                    answer["status"],
                    answer["scorer"],
                    answer["epoch"],
                    answer["cluster"],
                    json.loads(answer["metadata"] or "null"),
                    answer["duration_ms"],
                    f"{path}!{benchmark} of {model}",
                )
    finally:
        db.close()
