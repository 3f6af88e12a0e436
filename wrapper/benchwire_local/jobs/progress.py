"""The prompts of a running job: request bodies and evaluation of responses. No I/O."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchwire_local.jobs.endpoint import EndpointFailedError
from benchwire_local.jobs.prompts import judge_prompt
from benchwire_local.jobs.providers import answer_text, request_body
from benchwire_local.jobs.verdicts import UnusableAnswerError, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchwire_local.data.v0 import JobPrompt, LabelledBenchmark
    from benchwire_local.jobs.endpoint_config import ModelEndpoint


class JobProgress:
    """The prompts of one running job, shared by its workers: each prompt is taken once.

    An answer without a verdict counts as wrong. If more than half of the prompts get no verdict,
    the job fails, because a score would be misleading.
    """

    def __init__(
        self, benchmark: LabelledBenchmark, endpoint: ModelEndpoint, prompts: Sequence[JobPrompt]
    ) -> None:
        self.prompts: Iterator[JobPrompt] = iter(prompts)
        self._benchmark = benchmark
        self._endpoint = endpoint
        self._total = len(prompts)
        self._unusable = 0
        self._lock = asyncio.Lock()

    def request_body(self, prompt: JobPrompt) -> bytes:
        """Return the request body that sends a prompt to the endpoint."""
        formatted = judge_prompt(self._benchmark.question, self._benchmark.labels, prompt.messages)
        return request_body(self._endpoint.provider, self._endpoint.model, formatted)

    async def label(self, content: bytes) -> str | None:
        """Parse a response body into a label of the benchmark; ``None`` if it is unusable.

        Raises:
            EndpointFailedError: More than half of all prompts have no verdict now.
        """
        # In a thread, because a long answer would block the event loop; one after the other.
        async with self._lock:
            return await asyncio.to_thread(self._label, content)

    def _label(self, content: bytes) -> str | None:
        try:
            text = answer_text(self._endpoint.provider, content)
            return verdict(text, self._benchmark.labels)
        except UnusableAnswerError as error:
            self._unusable += 1
            problem, text = error.problem, self._endpoint.excerpt(error.text)
        if self._unusable * 2 > self._total:
            raise EndpointFailedError(
                f"The endpoint gave no verdict to {self._unusable} of {self._total} prompts; "
                f"last problem: {problem}: {text}"
            )
        return None
