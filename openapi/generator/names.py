"""Python names of the properties and parameters in the specs.

The names of the spec are kept: a property called `input` or `type` stays that. Only a name that
Python or a generated class uses itself gets an underscore.
"""

from __future__ import annotations

import keyword

from openapi_python_client.strings import snake_case

# Used in the annotations of the same class body, where a property of that name would hide them.
_ANNOTATIONS = {"str", "int", "float", "bool", "list", "dict", "datetime"}
_METHODS = {"from_dict", "to_dict", "validate", "additional_properties"}
# Names the functions of an operation's module use themselves.
_ARGUMENTS = {
    "client", "body", "response", "check", "path_segment", "query_string", "json_bytes",
    *_ANNOTATIONS,
}  # fmt: skip


def property_name(wire: str, override: str | None = None) -> str:
    """The attribute for a property: `x-python-name`, or the wire name in snake case."""
    return _free(override or snake_case(wire), _ANNOTATIONS | _METHODS)


def parameter_name(wire: str, override: str | None = None) -> str:
    """The argument for a parameter: `x-python-name`, or the wire name in snake case."""
    return _free(override or snake_case(wire), _ARGUMENTS)


def path_step(wire: str) -> str:
    """The step to a property in a JSON path: `.id`, or `['a b']` for what is no identifier."""
    return f".{wire}" if wire.isidentifier() and wire.isascii() else f"[{wire!r}]"


def _free(name: str, taken: set[str]) -> str:
    if not name.isidentifier():
        name = f"field_{name}"
    return f"{name}_" if name in taken or keyword.iskeyword(name) else name
