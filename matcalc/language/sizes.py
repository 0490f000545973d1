"""Dimensions and shapes: symbolic sizes, and the four kinds of shape.

A shape is ``()`` for a scalar, ``(n,)`` for a column, ``(1, n)`` for a row and ``(m, n)`` for a
matrix. An entry is a positive int or a `Dim`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias, final

from matcalc.errors import MatcalcError
from matcalc.language.naming import plain
from matcalc.language.operators import METHODS, Typeset, Written


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dim(Written, Typeset):
    """A symbolic size: a positive integer coefficient times named sizes; made by `dims`.

    Shapes: an entry of a shape. In an expression it is a scalar, the number n.

    Attributes:
        names: of the sizes that are multiplied, sorted.
        coefficient: a positive int.

    Raises:
        ShapeError: where an expression compares two sizes that differ, as it is written.

    Example:
        >>> import matcalc as mc
        >>> n, m = mc.dims("n m")
        >>> mc.matrix("W", m, n).shape, mc.vec(mc.matrix("W", m, n)).shape
        ((m, n), (m*n,))
    """

    names: tuple[str, ...]
    coefficient: int = 1

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Dim) and self.names == other.names and self.coefficient == other.coefficient

    def __hash__(self) -> int:
        return hash(self.names)

    def latex(self) -> str:
        """The size in LaTeX."""
        return METHODS["size_latex"](self)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        if self.coefficient == 1 and len(self.names) == 1:
            return self.names[0]
        parts = [] if self.coefficient == 1 else [str(self.coefficient)]
        return "*".join([*parts, *self.names])


Size: TypeAlias = Dim | int
Shape: TypeAlias = tuple[Size, ...]
SizeLike: TypeAlias = Dim | int | str


_NAME = re.compile(r"[^\W\d_]\w*(\{[\w+\-,]+\}|(?<=_\w)[+\-]\d+|\^[({\[][\w+\-]+[)}\]])?")


def dims(names: str) -> Any:  # one Dim or a tuple of them, as the text says
    """Symbolic sizes of the given names, plain or in LaTeX, separated by spaces; one name gives one `Dim`.

    Shapes: none; a size is one entry of a shape, a number that is not told yet. Sizes of different names are taken to be different.

    Raises:
        MatcalcError: no name, or no name of a size.

    Example:
        >>> import matcalc as mc
        >>> mc.dims("n m")
        (n, m)
        >>> mc.dims("n")
        n
    """
    if not isinstance(names, str):
        raise MatcalcError(f"dims takes names in a string, like dims('n m'), not {names!r}.")
    found = tuple(_named(name) for name in names.replace(",", " ").split())
    if not found:
        raise MatcalcError("dims needs at least one name, for instance dims('n m').")
    return found[0] if len(found) == 1 else found


def _named(given: str) -> Dim:
    name = plain(given)
    if not _NAME.fullmatch(name):
        raise MatcalcError(f"{name!r} is not a name of a size: it starts with a letter, without spaces, like 'n' or 'n_1'.")
    return Dim((name,))


def size(value: SizeLike) -> Size:
    """The size that a `Dim`, a name or a positive int stands for."""
    if isinstance(value, Dim):
        return value
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise MatcalcError(f"{value!r} is not a size: a Dim, a name or a positive int is needed.")
    if isinstance(value, str):
        return size(int(value)) if value.isdecimal() else _named(value)
    if value < 1:
        raise MatcalcError(f"{value} is not a size: sizes are at least 1.")
    return value


def size_product(left: Size, right: Size) -> Size:
    """The product of two sizes."""
    if left == 1:
        return right
    if right == 1:
        return left
    names: list[str] = []
    coefficient = 1
    for part in (left, right):
        if isinstance(part, int):
            coefficient *= part
        else:
            coefficient *= part.coefficient
            names.extend(part.names)
    return Dim(tuple(sorted(names)), coefficient) if names else coefficient


def rows_and_columns(shape: Shape) -> tuple[Size, Size]:
    """The number of rows and of columns of a shape."""
    if len(shape) == 2:
        return shape[0], shape[1]
    return (shape[0], 1) if shape else (1, 1)


def shape_of(rows: Size, columns: Size) -> Shape:
    """The shape with so many rows and columns: 1 x 1 is a scalar, n x 1 a column."""
    if columns == 1:
        return () if rows == 1 else (rows,)
    return (rows, columns)


def transposed(shape: Shape) -> Shape:
    """The shape of the transpose."""
    rows, columns = rows_and_columns(shape)
    return shape_of(columns, rows)


def ndim(shape: Shape) -> int:
    """The number of axes longer than 1: 0 for a scalar, 1 for a column or row, 2 for a matrix."""
    return sum(1 for entry in shape if entry != 1)


def shape_text(shape: Shape) -> str:
    """The shape as a person reads it: ``scalar`` or ``(m, n)``."""
    return "scalar" if not shape else repr(shape)
