# Generated from wrapper/benchwire/_async/operations/v2_resources.py by `make generate`; changes made here are lost.
"""The resources of the SPLX Probe benchmarks API, imported when they are first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_api.processes import cached_property

if TYPE_CHECKING:
    from benchwire._sync.operations.v2 import V2BenchmarksOperations
    from benchwire._transport.sync import SyncTransport
    from benchwire.options import OnError


class V2Resources:
    """The operations of the SPLX Probe benchmarks API, by resource."""

    _transport: SyncTransport
    _on_error: OnError

    @cached_property
    def benchmarks(self) -> V2BenchmarksOperations:
        """Benchmark types, models with their scores, and probe runs."""
        from benchwire._sync.operations.v2 import V2BenchmarksOperations  # noqa: PLC0415  when it is used

        return V2BenchmarksOperations(self._transport, self._on_error)
