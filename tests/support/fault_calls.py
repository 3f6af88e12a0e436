"""The calls that faults happen to, and what is looked at afterwards."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import benchwire
from support.both import KEY, Flavour
from support.fault_clock import SkippingClock, on_clock
from support.fault_ledger import BEFORE as FIRST
from support.fault_server import FaultServer

ENDPOINT = "https://models.example.com/v1/chat/completions"
ENDPOINT_KEY = "key-of-the-endpoint"
BEFORE: str = FIRST["id"]
"""The job that is there from the start."""

Kind = Literal["job", "batch"]


@dataclass(frozen=True)
class Outcome:
    """What a call gave: a value, or an error of the SDK's. Any other error fails the test."""

    value: Any = None
    error: benchwire.BenchwireError | None = None


def outcome(call: Callable[[], Any]) -> Outcome:
    """Make a call; its error, if it is one of ours, must hold no key."""
    try:
        return Outcome(call())
    except benchwire.BenchwireError as error:
        shown = "".join(traceback.format_exception(error)) + repr(vars(error))
        assert KEY not in shown
        assert ENDPOINT_KEY not in shown
        return Outcome(error=error)


class Caller:
    """A v0 client of a service, whose pauses take no time."""

    def __init__(
        self, flavour: Flavour, service: FaultServer, clock: SkippingClock, **options: Any
    ) -> None:
        self.flavour = flavour
        self.service = service
        # Small, so that bodies without an end are cut off soon.
        given = {"deadline": 30.0, "max_body": 256 * 1024, **options}
        self.client = on_clock(flavour.make("V0Client", KEY, service.url, **given), clock)

    def read(self) -> Outcome:
        """The ids of the jobs listed."""
        return outcome(lambda: [job.id for job in self.flavour.result(self.client.jobs.list())])

    def credits(self) -> Outcome:
        """The credits left: the answer to another question than that of `read`."""
        return outcome(lambda: self.flavour.result(self.client.me()).available_credits)

    def submit(self, kind: Kind) -> Outcome:
        """The ids of the jobs that were submitted."""
        jobs = self.client.jobs
        if kind == "job":
            return outcome(
                lambda: [
                    self.flavour.result(
                        jobs.submit("b1", ENDPOINT, ENDPOINT_KEY, benchmark_count=3)
                    ).job_id
                ]
            )
        items = [{"benchmark_id": "b1", "benchmark_count": 2}, "b2"]
        return outcome(
            lambda: self.flavour.result(jobs.submit_batch(items, ENDPOINT, ENDPOINT_KEY)).job_ids
        )

    def resume(self, error: benchwire.BenchwireError | None) -> Outcome:
        """The ids of the jobs that a submission in doubt became."""
        assert isinstance(error, benchwire.SubmissionUnknown)
        intent = error.intent_id
        return outcome(lambda: _ids(self.flavour.result(self.client.jobs.resume(intent))))

    def unresolved(self) -> list[str]:
        """The submissions in doubt."""
        return [intent.id for intent in self.flavour.result(self.client.jobs.unresolved())]


def _ids(answer: Any) -> list[str]:
    return [answer.job_id] if hasattr(answer, "job_id") else list(answer.job_ids)


CREDITS = 3
"""What either submission costs."""
