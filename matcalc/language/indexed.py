"""Nodes of index notation: indices, entries of arrays, and written sums over an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from matcalc.language.expression import Expr
from matcalc.language.sizes import Shape, Size


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Index(Expr):
    """An index: a whole number from 1 on, up to ``size`` where it counts the entries along an axis; bound by an `IndexedSum`, or free."""

    name: str
    size: Size | None = None
    shape: Shape = ()


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Entry(Expr):
    """One entry of an array, counted from 1; of a column the column is the number 1, of a row the row."""

    base: Expr
    row: Expr
    column: Expr
    shape: Shape = ()

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.base, self.row, self.column)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class IndexedSum(Expr):
    """The sum of a body over an index that runs from ``low`` to ``high``, both included."""

    index: Index
    low: Expr
    high: Expr
    body: Expr
    shape: Shape

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.index, self.low, self.high, self.body)
