"""The tree of commands."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import benchwire
from benchwire.cli.catalogue import benchmarks, evaluations, models
from benchwire.cli.compare import COMPARE_FIELDS, compare, plan
from benchwire.cli.completion import print_completion
from benchwire.cli.doctor import diagnose
from benchwire.cli.drift import drift
from benchwire.cli.exits import exit_status
from benchwire.cli.export import export
from benchwire.cli.imports import import_logs
from benchwire.cli.jobs import ACCOUNT_FIELDS, jobs, show_account
from benchwire.cli.local import local
from benchwire.cli.matrix import MATRIX_FIELDS, matrix
from benchwire.cli.raw import read_path
from benchwire.cli.redteam import redteam
from benchwire.cli.session import Session


class Commands(TyperGroup):
    """The commands, whose errors become a message and an exit status."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options before the command; ``--local`` takes a value unless a command follows."""
        for index, argument in enumerate(args):
            if argument in self.commands:
                if any(late.split("=")[0] == "--local" for late in args[index + 1 :]):
                    raise typer.BadParameter(
                        "--local stands before the command: benchwire --local " + argument
                    )
                break
            after = args[index + 1] if index + 1 < len(args) else ""
            if argument == "--local=" or args[index : index + 2] == ["--local", ""]:
                raise typer.BadParameter("the path is empty", param_hint="--local")
            if argument == "--local" and (after in self.commands or after.startswith("-")):
                args = [*args[:index], "--local=", *args[index + 1 :]]
                break
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        with exit_status():
            return super().invoke(ctx)


app: typer.Typer = typer.Typer(
    name="benchwire",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(models, name="models")
app.add_typer(benchmarks, name="benchmarks")
app.add_typer(evaluations, name="evaluations")
app.command("compare", epilog=COMPARE_FIELDS)(compare)
app.command("matrix", epilog=MATRIX_FIELDS)(matrix)
app.command("plan")(plan)
app.add_typer(export, name="export")
app.add_typer(redteam, name="redteam")
app.add_typer(jobs, name="jobs")
app.command("account", epilog=ACCOUNT_FIELDS)(show_account)
app.command("import")(import_logs)
app.command("api")(read_path)
app.add_typer(local, name="local")
app.add_typer(drift, name="drift")
app.command("doctor")(diagnose)
app.command("completion")(print_completion)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"benchwire {benchwire.__version__}")
        raise typer.Exit


@app.callback()
def top(
    context: typer.Context,
    *,
    local: Annotated[
        str | None,
        typer.Option(
            "--local",
            metavar="[DB]",
            help="Run the command against an embedded server inside this process: of a database"
            " file, or of benchwire-local.db if there is one, else of sample data.",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """benchwire: read a catalogue of models and benchmarks, and run paid jobs.

    Keys come from the environment alone. Data goes to standard output, all else to standard error.

    Exit status: 0 done, 1 failed, 2 usage, 3 gate not met, 4 no key or refused, 5 incomplete, 6 the
    outcome of a paid submission is unknown, 124 timed out, 130 interrupted.
    """
    context.obj = Session(context, local)
