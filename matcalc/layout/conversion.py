"""A formula in the other layout: the transpose of all of it, pushed to its symbols, each written derivative in the other layout.

(A B)^T = B^T A^T, and a derivative in one layout is the transpose of that in the other; so a right formula in one layout becomes a right
formula in the other, whatever stands between its derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any, TypeAlias

from matcalc.language.building import matmul, times
from matcalc.language.derivative_shapes import derivative_shape
from matcalc.language.expressions import (
    Add, Derivative, Diag, Divide, Expr, Hadamard, Identity, Inverse, Kron, MapDerivative, MatMul, Negate, Ones, Power, Scale, Subtract,
    Symbol, Transpose, Zeros, transpose,
)  # fmt: skip
from matcalc.language.sizes import transposed
from matcalc.language.traversal import postorder, with_operands
from matcalc.layout.conventions import Layout

Both: TypeAlias = tuple[Expr, Expr]  # what a node becomes, and the transpose of that
Rule: TypeAlias = Callable[[Any, list[Both]], Expr]


def converted(expr: Expr, to: Layout) -> Expr:
    """The formula in a layout; derivatives that are written in it already stand transposed, so that its value is turned as a whole.

    Scalars keep their value: only the derivatives in them change their layout.
    """
    made: dict[Expr, Both] = {}
    for node in postorder([expr]):
        parts = [made[part] for part in node.operands]
        if isinstance(node, Derivative | MapDerivative) and node.layout != to.value and node.shape:
            turned = _in_layout(node, to)
            made[node] = (transpose(turned), turned)
            continue
        kept = with_operands(node, tuple(part for part, _ in parts))
        made[node] = (kept, _transpose(kept, node, parts))
    return made[expr][1] if expr.shape else made[expr][0]


def _in_layout(node: Derivative | MapDerivative, to: Layout) -> Expr:
    """The same derivative laid out the other way."""
    if isinstance(node, Derivative):
        return Derivative(node.of, node.by, to.value, node.direct, derivative_shape(node.of.shape, node.by.shape, to.value))
    return MapDerivative(node.function, node.arguments, node.wrt, to.value, transposed(node.shape))


def _transpose(kept: Expr, node: Expr, parts: list[Both]) -> Expr:
    """The transpose of what a node becomes, pushed inwards."""
    if not kept.shape:
        return kept
    rule = TRANSPOSES.get(type(node))
    return transpose(kept) if rule is None else rule(kept, parts)


def _entrywise(kept: Any, parts: list[Both]) -> Expr:
    (left, right) = (turned if part.shape else part for part, turned in parts)
    made: Expr = type(kept)(left, right, transposed(kept.shape))
    return made


def _same(kept: Expr, parts: list[Both]) -> Expr:
    return kept


def _product(left: Expr, right: Expr) -> Expr:
    """The product, bracketed from the left and with scalars in front, as it is written."""
    scalars: list[Expr] = []
    factors: list[Expr] = []
    waiting = [right, left]
    while waiting:
        part = waiting.pop()
        if isinstance(part, MatMul):
            waiting += [part.right, part.left]
        elif isinstance(part, Scale) and not part.left.shape:
            scalars.append(part.left)
            waiting.append(part.right)
        else:
            factors.append(part)
    if scalars:
        factors[0] = times(reduce(times, scalars), factors[0])
    return reduce(matmul, factors)


TRANSPOSES: Mapping[type[Expr], Rule] = MappingProxyType(
    {
        Transpose: lambda kept, parts: parts[0][0],
        Negate: lambda kept, parts: Negate(parts[0][1], transposed(kept.shape)),
        Add: _entrywise,
        Subtract: _entrywise,
        Scale: _entrywise,
        Hadamard: _entrywise,
        Divide: _entrywise,
        Kron: _entrywise,
        MatMul: lambda kept, parts: _product(parts[1][1], parts[0][1]),
        Inverse: lambda kept, parts: Inverse(parts[0][1], kept.shape),
        Power: lambda kept, parts: Power(parts[0][1], kept.exponent, transposed(kept.shape)),
        Diag: _same,
        Identity: _same,
        Ones: lambda kept, parts: Ones(transposed(kept.shape)) if len(kept.shape) == 2 and 1 not in kept.shape else transpose(kept),
        Zeros: lambda kept, parts: Zeros(transposed(kept.shape)),
        Symbol: lambda kept, parts: transpose(kept),
    }
)
