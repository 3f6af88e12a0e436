"""Compare a server with the specifications: the embedded server, or a live one by reads alone.

Without arguments: each of the three specifications against the embedded server, with schemathesis
and the relations. With ``--api``: one API of a live server, through a guard that forwards GET and
HEAD alone; its key comes from the environment variable of the SDK. See docs/contract-testing.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from benchwire.errors import ConfigurationError
from benchwire_drift.look import CannotCheckError

from . import mutation_run, runs
from .guard import Guard
from .services import SERVICES


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser("contract", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--api", choices=SERVICES, help="one API of a live server")
    parser.add_argument("--base-url", help="its base URL; by default that of the SDK")
    parser.add_argument("--report-dir", type=Path, default=Path("contract-report"))
    parser.add_argument("--rate", type=positive, default=2.0, help="requests a second")
    parser.add_argument("--max-requests", type=_count, default=500, help="requests in all")
    parser.add_argument("--allow-spend", type=_count, default=0, help="credits jobs may cost")
    parser.add_argument("--seeded", action="store_true", help="run all mutations instead")
    parser.add_argument("-k", default="", help="run these relations alone")
    options = parser.parse_args(arguments)
    folder, keyword = options.report_dir, options.k
    # What would be ignored, so that the run would not be the one that was asked for.
    others = ["--api", "-k", "--allow-spend"] if options.seeded else []
    if options.seeded or options.api is None:
        others += ["--base-url", "--rate", "--max-requests"]
    for flag in others:
        name = flag.strip("-").replace("-", "_")
        if getattr(options, name) != parser.get_default(name):
            parser.error(f"{flag} {'is not for --seeded' if options.seeded else 'needs --api'}")
    if options.seeded:
        return mutation_run.main(folder)
    if options.allow_spend and options.api != "v0":
        parser.error("--allow-spend is for v0 alone; the other APIs cost nothing")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if options.api is None:
            return _report(runs.check_embedded(api, folder / api, keyword) for api in SERVICES)
        guard = _guard(options)
        return _report(runs.check_live(api, guard, folder / api, keyword) for api in [options.api])
    except (ConfigurationError, CannotCheckError) as error:
        print(f"error: {error}", file=sys.stderr)
    except OSError as error:
        print(f"error: {error.filename} can't be written: {error.strerror}", file=sys.stderr)
    return 2


def _guard(options: argparse.Namespace) -> Guard:
    service = SERVICES[options.api]
    # The client raises if the key or the URL can't be used.
    with service.client(base_url=options.base_url) as client:
        url = client.base_url
    return Guard(
        service.name, url, service.key,
        rate=options.rate, max_requests=options.max_requests, allow_spend=options.allow_spend,
    )  # fmt: skip


def _report(reports: Iterable[runs.ContractReport]) -> int:
    """Print the reports as they come, each with the seconds it took, and return the exit status."""
    failures, selected, unchecked, start = 0, 0, "", time.monotonic()
    for report in reports:
        seconds = f"{time.monotonic() - start:.0f} seconds\n"
        print(*report.lines(), seconds, sep="\n", flush=True)
        failures += report.failures
        selected += report.relations.selected
        unchecked = unchecked or report.unchecked
        start = time.monotonic()
    unchecked = unchecked if selected else "-k selects no relation"
    print(f"{failures} failures" if failures else "no failures")
    if unchecked:
        print(f"error: {unchecked}", file=sys.stderr)
    return 1 if failures else 2 if unchecked else 0


def positive(text: str) -> float:
    """Parse a positive number."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return number


if __name__ == "__main__":
    sys.exit(main())
