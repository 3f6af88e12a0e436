"""`make drift`: report where a live server, or a recording of one, differs from the specs.

Without arguments it reads the embedded server. The exit status is 0 if nothing worse than additive was
found, 1 if something was, and 2 if the check could not be made.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from scripts.contract.__main__ import positive
from scripts.contract.guard_rules import RateLimit
from scripts.contract.services import SERVICES, CannotCheckError
from scripts.drift.reader import Reader, read_public, read_v0, read_v2

import benchwire
from benchwire import drift
from benchwire.errors import ConfigurationError
from benchwire_drift.baseline import AcceptedFinding, BaselineError, load_baseline
from benchwire_drift.collector import Collector
from benchwire_drift.har import HarError, read_har
from benchwire_drift.specs import bundled_spec
from benchwire_specs import APIS, SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchwire_drift.report import Report

_READ: dict[str, Any] = {"public": read_public, "v2": read_v2, "v0": read_v0}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check and print the report; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        baseline = load_baseline(options.baseline) if options.baseline else []
        report, unread = _check(options, baseline)
    except (ConfigurationError, CannotCheckError, BaselineError, HarError, SpecError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(report.markdown(), end="")
    if options.json:
        try:
            options.json.write_bytes(orjson.dumps(report.to_dict(), option=orjson.OPT_INDENT_2))
        except OSError as error:
            unread = [*unread, f"{options.json} can't be written: {error.strerror}"]
    if unread:
        print(f"error: not all could be checked and reported: {'; '.join(unread)}", file=sys.stderr)
    return 1 if report.fails else 2 if unread else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Report where a server differs from the specs; by default, the embedded server."
    )
    parser.add_argument("--api", choices=APIS, help="the API of a live server or a recording")
    parser.add_argument(
        "--base-url", help="the base URL; by default from the environment, or the service's own"
    )
    parser.add_argument("--har", type=Path, metavar="FILE", help="check a recording instead")
    parser.add_argument("--baseline", type=Path, metavar="FILE", help="accepted findings")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")
    pace = "requests per second to a live server; by default 2"
    parser.add_argument("--rate", type=positive, default=2.0, help=pace)
    return parser


def _check(
    options: argparse.Namespace, baseline: list[AcceptedFinding]
) -> tuple[Report, list[str]]:
    """Return the report, and a line for each operation that could not be read."""
    if options.api is None:
        if options.har or options.base_url:
            raise ConfigurationError(f"name the API: --api {', '.join(APIS)}")
        return _embedded(baseline), []
    if options.har:
        return _recorded(options, baseline), []
    return _live(options, baseline)


def _live(options: argparse.Namespace, baseline: list[AcceptedFinding]) -> tuple[Report, list[str]]:
    service, collector = SERVICES[options.api], Collector()
    reader = Reader(service.name, collector, RateLimit(options.rate))
    # The reader repeats failed calls itself, at the rate.
    with service.client(base_url=options.base_url, max_retries=0) as client:
        service.look(client.base_url, reader.limit.reserve)
        with drift.watch(client, collector):
            _READ[service.name](client, reader)
    report = _report(service.name, collector, baseline, reader.notes)
    return report, reader.unread(collector.findings())


def _recorded(options: argparse.Namespace, baseline: list[AcceptedFinding]) -> Report:
    pointers = [options.base_url] if options.base_url else []
    recording = read_har(options.har, bundled_spec(options.api), pointers)
    collector = Collector()
    for response in recording.responses:
        collector.add_response(options.api, response)
    skipped = sorted(recording.skipped.items())
    notes = [f"entries left out, {why}: {count}" for why, count in skipped]
    return _report(options.api, collector, baseline, notes)


def _report(
    api: str, collector: Collector, baseline: list[AcceptedFinding], notes: list[str]
) -> Report:
    snapshot = collector.snapshot()
    # Errors of a gateway are additive, and show nothing.
    if not snapshot.responses and not any(one.grade.weight for one in snapshot.findings):
        details = "".join(f"\n  {note}" for note in notes)
        raise ConfigurationError(f"there was no response of the {api} API to check{details}")
    return drift.make_report(snapshot, baseline, apis=(api,), notes=tuple(notes))


def _embedded(baseline: list[AcceptedFinding]) -> Report:
    collector = Collector()
    notes: list[str] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ["BENCHWIRE_JOURNAL"] = str(Path(folder, "journal.db"))
        server = stack.enter_context(benchwire.local.serve())
        client = stack.enter_context(server.client(max_retries=0))
        endpoint = f"{server.url}/demo/v1/chat/completions"
        client.v0.jobs.run(client.v0.benchmarks.list()[0].id, endpoint, "any", poll_interval=0.05)
        stack.enter_context(drift.watch(client, collector))
        for api, read in _READ.items():
            reader = Reader(api, collector, RateLimit(1000))
            read(getattr(client, api), reader)
            notes += reader.notes
    return drift.make_report(collector.snapshot(), baseline, apis=APIS, notes=tuple(notes))


if __name__ == "__main__":
    sys.exit(main())
