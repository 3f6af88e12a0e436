"""Reads exports of promptfoo: version 3, and version 2 with its table."""

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
    from benchwire_local.results.row import Status

_RESULTS = ("results", "results")
_TABLE = ("results", "table", "body")
_DROPPED = [("config", "tests"), ("config", "prompts"), ("traces",)]
_OVERALL = ("success", "score")
# The assertions whose value is the expected answer.
_WITH_TRUTH = {
    "equals", "contains", "icontains", "contains-any", "contains-all", "icontains-any",
    "icontains-all", "starts-with", "regex", "similar", "levenshtein", "factuality",
    "model-graded-factuality", "contains-json", "is-json", "rouge-n", "bleu",
}  # fmt: skip


def rows(path: Path, options: Choices, report: FileReport) -> Iterator[Row]:
    """Yield the answers of an export; by default success is the score."""
    head, kinds, repeated = _survey(path, report)
    with source.failures(str(path)):
        metric = _metric(options, kinds, report)
        benchmark = fields.name(_benchmark(head), "evalId")
        results = fields.child(head, "results")
        stats = fields.child(results, "stats")
        shown = [value for value in stats.values() if isinstance(value, int)]
        labels = _labels(results)
    total = 0
    for number, place, value in source.elements(path, [_RESULTS, _TABLE], _DROPPED):
        if not number or place != (_RESULTS if repeated else _TABLE):
            continue
        with source.failures(str(path), number):
            found = (
                [fields.mapping(value, "results")]
                if repeated
                else list(_of_table(fields.mapping(value, "table.body"), results, number))
            )
            common = {"benchmark": benchmark, "scorer": metric, "source": str(path), "line": number}
            answers = [_row(one, labels, options.model, **common) for one in found]
        total += len(answers)
        yield from answers
    expected = sum(shown) if "successes" in stats else total
    if expected != total:
        report.note(f"{benchmark}: the file states {expected} results, it has {total}")
    if not total:
        raise NoAnswersError(str(path), None, "there are no answers in it")


def _survey(path: Path, report: FileReport) -> tuple[dict[str, Any], list[str], bool]:
    """Return the document without its results, the kinds of assertions, and whether it has a list."""
    kinds: dict[str, None] = {}
    head: dict[str, Any] = {}
    listed = False
    for number, place, value in source.elements(path, [_RESULTS, _TABLE], _DROPPED):
        with source.failures(str(path), number or None):
            if not number:
                head = fields.mapping(value, "document")
            elif place == _RESULTS:
                listed = True
                graded = _components(fields.mapping(value, "results"))
                kinds |= dict.fromkeys(kind for kind, _ in graded)
    with source.failures(str(path)):
        tool = fields.child(head, "metadata").get("promptfooVersion")
        version = fields.child(head, "results").get("version")
    report.version = ", ".join(
        text for text in (f"export {version}" if version else "", fields.as_text(tool)) if text
    )
    return head, list(kinds), listed


def _metric(options: Choices, kinds: list[str], report: FileReport) -> str:
    available = [*_OVERALL, *(f"assert:{kind}" for kind in kinds)]
    report.offer(metrics=available)
    if options.metrics:
        return options.metric("the export", available, report)
    if len(kinds) > 1:
        report.note(
            "success is the score: all assertions of a test have passed, also those on latency or"
            f" cost; --metric takes another: {', '.join(available[1:])}"
        )
    return "success"


def _benchmark(head: dict[str, Any]) -> object:
    described = fields.as_text(fields.child(head, "config").get("description"))
    return " ".join(described.split()) or head.get("evalId") or "promptfoo"


def _labels(results: dict[str, Any]) -> dict[int, str]:
    """Return the label of each prompt by its index, if a provider has several."""
    prompts = [fields.mapping(one, "prompts") for one in fields.listed(results, "prompts")]
    texts = {fields.as_text(one.get("raw")) for one in prompts}
    if len(texts) < 2:
        return {}
    return {n: fields.as_text(one.get("label") or one.get("raw")) for n, one in enumerate(prompts)}


