"""Reads exports of promptfoo: version 3, and version 2 with its table."""

from __future__ import annotations

import math
import re
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
_COUNTS = ("successes", "failures", "errors")
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# The assertions whose value is the expected answer.
_WITH_TRUTH = {
    "equals", "contains", "icontains", "contains-any", "contains-all", "icontains-any",
    "icontains-all", "starts-with", "regex", "similar", "levenshtein", "factuality",
    "model-graded-factuality", "contains-json", "is-json", "rouge-n", "bleu",
}  # fmt: skip


def rows(path: Path, options: Choices, report: FileReport) -> Iterator[Row]:
    """Yield the answers of an export; by default success is the score."""
    head, kinds, listed, repeats = _survey(path, report)
    with source.failures(str(path)):
        metric = _metric(options, kinds, report)
        benchmark = fields.name(_benchmark(head), "evalId")
        results = fields.child(head, "results")
        stats = fields.child(results, "stats")
        shown = [stats[name] for name in _COUNTS if isinstance(stats.get(name), int)]
        several, suffixes = _columns(results, report)
    total = passed = 0
    for number, place, value in source.elements(path, [_RESULTS, _TABLE], _DROPPED):
        if not number or place != (_RESULTS if listed else _TABLE):
            continue
        with source.failures(str(path), number):
            found = (
                [fields.mapping(value, "results")]
                if listed
                else list(_of_table(fields.mapping(value, "table.body"), results, number))
            )
            common = {"benchmark": benchmark, "scorer": metric, "source": str(path), "line": number}
            answers = []
            for one in found:
                model = options.model or _model(one, suffixes)
                answers.append(_row(one, several, repeats, model=model, **common))
        total += len(answers)
        passed += sum(not _is_graded(one) for one in found)
        yield from answers
    expected = sum(shown) if "successes" in stats else total
    if expected != total:
        report.note(f"{benchmark}: the file states {expected} results, it has {total}")
    if passed:
        report.note(f"{benchmark}: {passed} answers have no assertions, and so no score")
    if not total:
        raise NoAnswersError(str(path), None, "there are no answers in it")


def _survey(
    path: Path, report: FileReport
) -> tuple[dict[str, Any], list[str], bool, dict[int, tuple[int, int]]]:
    """Return what has to be known before the first answer.

    Returns:
        The document without its results, the kinds of assertions, whether it has a list, and of
        tests that were repeated the number of the first and which repetition it is.
    """
    kinds: dict[str, None] = {}
    head: dict[str, Any] = {}
    listed = repeated = False
    tests: dict[int, int] = {}
    for number, place, value in source.elements(path, [_RESULTS, _TABLE], _DROPPED):
        with source.failures(str(path), number or None):
            if not number:
                head = fields.mapping(value, "document")
            elif place == _RESULTS:
                listed = True
                result = fields.mapping(value, "results")
                kinds |= dict.fromkeys(kind for kind, _ in _components(result))
                test = fields.child(result, "testCase")
                repeated = repeated or _is_repeated(fields.child(test, "options"))
                index = result.get("testIdx")
                # Without its variables a test does not differ from others.
                if isinstance(index, int) and index not in tests and "vars" in test:
                    tests[index] = hash(fields.as_text(test))
    with source.failures(str(path)):
        settings = (
            fields.child(head, "runtimeOptions"),
            fields.child(head, "config", "evaluateOptions"),
        )
        repeated = repeated or any(map(_is_repeated, settings))
        tool = fields.child(head, "metadata").get("promptfooVersion")
        version = fields.child(head, "results").get("version")
    report.version = ", ".join(
        text for text in (f"export {version}" if version else "", fields.as_text(tool)) if text
    )
    return head, list(kinds), listed, _repeats(tests) if repeated else {}


def _is_repeated(options: dict[str, Any]) -> bool:
    return isinstance(options.get("repeat"), int) and options["repeat"] > 1


def _repeats(tests: dict[int, int]) -> dict[int, tuple[int, int]]:
    """Return the first of equal tests and the place among them; each repetition has a number."""
    same: dict[int, list[int]] = {}
    for index in sorted(tests):
        same.setdefault(tests[index], []).append(index)
    return {
        index: (indexes[0], epoch)
        for indexes in same.values()
        if len(indexes) > 1
        for epoch, index in enumerate(indexes, 1)
    }


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


