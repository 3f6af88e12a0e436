"""A dataset: a folder of Parquet files by partition, which an interrupted export goes on with."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attrs import define, field, frozen

from benchwire._frames.columns import record
from benchwire._sync.public import PublicClient
from benchwire.errors import (
    AuthenticationError,
    BenchwireError,
    ConfigurationError,
    PaginationError,
)
from benchwire.export.files import (
    Progress,
    check_sync,
    distinct,
    folder_path,
    remove_unfinished,
)
from benchwire.export.parts import (
    Kind,
    ListState,
    Part,
    load_state,
    part_file,
    write_part,
)
from benchwire.models import Evaluation, PublicBenchmarkDetail

_States = dict[str, tuple[Path, ListState]]
_LONGEST = 200  # characters of a name of a folder; file systems take 255 bytes


@frozen
class ExportSummary:
    """What an export of a dataset did.

    Attributes:
        rows: The rows of the lists that are complete, those written earlier included.
        written: The lists completed by this export.
        kept: The lists that were complete already; nothing was requested for them.
        changed: The ids of lists that the service changed since they were written: removed, and
            written anew.
        failed: The error of each list that is incomplete, by its id.
    """

    rows: int
    written: int
    kept: int
    changed: tuple[str, ...]
    failed: dict[str, BenchwireError]


def export_results(
    client: PublicClient,
    folder: str | os.PathLike[str],
    evaluations: Iterable[Evaluation] | None = None,
    *,
    executor: Executor | None = None,
    workers: int = 4,
    rate: float | None = None,
    on_progress: Progress | None = None,
) -> ExportSummary:
    """Write the answers of evaluations as a dataset: ``benchmark=…/evaluation=…/part-….parquet``.

    A file is written beside its place and renamed when it has the rows that the evaluation's total
    promises. Called again, it goes on: what is there is not fetched again, and an evaluation that the
    service lists with other values than before is fetched anew. One export writes a folder at a time.

    Args:
        client: The client that lists the evaluations and, without an executor, fetches them.
        folder: The folder, created if it does not exist.
        evaluations: The evaluations; by default all that ended with success.
        executor: Runs the work elsewhere, in processes or on other machines that see the same
            folder. Each makes its own client of the same service with the key of its environment.
        workers: The parts being fetched at a time, each with one request at a time.
        rate: The most requests a second, retries included, of all workers together.
        on_progress: Called with the rows so far and the expected rows.

    Returns:
        What was done. An evaluation that fails is in its ``failed``; the others are complete.

    Raises:
        TypeError: If the client is no sync client.
        ValueError: If an argument is out of range, the folder's path is empty, or it has a dataset of
            another kind.
        ConfigurationError: If there is no key.
        AuthenticationError: If the key is refused.
        OSError: If a file can't be written.
        ImportError: If the extra ``data`` is missing.
    """
    check_sync(client, PublicClient, "benchwire.PublicClient()")
    place = folder_path(folder).resolve()
    if evaluations is None:
        evaluations = client.evaluations.iter_evaluations(status="success")
    found = distinct(evaluations, Evaluation)
    states = _states(place, "results")
    named = {one.benchmark_id: one.benchmark_name for one in found}
    benchmarks = _folders("benchmark", named, states)
    folders = _folders("evaluation", {one.id: None for one in found}, {})
    lists = [
        _List(
            ListState("results", one.id, _fingerprint(one), benchmark=one.benchmark_id),
            Path(benchmarks[one.benchmark_id], folders[one.id]),
            one.total_prompt_count or 0,
        )
        for one in found
    ]
    work = _Work(client, executor, workers, rate, on_progress)
    return _export(place, states, lists, work)


def export_prompts(
    client: PublicClient,
    folder: str | os.PathLike[str],
    benchmarks: Iterable[PublicBenchmarkDetail] | None = None,
    *,
    executor: Executor | None = None,
    workers: int = 4,
    rate: float | None = None,
    on_progress: Progress | None = None,
) -> ExportSummary:
    """Write the prompts of benchmarks as a dataset: ``benchmark=…/part-….parquet``.

    As `export_results`, of benchmarks: by default of all that are not deprecated.
    """
    check_sync(client, PublicClient, "benchwire.PublicClient()")
    place = folder_path(folder).resolve()
    if benchmarks is None:
        benchmarks = client.benchmarks.iter_benchmarks()
    found = distinct(benchmarks, PublicBenchmarkDetail)
    states = _states(place, "prompts")
    folders = _folders("benchmark", {one.id: one.name for one in found}, states)
    lists = [
        _List(
            ListState("prompts", one.id, _fingerprint(one), benchmark=one.id),
            Path(folders[one.id]),
            one.prompt_count or 0,
        )
        for one in found
    ]
    work = _Work(client, executor, workers, rate, on_progress)
    return _export(place, states, lists, work)


@define
class _List:
    """One list of the dataset, and how far it is."""

    state: ListState
    folder: Path
    expected: int
    missing: set[int] = field(factory=set)


def _fingerprint(item: Any) -> str:
    text = json.dumps(record(item), sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _folders(column: str, named: dict[str, str | None], states: _States) -> dict[str, str]:
    """Return a folder for each id: of its name, else of the id.

    Where several have the same name, but for upper case, or an earlier export has given the folder to
    another, the folder has the id, too, and keeps it; where they still have the same, a digest of the
    id. Names that differ in case alone are one folder on Windows and macOS.
    """
    parts = {(part, one.benchmark) for at, one in states.values() for part in at.parts[-2:]}
    taken = {part.casefold() for part, owner in parts if owner not in named}
    folders = {key: _partition(column, name or key) for key, name in named.items()}
    clashing = _clashing(folders, taken)
    for key, name in named.items():
        with_id = _partition(column, f"{name} ({key})")
        if name and (key in clashing or (with_id, key) in parts):
            folders[key] = with_id
    for key in _clashing(folders, taken):
        digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]
        folders[key] = _partition(column, f"{named[key] or key} ({digest})")
    return folders


def _clashing(folders: dict[str, str], taken: set[str]) -> list[str]:
    counts = Counter([*map(str.casefold, folders.values()), *taken])
    return [key for key, folder in folders.items() if counts[folder.casefold()] > 1]


def _partition(column: str, value: str) -> str:
    """Return the folder of a value, escaped as Hive's readers expect it."""
    text = quote(value.encode("utf-8", "replace"), safe=" ()")
    if len(text) > _LONGEST:
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        while len(text) > _LONGEST - 17:
            value = value[:-1]
            text = quote(value.encode("utf-8", "replace"), safe=" ()")
        text += f"-{digest}"
    if text.endswith((".", " ")):  # Windows would drop it
        text = f"{text[:-1]}%{ord(text[-1]):02X}"
    return f"{column}={text}"


