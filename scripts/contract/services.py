"""The three services as the contract checks know them, read from their specifications."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import benchwire
from benchwire_drift.specs import StrictOperation, bundled_spec
from benchwire_specs import Document, matches_template, most_literal

# The model endpoint that jobs are submitted with, where submitting is allowed.
ENDPOINT = "BENCHWIRE_CONTRACT_ENDPOINT"
ENDPOINT_KEY = "BENCHWIRE_CONTRACT_ENDPOINT_KEY"
ENDPOINT_PROVIDER = "BENCHWIRE_CONTRACT_ENDPOINT_PROVIDER"

# Where services usually serve what they do not document, and a name that exists nowhere.
_TAILS = ("search", "export", "stats", "latest", "summary", "count", "no-such-route")
_ROOTS = ("no-such-route", "health", "status", "version", "openapi.json", "admin", "users", "me")


@dataclass(frozen=True)
class Service:
    """One of the three APIs."""

    name: str  # ``public``, ``v2`` or ``v0``
    # the SDK's client, which validates a key and a base URL
    client: type[benchwire.PublicClient | benchwire.V2Client | benchwire.V0Client]
    key_variables: tuple[str, ...]  # the environment variables with the key; the first that is set
    prefix: str = ""  # what the paths of the embedded server have before those of the specification

    @property
    def document(self) -> Document:
        """The specification."""
        return bundled_spec(self.name).document

    @property
    def key_header(self) -> str:
        """The header that carries the key."""
        (scheme,) = self.document.node("#/components/securitySchemes").values()
        return str(scheme["name"]) if scheme["type"] == "apiKey" else "Authorization"

    @property
    def key_prefix(self) -> str:
        """What the header has before the key."""
        return "Bearer " if self.key_header == "Authorization" else ""

    @cached_property
    def operations(self) -> dict[str, StrictOperation]:
        """The operations, by id."""
        return {operation.id: operation for operation in bundled_spec(self.name).operations}


SERVICES = {
    "public": Service(
        "public", benchwire.PublicClient,
        ("LAYERLENS_STRATIX_API_KEY", "LAYERLENS_ATLAS_API_KEY"), "/api/v1",
    ),
    "v2": Service("v2", benchwire.V2Client, ("BENCHWIRE_V2_API_KEY",)),
    "v0": Service("v0", benchwire.V0Client, ("BENCHWIRE_V0_API_KEY", "HARMSTACK_API_KEY")),
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


def undocumented_paths(documented: set[str]) -> list[str]:
    """Return paths near the documented ones: by the root, beside, above and below each of them."""
    patterns = [re.compile(_fill(path, "[^/]+")) for path in documented]
    candidates = [f"{_common_prefix(documented)}/{name}" for name in _ROOTS]
    for path in sorted(documented):
        filled = _fill(path, "1")
        parts = filled.split("/")
        candidates += [f"{filled}/{tail}" for tail in (*_TAILS, "1")]
        candidates += ["/".join(parts[:end]) for end in range(2, len(parts))]
    unknown = dict.fromkeys(candidates)
    return [path for path in unknown if not any(pattern.fullmatch(path) for pattern in patterns)]


def _fill(path: str, value: str) -> str:
    return re.sub(r"\{[^}]*\}", value, path)


def _common_prefix(paths: Iterable[str]) -> str:
    prefix = ""
    for parts in zip(*(path.strip("/").split("/") for path in paths), strict=False):
        if len(set(parts)) > 1 or "{" in parts[0]:
            break
        prefix += f"/{parts[0]}"
    return prefix
