# Generated from wrapper/benchwire/_async/evaluations.py by `make generate`; changes made here are lost.
"""The evaluations of the public API, and what they offer beyond single requests."""

from __future__ import annotations

from collections.abc import Callable

from benchwire._polling import DEFAULT_POLL_INTERVAL, DEFAULT_TIMEOUT, Wait, wait_for_one
from benchwire._requests.evaluation import get_evaluation
from benchwire._sync.operations.public import EvaluationsOperations
from benchwire_api.public.models import Evaluation


class Evaluations(EvaluationsOperations):
    """Runs of one model on one benchmark."""

    def wait(
        self,
        id: str,  # noqa: A002  the document's name
        *,
        timeout: float = DEFAULT_TIMEOUT,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        on_progress: Callable[[Evaluation], object] | None = None,
    ) -> Evaluation:
        """Wait until an evaluation has ended.

        Args:
            id: The evaluation's id.
            timeout: Seconds to wait at most; by default an hour.
            poll_interval: Seconds before the second poll; the interval grows, to 30 at most.
            on_progress: Called with each state seen, the final one included.

        Returns:
            The evaluation, ended with success.

        Raises:
            JobFailedError: If it ended without success; the error's ``job`` is the evaluation.
            WaitTimeoutError: If it did not end in time; the error carries the last state.
            NotFoundError: If there is no such evaluation.
            APIError: If a poll has no usable response.

        Spec:
            openapi/public.yaml, getEvaluation
        """
        return self._run(
            lambda port: wait_for_one(
                port,
                id,
                get_evaluation,
                Wait(timeout, poll_interval, port.deadline, self._transport.random),
                on_progress=on_progress,
            ),
            {},
        )
