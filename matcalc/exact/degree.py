"""How likely a false identity passes: a bound of the degree of an expression, for the lemma of Schwartz and Zippel.

Each entry of a node is a quotient of polynomials in the entries of symbols and in atoms. A difference N / D that is not zero vanishes
at random elements of the field with a chance of at most deg N / p. An atom, f(v) or exp(v), counts as an unknown of its own; that two
different arguments fall together, so that their atoms do, is bounded by the degree of their difference for each pair of them. A root
of degree k counts k-fold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from matcalc.exact.evaluation import Place, has_exp, value_operands
from matcalc.exact.field import shape_of
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, Determinant, Divide, Expr, Hadamard, Inverse, Kron, LogDeterminant, MapDerivative, MatMul, Norm, Power, Scale,
    Softmax, Subtract, Sum, Symbol, Trace,
)  # fmt: skip
from matcalc.language.traversal import postorder

Degrees: TypeAlias = tuple[int, int]  # of numerator and denominator


def degree_bound(roots: Iterable[Expr], place: Place) -> int:
    """A bound of the degree of the difference of two of the expressions, meeting arguments of atoms counted in."""
    roots = list(roots)
    degrees: dict[Expr, Degrees] = {}
    arguments: list[tuple[int, int]] = []  # how many values, of which degree
    for node in postorder(roots, value_operands):
        below = [degrees[operand] for operand in value_operands(node)]
        degrees[node] = _degrees(node, below, place)
        if isinstance(node, Apply | ApplyMap | MapDerivative | Softmax | LogDeterminant):
            rows, columns = shape_of(place.values[value_operands(node)[0]])
            arguments.append((1 if isinstance(node, LogDeterminant) else rows * columns, sum(map(sum, below))))
    count, highest = sum(count for count, _ in arguments), max((degree for _, degree in arguments), default=0)
    return sum(sum(degrees[root]) for root in roots) + count * count * 2 * highest


def _sum_of(count: int, degrees: Degrees) -> Degrees:
    """A sum of so many quotients, each with a denominator of its own."""
    top, bottom = degrees
    return top + (count - 1) * bottom, count * bottom


def _degrees(node: Expr, below: list[Degrees], place: Place) -> Degrees:
    match node:
        case Symbol():
            return 1, 0
        case Add() | Subtract():
            (a, b), (c, d) = below
            return max(a + d, c + b), b + d
        case Hadamard() | Scale() | Kron():
            (a, b), (c, d) = below
            return a + c, b + d
        case MatMul():
            (a, b), (c, d) = below
            return _sum_of(shape_of(place.values[node.left])[1], (a + c, b + d))
        case Divide():
            (a, b), (c, d) = below
            return a + d, b + c
        case Sum() | Trace():
            rows, columns = shape_of(place.values[node.argument])
            return _sum_of(rows if isinstance(node, Trace) else rows * columns, below[0])
        case Norm():
            rows, columns = shape_of(place.values[node.argument])
            top, bottom = _sum_of(rows * columns, (2 * below[0][0], 2 * below[0][1]))
            return 2 * top, 2 * bottom
        case Determinant() | Inverse():
            n = len(place.values[node.argument])
            top, bottom = n * below[0][0] + n * n * below[0][1], n * n * below[0][1]
            return (top, bottom) if isinstance(node, Determinant) else (top + bottom, top + bottom)
        case Power():
            times = abs(node.exponent.numerator) * node.exponent.denominator
            top, bottom = below[0]
            return (times * top, times * bottom) if node.exponent >= 0 else (times * bottom, times * top)
        case Softmax():
            return 1, 1
        case Apply() | LogDeterminant() | ApplyMap() | MapDerivative():
            return _applied(node, below)
        case _:
            return below[0] if below else (0, 0)


def _applied(node: Expr, below: list[Degrees]) -> Degrees:
    """A few atoms, and for gelu and its like the argument; each prime of a known function adds a few more."""
    if not isinstance(node, Apply) or not node.function.known:
        return 1, 0
    top, bottom = below[0]
    primes = 1 + node.function.order
    fixed = 2 * primes if has_exp(node) else 1
    return primes * 2 * (top + bottom) + fixed, primes * 2 * (top + bottom) + fixed
