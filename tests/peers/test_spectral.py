"""Spectral's rules for OpenAPI find nothing in the specs."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchwire_specs import APIS, spec_path

from .tools import HERE, run

pytestmark = pytest.mark.peers


def test_spectral_finds_nothing(npm: Path) -> None:
    program = npm / "node_modules" / ".bin" / "spectral"
    specs = [spec_path(api) for api in APIS]
    found = run(
        [program, "lint", "--ruleset", HERE / "spectral.yaml", "--fail-severity", "hint", *specs]
    )
    assert "No results" in found


def test_spectral_would_find_something(npm: Path, tmp_path: Path) -> None:
    text = spec_path("v0").read_text("utf-8").replace("  contact:", "  x-contact:")
    (tmp_path / "v0.yaml").write_text(text, "utf-8")
    program = npm / "node_modules" / ".bin" / "spectral"
    found = run([program, "lint", "--ruleset", HERE / "spectral.yaml", tmp_path / "v0.yaml"])
    assert "info-contact" in found
