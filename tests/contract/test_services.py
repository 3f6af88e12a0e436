"""What the contract checks know of the three services."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from scripts.contract import __main__ as command
from scripts.contract import schemathesis_run
from scripts.contract.guard import Guard
from scripts.contract.relation_run import RelationResults
from scripts.contract.runs import ContractReport
from scripts.contract.services import SERVICES, without_keys

from benchwire_drift.look import CannotCheckError

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


def test_the_seconds_are_those_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = SimpleNamespace(now=100.0, monotonic=lambda: clock.now)

    def check(_api: str, guard: Guard, *_rest: object) -> ContractReport:
        with guard:
            clock.now += 42
        return ContractReport("v2", RelationResults(selected=1), [])

    monkeypatch.setattr(command, "time", clock)
    monkeypatch.setattr("scripts.contract.runs.check_live", check)
    monkeypatch.setenv(SERVICES["v2"].key_variables[0], "the-key")
    assert (
        command.main(
            ["--api", "v2", "--base-url", "http://127.0.0.1:9", "--report-dir", str(tmp_path)]
        )
        == 0
    )
    assert "\n42 seconds\n" in capsys.readouterr().out


def test_a_run_of_schemathesis_without_a_report_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotCheckError, match=r"made no report; see .*output.txt"):
        schemathesis_run.run("v0", "http://127.0.0.1:9", "key", tmp_path, "--no-such-option")
    assert "no-such-option" in (tmp_path / "output.txt").read_text("utf-8")


def test_an_error_of_schemathesis_is_one_sentence(tmp_path: Path) -> None:
    """Here nobody listens; twice, as in two runs."""
    options = ("--max-examples", "1", "--phases", "examples")
    done = schemathesis_run.run("v0", "http://127.0.0.1:9", "key", tmp_path, *options)
    lines = list(ContractReport("v0", RelationResults(), [], [done, done]).lines())
    errors = [line for line in lines if "ERROR" in line]
    assert errors == [
        "  ERROR of schemathesis, not of the server: Network Error; see junit.xml for the place"
    ]
