# Generated from wrapper/benchwire/_async/operations/v0_resources.py by `make generate`; changes made here are lost.
"""The resources of the Harmstack jobs API, imported when they are first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from benchwire._transport.own_frames import HiddenFrames
from benchwire.options import CallOptions
from benchwire_api.processes import cached_property, fork_waits
from benchwire_api.v0.api.account import get_account
from benchwire_api.v0.api.service import get_health
from benchwire_api.v0.models import (
    Account,
    Health,
)

if TYPE_CHECKING:
    from benchwire._sync.operations.v0 import V0BenchmarksOperations, V0JobsOperations
    from benchwire._transport.sync import SyncTransport
    from benchwire.options import OnError


class V0Resources:
    """The operations of the Harmstack jobs API, by resource."""

    _transport: SyncTransport
    _on_error: OnError

    @cached_property
    def benchmarks(self) -> V0BenchmarksOperations:
        """What a job can run."""
        from benchwire._sync.operations.v0 import V0BenchmarksOperations  # noqa: PLC0415  when it is used

        return V0BenchmarksOperations(self._transport, self._on_error)

    @cached_property
    def jobs(self) -> V0JobsOperations:
        """Runs of a benchmark against a model endpoint."""
        from benchwire._sync.operations.v0 import V0JobsOperations  # noqa: PLC0415  when it is used

        return V0JobsOperations(self._transport, self._on_error)

    def health(
        self,
        **options: Unpack[CallOptions],
    ) -> Health:
        """Check that the service is up; no key is sent.

        It says nothing about the account.

        Args:
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The service is up. One request.

        Raises:
            APIError: If the request fails.

        Spec:
            openapi/v0.yaml, getHealth
        """
        with fork_waits():
            from benchwire._sync.resource import Resource  # noqa: PLC0415  when it is used

        with HiddenFrames():
            return Resource(self._transport, self._on_error)._fetch(
                get_health.build_request(),
                get_health.parse_response,
                options,
            )

    def me(
        self,
        **options: Unpack[CallOptions],
    ) -> Account:
        """Get the account and the credits it has left.

        Submitting a job deducts its credits at once.

        Args:
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The account. One request.

        Raises:
            APIError: If the request fails.

        Spec:
            openapi/v0.yaml, getAccount
        """
        with fork_waits():
            from benchwire._sync.resource import Resource  # noqa: PLC0415  when it is used

        with HiddenFrames():
            return Resource(self._transport, self._on_error)._fetch(
                get_account.build_request(),
                get_account.parse_response,
                options,
            )
