"""What keeps the specs usable with other generators; each rule is from a fault one of them showed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_python_client import Config, generate
from openapi_python_client.cli import MetaType
from openapi_python_client.config import ConfigFile
from openapi_python_client.strings import ClassName
from scripts.spec_lint import load_spec
from scripts.spec_lint.model import Site, Spec, types

from support.shared import REPOSITORY

APIS = ("public", "v2", "v0")
PATHS = {api: REPOSITORY / "openapi" / f"{api}.yaml" for api in APIS}
SPECS = {api: load_spec(path) for api, path in PATHS.items()}


def inline_names(spec: Spec) -> Iterator[tuple[str, Site]]:
    """The names that generators give to the inline unions of properties."""
    for schema, name, site in spec.properties():
        branches = [branch for branch in site.node.get("anyOf", ()) if branch != {"type": "null"}]
        if len(branches) > 1:
            yield site.node.get("title") or ClassName(f"{schema}_{name}", ""), site


@pytest.mark.parametrize("api", APIS)
def test_no_inline_schema_has_the_name_of_a_component(api: str) -> None:
    """openapi-generator's Python: an EvaluationStatus that is an EvaluationStatus or a text."""
    names = {ClassName(name, "") for name, _ in SPECS[api].named_schemas()}
    collisions = [site.location for name, site in inline_names(SPECS[api]) if name in names]
    assert collisions == []


@pytest.mark.parametrize("api", APIS)
def test_no_list_of_types_has_an_object_or_an_array(api: str) -> None:
    """openapi-generator: "Type object not yet supported … multiple types"."""
    mixed = [
        site.location
        for site in SPECS[api].all_schemas
        if len({*types(site.node)} - {"null"}) > 1 and {"object", "array"} & {*types(site.node)}
    ]
    assert mixed == []


@pytest.mark.parametrize("api", APIS)
def test_the_schema_of_a_list_parameter_is_inline(api: str) -> None:
    """@hey-api/openapi-ts: `explode: false` is lost where the array is behind a reference."""
    spec = SPECS[api]
    hidden = [
        site.location
        for site in spec.all_parameters()
        if "$ref" in site.node["schema"]
        and "array" in types(spec.resolve(site.child("schema")).node)
    ]
    assert hidden == []


@pytest.mark.parametrize("api", APIS)
def test_stock_generation_has_no_warning(api: str, tmp_path: Path) -> None:
    config: Any = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        document_source=PATHS[api],
        file_encoding="utf-8",
        overwrite=False,
        output_path=tmp_path / "stock",
    )
    assert [str(error) for error in generate(config=config)] == []
    assert (tmp_path / "stock" / "client.py").is_file()
