"""How likely a false identity passes: a bound of the degree of an expression, for the lemma of Schwartz and Zippel.

The entries of a node are quotients of polynomials in the entries of symbols and in atoms, brought to one denominator for the whole
node, so that sums do not raise degrees. A difference N / D that is not zero vanishes at random elements of the field with a chance of
at most deg N / p. An atom, f(v) or exp(v), counts as an unknown of its own; that two different arguments fall together, so that their
atoms do, is bounded by the degree of their difference for each pair of them. A root of degree k counts k-fold.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from fractions import Fraction
from typing import TypeAlias

from matcalc.exact.assumed_data import assumed_degrees
from matcalc.exact.evaluation import value_operands, whole_exponent
from matcalc.exact.field import shape_of
from matcalc.exact.place import Place
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, Determinant, Divide, Expr, Hadamard, Inverse, Kron, LogDeterminant, MapDerivative, MatMul, MatrixPower, Norm,
    Power, PseudoInverse, Scale, SizeNumber, Softmax, Subtract, Symbol,
)  # fmt: skip
from matcalc.language.sizes import Dim
from matcalc.language.traversal import postorder

# Quotients of polynomials in exp(v) or in the tangent of v / 2, with all their primes: the degree of v itself does not enter.
OF_ATOMS_ONLY = frozenset({"sigmoid", "tanh", "exp", "sin", "cos", "step", "sign"})
PIECEWISE_LINEAR = frozenset({"relu", "leaky_relu", "abs"})
NORMAL = frozenset({"gelu", "normal_cdf", "normal_pdf"})

Degrees: TypeAlias = tuple[int, int]  # of the numerators, and of the one denominator of all entries


def degree_bound(roots: Iterable[Expr], place: Place) -> int:
    """A bound of the degree of the difference of two of the expressions, meeting arguments of atoms counted in."""
    roots = list(roots)
    degrees, arguments = _counted(roots, place)
    return sum(sum(degrees[root]) for root in roots) + _meeting(arguments)


def size_degree(roots: Iterable[Expr], place: Place, names: Container[str]) -> int:
    """A bound of the degree of the difference of two of the expressions in those sizes, where they are written as numbers."""
    roots = list(roots)
    degrees: dict[Expr, Degrees] = {}
    for node in postorder(roots, value_operands):
        below = [degrees[operand] for operand in value_operands(node)]
        if isinstance(node, SizeNumber):
            degrees[node] = sum(name in names for name in _size_factors(node)), 0
        else:
            degrees[node] = _degrees(node, below, place) if any(top or bottom for top, bottom in below) else (0, 0)
    return sum(sum(degrees[root]) for root in roots)


def _size_factors(node: SizeNumber) -> tuple[str, ...]:
    return node.size.names if isinstance(node.size, Dim) else ()


def derivative_bound(of: Expr, answer: Expr, place: Place) -> int:
    """A bound of the degree of what is left when a claimed derivative and the derivative are contracted with a random direction.

    Along the direction N / D changes by (dN D - N dD) / D^2, where the unknowns are the symbols, which change by an entry of the
    direction, and the atoms f(v), which change by f'(v) dv; all these are brought to one denominator.
    """
    degrees, arguments = _counted([of, answer], place)
    change, common = 1, 0  # of the numerators, over one denominator
    for _, (top, bottom) in arguments:
        change += 1 + top + 3 * bottom
        common += 2 * bottom
    (top, bottom), (a, b) = degrees[of], degrees[answer]
    truth, along = top + 3 * bottom + change + common, a + 1 + b
    squares = 2 if place.point.positive else 1
    return squares * (truth + along + _meeting(arguments))


def _counted(roots: Iterable[Expr], place: Place) -> tuple[dict[Expr, Degrees], list[tuple[int, Degrees]]]:
    """The degrees of all nodes; for each node with atoms how many arguments it has, and of which degrees."""
    degrees: dict[Expr, Degrees] = {}
    arguments: list[tuple[int, Degrees]] = []
    for node in postorder(roots, value_operands):
        below = [degrees[operand] for operand in value_operands(node)]
        degrees[node] = _degrees(node, below, place)
        if isinstance(node, Apply | ApplyMap | MapDerivative | Softmax | LogDeterminant):
            extents = [shape_of(place.values[operand]) for operand in value_operands(node)]
            count = 1 if isinstance(node, LogDeterminant) else sum(rows * columns for rows, columns in extents)
            arguments.append((count, (sum(top for top, _ in below), sum(bottom for _, bottom in below))))
    return degrees, arguments


def _meeting(arguments: Iterable[tuple[int, Degrees]]) -> int:
    """A bound of the degree of the product of all differences of two arguments."""
    arguments = list(arguments)
    count, highest = sum(count for count, _ in arguments), max((sum(degrees) for _, degrees in arguments), default=0)
    return count * count * 2 * highest


def _reciprocals(count: int, degrees: Degrees) -> Degrees:
    """1 / (N_i / D) for so many i, over the product of all N_i."""
    top, bottom = degrees
    return bottom + (count - 1) * top, count * top


def _inverse(n: int, degrees: Degrees) -> Degrees:
    """The adjugate by the determinant."""
    top, bottom = degrees
    return (n - 1) * top + bottom, n * top


def _entries(node: Expr, place: Place) -> int:
    rows, columns = shape_of(place.values[node])
    return rows * columns


def _degrees(node: Expr, below: list[Degrees], place: Place) -> Degrees:
    match node:
        case Symbol():
            return assumed_degrees(node, *shape_of(place.values[node])) if node.assumed else (1, 0)
        case SizeNumber():
            return len(_size_factors(node)), 0
        case Add() | Subtract():
            (a, b), (c, d) = below
            return max(a + d, c + b), b + d
        case Hadamard() | Scale() | Kron() | MatMul():
            (a, b), (c, d) = below
            return a + c, b + d
        case Divide():
            (a, b), divisor = below
            c, d = _reciprocals(_entries(node.right, place), divisor)
            return a + c, b + d
        case Norm():
            top, bottom = below[0]
            return 4 * top, 4 * bottom
        case Determinant():
            n = len(place.values[node.argument])
            return n * below[0][0], n * below[0][1]
        case Inverse():
            return _inverse(len(place.values[node]), below[0])
        case PseudoInverse():
            top, bottom = below[0]
            a, b = _inverse(min(shape_of(place.values[node])), (2 * top, 2 * bottom))
            return a + top, b + bottom
        case MatrixPower():
            times = whole_exponent(node, place)
            top, bottom = below[0] if times >= 0 else _inverse(len(place.values[node]), below[0])
            return abs(times) * top, abs(times) * bottom
        case Power():
            return _power(node.exponent, _entries(node, place), below[0])
        case Softmax():
            rows, columns = shape_of(place.values[node])
            sums = columns if node.axis == "columns" else rows
            return sums, sums
        case Apply() | LogDeterminant() | ApplyMap() | MapDerivative():
            return _applied(node, below, place)
        case _:
            return below[0] if below else (0, 0)


def _power(exponent: Fraction, count: int, degrees: Degrees) -> Degrees:
    """A power of so many entries; a root of degree k counts k-fold."""
    times = abs(exponent.numerator) * exponent.denominator
    top, bottom = degrees
    powers = times * top, times * bottom
    return powers if exponent >= 0 else _reciprocals(count, powers)


def _applied(node: Expr, below: list[Degrees], place: Place) -> Degrees:
    """The degrees of a function and its primes; most are a few atoms, some have their argument in them too."""
    if not isinstance(node, Apply) or not node.function.known:
        return 1, 0
    name, order, count = node.function.name, node.function.order, _entries(node, place)
    top, bottom = below[0]
    if name in OF_ATOMS_ONLY or (name == "softplus" and order):
        return 2 * (1 + order) * count, 2 * (1 + order) * count
    if name in PIECEWISE_LINEAR:
        return (1, 0) if order else (top + 1, bottom)
    if name in NORMAL:
        times = max(order, int(name == "gelu"))
        return times * top + 2, times * bottom
    if name in ("log", "softplus"):
        return _power(Fraction(-order), count, below[0]) if order else (1, 0)
    if name == "sqrt":
        return _power(Fraction(1, 2) - order, count, below[0])
    assert name in ("square", "identity"), f"{name} has no degree"
    return 2 * top, 2 * bottom
