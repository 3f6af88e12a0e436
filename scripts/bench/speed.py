"""Benchmarks of reading, small calls, imports of modules and of files, and the embedded server."""

from __future__ import annotations

import asyncio
import gc
import json
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
from scripts.bench import canned
from scripts.bench.rival import client_of, read, read_async

import benchwire

ROUNDS = 7
LATENCY = 20  # milliseconds
SMALL_CALLS = 200
LINES = 20_000
FEW, MANY = 1_000, 1_000_000
_NOTHING, _HTTPX, _BENCHWIRE = "pass", "import httpx", "import benchwire"
_FIRST = "import benchwire; benchwire.PublicClient('k')"
_FIRST_RIVAL = "from scripts.bench.rival import client_of; client_of('http://localhost')"
_TIMED = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


@dataclass(frozen=True)
class Ratio:
    """A ratio and its target."""

    what: str
    value: float
    target: float
    at_least: bool = False

    def __str__(self) -> str:
        is_reached = self.value >= self.target if self.at_least else self.value <= self.target
        limit = "at least" if self.at_least else "at most"
        word = "reached" if is_reached else "MISSED "
        return f"  {word}  {self.what}: {self.value:.2f} (target: {limit} {self.target})"


def compare(*functions: Callable[[], object], rounds: int = ROUNDS) -> list[tuple[float, float]]:
    """Return the median seconds, and seconds of the processor, of each; after a round that warms up.

    The garbage collector stays on, but none pays for what another has left.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in functions]
    for _ in range(1 + rounds):
        for times, function in zip(taken, functions, strict=True):
            gc.collect()
            start, processor = time.perf_counter(), time.process_time()
            function()
            times.append((time.perf_counter() - start, time.process_time() - processor))
    return [
        (statistics.median(wall for wall, _ in times[1:]), statistics.median(cpu for _, cpu in times[1:]))
        for times in taken
    ]  # fmt: skip


def all_ratios(folder: Path) -> Iterator[Ratio]:
    """Measure everything."""
    with canned.serving() as url:
        yield from bulk(f"{url}/{LATENCY}")
        yield small_call(f"{url}/0")
    yield from imports()
    yield import_of_lines(folder)
    yield from embedded(folder)


def bulk(url: str) -> Iterator[Ratio]:
    """Read 10,000 prompts, at a latency."""
    with benchwire.PublicClient("k", url) as client, client_of(url) as rival:
        ours, theirs = compare(
            lambda: check(client.benchmarks.iter_prompts("b").to_list()),
            lambda: check(read(rival)),
        )
    yield Ratio("bulk read, x as fast as the rival", theirs[0] / ours[0], 20, at_least=True)
    yield Ratio("bulk read, processor time of the rival's", ours[1] / theirs[1], 0.42)

    async def rounds() -> list[float]:
        async with (
            benchwire.AsyncPublicClient("k", url) as client,
            httpx.AsyncClient(base_url=url) as rival,
        ):
            ratios = []
            for _ in range(ROUNDS):
                gc.collect()
                start = time.perf_counter()
                check(await client.benchmarks.iter_prompts("b").to_list())
                ours = time.perf_counter() - start
                gc.collect()
                start = time.perf_counter()
                check(await read_async(rival))
                ratios.append((time.perf_counter() - start) / ours)
            return ratios

    ratio = statistics.median(asyncio.run(rounds()))
    yield Ratio("bulk read with asyncio, x as fast as the rival", ratio, 20, at_least=True)


def check(rows: Sequence[object]) -> None:
    """Raise unless all prompts arrived."""
    if len(rows) != canned.PROMPTS:
        raise AssertionError(f"{len(rows)} prompts arrived")


def small_call(url: str) -> Ratio:
    """Request one row, again and again."""
    raw = httpx.Client(headers={"x-api-key": "k"})
    address = f"{url}/datasets/b/prompts?page=1&page_size=1"
    with raw, benchwire.PublicClient("k", url) as client:
        ours, theirs = compare(
            lambda: [client.benchmarks.get_prompts("b", page_size=1) for _ in range(SMALL_CALLS)],
            lambda: [orjson.loads(raw.get(address).content) for _ in range(SMALL_CALLS)],
        )
    return Ratio("a small call, time of httpx and orjson alone", ours[0] / theirs[0], 0.9)


def imports() -> Iterator[Ratio]:
    """Import in a new interpreter."""
    times: dict[str, list[float]] = {
        each: [] for each in (_HTTPX, _BENCHWIRE, _FIRST, _FIRST_RIVAL)
    }
    for _ in range(1 + ROUNDS):
        for statement, taken in times.items():
            command = [sys.executable, "-c", _TIMED.format(statement)]
            taken.append(float(subprocess.run(command, capture_output=True, check=True).stdout))
    of = {statement: statistics.median(taken[1:]) for statement, taken in times.items()}
    yield Ratio("import benchwire, time of import httpx", of[_BENCHWIRE] / of[_HTTPX], 0.05)
    yield Ratio("import and first client, time of the rival's", of[_FIRST] / of[_FIRST_RIVAL], 0.6)


def write_lines(path: Path, prompts: int) -> None:
    """Write the answers of two models."""
    with path.open("wb") as file:
        for number in range(2 * prompts):
            prompt, model = number % prompts, number // prompts
            file.write(orjson.dumps({
                "benchmark": "bench", "model": f"m{model}", "id": f"p{prompt}",
                "input": f"What is {prompt} + 1?", "truth": str(prompt + 1),
                "result": str(prompt + number % 3), "score": float(number % 3 == 1),
            }) + b"\n")  # fmt: skip


def import_of_lines(folder: Path) -> Ratio:
    """Import results, and insert the same lines without any check."""
    lines = folder / "lines.jsonl"
    write_lines(lines, LINES // 2)
    databases = (folder / f"import-{number}.db" for number in range(99))

    def insert() -> None:
        with closing(sqlite3.connect(next(databases))) as db, lines.open("rb") as file, db:
            db.execute("CREATE TABLE t (benchmark, model, id, input, truth, result, score)")
            db.executemany(
                "INSERT INTO t VALUES (:benchmark, :model, :id, :input, :truth, :result, :score)",
                map(json.loads, file),
            )

    ours, loop = compare(lambda: benchwire.local.import_file(lines, next(databases)), insert)
    print(f"  import of own JSON lines: {LINES / ours[0]:,.0f} rows a second")
    return Ratio("import, time of json.loads and executemany", ours[0] / loop[0], 2.5)


def embedded(folder: Path) -> Iterator[Ratio]:
    """Read lists of the embedded server as a whole: a row must cost the same in a long list."""
    of_few, of_many = (_row_times(folder, prompts) for prompts in (FEW, MANY))
    for name, few, many in zip(
        ("prompts", "results", "a comparison"), of_few, of_many, strict=True
    ):
        yield Ratio(f"{name}: a row of {MANY:,}, time of one of {FEW:,}", many / few, 1.5)


def _row_times(folder: Path, prompts: int) -> list[float]:
    lines, db = folder / f"{prompts}.jsonl", folder / f"{prompts}.db"
    write_lines(lines, prompts)
    benchwire.local.import_file(lines, db)
    with benchwire.local.serve(db=db, sample=False) as server, server.public_client() as client:
        first, second = (each.id for each in client.evaluations.iter_evaluations())
        (benchmark,) = (each.id for each in client.benchmarks.iter_benchmarks())

        def whole(rows: Iterable[object]) -> None:
            if sum(1 for _ in rows) != prompts:
                raise AssertionError("rows are missing")

        reads: list[Callable[[], None]] = [
            lambda: whole(client.benchmarks.iter_prompts(benchmark)),
            lambda: whole(client.evaluations.iter_results(first)),
            lambda: whole(client.comparisons.iter_results(first, second)),
        ]
        rounds = ROUNDS if prompts == FEW else 1
        return [wall / prompts for wall, _ in compare(*reads, rounds=rounds)]
