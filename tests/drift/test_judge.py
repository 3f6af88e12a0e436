"""Each kind of difference, for every field of every operation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pytest

from benchwire_drift.findings import Finding, Grade, Kind
from benchwire_drift.judge import check_response, judge
from benchwire_drift.specs import APIS, StrictSpec, bundled_spec
from benchwire_specs import SpecError, parse_document
from drift.sample_responses import JSON, WRONG, Field, fields, sample

FIELDS = list(fields())
OF_OPERATION = {
    f"{api} {operation}": list(group)
    for (api, operation), group in groupby(FIELDS, lambda f: (f.spec.name, f.operation.id))
}
of_each_operation = pytest.mark.parametrize("operation", OF_OPERATION)
CANARY = "CANARY-4f9a1c"


def check_changed(field: Field, change: Any) -> list[Finding]:
    return check_response(field.spec, field.changed_response(change)).findings


def check_body(body: Any, status: int = 200, headers: Mapping[str, str] = JSON) -> list[Finding]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return judge("public", "GET", "/evaluations", status, headers, content)


def models(**fields: Any) -> dict[str, Any]:
    spec = bundled_spec("public")
    return sample(spec, "#/components/schemas/PublicModelsListResponse") | fields


def test_there_are_fields_of_every_reading_operation() -> None:
    for api in APIS:
        read = {o.id for o in bundled_spec(api).operations if o.method == "GET"}
        assert read <= {field.operation.id for field in FIELDS if field.spec.name == api}
    assert len(FIELDS) > 200


@of_each_operation
def test_a_response_with_every_field_has_no_findings(operation: str) -> None:
    assert check_changed(OF_OPERATION[operation][0], lambda parent, name: None) == []


@of_each_operation
def test_a_wrong_type_is_found_in_every_field_that_excludes_it(operation: str) -> None:
    for field in OF_OPERATION[operation]:
        allowed = _types(field)
        for kind, value in WRONG.items():
            found = check_changed(
                field, lambda parent, name, value=value: parent.update({name: value})
            )
            wrong = [f for f in found if f.kind is Kind.TYPE and f.path == field.path]
            if kind in allowed or (kind == "integer" and "number" in allowed):
                assert not wrong
                continue
            (finding,) = wrong
            assert (finding.got, finding.grade) == ((kind,), Grade.BREAKING)
            assert (finding.pointer, finding.provenance) == (field.pointer, field.provenance)
            assert finding.operation == field.operation.id


@of_each_operation
def test_null_is_found_in_every_field_that_excludes_it(operation: str) -> None:
    for field in OF_OPERATION[operation]:
        found = check_changed(field, lambda parent, name: parent.update({name: None}))
        if "null" in _types(field):
            assert found == []
            continue
        (finding,) = found
        assert (finding.kind, finding.path, finding.got) == (Kind.NULL, field.path, ("null",))
        # The SDK reads it as an empty list, or as None like an absent field.
        owner = field.spec.schemas.at(field.pointer.rpartition("/properties/")[0])
        read = Grade.BREAKING if field.name in owner.required else Grade.SEMANTIC
        empty = field.spec.schemas.at(field.pointer).null_means_empty
        assert finding.grade is (Grade.ADDITIVE if empty else read)


@of_each_operation
def test_a_missing_field_is_found_where_it_is_required(operation: str) -> None:
    for field in OF_OPERATION[operation]:
        owner = field.pointer.rpartition("/properties/")[0]
        found = check_changed(field, lambda parent, name: parent.pop(name))
        if field.name not in field.spec.schemas.at(owner).required:
            assert found == []
            continue
        (finding,) = found
        assert (finding.kind, finding.path) == (Kind.MISSING_FIELD, field.path)
        # The SDK reads nothing as None where null may be, or as an empty list.
        is_read = field.spec.schemas.at(field.pointer).null_means_empty or "null" in _types(field)
        assert finding.grade is (Grade.SEMANTIC if is_read else Grade.BREAKING)
        assert finding.provenance == field.provenance


@of_each_operation
def test_an_unknown_field_is_found_in_every_object(operation: str) -> None:
    for field in OF_OPERATION[operation]:
        found = check_changed(field, lambda parent, name: parent.update({"brand_new": CANARY}))
        (finding,) = found
        assert (finding.kind, finding.grade) == (Kind.UNKNOWN_FIELD, Grade.ADDITIVE)
        assert finding.path == field.path.rpartition(".")[0] + ".brand_new"
        assert finding.got == ("string",)


ENUMS = [f for f in FIELDS if f.name == "status" and f.spec.schemas.at(f.pointer).branches]


@pytest.mark.parametrize("field", ENUMS, ids=str)
def test_an_open_enum_is_read_as_closed(field: Field) -> None:
    (finding,) = check_changed(field, lambda parent, name: parent.update({name: CANARY}))
    assert (finding.kind, finding.path) == (Kind.UNKNOWN_ENUM_VALUE, field.path)
    assert finding.grade is Grade.ADDITIVE
    assert finding.expected.startswith("one of p")
    assert CANARY not in str(finding)


def test_there_are_enums() -> None:
    assert {field.operation.id for field in ENUMS} >= {"listEvaluations", "getJob", "submitJob"}


DATES = [f for f in FIELDS if f.spec.schemas.at(f.pointer).format == "date-time"]
EPOCHS = [f for f in FIELDS if f.spec.schemas.at(f.pointer).epoch]


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        ("2025-06-03T09:15:27Z", None),
        ("2025-06-03t09:15:27.1234567+02:00", None),
        ("2025-06-03T23:59:60Z", None),
        ("2025-06-03T09:15:27", Grade.SEMANTIC),  # read without a time zone
        ("2025-06-03 09:15:27Z", Grade.SEMANTIC),
        ("2025-06-03", Grade.SEMANTIC),
        ("03/06/2025 09:15", Grade.BREAKING),
        ("2025-06-03T24:00:00Z", Grade.SEMANTIC),  # read as the next day
        ("2025-06-03T24:30:00Z", Grade.BREAKING),
        ("2025-06-03T09:60:27Z", Grade.BREAKING),
        ("2025-06-03T09:15:27+02:60", Grade.SEMANTIC),
        ("2025-13-03T09:15:27Z", Grade.BREAKING),
        ("1748942127", Grade.BREAKING),
        ("", Grade.BREAKING),
    ],
)
def test_formats_of_dates(value: str, grade: Grade | None) -> None:
    for field in DATES:
        found = check_changed(field, lambda parent, name: parent.update({name: value}))
        assert [(f.kind, f.path, f.grade) for f in found] == (
            [(Kind.FORMAT, field.path, grade)] if grade else []
        )


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        (1717400000, None),
        ("1717400000", None),
        (0, None),
        (1717400000000, Grade.SEMANTIC),  # milliseconds
        (1717400000.0, None),
        (1717400000000.0, Grade.SEMANTIC),
        ("1717400000000", Grade.SEMANTIC),
        ("2025-06-03T09:15:27Z", Grade.SEMANTIC),
        ("last week", Grade.BREAKING),
    ],
)
def test_formats_of_times_in_seconds(value: object, grade: Grade | None) -> None:
    for field in EPOCHS:
        found = check_changed(field, lambda parent, name: parent.update({name: value}))
        assert [(f.kind, f.path, f.grade) for f in found] == (
            [(Kind.FORMAT, field.path, grade)] if grade else []
        )


def test_there_are_dates_of_both_forms() -> None:
    assert len(DATES) > 5
    assert len(EPOCHS) > 5


def test_an_integer_beyond_its_bits_is_of_the_wrong_format() -> None:
    field = next(f for f in FIELDS if f.spec.schemas.at(f.pointer).format == "int32")
    for value in (2**31, 2.0**31):
        (finding,) = check_changed(field, lambda parent, name: parent.update({name: value}))  # noqa: B023
        assert (finding.kind, finding.expected) == (Kind.FORMAT, "int32")
    assert check_changed(field, lambda parent, name: parent.update({name: 2**31 - 1})) == []


def test_a_whole_float_is_an_integer() -> None:
    assert check_body(b'{"evaluations": null, "total_count": 5.0}') == []
    (finding,) = check_body(b'{"evaluations": null, "total_count": 5.5}')
    assert (finding.kind, finding.got) == (Kind.TYPE, ("number",))


@pytest.mark.parametrize(
    ("status", "grade"),
    [
        (201, Grade.BREAKING),
        (204, Grade.BREAKING),
        (301, Grade.BREAKING),
        (404, Grade.SEMANTIC),
        (418, Grade.SEMANTIC),
    ],
)
def test_an_undocumented_status(status: int, grade: Grade) -> None:
    (finding,) = check_body({"evaluations": [], "total_count": 0}, status)
    assert (finding.kind, finding.status) == (Kind.UNDOCUMENTED_STATUS, str(status))
    assert finding.grade is grade


def test_statuses_of_gateways_are_additive() -> None:
    for status in (429, 502, 503, 504):
        page = b"<html>bad gateway</html>"
        found = judge("v2", "GET", "/api/v2/benchmarks/types", status, {}, page)
        assert [(f.kind, f.grade) for f in found] == [(Kind.UNDOCUMENTED_STATUS, Grade.ADDITIVE)]
        for finding in check_body(page, status, {"content-type": "text/html"}):
            assert finding.grade is Grade.ADDITIVE


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ({"Content-Type": "text/html; charset=utf-8"}, "text/html"),
        ({"content-type": f"text/{CANARY}1"}, "*"),
        ({}, "none"),
    ],
)
def test_an_undocumented_content_type(stated: dict[str, str], shown: str) -> None:
    (finding,) = check_body({"evaluations": [], "total_count": 0}, headers=stated)
    assert finding.kind is Kind.UNDOCUMENTED_CONTENT_TYPE
    assert (finding.got, finding.grade) == ((shown,), Grade.SEMANTIC)


def test_parameters_and_case_of_a_content_type_do_not_matter() -> None:
    headers = {"CONTENT-TYPE": "Application/JSON; charset=utf-8"}
    assert check_body({"evaluations": [], "total_count": 0}, headers=headers) == []


@pytest.mark.parametrize("body", [b"", b"  ", b"<html>", b"{", b"\xff", b"NaN"])
def test_a_body_that_is_not_json(body: bytes) -> None:
    (finding,) = check_body(body)
    assert (finding.kind, finding.path, finding.grade) == (Kind.NOT_JSON, "$", Grade.BREAKING)


def test_a_body_of_another_type() -> None:
    (finding,) = check_body([])
    assert (finding.kind, finding.path, finding.got) == (Kind.TYPE, "$", ("array",))


def test_the_body_of_an_error_is_checked_and_never_breaking() -> None:
    found = check_body({"error": 5, "hint": CANARY}, 400)
    assert [(f.kind, f.path, f.status, f.grade) for f in found] == [
        (Kind.TYPE, "$.error", "400", Grade.SEMANTIC),
        (Kind.UNKNOWN_FIELD, "$.hint", "400", Grade.ADDITIVE),
    ]
    assert check_body({"error": {"code": 1}}, 599) == []


@pytest.mark.parametrize(
    ("api", "method", "path", "shown"),
    [
        ("public", "GET", "/leaderboards/alice", "GET /leaderboards/*"),
        ("public", "GET", "/models/alice", "GET /models/*"),
        ("public", "GET", f"/{CANARY}", "GET /*"),
        ("public", "DELETE", "/evaluations/alice", "DELETE /evaluations/{id}"),
        ("v0", "GET", "/v0/invoices", "GET /v0/invoices"),
        ("v2", "GET", "/api/v2/benchmarks/models/5/secrets", "GET /api/v2/benchmarks/models/*/*"),
    ],
)
def test_an_undocumented_operation(api: str, method: str, path: str, shown: str) -> None:
    (finding,) = judge(api, method, path, 200, JSON, b"{}")
    assert (finding.kind, finding.operation) == (Kind.UNDOCUMENTED_OPERATION, shown)
    assert finding.grade is Grade.ADDITIVE
    assert judge(api, method, path, 404, JSON, b"{}") == []


def test_of_two_matching_templates_the_literal_one_is_used() -> None:
    assert bundled_spec("v0").match("POST", "/v0/jobs/batch").id == "submitJobBatch"
    assert bundled_spec("v0").match("GET", "/v0/jobs/batch").id == "getJob"
    assert bundled_spec("public").match("GET", "/evaluations/a%2Fb").id == "getEvaluation"
    assert bundled_spec("public").match("GET", "/evaluations/") is None


def test_occurrences_within_a_response_are_counted() -> None:
    rows = [{"id": 1, "status": "success", "model_id": "m", "dataset_id": "d"}] * 3
    (finding,) = check_body({"evaluations": rows, "total_count": 3})
    assert (finding.path, finding.count, finding.responses) == ("$.evaluations[*].id", 3, 1)


def test_free_objects_may_hold_anything() -> None:
    free = {"role": CANARY, "parts": [{"anything": [None, {}]}], "5": 5}
    prompts = [{"id": "p", "input": value, "truth": "t"} for value in ("x", [free], free)]
    body = json.dumps({"status": "success", "data": {"prompts": prompts, "count": 3}}).encode()
    assert judge("public", "GET", "/datasets/b/prompts", 200, JSON, body) == []


def test_the_values_of_a_map_are_checked_and_its_keys_are_not_shown() -> None:
    spec = bundled_spec("v2")
    model = sample(spec, "#/components/schemas/BenchmarkModel")
    model["scores"] = {CANARY: "high", "Jailbreak": 5, "b": None}
    body = json.dumps([model]).encode()
    (finding,) = judge("v2", "GET", "/api/v2/benchmarks/models", 200, JSON, body)
    assert (finding.kind, finding.path, finding.count) == (Kind.TYPE, "$[*].scores.*", 1)
    assert finding.provenance == "vendor-docs"


def test_no_value_reaches_a_finding() -> None:
    """Insert a canary as every value, and as a name in every object."""
    for field in FIELDS:
        for value in (CANARY, [CANARY], {CANARY: CANARY}):

            def insert(parent: Any, name: Any, value: Any = value) -> None:
                parent[name] = value
                parent[CANARY] = CANARY

            found = check_changed(field, insert)
            assert found
            assert CANARY not in repr(found)
            assert CANARY not in json.dumps([finding.to_dict() for finding in found])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("region", "region"),
        ("contextLength2", "contextLength2"),
        ("$type", "$type"),
        ("@odata.type", "@odata.type"),
        ("a" * 60, "a" * 40 + "…"),
        ("alice@example.com", "*"),
        ("8f14e45fceea167a5a36dedd4bea2543", "*"),
        ("sk-live-abcdef", "*"),
        ("2025-06-03", "*"),
        ("two words", "*"),
        ("", "*"),
        ("é", "*"),
    ],
)
def test_names_that_look_like_data_are_not_shown(name: str, shown: str) -> None:
    (finding,) = check_body({"evaluations": [], "total_count": 0, name: 1})
    assert finding.path == f"$.{shown}"


def test_the_number_of_findings_of_a_response_is_limited() -> None:
    letters = "abcdefghijklmnop"
    names = {f"{a}{b}{c}": 1 for a in letters for b in letters for c in letters}
    assert len(check_body({"evaluations": [], "total_count": 0, **names})) == 500


def test_an_unknown_api_is_an_error() -> None:
    with pytest.raises(ValueError, match="must be one of public, v2, v0, not 'v1'"):
        judge("v1", "GET", "/", 200, JSON, b"{}")


PROLOGUE = "openapi: 3.1.0\nservers: [{url: 'https://x'}]\npaths: {}\ncomponents:\n  schemas:\n"


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("{not: {type: string}}", "the keyword 'not' is not supported"),
        ("{type: string, format: byte}", "no support for the format 'byte'"),
        ("{$ref: '#/components/schemas/B'}", "nothing at #/components/schemas/B"),
        ("{allOf: [{$ref: '#/components/schemas/A'}]}", "refers to itself"),
        ("{properties: {a: {}}, anyOf: [{}]}", "both properties and anyOf"),
        ("[]", "no schema at"),
    ],
)
def test_an_unsupported_schema_is_an_error(schema: str, message: str) -> None:
    spec = StrictSpec(parse_document("x", f"{PROLOGUE}    A: {schema}\n"))
    with pytest.raises(SpecError, match=message):
        spec.schemas.at("#/components/schemas/A")


def test_the_schemas_of_all_of_are_merged() -> None:
    spec = StrictSpec(
        parse_document(
            "x",
            f"{PROLOGUE}"
            "    A: {allOf: [{$ref: '#/components/schemas/B'}, {properties: {c: {type: string}}}]}\n"
            "    B: {type: object, required: [b], properties: {b: {type: integer}}}\n",
        )
    )
    schema = spec.schemas.at("#/components/schemas/A")
    assert (schema.types, schema.required, schema.closed) == (("object",), ("b",), True)
    assert set(schema.properties) == {"b", "c"}


def test_every_schema_of_the_specs_is_supported() -> None:
    for api in APIS:
        spec = bundled_spec(api)
        used = {s for o in spec.operations for m in o.responses.values() for s in m.values()}
        for pointer in used:
            sample(spec, pointer)


def _types(field: Field) -> set[str]:
    schema = field.spec.schemas.at(field.pointer)
    if schema.types is not None:
        return set(schema.types)
    inner = [field.spec.schemas.at(at) for branches in schema.branches for at in branches]
    if not inner:
        return {*WRONG, "null"}
    return {kind for branch in inner for kind in branch.types or ()}
