"""The two layouts: how the axes of an index form make up the rows and columns of a derivative.

Their shapes are defined in `matcalc.language.derivative_shapes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from matcalc.errors import LayoutError, NoMatrixFormError, near_names
from matcalc.language.derivative_shapes import derivative_shape as derivative_shape
from matcalc.language.sizes import Shape, rows_and_columns, shape_of, size_product


class Layout(StrEnum):
    """Numerator layout puts the output along the rows, denominator layout the input."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"

    @property
    def other(self) -> Layout:
        return Layout.DENOMINATOR if self is Layout.NUMERATOR else Layout.NUMERATOR


class Style(StrEnum):
    """How a vector acts entry by entry: ``hadamard`` writes f'(z) ⊙ v, ``diag`` writes diag(f'(z)) v."""

    HADAMARD = "hadamard"
    DIAG = "diag"


def layout_named(name: str | None) -> Layout:
    """The layout of that name.

    Raises:
        LayoutError: there is none, or none was given.
    """
    if name is None:
        raise LayoutError("A derivative needs a layout: layout='numerator' or layout='denominator'.")
    try:
        return Layout(name)
    except ValueError:
        known = [str(layout) for layout in Layout]
        raise LayoutError(f"{name!r} is not a layout. {near_names(str(name), known)}") from None


def style_named(name: str) -> Style:
    """The style of that name."""
    try:
        return Style(name)
    except ValueError:
        raise LayoutError(f"{name!r} is not a style: it is 'hadamard' (f'(z) ⊙ v) or 'diag' (diag(f'(z)) v).") from None


@final
@dataclass(frozen=True, slots=True)
class Axes:
    """Which axes of an index form make up the rows and the columns of one quantity."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        return self.rows + self.columns

    @property
    def ndim(self) -> int:
        """0 for a scalar, 1 for a vector (column or row), 2 for a matrix."""
        return bool(self.rows) + bool(self.columns)


def axes_of(count_rows: int, count: int, start: int) -> Axes:
    """The axes of a quantity that stand from ``start`` on, the first ``count_rows`` being its row axis."""
    return Axes(tuple(range(start, start + count_rows)), tuple(range(start + count_rows, start + count)))


def placed(of: Axes, by: Axes, layout: Layout, claim: Callable[[], tuple[str, str]]) -> Axes:
    """Rows and columns of the derivative of one quantity by another.

    Args:
        of: the axes of the output.
        by: the axes of the input.
        layout: the layout asked for.
        claim: tells how the derivative is named in the error, and the way out.

    Raises:
        NoMatrixFormError: output and input have three or four axes together.
    """
    if of.ndim + by.ndim > 2:
        name, way_out = claim()
        raise NoMatrixFormError(
            f"{name} has {of.ndim + by.ndim} axes, {of.ndim} of the output and {by.ndim} of the input, and no matrix holds them. {way_out}"
        )
    if by.ndim == 0:
        numerator = of
    elif by.ndim == 2:
        numerator = Axes(by.columns, by.rows)
    else:
        numerator = Axes(of.all, by.all)
    return numerator if layout is Layout.NUMERATOR else Axes(numerator.columns, numerator.rows)


def vec_shape(of: Shape, by: Shape, layout: Layout) -> Shape:
    """The shape of d vec(of) / d vec(by)^T, or of its transpose in denominator layout."""
    rows, columns = size_product(*rows_and_columns(of)), size_product(*rows_and_columns(by))
    return shape_of(rows, columns) if layout is Layout.NUMERATOR else shape_of(columns, rows)
