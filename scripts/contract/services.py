"""The three services as the contract checks know them, read from their specifications."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

import benchwire

REPOSITORY = Path(__file__).resolve().parents[2]
# The model endpoint that jobs are submitted with, where submitting is allowed.
ENDPOINT = "BENCHWIRE_CONTRACT_ENDPOINT"
ENDPOINT_KEY = "BENCHWIRE_CONTRACT_ENDPOINT_KEY"
ENDPOINT_PROVIDER = "BENCHWIRE_CONTRACT_ENDPOINT_PROVIDER"


@dataclass(frozen=True)
class Operation:
    """An operation of a specification."""

    id: str
    method: str
    path: str


@dataclass(frozen=True)
class Service:
    """One of the three APIs.

    Attributes:
        name: ``public``, ``v2`` or ``v0``.
        client: The SDK's client, which validates a key and a base URL.
        key_variable: The environment variable with the key.
        url_variable: The environment variable with the base URL.
        prefix: What the paths of the embedded server have before those of the specification.
    """

    name: str
    client: type[benchwire.PublicClient | benchwire.V2Client | benchwire.V0Client]
    key_variable: str
    url_variable: str
    prefix: str = ""

    @property
    def spec(self) -> Path:
        """The specification's file."""
        return REPOSITORY / "openapi" / f"{self.name}.yaml"

    @property
    def document(self) -> Mapping[str, Any]:
        """The specification."""
        return _load(self.spec)

    @property
    def default_base_url(self) -> str:
        """The first server of the specification."""
        return str(self.document["servers"][0]["url"])

    @property
    def key_header(self) -> str:
        """The header that carries the key."""
        (scheme,) = self.document["components"]["securitySchemes"].values()
        return str(scheme["name"]) if scheme["type"] == "apiKey" else "Authorization"

    @property
    def key_prefix(self) -> str:
        """What the header has before the key."""
        return "Bearer " if self.key_header == "Authorization" else ""

    @property
    def operations(self) -> dict[str, Operation]:
        """The operations, by id."""
        return {
            node["operationId"]: Operation(node["operationId"], method.upper(), path)
            for path, item in self.document["paths"].items()
            for method, node in item.items()
            if isinstance(node, dict) and "operationId" in node
        }


SERVICES = {
    "public": Service(
        *("public", benchwire.PublicClient),
        *("LAYERLENS_STRATIX_API_KEY", "LAYERLENS_STRATIX_BASE_URL", "/api/v1"),
    ),
    "v2": Service("v2", benchwire.V2Client, "BENCHWIRE_V2_API_KEY", "BENCHWIRE_V2_BASE_URL"),
    "v0": Service("v0", benchwire.V0Client, "BENCHWIRE_V0_API_KEY", "BENCHWIRE_V0_BASE_URL"),
}


@cache
def _load(path: Path) -> Mapping[str, Any]:
    document: Mapping[str, Any] = yaml.safe_load(path.read_bytes())
    return document


@cache
def _routes() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (
            f"{service.name}.{operation.id}",
            re.compile(
                f"{operation.method} {service.prefix}{re.sub('{[^}]*}', '[^/]+', operation.path)}"
            ),
        )
        # A path without parameters first: /jobs/batch is no job.
        for service in SERVICES.values()
        for operation in sorted(service.operations.values(), key=lambda item: "{" in item.path)
    ]


def operation_at(method: str, path: str) -> str | None:
    """Return the operation the embedded server has at a path, as ``api.operationId``."""
    request = f"{method} {path}"
    return next((name for name, route in _routes() if route.fullmatch(request)), None)


@dataclass(frozen=True)
class Endpoint:
    """The address of a live service: an origin, and a prefix of its paths."""

    scheme: str
    host: str
    port: int
    prefix: str


def parse_endpoint(base_url: str) -> Endpoint:
    """Split a base URL that the SDK has validated."""
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Endpoint(parts.scheme, parts.hostname or "", port, parts.path.rstrip("/"))


def without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without any key, for another process."""
    secret = {service.key_variable for service in SERVICES.values()} | {ENDPOINT_KEY}
    return {name: value for name, value in environment.items() if name not in secret}
