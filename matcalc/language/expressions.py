"""The nodes of an expression: what was written, as an immutable tree.

Nodes are made by the functions of `matcalc.language.building`, which check shapes; the classes here only hold them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, final

from matcalc.language.elementwise import ElementwiseFunction, MapFunction
from matcalc.language.expression import Expr as Expr
from matcalc.language.indexed import Entry as Entry
from matcalc.language.indexed import Index as Index
from matcalc.language.indexed import IndexedSum as IndexedSum
from matcalc.language.matrix_functions import ApplyMatrixFunction as ApplyMatrixFunction
from matcalc.language.matrix_functions import MatrixPower as MatrixPower
from matcalc.language.matrix_functions import PseudoInverse as PseudoInverse
from matcalc.language.sizes import Dim, Shape, Size, transposed


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Expr):
    """A rational number."""

    value: Fraction
    shape: Shape = ()


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SizeNumber(Expr):
    """A size used as a number, as in 1/n."""

    size: Dim
    shape: Shape = ()


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Symbol(Expr):
    """A declared scalar, vector, row or matrix; ``assumed`` holds what is assumed of it, see `matcalc.language.assumed`."""

    name: str
    shape: Shape
    assumed: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Let(Expr):
    """A named quantity: a reference to its definition, never expanded by itself."""

    name: str
    definition: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ones(Expr):
    """All entries one."""

    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Zeros(Expr):
    """All entries zero."""

    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Identity(Expr):
    """The identity matrix."""

    size: Size
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Commutation(Expr):
    """The commutation matrix K_{m,n}: K_{m,n} vec(X) = vec(X^T) for X of shape (m, n)."""

    rows: Size
    columns: Size
    shape: Shape


class _Unary(Expr):
    __slots__ = ()
    argument: Expr

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.argument,)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Transpose(_Unary):
    argument: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Negate(_Unary):
    argument: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sum(_Unary):
    """The sum of all entries."""

    argument: Expr
    shape: Shape = ()


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Diag(_Unary):
    """The diagonal matrix with the entries of a vector."""

    argument: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DiagonalPart(_Unary):
    """The diagonal of a square matrix, as a column."""

    argument: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DiagonalSums(_Unary):
    """At every entry the sum over the diagonal that it stands on: of M_kl with k - l = i - j."""

    argument: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trace(_Unary):
    argument: Expr
    shape: Shape = ()


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Norm(_Unary):
    """The 2-norm of a vector, the Frobenius norm of a matrix."""

    argument: Expr
    shape: Shape = ()


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Softmax(_Unary):
    """Softmax along ``axis``: with ``columns`` each column sums to 1 (a vector), with ``rows`` each row."""

    argument: Expr
    axis: str
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Vec(_Unary):
    """The columns of a matrix, stacked."""

    argument: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Determinant(_Unary):
    argument: Expr
    shape: Shape = ()


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LogDeterminant(_Unary):
    """ln det X, for det X > 0."""

    argument: Expr
    shape: Shape = ()


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Inverse(_Unary):
    argument: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Apply(_Unary):
    """An elementwise function of an expression."""

    function: ElementwiseFunction
    argument: Expr
    shape: Shape


class _Binary(Expr):
    __slots__ = ()
    left: Expr
    right: Expr

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.left, self.right)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Add(_Binary):
    left: Expr
    right: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subtract(_Binary):
    left: Expr
    right: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MatMul(_Binary):
    """The matrix product."""

    left: Expr
    right: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scale(_Binary):
    """A product of which at least one side is a scalar."""

    left: Expr
    right: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Hadamard(_Binary):
    """The product entry by entry of two arrays of one shape."""

    left: Expr
    right: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Divide(_Binary):
    """The quotient entry by entry; either side may be a scalar."""

    left: Expr
    right: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Kron(_Binary):
    """The Kronecker product."""

    left: Expr
    right: Expr
    shape: Shape


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Power(Expr):
    """Each entry to a rational power."""

    base: Expr
    exponent: Fraction
    shape: Shape

    @property
    def operands(self) -> tuple[Expr, ...]:
        return (self.base,)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ApplyMap(Expr):
    """An unknown map at its arguments, u(x)."""

    function: MapFunction
    arguments: tuple[Expr, ...]
    shape: Shape

    @property
    def operands(self) -> tuple[Expr, ...]:
        return self.arguments


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MapDerivative(Expr):
    """A derivative of an unknown map by some of its arguments, laid out as ``layout`` says.

    ``wrt`` holds the positions of the arguments, one for each differentiation; at most two axes in all.
    """

    function: MapFunction
    arguments: tuple[Expr, ...]
    wrt: tuple[int, ...]
    layout: str
    shape: Shape

    @property
    def operands(self) -> tuple[Expr, ...]:
        return self.arguments


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Derivative(Expr):
    """The derivative of an expression by a named quantity or by one of its entries, written and not carried out, in a layout.

    A ``direct`` one holds the other named quantities in the definition of ``of``; else the derivative goes through them.
    """

    of: Expr
    by: Expr
    layout: str
    direct: bool
    shape: Shape


Node: TypeAlias = (
    Number | SizeNumber | Symbol | Let | Ones | Zeros | Identity | Commutation
    | Transpose | Negate | Sum | Diag | DiagonalPart | DiagonalSums | Trace | Norm | Softmax | Vec | Determinant | LogDeterminant | Inverse
    | Apply | Add | Subtract | MatMul | Scale | Hadamard | Divide | Kron | Power | ApplyMap | MapDerivative | Derivative
    | PseudoInverse | MatrixPower | ApplyMatrixFunction | Index | Entry | IndexedSum
)  # fmt: skip


def transpose(argument: Expr) -> Expr:
    """The transpose, as written; a scalar has none to write."""
    return Transpose(argument, transposed(argument.shape))
