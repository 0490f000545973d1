"""Nodes that act on a whole matrix: powers, functions given by a power series, the pseudo-inverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from matcalc.language.elementwise import MatrixFunction
from matcalc.language.expression import Expr
from matcalc.language.sizes import Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PseudoInverse(Expr):
    """The Moore-Penrose inverse."""

    argument: Expr
    shape: Shape

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.argument,)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MatrixPower(Expr):
    """A square matrix times itself; the exponent is a scalar whose value is whole, a negative one takes the inverse."""

    base: Expr
    exponent: Expr
    shape: Shape

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.base, self.exponent)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ApplyMatrixFunction(Expr):
    """A function of a square matrix given by a power series, such as the matrix exponential."""

    function: MatrixFunction
    argument: Expr
    shape: Shape

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.argument,)
