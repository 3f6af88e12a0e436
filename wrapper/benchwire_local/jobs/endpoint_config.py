"""The caller's model endpoint: validation, and redaction of its secrets.

Pure. The configuration is in the memory of its job only and is never stored, the key included.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from benchwire_local.http.parameters import shorten
from benchwire_local.jobs.providers import key_header
from benchwire_local.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

# Headers of the connection (RFC 9110, section 7.6.1), or computed from the request: a caller's
# value would break the request or allow request smuggling.
_REFUSED_HEADERS = frozenset(
    {
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[!-~](?:[ \t!-~]*[!-~])?")
_EXCERPT = 200


class InvalidEndpointError(ValueError):
    """The endpoint, its key or a header is invalid; the message has the field and no secret."""


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """A validated endpoint."""

    url: str
    provider: str
    model: str | None
    api_key: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def request_headers(self) -> dict[str, str]:
        """Return the headers of every request; the caller's override the defaults."""
        name, value = key_header(self.provider, self.api_key)
        headers = {
            "accept": "*/*",
            "accept-encoding": "identity",
            "content-type": "application/json",
            "user-agent": "benchwire-local",
            name: value,
        }
        headers.update((key.lower(), value) for key, value in self.headers.items())
        return headers

    def redacted(self, text: str) -> str:
        """Redact the key and the header values in a text, plain and in their usual escapes."""
        secrets: set[str] = set()
        for secret in (self.api_key, *self.headers.values()):
            secrets |= {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe="")}
        # The longest first: else, of a secret that contains another one, a part would remain.
        for secret in sorted(secrets - {""}, key=len, reverse=True):
            text = text.replace(secret, "[redacted]")
        return text

    def excerpt(self, text: str) -> str:
        """Return the first 200 characters of a text, redacted and on one line.

        Redacted before truncation: else the beginning of a secret could remain.
        """
        line = " ".join(self.redacted(text).split())
        return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"


def check_endpoint(
    endpoint_url: str,
    provider: str,
    model: str | None,
    api_key: str,
    headers: Mapping[str, str],
    *,
    allow_remote: bool,
) -> ModelEndpoint:
    """Validate the endpoint of a submission; the URL is used unmodified, with path and query.

    Raises:
        InvalidEndpointError: The URL, the key or a header is invalid, or a host other than loopback
            is not allowed.
    """
    url = _checked_url(endpoint_url, allow_remote=allow_remote)
    if not _HEADER_VALUE.fullmatch(api_key):
        raise InvalidEndpointError(
            "api_key can't be sent in a header: it must be printable ASCII without surrounding "
            "whitespace"
        )
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise InvalidEndpointError(f"headers: {shorten(name)} is not a valid header name")
        if name.lower() in _REFUSED_HEADERS:
            raise InvalidEndpointError(f"headers: {shorten(name)} can't be set by a job")
        if value and not _HEADER_VALUE.fullmatch(value):
            raise InvalidEndpointError(
                f"headers: the value of {shorten(name)} must be printable ASCII without "
                "surrounding whitespace"
            )
    in_query = {value for _, value in parse_qsl(url.query.decode())}
    if in_query & {api_key, *headers.values()}:
        raise InvalidEndpointError(
            "endpoint_url contains the api_key or a header's value; a job shows its endpoint_url "
            "to everyone who may list jobs, so put secrets in api_key or headers only"
        )
    return ModelEndpoint(endpoint_url, provider, model, api_key, dict(headers))


def _checked_url(endpoint_url: str, *, allow_remote: bool) -> httpx.URL:
    import httpx  # noqa: PLC0415  most servers run no job

    # Parsed by the library that sends the request: another parser could find another host.
    try:
        url = httpx.URL(endpoint_url)
        _ = url.host  # decodes a host that begins with xn--
    except (httpx.InvalidURL, UnicodeError) as error:
        raise InvalidEndpointError(f"endpoint_url is not a URL: {error}") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise InvalidEndpointError("endpoint_url must begin with http:// or https:// and a host")
    if url.port is not None and not 1 <= url.port <= 65535:
        raise InvalidEndpointError(f"endpoint_url's port must be from 1 to 65535, not {url.port}")
    if url.userinfo:
        raise InvalidEndpointError(
            "endpoint_url must not contain a user name or password; use api_key or headers"
        )
    if not allow_remote and not is_loopback(url.host):
        raise InvalidEndpointError(
            f"endpoint_url's host is {shorten(url.host)}, but only endpoints on this machine are "
            "called: localhost, 127.0.0.0/8 or [::1]; start the server with remote endpoints "
            "allowed to call others"
        )
    return url
