"""The embedded server: the three APIs on this machine, with sample or your own data.

::

    import benchwire

    with benchwire.local.serve() as server, server.public_client() as client:
        print(client.models.get().total_count)

Needs the extra ``local``: ``pip install "benchwire[local]"``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, Unpack

from benchwire._async.base import AsyncClientOptions
from benchwire._async.combined import AsyncBenchwire
from benchwire._async.public import AsyncPublicClient
from benchwire._async.v0 import AsyncV0Client
from benchwire._async.v2 import AsyncV2Client
from benchwire._sync.base import ClientOptions
from benchwire._sync.combined import Benchwire
from benchwire._sync.public import PublicClient
from benchwire._sync.v0 import V0Client
from benchwire._sync.v2 import V2Client
from benchwire.secret import concealed

try:
    from benchwire_local.errors import ImportFailedError, LocalServerError, PlanError
    from benchwire_local.faults import FaultPlan, load_fault_plan
    from benchwire_local.results.catalogue import ImportSummary
    from benchwire_local.results.formats import Choices, Results
    from benchwire_local.results.formats.detection import FormatName
    from benchwire_local.results.into_file import import_results as import_into
    from benchwire_local.server import LocalServer
    from benchwire_local.settings import Settings
except ImportError as problem:
    raise ImportError(
        f'the embedded server needs the extra "local": pip install "benchwire[local]" ({problem})'
    ) from problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    import httpx
    from starlette.types import ASGIApp


S = TypeVar("S", bound="Server")


class ServedOptions(ClientOptions, total=False):
    """The options of a client of the server."""

    timeout: float | httpx.Timeout | None


class ServedJobsOptions(ServedOptions, total=False):
    """The options of a client of the server that submits jobs."""

    journal: str | PathLike[str] | Literal[False] | None


class AsyncServedOptions(AsyncClientOptions, total=False):
    """The options of an async client of the server."""

    timeout: float | httpx.Timeout | None


class AsyncServedJobsOptions(AsyncServedOptions, total=False):
    """The options of an async client of the server that submits jobs."""

    journal: str | PathLike[str] | Literal[False] | None


class ReadOptions(TypedDict, total=False):
    """How to read results; `read_results` describes it."""

    format: FormatName
    metric: str | Sequence[str]
    filter: str | Sequence[str]
    model: str | None
    survey: bool


class Server(LocalServer):
    """The embedded server in a thread of this process, and clients of it.

    A context manager, sync and async: it accepts requests inside the ``with`` block.
    """

    def public_client(self, **options: Unpack[ServedOptions]) -> PublicClient:
        """Return a `PublicClient` of this server; options are those of the client."""
        return PublicClient(self.api_key, self.public_base_url, **options)

    def async_public_client(self, **options: Unpack[AsyncServedOptions]) -> AsyncPublicClient:
        """Return an `AsyncPublicClient` of this server; options are those of the client."""
        return AsyncPublicClient(self.api_key, self.public_base_url, **options)

    def v2_client(self, **options: Unpack[ServedOptions]) -> V2Client:
        """Return a `V2Client` of this server; options are those of the client."""
        return V2Client(self.api_key, self.v2_base_url, **options)

    def async_v2_client(self, **options: Unpack[AsyncServedOptions]) -> AsyncV2Client:
        """Return an `AsyncV2Client` of this server; options are those of the client."""
        return AsyncV2Client(self.api_key, self.v2_base_url, **options)

    def v0_client(self, **options: Unpack[ServedJobsOptions]) -> V0Client:
        """Return a `V0Client` of this server; options are those of the client."""
        return V0Client(self.api_key, self.v0_base_url, **options)

    def async_v0_client(self, **options: Unpack[AsyncServedJobsOptions]) -> AsyncV0Client:
        """Return an `AsyncV0Client` of this server; options are those of the client."""
        return AsyncV0Client(self.api_key, self.v0_base_url, **options)

    def client(self, **options: Unpack[ServedJobsOptions]) -> Benchwire:
        """Return a `Benchwire` of this server; options are those of the client."""
        return Benchwire(**self._addresses(), **options)

    def async_client(self, **options: Unpack[AsyncServedJobsOptions]) -> AsyncBenchwire:
        """Return an `AsyncBenchwire` of this server; options are those of the client."""
        return AsyncBenchwire(**self._addresses(), **options)

    def _addresses(self) -> dict[str, Any]:
        return {
            "public_api_key": self.api_key,
            "public_base_url": self.public_base_url,
            "v2_api_key": self.api_key,
            "v2_base_url": self.v2_base_url,
            "v0_api_key": self.api_key,
            "v0_base_url": self.v0_base_url,
        }

    async def __aenter__(self: S) -> S:  # noqa: PYI019  jedi completes it, and knows no Self
        """Start the server without blocking the event loop."""
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server without blocking the event loop."""
        await asyncio.to_thread(self.close)


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    db: str | Path | None = None,
    sample: bool = True,
    credits: int | None = None,  # noqa: A002  the API's word
    api_key: str | None = None,
    allow_remote_endpoints: bool = False,
    faults: str | Path | Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    middleware: Callable[[ASGIApp], ASGIApp] | None = None,
) -> Server:
    """Return an embedded server for use in a ``with`` (or ``async with``) block.

    Args:
        host: The address to listen on, by default this machine only. One that other machines can
            reach needs an ``api_key`` that is not the default.
        port: The port; by default a free one.
        db: The database file; by default the data is in memory and lost at the end.
        sample: Whether to load the sample data into an empty database.
        credits: The credits of a new database's account; by default 1000.
        api_key: The key that clients must send; by default ``BENCHWIRE_LOCAL_API_KEY`` of the
            environment, or ``benchwire-local``.
        allow_remote_endpoints: Whether jobs may send prompts to other machines.
        faults: A fault plan: its file, a mapping with ``rules`` and ``seed``, or a list of rules.
            docs/embedded-server.md describes the format.
        middleware: An ASGI middleware factory: called with the server's app, it returns the app to
            serve instead. docs/embedded-server.md has an example.

    Returns:
        The server; its ``…_client()`` methods return clients of it.

    Raises:
        PlanError: The plan is invalid; the message has file, rule and field.
        ValueError: Another value is out of range, or other machines could use the default key.
    """
    api_key = concealed(api_key)
    values: dict[str, Any] = {"host": host, "port": port, "sample": sample}
    if db is not None:
        values["db"] = Path(db)
    if credits is not None:
        values["initial_credits"] = credits
    if api_key is not None:
        values["api_key"] = api_key
    if faults is not None:
        values["faults"] = load_fault_plan(faults)
    settings = Settings(**values, allow_remote_endpoints=allow_remote_endpoints)
    return Server(settings, middleware)


