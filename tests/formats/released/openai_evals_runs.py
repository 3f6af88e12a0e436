"""Runs OpenAI evals with completion functions of ours."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from environment import HERE, copy, emptied, installed, run, without_times

if TYPE_CHECKING:
    from pathlib import Path

EVALS = "evals==3.0.1.post1"
_CLASSES = {
    "sums-match": "evals.elsuite.basic.match:Match",
    "sums-includes": "evals.elsuite.basic.includes:Includes",
    "sums-fuzzy": "evals.elsuite.basic.fuzzy_match:FuzzyMatch",
    "sums-json": "evals.elsuite.basic.json_match:JsonMatch",
    "sums-graded": "evals.elsuite.modelgraded.classify:ModelBasedClassify",
}
_OWN = "openai_evals_completions"
_FUNCTIONS: dict[str, dict[str, Any]] = {
    "own/careful": {"class": f"{_OWN}:Sums", "args": {"wrong": [3]}},
    "own/careless": {"class": f"{_OWN}:Sums", "args": {"wrong": [0, 1, 3]}},
    "own/silent": {"class": f"{_OWN}:Sums", "args": {"wrong": [0], "records": False}},
    "own/failing": {"class": f"{_OWN}:Sums", "args": {"fails": [4]}},
    "own/grader": {"class": f"{_OWN}:Grader"},
}
_GRADED = {
    "prompt": "Is the answer right? Yes or No. Answer and truth: {completion} {ideal}",
    "choice_strings": ["Yes", "No"],
    "choice_scores": {"Yes": 1.0, "No": 0.0},
    "input_outputs": {"input": "completion"},
}
_RUNS = [
    *((model, f"sums-{one}") for model in ("own/careful", "own/careless") for one in ("match", "includes", "fuzzy", "json")),
    *((f"{model},own/grader", "sums-graded") for model in ("own/careful", "own/careless")),
    ("own/silent", "sums-match"), ("own/failing", "sums-match"), ("dummy", "sums-includes"),
]  # fmt: skip


def write(work: Path) -> None:
    """Install evals, and replace its logs."""
    programs = installed(work / "programs", EVALS)
    shutil.copy(HERE / "openai_evals_completions.py", work)
    for kind, entries in {
        "evals": {
            key: value for name, cls in _CLASSES.items() for key, value in _eval(name, cls).items()
        },
        "completion_fns": _FUNCTIONS,
        "modelgraded": {"own": _GRADED},
    }.items():
        folder = work / "registry" / kind
        folder.mkdir(parents=True)
        # JSON is YAML.
        (folder / "own.yaml").write_text(json.dumps(entries), "utf-8")
    data = work / "registry" / "data"
    data.mkdir()
    (data / "sums.jsonl").write_text(
        "".join(json.dumps(_sample(n)) + "\n" for n in range(5)), "utf-8"
    )
    target = emptied("openai-evals")
    settings = {
        "PYTHONPATH": str(work), "EVALS_SEQUENTIAL": "1",
        # It makes a client on import, and asks for names of models.
        "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    }  # fmt: skip
    for functions, name in _RUNS:
        file = work / f"{functions.partition(',')[0].removeprefix('own/')}_{name}.jsonl"
        run(programs / "oaieval", work, functions, name, "--registry_path", "registry",
            "--record_path", file.name, ok="failing" not in functions, settings=settings)  # fmt: skip
        text = without_times(file.read_text("utf-8"))
        run_id = json.loads(text.partition("\n")[0])["spec"]["run_id"]
        file.write_text(text.replace(run_id, "260102030405ABCDEFGH"), "utf-8")
        copy(file, target / file.name, work)


def _eval(name: str, cls: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {"samples_jsonl": "sums.jsonl"}
    if name == "sums-graded":
        arguments |= {"modelgraded_spec": "own", "eval_type": "classify"}
    key = f"{name}.test.v1"
    return {name: {"id": key, "metrics": ["accuracy"]}, key: {"class": cls, "args": arguments}}


def _sample(number: int) -> dict[str, Any]:
    question: Any = f"What is {number} + 1?"
    if number % 2:
        question = [{"role": "system", "content": "Add."}, {"role": "user", "content": question}]
    right = str(number + 1)
    return {"input": question, "ideal": [right, f"{right}.0"] if number == 4 else right}
