"""Answers as Every Eval Ever: valid by its schema, and imported with the same accuracies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

import benchwire
from benchwire import export
from benchwire.cli.app import app
from support.local_environment import environment_of
from support.results_service import ResultsService, answer_row
from support.scripted import Scripted, json_reply
from support.shared import require_shared
from support.wire import results


def test_a_round_trip_keeps_every_accuracy(tmp_path: Path) -> None:
    with benchwire.local.serve() as server, server.public_client() as client:
        command = ["export", "results", "--as", "every-eval-ever", "--to", f"{tmp_path}/eee/"]
        done = CliRunner().invoke(app, command, env=environment_of(server))
        assert done.exit_code == 0, done.output
        latest = client.evaluations.iter_evaluations(status="success", unique=True).to_list()
        keys = {
            one.id: one.key for one in client.benchmarks.iter_benchmarks(include_deprecated=True)
        }
        metrics = {one.id: client.evaluations.get_results(one.id).metrics for one in latest}
    benchwire.local.import_results(tmp_path / "eee", tmp_path / "copy.db")
    with (
        benchwire.local.serve(db=tmp_path / "copy.db", sample=False) as server,
        server.public_client() as client,
    ):
        benchmarks = {one.id: one.key for one in client.benchmarks.iter_benchmarks()}
        copies = {
            (benchmarks[one.benchmark_id], one.model_key): one.accuracy
            for one in client.evaluations.iter_evaluations()
        }
    originals = {
        (keys.get(one.benchmark_id, one.benchmark_id), one.model_key): one.accuracy
        for one in latest
    }
    assert len(metrics) == len(originals) == len(copies)
    assert copies == pytest.approx(originals)


def test_what_is_written_is_valid_by_the_schema(scripted: Scripted, tmp_path: Path) -> None:
    folder = require_shared("data", "eval-logs", "every-eval-ever")
    aggregate, instance = (
        jsonschema.Draft7Validator(json.loads((folder / name).read_text("utf-8")))
        for name in ("eval.schema.json", "instance_level_eval.schema.json")
    )
    with benchwire.local.serve() as server, server.public_client() as client:
        few = client.evaluations.get_many(status="success", page_size=3).evaluations
        assert export.export_every_eval_ever(client, tmp_path, [*few, few[0]]) == 3
        with pytest.raises(FileExistsError):
            export.export_every_eval_ever(client, tmp_path, few)
    found = sorted(tmp_path.rglob("*.json"))
    assert len(found) == 3
    for path in found:
        aggregate.validate(json.loads(path.read_text("utf-8")))
        lines = path.with_name(f"{path.stem}_samples.jsonl").read_text("utf-8").splitlines()
        assert len(lines) == few[0].total_prompt_count
        for line in lines:
            instance.validate(json.loads(line))


def test_evaluations_of_one_model_have_ids_of_their_own(tmp_path: Path) -> None:
    with benchwire.local.serve() as server, server.public_client() as client:
        model = client.evaluations.get_many(status="success", page_size=1).evaluations[0].model_id
        few = client.evaluations.get_many(model_ids=[model], status="success", page_size=2)
        export.export_every_eval_ever(client, tmp_path, few.evaluations)
    ids = {}
    for path in tmp_path.rglob("*_samples.jsonl"):
        whole = path.with_name(path.name.replace("_samples.jsonl", ".json"))
        ids[path] = json.loads(whole.read_text("utf-8"))["evaluation_id"]
        lines = map(json.loads, path.read_text("utf-8").splitlines())
        assert {line["evaluation_id"] for line in lines} == {ids[path]}
    assert len(set(ids.values())) == len(ids) == 2


@pytest.mark.parametrize("sizes", [{"e0": 0}, {"e0": 0, "e1": 2}, {"e0": 2, "e1": 0}])
def test_an_evaluation_without_answers_has_no_file(
    scripted: Scripted, tmp_path: Path, sizes: dict[str, int]
) -> None:
    url = scripted(ResultsService(sizes)).url + "/api/v1"
    with benchwire.PublicClient("k", url) as client:
        count = export.export_every_eval_ever(client, tmp_path)
    assert count == len(list(tmp_path.rglob("*_samples.jsonl"))) == len(sizes) - 1


STOPPED = """
import sys, time
import benchwire
from benchwire import export

def stop(done, total):
    print("stopped", flush=True)
    time.sleep(600)

with benchwire.local.serve() as server, server.public_client() as client:
    few = client.evaluations.get_many(status="success", page_size=2).evaluations
    export.export_every_eval_ever(client, sys.argv[1], few, on_progress=stop)
"""


def test_what_a_killed_export_has_left_is_removed_by_the_next(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STOPPED, str(tmp_path)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        benchwire.local.serve() as server,
        server.public_client() as client,
    ):
        assert process.stdout
        try:
            assert process.stdout.readline() == "stopped\n"
            assert list(tmp_path.rglob("*_samples.jsonl"))
            export.export_every_eval_ever(client, tmp_path, [])
            assert list(tmp_path.rglob("*_samples.jsonl")), "it is in use"
        finally:
            process.kill()
            process.wait()
        few = client.evaluations.get_many(status="success", page_size=1).evaluations
        export.export_every_eval_ever(client, tmp_path, few)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([answer_row("e1", 1) | {"score": 7}], "evaluation e1: the score 7 is not from 0 to 1"),
        ([], "the list is incomplete: 0 different items"),
    ],
)
def test_a_failure_leaves_nothing(
    scripted: Scripted, tmp_path: Path, rows: list[object], message: str
) -> None:
    service = ResultsService({"e0": 1, "e1": 1})
    service.intercept = lambda name, page: json_reply(results(rows, 1)) if name == "e1" else None
    url = scripted(service).url + "/api/v1"
    with benchwire.PublicClient("k", url) as client:
        few = client.evaluations.iter_evaluations().to_list()
        with pytest.raises(benchwire.BenchwireError, match=message):
            export.export_every_eval_ever(client, tmp_path, few)
    assert list(tmp_path.iterdir()) == []
