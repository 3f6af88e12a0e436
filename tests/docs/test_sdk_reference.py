"""Every example of the public API's SDK reference runs here with only the import changed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

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


def test_every_example_is_found() -> None:
    require_shared("seeds", "public-api.txt")
    assert len(EXAMPLES) == len(PRINTS)
    assert sum(text.count("from layerlens") for text in EXAMPLES) == SEED.read_text(
        encoding="utf-8"
    ).count("from layerlens")


@pytest.mark.parametrize("number", range(len(PRINTS)))
def test_the_example_runs(
    number: int, run: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    """The sample data has what the examples ask for, under the reference's own ids."""
    require_shared("seeds", "public-api.txt")
    code = EXAMPLES[number].replace("from layerlens", "from benchwire")
    # They close no client.
    done = run(f"import warnings\nwarnings.simplefilter('ignore', ResourceWarning)\n{code}")
    assert done.returncode == 0, f"{code}\n{done.stderr}"
    assert done.stderr == ""
    for text in PRINTS[number]:
        assert text in done.stdout
