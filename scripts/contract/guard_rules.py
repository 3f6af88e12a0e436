"""Rules of the guard: it rejects what is not a read, or a submission within a credit budget."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from jsonschema_rs import Draft202012Validator

from benchwire_drift.availability import unavailable_reason
from benchwire_drift.specs import bundled_spec

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

    def shows_nothing(self, request: GuardedRequest, status: int) -> str | None:
        """Return why the status of a forwarded request shows nothing about the service, if so.

        An error for a request without the key does, and a 403 at a path that is not documented.
        """
        with_key = (self.credential[0], self.key) in request.headers
        path = request.target.decode("ascii", "replace").partition("?")[0]
        operation = bundled_spec(self.api).match(request.method, path.removeprefix(self.prefix))
        is_expected = status in {401, 403} and not (with_key and (operation or status == 401))
        return None if is_expected else unavailable_reason(status)

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
