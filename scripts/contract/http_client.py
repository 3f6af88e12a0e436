"""HTTP client of the relations, without the SDK, whose bugs it would share; it records exchanges."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias
from urllib.parse import quote

import httpx
import pytest

from benchwire_drift.availability import connection_reason
from benchwire_drift.judge import ObservedResponse

from .guard import MARK, REASON
from .services import SERVICES

# The fields that show whether rows were added or changed; others may differ in every response.
_CHANGING = re.compile(rb'"(?:id|status|[a-z_]*count)"\s*:\s*(?:"[^"]*"|[\d.]+)', re.IGNORECASE)

Value: TypeAlias = str | int | bool | Sequence[str]


@dataclass(frozen=True)
class Request:
    """A request; `operation` is empty for a path that the specification does not have."""

    operation: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()

    @property
    def target(self) -> str:
        """The percent-encoded path and query."""
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.path}{'?' if query else ''}{query}"

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True)
class Exchange:
    """A request and its response."""

    request: Request
    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def observed(self) -> ObservedResponse:
        """Return the response as the strict schemas read it."""
        method, path, content = self.request.method, self.request.path, self.content
        return ObservedResponse(
            method=method, path=path, status=self.status, headers=self.headers, content=content
        )

    def json(self) -> Any:
        """Parse the body, or raise `UnexpectedResponseError`."""
        try:
            # 42.0 is an integer, as in JSON Schema.
            return json.loads(self.content, parse_float=_parse_number)
        except (ValueError, ArithmeticError, RecursionError):
            size = len(self.content)
            raise UnexpectedResponseError(f"a body of {size} bytes that is not JSON") from None

    def rows(self) -> list[bytes]:
        """Return what identifies the rows and shows their state, in no particular order."""
        return sorted(_CHANGING.findall(self.content))


class UnexpectedResponseError(Exception):
    """A response with another status, without JSON or of another shape than a relation reads."""


class ApiClient:
    """A client of one API, used as a context manager.

    The base URL and the key are those of the API, or of the guard in front of it. A request that
    the guard does not forward skips the running test: nothing is known then. `endpoint` has the
    fields jobs are submitted with; without it, nothing is submitted.
    """

    def __init__(
        self, name: str, base_url: str, key: str, *, endpoint: Mapping[str, str] | None = None,
        poll_interval: float = 2.0,
    ) -> None:  # fmt: skip
        service = SERVICES[name]
        self.name = name
        self.operations = service.operations
        self.endpoint = endpoint
        self.poll_interval = poll_interval
        self.exchanges: list[Exchange] = []
        self.requests: list[Request] = []  # since the running test began, cached ones included
        self._cache: dict[Request, Exchange] = {}
        self._base_url = base_url
        self._key = dict([service.address.auth(key)])
        self._http = httpx.Client(trust_env=False, timeout=400, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, operation: str, *path: object, **query: Value) -> Any:
        """Return the JSON of a response, which must be a 200.

        Path parameters are in order, a list in the query is joined with commas.
        """
        exchange = self.response(operation, *path, **query)
        if exchange.status != 200:
            raise UnexpectedResponseError(f"status {exchange.status}")
        return exchange.json()

    def response(self, operation: str, *path: object, **query: Value) -> Exchange:
        """Return the response to a GET, which relations share until the cache is cleared."""
        request = self._request(operation, path, query)
        if request in self._cache:
            self.requests.append(request)
        else:
            self._cache[request] = self._send(request)
        return self._cache[request]

    def clear_cache(self) -> None:
        """Send every request anew from now on."""
        self._cache.clear()

    def saw_changes(self, start: int) -> bool:
        """Return whether, since so many exchanges, a request found rows that it never found before.

        Another order is no such change. Nor are former rows: that server contradicts itself.
        """
        before: dict[Request, list[list[bytes]]] = {}
        for one in self.exchanges[:start]:
            before.setdefault(one.request, []).append(one.rows())
        after = self.exchanges[start:]
        return any(one.rows() not in before.get(one.request, [one.rows()]) for one in after)

    def post(self, operation: str, body: Mapping[str, Any]) -> Any:
        """Return the JSON of the response to a submission, which must be a 202."""
        exchange = self._send(Request(operation, "POST", self.operations[operation].template), body)
        if exchange.status != 202:
            raise UnexpectedResponseError(f"status {exchange.status}")
        return exchange.json()

    def probe(self, path: str, method: str = "GET") -> Exchange:
        """Send a request that the specification does not have."""
        return self._send(Request("", method, path))

    def without_key(self, operation: str) -> Exchange:
        """Send a request without the key."""
        return self._send(self._request(operation, (), {}), with_key=False)

    def _request(
        self, operation: str, path: tuple[object, ...], query: Mapping[str, Value]
    ) -> Request:
        template = self.operations[operation].template
        for value in path:
            before, _, rest = template.partition("{")
            template = before + quote(str(value), safe="") + rest.partition("}")[2]
        # Sorted, so that the same request in another order is not sent again.
        pairs = tuple((name, _encode(value)) for name, value in sorted(query.items()))
        return Request(operation, "GET", template, pairs)

    def _send(
        self, request: Request, body: Mapping[str, Any] | None = None, *, with_key: bool = True
    ) -> Exchange:
        self.requests.append(request)
        url, headers = self._base_url + request.target, self._key if with_key else None
        try:
            response = self._http.request(request.method, url, json=body, headers=headers)
        except httpx.HTTPError as error:
            reason = connection_reason(error)
            raise UnexpectedResponseError(f"no response: {reason}") from None
        if MARK in response.headers:
            pytest.skip(response.headers[REASON])  # a header, as the response to HEAD has no body
        exchange = Exchange(request, response.status_code, response.headers, response.content)
        self.exchanges.append(exchange)
        return exchange


def _parse_number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _encode(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return quote(str(value), safe="")
    if any("," in item for item in value):
        pytest.skip("a value contains a comma, which a list filter can't carry")
    return ",".join(quote(item, safe="") for item in value)
