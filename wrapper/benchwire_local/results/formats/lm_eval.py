"""Reads the samples of lm-evaluation-harness, 0.4.0 to 0.4.13.

A samples file has the rows of one task; the results file of the same run beside it has the model's
name, the metrics and filters of each task, and the counts. Up to 0.4.2 a samples file is one JSON
array, and up to 0.4.6 rows do not name their filter.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from benchwire_local.errors import ImportFailedError, NoAnswersError
from benchwire_local.results.formats import document, fields, source
from benchwire_local.results.formats.detection import SAMPLES
from benchwire_local.results.formats.fields import FieldError
from benchwire_local.results.row import FileReport, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from benchwire_local.results.formats.choices import Choices

_NO_METRICS = {
    "doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics",
    "doc_hash", "prompt_hash", "target_hash", "schema",
}  # fmt: skip
# Large, and of no use here.
_DROPPED = [("pretty_env_info",), ("task_hashes",), ("samples",)]


@dataclass(slots=True)
class _HarnessRun:
    """What the results file says of the run and of the task."""

    task: str
    model: str | None = None
    version: str | None = None
    filters: list[str] = field(default_factory=list)
    metrics: dict[str, list[str]] = field(default_factory=dict)  # of each filter
    means: dict[tuple[str, str], Any] = field(default_factory=dict)  # of metric and filter
    lower_is_better: frozenset[str] = frozenset()
    count: int | None = None


def rows(path: Path, options: Choices, report: FileReport) -> Iterator[Row]:
    """Yield the answers of a samples file, of one filter and with one metric as score."""
    match = SAMPLES.fullmatch(path.name)
    beside = _results_file(path, match["stamp"] if match else None)
    with source.failures(str(path if beside is None else beside)):
        results = {} if beside is None else source.rest(beside, _DROPPED)
        task = match["task"] if match else _task_of(path, results)
        run = _run(task, results)
    records = source.records(path)
    first = next(records, None)
    if first is None:
        raise NoAnswersError(str(path), None, "there are no answers in it")
    with source.failures(str(path), first[0]):
        reader = _SamplesReader(path, options, report, run, first[1])
    yield from reader.rows(chain([first], records))


def model_of(path: Path) -> str | None:
    """Return the model that the results file beside a samples file names, if that can be read."""
    match = SAMPLES.fullmatch(path.name)
    beside = _results_file(path, match["stamp"] if match else None)
    if beside is None:
        return None
    with suppress(ImportFailedError, FieldError):  # what reads the samples raises them
        return _model(source.rest(beside, [*_DROPPED, ("configs",)]))
    return None


def _results_file(path: Path, stamp: str | None) -> Path | None:
    names = ["results.json"] if stamp is None else [f"results_{stamp}.json"]
    if stamp is not None:  # of --output_path x.json, which does not say "results"
        names += sorted(file.name for file in path.parent.glob(f"*_{stamp}.json"))
    for name in names:
        file = path.with_name(name)
        if file.is_file() and not file.is_symlink():
            return file
    return None


def _task_of(path: Path, results: dict[str, Any]) -> str:
    """Return the task of a file named <model arguments>_<task>.jsonl, as up to 0.4.2."""
    stem = path.name.partition(".jsonl")[0].partition(".json")[0].removeprefix("samples_")
    tasks = [task for task in fields.child(results, "results") if f"_{stem}".endswith(f"_{task}")]
    if not tasks:
        raise FieldError(
            f"{path.name}: its task is unknown: the name is not samples_<task>_<time>.jsonl, and no"
            " results.json beside it has a task that the name ends with"
        )
    return max(tasks, key=len)


def _run(task: str, results: dict[str, Any]) -> _HarnessRun:
    run = _HarnessRun(task)
    if not results:
        return run
    figures = fields.child(results, "results", task)
    for key, value in figures.items():
        metric, comma, name = key.partition(",")
        if comma and not metric.endswith("_stderr"):
            run.means[metric, name] = value
            run.metrics.setdefault(name, []).append(metric)
            if name not in run.filters:
                run.filters.append(name)
    better = fields.child(results, "higher_is_better", task)  # from 0.4.3
    listed = fields.child(results, "configs", task).get("metric_list")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict):
            better.setdefault(str(entry.get("metric")), entry.get("higher_is_better"))
    run.lower_is_better = frozenset(metric for metric in better if better[metric] is False)
    count = fields.child(results, "n-samples", task).get("effective")
    run.count = None if count is None else fields.integer(count, f"n-samples.{task}.effective")
    run.model = _model(results)
    version = results.get("lm_eval_version")
    run.version = None if version is None else fields.as_text(version)
    return run


def _model(results: dict[str, Any]) -> str | None:
    config = fields.child(results, "config")
    arguments = config.get("model_args")
    if isinstance(arguments, str):
        pairs = [pair.partition("=") for pair in arguments.split(",")]
        arguments = {key.strip(): value for key, _, value in pairs}
    if not isinstance(arguments, dict):
        arguments = {}
    given = (results.get("model_name"), arguments.get("pretrained"), arguments.get("model"))
    found = next((value for value in (*given, config.get("model")) if value), None)
    return None if found is None else fields.name(found, "model_name")


class _SamplesReader:
    def __init__(
        self,
        path: Path,
        options: Choices,
        report: FileReport,
        run: _HarnessRun,
        first: dict[str, Any],
    ) -> None:
        self._path, self._options, self._report, self._run = path, options, report, run
        self._labelled = "filter" in first
        report.version = run.version or (
            "0.4.7 or later" if self._labelled
            else "0.4.3 to 0.4.6" if "doc_hash" in first else "0.4.0 to 0.4.2"
        )  # fmt: skip
        model = options.model or run.model
        if model is None:
            raise FieldError(
                "model: is in the results file, which is not beside the samples; name it (--model)"
            )
        self._model = model
        seen = run.filters
        if not seen:
            seen = self._filters_of_rows() if self._labelled else ["none"]
        self._filter = options.filter(run.task, seen, report)
        self._metric = options.metric(run.task, self._metrics(first), report)
        if self._metric in run.lower_is_better:
            raise FieldError(f"{self._metric}: lower is better in it, so it is no score")
        several = f"/{self._filter}" if self._filter != "none" else ""
        self._benchmark = fields.name(f"{run.task}{several}", "task")
        self._scorer = self._metric if self._filter == "none" else f"{self._metric},{self._filter}"

    def _filters_of_rows(self) -> list[str]:
        """Return the filters in the rows, in order; needed where no results file lists them."""
        found: dict[str, None] = {}
        for number, row in source.records(self._path):
            with source.failures(str(self._path), number):
                found[fields.name(row.get("filter"), "filter")] = None
        return list(found)

    def _metrics(self, first: dict[str, Any]) -> list[str]:
        names = first.get("metrics")
        if names is None:
            names = self._run.metrics.get(self._filter)
        if names is None:
            names = [
                key
                for key, value in first.items()
                if key not in _NO_METRICS and not isinstance(value, str)
            ]
        return [fields.name(name, "metrics") for name in fields.sequence(names, "metrics")]

    def rows(self, records: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[Row]:
        tally = self._report.evaluation(self._benchmark, self._model)
        tally.own_count = self._run.count
        mean = _unquoted(self._run.means.get((self._metric, self._filter)))
        tally.own_mean = mean if isinstance(mean, float | int) else None
        seen: dict[str, int] = {}
        for number, row in records:
            with source.failures(str(self._path), number):
                if self._labelled:
                    wanted = fields.name(row.get("filter"), "filter") == self._filter
                else:
                    # All rows of the first filter come first, then all of the second; and of a run
                    # on several GPUs, those of each one after the other.
                    doc = fields.name(row.get("doc_id"), "doc_id")
                    wanted = self._is_wanted(seen.get(doc, 0))
                    seen[doc] = seen.get(doc, 0) + 1
                answer = self._row(row, number) if wanted else None
            if answer is not None:
                yield answer
        fewest = min(seen.values(), default=1)
        if seen and fewest < len(self._run.filters):
            raise ImportFailedError(
                str(self._path),
                None,
                f"filter: rows do not name it, and a prompt has {fewest} of them, for"
                f" {len(self._run.filters)} filters in the results file",
            )

    def _is_wanted(self, rows_before: int) -> bool:
        filters = self._run.filters or ["none"]
        if rows_before >= len(filters):
            raise FieldError(
                "filter: a prompt has more rows than its task has filters, and no row names its"
                f" filter ({', '.join(filters)}); the results file of the run has to be beside it"
            )
        return filters[rows_before] == self._filter

    def _row(self, row: dict[str, Any], number: int) -> Row:
        requests = _requests(row)
        asked, truth, result = _content(row, requests)
        value, status = fields.score(_unquoted(row.get(self._metric)), self._metric)
        return Row(
            benchmark=self._benchmark,
            model=self._model,
            prompt_id=fields.name(row.get("doc_id"), "doc_id"),
            input=asked,
            truth=truth,
            result=result,
            score=value,
            status=status,
            scorer=self._scorer,
            metadata=fields.scalars(row["doc"]) if isinstance(row.get("doc"), dict) else None,
            source=str(self._path),
            line=number,
        )


def _unquoted(value: Any) -> Any:
    """Return the number that a text has.

    Of NumPy's values the harness wrote only those of 64 bits as numbers: ``"True"``, ``"0.6666667"``.
    """
    if value in ("True", "False"):
        return value == "True"
    if isinstance(value, str):
        with suppress(ValueError):
            return float(value)
    return value


def _requests(row: dict[str, Any]) -> list[list[Any]]:
    """Return the arguments of each request of a row: lists up to 0.4.2, then objects."""
    arguments = row.get("arguments")
    if isinstance(arguments, dict):
        found = [arguments.get(f"gen_args_{number}") for number in range(len(arguments))]
        return [
            [one[f"arg_{n}"] for n in range(len(one)) if f"arg_{n}" in one]
            for one in (fields.mapping(one, "arguments") for one in found)
        ]
    return [fields.sequence(one, "arguments") for one in fields.sequence(arguments, "arguments")]


def _content(row: dict[str, Any], requests: list[list[Any]]) -> tuple[Any, str, str | None]:
    """Return the prompt, the truth and the result of a row."""
    if not requests or not requests[0]:
        raise FieldError("arguments: has no request")
    answers = fields.sequence(row.get("filtered_resps"), "filtered_resps")
    target = row.get("target")
    asked = _prompt(requests[0][0])
    likelihoods = [_likelihood(answer) for answer in answers]
    if len(requests) < 2 or len(likelihoods) < len(requests) or None in likelihoods:
        # Of a generation the answer is a text, of a single log-likelihood the pair with it.
        first = answers[0] if answers else None
        return asked, fields.as_text(target), None if first is None else fields.as_text(first)
    half = len(requests) // 2
    if len(requests) % 2 == 0 and all(one[0] == "" for one in requests[half:]) and asked != "":
        requests = requests[:half]  # acc_mutual_info asks each choice again without the prompt
    # Either the continuations are the choices, or (winogrande) what precedes the same continuation.
    last = {fields.as_text(one[-1]) for one in requests}
    place = -1 if len(last) > 1 else 0
    choices = [fields.as_text(one[place]).strip() for one in requests]
    if place == 0:
        asked = {"choices": choices, "continuation": last.pop()}
    known = [value for value in likelihoods[: len(choices)] if value is not None]
    result = choices[known.index(max(known))]
    text = fields.as_text(target)
    if text.isdecimal() and text.isascii() and len(text) < 6 and int(text) < len(choices):
        text = choices[int(text)]
    return asked, text, result


def _likelihood(answer: object) -> float | None:
    """Return the log-likelihood of a choice: of the pair of it and whether greedy gives it."""
    value = answer[0] if isinstance(answer, list) and len(answer) == 2 else None
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) else None


def _prompt(value: object) -> Any:
    """Return the prompt; messages, where a chat template has made it a JSON text of them."""
    if isinstance(value, str) and value.startswith("[{"):
        try:
            messages = document.loads(value.encode())
        except (FieldError, UnicodeEncodeError):
            return value
        if isinstance(messages, list) and all(isinstance(one, dict) for one in messages):
            return fields.prompt(messages, "arguments")
    return fields.prompt(value, "arguments")
