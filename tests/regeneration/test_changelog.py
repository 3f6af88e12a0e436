"""The draft in the changelog: each line once, and nothing written by hand is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripts.spec_changes.changelog import drafted

HEAD = "# Changelog\n\nWhat changes for people.\n"
OLDER = "## 0.1.0\n\n- The first version.\n"
UNRELEASED = f"{HEAD}\n## Unreleased\n\n- By hand.\n\n{OLDER}"


def test_lines_go_to_the_end_of_what_is_unreleased() -> None:
    result = drafted(UNRELEASED, [], ["`v0`: one.", "`v0`: two."])
    assert result.text == (
        f"{HEAD}\n## Unreleased\n\n- By hand.\n\n### From the specs\n\n- `v0`: one.\n- `v0`: two.\n"
        f"\n{OLDER}"
    )
    assert result.added == ["`v0`: one.", "`v0`: two."]


def test_a_second_run_changes_nothing() -> None:
    first = drafted(UNRELEASED, [], ["one."]).text
    assert drafted(first, ["one."], ["one."]).text == first
    # Nor does it if the record of what was drafted is lost, as in a merge.
    assert drafted(first, [], ["one."]).text == first


@pytest.mark.parametrize(
    "text", [UNRELEASED, f"{HEAD}\n## Unreleased\n\n- By hand.\n", f"{HEAD}\n{OLDER}", HEAD, ""]
)
def test_what_is_taken_back_leaves_no_trace(text: str) -> None:
    there = drafted(text, [], ["one.", "two."])
    back = drafted(there.text, ["one.", "two."], [])
    assert back.removed == ["one.", "two."]
    assert "one" not in back.text
    assert "From the specs" not in back.text
    if "## Unreleased" in text:
        assert back.text == text


def test_a_changelog_without_the_heading_gets_it_before_the_versions() -> None:
    result = drafted(f"{HEAD}\n{OLDER}", [], ["one."])
    assert result.text == f"{HEAD}\n## Unreleased\n\n### From the specs\n\n- one.\n\n{OLDER}"


def test_a_line_put_in_other_words_stays_and_is_not_written_again() -> None:
    text = drafted(UNRELEASED, [], ["one.", "two."]).text.replace("- one.", "- In my words.")
    result = drafted(text, ["one.", "two."], ["one.", "two.", "three."])
    assert result.text == text.replace("- two.\n", "- two.\n- three.\n")
    # Once it is no longer so, the maintainer is told: these are not words of ours to take out.
    result = drafted(result.text, ["one.", "two.", "three."], ["two.", "three."])
    assert (result.left, result.removed) == (["one."], [])
    assert "- In my words.\n" in result.text


def test_a_line_that_was_deleted_stays_deleted() -> None:
    text = drafted(UNRELEASED, [], ["one.", "two."]).text.replace("- one.\n", "")
    assert drafted(text, ["one.", "two."], ["one.", "two."]).text == text


def test_a_line_of_a_version_that_is_out_is_left_alone() -> None:
    text = f"{HEAD}\n## Unreleased\n\n## 0.1.0\n\n### From the specs\n\n- one.\n"
    result = drafted(text, ["one."], [])
    assert (result.text, result.left) == (text, ["one."])
    assert drafted(text, [], ["one."]).text.count("- one.\n") == 2


def test_long_lines_are_wrapped_and_found_again() -> None:
    line = "`public`: `list_models` " + "may be given much " * 12 + "`speed-of-light: int`."
    text = drafted(UNRELEASED, [], [line]).text
    assert max(map(len, text.splitlines())) <= 100
    assert drafted(text, [line], []).text == UNRELEASED


def test_a_heading_of_ones_own_keeps_its_place() -> None:
    text = drafted(UNRELEASED, [], ["one."]).text.replace(
        f"\n{OLDER}", f"\n### Thanks\n\nTo all.\n\n{OLDER}"
    )
    result = drafted(text, ["one."], ["one.", "two."])
    assert result.text == text.replace("- one.\n", "- one.\n- two.\n")
    assert drafted(result.text, ["one.", "two."], []).text == (
        f"{HEAD}\n## Unreleased\n\n- By hand.\n\n### Thanks\n\nTo all.\n\n{OLDER}"
    )


NAMES = st.lists(st.sampled_from([f"line {letter}." for letter in "abcdefg"]), unique=True)


@given(st.lists(st.tuples(NAMES, st.none() | st.integers(0, 40)), max_size=6))
def test_whatever_the_specs_do_text_by_hand_stays_and_lines_stand_once(
    runs: list[tuple[list[str], int | None]],
) -> None:
    text = UNRELEASED
    before: list[str] = []
    for number, (now, place) in enumerate(runs):
        if place is not None:  # the maintainer writes something somewhere between two runs
            lines = text.split("\n")
            start = lines.index("## Unreleased") + 1
            lines.insert(start + place % (len(lines) - start), f"({number})")
            text = "\n".join(lines)
        mine = [line for line in text.split("\n") if line and not line.startswith("- line ")]
        result = drafted(text, before, now)
        kept = result.text.split("\n")
        assert [line for line in kept if line in mine and line != "### From the specs"] == [
            line for line in mine if line != "### From the specs"
        ]
        for line in now:
            assert kept.count(f"- {line}") <= 1
        assert drafted(result.text, now, now).text == result.text
        text, before = result.text, now
