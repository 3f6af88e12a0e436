"""Command-line options for the arguments of a client's method, so that the spec alone names them."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Collection, Iterator
from enum import Enum
from types import UnionType
from typing import Annotated, Any

import typer

from benchwire_api.types import ListLike

Command = Callable[..., None]

# How a list is read; the options of a call are no keywords of their own.
_NOT_FILTERS = {"page_size", "max_items", "concurrency"}


def with_filters(
    method: Callable[..., object], *, without: Collection[str] = ()
) -> Callable[[Command], Command]:
    """Return a decorator that gives a command an option for each keyword of a client's method.

    The command takes them as ``**filters`` and passes them on to the method: only those that the user
    gave are there. Their help is the method's docstring.

    Args:
        method: The generated method of a list.
        without: Keywords that get no option.
    """

    def decorate(command: Command) -> Command:
        own = inspect.signature(command, eval_str=True).parameters.values()
        options = [
            parameter
            for parameter in _options(method)
            if parameter.name not in _NOT_FILTERS | set(without)
        ]

        def run(*arguments: Any, **values: Any) -> None:
            for option in options:
                value = values.pop(option.name)
                # Typer gives an empty list where an option was not given.
                if value is not None and value != []:
                    values[option.name] = value.value if isinstance(value, Enum) else value
            command(*arguments, **values)

        named = [one for one in own if one.kind is not inspect.Parameter.VAR_KEYWORD]
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__signature__ = inspect.Signature([*named, *options])  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in [*named, *options]}
        return run

    return decorate


def _options(method: Callable[..., object]) -> Iterator[inspect.Parameter]:
    hints = typing.get_type_hints(method)
    helps = _argument_docs(method)
    for parameter in inspect.signature(method).parameters.values():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        yield parameter.replace(
            annotation=Annotated[
                _option_type(hints[parameter.name]),
                typer.Option(help=helps.get(parameter.name), show_default=False),
            ],
            default=None,
        )


def _option_type(hint: Any) -> Any:
    """Return the type that Typer reads for a keyword's annotation."""
    is_union = typing.get_origin(hint) in {UnionType, typing.Union}
    parts = typing.get_args(hint) if is_union else (hint,)
    for part in parts:
        if typing.get_origin(part) is ListLike:
            return list[str] | None
        if isinstance(part, type) and issubclass(part, Enum):
            return part | None
    return next(part for part in parts if part is not type(None)) | None


def _argument_docs(method: Callable[..., object]) -> dict[str, str]:
    """Return the text of each argument in a docstring."""
    text = inspect.getdoc(method) or ""
    section = re.search(r"^Args:\n((?:    .*\n|\n)+)", text + "\n", re.MULTILINE)
    entries = re.split(r"^ {4}(?=\w+: )", section[1] if section else "", flags=re.MULTILINE)
    pairs = (entry.partition(": ") for entry in entries if ": " in entry)
    return {name: " ".join(words.replace("``", "").split()) for name, _, words in pairs}
