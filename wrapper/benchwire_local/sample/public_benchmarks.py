"""The sample benchmarks of the public API, and the tasks each is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchwire_local.data.public_tables import BenchmarkRow
from benchwire_local.sample.date_tasks import DATES
from benchwire_local.sample.number_tasks import CHOICES, PUZZLES
from benchwire_local.sample.unit_tasks import UNITS
from benchwire_local.sample.word_tasks import LETTERS, ORDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchwire_local.sample.tasks import Maker


@dataclass(frozen=True, slots=True)
class SampleBenchmark:
    """A benchmark with what its prompts are made by, and how hard it is (0 easy to 1)."""

    row: BenchmarkRow
    makers: Mapping[str, Maker]
    prompts: int
    hardness: float


BENCHMARKS = (
    SampleBenchmark(
        BenchmarkRow(
            id="682bddc1e014f9fa440f8a91",
            key="sample/aime-style-puzzles",
            name="AIME-style number puzzles (sample data)",
            description=(
                "Sample data. Generated competition-style puzzles whose answers are whole numbers."
            ),
            language="English",
            categories=("mathematics", "reasoning"),
            characteristics=("generated", "whole-number answers"),
            created_at=1_736_208_000,
        ),
        PUZZLES,
        prompts=240,
        hardness=0.8,
    ),
    SampleBenchmark(
        BenchmarkRow(
            id="682bddc1e014f9fa440f8a92",
            key="sample/mmlu-style-arithmetic",
            name="MMLU-style arithmetic (sample data)",
            description="Sample data. Generated arithmetic with four choices; the answer is a letter.",
            language="English",
            categories=("mathematics", "multiple-choice"),
            characteristics=("generated", "four choices"),
            created_at=1_736_294_400,
        ),
        CHOICES,
        prompts=300,
        hardness=0.3,
    ),
    SampleBenchmark(
        BenchmarkRow(
            id="682bddc1e014f9fa440f8a93",
            key="sample/calendar-reasoning",
            name="Calendar reasoning (sample data)",
            description="Sample data. Generated questions about dates, put as chat messages.",
            language="English",
            categories=("reasoning", "dates"),
            characteristics=("generated", "chat messages"),
            created_at=1_738_454_400,
        ),
        DATES,
        prompts=260,
        hardness=0.6,
    ),
    SampleBenchmark(
        BenchmarkRow(
            id="682bddc1e014f9fa440f8a94",
            key="sample/einheiten",
            name="Einheiten umrechnen (sample data)",
            description="Sample data. Generated unit conversions, in German, with decimal commas.",
            language="German",
            categories=("mathematics", "units"),
            characteristics=("generated", "decimal comma"),
            created_at=1_740_873_600,
        ),
        UNITS,
        prompts=220,
        hardness=0.2,
    ),
    SampleBenchmark(
        BenchmarkRow(
            id="682bddc1e014f9fa440f8a95",
            key="sample/letters-and-words",
            name="Letters and words (sample data)",
            description="Sample data. Generated tasks that look inside words: reverse, count, shift.",
            language="English",
            categories=("language", "reasoning"),
            characteristics=("generated", "exact match"),
            created_at=1_743_552_000,
        ),
        LETTERS,
        prompts=250,
        hardness=0.5,
    ),
    SampleBenchmark(
        BenchmarkRow(
            id="682bddc1e014f9fa440f8a96",
            key="sample/order-puzzles",
            name="Order puzzles (sample data)",
            description="Sample data. Generated puzzles about who is taller; too easy by now.",
            language="English",
            categories=("reasoning",),
            characteristics=("generated", "exact match"),
            created_at=1_704_067_200,
            deprecated=True,
        ),
        ORDER,
        prompts=200,
        hardness=0.1,
    ),
)
