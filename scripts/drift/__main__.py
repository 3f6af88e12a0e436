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
from typing import TYPE_CHECKING

import orjson
from scripts.contract.__main__ import positive
from scripts.contract.services import SERVICES

import benchwire
from benchwire.drift.check import Check, Checker, check_recording
from benchwire.errors import ConfigurationError
from benchwire_drift.baseline import AcceptedFinding, BaselineError, load_baseline
from benchwire_drift.har import HarError
from benchwire_drift.look import CannotCheckError
from benchwire_specs import APIS, SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Check and print the report; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        found = _check(options, load_baseline(options.baseline) if options.baseline else [])
    except (ConfigurationError, CannotCheckError, BaselineError, HarError, SpecError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    report, unread = found.report, list(found.unread)
    print(report.markdown(), end="")
    if options.json:
        try:
            options.json.write_bytes(orjson.dumps(report.to_dict(), option=orjson.OPT_INDENT_2))
        except OSError as error:
            unread.append(f"{options.json} can't be written: {error.strerror}")
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


def _check(options: argparse.Namespace, baseline: list[AcceptedFinding]) -> Check:
    if options.api is None:
        if options.har or options.base_url:
            raise ConfigurationError(f"name the API: --api {', '.join(APIS)}")
        return _embedded(baseline)
    if options.har:
        return check_recording(options.api, options.har, options.base_url, baseline)
    checker = Checker(options.rate)
    with SERVICES[options.api].client(base_url=options.base_url) as client:
        checker.read(client)
    return checker.check(baseline)


def _embedded(baseline: list[AcceptedFinding]) -> Check:
    checker = Checker(rate=1000)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ["BENCHWIRE_JOURNAL"] = str(Path(folder, "journal.db"))
        server = stack.enter_context(benchwire.local.serve())
        client = stack.enter_context(server.client())
        endpoint = f"{server.url}/demo/v1/chat/completions"
        client.v0.jobs.run(client.v0.benchmarks.list()[0].id, endpoint, "any", poll_interval=0.05)
        for each in (client.public, client.v2, client.v0):
            checker.read(each)
    return checker.check(baseline)


if __name__ == "__main__":
    sys.exit(main())
