"""Each suggestion, applied to the spec: the lint passes and the finding disappears."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi.generator.plan import plan_api
from scripts.spec_lint import lint, load_spec

from benchwire_drift.collector import Collector
from benchwire_drift.findings import Finding, Kind
from benchwire_drift.judge import ObservedResponse
from benchwire_drift.specs import StrictSpec, bundled_spec
from benchwire_drift.suggest import PLACEHOLDER, Suggestion, suggest
from benchwire_specs import APIS, parse_document, spec_path
from drift.sample_responses import WRONG, Field, fields
from support.shared import REPOSITORY

# Each pointer once: a job in a list and a single job share a schema.
INFERRED = list({f.pointer: f for f in fields() if f.provenance == "inferred"}.values())
NEW_VALUE = "archived"
ENUMS = {"status", "result"}


def check_and_suggest(
    response: ObservedResponse, api: str
) -> tuple[list[Finding], dict[Any, Suggestion]]:
    collector = Collector()
    collector.add_response(api, response)
    findings = collector.findings()
    text = spec_path(api).read_text(encoding="utf-8")
    return findings, suggest(findings, bundled_spec(api), text)


class Checkout:
    """A copy of a spec to apply patches in."""

    def __init__(self, folder: Path, api: str) -> None:
        self.folder = folder
        self.spec = folder / "openapi" / f"{api}.yaml"
        self.patches: list[str] = []
        self.resolved: list[tuple[ObservedResponse, Finding]] = []
        self.spec.parent.mkdir(parents=True)
        for name in (self.spec.name, "documented.yaml"):
            shutil.copy(REPOSITORY / "openapi" / name, self.spec.parent)
        subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)

    def applies(self, patch: str) -> bool:
        """Apply a patch with git, if it fits what was applied before."""
        done = subprocess.run(
            ["git", "apply", "--whitespace=error", "-"],
            cwd=self.folder, input=patch.encode(), capture_output=True, check=False,
        )  # fmt: skip
        self.patches += [patch] * (done.returncode == 0)
        return done.returncode == 0


class Checkouts:
    """Copies of specs: each patch is applied in the first that it fits, or in a new one.

    So few texts are parsed and linted, which takes much longer than to apply a patch.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.of_api: dict[str, list[Checkout]] = {}

    def apply(self, api: str, suggestion: Suggestion) -> Checkout:
        """Apply a patch, and return the copy that has it."""
        patch = suggestion.patch.replace(PLACEHOLDER, NEW_VALUE)
        present = self.of_api.setdefault(api, [])
        found = next((each for each in present if each.applies(patch)), None)
        if found is None:
            found = Checkout(self.folder / f"{api}-{len(present)}", api)
            assert found.applies(patch), patch
            present.append(found)
        return found

    def check(self) -> None:
        """Check that what was patched resolves the findings, and that the lint finds nothing in it."""
        for api, present in self.of_api.items():
            for each in present:
                text = each.spec.read_text(encoding="utf-8")
                patched = StrictSpec(parse_document(api, text))
                for response, finding in each.resolved:
                    after = Collector({api: patched})
                    after.add_response(api, response)
                    remaining = after.findings()
                    assert finding.key not in {one.key for one in remaining}
                    assert not [one for one in remaining if one.kind is Kind.INTERNAL]
                assert lint(load_spec(each.spec)) == [], "\n".join(each.patches)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkouts]:
    checkouts = Checkouts(tmp_path)
    yield checkouts
    checkouts.check()


def assert_resolved(
    field: Field, change: Callable[[Any, Any], None], checkout: Checkouts
) -> list[str]:
    """Apply the suggestion that every finding of a change has; return the summaries."""
    api = field.spec.name
    response = field.changed_response(change)
    findings, suggestions = check_and_suggest(response, api)
    for finding in findings:
        checkout.apply(api, suggestions[finding.key]).resolved.append((response, finding))
    return [suggestions[finding.key].summary for finding in findings]


def test_there_are_inferred_fields_of_every_kind() -> None:
    assert len(INFERRED) > 30
    schemas = [field.spec.schemas.at(field.pointer) for field in INFERRED]
    assert {schema.types is None for schema in schemas} == {True, False}
    assert any(schema.format for schema in schemas)
    assert any(schema.items for schema in schemas)


# All of an API together, as it takes long to lint a spec.
of_each_api = pytest.mark.parametrize("api", sorted({field.spec.name for field in INFERRED}))


def inferred(api: str) -> list[Field]:
    return [field for field in INFERRED if field.spec.name == api]


@of_each_api
def test_an_inferred_field_of_another_type(api: str, checkout: Checkouts) -> None:
    for turns in (("string", "number"), ("array", "object")):
        for field, kind in zip(inferred(api), cycle(turns), strict=False):
            if kind == "string" and field.name in ENUMS:
                continue  # a new value of an enum has its own test
            value = WRONG[kind]
            assert_resolved(
                field, lambda parent, name, value=value: parent.update({name: value}), checkout
            )


