"""Holds a server to the specs (`make contract`): the embedded one, or a live one by reads alone.

Without arguments: each of the three specs against the embedded server, with everything schemathesis
has and our own relations. With ``--api``: one API of a live server, through a guard that passes on
no request but GET and HEAD; its key is read from the variable the SDK reads it from.
docs/contract-testing.md has more.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # this file is run by its path

from scripts.contract_checks import runs, seeded  # noqa: E402
from scripts.contract_checks.services import SERVICES  # noqa: E402

from benchwire._core.settings import resolve  # noqa: E402
from benchwire.errors import ConfigurationError  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.contract_checks.outcome import Outcome


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--api", choices=SERVICES, help="one API of a live server")
    parser.add_argument("--base-url", help="where it is; by default as for the SDK")
    parser.add_argument("--report-dir", type=Path, default=Path("contract-report"))
    parser.add_argument("--rate", type=_positive, default=2.0, help="requests a second")
    parser.add_argument("--max-requests", type=_count, default=500, help="requests in all")
    parser.add_argument("--allow-spend", type=_count, default=0, help="credits jobs may cost")
    parser.add_argument("--seeded", action="store_true", help="go through every seeded drift")
    given = parser.parse_args(arguments)
    if given.seeded:
        return seeded.main(given.report_dir)
    if given.api is None:
        if given.base_url:
            parser.error("--base-url needs --api")
        every = (partial(runs.embedded, api, given.report_dir / api) for api in SERVICES)
        return _report([_timed(run) for run in every])
    if given.allow_spend and given.api != "v0":
        parser.error("--allow-spend is for v0 alone; the other APIs cost nothing")
    try:
        access = resolve(SERVICES[given.api], None, given.base_url, os.environ)
    except ConfigurationError as error:
        parser.error(str(error))
    run = partial(
        runs.live, access, given.report_dir / given.api, os.environ,
        rate=given.rate, max_requests=given.max_requests, allow_spend=given.allow_spend,
    )  # fmt: skip
    return _report([_timed(run)])


def _timed(run: Callable[[], Outcome]) -> Outcome:
    began = time.monotonic()
    outcome = run()
    print(*outcome.lines(), f"{time.monotonic() - began:.0f} seconds\n", sep="\n", flush=True)
    return outcome


def _report(outcomes: list[Outcome]) -> int:
    failures = sum(outcome.failures for outcome in outcomes)
    print(f"{failures} failures" if failures else "no failures")
    return 1 if failures else 0


def _positive(text: str) -> float:
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
