"""Finds and parses the spec files."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import yaml

from benchwire_specs.document import Document, SpecError


def spec_path(name: str) -> Path:
    """Return the path of a spec: in this package where it is installed, else in the checkout.

    Raises:
        SpecError: If it is in neither place.
    """
    here = Path(__file__).resolve()
    folders = (here.parent, here.parents[2] / "openapi")
    for folder in folders:
        if (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    raise SpecError(f"the spec {name}.yaml is neither in {folders[0]} nor in {folders[1]}")


def load_document(name: str) -> Document:
    """Load a spec by name: ``public``, ``v2`` or ``v0``.

    Raises:
        SpecError: If it is missing, can't be read, or is not OpenAPI 3.1.
    """
    path = spec_path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} can't be read: {error}") from error
    return parse_document(name, text)


def parse_document(name: str, text: str) -> Document:
    """Parse the YAML text of a spec.

    Raises:
        SpecError: If it is not OpenAPI 3.1.
    """
    try:
        content = yaml.load(text, Loader=_LOADER)  # noqa: S506  a safe loader
    except yaml.YAMLError as error:
        raise SpecError(f"{name}.yaml can't be read: {error}") from error
    return check_version(name, content)


def check_version(name: str, content: object) -> Document:
    """Return the document of decoded YAML.

    Raises:
        SpecError: If it is not OpenAPI 3.1.
    """
    if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3.1."):
        raise SpecError(f"{name}.yaml is not an OpenAPI 3.1 document")
    return Document(name, content)


class _SpecLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that leaves dates as strings (YAML 1.1 would make objects of them)."""


_SpecLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _SpecLoader.yaml_implicit_resolvers.items()
}
_LOADER = cast("type[yaml.SafeLoader]", _SpecLoader)
