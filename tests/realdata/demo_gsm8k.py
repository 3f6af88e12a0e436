"""Demonstrate the SDK on real results: ``make demo-gsm8k``.

The 1,319 GSM8K problems, with the graded answers of four models, are imported into an embedded
server, and every pair of models is compared. The data is not part of the repository:
``BENCHWIRE_SHARED`` names the folder that contains it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

import benchwire
from benchwire.models import OutcomeFilter
from support import gsm8k
from support.shared import shared_dir

out = Console(highlight=False)


def main() -> None:
    """Import the data, read it through the SDK, and compare the counts with those of the file."""
    if not (shared_dir() / "data" / "gsm8k").is_dir():
        sys.exit("data/gsm8k not found: set BENCHWIRE_SHARED to the folder that contains it")
    problems = gsm8k.load()
    with tempfile.TemporaryDirectory() as folder:
        answers, db = Path(folder, "answers.jsonl"), Path(folder, "gsm8k.db")
        gsm8k.write_answers(problems, answers)
        imported = benchwire.local.import_file(answers, db)
        out.print(f"{imported.answers} answers imported.")
        with benchwire.local.serve(db=db) as server, server.public_client() as client:
            show(client, problems)


def show(client: benchwire.PublicClient, problems: list[dict[str, object]]) -> None:
    """Print the totals and the outcomes of every pair of models."""
    (benchmark,) = client.benchmarks.get(key=gsm8k.BENCHMARK).datasets
    models = {model.key: model.id for model in client.models.iter_models()}
    prompts = client.benchmarks.get_all_prompts(benchmark.id)
    out.print(f"{len(prompts)} prompts read.\n")

    table = Table("model", "correct", "published")
    for evaluation in client.evaluations.iter_evaluations(sort_by="accuracy", order="desc"):
        # The embedded server sends percentages.
        correct = round((evaluation.accuracy or 0) * gsm8k.PROBLEMS / 100)
        published = gsm8k.PUBLISHED_CORRECT[evaluation.model_key or ""]
        table.add_row(evaluation.model_key, str(correct), str(published))
    out.print(table)

    outcomes = ("all", "both correct", "both wrong", "1st wrong", "2nd wrong")
    table = Table("first", "second", *outcomes, "as in file")
    for first, second in gsm8k.PAIRS:
        expected = gsm8k.outcomes(problems, first, second)
        counts = {
            outcome: client.comparisons.compare_models(
                benchmark.id, models[first], models[second], outcome_filter=outcome, page_size=1
            ).total_count
            for outcome in OutcomeFilter
        }
        same = all(counts[outcome] == len(rows) for outcome, rows in expected.items())
        table.add_row(first, second, *map(str, counts.values()), "yes" if same else "NO")
    out.print(table)


if __name__ == "__main__":
    main()
