"""The page's plan and table are those of the server."""

from __future__ import annotations

import re

import yaml

from benchwire_local import load_fault_plan
from benchwire_local.faults.kinds import FAULTS
from support.shared import REPOSITORY

PAGE = (REPOSITORY / "docs" / "embedded-server.md").read_text(encoding="utf-8")


def test_the_plan_on_the_page_is_valid() -> None:
    (plan,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(load_fault_plan(yaml.safe_load(plan)).rules) == 4


def test_the_table_has_every_fault_and_its_parameters() -> None:
    rows = [line.split("|") for line in PAGE.splitlines() if line.startswith("| `")]
    told = {
        fault: set(re.findall(r"`(\w+)`", row[3])) for row in rows for fault in re.findall(r"`(\w+)`", row[1])
    }  # fmt: skip
    for name, fault in FAULTS.items():
        assert told[name] == set(fault.parameters), name
