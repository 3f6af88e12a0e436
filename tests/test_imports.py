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
    "benchwire_local": ROOT / "wrapper" / "benchwire_local",
}

# For each part of the house, what it must not import, however deep inside a function.
FORBIDDEN = {
    "benchwire_api": {"benchwire", "benchwire_local"},
    "benchwire_local": {"benchwire", "benchwire_api"},
    "benchwire.errors": {"httpx", "benchwire._core", "benchwire._shell", "benchwire_local"},
    "benchwire.models": {"httpx", "benchwire._core", "benchwire._shell", "benchwire_local"},
    "benchwire._core": {
        "httpx",
        "httpcore",
        "socket",
        "asyncio",
        "threading",
        "concurrent",
        "time",
        "benchwire._shell",
        "benchwire._async",
        "benchwire._sync",
        "benchwire_local",
    },
    "benchwire._drift": {
        "httpx",
        "benchwire._shell",
        "benchwire._async",
        "benchwire._sync",
        "benchwire_local",
    },
    "benchwire._shell": {"benchwire._async", "benchwire._sync", "benchwire_local"},
    "benchwire._async": {"benchwire._sync", "benchwire._shell.sync", "benchwire_local"},
    "benchwire._sync": {"benchwire._async", "benchwire._shell.aio", "asyncio", "benchwire_local"},
}


def modules(part: str) -> Iterator[tuple[str, Path]]:
    """The modules of a part of the house, by name."""
    package = part.partition(".")[0]
    root = PACKAGES[package]
    for path in sorted(root.rglob("*.py")):
        steps = [package, *path.relative_to(root).with_suffix("").parts]
        name = ".".join(steps[:-1] if steps[-1] == "__init__" else steps)
        if name == part or name.startswith(part + "."):
            yield name, path


def imported(name: str, path: Path) -> set[str]:
    """What a module imports, by absolute names; ``from a import b`` may mean ``a.b``."""
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
    """The rules below are worth what this finds."""
    path = tmp_path / "module.py"
    path.write_text(
        "import a.b\nfrom . import c\nfrom ..d import e\n"
        "def f():\n    from g import h\nif TYPE_CHECKING:\n    import i\n"
    )
    expected = {"a.b", "x.y", "x.y.c", "x.d", "x.d.e", "g", "g.h", "i"}
    assert imported("x.y.module", path) == expected


@pytest.mark.parametrize("part", FORBIDDEN)
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


def test_only_the_shell_and_the_type_checker_know_httpx() -> None:
    """At import time, that is: the clients name its types, and load it when one is built."""
    knowing = {
        name
        for name, path in modules("benchwire")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "httpx" in ast.unparse(node).replace(",", " ").split()
    }
    shell = {"aio", "connections", "http", "sync"}
    assert knowing == {f"benchwire._shell.{name}" for name in shell}


def run(code: str) -> str:
    """Run code in a Python of its own and give what it printed."""
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
def test_naming_a_client_does_not_import_httpx(names: str) -> None:
    code = f"from benchwire import {names}\nimport sys\nprint(sorted({HEAVY} & set(sys.modules)))"
    assert run(code) == "[]\n"


def test_building_a_client_imports_httpx() -> None:
    code = (
        "import sys, benchwire\n"
        "client = benchwire.PublicClient('k')\n"
        "print('httpx' in sys.modules, 'uvicorn' in sys.modules)\n"
        "client.close()"
    )
    assert run(code).startswith("True False")


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    code = (
        "import benchwire\n"
        "try:\n    benchwire.Client\n"
        "except AttributeError as error:\n    print(error)\n"
        "print(hasattr(benchwire, '_sync'), set(benchwire.__all__) <= set(dir(benchwire)))"
    )
    assert run(code) == "module 'benchwire' has no attribute 'Client'\nFalse True\n"


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
