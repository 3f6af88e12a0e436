"""Reads the logs of Inspect: ``.eval``, a zip file with a member for each sample, and ``.json``.

The summaries in an ``.eval`` file shorten inputs, targets and answers, so the samples themselves are
read, without their transcripts; a summary is used where the sample is not there.
"""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from benchwire_local.errors import ImportFailedError, NoAnswersError
from benchwire_local.http.parameters import shorten
from benchwire_local.results.formats import fields, source
from benchwire_local.results.formats.fields import FieldError
from benchwire_local.results.row import FileReport, Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchwire_local.results.formats.choices import Choices
    from benchwire_local.results.row import Status

_SAMPLES = ("samples",)
_SAMPLE_MEMBER = re.compile(r"samples/(?:[^/].*)_epoch_\d+(?:\.json|/sample\.json)")
_JOURNAL = re.compile(r"_journal/summaries/(\d+)\.json")
# Of a sample, what may be large and is not an answer.
_BULK = (
    "messages", "events", "events_data", "attachments", "store", "transcript", "model_usage",
    "timelines", "skeleton",
)  # fmt: skip
_GRADES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}

Sample = tuple[str, int | None, dict[str, Any]]  # the source, the place in it, and the sample


def rows(path: Path, options: Choices, report: FileReport) -> Iterator[Row]:
    """Yield the answers of a log, and an answer that failed for each sample that never ran."""
    if source.prefix(path).startswith(source.ZIP):
        with source.Archive(path) as archive:
            head = _head(archive)
            yield from _Log(path, options, report, head).rows(partial(_archived, archive))
    else:
        dropped = [("plan",), ("stats",), ("reductions",), ("results", "sample_reductions")]
        head = source.rest(path, [*dropped, _SAMPLES])
        yield from _Log(path, options, report, head).rows(lambda _: _listed(path, dropped))


def _head(archive: source.Archive) -> dict[str, Any]:
    for member in ("header.json", "_journal/start.json"):
        if member in archive.names:
            with source.failures(archive.source(member)):
                return fields.mapping(archive.value(member, [("plan",), ("reductions",)]), "header")
    raise ImportFailedError(
        archive.source(""), None, "is a zip file without header.json of Inspect"
    )


def _archived(archive: source.Archive, seen: set[str]) -> Iterator[Sample]:
    """Yield the samples, and summaries of those that the caller, who adds to ``seen``, has not seen."""
    dropped = [(name,) for name in _BULK]
    for member in archive.names:
        if _SAMPLE_MEMBER.fullmatch(member):
            place = archive.source(member)
            with source.failures(place):
                sample = fields.mapping(archive.value(member, dropped), "sample")
                if member.endswith("/sample.json") and not sample.get("metadata"):
                    beside = member.replace("sample.json", "metadata.json")
                    if beside in archive.names:
                        sample["metadata"] = archive.value(beside)
            yield place, None, sample
    for place, number, summary in _summaries(archive):
        with source.failures(place, number):
            identity = _identity(summary)
        if _key(*identity) not in seen:
            yield place, number, summary


def _summaries(archive: source.Archive) -> Iterator[Sample]:
    """Yield the summaries, the latest of a sample first."""
    members = ["summaries.json"] if "summaries.json" in archive.names else []
    if not members:
        numbered = [match for name in archive.names if (match := _JOURNAL.fullmatch(name))]
        members = [match[0] for match in sorted(numbered, key=lambda match: -int(match[1]))]
    for member in members:
        place = archive.source(member)
        for number, _, value in archive.parts(member, [()]):
            if number:
                with source.failures(place, number):
                    yield place, number, fields.mapping(value, "summary")


def _listed(path: Path, dropped: list[tuple[str, ...]]) -> Iterator[Sample]:
    bulk = [(*_SAMPLES, "*", name) for name in _BULK]
    for number, _, value in source.elements(path, [_SAMPLES], [*dropped, *bulk]):
        if number:
            with source.failures(str(path), number):
                yield str(path), number, fields.mapping(value, "samples")


