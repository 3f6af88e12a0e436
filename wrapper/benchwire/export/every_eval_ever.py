"""Answers as Every Eval Ever, the interchange schema."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from benchwire._sync.public import PublicClient
from benchwire.errors import BenchwireError
from benchwire.export.files import Progress, check_sync, distinct, folder_path, unfinished_folder
from benchwire.models import Evaluation

if TYPE_CHECKING:
    from benchwire_local.results.row import Row

_NANOSECONDS = 1e6  # of a millisecond


def export_every_eval_ever(
    client: PublicClient,
    folder: str | os.PathLike[str],
    evaluations: Iterable[Evaluation] | None = None,
    *,
    on_progress: Progress | None = None,
) -> int:
    """Write the answers of evaluations as Every Eval Ever 0.3, two files for each; return their number.

    The files are written beside and moved to ``data/`` in the folder at the end: all of them or nothing.
    An evaluation without answers has none, and is not counted.

    Args:
        client: The client.
        folder: The folder, created if it does not exist; it must have no ``data`` yet.
        evaluations: The evaluations; by default the latest of each model on each benchmark.
        on_progress: Called with the rows so far and the expected rows.

    Raises:
        TypeError: If the client is no sync client.
        ValueError: If the folder's path is empty.
        FileExistsError: If the folder has data already.
        BenchwireError: If a score is not from 0 to 1; or a request fails; or rows are missing.
        ImportError: If the extra ``local`` is missing.
    """
    check_sync(client, PublicClient, "benchwire.PublicClient()")
    import_module("benchwire.local")  # says which extra is missing
    from benchwire_local.results.formats import every_eval_ever as schema  # noqa: PLC0415

    place = folder_path(folder)
    if (place / "data").exists():
        raise FileExistsError(f"{str(place / 'data')!r} is there already")
    if evaluations is None:
        evaluations = client.evaluations.iter_evaluations(status="success", unique=True)
    found = distinct(evaluations, Evaluation)
    benchmarks = client.benchmarks.iter_benchmarks(include_deprecated=True)
    keys = {one.id: one.key for one in benchmarks}
    expected = sum(one.total_prompt_count or 0 for one in found)
    place.mkdir(parents=True, exist_ok=True)
    done = count = 0
    with unfinished_folder(place) as beside:
        for one in found:
            key = keys.get(one.benchmark_id, one.benchmark_id)
            written = schema.write(_rows(client, one, key), beside)
            count += len(written)
            done += one.total_prompt_count or 0 if written else 0
            if on_progress:
                on_progress(done, expected)
        if count:
            (beside / "data").replace(place / "data")
    return count


def _rows(client: PublicClient, evaluation: Evaluation, benchmark: str) -> Iterator[Row]:
    from benchwire_local.results.row import Row  # noqa: PLC0415  an extra

    epochs: Counter[str] = Counter()
    for result in client.evaluations.iter_results(evaluation.id):
        if result.score is not None and not 0 <= result.score <= 1:
            raise BenchwireError(
                f"evaluation {evaluation.id}: the score {result.score} is not from 0 to 1"
            )
        row = Row(
            benchmark=benchmark,
            model=evaluation.model_key or evaluation.model_id,
            prompt_id=None,
            input=result.prompt or "",
            truth=result.truth or "",
            result=result.result,
            score=result.score,
            status="unscored" if result.score is None else "scored",
            duration_ms=result.duration / _NANOSECONDS if result.duration else None,
        )
        digest = row.digest
        epochs[digest] += 1
        yield row._replace(epoch=epochs[digest])
