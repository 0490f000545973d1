"""The product of the factors of one path, in the order of the layout, with its shape check joint by joint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from itertools import accumulate, pairwise
from typing import final

from matcalc.errors import LayoutError, MatcalcError, NoStandInError
from matcalc.language.building import matmul, times
from matcalc.language.expressions import Expr, Transpose, transpose
from matcalc.language.operators import Tabled, Typeset
from matcalc.language.sizes import Size, ndim, rows_and_columns
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import Factor
from matcalc.layout.strings import String, assembled, taken_apart


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
class Product(Tabled, Typeset):
    """The factors of a path in the order of a layout.

    Shapes: ``joints`` are pairs of sizes; the product has the shape of `derive` in its layout, by vec where a factor is taken as
    Jacobian.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> C = mc.let("C", mc.sum(mc.exp(mc.let("z", W @ x))))
        >>> product = mc.derive(C, x, layout="denominator").product
        >>> product, product.joints, product.names
        (W^T exp(z), (m = m,), (dz/dx, dC/dz))

    Attributes:
        layout: the layout.
        reading: how a factor of three or four axes is meant.
        factors: from left to right.
        parts: the matrix, stand-in or vec form of each.
        turned: whether each part is the transpose of the factor's matrix: a row by a scalar is a row, and its chain takes columns.
        runs: how many neighbouring parts make each matrix product; runs meet over a scalar quantity, and multiply as they are.
    """

    layout: Layout
    reading: Reading
    factors: tuple[Factor, ...]
    parts: tuple[Expr, ...]
    turned: tuple[bool, ...]
    runs: tuple[int, ...]

    @property
    def joints(self) -> tuple[Joint, ...]:
        """The shape check, joint by joint; where a scalar multiplies a matrix there is none."""
        found = [Joint(rows_and_columns(a.shape)[1], rows_and_columns(b.shape)[0]) for a, b in pairwise(self.parts)]
        ends = set(accumulate(self.runs))
        return tuple(joint for place, joint in enumerate(found, 1) if joint.fits or place not in ends)

    @property
    def names(self) -> tuple[Expr, ...]:
        """The factors as they are written before they are carried out; a stand-in has no such name and is given itself."""
        if self.reading is Reading.JACOBIAN:
            return self.parts
        named = [p if f.ndim > 2 else f.name(self.layout) for f, p in zip(self.factors, self.parts, strict=True)]
        return tuple(transpose(name) if turned else name for name, turned in zip(named, self.turned, strict=True))

    @property
    def expression(self) -> Expr:
        """The product, from the left, its scalars in front."""
        scalars: list[Expr] = []
        string: String = ()
        for run in self._in_runs(self.parts):
            taken = [taken_apart(part) if part.shape else ([part], ()) for part in run]
            scalars += [scalar for found, _ in taken for scalar in found]
            items = tuple(entry for _, found in taken for entry in found)
            closed = rows_and_columns(run[0].shape)[0] == rows_and_columns(run[-1].shape)[1] == 1
            if items and closed and len(self.runs) > 1:
                scalars.append(assembled(items))
            else:
                string += items
        factor = reduce(times, scalars) if scalars else None
        if not string:
            assert factor is not None
            return factor
        return assembled(string, factor)

    @property
    def named_expression(self) -> Expr:
        """The product of the derivatives, not carried out."""
        runs = [reduce(matmul, run) for run in self._in_runs(self.names)]
        return reduce(lambda a, b: matmul(a, b) if a.shape and b.shape else times(a, b), runs)

    def _in_runs(self, parts: tuple[Expr, ...]) -> list[tuple[Expr, ...]]:
        ends = list(accumulate(self.runs))
        return [parts[end - length : end] for end, length in zip(ends, self.runs, strict=True)]

    def __repr__(self) -> str:
        return repr(self.expression)

    def latex(self) -> str:
        """The product in LaTeX."""
        return self.expression.latex()


class Products(Tabled, tuple[Product, ...]):
    """The products of several paths: a tuple that a notebook shows as tables."""

    __slots__ = ()


def product_of(path: Sequence[Factor], layout: Layout, reading: Reading | str | None = None) -> Product:
    """The product of a path's factors in a layout: from output to input in numerator layout, the other way in denominator.

    Args:
        path: the factors from the output to the input.
        layout: the layout.
        reading: ``stand-in`` or ``jacobian``; without it, matrices where possible, else the stand-in where there is one.

    Raises:
        NoMatrixFormError, NoStandInError: a factor, or the path, has no matrix in that reading.
        LayoutError: there is no such reading.
        MatcalcError: the path has no factors.
    """
    if not path:
        raise MatcalcError("No path leads from the quantity to the variable, so there is no product of factors. Take .result.")
    chosen = reading_of(path, reading)
    runs = _runs(path)
    if layout is Layout.DENOMINATOR:
        runs = [run[::-1] for run in reversed(runs)]
    if chosen is Reading.STAND_IN:
        last = path[-1]
        place = -1 if layout is Layout.NUMERATOR else 0
        others = tuple(f for f in runs[place] if f is not last)
        runs[place] = (last, *others) if last.stand_in_is_first(layout) else (*others, last)
    ordered = tuple(factor for run in runs for factor in run)
    lengths = tuple(len(run) for run in runs)
    if chosen is Reading.JACOBIAN:
        return Product(layout, chosen, ordered, tuple(f.vec_form(layout) for f in ordered), (False,) * len(path), lengths)
    parts = tuple(f.stand_in(layout) if f.ndim > 2 else f.matrix(layout) for f in ordered)
    turned = tuple(len(path) > 1 and _is_row_by_scalar(f.of, f.by) for f in ordered)
    if len(path) > 1 and _is_row_by_scalar(path[0].of, path[-1].by):
        turned = tuple(not t and f.ndim > 0 for t, f in zip(turned, ordered, strict=True))
        ordered, parts, turned, lengths = ordered[::-1], parts[::-1], turned[::-1], lengths[::-1]
    placed = tuple(_turned(part) if turn else part for part, turn in zip(parts, turned, strict=True))
    return Product(layout, chosen, ordered, placed, turned, lengths)


def _runs(path: Sequence[Factor]) -> list[tuple[Factor, ...]]:
    """The factors between scalar quantities, from the output to the input."""
    runs: list[tuple[Factor, ...]] = []
    for factor in path:
        if runs and factor.of.shape:
            runs[-1] += (factor,)
        else:
            runs.append((factor,))
    return runs


def _is_row_by_scalar(of: Expr, by: Expr) -> bool:
    """Whether the derivative keeps the shape of a row, where its chain is that of the column."""
    return len(of.shape) == 2 and ndim(of.shape) == 1 and not by.shape


def _turned(matrix: Expr) -> Expr:
    return matrix.argument if isinstance(matrix, Transpose) else transpose(matrix)


def reading_of(path: Sequence[Factor], reading: Reading | str | None = None) -> Reading:
    """The reading of a product: the one asked for, else matrices where possible, else the stand-in where there is one."""
    wanted: Reading | None = None
    if reading is not None:
        try:
            wanted = Reading(reading)
        except ValueError:
            raise LayoutError(f"{reading!r} is not a reading: it is 'stand-in' or 'jacobian'.") from None
    if wanted is Reading.JACOBIAN:
        return wanted
    if all(f.ndim <= 2 for f in path) and _is_chain(path) and ndim(path[0].of.shape) + ndim(path[-1].by.shape) <= 2:
        return Reading.MATRICES
    alone = len(path) > 1 and not path[0].of.shape and path[-1].ndim > 2 and all(f.ndim <= 2 for f in path[:-1])
    if alone and _is_chain(path[:-1]) and path[-1].has_stand_in:
        return Reading.STAND_IN
    if wanted is not None:
        named = " · ".join(map(repr, path))
        raise NoStandInError(
            f"{named} is no product of matrices with a stand-in: that needs a scalar in front, vectors or scalars between the factors, "
            "and at the end a factor with a stand-in. Take reading='jacobian'."
        )
    return Reading.JACOBIAN


def _is_chain(path: Sequence[Factor]) -> bool:
    """Whether the quantities between the factors are vectors or scalars: over a matrix the sum has two indices."""
    return all(ndim(factor.of.shape) <= 1 for factor in path[1:])
