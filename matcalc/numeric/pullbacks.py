"""The pullbacks (VJP rules) of every type of node: from the cotangent of a node to that of one operand.

A cotangent ``g`` has a batch of derivatives in front: axes (batch, rows, columns), the last two those of the node. Entry
(b, i, j) is the derivative of output entry b by entry (i, j) of the node. Sources: Giles, "Collected matrix derivative results
for forward and reverse mode algorithmic differentiation" (2008), section 2, whose adjoints have the shape of their variable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, ApplyMatrixFunction, Commutation, Derivative, Determinant, Diag, DiagonalPart, Divide, Entry, Expr, Hadamard,
    Identity, Index, IndexedSum, Inverse, Kron, Let, LogDeterminant, MapDerivative, MatMul, MatrixPower, Negate, Norm, Number, Ones,
    Power, PseudoInverse, Scale, SizeNumber, Softmax, Subtract, Sum, Symbol, Trace, Transpose, Vec, Zeros, DiagonalSums,
)  # fmt: skip
from matcalc.numeric.arrays import diagonal_sums
from matcalc.numeric.data import Array, Data, axes, short_text
from matcalc.numeric.evaluation import inverse, position, whole_number
from matcalc.numeric.functions import elementwise_value, map_derivative
from matcalc.numeric.layouts import raw_of
from matcalc.numeric.matrix_functions import along


@final
@dataclass(frozen=True, slots=True)
class Record:
    """What the tape holds of a node: the values of its operands, its own value, and the data."""

    node: Any
    operands: tuple[Array, ...]
    value: Array
    data: Data


Pullback: TypeAlias = Callable[[Array, Record, int], Array]


def unspread(g: Array, operand: Array) -> Array:
    """The cotangent of an operand that was spread over an array if it is a scalar: the sum over the entries."""
    return g if g.shape[-2:] == operand.shape else g.sum(axis=(-2, -1), keepdims=True)


def both(left: Callable[[Array, Array, Array], Array], right: Callable[[Array, Array, Array], Array]) -> Pullback:
    """The pullback of a binary node from one rule for each side, each of (g, left value, right value)."""

    def rule(g: Array, record: Record, position: int) -> Array:
        a, b = record.operands
        return left(g, a, b) if position == 0 else right(g, a, b)

    return rule


def entrywise(left: Callable[[Array, Array, Array], Array], right: Callable[[Array, Array, Array], Array]) -> Pullback:
    """The same for a node that may spread a scalar."""
    rule = both(left, right)
    return lambda g, record, position: unspread(rule(g, record, position), record.operands[position])


def one(rule: Callable[[Array, Array, Array], Array]) -> Pullback:
    """The pullback of a unary node from a rule of (g, operand value, own value)."""
    return lambda g, record, position: rule(g, record.operands[0], record.value)


def _leaf(g: Array, record: Record, position: int) -> Array:
    raise AssertionError(f"{type(record.node).__name__} has no operands to pull back to")


def _diag(g: Array, x: Array, value: Array) -> Array:
    return np.diagonal(g, axis1=-2, axis2=-1).reshape(len(g), *x.shape)


def _softmax(g: Array, record: Record, position: int) -> Array:
    axis = -2 if record.node.axis == "columns" else -1
    s = record.value
    return np.asarray(s * (g - (g * s).sum(axis=axis, keepdims=True)))


def _vec(g: Array, x: Array, value: Array) -> Array:
    rows, columns = x.shape
    return np.swapaxes(g.reshape(len(g), columns, rows), -1, -2)


def _determinant(g: Array, record: Record, position: int) -> Array:
    return np.asarray(g * record.value * inverse(record.operands[0], record.node).T)


def _log_determinant(g: Array, record: Record, position: int) -> Array:
    return np.asarray(g * inverse(record.operands[0], record.node).T)


def _apply(g: Array, record: Record, position: int) -> Array:
    return np.asarray(g * elementwise_value(record.node.function.prime, record.operands[0], record.data))


def _power(g: Array, record: Record, position: int) -> Array:
    p, x = record.node.exponent, record.operands[0]
    if p == 0:
        return np.zeros_like(g)
    return np.asarray(g * float(p) * x ** (int(p) - 1 if p.denominator == 1 else float(p - 1)))


def _blocks(g: Array, a: Array, b: Array) -> Array:
    """The cotangent of a Kronecker product with axes (batch, row of a, row of b, column of a, column of b)."""
    return g.reshape(len(g), a.shape[0], b.shape[0], a.shape[1], b.shape[1])


def _pulled_through(raw: Array, g: Array, operand: Array) -> Array:
    """The contraction of a batch of raw cotangents with a raw derivative, in the shape of the operand."""
    return np.tensordot(g, raw, axes=g.ndim - 1).reshape(len(g), *operand.shape)


def _apply_map(g: Array, record: Record, position: int) -> Array:
    raw = map_derivative(record.node.function, (position,), record.operands, record.data)
    outputs = axes(record.node.function.shape, record.data.extents(record.node.function.shape))
    return _pulled_through(raw, g.reshape(len(g), *outputs), record.operands[position])


def _map_derivative(g: Array, record: Record, position: int) -> Array:
    node, arguments = record.node, record.operands
    shapes = [node.function.argument_shapes[i] for i in node.wrt]
    inputs = [axes(shape, arguments[i].shape) for i, shape in zip(node.wrt, shapes, strict=True)]
    outputs = axes(node.function.shape, record.data.extents(node.function.shape))
    raw_g = raw_of(g, sum(inputs, outputs), node.function.shape, shapes, node.layout)
    raw = map_derivative(node.function, (*node.wrt, position), arguments, record.data)
    return _pulled_through(raw, raw_g, arguments[position])


def _derivative(g: Array, record: Record, position: int) -> Array:
    raise EvaluationError(
        f"{short_text(record.node)} is written and not carried out; differentiating it again on the tape is not supported."
    )


def _pseudo_inverse(g: Array, x: Array, y: Array) -> Array:
    """The adjoint of Golub and Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems" (1973)."""
    gt = np.swapaxes(g, -1, -2)
    beside, before = np.eye(len(x)) - x @ y, np.eye(len(y)) - y @ x
    return np.asarray(-(y.T @ g @ y.T) + beside @ gt @ y @ y.T + y.T @ y @ gt @ before)


