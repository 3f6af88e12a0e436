"""Validation of responses against the spec before they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from benchwire_local.http.request_validation import json_path
from benchwire_local.specs import MASK

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

    from benchwire_local.specs import Operation


class InvalidResponseError(Exception):
    """A response does not match the spec; the message contains no value of the response."""


def encode_response(operation: Operation, status: int, body: Any) -> bytes:
    """Return the JSON of a response, validated against the spec.

    Raises:
        InvalidResponseError: The status is not documented, or the body does not match its schema.
    """
    validator = _validator(operation, status)
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


def _validator(operation: Operation, status: int) -> Draft202012Validator:
    for documented in (str(status), f"{status // 100}XX", "default"):
        if documented in operation.responses:
            return operation.responses[documented]
    statuses = ", ".join(operation.responses)
    raise InvalidResponseError(f"status {status} is not documented; these are: {statuses}")
