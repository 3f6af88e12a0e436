# Generated from wrapper/benchwire/_async/v0.py by `make generate`; changes made here are lost.
"""The client of the v0 API: paid jobs that run a benchmark against a model endpoint."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, Self, Unpack

from benchwire._jobs.client_journal import ClientJournal
from benchwire._sync.base import ClientOptions, ServiceClient
from benchwire._sync.operations.v0_resources import V0Resources
from benchwire._transport.endpoint import V0
from benchwire.secret import Secret, concealed
from benchwire_api.processes import cached_property

if TYPE_CHECKING:
    import httpx

    from benchwire._sync.jobs import Jobs


class V0Client(ServiceClient, V0Resources):
    """A client of the v0 API; a context manager: without ``with``, close it at the end.

    Args:
        api_key: The key; by default the environment's ``BENCHWIRE_V0_API_KEY``, else its
            ``HARMSTACK_API_KEY``.
        base_url: The base URL; by default the environment's ``BENCHWIRE_V0_BASE_URL``, or the
            service's own.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` limits its parts instead.
        journal: The file that records submissions, so that no paid job is lost or paid for twice,
            whatever fails; by default the environment's ``BENCHWIRE_JOURNAL``, or
            ``submissions.db`` in the user's state directory. It holds no key. ``False`` records them
            in memory: then the record is lost with the process.
        **options: What every client takes; with ``on_error="none"``, submissions and waits still
            raise.

    Raises:
        ConfigurationError: If there is no key, or a setting is invalid.
    """

    _service = V0
    _journal: ClientJournal

    def __init__(
        self,
        api_key: str | Secret | None = None,
        base_url: str | httpx.URL | None = None,
        timeout: float | httpx.Timeout | None = None,
        *,
        journal: str | os.PathLike[str] | Literal[False] | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        api_key, base_url = concealed(api_key), concealed(base_url)
        self._use_journal(ClientJournal(journal, os.getenv))
        super().__init__(api_key, base_url, timeout, **options)

    def _inherit(self, original: Self) -> None:
        self._use_journal(original._journal)

    def _use_journal(self, journal: ClientJournal) -> None:
        self._journal = journal

    @cached_property
    def jobs(self) -> Jobs:
        """Runs of a benchmark against a model endpoint."""
        from benchwire._sync.jobs import Jobs  # noqa: PLC0415  when it is used

        return Jobs(self._transport, self._on_error, self._journal.open())
