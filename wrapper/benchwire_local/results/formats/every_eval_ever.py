"""Reads and writes Every Eval Ever, the interchange schema, version 0.3.

A run is two files: ``<uuid>.json`` with the aggregates and ``<uuid>_samples.jsonl`` with one line
for each answer and aggregate.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import orjson

from benchwire_local.results.formats import document, fields, source
from benchwire_local.results.formats.fields import FieldError
from benchwire_local.results.row import FileReport, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from benchwire_local.results.formats.choices import Choices
    from benchwire_local.results.row import Status

VERSION = "0.3.0"
_READABLE = ("0.2.", "0.3.")
_UNKNOWN = -1.0  # the schema's score of what has none
_OURS = "benchwire"  # the key, in a line's metadata, of what the schema has no field for


def rows(path: Path, options: Choices, report: FileReport) -> Iterator[Row]:
    """Yield the answers of a file of instances, with the scores of one aggregate of each task."""
    beside = path.with_name(path.name.partition(".jsonl")[0].removesuffix("_samples") + ".json")
    aggregate: dict[str, Any] = {}
    if beside != path and beside.is_file() and not beside.is_symlink():
        aggregate = source.rest(beside, [])
    with source.failures(str(beside)):
        results = _results(aggregate)
        own_rows = fields.child(aggregate, "detailed_evaluation_results").get("total_rows")
    counts = _counts(path, report)
    chosen: dict[str, str] = {}
    with source.failures(str(path)):
        for task, names in counts.items():
            chosen[task] = options.metric(task, list(names), report)
            _check_metric(chosen[task], results)
    total = sum(sum(names.values()) for names in counts.values())
    if isinstance(own_rows, int) and own_rows != total:
        report.note(f"{beside.name} states {own_rows} lines of answers; {path.name} has {total}")
    for number, line in source.records(path):
        with source.failures(str(path), number):
            task, result_id = _keys(line)
            if chosen[task] != result_id:
                continue
            benchmark = f"{task}:{result_id}" if len(counts[task]) > 1 else task
            row = _row(line, fields.name(benchmark, "evaluation_name"), options, path, number)
            of = results.get(result_id, [])
            mean = fields.child(of[0], "score_details").get("score") if len(of) == 1 else None
            tally = report.evaluation(row.benchmark, row.model)
            tally.own_mean = mean if isinstance(mean, int | float) and mean >= 0 else None
        yield row


def _results(aggregate: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the aggregates by id, and by name for lines that name no id."""
    ids: dict[str, list[dict[str, Any]]] = {}
    names: dict[str, list[dict[str, Any]]] = {}
    for entry in fields.listed(aggregate, "evaluation_results"):
        result = fields.mapping(entry, "evaluation_results")
        key = result.get("evaluation_result_id")
        name = result.get("evaluation_name") or key
        names.setdefault(fields.name(name, "evaluation_results.evaluation_name"), []).append(result)
        if key:
            ids[fields.name(key, "evaluation_results.evaluation_result_id")] = [result]
    return names | ids


def _check_metric(result_id: str, results: dict[str, list[dict[str, Any]]]) -> None:
    configs = [fields.child(one, "metric_config") for one in results.get(result_id, [])]
    if any(config.get("lower_is_better") is True for config in configs):
        raise FieldError(f"{result_id}: lower is better in it, so it is no score")


def _keys(line: dict[str, Any]) -> tuple[str, str]:
    task = fields.name(line.get("evaluation_name"), "evaluation_name")
    return task, fields.name(line.get("evaluation_result_id") or task, "evaluation_result_id")


def _counts(path: Path, report: FileReport) -> dict[str, dict[str, int]]:
    """Return the number of lines of each aggregate of each task."""
    counts: dict[str, dict[str, int]] = {}
    for number, line in source.records(path):
        with source.failures(str(path), number):
            version = fields.as_text(line.get("schema_version"))
            if not version.startswith(_READABLE):
                raise FieldError(f"schema_version: is {version!r}; 0.2 and 0.3 can be read")
            task, result_id = _keys(line)
        report.version = version
        names = counts.setdefault(task, {})
        names[result_id] = names.get(result_id, 0) + 1
    return counts


