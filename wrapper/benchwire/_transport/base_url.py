"""The parts of a base URL that a request needs."""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from benchwire_api.processes import fork_waits

# Most base URLs are of this form, in which httpx changes nothing. It takes long to import.
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(
    rf"(https?)://(?!.*xn--)((?:{_LABEL}\.)*[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?|127\.0\.0\.1)"
    r"(?::([1-9][0-9]{1,4}))?((?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*)/?"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@frozen
class BaseUrl:
    """The parts of a base URL, as they are sent.

    Attributes:
        scheme: ``http`` or ``https``.
        host: The host, encoded by IDNA.
        port: The port; ``None`` if it is the scheme's own.
        netloc: Host and port, as in a ``Host`` header.
        path: The path without a slash at the end, percent-encoded.
    """

    scheme: str
    host: str
    port: int | None
    netloc: bytes
    path: bytes

    def __str__(self) -> str:
        """Return the URL in the one form that all its spellings have."""
        return f"{self.scheme}://{self.netloc.decode()}{self.path.decode()}"

    @property
    def connected_port(self) -> int:
        """The port to connect to."""
        return self.port or _DEFAULT_PORTS[self.scheme]


@lru_cache(maxsize=64)
def parse_base_url(url: str) -> BaseUrl:
    """Parse the base URL of an endpoint.

    Raises:
        ValueError: If it is no URL, or its host has no encoding.
    """
    plain = _PLAIN.fullmatch(url)
    if plain is None or int(plain[3] or 0) in {80, 443}:
        return _parse_with_httpx(url)
    scheme, host, port, path = plain.groups()
    netloc = f"{host}:{port}" if port else host
    return BaseUrl(scheme, host, int(port) if port else None, netloc.encode(), path.encode())


def _parse_with_httpx(url: str) -> BaseUrl:
    with fork_waits():
        import httpx  # noqa: PLC0415

        try:
            parsed = httpx.URL(url)
            host = parsed.raw_host.decode("ascii") if parsed.host else ""  # decodes an xn-- label
        except httpx.InvalidURL as error:
            raise ValueError(str(error)) from None
        if host.strip("."):
            host.encode("idna")  # the length of each label; a UnicodeError is a ValueError
    path = parsed.raw_path.rstrip(b"/")
    return BaseUrl(parsed.scheme, host, parsed.port, parsed.netloc, path)
