"""``benchwire drift``: compare a service, or a recording of one, with the specs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from benchwire.cli.exits import FAILED, GATE_NOT_MET, INCOMPLETE, CommandError, ending_with
from benchwire.cli.output import Format, FormatOption, note, print_record, print_records, print_text
from benchwire.cli.session import session

drift: typer.Typer = typer.Typer(
    help="Where services differ from their specs.", no_args_is_help=True
)


class Api(StrEnum):
    """The services."""

    PUBLIC = "public"
    V2 = "v2"
    V0 = "v0"


_COLUMNS = ("api", "operation", "grade", "kind", "path", "expected", "got")


@drift.callback()
def _group() -> None:
    """Where services differ from their specs."""


@drift.command("check")
def check(
    context: typer.Context,
    apis: Annotated[
        list[Api],
        typer.Argument(metavar="API...", help="The services to check: public, v2, v0."),
    ],
    *,
    har: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Check a recording (HAR) of one API instead."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The base URL in the recording.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Accepted findings, as TOML.")
    ] = None,
    rate: Annotated[float, typer.Option(min=0.01, help="Requests a second.")] = 2.0,
    form: FormatOption = Format.AUTO,
) -> None:
    """Read a sample of each operation that only reads, and report what differs from the spec.

    Up to 16 requests for each API; nothing is changed, and nothing is paid. `--format auto` is a report
    in Markdown, `json` the same as an object; the others list the findings.

    Exit status: 0 nothing worse than additive, 3 drift, 5 not all could be read, 1 nothing could be
    judged.
    """
    from benchwire.drift.check import Checker, check_recording  # noqa: PLC0415  an extra
    from benchwire_drift.baseline import BaselineError, load_baseline  # noqa: PLC0415
    from benchwire_drift.har import HarError  # noqa: PLC0415
    from benchwire_drift.look import CannotCheckError  # noqa: PLC0415

    if (har and len(apis) > 1) or (base_url and not har):
        raise typer.BadParameter("--har is of one API, and --base-url of a recording")
    try:
        accepted = load_baseline(baseline) if baseline else []
        if har:
            found = check_recording(apis[0], har, base_url, accepted)
        else:
            checker = Checker(rate)
            for api in dict.fromkeys(apis):
                checker.read(getattr(session(context), api)())
            found = checker.check(accepted)
    except (BaselineError, CannotCheckError, HarError) as error:
        raise CommandError(str(error), FAILED) from None
    for line in found.unread:
        note(f"error: not read: {line}")
    status = GATE_NOT_MET if found.report.fails else INCOMPLETE if found.unread else 0
    with ending_with(status):
        if form is Format.AUTO:
            print_text(found.report.markdown())
        elif form is Format.JSON:
            print_record(found.report.to_dict(), form)
        else:
            print_records(found.report.to_dict()["findings"], _COLUMNS, form)