def _row(line: dict[str, Any], task: str, options: Choices, path: Path, number: int) -> Row:
    given = fields.mapping(line.get("input"), "input")
    metadata = fields.child(line, "metadata")
    ours = _parse_ours(metadata.pop(_OURS, None))
    asked: Any = fields.prompt(given.get("raw"), "input.raw")
    kind = ours.get("input")
    if kind is not None:
        asked = (
            fields.prompt(document.loads(asked.encode()), "input.raw") if kind == "json" else None
        )
    value, status = _score(line, ours.get("status"))
    performance = fields.child(line, "performance")
    epoch, scorer, cluster = ours.get("epoch", 1), ours.get("scorer"), ours.get("cluster")
    return Row(
        benchmark=task,
        model=options.model or fields.name(line.get("model_id"), "model_id"),
        prompt_id=fields.name(line.get("sample_id"), "sample_id"),
        input=asked,
        truth=fields.as_text(fields.listed(given, "reference") or None),
        result=_result(line),
        score=value,
        status=status,
        scorer=None if scorer is None else fields.name(scorer, "scorer"),
        epoch=fields.integer(epoch, "epoch"),
        cluster=None if cluster is None else fields.name(cluster, "cluster"),
        metadata=fields.child(ours, "metadata") or metadata or None,
        duration_ms=fields.duration(performance.get("latency_ms")),
        source=str(path),
        line=number,
    )


def _parse_ours(text: object) -> dict[str, Any]:
    return fields.mapping(document.loads(text.encode()), _OURS) if isinstance(text, str) else {}


def _score(line: dict[str, Any], status: object) -> tuple[float | None, Status]:
    if status == "unscored":
        return None, "unscored"
    if line.get("error") is not None or status == "error":  # the score, required, means nothing
        return None, "error"
    value = fields.mapping(line.get("evaluation"), "evaluation").get("score")
    return (None, "unscored") if value == _UNKNOWN else fields.score(value, "evaluation.score")


def _result(line: dict[str, Any]) -> str | None:
    for entry in fields.listed(line, "answer_attribution"):
        attribution = fields.mapping(entry, "answer_attribution")
        if attribution.get("is_terminal") is True:
            return fields.as_text(attribution.get("extracted_value"))
    raw = fields.listed(fields.child(line, "output"), "raw")
    if raw:
        return fields.as_text(raw)
    for entry in reversed(fields.listed(line, "messages")):
        message = fields.mapping(entry, "messages")
        if message.get("role") == "assistant" and message.get("content") is not None:
            return fields.as_text(message["content"])
    return None


@dataclass(slots=True)
class _Output:
    """A file of one model's answers, being written."""

    folder: Path
    id: str
    evaluation_id: str
    file: IO[bytes]
    digest: Any = field(default_factory=hashlib.sha256)
    lines: int = 0
    sums: dict[str, list[float]] = field(default_factory=dict)  # scores, squares, sum of answers


def write(rows: Iterable[Row], folder: Path, origin: str = "benchwire") -> list[Path]:
    """Write answers as Every Eval Ever, two files for each model.

    The schema has no answer without a score, so one that has none gets the score -1, with its
    status in the metadata; the mean of an aggregate is over the answers that have a score.

    Args:
        rows: The answers, in any order.
        folder: The folder below which ``data/<origin>/<developer>/<model>/`` is written.
        origin: The source that the files name.

    Returns:
        The files with the aggregates.
    """
    outputs: dict[str, _Output] = {}
    moment = str(int(time.time()))
    with ExitStack() as stack:
        for row in rows:
            output = outputs.get(row.model)
            if output is None:
                output = outputs[row.model] = _output(row.model, folder, origin, moment, stack)
            line = orjson.dumps(_line(row, output.evaluation_id)) + b"\n"
            output.file.write(line)
            output.digest.update(line)
            output.lines += 1
            sums = output.sums.setdefault(row.benchmark, [0, 0.0, 0.0])
            if row.score is not None:
                sums[:] = sums[0] + 1, sums[1] + row.score, sums[2] + row.score**2
    written = []
    for model, output in outputs.items():
        path = output.folder / f"{output.id}.json"
        text = json.dumps(_aggregate(model, output, folder, origin, moment), indent=2)
        path.write_text(text + "\n", "utf-8")
        written.append(path)
    return written


