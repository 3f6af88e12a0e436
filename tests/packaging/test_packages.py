"""The wheel and the sdist: their bytes, their metadata, and an installation of each kind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
from importlib.metadata import requires
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from packaging.requirements import Requirement

from support.shared import REPOSITORY
from support.systems import needs_posix

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
PACKAGES = {"benchwire", "benchwire_api", "benchwire_drift", "benchwire_local", "benchwire_specs"}
CORE = {"anyio", "attrs", "certifi", "h11", "httpcore", "httpx", "idna", "orjson"}
CORE |= {"typing_extensions"}  # of anyio, before Python 3.15
# What shows that an extra is there, and, first, what a core installation does.
USES = {
    "": "from benchwire import PublicClient; PublicClient(api_key='k').close()",
    "cli": """
import contextlib, io
from typer.testing import CliRunner
from benchwire.cli import app, output
CliRunner().invoke(app.app, ["--help"], catch_exceptions=False)
with contextlib.redirect_stderr(io.StringIO()) as shown, output.progress(None, "rows"): pass
assert not shown.getvalue()""",
    "dask": "import distributed",
    "data": "import benchwire._frames, pyarrow.parquet",
    "drift": "from benchwire import drift; import benchwire_drift.judge",
    "local": "import benchwire\nwith benchwire.local.serve() as s, s.public_client() as c: c.models.get()",
    "otel": "import benchwire; benchwire.otel.hooks()",
    "report": "import jinja2",
}

MINIMAL = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "benchwire"
version = "1.2.3"
description = "Text."
readme = "README.md"
[tool.hatch.build.targets.wheel]
only-include = ["benchwire.py"]
"""


def run(*command: str | Path, cwd: Path | None = None) -> str:
    environment = os.environ | {"PYTHONWARNINGS": "error", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if "pip" in command or "venv" in command:
        del environment["PYTHONWARNINGS"]
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source: Path, target: Path) -> dict[str, Path]:
    """Build both packages, and return them by their suffix."""
    run(sys.executable, "-m", "hatchling", "build", "-d", target, cwd=source)
    return {path.suffix: path for path in target.iterdir()}


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return build(REPOSITORY, tmp_path_factory.mktemp("dist"))


def test_the_sdist_builds_the_same_bytes(packages: dict[str, Path], tmp_path: Path) -> None:
    with tarfile.open(packages[".gz"]) as archive:
        archive.extractall(tmp_path, filter="data")
    [source] = tmp_path.iterdir()
    again = build(source, tmp_path / "again")
    assert {suffix: path.name for suffix, path in again.items()} == {
        suffix: path.name for suffix, path in packages.items()
    }
    for suffix, path in again.items():
        assert path.read_bytes() == packages[suffix].read_bytes(), path.name


