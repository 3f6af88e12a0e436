"""``benchwire local``: run the embedded server and import your own data into it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from benchwire.cli.exits import CommandError
from benchwire.cli.imports import import_logs

DEFAULT_PORT = 8765

local: typer.Typer = typer.Typer(
    help="The embedded server: the three APIs on this machine.", no_args_is_help=True
)


@local.command("serve")
def serve(
    *,
    host: Annotated[
        str,
        typer.Option(
            help="The address to listen on; one that other machines can reach, such as 0.0.0.0 in a"
            " container, needs a key in BENCHWIRE_LOCAL_API_KEY that is not the default."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; 0 selects a free port.")
    ] = DEFAULT_PORT,
    db: Annotated[
        Path | None,
        typer.Option(help="The database file; by default, data is kept in memory.", dir_okay=False),
    ] = None,
    credits: Annotated[  # noqa: A002  the API's word
        int, typer.Option(min=0, help="The credits of a new database's account.")
    ] = 1000,
    sample: Annotated[
        bool, typer.Option("--sample/--no-sample", help="Load sample data into an empty database.")
    ] = True,
    allow_remote_endpoints: Annotated[
        bool,
        typer.Option(
            "--allow-remote-endpoints", help="Allow jobs to send prompts to other machines."
        ),
    ] = False,
    faults: Annotated[
        Path | None,
        typer.Option(
            help="A fault plan, YAML or JSON: the requests that fail, and how.",
            metavar="PLAN",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Serve the three APIs on this machine until Ctrl-C."""
    import_module("benchwire.local")  # says what is missing
    from benchwire_local.demo_model import PATHS  # noqa: PLC0415  an extra
    from benchwire_local.errors import LocalServerError  # noqa: PLC0415
    from benchwire_local.faults import load_fault_plan  # noqa: PLC0415
    from benchwire_local.server import LocalServer, run_forever  # noqa: PLC0415
    from benchwire_local.settings import DEFAULT_API_KEY, Settings  # noqa: PLC0415

    def announce(server: LocalServer) -> None:
        key = server.api_key if server.api_key == DEFAULT_API_KEY else "$BENCHWIRE_LOCAL_API_KEY"
        where = "memory" if db is None else db
        print(f"# Serving at {server.url} ({where}). Press Ctrl-C to stop.")
        print("# Environment for the SDK:")
        for variable, value in (
            ("LAYERLENS_STRATIX_BASE_URL", server.public_base_url),
            ("LAYERLENS_STRATIX_API_KEY", key),
            ("BENCHWIRE_V2_BASE_URL", server.v2_base_url),
            ("BENCHWIRE_V2_API_KEY", key),
            ("BENCHWIRE_V0_BASE_URL", server.v0_base_url),
            ("BENCHWIRE_V0_API_KEY", key),
        ):
            print(f"export {variable}={value}")
        print("# A demo model endpoint for jobs (any key is accepted):")
        for provider, path in PATHS.items():
            print(f"#   {provider}: {server.url}{path}")
        sys.stdout.flush()  # a pipe, too, is read while the server runs

    try:
        settings = Settings(
            host=host,
            port=port,
            db=db,
            initial_credits=credits,
            sample=sample,
            allow_remote_endpoints=allow_remote_endpoints,
            faults=None if faults is None else load_fault_plan(faults),
        )
        run_forever(settings, announce)
    except (LocalServerError, ValueError) as problem:
        raise CommandError(str(problem)) from None


# An alias: the command was here before it read the logs of other tools.
local.command("import")(import_logs)
