"""HMAC digests: what a journal stores in place of keys and of URLs that may contain one."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

from attrs import field, frozen

from benchwire._jobs.records import Item
from benchwire.secret import Secret

LOCK_STRIPES = 64
"""The number of locks (lock striping): submissions that must not run side by side share one."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


@frozen
class Digests:
    """Computes digests that are equal for equal input and reveal nothing without the salt.

    Attributes:
        salt: The random bytes of the journal.
    """

    salt: bytes = field(repr=False)

    def account(self, base_url: str, key: Secret) -> str:
        """Return the digest of a service and our key to it."""
        return self._digest("account", base_url, key.reveal())

    def fingerprint(self, canonical: bytes) -> str:
        """Return the digest of what is submitted."""
        return self._digest("payload", canonical)

    def endpoint(self, url: str) -> str:
        """Return the digest of a model endpoint: scheme, host, port and path.

        The query is left out: it may hold a key, and a service may leave it out of its list.
        """
        return self._digest("endpoint", *_endpoint_parts(url))

    def lock_stripes(self, base_url: str, items: Iterable[Item], endpoint: str) -> list[int]:
        """Return the locks of a submission: equal for submissions whose jobs look alike in the list.

        A listed job shows its benchmark and endpoint, and neither the model, nor the seed, nor the
        key that it was submitted with.
        """
        return sorted(
            {
                int(self._digest("stripe", base_url, item.benchmark_id, endpoint), 16)
                % LOCK_STRIPES
                for item in items
            }
        )

    def _digest(self, *parts: str | bytes) -> str:
        digest = hmac.new(self.salt, digestmod="sha256")
        for part in parts:
            data = part.encode() if isinstance(part, str) else part
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.hexdigest()[:32]


def _endpoint_parts(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "", url, ""
    return parts.scheme, f"{host}:{port}", parts.path.rstrip("/")
