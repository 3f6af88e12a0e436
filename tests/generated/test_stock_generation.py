"""What stock generation gets wrong; each test shows the fault in the stock generator too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from openapi.generator import build as generation
from openapi.generator.build import (
    APIS,
    FIRST_LINE,
    PARTS,
    ROOT,
    SPECS,
    GenerationError,
    generate,
)
from openapi.generator.layout import run_generator
from scripts.bench.alternatives import stock_package

from benchwire_api.v2 import BenchmarkModel
from support.systems import needs_posix

if TYPE_CHECKING:
    from collections.abc import Callable


def edited(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Copy the specs with a change to public.yaml."""
    for api in APIS:
        shutil.copy(SPECS / f"{api}.yaml", folder)
    path = folder / "public.yaml"
    spec = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    change(spec)
    path.write_text(yaml.dump(spec, Dumper=yaml.CSafeDumper, sort_keys=False))
    return folder


def as_pdf(spec: dict[str, Any]) -> None:
    responses = spec["paths"]["/models"]["get"]["responses"]
    responses["200"] = {"description": "A page.", "content": {"application/pdf": {"schema": {}}}}


def test_12_a_response_that_cannot_be_resolved_fails(tmp_path: Path) -> None:
    specs, target = tmp_path / "specs", tmp_path / "benchwire_api"
    specs.mkdir()
    target.mkdir()
    (target / "__init__.py").write_text(f"{FIRST_LINE}\n")
    (target / "old.py").write_text("kept = True\n")
    edited(specs, as_pdf)
    with pytest.raises(GenerationError, match="GET /models, response 200 has no application/json"):
        generate(target, specs)
    # A failed generation leaves the old tree, and nothing beside it.
    assert sorted(path.name for path in target.iterdir()) == ["__init__.py", "old.py"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["benchwire_api", "specs"]

    stock = stock_package(specs / "public.yaml", tmp_path, "stock")  # it succeeds
    module = (stock / "api" / "models" / "list_models.py").read_text()
    assert "PublicModelsListResponse" not in module


def test_12_a_warning_of_the_generator_fails_with_its_text(tmp_path: Path) -> None:
    edited(tmp_path, as_pdf)
    spec = yaml.load((tmp_path / "public.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    with pytest.raises(GenerationError, match="Unsupported content_type application/pdf"):
        run_generator(spec, PARTS / "public.yaml", tmp_path / "out")


def test_13_a_stray_file_disappears(tmp_path: Path, fresh: Path, stock_folder: Path) -> None:
    target = tmp_path / "benchwire_api"
    strays = [target / "stray.py", target / "public" / "stray.py"]
    for stray in strays:
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_text("left = 'over'\n")
    (target / "__init__.py").write_bytes((fresh / "__init__.py").read_bytes())
    # It finds ruff without an activated environment.
    subprocess.run(
        [sys.executable, "-m", "scripts.generate", "--output", target],
        env={"PATH": os.defpath, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        cwd=tmp_path, check=True,
        capture_output=True,
    )  # fmt: skip
    assert not any(stray.exists() for stray in strays)
    # The same bytes from another folder, with another hash seed, in another process.
    assert contents(target) == contents(fresh)

    stock = shutil.copytree(stock_folder / "stock_v0", tmp_path / "stock")
    (stock / "stray.py").write_text("left = 'over'\n")
    stock_package(SPECS / "v0.yaml", tmp_path, "stock", overwrite=True)
    assert (stock / "stray.py").exists()


@pytest.fixture
def without_ruff(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """An interpreter that has our libraries and no ruff beside it, and an empty PATH."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(Path(sys.executable).resolve())
    paths = os.pathsep.join([str(ROOT / "wrapper"), sysconfig.get_path("purelib")])
    return python, {"PATH": "", "PYTHONPATH": os.pathsep.join([paths, str(ROOT)])}


@needs_posix("links that every user may make")
def test_14_a_missing_ruff_is_an_error(
    tmp_path: Path, without_ruff: tuple[Path, dict[str, str]]
) -> None:
    python, env = without_ruff
    target = tmp_path / "benchwire_api"
    ours = subprocess.run(
        [python, "-m", "scripts.generate", "--output", target],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ours.returncode, ours.stdout) == (1, "")
    assert "ruff is not installed" in ours.stderr
    assert not target.exists()

    stock = subprocess.run(
        [python, "-m", "openapi_python_client", "generate", "--path", SPECS / "v0.yaml",
         "--meta", "none", "--output-path", tmp_path / "stock"],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert stock.returncode == 0
    assert "ruff is not in PATH" in stock.stderr


def test_15_every_package_is_marked_as_typed(fresh: Path, stock_folder: Path) -> None:
    for folder in (fresh, *(fresh / api for api in APIS)):
        assert (folder / "py.typed").is_file()
    assert not list(stock_folder.rglob("py.typed"))


DATES = [
    ("2025-06-03T09:15:27.1234567Z", (2025, 6, 3, 9, 15, 27, 123456), False),
    ("2025-06-03T11:15:27+02:00", (2025, 6, 3, 9, 15, 27), False),
    ("2025-06-03T09:15:27z", (2025, 6, 3, 9, 15, 27), True),
    ("2025-06-03t09:15:27.5Z", (2025, 6, 3, 9, 15, 27, 500000), False),
    ("2025-06-03T24:00:00Z", (2025, 6, 4), True),
    ("2025-06-03T24:00:00.0000000z", (2025, 6, 4), True),
]


@pytest.mark.parametrize(("text", "moment", "stock_fails"), DATES)
def test_16_dates_that_the_standard_library_cannot_read_are_read(
    text: str, moment: tuple[int, ...], stock_fails: bool, stock: Any
) -> None:
    data = {"id": 1, "name": None, "provider": None, "benchmarkDate": text}
    date = BenchmarkModel.from_dict(data).benchmark_date
    assert date == datetime(*moment, tzinfo=UTC)  # type: ignore[misc, arg-type]

    if stock_fails and sys.version_info < (3, 13):
        got = stock("v2.models").BenchmarkModel.from_dict(data).benchmark_date
        assert got == text  # stock falls through its union to the raw string


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2025", "202506", "2025-13-01T00:00:00Z", "2025-06-03T25:00:00Z"]
)
def test_16_a_text_that_is_no_date_stays_a_text(text: str) -> None:
    data = {"id": 1, "name": None, "provider": None, "benchmarkDate": text}
    model = BenchmarkModel.from_dict(data)
    assert model.benchmark_date == text
    assert model.to_dict() == data


def test_16_the_python_the_output_needs_is_the_python_we_ask_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"


def test_17_another_version_of_the_generator_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "version", lambda name: "0.29.2")
    with pytest.raises(GenerationError, match=r"0\.29\.2 is installed; .* 0\.29\.1 exactly"):
        generate(tmp_path / "benchwire_api")
    assert list(tmp_path.iterdir()) == []


def test_17_the_pin_is_the_version_the_templates_are_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pin = f"{generation.GENERATOR}=={generation.GENERATOR_VERSION}"
    assert pin in project["optional-dependencies"]["dev"]
    assert f"{pin} " in (ROOT / "requirements" / "dev.txt").read_text()


HOSTILE = (
    'A "quote", """three""", a \\ and \\n, {{ x }} {% raw %} {# c #}, ünïcode 😀, {brace} and "'
)


def test_text_of_the_spec_is_text_in_the_output(tmp_path: Path) -> None:
    def describe(spec: dict[str, Any]) -> None:
        schemas = spec["components"]["schemas"]
        for name in ("BenchmarkPrompt", "EvaluationStatus"):
            schemas[name]["description"] = HOSTILE
        schemas["BenchmarkPrompt"]["properties"]["id"]["description"] = HOSTILE
        schemas["BenchmarkPrompt"]["properties"]['a "b\\'] = {"type": "string"}
        operation = spec["paths"]["/models"]["get"]
        operation["summary"] = operation["description"] = HOSTILE

    specs = tmp_path / "specs"
    specs.mkdir()
    generate(tmp_path / "benchwire_api", edited(specs, describe))
    code = (
        "import inspect;"
        "from benchwire_api.public import BenchmarkPrompt, EvaluationStatus, api;"
        "from benchwire_api.public.api.models.list_models import sync;"
        "print(*map(inspect.getdoc, (BenchmarkPrompt, EvaluationStatus, sync)));"
        "print(BenchmarkPrompt.from_dict("
        "{'id': 'p', 'input': 'i', 'truth': 't', 'a \"b\\\\': 'x'}).a_b)"
    )
    output = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, check=True,
        env={"PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
    ).stdout.decode()  # fmt: skip
    assert " ".join(output.split()).count(HOSTILE) == 5
    assert output.endswith("\nx\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
