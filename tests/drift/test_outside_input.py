"""Files and hosts from outside that no parser reads well: the error is the documented one."""

from __future__ import annotations

from pathlib import Path

import pytest

import benchwire
from benchwire_drift.baseline import BaselineError, load_baseline
from benchwire_drift.har import read_har
from benchwire_drift.judge import judge
from benchwire_drift.specs import bundled_spec
from benchwire_specs.document import SpecError
from benchwire_specs.files import parse_document
from support.both import KEY, Flavour

DIGITS = "9" * 5000
DEEP = 1000
YAML = {
    "lists": "rules: " + "[" * DEEP + "]" * DEEP,
    "flow mappings": "{a: " * DEEP + "1" + "}" * DEEP,
    "block mappings": "\n".join(" " * level + "a:" for level in range(DEEP)),
    "block lists": "- " * DEEP + "a",
    "no moment": "rules: !!timestamp foo",
    "no day": "rules: !!timestamp 2001-13-45",
    "a day": "rules: !!timestamp 2001-01-01",
    "no number": "seed: !!int abc",
    "an empty number": 'seed: !!int ""',
    "no float": "seed: !!float x",
    "no boolean": "seed: !!bool x",
    "no bytes": 'rules: !!binary "a"',
    "an object": "rules: !!python/object:os.system x",
    "digits": f"seed: {DIGITS}",
    "hexadecimal digits": f"rules: 0x{'f' * 5000}",
    "minutes": "seed: " + ":".join(["59"] * 3000),
    "a list as a name": "? [a]\n: 1",
    "a tagged list as a name": "? !!str [a]\n: 1",
    "a null byte": "a\0b",
    "a huge probability": f"rules:\n- {{fault: status_before, status: 503, probability: {'9' * 400}}}",
    "a huge duration": f"rules:\n- {{fault: delay, seconds: {'9' * 400}}}",
}


@pytest.mark.parametrize("name", YAML)
def test_a_fault_plan_and_a_spec(name: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(YAML[name])
    with pytest.raises(benchwire.local.PlanError) as caught:
        benchwire.local.load_fault_plan(path)
    assert len(str(caught.value)) < 10_000
    with pytest.raises(SpecError):
        parse_document("public", YAML[name])


NUMBERS = [10**400, 10**5000, float("nan"), float("inf"), [10**5000]]
COUNTED = {("count", 0), ("count", 1), ("nth", 0), ("nth", 1), ("nth", 4)}  # whole numbers from 1


@pytest.mark.parametrize("number", range(len(NUMBERS)))
@pytest.mark.parametrize("field", ["seconds", "probability", "nth", "count", "operations", "x"])
def test_a_rule(field: str, number: int) -> None:
    rule = {"fault": "delay_before", "seconds": 1, "operations": "*", field: NUMBERS[number]}
    if (field, number) in COUNTED:
        benchwire.local.load_fault_plan([rule])
        return
    with pytest.raises(benchwire.local.PlanError, match=f"{field}|a value can't be used"):
        benchwire.local.load_fault_plan([rule])


def test_a_plan_in_json(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    for text in ("[" * 100_000 + "]" * 100_000, f"[{DIGITS}]", "\ufeff[]", "["):
        path.write_text(text)
        with pytest.raises(benchwire.local.PlanError):
            benchwire.local.load_fault_plan(path)


ODD = ["9" * 400, "-" + "9" * 400, "1e400", "NaN", '"9"', "[]", "{}", "null", '"' + DIGITS + '"']


@pytest.mark.parametrize("place", ["status", "size", "bodySize", "text", "url", "header"])
@pytest.mark.parametrize("odd", [*ODD, "[" * 900 + "]" * 900], ids=range(len(ODD) + 1))
def test_an_entry_of_a_recording(place: str, odd: str, tmp_path: Path) -> None:
    values = {"status": "200", "size": "2", "bodySize": "2", "text": '"{}"', "header": '"2"'}
    values["url"] = '"http://x/v0/jobs"'
    values[place] = odd
    sent = f'{{"name": "content-length", "value": {values["header"]}}}'
    content = f'{{"size": {values["size"]}, "text": {values["text"]}}}'
    entry = (
        f'{{"request": {{"method": "GET", "url": {values["url"]}}}, "response": {{"status":'
        f' {values["status"]}, "bodySize": {values["bodySize"]}, "headers": [{sent}],'
        f' "content": {content}}}}}'
    )
    path = tmp_path / "a.har"
    path.write_text(f'{{"log": {{"entries": [{entry}]}}}}')
    recording = read_har(path, bundled_spec("v0"), ["http://x"])
    assert len(recording.responses) + sum(recording.skipped.values()) == 1
    for observed in recording.responses:
        status, headers = observed.status, observed.headers
        judge("v0", observed.method, observed.path, status, headers, observed.content)


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("depth", [100, 400, 900, 1023, 5000])
@pytest.mark.parametrize("brackets", ['["x", ]', '{"jobs": }', '{"id": }'])
def test_a_body_that_is_nested(brackets: str, depth: int, status: int) -> None:
    text = brackets[:-1] * depth + "1" + brackets[-1] * depth
    judge("v0", "GET", "/v0/jobs", status, {}, text.encode())


@pytest.mark.parametrize(
    "text",
    ["a=" + "[" * 2000 + "]" * 2000, f"accepted={DIGITS}", "accepted=2001-13-45", "a=1979-05-27T"],
)
def test_a_baseline(text: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline.toml"
    path.write_text(text)
    with pytest.raises(BaselineError):
        load_baseline(path)


HOSTS = [
    "ex..ample.com", "a" * 64 + ".com", "xn--a", "\u2024.com", "a." * 130 + "com", ".com",
    "1.2.3.999", "\U0001f4a9.la", "\u0660.com", "\u00fc" * 60 + ".de", "\u3002", "a\u3002\u3002b",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_can_not_be_one(host: str, flavour: Flavour) -> None:
    for name in ("PublicClient", "V0Client"):
        with pytest.raises(benchwire.ConfigurationError, match="is no URL"):
            flavour.make(name, KEY, f"https://{host}/v0")


@pytest.mark.parametrize("host", ["xn--a", "\u2024.com", "1.2.3.999", "\U0001f4a9.la"])
def test_a_model_endpoint_with_such_a_host(host: str) -> None:
    with benchwire.local.serve() as server, server.v0_client(journal=False) as client:
        with pytest.raises(benchwire.APIStatusError) as caught:
            client.jobs.submit(client.benchmarks.list()[0].id, f"http://{host}", "k")
        assert 400 <= caught.value.status_code < 500