def _output(model: str, folder: Path, origin: str, moment: str, stack: ExitStack) -> _Output:
    developer, _, rest = model.rpartition("/")
    steps = (origin, developer or "unknown", rest)
    place = folder.joinpath("data", *(re.sub(r"[^\w.=-]+|^\.+", "_", step)[:120] for step in steps))
    place.mkdir(parents=True, exist_ok=True)
    name = str(uuid.uuid4())
    file = stack.enter_context((place / f"{name}_samples.jsonl").open("xb"))
    # The schema's form, and unique: a model may have a file for each benchmark.
    evaluation_id = f"{origin}-{name}/{model.replace('/', '_')}/{moment}"
    return _Output(place, name, evaluation_id, file)


def _line(row: Row, evaluation_id: str) -> dict[str, Any]:
    raw = row.input if isinstance(row.input, str) else orjson.dumps(row.input or "").decode()
    reference = [row.truth] if row.truth else []
    hashed = json.dumps({"raw": raw, "reference": reference}, sort_keys=True).encode()
    kind = None if isinstance(row.input, str) else "absent" if row.input is None else "json"
    ours = {
        "status": row.status, "epoch": row.epoch, "scorer": row.scorer, "cluster": row.cluster,
        "metadata": row.metadata, "input": kind,
    }  # fmt: skip
    ours = {key: value for key, value in ours.items() if value is not None}
    line = {
        "schema_version": VERSION,
        "evaluation_id": evaluation_id,
        "model_id": row.model,
        "evaluation_name": row.benchmark,
        "evaluation_result_id": row.benchmark,
        "sample_id": row.prompt_id or row.digest,
        "sample_hash": hashlib.sha256(hashed).hexdigest(),
        "interaction_type": "single_turn",
        "input": {"raw": raw, "reference": reference},
        "output": {"raw": [] if row.result is None else [row.result]},
        "answer_attribution": [],
        "evaluation": {
            "score": _UNKNOWN if row.score is None else row.score,
            "is_correct": row.score is not None and row.score > 0.5,
        },
        "metadata": {_OURS: orjson.dumps(ours).decode()},
    }
    if row.duration_ms is not None:
        line["performance"] = {"latency_ms": row.duration_ms}
    if row.status == "error":
        line["error"] = "the sample failed, or never ran"
    return line


def _aggregate(
    model: str, output: _Output, folder: Path, origin: str, moment: str
) -> dict[str, Any]:
    samples = output.folder / f"{output.id}_samples.jsonl"
    developer, _, name = model.rpartition("/")
    return {
        "schema_version": VERSION,
        "evaluation_id": output.evaluation_id,
        "retrieved_timestamp": moment,
        "source_metadata": {
            "source_name": origin,
            "source_type": "evaluation_run",
            "source_organization_name": origin,
            "evaluator_relationship": "other",
        },
        "eval_library": {"name": "unknown", "version": "unknown"},
        "model_info": {
            "name": name,
            "id": model,
            "developer": developer or "unknown",
            "additional_details": {"deployment_type": "unknown", "model_availability": "unknown"},
        },
        "evaluation_results": [_result_of(task, sums) for task, sums in output.sums.items()],
        "detailed_evaluation_results": {
            "format": "jsonl",
            "file_path": samples.relative_to(folder).as_posix(),
            "hash_algorithm": "sha256",
            "checksum": output.digest.hexdigest(),
            "total_rows": output.lines,
        },
    }


def _result_of(task: str, sums: list[float]) -> dict[str, Any]:
    count, total, squares = int(sums[0]), sums[1], sums[2]
    details: dict[str, Any] = {"score": total / count if count else _UNKNOWN}
    if count > 1:
        variance = max(0.0, (squares - total * total / count) / (count - 1))
        details["uncertainty"] = {
            "standard_error": {"value": math.sqrt(variance / count), "method": "analytic"},
            "num_samples": count,
        }
    return {
        "evaluation_result_id": task,
        "evaluation_name": task,
        "source_data": {"dataset_name": task, "source_type": "other"},
        "metric_config": {
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": 1.0,
            "has_unknown_level": True,
        },
        "score_details": details,
    }
