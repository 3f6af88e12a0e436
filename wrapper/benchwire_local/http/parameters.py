"""Parsing of path and query parameters: from percent-encoded text to values of the spec's type.

Pure functions. Text that does not exactly match the type is rejected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args
from urllib.parse import unquote_to_bytes

from benchwire_specs import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema_rs import Draft202012Validator

Kind: TypeAlias = Literal["string", "integer", "number", "boolean"]

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_INTEGER_BITS = {"int32": 32, "int64": 64}
_ABSENT = object()


class ParameterError(ValueError):
    """A parameter's text is not of its type; the message has the text and the limit."""


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """One path or query parameter.

    Args:
        name: The name in requests.
        required: Whether it must be present.
        kind: The type of the value, or of each item if it is an array.
        is_array: Whether it is a comma-joined list.
        bits: The width of an integer.
        default: The value of an absent parameter, if :attr:`has_default`.
        validator: Checks the typed value against the schema.
    """

    name: str
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
    is_array = schema.get("type") == "array"
    value = items if is_array else schema
    kind: Kind | None = _KINDS.get(str(value.get("type")))
    if kind is None:
        raise SpecError(f"parameter {node['name']}: type {value.get('type')!r} is not supported")
    if is_array and (node.get("style", "form"), node.get("explode", True)) != ("form", False):
        raise SpecError(f"parameter {node['name']}: an array must be style form, explode false")
    return Parameter(
        name=node["name"],
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


def parse(parameter: Parameter, raw: str, *, plus_is_space: bool) -> Any:
    """Return the value of a parameter's encoded text, not yet validated against its schema.

    An empty text is an empty array. Percent-encoded commas separate items, too.

    Raises:
        ParameterError: The text is not of the parameter's type.
    """
    if plus_is_space:
        raw = raw.replace("+", " ")
    if not parameter.is_array:
        return _scalar(parameter, decode(raw))
    return [_scalar(parameter, item) for item in decode(raw).split(",")] if raw else []


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
