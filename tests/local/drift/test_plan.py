"""Drift plans: how they are read and what is refused; and how a server is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

import benchwire
from benchwire_local import LocalServer, LocalServerError, PlanError, Settings, load_drift_plan
from benchwire_local.drift import CHANGES

RENAMED = "v0.account.field-renamed"


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (7, "the drift plan: drift: must be a list of names of changes, not 7"),
        ({}, "the drift plan: must hold drift, and no more; it holds nothing"),
        ({"drift": [], "seed": 1}, "it holds 'drift', 'seed'"),
        ({"drift": RENAMED}, "must be a list of names of changes, not 'v0.account.field-renamed'"),
        ({"drift": None}, "must be a list of names of changes, not None"),
        (["v0.account.field-rename"], "drift 1: there is no change 'v0.account.field-rename'; do you mean v0.account.field-renamed"),
        ([RENAMED, 1], "drift 2: there is no change 1 `benchwire local drifts`"),
        ([RENAMED, RENAMED], "drift 2: v0.account.field-renamed is named twice"),
        ([[RENAMED]], "there is no change ['v0.account.field-renamed']"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(plan: Any, message: str) -> None:
    with pytest.raises(PlanError) as refusal:
        load_drift_plan(plan)
    assert message in str(refusal.value)


def test_a_file_and_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(f"drift:\n- {RENAMED}\n")
    (tmp_path / "plan.json").write_text(json.dumps([RENAMED]))
    loaded = load_drift_plan([RENAMED])
    assert loaded.changes == (CHANGES[RENAMED],)
    assert load_drift_plan(path) == load_drift_plan(tmp_path / "plan.json") == loaded
    path.write_text("drift: [nothing]")
    with pytest.raises(PlanError, match=r"plan\.yaml: drift 1: there is no change 'nothing'"):
        load_drift_plan(str(path))
    with pytest.raises(PlanError, match=r"none\.yaml: can't be read"):
        load_drift_plan(tmp_path / "none.yaml")


def test_serve_takes_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(f"drift: [{RENAMED}]")
    for plan in (path, [RENAMED], {"drift": [RENAMED]}):
        with benchwire.local.serve(drift=plan, sample=False) as server:
            assert "credits" in account(server)
    with pytest.raises(PlanError, match="no change"):
        benchwire.local.serve(drift=["nothing"])


def test_the_plan_of_a_running_server_can_be_changed() -> None:
    with benchwire.local.serve(drift=[], sample=False) as server:
        assert "available_credits" in account(server)
        server.set_drift([RENAMED])
        assert "credits" in account(server)
        with pytest.raises(PlanError):
            server.set_drift(["nothing"])
        assert "credits" in account(server)


def test_a_server_without_a_plan_has_no_part_of_it() -> None:
    with (
        LocalServer(Settings(sample=False)) as server,
        pytest.raises(LocalServerError, match="not started with a drift plan"),
    ):
        server.set_drift([])


def test_settings_take_a_checked_plan_only() -> None:
    with pytest.raises(TypeError, match="drift must be a DriftPlan or None"):
        Settings(drift=[])  # type: ignore[arg-type]


def test_faults_and_drift_go_together() -> None:
    """The fault is outermost: what is cut off is the drifted answer."""
    rules = [{"fault": "status_before", "operations": "getAccount", "status": 503, "nth": 1}]
    with benchwire.local.serve(drift=[RENAMED], faults=rules, sample=False) as server:
        headers = {"authorization": f"Bearer {server.api_key}"}
        assert httpx.get(f"{server.url}/v0/me", headers=headers).status_code == 503
        assert "credits" in account(server)


def test_the_command_lists_every_change() -> None:
    listed = command("drifts")
    assert listed.returncode == 0
    for name in CHANGES:
        assert f"│ {name} " in listed.stdout


def test_the_command_takes_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("drift: [nothing]")
    ended = command("serve", "--drift", str(path))
    assert ended.returncode == 1
    assert f"error: {path}: drift 1: there is no change 'nothing'" in ended.stderr


def account(server: LocalServer) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {server.api_key}"}
    answer: dict[str, Any] = httpx.get(f"{server.url}/v0/me", headers=headers).json()
    return answer


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from benchwire.cli import main; main()", "local", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
