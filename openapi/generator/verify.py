"""Verifies generated code: every module is imported, and no scope gives a name to two things.

The planner refuses the names it knows to collide, with their place in the spec. This finds what it
does not know, before the code replaces what was generated before.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

# Prints the first module that does not import. A fault in a file that is not generated is none of the
# generator's: a breaking edit of a spec breaks hand-written code, which mypy names.
_IMPORT = """
import importlib, json, sys, traceback
from importlib.machinery import PathFinder
generated, places, names = json.load(sys.stdin)
class Places:
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, [places[name]]) if name in places else None
sys.meta_path.insert(0, Places)
for name in names:
    try:
        importlib.import_module(name)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)
        files = [frame.filename for frame in last if not frame.filename.startswith("<frozen")]
        file = error.filename if isinstance(error, SyntaxError) else files[-1]
        if any(file.startswith(each) for each in generated):
            print(f"{name}: {type(error).__name__}: {error}")
            break
"""


class GeneratedCodeError(Exception):
    """Generated code that does not import, or in which a name means two things."""


def verify(
    generated: list[Path], root: Path, modules: list[str], search: list[Path],
    places: dict[str, Path],
) -> None:  # fmt: skip
    """Import modules in a process of their own, and check the names of every scope.

    Args:
        generated: The generated files, and folders of them.
        root: What their paths in messages are relative to.
        modules: The names of the modules to import.
        search: Where to import from.
        places: The folders of modules and packages that are not yet where they will be.

    Raises:
        GeneratedCodeError: If a generated file does not import, or has a name twice in a scope.
    """
    for path in sorted(file for each in generated for file in (each, *each.rglob("*.py"))):
        if path.is_dir():
            continue
        name = path.relative_to(root).as_posix()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # an invalid escape in a docstring is a warning
                tree = ast.parse(path.read_text(encoding="utf-8"), filename=name)
        except SyntaxError as error:
            raise GeneratedCodeError(f"{name} is no Python: {error}") from error
        for scope, bound in _scopes(tree):
            for each in sorted({each for each in bound if bound.count(each) > 1}):
                raise GeneratedCodeError(f"{name}{scope} gives the name {each} to two things")
    paths = os.pathsep.join(str(path.resolve()) for path in search)
    given = (
        [str(path.resolve()) for path in generated],
        {name: str(path.resolve()) for name, path in places.items()},
        modules,
    )
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT], input=json.dumps(given),
        env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode or done.stdout:
        raise GeneratedCodeError(f"does not import: {done.stdout}{done.stderr}".strip())


def modules_of(package: Path, root: Path) -> list[str]:
    """Return the names of all modules of a package, as imported from a folder."""
    found = (path.relative_to(root).with_suffix("") for path in package.rglob("*.py"))
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in found)


def _scopes(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Yield the module and each class, with the names that their statements bind."""
    yield "", _bound(tree.body)
    for node in tree.body:  # no class is inside another or a function
        if isinstance(node, ast.ClassDef):
            yield f", class {node.name}", _bound(node.body)


def _bound(body: list[ast.stmt]) -> list[str]:
    names: list[str] = []
    for node in body:
        match node:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names += [alias.asname or alias.name for alias in aliases]
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                # The setter of a property has the property's name.
                names += [] if any(_is_setter(each) for each in node.decorator_list) else [name]
            case ast.ClassDef(name=name):
                names.append(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.append(name)
            case ast.Assign(targets=targets):
                names += [each.id for each in targets if isinstance(each, ast.Name)]
            case ast.If(body=inner):
                names += _bound(inner)
    return names


def _is_setter(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Attribute) and decorator.attr == "setter"