@frozen
class _Work:
    """How the parts are fetched."""

    client: PublicClient
    executor: Executor | None
    workers: int = field()
    rate: float | None = field()
    on_progress: Progress | None

    def __attrs_post_init__(self) -> None:
        if self.workers < 1 or (self.rate is not None and not 0 < self.rate < float("inf")):
            raise ValueError("workers and rate must be positive")

    @contextmanager
    def submitter(self) -> Iterator[Callable[[Part], Future[ListState]]]:
        """Yield what submits a part: to the executor, or to threads that end with the block."""
        if self.executor is not None:
            executor = self.executor
            yield lambda part: executor.submit(write_part, part)
            return
        stop = threading.Event()
        with ThreadPoolExecutor(self.workers, thread_name_prefix="benchwire-export") as threads:
            try:
                # They have the caller's context, as the threads that fetch pages do.
                yield lambda part: threads.submit(
                    copy_context().run, write_part, part, self.client, stop
                )
            finally:
                stop.set()


def _export(root: Path, states: _States, lists: list[_List], work: _Work) -> ExportSummary:
    root.mkdir(parents=True, exist_ok=True)
    for one in lists:
        one.folder = root / one.folder
    changed = tuple(_continue(states, lists))
    run = _PartQueue(lists, work)
    failed = run.run()
    complete = [one for one in lists if one.state.id not in failed]
    for one in complete:
        remove_unfinished(one.folder)  # of processes that were killed
    return ExportSummary(
        sum(one.state.total or 0 for one in complete),
        len(complete) - run.kept,
        run.kept,
        changed,
        failed,
    )


