"""Calls of the SDK's methods for every operation of the specs, with arguments that the specs allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from random import Random
from typing import Any

from openapi_python_client.strings import snake_case
from scripts.spec_lint import Spec, load_spec
from scripts.spec_lint.model import Operation

from benchwire_specs import APIS, spec_path

SPECS = {api: load_spec(spec_path(api)) for api in APIS}
# Written by hand, so that no method in the spec names them.
_BY_HAND = {"submitJob": "jobs.submit", "submitJobBatch": "jobs.submit_batch"}


@dataclass(frozen=True)
class SdkCall:
    """The method of one operation."""

    spec: Spec
    operation: Operation
    method: str

    @property
    def api(self) -> str:
        return self.spec.name

    def __str__(self) -> str:
        return f"{self.api}-{self.operation.id}"

    @property
    def success(self) -> tuple[int, Mapping[str, Any]]:
        """The status of its success, and the schema of that."""
        for status, site in self.spec.responses(self.operation):
            if status.startswith("2"):
                return int(status), next(iter(site.children("content"))).node["schema"]
        raise AssertionError(self)

    def arguments(self, random: Random | None = None) -> dict[str, Any]:
        """The required arguments, from the examples; with a source of chance some others, too."""
        found: dict[str, Any] = {}
        sites = list(self.spec.parameters(self.operation))
        for site in sites:
            node = site.node
            if node.get("required") or (random and random.random() < 0.5):
                found[_python_name(node)] = _argument(self.spec, node, random)
        names = {site.node["name"]: _python_name(site.node) for site in sites}
        for site in sites:
            other = site.node.get("x-requires")
            if other is not None and names[other] not in found:
                found.pop(_python_name(site.node), None)
        return found | self._body(random)

    def _body(self, random: Random | None) -> dict[str, Any]:
        body = self.spec.body(self.operation)
        if body is None:
            return {}
        content = next(iter(body.children("content"))).node
        examples = [example["value"] for example in content.get("examples", {}).values()]
        examples = examples or [content["example"]]
        return dict(random.choice(examples) if random else examples[0])

    def of(self, client: Any, arguments: Mapping[str, Any]) -> Any:
        """Call the method of a client."""
        return reduce(getattr, self.method.split("."), client)(**arguments)


def sdk_calls(specs: Iterable[Spec] = SPECS.values()) -> Iterator[SdkCall]:
    """Yield the method of every operation of the specs."""
    for spec in specs:
        for operation in spec.operations():
            method = operation.node.get("x-python-method") or _BY_HAND.get(operation.id)
            yield SdkCall(spec, operation, method or f"{operation.node['tags'][0]}.{operation.id}")


def _python_name(node: Mapping[str, Any]) -> str:
    return str(node.get("x-python-name") or snake_case(node["name"]))


def _argument(spec: Spec, node: Mapping[str, Any], random: Random | None) -> Any:
    if random is None or random.random() < 0.3:
        return node["example"]
    schema = node["schema"]
    schema = spec.lookup(schema["$ref"]) or {} if "$ref" in schema else schema
    match schema:
        case {"enum": values}:
            return random.choice(values)
        case {"minimum": least, "maximum": most}:
            return random.choice((least, most, random.randint(least, most)))
        case {"type": "boolean"}:
            return random.random() < 0.5
        case {"type": "array"}:
            return random.choices(["a", "a b", "é&=+%2C", "x/y?#", "'\"", *node["example"]], k=3)
    return random.choice(["a b", "é&=+%2C,", "x/y?#", node["example"]])
