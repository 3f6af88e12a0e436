"""What the sync and the async transport share: requests for httpcore, errors, responses."""

from __future__ import annotations

import os
import re
import ssl
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

import certifi
import httpcore

from benchwire._transport.base_url import parse_base_url
from benchwire._transport.body import ACCEPT_ENCODING, MAX_ERROR_BODY, BodyReader
from benchwire._transport.endpoint import Endpoint
from benchwire._transport.options import Options
from benchwire._transport.proxies import ProxyTrace
from benchwire._transport.received import Received
from benchwire._transport.user_errors import mapped_user_error
from benchwire.errors import (
    APIConnectionError,
    APITimeoutError,
    BenchwireError,
    ConfigurationError,
)
from benchwire.options import Verify
from benchwire.secret import Secret, concealed
from benchwire_api.processes import fork_waits
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

_HTTPCORE_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    RuntimeError,
)


class TotalTimeout(httpcore.TimeoutException):
    """An attempt as a whole has taken too long."""


def http_errors() -> tuple[type[Exception], ...]:
    """Return what httpcore raises where there is no response, and httpx, if something imported it."""
    # No import: another thread may be importing it, or was when this process was forked.
    module = sys.modules.get("httpx")
    found = (getattr(module, name, None) for name in ("HTTPError", "InvalidURL", "StreamError"))
    return (*_HTTPCORE_ERRORS, *filter(None, found))


@cache
def _default_context() -> ssl.SSLContext:
    # Made once: that takes longer than all the rest of a client.
    return ssl.create_default_context(cafile=certifi.where())


@fork_waits()  # OpenSSL has locks of the whole process
def ssl_context(verify: Verify = None) -> ssl.SSLContext:
    """Return the SSL context of connections, which ignores OpenSSL's environment variables.

    Args:
        verify: The file or directory of the certificates to trust in place of the usual ones, or a
            context; by default what ``BENCHWIRE_CA_BUNDLE`` names, if it is set.

    Raises:
        ConfigurationError: If the certificates can't be read.
    """
    verify = os.getenv(_CA_VARIABLE, "").strip() or None if verify is None else verify
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
        if not os.fspath(verify):
            raise ValueError("the path is empty")  # and not the working folder
        return _folder_context(path) if path.is_dir() else ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        reason = getattr(error, "strerror", None) or error
    raise ConfigurationError(f"verify: the certificates in {str(path)!r} can't be read: {reason}")


def _folder_context(path: Path) -> ssl.SSLContext:
    """Return a context that trusts a folder: by OpenSSL's names, or every certificate in it."""
    context = ssl.create_default_context(capath=path)
    if not any(re.fullmatch(r"[0-9a-f]{8}\.[0-9]+", name) for name in os.listdir(path)):
        for file in filter(Path.is_file, path.iterdir()):
            with suppress(ssl.SSLError):  # a key, or a text
                context.load_verify_locations(file)
        if not context.cert_store_stats()["x509"]:
            raise ValueError("there is none in the folder")
    return context


@cache
@fork_waits()
def _own_headers() -> dict[str, str]:
    # Looking for the version costs more than all the rest of the first request.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        agent = f"benchwire/{version('benchwire')}"
    except PackageNotFoundError:
        agent = "benchwire/unknown"
    return {"accept": "application/json", "accept-encoding": ACCEPT_ENCODING, "user-agent": agent}


def request_headers(request: Request, options: Options) -> dict[str, str]:
    """Return the headers of a request, without the key."""
    extra = options.extra_headers.items()
    given = {name: concealed(v.reveal()) if isinstance(v, Secret) else v for name, v in extra}
    own = {name.lower(): value for name, value in request.headers.items()}
    return {**_own_headers(), **given, **own}


def pool_request(
    endpoint: Endpoint, request: Request, options: Options, seconds: float
) -> httpcore.Request:
    """Build the request for a connection of our own, the key included; its repr shows no header."""
    url = parse_base_url(endpoint.base_url)
    named = list(request_headers(request, options).items())
    if request.needs_key:
        named.append(endpoint.key_header)
    headers = [(b"Host", url.netloc)]
    headers += [(name.encode(), concealed(value.encode("ascii"))) for name, value in named]
    if request.body is not None:
        headers.append((b"Content-Length", b"%d" % len(request.body)))
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=url.scheme,
            host=url.host,
            port=url.port,
            target=url.path + request.target.encode("ascii"),
        ),
        headers=headers,
        content=request.body,
        extensions={"timeout": options.timeouts.capped(seconds)},
    )


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


def is_of_network(error: Exception) -> bool:
    """Return whether an error of `http_errors` is of the network, and not of the user's code.

    One of a hook, a transport or a signal handler does not tell whether the request was sent.
    """
    is_foreign = isinstance(error, RuntimeError) and type(error).__module__ != "httpx"
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
    if any(base.__name__ == "TimeoutException" for base in type(error).__mro__):
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
