"""Sends one request and parses the response, with the SDK's errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import orjson
from attrs import evolve

from benchwire._requests.messages import error_message, shortened
from benchwire._transport.deadline import Deadline
from benchwire._transport.port import NO_CACHE, Port
from benchwire._transport.received import Received
from benchwire.errors import (
    STATUS_ERRORS,
    APIResponseValidationError,
    APIStatusError,
    ServerError,
)
from benchwire_api.decoding import containers, shallow
from benchwire_api.errors import DecodeError, StatusError
from benchwire_api.identity import same_identity
from benchwire_api.models import ResponseModel, ResultList
from benchwire_api.types import Request, Response

T = TypeVar("T")


def uncached(request: Request) -> Request:
    """Return a request for the present state, with which no cache on the way may answer."""
    return evolve(request, header_parameters={**request.header_parameters, **NO_CACHE})


async def fetch(
    port: Port,
    request: Request,
    parse: Callable[[Response], T],
    deadline: Deadline | None = None,
) -> T:
    """Send a request and parse the response with the generated code.

    A request whose filters allow nothing is not sent: its result is the empty response.

    Args:
        port: Sends the request.
        request: What to send.
        parse: Parses the response.
        deadline: When it must have ended, if that is earlier than the operation's deadline.

    Raises:
        APIError: If there is no usable response.
    """
    if request.empty_response is not None:
        return parse(Response(status_code=200, content=request.empty_response))
    response = await port.send(request, deadline=deadline)
    return parse_received(request, response, parse)


def parse_received(request: Request, response: Received, parse: Callable[[Response], T]) -> T:
    """Parse a response, with the SDK's errors, and attach its ``response_info``.

    Raises:
        APIStatusError: If the status is not the documented success.
        APIResponseValidationError: If the body does not match the spec.
    """
    # The errors are raised outside the except blocks: the generated error holds the raw body, and
    # the SDK's need not be chained to it.
    error: APIStatusError | APIResponseValidationError
    try:
        if response.fault is not None and response.status_code < 300:
            raise DecodeError("$", "a body that can be read", response.fault.text)
        result = same_identity(request, parse(response))
    except StatusError:
        error = _status_error(request, response)
    except DecodeError as mismatch:
        error = _validation_error(request, response, mismatch)
        error.is_too_large = response.fault is not None and response.fault.is_too_large
    else:
        if isinstance(result, ResponseModel | ResultList):
            result.response_info = response.info
        return result
    error.sent = (request.method, response.redactor.text(response.url))
    raise error


def _status_error(request: Request, response: Received) -> APIStatusError:
    status = response.status_code
    body = response.redactor.json(_body(response))
    if isinstance(body, str):
        body = response.redactor.truncated(body)
    kind = STATUS_ERRORS.get(status) or (ServerError if 500 <= status < 600 else APIStatusError)
    message = error_message(body, response.redactor.text)
    details = [f"{response.attempts} attempts"] if response.attempts > 1 else []
    if status == HTTPStatus.NOT_FOUND and request.ids:
        details.append(f"{' and '.join(request.ids)}: an id is expected, not a key or a name")
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        details.append("a proxy refused it, not the service: it demands credentials of its own")
    if 300 <= status < 400 and "location" in response.info.headers:
        # A user, a query and a fragment may be secret.
        place = re.sub(r"(?<=//)[^/?#]*@|[?#].*", "", response.info.headers["location"])
        details.append(f"a redirect to {shortened(place)}, which is not followed: check base_url")
    if response.retry_stopped is not None:
        details.append(response.retry_stopped)
    return kind(
        f"{request.method} {request.path} returned status {status}"
        + (f": {message}" if message else "")
        + (f" ({'; '.join(details)})" if details else ""),
        operation=request.operation_id,
        status_code=status,
        body=body,
        headers=response.info.headers,
        code=_code(body),
    )


def _validation_error(
    request: Request, response: Received, mismatch: DecodeError
) -> APIResponseValidationError:
    redactor = response.redactor
    path, expected = redactor.text(mismatch.path), redactor.text(mismatch.expected)
    # The value is truncated already, and a truncated key is hard to recognise.
    holds_a_secret = redactor.occurs_in(response.content.decode("utf-8", "replace"))
    got = "a value that is not shown: the response holds a key" if holds_a_secret else mismatch.got
    got = redactor.text(got)
    return APIResponseValidationError(
        f"{request.method} {request.path} returned status {response.status_code} with a body that"
        f" does not match the spec: at {path} expected {expected}, got {got}",
        operation=request.operation_id,
        request_id=response.info.request_id,
        status_code=response.status_code,
        path=path,
        expected=expected,
        got=got,
    )


def _body(response: Response) -> object:
    if not response.content:
        return None
    try:
        decoded: object = orjson.loads(response.content)
        if type(decoded) in containers:
            shallow(decoded, "")
    except (orjson.JSONDecodeError, DecodeError):
        return response.content.decode("utf-8", "replace")
    return decoded


def _code(body: object) -> str | None:
    """Return the code in an error body: beside the message, or of the whole body."""
    if isinstance(body, dict):
        detail = body.get("error")
        for holder in (detail, body) if isinstance(detail, dict) else (body,):
            code = holder.get("code")
            if code and isinstance(code, str | int) and not isinstance(code, bool):
                return shortened(str(code))
    return None
