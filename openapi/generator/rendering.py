"""Renders the templates that openapi-python-client does not know."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701  it renders Python, no HTML
)


def render(template: str, **values: object) -> str:
    """Render a template of this folder."""
    return _ENVIRONMENT.get_template(template).render(values)
