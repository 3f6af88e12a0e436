"""Rules of the guard: it forwards reads, and submissions within a credit budget.

Pure decisions; nothing is sent here. A request that is not explicitly allowed is rejected.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from jsonschema_rs import Draft202012Validator

from .services import SERVICES

READS = ("GET", "HEAD")
# The schema of a submission's body, by its path below the base URL.
_SUBMISSIONS = {"/v0/jobs": "SubmitJobRequest", "/v0/jobs/batch": "SubmitJobBatchRequest"}
# All others are dropped: cookies, conditions, anything a server might act upon.
_FORWARDED_HEADERS = (b"accept", b"content-type", b"user-agent")


class RejectedError(Exception):
    """A request is not forwarded. The message repeats nothing of its body."""


@dataclass(frozen=True)
class GuardedRequest:
    """A request as received, or to send: header names in lower case, the target verbatim."""

    method: str
    target: bytes
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    cost: int = 0  # the credits reserved for it


@dataclass
class CreditBudget:
    """Credits that may be spent. A request that was sent counts, whatever the response."""

    limit: int
    spent: int = 0

    def reserve(self, cost: int) -> None:
        """Reserve credits, or raise `RejectedError` if too few are left."""
        if self.spent + cost > self.limit:
            left = self.limit - self.spent
            raise RejectedError(f"it costs {cost} credits, and {left} of {self.limit} are left")
        self.spent += cost

    def release(self, cost: int) -> None:
        """Release the credits of a submission that was never sent."""
        self.spent -= cost


@dataclass
class Rules:
    """Decides on each request."""

    api: str  # the API behind the guard
    prefix: str  # the path of its base URL
    credential: tuple[bytes, bytes]  # the header with the guard's token, and the value it must have
    key: bytes = field(repr=False)  # the value that replaces it
    budget: CreditBudget  # the credits submissions may cost

    def apply(self, request: GuardedRequest) -> GuardedRequest:
        """Return the request to send, with its credits reserved, or raise `RejectedError`."""
        if not request.target.startswith(b"/"):
            raise RejectedError("its target is no path")
        for name, _ in request.headers:
            if (b"method" in name and b"override" in name) or name == b"x-http-method":
                raise RejectedError(f"it overrides its method in {name.decode('latin-1')}")
        if request.method in READS:
            if request.body:
                raise RejectedError("a read has a body")
            return replace(request, headers=self._headers(request))
        if request.method != "POST":
            raise RejectedError("its method is not GET or HEAD")
        body, cost = self._submission(request)
        self.budget.reserve(cost)
        return replace(request, headers=self._headers(request), body=body, cost=cost)

    def _headers(self, request: GuardedRequest) -> list[tuple[bytes, bytes]]:
        name, token = self.credential
        headers = [(key, value) for key, value in request.headers if key in _FORWARDED_HEADERS]
        for key, value in request.headers:
            if key == name:
                headers.append((key, self.key if value == token else value))
        return headers

    def _submission(self, request: GuardedRequest) -> tuple[bytes, int]:
        """Return the body to send, and its cost."""
        path = request.target.decode("ascii", "replace")
        schema = _SUBMISSIONS.get(path.removeprefix(self.prefix))
        if self.api != "v0" or schema is None or not path.startswith(self.prefix):
            raise RejectedError("its method is not GET or HEAD, and it submits no job")
        if self.budget.limit == 0:
            raise RejectedError("its method is not GET or HEAD, and spending is not allowed")
        if any(name == b"content-encoding" for name, _ in request.headers):
            raise RejectedError("its body is encoded, so its cost is unknown")
        types = [value for name, value in request.headers if name == b"content-type"]
        if [kind.partition(b";")[0].strip().lower() for kind in types] != [b"application/json"]:
            raise RejectedError("its content type is not JSON")
        body = parse_strictly(request.body)
        components = SERVICES["v0"].document.node("#/components")
        reference = {"$ref": f"#/components/schemas/{schema}", "components": components}
        if not Draft202012Validator(reference).is_valid(body):
            # The server might accept what the specification rejects, at an unknown cost.
            raise RejectedError("its body does not match the specification; its cost is unknown")
        units = [job.get("benchmark_count", 1) for job in body.get("jobs", [body])]
        # Serialized anew, so that what is sent is what was counted.
        return json.dumps(body).encode(), sum(int(count) for count in units)


def parse_strictly(content: bytes) -> Any:
    """Parse JSON that every parser reads the same way; reject text that is ambiguous or no JSON."""
    try:
        return json.loads(
            content.decode("utf-8"), object_pairs_hook=_unique_keys, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        raise RejectedError("its body is ambiguous or no JSON, so its cost is unknown") from None


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError
    return mapping


def _no_constant(_name: str) -> NoReturn:
    raise ValueError


@dataclass
class RateLimit:
    """Spaces requests out, and limits their number."""

    per_second: float  # how many may start in a second
    max_requests: float = math.inf  # how many may start in all
    clock: Callable[[], float] = time.monotonic
    started: int = 0  # how many started so far
    _next: float = field(default=float("-inf"), repr=False)

    def reserve(self) -> float | None:
        """Reserve the next start, and return the seconds until it; ``None`` if none is left."""
        if self.started >= self.max_requests:
            return None
        self.started += 1
        now = self.clock()
        start = max(now, self._next)
        self._next = start + 1 / self.per_second
        return start - now

    def pause(self, seconds: float) -> None:
        """Start nothing for a while, as the server requested."""
        self._next = max(self._next, self.clock() + seconds)
