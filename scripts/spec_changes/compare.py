"""Compares what two specs give to users: operations, models, enums, and what is in them.

Our own, because no library does it. On PyPI, openapispecdiff is a command that asks for its files at
a prompt, and jsoncompat 0.3 takes single JSON schemas and answers yes or no; oasdiff and
openapi-changes are programs in Go. All of them judge the wire. Whether code that uses the package
still runs rests on more: a changed `x-python-name` breaks it, a changed wire name under the same
Python name does not, and an enum of a response is open whatever its schema says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from .model import Change, Grade
from .surface import Enum, Model, Operation, Surface, Value
from .values import Graded, compare_values

Thing = TypeVar("Thing")


def compare(old: Surface, new: Surface) -> list[Change]:
    """Give every change for users between two states of one API, the gravest first."""
    models = _paired(old.models, new.models, _same_fields)
    enums = _paired(old.enums, new.enums, lambda a, b: a.members == b.members)
    renamed = {a.name: b.name for pairs in (models, enums) for a, b in pairs.renamed}
    old = _with_names(old, renamed)
    found = [
        *_service(old, new),
        *_operations(old, new),
        *_models(_with_old(models, old.models), new),
        *_enums(enums),
    ]
    order = list(Grade)
    found.sort(key=lambda graded: order.index(graded[0]))
    return [Change(new.api, grade, text) for grade, text in found]


@dataclass(frozen=True)
class _Pairs(Generic[Thing]):
    """Things before and after: by the same name, by another name, and on one side only."""

    kept: list[tuple[Thing, Thing]]
    renamed: list[tuple[Thing, Thing]]
    gone: list[Thing]
    added: list[Thing]


def _paired(
    old: Mapping[str, Thing], new: Mapping[str, Thing], alike: Callable[[Thing, Thing], bool]
) -> _Pairs[Thing]:
    """Pair things by name; what is left by likeness, where only one fits and fits only one."""
    kept = [(old[name], new[name]) for name in old if name in new]
    gone = [old[name] for name in old if name not in new]
    added = [new[name] for name in new if name not in old]
    renamed = []
    for before in gone:
        after = [thing for thing in added if alike(before, thing)]
        if len(after) == 1 and sum(alike(thing, after[0]) for thing in gone) == 1:
            renamed.append((before, after[0]))
    return _Pairs(
        kept,
        renamed,
        [thing for thing in gone if all(thing is not before for before, _ in renamed)],
        [thing for thing in added if all(thing is not after for _, after in renamed)],
    )


def _same_fields(old: Model, new: Model) -> bool:
    def of(model: Model) -> dict[str, str]:
        return {wire: value.type for wire, value in model.fields.items()}

    return old.sent == new.sent and of(old) == of(new)


def _same_value(old: Value, new: Value) -> bool:
    same = (old.type, old.required, old.place) == (new.type, new.required, new.place)
    return same and (old.docs == new.docs or old.python == new.python)


def _with_names(surface: Surface, renamed: Mapping[str, str]) -> Surface:
    """The old state in the new names of its classes: a new name is one change, not one per use."""
    if not renamed:
        return surface
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, renamed))})\b")

    def put(text: str) -> str:
        return pattern.sub(lambda match: renamed[match[0]], text)

    def values(old: Mapping[str, Value]) -> dict[str, Value]:
        return {wire: replace(value, type=put(value.type)) for wire, value in old.items()}

    return replace(
        surface,
        operations={
            name: replace(
                op,
                arguments=values(op.arguments),
                body=put(op.body),
                result=put(op.result),
                error=put(op.error),
            )
            for name, op in surface.operations.items()
        },
        models={
            name: replace(model, fields=values(model.fields))
            for name, model in surface.models.items()
        },
    )


def _with_old(pairs: _Pairs[Model], models: Mapping[str, Model]) -> _Pairs[Model]:
    """The same pairs, with the old models in the new names."""
    return replace(
        pairs,
        kept=[(models[old.name], new) for old, new in pairs.kept],
        renamed=[(models[old.name], new) for old, new in pairs.renamed],
    )


def _service(old: Surface, new: Surface) -> Iterator[Graded]:
    if old.base_url != new.base_url:
        yield Grade.SEMANTIC, f"the base URL is {new.base_url}, was {old.base_url}"
    if old.key != new.key:
        yield Grade.SEMANTIC, f"the key is sent as `{new.key}`, was sent as `{old.key}`"


def _operations(old: Surface, new: Surface) -> Iterator[Graded]:
    enums = frozenset(old.enums) | frozenset(new.enums)
    pairs = _paired(old.operations, new.operations, lambda a, b: a.request == b.request)
    for op in pairs.gone:
        yield Grade.BREAKING, f"operation `{op.module}` is gone"
    for op in pairs.added:
        yield Grade.ADDITIVE, f"operation `{op.module}` is new"
    for before, after in pairs.renamed:
        yield Grade.BREAKING, f"operation `{before.module}` is now called `{after.module}`"
    for before, after in [*pairs.kept, *pairs.renamed]:
        yield from _operation(before, after, enums)


def _operation(old: Operation, new: Operation, enums: frozenset[str]) -> Iterator[Graded]:
    name = f"`{new.module}`"
    if old.package != new.package:
        where = f"in `api.{new.package}`, was in `api.{old.package}`"
        yield Grade.BREAKING, f"{name} is {where}"
    if old.request != new.request:
        yield Grade.SEMANTIC, f"{name} sends {new.request}, sent {old.request}"
    yield from _arguments(name, old, new, enums)
    if old.body != new.body:
        now, was = (f"`{body}`" if body else "no body" for body in (new.body, old.body))
        yield Grade.BREAKING, f"{name} takes {now}, took {was}"
    if old.result != new.result:
        yield Grade.BREAKING, f"{name} gives `{new.result}`, gave `{old.result}`"
    if old.status != new.status:
        yield Grade.SEMANTIC, f"{name} takes status {new.status} for success, took {old.status}"
    if old.error != new.error:
        yield Grade.BREAKING, f"the errors of {name} hold `{new.error}`, held `{old.error}`"
    for status in sorted(old.statuses ^ new.statuses):
        told = "is no longer told of" if status in old.statuses else "is told of"
        yield Grade.DOCS, f"status {status} of {name} {told}"
    if old.docs != new.docs:
        yield Grade.DOCS, f"{name} is described in other words"


def _arguments(
    name: str, old: Operation, new: Operation, enums: frozenset[str]
) -> Iterator[Graded]:
    pairs = _paired(old.arguments, new.arguments, _same_value)
    for value in pairs.gone:
        yield Grade.BREAKING, f"{name} no longer takes `{value.python}`"
    for value in pairs.added:
        if value.required:
            yield Grade.BREAKING, f"{name} must be given `{value.python}: {value.type}`"
        else:
            yield Grade.ADDITIVE, f"{name} may be given `{value.python}: {value.type}`"
    now = {id(after): id(before) for before, after in [*pairs.kept, *pairs.renamed]}
    positions = [[id(v) for v in op.arguments.values() if v.place == "path"] for op in (old, new)]
    if [now.get(value) for value in positions[1]] != positions[0] and not (
        any(value.place == "path" for value in [*pairs.gone, *pairs.added])
    ):
        yield Grade.BREAKING, f"the positional arguments of {name} stand in another order"
    for before, after in [*pairs.kept, *pairs.renamed]:
        told = f"`{before.python}` of {name}"
        yield from compare_values(told, before, after, sent=True, enums=enums)


def _models(pairs: _Pairs[Model], new: Surface) -> Iterator[Graded]:
    enums = frozenset(new.enums)
    for model in pairs.gone:
        yield Grade.BREAKING, f"class `{model.name}` is gone"
    for model in pairs.added:
        yield Grade.ADDITIVE, f"class `{model.name}` is new"
    for before, after in pairs.renamed:
        yield Grade.BREAKING, f"class `{before.name}` is now called `{after.name}`"
    for before, after in [*pairs.kept, *pairs.renamed]:
        yield from _model(before, after, enums)


def _model(old: Model, new: Model, enums: frozenset[str]) -> Iterator[Graded]:
    if old.sent != new.sent:
        yield Grade.BREAKING, f"class `{new.name}` is {'sent' if new.sent else 'received'} now"
        return  # every field of it follows from that
    fields = _paired(old.fields, new.fields, _same_value)
    for value in fields.gone:
        yield Grade.BREAKING, f"`{new.name}.{value.python}` is gone"
    for value in fields.added:
        yield _new_field(new, value)
    for before, after in [*fields.kept, *fields.renamed]:
        told = f"`{new.name}.{before.python}`"
        yield from compare_values(told, before, after, sent=new.sent, enums=enums)
    if old.docs != new.docs:
        yield Grade.DOCS, f"class `{new.name}` is described in other words"


def _new_field(model: Model, value: Value) -> Graded:
    told = f"`{model.name}.{value.python}: {value.type}` is new"
    if not value.required:
        return Grade.ADDITIVE, told
    if model.sent:
        return Grade.BREAKING, f"{told} and must be given"
    return Grade.SEMANTIC, f"{told}, and an answer without it is refused"


def _enums(pairs: _Pairs[Enum]) -> Iterator[Graded]:
    for enum in pairs.gone:
        yield Grade.BREAKING, f"enum `{enum.name}` is gone"
    for enum in pairs.added:
        yield Grade.ADDITIVE, f"enum `{enum.name}` is new"
    for before, after in pairs.renamed:
        yield Grade.BREAKING, f"enum `{before.name}` is now called `{after.name}`"
    for before, after in [*pairs.kept, *pairs.renamed]:
        yield from _enum(before, after)


def _enum(old: Enum, new: Enum) -> Iterator[Graded]:
    for value, member in old.members.items():
        if value not in new.members:
            yield Grade.BREAKING, f"`{new.name}.{member}` (`{value}`) is gone"
        elif new.members[value] != member:
            now = new.members[value]
            yield Grade.BREAKING, f"`{new.name}.{member}` (`{value}`) is now called `{now}`"
    for value, member in new.members.items():
        if value not in old.members:
            yield Grade.ADDITIVE, f"`{new.name}.{member}` (`{value}`) is new"
    if old.docs != new.docs:
        yield Grade.DOCS, f"enum `{new.name}` is described in other words"
