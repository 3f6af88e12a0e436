"""What the sync and the async transport share: requests for httpcore and httpx, errors, responses."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Generator, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import httpcore

from benchwire._transport.body import ACCEPT_ENCODING, MAX_ERROR_BODY, BodyReader
from benchwire._transport.endpoint import Endpoint
from benchwire._transport.options import Options
from benchwire._transport.port import NO_CACHE
from benchwire._transport.proxies import ProxyTrace
from benchwire._transport.received import Received
from benchwire._transport.user_errors import mapped_user_error
from benchwire._transport.without_command import httpx
from benchwire.errors import (
    APIConnectionError,
    APITimeoutError,
    BenchwireError,
    ConfigurationError,
)
from benchwire.options import Verify
from benchwire.secret import Secret, concealed
from benchwire_api.processes import PerProcess
from benchwire_api.types import Request

_CA_VARIABLE = "BENCHWIRE_CA_BUNDLE"

RawHeaders = Iterable[tuple[bytes, bytes]]


_NEVER_SENT = frozenset(
    {
        "ConnectError",
        "ConnectTimeout",
        "InvalidURL",
        "PoolTimeout",
        "ProxyError",
        "UnsupportedProtocol",
    }
)
"""Exceptions of httpx and httpcore after which nothing of the request has left."""

HTTP_ERRORS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    RuntimeError,
)
"""What httpx and httpcore raise where there is no response."""


class TotalTimeout(httpx.TimeoutException):
    """An attempt as a whole has taken too long."""


@cache
def _default_context() -> ssl.SSLContext:
    # Made once: that takes longer than all the rest of a client.
    return httpx.create_ssl_context(trust_env=False)


def ssl_context(verify: Verify = None) -> ssl.SSLContext:
    """Return the SSL context of connections, which ignores OpenSSL's environment variables.

    Args:
        verify: The file or directory of the certificates to trust in place of the usual ones, or a
            context; by default what ``BENCHWIRE_CA_BUNDLE`` names, if it is set.

    Raises:
        ConfigurationError: If the certificates can't be read.
    """
    verify = os.getenv(_CA_VARIABLE) or None if verify is None else verify
    if verify is None:
        return _default_context()
    if isinstance(verify, ssl.SSLContext):
        return verify
    if not isinstance(verify, str | os.PathLike):
        raise TypeError(
            f"verify must be a path or an ssl.SSLContext, not {verify!r}: certificates are always"
            " verified, unless by a context of your own"
        )
    path = Path(verify).expanduser()
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        reason = getattr(error, "strerror", None) or error
    raise ConfigurationError(f"verify: the certificates in {str(path)!r} can't be read: {reason}")


@lru_cache(maxsize=64)
def _parsed(base_url: str) -> httpx.URL:
    return httpx.URL(base_url)


@cache
def _own_headers() -> dict[str, str]:
    # Looking for the version costs more than all the rest of the first request.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        agent = f"benchwire/{version('benchwire')}"
    except PackageNotFoundError:
        agent = "benchwire/unknown"
    return {"accept": "application/json", "accept-encoding": ACCEPT_ENCODING, "user-agent": agent}


def _headers(request: Request, options: Options) -> dict[str, str]:
    extra = options.extra_headers.items()
    given = {name: concealed(v.reveal()) if isinstance(v, Secret) else v for name, v in extra}
    own = {name.lower(): value for name, value in request.headers.items()}
    return {**_own_headers(), **given, **own}


def pool_request(
    endpoint: Endpoint, request: Request, options: Options, seconds: float
) -> httpcore.Request:
    """Build the request for a connection of our own, the key included; its repr shows no header."""
    url = _parsed(endpoint.base_url)
    named = list(_headers(request, options).items())
    if request.needs_key:
        named.append(endpoint.key_header)
    headers = [(b"Host", url.netloc)]
    headers += [(name.encode(), concealed(value.encode("ascii"))) for name, value in named]
    if request.body is not None:
        headers.append((b"Content-Length", b"%d" % len(request.body)))
    path = b"" if url.raw_path == b"/" else url.raw_path
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=url.raw_scheme,
            host=url.raw_host,
            port=url.port,
            target=path + request.target.encode("ascii"),
        ),
        headers=headers,
        content=request.body,
        extensions={"timeout": options.timeouts.capped(seconds)},
    )


def client_request(
    endpoint: Endpoint,
    request: Request,
    options: Options,
    seconds: float,
    trace: Callable[[str, Mapping[str, Any]], object],
) -> dict[str, Any]:
    """Return the arguments of ``build_request`` of a user's httpx client, without the key."""
    return {
        "method": request.method,
        "url": endpoint.base_url + request.target,
        "headers": _headers(request, options),
        "content": request.body,
        "timeout": httpx.Timeout(**options.timeouts.capped(seconds)),
        "extensions": {"trace": trace},
    }


