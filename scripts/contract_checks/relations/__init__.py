"""Our own relations: what must hold between requests and answers, and no schema can say."""

from __future__ import annotations

from . import comparison, evaluations  # noqa: F401  they add to PUBLIC
from .anywhere import relations_of
from .public import PUBLIC
from .running import Finding, NoDataError, Relation, Relations, Verdict, judge_all
from .v0 import V0
from .v2 import V2

__all__ = ["Finding", "NoDataError", "Relation", "Relations", "Verdict", "judge_all", "relations"]


def relations(name: str) -> list[Relation]:
    """All relations of an API, by its name."""
    own = {"public": PUBLIC, "v2": V2, "v0": V0}[name]
    return [*own.all, *relations_of(name).all]
