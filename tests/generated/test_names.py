"""The names that generated code uses itself are known: none of the spec's gets in their way.

A template that imports or calls something new fails here until `names.py` lists it.
"""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi.generator.build import OPERATIONS, TARGET, read_plan
from openapi.generator.names import class_name, module_name, parameter_name
from openapi.generator.schemas import PlanError
from openapi.generator.sync_clients import TARGET as SYNC
from openapi.generator.verify import GeneratedCodeError, verify
from openapi.generator.words import class_case, module_case, pascal_case, snake_case
from openapi_python_client import strings

from benchwire_specs import APIS

PLANS = {api: read_plan(api) for api in APIS}
OF_SPECS = {name for plan in PLANS.values() for name in [*plan.models, *plan.enums]}
# Only its enum's module, which imports nothing of ours, has it.
OF_SPECS |= {f"{name}Value" for plan in PLANS.values() for name in plan.enums}
MODULES = {module for plan in PLANS.values() for module in plan.operations}
TAGS = {operation.tag for plan in PLANS.values() for operation in plan.operations.values()}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    folders = [*(TARGET / api for api in APIS), OPERATIONS, SYNC / "operations"]
    for folder in folders:
        for path in folder.rglob("*.py"):
            yield path, ast.parse(path.read_text("utf-8"))


def imported(tree: ast.AST) -> set[str]:
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return {alias.asname or alias.name for node in nodes for alias in node.names}


def is_kept(derive: Callable[[str, str], str], name: str) -> bool:
    """Return whether a name is neither refused nor changed."""
    try:
        return derive(name, "here") == name
    except PlanError:
        return False


def test_no_schema_has_the_name_of_what_a_module_imports_or_defines() -> None:
    for path, tree in modules():
        if path.name == "client.py":
            continue  # it imports no class of a schema
        statements = (node for node in tree.body if not isinstance(node, ast.ClassDef))
        names = [node for each in statements for node in ast.walk(each)]
        assigned = {node.id for node in names if isinstance(node, ast.Name)}
        # Of the resources' classes, the generator checks each name in each API.
        resources = {name for name in imported(tree) if name.endswith("Operations")}
        for name in (imported(tree) | assigned) - OF_SPECS - resources - set(dir(builtins)):
            assert not is_kept(class_name, name), (path, name)


def test_no_argument_hides_what_its_function_uses() -> None:
    for path, tree in modules():
        if "api" not in path.parts or path.name == "__init__.py":
            continue
        for function in (
            n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
        ):
            arguments = {each.arg for each in [*function.args.args, *function.args.kwonlyargs]}
            used = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)} - arguments
            for name in used - OF_SPECS - set(dir(builtins)):
                if name.isidentifier() and name == name.lower() and not name.startswith("_"):
                    assert parameter_name(name) != name, (path, name)
            assert all(parameter_name(name) in {f"{name}_", name} for name in arguments)


def test_no_operation_has_the_name_of_what_the_methods_use() -> None:
    for path, tree in modules():
        if "operations" not in path.parts:
            continue
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | imported(tree)
        names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        given = {each.python for plan in PLANS.values() for operation in plan.operations.values()
                 for each in [*operation.path_parameters, *operation.query_parameters]}  # fmt: skip
        for name in names - OF_SPECS - MODULES - TAGS - given - set(dir(builtins)):
            if name == name.lower() and name.isidentifier() and not name.startswith("_"):
                assert not is_kept(module_name, name), (path, name)


# Words as names of specs have them, and what Python itself has.
PARTS = st.sampled_from(
    ["get", "HTTP", "Job", "2fa", "id", "self", "none", "true", "class", "datetime", "é", "ǅ", "٣", "\u200b",
     "_", "-", ".", " ", "\\", "/", "'"]
)  # fmt: skip


def require_same_words(text: str) -> None:
    assert snake_case(text) == strings.snake_case(text)
    assert pascal_case(text) == strings.pascal_case(text)
    assert module_case(text) == strings.PythonIdentifier(text, "")
    name = class_case(text)
    assert name == strings.ClassName(text, "") or not name.isidentifier()


@given(st.text(max_size=20) | st.lists(PARTS, max_size=6).map("".join))
def test_words_are_those_of_the_generator_that_names_the_files(text: str) -> None:
    require_same_words(text)


def test_what_python_has_is_renamed_as_the_generator_does() -> None:
    for name in {*strings.RESERVED_WORDS, *keyword.kwlist, "id"}:
        require_same_words(name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nothing_of_this_name\n", "No module named 'nothing_of_this_name'"),
        ("a = 1\na = 2\n", "x.py gives the name a to two things"),
        (
            "c = 1\nclass A:\n    b: int\n    b: str\n",
            "x.py, class A gives the name b to two things",
        ),
        ("def f(): pass\nf = 1\n", "x.py gives the name f to two things"),
        ("def f(\n", "x.py is no Python"),
        ('"""A \\s."""\n', "x.py is no Python: .*invalid escape sequence"),
        ("def f(a, a): pass\n", "duplicate argument"),
    ],
)
def test_unsound_code_is_found(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_text(text)
    with pytest.raises(GeneratedCodeError, match=message):
        verify([tmp_path], tmp_path, ["x"], [tmp_path], {})


def test_a_fault_of_code_that_is_not_generated_is_not_reported(tmp_path: Path) -> None:
    generated = tmp_path / "generated"
    generated.mkdir()
    (generated / "x.py").write_text("import by_hand\n")
    (tmp_path / "by_hand.py").write_text("import nothing_of_this_name\n")
    verify([generated], tmp_path, ["generated.x"], [tmp_path], {})
