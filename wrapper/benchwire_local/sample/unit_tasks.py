"""Tasks of unit conversion in German, with decimal commas, in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from benchwire_local.sample.tasks import Maker, Task, task

if TYPE_CHECKING:
    from benchwire_local.sample.rng import Rng

# Source unit, target unit, factor.
_LENGTH = (
    ("Kilometer", "Meter", Fraction(1000)),
    ("Meter", "Zentimeter", Fraction(100)),
    ("Zentimeter", "Millimeter", Fraction(10)),
    ("Millimeter", "Zentimeter", Fraction(1, 10)),
    ("Meter", "Kilometer", Fraction(1, 1000)),
)
_MASS = (
    ("Tonnen", "Kilogramm", Fraction(1000)),
    ("Kilogramm", "Gramm", Fraction(1000)),
    ("Gramm", "Kilogramm", Fraction(1, 1000)),
    ("Pfund (zu 500 g)", "Gramm", Fraction(500)),
)
_TIME = (
    ("Stunden", "Minuten", Fraction(60)),
    ("Tage", "Stunden", Fraction(24)),
    ("Wochen", "Tage", Fraction(7)),
    ("Minuten", "Sekunden", Fraction(60)),
)
_VOLUME = (
    ("Liter", "Milliliter", Fraction(1000)),
    ("Kubikmeter", "Liter", Fraction(1000)),
    ("Zentiliter", "Liter", Fraction(1, 100)),
    ("Hektoliter", "Liter", Fraction(100)),
)


def german(value: Fraction) -> str:
    """Format a number in German: ``1250``, ``3,5``; raise ValueError above four decimals."""
    scaled = value * 10_000
    if scaled.denominator != 1:
        raise ValueError(f"{value} has more than four decimals")
    whole, decimals = divmod(scaled.numerator, 10_000)
    return f"{whole},{decimals:04d}".rstrip("0").rstrip(",")


def _converter(units: tuple[tuple[str, str, Fraction], ...]) -> Maker:
    def make(rng: Rng) -> Task:
        source, target, factor = rng.pick(units)
        amount = Fraction(rng.between(1, 400), rng.pick((1, 1, 2, 10)))
        result = amount * factor
        return task(
            f"Wie viele {target} sind {german(amount)} {source}? Antworte nur mit der Zahl.",
            german(result),
            german(result * 10),
            german(amount * 100),
            german(amount + 1),
        )

    return make


UNITS: dict[str, Maker] = {
    "Länge": _converter(_LENGTH),
    "Masse": _converter(_MASS),
    "Zeit": _converter(_TIME),
    "Volumen": _converter(_VOLUME),
}
