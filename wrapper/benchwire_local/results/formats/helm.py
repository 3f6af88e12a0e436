"""Reads the folders of HELM's runs: ``scenario_state.json`` with ``per_instance_stats.json``."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson

from benchwire_local.errors import ImportFailedError
from benchwire_local.results.formats import fields, source
from benchwire_local.results.row import FileReport, Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchwire_local.results.formats.choices import Choices
    from benchwire_local.results.row import Status

_Key = tuple[str, int, str]  # instance, trial of training examples, perturbation
_STATES = ("request_states",)
# What is measured of every instance and is no score.
_BOOKKEEPING = (
    "num_", "training_", "inference_", "batch_size", "max_prob", "logprob", "prompt_truncated",
    "finish_reason", "predicted_index", "estimated_",
)  # fmt: skip


def rows(folder: Path, options: Choices, report: FileReport) -> Iterator[Row]:
    """Yield the answers of a run to the instances of the test split, or else of the valid one."""
    files = _files(folder)
    head = source.rest(files["run_spec"], [])
    with source.failures(str(files["run_spec"])):
        name = fields.as_text(head.get("name"))
        adapter = fields.child(head, "adapter_spec")
        model = options.model or fields.name(adapter.get("model"), "adapter_spec.model")
        benchmark = fields.name(_benchmark(name) or folder.name, "name")
        report.version = fields.as_text(adapter.get("method")) or None
    names, split = _survey(files["per_instance_stats"])
    with source.failures(str(files["per_instance_stats"])):
        metric = options.metric(benchmark, names, report)
    scores = _scores(files["per_instance_stats"], metric)
    path = files["scenario_state"]
    tally = report.evaluation(benchmark, model)
    # The mean that HELM states is that of the instances as they are, without perturbed copies.
    if "stats" in files and not any(perturbation for _, _, perturbation in scores):
        tally.own_mean = _own_mean(files["stats"], metric, split)
    skipped = 0
    for key, group in groupby(_states(path), key=lambda item: item[1]):
        states = [(number, state) for number, _, state in group]
        number = states[0][0]
        with source.failures(str(path), number):
            instance = fields.child(states[0][1], "instance")
            if instance.get("split", split) != split:
                skipped += 1
                continue
            row = _row(key, [state for _, state in states], scores.get(key))
        yield Row(
            benchmark=benchmark, model=model, scorer=metric, source=str(path), line=number, **row
        )
    if skipped:
        report.note(f"{benchmark}: left out {skipped} instances of other splits than {split}")


def _files(folder: Path) -> dict[str, Path]:
    found = {}
    for name in ("run_spec", "scenario_state", "per_instance_stats", "stats"):
        for end in ("", ".gz", ".zst"):
            path = folder / f"{name}.json{end}"
            if path.is_file():
                found[name] = path
        if name != "stats" and name not in found:
            raise ImportFailedError(str(folder), None, f"a run of HELM without {name}.json")
    return found


def _benchmark(name: str) -> str:
    """Return the name of a run without its model, so that runs of two models have one benchmark."""
    scenario, colon, arguments = name.partition(":")
    kept = [
        one for one in arguments.split(",") if not one.startswith(("model=", "model_deployment="))
    ]
    return f"{scenario}{colon if any(kept) else ''}{','.join(kept)}"


def _key(entry: dict[str, Any], instance: object, perturbation: object) -> _Key:
    trial = fields.integer(entry.get("train_trial_index", 0), "train_trial_index")
    text = ""
    if perturbation is not None:
        ordered = fields.mapping(perturbation, "perturbation")
        text = orjson.dumps(ordered, option=orjson.OPT_SORT_KEYS).decode()
    return fields.name(instance, "instance_id"), trial, text


def _stats(path: Path) -> Iterator[tuple[int, _Key, dict[str, Any], set[str]]]:
    """Yield the number and key of each row of statistics, the statistics by name, and the splits."""
    for number, _, value in source.elements(path, [()]):
        if not number:
            continue
        with source.failures(str(path), number):
            entry = fields.mapping(value, "per_instance_stats")
            key = _key(entry, entry.get("instance_id"), entry.get("perturbation"))
            found: dict[str, Any] = {}
            splits: set[str] = set()
            for one in fields.listed(entry, "stats"):
                stat = fields.mapping(one, "stats")
                named = fields.mapping(stat.get("name"), "stats.name")
                splits.add(fields.as_text(named.get("split")))
                found[fields.name(named.get("name"), "stats.name.name")] = (
                    stat.get("mean") if stat.get("count", 1) else None
                )
        yield number, key, found, splits


def _survey(path: Path) -> tuple[list[str], str]:
    """Return the metrics whose every value is from 0 to 1, and the split to take answers of."""
    fits: dict[str, bool] = {}
    splits: set[str] = set()
    for _, _, stats, seen in _stats(path):
        splits |= seen
        for name, value in stats.items():
            fit = value is None or (
                isinstance(value, int | float) and not value * 0 and 0 <= value <= 1
            )
            fits[name] = fits.get(name, True) and (fit or value != value)  # noqa: PLR0124  NaN
    names = [name for name, fit in fits.items() if fit and not name.startswith(_BOOKKEEPING)]
    return names, "valid" if "valid" in splits and "test" not in splits else "test"


def _scores(path: Path, metric: str) -> dict[_Key, float | None]:
    found: dict[_Key, float | None] = {}
    values: dict[float | None, float | None] = {}  # most of many scores are 0 or 1
    for number, key, stats, _ in _stats(path):
        with source.failures(str(path), number):
            if metric in stats:
                value, _ = fields.score(stats[metric], metric)
                found[key] = values.setdefault(value, value)
    return found


def _own_mean(path: Path, metric: str, split: str) -> float | None:
    for number, _, value in source.elements(path, [()]):
        with source.failures(str(path), number or None):
            name = fields.child(fields.mapping(value, "stats"), "name") if number else {}
        plain = name.get("perturbation") is None and name.get("split") == split
        if name.get("name") == metric and plain:
            mean = value.get("mean")
            return mean if isinstance(mean, int | float) else None
    return None


def _states(path: Path) -> Iterator[tuple[int, _Key, dict[str, Any]]]:
    for number, _, value in source.elements(path, [_STATES], [("adapter_spec",)]):
        if number:
            with source.failures(str(path), number):
                state = fields.mapping(value, "request_states")
                instance = fields.mapping(state.get("instance"), "instance")
                key = _key(state, instance.get("id"), instance.get("perturbation"))
            if state.get("request_mode") != "calibration":
                yield number, key, state


def _row(
    key: _Key,
    states: list[dict[str, Any]],
    value: float | None,
) -> dict[str, Any]:
    """Return the fields of a row; of multiple_choice_separate, a state for each reference."""
    identifier, trial, perturbation = key
    instance = fields.child(states[0], "instance")
    references = [
        fields.mapping(one, "references") for one in fields.listed(instance, "references")
    ]
    texts = [fields.as_text(fields.child(one, "output").get("text")) for one in references]
    right = [
        text
        for text, one in zip(texts, references, strict=True)
        if "correct" in fields.listed(one, "tags")
    ]
    results = [fields.mapping(state.get("result"), "result") for state in states]
    status: Status = "unscored" if value is None else "scored"
    if any(result.get("success") is False for result in results):
        value, status = None, "error"
    if perturbation:
        changed = fields.child(instance, "perturbation").get("name") or "perturbed"
        seed = fields.child(instance, "perturbation").get("seed")
        identifier += f"+{fields.as_text(changed)}" + ("" if seed is None else f"/{seed}")
    times = [fields.duration(result.get("request_time"), 1000) for result in results]
    return {
        "prompt_id": fields.name(identifier, "instance.id"),
        "input": fields.prompt(fields.child(instance, "input").get("text"), "instance.input.text"),
        "truth": fields.as_text(right or None),
        "result": None if status == "error" else _result(states, results, texts),
        "score": value,
        "status": status,
        "epoch": trial + 1,
        "cluster": key[0] if perturbation else None,
        "duration_ms": None if None in times else sum(time or 0 for time in times),
    }


def _result(
    states: list[dict[str, Any]], results: list[dict[str, Any]], references: list[str]
) -> str | None:
    completions = [
        fields.mapping(one, "completions")
        for result in results
        for one in fields.listed(result, "completions")[:1]
    ]
    if not completions:
        return None
    if len(states) > 1 and len(completions) == len(states):
        best = max(range(len(states)), key=lambda n: _likelihood(completions[n]))
        index = states[best].get("reference_index")
        if isinstance(index, int) and 0 <= index < len(references):
            return references[index]
    text = fields.as_text(completions[0].get("text"))
    mapped = fields.child(states[0], "output_mapping").get(text.strip())
    return text if mapped is None else fields.as_text(mapped)


def _likelihood(completion: dict[str, Any]) -> float:
    value = completion.get("logprob")
    return float(value) if isinstance(value, int | float) and value == value else float("-inf")  # noqa: PLR0124
