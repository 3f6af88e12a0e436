"""Lists as files: all rows or no file, with the columns of their kind."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import benchwire
from benchwire import export
from benchwire.cli.app import app
from benchwire.export.files import replacement
from support import forks, wire
from support.late import Late
from support.local_environment import environment_of
from support.scripted import Received, Reply, Scripted, ScriptedService, json_reply

duckdb, pl = Late("duckdb"), Late("polars")

NUMBERS = "682bddc1e014f9fa440f8a91"
PAGERS = {
    "models": lambda client: client.models.iter_models(),
    "benchmarks": lambda client: client.benchmarks.iter_benchmarks(page_size=2),
    "prompts": lambda client: client.benchmarks.iter_prompts(NUMBERS, page_size=100),
    "evaluations": lambda client: client.evaluations.iter_evaluations(),
    "results": lambda client: client.evaluations.iter_results("eval-sample-060", page_size=60),
    "comparison": lambda client: client.comparisons.iter_results("eval-sample-060", "eval-sample-059"),
    "nothing": lambda client: client.models.iter_models(name="no such model"),
}  # fmt: skip
COMMANDS = {
    "models": ("models",),
    "benchmarks": ("benchmarks",),
    "prompts": ("prompts", NUMBERS),
    "evaluations": ("evaluations",),
    "results": ("results", "eval-sample-060"),
    "comparison": ("comparison", "eval-sample-060", "eval-sample-059"),
    "nothing": ("models", "--name", "no such model"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[benchwire.local.Server]:
    with benchwire.local.serve() as running:
        yield running


@pytest.fixture
def client(server: benchwire.local.Server) -> Iterator[benchwire.PublicClient]:
    with server.public_client() as client:
        yield client


def test_an_async_client_is_refused_by_name(server: benchwire.local.Server, tmp_path: Path) -> None:
    client: Any = benchwire.AsyncPublicClient(server.api_key, server.public_base_url)
    takes_a_client = "take a PublicClient, such as .*not AsyncPublicClient$"
    with pytest.raises(TypeError, match=r"take a Pager, such as .*, not AsyncPager$"):
        export.write(client.models.iter_models(), tmp_path / "models.jsonl")
    for exported in (export.export_results, export.export_prompts, export.export_every_eval_ever):
        with pytest.raises(TypeError, match=takes_a_client):
            exported(client, tmp_path / "dataset", [])
    assert not list(tmp_path.iterdir())


def test_ids_are_no_evaluations(client: benchwire.PublicClient, tmp_path: Path) -> None:
    exported: Any
    for exported in (export.export_results, export.export_prompts, export.export_every_eval_ever):
        for ids in (["eval-sample-060"], "eval-sample-060"):
            with pytest.raises(TypeError, match=r"take a list of \w+, as .* and in it is a str$"):
                exported(client, tmp_path / "dataset", ids)
        page = client.evaluations.get_many(page_size=1)
        with pytest.raises(TypeError, match=r"take a list of \w+, not a EvaluationsResponse$"):
            exported(client, tmp_path / "dataset", page)
    assert not list(tmp_path.iterdir())


def test_an_empty_path_is_not_the_working_folder(
    server: benchwire.local.Server,
    client: benchwire.PublicClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As of a variable that is not set."""
    monkeypatch.chdir(tmp_path)
    for exported in (export.export_results, export.export_prompts, export.export_every_eval_ever):
        with pytest.raises(ValueError, match="the path of the folder is empty"):
            exported(client, "")
    assert run(server, "results", "--to", "").exit_code == 2
    assert not list(tmp_path.iterdir())


def run(server: benchwire.local.Server, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["export", *arguments], env=environment_of(server))


