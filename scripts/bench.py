"""Measures decoding against the floor and its rivals, in one run: `make bench`.

Ratios are what counts: they hold from machine to machine, times do not. Nothing here fails a
build; the verdicts are printed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # this file is run by its path

from scripts.benchmarks import pages, rivals  # noqa: E402
from scripts.benchmarks.measure import import_time, kilobytes, medians  # noqa: E402

from benchwire_api.public.api.benchmarks import list_benchmark_prompts  # noqa: E402
from benchwire_api.public.api.models import list_models  # noqa: E402
from benchwire_api.types import Response  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

FLOOR = "orjson.loads alone (the floor)"
STDLIB = "json.loads alone"
PYDANTIC = "pydantic v2 over json.loads"
PYDANTIC_JSON = "pydantic v2 model_validate_json"
STOCK = "stock generated from_dict over json.loads"
OURS = "benchwire_api parse_response"


@dataclass(frozen=True)
class Contest:
    """One page, who decodes it, and what is to be reached."""

    title: str
    body: bytes
    parse: Callable[[Response], object]
    model: type[BaseModel]
    stock: Any
    most_of_floor: float
    least_of_stock: float

    def functions(self) -> dict[str, Callable[[], object]]:
        """The contenders, each from the same bytes."""
        body, response = self.body, Response(status_code=200, content=self.body)
        return {
            FLOOR: lambda: orjson.loads(body),
            STDLIB: lambda: json.loads(body),
            PYDANTIC: lambda: self.model.model_validate(json.loads(body)),
            PYDANTIC_JSON: lambda: self.model.model_validate_json(body),
            STOCK: lambda: self.stock.from_dict(json.loads(body)),
            OURS: lambda: self.parse(response),
        }


def run(contest: Contest) -> None:
    """Measure one page and print the table and the verdicts."""
    functions = contest.functions()
    times = medians(functions)
    print(f"\n{contest.title}: {pages.ROWS} rows, {len(contest.body) / 1e3:.0f} kB")
    print(f"  {'':42} {'ms':>7} {'x floor':>8} {'x ours':>7} {'kB held':>8}")
    for name, taken in times.items():
        print(
            f"  {name:42} {taken:7.3f} {taken / times[FLOOR]:8.2f} {taken / times[OURS]:7.2f}"
            f" {kilobytes(functions[name]):8.0f}"
        )
    of_floor = times[OURS] / times[FLOOR]
    of_stock = times[STOCK] / times[OURS]
    of_pydantic = min(times[PYDANTIC], times[PYDANTIC_JSON]) / times[OURS]
    verdict(f"{of_floor:.2f} x the floor", f"at most {contest.most_of_floor}",
            reached=of_floor <= contest.most_of_floor)  # fmt: skip
    verdict(f"{of_stock:.1f} x as fast as stock", f"at least {contest.least_of_stock}",
            reached=of_stock >= contest.least_of_stock)  # fmt: skip
    verdict(f"{of_pydantic:.1f} x as fast as pydantic at its best", "more than 1",
            reached=of_pydantic > 1)  # fmt: skip


def verdict(found: str, target: str, *, reached: bool) -> None:
    """Print whether a target is reached."""
    print(f"  {'reached' if reached else 'MISSED '}  {found} (target: {target})")


def main() -> int:
    """Run the command line."""
    with tempfile.TemporaryDirectory() as folder:
        stock = rivals.stock_models(ROOT / "openapi" / "public.yaml", Path(folder))
        run(Contest("A page of prompts", pages.prompt_page(), list_benchmark_prompts.parse_response,
                    rivals.PromptPage, stock.BenchmarkPromptsResponse, 2.6, 5.0))  # fmt: skip
        run(Contest("A page of models", pages.model_page(), list_models.parse_response,
                    rivals.ModelPage, stock.PublicModelsListResponse, 3.0, 2.0))  # fmt: skip
    print("\nImport in a fresh interpreter, ms")
    for module in ("benchwire_api.public", "httpx", "pydantic"):
        print(f"  {module:42} {import_time(module):7.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