def _matrix_power(g: Array, record: Record, position: int) -> Array:
    if position == 1:
        raise EvaluationError(f"{short_text(record.node)} has a whole exponent, by which there is no derivative.")
    exponent, base = whole_number(record.operands[1], record.node), record.operands[0]
    if exponent < 0:
        inverted = inverse(base, record.node)
        return np.asarray(-(inverted.T @ _power_of(g, inverted, -exponent) @ inverted.T))
    return _power_of(g, base, exponent)


def _power_of(g: Array, base: Array, exponent: int) -> Array:
    """The adjoint of X^k: the sum over r of (X^T)^r g (X^T)^(k - 1 - r)."""
    powers = [np.linalg.matrix_power(base.T, r) for r in range(exponent)]
    return np.asarray(sum((p @ g @ q for p, q in zip(powers, reversed(powers), strict=True)), np.zeros_like(g)))


def _matrix_function(g: Array, record: Record, position: int) -> Array:
    """The adjoint of the derivative along a direction is the derivative at the transpose."""
    matrix = record.operands[0].T
    return np.stack([along(record.node.function, matrix, each, record.data) for each in g])


def _entry(g: Array, record: Record, which: int) -> Array:
    if which:
        raise EvaluationError(f"{short_text(record.node)} has no derivative by a position.")
    row, column = position(record.node, record.operands)
    pulled = np.zeros((len(g), *record.operands[0].shape), dtype=g.dtype)
    pulled[:, row, column] = g[:, 0, 0]
    return pulled


PULLBACKS: dict[type[Expr], Pullback] = {
    Number: _leaf,
    SizeNumber: _leaf,
    Symbol: _leaf,
    Ones: _leaf,
    Zeros: _leaf,
    Identity: _leaf,
    Commutation: _leaf,
    Let: one(lambda g, x, y: g),
    Transpose: one(lambda g, x, y: np.swapaxes(g, -1, -2)),
    Negate: one(lambda g, x, y: -g),
    Sum: one(lambda g, x, y: np.broadcast_to(g, (len(g), *x.shape))),
    Diag: one(_diag),
    DiagonalPart: one(lambda g, x, y: g * np.eye(len(x))),
    DiagonalSums: one(lambda g, x, y: diagonal_sums(g)),
    Trace: one(lambda g, x, y: g * np.eye(len(x))),
    Norm: one(lambda g, x, y: g * (x / y)),
    Softmax: _softmax,
    Vec: one(_vec),
    Determinant: _determinant,
    LogDeterminant: _log_determinant,
    Inverse: one(lambda g, x, y: -(y.T @ g @ y.T)),
    Apply: _apply,
    Add: entrywise(lambda g, a, b: g, lambda g, a, b: g),
    Subtract: entrywise(lambda g, a, b: g, lambda g, a, b: -g),
    MatMul: both(lambda g, a, b: g @ b.T, lambda g, a, b: a.T @ g),
    Scale: entrywise(lambda g, a, b: g * b, lambda g, a, b: g * a),
    Hadamard: entrywise(lambda g, a, b: g * b, lambda g, a, b: g * a),
    Divide: entrywise(lambda g, a, b: g / b, lambda g, a, b: -g * (a / b**2)),
    Kron: both(
        lambda g, a, b: np.einsum("zprqs,rs->zpq", _blocks(g, a, b), b),
        lambda g, a, b: np.einsum("zprqs,pq->zrs", _blocks(g, a, b), a),
    ),
    Power: _power,
    ApplyMap: _apply_map,
    MapDerivative: _map_derivative,
    Derivative: _derivative,
    PseudoInverse: one(_pseudo_inverse),
    MatrixPower: _matrix_power,
    ApplyMatrixFunction: _matrix_function,
    Index: _leaf,
    Entry: _entry,
    IndexedSum: one(lambda g, x, y: g),
}
