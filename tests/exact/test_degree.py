"""The bounds of degrees, against the values themselves along a line of data: N(t) / D(t) of those degrees must run through them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import matcalc as mc
from matcalc.exact import degree
from matcalc.exact.degree import degree_bound, derivative_bound
from matcalc.exact.drawing import drawn
from matcalc.exact.evaluation import evaluated
from matcalc.exact.field import PRIME, determinant
from matcalc.exact.place import Place, Point
from matcalc.language.building import lift
from matcalc.language.elementwise import KNOWN_FUNCTIONS, known_function
from matcalc.language.expressions import Expr, MatrixPower, PseudoInverse, Symbol
from tests.random_expressions import Generator

x, y, c = mc.vector("x", "n"), mc.vector("y", "n"), mc.scalar("c")
X, S, T = mc.matrix("X", "m", "n"), mc.matrix("S", "n", "n"), mc.matrix("T", "n", "n")
SIZES = {"n": 2, "m": 3}
SYMBOLS = [symbol for symbol in (x, y, c, X, S, T) if isinstance(symbol, Symbol)]

RATIONAL: dict[str, Expr] = {
    "sum": x + c * y - S @ x,
    "products": X @ S @ T @ x,
    "Hadamard": (S * T) @ (x * y),
    "quotient": x / y + y / (x + c),
    "by a scalar": x / (c**2 + 1) + y / mc.sum(x * y),
    "powers": x**3 + y**-2,
    "inverse": mc.inv(S + T) @ x,
    "inverse of a quotient": mc.inv(S / c + mc.diag(x / y)),
    "pseudo-inverse": PseudoInverse(X / c, X.T.shape) @ X,
    "power of a matrix": MatrixPower(S / c, lift(3), S.shape),
    "power of the inverse": MatrixPower(S / c, lift(-2), S.shape),
    "determinant": mc.det(S @ T) / mc.det(mc.diag(1 / x)),
    "kron": mc.kron(x / c, S),
    "trace": mc.trace(mc.inv(S) @ T) * mc.sum(x / y),
}


def at(of: Expr, t: int) -> tuple[Place, int]:
    """The values at one point of a line, and the first entry."""
    values = {}
    for k, symbol in enumerate(SYMBOLS):
        rows, columns = Point("", SIZES).extents(symbol.shape)
        values[symbol.name] = [[pow(3 + k, 7 + 5 * i + j) + t * pow(2 + k, 5 + 3 * j + 7 * i) for j in range(columns)] for i in range(rows)]
    place, _ = evaluated([of], Point("line", SIZES, values=values))
    return place, place.values[of][0][0]


def runs_through(top: int, bottom: int, found: Sequence[int]) -> bool:
    """Whether some N(t) / D(t) of these degrees has the values found at t = 1, 2, ..."""
    count = top + bottom + 2
    rows = [[*(pow(t, k, PRIME) for k in range(top + 1)), *(-v * pow(t, k, PRIME) % PRIME for k in range(bottom + 1))]
            for t, v in enumerate(found[:count], 1)]  # fmt: skip
    return determinant(rows, PRIME) == 0


@pytest.mark.parametrize("name", RATIONAL)
def test_numerator_and_denominator_have_at_most_the_degrees_told(name: str) -> None:
    of = RATIONAL[name]
    degrees, _ = degree._counted([of], at(of, 1)[0])
    top, bottom = degrees[of]
    found = [at(of, t)[1] for t in range(1, top + bottom + 3)]
    assert runs_through(top, bottom, found)
    assert not runs_through(0, 0, found)


def test_the_test_of_degrees_finds_one_that_is_too_low() -> None:
    found = [at(RATIONAL["products"], t)[1] for t in range(1, 9)]
    assert runs_through(4, 0, found)
    assert not runs_through(3, 0, found)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("name", KNOWN_FUNCTIONS)
def test_every_known_function_has_a_degree(name: str, order: int) -> None:
    function = known_function(name)
    for _ in range(order):
        function = function.prime
    of = mc.sum(function(x))
    place = drawn([of], "degree", SIZES)
    assert 0 < degree_bound([of], place) < 200
    assert degree_bound([of], place) < derivative_bound(of, of, place)


@pytest.mark.parametrize("seed", range(40))
def test_random_expressions_have_a_degree(seed: int) -> None:
    of = Generator(seed).expression(depth=3)
    place, _ = evaluated([of], Point("degree", {"n": 2, "m": 3, "p": 4, "q": 5}))
    assert 0 <= degree_bound([of], place) < derivative_bound(of, of, place)
