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
    """The Moore-Penrose inverse; its derivative is that at constant rank."""

    argument: Expr
    shape: Shape

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.argument,)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MatrixPower(Expr):
    """A square matrix times itself; the exponent is a scalar whose value is whole, a negative one takes the inverse.

    Nothing is assumed of a symbol k in the exponent: the derivative of X^k, a sum over r from 0 to k-1, holds for whole k from 0 on, and
    that of X^-k likewise; what has no sum left, as k X^(k-1) of the trace, holds for all whole k. There is no derivative by k.
    """

    base: Expr
    exponent: Expr
    shape: Shape

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.base, self.exponent)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ApplyMatrixFunction(Expr):
    """A function of a square matrix given by a power series, such as the matrix exponential.

    Its derivative along a matrix that is shown to commute with the argument is a product of matrices, as A exp(t A) of exp(t A) by t;
    else it is an array with four axes.
    """

    function: MatrixFunction
    argument: Expr
    shape: Shape

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.argument,)
