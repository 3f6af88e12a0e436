"""A part of a dataset: some pages of one list, which any process can fetch and write."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import attrs
import orjson
from attrs import Factory, evolve, field, frozen

from benchwire._lists.source import ListOperation
from benchwire._sync.operations.public import LIST_BENCHMARK_PROMPTS, LIST_RESULTS
from benchwire._sync.public import PublicClient
from benchwire.errors import PaginationError
from benchwire.events import Hooks
from benchwire.export.files import replacement

Kind = Literal["prompts", "results"]

PAGES = 100
"""The pages of a part: 50,000 rows, of pages of 500."""

_OPERATIONS: dict[Kind, ListOperation[Any, Any]] = {
    "prompts": LIST_BENCHMARK_PROMPTS,
    "results": LIST_RESULTS,
}


@frozen
class ListState:
    """What the first file of a list says of all of it, in its metadata.

    Attributes:
        kind: The kind of its rows.
        id: The id of the evaluation or benchmark.
        fingerprint: The digest of the evaluation or benchmark as the service listed it.
        page_size: The rows of a full page, as the service sends them.
        total: The number of rows; ``None`` until the first page states it.
        benchmark: The id of the benchmark whose folder it is in.
    """

    kind: Kind
    id: str
    fingerprint: str
    page_size: int = field(
        default=Factory(lambda self: _OPERATIONS[self.kind].largest_page_size, takes_self=True)
    )
    total: int | None = None
    benchmark: str = ""

    @property
    def parts(self) -> int:
        """The number of parts; at least one."""
        return max(1, -(-(self.total or 0) // (self.page_size * PAGES)))

    def rows_of(self, number: int) -> int:
        """Return the number of rows of a part."""
        size = self.page_size * PAGES
        return min(size, (self.total or 0) - number * size)


@frozen
class Part:
    """A unit of work. It can be pickled and holds no key.

    Attributes:
        state: The list, as far as it is known.
        number: Which part of it, from 0; the first also finds out how many there are.
        folder: The folder of the list.
        interval: Seconds that the part takes at least for each request.
        base_url: The service, for a process that has to make its own client.
    """

    state: ListState
    number: int
    folder: Path
    interval: float
    base_url: str


def part_file(folder: Path, number: int) -> Path:
    """Return the file of a part; it is there if the part is complete."""
    return folder / f"part-{number:05d}.parquet"


def load_state(path: Path) -> ListState | None:
    """Return the state in the first file of a list, or ``None`` if it can't be read."""
    from benchwire.export.parquet import load_note  # noqa: PLC0415  an extra

    try:
        return ListState(**orjson.loads(load_note(path)))
    except (OSError, ValueError, TypeError):
        return None


@cache
def _client_of(base_url: str) -> PublicClient:
    """Return this process's client; the key is that of its environment."""
    return PublicClient(base_url=base_url)


def write_part(
    part: Part, client: PublicClient | None = None, stop: threading.Event | None = None
) -> ListState:
    """Fetch the pages of a part and write its file; return what is now known of the list.

    Args:
        part: The part.
        client: The client to use; by default one with the key of this process's environment.
        stop: Ends the work before the next request.

    Raises:
        PaginationError: If a page has other rows than the total promises, or the total changed.
        APIError: If the request of a page fails.
        OSError: If the file can't be written.
        CancelledError: If it was stopped.
    """
    from benchwire.export.parquet import ParquetRows  # noqa: PLC0415  an extra

    stop = stop or threading.Event()
    pace = _Pace(part.interval, stop)
    state = part.state
    operation = _OPERATIONS[state.kind]
    get = _getter(pace.counted(client or _client_of(part.base_url)), state)
    first = part.number * PAGES + 1
    part.folder.mkdir(parents=True, exist_ok=True)
    with (
        replacement(part_file(part.folder, part.number)) as beside,
        closing(ParquetRows(beside, operation.item)) as file,
    ):
        before: Sequence[Any] = ()
        for page in range(first, first + PAGES):
            body = get(page=page, page_size=state.page_size)
            items, total = operation.items(body), operation.total(body)
            if page == 1:
                state = _known(state, len(items), total)
            _check(state, page, items, total, before)
            file.write(items)
            before = items
            pace.wait()
            if page * state.page_size >= (state.total or 0):
                break
        if part.number == 0:
            file.note(orjson.dumps(attrs.asdict(state)))
    return state


def _getter(client: PublicClient, state: ListState) -> partial[Any]:
    if state.kind == "results":
        return partial(client.evaluations.get_results, state.id)
    return partial(client.benchmarks.get_prompts, state.id)


def _known(state: ListState, rows: int, total: int | None) -> ListState:
    """Return the state after the first page, which shows whether the service caps the page size."""
    size = rows if 0 < rows < min(state.page_size, total or 0) else state.page_size
    return evolve(state, page_size=size, total=total)


def _check(
    state: ListState, page: int, items: Sequence[Any], total: int | None, before: Sequence[Any]
) -> None:
    """Check a page against the total.

    Raises:
        PaginationError: If it is not the page of this list.
    """
    offset = (page - 1) * state.page_size
    expected = min(state.page_size, max(0, (state.total or 0) - offset))
    if total is None or total != state.total:
        problem = f"page {page} states {total} rows in all, the first page stated {state.total}"
    elif len(items) != expected:
        problem = f"page {page} has {len(items)} rows of {expected}"
    elif items and len(items) == len(before) and list(items) == list(before):
        problem = f"page {page} is page {page - 1} again"
    else:
        return
    raise PaginationError(
        f"{state.kind} of {state.id}: {problem}", received=offset, expected=state.total, page=page
    )


class _Pace:
    """Makes a part take at least an interval for each attempt at a request."""

    def __init__(self, interval: float, stop: threading.Event) -> None:
        self._interval = interval
        self._stop = stop
        self._attempts = 0
        self._start = time.monotonic()

    def counted(self, client: PublicClient) -> PublicClient:
        """Return a copy of a client whose attempts count, retries included."""
        hooks = client._transport.observers.hooks or Hooks()  # noqa: SLF001  the user's stay

        def count(event: Any) -> None:
            self._attempts += 1
            if hooks.on_request:
                hooks.on_request(event)

        return client.with_options(hooks=evolve(hooks, on_request=count), on_error="raise")

    def wait(self) -> None:
        """Wait until the next request may be sent.

        Raises:
            CancelledError: If the work was stopped.
        """
        due = self._start + self._attempts * self._interval
        if self._stop.wait(max(0.0, due - time.monotonic())):
            raise CancelledError
