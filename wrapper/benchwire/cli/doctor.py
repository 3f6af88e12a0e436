"""``benchwire doctor``: what this installation can do, and why not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import typer

import benchwire
from benchwire.cli.exits import FAILED, ending_with
from benchwire.cli.output import FieldsOption, Format, FormatOption, print_records
from benchwire.cli.session import Session, session
from benchwire.errors import AuthenticationError, BenchwireError, ConfigurationError

# The modules that each extra brings.
_EXTRAS = {"cli": "rich typer", "dask": "distributed pyarrow", "data": "pyarrow", "drift": "yaml",
           "local": "jsonschema_rs starlette uvicorn yaml", "otel": "opentelemetry",
           "report": "jinja2"}  # fmt: skip
LIMIT = 30.0
"""Seconds for a service: one that accepts connections and never responds is found, too."""


def diagnose(
    context: typer.Context, *, form: FormatOption = Format.AUTO, fields: FieldsOption = None
) -> None:
    """Check the installation, the keys and the services, with one small request to each.

    An API without a key is skipped; the status is 1 if a check failed.
    """
    checks = list(_checks(session(context)))
    with ending_with(FAILED if any(check["state"] == "failed" for check in checks) else 0):
        print_records(checks, ("check", "state", "detail"), form, fields)


def _checks(session: Session) -> Iterator[dict[str, str]]:
    version = f"{benchwire.__version__}, Python {sys.version.split()[0]}"
    yield {"check": "benchwire", "state": "ok", "detail": version}
    for extra, modules in _EXTRAS.items():
        has = all(map(find_spec, modules.split()))
        detail = "" if has else f'pip install "benchwire[{extra}]"'
        yield {"check": f"extra {extra}", "state": "ok" if has else "absent", "detail": detail}
    yield _service("public", lambda: _public(session))
    yield _service("v2", lambda: _v2(session))
    yield _service("v0", lambda: _v0(session))


def _service(name: str, look: Callable[[], str]) -> dict[str, str]:
    try:
        return {"check": f"API {name}", "state": "ok", "detail": look()}
    except ConfigurationError as error:
        state = "skipped" if error.is_key_missing else "failed"
        return {"check": f"API {name}", "state": state, "detail": error.message}
    except AuthenticationError as error:
        return {"check": f"API {name}", "state": "failed", "detail": f"wrong key: {error.message}"}
    except BenchwireError as error:
        return {"check": f"API {name}", "state": "failed", "detail": error.message}


def _public(session: Session) -> str:
    client = session.public()
    return f"{client.base_url}: {client.models.get(page_size=1, deadline=LIMIT).total_count} models"


def _v2(session: Session) -> str:
    client = session.v2()
    return f"{client.base_url}: {len(client.benchmarks.list_types(deadline=LIMIT))} benchmark types"


def _v0(session: Session) -> str:
    client = session.v0()
    balance = client.me(deadline=LIMIT).available_credits
    return f"{client.base_url}: {balance:.15g} credits"
