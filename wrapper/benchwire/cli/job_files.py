"""The jobs that a user wants: a file of JSON lines, and the key that each endpoint asks for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import attrs
import orjson

import benchwire
from benchwire.cli.exits import REFUSED, USAGE, CommandError
from benchwire.models import JobSpec

ENDPOINT_VARIABLE = "BENCHWIRE_ENDPOINT_API_KEY"


def validated_spec(values: dict[str, Any], variable: str) -> JobSpec:
    """Return a job whose endpoint's key is in an environment variable.

    Raises:
        TypeError, ValueError: A value that no job can have.
    """
    from benchwire._jobs.payload import job_payload  # noqa: PLC0415  for no other command

    key = os.environ.get(variable, "").strip(" \t")
    if not key:
        raise benchwire.ConfigurationError(
            f"there is no key to the model's endpoint: set the environment variable {variable}"
        )
    spec = JobSpec(**values, api_key=benchwire.Secret(key))
    job_payload(spec)  # what is invalid has no price
    return spec


def read_specs(path: Path) -> list[JobSpec]:
    """Return the jobs of a file of JSON lines."""
    known = {field.name for field in attrs.fields(JobSpec)} - {"api_key", "headers"}
    specs = []
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            values = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise CommandError(f"{path}, line {number}: no JSON: {error}") from None
        if not isinstance(values, dict):
            raise CommandError(f"{path}, line {number}: not an object")
        variable = str(values.pop("api_key_env", ENDPOINT_VARIABLE))
        if unknown := sorted(values.keys() - known):
            raise CommandError(
                f"{path}, line {number}: unknown {', '.join(unknown)}; there is"
                f" {', '.join(sorted(known))}, api_key_env"
            )
        if missing := sorted({"benchmark_id", "endpoint_url"} - values.keys()):
            raise CommandError(f"{path}, line {number}: no {', '.join(missing)}")
        try:
            specs.append(validated_spec(values, variable))
        except (TypeError, ValueError) as error:
            status = REFUSED if isinstance(error, benchwire.ConfigurationError) else USAGE
            raise CommandError(f"{path}, line {number}: {error}", status) from None
    if not specs:
        raise CommandError(f"{path} has no jobs")
    return specs
