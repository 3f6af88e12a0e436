"""Every example in the specs is decoded and encoded without loss."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
from typing import TYPE_CHECKING, Any

import attrs
import orjson
import pytest
from openapi_python_client.strings import snake_case

from benchwire_api.errors import StatusError
from benchwire_api.types import Response
from benchwire_specs import APIS, load_document

if TYPE_CHECKING:
    from collections.abc import Iterator


def resolve(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def examples(holder: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    content = holder.get("content", {}).get("application/json", {})
    if "example" in content:
        yield "example", content["example"]
    for name, example in content.get("examples", {}).items():
        yield name, example["value"]


def cases() -> Iterator[Any]:
    for api in APIS:
        spec = dict(load_document(api).content)
        for item in spec["paths"].values():
            for operation in item.values():
                if not isinstance(operation, dict) or "operationId" not in operation:
                    continue
                name = operation["operationId"]
                module = f"benchwire_api.{api}.api.{operation['tags'][0]}.{snake_case(name)}"
                for status, raw in operation["responses"].items():
                    for title, value in examples(resolve(spec, raw)):
                        yield pytest.param(
                            module, str(status), value, id=f"{api}-{name}-{status}-{title}"
                        )


def request_cases() -> Iterator[Any]:
    for api in APIS:
        spec = dict(load_document(api).content)
        for item in spec["paths"].values():
            for operation in item.values():
                if isinstance(operation, dict) and "requestBody" in operation:
                    body = resolve(spec, operation["requestBody"])
                    schema = body["content"]["application/json"]["schema"]["$ref"]
                    for title, value in examples(body):
                        yield pytest.param(
                            api,
                            schema.rpartition("/")[2],
                            value,
                            id=f"{operation['operationId']}-{title}",
                        )


def same(sent: Any, got: Any) -> bool:
    """Return whether two bodies are equal, but for absent nulls and the spelling of dates."""
    if isinstance(sent, dict):
        return isinstance(got, dict) and got.keys() <= sent.keys() and all(
            (value is None and key not in got) or (got.get(key) == [] and value is None)
            or same(value, got.get(key)) for key, value in sent.items())  # fmt: skip
    if isinstance(sent, list):
        return len(sent) == len(got) and all(map(same, sent, got))
    if isinstance(sent, str) and sent[:1].isdigit() and "T" in sent and sent != got:
        return bool(sent[:19] == got[:19])
    return bool(sent == got)


@pytest.mark.parametrize(("module", "status", "example"), list(cases()))
def test_response_examples(module: str, status: str, example: Any) -> None:
    operation = importlib.import_module(module)
    code = int(status.replace("X", "0"))
    response = Response(status_code=code, content=orjson.dumps(example))
    if status.startswith("2"):
        result = operation.parse_response(response)
        models = result if isinstance(result, list) else [result]
        raw = example if isinstance(result, list) else [example]
    else:
        with pytest.raises(StatusError, match=f"status {code}") as caught:
            operation.parse_response(response)
        models, raw = [caught.value.parsed], [example]
    assert len(models) == len(raw) > 0
    for model, sent in zip(models, raw, strict=True):
        assert same(sent, model.to_dict())
        assert type(model).from_dict(orjson.loads(orjson.dumps(model.to_dict()))) == model
        for twin in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            assert twin == model
        assert not hasattr(model, "__dict__")
        # Nothing of a documented example may land among the unknown fields.
        assert model.additional_properties == {}


@pytest.mark.parametrize(("api", "name", "example"), list(request_cases()))
def test_request_examples(api: str, name: str, example: Any) -> None:
    model = getattr(importlib.import_module(f"benchwire_api.{api}"), name)
    request = model.from_dict(example)
    assert request.to_dict() == example
    assert pickle.loads(pickle.dumps(request)) == copy.deepcopy(request) == request
    secrets = [value for key, value in example.items() if key.endswith(("key", "secret", "token"))]
    assert not any(value in repr(request) for value in secrets)
    assert (
        model(**{field.name: getattr(request, field.name) for field in attrs.fields(model)})
        == request
    )


def test_there_are_examples_of_every_operation() -> None:
    found = {case.values[0] for case in cases() if case.values[1].startswith("2")}
    packages = [importlib.import_module(f"benchwire_api.{api}.api") for api in APIS]
    generated = {
        module.name
        for package in packages
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
        if not module.ispkg
    }
    assert found == generated
    assert len(list(request_cases())) >= 2
