"""The three services as the contract checks know them, read from their specifications."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import benchwire
from benchwire_api import services
from benchwire_api.service import ServiceAddress
from benchwire_drift.look import look
from benchwire_drift.specs import StrictOperation, bundled_spec
from benchwire_specs import Document, matches_template, most_literal

# The model endpoint that jobs are submitted with, where submitting is allowed.
ENDPOINT = "BENCHWIRE_CONTRACT_ENDPOINT"
ENDPOINT_KEY = "BENCHWIRE_CONTRACT_ENDPOINT_KEY"
ENDPOINT_PROVIDER = "BENCHWIRE_CONTRACT_ENDPOINT_PROVIDER"

# Where services usually serve what they do not document, and a name that exists nowhere.
_TAILS = ("search", "no-such-route")
_ROOTS = ("no-such-route", "health", "version", "openapi.json", "admin", "me")


@dataclass(frozen=True)
class Service:
    """One of the three APIs."""

    name: str  # ``public``, ``v2`` or ``v0``
    address: ServiceAddress  # of its specification: how the key is sent
    key_variables: tuple[str, ...]  # the environment variables with the key; the first that is set
    # the SDK's client, which validates a key and a base URL
    client: type[benchwire.PublicClient | benchwire.V2Client | benchwire.V0Client]
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
        """Look whether the service can be checked; see `benchwire_drift.look`."""
        look(self.name, base_url, dict([self.address.auth(self.key)]), reserve)


SERVICES = {
    service.name: service
    for service in (
        Service("public", services.PUBLIC,
                ("LAYERLENS_STRATIX_API_KEY", "LAYERLENS_ATLAS_API_KEY"), benchwire.PublicClient,
                "/api/v1"),
        Service("v2", services.V2, ("BENCHWIRE_V2_API_KEY",), benchwire.V2Client),
        Service("v0", services.V0, ("BENCHWIRE_V0_API_KEY", "HARMSTACK_API_KEY"),
                benchwire.V0Client),
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
