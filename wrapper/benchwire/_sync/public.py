# Generated from wrapper/benchwire/_async/public.py by `make generate`; changes made here are lost.
"""The client of the public API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire._core.settings import PUBLIC, OnError
from benchwire._sync.base import ServiceClient
from benchwire._sync.public_benchmarks import Benchmarks
from benchwire._sync.public_comparisons import Comparisons
from benchwire._sync.public_evaluations import Evaluations
from benchwire._sync.public_models import Models

if TYPE_CHECKING:
    from benchwire._shell.sync import Shell


class PublicClient(ServiceClient):
    """A client of the public API.

    A context manager; without ``with``, call its close method at the end.

    Args:
        api_key: The key; by default the environment's ``LAYERLENS_STRATIX_API_KEY``.
        base_url: Where the API is; by default the environment's ``LAYERLENS_STRATIX_BASE_URL``, or
            the service itself.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` bounds its parts instead.
        deadline: Seconds a whole operation may take: all attempts and pauses, all pages of an
            iteration, all rounds of a wait. By default there is no bound.
        max_retries: How often a request may be repeated after a connection error or a status of
            408, 429, 500, 502, 503 or 504; by default 2.
        max_body: The most bytes the body of an answer may have, decompressed; by default 16 MiB.
        allow_http: Whether the key may be sent over plain http to other machines.
        hooks: Functions to be told of requests, responses and repetitions.
        on_error: ``"raise"`` raises typed errors; ``"none"`` gives ``None`` where a request fails,
            as the service's own SDK reference says.
        http_client: Connections of your own; they stay open when this client is closed.

    Raises:
        ConfigurationError: If there is no key, or a setting can't be used.
    """

    _service = PUBLIC

    def _open(self, shell: Shell, on_error: OnError, *, owned: bool) -> None:
        super()._open(shell, on_error, owned=owned)
        self.models = Models(shell, on_error)
        self.benchmarks = Benchmarks(shell, on_error)
        self.evaluations = Evaluations(shell, on_error)
        self.comparisons = Comparisons(shell, on_error)
