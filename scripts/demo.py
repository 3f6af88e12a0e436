"""Demonstrate the SDK against the embedded server: ``make demo``.

Everything it prints comes over HTTP from a server on this machine with sample data.
"""

from __future__ import annotations

from itertools import islice

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import benchwire
from benchwire.models import Job
from benchwire_local.demo_model import PATHS

out = Console(highlight=False)


def step(title: str, code: str) -> None:
    """Print the title of a step, and the line of code it runs."""
    out.print(f"\n[bold]{title}[/bold]")
    out.print(f"  [cyan]{code}[/cyan]", soft_wrap=True)


def browse(client: benchwire.PublicClient) -> None:
    """List models and benchmarks and read prompts."""
    step("Models, newest first", 'client.models.get(sort_by="released_at", order="desc")')
    models = client.models.get(sort_by="released_at", order="desc", page_size=5)
    table = Table("model", "company", "context", "open weights")
    for one in models.models:
        table.add_row(one.name, one.company, f"{one.context_length:,}", str(one.open_weights))
    out.print(table)
    out.print(f"{models.count} of {models.total_count} shown.")

    step("Benchmarks", "client.benchmarks.get()")
    benchmarks = client.benchmarks.get().datasets
    table = Table("benchmark", "language", "prompts")
    for benchmark in benchmarks:
        table.add_row(benchmark.name, benchmark.language, str(benchmark.prompt_count))
    out.print(table)

    first = benchmarks[0]
    step("Prompts, fetched page by page", f'client.benchmarks.iter_prompts("{first.id}")')
    for prompt in islice(client.benchmarks.iter_prompts(first.id), 3):
        out.print(f"  {str(prompt.input)[:90]}  [green]{prompt.truth}[/green]", soft_wrap=True)


def compare(client: benchwire.PublicClient) -> None:
    """Compare the best two models on one benchmark."""
    benchmark = client.benchmarks.get().datasets[0]
    evaluations = client.evaluations.get_many(
        benchmark_ids=[benchmark.id],
        status="success",
        unique=True,
        sort_by="accuracy",
        order="desc",
    )
    first, second = evaluations.evaluations[:2]
    title = f"{first.model_name} against {second.model_name} on {benchmark.name}"
    step(title, "client.comparisons.compare_models(benchmark_id, model_id_1, model_id_2)")
    both = client.comparisons.compare_models(benchmark.id, first.model_id, second.model_id)
    out.print(f"  {first.model_name}: {both.correct_count_1} of {both.total_results_1} correct")
    out.print(f"  {second.model_name}: {both.correct_count_2} of {both.total_results_2} correct")

    table = Table("prompt", "truth", "first answer", "second answer", title="Disagreements")
    pair = (benchmark.id, first.model_id, second.model_id)
    for row in client.comparisons.iter_model_results(*pair, outcome_filter="reference_fails"):
        table.add_row(row.prompt[:60], row.truth, row.result1, row.result2)
    out.print(table)


def red_team(client: benchwire.V2Client) -> None:
    """Show the scores of a red-team benchmark."""
    step("Red-team scores (v2)", "client.v2.benchmarks.list_models()")
    models = client.benchmarks.list_models()
    categories = sorted({category for model in models for category in model.scores or {}})
    table = Table("model", *categories)
    for model in models[:5]:
        scores = [(model.scores or {}).get(name) for name in categories]
        table.add_row(model.name, *("-" if score is None else f"{score:.1f}" for score in scores))
    out.print(table)


def run_job(client: benchwire.V0Client, endpoint_url: str) -> None:
    """Submit a job to the demo model and wait for it with a progress display."""
    benchmark = client.benchmarks.list()[0]
    before = client.me().available_credits
    title = f"A job: {benchmark.display_name} against the demo model (v0)"
    step(title, "client.v0.jobs.run(benchmark_id, endpoint_url, api_key, on_progress=show)")
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=out) as progress:
        bar = progress.add_task("submitted", total=None)

        def show(job: Job) -> None:
            total = job.total_prompts
            done = total if job.status == "completed" else job.processed_prompts
            progress.update(bar, description=str(job.status), total=total, completed=done or 0)

        job = client.jobs.run(
            benchmark.id, f"{endpoint_url}?latency_ms=100", "any key", model="demo",
            benchmark_count=3, seed=7, poll_interval=0.2, on_progress=show,
        )  # fmt: skip
    out.print(
        f"  score {job.score:.1f}: {job.passed_count} of {job.total_count} needles judged correctly,"
        f" among {job.total_prompts} prompts; credits {before:g} -> {client.me().available_credits:g}"
    )


def main() -> None:
    """Run the demo."""
    out.print("Starting the embedded server: the three APIs on this machine, with sample data.")
    with benchwire.local.serve() as server, server.client() as client:
        browse(client.public)
        compare(client.public)
        red_team(client.v2)
        run_job(client.v0, server.url + PATHS["openai"])
    out.print("\nThe server is stopped. To start it: [cyan].venv/bin/benchwire local serve[/cyan]")


if __name__ == "__main__":
    main()
