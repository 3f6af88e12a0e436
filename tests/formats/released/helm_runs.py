"""Runs HELM with a scenario and two models of ours."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from environment import HERE, copy, emptied, installed, run

if TYPE_CHECKING:
    from pathlib import Path

HELM = "crfm-helm==0.5.16"
_MODELS = {"careful": {"wrong": [1], "fails": [2]}, "careless": {"wrong": [1, 3, 4], "fails": []}}
_RUNS = ("own_choices", "own_generation:split=valid", "own_separate")
# The run whose statistics are all kept; of the others, those of tokens and costs are left out.
_WHOLE = "own_choices:split=test,model=own_careful"


def write(work: Path) -> None:
    """Install HELM, and replace its logs."""
    programs = installed(work / "programs", HELM)
    shutil.copy(HERE / "helm_scenarios.py", work)
    models = [
        {
            "name": f"own/{name}", "display_name": name, "description": name,
            "creator_organization_name": "own", "access": "open",
            "tags": ["TEXT_MODEL_TAG", "FULL_FUNCTIONALITY_TEXT_MODEL_TAG"],
        }
        for name in _MODELS
    ]  # fmt: skip
    deployments = [
        {
            "name": f"own/{name}", "model_name": f"own/{name}",
            "tokenizer_name": "simple/tokenizer1", "max_sequence_length": 2048,
            "client_spec": {"class_name": "helm_scenarios.Answers", "args": arguments},
        }
        for name, arguments in _MODELS.items()
    ]  # fmt: skip
    settings = work / "settings"
    settings.mkdir()
    # JSON is YAML.
    (settings / "model_metadata.yaml").write_text(json.dumps({"models": models}), "utf-8")
    (settings / "model_deployments.yaml").write_text(
        json.dumps({"model_deployments": deployments}), "utf-8"
    )
    entries = [
        f"{one}{',' if ':' in one else ':'}model=own/{name}" for one in _RUNS for name in _MODELS
    ]
    run(programs / "helm-run", work, "--plugins", "helm_scenarios", "--run-entries", *entries,
        "--suite", "own", "--max-eval-instances", "4", "--local-path", settings.name,
        "--disable-cache", "-n", "1", settings={"PYTHONPATH": str(work), "HOME": str(work)})  # fmt: skip
    target = emptied("helm")
    for folder in (work / "benchmark_output" / "runs" / "own").glob("own_*"):
        for file in folder.iterdir():
            document = json.loads(file.read_text("utf-8"))
            if folder.name != _WHOLE:
                document = _shortened(document)
            file.write_text(json.dumps(document), "utf-8")
            # A colon is in no name of a file on Windows.
            copy(file, target / folder.name.replace(":", "-") / file.name, work)


def _shortened(document: Any) -> Any:
    if not isinstance(document, list):
        return document
    return [
        one | {"stats": _shortened(one["stats"])} if "stats" in one else one
        for one in document
        if "stats" in one or "match" in one["name"]["name"]
    ]
