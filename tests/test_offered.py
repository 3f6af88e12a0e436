"""Nothing that a spec has is missing in the SDK, and the SDK has nothing that no spec has."""

from __future__ import annotations

import copy
import inspect
import re
import sys
from collections.abc import Callable
from typing import Any, get_args

import attrs
import pytest

import benchwire
from benchwire import models
from benchwire_specs import APIS, load_document
from support.offered import BY_HAND, CLIENTS, methods, of_sdk, of_specs

SPECS: dict[str, Any] = {api: dict(load_document(api).content) for api in APIS}


@pytest.fixture(scope="module")
def offered() -> set[str]:
    return of_sdk(SPECS)


def test_the_sdk_offers_what_the_specs_have_and_no_more(offered: set[str]) -> None:
    wanted = of_specs(SPECS)
    assert sorted(wanted - offered) == [], "of the specs, and not offered by the SDK"
    assert sorted(offered - wanted) == [], (
        "offered by the SDK, and not of the specs; a method written by hand is in BY_HAND of"
        " tests/support/offered.py"
    )
    assert len(wanted) > 400


def test_the_methods_written_by_hand_are_there() -> None:
    for api, name in CLIENTS.items():
        with getattr(benchwire, name)("k") as client:
            expected = {each.partition(" ")[2] for each in BY_HAND if each.startswith(f"{api} ")}
            assert expected <= methods(client).keys()


def remove(kind: str) -> Callable[[dict[str, Any]], str]:
    """Return an edit that removes one thing of a kind from the specs, and returns its line."""

    def edit(specs: dict[str, Any]) -> str:
        public, v0 = specs["public"], specs["v0"]
        models_get = public["paths"]["/models"]["get"]
        schemas = public["components"]["schemas"]
        match kind:
            case "operation":
                del public["paths"]["/evaluations/{id}"]
                return "public evaluations.get_by_id()"
            case "parameter":
                models_get["parameters"] = models_get["parameters"][1:]
                return "public models.get(query)"
            case "body field":
                del v0["components"]["schemas"]["SubmitJobRequest"]["properties"]["seed"]
                return "v0 jobs.submit(seed)"
            case "enum value":
                schemas["EvaluationStatus"]["enum"].remove("paused")
                return "public EvaluationStatus.paused"
            case "field":
                del schemas["PublicModelDetail"]["properties"]["company"]
                return "public PublicModelDetail.company"
            case "computed property":
                del schemas["Evaluation"]["x-python-properties"]["is_success"]
                return "public Evaluation.is_success"
            case "security":
                models_get["security"] = []
                return "public listModels sends x-api-key: KEY"
            case _:
                public["servers"][0]["url"] = "https://elsewhere.test"
                return "public server https://api.layerlens.ai/api/v1"

    return edit


KINDS = (
    "operation", "parameter", "body field", "enum value", "field", "computed property", "security",
    "server",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_thing_that_one_side_lacks_is_found(kind: str, offered: set[str]) -> None:
    edited = copy.deepcopy(SPECS)
    line = remove(kind)(edited)
    # The SDK has it and the spec has not; and the other way round, a spec with more than the SDK.
    assert line in offered - of_specs(edited)
    assert line in of_specs(SPECS) - (offered - {line})


# ---- benchwire.models -----------------------------------------------------------------------


OURS = {
    name for name in sys.modules if re.match(r"benchwire_api\.\w+\.models|benchwire\._own", name)
}


def reached() -> set[type]:
    """Return the classes of the specs that methods take and return, at any depth."""
    found: set[type] = set()
    waiting: list[tuple[str, Any]] = []
    for name in CLIENTS.values():
        with getattr(benchwire, name)("k") as client:
            for method in methods(client).values():
                home = inspect.getmodule(method)
                waiting += [(str(each), home) for each in method.__annotations__.values()]
    while waiting:
        annotation, home = waiting.pop()
        for word in re.findall(r"[A-Z]\w+", annotation):
            named = getattr(home, word, None)
            for kind in get_args(named) or [named]:
                if inspect.isclass(kind) and kind not in found and kind.__module__ in OURS:
                    found.add(kind)
                    own = inspect.getmodule(kind)
                    fields = attrs.fields(kind) if attrs.has(kind) else ()
                    waiting += [(str(field.type), own) for field in fields]
    return {kind for kind in found if kind.__module__.startswith("benchwire_api")}


def test_models_has_every_class_that_methods_take_and_return() -> None:
    classes = reached()
    exported = {getattr(models, name) for name in models.__all__}
    assert {kind.__name__ for kind in classes - exported} == set()
    # And no other: the errors, and the bodies that methods take apart, are not for users.
    of_specs_ = {kind for kind in exported if kind.__module__.count(".models.")}
    assert {kind.__name__ for kind in of_specs_ - classes} == set()


def test_a_spec_of_a_job_has_the_fields_of_a_submission() -> None:
    properties = SPECS["v0"]["components"]["schemas"]["SubmitJobRequest"]["properties"]
    assert {field.name for field in attrs.fields(models.JobSpec)} == set(properties)
