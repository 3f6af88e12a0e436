"""Every example of the public API's SDK reference runs here with only the import changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

import benchwire
from support.local_environment import environment_of
from support.sdk_reference import examples
from support.shared import require_shared, shared_dir

SEED = shared_dir() / "seeds" / "public-api.txt"
EXAMPLES = examples(SEED.read_text(encoding="utf-8")) if SEED.exists() else []

# What each must print to have done its work: the reference's examples end in nothing, or in these.
PRINTS = (
    [],
    [],
    [],
    ["context length"],
    ["Total prompts: ", " Truth: ", "All prompts: "],
    [" on ", "Goal: ", " - ", "Top evaluations (", "%"],
    ["Eval 1: ", "Eval 2: ", " Prompt: ", "Model 1 score: 0.0, Model 2 score: 1.0"],
    ["Model 1: ", "Model 2: ", " correct"],
)


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The sample data has what the examples ask for, under the reference's own ids."""
    with benchwire.local.serve() as server:
        yield environment_of(server)


def test_every_example_is_found() -> None:
    require_shared("seeds", "public-api.txt")
    assert len(EXAMPLES) == len(PRINTS)
    assert sum(text.count("from layerlens") for text in EXAMPLES) == SEED.read_text(
        encoding="utf-8"
    ).count("from layerlens")


@pytest.mark.parametrize("number", range(len(PRINTS)))
def test_the_example_runs(number: int, environment: dict[str, str]) -> None:
    require_shared("seeds", "public-api.txt")
    code = EXAMPLES[number].replace("from layerlens", "from benchwire")

    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, f"{code}\n{done.stderr}"
    assert done.stderr == ""
    for text in PRINTS[number]:
        assert text in done.stdout
