"""Writes small logs in the formats of evaluation tools, as the tools write them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from benchwire.local import Results, read_results

STAMP = "2026-01-02T03-04-05.678901"


def read(*paths: Path, **options: Any) -> tuple[list[Any], Results]:
    """Return the rows of files, and the results with their reports."""
    results = read_results(list(paths), **options)
    return list(results), results


def json_lines(path: Path, *values: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(value) + "\n" for value in values), "utf-8")
    return path


def json_file(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")
    return path


def lm_eval_row(doc_id: int, **changes: Any) -> dict[str, Any]:
    """A row of a generation task of 0.4.7 or later."""
    return {
        "doc_id": doc_id,
        "doc": {"question": f"What is {doc_id} + 1?", "level": "easy"},
        "target": str(doc_id + 1),
        "arguments": {"gen_args_0": {"arg_0": f"Q: {doc_id} + 1?", "arg_1": {"until": ["\n"]}}},
        "resps": [[str(doc_id + 1)]],
        "filtered_resps": [str(doc_id + 1)],
        "filter": "none",
        "metrics": ["exact_match"],
        "doc_hash": "a" * 64,
        "exact_match": 1.0,
    } | changes


def lm_eval_choice(doc_id: int, likelihoods: list[float], **changes: Any) -> dict[str, Any]:
    """A row of a multiple-choice task, whose target is an index."""
    arguments = {
        f"gen_args_{n}": {"arg_0": f"Q{doc_id}", "arg_1": f" choice {n}"}
        for n in range(len(likelihoods))
    }
    pairs = [[str(value), "False"] for value in likelihoods]
    return lm_eval_row(
        doc_id, target="1", arguments=arguments, resps=[[p] for p in pairs], filtered_resps=pairs
    ) | {"metrics": ["acc"], "acc": 1.0} | changes  # fmt: skip


def lm_eval_results(
    task: str, figures: dict[str, Any], count: int, **changes: Any
) -> dict[str, Any]:
    return {
        "results": {task: {"alias": task, **figures}},
        "configs": {task: {"task": task}},
        "versions": {task: 1.0},
        "higher_is_better": {task: {key.partition(",")[0]: True for key in figures}},
        "n-samples": {task: {"original": count, "effective": count}},
        "config": {"model": "hf", "model_args": "pretrained=org/one,dtype=auto"},
        "lm_eval_version": "0.4.9",
        "model_name": "org/one",
    } | changes  # fmt: skip


def lm_eval_run(
    folder: Path, task: str, rows: list[dict[str, Any]], results: dict[str, Any] | None
) -> Path:
    if results is not None:
        json_file(folder / f"results_{STAMP}.json", results)
    return json_lines(folder / f"samples_{task}_{STAMP}.jsonl", *rows)


def inspect_sample(
    ident: int | str, value: Any = "C", epoch: int = 1, **changes: Any
) -> dict[str, Any]:
    return {
        "id": ident,
        "epoch": epoch,
        "input": f"What is {ident}?",
        "target": f"it is {ident}",
        "messages": [{"role": "user", "content": "x" * 100}],
        "output": {"choices": [{"message": {"role": "assistant", "content": f"answer to {ident}"}}]},
        "scores": {"match": {"value": value, "answer": f"it is {ident}"}},
        "metadata": {"group": "g"},
        "total_time": 0.25,
    } | changes  # fmt: skip


def inspect_log(samples: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    ids = list(dict.fromkeys(sample["id"] for sample in samples))
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "task": "sums",
            "model": "org/one",
            "dataset": {"samples": len(ids), "sample_ids": ids},
            "config": {"epochs": max((sample["epoch"] for sample in samples), default=1)},
            "packages": {"inspect_ai": "0.3.100"},
        },
        "results": {"total_samples": len(samples), "completed_samples": len(samples), "scores": []},
        "samples": samples,
    } | changes  # fmt: skip


def inspect_archive(path: Path, log: dict[str, Any], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a log as .eval; with method 93 the members are compressed with zstd."""
    head = {key: value for key, value in log.items() if key != "samples"}
    members = [("header.json", head)] + [
        (f"samples/{one['id']}_epoch_{one['epoch']}.json", one) for one in log["samples"]
    ]
    archive_of(path, members, method)
    return path


