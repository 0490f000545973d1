"""Constructors of what acts on a whole matrix and of written derivatives: shapes, meanings, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import LayoutError, MatcalcError, NoMatrixFormError, ShapeError, UnsupportedError
from matcalc.language.elementwise import KNOWN_MATRIX_FUNCTIONS, MatrixFunction
from matcalc.language.expressions import (
    ApplyMap, ApplyMatrixFunction, Derivative, Expr, Inverse, MapDerivative, MatrixPower, PseudoInverse,
)  # fmt: skip
from matcalc.language.matrix_operations import written_derivative

n, m, q = mc.dims("n m q")
x, y, r, A, X = mc.vector("x", n), mc.vector("y", m), mc.row("r", n), mc.matrix("A", m, n), mc.matrix("X", n, n)
c, k = mc.scalar("c"), mc.scalar("k")
DATA: dict[str, Any] = {"A": [[1, 2, 0], [0, 1, 3]], "X": [[2, 1, 0], [0, 1, 1], [1, 0, 3]], "x": [1, -2, 3], "c": 2}
M = np.array(DATA["X"], dtype=float)

# ---- a whole matrix --------------------------------------------------------------------------------------------------


def test_shapes() -> None:
    for expr, shape in (
        (mc.pinv(A), (n, m)), (mc.pinv(x), (1, n)), (mc.pinv(r), (n,)), (mc.matrix_power(X, k), (n, n)), (mc.expm(X), (n, n)),
        (mc.matrix_function("g").prime(X), (n, n)), (mc.cofactor(X), (n, n)), (mc.logsumexp(A), ()), (mc.norm(x, 1), ()),
    ):  # fmt: skip
        assert expr.shape == shape


def test_nodes() -> None:
    assert mc.pinv(A) == PseudoInverse(A, (n, m))
    assert isinstance(mc.matrix_power(X, 2), MatrixPower)
    assert mc.matrix_power(X, -1) == Inverse(X, (n, n))
    assert mc.expm(X) == ApplyMatrixFunction(MatrixFunction("exp", 0, True), X, (n, n))
    assert mc.matrix_function("g") == MatrixFunction("g", 0, False)
    assert {"exp", "sin", "cos"} == set(KNOWN_MATRIX_FUNCTIONS)
    assert mc.matrix_function("cos").prime.prime == MatrixFunction("cos", 2, True)


def test_values() -> None:
    np.testing.assert_allclose(mc.cofactor(X).evaluate(DATA), np.linalg.det(M) * np.linalg.inv(M).T)
    np.testing.assert_allclose(mc.logsumexp(A).evaluate(DATA), [[np.log(np.exp(DATA["A"]).sum())]])
    np.testing.assert_allclose(mc.norm(x, 1).evaluate(DATA), [[6.0]])
    np.testing.assert_allclose(mc.norm(x, 2).evaluate(DATA), [[np.sqrt(14)]])
    np.testing.assert_allclose((mc.expm(X) @ mc.expm(-X)).evaluate(DATA), np.eye(3), atol=1e-12)
    np.testing.assert_allclose((A @ mc.pinv(A)).evaluate(DATA), np.eye(2), atol=1e-12)


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "pinv of a scalar": (lambda: mc.pinv(c), ShapeError, "c is a scalar; a pseudo-inverse is of an array. Write 1/x"),
    "power of a wide matrix": (
        lambda: mc.matrix_power(A, 2), ShapeError, r"A matrix power needs a square matrix: A is \(m, n\); m and n differ",
    ),
    "broken power": (lambda: mc.matrix_power(X, Fraction(1, 2)), MatcalcError, "1/2 is no exponent of a matrix"),
    "array as power": (lambda: mc.matrix_power(X, x), MatcalcError, "x is no exponent of a matrix: a whole number or a scalar is"),
    "exponential of a column": (lambda: mc.expm(x), ShapeError, r"The matrix function exp needs a square matrix: x is \(n,\)"),
    "cofactors of a wide matrix": (lambda: mc.cofactor(A), ShapeError, r"det\(A\) does not conform: A is \(m, n\); m and n differ"),
    "matrix function without a name": (lambda: mc.matrix_function(""), MatcalcError, "'' is not a plain name"),
    "1-norm of a matrix": (lambda: mc.norm(A, 1), UnsupportedError, r"norm\(A, 1\) of a matrix has several meanings: .* sum\(abs\(A\)\)"),
    "3-norm": (lambda: mc.norm(x, 3), UnsupportedError, "norm has no order 3: 2 is the 2-norm"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    make, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_derivatives_of_what_is_made_of_known_operations(layout: str) -> None:
    for of, by in (
        (mc.trace(mc.matrix_power(X, 3) @ mc.diag(x)), X), (mc.logsumexp(A @ x), x), (mc.norm(A @ x, 1), x),
        (mc.sum(mc.cofactor(X) @ x), X), (mc.trace(mc.matrix_power(X, -2)), X),
    ):  # fmt: skip
        report = mc.derive(of, by, layout=layout).verify()
        assert report.ok
        assert all(check.passed for check in report.checks)


# ---- written derivatives ---------------------------------------------------------------------------------------------

u = mc.function("u", of=(x, c), shape=(m,))
g = mc.function("g", of=(c, k), shape=())
WRITTEN: list[tuple[Expr, Expr, tuple[Any, ...]]] = [
    (A @ x, x, (m, n)),
    (x.T @ x, x, (1, n)),
    (mc.sum(A), A, (n, m)),
    (A @ x, c, (m,)),
    ((A @ x).T, c, (1, m)),
    (c * A, c, (m, n)),
    (mc.sum(A), mc.entry(A, 1, 2), ()),
    (A @ x, mc.entry(x, 2), (m,)),
    (A @ x, mc.vec(A), (m, mc.vec(A).shape[0])),
    (mc.vec(X), mc.vec(A), (mc.vec(X).shape[0], mc.vec(A).shape[0])),
]


@pytest.mark.parametrize(("of", "by", "shape"), WRITTEN, ids=[f"{of!r} by {by!r}" for of, by, _ in WRITTEN])
def test_a_written_derivative_has_the_shape_of_its_layout(of: Expr, by: Expr, shape: tuple[Any, ...]) -> None:
    written = written_derivative(of, by, "numerator")
    assert written == Derivative(of, by, "numerator", False, shape)
    turned = {0: (), 1: (1, *shape), 2: shape[:0:-1] if shape[:1] == (1,) else shape[::-1]}[len(shape)]
    assert written_derivative(of, by, "denominator").shape == turned


def test_an_unknown_map_gives_its_own_derivative() -> None:
    assert isinstance(u, ApplyMap) and isinstance(g, ApplyMap)
    assert written_derivative(u, x, "denominator") == MapDerivative(u.function, (x, c), (0,), "denominator", (n, m))
    first = written_derivative(g, c, None)
    assert first == MapDerivative(g.function, (c, k), (0,), "numerator", ())
    assert written_derivative(first, k, None) == MapDerivative(g.function, (c, k), (0, 1), "numerator", ())


def test_what_cannot_be_written() -> None:
    with pytest.raises(LayoutError, match="The derivative of A x by x needs a layout: layout='numerator' or layout='denominator'"):
        written_derivative(A @ x, x, None)
    with pytest.raises(LayoutError, match=r"'numeratr' is not a layout. .*numerator"):
        written_derivative(A @ x, x, "numeratr")
    with pytest.raises(NoMatrixFormError, match="The derivative of A x by A has 3 axes, and no matrix holds them"):
        written_derivative(A @ x, A, "numerator")
    with pytest.raises(UnsupportedError, match="A x is no variable of sum\\(A x\\): derive by a declared symbol or a named quantity"):
        written_derivative(mc.sum(A @ x), A @ x, "numerator")
    with pytest.raises(UnsupportedError, match="is no variable of"):
        written_derivative(mc.sum(A @ x), mc.entry(A @ x, 1), None)
