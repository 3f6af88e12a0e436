"""Fault plans: how they are read, what is refused and in which words, and which requests they fail."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import benchwire
from benchwire_local import LocalServer, PlanError, Settings, load_fault_plan
from benchwire_local.faults import FaultInjector
from benchwire_local.faults.kinds import FAULTS
from benchwire_local.http.operations import operation_names
from local.faults.conftest import Faulty
from support import forks

RESET = {"fault": "reset_before", "operations": "*"}

BAD: list[tuple[Any, str]] = [
    # the plan
    (7, "the fault plan: must be a mapping with rules, or a list of rules"),
    ({}, "the fault plan: rules: must be a list of rules, not None"),
    ({"rules": "all"}, "rules: must be a list of rules, not 'all'"),
    ({"rules": [], "seeds": 1}, "there is no field 'seeds' here; allowed: seed, rules"),
    ({"rules": [], "seed": 1.5}, "seed: must be a whole number, not 1.5"),
    ({"rules": [], "seed": True}, "seed: must be a whole number, not True"),
    # the fault
    (["reset"], "rule 1: must be a mapping, not 'reset'"),
    ([RESET, {"operations": "*"}], "rule 2: fault: missing; allowed: status_before, "),
    ([{"fault": "resets", "operations": "*"}], "rule 1: fault: there is no fault 'resets'; allowed: "),
    ([{"fault": ["x"], "operations": "*"}], "rule 1: fault: there is no fault ['x']"),
    ([{**RESET, "status": 503}], "rule 1: there is no field 'status' here; allowed: fault, operations"),
    ([{**RESET, True: "x"}], "rule 1: there is no field True here"),
    # its parameters
    ([{"fault": "status_before", "operations": "*"}], "rule 1: status: required for status_before"),
    *(
        ([{"fault": "status_after", "operations": "*", "status": status}], "from 400 to 599, not ")
        for status in (200, 399, 600, "503", 503.0, True, None)
    ),
    *(
        ([{"fault": "status_after", "operations": "*", "status": 503, "retry_after": value}], "ASCII")
        for value in (-1, "1\r\n2", "ü", None, float("nan"))
    ),
    *(
        ([{"fault": "delay_after", "operations": "*", "seconds": value}], "0 or more, not ")
        for value in (-1, "1", None, True, float("inf"), float("nan"))
    ),
    ([{"fault": "truncate", "operations": "*", "bytes": -1}], "from 0 to 1000000, not -1"),
    ([{"fault": "drip", "operations": "*", "interval": 0, "bytes": 0}], "from 1 to 1000000, not 0"),
    ([{"fault": "drip", "operations": "*"}], "rule 1: interval: required for drip"),
    # how often
    ([{**RESET, "probability": 1.1}], "probability: must be a number from 0 to 1, not 1.1"),
    ([{**RESET, "probability": "often"}], "from 0 to 1, not 'often'"),
    ([{**RESET, "probability": float("nan")}], "from 0 to 1, not nan"),
    ([{**RESET, "nth": 0}], "nth: must be a whole number from 1, or a list of them, not 0"),
    ([{**RESET, "nth": []}], "not []"),
    ([{**RESET, "nth": [1, "2"]}], "not [1, '2']"),
    ([{**RESET, "nth": 1, "count": 1}], "count: not allowed together with nth"),
    ([{**RESET, "nth": 1, "probability": 1}], "probability: not allowed together with nth"),
    ([{**RESET, "count": 0}], "count: must be a whole number from 1, not 0"),
    # which operations
    ([{"fault": "reset_before"}], "rule 1: operations: missing; an operation (submitJob,"),
    ([{**RESET, "operations": []}], "rule 1: operations: must be an operation"),
    ([{**RESET, "operations": 1}], "rule 1: operations: must be an operation"),
    ([{**RESET, "operations": [None]}], "rule 1: operations: must be an operation"),
    ([{**RESET, "operations": "submit"}], "there is no operation 'submit', nor is it a method and"),
    ([{**RESET, "operations": "get /v0/me"}], "there is no operation 'get /v0/me'"),
    (
        [{**RESET, "operations": ["getJob", "listBenchmarks"]}],
        "'listBenchmarks' may be public.listBenchmarks or v0.listBenchmarks; add the API",
    ),
    (
        [{"fault": "list_lag", "seconds": 1, "operations": "getAccount"}],
        "operations: list_lag is for v0.listJobs and v0.getJob only, not 'getAccount'",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "message"), BAD)
def test_what_is_not_understood_is_refused(plan: Any, message: str) -> None:
    with pytest.raises(PlanError) as refusal:
        load_fault_plan(plan)
    assert message in str(refusal.value)
    assert str(refusal.value).startswith("the fault plan: ")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("plan.yaml", "rules:\n- fault: stale\n  fault: drip", "line 3: the key 'fault' is duplicated"),
        ("plan.yaml", "rules: [", "while parsing"),
        ("plan.yaml", "rules: [{fault: nope, operations: '*'}]", "rule 1: fault: there is no"),
        ("plan.yaml", "!!python/object/apply:os.getcwd []", "could not determine a constructor"),
        ("plan.yaml", "", "must be a mapping with rules"),
        ("plan.yaml", "\xff", "can't decode"),
        ("plan.json", "rules: []", "Expecting value"),
        ("plan.json", '{"rules": 1}', "rules: must be a list"),
    ],
)  # fmt: skip
def test_a_bad_file_is_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(PlanError) as refusal:
        load_fault_plan(path)
    assert str(refusal.value).startswith(f"{path}: ")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"plan\.yaml: can't be read: No such file"):
        load_fault_plan(tmp_path / "plan.yaml")


def test_yaml_json_and_python_mean_the_same(tmp_path: Path) -> None:
    plan = {"seed": 3, "rules": [{"fault": "truncate", "operations": ["getJob"], "count": 2}]}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    (tmp_path / "plan.yaml").write_text(
        "seed: 3\nrules:\n- {fault: truncate, operations: v0.getJob, count: 2}\n"
    )
    loaded = load_fault_plan(plan)
    assert load_fault_plan(tmp_path / "plan.json") == loaded
    assert load_fault_plan(str(tmp_path / "plan.yaml")) == loaded
    assert load_fault_plan(loaded) is loaded
    assert load_fault_plan(plan["rules"]).seed == 0


def test_every_operation_and_every_fault_can_be_named() -> None:
    load_fault_plan([{**RESET, "operations": list(operation_names())}])
    for name, fault in FAULTS.items():
        given = {key: 400 for key, parameter in fault.parameters.items() if parameter.required}
        (rule,) = load_fault_plan(
            [{"fault": name, "operations": ["listJobs", "getJob"], **given}]
        ).rules
        assert rule.parameters.keys() == fault.parameters.keys()


# ---- which requests fail -------------------------------------------------------------------


def failed(plan: Any, requests: list[tuple[str, str, str]]) -> list[int]:
    """The number of the rule that fails each request; 0 if none does."""
    injector = FaultInjector(load_fault_plan(plan))
    return [injector.decide(*request).number for request in requests]


ACCOUNT = ("v0.getAccount", "GET", "/v0/me")
JOB = ("v0.getJob", "GET", "/v0/jobs/a%2Fb")
SUBMIT = ("v0.submitJob", "POST", "/v0/jobs")
BATCH = ("v0.submitJobBatch", "POST", "/v0/jobs/batch")
NOTHING = (None, "GET", "/demo/raw")
ALL = [ACCOUNT, JOB, SUBMIT, BATCH, NOTHING]


@pytest.mark.parametrize(
    ("operations", "met"),
    [
        ("*", ALL),
        ("submitJob", [SUBMIT]),
        (["getJob", "v0.submitJobBatch"], [JOB, BATCH]),
        ("POST /v0/jobs", [SUBMIT]),
        ("POST /v0/jobs**", [SUBMIT, BATCH]),
        ("* /v0/jobs/*", [JOB, BATCH]),
        ("GET /v0/*", [ACCOUNT]),
        ("GET /v0/**", [ACCOUNT, JOB]),
        ("GET /**", [ACCOUNT, JOB, NOTHING]),
        ("GET /v0/m.", []),
    ],
)
def test_which_requests_a_rule_is_for(operations: Any, met: list[Any]) -> None:
    numbers = failed([{"fault": "stale", "operations": operations}], ALL)
    assert [request for request, number in zip(ALL, numbers, strict=True) if number] == met


def test_rules_are_a_script() -> None:
    """Each rule counts all its requests, whichever rule fails them."""
    plan = [
        {"fault": "stale", "operations": "submitJob", "nth": 1},
        {"fault": "reset_after", "operations": "submitJob", "nth": [2, 4]},
        {"fault": "close_after", "operations": "*", "count": 2},
    ]
    assert failed(plan, [SUBMIT, SUBMIT, SUBMIT, ACCOUNT, SUBMIT, SUBMIT]) == [1, 2, 3, 3, 2, 0]


def test_chance_is_fair_and_repeats_itself() -> None:
    plan = {"seed": 5, "rules": [{**RESET, "probability": 0.25}]}
    numbers = failed(plan, [ACCOUNT] * 4000)
    assert 900 < sum(numbers) < 1100
    assert failed(plan, [ACCOUNT] * 4000) == numbers
    assert failed({**plan, "seed": 6}, [ACCOUNT] * 4000) != numbers
    assert sum(failed([{**RESET, "probability": 0}], [ACCOUNT] * 100)) == 0
    assert sum(failed([{**RESET, "probability": 1}], [ACCOUNT] * 100)) == 100


def test_chance_and_a_count_go_together() -> None:
    assert sum(failed([{**RESET, "probability": 0.5, "count": 3}], [ACCOUNT] * 100)) == 3


def test_two_rules_with_chance_draw_apart() -> None:
    rules = [{**RESET, "probability": 0.5}, {**RESET, "probability": 0.5}]
    numbers = failed(rules, [ACCOUNT] * 1000)
    assert {0, 1, 2} == set(numbers)


def test_a_new_plan_starts_from_zero(faulty: Faulty) -> None:
    faulty.plan({**RESET, "operations": "getAccount", "nth": 2})
    assert faulty.get().status == 200
    faulty.plan({**RESET, "operations": "getAccount", "nth": 2})
    assert faulty.get().status == 200
    assert faulty.get().reset
    assert faulty.server.faults_fired == (1,)


def test_a_bad_plan_leaves_the_old_one(faulty: Faulty) -> None:
    faulty.plan({**RESET, "operations": "getAccount"})
    with pytest.raises(PlanError):
        faulty.plan({"fault": "nope"})
    assert faulty.get().reset


# ---- how a server is told ------------------------------------------------------------------


def test_serve_takes_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("rules: [{fault: status_before, operations: '*', status: 418}]")
    with benchwire.local.serve(faults=path, sample=False) as server:
        assert Faulty(server).get().status == 418
    with pytest.raises(PlanError, match="rule 1"):
        benchwire.local.serve(faults=[{"fault": "nope"}])


def test_settings_take_a_checked_plan_only() -> None:
    with pytest.raises(TypeError, match="faults must be a FaultPlan or None"):
        Settings(faults=[])  # type: ignore[arg-type]


def test_the_command_takes_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("rules: [{fault: nope}]")
    command = [sys.executable, "-c", "from benchwire.cli import main; main()"]
    ended = forks.run([*command, "local", "serve", "--faults", str(path)])
    assert ended.returncode == 1
    assert f"error: {path}: rule 1: fault: there is no fault 'nope'" in ended.stderr


def test_a_server_can_be_started_again_with_its_plan() -> None:
    server = LocalServer(
        Settings(sample=False, faults=load_fault_plan([{**RESET, "operations": "getAccount"}]))
    )
    for _ in range(2):
        with server:
            assert Faulty(server).get().reset
            assert server.faults_fired == (1,)
