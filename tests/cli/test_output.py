"""What commands print: formats, fields, and texts that must stay texts."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

import benchwire
from benchwire.models import PublicModelDetail
from cli.conftest import Run
from support import wire
from support.scripted import Scripted, json_reply

COLUMNS = ["id", "key", "name", "company", "released_at", "context_length", "license"]
HOSTILE = '[/red]\t\u0430|b\n\x1b[31mred\\ "q", <script>`*_ :smile: \u2028'


@pytest.fixture
def models(client: benchwire.PublicClient) -> list[PublicModelDetail]:
    return client.models.iter_models().to_list()


def test_json_has_every_field_under_its_attributes_name(
    run: Run, models: list[PublicModelDetail]
) -> None:
    done = run("models", "list", "--format", "json")
    assert done.exit_code == 0
    rows = json.loads(done.stdout)
    assert [row["id"] for row in rows] == [model.id for model in models]
    for row, model in zip(rows, models, strict=True):
        assert row["cost_per_input_token"] == model.cost_per_input_token
        assert {"released_at", "parameters"} <= set(row)


def test_formats_have_the_same_rows(run: Run, models: list[PublicModelDetail]) -> None:
    ids = [model.id for model in models]
    tsv = run("models", "list", "--format", "tsv").stdout
    assert tsv.splitlines()[0].split("\t") == COLUMNS
    assert [line.split("\t")[0] for line in tsv.splitlines()[1:]] == ids
    assert run("models", "list").stdout == tsv  # no terminal: auto is TSV
    rows = list(csv.DictReader(io.StringIO(run("models", "list", "--format", "csv").stdout)))
    assert [row["id"] for row in rows] == ids
    lines = run("models", "list", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids
    assert run("models", "list", "--format", "quiet").stdout.split() == ids
    markdown = run("models", "list", "--format", "md").stdout.splitlines()
    assert markdown[1] == "|" + " --- |" * len(COLUMNS)
    assert [line.split(" | ")[0] for line in markdown[2:]] == [f"| {one}" for one in ids]
    table = run("models", "list", "--format", "table").stdout
    assert all(one in table for one in ids)


@pytest.mark.parametrize("form", ["json", "jsonl", "tsv"])
def test_an_integer_of_more_than_64_bits_is_printed_exactly(
    run: Run, scripted: Scripted, form: str
) -> None:
    large = 10**30
    rows = [wire.model(1, context_length=large, meters=[large])]
    url = scripted(lambda _: json_reply(wire.models(rows, 1))).url + "/api/v1"
    done = run(
        "models",
        "list",
        "--fields",
        "context_length,meters",
        "--format",
        form,
        LAYERLENS_STRATIX_BASE_URL=url,
    )
    assert done.exit_code == 0, done.stderr
    assert done.stdout.count(str(large)) == 2


def test_fields_are_chosen_by_name(run: Run, models: list[PublicModelDetail]) -> None:
    done = run("models", "list", "--fields", "name, company", "--limit", "1")
    assert done.stdout == f"name\tcompany\n{models[0].name}\t{models[0].company}\n"
    chosen = json.loads(
        run(
            "evaluations", "list", "--limit", "1", "--fields", "id,summary.name", "--format", "json"
        ).stdout
    )
    assert list(chosen[0]) == ["id", "summary.name"]


@pytest.mark.parametrize("form", ["tsv", "table", "csv", "md", "json", "jsonl", "quiet"])
def test_an_unknown_field_fails_before_anything_is_printed(run: Run, form: str) -> None:
    done = run("models", "list", "--fields", "id,nope", "--format", form)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "no field 'nope': there is id, key" in done.stderr


def test_what_is_not_shown_is_said(run: Run, models: list[PublicModelDetail]) -> None:
    done = run("models", "list", "--limit", "2")
    assert done.stderr == f"2 of {len(models)} shown; --limit 0 shows all\n"
    assert run("models", "list", "--limit", "0").stderr == ""
    assert run("models", "list", "--limit", str(len(models))).stderr == ""


def test_markdown_shows_texts_as_they_are(run: Run, scripted: Scripted) -> None:
    row = wire.model(1, name="a &lt; b, ~~c~~")
    url = scripted(lambda _: json_reply(wire.models([row], 1))).url
    done = run("models", "list", "--format", "md", LAYERLENS_STRATIX_BASE_URL=url)
    assert r"| a \&lt; b, \~\~c\~\~ |" in done.stdout


def test_one_object_is_shown_field_by_field(run: Run, models: list[PublicModelDetail]) -> None:
    name = str(models[0].name)
    assert json.loads(run("models", "get", name, "--format", "json").stdout)["id"] == models[0].id
    lines = run("models", "get", name).stdout.splitlines()
    assert lines[0] == "field\tvalue"
    assert f"id\t{models[0].id}" in lines
    assert run("models", "get", name, "--format", "quiet").stdout == f"{models[0].id}\n"


def test_a_terminal_that_does_not_tell_its_width_gets_a_table(run: Run) -> None:
    shown = run("models", "list", "--format", "table", COLUMNS="0").stdout
    assert shown == run("models", "list", "--format", "table", COLUMNS="80").stdout
    assert shown.startswith("id ")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A database with a benchmark of hostile texts."""
    rows: list[dict[str, Any]] = [
        {"benchmark": "mmlu[/cot]", "model": f"m[{number}]", "input": HOSTILE, "truth": HOSTILE,
         "result": HOSTILE, "score": number}
        for number in (0, 1)
    ]  # fmt: skip
    lines = tmp_path / "answers.jsonl"
    lines.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    benchwire.local.import_file(lines, tmp_path / "hostile.db")
    return tmp_path / "hostile.db"


@pytest.mark.parametrize("form", ["tsv", "table", "csv", "md", "json", "jsonl", "quiet"])
def test_no_text_is_markup(run: Run, hostile: Path, form: str) -> None:
    local = ["--local", str(hostile)]
    done = run(*local, "benchmarks", "list", "--format", form, "--fields", "key")
    assert done.exit_code == 0, done.output
    shown = done.stdout.replace("\\[", "[").replace("\\]", "]")  # Markdown escapes them
    assert "mmlu[/cot]" in shown
    # A JSON object has the items in it.
    fields = "items" if form == "json" else "prompt,truth"
    done = run(
        *local, "compare", "m[0]", "m[1]", "--benchmark", "mmlu[/cot]", "--items", "all",
        "--format", form, "--fields", fields,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    if form in ("table", "md"):
        assert "\x1b" not in done.stdout
    if form == "tsv":
        text = done.stdout.split("\n")[1].split("\t")[0]
        assert text == HOSTILE.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    if form == "csv":
        assert list(csv.reader(io.StringIO(done.stdout, newline="")))[1] == [HOSTILE, HOSTILE]


@pytest.mark.parametrize("limit", ["3", "0"])
def test_the_answers_of_an_evaluation(run: Run, client: benchwire.PublicClient, limit: str) -> None:
    shown = run("evaluations", "results", "eval-def", "--limit", limit, "--format", "jsonl")
    expected = client.evaluations.iter_results("eval-def").to_list()
    rows = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [row["result"] for row in rows] == [
        each.result for each in expected[: int(limit) or None]
    ]
    assert (f"3 of {len(expected)} shown" in shown.stderr) == (limit == "3")
    assert run("evaluations", "results", "nothing").exit_code == 1
