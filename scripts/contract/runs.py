"""The two kinds of run: all checks against the embedded server, and reads from a live one."""

from __future__ import annotations

import os
from pathlib import Path

from benchwire_local import LocalServer, Settings

from . import schemathesis_run
from .guard import Guard
from .http_client import ApiClient
from .relation_run import run_relations
from .report import ContractReport, summarize_guard
from .services import ENDPOINT, ENDPOINT_KEY, ENDPOINT_PROVIDER, SERVICES
from .strict_schema import validate_strictly

# Runs, and examples of each operation in a run, for more than 10,000 cases. The list of all jobs
# grows with each submission, so v0 starts again a few times.
_RUNS = {"public": (1, 2000), "v2": (1, 1000), "v0": (6, 120)}
PLENTY = 10**9  # credits: having none left is not to be a finding
_POLL_INTERVAL = 0.02  # seconds; jobs of the embedded server are fast


def check_embedded(api: str, folder: Path, keyword: str = "") -> ContractReport:
    """Check the embedded server against one specification.

    Args:
        api: The API.
        folder: The folder of the reports, with one of its own for each run of schemathesis.
        keyword: Runs these relations alone, and no schemathesis.
    """
    reports = []
    runs, examples = _RUNS[api]
    for number in range(1, runs + 1) if not keyword else ():
        with LocalServer(Settings(initial_credits=PLENTY)) as server:
            reports.append(
                run_schemathesis(server, api, folder / f"run-{number}", examples, seed=number)
            )
    # A server of its own: the thousands of jobs of the runs above add nothing.
    with LocalServer(Settings()) as server:
        report = check_relations(server, api, keyword)
    report.schemathesis = reports
    report.write(folder)
    return report


def run_schemathesis(
    server: LocalServer, api: str, folder: Path, examples: int, *options: str, seed: int = 1
) -> schemathesis_run.SchemathesisReport:
    """Run schemathesis against an embedded server."""
    return schemathesis_run.run(
        api, base_url_of(server, api), server.api_key, folder,
        *("--max-examples", str(examples)), *options,
        endpoint=f"{server.url}/demo/v1/chat/completions", seed=seed,
    )  # fmt: skip


def check_relations(server: LocalServer, api: str, keyword: str = "") -> ContractReport:
    """Run the relations of one API of an embedded server, and validate its responses strictly."""
    endpoint = {"endpoint_url": f"{server.url}/demo/raw", "api_key": "none", "provider": "raw"}
    with ApiClient(
        api, base_url_of(server, api), server.api_key,
        endpoint=endpoint, poll_interval=_POLL_INTERVAL,
    ) as client:  # fmt: skip
        relations = run_relations(client, keyword)
        return ContractReport(api, relations, validate_strictly(api, client.exchanges))


def check_live(api: str, guard: Guard, folder: Path, keyword: str = "") -> ContractReport:
    """Check a live server against one specification, through the guard.

    The relations run first; the requests they leave are for schemathesis, which only reads, even
    where spending is allowed.

    Args:
        api: The API.
        guard: The guard in front of the server.
        folder: The folder of the reports.
        keyword: Runs these relations alone, and no schemathesis.
    """
    endpoint = _endpoint_from_environment() if guard.budget.limit else None
    with guard, ApiClient(api, guard.base_url, guard.token, endpoint=endpoint) as client:
        relations = run_relations(client, keyword)
        report = ContractReport(api, relations, validate_strictly(api, client.exchanges))
        left = guard.rate_limit.max_requests - guard.rate_limit.started
        if left > 0 and not keyword:
            paths = {operation.path for operation in client.operations.values()}
            examples = str(max(1, left // len(paths)))
            options = ("--max-examples", examples)
            report.schemathesis = [
                schemathesis_run.run(
                    api, guard.base_url, guard.token, folder, *options, read_only=True
                )
            ]
        report.guard = summarize_guard(guard)
    report.write(folder)
    return report


def _endpoint_from_environment() -> dict[str, str] | None:
    """Return the model endpoint that jobs are submitted with, if the environment has one."""
    url = os.environ.get(ENDPOINT)
    if not url:
        return None
    endpoint = {"endpoint_url": url, "api_key": os.environ.get(ENDPOINT_KEY, "")}
    provider = os.environ.get(ENDPOINT_PROVIDER)
    return endpoint | ({"provider": provider} if provider else {})


def base_url_of(server: LocalServer, api: str) -> str:
    """Return the base URL of an API of an embedded server."""
    return server.url + SERVICES[api].prefix
