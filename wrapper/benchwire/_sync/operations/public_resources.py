# Generated from wrapper/benchwire/_async/operations/public_resources.py by `make generate`; changes made here are lost.
"""The resources of the LayerLens Stratix public API, imported when they are first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_api.processes import cached_property

if TYPE_CHECKING:
    from benchwire._sync.operations.public import (
        BenchmarksOperations,
        ComparisonsOperations,
        EvaluationsOperations,
        ModelsOperations,
    )
    from benchwire._transport.sync import SyncTransport
    from benchwire.options import OnError


class PublicResources:
    """The operations of the LayerLens Stratix public API, by resource."""

    _transport: SyncTransport
    _on_error: OnError

    @cached_property
    def models(self) -> ModelsOperations:
        """The catalogue of public models."""
        from benchwire._sync.operations.public import ModelsOperations  # noqa: PLC0415  when it is used

        return ModelsOperations(self._transport, self._on_error)

    @cached_property
    def benchmarks(self) -> BenchmarksOperations:
        """Public benchmarks (the wire calls them datasets) and their prompts."""
        from benchwire._sync.operations.public import BenchmarksOperations  # noqa: PLC0415  when it is used

        return BenchmarksOperations(self._transport, self._on_error)

    @cached_property
    def evaluations(self) -> EvaluationsOperations:
        """Runs of one model on one benchmark."""
        from benchwire._sync.operations.public import EvaluationsOperations  # noqa: PLC0415  when it is used

        return EvaluationsOperations(self._transport, self._on_error)

    @cached_property
    def comparisons(self) -> ComparisonsOperations:
        """Two evaluations of one benchmark, prompt by prompt."""
        from benchwire._sync.operations.public import ComparisonsOperations  # noqa: PLC0415  when it is used

        return ComparisonsOperations(self._transport, self._on_error)
