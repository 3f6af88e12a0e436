"""A copy of the repository with the additive edits of all files: generated and type-checked once."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.workers import made_once

from .drill import Copy, TypeFault


@pytest.fixture(scope="session")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The repository after a release of its specs, all edits and `make generate`."""
    return Copy(made_once(tmp_path_factory, "extended", _make))


@pytest.fixture(scope="session")
def report(extended: Copy) -> str:
    """What `make generate` printed."""
    return extended.report()


@pytest.fixture(scope="session")
def type_faults(extended: Copy) -> set[TypeFault]:
    """What strict mypy says of the packages, and of the programs that use them."""
    return extended.faults()


def _make(folder: Path) -> None:
    # Here, for they import what is above.
    from . import (
        test_authors_edits,
        test_common_changes,
        test_drill,
        test_methods,
        test_rewrites,
        test_sent_once,
        test_unions,
    )

    edits = [(row.api, row.edit) for row in test_drill.ADDITIVE.values()]
    edits += [("public", edit) for edit in test_methods.EDITS]
    modules = (test_common_changes, test_rewrites, test_unions, test_sent_once, test_authors_edits)
    edits += [("v0", module.edit) for module in modules]
    programs = {"use_methods": test_methods.PROGRAM, "use_unions": test_unions.TYPED}
    Copy.after_edits(folder, edits, programs)
