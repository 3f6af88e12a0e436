"""Benchmark decoding, reading and imports against alternatives, all in one run: `make bench`.

Ratios are compared, because they carry over between machines and times do not. A missed target is
printed and does not fail the run.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel
from scripts.bench import alternatives, pages, speed

from benchwire_api.public.api.benchmarks import list_benchmark_prompts
from benchwire_api.public.api.models import list_models
from benchwire_api.types import Response

SPEC = Path(__file__).resolve().parents[2] / "openapi" / "public.yaml"
WARM_UP = 10
ROUNDS = 200
FLOOR = "orjson.loads alone (the floor)"
STDLIB = "json.loads alone"
PYDANTIC = "pydantic v2 over json.loads"
PYDANTIC_JSON = "pydantic v2 model_validate_json"
STOCK = "stock generated from_dict over json.loads"
OURS = "benchwire_api parse_response"


def medians(functions: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median time of each function, in milliseconds.

    A round calls each function once, so that other load on the machine affects all alike. The
    garbage collector stays on, as for a user, and a result is freed within the measured time.
    """
    times: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(WARM_UP + ROUNDS):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            taken = time.perf_counter() - start
            if number >= WARM_UP:
                times[name].append(taken)
    return {name: statistics.median(taken) * 1e3 for name, taken in times.items()}


def kilobytes(function: Callable[[], object]) -> float:
    """Return the memory that the result of a function occupies."""
    tracemalloc.start()
    result = function()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return size / 1e3


@dataclass(frozen=True)
class Case:
    """One page, its decoders, and the targets."""

    title: str
    body: bytes  # the page, as JSON
    parse: Callable[[Response], object]
    model: type[BaseModel]
    stock: Any
    max_of_floor: float  # the target for our time, as a multiple of the floor's
    min_of_stock: float  # the target for the stock decoder's time, as a multiple of ours

    def decoders(self) -> dict[str, Callable[[], object]]:
        """Return the decoders by name, each of the same bytes."""
        body, response = self.body, Response(status_code=200, content=self.body)
        return {
            FLOOR: lambda: orjson.loads(body),
            STDLIB: lambda: json.loads(body),
            PYDANTIC: lambda: self.model.model_validate(json.loads(body)),
            PYDANTIC_JSON: lambda: self.model.model_validate_json(body),
            STOCK: lambda: self.stock.from_dict(json.loads(body)),
            OURS: lambda: self.parse(response),
        }


def run(case: Case) -> None:
    """Measure one page, and print the table and whether the targets are reached."""
    decoders = case.decoders()
    times = medians(decoders)
    print(f"\n{case.title}: {pages.ROWS} rows, {len(case.body) / 1e3:.0f} kB")
    print(f"  {'':42} {'ms':>7} {'x floor':>8} {'x ours':>7} {'kB held':>8}")
    for name, taken in times.items():
        ratios = f"{taken / times[FLOOR]:8.2f} {taken / times[OURS]:7.2f}"
        print(f"  {name:42} {taken:7.3f} {ratios} {kilobytes(decoders[name]):8.0f}")
    of_floor = times[OURS] / times[FLOOR]
    of_stock = times[STOCK] / times[OURS]
    of_pydantic = min(times[PYDANTIC], times[PYDANTIC_JSON]) / times[OURS]
    for is_reached, ratio, target in (
        (of_floor <= case.max_of_floor, f"{of_floor:.2f} x the floor", f"at most {case.max_of_floor}"),
        (of_stock >= case.min_of_stock, f"{of_stock:.1f} x as fast as stock", f"at least {case.min_of_stock}"),
        (of_pydantic > 1, f"{of_pydantic:.1f} x as fast as pydantic at its best", "more than 1"),
    ):  # fmt: skip
        print(f"  {'reached' if is_reached else 'MISSED '}  {ratio} (target: {target})")


def main() -> int:
    """Run the command line and return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        stock = alternatives.stock_models(SPEC, Path(folder))
        run(Case("A page of prompts", pages.prompt_page(), list_benchmark_prompts.parse_response,
                 alternatives.PromptPage, stock.BenchmarkPromptsResponse, 2.6, 5.0))  # fmt: skip
        run(Case("A page of models", pages.model_page(), list_models.parse_response,
                 alternatives.ModelPage, stock.PublicModelsListResponse, 3.0, 2.0))  # fmt: skip
        print("\nReading, importing and serving")
        for ratio in speed.all_ratios(Path(folder)):
            print(ratio, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
