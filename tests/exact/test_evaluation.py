"""Values over the field: every node at whole numbers against NumPy, and the identities that the atoms keep."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any, get_args

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError, UnsupportedError
from matcalc.exact.drawing import drawn
from matcalc.exact.evaluation import VALUES, evaluated
from matcalc.exact.field import PRIME, UndefinedError, small_fraction
from matcalc.exact.functions import FUNCTIONS
from matcalc.exact.place import Point, extent
from matcalc.exact.tried_sizes import size_choices
from matcalc.language.elementwise import KNOWN_FUNCTIONS, known_function
from matcalc.language.expressions import (
    Apply, ApplyMap, ApplyMatrixFunction, Derivative, Expr, Index, IndexedSum, LogDeterminant, MapDerivative, Node, Softmax,
)  # fmt: skip
from matcalc.language.traversal import postorder, with_definition
from matcalc.language.unrolling import written_out

SIZES = {"n": 2, "m": 3}
X, S, y, r, c = mc.matrix("X", "m", "n"), mc.matrix("S", "n", "n"), mc.vector("y", "n"), mc.row("r", "n"), mc.scalar("c")
DATA = {"X": [[1, -2], [3, 4], [0, 5]], "S": [[2, 1], [5, -3]], "y": [[3], [4]], "r": [[-1, 2]], "c": [[7]]}

CASES: dict[str, Expr] = {
    "number": mc.let("z", c + Fraction(3, 4)),
    "size": c * mc.dims("n") + mc.dims("m"),
    "ones, zeros": mc.ones("m", "n") * 2 + mc.zeros("m", "n"),
    "identity": mc.identity("n") - S,
    "commutation": mc.commutation("m", "n") @ mc.vec(X),
    "transpose": X.T,
    "negate": -X,
    "sum": mc.sum(X),
    "diagonal of a row": mc.diag(r),
    "diagonal part": mc.diag(S),
    "trace": mc.trace(S),
    "sums along diagonals": mc.diagonal_sums(X),
    "norm": mc.norm(y),
    "determinant": mc.det(S),
    "inverse": mc.inv(S),
    "product": X @ S @ y,
    "scale": c * X,
    "hadamard": X * X,
    "divide": X / c + 1 / (X + 9),
    "spread": 1 - X,
    "kronecker": mc.kron(X, r),
    "power": X**3,
    "negative power": y**-2,
    "root": (y**2) ** Fraction(1, 2),
    "pseudo-inverse of a tall matrix": mc.pinv(X),
    "pseudo-inverse of a wide matrix": mc.pinv(X.T),
    "matrix powers": mc.matrix_power(S, 3) + mc.matrix_power(S, -2) + mc.matrix_power(S, 0) + mc.matrix_power(S, mc.dims("m")),
    "entries": mc.entry(X, 3, 2) * mc.entry(y, 2) + mc.entry(r, 2) + mc.entry(S @ S, mc.dims("n"), 1),
    "known": mc.relu(X) + mc.abs(X) + mc.square(X) + mc.sqrt(X**2) + mc.leaky_relu(X),
    "primes": known_function("relu").prime(X) + known_function("square").prime(X) + known_function("abs").prime.prime(X),
}


@pytest.mark.parametrize("name", CASES)
def test_a_node_has_the_value_it_has_in_numpy(name: str) -> None:
    of = CASES[name]
    wanted = of.evaluate(DATA, sizes=SIZES)
    point = Point("x", SIZES, values=DATA)
    place, missed = evaluated([of], point)
    assert not missed
    found = [[small_fraction(v, PRIME) for v in row] for row in place.values[of]]
    assert all(v is not None for row in found for v in row)
    assert np.allclose(np.array(found, dtype=float), wanted, rtol=1e-13)


def test_every_node_has_a_rule_and_is_compared() -> None:
    assert set(VALUES) == set(get_args(Node))
    seen = {type(node) for node in postorder(CASES.values(), with_definition)}
    assert set(VALUES) - seen == {Softmax, LogDeterminant, Derivative, ApplyMap, MapDerivative, *WITHOUT_VALUE}
    assert Apply in seen


i, p = mc.index("i", "n"), mc.index("p")
WITHOUT_VALUE: dict[type[Expr], tuple[Expr, str]] = {
    ApplyMatrixFunction: (mc.expm(S), r"expm\(S\) is a power series of a matrix, which has no exact value"),
    Index: (p * c, "The index p stands outside a sum"),
    IndexedSum: (mc.indexed_sum(i, mc.entry(y, i)), "has to be written out before exact numbers can add its terms"),
}


@pytest.mark.parametrize("node", WITHOUT_VALUE, ids=lambda node: node.__name__)
def test_what_has_no_exact_value_says_so(node: type[Expr]) -> None:
    of, message = WITHOUT_VALUE[node]
    assert node in {type(each) for each in postorder([of])}
    with pytest.raises(UnsupportedError, match=message):
        evaluated([of], Point("x", SIZES))


def test_symbols_are_no_whole_numbers() -> None:
    k = mc.scalar("k")
    with pytest.raises(UnsupportedError, match=r"S\^k has k where exact numbers need a whole number; they take none for a symbol"):
        evaluated([mc.matrix_power(S, k)], Point("x", SIZES))
    with pytest.raises(UnsupportedError, match=r"\(y\)_k has k where exact numbers need a whole number"):
        evaluated([mc.entry(y, k)], Point("x", SIZES))
    with pytest.raises(EvaluationError, match=r"\(y\)_3 is at \(3, 1\) of an array of shape \(2, 1\)"):
        evaluated([mc.entry(y, 3)], Point("x", SIZES))


def test_a_sum_written_out_has_the_value_it_has_in_numpy() -> None:
    total = mc.indexed_sum(i, mc.entry(y, i) ** 2 * mc.let("z", mc.indexed_sum(p, mc.entry(X, p, i), 2, mc.dims("m"))))
    (out,) = written_out([total], partial(extent, SIZES))
    place, _ = evaluated([out], Point("x", SIZES, values=DATA))
    assert [[small_fraction(v, PRIME) for v in row] for row in place.values[out]] == total.evaluate(DATA).tolist()


def test_every_known_function_has_a_row() -> None:
    assert set(FUNCTIONS) == set(KNOWN_FUNCTIONS)


def equal(left: Any, right: Any) -> bool:
    place = drawn([left, right], "equal", SIZES)
    return place.values[left] == place.values[right]


v, w = mc.vector("v", "n"), mc.vector("w", "n")
IDENTITIES = {
    "exp of a sum": (mc.exp(v + 3 * w), mc.exp(v) * mc.exp(w) ** 3),
    "exp inside exp": (mc.exp(mc.exp(v + w)), mc.exp(mc.exp(v) * mc.exp(w))),
    "exp four deep": (mc.exp(mc.exp(mc.exp(mc.exp(-v)))), mc.exp(mc.exp(mc.exp(1 / mc.exp(v))))),
    "softmax": (mc.softmax(v), mc.exp(v) / mc.sum(mc.exp(v))),
    "softmax by rows": (mc.softmax(X, axis="rows"), mc.exp(X) / (mc.exp(X) @ mc.ones("n", "n"))),
    "sigmoid": (mc.sigmoid(v), 1 / (1 + mc.exp(-v))),
    "tanh": (mc.tanh(v), (mc.exp(v) - mc.exp(-v)) / (mc.exp(v) + mc.exp(-v))),
    "softplus": (mc.softplus(v), mc.log(1 + mc.exp(v))),
    "log of a quotient": (mc.log(1 / v), -mc.log(v)),
    "gelu": (mc.gelu(v), v * known_function("normal_cdf")(v)),
    "normal distribution": (known_function("normal_cdf")(-v), 1 - known_function("normal_cdf")(v)),
    "sin and cos": (mc.sin(-v) ** 2 + mc.cos(v) ** 2, mc.ones("n")),
    "relu": (mc.relu(v), v * known_function("step")(v)),
    "abs": (mc.abs(v), v * known_function("sign")(v)),
    "relu less relu": (mc.relu(v) - mc.relu(-v), v),
    "leaky relu": (mc.leaky_relu(v), v / 100 + Fraction(99, 100) * mc.relu(v)),
    "log det": (mc.logdet(S), mc.log(mc.det(S))),
    "root": (mc.sqrt(v) * mc.sqrt(w), mc.sqrt(v * w)),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_holds_at_random_data(name: str) -> None:
    assert equal(*IDENTITIES[name])


@pytest.mark.parametrize(
    ("left", "right"),
    [(mc.exp(v), mc.exp(-v)), (mc.relu(v), v), (mc.sin(v), mc.cos(v)), (mc.function("f")(v), mc.function("g")(v)), (v, 2 * v)],
)
def test_what_is_different_differs(left: Any, right: Any) -> None:
    assert not equal(left, right)


def test_mixed_derivatives_of_a_map_are_symmetric() -> None:
    u = mc.function("u", of=(v, w), shape=())
    assert isinstance(u, ApplyMap)
    shape = (mc.dims("n"), mc.dims("n"))
    mixed, other = (MapDerivative(u.function, (v, w), wrt, "numerator", shape) for wrt in ((0, 1), (1, 0)))
    assert equal(mixed, other.T)
    assert not equal(mixed, other)


def test_a_function_is_the_same_wherever_it_stands() -> None:
    f, u = mc.function("f"), mc.function("u", of=v + w, shape=("m",))
    assert isinstance(u, ApplyMap)
    assert equal(f((v + w) ** 2), f(v**2 + 2 * v * w + w**2))
    assert equal(u, u.function(w + v))


def test_a_singular_matrix_and_a_zero_are_told() -> None:
    with pytest.raises(UndefinedError, match="singular"):
        evaluated([mc.inv(v @ v.T)], Point("x", SIZES))
    with pytest.raises(EvaluationError, match="No data over the finite field were found: division by zero"):
        drawn([1 / (v - v)], "x", SIZES)


def test_what_has_no_value_is_told() -> None:
    with pytest.raises(UnsupportedError, match="only written"):
        evaluated([Derivative(mc.sum(v), v, "numerator", False, (1, mc.dims("n")))], Point("x", SIZES))
    with pytest.raises(EvaluationError, match="There is no number for the size n"):
        evaluated([v], Point("x"))
    with pytest.raises(EvaluationError, match="An array of 1000000 entries is too large"):
        evaluated([mc.matrix("L", 1000, 1000)], Point("x"))


def test_data_under_roots_are_found() -> None:
    of = mc.sqrt(1 + X**2)
    place = drawn([of], "x", SIZES)
    assert place.values[of]
    assert place.coins == 6
    assert equal(of**2, 1 + X**2)


def test_sizes_are_small_and_differ() -> None:
    first, second, *_ = size_choices([X, mc.vector("z", "p")])
    assert first == {"m": 2, "n": 3, "p": 4}
    assert second == {"m": 4, "n": 3, "p": 2}
    assert next(size_choices([X], {"m": 9, "n": 500})) == {"m": 9, "n": 2}
