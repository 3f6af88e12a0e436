"""The two kinds of run: all checks against the embedded server, and reads from a live one.

The results of a run for one API are a report, as text and as a file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchwire_drift.collector import Collector
from benchwire_drift.findings import Finding
from benchwire_drift.judge import ObservedResponse
from benchwire_local import LocalServer, Settings

from . import relation_run, schemathesis_run
from .guard import Guard
from .http_client import ApiClient, Exchange
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

    @property
    def notes(self) -> list[relation_run.Finding]:
        """Findings on a live server where the reference is silent: no failures."""
        return [item for item in self.relations.findings if item.assumed and self.guard]

    @property
    def failures(self) -> int:
        """The number of failures."""
        count = len(self.relations.findings) - len(self.notes) + len(self.strict)
        for report in self.schemathesis:
            count += sum(map(len, report.failures.values())) + len(report.errors)
        return count

    def lines(self) -> Iterator[str]:
        """Yield the lines of the text."""
        yield f"== {self.api}"
        if self.schemathesis:
            contents = [report.content for report in self.schemathesis]
            cases = sum(content["test_cases"]["generated"] for content in contents)
            short = any(content["stop_reason"] == "interrupted" for content in contents)
            yield f"schemathesis: {cases} cases{', cut short' if short else ''}"
        for report in self.schemathesis:
            for title, operations in report.failures.items():
                yield f"  FAILED {title}: {', '.join(sorted(operations))}"
            for error in report.errors:
                yield f"  ERROR {json.dumps(error)[:300]}"
        skipped = self.relations.not_judged
        yield f"relations: {len(self.relations.held)} hold, {len(skipped)} not judged"
        for relation, reason in skipped.items():
            yield f"  not judged: {relation}: {reason}"
        for finding in self.relations.findings:
            yield f"  {'NOTE' if finding in self.notes else 'FAILED'} {finding}"
        yield f"strict schemas: {len(self.strict)} findings"
        for item in self.strict:
            difference = f"expected {item.expected}, got {', '.join(item.got) or 'nothing'}"
            yield f"  FAILED {item.kind} ({item.grade}): {item.operation} {item.path}: {difference}"
        for name, value in self.guard.items():
            yield f"{name}: {value}"

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
        "redirects not followed": guard.redirects,
        "credits spent at most": guard.budget.spent,
    }


def check_embedded(api: str, folder: Path, keyword: str = "") -> ContractReport:
    """Check the embedded server against one specification.

    With a keyword, run the relations it selects alone, and no schemathesis.
    """
    reports = []
    runs, examples = _RUNS[api]
    for number in range(1, runs + 1) if not keyword else ():
        with LocalServer(Settings(initial_credits=PLENTY)) as server:
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
        relations = relation_run.run_relations(client, keyword)
        return ContractReport(api, relations, validate_strictly(api, client.exchanges))


def check_live(api: str, guard: Guard, folder: Path, keyword: str = "") -> ContractReport:
    """Check a live server against one specification, through the guard.

    The relations run first; the requests they leave are for schemathesis, which only reads, even
    where spending is allowed. With a keyword, run the relations it selects alone.
    """
    endpoint = _endpoint_from_environment() if guard.budget.limit else None
    with guard, ApiClient(api, guard.base_url, guard.token, endpoint=endpoint) as client:
        relations = relation_run.run_relations(client, keyword)
        report = ContractReport(api, relations, validate_strictly(api, client.exchanges))
        left = guard.rate_limit.max_requests - guard.rate_limit.started
        if left > 0 and not keyword:
            paths = {operation.template for operation in client.operations.values()}
            server = (api, guard.base_url, guard.token)
            options = ("--max-examples", str(max(1, left // len(paths))))
            reads = schemathesis_run.run(*server, folder, *options, read_only=True)
            report.schemathesis = [reads]
        report.guard = summarize_guard(guard)
    report.write(folder)
    return report


def validate_strictly(api: str, exchanges: Iterable[Exchange]) -> list[Finding]:
    """Return the contradictions between responses and the strict schemas, worst first.

    See docs/drift.md. Paths that the specification does not have are left to a relation.
    """
    collector = Collector()
    for exchange in exchanges:
        if exchange.request.operation:
            response = ObservedResponse(
                method=exchange.request.method, path=exchange.request.path,
                status=exchange.status, headers=exchange.headers, content=exchange.content,
            )  # fmt: skip
            collector.add_response(api, response)
    return collector.findings()


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
