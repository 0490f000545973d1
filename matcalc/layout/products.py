"""The product of the factors of one path, in the order of the layout, with its shape check joint by joint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import final

from matcalc.errors import LayoutError
from matcalc.language.building import matmul, times
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Size, rows_and_columns
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import Factor
from matcalc.layout.strings import assembled, taken_apart


class Reading(StrEnum):
    """How a product with a factor of three or four axes is meant.

    ``matrices`` where every factor is one; ``stand-in`` where a vector stands for dz/dW; ``jacobian`` where every factor is the
    Jacobian of stacked columns and the result the derivative by vec(W).
    """

    MATRICES = "matrices"
    STAND_IN = "stand-in"
    JACOBIAN = "jacobian"


@final
@dataclass(frozen=True, slots=True)
class Joint:
    """Where two neighbouring factors meet: columns of the left, rows of the right."""

    columns: Size
    rows: Size

    @property
    def fits(self) -> bool:
        return self.columns == self.rows

    def __repr__(self) -> str:
        return f"{self.columns} = {self.rows}" if self.fits else f"{self.columns} ≠ {self.rows}"


@final
@dataclass(frozen=True, slots=True)
class Product:
    """The factors of a path in the order of a layout.

    Attributes:
        layout: the layout.
        reading: how a factor of three or four axes is meant.
        factors: from left to right.
        parts: the matrix, stand-in or vec form of each.
    """

    layout: Layout
    reading: Reading
    factors: tuple[Factor, ...]
    parts: tuple[Expr, ...]

    @property
    def joints(self) -> tuple[Joint, ...]:
        """The shape check, joint by joint."""
        pairs = zip(self.parts, self.parts[1:], strict=False)
        return tuple(Joint(rows_and_columns(a.shape)[1], rows_and_columns(b.shape)[0]) for a, b in pairs)

    @property
    def names(self) -> tuple[Expr, ...]:
        """The factors as they are written before they are carried out; a stand-in has no such name and is given itself."""
        if self.reading is Reading.JACOBIAN:
            return self.parts
        return tuple(p if f.ndim > 2 else f.name(self.layout) for f, p in zip(self.factors, self.parts, strict=True))

    @property
    def expression(self) -> Expr:
        """The product, from the left, its scalars in front."""
        taken = [taken_apart(part) for part in self.parts]
        scalars = [scalar for found, _ in taken for scalar in found]
        string = tuple(entry for _, items in taken for entry in items)
        return assembled(string, reduce(times, scalars) if scalars else None)

    @property
    def named_expression(self) -> Expr:
        """The product of the derivatives, not carried out."""
        return reduce(matmul, self.names)

    def __repr__(self) -> str:
        return repr(self.expression)


def product_of(path: Sequence[Factor], layout: Layout, reading: Reading | str | None = None) -> Product:
    """The product of a path's factors in a layout: from output to input in numerator layout, the other way in denominator.

    Args:
        path: the factors from the output to the input.
        layout: the layout.
        reading: ``stand-in`` or ``jacobian``; without it, matrices where possible, else the stand-in where there is one.

    Raises:
        NoMatrixFormError, NoStandInError: a factor has no matrix in that reading.
        LayoutError: there is no such reading.
    """
    ordered = tuple(path) if layout is Layout.NUMERATOR else tuple(reversed(path))
    chosen = _reading(path, reading)
    if chosen is Reading.JACOBIAN:
        return Product(layout, chosen, ordered, tuple(f.vec_form(layout) for f in ordered))
    if chosen is Reading.MATRICES:
        return Product(layout, chosen, ordered, tuple(f.matrix(layout) for f in ordered))
    last = path[-1]
    others = tuple(f for f in ordered if f is not last)
    first = last.stand_in_is_first(layout)
    factors = (last, *others) if first else (*others, last)
    return Product(layout, chosen, factors, tuple(f.stand_in(layout) if f is last else f.matrix(layout) for f in factors))


def _reading(path: Sequence[Factor], reading: Reading | str | None) -> Reading:
    if reading is not None:
        try:
            wanted = Reading(reading)
        except ValueError:
            raise LayoutError(f"{reading!r} is not a reading: it is 'stand-in' or 'jacobian'.") from None
        if wanted is Reading.JACOBIAN:
            return wanted
    if all(f.ndim <= 2 for f in path):
        return Reading.MATRICES
    alone = all(f.ndim <= 2 for f in path[:-1]) and len(path) > 1 and path[0].of.shape == ()
    if reading is None and not (alone and path[-1].has_stand_in):
        return Reading.JACOBIAN
    return Reading.STAND_IN
