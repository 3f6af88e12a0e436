"""Validation of requests against their operation: typed parameters, and a body of its schema.

Pure functions over bytes and headers; the app reads the body from the network.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from benchwire_local.errors import ApiError
from benchwire_local.http import strict_json
from benchwire_local.http.parameters import (
    ParameterError,
    parse,
    shorten,
    split_query,
    violation_message,
)
from benchwire_specs import holds_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_rs import ValidationError
    from starlette.datastructures import Headers

    from benchwire_local.http.parameters import Parameter
    from benchwire_local.specs import Operation, RequestBody, Spec

# RFC 9110, section 8.3.1. Parameters other than the charset are ignored. Each text can match in
# only one way, so that there is no backtracking of exponential cost.
_JSON_TYPE = re.compile(
    r"""
    application/json [ \t]*
    (?: ; [ \t]*
        (?: (?: charset=(?: utf-8 | "utf-8" ) | (?!charset) {name}=(?: {name} | {quoted} ) ) [ \t]* )?
    )*
    """.format(name=r"[!\#$%&'*+.^_`|~0-9A-Za-z-]+", quoted=r'"(?: [^"\\] | \\. )*"'),
    re.VERBOSE | re.IGNORECASE,
)


def read_path(
    operation: Operation, raw: Mapping[str, str], *, invalid_status: int
) -> dict[str, Any]:
    """Return an operation's path parameters, typed.

    Raises:
        ApiError: One is invalid; the message has its name, the value and the limit.
    """
    return _read_all(operation.path_parameters, raw, invalid_status)


def read_query(operation: Operation, query: bytes, *, invalid_status: int) -> dict[str, Any]:
    """Return an operation's query parameters, typed, with defaults.

    The query is ignored if the operation has no parameters and documents no status for an invalid
    one.

    Raises:
        ApiError: One is unknown, given twice, missing or invalid.
    """
    if not operation.query_parameters and str(invalid_status) not in operation.responses:
        return {}
    raw: dict[str, str] = {}
    try:
        for name, value in split_query(query):
            if name not in operation.query_parameters:
                known = ", ".join(sorted(operation.query_parameters)) or "none"
                raise ParameterError(
                    f"unknown query parameter {shorten(name)}; {operation.operation_id} has {known}"
                )
            if name in raw:
                raise ParameterError(f"{name}: given more than once")
            raw[name] = value
    except ParameterError as error:
        raise ApiError(invalid_status, str(error)) from None
    return _read_all(operation.query_parameters, raw, invalid_status)


def read_headers(operation: Operation, headers: Headers, *, invalid_status: int) -> dict[str, Any]:
    """Return an operation's header parameters, typed, with defaults; raise an ApiError like `read_query`."""
    found = {name: ",".join(headers.getlist(name)) for name in operation.header_parameters}
    raw = {name: text for name, text in found.items() if name in headers}
    return _read_all(operation.header_parameters, raw, invalid_status)


def _read_all(
    parameters: Mapping[str, Parameter], raw: Mapping[str, str], invalid_status: int
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if name in raw:
            try:
                values[name] = parse(parameter, raw[name])
            except ParameterError as error:
                raise ApiError(invalid_status, str(error)) from None
        elif parameter.required:
            raise ApiError(invalid_status, f"{name}: required, and missing")
        elif parameter.has_default:
            values[name] = parameter.default
    return values


def check_body_headers(headers: Headers) -> None:
    """Raise an ApiError (415) unless a body is declared as unencoded JSON in UTF-8."""
    types, encodings = headers.getlist("content-type"), headers.getlist("content-encoding")
    if len(types) != 1 or not _JSON_TYPE.fullmatch(types[0]):
        seen = f"the content type {shorten(', '.join(types))}" if types else "no content type"
        raise ApiError(415, f"The body must be application/json in UTF-8; got {seen}.")
    if encodings:
        seen = shorten(", ".join(encodings))
        raise ApiError(415, f"The body must not be encoded; got the encoding {seen}.")


def read_body(spec: Spec, body: RequestBody, content: bytes, *, invalid_status: int) -> Any:
    """Parse a request body and validate it against its schema.

    Raises:
        ApiError: 400 if it is missing or not JSON, ``invalid_status`` if it does not match the
            schema; the message has the JSON path, the value (unless it is a secret) and the limit.
    """
    if not content:
        if body.required:
            raise ApiError(400, "The body is missing; this operation requires a JSON object.")
        return None
    try:
        value = _whole_numbers(strict_json.loads(content))
    except strict_json.StrictJsonError as error:
        raise ApiError(400, f"The body is invalid: {error}") from None
    for violation in body.validator.iter_errors(value):
        message = violation_message(violation, _shown(spec, violation))
        raise ApiError(invalid_status, f"{json_path(violation)}: {message}")
    return value


def _whole_numbers(value: Any) -> Any:
    """Convert numbers such as ``1.0``, which are integers in JSON Schema, to ``int``."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: _whole_numbers(item) for key, item in value.items()}
    return value


def json_path(error: ValidationError) -> str:
    """Return the JSON path of an error in a body, as in ``$.jobs[3].benchmark_id``."""
    parts = (f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.instance_path)
    return "$" + "".join(parts)


def _shown(spec: Spec, error: ValidationError) -> str:
    """Return the invalid value for a message, unless its schema or an outer one marks it secret."""
    node: Any = spec.document
    for part in error.schema_path:
        node = node[part]
        if holds_secret(spec.document, node):
            return "the secret"
    if isinstance(error.instance, dict | list):
        return "the object" if isinstance(error.instance, dict) else "the array"
    return shorten(error.instance)