class KeyAuth(httpx.Auth):
    """Adds the key to a request of a user's httpx client for the time it is being sent.

    So the request held by httpx's exceptions and responses has no key. The client's own event hooks
    do see it: they are called meanwhile.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Add the key, for the API's own origin alone, and remove it again."""
        base, url = _parsed(self._endpoint.base_url), request.url
        if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
            raise BenchwireError(
                f"a request to {base.host} was redirected to {url.host}, which must not get the key"
            )
        name, key = self._endpoint.key_header
        request.headers[name] = str(key)
        try:
            yield request
        finally:
            del request.headers[name]


def body_reader(status: int, headers: RawHeaders, options: Options) -> BodyReader:
    """Return the reader of a response's body."""
    limit = min(options.max_body, MAX_ERROR_BODY) if status >= 300 else options.max_body
    encodings = [value for name, value in headers if name.lower() == b"content-encoding"]
    return BodyReader(limit, b", ".join(encodings).decode("latin-1"))


def received(status: int, headers: RawHeaders, body: BodyReader) -> Received:
    """Return a response whose body was read."""
    content = body.finish()
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        # Latin-1 decodes every byte. Several lines of one name are one list (RFC 9110, 5.3).
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return Received(status_code=status, headers=joined, content=content, fault=body.fault)


def check_uses(uses: PerProcess[object]) -> None:
    """Refuse a user's httpx client that a process before this one has used.

    Its connections are those of the other process, and each would get the other's responses.
    """
    uses.get()
    if uses.was_made_before():
        raise BenchwireError(
            "http_client was used before this process was forked, and its connections are those of the"
            " other process: make one in each process"
        )


def is_of_network(error: Exception) -> bool:
    """Return whether an error of `HTTP_ERRORS` is of the network, and not of the user's code.

    One of a hook, a transport or a signal handler does not tell whether the request was sent.
    """
    is_foreign = isinstance(error, RuntimeError) and not isinstance(error, httpx.StreamError)
    return not is_foreign and mapped_user_error(error) is None


def closed_error(request: Request) -> BenchwireError:
    """Return the error for a request of a closed client."""
    return BenchwireError(f"{request.method} {request.path}: the client is closed")


def translated(
    endpoint: Endpoint,
    request: Request,
    error: Exception,
    *,
    is_closed: bool,
    proxy: ProxyTrace | None = None,
) -> BaseException:
    """Return the SDK's error for what httpx or httpcore raised.

    It must be raised outside the except block: httpx's exception may hold the request, and the
    request the key.
    """
    own = mapped_user_error(error)
    if own is not None:
        return own
    if is_closed:
        return closed_error(request)
    target = f"{request.method} {endpoint.base_url}{request.path}"
    kind = type(error).__name__
    who = "" if proxy is None else proxy.step
    never_sent = kind in _NEVER_SENT or bool(who)
    if isinstance(error, httpx.TimeoutException | httpcore.TimeoutException):
        phase = kind.removesuffix("Timeout").lower()
        late = f"no response of {who} in time" if who else "no response in time"
        return APITimeoutError(
            f"{target}: {late} ({phase})",
            operation=request.operation_id,
            never_sent=never_sent,
        )
    if not is_of_network(error):
        return error
    if kind == "ProxyError":
        who = f"{who or 'the proxy of http_client'} refused: "
    elif who:
        who += " failed: "
    return APIConnectionError(
        f"{target}: no response: {who}{kind}: {error}",
        operation=request.operation_id,
        never_sent=never_sent,
    )


def check_is_current(request: Request, response: httpx.Response) -> None:
    """Refuse a stored response of a cache that ignores what the request says (hishel's default)."""
    status = response.extensions.get("caching")
    if (
        NO_CACHE.items() <= request.headers.items()
        and isinstance(status, dict)
        and status.get("from_cache")
        and not status.get("revalidated")
    ):
        raise BenchwireError(
            f"{request.method} {request.path}: http_client answered from its cache, and the present"
            " state is needed: make its cache follow RFC 9111 (rfc=True), or leave it out here"
        )


def read_already(response: httpx.Response) -> tuple[RawHeaders, bytes] | None:
    """Return the headers and the body of a response that a transport or a hook of httpx has read.

    Mocks and caches give such responses. The body is decoded, so the headers of its coding are not
    returned. ``None`` if the body is still to be read, or was read by parts and is lost.
    """
    try:
        body = response.content
    except httpx.ResponseNotRead:
        return None
    of_coding = {b"content-encoding", b"content-length", b"transfer-encoding"}
    return [pair for pair in response.headers.raw if pair[0].lower() not in of_coding], body
