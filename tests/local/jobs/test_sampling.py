"""Which conversations a seed chooses: a pure function."""

from __future__ import annotations

import pytest

from benchwire_local.jobs.sampling import HAY_PER_UNIT, NEEDLES_PER_UNIT, sample_units

NEEDLES = range(1, 101)
HAY = range(1001, 1301)


def test_one_seed_one_sample() -> None:
    first = sample_units(7, "b", 3, NEEDLES, HAY)
    assert first == sample_units(7, "b", 3, list(reversed(NEEDLES)), HAY)
    assert first != sample_units(8, "b", 3, NEEDLES, HAY)
    assert first != sample_units(7, "c", 3, NEEDLES, HAY)


def test_the_sample_of_a_seed_never_changes() -> None:
    # A new value here means that nobody can repeat a job of an earlier version by its seed.
    assert sample_units(7, "b", 1, range(30), range(100, 190))[:6] == (177, 122, 169, 159, 158, 26)


@pytest.mark.parametrize("units", [1, 2, 10])
def test_units_hold_the_stated_numbers_and_share_nothing(units: int) -> None:
    chosen = sample_units(7, "b", units, NEEDLES, HAY)
    assert len(set(chosen)) == len(chosen) == units * (NEEDLES_PER_UNIT + HAY_PER_UNIT)
    size = NEEDLES_PER_UNIT + HAY_PER_UNIT
    for unit in range(units):
        members = chosen[unit * size : (unit + 1) * size]
        assert sum(each in NEEDLES for each in members) == NEEDLES_PER_UNIT


def test_more_units_begin_with_the_same_units() -> None:
    two = sample_units(7, "b", 2, NEEDLES, HAY)
    assert sample_units(7, "b", 1, NEEDLES, HAY) == two[: len(two) // 2]


def test_needles_are_among_the_hay() -> None:
    chosen = sample_units(7, "b", 1, NEEDLES, HAY)
    places = [place for place, each in enumerate(chosen) if each in NEEDLES]
    assert places != list(range(NEEDLES_PER_UNIT))
    assert max(places) - min(places) > NEEDLES_PER_UNIT


def test_a_small_benchmark_repeats_itself_in_later_units() -> None:
    chosen = sample_units(7, "b", 3, range(4), range(10, 15))
    assert len(chosen) == 27
    for unit in range(3):
        assert sorted(chosen[9 * unit : 9 * unit + 9]) == [0, 1, 2, 3, 10, 11, 12, 13, 14]


def test_without_needles_there_is_nothing_to_score() -> None:
    with pytest.raises(ValueError, match="benchmark b has no annotated conversation"):
        sample_units(7, "b", 1, [], HAY)
