"""Datasets: complete files by partition, which an interrupted export goes on with."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import benchwire
from benchwire import export
from benchwire.cli.app import app
from benchwire.export.parts import Part, write_part
from support import forks, late
from support.results_service import ResultsService
from support.scripted import PATIENCE, Scripted, json_reply
from support.systems import needs_posix

dask, duckdb = late.Late("dask.dataframe"), late.Late("duckdb")
pd, pl = late.Late("pandas"), late.Late("polars")

KEY = "key-for-tests"
SIZES = {f"e{number}": size for number, size in enumerate([0, 1, 499, 500, 501, 1319])}
PAGES = {(name, page) for name, size in SIZES.items() for page in range(1, max(1, -(-size // 500)) + 1)}  # fmt: skip


@contextmanager
def client_of(scripted: Scripted, service: ResultsService) -> Iterator[benchwire.PublicClient]:
    url = scripted(service).url + "/api/v1"
    with benchwire.PublicClient(KEY, url, max_retries=0) as client:
        yield client


def files(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(folder: Path) -> list[tuple[str, str]]:
    """The evaluation and answer of each row."""
    query = f"SELECT evaluation, result FROM read_parquet('{folder}/**/*.parquet') ORDER BY ALL"
    return duckdb.sql(query).fetchall()


def wanted(sizes: dict[str, int]) -> list[tuple[str, str]]:
    return sorted((name, f"{name}: {n}") for name, size in sizes.items() for n in range(size))


def test_every_list_is_there_with_as_few_requests_as_pages(
    scripted: Scripted, tmp_path: Path
) -> None:
    service = ResultsService(SIZES)
    seen: list[tuple[int, int]] = []
    with client_of(scripted, service) as client:
        done = export.export_results(
            client, tmp_path, on_progress=lambda *place: seen.append(place)
        )
    total = sum(SIZES.values())
    assert done == export.ExportSummary(total, len(SIZES), 0, (), {})
    assert seen[0] == (0, total)
    assert seen[-1] == (total, total)
    assert rows(tmp_path) == wanted(SIZES)
    assert set(service.pages) == PAGES
    assert set(service.pages.values()) == {1}
    assert len(files(tmp_path)) == len(SIZES)  # that of no rows is a file, too


def test_a_second_export_requests_the_list_of_evaluations_alone(
    scripted: Scripted, tmp_path: Path
) -> None:
    service = ResultsService(SIZES)
    with client_of(scripted, service) as client:
        export.export_results(client, tmp_path)
        before = files(tmp_path)
        done = export.export_results(client, tmp_path)
    assert done == export.ExportSummary(sum(SIZES.values()), 0, len(SIZES), (), {})
    assert set(service.pages.values()) == {1}
    assert service.listings == 2
    assert files(tmp_path) == before


def test_an_interrupted_export_goes_on_and_fetches_nothing_twice(
    scripted: Scripted, tmp_path: Path
) -> None:
    service = ResultsService(SIZES)
    with client_of(scripted, service) as client:
        for stop in (1, 500, 1001):
            with pytest.raises(KeyboardInterrupt):
                export.export_results(client, tmp_path, workers=1, on_progress=_interrupt_at(stop))
            assert all("part-" in name for name in files(tmp_path))
        written = set(files(tmp_path))
        done = export.export_results(client, tmp_path, workers=1)
        assert written < set(files(tmp_path))
    assert 0 < done.kept < len(SIZES)
    assert done.written + done.kept == len(SIZES)
    assert rows(tmp_path) == wanted(SIZES)
    # A page is asked for again only if its file was not complete.
    assert sum(service.pages.values()) <= len(PAGES) + 3
    assert {page for page, count in service.pages.items() if count > 1} <= {
        (name, 1) for name in SIZES
    }


def _interrupt_at(stop: int) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        if done >= stop:
            raise KeyboardInterrupt

    return report


def test_a_killed_export_goes_on(scripted: Scripted, tmp_path: Path) -> None:
    """kill -9 in the middle of an evaluation; what was complete is not fetched again."""
    service = ResultsService(SIZES)
    reached = threading.Event()

    def hang(evaluation: str, page: int) -> None:
        if (evaluation, page) == ("e5", 3) and not reached.is_set():
            reached.set()
            killed.wait(PATIENCE)

    killed = threading.Event()
    service.intercept = hang  # type: ignore[assignment]
    url = scripted(service).url + "/api/v1"
    code = (
        f"import benchwire\nclient = benchwire.PublicClient({KEY!r}, {url!r})\n"
        f"benchwire.export.export_results(client, {str(tmp_path)!r}, workers=1)\n"
    )
    process = forks.Popen([sys.executable, "-c", code])
    assert reached.wait(PATIENCE)
    process.kill()
    assert process.wait(PATIENCE) != 0
    killed.set()
    assert [name for name in files(tmp_path) if "part-" not in name]  # the unfinished file
    before = service.pages.copy()
    with benchwire.PublicClient(KEY, url) as client:
        done = export.export_results(client, tmp_path)
    assert (done.kept, done.written) == (5, 1)
    assert set((service.pages - before).keys()) == {("e5", 1), ("e5", 2), ("e5", 3)}
    assert rows(tmp_path) == wanted(SIZES)
    assert all("part-" in name for name in files(tmp_path))


def test_what_changed_meanwhile_is_fetched_anew(scripted: Scripted, tmp_path: Path) -> None:
    service = ResultsService({"e0": 3, "e1": 700, "e2": 2})
    with client_of(scripted, service) as client:
        export.export_results(client, tmp_path)
        service.sizes["e1"] = 600
        service.changes["e2"] = {"finished_at": 1_760_000_000}
        service.benchmarks["e0"] = "renamed"
        done = export.export_results(client, tmp_path)
    assert set(done.changed) == {"e0", "e1", "e2"}
    assert rows(tmp_path) == wanted(service.sizes)
    assert [name for name in files(tmp_path) if "e0" in name] == [
        "benchmark=renamed/evaluation=e0/part-00000.parquet"
    ]


def test_a_list_of_many_pages_is_several_files(scripted: Scripted, tmp_path: Path) -> None:
    """The service caps the pages, which the first one shows; a part is a hundred pages."""
    service = ResultsService({"big": 455, "small": 4, "full": 400}, cap=2)
    with client_of(scripted, service) as client:
        assert export.export_results(client, tmp_path).rows == 859
        assert sum("big" in name for name in files(tmp_path)) == 3
        assert rows(tmp_path) == wanted(service.sizes)
        assert set(service.pages.values()) == {1}
        [lost] = tmp_path.rglob("evaluation=big/part-00001.parquet")
        content = lost.read_bytes()
        lost.unlink()
        done = export.export_results(client, tmp_path)
    assert (done.kept, done.written, done.rows) == (2, 1, 859)
    assert lost.read_bytes() == content
    assert {page for page, count in service.pages.items() if count == 2} == {
        ("big", page) for page in range(101, 201)
    }


BAD_PAGES = {
    "short": lambda service, page: service.page("e5", page, 499 if page == 2 else 500),
    "empty": lambda service, page: service.page("e5", 100),
    "again": lambda service, page: service.page("e5", 1),
    "failed": lambda service, page: json_reply({"error": "no"}, 500),
    "gone": lambda service, page: json_reply({"error": "no"}, 404),
}


@pytest.mark.parametrize("fault", BAD_PAGES)
def test_an_evaluation_that_fails_is_named_and_the_others_are_complete(
    scripted: Scripted, tmp_path: Path, fault: str
) -> None:
    service = ResultsService(SIZES)
    service.intercept = lambda name, page: (
        BAD_PAGES[fault](service, page) if (name, page) == ("e5", 2) else None
    )
    url = scripted(service).url + "/api/v1"
    environment = {"LAYERLENS_STRATIX_API_KEY": KEY, "LAYERLENS_STRATIX_BASE_URL": url}
    command = ["export", "results", "--to", f"{tmp_path}/"]
    others = {name: size for name, size in SIZES.items() if name != "e5"}
    done = CliRunner().invoke(app, command, env=environment)
    assert done.exit_code == 5
    assert "incomplete: e5: " in done.stderr
    assert (
        done.stdout == f"rows\twritten\tkept\tchanged\tfailed\n{sum(others.values())}\t5\t0\t0\t1\n"
    )
    assert rows(tmp_path) == wanted(others)
    service.intercept = lambda name, page: None
    done = CliRunner().invoke(app, command, env=environment)
    assert done.exit_code == 0, done.output
    assert rows(tmp_path) == wanted(SIZES)
    assert all(count == 1 for (name, _), count in service.pages.items() if name != "e5")


def test_a_total_that_changes_during_the_read_is_noticed(
    scripted: Scripted, tmp_path: Path
) -> None:
    service = ResultsService({"e5": 1319})

    def grow(name: str, page: int) -> None:
        service.sizes["e5"] = 1400 if page == 2 else service.sizes["e5"]

    service.intercept = grow  # type: ignore[assignment]
    with client_of(scripted, service) as client:
        done = export.export_results(client, tmp_path)
        assert "page 2 states 1400 rows in all" in str(done.failed["e5"])
        assert files(tmp_path) == {}
        assert export.export_results(client, tmp_path).rows == 1400


def test_a_refused_key_ends_the_export(scripted: Scripted, tmp_path: Path) -> None:
    service = ResultsService(SIZES)
    service.intercept = lambda name, page: json_reply({"error": "no"}, 401)
    with (
        client_of(scripted, service) as client,
        pytest.raises(benchwire.AuthenticationError),
    ):
        export.export_results(client, tmp_path, workers=1)
    assert len(service.pages) == 1


HOSTILE = [
    "a/b", "../..", "..", "x=y&z", "50 %", "Größe, 数学", "a" * 300, "ü" * 90, 'q"\'<>|*?:\\', "#1\n2",
    "dot.", "dot", "space ",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning:dask")  # Dask's own, with pandas 3
def test_names_are_escaped_and_every_reader_has_them_back(
    scripted: Scripted, tmp_path: Path
) -> None:
    service = ResultsService(
        {f"e{number}": 2 for number in range(len(HOSTILE))},
        {f"e{number}": name for number, name in enumerate(HOSTILE)},
    )
    with client_of(scripted, service) as client:
        assert export.export_results(client, tmp_path / "set").failed == {}
    folders = list((tmp_path / "set").iterdir())
    assert len(folders) == len(HOSTILE)
    assert not any(folder.name.endswith((".", " ")) for folder in folders)  # for Windows
    readers: dict[str, Callable[[str], list[Any]]] = {
        "duckdb": lambda path: [
            name for (name,) in duckdb.sql(f"SELECT benchmark FROM '{path}/**/*.parquet'").fetchall()
        ],
        "polars": lambda path: pl.scan_parquet(path).collect()["benchmark"].to_list(),
        "pandas": lambda path: pd.read_parquet(path)["benchmark"].tolist(),
        "dask": lambda path: dask.read_parquet(path)["benchmark"].compute().tolist(),
    }  # fmt: skip
    short = {name for name in HOSTILE if len(name.encode()) < 60}
    for reader, read in readers.items():
        found = read(str(tmp_path / "set"))
        assert len(found) == 2 * len(HOSTILE), reader
        assert set(found) >= short, reader


@pytest.mark.parametrize("change", [str, str.swapcase])
def test_benchmarks_of_one_name_stay_apart(tmp_path: Path, change: Callable[[str], str]) -> None:
    with benchwire.local.serve() as server, server.public_client() as client:
        first, second = client.benchmarks.get(page_size=2).datasets
        second.name = change(first.name)
        done = export.export_prompts(client, tmp_path, [first, second])
        assert done.rows == (first.prompt_count or 0) + (second.prompt_count or 0)
        query = (
            f"SELECT benchmark, count(*) FROM read_parquet('{tmp_path}/**/*.parquet') GROUP BY 1"
        )
        assert dict(duckdb.sql(query).fetchall()) == {
            f"{one.name} ({one.id})": one.prompt_count for one in (first, second)
        }
        with pytest.raises(ValueError, match="has prompts, not results: name another folder"):
            export.export_results(client, tmp_path, [])


def test_a_benchmark_takes_no_folder_that_another_has_from_an_earlier_export(
    tmp_path: Path,
) -> None:
    with benchwire.local.serve() as server, server.public_client() as client:
        first, second = client.benchmarks.get(page_size=2).datasets
        second.name = first.name
        runs = [
            client.evaluations.get_many(benchmark_ids=[one.id], status="success", page_size=1)
            for one in (first, second)
        ]
        for one, run in zip((first, second), runs, strict=True):
            run.evaluations[0].benchmark_name = first.name
            for kept in (0, 1):
                done = export.export_prompts(client, tmp_path / "prompts", [one])
                assert (done.kept, done.changed) == (kept, ())
                done = export.export_results(client, tmp_path / "results", run.evaluations)
                assert (done.kept, done.changed) == (kept, ())
        export.export_prompts(client, tmp_path / "both", [first, second])
        for one in (first, second):
            again = export.export_prompts(client, tmp_path / "both", [one])
            assert (again.kept, again.changed) == (1, ())
    for kind in ("prompts", "results"):
        query = f"SELECT benchmark, count(*) FROM '{tmp_path}/{kind}/**/*.parquet' GROUP BY 1"
        assert dict(duckdb.sql(query).fetchall()) == {
            first.name: first.prompt_count,
            f"{first.name} ({second.id})": second.prompt_count,
        }


@pytest.mark.parametrize("names", [["x", "X", "x ({0})"], ["x", "x", "X ({1})", "x ({0})"]])
def test_a_name_that_is_made_of_another_stays_apart(names: list[str], tmp_path: Path) -> None:
    with benchwire.local.serve() as server, server.public_client() as client:
        few = client.benchmarks.get(page_size=len(names)).datasets
        ids = [one.id for one in few]
        for one, name in zip(few, names, strict=True):
            one.name = name.format(*ids)
        done = export.export_prompts(client, tmp_path, few)
        assert done.rows == sum(one.prompt_count or 0 for one in few)
        assert (done.written, done.failed) == (len(few), {})
        assert export.export_prompts(client, tmp_path, few).kept == len(few)


def test_ids_that_differ_in_case_have_folders_that_do_not(
    scripted: Scripted, tmp_path: Path
) -> None:
    with client_of(scripted, ResultsService({"e1": 7, "E1": 5})) as client:
        assert export.export_results(client, tmp_path).rows == 12
    folders = {file.parent.name for file in tmp_path.rglob("*.parquet")}
    assert len({folder.casefold() for folder in folders}) == 2


class _Recorder(Executor):
    """Runs the work at once, after it was pickled as for another machine."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.sent.append(pickle.dumps((fn, args, kwargs)))
        fn, args, kwargs = pickle.loads(self.sent[-1])
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(pickle.loads(pickle.dumps(error)))
        return future


