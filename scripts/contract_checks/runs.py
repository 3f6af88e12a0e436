"""The two runs: everything against the embedded server, and reads against a live one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from benchwire_local import LocalServer, Settings

from . import schemathesis_run
from .asking import Api
from .guard import Guard
from .outcome import Outcome, passed_on
from .relations import judge_all, relations
from .services import ENDPOINT, ENDPOINT_KEY, ENDPOINT_PROVIDER
from .strict import strictly

if TYPE_CHECKING:
    from pathlib import Path

    from benchwire._core.settings import Access

# How many runs, and how many examples an operation in each, make more than 10,000 cases. The list
# of all jobs grows with each submission, so v0 begins anew a few times.
RUNS = {"public": (1, 2000), "v2": (1, 1000), "v0": (6, 120)}
ENOUGH = 10**9  # credits: running out of them is no fault
_ENDED_FAST = 0.02  # seconds between two looks at a job of the embedded server


def embedded(api: str, folder: Path) -> Outcome:
    """Hold the embedded server to one specification.

    Args:
        api: The API.
        folder: Where the reports go, those of each run in a folder of its own.
    """
    runs, examples = RUNS[api]
    reports = []
    for number in range(1, runs + 1):
        with LocalServer(Settings(initial_credits=ENOUGH)) as server:
            report = schemathesis_run.check(
                api, base_url_of(server, api), server.api_key, folder / f"run-{number}",
                *("--max-examples", str(examples)),
                endpoint=f"{server.url}/demo/v1/chat/completions", seed=number,
            )  # fmt: skip
        reports.append(report)
    # A server of its own: the thousands of jobs of the runs before say nothing more.
    with LocalServer(Settings()) as server:
        outcome = related(server, api)
    outcome.reports = reports
    outcome.write(folder)
    return outcome


def related(server: LocalServer, api: str) -> Outcome:
    """Judge the relations of one API of an embedded server, and its answers strictly."""
    target = {"endpoint_url": f"{server.url}/demo/raw", "api_key": "none", "provider": "raw"}
    base_url = base_url_of(server, api)
    with Api(api, base_url, server.api_key, target=target, poll_interval=_ENDED_FAST) as asked:
        verdict = judge_all(asked, relations(api))
        return Outcome(api, [], verdict, strictly(api, asked.exchanges))


def live(
    access: Access,
    folder: Path,
    environment: Mapping[str, str],
    *,
    rate: float,
    max_requests: int,
    allow_spend: int,
) -> Outcome:
    """Hold a live server to one specification, through the guard.

    The relations come first; what is left of the requests is for schemathesis, which only reads,
    whatever may be spent.

    Args:
        access: The API, where it is, and its key.
        folder: Where the reports go.
        environment: Where the model endpoint for jobs is named.
        rate: Requests a second.
        max_requests: Requests in all.
        allow_spend: Credits that jobs may cost.
    """
    name = access.service.name
    guard = Guard(
        name, access.base_url, access.key.reveal(),
        rate=rate, max_requests=max_requests, allow_spend=allow_spend,
    )  # fmt: skip
    target = target_of(environment) if allow_spend else None
    with guard, Api(name, guard.base_url, guard.token, target=target) as asked:
        verdict = judge_all(asked, relations(name))
        outcome = Outcome(name, [], verdict, strictly(name, asked.exchanges))
        left = max_requests - guard.pace.started
        if left > 0:
            report = schemathesis_run.check(
                name, guard.base_url, guard.token, folder,
                *("--max-examples", str(max(1, left // len(asked.paths)))),
                read_only=True,
            )  # fmt: skip
            outcome.reports = [report]
        outcome.passed_on = passed_on(guard)
    outcome.write(folder)
    return outcome


def target_of(environment: Mapping[str, str]) -> dict[str, str] | None:
    """The model endpoint that jobs are submitted with, if the environment names one."""
    if not environment.get(ENDPOINT):
        return None
    target = {"endpoint_url": environment[ENDPOINT], "api_key": environment.get(ENDPOINT_KEY, "")}
    provider = environment.get(ENDPOINT_PROVIDER)
    return target | ({"provider": provider} if provider else {})


def base_url_of(server: LocalServer, api: str) -> str:
    """Where the paths of a specification begin on an embedded server."""
    urls = {
        "public": server.public_base_url,
        "v2": server.v2_base_url,
        "v0": server.v0_base_url,
    }
    return urls[api]