def _columns(results: dict[str, Any], report: FileReport) -> tuple[bool, dict[int, str]]:
    """Return whether there are several templates, and what tells columns of a provider apart.

    Those of one provider have the label of their template, if there are several, and a number, if
    the provider has several configurations.
    """
    head = results if results.get("prompts") else fields.child(results, "table", "head")
    prompts = [fields.mapping(one, "prompts") for one in fields.listed(head, "prompts")]
    several = len({fields.as_text(one.get("raw")) for one in prompts}) > 1
    counts: dict[tuple[str, str], int] = {}
    suffixes = {}
    for index, one in enumerate(prompts):
        # A label is the template itself by default, which may have several lines.
        text = fields.as_text(one.get("label") or one.get("raw")) if several else ""
        label = " ".join(text.split())[:200]
        key = (fields.as_text(one.get("provider")), label)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] > 1:
            label = f"{label} #{counts[key]}".strip()
            report.note(f"{key[0]}: is in the file with several configurations: see [{label}]")
        if label:
            suffixes[index] = f" [{label}]"
    return several, suffixes


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


def _row(
    result: dict[str, Any], several: bool, repeats: dict[int, tuple[int, int]], **common: Any
) -> Row:
    variables = fields.child(result, "vars")
    output = fields.child(result, "response").get("output")
    # Two templates ask about the same variables, which are what both answers have in common.
    asked = variables if several else fields.as_text(fields.child(result, "prompt").get("raw"))
    value, status = _score(result, common["scorer"])
    test = result.get("testIdx")
    number = None if test is None else fields.integer(test, "testIdx")
    first, epoch = (number, 1) if number is None else repeats.get(number, (number, 1))
    return Row(
        **common,
        prompt_id=None if first is None else str(first),
        input=fields.prompt(asked, "vars"),
        truth=_truth(fields.child(result, "testCase")),
        result=None if output is None else fields.as_text(output),
        score=value,
        status=status,
        epoch=epoch,
        cluster=str(first) if number in repeats else None,
        metadata=fields.scalars(variables),
        duration_ms=fields.duration(result.get("latencyMs")),
    )


def _model(result: dict[str, Any], suffixes: dict[int, str]) -> str:
    provider, index = result.get("provider"), result.get("promptIdx")
    if isinstance(provider, dict):
        provider = provider.get("label") or provider.get("id")
    suffix = suffixes.get(index, "") if isinstance(index, int) else ""
    return fields.name(fields.name(provider, "provider") + suffix, "provider")


def _is_graded(result: dict[str, Any]) -> bool:
    """Return whether an answer was assessed; promptfoo counts one without assertions as passed."""
    graded, test = fields.child(result, "gradingResult"), result.get("testCase")
    return bool(
        fields.listed(graded, "componentResults")
        or fields.listed(fields.child(result, "testCase"), "assert")
        or (test is None and graded.get("reason") != "No assertions")
        or _has_failed(result)
    )


def _has_failed(result: dict[str, Any]) -> bool:
    return result.get("failureReason") == 2 or (
        result.get("failureReason") is None
        and bool(result.get("error"))
        and fields.child(result, "response").get("output") is None
    )


def _score(result: dict[str, Any], metric: str) -> tuple[float | None, Status]:
    if _has_failed(result):
        return None, "error"
    if not _is_graded(result):
        return None, "unscored"
    if metric == "success":
        if not isinstance(result.get("success"), bool | None):
            raise FieldError("success: must be true or false")
        return fields.score(result.get("success"), metric)
    if metric == "score":
        return fields.score(result.get("score"), metric)
    kind = metric.removeprefix("assert:")
    given = [fields.score(value, metric) for name, value in _components(result) if name == kind]
    scores = [value for value, _ in given if value is not None]
    return (math.fsum(scores) / len(scores), "scored") if scores else (None, "unscored")


def _truth(test: dict[str, Any]) -> str:
    """Return the first expected answer, with the test's variables in it.

    The assertions of an answer that failed were never evaluated: their values are templates.
    """
    variables = fields.child(test, "vars")
    for entry in fields.listed(test, "assert"):
        assertion = fields.mapping(entry, "testCase.assert")
        if assertion.get("type") == "assert-set":
            found = _truth({"vars": variables, "assert": assertion.get("assert")})
            if found:
                return found
        value = assertion.get("value")
        if fields.as_text(assertion.get("type")) in _WITH_TRUTH and value is not None:
            return _VARIABLE.sub(
                lambda match: (
                    fields.as_text(variables[match[1]]) if match[1] in variables else match[0]
                ),
                fields.as_text(value),
            )
    return ""
