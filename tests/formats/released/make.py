"""Writes the logs beside it: runs of released evaluation tools that need no model and no network.

``python make.py`` installs each tool in an environment of its own (4 GB at most), runs tasks of ours, and
replaces the tool's folder; ``python make.py promptfoo`` does so for one tool. Nothing of the machine stays
in the logs.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import helm_runs
import openai_evals_runs
import promptfoo_runs
from environment import HERE, copy, emptied, installed, run

LM_EVAL, INSPECT = "lm_eval==0.4.13", "inspect_ai==0.3.285"
# What the results of lm-evaluation-harness say of the machine.
_OF_THE_MACHINE = ("pretty_env_info", "git_hash", "upper_git_hash")

_DATA = """
dataset_path: json
dataset_kwargs: {data_files: {test: docs.jsonl}}
test_split: test
doc_to_text: "Q: {{question}}"
metadata: {version: 1.0}
"""
_TASKS = {
    "own_filters": """
output_type: generate_until
doc_to_target: "{{answer}}"
repeats: 2
generation_kwargs: {until: ["\\n"]}
filter_list:
  - {name: strict, filter: [{function: regex, regex_pattern: "([0-9]+)"}, {function: take_first}]}
  - {name: loose, filter: [{function: take_first}]}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
""",
    "own_choices": """
output_type: multiple_choice
doc_to_choice: choices
doc_to_target: gold
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
  - {metric: acc_norm, aggregation: mean, higher_is_better: true}
""",
    "own_perplexity": """
output_type: loglikelihood
doc_to_target: " {{answer}}"
metric_list:
  - {metric: perplexity, aggregation: perplexity, higher_is_better: false}
  - {metric: acc, aggregation: mean, higher_is_better: true}
""",
}
_GROUP = """
group: own_group
task: [own_choices, own_filters]
aggregate_metric_list: [{metric: acc, aggregation: mean, weight_by_size: true}]
metadata: {version: 1.0}
"""


def main() -> None:
    """Write the logs of the tools that are named, or of all."""
    for name in sys.argv[1:] or _TOOLS:
        with tempfile.TemporaryDirectory() as folder:
            _TOOLS[name](Path(folder))


def write_lm_eval(folder: Path) -> None:
    """Run two dummy models, whose likelihoods are random."""
    programs, work = installed(folder / "programs", LM_EVAL), folder / "tasks"
    work.mkdir()
    docs = [
        {
            "question": f"What is {a} + {b}?", "answer": str(a + b),
            "choices": [str(a + b), str(a + b + 1)], "gold": 0,
        }
        for a in range(3)
        for b in range(2)
    ]  # fmt: skip
    (work / "docs.jsonl").write_text("".join(json.dumps(doc) + "\n" for doc in docs), "utf-8")
    for name, text in _TASKS.items():
        (work / f"{name}.yaml").write_text(f"task: {name}\n{_DATA}{text}", "utf-8")
    (work / "own_group.yaml").write_text(_GROUP, "utf-8")
    target = emptied("lm-eval")
    for number, tasks in enumerate(("own_group,own_perplexity", "own_group"), 1):
        output = work / f"output{number}"
        run(programs / "lm_eval", work, "--model", "dummy", "--tasks", tasks, "--log_samples",
            "--include_path", ".", "--output_path", output.name)  # fmt: skip
        (found,) = output.iterdir()  # its name is random
        for file in found.iterdir():
            if file.name.startswith("results_"):
                results = json.loads(file.read_text("utf-8")) | {"model_name": f"dummy-{number}"}
                kept = {name: results[name] for name in results if name not in _OF_THE_MACHINE}
                file.write_text(json.dumps(kept, indent=1), "utf-8")
            copy(file, target / f"dummy-{number}" / file.name, folder)


def write_inspect(folder: Path) -> None:
    """Run the tasks; two of them as the older format of logs, too."""
    programs, work = installed(folder / "programs", INSPECT), folder / "tasks"
    work.mkdir()
    shutil.copy(HERE / "inspect_tasks.py", work)
    runs = [(name, "model", "eval") for name in ("epochs", "failing", "stopped", "choices")]
    for name, model, form in [*runs, ("failing", "other", "json"), ("epochs", "other", "eval")]:
        run(programs / "inspect", work, "eval", f"inspect_tasks.py@{name}", "--model",
            f"mockllm/{model}", "--log-dir", "logs", "--log-format", form, "--display", "none",
            ok=name != "stopped")  # fmt: skip
    target = emptied("inspect")
    for file in (work / "logs").iterdir():
        copy(file, target / file.name, folder)


_TOOLS = {
    "lm-eval": write_lm_eval,
    "inspect": write_inspect,
    "promptfoo": promptfoo_runs.write,
    "openai-evals": openai_evals_runs.write,
    "helm": helm_runs.write,
}

if __name__ == "__main__":
    main()
