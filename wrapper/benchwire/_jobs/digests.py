"""Salted hashes: what a journal keeps in place of keys and of URLs that may hold one."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from attrs import field, frozen

STRIPES = 64
"""The locks there are; submissions that must not overtake each other share one."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


@frozen
class Marks:
    """Makes marks that are equal for what is equal, and say nothing without the journal's salt."""

    salt: bytes = field(repr=False)

    def account(self, base_url: str, key: str) -> str:
        """Mark a service and the key to it."""
        return self._mark("account", base_url, key)

    def fingerprint(self, canonical: bytes) -> str:
        """Mark what is submitted."""
        return self._mark("payload", canonical)

    def endpoint(self, url: str) -> str:
        """Mark a model endpoint: its scheme, host, port and path, not its query, which may hold a key."""
        return self._mark("endpoint", *_place(url))

    def stripe(self, base_url: str, benchmark_id: str, endpoint: str) -> int:
        """Give the lock of the submissions whose jobs look alike in the list.

        A row of the list echoes the benchmark and the endpoint, not the model, the seed or the key
        that a job was submitted with.
        """
        return int(self._mark("stripe", base_url, benchmark_id, endpoint), 16) % STRIPES

    def _mark(self, *parts: str | bytes) -> str:
        digest = hmac.new(self.salt, digestmod="sha256")
        for part in parts:
            data = part.encode() if isinstance(part, str) else part
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.hexdigest()[:32]


def _place(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "", url, ""
    return parts.scheme, f"{host}:{port}", parts.path.rstrip("/")
