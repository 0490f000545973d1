"""`from_sympy`: a SymPy matrix expression as an expression of matcalc."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

import sympy as sp
from sympy.core.function import UndefinedFunction
from sympy.matrices import expressions as sm
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.dotproduct import DotProduct
from sympy.tensor.array.expressions.array_expressions import _ArrayExpr, _CodegenArrayAbstract

from matcalc.errors import MatcalcError
from matcalc.language import building as mc
from matcalc.language.expressions import Expr
from matcalc.language.matrix_operations import matrix_power
from matcalc.sympy_bridge.reader import Place, Reader, Row, shown
from matcalc.sympy_bridge.scalars import SCALAR_ROWS, applied, raised, scaled, signed_sum
from matcalc.sympy_bridge.symbols import size_from_sympy


def from_sympy(expr: Any, *, sizes: Iterable[str] = ()) -> Expr:
    """The expression that a SymPy scalar or matrix expression writes.

    Shapes: an ``n x 1`` matrix symbol is a column, a ``1 x n`` one a row, a ``1 x 1`` matrix a scalar. A symbol that occurs in the
    size of an array is a size wherever it stands, and counts as a number there. Sums and entries count from 0 in SymPy and from 1
    here; a free index keeps its value, so that ``A[i, 0]`` is the entry at i + 1. All numbers are real; where an exponent is no
    number, the power is written by exp and log, so for a positive base. What SymPy assumes of a symbol is not read.

    Args:
        expr: of matrix symbols and symbols, under the names they have in SymPy.
        sizes: names of symbols that are sizes though they stand in the size of no array.

    Returns:
        An `Expr`.

    Raises:
        UnsupportedError: a part has no counterpart here, or a size is no product of names and whole numbers; every such part is
            told with its place.
        MatcalcError: it is no expression of SymPy.
        DefinitionClashError: two different symbols of SymPy have one name.
        ImportError: SymPy is not installed.

    Example:
        >>> import matcalc as mc
        >>> import sympy as sp
        >>> m, n = sp.symbols("m n")
        >>> a, X, b = sp.MatrixSymbol("a", m, 1), sp.MatrixSymbol("X", m, n), sp.MatrixSymbol("b", n, 1)
        >>> e = mc.from_sympy(a.T * X * b)
        >>> e, mc.derive(e, "X", layout="numerator").result, mc.derive(e, "X", layout="denominator").result
        (a^T X b, b a^T, a b^T)
        >>> mc.from_sympy(X.applyfunc(lambda t: sp.sin(t) ** 2 + 1)).shape
        (m, n)
        >>> mc.from_sympy(sp.Trace(X * sp.MatrixSlice(X, (0, n), (0, m))))
        Traceback (most recent call last):
            ...
        matcalc.errors.UnsupportedError: X[:n, :m] (argument 2 of MatMul, argument 1 of Trace): MatrixSlice has no counterpart in
        matcalc. Write the part as a matrix symbol of its own, or as a product with the matrix that selects it.
    """
    try:
        root = sp.sympify(expr, strict=True)
    except sp.SympifyError:
        raise MatcalcError(f"{expr!r} ({type(expr).__name__}) is no expression of SymPy; a formula in LaTeX is read by mc.parse.") from None
    return Reader(root, ROWS, WAYS_OUT, sizes).read(root)


# ---- leaves ----------------------------------------------------------------------------------------------------------


def _symbol(reader: Reader, node: Any, place: Place) -> Expr:
    return mc.matrix(reader.named(node), *_sizes(node))


def _sizes(node: Any) -> tuple[Any, Any]:
    rows, columns = node.shape
    return size_from_sympy(rows, shown(node)), size_from_sympy(columns, shown(node))


def _identity(reader: Reader, node: Any, place: Place) -> Expr:
    n, _ = _sizes(node)
    return mc.lift(1) if n == 1 else mc.identity(n)


def _zeros(reader: Reader, node: Any, place: Place) -> Expr:
    sizes = _sizes(node)
    return mc.lift(0) if sizes == (1, 1) else mc.zeros(*sizes)


def _ones(reader: Reader, node: Any, place: Place) -> Expr:
    sizes = _sizes(node)
    return mc.lift(1) if sizes == (1, 1) else mc.ones(*sizes)


# ---- algebra ---------------------------------------------------------------------------------------------------------


def _factor(left: Expr, right: Expr) -> Expr:
    return mc.matmul(left, right) if left.shape and right.shape else scaled(left, right)


def _product(reader: Reader, node: Any, place: Place) -> Expr:
    coefficient, matrices = node.as_coeff_matrices()
    written = [] if coefficient in (1, -1) else [coefficient]
    made = reduce(_factor, reader.parts(node, [*written, *matrices], place))
    return mc.negate(made) if coefficient == -1 else made


def _sum(reader: Reader, node: Any, place: Place) -> Expr:
    return signed_sum(reader, node, [_sign_and_rest(term) for term in node.args], place)


def _sign_and_rest(term: Any) -> tuple[bool, Any]:
    """Whether a term has a negative number in front, and the term without its sign."""
    coefficient, rest = term.as_coeff_mmul() if isinstance(term, sm.MatMul) else (sp.S.One, term)
    if not coefficient.is_Number or coefficient > 0:
        return False, term
    return True, rest if coefficient == -1 else sm.MatMul(-coefficient, *sm.MatMul.make_args(rest))


def _hadamard(reader: Reader, node: Any, place: Place) -> Expr:
    return reduce(mc.times, reader.parts(node, node.args, place))


def _kronecker(reader: Reader, node: Any, place: Place) -> Expr:
    return reduce(lambda a, b: mc.kron(a, b) if a.shape and b.shape else scaled(a, b), reader.parts(node, node.args, place))


def _hadamard_power(reader: Reader, node: Any, place: Place) -> Expr:
    return raised(reader.part(node, node.base, place), node.exp, reader, place)


def _power(reader: Reader, node: Any, place: Place) -> Expr:
    base = reader.part(node, node.base, place)
    if not base.shape:
        return raised(base, node.exp, reader, place)
    if node.exp.is_number and not node.exp.is_Integer:
        raise reader.fault(node, place, f"A matrix to the power {node.exp} has no counterpart in matcalc: an exponent is whole.")
    return matrix_power(base, reader.part(node, node.exp, place))


def _inverse(reader: Reader, node: Any, place: Place) -> Expr:
    base = reader.part(node, node.arg, place)
    return mc.inv(base) if base.shape else mc.divide(1, base)


def _transpose(reader: Reader, node: Any, place: Place) -> Expr:
    value = reader.part(node, node.arg, place)
    return value.T if value.shape else value


def _dot(reader: Reader, node: Any, place: Place) -> Expr:
    left, right = reader.parts(node, node.args, place)
    return mc.sum(mc.times(_column(left), _column(right)))


def _column(value: Expr) -> Expr:
    return value.T if len(value.shape) == 2 else value


# ---- of a whole matrix -----------------------------------------------------------------------------------------------


def _trace(reader: Reader, node: Any, place: Place) -> Expr:
    value = reader.part(node, node.arg, place)
    return mc.trace(value) if value.shape else value


def _determinant(reader: Reader, node: Any, place: Place) -> Expr:
    value = reader.part(node, node.arg, place)
    return mc.det(value) if value.shape else value


def _diagonal_of_vector(reader: Reader, node: Any, place: Place) -> Expr:
    value = reader.part(node, node.args[0], place)
    return mc.diag(value) if value.shape else value


def _diagonal_of_matrix(reader: Reader, node: Any, place: Place) -> Expr:
    value = reader.part(node, node.arg, place)
    if not value.shape:
        return value
    if len(value.shape) != 2 or value.shape[0] != value.shape[1]:
        raise reader.fault(node, place, f"Only a square matrix has a diagonal in matcalc, {shown(node.arg)} is {node.arg.shape}.")
    return mc.diag(value)


def _diagonal_matrix(reader: Reader, node: Any, place: Place) -> Expr:
    diagonal = _diagonal_of_matrix(reader, node, place)
    return mc.diag(diagonal) if diagonal.shape else diagonal


def _applied(reader: Reader, node: Any, place: Place) -> Expr:
    value = reader.part(node, node.expr, place)
    return applied(reader, node.function, value, (f"function of {type(node).__name__}", *place))


ROWS: Mapping[type, Row] = {
    **SCALAR_ROWS,
    sp.MatrixSymbol: _symbol,
    sm.Identity: _identity,
    sm.ZeroMatrix: _zeros,
    sm.OneMatrix: _ones,
    sm.MatAdd: _sum,
    sm.MatMul: _product,
    sm.HadamardProduct: _hadamard,
    sm.HadamardPower: _hadamard_power,
    sp.KroneckerProduct: _kronecker,
    sm.MatPow: _power,
    sm.Inverse: _inverse,
    sm.Transpose: _transpose,
    sm.Adjoint: _transpose,
    DotProduct: _dot,
    sm.Trace: _trace,
    sm.Determinant: _determinant,
    DiagMatrix: _diagonal_of_vector,
    DiagonalMatrix: _diagonal_matrix,
    DiagonalOf: _diagonal_of_matrix,
    ElementwiseApplyFunction: _applied,
}

_EXPLICIT = "Declare it as a matrix symbol and give its entries where the expression is evaluated."
WAYS_OUT: Mapping[type, str] = {
    sp.MatrixBase: _EXPLICIT,
    sm.BlockMatrix: "Write its blocks, or the blocks of the result, as expressions of their own.",
    sm.MatrixSlice: "Write the part as a matrix symbol of its own, or as a product with the matrix that selects it.",
    sm.MatrixPermute: "Write the permutation as a product with a matrix symbol.",
    **dict.fromkeys(
        (_ArrayExpr, _CodegenArrayAbstract),
        "It is an array, not a matrix: read the expression that was differentiated, and take .tensor, .index_form or .vec_form of "
        "mc.derive.",
    ),
    sp.Function: "Declare an elementwise function by mc.function(name) and give its values where the expression is evaluated.",
    UndefinedFunction: "Apply the function: to each entry of an array by .applyfunc.",
    sp.Piecewise: "Write it by Max, Min, Abs, sign or Heaviside, or as an undefined function.",
    type(sp.I): "matcalc is about real numbers.",
    sp.NumberSymbol: "Write it as a rational number or as a symbol.",
    sp.core.numbers.NaN: "It is no number.",
    sp.core.numbers.Infinity: "It is no number.",
    sp.Integral: "Name it by a symbol, or declare an unknown function.",
    sp.logic.boolalg.Boolean: "A relation is no quantity: read its two sides.",
}