def test_the_work_is_picklable_and_holds_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = _Recorder()
    with (
        benchwire.local.serve(api_key="a-key-that-stays-here") as server,
        server.public_client() as client,
    ):
        few = client.evaluations.get_many(status="success", page_size=3).evaluations
        with pytest.raises(benchwire.ConfigurationError):  # the worker has no key
            export.export_results(client, tmp_path, few, executor=recorder)
        monkeypatch.setenv("LAYERLENS_STRATIX_API_KEY", server.api_key)
        done = export.export_results(client, tmp_path, few, executor=recorder)
    assert (done.written, done.failed) == (3, {})
    assert len(recorder.sent) > 3
    assert all(b"a-key-that-stays-here" not in sent for sent in recorder.sent)


def test_an_evaluation_named_twice_is_written_once(scripted: Scripted, tmp_path: Path) -> None:
    service = ResultsService({"e1": 3})
    url = scripted(service).url + "/api/v1"
    with benchwire.PublicClient(KEY, url) as client:
        twice = [*client.evaluations.iter_evaluations()] * 2
        done = export.export_results(client, tmp_path, twice)
    assert (done.rows, done.written) == (3, 1)
    assert set(service.pages.values()) == {1}


USAGE = {
    "a file takes the rows of one": [["--to", "x.csv"], ["a", "b", "--to", "x.csv"], ["a", "--to", "x.csv", "--rate", "2"]],
    "a folder's name ends in /": [["--to", "x.xlsx"], ["a", "--to", "x.parq"]],
    "not both": [["a", "--to", "x/", "--status", "failure"], ["a", "--to", "x/", "--model", "m"]],
    "written by one process": [["--as", "every-eval-ever", "--to", "x/", "--rate", "2"]],
    "can't reach --local": [["--dask", "tcp://127.0.0.1:1", "--to", "x/"]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("message", "arguments"), [(key, one) for key, calls in USAGE.items() for one in calls]
)
def test_what_can_not_be_meant_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["--local", "export", "results", *arguments])
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []


