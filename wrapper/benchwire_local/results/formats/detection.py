"""Recognition of formats by what files contain, and grouping of the files that belong together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from benchwire_local.errors import ImportFailedError, NoAnswersError
from benchwire_local.results.formats import document, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FormatName = Literal[
    "auto", "benchwire", "lm-eval", "inspect", "every-eval-ever", "helm", "promptfoo", "openai-evals"
]  # fmt: skip
FORMATS: tuple[str, ...] = get_args(FormatName)[1:]
BENCHWIRE, LM_EVAL, INSPECT, EVERY_EVAL_EVER, HELM, PROMPTFOO, OPENAI_EVALS = FORMATS

# Of lm-evaluation-harness: samples_<task>_<stamp>.jsonl, results_<stamp>.json.
SAMPLES = re.compile(
    r"samples_(?P<task>.+)_(?P<stamp>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?)\.jsonl(?:\.gz|\.zst)?"
)

# Further files of a run of HELM, which have no keys of their own.
_OF_HELM = ("scenario.json", "stats.json")

# The keys that only files of a kind have in their first object, and whether they hold answers or
# only the aggregates that belong to some. The first that matches is meant.
_KEYS: tuple[tuple[str, bool, tuple[str, ...]], ...] = (
    (EVERY_EVAL_EVER, True, ("schema_version", "evaluation_id", "sample_id")),
    (EVERY_EVAL_EVER, False, ("schema_version", "evaluation_results")),
    (LM_EVAL, True, ("doc_id", "doc")),
    (OPENAI_EVALS, True, ("spec", "spec.eval_name")),
    (OPENAI_EVALS, True, ("run_id", "event_id", "type")),
    (HELM, True, ("request_states",)),
    (HELM, True, ("adapter_spec", "scenario_spec")),
    (HELM, True, ("*.instance_id", "*.stats")),
    (INSPECT, True, ("eval", "version")),
    (INSPECT, True, ("eval", "status")),
    (PROMPTFOO, True, ("evalId", "results")),
    (PROMPTFOO, True, ("results", "results.results")),
    (PROMPTFOO, True, ("results", "results.table")),
    (LM_EVAL, False, ("results", "configs")),
    (LM_EVAL, False, ("results", "versions")),
    (LM_EVAL, False, ("results", "config")),
    (LM_EVAL, True, ("*.doc_id", "*.doc")),
    (BENCHWIRE, True, ("benchmark", "model")),
    (BENCHWIRE, True, ("input", "truth")),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """Files that one reader reads together.

    Args:
        format: One of ``FORMATS``.
        path: The file with the answers; of HELM, the folder of the run.
        named: Whether the user named it, rather than a folder above it.
    """

    format: str
    path: Path
    named: bool


def recognise(path: Path) -> tuple[str, bool] | None:
    """Return the format of a file and whether it holds answers; ``None`` if it is of none."""
    start = source.prefix(path)
    if start.startswith(source.ZIP):
        return (INSPECT, True)
    if start.startswith(source.SQLITE):
        return (BENCHWIRE, True)
    _, paths = document.outline(start)
    keys = {".".join(steps) for steps in paths}
    for name, answers, required in _KEYS:
        if keys.issuperset(required):
            return name, answers
    return None


def units(
    paths: Iterable[str | Path],
    forced: str | None,
    model_of: Callable[[Path], str | None],
    survey: bool = False,
) -> tuple[list[Unit], list[str]]:
    """Return what there is to read, each once, and notes on what was left out.

    Args:
        paths: As for :func:`source.expand`.
        forced: The format that the user named; ``None`` to recognise it.
        model_of: Returns the model of a samples file of lm-evaluation-harness.
        survey: Whether to note what can't be read instead of raising it.

    Raises:
        ImportFailedError: A named file is of no known format, or of another one than named.
    """
    files, notes = source.expand(paths)
    found: dict[tuple[str, Path], Unit] = {}
    for path, named in files:
        try:
            for unit in _units_of(path, named, forced):
                found.setdefault((unit.format, unit.path.resolve()), unit)
        except ImportFailedError as problem:
            if named and not survey:
                raise
            notes.append(f"left out: {problem}")
    return _latest(list(found.values()), notes, model_of), notes


def _units_of(path: Path, named: bool, forced: str | None) -> list[Unit]:
    known = recognise(path)
    if known is None and path.name in _OF_HELM and path.with_name("run_spec.json").is_file():
        known = (HELM, True)
    if forced == BENCHWIRE:  # its own errors say more than that it is not recognised
        known = (BENCHWIRE, True) if known is None or named else known
    if known is None:
        raise ImportFailedError(
            str(path), None, f"is not recognised as results of any format: {', '.join(FORMATS)}"
        )
    kind, answers = known
    if not named and kind == BENCHWIRE and source.is_database(path):
        # It may well be the one to import into.
        raise ImportFailedError(str(path), None, "is a database; name it to read its answers")
    if forced is not None and kind != forced:
        raise ImportFailedError(str(path), None, f"is no file of {forced}; it looks like {kind}")
    if kind == HELM:
        return [Unit(kind, path.parent, named)]
    if answers:
        return [Unit(kind, path, named)]
    companions = _answers_of(path, kind)
    if not companions:
        raise NoAnswersError(
            str(path), None, f"has aggregates of {kind} only, and no answers are beside it"
        )
    return [Unit(kind, companion, named) for companion in companions]


def _answers_of(path: Path, kind: str) -> list[Path]:
    """Return the files with the answers of a file of aggregates."""
    if kind == EVERY_EVAL_EVER:
        beside = [path.with_name(f"{path.stem}_samples.jsonl{end}") for end in ("", ".gz", ".zst")]
        return [file for file in beside if file.exists()]
    stamp = path.name.removeprefix("results_").partition(".json")[0]
    files = [file for file in sorted(path.parent.iterdir()) if not file.is_symlink()]
    matches = [(file, SAMPLES.fullmatch(file.name)) for file in files]
    if path.name.startswith("results_"):
        return [file for file, match in matches if match and match["stamp"] == stamp]
    if path.name.startswith("results.json"):  # 0.4.0 to 0.4.2: <model arguments>_<task>.jsonl
        found = [file for file, match in matches if ".jsonl" in file.name and not match]
        return [file for file in found if recognise(file) == (LM_EVAL, True)]
    return []


def _latest(
    found: list[Unit], notes: list[str], model_of: Callable[[Path], str | None]
) -> list[Unit]:
    """Return the units, of several runs of a model and a task in one folder only the latest."""
    runs: dict[tuple[Path, str, str | None], tuple[str, Unit]] = {}
    kept = []
    for unit in found:
        match = SAMPLES.fullmatch(unit.path.name) if unit.format == LM_EVAL else None
        if match is None or unit.named:
            kept.append(unit)
            continue
        key = (unit.path.parent, match["task"], model_of(unit.path))
        before = runs.get(key)
        if before is not None:
            older = min(before[1].path.name, unit.path.name)
            notes.append(
                f"left out: {unit.path.parent / older}: there is a later run of its task and model"
            )
        if before is None or match["stamp"] > before[0]:
            runs[key] = (match["stamp"], unit)
    return kept + [unit for _, unit in runs.values()]
