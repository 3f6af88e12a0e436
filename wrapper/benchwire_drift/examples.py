"""Renames a field in a spec's examples and links, which name declared fields only."""

from __future__ import annotations

from collections.abc import Iterator

import yaml
from attrs import frozen

from benchwire_drift.specs import StrictSpec
from benchwire_drift.yaml_edits import YamlText, pairs, quoted

_BODY = "$response.body#"


def rename_in_examples(text: YamlText, spec: StrictSpec, pointer: str, name: str) -> None:
    """Rename a field in every example and link of a response.

    Args:
        text: The text to edit.
        spec: The spec it is of.
        pointer: The JSON pointer of the field.
        name: Its new name.
    """
    renamer = _Renamer(text, spec, pointer, name)
    for operation in spec.operations:
        for media in operation.responses.values():
            for schema in media.values():
                renamer.rename_in_media(schema)


@frozen
class _Renamer:
    text: YamlText
    spec: StrictSpec
    field: str
    name: str

    def rename_in_media(self, schema: str) -> None:
        """Rename the field in the examples beside a schema and in the links of its response."""
        for key, value in pairs(self.text.at(schema.removesuffix("/schema"))):
            if key.value == "example":
                self._in_value(schema, value)
            for _, example in pairs(value) if key.value == "examples" else ():
                for part, body in pairs(example):
                    if part.value == "value":
                        self._in_value(schema, body)
        for key, links in pairs(self.text.at(schema.rpartition("/content/")[0])):
            for _, link in pairs(links) if key.value == "links" else ():
                self._in_link(schema, link)

    def _in_value(self, pointer: str, node: yaml.Node) -> None:
        schema = self.spec.schemas.at(pointer)
        for branches in schema.branches:
            for branch in branches:
                self._in_value(branch, node)
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                for at in schema.items:
                    self._in_value(at, item)
        for key, value in pairs(node):
            for at in schema.properties.get(key.value, ()):
                self._in_value(at, value)
                if at == self.field:
                    self.text.replace(key, quoted(self.name))

    def _in_link(self, pointer: str, link: yaml.Node) -> None:
        for key, parameters in pairs(link):
            for _, value in pairs(parameters) if key.value == "parameters" else ():
                if value.value.startswith(_BODY):
                    tokens = value.value.removeprefix(_BODY).split("/")[1:]
                    renamed = "/".join((_BODY, *self._renamed_tokens(pointer, tokens)))
                    if renamed != value.value:
                        self.text.replace(value, renamed)

    def _renamed_tokens(self, pointer: str, tokens: list[str]) -> Iterator[str]:
        for token in tokens:
            schema = self.spec.schemas.at(pointer)
            if token.isdigit() and schema.items:
                pointer = schema.items[0]
                yield token
                continue
            at = schema.properties.get(token, ("",))[0]
            yield self.name if at == self.field else token
            pointer = at or pointer