@needs_posix("a shell")
def test_make_dist_builds_the_commit_alone(tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    names = {"Makefile", "pyproject.toml", "README.md", "benchwire.py"}
    (tmp_path / "pyproject.toml").write_text(MINIMAL, "utf-8")
    for name in ("README.md", "benchwire.py"):
        (tmp_path / name).write_text("# Text\n", "utf-8")
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")
    run(*git, "init", "--quiet", cwd=tmp_path)
    run(*git, "add", *names, cwd=tmp_path)
    run(*git, "commit", "--quiet", "-m", "one", cwd=tmp_path)
    for name in (".env", "notes.txt", "benchwire.py"):
        (tmp_path / name).write_text("KEY = 1\n", "utf-8")
    (tmp_path / ".git" / "info" / "exclude").write_text("notes.txt\n", "utf-8")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    make = ("make", "-s", "-o", ".venv/.ready", "dist")
    run(*make, "TAG=v1.2.3", cwd=tmp_path)
    with tarfile.open(tmp_path / "dist" / "benchwire-1.2.3.tar.gz") as archive:
        found = {name.partition("/")[2] for name in archive.getnames()}
    assert found == names | {"PKG-INFO"}
    assert (tmp_path / "build/commit/benchwire.py").read_text("utf-8") == "# Text\n"
    with pytest.raises(AssertionError, match="dist: the version of the commit is another than v2"):
        run(*make, "TAG=v2", cwd=tmp_path)


def test_the_packages_are_fit_for_the_index(packages: dict[str, Path]) -> None:
    run(sys.executable, "-m", "twine", "--no-color", "check", "--strict", *packages.values())


def test_the_wheel_has_our_packages_typed_and_the_specs(packages: dict[str, Path]) -> None:
    names = set(ZipFile(packages[".whl"]).namelist())
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == PACKAGES
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert {f"benchwire_specs/{api}.yaml" for api in ("public", "v0", "v2")} <= names


def test_the_wheel_works_from_a_zip_file(packages: dict[str, Path], tmp_path: Path) -> None:
    code = f"""
import sys; sys.path.insert(0, {str(packages[".whl"])!r})
import benchwire, benchwire_specs.files, httpx
from benchwire.analysis import comparison, reports
with benchwire.local.serve() as server, server.public_client() as client:
    page = client.models.get(page_size=2)
    assert "</html>" in httpx.get(server.url, headers={{"accept": "text/html"}}).text
    found = client.comparisons.statistics("682bddc1e014f9fa440f8a91",
        "699f9761e014f9c3072b0513", "699f9761e014f9c3072b0512")
assert "</html>" in reports.report(found)
assert ".whl" in benchwire.__file__ and ".whl" in str(benchwire_specs.spec_path("v0"))
print(page.total_count, benchwire.__version__)
"""
    assert run(sys.executable, "-c", code, cwd=tmp_path).endswith(f" {PROJECT['version']}\n")


@pytest.mark.parametrize("python", ["3.11", "3.14"])
def test_a_core_installation_has_few_distributions(python: str) -> None:
    found: set[str] = set()
    todo = [Requirement(text) for text in PROJECT["dependencies"]]
    versions = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    while todo:
        name = todo.pop().name
        if name not in found:
            found.add(name)
            needed = map(Requirement, requires(name) or ())
            todo += [it for it in needed if it.marker is None or it.marker.evaluate(versions)]
    assert {name.lower().replace("-", "_") for name in found} == CORE


def test_every_extra_of_a_user_is_installed_by_a_test() -> None:
    assert {"", *PROJECT["optional-dependencies"]} - {"dev"} == set(USES)


def installed_python(folder: Path, wheel: Path, extra: str, *others: str) -> Path:
    """Install the wheel and other distributions into a new environment, and return its Python."""
    run(sys.executable, "-m", "venv", folder)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    named = f"benchwire{f'[{extra}]' if extra else ''} @ {wheel.as_uri()}"
    run(python, "-m", "pip", "install", "--quiet", named, *others)
    run(python, "-m", "pip", "check")
    return python


def lowest(extra: str) -> list[str]:
    """Return the lowest versions that the project and an extra of it allow."""
    texts = PROJECT["dependencies"] + PROJECT["optional-dependencies"].get(extra, [])
    needed = [one for one in map(Requirement, texts) if one.name != PROJECT["name"]]
    bounds = {one: [it.version for it in one.specifier if it.operator == ">="] for one in needed}
    assert all(len(found) == 1 for found in bounds.values()), "not one lowest version of each"
    return [
        f"{one.name}=={bound}" + (f"; {one.marker}" if one.marker else "")
        for one, [bound] in bounds.items()
    ]


@pytest.mark.parametrize("extra", USES)
def test_every_dependency_has_a_lowest_version(extra: str) -> None:
    assert lowest(extra)


@pytest.mark.long
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="old versions are built for old Pythons")
@pytest.mark.parametrize("extra", USES)
def test_the_lowest_versions_that_are_allowed(
    extra: str, packages: dict[str, Path], tmp_path: Path
) -> None:
    python = installed_python(tmp_path / "env", packages[".whl"], extra, *lowest(extra))
    run(python, "-W", "default", "-c", f"import benchwire\n{USES[extra]}", cwd=tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("extra", USES)
def test_an_installation_with_an_extra(
    extra: str, packages: dict[str, Path], tmp_path: Path
) -> None:
    python = installed_python(tmp_path / "env", packages[".whl"], extra)
    installed = json.loads(run(python, "-m", "pip", "list", "--format", "json"))
    names = {entry["name"].lower().replace("-", "_") for entry in installed}
    assert extra or names - {"benchwire", "pip", "setuptools"} == CORE
    run(python, "-c", f"import benchwire\n{USES[extra]}", cwd=tmp_path)


def test_what_says_the_version_says_the_same() -> None:
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == PROJECT["version"]
