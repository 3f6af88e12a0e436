# Generated from wrapper/benchwire/_async/public.py by `make generate`; changes made here are lost.
"""The client of the public API, and the resources it has beside those of the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire._sync.base import ServiceClient
from benchwire._sync.operations.public_resources import PublicResources
from benchwire._transport.endpoint import PUBLIC
from benchwire_api.processes import cached_property

if TYPE_CHECKING:  # a resource, and the models of its API, are imported when it is first used
    from benchwire._sync.benchmarks import Benchmarks
    from benchwire._sync.comparisons import Comparisons
    from benchwire._sync.evaluations import Evaluations
    from benchwire._sync.results import Results


class PublicClient(ServiceClient, PublicResources):
    """A client of the public API; a context manager: without ``with``, close it at the end.

    Args:
        api_key: The key; by default the environment's ``LAYERLENS_STRATIX_API_KEY``.
        base_url: The base URL; by default the environment's ``LAYERLENS_STRATIX_BASE_URL``, or the
            service's own.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` limits its parts instead.
        deadline: Seconds a whole operation may take: all attempts and pauses, all pages of an
            iteration, all polls of a wait. By default there is no limit.
        max_retries: The maximum number of retries of a request after a connection error or a status
            of 408, 429, 500, 502, 503 or 504; by default 2.
        max_body: The maximum size of a response body in bytes, decompressed; by default 16 MiB.
        allow_http: Whether the key may be sent over plain http to other machines.
        hooks: Functions to call with each request, response and retry.
        on_error: ``"raise"`` raises typed errors; ``"none"`` returns ``None`` where a request fails,
            as the service's own SDK reference says.
        http_client: An httpx client to send with; it stays open when this client is closed.
        verify: What verifies certificates, as in `ServiceClient`.

    Raises:
        ConfigurationError: If there is no key, or a setting is invalid.
    """

    _service = PUBLIC

    @cached_property
    def benchmarks(self) -> Benchmarks:
        """The catalogue of benchmarks, with their prompts."""
        from benchwire._sync.benchmarks import Benchmarks  # noqa: PLC0415  when it is used

        return Benchmarks(self._transport, self._on_error)

    @cached_property
    def evaluations(self) -> Evaluations:
        """Runs of one model on one benchmark."""
        from benchwire._sync.evaluations import Evaluations  # noqa: PLC0415  when it is used

        return Evaluations(self._transport, self._on_error)

    @cached_property
    def results(self) -> Results:
        """The answers of evaluations, under the names of the vendor's own client."""
        from benchwire._sync.results import Results  # noqa: PLC0415  when it is used

        return Results(self._transport, self._on_error)

    @cached_property
    def comparisons(self) -> Comparisons:
        """Comparisons of two evaluations of one benchmark, prompt by prompt."""
        from benchwire._sync.comparisons import Comparisons  # noqa: PLC0415  when it is used

        return Comparisons(self._transport, self._on_error)
