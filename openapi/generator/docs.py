"""Writes the docstrings of the SDK's methods from the descriptions in the specs."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plans import FieldPlan, OperationPlan

_WIDTH = 100
_INDENT = 8
_OPTIONS = "`CallOptions`: timeout, deadline, max_retries and extra_headers of this call."
_ITERATION = {
    "max_items": "The most items to yield; by default all.",
    "concurrency": "The most pages requested or waiting to be read at a time, 1 to 64.",
    "**options": "`CallOptions`: timeout of each attempt at a page, deadline of the whole iteration, the"
    " time between its items included, max_retries of a page, and extra_headers.",
}


def method_docstring(
    operation: OperationPlan, parameters: list[FieldPlan], spec: str, *, or_none: bool
) -> str:
    """Write the docstring of a method that sends one request."""
    returns = operation.successes[0].description.rstrip(".")
    if or_none:
        returns += ", or `None` if there is none"
    lines = [
        *_head(operation.summary or operation.id, operation),
        *_section("Args", {**_described(parameters), **_body(operation), "**options": _OPTIONS}),
        *_section("Returns", {"": f"{returns}. One request."}),
        *_section("Raises", _raises(operation, parameters, or_none=or_none)),
        *_section("Spec", {"": spec}),
    ]
    return _indented(lines)


def group_docstring(description: str) -> str:
    """Write the docstring of a group of methods, as one line."""
    text = description.replace("\\", "\\\\").replace('"', "'")
    return " ".join(text.split())


def iterate_docstring(operation: OperationPlan, name: str, spec: str) -> str:
    """Write the docstring of a method that iterates over a list."""
    noun = name.removeprefix("iter_").replace("_", " ")
    parameters = operation.parameters
    filters = [each for each in parameters if each.python not in {"page", "page_size"}]
    positional = [each for each in filters if each.positional]
    others = [each for each in filters if not each.positional]
    size = next(each for each in parameters if each.python == "page_size")
    arguments = {
        **_described([*positional, *others]),
        "page_size": f"The number of rows to request at a time; by default {size.maximum or size.default}.",
        **_ITERATION,
    }
    lines = [
        *_head(f"Iterate over all {noun} that match, lazily and in order.", operation),
        *_section("Args", arguments),
        *_section("Returns", {"": (
            f"A pager: iterate over it for the {noun}; its `pages()` yields whole responses, its"
            " `to_list()` collects everything. A request for each page."
        )}),
        *_section("Raises", {
            "ValueError": "If an argument is not allowed; raised by the call itself.",
            **_not_found(operation),
            "APIError": "If the request of a page fails; the pages before it were yielded.",
            "PaginationError": "If items are missing at the end.",
        }),
        *_section("Spec", {"": spec}),
    ]  # fmt: skip
    return _indented(lines)


def _head(summary: str, operation: OperationPlan) -> list[str]:
    paragraphs = [paragraph for paragraph in operation.description.split("\n\n") if paragraph]
    if operation.empty_response:
        paragraphs.append(
            "An empty list allows no value: the result is empty, and nothing is sent."
        )
    if operation.once:
        paragraphs.append(
            "It is sent once: it is repeated only where it surely was not executed, after a status of"
            " 429 or where no connection was made."
        )
    lines = _wrapped(summary)
    for paragraph in paragraphs:
        lines += ["", *_wrapped(paragraph)]
    return lines


def _body(operation: OperationPlan) -> dict[str, str]:
    return {"body": f"The request body, a `{operation.body}`."} if operation.body else {}


def _described(parameters: list[FieldPlan]) -> dict[str, str]:
    return {each.python: _sentence(each) for each in parameters}


def _sentence(field: FieldPlan) -> str:
    """Return a parameter's description, with its values, bounds and default where it has none."""
    text = field.description or "Not described."
    facts = field.facts
    if all(word in text for word in re.findall(r"`[^`]+`|\d+", facts)):
        facts = ""
    default = ""
    if field.default and "by default" not in text:
        number = field.default[0].isdigit()
        default = f"by default {field.default if number else f'`{field.default}`'}"
    added = "; ".join(filter(None, (facts, default)))
    if not added:
        return text
    first, *others = text.rstrip(".").split(". ")
    if others or ":" in first:
        return f"{text} {added[0].upper()}{added[1:]}."
    joint = "; " if not facts else ": " if "`" in facts else ", "
    return f"{first}{joint}{added}."


def _raises(
    operation: OperationPlan, parameters: list[FieldPlan], *, or_none: bool
) -> dict[str, str]:
    checked = {"ValueError": "If an argument is not allowed; nothing is sent."}
    return {
        **(checked if parameters or operation.body else {}),
        **({} if or_none else _not_found(operation)),
        "APIError": "If the request fails.",
    }


def _not_found(operation: OperationPlan) -> dict[str, str]:
    if "404" not in operation.statuses:
        return {}
    names = [each.python for each in operation.path_parameters] or [
        each.python for each in operation.query_parameters if each.required
    ]
    named = f"If there is nothing with this {' or '.join(f'`{name}`' for name in names)}."
    return {"NotFoundError": named if names else "If the service finds nothing."}


def _section(title: str, entries: dict[str, str]) -> list[str]:
    lines = ["", f"{title}:"]
    for name, text in entries.items():
        entry = f"{name}: {text}" if name else text
        lines += textwrap.wrap(
            _code(entry, name), _WIDTH - _INDENT, initial_indent="    ",
            subsequent_indent="        " if name else "    ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        _code(text), _WIDTH - _INDENT, break_long_words=False, break_on_hyphens=False
    )


def _code(text: str, name: str = "") -> str:
    """Double the backticks of code, as reStructuredText has it; a reference keeps its one."""
    escaped = text.replace("\\", "\\\\").replace('"""', "'''")
    return escaped if name == "**options" else re.sub(r"`([^`]+)`", r"``\1``", escaped)


def _indented(lines: list[str]) -> str:
    first, *rest = lines
    return "\n".join([first, *(f"{' ' * _INDENT}{line}" if line else "" for line in rest)])
