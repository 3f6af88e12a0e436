"""Pagers as tables, data frames and streams of Arrow data."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

import benchwire
from support import wire
from support.both import Flavour
from support.late import Late
from support.scripted import Received, Reply, Scripted, json_reply

duckdb, pd, pl = Late("duckdb"), Late("pandas"), Late("polars")


@pytest.fixture(scope="module")
def server() -> Iterator[benchwire.local.Server]:
    with benchwire.local.serve() as running:
        yield running


@pytest.fixture
def client(flavour: Flavour, server: benchwire.local.Server) -> Any:
    return flavour.make("PublicClient", server.api_key, server.public_base_url)


PAGERS = {
    "models": lambda client: client.models.iter_models(page_size=4),
    "benchmarks": lambda client: client.benchmarks.iter_benchmarks(page_size=2),
    "prompts": lambda client: client.benchmarks.iter_prompts("682bddc1e014f9fa440f8a91", page_size=100),
    "evaluations": lambda client: client.evaluations.iter_evaluations(page_size=50),
    "comparison": lambda client: client.comparisons.iter_results("eval-sample-060", "eval-sample-059"),
    "nothing": lambda client: client.models.iter_models(name="no such model"),
}  # fmt: skip


@pytest.mark.parametrize("kind", PAGERS)
def test_frames_have_the_items(client: Any, flavour: Flavour, kind: str) -> None:
    pager = PAGERS[kind](client)
    items = flavour.result(pager.to_list())
    records = flavour.items(pager.records())
    assert len(records) == len(items)
    for item, record in zip(items, records, strict=True):
        assert record["additional_properties"] == item.additional_properties
        assert set(dir(item)) >= set(record)
    table: pa.Table = flavour.result(pager.to_arrow())
    assert table.num_rows == len(items)
    assert (kind == "nothing") == (len(items) == 0)
    pandas_frame: pd.DataFrame = flavour.result(pager.to_pandas())
    polars_frame: pl.DataFrame = flavour.result(pager.to_polars())
    assert list(pandas_frame.columns) == polars_frame.columns == table.schema.names
    assert len(pandas_frame) == polars_frame.height == len(items)
    for name in set(table.schema.names) & {"id", "name", "prompt", "truth", "score1", "accuracy"}:
        assert polars_frame[name].to_list() == [getattr(item, name) for item in items]
        assert pandas_frame[name].to_list() == [getattr(item, name) for item in items]


def test_integers_with_nulls_stay_integers(scripted: Scripted) -> None:
    rows = [
        wire.model(number, context_length=length) for number, length in ((1, None), (2, 2**53 + 1))
    ]
    service = scripted(lambda _: json_reply(wire.models(rows, 2)))
    with benchwire.PublicClient("k", service.url + "/api/v1") as client:
        pager = client.models.iter_models()
        assert pager.to_pandas()["context_length"][1] == 2**53 + 1
        assert pager.to_polars()["context_length"].to_list() == [None, 2**53 + 1]


def test_other_libraries_take_a_pager_as_it_is(server: benchwire.local.Server) -> None:
    with server.public_client() as client:
        evaluations = client.evaluations.iter_evaluations(status="success")
        wanted = evaluations.to_list()
        best = duckdb.sql("SELECT max(accuracy), count(*) FROM evaluations").fetchall()
        assert best == [(max(one.accuracy for one in wanted), len(wanted))]
        assert pl.DataFrame(evaluations)["id"].to_list() == [one.id for one in wanted]
        assert pa.table(evaluations)["id"].to_pylist() == [one.id for one in wanted]
        assert list(pd.DataFrame.from_arrow(evaluations)["id"]) == [one.id for one in wanted]


def test_other_libraries_say_that_an_async_pager_is_awaited(
    server: benchwire.local.Server,
) -> None:
    client = benchwire.AsyncPublicClient(server.api_key, server.public_base_url)
    pager: Any = client.models.iter_models()
    take: list[Callable[[Any], object]] = [pl.DataFrame, pa.table, pd.DataFrame.from_arrow]
    for frame in (*take, lambda pager: duckdb.sql("SELECT * FROM pager")):
        with pytest.raises(Exception, match=r"await pager\.to_arrow\(\)"):
            frame(pager)


def test_a_stream_fetches_a_page_when_its_batch_is_read(scripted: Scripted) -> None:
    asked: list[int] = []

    def answer(received: Received) -> Reply:
        page = int(received.query["page"])
        asked.append(page)
        rows = [wire.model(number) for number in range(10 * page - 9, 10 * page + 1)]
        return json_reply(wire.models(rows, 1000))

    service = scripted(answer)
    with benchwire.PublicClient("k", service.url + "/api/v1") as client:
        pager = client.models.iter_models(page_size=10, concurrency=1)
        reader = pa.RecordBatchReader.from_stream(pager)
        assert asked == []
        assert reader.read_next_batch().num_rows == 10
        assert len(asked) <= 3
        reader.close()


def test_a_failure_is_no_short_table(scripted: Scripted) -> None:
    """A page that fails in the middle fails the frame."""

    def answer(received: Received) -> Reply:
        rows = [wire.model(number) for number in range(10)] if received.query["page"] == "1" else []
        return json_reply(wire.models(rows, 30))

    service = scripted(answer)
    with benchwire.PublicClient("k", service.url + "/api/v1") as client:
        pager = client.models.iter_models(page_size=10)
        with pytest.raises(benchwire.PaginationError):
            pager.to_arrow()
        with pytest.raises(Exception, match=r".+"):
            pl.DataFrame(pager)


def test_without_the_extra_a_frame_says_what_is_missing() -> None:
    code = (
        "import sys\nsys.modules['pyarrow'] = None\nimport benchwire\n"
        "pager = benchwire.PublicClient('k').models.iter_models()\n"
        "try:\n    pager.to_polars()\nexcept ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert 'data frames need the extra "data": pip install "benchwire[data]"' in done.stdout
