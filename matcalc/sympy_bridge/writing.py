"""`Expr.to_sympy`: an expression of matcalc as a SymPy scalar or matrix expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import sympy as sp
from sympy.matrices import expressions as sm
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf

from matcalc.errors import DefinitionClashError, UnsupportedError
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, ApplyMatrixFunction, Commutation, Derivative, Determinant, Diag, DiagonalPart, DiagonalSums, Divide, Entry,
    Expr, Hadamard, Identity, Index, IndexedSum, Inverse, Kron, Let, LogDeterminant, MapDerivative, MatMul, MatrixPower, Negate, Norm,
    Number, Ones, Power, PseudoInverse, Scale, SizeNumber, Softmax, Subtract, Sum, Symbol, Trace, Transpose, Vec, Zeros,
)  # fmt: skip
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import Dim, ndim
from matcalc.language.traversal import postorder, with_definition
from matcalc.sympy_bridge.elementwise import T, formula
from matcalc.sympy_bridge.products import (
    as_scalar, hadamard, is_array, one_by_one, ones_of, product, scaled, total,
)  # fmt: skip
from matcalc.sympy_bridge.symbols import extents_in_sympy, number_in_sympy, size_in_sympy

Written: TypeAlias = tuple[Any, ...]
Row: TypeAlias = Callable[[Any, Written], Any]


def to_sympy(expr: Expr) -> Any:
    """The expression in SymPy: a scalar, or a matrix expression.

    Shapes: a column is ``n x 1``, a row ``1 x n``; a scalar is a SymPy scalar, or a ``1 x 1`` product such as ``x.T*A*x``, which
    stands as its trace where SymPy wants a scalar. Names and symbolic sizes become symbols of the same names. A named quantity is
    written out by its definition, a norm, a softmax and a sum of all entries by theirs. Functions with kinks and their derivatives
    hold away from the kinks. What is assumed of a symbol is not written.

    Raises:
        UnsupportedError: SymPy has no counterpart of a part: ``vec``, a commutation matrix, a pseudo-inverse, a matrix function,
            an unknown map of an array; every such part is told.
        DefinitionClashError: a name is that of a size and of a scalar.
        ImportError: SymPy is not installed.

    Example:
        >>> import matcalc as mc
        >>> a, X, b = mc.vector("a", "m"), mc.matrix("X", "m", "n"), mc.vector("b", "n")
        >>> mc.derive(mc.sin(a.T @ X @ b), X, layout="denominator").result.to_sympy()
        cos(Trace(a.T*X*b))*a*b.T
        >>> mc.norm(X @ b - a).to_sympy()
        sqrt(Trace((X*b - a).T*(X*b - a)))
        >>> mc.vec(X).to_sympy()
        Traceback (most recent call last):
            ...
        matcalc.errors.UnsupportedError: vec(X): SymPy's matrix expressions have no vec. Write the expression without it.
    """
    nodes = list(postorder([expr], with_definition))
    faults = [fault for fault in map(_fault, nodes) if fault]
    if faults:
        raise UnsupportedError("\n".join(faults))
    _check_names(nodes)
    made: dict[Expr, Any] = {}
    for node in nodes:
        made[node] = _written(node, tuple(made[part] for part in with_definition(node)))
    return made[expr]


def _written(node: Expr, parts: Written) -> Any:
    """A node of written parts.

    SymPy's simplification of scalars looks into the matrices of traces and fails at some sums there; such a scalar is left as it
    is written.
    """
    row = ROWS[type(node)]
    try:
        return row(node, parts)
    except TypeError:
        with sp.evaluate(False):
            return row(node, parts)


# ---- what SymPy has not ----------------------------------------------------------------------------------------------

WITHOUT_COUNTERPART: Mapping[type[Expr], str] = {
    Vec: "SymPy's matrix expressions have no vec. Write the expression without it.",
    Commutation: "SymPy's matrix expressions have no commutation matrix. Write the expression without it.",
    DiagonalSums: "SymPy's matrix expressions have no sums over diagonals. Give the value a matrix symbol of its own.",
    PseudoInverse: "SymPy's matrix expressions have no pseudo-inverse. With full column rank write inv(X.T @ X) @ X.T.",
    ApplyMatrixFunction: "to SymPy a function of a matrix expression is a scalar. Give the value a matrix symbol of its own.",
    MapDerivative: "SymPy's matrix expressions have no derivative of an unknown map. Give it a symbol of its own.",
    Derivative: "it is written and not carried out. Carry it out with mc.carried_out.",
}


def _fault(node: Expr) -> str:
    """Why a node has no counterpart in SymPy; empty where it has one."""
    why = WITHOUT_COUNTERPART.get(type(node), "")
    if isinstance(node, ApplyMap) and (node.shape or any(node.function.argument_shapes)):
        why = "SymPy has no unknown maps of arrays. Give the value a symbol of its own."
    if isinstance(node, IndexedSum) and node.shape:
        why = "SymPy's sums are scalars. Write the sum of one entry."
    return f"{node!r}: {why}" if why else ""


def _check_names(nodes: Iterable[Expr]) -> None:
    """Scalars, sizes and indices are all symbols in SymPy; two of one name would become one."""
    kinds: dict[str, str] = {}
    for node in nodes:
        for name, kind in _named(node):
            other = kinds.setdefault(name, kind)
            if other != kind:
                raise DefinitionClashError(f"{name} is {other} and {kind}, in SymPy it would be one symbol. Rename one of them.")


def _named(node: Expr) -> list[tuple[str, str]]:
    sizes = [size for size in (*node.shape, getattr(node, "size", None)) if isinstance(size, Dim)]
    found = [(name, "a size") for size in sizes for name in size.names]
    if isinstance(node, Symbol):
        found.append((node.name, "an array" if node.shape else "a scalar"))
    if isinstance(node, Index):
        found.append((node.name, "an index"))
    return found


# ---- leaves and algebra ----------------------------------------------------------------------------------------------


def _symbol(node: Symbol, parts: Written) -> Any:
    return sp.MatrixSymbol(node.name, *extents_in_sympy(node.shape)) if node.shape else sp.Symbol(node.name)


def _ones(node: Ones, parts: Written) -> Any:
    return ones_of(node.shape)


def _zeros(node: Zeros, parts: Written) -> Any:
    return sm.ZeroMatrix(*extents_in_sympy(node.shape)) if node.shape else sp.S.Zero


def _identity(node: Identity, parts: Written) -> Any:
    return sm.Identity(size_in_sympy(node.size))


def _spread(value: Any, node: Expr) -> Any:
    """A scalar as an array of the shape of the node."""
    return value if is_array(value) and not one_by_one(value) or not node.shape else scaled(as_scalar(value), ones_of(node.shape))


def _add(node: Add | Subtract, parts: Written) -> Any:
    left, right = (_spread(part, node) for part in parts)
    right = scaled(-1, right) if isinstance(node, Subtract) else right
    if is_array(left) and is_array(right):
        return sm.MatAdd(*_terms(left), *_terms(right))
    return as_scalar(left) + as_scalar(right)


def _terms(value: Any) -> tuple[Any, ...]:
    return value.args if isinstance(value, sm.MatAdd) else (value,)


def _matmul(node: MatMul | Scale, parts: Written) -> Any:
    left, right = parts
    scalars = [part for part, operand in zip(parts, node.operands, strict=True) if not operand.shape]
    if len(scalars) == 2:
        return as_scalar(left) * as_scalar(right)
    if scalars:
        return scaled(as_scalar(scalars[0]), right if scalars[0] is left else left)
    return product(left, right)


def _divide(node: Divide, parts: Written) -> Any:
    top, bottom = parts
    if not node.right.shape:
        return scaled(1 / as_scalar(bottom), top) if node.shape else as_scalar(top) / as_scalar(bottom)
    inverse = sm.HadamardPower(bottom, -1)
    return hadamard(top, inverse) if node.left.shape else scaled(as_scalar(top), inverse)


def _power(node: Power, parts: Written) -> Any:
    exponent = number_in_sympy(node.exponent)
    return sm.HadamardPower(parts[0], exponent) if node.shape else as_scalar(parts[0]) ** exponent


# ---- functions -------------------------------------------------------------------------------------------------------


def _function_at(function: ElementwiseFunction, at: Any) -> Any:
    """The value of a function at a scalar."""
    if function.known:
        return formula(function).xreplace({T: at})
    unknown = sp.Function(function.name)
    if not function.order:
        return unknown(at)
    derivative = sp.Derivative(unknown(T), (T, function.order))
    return derivative if at == T else sp.Subs(derivative, T, at)


def _apply(node: Apply, parts: Written) -> Any:
    if not node.shape:
        return _function_at(node.function, as_scalar(parts[0]))
    return ElementwiseApplyFunction(sp.Lambda(T, _function_at(node.function, T)), parts[0])


def _map(node: ApplyMap, parts: Written) -> Any:
    return sp.Function(node.function.name)(*map(as_scalar, parts))


def _softmax(node: Softmax, parts: Written) -> Any:
    """exp(z) over its sums, which products with matrices of ones spread over the columns or rows."""
    if not node.shape:
        return sp.S.One
    above = ElementwiseApplyFunction(sp.Lambda(T, sp.exp(T)), parts[0])
    rows, columns = extents_in_sympy(node.shape)
    below = product(sm.OneMatrix(rows, rows), above) if node.axis == "columns" else product(above, sm.OneMatrix(columns, columns))
    return hadamard(above, sm.HadamardPower(below, -1))


def _norm(node: Norm, parts: Written) -> Any:
    value = parts[0]
    if not node.argument.shape:
        return sp.sqrt(as_scalar(value) ** 2)
    row = ndim(node.argument.shape) == 1 and len(node.argument.shape) == 2
    squares = (value, sm.Transpose(value)) if row else (sm.Transpose(value), value)
    return sp.sqrt(sm.Trace(product(*squares)))


# ---- of a whole matrix, entries --------------------------------------------------------------------------------------


def _of_square(row: Callable[[Any], Any], of_scalar: Callable[[Any], Any]) -> Row:
    """One formula for a matrix and one for a scalar, which is a 1 x 1 matrix."""
    return lambda node, parts: row(parts[0]) if node.argument.shape else of_scalar(as_scalar(parts[0]))


def _kron(node: Kron, parts: Written) -> Any:
    if node.left.shape and node.right.shape:
        return sp.KroneckerProduct(*parts)
    return _matmul(Scale(node.left, node.right, node.shape), parts)


def _matrix_power(node: MatrixPower, parts: Written) -> Any:
    base, exponent = parts
    return sm.MatPow(base, as_scalar(exponent)) if node.shape else as_scalar(base) ** as_scalar(exponent)


def _entry(node: Entry, parts: Written) -> Any:
    base, row, column = parts
    return base[as_scalar(row) - 1, as_scalar(column) - 1] if node.base.shape else as_scalar(base)


def _indexed_sum(node: IndexedSum, parts: Written) -> Any:
    counted, low, high, body = parts
    return sp.Sum(as_scalar(body).xreplace({counted: counted + 1}), (counted, as_scalar(low) - 1, as_scalar(high) - 1))


ROWS: Mapping[type[Expr], Row] = {
    Number: lambda node, parts: number_in_sympy(node.value),
    SizeNumber: lambda node, parts: size_in_sympy(node.size),
    Symbol: _symbol,
    Let: lambda node, parts: parts[0],
    Ones: _ones,
    Zeros: _zeros,
    Identity: _identity,
    Transpose: lambda node, parts: sm.Transpose(parts[0]) if node.shape else parts[0],
    Negate: lambda node, parts: scaled(-1, parts[0]),
    Sum: lambda node, parts: total(parts[0], node.argument.shape),
    Diag: lambda node, parts: DiagMatrix(parts[0]) if node.shape else parts[0],
    DiagonalPart: lambda node, parts: DiagonalOf(parts[0]),
    Trace: _of_square(sm.Trace, lambda value: value),
    Norm: _norm,
    Softmax: _softmax,
    Determinant: _of_square(sm.Determinant, lambda value: value),
    LogDeterminant: _of_square(lambda value: sp.log(sm.Determinant(value)), sp.log),
    Inverse: _of_square(sm.Inverse, lambda value: 1 / value),
    Apply: _apply,
    Add: _add,
    Subtract: _add,
    MatMul: _matmul,
    Scale: _matmul,
    Hadamard: lambda node, parts: hadamard(*parts),
    Divide: _divide,
    Kron: _kron,
    Power: _power,
    ApplyMap: _map,
    MatrixPower: _matrix_power,
    Index: lambda node, parts: sp.Symbol(node.name),
    Entry: _entry,
    IndexedSum: _indexed_sum,
}

register(METHODS, "to_sympy", to_sympy)
