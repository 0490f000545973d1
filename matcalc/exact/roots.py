"""Whether the even roots in expressions are independent, so that no draw can take the sign of one to suit a wrong answer.

A square root over the field takes one of two values, as it takes the positive one over the reals. Where c^2 stands under it, the
wrong sqrt(c^2) = c agrees at half of all c. Where no product of different radicands is a square of a quotient of polynomials, each
choice of signs is the image of any other under a symmetry of the field that the roots generate: what is not zero for one is zero for
none (Lang, "Algebra", chapter VI, section 8, Kummer extensions), and vanishes at random data with a small chance. That no product is a
square is shown by points: if one were, its values would be squares at every point.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.exact.evaluation import evaluated, exponential_depths, value_operands
from matcalc.exact.field import UndefinedError, flat, inner, is_square, small_fraction
from matcalc.exact.place import Place, Point
from matcalc.language.expressions import Apply, Expr, Norm, Power
from matcalc.language.traversal import postorder

MOST_ROOTS = 10
MORE_POINTS = 20


def has_even_root(node: Expr) -> bool:
    """Whether the node takes an even root of each entry of its operand, or of their sum of squares."""
    match node:
        case Norm():
            return True
        case Power():
            return node.exponent.denominator % 2 == 0
        case Apply():
            return node.function.known and node.function.name == "sqrt"
        case _:
            return False


def independent_roots(roots: Sequence[Expr], place: Place) -> int | None:
    """The number of different radicands in expressions, if they are independent; None where that is not shown.

    Args:
        roots: the expressions.
        place: their values; those of other points are made where they are needed.
    """
    order = list(postorder(roots, value_operands))
    rooted = [node for node in order if has_even_root(node)]
    depths = exponential_depths(order)
    if any(depths[node] for node in rooted) or _nested(order):
        return None
    here = _radicands(rooted, place)
    first_places = {v: k for k, v in reversed(list(enumerate(here))) if small_fraction(v, place.p) is None}
    count = len(first_places)
    if count > MOST_ROOTS:
        return None
    arguments = [operand for node in rooted for operand in value_operands(node)]
    basis: dict[int, int] = {}
    for draw in range(count + MORE_POINTS if count else 0):
        try:
            point, _ = evaluated(arguments, Point(f"{place.point.seed} roots {draw}", place.point.sizes, place.point.signs))
        except UndefinedError:
            continue
        found = _radicands(rooted, point)
        _enter(sum(1 << bit for bit, k in enumerate(first_places.values()) if not is_square(found[k], place.p)), basis)
        if len(basis) == count:
            break
    return count if len(basis) == count else None


def _nested(order: Sequence[Expr]) -> bool:
    """Whether a root stands under another."""
    above: dict[Expr, bool] = {}
    for node in order:
        above[node] = any(above[operand] or has_even_root(operand) for operand in value_operands(node))
    return any(above[node] for node in order if has_even_root(node))


def _radicands(rooted: Sequence[Expr], place: Place) -> list[int]:
    found: list[int] = []
    for node in rooted:
        (operand,) = value_operands(node)
        values = place.values[operand]
        found += [inner(values, values, place.p)] if isinstance(node, Norm) else flat(values)
    return found


def _enter(vector: int, basis: dict[int, int]) -> None:
    """Reduce a vector of bits by a basis, by leading bit, and enter what is left."""
    while vector:
        leading = vector.bit_length()
        if leading not in basis:
            basis[leading] = vector
            return
        vector ^= basis[leading]
