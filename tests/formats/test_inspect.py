"""Logs of Inspect: both containers, both compressions, scores of each kind, and failed runs."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from benchwire.local import ImportFailedError
from support.eval_logs import (
    archive_of,
    inspect_archive,
    inspect_log,
    inspect_sample,
    json_file,
    read,
)

DEFLATE, ZSTD, JSON = "deflate", "zstd", "json"
CONTAINERS = pytest.mark.parametrize("container", [DEFLATE, ZSTD, JSON])


def write(folder: Path, log: dict[str, Any], container: str = JSON) -> Path:
    if container == JSON:
        return json_file(folder / "log.json", log)
    return inspect_archive(
        folder / "log.eval", log, zipfile.ZIP_DEFLATED if container == DEFLATE else 93
    )


@CONTAINERS
def test_the_fields_of_an_answer(tmp_path: Path, container: str) -> None:
    path = write(tmp_path, inspect_log([inspect_sample("a")]), container)
    (row,), results = read(path)
    assert (row.benchmark, row.model, row.prompt_id) == ("sums", "org/one", "a")
    assert (row.input, row.truth, row.result) == ("What is a?", "it is a", "it is a")
    assert (row.score, row.status, row.scorer, row.epoch) == (1.0, "scored", "match", 1)
    assert (row.metadata, row.duration_ms, row.cluster) == ({"group": "g"}, 250.0, None)
    assert results.reports[0].version == "0.3.100"
    assert results.reports[0].notes == []
    member = "" if container == JSON else "!samples/a_epoch_1.json"
    assert row.source == f"{path}{member}"


SCORES = [
    ("C", 1.0), ("P", 0.5), ("I", 0.0), ("N", 0.0), ("yes", 1.0), ("No", 0.0), ("true", 1.0),
    ("FALSE", 0.0), ("0.25", 0.25), (0.75, 0.75), (1, 1.0), (True, 1.0), (False, 0.0),
    (float("nan"), None), (None, None), ("NaN", None),
]  # fmt: skip


@CONTAINERS
def test_the_values_of_scores(tmp_path: Path, container: str) -> None:
    samples = [inspect_sample(n, value) for n, (value, _) in enumerate(SCORES)]
    rows, results = read(write(tmp_path, inspect_log(samples), container))
    assert [row.score for row in rows] == [score for _, score in SCORES]
    assert [row.status for row in rows] == [
        "unscored" if score is None else "scored" for _, score in SCORES
    ]
    (tally,) = results.reports[0].evaluations.values()
    assert (tally.scored, tally.unscored, tally.errors) == (13, 3, 0)


@pytest.mark.parametrize("value", [7, -1, "B", [1, 0], float("inf"), "1e9"])
def test_a_value_that_is_no_score_is_refused_by_name(tmp_path: Path, value: Any) -> None:
    samples = [inspect_sample("a"), inspect_sample("b", value)]
    with pytest.raises(ImportFailedError, match=r"json:2: .*match"):
        read(write(tmp_path, inspect_log(samples)))


def test_an_object_is_a_score_for_each_key(tmp_path: Path) -> None:
    scores = {"parts": {"value": {"fluent": 1, "true": 0.25}}, "match": {"value": "I"}}
    path = write(tmp_path, inspect_log([inspect_sample("a", scores=scores)]))
    with pytest.raises(ImportFailedError, match=r"3 metrics: parts.fluent, parts.true, match"):
        read(path)
    assert read(path, metric="parts.true")[0][0].score == 0.25


def test_an_unscored_answer_has_the_model_s_text(tmp_path: Path) -> None:
    blocks = [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "four"}]
    outputs = [
        {"completion": "four", "choices": []},
        {"choices": [{"message": {"content": "four"}}]},
        {"choices": [{"message": {"content": blocks}}]},
    ]
    samples = [inspect_sample(n, scores={}, output=output) for n, output in enumerate(outputs)]
    rows, results = read(write(tmp_path, inspect_log(samples)))
    assert [(row.result, row.status) for row in rows] == [("four", "unscored")] * 3
    assert "no sample has a score" in results.reports[0].notes[0]


@CONTAINERS
def test_epochs_are_kept_and_belong_together(tmp_path: Path, container: str) -> None:
    samples = [
        inspect_sample(one, value, epoch)
        for epoch, value in ((1, "C"), (2, "I"))
        for one in ("a", "b")
    ]
    log = inspect_log(samples)
    metrics = {"accuracy": {"name": "accuracy", "value": 0.5}}
    log["results"]["scores"] = [{"name": "match", "scorer": "match", "metrics": metrics}]
    rows, results = read(write(tmp_path, log, container))
    assert [(row.prompt_id, row.epoch, row.cluster, row.score) for row in rows] == [
        ("a", 1, "a", 1.0), ("b", 1, "b", 1.0), ("a", 2, "a", 0.0), ("b", 2, "b", 0.0),
    ]  # fmt: skip
    assert results.reports[0].notes == []
    metrics["accuracy"]["value"] = 0.75
    _, results = read(write(tmp_path, log, container))
    assert (
        "states a mean of 0.75 for match, that of its samples is 0.5" in results.reports[0].notes[0]
    )


@CONTAINERS
def test_failed_samples_and_those_that_never_ran_are_errors(tmp_path: Path, container: str) -> None:
    failed = inspect_sample("b", scores={}, error={"message": "boom"}, output={})
    log = inspect_log([inspect_sample("a"), failed]) | {"status": "error"}
    log["eval"]["dataset"]["sample_ids"] += ["c", "d"]
    log["results"] = None
    rows, results = read(write(tmp_path, log, container))
    assert [(r.prompt_id, r.status, r.score) for r in rows] == [
        ("a", "scored", 1.0), ("b", "error", None), ("c", "error", None), ("d", "error", None),
    ]  # fmt: skip
    assert [row.input for row in rows] == ["What is a?", "What is b?", None, None]
    (tally,) = results.reports[0].evaluations.values()
    assert (tally.errors, tally.mean) == (3, 1.0)
    text = "\n".join(results.reports[0].notes)
    assert "status of the run is 'error'" in text
    assert "2 samples never ran" in text


def test_a_crashed_run_has_only_its_journal(tmp_path: Path) -> None:
    log = inspect_log([inspect_sample("a"), inspect_sample("b")])
    summary = {
        "id": "b",
        "epoch": 1,
        "input": "b?",
        "target": "b",
        "scores": {"match": {"value": "I"}},
    }
    members = [
        ("_journal/start.json", {"version": 2, "eval": log["eval"]}),
        ("samples/a_epoch_1.json", inspect_sample("a")),
        ("_journal/summaries/1.json", [summary | {"scores": {"match": {"value": "C"}}}]),
        ("_journal/summaries/10.json", [summary]),
        ("_journal/summaries/9.json", [{**summary, "scores": None}]),
    ]
    rows, results = read(archive_of(tmp_path / "log.eval", members))
    assert [(row.prompt_id, row.score, row.line) for row in rows] == [
        ("a", 1.0, None),
        ("b", 0.0, 1),
    ]
    assert "'started'" in results.reports[0].notes[0]


def test_of_a_member_written_twice_the_last_is_read(tmp_path: Path) -> None:
    log = inspect_log([inspect_sample("a")])
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive_of(
            tmp_path / "log.eval",
            [
                ("header.json", log | {"samples": None}),
                ("samples/a_epoch_1.json", inspect_sample("a", "I")),
                ("samples/a_epoch_1.json", inspect_sample("a", "C")),
            ],
        )
    assert [row.score for row in read(path)[0]] == [1.0]


def test_a_log_mixes_samples_in_one_member_and_in_chunks(tmp_path: Path) -> None:
    log = inspect_log([inspect_sample("a"), inspect_sample("b/c")])
    chunked = inspect_sample("b/c", "I")
    metadata = chunked.pop("metadata")
    members = [
        ("header.json", log | {"samples": None}),
        ("samples/a_epoch_1.json", inspect_sample("a")),
        ("samples/b/c_epoch_1/sample.json", chunked),
        ("samples/b/c_epoch_1/metadata.json", metadata),
        ("samples/b/c_epoch_1/messages/0.json", [{"role": "user"}]),
        ("samples/b/c_epoch_1/events/stats.json", {}),
    ]
    rows, _ = read(archive_of(tmp_path / "log.eval", members))
    assert [(row.prompt_id, row.score, row.metadata) for row in rows] == [
        ("a", 1.0, {"group": "g"}), ("b/c", 0.0, {"group": "g"}),
    ]  # fmt: skip


def test_a_transcript_larger_than_any_limit_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchwire_local.results.formats.document.MAX_PART_BYTES", 2000)
    sample = inspect_sample("a", messages=[{"content": "x" * 50} for _ in range(200)])
    assert len(json.dumps(sample)) > 10_000
    for container in (DEFLATE, JSON):
        assert len(read(write(tmp_path, inspect_log([sample]), container))[0]) == 1
    large = inspect_sample("a", metadata={str(n): "x" for n in range(500)})
    with pytest.raises(ImportFailedError, match="larger than the limit of 2000 bytes"):
        read(write(tmp_path, inspect_log([large])))


def test_choices_are_part_of_the_prompt(tmp_path: Path) -> None:
    samples = [inspect_sample("a", choices=["x", "y"]), inspect_sample("b", target=["p", "q"])]
    rows, _ = read(write(tmp_path, inspect_log(samples)))
    assert rows[0].input == {"input": "What is a?", "choices": ["x", "y"]}
    assert rows[1].truth == '["p","q"]'


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"eval": {"task": "t"}}, "eval.model: must be 1 to 1000 printable"),
        ({"eval": 3}, "eval: must be an object, not 3"),
        ({"samples": []}, "has no samples: it says that 1 were completed"),
        (
            {"samples": [inspect_sample("a"), inspect_sample("a")]},
            "json:2: id: the sample 'a' occurs twice",
        ),
        ({"samples": [inspect_sample("a", input=3)]}, "json:1: input: must be a text"),
        ({"samples": [inspect_sample("a", epoch=-1)]}, "json:1: epoch"),
        ({"samples": ["x"]}, "json:1: samples: must be an object"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    path = write(tmp_path, inspect_log([inspect_sample("a")]) | change)
    with pytest.raises(ImportFailedError, match=reason):
        read(path)


def test_a_zip_file_of_something_else(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "other.zip", [("a.txt", 1)])
    with pytest.raises(ImportFailedError, match=r"without header\.json of Inspect"):
        read(path)
