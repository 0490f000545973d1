"""What is a row and what is a column of a derivative: the shapes that a written derivative has.

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

from matcalc.language.sizes import Shape, Size, rows_and_columns, shape_of

LAYOUTS = ("numerator", "denominator")


def derivative_shape(of: Shape, by: Shape, layout: str) -> tuple[Size, ...]:
    """The shape of a derivative: as a matrix where it has at most two axes, else axes of output then input (numerator) or
    input then output (denominator)."""
    of_axes, by_axes = (tuple(entry for entry in shape if entry != 1) for shape in (of, by))
    if len(of_axes) + len(by_axes) > 2:
        return of_axes + by_axes if layout == "numerator" else by_axes + of_axes
    if not by_axes:
        rows, columns = rows_and_columns(of)
    elif len(by_axes) == 2:
        rows, columns = by_axes[1], by_axes[0]
    else:
        rows, columns = (of_axes or (1,))[0], by_axes[0]
    return shape_of(rows, columns) if layout == "numerator" else shape_of(columns, rows)
