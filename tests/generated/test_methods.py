"""The SDK's methods as planned from a spec: names, signatures, docstrings, and what is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from openapi.generator.methods import operations_modules
from openapi.generator.plan import plan_api
from openapi.generator.schemas import PlanError
from openapi.generator.sync_clients import NAMES, TEXTS, SubstitutionError, check_substitutions

from benchwire_specs import load_document

Spec = dict[str, Any]
SPEC: Spec = dict(load_document("public").content)


def module(edit: Callable[[Spec], object] = lambda spec: None) -> str:
    """Return the modules of the public operations and resources, after an edit of the spec."""
    spec = copy.deepcopy(SPEC)
    edit(spec)
    return "\n".join(
        operations_modules({"public": plan_api(spec)}, {"public": "# Header."}).values()
    )


def operation(spec: Spec, name: str) -> Spec:
    found: Spec
    (found,) = (
        each["get"] for each in spec["paths"].values() if each["get"]["operationId"] == name
    )
    return found


def add(**parameter: Any) -> Callable[[Spec], object]:
    """Return the edit that adds a parameter to listModels."""
    raw = {"name": "new", "in": "query", "schema": {"type": "string"}, **parameter}
    return lambda spec: operation(spec, "listModels")["parameters"].append(raw)


def change(name: str, **keys: Any) -> Callable[[Spec], object]:
    """Return the edit that changes keys of an operation, or removes those that are an ellipsis.

    Underscores stand for hyphens.
    """
    changes = {key.replace("_", "-"): value for key, value in keys.items()}

    def edit(spec: Spec) -> None:
        found = operation(spec, name)
        found.update(changes)
        for key in [key for key, value in changes.items() if value is ...]:
            del found[key]

    return edit


@pytest.mark.parametrize(
    ("parameter", "line"),
    [
        ({"description": "The text."}, "new: The text."),
        ({}, "new: Not described."),
        (
            {
                "description": "The rows.",
                "schema": {"type": "integer", "minimum": 1, "maximum": 9, "default": 5},
            },
            "new: The rows, 1 to 9; by default 5.",
        ),
        (
            {"description": "The rows.", "schema": {"type": "integer", "minimum": 1}},
            "new: The rows, at least 1.",
        ),
        (
            {"description": "The rows.", "schema": {"type": "number", "maximum": 2}},
            "new: The rows, at most 2.",
        ),
        (
            {
                "description": "The rows: 1 to 9, by default all.",
                "schema": {"type": "integer", "minimum": 1, "maximum": 9, "default": 5},
            },
            "new: The rows: 1 to 9, by default all.",
        ),
        (
            {"description": "The rows. Not all.", "schema": {"type": "boolean", "default": True}},
            "new: The rows. Not all. By default ``True``.",
        ),
        (
            {"description": "The order.", "schema": {"$ref": "#/components/schemas/SortOrder"}},
            "new: The order: ``asc`` or ``desc``.",
        ),
        ({"description": 'A `quote` \\ and """.'}, "new: A ``quote`` \\\\ and '''."),
    ],
)
def test_a_parameter_is_described_with_its_bounds(parameter: Spec, line: str) -> None:
    text = module(add(**parameter))
    assert text.count(f"            {line}\n") == 2  # get and iter_models


@pytest.mark.parametrize(
    ("parameter", "line"),
    [
        ({}, "new: str | None = None,"),
        ({"schema": {"type": "integer"}}, "new: int | None = None,"),
        (
            {"schema": {"$ref": "#/components/schemas/SortOrder"}},
            "new: SortOrder | Literal['asc', 'desc'] | None = None,",
        ),
        (
            {
                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/FilterValue"}},
                "explode": False,
            },
            "new: ListLike[str] | None = None,",
        ),
        (
            {
                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/SortOrder"}},
                "explode": False,
            },
            "new: ListLike[SortOrder | Literal['asc', 'desc']] | None = None,",
        ),
        (
            {"schema": {"type": "boolean", "default": False}, "x-python-default": False},
            "new: bool = False,",
        ),
        ({"x-python-name": "other"}, "other: str | None = None,"),
    ],
)
def test_a_parameter_is_annotated(parameter: Spec, line: str) -> None:
    assert module(add(**parameter)).count(f"        {line}\n") == 2


