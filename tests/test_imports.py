"""What may import what, and what an import costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import benchwire

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "benchwire_api": ROOT / "generated" / "benchwire_api",
    "benchwire": ROOT / "wrapper" / "benchwire",
    "benchwire_specs": ROOT / "wrapper" / "benchwire_specs",
    "benchwire_drift": ROOT / "wrapper" / "benchwire_drift",
    "benchwire_local": ROOT / "wrapper" / "benchwire_local",
}
ALL = {*PACKAGES, "scripts"}

# The layers of the SDK, the lowest first: a layer imports itself and lower layers.
LAYERS = [
    {
        "benchwire.errors",
        "benchwire.secret",
        "benchwire.options",
        "benchwire.events",
        "benchwire._own_models",
        "benchwire.models",
        "benchwire.analysis",
        "benchwire._frames",
    },
    {"benchwire._transport"},
    {"benchwire._requests"},
    {"benchwire._lists", "benchwire._polling"},
    {"benchwire._jobs"},
    {"benchwire._async", "benchwire._sync"},
    {"benchwire.drift", "benchwire.export", "benchwire.local", "benchwire.otel"},
    {"benchwire.cli"},
]
SERVERS_AND_SPECS = {"benchwire_local", "benchwire_drift", "benchwire_specs"}
HTTP = {"httpx", "httpcore"}
BLOCKING = {"socket", "asyncio", "threading", "concurrent", "subprocess"}


def layer_rules() -> dict[str, set[str]]:
    """For each part of the SDK, the higher layers, which it must not import."""
    return {
        part: set().union(*LAYERS[number + 1 :]) | SERVERS_AND_SPECS
        for number, layer in enumerate(LAYERS[:-2])
        for part in layer
    }


# For each part, what it must not import, however deep inside a function.
FORBIDDEN = layer_rules() | {
    "benchwire_api": ALL - {"benchwire_api"},
    "benchwire_specs": ALL - {"benchwire_specs"},
    "benchwire_local": ALL - {"benchwire_local", "benchwire_specs"},
    "benchwire_drift": ALL - {"benchwire_drift", "benchwire_specs"},
    "benchwire": {"scripts"},
}
FORBIDDEN["benchwire._requests"] |= HTTP | BLOCKING | {"time", "sqlite3"}
FORBIDDEN["benchwire._lists"] |= HTTP | {"socket", "time", "sqlite3"}
FORBIDDEN["benchwire._polling"] |= HTTP | BLOCKING | {"time", "sqlite3"}
FORBIDDEN["benchwire._jobs"] |= HTTP | {"socket", "asyncio"}
FORBIDDEN["benchwire._async"] |= {"benchwire._sync", "benchwire._transport.sync"}
FORBIDDEN["benchwire._sync"] |= {"benchwire._async", "benchwire._transport.aio", "asyncio"}

# Modules that alone may import a library at all.
ALONE = {
    "sqlite3": {
        "benchwire._jobs.database",
        "benchwire._jobs.locks",
        "benchwire._jobs.sqlite_journal",
    },
    "httpcore": {
        f"benchwire._transport.{name}"
        for name in ("aio_connections", "aio_streams", "connections", "http", "streams", "sync")
    },
}


def modules(part: str) -> Iterator[tuple[str, Path]]:
    """Yield the modules of a part of the shipped packages, by name."""
    package = part.partition(".")[0]
    root = PACKAGES[package]
    for path in sorted(root.rglob("*.py")):
        steps = [package, *path.relative_to(root).with_suffix("").parts]
        name = ".".join(steps[:-1] if steps[-1] == "__init__" else steps)
        if name == part or name.startswith(part + "."):
            yield name, path


def imported(name: str, path: Path) -> set[str]:
    """Return what a module imports, by absolute names; ``from a import b`` may mean ``a.b``."""
    found: set[str] = set()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")
                above = above[: len(above) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def test_imports_are_found(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "import a.b\nfrom . import c\nfrom ..d import e\n"
        "def f():\n    from g import h\nif TYPE_CHECKING:\n    import i\n"
    )
    expected = {"a.b", "x.y", "x.y.c", "x.d", "x.d.e", "g", "g.h", "i"}
    assert imported("x.y.module", path) == expected


@pytest.mark.parametrize("part", sorted(FORBIDDEN))
def test_import_rules(part: str) -> None:
    found = dict(modules(part))
    assert found, f"there is no {part}"
    broken = {
        f"{name} imports {target}"
        for name, path in found.items()
        for target in imported(name, path)
        for barred in FORBIDDEN[part]
        if target == barred or target.startswith(barred + ".")
    }
    assert broken == set()


@pytest.mark.parametrize("library", sorted(ALONE))
def test_a_library_is_known_to_few(library: str) -> None:
    importing = {name for name, path in modules("benchwire") if library in imported(name, path)}
    assert importing == ALONE[library]


def test_only_the_adapter_of_a_users_client_imports_httpx() -> None:
    """At import time, that is: type checkers may, and functions of errors and of uncommon base URLs."""
    importing = {
        name
        for name, path in modules("benchwire")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "httpx" in ast.unparse(node).replace(",", " ").split()
    }
    assert importing == {"benchwire._transport.user_client"}


def test_a_fork_waits_for_what_a_client_imports_when_it_is_first_used() -> None:
    """Else a child that is forked meanwhile waits for ever for the lock of the module."""
    others = ("cli", "drift", "export", "analysis", "otel", "_frames", "_lists.pager")
    found = set()
    for package in ("benchwire", "benchwire_api"):
        for name, path in modules(package):
            if not name.startswith(tuple(f"benchwire.{other}" for other in others)):
                found |= {
                    f"{name}: {each}" for each in unguarded(ast.parse(path.read_text("utf-8")))
                }
    # The first two are of what guards the others, the next two of tools, the last of a journal in use.
    assert found == {
        "benchwire: from importlib import import_module",
        "benchwire: from benchwire_api.processes import fork_waits",
        "benchwire: from importlib.metadata import version",
        "benchwire: from importlib.util import find_spec",
        "benchwire._jobs.locks: from fcntl import F_OFD_SETLK, F_WRLCK, fcntl",
    }


def unguarded(node: ast.AST, *, inside: bool = False) -> Iterator[str]:
    """Yield the imports within functions for which no fork waits."""
    guards = ("fork_waits()", "cached_property")
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            if inside:
                yield ast.unparse(child)
            continue
        around = getattr(child, "decorator_list", [])
        if isinstance(child, ast.With):
            around = [item.context_expr for item in child.items]
        if not any(ast.unparse(each) in guards for each in around):
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from unguarded(child, inside=inside or is_function)


def test_scripts_import_public_names() -> None:
    """The simulation alone may see the paid jobs and their port."""
    allowed = (
        "benchwire._jobs",
        "benchwire._transport.port",
        "benchwire._transport.deadline",
        "benchwire._transport.received",
    )
    private = {
        f"{path.relative_to(ROOT)} imports {target}"
        for path in sorted((ROOT / "scripts").rglob("*.py"))
        for target in imported("scripts.module", path)
        if any(step.startswith("_") for step in target.split(".")[1:])
        and target.startswith(tuple(PACKAGES))
        and not ("simulation" in path.parts and target.startswith(allowed))
    }
    assert private == set()


def run(code: str) -> str:
    """Run code in a new Python process and return its output."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


