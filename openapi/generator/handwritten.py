"""Reads the names that hand-written modules of the SDK define, which no name of a spec may hide.

The modules are parsed and not imported, since a spec may be edited so that they do not import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .schemas import PlanError

SDK = Path(__file__).resolve().parents[2] / "wrapper" / "benchwire"
# In the sync twin, which has another name for it.
_TWINS = {"aclose": "close"}


@dataclass
class _Class:
    file: str
    bases: list[str]
    members: dict[str, str] = field(
        default_factory=dict
    )  # each with the class it returns, if known


class HandWritten:
    """The classes of the hand-written clients and resources."""

    def __init__(self, folder: Path = SDK / "_async") -> None:
        self._classes: dict[str, _Class] = {}
        for path in sorted(folder.glob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
                    members = dict(_members(node))
                    members |= {_TWINS[name]: "" for name in members.keys() & _TWINS.keys()}
                    self._classes[node.name] = _Class(path.name, bases, members)

    def require_free(self, generated: str, base: str, name: str, where: str, of: str = "") -> None:
        """Raise if a member of a generated class has the name of a hand-written one.

        The hand-written one would take its place in every client, or lose its own.

        Args:
            generated: The generated class.
            base: Its hand-written base class; empty if it has none.
            name: The member's name.
            where: Its place in the spec.
            of: The class that the member returns, if it is a resource: a hand-written property may
                return a class that is derived from it.

        Raises:
            PlanError: If so.
        """
        derived = [each for each in self._classes if generated in self._ancestors(each)]
        for owner in sorted({base, *derived, *(a for d in derived for a in self._ancestors(d))}):
            found = self._classes.get(owner)
            if found is None or name not in found.members:
                continue
            if of and of in self._ancestors(found.members[name]):
                continue
            raise PlanError(
                where,
                f"makes {generated}.{name}, and {owner} in wrapper/benchwire/_async/{found.file}"
                f" has a hand-written {name}: x-python-method gives another name, or null for none",
            )

    def _ancestors(self, name: str) -> set[str]:
        bases = self._classes[name].bases if name in self._classes else []
        return {*bases, *(above for base in bases for above in self._ancestors(base))}


@cache
def hand_written() -> HandWritten:
    """Return the SDK's hand-written classes, parsed once."""
    return HandWritten()


@cache
def exported(module: str, of: str = "") -> tuple[str, ...]:
    """Return `__all__` of a hand-written module, or what a module imports from another one.

    Args:
        module: The module's file below `wrapper/benchwire`.
        of: The other module, such as `benchwire.models`.
    """
    found: list[str] = []
    for node in ast.walk(ast.parse((SDK / module).read_text(encoding="utf-8"))):
        if of:
            if isinstance(node, ast.ImportFrom) and node.module == of:
                found += [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            found = ast.literal_eval(node.value)
    return tuple(found)


def _members(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for each in ast.walk(node):
        match each:
            case (
                ast.FunctionDef(name=name, returns=returns)
                | ast.AsyncFunctionDef(name=name, returns=returns)
            ) if each in node.body:
                yield name, ast.unparse(returns) if returns else ""
            case ast.AnnAssign(target=ast.Name(id=name)) if each in node.body:
                yield name, ""
            case ast.Assign(targets=[ast.Name(id=name)]) if each in node.body:
                yield name, ""
            # What a method sets on the object hides what the class has, too.
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name, ""
