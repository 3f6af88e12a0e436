"""The sample benchmarks of the public API, with their tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchwire_local.data.public_tables import BenchmarkRow
from benchwire_local.sample.date_tasks import DATES
from benchwire_local.sample.number_tasks import CHOICES, PUZZLES
from benchwire_local.sample.unit_tasks import UNITS
from benchwire_local.sample.word_tasks import LETTERS, ORDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchwire_local.sample.tasks import Maker


class SampleBenchmark(NamedTuple):
    """A benchmark, its task generators by topic, number of prompts and hardness (0 to 1)."""

    row: BenchmarkRow
    makers: Mapping[str, Maker]
    prompts: int
    hardness: float


def _benchmark(  # noqa: PLR0917 - a table row, read by its columns below
    number: int,
    key: str,
    name: str,
    description: str,
    categories: tuple[str, ...],
    characteristics: tuple[str, ...],
    created: int,
    makers: Mapping[str, Maker],
    prompts: int,
    hardness: float,
    *,
    language: str = "English",
    deprecated: bool = False,
) -> SampleBenchmark:
    row = BenchmarkRow(
        id=f"682bddc1e014f9fa440f8a{number}",
        key=f"sample/{key}",
        name=f"{name} (sample data)",
        description=f"Sample data. Generated {description}",
        language=language,
        categories=categories,
        characteristics=("generated", *characteristics),
        created_at=created,
        deprecated=deprecated,
    )
    return SampleBenchmark(row, makers, prompts, hardness)


# fmt: off
BENCHMARKS = (
    _benchmark(91, "aime-style-puzzles", "AIME-style number puzzles",
               "competition-style puzzles whose answers are whole numbers.",
               ("mathematics", "reasoning"), ("whole-number answers",), 1_736_208_000,
               PUZZLES, 240, 0.8),
    _benchmark(92, "mmlu-style-arithmetic", "MMLU-style arithmetic",
               "arithmetic with four choices; the answer is a letter.",
               ("mathematics", "multiple-choice"), ("four choices",), 1_736_294_400,
               CHOICES, 300, 0.3),
    _benchmark(93, "calendar-reasoning", "Calendar reasoning",
               "questions about dates, put as chat messages.",
               ("reasoning", "dates"), ("chat messages",), 1_738_454_400,
               DATES, 260, 0.6),
    _benchmark(94, "einheiten", "Einheiten umrechnen",
               "unit conversions, in German, with decimal commas.",
               ("mathematics", "units"), ("decimal comma",), 1_740_873_600,
               UNITS, 220, 0.2, language="German"),
    _benchmark(95, "letters-and-words", "Letters and words",
               "tasks that look inside words: reverse, count, shift.",
               ("language", "reasoning"), ("exact match",), 1_743_552_000,
               LETTERS, 250, 0.5),
    _benchmark(96, "order-puzzles", "Order puzzles",
               "puzzles about who is taller; too easy by now.",
               ("reasoning",), ("exact match",), 1_704_067_200,
               ORDER, 200, 0.1, deprecated=True),
)
# fmt: on
