"""``benchwire jobs`` and ``benchwire account``: paid jobs, which the user confirms first."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import attrs
import typer

import benchwire
from benchwire._jobs.records import unit_price
from benchwire.cli.exits import FAILED, UNKNOWN_OUTCOME, USAGE, CommandError, ending_with
from benchwire.cli.job_files import ENDPOINT_VARIABLE, read_specs, validated_spec
from benchwire.cli.output import (
    FieldsOption,
    Format,
    FormatOption,
    check_fields,
    fields_of,
    names_of,
    note,
    print_record,
    print_records,
    progress,
)
from benchwire.cli.session import session
from benchwire.errors import SubmissionUnknown
from benchwire.models import (
    Account,
    Intent,
    Job,
    JobOutcome,
    JobSpec,
    JobStatus,
    SubmitJobResponse,
    V0Benchmark,
)

JOB_COLUMNS = ("id", "status", "benchmark_id", "benchmark_name", "score", "processed_prompts",
               "total_prompts", "credits_used")  # fmt: skip
OUTCOME_COLUMNS = ("index", "benchmark_id", "job_id", "status", "score", "error", "intent_id")
INTENT_COLUMNS = ("id", "kind", "state", "benchmark_ids", "created_at", "run_id", "message")

jobs: typer.Typer = typer.Typer(help="Paid jobs that run a benchmark against a model endpoint.",
                   no_args_is_help=True)  # fmt: skip

BenchmarkArgument = Annotated[str, typer.Argument(help="The id, of `jobs benchmarks`.")]
EndpointOption = Annotated[
    str,
    typer.Option(
        help=f"The URL of the model's completions endpoint; its key is read from"
        f" ${ENDPOINT_VARIABLE}.",
        metavar="URL",
    ),
]
ProviderOption = Annotated[
    str | None, typer.Option(help="The endpoint's API: openai, openai_responses, gemini or raw.")
]
ModelOption = Annotated[str | None, typer.Option(help="The model's name at the endpoint.")]
CountOption = Annotated[int, typer.Option(min=1, help="The benchmark units to run.")]
SeedOption = Annotated[int | None, typer.Option(help="Makes the sampling of units reproducible.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Pay without being asked.")]
TimeoutOption = Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")]


@jobs.command("benchmarks", epilog=fields_of(V0Benchmark))
def list_benchmarks(
    context: typer.Context, *, form: FormatOption = Format.AUTO, fields: FieldsOption = None
) -> None:
    """List the benchmarks that jobs can run, with their prices."""
    columns = ("id", "name", "display_name", "version", "price_per_benchmark_unit", "currency")
    print_records(session(context).v0().benchmarks.list(), columns, form, fields)


@jobs.command("list", epilog=fields_of(Job))
def list_jobs(
    context: typer.Context,
    *,
    status: Annotated[JobStatus | None, typer.Option(help="Keep jobs of this status.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="The most jobs to list.")] = None,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """List the account's jobs."""
    found = session(context).v0().jobs.list(status=status, limit=limit)
    print_records(found, JOB_COLUMNS, form, fields)