def archive_of(
    path: Path, members: list[tuple[str, Any]], method: int = zipfile.ZIP_DEFLATED
) -> Path:
    from benchwire_local.results.formats.source import zipfile as zip_with_zstd

    path.parent.mkdir(parents=True, exist_ok=True)
    with zip_with_zstd.ZipFile(path, "w", method) as file:
        for name, value in members:
            file.writestr(name, json.dumps(value))
    return path


def promptfoo_result(
    test: int, prompt: int = 0, success: bool = True, **changes: Any
) -> dict[str, Any]:
    return {
        "success": success,
        "score": 1 if success else 0,
        "failureReason": 0 if success else 1,
        "latencyMs": 12,
        "provider": {"id": f"org:model-{prompt}", "label": ""},
        "prompt": {"raw": f"Say {test}", "label": "Say {{n}}"},
        "promptIdx": prompt,
        "testIdx": test,
        "vars": {"n": test},
        "testCase": {"vars": {"n": test}, "assert": [{"type": "equals", "value": str(test)}]},
        "response": {"output": str(test)},
        "gradingResult": {
            "componentResults": [
                {"pass": success, "score": int(success), "assertion": {"type": "equals"}}
            ]
        },
    } | changes  # fmt: skip


def promptfoo_export(results: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    raw = [{"raw": "Say {{n}}", "label": "Say {{n}}", "provider": "org:model-0"}]
    inner = {"version": 3, "prompts": raw, "results": results, "stats": {}} | changes
    return {"evalId": "eval-1", "results": inner, "config": {"description": "Saying numbers"}}


def openai_log(path: Path, *events: dict[str, Any], **final: Any) -> Path:
    spec = {"completion_fns": ["gpt-x"], "eval_name": "sums.s1", "created_at": "2023-04-17 22:08"}
    return json_lines(
        path,
        {"spec": spec},
        {"final_report": final},
        *({"run_id": "r", "event_id": n} | event for n, event in enumerate(events)),
    )


def openai_sample(ident: str, correct: bool | None) -> list[dict[str, Any]]:
    sampling = {"prompt": f"Q{ident}", "sampled": [f"A{ident}"]}
    events = [{"sample_id": ident, "type": "sampling", "data": sampling}]
    if correct is not None:
        match = {"correct": correct, "expected": f"A{ident}", "picked": None}
        events.append({"sample_id": ident, "type": "match", "data": match})
    return events


def helm_run(folder: Path, states: list[dict[str, Any]], stats: list[dict[str, Any]]) -> Path:
    adapter = {"method": "generation", "model": "org/one"}
    name = "sums:method=generation,model=org_one"
    json_file(
        folder / "run_spec.json", {"name": name, "scenario_spec": {}, "adapter_spec": adapter}
    )
    json_file(folder / "scenario_state.json", {"adapter_spec": adapter, "request_states": states})
    json_file(folder / "per_instance_stats.json", stats)
    return folder


def helm_state(
    ident: str, text: str = "4", split: str = "test", trial: int = 0, **more: Any
) -> dict[str, Any]:
    instance = {
        "id": ident,
        "input": {"text": f"What is {ident}?"},
        "references": [{"output": {"text": "4"}, "tags": ["correct"]}],
        "split": split,
    } | {key: more.pop(key) for key in ("perturbation", "references") if key in more}  # fmt: skip
    result = {"success": True, "completions": [{"text": text}], "request_time": 0.5}
    return {"instance": instance, "train_trial_index": trial, "result": result} | more


def helm_stat(
    ident: str, value: float | None, trial: int = 0, split: str = "test", **more: Any
) -> dict[str, Any]:
    stat: dict[str, Any] = {"name": {"name": "exact_match", "split": split}, "count": 0}
    if value is not None:
        stat |= {"count": 1, "sum": value, "mean": value}
    tokens = {"name": {"name": "num_prompt_tokens", "split": split}, "count": 1, "mean": 333.0}
    return {"instance_id": ident, "train_trial_index": trial, "stats": [stat, tokens]} | more
