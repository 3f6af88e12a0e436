"""Tasks with numbers: competition-style puzzles, and arithmetic with four choices."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from benchwire_local.sample.tasks import Maker, Task, task

if TYPE_CHECKING:
    from benchwire_local.sample.rng import Rng

_LETTERS = ("A", "B", "C", "D")


def _remainder(rng: Rng) -> Task:
    base, exponent, modulus = rng.between(2, 29), rng.between(5, 60), rng.between(7, 997)
    return task(
        f"What is the remainder when {base}^{exponent} is divided by {modulus}?",
        pow(base, exponent, modulus),
        pow(base, exponent - 1, modulus),
        base * exponent % modulus,
        pow(base, exponent + 1, modulus),
        modulus,
    )


def _divisors(rng: Rng) -> Task:
    number = rng.between(24, 5000)
    count = sum(1 for divisor in range(1, number + 1) if number % divisor == 0)
    return task(
        f"How many positive divisors does {number} have?", count, count - 1, count - 2, count + 2
    )


def _counting(rng: Rng) -> Task:
    top, included = rng.between(50, 999), rng.between(2, 9)
    excluded = rng.pick([each for each in range(2, 12) if each != included])
    count = sum(1 for each in range(1, top + 1) if each % included == 0 and each % excluded != 0)
    return task(
        f"How many whole numbers from 1 to {top} are divisible by {included} but not by "
        f"{excluded}?",
        count,
        top // included,
        top // included - top // excluded,
        count + 1,
    )


def _digits(rng: Rng) -> Task:
    left, right = rng.between(112, 9876), rng.between(12, 987)
    total = sum(int(digit) for digit in str(left * right))
    return task(
        f"What is the sum of the decimal digits of {left} x {right}?",
        total,
        total + 9,
        total - 9,
        sum(int(digit) for digit in f"{left}{right}"),
    )


def _sequence(rng: Rng) -> Task:
    first, added, place = rng.between(1, 20), rng.between(1, 15), rng.between(5, 12)
    terms = [first]
    while len(terms) <= place:
        terms.append(2 * terms[-1] + added)
    return task(
        f"A sequence begins with {first}; each further term is {added} more than twice the term "
        f"before it. What is the remainder when term number {place} is divided by 1000?",
        terms[place - 1] % 1000,
        terms[place] % 1000,
        terms[place - 2] % 1000,
        terms[place - 1],
    )


PUZZLES: dict[str, Maker] = {
    "remainders": _remainder,
    "divisors": _divisors,
    "counting": _counting,
    "digit sums": _digits,
    "sequences": _sequence,
}


def _choice(rng: Rng, question: str, truth: object, *wrong: object) -> Task:
    """Return a task with four different choices in random order; the answer is a letter."""
    others = dict.fromkeys(str(each) for each in wrong if str(each) != str(truth))
    texts = [str(truth), *list(others)[:3]]
    if len(texts) < 4:
        raise ValueError(f"fewer than three different wrong answers: {question}")
    order = rng.some(4, texts)
    right = _LETTERS[order.index(str(truth))]
    choices = dict(zip(_LETTERS, order, strict=True))
    return task({"question": question, "choices": choices}, right, *_LETTERS)


def _percentage(rng: Rng) -> Task:
    percent, whole = 5 * rng.between(1, 30), 20 * rng.between(2, 60)
    part = percent * whole // 100
    return _choice(
        rng,
        f"What is {percent}% of {whole}?",
        part,
        *(part + 10, whole + part, part * 10, whole + percent, part + 1),
    )


def _average(rng: Rng) -> Task:
    mean = rng.between(10, 90)
    spread = rng.some(2, range(1, 10))
    values = [mean - spread[0], mean + spread[1], mean + spread[0], mean - spread[1]]
    return _choice(
        rng,
        f"What is the mean of {', '.join(map(str, values))}?",
        mean,
        *(sum(values), mean + 1, mean - 2, max(values)),
    )


def _ratio(rng: Rng) -> Task:
    first, second, scale = rng.between(2, 9), rng.between(2, 9), rng.between(3, 40)
    total = (first + second) * scale
    return _choice(
        rng,
        f"{total} coins are shared in the ratio {first}:{second}. How many are in the first share?",
        first * scale,
        *(total // 2 + 1, first + scale, total - first * scale - 1, first * scale + second, total),
    )


def _precedence(rng: Rng) -> Task:
    one, two, three, four = (rng.between(2, 20) for _ in range(4))
    return _choice(
        rng,
        f"What is {one} + {two} * {three} - {four}?",
        one + two * three - four,
        *((one + two) * three - four, one + two * (three - four), one + two + three - four),
        *(one * two + three - four, one + two * three + four),
    )


def _fraction(rng: Rng) -> Task:
    left = Fraction(rng.between(1, 9), rng.between(2, 12))
    right = Fraction(rng.between(1, 9), rng.between(2, 12))
    return _choice(
        rng,
        f"What is {left} + {right}, in lowest terms?",
        left + right,
        Fraction(left.numerator + right.numerator, left.denominator + right.denominator),
        left * right,
        left + right + 1,
        left + 2 * right,
        left + right + 2,
    )


CHOICES: dict[str, Maker] = {
    "percentages": _percentage,
    "averages": _average,
    "ratios": _ratio,
    "order of operations": _precedence,
    "fractions": _fraction,
}