@of_each_api
def test_null_for_an_inferred_field(api: str, checkout: Checkouts) -> None:
    for field in inferred(api):
        assert_resolved(field, lambda parent, name: parent.update({name: None}), checkout)


@of_each_api
def test_an_inferred_field_that_is_missing(api: str, checkout: Checkouts) -> None:
    for field in inferred(api):
        assert_resolved(field, lambda parent, name: parent.pop(name), checkout)


@of_each_api
def test_an_inferred_date_of_another_format(api: str, checkout: Checkouts) -> None:
    for field in inferred(api):
        if field.spec.schemas.at(field.pointer).format == "date-time":
            assert_resolved(field, lambda parent, name: parent.update({name: "3 June"}), checkout)


@of_each_api
def test_a_new_value_of_an_inferred_enum(api: str, checkout: Checkouts) -> None:
    for field in inferred(api):
        if field.name in ENUMS:
            assert_resolved(field, lambda parent, name: parent.update({name: NEW_VALUE}), checkout)


@of_each_api
def test_an_inferred_field_of_another_name(api: str, checkout: Checkouts) -> None:
    """Examples and links are renamed too; the name in Python stays."""
    for field in inferred(api):
        new = f"{field.name}New" if field.spec.name == "v2" else f"new_{field.name}"

        def rename(parent: Any, name: Any, new: str = new) -> None:
            parent[new] = parent.pop(name)

        for summary in assert_resolved(field, rename, checkout):
            assert f"is now {new}; it is still " in summary
    before = names(api, spec_path(api).read_text("utf-8"))
    for each in checkout.of_api[api]:
        assert names(api, each.spec.read_text("utf-8")) == before


def names(api: str, text: str) -> dict[str, list[str]]:
    """Return the names in Python of each model's fields."""
    models = plan_api(dict(parse_document(api, text).content)).models
    return {name: sorted(field.python for field in model.fields) for name, model in models.items()}


@pytest.mark.parametrize("api", APIS)
def test_a_new_field_in_every_object(api: str, checkout: Checkouts) -> None:
    new = "brandNew" if api == "v2" else "brand_new"
    objects = {field.pointer.rpartition("/properties/")[0]: field for field in fields(api)}
    for field, value in zip(objects.values(), cycle([*WRONG.values(), None]), strict=False):
        assert_resolved(field, lambda parent, name, v=value: parent.update({new: v}), checkout)


def test_a_new_field_that_is_named_like_a_secret(checkout: Checkouts) -> None:
    (field,) = [f for f in fields("v0") if f.path == "$.available_credits"]
    assert_resolved(field, lambda parent, name: parent.update({"session_token": "x"}), checkout)


def test_a_list_with_a_line_for_each_item(tmp_path: Path) -> None:
    spec, checkout = bundled_spec("v2"), Checkout(tmp_path, "v2")
    text = yaml.safe_dump(dict(spec.document.content), sort_keys=False, allow_unicode=True)
    checkout.spec.write_text(text, "utf-8")
    (field,) = [f for f in INFERRED if f.pointer.endswith("BenchmarkTestCase/properties/id")]
    collector = Collector()
    collector.add_response(
        "v2", field.changed_response(lambda parent, name: parent.update({name: 0.5}))
    )
    (suggestion,) = suggest(collector.findings(), spec, text).values()
    assert checkout.applies(suggestion.patch)
    patched = parse_document("v2", checkout.spec.read_text("utf-8"))
    stated = {**spec.document.node(field.pointer), "type": ["string", "number", "null"]}
    assert patched.node(field.pointer) == stated


def test_a_name_that_the_lint_refuses_has_no_suggestion() -> None:
    (field,) = [f for f in fields("v0") if f.path == "$.available_credits"]
    response = field.changed_response(lambda parent, name: parent.update({"sessionTag": 1}))
    findings, suggestions = check_and_suggest(response, "v0")
    assert len(findings) == 1
    assert suggestions == {}


def test_a_documented_field_has_no_suggestion() -> None:
    """The document has to be checked first; only inferred parts of a spec are changed."""
    for field in fields():
        if field.provenance != "inferred" and not field.spec.schemas.at(field.pointer).branches:
            response = field.changed_response(lambda parent, name: parent.update({name: None}))
            findings, suggestions = check_and_suggest(response, field.spec.name)
            assert suggestions == {}, findings


def test_suggestions_hold_no_value() -> None:
    canary = "canary_value"
    for field in INFERRED:
        response = field.changed_response(
            lambda parent, name: parent.update({name: canary, "tag": canary})
        )
        _, suggestions = check_and_suggest(response, field.spec.name)
        assert suggestions
        assert canary not in repr(suggestions)
