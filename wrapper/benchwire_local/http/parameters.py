"""Parsing of path and query parameters: from percent-encoded text to values of the spec's type.

Pure functions. Text that does not exactly match the type is rejected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args
from urllib.parse import unquote_to_bytes

from jsonschema_rs import ValidationErrorKind

from benchwire_specs import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema_rs import Draft202012Validator, ValidationError

Kind: TypeAlias = Literal["string", "integer", "number", "boolean"]

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,2})?")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_INTEGER_BITS = {"int32": 32, "int64": 64}
_ABSENT = object()
PLACES = ("path", "query", "header")
# Replaces the invalid value in a validator's messages, so that they never contain it whole.
MASK = "\N{OBJECT REPLACEMENT CHARACTER}"


class ParameterError(ValueError):
    """A parameter's text is not of its type; the message has the text and the limit."""


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """One parameter of a path, a query or headers, or a header of a response.

    Args:
        name: The name in requests.
        location: ``path``, ``query`` or ``header``.
        required: Whether it must be present.
        kind: The type of the value, or of each item if it is an array.
        is_array: Whether it is a comma-joined list.
        bits: The width of an integer.
        default: The value of an absent parameter, if :attr:`has_default`.
        validator: Checks the typed value against the schema.
    """

    name: str
    location: str
    required: bool
    kind: Kind
    is_array: bool
    bits: int
    default: Any
    validator: Draft202012Validator

    @property
    def has_default(self) -> bool:
        """Whether an absent parameter has a value."""
        return self.default is not _ABSENT


def describe_parameter(
    node: Mapping[str, Any],
    schema: Mapping[str, Any],
    items: Mapping[str, Any],
    validator: Draft202012Validator,
) -> Parameter:
    """Return a parameter from its OpenAPI object and its resolved schemas.

    Raises:
        SpecError: Its type or style is not supported.
    """
    if node["in"] not in PLACES:
        raise SpecError(f"parameter {node['name']}: parameters in {node['in']!r} are not supported")
    is_array = schema.get("type") == "array"
    value = items if is_array else schema
    kind = _KINDS.get(str(value.get("type")))
    if kind is None:
        raise SpecError(f"parameter {node['name']}: type {value.get('type')!r} is not supported")
    style, explode = ("form", True) if node["in"] == "query" else ("simple", False)
    if is_array and (node.get("style", style), node.get("explode", explode)) != (style, False):
        raise SpecError(f"parameter {node['name']}: an array must be style {style}, explode false")
    return Parameter(
        name=node["name"],
        location=node["in"],
        required=node.get("required", False),
        kind=kind,
        is_array=is_array,
        bits=_INTEGER_BITS.get(value.get("format", ""), 64),
        default=schema.get("default", _ABSENT),
        validator=validator,
    )


def split_query(query: bytes) -> Iterator[tuple[str, str]]:
    """Yield the decoded name and the encoded value of each pair of a query string.

    Raises:
        ParameterError: The query is not ASCII, or a name is not percent-encoded UTF-8.
    """
    for pair in query.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            try:
                yield decode(name.decode("ascii").replace("+", " ")), value.decode("ascii")
            except UnicodeDecodeError:
                raise ParameterError("the query must be percent-encoded ASCII") from None


def decode(text: str) -> str:
    """Return percent-decoded UTF-8.

    Raises:
        ParameterError: The encoding is invalid, the bytes are not UTF-8, or one of them is NUL.
    """
    if _BROKEN_ESCAPE.search(text):
        raise ParameterError(f"{shorten(text)} has a % without two hexadecimal digits after it")
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise ParameterError(f"{shorten(text)} is not valid UTF-8") from None
    if "\0" in decoded:
        raise ParameterError("a NUL character is not allowed")
    return decoded


def parse(parameter: Parameter, raw: str) -> Any:
    """Return the value of a parameter's text, validated against its schema.

    An empty text is an empty array. Percent-encoded commas separate items, too, except in headers.

    Raises:
        ParameterError: It is invalid; the message has the name, the value and the limit.
    """
    text, is_header = raw, parameter.location == "header"
    try:
        if not is_header:
            text = decode(raw.replace("+", " ") if parameter.location == "query" else raw)
        items = text.split(",") if parameter.is_array else [text]
        read = [_scalar(parameter, item.strip() if is_header else item) for item in items]
    except ParameterError as error:
        raise ParameterError(f"{parameter.name}: {error}") from None
    value = (read if raw else []) if parameter.is_array else read[0]
    for violation in parameter.validator.iter_errors(value):
        index = "".join(f"[{part}]" for part in violation.instance_path)
        message = violation_message(violation, shorten(violation.instance))
        raise ParameterError(f"{parameter.name}{index}: {message}")
    return value


def violation_message(error: ValidationError, shown: str) -> str:
    """Return the message of a violation, with the invalid value as it may be shown."""
    if isinstance(error.kind, ValidationErrorKind.Enum):  # the library's has two of them
        return f"{shown} is not one of {', '.join(map(str, error.kind.options))}"
    return error.message.replace(MASK, shown)


def _scalar(parameter: Parameter, text: str) -> Any:
    match parameter.kind:
        case "string":
            return text
        case "boolean":
            if text in ("true", "false"):
                return text == "true"
            raise ParameterError(f"{shorten(text)} is neither true nor false")
        case "integer":
            limit = 2 ** (parameter.bits - 1)
            if not _INTEGER.fullmatch(text):
                raise ParameterError(
                    f"{shorten(text)} is not an integer from {-limit} to {limit - 1}"
                )
            value = int(text)
            if not -limit <= value < limit:
                raise ParameterError(f"{text} is not an integer from {-limit} to {limit - 1}")
            return value
        case "number":
            if not _NUMBER.fullmatch(text):
                raise ParameterError(f"{shorten(text)} is not a number")
            return float(text)


def shorten(value: object, limit: int = 80) -> str:
    """Return a value for a message, without its middle if it is long."""
    text = repr(value) if isinstance(value, str) else str(value)
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}…{text[-limit // 4 :]} ({len(text)} characters)"