HEAVY = "{'httpx', 'httpcore', 'anyio', 'asyncio', 'starlette', 'uvicorn'}"


def test_importing_benchwire_imports_next_to_nothing() -> None:
    code = "import sys, benchwire; print(sorted(m for m in sys.modules if m.startswith('bench')))"
    assert run(code) == "['benchwire']\n"


@pytest.mark.parametrize(
    "names", ["PublicClient, V2Client, V0Client, Benchwire", "AsyncPublicClient", "errors, models"]
)
def test_naming_a_client_does_not_import_httpcore(names: str) -> None:
    code = f"from benchwire import {names}\nimport sys\nprint(sorted({HEAVY} & set(sys.modules)))"
    assert run(code) == "[]\n"


@pytest.mark.parametrize("name", ["PublicClient", "V2Client", "V0Client", "Benchwire"])
def test_building_a_client_imports_what_every_request_needs_and_no_more(name: str) -> None:
    code = (
        f"import sys, benchwire\n"
        f"key = {{'public_api_key': 'k'}} if {name!r} == 'Benchwire' else {{'api_key': 'k'}}\n"
        f"benchwire.{name}(**key).close()\n"
        "heavy = {'httpx', 'asyncio', 'uvicorn', 'pyarrow'}\n"
        "parts = ('benchwire_api.public', 'benchwire_api.v2', 'benchwire._lists')\n"
        "print([each for each in sys.modules if each in heavy or each.startswith(parts)])"
    )
    assert run(code) == "[]\n"


def test_importing_the_embedded_server_does_not_import_httpx() -> None:
    assert run("import sys, benchwire_local; print('httpx' in sys.modules)") == "False\n"


@pytest.mark.parametrize("resource", ["models", "comparisons"])
def test_the_first_use_of_a_resource_imports_its_api_alone(resource: str) -> None:
    code = (
        "import sys, benchwire\n"
        f"benchwire.Benchwire(public_api_key='k').public.{resource}\n"
        "apis = ('benchwire_api.public.models', 'benchwire_api.v2', 'benchwire_api.v0', 'sqlite3')\n"
        "print([each for each in sys.modules if each in apis])"
    )
    assert run(code) == "['benchwire_api.public.models']\n"


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    code = (
        "import benchwire\n"
        "try:\n    benchwire.NoSuchName\n"
        "except AttributeError as error:\n    print(error)\n"
        "print(hasattr(benchwire, '_sync'), set(benchwire.__all__) <= set(dir(benchwire)))"
    )
    assert run(code) == "module 'benchwire' has no attribute 'NoSuchName'\nFalse True\n"


def test_without_the_extra_the_embedded_server_says_what_is_missing() -> None:
    code = (
        "import sys\nsys.modules['uvicorn'] = None\nimport benchwire\n"
        "try:\n    benchwire.local\n"
        "except ImportError as error:\n    print(error)\n"
    )
    assert 'needs the extra "local": pip install "benchwire[local]"' in run(code)


@pytest.mark.parametrize("command", [["serve"], ["import", "answers.jsonl"]])
def test_without_the_extra_the_command_says_what_is_missing(command: list[str]) -> None:
    code = (
        "import sys\nsys.modules['uvicorn'] = None\n"
        f"sys.argv = ['benchwire', 'local', *{command}]\n"
        "from benchwire.cli import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith('error: the embedded server needs the extra "local": pip install')
    assert "Traceback" not in done.stderr


def test_what_dir_shows_is_there() -> None:
    shown = dir(benchwire)
    assert {"PublicClient", "errors", "local", "models", "__version__"} <= set(shown)
    assert "import_module" not in shown
    for name in shown:
        assert hasattr(benchwire, name)