def _of_table(
    row: dict[str, Any], results: dict[str, Any], number: int
) -> Iterator[dict[str, Any]]:
    """Yield the cells of a row of the table of version 2 as results of version 3."""
    prompts = fields.listed(fields.child(results, "table", "head"), "prompts")
    names = fields.listed(fields.child(results, "table", "head"), "vars")
    values = [fields.as_text(value) for value in fields.listed(row, "vars")]
    for index, entry in enumerate(fields.listed(row, "outputs")):
        cell = fields.mapping(entry, "table.body.outputs")
        prompt = fields.mapping(prompts[index], "prompts") if index < len(prompts) else {}
        test = fields.child(row, "test")
        yield {
            "success": cell.get("pass"), "score": cell.get("score"), "error": cell.get("error"),
            "failureReason": cell.get("failureReason"), "gradingResult": cell.get("gradingResult"),
            "latencyMs": cell.get("latencyMs"), "promptIdx": index, "testIdx": number - 1,
            "provider": cell.get("provider") or prompt.get("provider"),
            "prompt": {"raw": cell.get("prompt") or prompt.get("raw") or ""},
            "response": {"output": cell.get("text")}, "testCase": test,
            "vars": test.get("vars") or dict(zip(map(str, names), values, strict=False)),
        }  # fmt: skip


def _components(result: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the type and the score of each assertion of a result."""
    found = []
    for entry in fields.listed(fields.child(result, "gradingResult"), "componentResults"):
        component = {} if entry is None else fields.mapping(entry, "componentResults")
        kind = fields.child(component, "assertion").get("type")
        if kind is not None:
            value = component.get("score", component.get("pass"))
            found.append((fields.name(kind, "assertion.type"), value))
    return found


def _row(result: dict[str, Any], labels: dict[int, str], model: str | None, **common: Any) -> Row:
    index = result.get("promptIdx")
    label = labels.get(index) if isinstance(index, int) else None
    metric = common["scorer"]
    model = model or _model(result.get("provider"), label)
    variables = fields.child(result, "vars")
    output = fields.child(result, "response").get("output")
    # Two templates ask about the same variables, which are what both answers have in common.
    asked = variables if labels else fields.as_text(fields.child(result, "prompt").get("raw"))
    value, status = _score(result, metric)
    test = result.get("testIdx")
    return Row(
        **common,
        model=fields.name(model, "provider"),
        prompt_id=None if test is None else str(fields.integer(test, "testIdx")),
        input=fields.prompt(asked, "vars"),
        truth=_truth(fields.listed(fields.child(result, "testCase"), "assert")),
        result=None if output is None else fields.as_text(output),
        score=value,
        status=status,
        metadata=fields.scalars(variables),
        duration_ms=fields.duration(result.get("latencyMs")),
    )


def _model(provider: object, label: str | None) -> str:
    if isinstance(provider, dict):
        provider = provider.get("label") or provider.get("id")
    name = fields.name(provider, "provider")
    # A label is the template itself by default, which may have several lines.
    return name if label is None else f"{name} [{' '.join(label.split())[:200]}]"


def _score(result: dict[str, Any], metric: str) -> tuple[float | None, Status]:
    failed = result.get("failureReason") == 2 or (
        result.get("failureReason") is None
        and bool(result.get("error"))
        and fields.child(result, "response").get("output") is None
    )
    if failed:
        return None, "error"
    if metric == "success":
        if not isinstance(result.get("success"), bool | None):
            raise FieldError("success: must be true or false")
        return fields.score(result.get("success"), metric)
    if metric == "score":
        return fields.score(result.get("score"), metric)
    kind = metric.removeprefix("assert:")
    given = [fields.score(value, metric) for name, value in _components(result) if name == kind]
    scores = [value for value, _ in given if value is not None]
    return (sum(scores) / len(scores), "scored") if scores else (None, "unscored")


def _truth(assertions: list[Any]) -> str:
    for entry in assertions:
        assertion = fields.mapping(entry, "testCase.assert")
        if (
            fields.as_text(assertion.get("type")) in _WITH_TRUTH
            and assertion.get("value") is not None
        ):
            return fields.as_text(assertion["value"])
    return ""