def _identity(sample: dict[str, Any]) -> tuple[str, int]:
    epoch = sample.get("epoch")
    return _id(sample.get("id")), 1 if epoch is None else fields.integer(epoch, "epoch")


def _key(identifier: str, epoch: int) -> str:
    """Return one text for both, which takes half the memory of a pair."""
    return f"{epoch} {identifier}"


def _id(value: object) -> str:
    """Return a sample's id, of any length and script, as a name."""
    return fields.name(" ".join(value.split()) if isinstance(value, str) else value, "id")


class _Log:
    def __init__(
        self, path: Path, options: Choices, report: FileReport, head: dict[str, Any]
    ) -> None:
        self._path, self._options, self._report = path, options, report
        with source.failures(str(path)):
            self._eval = fields.mapping(head.get("eval"), "eval")
            self._results = fields.child(head, "results")
            self._model = options.model or fields.name(self._eval.get("model"), "eval.model")
            self._task = fields.name(self._eval.get("task"), "eval.task")
            packages = fields.child(self._eval, "packages")
            report.version = fields.as_text(packages.get("inspect_ai")) or None
            status = fields.as_text(head.get("status")) or "started"
            if status != "success":
                report.note(f"{self._task} of {self._model}: the status of the run is {status!r}")
            if head.get("invalidated") is True:
                report.note(f"{self._task} of {self._model}: the run was marked invalid")
            epochs = fields.child(self._eval, "config").get("epochs")
            self._epochs = 1 if epochs is None else fields.integer(epochs, "eval.config.epochs")

    def rows(self, samples: Any) -> Iterator[Row]:
        names: dict[str, None] = {}
        total = 0
        seen: set[str] = set()
        for place, number, sample in samples(seen):
            total += 1
            with source.failures(place, number):
                seen.add(_key(*_identity(sample)))
                names |= dict.fromkeys(name for name, _, _ in _values(sample))
        with source.failures(str(self._path)):
            self._check_samples(total)
            metric = self._metric(list(names))
        tally = self._report.evaluation(self._task, self._model)
        own = self._results.get("total_samples")
        tally.own_count = own if isinstance(own, int) and own else None
        seen.clear()
        # With one epoch each sample is its mean, so that the sum of all is enough.
        sums: dict[str, list[float]] = {}
        scored, total_score = 0, 0.0
        for place, number, sample in samples(seen):
            with source.failures(place, number):
                row = self._row(sample, metric, place, number)
                identifier, epoch = _identity(sample)
                if (key := _key(identifier, epoch)) in seen:
                    raise FieldError(f"id: the sample {identifier!r} occurs twice in epoch {epoch}")
                seen.add(key)
            if row.score is not None and self._epochs > 1:
                sums.setdefault(identifier, []).append(row.score)
            elif row.score is not None:
                scored, total_score = scored + 1, total_score + row.score
            yield row
        yield from self._never_ran(seen)
        means = [sum(one) / len(one) for one in sums.values()]
        with source.failures(str(self._path)):
            self._check_mean(metric, scored + len(means), total_score + sum(means))

    def _check_samples(self, total: int) -> None:
        completed = self._results.get("completed_samples")
        if not total and isinstance(completed, int) and completed:
            raise NoAnswersError(
                str(self._path),
                None,
                f"has no samples: it says that {completed} were completed, and was written without",
            )
        if not total and not fields.listed(fields.child(self._eval, "dataset"), "sample_ids"):
            raise NoAnswersError(str(self._path), None, "there are no answers in it")

    def _metric(self, names: list[str]) -> str | None:
        if not names and not self._options.metrics:
            self._report.note(f"{self._task} of {self._model}: no sample has a score")
            return None
        return self._options.metric(self._task, names, self._report)

    def _row(
        self, sample: dict[str, Any], metric: str | None, place: str, number: int | None
    ) -> Row:
        identifier, epoch = _identity(sample)
        value: float | None = None
        status: Status = "unscored"
        answer: object = None
        for name, found, given in _values(sample):
            if name == metric:
                value, status = _score(found, name)
                answer = given
        if value is None and sample.get("error") is not None:
            status = "error"
        if answer is None:
            answer = _completion(fields.child(sample, "output"))
        asked = fields.prompt(sample.get("input"), "input")
        choices = fields.listed(sample, "choices")
        return Row(
            benchmark=self._task,
            model=self._model,
            prompt_id=identifier,
            input={"input": asked, "choices": choices} if choices else asked,
            truth=fields.as_text(sample.get("target")),
            result=None if answer is None else fields.as_text(answer),
            score=value,
            status=status,
            scorer=metric,
            epoch=epoch,
            cluster=identifier if self._epochs > 1 else None,
            metadata=fields.scalars(fields.child(sample, "metadata")),
            duration_ms=fields.duration(sample.get("total_time"), 1000),
            source=place,
            line=number,
        )

    def _never_ran(self, seen: set[str]) -> Iterator[Row]:
        """Yield an error for each sample of the dataset that the log does not have."""
        with source.failures(str(self._path)):
            identifiers = [
                _id(one) for one in fields.listed(fields.child(self._eval, "dataset"), "sample_ids")
            ]
            if len(identifiers) * self._epochs > 10_000_000:
                raise FieldError("eval.config.epochs: is too large")
        missing = [
            (one, epoch)
            for epoch in range(1, self._epochs + 1)
            for one in identifiers
            if _key(one, epoch) not in seen
        ]
        if missing:
            self._report.note(
                f"{self._task} of {self._model}: {len(missing)} samples never ran, among them"
                f" {missing[0][0]!r}; they count as errors"
            )
        for identifier, epoch in missing:
            yield Row(
                benchmark=self._task,
                model=self._model,
                prompt_id=identifier,
                input=None,
                truth="",
                result=None,
                score=None,
                status="error",
                epoch=epoch,
                cluster=identifier if self._epochs > 1 else None,
                source=str(self._path),
            )

    def _check_mean(self, metric: str | None, scored: int, total: float) -> None:
        """Compare the mean over samples, each the mean of its epochs, with the log's own."""
        for entry in fields.listed(self._results, "scores"):
            score = fields.mapping(entry, "results.scores")
            metrics = fields.child(score, "metrics")
            own = fields.child(metrics, "accuracy") or fields.child(metrics, "mean")
            stated = own.get("value")
            plain = score.get("reducer") in (None, "mean")
            if score.get("name") != metric or not plain or not scored:
                continue
            mean = total / scored
            if isinstance(stated, int | float) and not math.isclose(stated, mean, abs_tol=1e-6):
                self._report.note(
                    f"{self._task} of {self._model}: the file states a mean of {stated:.6g} for"
                    f" {metric}, that of its samples is {mean:.6g}"
                )


