"""Strings of matrices: what a walk through an index network writes down.

A string is a sequence of items, each an expression and whether it is transposed; reading it the other way round turns every
item. A vector is kept as the string of its column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypeAlias

from matcalc.index.form import Rational
from matcalc.language.building import divide, lift, matmul, negate, power, times
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import (
    ApplyMatrixFunction, Diag, Expr, Identity, Inverse, MatMul, MatrixPower, Number, PseudoInverse, Scale, SizeNumber, Transpose, transpose,
)  # fmt: skip

Item: TypeAlias = tuple[Expr, bool | None]  # None: it is its own transpose
String: TypeAlias = tuple[Item, ...]
Power: TypeAlias = tuple[Expr, Rational]
_OF_WHOLE = (Inverse, PseudoInverse, MatrixPower, ApplyMatrixFunction)


def item(expression: Expr, transposed: bool = False) -> String:
    """The string of one expression; a transpose that was written is taken off, a product is taken apart."""
    string: list[Item] = []
    waiting = [(expression, transposed)]
    while waiting:
        node, turned = waiting.pop()
        if isinstance(node, Transpose):
            waiting.append((node.argument, not turned))
        elif isinstance(node, MatMul):
            sides = [(node.left, turned), (node.right, turned)]
            waiting.extend(sides if turned else sides[::-1])
        else:
            string.append((node, turned and bool(node.shape) and not isinstance(node, Diag | Identity)))
    return tuple(string)


def kept_together(expression: Expr) -> String:
    """The string of one expression as one item, a product too; a transpose that was written is taken off."""
    if isinstance(expression, Transpose):
        return ((expression.argument, True),)
    return ((expression, False),)


def taken_apart(expression: Expr) -> tuple[list[Expr], String]:
    """The scalars in front of a product, and the string of the rest."""
    scalars: list[Expr] = []
    string: String = ()
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scale) and not node.left.shape and node.right.shape:
            scalars.append(node.left)
            waiting.append(node.right)
        elif isinstance(node, MatMul) and node.shape:
            waiting += [node.right, node.left]
        else:
            string += item(node)
    return scalars, string


def flipped(string: String) -> String:
    """The transpose: the items in the other order, each turned."""
    return tuple([(e, t if t is None else not t and not isinstance(e, Diag | Identity) and bool(e.shape)) for e, t in reversed(string)])


def own_transpose(string: String) -> String:
    """The string of a symmetric matrix, which is never turned."""
    return ((string[0][0], None),) if len(string) == 1 else string


def assembled(string: String, scalar: Expr | None = None) -> Expr:
    """The product of the items, from the left, a scalar in front."""
    product: Expr | None = None
    for expression, turned in string:
        factor = transpose(expression) if turned else expression
        if product is None:
            product = factor if scalar is None else times(scalar, factor)
        else:
            product = matmul(product, factor)
    assert product is not None
    return product


def transposes(string: String) -> int:
    """How many transposes the string writes."""
    return sum(1 for _, turned in string if turned)


def shorter(string: String) -> String:
    """The string of a scalar in the direction with fewer transposes."""
    turned = flipped(string)
    return turned if transposes(turned) < transposes(string) else string


def entrywise(parts: Sequence[tuple[String, Rational]], as_rows: bool) -> String:
    """The product of vectors or matrices entry by entry, as one item, turned so that fewest transposes are written.

    Quotients stand below a division; the order is that of the parts, or the other way round where the row is written.

    Args:
        parts: strings of columns (or of matrices), each with its exponent.
        as_rows: whether rows are written where both ways take as many transposes.
    """
    if len(parts) == 1 and parts[0][1] == 1:
        return parts[0][0]
    upright, turned = sum(transposes(s) for s, _ in parts), sum(transposes(flipped(s)) for s, _ in parts)
    if turned < upright or (as_rows and turned == upright):
        rows = [(assembled(flipped(s)), e) for s, e in reversed(parts)]
        return ((quotient(rows), True),)
    return ((quotient([(assembled(s), e) for s, e in parts]), False),)


def quotient(powers: Iterable[Power]) -> Expr:
    """The product of powers, those with negative exponents below a division; arrays entry by entry."""
    above, below = [(b, e) for b, e in powers if e > 0], [(b, -e) for b, e in powers if e < 0]
    top = _product(above)
    if not below:
        return lift(1) if top is None else top
    bottom = _product(below)
    assert bottom is not None
    return divide(lift(1) if top is None else top, bottom)


def _product(powers: Iterable[Power]) -> Expr | None:
    result: Expr | None = None
    for base, exponent in powers:
        factor = raised(base, exponent)
        result = factor if result is None else times(result, factor)
    return result


def raised(base: Expr, exponent: Rational) -> Expr:
    """The entrywise power, square roots as sqrt."""
    if exponent == 1:
        return base
    if exponent == Fraction(1, 2):
        return known_function("sqrt")(base)
    return power(base, exponent)


def scaled(coefficient: Rational, scalars: Sequence[Power], string: String) -> tuple[bool, Expr]:
    """Coefficient times scalars times a string, as (is it subtracted, the rest without its sign).

    Numbers and sizes stand in front as one fraction; a scalar that divides stands below the whole.
    """
    front = [(b, e) for b, e in scalars if isinstance(b, SizeNumber)]
    others = [(b, e) for b, e in scalars if not isinstance(b, SizeNumber)]
    number = _fraction(coefficient if coefficient > 0 else -coefficient, front)
    factor = _product([(b, e) for b, e in others if e > 0])
    bottom = _product([(b, -e) for b, e in others if e < 0])
    if bottom is None and number is not None:
        factor = number if factor is None else times(number, factor)
    result = _written(string, factor) if string else factor
    if bottom is not None:
        if result is None:
            result, number = lift(1) if number is None else number, None
        result = divide(result, bottom)
        result = result if number is None else times(number, result)
    return coefficient < 0, lift(1) if result is None else result


def _written(string: String, factor: Expr | None) -> Expr:
    """The product, with one transpose for all of its factors where all are turned and some of them are inverses, powers or functions."""
    if len(string) > 1 and all(turned for _, turned in string) and any(isinstance(each, _OF_WHOLE) for each, _ in string):
        whole = transpose(assembled(flipped(string)))
        return whole if factor is None else times(factor, whole)
    return assembled(string, factor)


def _fraction(coefficient: Rational, sizes: Sequence[Power]) -> Expr | None:
    """A positive number times powers of sizes as one fraction; None for 1."""
    number = Fraction(coefficient)
    above = _product([(b, e) for b, e in sizes if e > 0])
    below = _product([(b, -e) for b, e in sizes if e < 0])
    if below is None:
        if above is None:
            return None if number == 1 else Number(number)
        return above if number == 1 else times(Number(number), above)
    top: Expr | None = Number(Fraction(number.numerator)) if number.numerator != 1 or above is None else None
    if above is not None:
        top = above if top is None else times(top, above)
    bottom = below if number.denominator == 1 else times(Number(Fraction(number.denominator)), below)
    assert top is not None
    return divide(top, bottom)


def signed_sum(parts: Sequence[tuple[bool, Expr]]) -> Expr:
    """The sum of signed parts, the first written with its sign."""
    result: Expr | None = None
    for negative, part in parts:
        if result is None:
            result = _negated(part) if negative else part
        else:
            result = result - part if negative else result + part
    assert result is not None
    return result


def _negated(part: Expr) -> Expr:
    """Minus the part, the sign at the number in front where there is one."""
    front: list[MatMul | Scale] = []
    node = part
    while isinstance(node, MatMul | Scale):
        front.append(node)
        node = node.left
    if not isinstance(node, Number):
        return negate(part)
    result: Expr = Number(-node.value)
    for product in reversed(front):
        result = type(product)(result, product.right, product.shape)
    return result

