"""Increments dX in a differential: M dx, tr(M dX), and the sum of such terms with its signs."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import reduce

from matcalc.language.building import sum as total
from matcalc.language.building import times, trace, zeros
from matcalc.language.expressions import Add, Expr, Identity, Let, MatMul, Negate, Number, Ones, Scale, Subtract, Symbol, Zeros
from matcalc.language.sizes import Shape, ndim, rows_and_columns
from matcalc.layout.strings import assembled, item, signed_sum, taken_apart


def increment_of(variable: Symbol | Let) -> Symbol:
    """dX."""
    return Symbol(f"d{variable.name}", variable.shape)


def before_increment(matrix: Expr, increment: Symbol) -> Expr:
    """M dx, or tr(M dX), the scalars of M in front."""
    if not increment.shape:
        return times(matrix, increment)
    scalars, string = taken_apart(matrix)
    behind = item(increment, transposed=len(increment.shape) == 2 and increment.shape[0] == 1)
    before = () if all(isinstance(each, Identity) for each, _ in string) else string
    if ndim(increment.shape) == 1 and len(string) == 1 and isinstance(string[0][0], Ones):
        product = total(increment)
    else:
        product = assembled(before + behind)
    made = trace(product) if product.shape else product
    return reduce(lambda right, left: times(left, right), reversed(scalars), made)


def is_zero(matrix: Expr) -> bool:
    """Whether it is written as zero."""
    return isinstance(matrix, Zeros) or (isinstance(matrix, Number) and matrix.value == 0)


def signed(expression: Expr) -> tuple[bool, Expr]:
    """Whether a minus stands in front, and the expression without it."""
    if isinstance(expression, Negate):
        return True, expression.argument
    front: list[Scale | MatMul] = []
    node = expression
    while isinstance(node, Scale | MatMul):
        front.append(node)
        node = node.left
    if not isinstance(node, Number) or node.value >= 0:
        return False, expression
    result: Expr = Number(-node.value)
    for product in reversed(front):
        bare = isinstance(product, Scale) and result == Number(Fraction(1))
        result = product.right if bare else type(product)(result, product.right, product.shape)
    return True, result


def _signed_parts(term: Expr) -> list[tuple[bool, Expr]]:
    """The parts of a sum with their signs, in the order written."""
    parts: list[tuple[bool, Expr]] = []
    waiting = [(False, term)]
    while waiting:
        negative, node = waiting.pop()
        if isinstance(node, Add | Subtract) and node.left.shape == node.right.shape:
            waiting += [(negative ^ isinstance(node, Subtract), node.right), (negative, node.left)]
        else:
            minus, rest = signed(node)
            parts.append((negative ^ minus, rest))
    return parts


def sum_of_terms(terms: Iterable[Expr | None], shape: Shape) -> Expr:
    """The sum of terms, None being zero, of a shape."""
    parts = [part for term in terms if term is not None for part in _signed_parts(term)]
    if parts:
        return signed_sum(parts)
    return zeros(*rows_and_columns(shape)) if shape else Number(Fraction(0))
