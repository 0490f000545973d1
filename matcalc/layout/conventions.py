"""The two layouts: what is a row and what is a column of a derivative.

Definitions of Wikipedia, "Matrix calculus", section "Layout conventions"; the last row, in denominator layout, is ours.

    derivative of          numerator layout      denominator layout
    scalar  by scalar      scalar                scalar
    scalar  by vector      1 x n                 n x 1
    vector  by vector      m x n                 n x m
    scalar  by p x q       q x p                 p x q
    vector  by scalar      m x 1 (a row 1 x m)   1 x m (m x 1)
    m x n   by scalar      m x n                 n x m
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from matcalc.errors import LayoutError, NoMatrixFormError, near_names
from matcalc.language.sizes import Shape, Size, rows_and_columns, shape_of, size_product


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


def derivative_shape(of: Shape, by: Shape, layout: Layout) -> tuple[Size, ...]:
    """The shape of a derivative: as a matrix where it has at most two axes, else axes of output then input (numerator) or
    input then output (denominator)."""
    of_axes, by_axes = (tuple(entry for entry in shape if entry != 1) for shape in (of, by))
    if len(of_axes) + len(by_axes) > 2:
        return of_axes + by_axes if layout is Layout.NUMERATOR else by_axes + of_axes
    if not by_axes:
        rows, columns = rows_and_columns(of)
    elif len(by_axes) == 2:
        rows, columns = by_axes[1], by_axes[0]
    else:
        rows, columns = (of_axes or (1,))[0], by_axes[0]
    return shape_of(rows, columns) if layout is Layout.NUMERATOR else shape_of(columns, rows)


def vec_shape(of: Shape, by: Shape, layout: Layout) -> Shape:
    """The shape of d vec(of) / d vec(by)^T, or of its transpose in denominator layout."""
    rows, columns = size_product(*rows_and_columns(of)), size_product(*rows_and_columns(by))
    return shape_of(rows, columns) if layout is Layout.NUMERATOR else shape_of(columns, rows)
