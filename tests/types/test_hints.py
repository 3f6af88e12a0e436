"""Tools that wrap methods, such as those for agents, read their type hints at run time."""

from __future__ import annotations

import typing

import pytest

import benchwire
from support.offered import CLIENTS, methods


@pytest.mark.parametrize("prefix", ["", "Async"])
@pytest.mark.parametrize("api", CLIENTS)
def test_the_hints_of_every_method_resolve(api: str, prefix: str) -> None:
    client = getattr(benchwire, prefix + CLIENTS[api])("k")
    found = methods(client)
    assert found
    for name, method in found.items():
        assert "return" in typing.get_type_hints(method), name