@needs_posix("pseudo-terminals")
def test_progress_is_shown_on_a_terminal(tmp_path: Path) -> None:
    """With its rate and the time that is left, on standard error."""
    controller, terminal = os.openpty()
    done = forks.Popen(
        [sys.executable, "-c", "from benchwire.cli import main; main()", "--local", "export", "results", "--to", "set/"],
        cwd=tmp_path, stderr=terminal, stdout=subprocess.PIPE, env=os.environ | {"TERM": "xterm"},
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError):  # the terminal's end
        while chunk := os.read(controller, 65536):
            shown += chunk
    os.close(controller)
    assert done.stdout is not None
    assert done.stdout.read().startswith(b"rows\twritten")
    done.stdout.close()
    assert done.wait() == 0
    assert b"15500/15500" in shown
    assert b"/s" in shown
    assert b"0:00:00" in shown


def test_processes_write_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with benchwire.local.serve() as server, server.public_client() as client:
        monkeypatch.setenv("LAYERLENS_STRATIX_API_KEY", server.api_key)
        few = client.evaluations.get_many(status="success", page_size=10).evaluations
        alone = export.export_results(client, tmp_path / "alone", few)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
            together = export.export_results(client, tmp_path / "two", few, executor=processes)
    assert together == alone
    assert files(tmp_path / "two") == files(tmp_path / "alone")


