"""Validation of responses against the spec before they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from benchwire_local.http.parameters import MASK, ParameterError, parse
from benchwire_local.http.request_ids import HEADER
from benchwire_local.http.request_validation import json_path

if TYPE_CHECKING:
    from benchwire_local.http.call import ApiResponse
    from benchwire_local.specs import Operation, ResponseSpec


class InvalidResponseError(Exception):
    """A response does not match the spec; the message contains no value of the response."""


def encode_response(operation: Operation, response: ApiResponse) -> bytes:
    """Return the JSON of a response, empty if it has no body, validated against the spec.

    Raises:
        InvalidResponseError: The status is not documented, or body or header do not match a schema.
    """
    status, body = response.status, response.body
    documented = _documented(operation, status)
    _check_headers(documented, response)
    if (validator := documented.body) is None:
        if body is not None:
            raise InvalidResponseError(f"status {status} has no body")
        return b""
    try:
        for violation in validator.iter_errors(body):
            message = violation.message.replace(MASK, "the value")
            raise InvalidResponseError(f"status {status}, {json_path(violation)}: {message}")
        return orjson.dumps(body)
    except (TypeError, ValueError) as error:
        # A date, a set, a lone surrogate. The text of the error may contain the value.
        raise InvalidResponseError(
            f"status {status}, $: not JSON ({type(error).__name__})"
        ) from None


def _check_headers(documented: ResponseSpec, response: ApiResponse) -> None:
    """Check the documented headers; the middleware adds `x-request-id`, and the spec has no others."""
    given = {name.lower(): value for name, value in response.headers.items()}
    for name, header in documented.headers.items():
        if name.lower() in given:
            try:
                parse(header, given[name.lower()])
            except ParameterError as error:
                raise InvalidResponseError(f"status {response.status}, header {error}") from None
        elif header.required and name.lower() != HEADER:
            raise InvalidResponseError(f"status {response.status}: header {name} is missing")


def _documented(operation: Operation, status: int) -> ResponseSpec:
    for documented in (str(status), f"{status // 100}XX", "default"):
        if documented in operation.responses:
            return operation.responses[documented]
    raise InvalidResponseError(
        f"status {status} is not documented: {', '.join(operation.responses)}"
    )
