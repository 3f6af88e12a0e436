"""Solves the sample's prompts from their text alone, by other means than those that made them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import permutations
from statistics import mean
from typing import Any

Solver = Callable[..., object]


def _remainder(base: str, exponent: str, modulus: str) -> int:
    value = 1
    for _ in range(int(exponent)):
        value = value * int(base) % int(modulus)
    return value


def _divisors(number: str) -> int:
    rest, count, factor = int(number), 1, 2
    while rest > 1:
        power = 0
        while rest % factor == 0:
            rest //= factor
            power += 1
        count *= power + 1
        factor += 1
    return count


def _counting(top: str, included: str, excluded: str) -> int:
    multiples = set(range(int(included), int(top) + 1, int(included)))
    return len(multiples - set(range(int(excluded), int(top) + 1, int(excluded))))


def _digits(left: str, right: str) -> int:
    total, rest = 0, int(left) * int(right)
    while rest:
        rest, digit = divmod(rest, 10)
        total += digit
    return total


def _sequence(first: str, added: str, place: str) -> int:
    # Closed form of a(n) = 2 a(n-1) + d.
    steps = int(place) - 1
    return (2**steps * (int(first) + int(added)) - int(added)) % 1000


def _weekday(day: str) -> str:
    # Zeller's congruence.
    year, month, number = map(int, day.split("-"))
    if month < 3:
        year, month = year - 1, month + 12
    place = (number + 13 * (month + 1) // 5 + year + year // 4 - year // 100 + year // 400) % 7
    return ("Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday")[place]


def _leap_years(first: str, last: str) -> int:
    def until(year: int) -> int:
        return year // 4 - year // 100 + year // 400

    return until(int(last)) - until(int(first) - 1)


_SCALE = {
    "Kilometer": Fraction(1000), "Meter": Fraction(1), "Zentimeter": Fraction(1, 100),
    "Millimeter": Fraction(1, 1000), "Tonnen": Fraction(1000), "Kilogramm": Fraction(1),
    "Gramm": Fraction(1, 1000), "Pfund (zu 500 g)": Fraction(1, 2), "Wochen": Fraction(604800),
    "Tage": Fraction(86400), "Stunden": Fraction(3600), "Minuten": Fraction(60),
    "Sekunden": Fraction(1), "Liter": Fraction(1), "Milliliter": Fraction(1, 1000),
    "Kubikmeter": Fraction(1000), "Zentiliter": Fraction(1, 100), "Hektoliter": Fraction(100),
}  # fmt: skip


def _units(target: str, amount: str, source: str) -> str:
    value = Fraction(amount.replace(",", ".")) * _SCALE[source] / _SCALE[target]
    return str(int(value)) if value.denominator == 1 else str(float(value)).replace(".", ",")


def _shift(word: str, steps: str) -> str:
    return "".join(chr((ord(letter) - 97 + int(steps)) % 26 + 97) for letter in word)


def _tallest_first(facts: str) -> tuple[str, ...]:
    pairs = re.findall(r"(\w+) is taller than (\w+)\.", facts)
    people = {name for pair in pairs for name in pair}
    fitting = [
        order
        for order in permutations(people)
        if all(order.index(one) < order.index(other) for one, other in pairs)
    ]
    assert len(fitting) == 1, f"not one order: {facts}"
    return fitting[0]


def _is_taller(facts: str, one: str, other: str) -> str:
    order = _tallest_first(facts)
    return "yes" if order.index(one) < order.index(other) else "no"


_TEXT: list[tuple[str, Solver]] = [
    (r"What is the remainder when (\d+)\^(\d+) is divided by (\d+)\?", _remainder),
    (r"How many positive divisors does (\d+) have\?", _divisors),
    (
        r"How many whole numbers from 1 to (\d+) are divisible by (\d+) but not by (\d+)\?",
        _counting,
    ),
    (r"What is the sum of the decimal digits of (\d+) x (\d+)\?", _digits),
    (
        (
            r"A sequence begins with (\d+); each further term is (\d+) more than twice the term before "
            r"it\. What is the remainder when term number (\d+) is divided by 1000\?"
        ),
        _sequence,
    ),
    (r"On which day of the week does (\S+) fall\?", _weekday),
    (
        r"How many days is it from (\S+) to (\S+)\?",
        lambda first, last: (
            date.fromisoformat(last).toordinal() - date.fromisoformat(first).toordinal()
        ),
    ),
    (
        r"Which date is (\d+) days after (\S+)\?",
        lambda days, day: date.fromordinal(date.fromisoformat(day).toordinal() + int(days)),
    ),
    (r"How many leap years are there from (\d+) to (\d+), both included\?", _leap_years),
    (r"Wie viele (\w+) sind ([\d,]+) (.+)\? Antworte nur mit der Zahl\.", _units),
    (r"Write '(\w+)' backwards\.", lambda word: "".join(reversed(word))),
    (
        r"How often does the letter '(\w)' occur in '(.+)'\?",
        lambda letter, text: len(re.findall(letter, text)),
    ),
    (
        r"Sort alphabetically, separated by blanks: (.+)",
        lambda words: " ".join(sorted(words.split())),
    ),
    (
        (
            r"Replace each letter of '(\w+)' by the one (\d+) places later in the alphabet, going on "
            r"from a after z\."
        ),
        _shift,
    ),
    (r"(.+) Who is the tallest\?", lambda facts: _tallest_first(facts)[0]),
    (r"(.+) Who is the shortest\?", lambda facts: _tallest_first(facts)[-1]),
    (
        r"(.+) From tallest to shortest, who is number (\d+)\?",
        lambda facts, place: _tallest_first(facts)[int(place) - 1],
    ),
    (r"(.+) Is (\w+) taller than (\w+)\? Answer yes or no\.", _is_taller),
]
_CHOICE: list[tuple[str, Solver]] = [
    (r"What is (\d+)% of (\d+)\?", lambda percent, whole: Fraction(int(percent) * int(whole), 100)),
    (r"What is the mean of (.+)\?", lambda values: mean(map(Fraction, values.split(", ")))),
    (
        r"(\d+) coins are shared in the ratio (\d+):(\d+)\. How many are in the first share\?",
        lambda coins, one, two: Fraction(int(coins) * int(one), int(one) + int(two)),
    ),
    (
        r"What is (\d+) \+ (\d+) \* (\d+) - (\d+)\?",
        lambda one, two, three, four: int(one) + int(two) * int(three) - int(four),
    ),
    (
        r"What is ([\d/]+) \+ ([\d/]+), in lowest terms\?",
        lambda one, two: Fraction(one) + Fraction(two),
    ),
]


def solve(given: Any) -> str:
    """The answer to a prompt's input, whatever form it has."""
    if isinstance(given, dict):
        right = _solve(given["question"], _CHOICE)
        letters = [letter for letter, text in given["choices"].items() if text == right]
        assert len(letters) == 1, f"not one right choice: {given}"
        return letters[0]
    return _solve(given[-1]["content"] if isinstance(given, list) else given, _TEXT)


def _solve(text: str, solvers: list[tuple[str, Solver]]) -> str:
    for pattern, solver in solvers:
        if found := re.fullmatch(pattern, text):
            return str(solver(*found.groups()))
    raise AssertionError(f"no solver for: {text}")
