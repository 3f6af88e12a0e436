"""The draft in the changelog: each line is added once, and edits by hand are preserved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripts.spec_diff.release import update_draft

HEAD = "# Changelog\n\nWhat changes for people.\n"
OLDER = "## 0.1.0\n\n- The first version.\n"
UNRELEASED = f"{HEAD}\n## Unreleased\n\n- By hand.\n\n{OLDER}"


def test_lines_are_added_at_the_end_of_unreleased() -> None:
    result = update_draft(UNRELEASED, [], ["`v0`: one.", "`v0`: two."])
    assert result.text == (
        f"{HEAD}\n## Unreleased\n\n- By hand.\n\n### From the specs\n\n- `v0`: one.\n- `v0`: two.\n"
        f"\n{OLDER}"
    )
    assert result.added == ["`v0`: one.", "`v0`: two."]


def test_a_second_update_changes_nothing() -> None:
    first = update_draft(UNRELEASED, [], ["one."]).text
    assert update_draft(first, ["one."], ["one."]).text == first
    # Nor if the record of drafted lines is lost, as in a merge.
    assert update_draft(first, [], ["one."]).text == first


@pytest.mark.parametrize(
    "text", [UNRELEASED, f"{HEAD}\n## Unreleased\n\n- By hand.\n", f"{HEAD}\n{OLDER}", HEAD, ""]
)
def test_reverted_changes_are_removed(text: str) -> None:
    added = update_draft(text, [], ["one.", "two."])
    reverted = update_draft(added.text, ["one.", "two."], [])
    assert reverted.removed == ["one.", "two."]
    assert "one" not in reverted.text
    assert "From the specs" not in reverted.text
    if "## Unreleased" in text:
        assert reverted.text == text


def test_a_missing_heading_is_added_before_the_versions() -> None:
    result = update_draft(f"{HEAD}\n{OLDER}", [], ["one."])
    assert result.text == f"{HEAD}\n## Unreleased\n\n### From the specs\n\n- one.\n\n{OLDER}"


def test_a_reworded_line_is_preserved_and_not_added_again() -> None:
    text = update_draft(UNRELEASED, [], ["one.", "two."]).text.replace("- one.", "- In my words.")
    result = update_draft(text, ["one.", "two."], ["one.", "two.", "three."])
    assert result.text == text.replace("- two.\n", "- two.\n- three.\n")
    # Once it is no longer true it is reported, not removed: the text is the maintainer's.
    result = update_draft(result.text, ["one.", "two.", "three."], ["two.", "three."])
    assert (result.outdated, result.removed) == (["one."], [])
    assert "- In my words.\n" in result.text


def test_a_deleted_line_is_not_added_again() -> None:
    text = update_draft(UNRELEASED, [], ["one.", "two."]).text.replace("- one.\n", "")
    assert update_draft(text, ["one.", "two."], ["one.", "two."]).text == text


def test_a_line_of_a_released_version_is_not_removed() -> None:
    text = f"{HEAD}\n## Unreleased\n\n## 0.1.0\n\n### From the specs\n\n- one.\n"
    result = update_draft(text, ["one."], [])
    assert (result.text, result.outdated) == (text, ["one."])
    assert update_draft(text, [], ["one."]).text.count("- one.\n") == 2


def test_wrapped_lines_are_removed_again() -> None:
    line = "`public`: `list_models` " + "may be given much " * 12 + "`speed-of-light: int`."
    text = update_draft(UNRELEASED, [], [line]).text
    assert max(map(len, text.splitlines())) <= 100
    assert update_draft(text, [line], []).text == UNRELEASED


def test_a_heading_added_by_hand_is_preserved() -> None:
    text = update_draft(UNRELEASED, [], ["one."]).text.replace(
        f"\n{OLDER}", f"\n### Thanks\n\nTo all.\n\n{OLDER}"
    )
    result = update_draft(text, ["one."], ["one.", "two."])
    assert result.text == text.replace("- one.\n", "- one.\n- two.\n")
    assert update_draft(result.text, ["one.", "two."], []).text == (
        f"{HEAD}\n## Unreleased\n\n- By hand.\n\n### Thanks\n\nTo all.\n\n{OLDER}"
    )


NAMES = st.lists(st.sampled_from([f"line {letter}." for letter in "abcdefg"]), unique=True)


@given(st.lists(st.tuples(NAMES, st.none() | st.integers(0, 40)), max_size=6))
def test_any_sequence_of_updates_preserves_edits_and_adds_lines_once(
    runs: list[tuple[list[str], int | None]],
) -> None:
    text = UNRELEASED
    before: list[str] = []
    for number, (now, place) in enumerate(runs):
        if place is not None:  # an edit by hand between two updates
            lines = text.split("\n")
            start = lines.index("## Unreleased") + 1
            lines.insert(start + place % (len(lines) - start), f"({number})")
            text = "\n".join(lines)
        by_hand = [line for line in text.split("\n") if line and not line.startswith("- line ")]
        result = update_draft(text, before, now)
        lines_after = result.text.split("\n")
        assert [
            line for line in lines_after if line in by_hand and line != "### From the specs"
        ] == [line for line in by_hand if line != "### From the specs"]
        for line in now:
            assert lines_after.count(f"- {line}") <= 1
        assert update_draft(result.text, now, now).text == result.text
        text, before = result.text, now
