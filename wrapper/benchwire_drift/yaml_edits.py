"""Small edits to the text of a YAML file that leave the rest of it unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import yaml


class YamlText:
    """The text of a YAML file, and the edits to make in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._root = _composed(text)
        self._edits: list[tuple[int, int, str]] = []

    def edited(self) -> str:
        """Return the text with all edits applied."""
        text = self._text
        for start, end, new in sorted(set(self._edits), reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def at(self, pointer: str) -> yaml.Node:
        """Return the node at a JSON pointer.

        Raises:
            KeyError: If there is none.
        """
        node = self._root
        for token in pointer.removeprefix("#").split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            if isinstance(node, yaml.SequenceNode):
                node = node.value[int(key)]
            else:
                node = entry(node, key)[1]
        return node

    def replace(self, node: yaml.Node, new: str) -> None:
        """Replace a scalar, a collection in flow style, or a list of scalars by a text."""
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            # Its end is where the next key begins. The text goes further in than the list's own key.
            new, end = f"  {new}", node.value[-1].end_mark.index
        self._edits.append((start, end, new))

    def set_entry(self, mapping: yaml.Node, key: str, value: str) -> None:
        """Set the value of a key of a mapping; a new key is added at the end."""
        known = next((pair for pair in pairs(mapping) if pair[0].value == key), None)
        if known is not None:
            self.replace(known[1], value)
        elif is_flow_style(mapping):
            self._insert(mapping.end_mark.index - 1, f", {key}: {value}")
        else:
            self._insert(self._end(mapping), f"\n{self._indent(mapping)}{key}: {value}")

    def append(self, sequence: yaml.Node, value: str) -> None:
        """Append an item to a sequence."""
        if is_flow_style(sequence):
            self._insert(sequence.end_mark.index - 1, f", {value}" if sequence.value else value)
        else:
            self._insert(self._end(sequence), f"\n{self._indent(sequence)}- {value}")

    def remove_entry(self, mapping: yaml.Node, key: str) -> None:
        """Remove a key and its value from a mapping that has others."""
        name, value = entry(mapping, key)
        start, end = name.start_mark.index, value.end_mark.index
        if not is_flow_style(mapping):
            start = self._text.rindex("\n", 0, start)
            end = len(self._text[:end].rstrip())
        elif mapping.value[0][0] is name:
            end = mapping.value[1][0].start_mark.index
        else:
            start = self._text.rindex(",", 0, start)
        self._edits.append((start, end, ""))

    def _insert(self, index: int, new: str) -> None:
        self._edits.append((index, index, new))

    def _end(self, node: yaml.Node) -> int:
        return len(self._text[: node.end_mark.index].rstrip())

    def _indent(self, node: yaml.Node) -> str:
        return " " * int(node.start_mark.column)


@lru_cache(maxsize=3)  # one for each spec: many edits begin with the same text
def _composed(text: str) -> yaml.Node:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        raise ValueError("there is nothing in the file")
    return root


def pairs(node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Yield the keys of a mapping with their values; nothing for another node."""
    if isinstance(node, yaml.MappingNode):
        yield from node.value


def entry(node: yaml.Node, key: str) -> tuple[yaml.Node, yaml.Node]:
    """Return a key of a mapping and its value.

    Raises:
        KeyError: If there is no such key.
    """
    for name, value in pairs(node):
        if name.value == key:
            return name, value
    raise KeyError(key)


def is_flow_style(node: yaml.Node) -> bool:
    """Return whether a collection is written as ``[…]`` or ``{…}``, not line by line."""
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def flow_sequence(values: list[str]) -> str:
    """Return words as a YAML sequence in brackets, quoted where necessary."""
    return f"[{', '.join(map(quoted, values))}]"


def quoted(word: str) -> str:
    """Return a word, in quotes if YAML would not read it as that string."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", word)
    return word if plain and isinstance(yaml.safe_load(word), str) else f'"{word}"'
