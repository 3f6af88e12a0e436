"""The pages of the site in their order, and those of the reference, made from the code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib import import_module
from inspect import unwrap

import benchwire

_Client = benchwire.PublicClient | benchwire.V2Client | benchwire.V0Client

PAGES = {
    "First steps": ("docs/browse", "docs/analysis", "docs/data-frames"),
    "Guides": (
        "docs/import",
        "docs/export",
        "docs/paid-jobs",
        "docs/drift",
        "docs/unattended",
        "docs/embedded-server",
        "docs/contract-testing",
    ),
    "Reference": (
        "reference/public",
        "reference/v2",
        "reference/v0",
        "reference/all",
        "reference/results",
        "reference/errors",
        "reference/options",
        "reference/analysis",
        "reference/export",
        "reference/local",
        "docs/cli",
        "docs/what-happens-when",
        "docs/glossary",
    ),
    "Development": (
        "docs/architecture",
        "CONTRIBUTING",
        "openapi/README",
        "openapi/generator/README",
        "docs/releasing",
        "CHANGELOG",
        "SECURITY",
    ),
}
_MEMBERS = (":members:", ":undoc-members:")
_INHERITED = (*_MEMBERS, ":inherited-members:")


def reference() -> dict[str, str]:
    """Return the pages of the reference by name, in reStructuredText."""
    clients: dict[str, tuple[str, type[_Client]]] = {
        "public": ("The public API", benchwire.PublicClient),
        "v2": ("The v2 API", benchwire.V2Client),
        "v0": ("The v0 API", benchwire.V0Client),
    }
    pages = {name: _client(title, client) for name, (title, client) in clients.items()}
    combined = _directive("autoclass", "benchwire.Benchwire", *_INHERITED)
    pages["all"] = _page("All three APIs", combined)
    pages["results"] = _page("Results", *_names("benchwire.models", benchwire.models.__all__))
    pages["errors"] = _page("Errors", _module("benchwire.errors"))
    options = (
        "CallOptions",
        "Hooks",
        "RequestEvent",
        "ResponseEvent",
        "RetryEvent",
        "FailureEvent",
    )
    pages["options"] = _page(
        "Options, hooks and telemetry",
        *_names("benchwire", (*options, "Secret")),
        _module("benchwire.otel"),
    )
    pages["analysis"] = _page(
        "Analysis",
        _module("benchwire.analysis", ":imported-members:"),
        _module("benchwire.analysis.statistics", ":imported-members:"),
    )
    pages["export"] = _page("Export", _module("benchwire.export", ":imported-members:"))
    pages["local"] = _page(
        "Embedded server, import and drift",
        _module("benchwire.local", ":imported-members:"),
        _module("benchwire.drift", ":imported-members:"),
    )
    return {f"reference/{name}": text for name, text in pages.items()}


def table_of_contents() -> str:
    """Return the navigation, in MyST."""
    blocks = (
        f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```\n"
        for caption, pages in PAGES.items()
    )
    return "\n" + "\n".join(blocks)


def _client(title: str, client: type[_Client]) -> str:
    parts = [_directive("autoclass", f"benchwire.{client.__name__}", *_INHERITED)]
    for attribute, resource in _resources(client):
        heading = f"client.{attribute}"
        name = f"{resource.__module__}.{resource.__qualname__}"
        parts += [f"{heading}\n{'-' * len(heading)}\n", _directive("autoclass", name, *_INHERITED)]
    twin = f"``benchwire.Async{client.__name__}`` has the same methods, awaited.\n"
    return _page(title, twin, *parts)


def _resources(client: type[_Client]) -> Iterator[tuple[str, type[object]]]:
    """Yield what a client makes on first use, which are its resources."""
    with client("key") as made:
        for name in dir(client):
            getter = getattr(client, name)
            if isinstance(getter, cached_property):
                kind = type(getattr(made, name))
                # Imported when it is used: without this, Sphinx finds no class for the annotation.
                unwrap(getter.func).__globals__[kind.__name__] = kind
                yield name, kind


def _names(module: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        is_class = isinstance(getattr(import_module(module), name), type)
        kind, members = ("autoclass", _MEMBERS) if is_class else ("autodata", ())
        yield _directive(kind, f"{module}.{name}", *members)


def _module(name: str, *options: str) -> str:
    return _directive("automodule", name, *_MEMBERS, *options)


def _directive(kind: str, name: str, *options: str) -> str:
    return f".. {kind}:: {name}\n" + "".join(f"   {option}\n" for option in options)


def _page(title: str, *parts: str) -> str:
    return "\n".join([title, "=" * len(title), "", *parts])
