"""Each suggestion, applied to the spec: the lint has nothing to say and the finding is gone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from scripts.spec_lint import lint, load_spec

from benchwire_drift.collector import Collector
from benchwire_drift.findings import Finding, Kind
from benchwire_drift.judge import ObservedResponse
from benchwire_drift.specs import StrictSpec, bundled_spec
from benchwire_drift.suggest import PLACEHOLDER, Suggestion, suggest
from benchwire_specs import APIS, parse_document, spec_path
from drift.bodies import WRONG, Field, fields
from support.shared import REPOSITORY

# Each pointer once: a job in a list and a job by itself are one schema.
INFERRED = list({f.pointer: f for f in fields() if f.provenance == "inferred"}.values())
NEW_VALUE = "archived"


def found(response: ObservedResponse, api: str) -> tuple[list[Finding], dict[Any, Suggestion]]:
    collector = Collector()
    collector.add_response(api, response)
    findings = collector.findings()
    text = spec_path(api).read_text(encoding="utf-8")
    return findings, suggest(findings, bundled_spec(api), text)


class Checkout:
    """A copy of the specs to apply patches in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def applied(self, api: str, suggestion: Suggestion) -> str:
        """Apply a patch the way a person would, hold the result to the lint, and give it."""
        specs = self.folder / "openapi"
        shutil.rmtree(specs, ignore_errors=True)
        specs.mkdir()
        for name in (f"{api}.yaml", "documented.yaml"):
            shutil.copy(REPOSITORY / "openapi" / name, specs)
        patch = suggestion.patch.replace(PLACEHOLDER, NEW_VALUE)
        subprocess.run(
            ["git", "apply", "--whitespace=error", "-"],
            cwd=self.folder,
            input=patch.encode(),
            check=True,
        )
        assert lint(load_spec(specs / f"{api}.yaml")) == [], suggestion.patch
        return (specs / f"{api}.yaml").read_text(encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return Checkout(tmp_path)


def check(field: Field, change: Callable[[Any, Any], None], checkout: Checkout) -> list[str]:
    """Every finding of a change has a suggestion, and none is there after it."""
    api = field.spec.name
    response = field.spoiled(change)
    findings, suggestions = found(response, api)
    for finding in findings:
        text = checkout.applied(api, suggestions[finding.key])
        after = Collector({api: StrictSpec(parse_document(api, text))})
        after.add_response(api, response)
        assert finding.key not in {left.key for left in after.findings()}
        assert not [left for left in after.findings() if left.kind is Kind.INTERNAL]
    return [suggestions[finding.key].summary for finding in findings]


def test_there_are_inferred_fields_of_every_kind() -> None:
    assert len(INFERRED) > 30
    schemas = [field.spec.schemas.at(field.pointer) for field in INFERRED]
    assert {schema.types is None for schema in schemas} == {True, False}
    assert any(schema.format for schema in schemas)
    assert any(schema.items for schema in schemas)


OPERATIONS = sorted({(field.spec.name, field.operation.id) for field in INFERRED})
of_each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)


def inferred(operation: tuple[str, str]) -> list[Field]:
    return [f for f in INFERRED if (f.spec.name, f.operation.id) == operation]


@of_each_operation
def test_another_type_of_an_inferred_field(operation: tuple[str, str], checkout: Checkout) -> None:
    turns = cycle([("string", "array"), ("number", "object")])
    for field, kinds in zip(inferred(operation), turns, strict=False):
        for kind in kinds:
            if kind == "string" and field.name == "status":
                continue  # that is a new value of an enum, and has a test of its own
            value = WRONG[kind]
            check(field, lambda holder, name, value=value: holder.update({name: value}), checkout)


@of_each_operation
def test_null_for_an_inferred_field(operation: tuple[str, str], checkout: Checkout) -> None:
    for field in inferred(operation):
        check(field, lambda holder, name: holder.update({name: None}), checkout)


@of_each_operation
def test_an_inferred_field_that_is_missing(operation: tuple[str, str], checkout: Checkout) -> None:
    for field in inferred(operation):
        check(field, lambda holder, name: holder.pop(name), checkout)


@of_each_operation
def test_another_form_of_an_inferred_date(operation: tuple[str, str], checkout: Checkout) -> None:
    for field in inferred(operation):
        if field.spec.schemas.at(field.pointer).format == "date-time":
            check(field, lambda holder, name: holder.update({name: "3 June"}), checkout)


@of_each_operation
def test_a_new_value_of_an_inferred_enum(operation: tuple[str, str], checkout: Checkout) -> None:
    for field in inferred(operation):
        if field.name == "status":
            check(field, lambda holder, name: holder.update({name: NEW_VALUE}), checkout)


@of_each_operation
def test_another_name_of_an_inferred_field(operation: tuple[str, str], checkout: Checkout) -> None:
    """Examples and links follow, and Python keeps the name it has."""
    for field in inferred(operation):
        new = f"{field.name}New" if field.spec.name == "v2" else f"new_{field.name}"

        def rename(holder: Any, name: Any, new: str = new) -> None:
            holder[new] = holder.pop(name)

        for summary in check(field, rename, checkout):
            assert f"is now {new}; it is still " in summary


@pytest.mark.parametrize("api", APIS)
def test_a_new_field_in_every_object(api: str, checkout: Checkout) -> None:
    new = "brandNew" if api == "v2" else "brand_new"
    objects = {field.pointer.rpartition("/properties/")[0]: field for field in fields(api)}
    for field, value in zip(objects.values(), cycle([*WRONG.values(), None]), strict=False):
        check(field, lambda holder, name, v=value: holder.update({new: v}), checkout)


def test_a_new_field_that_is_named_like_a_secret(checkout: Checkout) -> None:
    (field,) = [f for f in fields("v0") if f.path == "$.available_credits"]
    check(field, lambda holder, name: holder.update({"session_token": "x"}), checkout)


def test_a_name_the_lint_would_refuse_has_no_suggestion() -> None:
    (field,) = [f for f in fields("v0") if f.path == "$.available_credits"]
    response = field.spoiled(lambda holder, name: holder.update({"sessionTag": 1}))
    findings, suggestions = found(response, "v0")
    assert len(findings) == 1
    assert suggestions == {}


def test_what_a_document_says_has_no_suggestion() -> None:
    """The document is to be looked at first; only what is a guess is mended."""
    for field in fields():
        if field.provenance != "inferred" and not field.spec.schemas.at(field.pointer).branches:
            response = field.spoiled(lambda holder, name: holder.update({name: None}))
            findings, suggestions = found(response, field.spec.name)
            assert suggestions == {}, findings


def test_suggestions_hold_no_value() -> None:
    canary = "canary_value"
    for field in INFERRED:
        response = field.spoiled(lambda holder, name: holder.update({name: canary, "tag": canary}))
        _, suggestions = found(response, field.spec.name)
        assert suggestions
        assert canary not in repr(suggestions)