class _Waits(threading.Event):
    """Records how long it is waited for, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0)
        return False


def test_the_rate_is_divided_and_counts_retries(scripted: Scripted, tmp_path: Path) -> None:
    """A part takes its interval for each attempt, so `workers` parts together keep to the rate."""
    service = ResultsService({"e5": 1319})
    refused = iter([json_reply({"error": "busy"}, 503)])
    service.intercept = lambda name, page: next(refused, None) if page == 2 else None
    recorder = _Recorder()
    url = scripted(service).url + "/api/v1"
    with (
        benchwire.PublicClient(KEY, url) as client,
        pytest.raises(benchwire.ConfigurationError),  # no key there; what is sent is what matters
    ):
        export.export_results(client, tmp_path / "sent", executor=recorder, workers=8, rate=0.004)
    _, (part,), _ = pickle.loads(recorder.sent[0])
    assert isinstance(part, Part)
    assert part.interval == 2000
    waits = _Waits()
    with benchwire.PublicClient(KEY, url) as client:
        write_part(part, client, waits)
    assert [round(seconds, -3) for seconds in waits.seconds] == [2000, 6000, 8000]


@pytest.mark.parametrize(
    "options", [{"workers": 0}, {"rate": 0}, {"rate": -1}, {"rate": float("inf")}]
)
def test_bounds_are_checked_first(tmp_path: Path, options: dict[str, Any]) -> None:
    with (
        benchwire.PublicClient("k", "http://127.0.0.1:1/api/v1") as client,
        pytest.raises(ValueError, match="must be positive"),
    ):
        export.export_results(client, tmp_path / "set", [], **options)
    assert os.listdir(tmp_path) == []
