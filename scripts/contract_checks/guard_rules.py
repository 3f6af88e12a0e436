"""What the guard lets through: reads, and submissions up to a number of credits.

Decisions alone: nothing here is sent. What is not plainly allowed is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import yaml
from jsonschema_rs import Draft202012Validator

from .services import spec_file

if TYPE_CHECKING:
    from .services import Place

READS = ("GET", "HEAD")
# What a submission may cost, by the path it is posted to below the base URL.
_SUBMISSIONS = {"/v0/jobs": "SubmitJobRequest", "/v0/jobs/batch": "SubmitJobBatchRequest"}
# Nothing else is passed on: no cookie, no condition, nothing a server could take for an order.
_PASSED_ON = (b"accept", b"content-type", b"user-agent")

Headers = Sequence[tuple[bytes, bytes]]


class RefusedError(Exception):
    """A request that is not passed on; the message says why and repeats nothing of its body."""


@dataclass(frozen=True)
class Incoming:
    """A request as it came in: names of headers in lower case, the target as it was sent."""

    method: str
    target: bytes
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Outgoing:
    """A request as it goes out, made anew, and the credits set aside for it."""

    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes
    cost: int


@dataclass
class Purse:
    """Credits that may be spent. What was sent counts as spent, whatever came back."""

    limit: int
    spent: int = 0

    def take(self, cost: int) -> None:
        """Set credits aside.

        Raises:
            RefusedError: They are not there.
        """
        if self.spent + cost > self.limit:
            left = self.limit - self.spent
            raise RefusedError(f"it costs {cost} credits, and {left} of {self.limit} are left")
        self.spent += cost

    def give_back(self, cost: int) -> None:
        """Take back what was set aside for a submission that was never sent."""
        self.spent -= cost


@dataclass
class Rules:
    """Decides about each request.

    Args:
        api: The API behind the guard.
        place: Where it is.
        credential: The header a request proves itself with, and the value it must have.
        key: What that value is replaced by.
        purse: The credits submissions may cost.
    """

    api: str
    place: Place
    credential: tuple[bytes, bytes]
    key: bytes = field(repr=False)
    purse: Purse

    def decide(self, request: Incoming) -> Outgoing:
        """Give what to send in place of a request; its credits are then set aside.

        Raises:
            RefusedError: Nothing is to be sent.
        """
        if not request.target.startswith(b"/"):
            raise RefusedError("its target is no path")
        for name, _ in request.headers:
            if (b"method" in name and b"override" in name) or name == b"x-http-method":
                raise RefusedError(f"it asks for another method in {name.decode('latin-1')}")
        if request.method in READS:
            if request.body:
                raise RefusedError("a read has a body")
            body, cost = b"", 0
        elif request.method == "POST":
            body, cost = self._submission(request)
            self.purse.take(cost)
        else:
            raise RefusedError("its method is not GET or HEAD")
        return Outgoing(request.method, request.target, self._headers(request), body, cost)

    def _headers(self, request: Incoming) -> list[tuple[bytes, bytes]]:
        name, placeholder = self.credential
        headers = [(key, value) for key, value in request.headers if key in _PASSED_ON]
        for key, value in request.headers:
            if key == name:
                headers.append((key, self.key if value == placeholder else value))
        return headers

    def _submission(self, request: Incoming) -> tuple[bytes, int]:
        """The body to send in place of the one that came, and what it costs."""
        path = request.target.decode("ascii", "replace")
        prefix = self.place.prefix
        schema = _SUBMISSIONS.get(path.removeprefix(prefix)) if path.startswith(prefix) else None
        if self.api != "v0" or schema is None:
            raise RefusedError("its method is not GET or HEAD, and it is no submission of a job")
        if self.purse.limit == 0:
            raise RefusedError("its method is not GET or HEAD, and spending is not allowed")
        if any(name == b"content-encoding" for name, _ in request.headers):
            raise RefusedError("its body is encoded, so its cost can't be read")
        types = [value for name, value in request.headers if name == b"content-type"]
        if [kind.partition(b";")[0].strip().lower() for kind in types] != [b"application/json"]:
            raise RefusedError("its body is not said to be JSON")
        body = read_strictly(request.body)
        if not _validator(schema).is_valid(body):
            # One that the spec refuses may still be taken by the server, at a price unknown.
            raise RefusedError("its body does not fit the specification, so its cost is not known")
        units = [job.get("benchmark_count", 1) for job in body.get("jobs", [body])]
        # Written anew, so that what is sent is what was counted.
        return json.dumps(body).encode(), sum(int(count) for count in units)


def read_strictly(content: bytes) -> Any:
    """Parse JSON in the one way that leaves no room for another reading.

    Raises:
        RefusedError: It is no JSON in UTF-8, or a key stands twice in it.
    """
    try:
        return json.loads(
            content.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_constant
        )
    except (ValueError, RecursionError):
        raise RefusedError("its body can't be read, so its cost is not known") from None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError
    return mapping


def _no_constant(_name: str) -> NoReturn:
    raise ValueError


def _validator(name: str) -> Draft202012Validator:
    spec = yaml.safe_load(spec_file("v0").read_bytes())
    schema: dict[str, Any] = {
        "$ref": f"#/components/schemas/{name}",
        "components": spec["components"],
    }
    return Draft202012Validator(schema)


@dataclass
class Pace:
    """Spaces requests out, and counts them.

    Args:
        per_second: How many may start in a second.
        most: How many may start in all.
        clock: Seconds, from whenever.
    """

    per_second: float
    most: int
    clock: Callable[[], float]
    started: int = 0
    _next: float = field(default=float("-inf"), repr=False)

    def reserve(self) -> float | None:
        """Take the next place.

        Returns:
            How many seconds to wait for it; ``None`` if all places are gone.
        """
        if self.started >= self.most:
            return None
        self.started += 1
        now = self.clock()
        begin = max(now, self._next)
        self._next = begin + 1 / self.per_second
        return begin - now

    def hold(self, seconds: float) -> None:
        """Let nothing start for a while: the server asked for it."""
        self._next = max(self._next, self.clock() + seconds)
