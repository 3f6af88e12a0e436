"""The specs contain what the reference documents state, in the documents' order.

The documents are parsed from their text. The specs may contain more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
import yaml
from scripts.spec_lint import Spec, load_spec

from specs.reference import Fact, Row, facts, sections, tables
from support.shared import REPOSITORY, require_shared

APIS = ("public", "v2", "v0")
SPECS = {name: load_spec(REPOSITORY / "openapi" / f"{name}.yaml") for name in APIS}
# The number of operations in the documents, which shows that all of them are parsed.
STATED = {"public": 6, "v2": 5, "v0": 6}

# The tables of the public reference, by index: parameters of an operation, or properties of a schema.
# The others describe the SDK alone: its constructor and two convenience methods.
PARAMETER_TABLES = {
    1: "listModels",
    3: "listBenchmarks",
    5: "listBenchmarkPrompts",
    8: "getEvaluation",
    9: "listEvaluations",
    10: "compareEvaluations",
}
PROPERTY_TABLES = {
    2: "PublicModelDetail",
    4: "PublicBenchmarkDetail",
    6: "BenchmarkPrompt",
    11: "ComparisonResult",
}
# The wire's name of a parameter, where the SDK has another.
WIRE = {
    ("listBenchmarkPrompts", "search_field"): "search",
    ("listEvaluations", "model_ids"): "models",
    ("listEvaluations", "benchmark_ids"): "datasets",
}
JSON_TYPES = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null",
    "List": "array", "List[str]": "array", "Dict": "object", "EvaluationStatus": "string",
}  # fmt: skip


def text(*parts: str) -> str:
    return require_shared(*parts).read_text(encoding="utf-8")


def reference(api: str) -> str:
    return text("seeds", f"{api}-api.txt")


def parameters(spec: Spec, operation_id: str) -> dict[str, Any]:
    operation = spec.operation(operation_id)
    assert operation is not None
    result = {}
    for site in spec.parameters(operation):
        result[str(site.node["name"])] = {
            **site.node,
            "schema": {**spec.resolve(site.child("schema")).node},
        }
    return result


def properties(spec: Spec, schema: str) -> dict[str, Any]:
    node = spec.lookup(f"#/components/schemas/{schema}")
    assert node is not None
    return dict(node.get("properties", {}))


def required(spec: Spec, schema: str) -> set[str]:
    node = spec.lookup(f"#/components/schemas/{schema}")
    assert node is not None
    return set(node.get("required", ()))


def in_order(stated: Iterable[str], present: Iterable[str]) -> list[str]:
    """Return the present names that are stated: equal to them if all are present, in their order."""
    names = set(stated)
    return [name for name in present if name in names]


def json_types(node: Any) -> set[str]:
    stated = node.get("type", [])
    own = {stated} if isinstance(stated, str) else set(stated)
    return own.union(*map(json_types, node.get("anyOf", ())))


def python_types(row: Row) -> set[str]:
    return {JSON_TYPES[part.strip()] for part in row.type.split("|")}


@pytest.mark.parametrize("api", APIS)
def test_every_operation_of_the_facts_is_in_the_spec(api: str) -> None:
    listed = {(fact.method, fact.path) for fact in facts(text("docs", "api-facts.md"), api)}
    assert listed - {(op.method, op.path) for op in SPECS[api].operations()} == set()
    assert len(listed) == STATED[api]


def facts_with_operations(api: str) -> list[tuple[Fact, Any]]:
    stated = facts(text("docs", "api-facts.md"), api)
    operations = {(op.method, op.path): op for op in SPECS[api].operations()}
    assert len(stated) == STATED[api]
    return [(fact, operations[fact.method, fact.path]) for fact in stated]


@pytest.mark.parametrize("api", APIS)
def test_an_operation_has_the_parameters_of_the_facts(api: str) -> None:
    spec = SPECS[api]
    for fact, operation in facts_with_operations(api):
        body = spec.body(operation)
        if body:
            schema = spec.resolve(body.child("content", "application/json", "schema"))
            names = list(schema.node["properties"])
        else:
            nodes = parameters(spec, operation.id).values()
            names = [str(node["name"]) for node in nodes if node["in"] == "query"]
        missing = set(fact.parameters) - set(names)
        assert (operation.id, missing) == (operation.id, set())


@pytest.mark.parametrize("api", APIS)
def test_a_response_has_the_properties_of_the_facts(api: str) -> None:
    spec = SPECS[api]
    for fact, operation in facts_with_operations(api):
        success = next(site for status, site in spec.responses(operation) if status[0] == "2")
        schema = spec.resolve(success.child("content", "application/json", "schema"))
        if len(fact.response) > 1 or fact.response in (("benchmarks",), ("jobs",)):
            missing = set(fact.response) - set(schema.node["properties"])
            assert (operation.id, missing) == (operation.id, set())
        elif fact.response:
            name = f"#/components/schemas/{fact.response[0]}"
            # One run has its test cases, too, or is an array of them.
            places = {name, f"{name}WithTestCases"} if schema.node.get("anyOf") else {name}
            one_of = [schema, *map(spec.resolve, schema.children("anyOf"))]
            assert places & {site.location for site in one_of}


def test_an_evaluation_has_the_properties_of_the_facts() -> None:
    document = text("docs", "api-facts.md")
    spec = SPECS["public"]
    wire = re.search(r"Evaluation on the wire \(C\): `([^`]+)`", document)
    summary = re.search(r"`summary` \(C\): `\{(.+)\}`", document)
    assert wire is not None
    assert summary is not None
    names = re.findall(r"\w+", re.sub(r"\([^)]*\)", "", wire[1]))
    assert names == in_order(names, properties(spec, "Evaluation"))
    schemas = [name for name in dict(spec.named_schemas()) if "Summary" in name]
    schemas += ["PerformanceDetails", "ErrorAnalysis"]
    present = [name for schema in schemas for name in properties(spec, schema)]
    # Counted: several of these schemas have a name and a description each.
    assert Counter(re.findall(r"\w+", summary[1])) - Counter(present) == Counter()


def test_the_states_of_an_evaluation_are_in_the_enum() -> None:
    stated = re.search(r"Evaluation status \(C\): ([^.]+)\.", text("docs", "api-facts.md"))
    assert stated is not None
    status = SPECS["public"].lookup("#/components/schemas/EvaluationStatus")
    assert status is not None
    values = stated[1].split(", ")
    assert values == in_order(values, status["enum"])


def test_a_job_has_the_properties_of_the_facts_in_their_order() -> None:
    line = re.search(
        r"^- Job, in the document's order.*$", text("docs", "api-facts.md"), re.MULTILINE
    )
    assert line is not None
    lists = re.findall(r"`([^`]+)`", line[0])
    names = [name for part in lists for name in re.findall(r"\w+", re.sub(r"\([^)]*\)", "", part))]
    assert len(names) == 19
    assert names == in_order(names, properties(SPECS["v0"], "Job"))


def test_a_v0_benchmark_has_the_properties_of_the_facts() -> None:
    match = re.search(r"`\{benchmarks: \[\{([^}]+)\}\]\}`", text("docs", "api-facts.md"))
    assert match is not None
    names = re.findall(r"\w+", match[1])
    assert names == in_order(names, properties(SPECS["v0"], "Benchmark"))


def test_the_public_reference_has_the_expected_tables() -> None:
    assert len(tables(reference("public"))) == 13
    assert not PARAMETER_TABLES.keys() & PROPERTY_TABLES.keys()


@pytest.mark.parametrize(("index", "operation_id"), PARAMETER_TABLES.items())
def test_a_public_operation_has_the_documented_parameters(index: int, operation_id: str) -> None:
    rows = [row for row in tables(reference("public"))[index] if row.name != "timeout"]
    present = parameters(SPECS["public"], operation_id)
    names = [WIRE.get((operation_id, row.name), row.name) for row in rows]
    assert names == in_order(names, present)
    for row in rows:
        wire = WIRE.get((operation_id, row.name), row.name)
        node = present[wire]
        assert (wire, node.get("required", False)) == (wire, row.required)
        assert (wire, json_types(node["schema"])) == (wire, python_types(row) - {"null"})
        if wire != row.name:
            assert node["x-python-name"] == row.name
        if "enum" in node["schema"] and ":" in row.rest:
            values = set(re.findall(r"\w+", row.rest.rpartition(":")[2])) - {"or"}
            assert (wire, values - set(node["schema"]["enum"])) == (wire, set())
        for word, keyword in (
            ("default", "default"),
            ("max", "maximum"),
            ("defaults to", "default"),
        ):
            for value in re.findall(rf"\b{word}:? (\d+)", row.rest):
                assert (wire, keyword, node["schema"].get(keyword)) == (wire, keyword, int(value))


@pytest.mark.parametrize(("index", "schema"), PROPERTY_TABLES.items())
def test_a_public_schema_has_the_documented_properties(index: int, schema: str) -> None:
    rows = tables(reference("public"))[index]
    present = properties(SPECS["public"], schema)
    names = [row.name for row in rows]
    assert names == in_order(names, present)
    for row in rows:
        node = present[row.name]
        types = json_types(node)
        if node.get("x-python-decode") == "epoch":
            types -= {"string"}  # possible on the wire; an integer in the document
        assert (row.name, types) == (row.name, python_types(row))
        if "List[str]" in row.type:
            assert node["items"] == {"type": "string"}
        assert row.nullable or row.name in required(SPECS["public"], schema)


@pytest.mark.parametrize(
    "schema",
    [
        "PublicModelsListResponse",
        "PublicBenchmarksListResponse",
        "BenchmarkPromptsResponse",
        "EvaluationsListResponse",
        "ComparisonResponse",
    ],
)
def test_a_public_list_has_the_properties_of_the_reference(schema: str) -> None:
    title = schema.replace("EvaluationsList", "Evaluations")
    part = re.search(rf"Returns an? {title} (?:object )?containing:\n(.*)", reference("public"))
    assert part is not None
    # The page's conversion to text joined the bullets: a name follows the previous bullet directly.
    assert SPECS["public"].documented.properties[schema]
    for name in SPECS["public"].documented.properties[schema]:
        assert re.search(rf"(?<!_){name}(: |\.)", part[1]), name


def test_the_outcomes_of_a_comparison_are_those_of_the_reference() -> None:
    stated = re.findall(r'^"(\w+)" \|$', reference("public"), re.MULTILINE)
    outcome = SPECS["public"].lookup("#/components/schemas/OutcomeFilter")
    assert outcome is not None
    assert len(stated) == 5
    assert stated == in_order(stated, outcome["enum"])
    assert outcome["default"] == "all"


V2_SCHEMAS = {
    "/api/v2/benchmarks/models/{modelId}": "BenchmarkModelWithDetails",
    "/api/v2/benchmarks/models/{modelId}/runs/{probeRunId}/test-cases": "BenchmarkProbeRunWithTestCases",
    "/api/v2/benchmarks/types": "BenchmarkType",
}


def test_v2_has_the_documented_parameters() -> None:
    spec = SPECS["v2"]
    stated = sections(reference("v2"))
    for operation in spec.operations():
        rows = [
            *stated.get((operation.path, "Path parameters"), []),
            *stated.get((operation.path, "Query parameters"), []),
        ]
        present = parameters(spec, operation.id)
        names = [row.name for row in rows]
        assert (operation.id, names) == (operation.id, in_order(names, present))
        for row in rows:
            node = present[row.name]
            assert node.get("required", False) is row.required
            kind, _, width = row.type.partition(" · ")
            assert (node["schema"]["type"], node["schema"]["format"]) == (kind, width)
    assert sum("parameters" in section for _, section in stated) == 6


@pytest.mark.parametrize(("path", "schema"), V2_SCHEMAS.items())
def test_v2_has_the_documented_properties(path: str, schema: str) -> None:
    spec = SPECS["v2"]
    rows = sections(reference("v2"))[path, "200"]
    present = properties(spec, schema)
    for row in rows:
        kind, *rest = row.type.split(" · ")
        node = present[row.name]
        expected = {kind, "null"} if "nullable" in rest else {kind}
        assert (row.name, json_types(node)) == (row.name, expected)
        assert (row.name, node.get("format")) == (
            row.name,
            next((word for word in rest if word != "nullable"), None),
        )
    names = {row.name for row in rows}
    assert {row.name for row in rows if row.required} == required(spec, schema) & names


def test_v0_has_the_limits_and_values_of_the_reference() -> None:
    document = reference("v0")
    spec = SPECS["v0"]
    providers = re.findall(r"^(openai, [\w, ]+)\. Defaults to (\w+)\.", document, re.MULTILINE)
    low, high = re.search(r"^(\d+) and (\d+)\. Each unit", document, re.MULTILINE).groups()  # type: ignore[union-attr]
    statuses = set(re.findall(r"^(pending, [\w, ]+?)\.", document, re.MULTILINE))
    assert len(providers) == 2
    for (values, default), schema in zip(
        providers, ("SubmitJobRequest", "SubmitJobBatchRequest"), strict=True
    ):
        provider = properties(spec, schema)["provider"]
        enum = spec.lookup(provider["$ref"])["enum"]  # type: ignore[index]
        assert values.split(", ") == in_order(values.split(", "), enum)
        assert provider["default"] == default
    for schema in ("SubmitJobRequest", "BatchJobItem"):
        count = properties(spec, schema)["benchmark_count"]
        assert (count["minimum"], count["maximum"]) == (int(low), int(high))
    status = spec.lookup("#/components/schemas/JobStatus")
    assert status is not None
    (stated,) = {re.sub(r", or ", ", ", line) for line in statuses}
    assert stated.split(", ") == in_order(stated.split(", "), status["enum"])
    assert document.count("Returns202 Accepted") == 2
    accepting = [op.id for op in spec.operations() if "202" in op.node["responses"]]
    assert in_order(("submitJob", "submitJobBatch"), accepting) == ["submitJob", "submitJobBatch"]


@pytest.mark.parametrize("api", APIS)
def test_each_documented_name_is_in_the_reference(api: str) -> None:
    listed = yaml.load(
        (REPOSITORY / "openapi" / "documented.yaml").read_text(), Loader=yaml.CSafeLoader
    )[api]
    document = text("seeds", listed["reference"])
    names = {
        name
        for kind in ("parameters", "properties")
        for group in listed[kind].values()
        for name in group
    }
    # The v2 page's conversion to text removed the space between a name and its type.
    missing = {
        name
        for name in names
        if not re.search(rf"\b{name}(?:\b|integer|number|string)", document)
        and not re.search(rf"objects?{name}:", document)
    }
    assert names
    assert missing == set()


def marked_statuses(api: str) -> dict[str, set[str]]:
    """Return the error statuses that the facts state of an API, by their mark."""
    part = text("docs", "api-facts.md").partition(f"## {api} ")[2].partition("\n## ")[0]
    stated = re.search(r"\bErrors(?::| (?=\(|\d))(.*)", part)
    assert stated is not None
    # A mark is after what it marks, but for the one that is first of all.
    pieces = re.split(r"\(([DPCI])\)", re.split(r"(?<!\d)\. |; `", stated[1])[0])
    texts, marks = pieces[::2], pieces[1::2]
    if not re.search(r"\d{3}", texts[0]):
        texts = texts[1:]
    return {
        mark: set(re.findall(r"\b(\d{3}|5xx)\b", piece))
        for mark, piece in zip(marks, texts, strict=False)
        if re.search(r"\d{3}", piece)
    }


MARKS = {"P": "vendor-docs", "C": "client", "I": "inferred"}


@pytest.mark.parametrize("api", APIS)
def test_an_error_status_has_the_mark_of_the_facts(api: str) -> None:
    stated = {
        (status.upper(), MARKS[mark])
        for mark, statuses in marked_statuses(api).items()
        for status in statuses
    }
    present = {
        (status, SPECS[api].resolve(site).node["x-provenance"])
        for _, status, site in SPECS[api].all_responses()
        if status[0] != "2"
    }
    if any(status == "5XX" for status, _ in present):  # 500 is one of them
        stated = {(status.replace("500", "5XX"), mark) for status, mark in stated}
    assert len(stated) >= 5
    assert present == stated


def test_the_printed_error_bodies_are_not_inferred() -> None:
    document = text("docs", "api-facts.md")
    assert 'body `{"error": "text"}` (P)' in document
    assert 'body `{"error": {"message", "code"}}` (P)' in document
    for api in ("v0", "v2"):
        assert properties(SPECS[api], "ErrorResponse")["error"]["x-provenance"] == "vendor-docs"


def test_a_default_that_is_not_stated_is_marked() -> None:
    """Where the facts have no default of page_size, its schema says that ours is inferred."""
    rows = text("docs", "api-facts.md").splitlines()
    for fact, operation in facts_with_operations("public"):
        node = parameters(SPECS["public"], operation.id).get("page_size")
        if node is not None:
            line = next(row for row in rows if f"| `GET {fact.path}`" in row)
            is_stated = "page_size (default 100" in line
            marked = node["schema"].get("x-provenance") == "inferred"
            assert (operation.id, marked) == (operation.id, not is_stated)