def import_file(path: str | Path, db: str | Path) -> ImportSummary:
    """Import your own results into a database file; all or nothing.

    Args:
        path: JSON lines with ``benchmark``, ``model``, ``input``, ``truth``, ``result``, ``score``
            and optional fields; docs/embedded-server.md describes the format.
        db: The database file, created if it does not exist; serve it with ``serve(db=…)``.

    Returns:
        The benchmarks and models of the file, and the new evaluations.

    Raises:
        ImportFailedError: A line is invalid; the message has file, line and field.
        LocalServerError: The database can't be opened or created.
    """
    return import_results(path, db, format="benchwire")


def read_results(
    paths: str | Path | Iterable[str | Path],
    *,
    format: FormatName = "auto",  # noqa: A002  the word of the command
    metric: str | Sequence[str] = (),
    filter: str | Sequence[str] = (),  # noqa: A002
    model: str | None = None,
    survey: bool = False,
) -> Results:
    """Return the answers in logs of evaluation tools and in databases of the embedded server, as rows.

    Args:
        paths: A file, folder or pattern, or several; docs/import.md describes the formats.
        format: ``benchwire``, ``lm-eval``, ``inspect``, ``every-eval-ever``, ``helm``,
            ``promptfoo`` or ``openai-evals``; ``auto`` recognises each file by its content.
        metric: The metric to take as score; several, for tasks with different ones. Without it, a
            task with more than one metric is an error that lists them.
        filter: The filter of lm-evaluation-harness, as ``metric``.
        model: The model's key, instead of the one in the files.
        survey: Whether to count what is there without a choice of metric and filter; what can't be
            read is then a note, not an error.

    Returns:
        Rows, named tuples with the fields of docs/import.md; after iterating, ``reports`` and
        ``notes`` say what the files were found to hold.

    Raises:
        ImportFailedError: While iterating: a file can't be read; the message has file, line or
            member, and field.
    """
    if isinstance(metric, AbstractSet) or isinstance(filter, AbstractSet):
        raise TypeError("metric and filter take names in an order, and a set has none")
    metrics, filters = ((one,) if isinstance(one, str) else tuple(one) for one in (metric, filter))
    if isinstance(paths, str | PathLike):
        paths = [paths]
    elif isinstance(paths, Mapping) or hasattr(paths, "columns") or not isinstance(paths, Iterable):
        raise TypeError(f"paths must be a path or a list of paths, not a {type(paths).__name__}")
    return Results(paths, format, Choices(metrics, filters, model, survey))


def import_results(
    paths: str | Path | Iterable[str | Path] | Results,
    db: str | Path,
    **options: Unpack[ReadOptions],
) -> ImportSummary:
    """Import the answers in logs of evaluation tools into a database file; all or nothing.

    Of several answers of a model to a prompt the public API shows the mean score, and says so. Answers
    without a score are counted and shown, and enter no accuracy.

    Args:
        paths: As for `read_results`, or what that returned.
        db: The database file, created if it does not exist; serve it with ``serve(db=…)``.
        options: As for `read_results`; none for what it returned.

    Returns:
        The benchmarks and models of the files, and the new evaluations with their counts.

    Raises:
        ImportFailedError: A file can't be read, a prompt or an answer contradicts another, or
            no answer has a score; the message has file, line or member, and field.
        LocalServerError: The database can't be opened or created.
    """
    if options and isinstance(paths, Results):
        raise TypeError(
            f"pass {', '.join(options)} to read_results, which has returned the results"
        )
    results = paths if isinstance(paths, Results) else read_results(paths, **options)
    return import_into(Path(db), results)


__all__ = [
    "FaultPlan", "ImportFailedError", "ImportSummary", "LocalServerError", "PlanError", "Results",
    "Server", "import_file", "import_results", "load_fault_plan", "read_results", "serve",
]  # fmt: skip
