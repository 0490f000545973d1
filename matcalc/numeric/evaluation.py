"""The value of an expression in NumPy, by one small function for each type of node.

Every function is the definition of its operation on 2-D arrays, real or complex; nothing is spread silently but a scalar.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, ApplyMatrixFunction, Commutation, Derivative, Determinant, Diag, DiagonalPart, Divide, Entry, Expr, Hadamard,
    Identity, Index, IndexedSum, Inverse, Kron, Let, LogDeterminant, MapDerivative, MatMul, MatrixPower, Negate, Norm, Number, Ones,
    Power, PseudoInverse, Scale, SizeNumber, Softmax, Subtract, Sum, Symbol, Trace, Transpose, Vec, Zeros, DiagonalSums,
)  # fmt: skip
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import Dim
from matcalc.language.traversal import postorder, with_definition
from matcalc.language.unrolling import unrolled, whole_value
from matcalc.numeric.arrays import diagonal_sums
from matcalc.numeric.data import Array, Data, Point, bind, no_value, short_text
from matcalc.numeric.functions import elementwise_value, map_derivative, map_value, told_sizes
from matcalc.numeric.layouts import laid_out
from matcalc.numeric.matrix_functions import matrix_function_value

Operands: TypeAlias = tuple[Array, ...]
ValueRule: TypeAlias = Callable[[Any, Operands, Point], Array]


# ---- one function for each type of node ------------------------------------------------------------------------------


def _symbol(node: Symbol | Index, operands: Operands, point: Point) -> Array:
    if node.name not in point.data.values:
        raise EvaluationError(no_value(node))
    return point.data.values[node.name]


def _size_number(node: SizeNumber, operands: Operands, point: Point) -> Array:
    return np.full((1, 1), float(point.data.extent(node.size)))


def _commutation(node: Commutation, operands: Operands, point: Point) -> Array:
    m, n = point.data.extent(node.rows), point.data.extent(node.columns)
    matrix = np.zeros((m * n, m * n))
    for i in range(m):
        for j in range(n):
            matrix[j + i * n, i + j * m] = 1.0
    return matrix


def _entrywise(operation: Callable[[Array, Array], Array]) -> ValueRule:
    """The operation entry by entry; arrays of one shape, or a scalar and an array."""

    def rule(node: Expr, operands: Operands, point: Point) -> Array:
        left, right = operands
        if left.shape != right.shape and (1, 1) not in (left.shape, right.shape):
            raise EvaluationError(f"{short_text(node)} needs arrays of one shape, {left.shape} and {right.shape} differ.")
        return operation(left, right)

    return rule


def _diag(node: Diag, operands: Operands, point: Point) -> Array:
    return np.diag(operands[0].ravel())


def _diagonal_part(node: DiagonalPart, operands: Operands, point: Point) -> Array:
    return np.diag(operands[0]).reshape(-1, 1)


def _trace(node: Trace, operands: Operands, point: Point) -> Array:
    return np.array([[np.trace(operands[0])]])


def _norm(node: Norm, operands: Operands, point: Point) -> Array:
    return np.array([[np.sqrt(np.sum(operands[0] ** 2))]])


def _softmax(node: Softmax, operands: Operands, point: Point) -> Array:
    axis = 0 if node.axis == "columns" else 1
    z = operands[0]
    shifted = np.exp(z - z.real.max(axis=axis, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=axis, keepdims=True))


def _log_determinant(node: LogDeterminant, operands: Operands, point: Point) -> Array:
    sign, log_size = np.linalg.slogdet(operands[0])
    logarithm = log_size + np.log(sign) if sign.real > 0 else np.nan
    return np.array([[logarithm]])


def _inverse(node: Inverse, operands: Operands, point: Point) -> Array:
    return inverse(operands[0], node)


def inverse(matrix: Array, node: Expr) -> Array:
    """The inverse of a matrix; of a singular one an error that names the node it was wanted for."""
    try:
        return np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        raise EvaluationError(f"{short_text(node)} needs the inverse of a singular matrix of shape {matrix.shape}.") from None


def pseudo_inverse(matrix: Array, node: Expr) -> Array:
    """The Moore-Penrose inverse; of a complex matrix the analytic one of full rank, which takes no conjugates."""
    if not np.all(np.isfinite(matrix)):
        return np.full(matrix.shape[::-1], np.nan)
    if not np.iscomplexobj(matrix):
        return np.linalg.pinv(matrix)
    if np.linalg.matrix_rank(matrix.real) < min(matrix.shape):
        raise EvaluationError(f"{short_text(node)} is the pseudo-inverse of what has no full rank, so no complex step passes through it.")
    if matrix.shape[0] >= matrix.shape[1]:
        return np.asarray(inverse(matrix.T @ matrix, node) @ matrix.T)
    return np.asarray(matrix.T @ inverse(matrix @ matrix.T, node))


def whole_number(value: Array, node: Expr) -> int:
    """The whole number that a scalar is here."""
    number = float(value[0, 0].real)
    if number != round(number):
        raise EvaluationError(f"{short_text(node)} needs a whole number, {number:g} was found.")
    return int(number)


def matrix_power(matrix: Array, exponent: int, node: Expr) -> Array:
    """A matrix times itself; a negative power is that of the inverse."""
    if exponent < 0:
        matrix, exponent = inverse(matrix, node), -exponent
    return np.asarray(np.linalg.matrix_power(matrix, exponent))


def position(node: Entry, operands: Operands) -> tuple[int, int]:
    """Row and column of an entry, counted from 0."""
    found = whole_number(operands[1], node), whole_number(operands[2], node)
    if not all(1 <= k <= length for k, length in zip(found, operands[0].shape, strict=True)):
        raise EvaluationError(f"{short_text(node)} is at {found}, counted from 1, of an array of shape {operands[0].shape}.")
    return found[0] - 1, found[1] - 1


def _entry(node: Entry, operands: Operands, point: Point) -> Array:
    row, column = position(node, operands)
    return operands[0][row : row + 1, column : column + 1]


def _power(node: Power, operands: Operands, point: Point) -> Array:
    exponent = node.exponent
    return np.asarray(operands[0] ** (int(exponent) if exponent.denominator == 1 else float(exponent)))


def _map_derivative(node: MapDerivative, operands: Operands, point: Point) -> Array:
    raw = map_derivative(node.function, node.wrt, operands, point.data)
    return laid_out(raw, node.function.shape, [node.function.argument_shapes[i] for i in node.wrt], node.layout)


VALUES: dict[type[Expr], ValueRule] = {
    Number: lambda node, operands, point: np.full((1, 1), float(node.value)),
    SizeNumber: _size_number,
    Symbol: _symbol,
    Let: lambda node, operands, point: operands[0],
    Ones: lambda node, operands, point: np.ones(point.data.extents(node.shape)),
    Zeros: lambda node, operands, point: np.zeros(point.data.extents(node.shape)),
    Identity: lambda node, operands, point: np.eye(point.data.extent(node.size)),
    Commutation: _commutation,
    Transpose: lambda node, operands, point: operands[0].T,
    Negate: lambda node, operands, point: -operands[0],
    Sum: lambda node, operands, point: operands[0].sum(keepdims=True),
    Diag: _diag,
    DiagonalPart: _diagonal_part,
    DiagonalSums: lambda node, operands, point: diagonal_sums(operands[0]),
    Trace: _trace,
    Norm: _norm,
    Softmax: _softmax,
    Vec: lambda node, operands, point: operands[0].reshape(-1, 1, order="F"),
    Determinant: lambda node, operands, point: np.array([[np.linalg.det(operands[0])]]),
    LogDeterminant: _log_determinant,
    Inverse: _inverse,
    Apply: lambda node, operands, point: elementwise_value(node.function, operands[0], point.data),
    Add: _entrywise(np.add),
    Subtract: _entrywise(np.subtract),
    MatMul: lambda node, operands, point: operands[0] @ operands[1],
    Scale: _entrywise(np.multiply),
    Hadamard: _entrywise(np.multiply),
    Divide: _entrywise(np.divide),
    Kron: lambda node, operands, point: np.kron(operands[0], operands[1]),
    Power: _power,
    ApplyMap: lambda node, operands, point: map_value(node.function, operands, point.data),
    MapDerivative: _map_derivative,
    PseudoInverse: lambda node, operands, point: pseudo_inverse(operands[0], node),
    MatrixPower: lambda node, operands, point: matrix_power(operands[0], whole_number(operands[1], node), node),
    ApplyMatrixFunction: lambda node, operands, point: matrix_function_value(node.function, operands[0], point.data),
    Index: _symbol,
    Entry: _entry,
    IndexedSum: lambda node, operands, point: operands[0],
}


def add_row(node_type: type[Expr], rule: ValueRule) -> None:
    """Enter the rule of one more type of node; a second entry is refused."""
    if node_type in VALUES:
        raise ValueError(f"{node_type.__name__} has a row already.")
    VALUES[node_type] = rule


# ---- through a graph -------------------------------------------------------------------------------------------------


def value_operands(node: Expr, data: Data) -> tuple[Expr, ...]:
    """What the value of a node is computed from: of a written sum its terms; a `Derivative` sees to its own two quantities."""
    if isinstance(node, Let):
        return (node.definition,)
    if isinstance(node, IndexedSum):
        low, high = (whole_value(bound, data.extent, lambda symbol: _exactly(symbol, data)) for bound in (node.low, node.high))
        return (unrolled(node, low, high),)
    return () if isinstance(node, Derivative) else node.operands


def _exactly(symbol: Symbol, data: Data) -> Fraction:
    if symbol.name not in data.values:
        raise EvaluationError(no_value(symbol))
    return Fraction(float(data.values[symbol.name][0, 0].real))


def evaluation_order(roots: Iterable[Expr], given: Mapping[Expr, Array], data: Data) -> list[Expr]:
    """The nodes to compute, each after its operands; what a given node is made of is left out."""
    return list(postorder(roots, lambda node: () if node in given else value_operands(node, data)))


def dependents(order: Iterable[Expr], variables: Iterable[Expr], data: Data, held: Container[Expr] = ()) -> set[Expr]:
    """The nodes that are or depend on one of the variables; those that are held depend on nothing."""
    wanted = set(variables)
    found: set[Expr] = set()
    for node in order:
        below = postorder([node], with_definition) if isinstance(node, Derivative) else value_operands(node, data)
        if node in wanted or (node not in held and any(operand in found or operand in wanted for operand in below)):
            found.add(node)
    return found


def values_in_order(order: Iterable[Expr], point: Point) -> dict[Expr, Array]:
    """The values of nodes, each listed after its operands; floating-point warnings are silent, the results show them."""
    values: dict[Expr, Array] = {}
    with np.errstate(all="ignore"):
        for node in order:
            if node in point.given:
                values[node] = point.given[node]
            else:
                operands = tuple([values[operand] for operand in value_operands(node, point.data)])
                values[node] = VALUES[type(node)](node, operands, point)
    return values


def completed(order: Sequence[Expr], point: Point) -> Point:
    """The point with those sizes added that only the values of unknown maps tell."""
    for node in order:
        if not isinstance(node, ApplyMap | MapDerivative) or node in point.given:
            continue
        shape = node.function.shape
        if all(name in point.data.sizes for entry in shape if isinstance(entry, Dim) for name in entry.names):
            continue
        values = values_in_order(evaluation_order(node.arguments, point.given, point.data), point)
        value = map_value(node.function, tuple(values[a] for a in node.arguments), point.data)
        sizes = {**point.data.sizes, **told_sizes(shape, value, point.data)}
        point = replace(point, data=replace(point.data, sizes=sizes))
    return point


def values_of(exprs: Iterable[Expr], data: Data, given: Mapping[Expr, Array] | None = None) -> dict[Expr, Array]:
    """The values of expressions at data, real or complex as the data are.

    Args:
        exprs: the expressions.
        data: values of the roots, sizes and functions.
        given: 2-D arrays for some nodes, taken instead of computing them: how a `let` is varied.
    """
    roots = list(exprs)
    order = evaluation_order(roots, given or {}, data)
    values = values_in_order(order, completed(order, Point(data, given or {})))
    return {root: values[root] for root in roots}


def value(expr: Expr, data: Data) -> Array:
    """The value of one expression at data, a 2-D array."""
    return values_of([expr], data)[expr]


def evaluate(
    expr: Expr,
    values: Mapping[Any, Any] | None = None,
    *,
    sizes: Mapping[Any, Any] | None = None,
    functions: Mapping[Any, Any] | None = None,
) -> Array:
    """The value of an expression, a 2-D float64 array: (1, 1), (n, 1), (1, n) or (m, n).

    Args:
        expr: the expression.
        values: arrays or numbers for its declared symbols, by plain name or symbol; a `let` is computed from its definition.
        sizes: ints by name, needed only where no array tells them.
        functions: the unknown functions: ``(f, f1, f2)`` elementwise; ``(u, du)`` for a map, ``du`` a raw array with axes
            (output..., input...), with several arguments a tuple of them; a known function, ``"tanh"``, for all orders of ``f``.
            Of a function that is given with its derivatives, one order more than given, such as the Hessian of ``(u, du)``, is taken
            by central differences of the last one: relative accuracy about 1e-8. Where more is missing, it raises.

    Raises:
        EvaluationError: a value, size or function is missing or does not fit; all faults are listed.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> (W @ x).evaluate({"W": [[1, 2, 3], [4, 5, 6]], "x": [1, 0, -1]})
        array([[-2.],
               [-2.]])
        >>> (W @ x).evaluate({"W": [[1, 2, 3], [4, 5, 6]], "x": [1, 0]})
        Traceback (most recent call last):
            ...
        matcalc.errors.EvaluationError: n has two values: 3 by W of shape (2, 3) and 2 by x of shape (2, 1).
    """
    data = bind([expr], values, sizes=sizes, functions=functions)
    result = value(expr, data)
    if np.iscomplexobj(result):
        raise EvaluationError(f"{short_text(expr)} is complex here: a function that was given returns complex numbers.")
    return np.array(result, dtype=np.float64)


register(METHODS, "evaluate", evaluate)
