"""The packages under strict mypy: by themselves, and as a user sees them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from openapi.generator.build import ROOT

from benchwire_api.public import Evaluation
from support.workers import made_once

USE = """
from benchwire_api.public import BenchmarkPrompt, Client, Evaluation, PublicModelDetail
from benchwire_api.public.api.models import list_models
from benchwire_api.v0 import SubmitJobRequest
from benchwire_api.v2 import BenchmarkModel
from benchwire_api.v2.api.benchmarks import list_benchmark_models

def f(p: BenchmarkPrompt, e: Evaluation, m: PublicModelDetail, b: BenchmarkModel) -> None:
    reveal_type(p.input)
    reveal_type(e.status)
    reveal_type(e.submitted_at)
    reveal_type(e.summary)
    reveal_type(m.description)
    reveal_type(b.scores)
    reveal_type(b.benchmark_date)
    reveal_type(list_models.sync(client=Client(token="key"), page=1).models)
    reveal_type(list_benchmark_models.parse_response)
    reveal_type(SubmitJobRequest(benchmark_id="b", endpoint_url="u", api_key="k").seed)

list_models.build_request(page="1")
list_models.build_request(colour="red")
SubmitJobRequest(benchmark_id="b")
BenchmarkPrompt(id="p", input=5, truth="t")
"""
REVEALED = [
    "str | list[Any] | dict[str, Any]",
    "str",  # EvaluationStatus | str, which is the same to mypy: a member is a str
    "int | str | None",
    "EvaluationSummary | None",
    "str | None",
    "dict[str, float | None] | None",
    "datetime | str | None",
    "list[PublicModelDetail]",
    "def (response: Response) -> ResultList[BenchmarkModel]",
    "int | Unset",
]
REFUSED = [
    'Argument "page" to "build_request" has incompatible type "str"; expected "int | None"',
    'Unexpected keyword argument "colour" for "build_request"',
    'Missing named argument "api_key" for "SubmitJobRequest"',
    'Missing named argument "endpoint_url" for "SubmitJobRequest"',
    (
        'Argument "input" to "BenchmarkPrompt" has incompatible type "int"; '
        'expected "str | list[Any] | dict[str, Any]"'
    ),
]


def mypy(folder: Path) -> None:
    """Check the packages and their use in one run, which parses them once."""
    folder.mkdir()
    (folder / "use.py").write_text(USE)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11", "--config-file=",
         "--enable-error-code", "ignore-without-code", "--enable-error-code", "redundant-expr",
         "--enable-error-code", "truthy-bool", "benchwire_api", folder / "use.py"],
        cwd=ROOT / "generated", capture_output=True, text=True, check=False,
        env={"MYPY_CACHE_DIR": str(ROOT / ".mypy_cache" / "generated")},
    )  # fmt: skip
    (folder / "output").write_text(done.stdout + done.stderr)


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What mypy says of the packages, and of their use."""
    text = (made_once(tmp_path_factory, "mypy_generated", mypy) / "output").read_text()
    lines = text.splitlines(keepends=True)
    of_use = [line for line in lines if line.partition(":")[0].endswith("use.py")]
    return "".join(line for line in lines if line not in of_use), "".join(of_use)


def test_the_packages_are_clean_under_strict_mypy(outputs: tuple[str, str]) -> None:
    files = len(list((ROOT / "generated" / "benchwire_api").rglob("*.py"))) + 1
    assert outputs[0] == f"Found {len(REFUSED)} errors in 1 file (checked {files} source files)\n"


def test_a_user_sees_the_documented_types(outputs: tuple[str, str]) -> None:
    output = outputs[1]
    notes = re.findall(r'Revealed type is "(.+)"', output)
    assert [re.sub(r"\b[a-z_0-9]+\.", "", note) for note in notes] == REVEALED
    errors = re.findall(r"error: (.+?)  \[", output)
    assert sorted(errors) == sorted(REFUSED)


def test_an_open_enum_is_annotated_as_the_enum_or_a_string() -> None:
    assert str(attrs.fields(Evaluation).status.type) == "EvaluationStatus | str"
