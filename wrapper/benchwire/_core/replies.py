"""Reads an answer with the generated code, and turns what it raises into the SDK's errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import orjson

from benchwire._core.delivery import Delivered
from benchwire._core.hiding import hidden, hidden_at_the_end, hidden_in
from benchwire.errors import (
    STATUS_ERRORS,
    APIResponseValidationError,
    APIStatusError,
    ServerError,
)
from benchwire.models import Listed
from benchwire_api.decoding import containers, shallow
from benchwire_api.errors import DecodeError, StatusError
from benchwire_api.models import Answer
from benchwire_api.types import Request, Response

T = TypeVar("T")

_LONGEST_MESSAGE = 500
_DEEPEST_MESSAGE = 4


def reader(request: Request, parse: Callable[[Response], T]) -> Callable[[Response], T]:
    """Make the function that reads the answer to ``request``."""

    def read(response: Response) -> T:
        delivered = _delivered(response)
        # The errors are raised outside the except blocks: what the generated code raised holds the
        # raw body, and nothing is gained by chaining it.
        error: APIStatusError | APIResponseValidationError
        try:
            if delivered.flaw is not None and delivered.status_code < 300:
                raise DecodeError("$", "a body that can be read", delivered.flaw)
            return _with_info(parse(response), delivered)
        except StatusError:
            error = _status_error(request, delivered)
        except DecodeError as misfit:
            error = _validation_error(request, delivered, misfit)
        raise error

    return read


def list_reader(
    request: Request, parse: Callable[[Response], list[T]]
) -> Callable[[Response], Listed[T]]:
    """Make the function that reads the answer to ``request``, an array."""
    return reader(request, lambda response: Listed(parse(response)))


def _delivered(response: Response) -> Delivered:
    if isinstance(response, Delivered):
        return response
    return Delivered(
        status_code=response.status_code, headers=response.headers, content=response.content
    )


def _with_info(result: T, delivered: Delivered) -> T:
    """Let a result tell of the answer it came in."""
    if isinstance(result, Answer | Listed):
        result.response_info = delivered.info
    return result


def _status_error(request: Request, response: Delivered) -> APIStatusError:
    status = response.status_code
    body = hidden_in(_body(response), response.secrets)
    if isinstance(body, str):
        body = hidden_at_the_end(body, response.secrets)
    kind = STATUS_ERRORS.get(status) or (ServerError if 500 <= status < 600 else APIStatusError)
    said = _message(body)
    tried = [f"{response.attempts} attempts"] if response.attempts > 1 else []
    if response.ending is not None:
        tried.append(response.ending)
    return kind(
        f"{request.method} {request.path} answered {status}"
        + (f": {said}" if said else "")
        + (f" ({'; '.join(tried)})" if tried else ""),
        operation=request.operation_id,
        status_code=status,
        body=body,
        headers=response.info.headers,
    )


def _validation_error(
    request: Request, response: Delivered, misfit: DecodeError
) -> APIResponseValidationError:
    path, expected = (hidden(text, response.secrets) for text in (misfit.path, misfit.expected))
    # What was got is shortened already, and a key that was cut off is hard to find.
    text = response.content.decode("utf-8", "replace")
    holds_a_secret = any(secret in text for secret in response.secrets)
    got = "what is not shown, since the answer holds a key" if holds_a_secret else misfit.got
    got = hidden(got, response.secrets)
    return APIResponseValidationError(
        f"{request.method} {request.path} answered {response.status_code} with a body that does not"
        f" fit the spec: at {path} expected {expected}, got {got}",
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


def _message(body: object, deep: int = _DEEPEST_MESSAGE) -> str | None:
    """The sentence in an error body, wherever the services put it."""
    if isinstance(body, str):
        return _shortened(body)
    if isinstance(body, dict) and deep:
        for name in ("error", "message", "detail", "title"):
            found = _message(body.get(name), deep - 1)
            if found:
                return found
    return None


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"
