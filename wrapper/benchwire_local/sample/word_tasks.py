"""Tasks with words: letters, and puzzles of order."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from benchwire_local.sample.tasks import Maker, Task, task

if TYPE_CHECKING:
    from benchwire_local.sample.rng import Rng

_WORDS = """
    amber anchor basket beacon bridge candle canyon cedar cobalt copper desert ember falcon
    feather garden glacier hammer harbor island jasmine kettle ladder lantern lemon marble
    meadow mirror needle oasis orchard pebble pepper pillow planet quartz ribbon river saddle
    silver summit teapot thunder timber tunnel valley velvet violet walnut willow window
""".split()  # noqa: SIM905 - a list has one line per word
_NAMES = ("Ada", "Ben", "Cleo", "Dara", "Emil", "Fay", "Gus", "Hana", "Ivo", "June")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def _reverse(rng: Rng) -> Task:
    word = rng.pick(_WORDS) + rng.pick(_WORDS)
    back = word[::-1]
    middle = len(back) // 2
    swapped = back[: middle - 1] + back[middle] + back[middle - 1] + back[middle + 1 :]
    return task(f"Write '{word}' backwards.", back, swapped, back[1:], word)


def _count_letter(rng: Rng) -> Task:
    words = rng.some(4, _WORDS)
    letter = rng.pick([each for each in _ALPHABET if each in words[0]])
    count = sum(word.count(letter) for word in words)
    return task(
        f"How often does the letter '{letter}' occur in '{' '.join(words)}'?",
        count,
        count - 1,
        count + 1,
        sum(letter in word for word in words),
    )


def _sort(rng: Rng) -> Task:
    words = rng.some(5, _WORDS)
    right = sorted(words)
    return task(
        f"Sort alphabetically, separated by blanks: {' '.join(words)}",
        " ".join(right),
        " ".join(reversed(right)),
        " ".join([right[1], right[0], *right[2:]]),
        " ".join(sorted(words, key=len)),
    )


def _shift(rng: Rng) -> Task:
    word, steps = rng.pick(_WORDS), rng.between(1, 12)

    def moved(by: int) -> str:
        return "".join(_ALPHABET[(_ALPHABET.index(letter) + by) % 26] for letter in word)

    return task(
        f"Replace each letter of '{word}' by the one {steps} places later in the alphabet, going "
        "on from a after z.",
        moved(steps),
        moved(steps - 1),
        moved(steps + 1),
        moved(-steps),
    )


LETTERS: dict[str, Maker] = {
    "reversing": _reverse,
    "counting letters": _count_letter,
    "sorting": _sort,
    "shifting": _shift,
}


def _chain(rng: Rng, size: int) -> tuple[list[str], str]:
    """Return people from tallest to shortest, and a shuffled text of their order."""
    people = rng.some(size, _NAMES)
    facts = [f"{taller} is taller than {shorter}." for taller, shorter in pairwise(people)]
    return people, " ".join(rng.some(len(facts), facts))


def _extreme(rng: Rng) -> Task:
    people, facts = _chain(rng, rng.between(3, 6))
    if rng.below(2):
        return task(f"{facts} Who is the tallest?", people[0], people[1], people[-1])
    return task(f"{facts} Who is the shortest?", people[-1], people[-2], people[0])


def _place(rng: Rng) -> Task:
    people, facts = _chain(rng, rng.between(4, 6))
    place = rng.between(2, len(people) - 1)
    return task(
        f"{facts} From tallest to shortest, who is number {place}?",
        people[place - 1],
        people[place],
        people[place - 2],
        people[-place],
    )


def _follows(rng: Rng) -> Task:
    people, facts = _chain(rng, rng.between(4, 6))
    one, other = rng.some(2, people)
    holds = people.index(one) < people.index(other)
    return task(
        f"{facts} Is {one} taller than {other}? Answer yes or no.",
        "yes" if holds else "no",
        "no" if holds else "yes",
    )


ORDER: dict[str, Maker] = {"extremes": _extreme, "places": _place, "conclusions": _follows}
