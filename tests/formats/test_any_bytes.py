"""Any bytes, and logs with any damage, give rows or a clear error; never another exception."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchwire.local import ImportFailedError
from benchwire_local.results.formats import FORMATS
from support.eval_logs import (
    helm_run,
    helm_stat,
    helm_state,
    inspect_archive,
    inspect_log,
    inspect_sample,
    json_file,
    json_lines,
    lm_eval_choice,
    lm_eval_results,
    lm_eval_row,
    lm_eval_run,
    openai_log,
    openai_sample,
    promptfoo_export,
    promptfoo_result,
    read,
)
from support.shared import shared_dir

SETTINGS = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def lm_eval(folder: Path) -> Path:
    rows = [lm_eval_row(0), lm_eval_choice(1, [-1.0, -2.0], exact_match=0.5)]
    return lm_eval_run(folder, "sums", rows, lm_eval_results("sums", {"exact_match,none": 1.0}, 2))


def own(folder: Path) -> Path:
    line = {"benchmark": "b", "model": "m", "input": "1", "truth": "2", "result": "2", "score": 1}
    return json_lines(folder / "own.jsonl", line, line | {"id": "x", "duration_ms": 3})


def inspect_json(folder: Path) -> Path:
    return json_file(
        folder / "log.json", inspect_log([inspect_sample("a"), inspect_sample(2, 0.5)])
    )


def inspect_eval(folder: Path) -> Path:
    return inspect_archive(folder / "log.eval", inspect_log([inspect_sample("a")]), 93)


def helm(folder: Path) -> Path:
    state = helm_state("id1", perturbation={"name": "x"}, output_mapping={"A": "4"})
    helm_run(folder, [state], [helm_stat("id1", 1.0, perturbation={"name": "x"})])
    return folder / "scenario_state.json"


def promptfoo(folder: Path) -> Path:
    return json_file(folder / "out.json", promptfoo_export([promptfoo_result(0)]))


def openai(folder: Path) -> Path:
    return openai_log(folder / "log.jsonl", *openai_sample("1", True), accuracy=1.0)


def eee(folder: Path) -> Path:
    line = {
        "schema_version": "0.3.0", "evaluation_id": "e", "model_id": "m", "evaluation_name": "n",
        "sample_id": "s", "input": {"raw": "x", "reference": ["y"]}, "output": {"raw": ["y"]},
        "answer_attribution": [{"is_terminal": True, "extracted_value": "y"}],
        "evaluation": {"score": 1.0}, "metadata": {"benchwire": '{"status": "scored"}'},
    }  # fmt: skip
    result = {"evaluation_name": "n", "metric_config": {}, "score_details": {"score": 1}}
    json_file(folder / "x.json", {"schema_version": "0.3.0", "evaluation_results": [result]})
    return json_lines(folder / "x_samples.jsonl", line)


MAKERS: dict[str, Callable[[Path], Path]] = {
    "benchwire": own, "lm-eval": lm_eval, "inspect": inspect_json, "inspect .eval": inspect_eval,
    "every-eval-ever": eee, "helm": helm, "promptfoo": promptfoo, "openai-evals": openai,
}  # fmt: skip
MADE = pytest.mark.parametrize("made", sorted(MAKERS))


def try_to_read(path: Path, **options: Any) -> bool:
    """Return whether the file was read; any exception but the one of an import fails the test."""
    try:
        rows, _ = read(path, **options)
    except ImportFailedError as problem:
        assert str(problem)  # noqa: PT017
        return False
    for row in rows:
        assert row.score is None or 0 <= row.score <= 1
        assert (row.score is None) == (row.status != "scored")
        assert isinstance(row.digest, str)
        for text in (row.benchmark, row.model, row.truth, row.result or ""):
            text.encode()
    return True


@MADE
def test_what_is_made_here_is_read(tmp_path: Path, made: str) -> None:
    assert try_to_read(MAKERS[made](tmp_path))


@SETTINGS
@given(data=st.binary(max_size=300), kind=st.sampled_from(["auto", *FORMATS]))
def test_any_bytes(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    try_to_read(path, format=kind)
    try_to_read(path, format=kind, survey=True)


ODD_VALUES: list[Any] = [
    None, True, 0, -1, 2**63, 1.5, float("nan"), float("inf"), "", "x\n", "\x00", "y" * 2000, [],
    {}, [[]], [None], {"": None}, [{"x": 1}], [1, "2"], "NaN", 999, [[[[]]]], "é😀",
]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every container in a document with each of its keys."""
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    return [
        one for key in keys for one in ((value, key), *places(value[key]))
    ]  # fmt: skip


@MADE
@SETTINGS
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 3))
def test_any_value_in_any_field(tmp_path: Path, made: str, seed: int, changes: int) -> None:
    """Each document of a log gets odd values, or loses fields, at any place."""
    chance = random.Random(seed)
    path = MAKERS[made](tmp_path)
    if made == "inspect .eval":
        log = inspect_log([inspect_sample("a")])
        mutate(log, chance, changes)
        samples = log.get("samples")
        log["samples"] = samples if isinstance(samples, list) else []
        log["samples"] = [
            one for one in log["samples"] if isinstance(one, dict) and {"id", "epoch"} <= set(one)
        ]
        inspect_archive(path, log)
    else:
        for file in sorted(tmp_path.iterdir()):
            values = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
            mutate(values, chance, changes)
            text = "\n".join(json.dumps(value) for value in values)
            file.write_text(text, "utf-8")
    try_to_read(path)
    try_to_read(tmp_path, survey=True)
    for file in list(tmp_path.iterdir()):
        file.unlink()


def mutate(document: Any, chance: random.Random, changes: int) -> None:
    for _ in range(changes):
        found = places(document)
        if not found:
            return
        container, key = chance.choice(found)
        if isinstance(container, dict) and chance.random() < 0.2:
            del container[key]
        else:
            container[key] = copy.deepcopy(chance.choice(ODD_VALUES))


def real_files() -> list[Path]:
    folder = shared_dir() / "data" / "eval-logs"
    return sorted(
        file
        for file in folder.rglob("*")
        if file.suffix in {".json", ".jsonl", ".eval"} and "schema" not in file.name
    )


@pytest.mark.parametrize("file", real_files(), ids=lambda file: file.name[:40])
@settings(SETTINGS, max_examples=15)
@given(seed=st.integers(0, 2**32))
def test_real_bytes_with_damage(tmp_path: Path, file: Path, seed: int) -> None:
    chance = random.Random(seed)
    for beside in file.parent.iterdir():
        if beside.is_file() and beside.name != "README.md":
            (tmp_path / beside.name).write_bytes(beside.read_bytes())
    data = bytearray(file.read_bytes())
    for _ in range(chance.randint(1, 20)):
        place = chance.randrange(len(data) or 1)  # all may have been deleted
        action = chance.randrange(4)
        if action == 0:
            data[place] = chance.randrange(256)
        elif action == 1:
            del data[place : place + chance.randint(1, 50)]
        elif action == 2:
            data[place:place] = chance.choice([b"NaN", b'"', b"{", b"]", b"\\", b"\xff", b"null,"])
        else:
            del data[max(1, len(data) - chance.randint(1, 5)) :]
    (tmp_path / file.name).write_bytes(data)
    try_to_read(tmp_path / file.name)
    try_to_read(tmp_path / file.name, survey=True)
