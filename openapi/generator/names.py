"""Python names for what the specs name.

The document's own names stand: a property called `input` or `type` stays that. Only what Python or
a generated class needs for itself gets an underscore.
"""

from __future__ import annotations

import keyword

from openapi_python_client.strings import snake_case

# Used in the annotations of the same class body, where a property of that name would hide them.
_ANNOTATIONS = {"str", "int", "float", "bool", "list", "dict", "datetime"}
_METHODS = {"from_dict", "to_dict", "additional_properties"}
# Names the functions of an operation's module use themselves.
_ARGUMENTS = {"client", "body", "response", *_ANNOTATIONS}


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
