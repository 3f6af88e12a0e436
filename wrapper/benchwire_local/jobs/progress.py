"""A running job's prompts and answers: what to send, and what came back made of it. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_local.jobs.endpoint import EndpointFailedError
from benchwire_local.jobs.prompts import judge_prompt
from benchwire_local.jobs.providers import answer_text, request_body
from benchwire_local.jobs.verdicts import UnusableAnswerError, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchwire_local.data.v0 import JobPrompt, LabelledBenchmark
    from benchwire_local.jobs.endpoint_config import ModelEndpoint


class JobProgress:
    """The prompts of one running job, shared by its workers: each prompt is taken once.

    An answer that is no verdict counts as wrong. An endpoint that gives no verdict to more than
    half of the prompts is no judge at all, and a score for it would be misleading: the job fails.
    """

    def __init__(
        self, benchmark: LabelledBenchmark, endpoint: ModelEndpoint, prompts: Sequence[JobPrompt]
    ) -> None:
        self.prompts = iter(prompts)
        self._benchmark = benchmark
        self._endpoint = endpoint
        self._total = len(prompts)
        self._unusable = 0

    def request_body(self, prompt: JobPrompt) -> bytes:
        """The body that puts a prompt to the endpoint."""
        worded = judge_prompt(self._benchmark.question, self._benchmark.labels, prompt.messages)
        return request_body(self._endpoint.provider, self._endpoint.model, worded)

    def label(self, content: bytes) -> str | None:
        """Read a response body: one of the benchmark's labels, or ``None`` if it is unusable.

        Raises:
            EndpointFailedError: With this one, more than half of all prompts got no verdict.
        """
        try:
            text = answer_text(self._endpoint.provider, content)
            return verdict(text, self._benchmark.labels)
        except UnusableAnswerError as error:
            self._unusable += 1
            problem, seen = error.problem, self._endpoint.excerpt(error.seen)
        if self._unusable * 2 > self._total:
            raise EndpointFailedError(
                f"The endpoint gave no verdict to {self._unusable} of {self._total} prompts; "
                f"of the last one, {problem}: {seen}"
            )
        return None
