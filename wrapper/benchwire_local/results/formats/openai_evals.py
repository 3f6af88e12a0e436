"""Reads the logs of OpenAI evals: JSON lines with a specification, events, and a final report.

The events of samples that ran at the same time are mixed. An answer is complete with the event that
has its score, so only samples that wait for theirs are in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchwire_local.errors import NoAnswersError
from benchwire_local.results.formats import fields, source
from benchwire_local.results.formats.fields import FieldError
from benchwire_local.results.row import FileReport, Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchwire_local.results.formats.choices import Choices

_MATCH = "match"
_FIRST = "first sampling"


def rows(path: Path, options: Choices, report: FileReport) -> Iterator[Row]:
    """Yield the answers of a log, in the order of their scores; last those without one."""
    spec, final, names = _survey(path)
    with source.failures(str(path)):
        if not spec:
            raise FieldError("spec: is missing, so the evaluation and the model are unknown")
        benchmark = fields.name(spec.get("eval_name"), "spec.eval_name")
        functions = [fields.as_text(one) for one in fields.listed(spec, "completion_fns")]
        model = options.model or fields.name(",".join(functions), "spec.completion_fns")
        metric = options.metric(benchmark, names, report) if names else _MATCH
        tally = report.evaluation(benchmark, model)
        own = final.get("accuracy" if metric == _MATCH else metric)
        tally.own_mean = own if isinstance(own, int | float) else None
        report.version = fields.as_text(spec.get("created_at"))[:10] or None
    if not final:
        report.note(
            f"{benchmark} of {model}: has no final report: the run did not end, samples may be missing"
        )
    common = {"benchmark": benchmark, "model": model, "source": str(path)}
    unknown = 0
    for row in _answers(path, metric, common):
        if row.input is None and row.status == "scored":
            # Only the completion function knows the whole prompt, and records it if it wants to.
            unknown += 1
            yield row._replace(input=row.prompt_id)
        else:
            yield row
    if unknown:
        report.note(
            f"{benchmark} of {model}: {unknown} prompts are not in the log; their ids stand for them"
        )


def _answers(path: Path, metric: str, common: dict[str, Any]) -> Iterator[Row]:
    waiting: dict[str, dict[str, Any]] = {}
    finished: dict[str, int] = {}  # how many scores each sample has
    for number, event in source.records(path):
        if "sample_id" not in event:
            continue
        with source.failures(str(path), number):
            sample = fields.name(event["sample_id"], "sample_id")
            data = event.get("data")
            kind = event.get("type")
            held = waiting.setdefault(sample, {"line": number})
            if isinstance(data, dict) and isinstance(kind, str) and kind not in ("line", _FIRST):
                held[kind] = data
                if kind == "sampling":
                    held.setdefault(_FIRST, data)
            complete = isinstance(data, dict) and metric in _scores(kind, data)
        if complete:
            del waiting[sample]
            epoch = finished[sample] = finished.get(sample, 0) + 1
            with source.failures(str(path), number):
                row = _row(sample, metric, held | {"line": number}, epoch=epoch, **common)
            yield row
    for sample, held in waiting.items():
        if sample in finished:  # the events after its score
            continue
        with source.failures(str(path), held["line"]):
            row = _row(sample, metric, held, **common)
        yield row


def _survey(path: Path) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Return the specification, the final report, and the names of the scores."""
    spec: dict[str, Any] = {}
    final: dict[str, Any] = {}
    names: dict[str, None] = {}
    empty = True
    for number, event in source.records(path):
        with source.failures(str(path), number):
            spec = fields.child(event, "spec") or spec
            final = fields.child(event, "final_report") or final
            empty = empty and "sample_id" not in event
            if isinstance(event.get("data"), dict):
                names |= dict.fromkeys(_scores(event.get("type"), event["data"]))
    if empty:
        raise NoAnswersError(str(path), None, "there are no answers in it")
    return spec, final, list(names)


def _scores(kind: object, data: dict[str, Any]) -> list[str]:
    """Return the names of the scores in an event; a score may be null."""
    if kind == _MATCH:
        return [_MATCH] if "correct" in data else []
    if kind != "metrics":
        return []
    return [name for name, value in data.items() if not isinstance(value, str | list | dict)]


def _row(sample: str, metric: str, held: dict[str, Any], **common: Any) -> Row:
    # Later requests have answers of the model in them: of a chain of thought, or to a model that grades.
    match, first = held.get(_MATCH, {}), held.get(_FIRST, {})
    sampling = held.get("sampling", {}) if match else first
    raw = held.get("raw", held.get("raw_sample", {}))
    scored = match.get("correct") if metric == _MATCH else held.get("metrics", {}).get(metric)
    value, status = fields.score(scored, metric)
    if value is None and "error" in held:
        status = "error"
    asked = next(
        (one[key] for one, key in ((first, "prompt"), (match, "prompt"), (raw, "input")) if one.get(key)),
        None,
    )  # fmt: skip
    expected = match.get("expected", raw.get("ideal"))
    answer = match.get("sampled", sampling.get("sampled"))
    return Row(
        **common,
        prompt_id=sample,
        input=None if asked is None else fields.prompt(asked, "data.prompt"),
        truth=fields.as_text(expected),
        result=None if answer is None else fields.as_text(answer),
        score=value,
        status=status,
        scorer=metric,
        line=held["line"],
    )