def _states(root: Path, kind: Kind) -> _States:
    """Return the lists that are in a folder, by their ids, each with its own folder.

    Raises:
        ValueError: If it has rows of another kind.
    """
    found = {
        state.id: (path.parent, state)
        for path in sorted(root.rglob(part_file(root, 0).name))
        if (state := load_state(path))
    }
    for folder, state in found.values():
        if state.kind != kind:
            raise ValueError(f"{str(folder)!r} has {state.kind}, not {kind}: name another folder")
    return found


def _continue(found: _States, lists: list[_List]) -> Iterator[str]:
    """Find the missing parts of each list; remove what is out of date, and yield the ids of that."""
    for one in lists:
        folder, state = found.get(one.state.id, (one.folder, one.state))
        remove_unfinished(folder)
        if (folder, state.fingerprint) != (one.folder, one.state.fingerprint):
            yield one.state.id
        elif state.total is not None:
            one.state, one.expected = state, state.total
            one.missing = {n for n in range(state.parts) if not part_file(folder, n).exists()}
            continue
        _remove(folder)
        one.missing = {0}


def _remove(folder: Path) -> None:
    # The first one first: it counts for the rest.
    for path in sorted(folder.glob("part-*.parquet")):
        path.unlink()


class _PartQueue:
    """The parts that are still to be written, of which a few are being written at a time."""

    def __init__(self, lists: list[_List], work: _Work) -> None:
        self.kept = sum(not one.missing for one in lists)
        self._lists = {one.state.id: one for one in lists}
        self._work = work
        self._failed: dict[str, BenchwireError] = {}
        self._queue = deque(part for one in lists for part in self._parts(one, one.missing))
        self._rows = sum(
            one.state.rows_of(number)
            for one in lists
            if one.state.total
            for number in set(range(one.state.parts)) - one.missing
        )

    def _parts(self, one: _List, numbers: Iterable[int]) -> list[Part]:
        work = self._work
        interval = work.workers / work.rate if work.rate else 0.0
        base_url = work.client.base_url
        return [
            Part(one.state, number, one.folder, interval, base_url) for number in sorted(numbers)
        ]

    def run(self) -> dict[str, BenchwireError]:
        """Write the parts; return the error of each list that is incomplete."""
        running: dict[Future[ListState], Part] = {}
        with self._work.submitter() as submit:
            try:
                while self._queue or running:
                    self._start(submit, running)
                    self._report()
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        self._finish(running.pop(future), future)
            finally:
                for future in running:
                    future.cancel()
        self._report()
        return self._failed

    def _start(
        self,
        submit: Callable[[Part], Future[ListState]],
        running: dict[Future[ListState], Part],
    ) -> None:
        while self._queue and len(running) < self._work.workers:
            part = self._queue.popleft()
            if part.state.id not in self._failed:
                running[submit(part)] = part

    def _report(self) -> None:
        if self._work.on_progress:
            expected = sum(one.expected for one in self._lists.values())
            self._work.on_progress(self._rows, expected)

    def _finish(self, part: Part, future: Future[ListState]) -> None:
        one = self._lists[part.state.id]
        try:
            state = future.result()
        except (ConfigurationError, AuthenticationError):
            raise  # of every other list, too
        except BenchwireError as error:
            self._failed[part.state.id] = error
            if isinstance(error, PaginationError):
                # The list changed while it was read: begin it anew the next time.
                _remove(part.folder)
            return
        self._rows += state.rows_of(part.number)
        if part.number == 0:
            one.state, one.expected = state, state.total or 0
            rest = set(range(1, state.parts))
            self._queue.extendleft(reversed(self._parts(one, rest)))
