"""The three services as the contract checks know them, read from their specifications."""

from __future__ import annotations

import os
import posixpath
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import httpx

import benchwire
from benchwire_api import services
from benchwire_api.service import ServiceAddress
from benchwire_drift.availability import connection_reason, foreign_reason
from benchwire_drift.judge import ObservedResponse, stranger_reason
from benchwire_drift.specs import StrictOperation, bundled_spec
from benchwire_specs import Document, matches_template, most_literal

# The model endpoint that jobs are submitted with, where submitting is allowed.
ENDPOINT = "BENCHWIRE_CONTRACT_ENDPOINT"
ENDPOINT_KEY = "BENCHWIRE_CONTRACT_ENDPOINT_KEY"
ENDPOINT_PROVIDER = "BENCHWIRE_CONTRACT_ENDPOINT_PROVIDER"
_LOOK_SECONDS = 60.0  # the most that one look may take

# Where services usually serve what they do not document, and a name that exists nowhere.
_TAILS = ("search", "export", "stats", "summary", "no-such-route")
_ROOTS = ("no-such-route", "health", "version", "openapi.json", "admin", "me")


class CannotCheckError(Exception):
    """A check could not be made, or not all of it; the message says why."""


@dataclass(frozen=True)
class Service:
    """One of the three APIs."""

    name: str  # ``public``, ``v2`` or ``v0``
    address: ServiceAddress  # of its specification: how the key is sent
    key_variables: tuple[str, ...]  # the environment variables with the key; the first that is set
    # the SDK's client, which validates a key and a base URL
    client: type[benchwire.PublicClient | benchwire.V2Client | benchwire.V0Client]
    reads: tuple[str, ...]  # the operations that show whether the service can be checked at all
    prefix: str = ""  # what the paths of the embedded server have before those of the specification

    @property
    def document(self) -> Document:
        """The specification."""
        return bundled_spec(self.name).document

    @property
    def key(self) -> str:
        """The key in the environment; empty if there is none."""
        values = (os.environ.get(name, "").strip() for name in self.key_variables)
        return next(filter(None, values), "")

    @cached_property
    def operations(self) -> dict[str, StrictOperation]:
        """The operations, by id."""
        return {operation.id: operation for operation in bundled_spec(self.name).operations}

    def look(self, base_url: str, reserve: Callable[[], float | None]) -> None:
        """Send one read, and raise `CannotCheckError` if its response is not the API's.

        Where the API may lack just this operation, look at the others of `reads`, too. `reserve`
        returns the seconds to wait before each.
        """
        reasons = []
        for name in self.reads:
            time.sleep(reserve() or 0)
            reason, is_final = self._reason(base_url, self.operations[name].template)
            reasons.append(reason)
            if reason is None or is_final:
                break
        if reasons[-1] is not None:
            where = f"the {self.name} API at {base_url}"
            raise CannotCheckError(f"{where} can't be checked: {reasons[0]}")

    def _reason(self, base_url: str, path: str) -> tuple[str | None, bool]:
        """Return why a read shows nothing of the API, and whether another one would not, either."""
        content, end = bytearray(), time.monotonic() + _LOOK_SECONDS
        headers = dict([self.address.auth(self.key)])
        url, verify = base_url.rstrip("/") + path, httpx.create_ssl_context()  # of SSL_CERT_FILE
        try:
            with (
                httpx.Client(trust_env=False, timeout=_LOOK_SECONDS, verify=verify) as http,
                http.stream("GET", url, headers=headers) as response,
            ):
                for part in response.iter_bytes():
                    content += part
                    if time.monotonic() > end:
                        raise TimeoutError
        except (httpx.HTTPError, TimeoutError) as error:
            return connection_reason(error), True
        status, got = response.status_code, bytes(content)
        if reason := foreign_reason(status, response.headers, got):
            return reason, True
        observed = ObservedResponse(
            method="GET", path=path, status=status, headers=response.headers, content=got
        )
        return stranger_reason(bundled_spec(self.name), observed), False


SERVICES = {
    service.name: service
    for service in (
        Service("public", services.PUBLIC,
                ("LAYERLENS_STRATIX_API_KEY", "LAYERLENS_ATLAS_API_KEY"), benchwire.PublicClient,
                ("listModels", "listBenchmarks", "listEvaluations"), "/api/v1"),
        Service("v2", services.V2, ("BENCHWIRE_V2_API_KEY",), benchwire.V2Client,
                ("listBenchmarkTypes", "listBenchmarkModels")),
        Service("v0", services.V0, ("BENCHWIRE_V0_API_KEY", "HARMSTACK_API_KEY"),
                benchwire.V0Client, ("getAccount", "listBenchmarks", "listJobs")),
    )
}  # fmt: skip


@cache
def _operations() -> dict[tuple[str, str], str]:
    """Map method and path template on the embedded server to ``api.operationId``."""
    return {
        (operation.method, service.prefix + operation.template): f"{service.name}.{operation.id}"
        for service in SERVICES.values()
        for operation in service.operations.values()
    }


def operation_at(method: str, path: str) -> str | None:
    """Return the operation the embedded server has at a path, as ``api.operationId``."""
    templates = {template for _, template in _operations() if matches_template(template, path)}
    return _operations().get((method, most_literal(templates) or ""))


def without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without any key, for another process."""
    secret = {ENDPOINT_KEY}.union(*(service.key_variables for service in SERVICES.values()))
    return {name: value for name, value in environment.items() if name not in secret}


def undocumented_paths(documented: set[str], ids: Mapping[str, str]) -> list[str]:
    """Return paths near the documented ones: by the root, above them, and below the lists.

    `ids` has the id of a row of a list by its path. Nothing is looked for below a resource.
    """
    common = posixpath.commonpath([template.partition("/{")[0] for template in documented])
    candidates = [posixpath.join(common, name) for name in _ROOTS]
    for template in sorted(documented):
        filled = re.sub(r"\{[^{}]*\}", "1", template)
        parts = filled.split("/")
        candidates += [
            f"{filled}/{tail}" for tail in (*_TAILS, ids.get(template, "1")) if filled == template
        ]
        candidates += ["/".join(parts[:end]) for end in range(2, len(parts))]
    return [path for path in dict.fromkeys(candidates) if not _is_documented(path, documented)]


def _is_documented(path: str, documented: set[str]) -> bool:
    return any(matches_template(template, path) for template in documented)
