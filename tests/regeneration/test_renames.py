"""A rename is told as one change, where it is certain, and hides no other."""

from __future__ import annotations

from scripts.spec_diff.comparison import compare
from scripts.spec_diff.grades import Grade
from scripts.spec_diff.surface import surface_of

from .edits import field, operation, parameter, query, rename_schema
from .spec import small_spec
from .test_grades import graded

A, B, D = Grade.ADDITIVE, Grade.BREAKING, Grade.DOCS


def test_two_equal_candidates_are_not_a_rename() -> None:
    spec = small_spec()
    parameters = operation(spec, "listThings")["parameters"]
    parameters.remove(parameter(spec, "q"))
    parameters += [query("a", description="Words to look for."),
                   query("b", description="Words to look for.")]  # fmt: skip
    assert graded(compare(surface_of("small", small_spec()), surface_of("small", spec))) == [
        (B, "`list_things` no longer takes `q`"),
        (A, "`list_things` may be given `a: str`"),
        (A, "`list_things` may be given `b: str`"),
    ]


def test_a_rename_does_not_hide_other_changes() -> None:
    spec = small_spec()
    rename_schema(spec, "Kind", "Sort")
    field(spec, "Thing", "kind").update(description="Another description.")
    parameter(spec, "kind").update(required=True)
    assert graded(compare(surface_of("small", small_spec()), surface_of("small", spec))) == [
        (B, "`kind` of `list_things` must be given"),
        (B, "enum `Kind` is now called `Sort`"),
        (D, "`Thing.kind` has another description"),
    ]
