"""Derives the Python names of a spec: attributes, arguments, members, classes, modules.

A name on the wire is given (a property, a parameter, an enum value), so its Python name is the wire's
in snake case, and one that Python, a generated module or the runtime uses itself gets an underscore.
A name that is the author's choice (a schema, an operationId, a tag, an extension's value) is used as it
is, and refused where that is not possible. Two names that would be one are refused, never merged.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from typing import Any

from .runtime.models import ResponseModel
from .schemas import PlanError
from .words import class_case, module_case, snake_case

# Used in the annotations of the same class body, where a property of that name would hide them.
_ANNOTATIONS = {"str", "int", "float", "bool", "list", "dict", "datetime", "date"}
# What the body of a model's class, its base classes and its constructor use.
_MODEL = {"self", "field", "classmethod", "property", "from_dict", "to_dict", "validate"} | {
    name for name in dir(ResponseModel) if not name.startswith("__")
}
# What the module of an operation defines, imports and calls beside its arguments.
_OPERATION = {
    "self", "client", "body", "response", "check", "path_segment", "query_string", "header_values",
    "json_bytes", "array_of", "one_of", "decode_body", "status_error", "build_request",
    "parse_response", "sync", "asyncio", "place", "item", "request", "same_identity",
}  # fmt: skip
# What the SDK's module of the operations, its methods and the base classes of clients use.
METHOD_ARGUMENTS = {
    "timeout", "deadline", "max_retries", "extra_headers", "options", "self", "response",
}  # fmt: skip
LIST_ARGUMENTS = {"max_items", "concurrency", "source", "body", "items", "item"}
_METHODS = {
    "cached_property", "copied", "fork_waits", "replaced", "with_pagination", "httpx", "annotations", "date",
}  # fmt: skip
# Replaced in the sync twins of the modules.
_TWINS = {"aclose", "asynccontextmanager"}
_PAGES = {"page", "page_size", "total"}
_CLASSES = {
    "Any", "ClassVar", "Self", "Final", "Callable", "StrEnum", "ListLike", "Literal", "TypeAlias", "Unpack", "OpenModel", "ResponseModel", "ShortRepr",
    "ResultList", "Request", "Response", "Client", "Unset", "EpochSeconds", "BenchwireAPIError", "DecodeError",
    "StatusError", "HiddenFrames", "ListOperation", "PageSource", "CallOptions", "OnError", "EvaluationsResponse",
    "ResultsResponse",
    "Resource", "Pager", "SyncTransport", "SERVICE", "UNSET",
}  # fmt: skip
# Of what becomes a file: an operating system has a limit, 255 at most.
_LONGEST = 100
_PYTHON_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MEMBER = re.compile(r"[A-Z][A-Z0-9_]*")


def property_name(wire: str, override: Any = None, where: str = "") -> str:
    """Return the attribute of a property: `x-python-name`, or the wire name in snake case."""
    return _free(wire, override, _ANNOTATIONS | _MODEL, where)


def parameter_name(wire: str, override: Any = None, where: str = "", module: str = "") -> str:
    """Return the argument of a parameter: `x-python-name`, or the wire name in snake case.

    Args:
        wire: Its name on the wire.
        override: Its `x-python-name`.
        where: Its place in the spec.
        module: The module of its operation, whose name a method uses.
    """
    taken = _ANNOTATIONS | _OPERATION | _METHODS | _TWINS | {module}
    return _free(wire, override, taken, where)


def class_name(schema: str, where: str) -> str:
    """Return the class of a schema, which has the same name.

    Raises:
        PlanError: If that is no name for a class, or one that the generated code uses.
    """
    _require_short(schema, where)
    name = class_case(schema)
    if name != schema or not _is_python(schema):
        hint = f", such as {name}" if _is_python(name) and name != schema else ""
        raise PlanError(where, f"names a class, so it needs a name in PascalCase{hint}")
    if name in _CLASSES or name.startswith("Async"):
        raise PlanError(
            where, f"names a class, and the generated code uses {name} itself: rename it"
        )
    return name


def schema_name(override: Any, where: str) -> str:
    """Return the `x-python-name` of a schema: its name in `benchwire.models`; empty if it has none.

    Raises:
        PlanError: If it is no name for a class.
    """
    if override == "":
        return ""
    if not isinstance(override, str) or class_case(override) != override:
        raise PlanError(where, f"has the x-python-name {override!r}, which is not in PascalCase")
    return class_name(override, where)


def module_name(operation_id: str, where: str) -> str:
    """Return the module of an operation: its operationId in snake case.

    Raises:
        PlanError: If that is no name for a module, or one that the methods use.
    """
    name = module_case(operation_id)
    taken = METHOD_ARGUMENTS | LIST_ARGUMENTS | _METHODS | _TWINS | _PAGES
    return _chosen(name, taken, where, f"has the operationId {operation_id!r}")


def tag_name(tag: str, where: str) -> str:
    """Return the package of a tag: its name in snake case.

    Raises:
        PlanError: If that is no name for a package.
    """
    return _chosen(module_case(tag), _TWINS, where, f"has the tag {tag!r}")


def method_name(name: str, where: str) -> str:
    """Return a method's name from an extension.

    Raises:
        PlanError: If it is no name for a method.
    """
    return _chosen(name, _TWINS | (_ANNOTATIONS - {"list"}), where, f"names a method {name!r}")


def group_name(name: str, where: str) -> str:
    """Return the name of an attribute of the client, a group of methods or a method.

    Raises:
        PlanError: If it is no name for one. `handwritten.py` refuses those that clients have.
    """
    return _chosen(name, _METHODS | _TWINS, where, f"names an attribute {name!r}")


def member_names(values: list[str], given: list[Any] | None, where: str) -> list[str]:
    """Return the names of an enum's members: `x-enum-varnames`, or the values in upper case.

    Raises:
        PlanError: If a value has no name of its own.
    """
    names = [_member(value) for value in values] if given is None else given
    hint = "x-enum-varnames can name them"
    if len(names) != len(values):
        raise PlanError(where, f"has {len(values)} values and {len(names)} x-enum-varnames")
    for value, name in zip(values, names, strict=True):
        if not isinstance(name, str) or not _MEMBER.fullmatch(name):
            raise PlanError(where, f"has the value {value!r}, which makes no Python name: {hint}")
    require_distinct(zip(values, names, strict=True), where, f"values; {hint}")
    return names


def require_distinct(names: Iterable[tuple[str, str]], where: str, what: str) -> None:
    """Raise unless the Python names differ.

    Args:
        names: Each name of the spec, with the Python name it gets.
        where: The place of all of them in the spec.
        what: What they are, for the message.

    Raises:
        PlanError: If two are the same.
    """
    seen: dict[str, str] = {}
    for name, python in names:
        if python in seen:
            raise PlanError(
                where, f"has {seen[python]!r} and {name!r}, both called {python} in Python: {what}"
            )
        seen[python] = name


def require_printable(name: object, where: str) -> str:
    """Return a name or value of the wire.

    Raises:
        PlanError: If it is no string, or has a character that can't be seen in code.
    """
    if not isinstance(name, str):
        raise PlanError(where, f"has {name!r} where a string is needed: quote it")
    if not name.isprintable():
        raise PlanError(where, f"has {name!r}, with a character that is not printable")
    return name


def path_step(wire: str) -> str:
    """The step to a property in a JSON path: `.id`, or `['a b']` for what is no identifier."""
    return f".{wire}" if wire.isidentifier() and wire.isascii() else f"[{wire!r}]"


def _member(value: str) -> str:
    name = snake_case(value).upper()
    return name if not name or name[0].isalpha() else f"VALUE_{name}"


def _free(wire: str, override: Any, taken: set[str], where: str) -> str:
    require_printable(wire, where)
    if override is not None and not (
        isinstance(override, str) and _PYTHON_NAME.fullmatch(override)
    ):
        raise PlanError(where, f"has the x-python-name {override!r}, which is not in snake case")
    name: str = override or snake_case(wire)
    if not name.isidentifier():
        name = f"field_{name}"
    if not _is_python(name) or name == "field_":
        raise PlanError(
            where, f"is called {wire!r}, which makes no Python name: x-python-name gives one"
        )
    return f"{name}_" if name in taken or keyword.iskeyword(name) else name


def _require_short(name: str, where: str) -> None:
    if len(name) > _LONGEST:
        raise PlanError(where, f"names a file with {len(name)} characters: {_LONGEST} is the most")


def _chosen(name: str, taken: set[str], where: str, what: str) -> str:
    _require_short(name, where)
    if not _PYTHON_NAME.fullmatch(name) or keyword.iskeyword(name):
        raise PlanError(where, f"{what}, which makes no Python name")
    if name in taken:
        raise PlanError(where, f"{what}, and the generated code uses {name} itself: rename it")
    return name


def _is_python(name: str) -> bool:
    """Return whether a name is an identifier that reads the same everywhere: ASCII letters."""
    return name.isascii() and name.isidentifier()
