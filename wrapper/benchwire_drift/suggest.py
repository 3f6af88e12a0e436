"""Suggests changes to a spec that match the findings, as patches to its text.

Only for inferred names and unknown fields. Where the spec states what a document states, the document
has to be checked first. A patch never holds a value: where one is needed (a new member of an enum), it
has a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import unified_diff
from itertools import chain

from attrs import frozen

from benchwire_drift.examples import rename_in_examples
from benchwire_drift.findings import Finding, Key, Kind
from benchwire_drift.renames import owner_of
from benchwire_drift.schemas import name_at
from benchwire_drift.specs import StrictSpec
from benchwire_drift.yaml_edits import YamlText, entry, flow_sequence, is_flow_style, quoted

PLACEHOLDER = "the-new-value"
"""The placeholder of a value in a patch."""

MAX_SUGGESTIONS = 100
"""The maximum number of suggestions for an API."""

_STYLES = {
    "public": re.compile(r"[a-z][a-z0-9_]*"),
    "v0": re.compile(r"[a-z][a-z0-9_]*"),
    "v2": re.compile(r"[a-z][a-zA-Z0-9]*"),
}
_SECRET = re.compile(r"(.*[_a-z0-9])?(key|password|secret|token)", re.IGNORECASE)


@frozen(kw_only=True)
class Suggestion:
    """A change to the spec that resolves a finding.

    Attributes:
        summary: What it does.
        patch: A unified diff, to be applied with ``git apply`` in the checkout.
    """

    summary: str
    patch: str


def suggest(findings: Iterable[Finding], spec: StrictSpec, text: str) -> dict[Key, Suggestion]:
    """Suggest a change for each finding for which there is one.

    Args:
        findings: All findings: a new field and a missing one may be a renamed one.
        spec: The spec; findings of others are ignored.
        text: Its text.

    Returns:
        The suggestions by the key of the finding.
    """
    mine = [finding for finding in findings if finding.api == spec.name]
    renames = _renames(mine, spec)
    found: dict[Key, Suggestion] = {}
    for finding in mine[:MAX_SUGGESTIONS]:
        yaml_text = YamlText(text)
        renamed = renames.get(finding.key)
        if renamed is not None:
            summary = _rename(*renamed, spec, yaml_text)
        elif finding.kind is Kind.UNKNOWN_FIELD:
            summary = _add_field(finding, spec, yaml_text)
        elif finding.provenance == "inferred":
            summary = _repair(finding, spec, yaml_text)
        else:
            continue
        if summary:
            patch = _diff(spec.name, text, yaml_text.edited())
            found[finding.key] = Suggestion(summary=summary, patch=patch)
    return found


def _repair(finding: Finding, spec: StrictSpec, text: YamlText) -> str:
    if finding.kind in (Kind.TYPE, Kind.NULL):
        return _widen(finding, spec, text)
    if finding.kind is Kind.MISSING_FIELD:
        return _make_optional(finding.pointer, text)
    if finding.kind is Kind.UNKNOWN_ENUM_VALUE:
        return _extend_enum(finding, spec, text)
    if finding.kind is Kind.FORMAT and "format" in spec.document.node(finding.pointer):
        text.remove_entry(text.at(finding.pointer), "format")
        return f"remove the format of {name_at(finding.pointer)}"
    return ""


def _widen(finding: Finding, spec: StrictSpec, text: YamlText) -> str:
    """Allow the types of the responses, too."""
    schema = text.at(finding.pointer)
    stated = spec.document.node(finding.pointer)
    types_seen = [kind for kind in finding.got if kind != "null"]
    types_seen += ["null"] if "null" in finding.got else []
    if "type" in stated:
        types = [stated["type"]] if isinstance(stated["type"], str) else list(stated["type"])
        if "number" in types_seen and "integer" in types:
            types.remove("integer")
        types = [*(t for t in types if t != "null"), *(t for t in types_seen if t not in types)]
        if "null" in stated["type"] and "null" not in types:
            types.append("null")
        text.set_entry(schema, "type", flow_sequence(types) if len(types) > 1 else quoted(types[0]))
        if "array" in types and "items" not in stated:
            text.set_entry(schema, "items", "{}")
    elif "anyOf" in stated:
        for kind in types_seen:
            branch = f"{{type: {quoted(kind)}}}"
            branches = entry(schema, "anyOf")[1]
            text.append(branches, branch if is_flow_style(branches) else branch[1:-1])
    elif "$ref" in stated:
        added = ", ".join(f"{{type: {quoted(kind)}}}" for kind in types_seen)
        key, value = entry(schema, "$ref")
        text.replace(key, "anyOf")
        text.replace(value, f'[{{$ref: "{stated["$ref"]}"}}, {added}]')
    else:
        return ""
    return f"allow {name_at(finding.pointer)} to be {' or '.join(types_seen)} too"


def _make_optional(pointer: str, text: YamlText) -> str:
    owner, name = owner_of(pointer), name_at(pointer)
    schema = text.at(owner)
    required = entry(schema, "required")[1]
    remaining = [item.value for item in required.value if item.value != name]
    if remaining:
        text.replace(required, flow_sequence(remaining))
    else:
        text.remove_entry(schema, "required")
    return f"do not require {name}"


def _extend_enum(finding: Finding, spec: StrictSpec, text: YamlText) -> str:
    branches = spec.schemas.at(finding.pointer).branches
    for at in (finding.pointer, *chain.from_iterable(branches)):
        pointer = spec.schemas.at(at).pointer
        stated, schema = spec.document.node(pointer), text.at(pointer)
        if "enum" in stated:
            text.append(entry(schema, "enum")[1], PLACEHOLDER)
            if "x-enum-varnames" in stated:
                names = entry(schema, "x-enum-varnames")[1]
                text.append(names, PLACEHOLDER.upper().replace("-", "_"))
            return f"add the new value, instead of {PLACEHOLDER}, to {name_at(pointer)}"
    return ""


def _add_field(finding: Finding, spec: StrictSpec, text: YamlText) -> str:
    name = _field_name(finding.path)
    if not _STYLES[spec.name].fullmatch(name):
        return ""
    types = [kind for kind in finding.got if kind != "null"]
    if "number" in types and "integer" in types:
        types.remove("integer")
    # A few responses do not show whether it is always present and never null.
    types.append("null")
    secret = "string" in types and _SECRET.fullmatch(name)
    parts = [
        f"type: {flow_sequence(types)}" if len(types) > 1 else "",
        "items: {}" if "array" in types else "",
        "format: password" if secret else "",
        "description: Seen in responses; describe it.",
        "x-provenance: inferred",
    ]
    properties = text.at(f"{finding.pointer}/properties")
    text.set_entry(properties, name, f"{{{', '.join(filter(None, parts))}}}")
    return f"add {name} to {name_at(finding.pointer)}"


def _renames(findings: list[Finding], spec: StrictSpec) -> dict[Key, tuple[str, str]]:
    """Return the old pointer and the new name, for the missing field and for the new one."""
    renames: dict[Key, tuple[str, str]] = {}
    for missing in findings:
        if not (missing.now and missing.provenance and _STYLES[spec.name].fullmatch(missing.now)):
            continue
        renames[missing.key] = (missing.pointer, missing.now)
        for new in findings:
            beside = new.kind is Kind.UNKNOWN_FIELD and new.pointer == owner_of(missing.pointer)
            if beside and _field_name(new.path) == missing.now:
                renames[new.key] = (missing.pointer, missing.now)
    return renames


def _rename(pointer: str, name: str, spec: StrictSpec, text: YamlText) -> str:
    """Rename a property on the wire; it keeps its name in Python."""
    owner, old = owner_of(pointer), name_at(pointer)
    schema = text.at(owner)
    key, value = entry(entry(schema, "properties")[1], old)
    text.replace(key, quoted(name))
    if "x-python-name" not in spec.document.node(pointer):
        text.set_entry(value, "x-python-name", _snake(old))
    if old in spec.document.node(owner).get("required", ()):
        # An inferred name is not required, and the new one is inferred, too.
        _make_optional(pointer, text)
    rename_in_examples(text, spec, pointer, name)
    return f"{old} of {name_at(owner)} is now {name}; it is still {_snake(old)} in Python"


def _diff(name: str, old: str, new: str) -> str:
    file = f"openapi/{name}.yaml"
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    return "".join(unified_diff(before, after, f"a/{file}", f"b/{file}"))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _field_name(path: str) -> str:
    return path.rpartition(".")[2]
