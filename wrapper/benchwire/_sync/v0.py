# Generated from wrapper/benchwire/_async/v0.py by `make generate`; changes made here are lost.
"""The v0 API: paid jobs that run a benchmark against a model endpoint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Unpack

from attrs import evolve

from benchwire._core.settings import V0, OnError
from benchwire._jobs import requests as calls
from benchwire._sync.base import ClientOptions, Resource, ServiceClient
from benchwire._sync.jobs import Jobs
from benchwire.models import Account, Listed, V0Benchmark
from benchwire.options import CallOptions
from benchwire.secret import Secret

if TYPE_CHECKING:
    import httpx

    from benchwire._shell.sync import Shell


class AccountOperations(Resource):
    """The account a key belongs to."""

    def get(self, options: Mapping[str, object]) -> Account:
        """Get the account; the client's ``me`` is its public name."""
        return self._result(calls.get_account(), options)


class V0Benchmarks(Resource):
    """What a job can run."""

    def list(self, **options: Unpack[CallOptions]) -> Listed[V0Benchmark]:
        """List every benchmark a job can run.

        Args:
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The benchmarks in the service's order. One request.

        Raises:
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v0.yaml, listBenchmarks
        """
        return self._result(calls.list_benchmarks(), options)


class V0Client(ServiceClient):
    """A client of the v0 API.

    A context manager; without ``with``, call its close method at the end.

    Args:
        api_key: The key; by default the environment's ``BENCHWIRE_V0_API_KEY``.
        base_url: Where the API is; by default the environment's ``BENCHWIRE_V0_BASE_URL``, or the
            service itself.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` bounds its parts instead.
        journal: The file that keeps what was submitted, so that no paid job is lost or paid for
            twice, whatever breaks; by default ``BENCHWIRE_JOURNAL`` of the environment, or
            ``submissions.db`` in the user's state directory. It holds no key. ``False`` keeps it in
            memory: then all is lost with the process.
        **options: What every client takes; with ``on_error="none"``, submissions and waits still
            raise.

    Raises:
        ConfigurationError: If there is no key, or a setting can't be used.
    """

    _service = V0

    def __init__(
        self,
        api_key: str | Secret | None = None,
        base_url: str | httpx.URL | None = None,
        timeout: float | httpx.Timeout | None = None,
        *,
        journal: str | os.PathLike[str] | Literal[False] | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        # Only here, so that importing benchwire imports next to nothing.
        from benchwire._jobs.sqlite_journal import open_journal  # noqa: PLC0415

        kept = open_journal(journal, os.environ)
        super().__init__(api_key, base_url, timeout, **options)
        self._open(evolve(self._shell, journal=kept), self._on_error, owned=self._owned)

    def _open(self, shell: Shell, on_error: OnError, *, owned: bool) -> None:
        super()._open(shell, on_error, owned=owned)
        self.benchmarks = V0Benchmarks(shell, on_error)
        self.jobs = Jobs(shell, on_error)
        self._account = AccountOperations(shell, on_error)

    def me(self, **options: Unpack[CallOptions]) -> Account:
        """Get the account and the credits it has left.

        Args:
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The account. One request.

        Raises:
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v0.yaml, getAccount
        """
        return self._account.get(options)
