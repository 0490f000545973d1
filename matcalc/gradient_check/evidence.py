"""What a judgement rests on: the data, what the code gave at each, what is right there, and what may be compared with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from matcalc.derivation import Derivation
from matcalc.errors import EvaluationError
from matcalc.gradient_check.factors import Atom, Factor, named_factor
from matcalc.gradient_check.readings import Reading, all_agree, fitted, readings, scale_of
from matcalc.language.building import lift
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Dim
from matcalc.numeric.data import Array, Data
from matcalc.numeric.evaluation import value


@final
@dataclass(frozen=True, slots=True)
class Evidence:
    """The arrays that a code gave for one derivative, and what they are held against.

    Attributes:
        derivation: the derivative asked for.
        right: its matrix form, where there is one.
        quantities: symbols and named quantities by plain name.
        draws: the data.
        found: what the code gave at each.
        readings: what is right there, in the layout asked for first.
        tolerance: relative.
    """

    derivation: Derivation
    right: Expr | None
    quantities: dict[str, Expr]
    draws: tuple[Data, ...]
    found: tuple[Array, ...]
    readings: tuple[Reading, ...]
    tolerance: float

    def matched(self) -> Reading | None:
        """The way of writing the derivative that was found at all data."""
        return next((reading for reading in self.readings if self.agrees(reading.values)), None)

    def agrees_in_layout(self) -> bool:
        """Whether the derivative was found in the layout asked for."""
        return any(self.agrees(reading.values) for reading in self.readings if reading.layout is self.derivation.layout)

    def fitting(self) -> Reading | None:
        """The way of writing the derivative that has the shapes found."""
        for reading in self.readings:
            if all(fitted(f, t) is not None for f, t in zip(self.found, reading.values, strict=True)):
                return reading
        return None

    def agrees(self, targets: Sequence[Array]) -> bool:
        """Whether these arrays were found."""
        return all_agree(self.found, targets, self.tolerance)

    def values_of(self, expression: Expr) -> tuple[Array, ...] | None:
        """The value of an expression at all data; None where it has none, as where sizes do not fit."""
        try:
            found = tuple(value(expression, data) for data in self.draws)
        except (EvaluationError, ValueError):
            return None
        return found if all(np.all(np.isfinite(array)) for array in found) else None

    def ratio(self, targets: Sequence[Array]) -> Factor | None:
        """What was found over these arrays, where that is one number at each of the data and has a name."""
        ratios: list[float] = []
        for found, target in zip(self.found, targets, strict=True):
            array = fitted(found, target)
            number = None if array is None else proportion(array, target, self.tolerance)
            if number is None:
                return None
            ratios.append(number)
        return self.named(ratios)

    def named(self, ratios: Sequence[float]) -> Factor | None:
        """The name of a number that was found at each of the data."""
        return named_factor(ratios, self.atoms(), max(self.tolerance, 1e-6))

    def atoms(self) -> tuple[Atom, ...]:
        """Sizes and scalar quantities that a factor may be made of."""
        sizes = [Atom(lift(Dim((n,))), tuple(float(data.sizes[n]) for data in self.draws)) for n in self.draws[0].sizes]
        scalars = [
            Atom(node, tuple(float(array[0, 0]) for array in values))
            for node in self.quantities.values()
            if not node.shape and (values := self.values_of(node)) is not None
        ]
        return (*sizes, *scalars)

    def at(self, draws: Sequence[Data], found: Sequence[Array]) -> Evidence:
        """The same question at other data."""
        d = self.derivation
        return Evidence(
            d, self.right, self.quantities, tuple(draws), tuple(found), readings(d.of, d.wrt, draws, d.layout), self.tolerance
        )


def proportion(found: Array, target: Array, tolerance: float) -> float | None:
    """The number that the target is to be multiplied by to give what was found; None where there is none."""
    square = float(np.vdot(target, target))
    if square == 0.0:
        return None
    number = float(np.vdot(target, found)) / square
    off = float(np.abs(found - number * target).max(initial=0.0))
    return number if number and off <= tolerance * abs(number) * scale_of(target) else None