def _values(sample: dict[str, Any]) -> Iterator[tuple[str, Any, object]]:
    """Yield the name, the value and the answer of each score; of an object, one for each key."""
    for scorer, entry in fields.child(sample, "scores").items():
        score = fields.mapping(entry, f"scores.{scorer}") if entry is not None else {}
        value, answer = score.get("value"), score.get("answer")
        if isinstance(value, dict):
            for key, part in value.items():
                yield f"{scorer}.{key}", part, answer
        else:
            yield scorer, value, answer


def _score(value: object, scorer: str) -> tuple[float | None, Status]:
    """Return the score of a value, with Inspect's grades and words."""
    if isinstance(value, str):
        word = value.strip().lower()
        known = _GRADES.get(value, _WORDS.get(word))
        if known is not None:
            return known, "scored"
        try:
            value = float(word)
        except ValueError:
            raise FieldError(
                f"scores.{scorer}.value: {shorten(value)} is none of C, I, P, N, yes, no, true,"
                " false and no number"
            ) from None
    return fields.score(value, scorer)


def _completion(output: dict[str, Any]) -> str | None:
    if isinstance(output.get("completion"), str):
        return str(output["completion"])
    for entry in fields.listed(output, "choices"):
        message = fields.child(fields.mapping(entry, "output.choices"), "message")
        return fields.content_text(message.get("content"))
    return None