@pytest.mark.parametrize("kind", PAGERS)
def test_every_format_has_the_rows_and_columns_of_the_list(
    client: benchwire.PublicClient, kind: str, tmp_path: Path
) -> None:
    pager = PAGERS[kind](client)
    table = pager.to_arrow()
    seen: list[tuple[int, int]] = []
    for suffix in export.FORMATS:
        path = tmp_path / f"list{suffix}"
        assert export.write(pager, path, on_progress=lambda *place: seen.append(place)) == len(
            table
        )
    assert pq.read_table(tmp_path / "list.parquet") == table
    lines = [json.loads(line) for line in (tmp_path / "list.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == len(table)
    assert all(list(line) == table.schema.names for line in lines)
    frame = pl.read_csv(tmp_path / "list.csv", infer_schema_length=None)
    assert frame.columns == table.schema.names
    assert frame.height == len(table)
    assert len(duckdb.read_csv(str(tmp_path / "list.csv"))) == len(table)
    assert (seen == []) or seen[-1] == (len(table), len(table))


@pytest.mark.parametrize("kind", COMMANDS)
def test_the_command_writes_what_the_function_does(
    server: benchwire.local.Server, client: benchwire.PublicClient, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.parquet"
    done = run(server, *COMMANDS[kind], "--to", str(path))
    assert done.exit_code == 0, done.output
    rows = export.write(PAGERS[kind](client), tmp_path / "other.parquet")
    assert pq.read_table(path) == pq.read_table(tmp_path / "other.parquet")
    assert done.stdout == f"file\trows\n{path}\t{rows}\n"
    assert done.stderr == ""  # progress is for terminals


def test_times_are_in_utc_and_free_json_is_text(
    client: benchwire.PublicClient, tmp_path: Path
) -> None:
    [prompt] = client.benchmarks.iter_prompts(NUMBERS, max_items=1)
    export.write(client.benchmarks.iter_prompts(NUMBERS), tmp_path / "prompts.parquet")
    export.write(client.models.iter_models(), tmp_path / "models.csv")
    first = duckdb.sql(f"SELECT input FROM '{tmp_path}/prompts.parquet'").fetchall()
    assert json.loads(first[0][0]) == prompt.input
    times = duckdb.sql(f"SELECT typeof(released_at) FROM '{tmp_path}/models.csv'").fetchall()
    assert set(times) == {("TIMESTAMP WITH TIME ZONE",)}


@pytest.mark.parametrize("suffix", export.FORMATS)
def test_a_failure_leaves_what_was_there(scripted: Scripted, tmp_path: Path, suffix: str) -> None:
    def answer(received: Received) -> Reply:
        rows = [wire.model(number) for number in range(10)] if received.query["page"] == "1" else []
        return json_reply(wire.models(rows, 30))

    service = scripted(answer)
    path = tmp_path / f"models{suffix}"
    path.write_text("before")
    with benchwire.PublicClient("k", service.url + "/api/v1") as client:
        pager = client.models.iter_models(page_size=10)
        with pytest.raises(benchwire.PaginationError):
            export.write(pager, path)
        with pytest.raises(KeyboardInterrupt):
            export.write(pager, path, on_progress=_interrupt)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def _interrupt(done: int, total: int) -> None:
    assert (done, total) == (10, 30)
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("name", "status"),
    [("x.xlsx", 2), ("x", 2), ("none/x.csv", 1), ("folder.csv", 1), ("x.CSV", 2)],
)
def test_a_place_that_takes_no_file_is_refused_before_anything_is_fetched(
    scripted: Scripted, tmp_path: Path, name: str, status: int
) -> None:
    (tmp_path / "folder.csv").mkdir()
    service = scripted(lambda _: json_reply(wire.models([], 0)))
    done = CliRunner().invoke(
        app,
        ["export", "models", "--to", str(tmp_path / name)],
        env={
            "LAYERLENS_STRATIX_API_KEY": "k",
            "LAYERLENS_STRATIX_BASE_URL": service.url + "/api/v1",
        },
    )
    assert done.exit_code == status
    assert name in done.stderr
    assert service.requests == []
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


@contextmanager
def scripted_models(rows: list[dict[str, Any]]) -> Iterator[tuple[benchwire.PublicClient, Path]]:
    """A client of a service with some models, and an empty folder."""
    with (
        TemporaryDirectory() as folder,
        ScriptedService(lambda _: json_reply(wire.models(rows, len(rows)))) as service,
        benchwire.PublicClient("k", service.url + "/api/v1") as client,
    ):
        yield client, Path(folder)


texts = st.text(max_size=20)


@given(st.lists(st.none() | texts | st.sampled_from(["", '"', ",", "\r\n", "a\nb"])))
@settings(max_examples=40)
def test_any_text_stays_what_it_is(texts: list[str | None]) -> None:
    rows = [wire.model(number, description=text) for number, text in enumerate(texts)]
    with scripted_models(rows) as (client, folder):
        for suffix in export.FORMATS:
            export.write(client.models.iter_models(), folder / f"models{suffix}")
        table = pq.read_table(folder / "models.parquet")
        assert table["description"].to_pylist() == texts
        lines = (folder / "models.jsonl").read_bytes().split(b"\n")[:-1]
        assert [json.loads(line)["description"] for line in lines] == texts
        with (folder / "models.csv").open(encoding="utf-8", newline="") as file:
            cells = [row["description"] for row in csv.DictReader(file)]
        assert cells == [text or "" for text in texts]
        absent = (folder / "models.csv").read_bytes().count(b'"m0","maker/m0","Model 0",,')
        assert absent == (texts[:1] == [None])


@pytest.mark.parametrize(("suffix", "status"), [(".jsonl", 0), (".csv", 0), (".parquet", 1)])
def test_parquet_alone_needs_the_extra(
    server: benchwire.local.Server, tmp_path: Path, suffix: str, status: int
) -> None:
    code = (
        "import sys\nsys.modules['pyarrow'] = None\nfrom benchwire.cli import main\n"
        f"sys.argv = ['benchwire', 'export', 'models', '--to', 'models{suffix}']\nmain()"
    )
    words = [sys.executable, "-c", code]
    done = forks.run(words, imported=forks.LIBRARIES, env=environment_of(server), cwd=tmp_path)
    assert done.returncode == status, done.stderr
    if status:
        assert 'need the extra "data": pip install "benchwire[data]"' in done.stderr
        assert list(tmp_path.iterdir()) == []


UNFINISHED = """
import sys, time
from pathlib import Path
from benchwire.export.files import replacement
with replacement(Path(sys.argv[1])) as beside:
    beside.write_text("rows")
    print(beside.name, flush=True)
    time.sleep(600)
"""


def test_an_unfinished_file_is_removed_once_its_process_is_dead(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    command = [sys.executable, "-c", UNFINISHED, str(path)]
    with forks.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        name = process.stdout.readline().strip()
        try:
            with replacement(path) as own, replacement(path):  # nor is what this process writes
                assert own.exists()
            assert {one.name for one in tmp_path.iterdir()} == {name, "one.csv"}
            assert (tmp_path / name).read_text() == "rows"
        finally:
            process.kill()
    with replacement(path):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["one.csv"]