@jobs.command("get", epilog=fields_of(Job))
def get_job(
    context: typer.Context,
    job: Annotated[str, typer.Argument(help="The job's id.")],
    *,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Show one job."""
    print_record(session(context).v0().jobs.get(job), form, fields)


@jobs.command("submit")
def submit_job(
    context: typer.Context,
    benchmark: BenchmarkArgument,
    endpoint: EndpointOption,
    *,
    provider: ProviderOption = None,
    model: ModelOption = None,
    count: CountOption = 1,
    seed: SeedOption = None,
    yes: YesOption = False,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Submit a job, and pay for it; print its id at once."""
    check_fields(fields, names_of(SubmitJobResponse))
    client = session(context).v0()
    options = {"provider": provider, "model": model, "benchmark_count": count, "seed": seed}
    arguments = _confirmed_job(client, benchmark, endpoint, yes=yes, **options)
    submitted = client.jobs.submit(**arguments)
    note(f"job {submitted.job_id} was submitted")  # known even if printing it fails
    print_record(submitted, form, fields, quiet="job_id")


@jobs.command("run", epilog=fields_of(Job))
def run_job(
    context: typer.Context,
    benchmark: BenchmarkArgument,
    endpoint: EndpointOption,
    *,
    provider: ProviderOption = None,
    model: ModelOption = None,
    count: CountOption = 1,
    seed: SeedOption = None,
    timeout: TimeoutOption = 3600.0,
    yes: YesOption = False,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Submit a job, pay for it, and wait until it has ended."""
    check_fields(fields, names_of(Job))
    client = session(context).v0()
    options = {"provider": provider, "model": model, "benchmark_count": count, "seed": seed}
    arguments = _confirmed_job(client, benchmark, endpoint, yes=yes, **options)
    end = monotonic() + timeout
    submitted = client.jobs.submit(**arguments, deadline=timeout)
    note(f"job {submitted.job_id} was submitted")  # known even if it is killed now
    with _job_progress(1) as show:
        left = max(end - monotonic(), 0.001)
        job = client.jobs.wait(submitted.job_id, timeout=left, on_progress=show)
    print_record(job, form, fields)


@jobs.command("run-many")
def run_many(
    context: typer.Context,
    specs: Annotated[
        Path,
        typer.Argument(
            help="JSON lines: benchmark_id, endpoint_url, and optionally provider, model,"
            f" benchmark_count, seed, api_key_env (by default {ENDPOINT_VARIABLE}).",
            dir_okay=False,
            metavar="FILE",
        ),
    ],
    *,
    run_id: Annotated[
        str | None, typer.Option(help="Continue the run with this id; by default a new one.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="The most credits of the whole run.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=1000, help="The most jobs at a time.")
    ] = 10,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Submit, and pay for, failed jobs anew.")
    ] = False,
    timeout: TimeoutOption = 86400.0,
    yes: YesOption = False,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Run many jobs within a budget; the same run id and file continue a run.

    The status is 6 if the outcome of a submission is unknown, 1 if a job failed.
    """
    check_fields(fields, OUTCOME_COLUMNS)
    client = session(context).v0()
    wanted = _confirmed(client, read_specs(specs), yes=yes)
    run_id = str(uuid.uuid4()) if run_id is None else run_id
    note(f"run {run_id}: with the same file, --run-id {run_id} continues it")
    with _job_progress(len(wanted)) as show:
        outcomes = client.jobs.run_many(
            wanted,
            max_concurrency=concurrency,
            budget_credits=budget,
            run_id=run_id,
            retry_failed=retry_failed,
            timeout=timeout,
            on_progress=show,
        )
    is_unknown = any(isinstance(one.error, SubmissionUnknown) for one in outcomes)
    failed = 0 if all(one.ok for one in outcomes) else FAILED
    with ending_with(UNKNOWN_OUTCOME if is_unknown else failed):
        print_records([_outcome(one) for one in outcomes], OUTCOME_COLUMNS, form, fields)


@jobs.command("watch", epilog=fields_of(Job))
def watch_jobs(
    context: typer.Context,
    job: Annotated[list[str], typer.Argument(help="Ids of jobs.")],
    *,
    timeout: TimeoutOption = 3600.0,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Wait until jobs have ended, and show them; the status is 1 if one failed."""
    client = session(context).v0()
    with _job_progress(len(job)) as show:
        ended = client.jobs.wait_all(job, timeout=timeout, on_progress=show)
    with ending_with(FAILED if any(one.status != "completed" for one in ended) else 0):
        print_records(ended, JOB_COLUMNS, form, fields)


@jobs.command("unresolved", epilog=fields_of(Intent))
def list_unresolved(
    context: typer.Context, *, form: FormatOption = Format.AUTO, fields: FieldsOption = None
) -> None:
    """List the submissions whose outcome is not known."""
    print_records(session(context).v0().jobs.unresolved(), INTENT_COLUMNS, form, fields)


@jobs.command("resume")
def resume_submission(
    context: typer.Context,
    intent: Annotated[str, typer.Argument(help="Its id, of `jobs unresolved`.")],
    *,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Find out what became of a submission; nothing is submitted or paid."""
    found = session(context).v0().jobs.resume(intent)
    quiet = "job_id" if isinstance(found, SubmitJobResponse) else "batch_id"
    print_record(found, form, fields, quiet=quiet)


@jobs.command("resolve", epilog=fields_of(Intent))
def resolve_submission(
    context: typer.Context,
    intent: Annotated[str, typer.Argument(help="Its id, of `jobs unresolved`.")],
    *,
    job: Annotated[
        list[str] | None, typer.Option(help="The job that it became; of a batch, each.")
    ] = None,
    not_executed: Annotated[
        bool, typer.Option("--not-executed", help="It was not executed, and not charged.")
    ] = False,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Settle by hand a submission that stays unknown."""
    check_fields(fields, names_of(Intent))
    job_id = job[0] if job and len(job) == 1 else job or None
    settled = (
        session(context)
        .v0()
        .jobs.resolve(intent, job_id=job_id, executed=False if not_executed else None)
    )
    print_record(settled, form, fields)


def show_account(
    context: typer.Context, *, form: FormatOption = Format.AUTO, fields: FieldsOption = None
) -> None:
    """Show the account of the paid jobs and its credits."""
    print_record(session(context).v0().me(), form, fields, quiet="available_credits")


ACCOUNT_FIELDS = fields_of(Account)


def _confirmed_job(
    client: benchwire.V0Client, benchmark: str, endpoint: str, *, yes: bool, **options: Any
) -> dict[str, Any]:
    """Return the arguments of a submission, after the user agreed to its price."""
    wanted = {"benchmark_id": benchmark, "endpoint_url": endpoint, **options}
    [spec] = _confirmed(client, [validated_spec(wanted, ENDPOINT_VARIABLE)], yes=yes)
    return attrs.asdict(spec, recurse=False)


def _confirmed(client: benchwire.V0Client, specs: list[JobSpec], *, yes: bool) -> list[JobSpec]:
    """Show what the jobs cost, and ask; return them with the ids as the service writes them."""
    by_id: Mapping[str, V0Benchmark] = {str(one.id): one for one in client.benchmarks.list()}
    units: dict[str, int] = {}
    for spec in specs:
        name = str(spec.benchmark_id)
        if name not in by_id:
            raise CommandError(f"there is no benchmark {name!r}; see `benchwire jobs benchmarks`")
        units[name] = units.get(name, 0) + int(spec.benchmark_count or 1)
    cost = 0.0
    for name, number in units.items():
        benchmark = by_id[name]
        price = unit_price(benchmark.price_per_benchmark_unit)
        cost += number * price
        unit = f"{price} {benchmark.currency or 'credits'}"
        note(f"{benchmark.display_name or benchmark.name or name}: {number} units at {unit}")
    note(f"{cost:.15g} of {client.me().available_credits:.15g} credits")
    if not yes:
        if not sys.stdin.isatty():
            raise CommandError("nothing was submitted: without a terminal, pass --yes", USAGE)
        if not typer.confirm("Pay?", err=True):
            raise CommandError("nothing was submitted")
    return [attrs.evolve(spec, benchmark_id=by_id[str(spec.benchmark_id)].id) for spec in specs]


@contextmanager
def _job_progress(number: int) -> Iterator[Any]:
    """Yield a function that shows the state of each job on standard error."""
    prompts: dict[str | None, tuple[int, int]] = {}
    with progress(None, f"{number} jobs") as bar:

        def show(job: Job) -> None:
            if job.id not in prompts:
                note(f"job {job.id}: {job.status}")  # known even if nothing is printed at the end
            done = job.processed_prompts or 0
            prompts[job.id] = (done, job.prompts_to_process or job.total_prompts or done)
            bar.update(
                bar.task_ids[0],
                completed=sum(done for done, _ in prompts.values()),
                total=sum(total for _, total in prompts.values()) or None,
            )

        yield show


def _outcome(one: JobOutcome) -> dict[str, object]:
    return {
        "index": one.index,
        "benchmark_id": one.benchmark_id,
        "job_id": None if one.job is None else one.job.id,
        "status": None if one.job is None else one.job.status,
        "score": None if one.job is None else one.job.score,
        "error": None if one.error is None else one.error.message,
        "intent_id": one.intent_id,
    }
