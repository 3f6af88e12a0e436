"""What must hold in every API: keys are asked for, requests are named, nothing else is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .running import Contradictions, NoDataError, Relations

if TYPE_CHECKING:
    from scripts.contract_checks.asking import Api

_FIRST = {"public": "listModels", "v2": "listBenchmarkTypes", "v0": "getAccount"}
# Where services keep what they do not document, and what is never anywhere.
_TAILS = ("search", "export", "stats", "latest", "summary", "count", "no-such-route")
_ROOTS = ("no-such-route", "health", "status", "version", "openapi.json", "admin", "users", "me")


def relations_of(name: str) -> Relations:
    """The relations that hold in every API, for one of them."""
    relations = Relations()
    operation = _FIRST[name]
    relations.add(operation, "without a key, nothing is given", _key_is_asked_for)
    relations.add(
        operation, "each answer names its request, by another name each time", _named_apart
    )
    relations.add("", "a path that the specification does not have is a 404", _nothing_else)
    relations.add(
        operation,
        "HEAD, which the specification does not have, is refused",
        _no_head,
        assumed=True,
    )
    return relations


def _key_is_asked_for(api: Api) -> Contradictions:
    answer = api.without_key(_FIRST[api.name])
    if answer.status not in {401, 403}:
        yield answer.asked, f"status {answer.status} without a key"


def _named_apart(api: Api) -> Contradictions:
    names = [exchange.headers.get("x-request-id") for exchange in api.exchanges]
    given = [name for name in names if name]
    if not given:
        raise NoDataError("no answer has x-request-id")
    if len(given) != len(names):
        yield f"{len(names)} requests", f"{len(names) - len(given)} answers have none"
    if len(set(given)) != len(given):
        yield f"{len(names)} requests", f"{len(given) - len(set(given))} names twice"


def _nothing_else(api: Api) -> Contradictions:
    for path in unknown_paths(api.paths):
        answer = api.probe(path)
        if answer.status != 404:
            yield answer.asked, f"status {answer.status}"


def _no_head(api: Api) -> Contradictions:
    answer = api.probe(api.path_of(_FIRST[api.name]), "HEAD")
    if answer.status not in {404, 405, 501}:
        yield answer.asked, f"status {answer.status}"


def unknown_paths(known: set[str]) -> list[str]:
    """Paths near those of a specification that it does not have.

    One by the root, one by each list, the parents of what is there, and what is below a thing.
    """
    patterns = [re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)) for path in known]
    prefix = "/" + "/".join(_shared(sorted(known)))
    candidates = [f"{prefix.rstrip('/')}/{name}" for name in _ROOTS]
    for path in sorted(known):
        filled = re.sub(r"\{[^}]*\}", "1", path)
        candidates += [f"{filled}/{tail}" for tail in _TAILS]
        parts = filled.split("/")
        candidates += ["/".join(parts[:end]) for end in range(2, len(parts))]
        candidates += [f"{filled}/1"]
    unknown = dict.fromkeys(candidates)
    return [path for path in unknown if not any(pattern.fullmatch(path) for pattern in patterns)]


def _shared(paths: list[str]) -> list[str]:
    shared: list[str] = []
    for parts in zip(*(path.strip("/").split("/") for path in paths), strict=False):
        if len(set(parts)) > 1 or "{" in parts[0]:
            break
        shared.append(parts[0])
    return shared
