"""The three APIs as the contract checks see them: their spec, and where the key goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchwire._core.settings import PUBLIC, V0, V2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchwire._core.settings import Service

REPOSITORY = Path(__file__).resolve().parents[2]
SERVICES: dict[str, Service] = {"public": PUBLIC, "v2": V2, "v0": V0}
# The model endpoint that jobs are submitted with, where submitting is allowed.
ENDPOINT = "BENCHWIRE_CONTRACT_ENDPOINT"
ENDPOINT_KEY = "BENCHWIRE_CONTRACT_ENDPOINT_KEY"
ENDPOINT_PROVIDER = "BENCHWIRE_CONTRACT_ENDPOINT_PROVIDER"


@dataclass(frozen=True)
class Place:
    """Where a live server is: an origin, and what its paths begin with."""

    scheme: str
    host: str
    port: int
    prefix: str


def spec_file(api: str) -> Path:
    """The specification of an API."""
    return REPOSITORY / "openapi" / f"{api}.yaml"


def place_of(base_url: str) -> Place:
    """Take a base URL apart that `resolve` has checked."""
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Place(parts.scheme, parts.hostname or "", port, parts.path.rstrip("/"))


def without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for another process, in which no key stands."""
    secret = {service.key_variable for service in SERVICES.values()} | {ENDPOINT_KEY}
    return {name: value for name, value in environment.items() if name not in secret}
