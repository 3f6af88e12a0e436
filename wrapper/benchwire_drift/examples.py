"""Renames a field in a spec's examples and links, which name declared fields only."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from benchwire_drift.specs import StrictSpec
from benchwire_drift.yaml_edits import YamlText, pairs, quoted

_BODY = "$response.body#"


def rename_in_examples(text: YamlText, spec: StrictSpec, owner: str, old: str, new: str) -> None:
    """Rename a field of a schema in every example and link of a response.

    Args:
        text: The text to edit.
        spec: The spec it is of.
        owner: The JSON pointer of the schema that has the field.
        old: The field's name.
        new: Its new name.
    """
    change = (owner, old, new)
    for schema, media in _media(spec):
        for value in _example_values(text.at(media)):
            _in_value(text, spec, schema, value, change)
        for key, links in pairs(text.at(media.rpartition("/content/")[0])):
            if key.value == "links":
                for _, link in pairs(links):
                    _in_link(text, spec, schema, link, change)


def _example_values(media: yaml.Node) -> Iterator[yaml.Node]:
    for key, value in pairs(media):
        if key.value == "example":
            yield value
        elif key.value == "examples":
            for _, example in pairs(value):
                yield from (body for name, body in pairs(example) if name.value == "value")


def _media(spec: StrictSpec) -> Iterator[tuple[str, str]]:
    """Yield the schema of each response body and the pointer of its media type."""
    for operation in spec.operations:
        for documented in operation.responses.values():
            for schema in documented.media.values():
                yield schema, schema.removesuffix("/schema")


def _in_value(
    text: YamlText, spec: StrictSpec, pointer: str, node: yaml.Node, change: tuple[str, str, str]
) -> None:
    owner, old, new = change
    schema = spec.schemas.at(pointer)
    for branches in schema.branches:
        for branch in branches:
            _in_value(text, spec, branch, node, change)
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            for at in schema.items:
                _in_value(text, spec, at, item, change)
    for key, value in pairs(node):
        for at in schema.properties.get(key.value, ()):
            _in_value(text, spec, at, value, change)
            if key.value == old and at == f"{owner}/properties/{old}":
                text.replace(key, quoted(new))


def _in_link(
    text: YamlText, spec: StrictSpec, pointer: str, link: yaml.Node, change: tuple[str, str, str]
) -> None:
    for key, parameters in pairs(link):
        for _, value in pairs(parameters) if key.value == "parameters" else ():
            if value.value.startswith(_BODY):
                tokens = value.value.removeprefix(_BODY).split("/")[1:]
                renamed = "/".join(["", *_along(spec, pointer, tokens, change)])
                if _BODY + renamed != value.value:
                    text.replace(value, _BODY + renamed)


def _along(
    spec: StrictSpec, pointer: str, tokens: list[str], change: tuple[str, str, str]
) -> Iterator[str]:
    owner, old, new = change
    for token in tokens:
        schema = spec.schemas.at(pointer)
        if token.isdigit() and schema.items:
            pointer = schema.items[0]
            yield token
            continue
        at = schema.properties.get(token, ("",))[0]
        yield new if at == f"{owner}/properties/{old}" else token
        pointer = at or pointer
