"""What the contract checks know of the three services."""

from __future__ import annotations

import pytest
from scripts.contract.services import SERVICES, without_keys

VARIABLES = [(api, name) for api, service in SERVICES.items() for name in service.key_variables]


@pytest.mark.parametrize(("api", "name"), VARIABLES)
def test_the_sdk_reads_the_key_from_the_variable(
    api: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in SERVICES[api].key_variables:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "the-key")
    SERVICES[api].client().close()
    assert without_keys({"PATH": "value", name: "the-key"}) == {"PATH": "value"}


def test_the_alternative_variables_are_known() -> None:
    names = {name for _, name in VARIABLES}
    assert names >= {"HARMSTACK_API_KEY", "LAYERLENS_ATLAS_API_KEY"}
