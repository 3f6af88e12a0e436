"""Asks a server over plain HTTP and reads JSON, without the SDK, so that its bugs can't hide.

Every answer is kept, for the strict validation that follows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from scripts.spec_lint import load_spec

from .guard import MARK
from .services import SERVICES, spec_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    Value = str | int | bool | Sequence[str]


@dataclass(frozen=True)
class Asked:
    """What was asked: an operation, or a path where no operation is; all percent-encoded."""

    operation: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()

    @property
    def target(self) -> str:
        """The path with its query."""
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.path}{'?' if query else ''}{query}"

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True)
class Exchange:
    """A request and the answer to it."""

    asked: Asked
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """What the answer says.

        Raises:
            UnexpectedError: It is no JSON.
        """
        try:
            return json.loads(self.content)
        except ValueError:
            raise UnexpectedError(
                self.asked, f"a body of {len(self.content)} bytes, no JSON"
            ) from None


class UnexpectedError(Exception):
    """An answer no relation can be read from: another status, no JSON, another shape."""

    def __init__(self, asked: Asked, came: str) -> None:
        super().__init__(f"{asked}: {came}")
        self.asked = asked
        self.came = came


class NotAskedError(Exception):
    """The guard did not pass a request on; so nothing is known."""


class Api:
    """One API of a server.

    Args:
        name: ``public``, ``v2`` or ``v0``.
        base_url: Where it is, or where the guard before it is.
        key: Its key, or the guard's token.
        target: The endpoint fields jobs are submitted with; without it, nothing is submitted.
        poll_interval: Seconds between two looks at a job.
    """

    def __init__(
        self, name: str, base_url: str, key: str, *, target: Mapping[str, str] | None = None,
        poll_interval: float = 2.0,
    ) -> None:  # fmt: skip
        service = SERVICES[name]
        self.name = name
        self.target = target
        self.poll_interval = poll_interval
        self.exchanges: list[Exchange] = []
        self.last = Asked("", "GET", "")
        self.kept: dict[str, Any] = {}  # what relations did once and share
        self._known: dict[Asked, Exchange] = {}
        self._base_url = base_url
        self._key = {service.key_header: service.key_prefix + key}
        self._operations = {
            operation.id: operation for operation in load_spec(spec_file(name)).operations()
        }
        self._http = httpx.Client(trust_env=False, timeout=400, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    @property
    def paths(self) -> set[str]:
        """The path templates of the specification."""
        return {operation.path for operation in self._operations.values()}

    def path_of(self, operation_id: str) -> str:
        """The path template of an operation."""
        return self._operations[operation_id].path

    def get(self, operation_id: str, *path: object, **query: Value) -> Any:
        """Read something that must be there.

        Args:
            operation_id: The operation.
            path: The values in its path, in order.
            query: Its parameters by their names on the wire; a list is joined with commas.

        Raises:
            UnexpectedError: The answer is no 200 with JSON.
            NotAskedError: The guard did not pass it on.
        """
        exchange = self.ask(operation_id, *path, **query)
        if exchange.status != 200:
            raise UnexpectedError(exchange.asked, f"status {exchange.status}")
        return exchange.json()

    def ask(self, operation_id: str, *path: object, **query: Value) -> Exchange:
        """Read something that may not be there.

        The same is asked once, until `forget`: a live server is asked as little as can be.
        """
        asked = self._asked(operation_id, path, query)
        self.last = asked
        if asked not in self._known:
            self._known[asked] = self._send(asked)
        return self._known[asked]

    def forget(self) -> None:
        """Ask anew for what was read."""
        self._known.clear()

    def post(self, operation_id: str, body: Mapping[str, Any]) -> Any:
        """Submit something that must be taken (202)."""
        operation = self._operations[operation_id]
        exchange = self._send(Asked(operation_id, "POST", operation.path), body)
        if exchange.status != 202:
            raise UnexpectedError(exchange.asked, f"status {exchange.status}")
        return exchange.json()

    def probe(self, path: str, method: str = "GET") -> Exchange:
        """Ask for what the specification does not have."""
        return self._send(Asked("", method, path))

    def without_key(self, operation_id: str, *path: object, **query: Value) -> Exchange:
        """Ask for an operation and show no key."""
        return self._send(self._asked(operation_id, path, query), key=False)

    def _asked(
        self, operation_id: str, path: tuple[object, ...], query: Mapping[str, Value]
    ) -> Asked:
        pairs = tuple((name, _text(value)) for name, value in query.items())
        place = _filled(self._operations[operation_id].path, path)
        return Asked(operation_id, "GET", place, pairs)

    def _send(
        self, asked: Asked, body: Mapping[str, Any] | None = None, *, key: bool = True
    ) -> Exchange:
        self.last = asked
        try:
            response = self._http.request(
                asked.method,
                self._base_url + asked.target,
                json=body,
                headers=self._key if key else None,
            )
        except httpx.HTTPError as error:
            raise UnexpectedError(asked, f"no answer: {type(error).__name__}") from None
        if MARK in response.headers:
            raise NotAskedError(json.loads(response.content)["error"])
        headers = {name.lower(): value for name, value in response.headers.items()}
        exchange = Exchange(asked, response.status_code, headers, response.content)
        self.exchanges.append(exchange)
        return exchange


def _filled(path: str, values: tuple[object, ...]) -> str:
    for value in values:
        before, _, rest = path.partition("{")
        path = before + quote(str(value), safe="") + rest.partition("}")[2]
    return path


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return quote(str(value), safe="")
    # A comma inside a value is written as %2C, so that it does not part two values.
    return ",".join(quote(item, safe="") for item in value)
