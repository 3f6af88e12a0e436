"""The reference of an API in HTML: its operations, with a form for each, and its schemas."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from benchwire_specs import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchwire_local.specs import Spec

# What a schema says about a value, apart from its type.
_FACTS = (
    "const", "enum", "format", "pattern", "minimum", "exclusiveMinimum", "maximum", "minItems",
    "maxItems", "minLength", "maxLength", "default",
)  # fmt: skip


def entry(spec: Spec) -> str:
    """Return an API as an item of a list: its title, its base URL, its key and its spec."""
    info, base = spec.document["info"], urlsplit(spec.document["servers"][0]["url"]).path
    schemes = {it for operation in spec.operations for it in operation.security}
    keys = sorted(f"{it.header}{': Bearer' if it.bearer else ''}" for it in schemes)
    name = escape(spec.name)
    return (
        f'<li><a href="#{name}">{name}: {_text(info["title"])}</a>, version {_text(info["version"])}:'
        f' <code data-base="{escape(base.rstrip("/"))}">{escape(base)}</code>, key in'
        f' <code>{_text(" or ".join(keys))}</code>, <a href="/openapi/{name}.yaml">OpenAPI spec</a></li>'
    )


def reference(spec: Spec) -> str:
    """Return the reference of an API; every text of the spec is escaped."""
    return "".join(_Reference(spec).parts())


class _Reference:
    def __init__(self, spec: Spec) -> None:
        self._name = spec.name
        self._document = Document(spec.name, spec.document)
        self._paths = {each.operation_id: each.path for each in spec.operations}

    def parts(self) -> Iterator[str]:
        info = self._document.content["info"]
        yield f'<h2 id="{escape(self._name)}">{_text(info["title"])}</h2>'
        yield f"<p>{_text(info.get('summary', ''))}</p>"
        for method, _, pointer in self._document.operations():
            yield self._operation(method, pointer)
        yield "<h3>Schemas</h3>"
        for name, schema in self._document.content["components"].get("schemas", {}).items():
            yield (
                f'<details id="{escape(self._anchor(name))}"><summary><code>{_text(name)}</code></summary>'
                f"{self._schema(schema)}</details>"
            )

    def _operation(self, method: str, pointer: str) -> str:
        node = self._document.node(pointer)
        path = escape(self._paths[node["operationId"]])
        responses = "".join(
            self._response(status, f"{pointer}/responses/{status}") for status in node["responses"]
        )
        return (
            f"<details><summary><code>{method.upper()} {path}</code> {_text(node.get('summary', ''))}"
            f"</summary><p>{_text(node.get('description', ''))}</p><form data-method="
            f'"{method.upper()}" data-path="{path}">{"".join(self._fields(node, pointer))}'
            f'<button>Send</button> <output></output><pre tabindex="0" role="region" aria-label="Response"></pre></form><ul>'
            f"{responses}</ul></details>"
        )

    def _response(self, status: str, pointer: str) -> str:
        found, _ = self._document.resolved(pointer)
        schemas = [it["schema"] for it in found.get("content", {}).values() if "schema" in it]
        types = "".join(f" {self._type(schema)}" for schema in schemas)
        return f"<li>{_text(status)}: {_text(found['description'])}{types}</li>"

    def _fields(self, node: Mapping[str, Any], pointer: str) -> Iterator[str]:
        for owner in (pointer.rpartition("/")[0], pointer):
            for index in range(len(self._document.node(owner).get("parameters", ()))):
                found, _ = self._document.resolved(f"{owner}/parameters/{index}")
                name = escape(found["name"])
                yield (
                    f"<label><code>{name}</code> {self._about(found['schema'])}"
                    f' {_text(found.get("description", ""))}<input name="{name}" data-in='
                    f'"{escape(found["in"])}"{" required" if found.get("required") else ""}></label>'
                )
        if "requestBody" in node:
            media = self._document.resolved(f"{pointer}/requestBody")[0]["content"]
            body = media["application/json"]
            first = next(
                iter(body.get("examples", {}).values()), {"value": body.get("example", {})}
            )
            text = escape(json.dumps(first["value"], indent=2, ensure_ascii=False))
            yield f'<label>Body {self._type(body["schema"])}<textarea name="body">{text}</textarea></label>'

    def _schema(self, schema: Mapping[str, Any]) -> str:
        required = schema.get("required", ())
        rows = "".join(
            f"<dt><code>{_text(name)}</code> {self._about(each)}"
            f"{' <b>required</b>' if name in required else ''}</dt><dd>{self._description(each)}</dd>"
            for name, each in schema.get("properties", {}).items()
        )
        return f"<p>{self._about(schema)} {self._description(schema)}</p><dl>{rows}</dl>"

    def _description(self, schema: Mapping[str, Any]) -> str:
        return _text(schema.get("description", ""))

    def _about(self, schema: Mapping[str, Any]) -> str:
        merged = self._document.merged(schema)
        facts = [f"{key} {_value(merged[key])}" for key in _FACTS if key in merged]
        return f'<span class="facts">{"; ".join([self._type(schema), *map(_text, facts)])}</span>'

    def _type(self, schema: Any) -> str:
        if not isinstance(schema, dict):
            return "anything" if schema else "nothing"
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return f'<a href="#{quote(self._anchor(name))}">{_text(name)}</a>'
        for key, word in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
            if key in schema:
                return word.join(map(self._type, schema[key]))
        kinds = schema.get("type", "object" if "properties" in schema else "anything")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        named = [self._array(schema) if kind == "array" else _text(kind) for kind in kinds]
        return " or ".join(named)

    def _array(self, schema: Mapping[str, Any]) -> str:
        return f"array of {self._type(schema['items'])}" if "items" in schema else "array"

    def _anchor(self, schema: str) -> str:
        return f"{self._name}-{schema}"


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text(markdown: object) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(str(markdown)))
