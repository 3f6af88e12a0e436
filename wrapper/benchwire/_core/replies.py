"""Reads an answer with the generated code, and turns what it raises into the SDK's errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import orjson

from benchwire.errors import (
    STATUS_ERRORS,
    APIResponseValidationError,
    APIStatusError,
    ServerError,
)
from benchwire_api.errors import DecodeError, StatusError
from benchwire_api.types import Request, Response

T = TypeVar("T")

_LONGEST_MESSAGE = 500
_DEEPEST_MESSAGE = 4


def reader(request: Request, parse: Callable[[Response], T]) -> Callable[[Response], T]:
    """Make the function that reads the answer to ``request``."""

    def read(response: Response) -> T:
        # The errors are raised outside the except blocks: what the generated code raised holds the
        # raw body, and nothing is gained by chaining it.
        error: APIStatusError | APIResponseValidationError
        try:
            return parse(response)
        except StatusError:
            error = _status_error(request, response)
        except DecodeError as misfit:
            error = _validation_error(request, response, misfit)
        raise error

    return read


def _status_error(request: Request, response: Response) -> APIStatusError:
    status = response.status_code
    body = _body(response)
    kind = STATUS_ERRORS.get(status) or (ServerError if 500 <= status < 600 else APIStatusError)
    said = _message(body)
    return kind(
        f"{request.method} {request.path} answered {status}" + (f": {said}" if said else ""),
        operation=request.operation_id,
        status_code=status,
        body=body,
        headers=response.headers,
    )


def _validation_error(
    request: Request, response: Response, misfit: DecodeError
) -> APIResponseValidationError:
    return APIResponseValidationError(
        f"{request.method} {request.path} answered {response.status_code} with a body that does not"
        f" fit the spec: at {misfit.path} expected {misfit.expected}, got {misfit.got}",
        operation=request.operation_id,
        request_id=response.headers.get("x-request-id"),
        status_code=response.status_code,
        path=misfit.path,
        expected=misfit.expected,
        got=misfit.got,
    )


def _body(response: Response) -> object:
    if not response.content:
        return None
    try:
        decoded: object = orjson.loads(response.content)
    except orjson.JSONDecodeError:
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
