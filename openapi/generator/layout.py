"""Runs openapi-python-client, which names the files of a package and renders our templates."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from .build import GENERATOR, PARTS, GenerationError, tool_path


class _Compiled(BytecodeCache):
    """Keeps the templates that are compiled: each API has an environment of its own."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def run_generator(
    document: dict[str, Any], settings: Path, package: Path, **values: object
) -> None:
    """Run openapi-python-client with our templates, which are given `values`.

    Raises:
        GenerationError: If it reports an error or a warning.
    """
    config = Config.from_sources(
        ConfigFile.load_from_path(settings), MetaType.NONE, settings, "utf-8", False, package
    )
    data = GeneratorData.from_dict(document, config=config)
    errors = [data] if isinstance(data, GeneratorError) else _build(data, config, values)
    if errors:
        texts = "\n".join(f"{error.header}: {error.detail}" for error in errors)
        raise GenerationError(f"{GENERATOR} failed:\n{texts}")


def _build(data: GeneratorData, config: Config, values: dict[str, object]) -> list[GeneratorError]:
    errors: list[GeneratorError] = [*data.errors]
    for collection in data.endpoint_collections_by_tag.values():
        errors += collection.parse_errors
    if errors:
        return errors
    project = Project(openapi=data, config=config, custom_template_path=PARTS / "templates")
    project.env.globals.update(values)
    project.env.bytecode_cache = _COMPILED
    path = os.environ.get("PATH", "")
    try:
        os.environ["PATH"] = tool_path()  # for ruff
        with contextlib.redirect_stdout(io.StringIO()):
            return list(project.build())
    finally:
        os.environ["PATH"] = path
