"""All that is generated: written into one folder, verified there, and only then put in its places."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .build import (
    MODELS,
    OPERATIONS,
    ROOT,
    TARGET,
    check_target,
    check_tools,
    verified,
    write_models,
    write_operations,
    write_package,
)
from .sync_clients import TARGET as SYNC
from .sync_clients import write_sync
from .verify import modules_of

# By the names of `--check`, in the order in which they are put in their places.
PLACES = {"package": TARGET, "models": MODELS, "operations": OPERATIONS, "sync": SYNC}


def generate_all() -> None:
    """Write all generated code anew, in place of what was there.

    Raises:
        GenerationError: If a spec can't be generated from, or if what was generated does not import;
            everything is then as it was.
    """
    check_target(TARGET)
    # Beside the places, so that putting a part there is a rename.
    with new_parts(ROOT) as folder:
        put_in_place(folder)


@contextmanager
def new_parts(within: Path | None = None) -> Iterator[Path]:
    """Yield a temporary folder with each part, verified, under the name of its place."""
    check_tools()
    with tempfile.TemporaryDirectory(prefix=".generated-", dir=within) as scratch:
        folder = Path(scratch)
        write_package(folder / TARGET.name)
        write_wrapper(folder)
        yield folder


def write_wrapper(folder: Path) -> None:
    """Write the generated parts of the wrapper beside a new package, and verify all of them."""
    models, operations, sync = (folder / each.name for each in (MODELS, OPERATIONS, SYNC))
    write_models(models)
    write_operations(operations)
    write_sync(sync, operations)
    # The rest of the sync clients is as sound as the async ones.
    generated = [folder / TARGET.name, models, operations, sync / OPERATIONS.name]
    places = dict.fromkeys(
        ("benchwire.models", "benchwire._async.operations", "benchwire._sync"), folder
    )
    modules = [*modules_of(folder / TARGET.name, folder), "benchwire.models"]
    for package in ("_async", "_sync"):
        modules += [f"benchwire.{package}.{name}" for name in modules_of(operations, folder)]
    verified(generated, folder, modules, [folder, ROOT / "wrapper"], places)


def put_in_place(folder: Path) -> None:
    """Replace what was generated before."""
    for place in PLACES.values():
        if place.is_dir():
            place.rename(folder / f"old-{place.name}")
        (folder / place.name).replace(place)