def test_required_parameters_come_first_by_position() -> None:
    text = module(add(required=True))
    assert (
        text.count("        self,\n        new: str,\n        *,\n        query: str | None") == 2
    )
    text = module(add(**{"x-python-positional": True}))
    assert (
        text.count("        self,\n        new: str | None = None,\n        *,\n        query") == 2
    )


@pytest.mark.parametrize(
    ("name", "keys", "line"),
    [
        ("listModels", {"x_python_method": "models.find"}, "async def find("),
        ("getEvaluation", {"x_python_method": "find"}, "AsyncResource(self._transport, self._on_error)"),
        ("listModels", {"x_python_method": "catalogue.get"}, "def catalogue(self)"),
        ("getEvaluation", {"x_python_not_found": "none"}, ") -> Evaluation | None:"),
        (
            "listEvaluations",
            {"x_python_pagination": ..., "x_python_unwrap": "evaluations"},
            ") -> ResultList[Evaluation]:",
        ),
    ],
)  # fmt: skip
def test_extensions_change_a_method(name: str, keys: Spec, line: str) -> None:
    assert line in module(change(name, **keys))


def test_an_operation_may_have_no_method() -> None:
    assert "get_evaluation" in module()
    assert "get_evaluation" not in module(change("getEvaluation", x_python_method=None))


def iterate(**keys: Any) -> Spec:
    return {
        "x_python_iterate": {"name": "iter_all", "items": "models", "total": "total_count", **keys}
    }


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (add(name="timeout"), "listModels, parameter timeout has the name of an argument"),
        (add(name="concurrency"), "listModels, parameter concurrency has the name of an argument"),
        (change("listModels", x_python_colour=1), "GET /models has x-python-colour, which is no"),
        (change("listModels", x_python_iterate={"name": "n"}), "which is not a map of name, items, total"),
        (change("listModels", **iterate(items="gone")), "names gone, which PublicModelsListResponse"),
        (change("listModels", **iterate(items="total_count")), "whose items are no list of objects"),
        (change("listModels", **iterate(id=["gone"])), "names gone, which PublicModelDetail"),
        (change("getEvaluation", **iterate()), "no page or no page_size's default"),
        (change("listModels", x_python_method="find"), "its method is in no group"),
        (change("getEvaluation", x_python_unwrap="id"), "an x-python-unwrap that names no list"),
        (
            change("listBenchmarks", x_python_method="benchmarks.get_prompts"),
            "public, benchmarks has two methods called get_prompts",
        ),
        (change("getEvaluation", x_python_pagination="EvaluationsResponse"), "no page or no page_size"),
        (add(**{"x-requires": "gone", "in": "header"}), "has no parameter gone for x-requires"),
        (add(**{"x-requires": "gone"}), "has no parameter gone for x-requires"),
        (add(**{"x-python-default": False}), "is no boolean that is false by default"),
    ],
)  # fmt: skip
def test_what_can_not_become_a_method_is_refused_with_its_place(
    edit: Callable[[Spec], object], message: str
) -> None:
    with pytest.raises(PlanError, match=message):
        module(edit)


def test_a_list_filter_needs_an_empty_response() -> None:
    def need_a_string(spec: Spec) -> None:
        spec["components"]["schemas"]["PublicModelsListResponse"]["required"].append("note")
        properties = spec["components"]["schemas"]["PublicModelsListResponse"]["properties"]
        properties["note"] = {"type": "string"}

    with pytest.raises(PlanError, match="GET /models, note has no empty form"):
        module(need_a_string)


def test_every_substitution_of_the_sync_clients_must_be_used() -> None:
    text = " ".join([*NAMES, *TEXTS])
    check_substitutions(text)
    with pytest.raises(SubstitutionError, match="'aclose' occurs in no async module"):
        check_substitutions(text.replace("aclose", "close"))
    first = next(iter(TEXTS))
    with pytest.raises(SubstitutionError, match="occurs in no async module"):
        check_substitutions(text.replace(first, ""))
