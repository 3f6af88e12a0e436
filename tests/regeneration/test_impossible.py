"""What no client can send, and no value keeps, is refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openapi.generator.plan import plan_api
from openapi.generator.schemas import PlanError

from .edits import Spec
from .spec import small_spec

LIST = "GET /things, parameter"


def with_parameter(**fields: Any) -> Callable[[Spec], None]:
    raw = {"in": "header", "description": "A header.", "schema": {"type": "string"}, **fields}
    return lambda spec: spec["paths"]["/things"]["get"]["parameters"].append(raw)


def with_bounds(kind: str, **bounds: Any) -> Callable[[Spec], None]:
    schema: Spec = {"type": kind, "description": "D.", **bounds}
    if kind == "array":
        schema["items"] = {"type": "string"}
    properties = "Thing" if kind == "array" or "exclusiveMinimum" in bounds else "MakeThingRequest"
    return lambda spec: spec["components"]["schemas"][properties]["properties"].update(p=schema)


def with_key_header(name: str) -> Callable[[Spec], None]:
    return lambda spec: spec["components"]["securitySchemes"]["key"].update(name=name)


def with_server(url: str) -> Callable[[Spec], None]:
    return lambda spec: spec["servers"][0].update(url=url)


def with_optional_path(spec: Spec) -> None:
    spec["paths"]["/things/{id}/parts/{part}"]["get"]["parameters"][0]["required"] = False


EDITS: list[tuple[Callable[[Spec], None], str]] = [
    # the header of the key, in any case: an argument would replace the key
    (with_parameter(name="x-key"), f"{LIST} x-key is a header that the client sets itself"),
    (with_parameter(name="X-Key"), f"{LIST} X-Key is a header that the client sets itself"),
    (with_parameter(name="Host"), f"{LIST} Host is a header that the client sets itself"),
    (with_parameter(name="X Y"), f"{LIST} X Y is called 'X Y', which no header can be"),
    (with_parameter(name="x:y"), f"{LIST} x:y is called 'x:y', which no header can be"),
    (with_key_header("Content-Type"),
     "components/securitySchemes/key is a header that the client sets itself"),
    (with_key_header("x key"),
     "components/securitySchemes/key is called 'x key', which no header can be"),
    *(
        (with_server(url), f"servers/0 has the url {url!r}, which is no base of URLs")
        for url in (
            "https://{region}.things.test", "https://things.test/{version}", "https://a:b@things.test",
            "https://things.test:port", "https://", "https:///v1", "https://things .test",
        )
    ),
    (with_optional_path,
     "GET /things/{id}/parts/{part}, parameter id is part of the path, so it needs `required: true`"),
    *(
        (with_bounds(kind, **bounds), "properties/p has `" + "` and `".join(
            f"{name}: {value}" for name, value in bounds.items()) + "`, which no value keeps")
        for kind, bounds in [
            ("string", {"minLength": 5, "maxLength": 2}),
            ("number", {"minimum": 1.5, "maximum": 1}),
            ("integer", {"minimum": 5, "maximum": 4}),
            ("number", {"exclusiveMinimum": 1, "exclusiveMaximum": 1}),
            ("number", {"exclusiveMinimum": 1, "maximum": 1}),
            ("array", {"minItems": 2, "maxItems": 1}),
        ]
    ),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "message"), EDITS, ids=[message for _, message in EDITS])
def test_what_cannot_be_sent_or_kept_is_refused(edit: Callable[[Spec], None], message: str) -> None:
    spec = small_spec()
    edit(spec)
    with pytest.raises(PlanError) as caught:
        plan_api(spec)
    assert str(caught.value).endswith(message)


@pytest.mark.parametrize(
    "edit",
    [
        with_parameter(name="Idempotency-Key"),
        with_key_header("Authorization"),
        with_server("http://localhost:8080/v1/"),
        with_server("http://[::1]:8080"),
        with_bounds("string", minLength=2, maxLength=2),
        with_bounds("number", minimum=0, maximum=0),
    ],
)
def test_what_is_next_to_it_is_accepted(edit: Callable[[Spec], None]) -> None:
    spec = small_spec()
    edit(spec)
    assert plan_api(spec)
