"""Modules that tests import when they first use them: each worker collects all test files."""

from __future__ import annotations

from importlib import import_module


class Late:
    """A module that takes long to import."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):  # for which pytest looks, as it collects
            raise AttributeError(name)
        return getattr(import_module(self._name), name)
