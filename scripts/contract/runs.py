"""The two kinds of run, of the embedded server and of a live one, and the report of a run."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchwire_drift.collector import strict_findings
from benchwire_drift.findings import Finding, Grade
from benchwire_local import LocalServer, Settings

from . import relation_run, schemathesis_run
from .guard import Guard
from .http_client import ApiClient, Exchange, UnexpectedResponseError
from .progress import told
from .services import ENDPOINT, ENDPOINT_KEY, ENDPOINT_PROVIDER, SERVICES

# Runs, and examples of each operation in a run, for more than 10,000 cases. The list of all jobs
# grows with each submission, so v0 starts again a few times.
_RUNS = {"public": (1, 2000), "v2": (1, 1000), "v0": (6, 120)}
PLENTY = 10**9  # credits: having none left is not to be a finding
_POLL_INTERVAL = 0.02  # seconds; jobs of the embedded server are fast


@dataclass
class ContractReport:
    """The results for one API."""

    api: str
    relations: relation_run.RelationResults
    strict: list[Finding]  # contradictions between the same responses and the strict schemas
    schemathesis: list[schemathesis_run.SchemathesisReport] = field(default_factory=list)
    guard: dict[str, Any] = field(default_factory=dict)  # of a live server: what it did
    unchecked: str = ""  # why requests had no usable response; empty if all had one

    @property
    def notes(self) -> list[relation_run.Finding | Finding]:
        """No failures: what is additive, and on a live server what the reference is silent about."""
        assumed = [item for item in self.relations.findings if item.assumed and self.guard]
        return [*assumed, *(item for item in self.strict if item.grade is Grade.ADDITIVE)]

    @property
    def failures(self) -> int:
        """The number of failures."""
        count = len(self.relations.findings) + len(self.strict) - len(self.notes)
        errors = sum(len(report.errors) for report in self.schemathesis)
        return count + sum(map(len, self._failed_operations().values())) + errors

    def _failed_operations(self) -> dict[str, set[str]]:
        """Return what schemathesis found in all its runs: operations by the title of a failure."""
        operations: dict[str, set[str]] = {}
        for report in self.schemathesis:
            for title, failed in report.failures.items():
                operations.setdefault(title, set()).update(failed)
        return operations

    def lines(self) -> Iterator[str]:
        """Yield the lines of the text."""
        yield f"== {self.api}"
        if self.schemathesis:
            contents = [report.content for report in self.schemathesis]
            cases = sum(content["test_cases"]["generated"] for content in contents)
            short = any(content["stop_reason"] == "interrupted" for content in contents)
            yield f"schemathesis: {cases} cases{', cut short' if short else ''}"
        for title, operations in self._failed_operations().items():
            yield f"  FAILED {title}: {', '.join(sorted(operations))}"
        for title in sorted({str(e.get("title")) for r in self.schemathesis for e in r.errors}):
            yield f"  ERROR of schemathesis, not of the server: {title}; see junit.xml for the place"
        skipped = self.relations.not_judged
        yield f"relations: {len(self.relations.held)} hold, {len(skipped)} not judged"
        for relation, reason in skipped.items():
            yield f"  not judged: {relation}: {reason}"
        for finding in self.relations.findings:
            yield f"  {'NOTE' if finding in self.notes else 'FAILED'} {finding}"
        yield f"strict schemas: {len(self.strict)} findings"
        for item in self.strict:
            difference = f"expected {item.expected}, got {', '.join(item.got) or 'nothing'}"
            word = "NOTE" if item in self.notes else "FAILED"
            yield f"  {word} {item.kind} ({item.grade}): {item.operation} {item.path}: {difference}"
        for name, value in self.guard.items():
            yield f"{name}: {len(value) if isinstance(value, list) else value}"
            yield from (
                f"  {line}" for line in dict.fromkeys(value if isinstance(value, list) else ())
            )

    def write(self, folder: Path) -> None:
        """Write ``findings.json`` beside the reports of schemathesis."""
        strict_fields = ("kind", "grade", "path", "operation", "expected", "got", "count")
        content = {
            "api": self.api,
            "failures": self.failures,
            "relations": asdict(self.relations),
            "strict": [{name: getattr(i, name) for name in strict_fields} for i in self.strict],
            "guard": self.guard,
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "findings.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


def summarize_guard(guard: Guard) -> dict[str, Any]:
    """Return what a guard did in a run."""
    return {
        "requests forwarded": guard.rate_limit.started,
        "requests rejected": guard.rejections,
        "requests without a usable response": guard.failures,
        "redirects not followed": guard.redirects,
        "credits spent at most": guard.budget.spent,
    }


def check_embedded(api: str, folder: Path, keyword: str = "") -> ContractReport:
    """Check the embedded server; with a keyword, by the relations it selects alone."""
    reports = []
    runs, examples = _RUNS[api]
    for number in range(1, runs + 1) if not keyword else ():
        doing = f"{api}: schemathesis, run {number} of {runs}"
        print(doing, file=sys.stderr, flush=True)
        with LocalServer(Settings(initial_credits=PLENTY)) as server, told(doing.__str__):
            target = folder / f"run-{number}"
            reports.append(run_schemathesis(server, api, target, examples, seed=number))
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
        if api == "v0":
            _add_failed_job(client, f"{server.url}/demo/nothing")
        relations = relation_run.run_relations(client, keyword)
        return ContractReport(api, relations, validate_strictly(api, client.exchanges))


def _add_failed_job(client: ApiClient, endpoint_url: str) -> None:
    """Submit a job that fails, since filters by status show nothing where all jobs complete."""
    endpoint = {**(client.endpoint or {}), "endpoint_url": endpoint_url}
    with contextlib.suppress(UnexpectedResponseError):  # a mutation, which a relation detects
        client.post("submitJob", {**endpoint, "benchmark_id": 1})
    for _ in range(50):
        client.clear_cache()
        if b"failed" in client.response("listJobs").content:
            break
        time.sleep(_POLL_INTERVAL)


def check_live(api: str, guard: Guard, folder: Path, keyword: str = "") -> ContractReport:
    """Check a live server against one specification, through the guard.

    The relations run first; the requests they leave are for schemathesis, which only reads, even
    where spending is allowed. With a keyword, run the relations it selects alone.
    """
    endpoint = _endpoint_from_environment() if guard.budget.limit else None

    def doing() -> str:
        last = f", the last {client.requests[-1]}" if client.requests else ""
        return f"{api}: waiting, with {guard.rate_limit.started} requests sent{last}"

    with (
        guard,
        ApiClient(api, guard.base_url, guard.token, endpoint=endpoint) as client,
        told(doing),
    ):
        SERVICES[api].look(guard.server_url, guard.rate_limit.reserve)
        relations = relation_run.run_relations(client, keyword)
        report = ContractReport(api, relations, validate_strictly(api, client.exchanges))
        left = guard.rate_limit.max_requests - guard.rate_limit.started
        if left > 0 and not keyword and not guard.is_stopped:
            paths = {operation.template for operation in client.operations.values()}
            server = (api, guard.base_url, guard.token)
            options = ("--max-examples", str(max(1, left // len(paths))))
            print(f"{api}: schemathesis, with up to {left} requests", file=sys.stderr, flush=True)
            client.requests.clear()
            reads = schemathesis_run.run(*server, folder, *options, read_only=True)
            report.schemathesis = [reads]
        report.guard = summarize_guard(guard)
    if guard.failures:
        report.unchecked = f"not all of the {api} API could be checked: {guard.failures[0]}"
    report.write(folder)
    return report


def validate_strictly(api: str, exchanges: Iterable[Exchange]) -> list[Finding]:
    """Return what contradicts the strict schemas, at the paths that the specification has."""
    return strict_findings(api, (one.observed() for one in exchanges if one.request.operation))


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
