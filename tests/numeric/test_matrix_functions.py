"""Matrix powers and functions: published derivatives, themselves written in the language, against the tape; and series against values."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError
from matcalc.language.expressions import Expr
from matcalc.numeric.data import Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.matrix_functions import KNOWN_SERIES, along, exponential, matrix_function_value
from matcalc.numeric.tape import jacobian
from tests.oracle import close, laid_out_by_definition

X, A, a, b = mc.matrix("X", "n", "n"), mc.matrix("A", "n", "n"), mc.vector("a", "n"), mc.vector("b", "n")
c, k, r = mc.scalar("c"), mc.scalar("k"), mc.index("r")
power, total, g = mc.matrix_power, mc.indexed_sum, mc.matrix_function("g")
sinm, cosm = mc.matrix_function("sin"), mc.matrix_function("cos")
middle = b @ a.T + a @ b.T

# Cookbook (91), (92); Wikipedia, "Matrix calculus", scalar by matrix 26 to 29, matrix by scalar 9, 10, scalar by scalar 7, 8.
PUBLISHED: dict[str, tuple[Expr, Expr, Expr]] = {
    "a^T X^k b": (a.T @ power(X, k) @ b, X, total(r, power(X, k - 1 - r) @ b @ a.T @ power(X, r), 0, k - 1)),
    "a^T (X^k)^T X^k b": (
        a.T @ power(X, k).T @ power(X, k) @ b, X,
        total(r, power(X, k - 1 - r) @ middle @ power(X, k).T @ power(X, r), 0, k - 1),
    ),
    "tr(X^k)": (mc.trace(power(X, k)), X, k * power(X, k - 1)),
    "tr(X^-k)": (mc.trace(power(X, -k)), X, -k * power(X, -k - 1)),
    "tr(exp(X))": (mc.trace(mc.expm(X)), X, mc.expm(X)),
    "tr(sin(X))": (mc.trace(sinm(X)), X, cosm(X)),
    "tr(cos(X))": (mc.trace(cosm(X)), X, -sinm(X)),
    "tr(g(X))": (mc.trace(g(X)), X, g.prime(X)),
    "g(c A)": (g(c * A), c, A @ g.prime(c * A)),
    "exp(c A)": (mc.expm(c * A), c, A @ mc.expm(c * A)),
    "tr(g(c A))": (mc.trace(g(c * A)), c, mc.trace(A @ g.prime(c * A))),
    "tr(exp(c A))": (mc.trace(mc.expm(c * A)), c, mc.trace(A @ mc.expm(c * A))),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_derivative_agrees_with_the_tape(name: str) -> None:
    of, by, numerator = PUBLISHED[name]
    for seed in range(3):
        data = draw([of, numerator], np.random.default_rng(seed), sizes={"n": 3})
        close(value(numerator, data), laid_out_by_definition(jacobian(of, by, data), of.shape, by.shape, "numerator"))


def test_a_wrong_published_derivative_is_found() -> None:
    of, by, right = PUBLISHED["a^T X^k b"]
    data = draw([of], np.random.default_rng(1), sizes={"n": 3})
    with pytest.raises(AssertionError, match="deviation"):
        close(value(right.T, data), laid_out_by_definition(jacobian(of, by, data), of.shape, by.shape, "numerator"))


def test_the_exponential_of_a_large_and_of_a_nilpotent_matrix() -> None:
    turn = np.array([[0.0, -20.0], [20.0, 0.0]])
    np.testing.assert_allclose(exponential(turn), [[np.cos(20), -np.sin(20)], [np.sin(20), np.cos(20)]], rtol=1e-9, atol=1e-11)
    np.testing.assert_array_equal(exponential(np.zeros((3, 3))), np.eye(3))
    assert np.isnan(exponential(np.full((2, 2), np.inf))).all()


@pytest.mark.parametrize("name", KNOWN_SERIES)
def test_a_known_function_is_that_of_the_eigenvalues_and_its_primes_come_round(name: str) -> None:
    rng = np.random.default_rng(5)
    matrix, direction = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    values, vectors = np.linalg.eig(matrix)
    function = mc.matrix_function(name)
    on_numbers = getattr(np, name)
    wanted = (vectors * on_numbers(values)) @ np.linalg.inv(vectors)
    np.testing.assert_allclose(matrix_function_value(function, matrix, Data()), wanted.real, rtol=1e-9, atol=1e-11)
    fourth = function.prime.prime.prime.prime
    np.testing.assert_array_equal(matrix_function_value(fourth, matrix, Data()), matrix_function_value(function, matrix, Data()))
    step = 1e-30
    found = matrix_function_value(function, matrix + 1j * step * direction, Data()).imag / step
    np.testing.assert_allclose(along(function, matrix, direction, Data()), found, rtol=1e-9, atol=1e-11)


def test_what_a_user_gives_is_checked() -> None:
    data = {"X": [[1, 2], [3, 5]]}
    np.testing.assert_array_equal(g(X).evaluate(data, functions={"g": lambda t: t @ t}), [[7, 12], [18, 31]])
    with pytest.raises(EvaluationError, match=r"g acts on a square matrix: of shape \(2, 2\) it gave shape \(1, 2\)"):
        g(X).evaluate(data, functions={"g": lambda t: t[:1]})
    with pytest.raises(EvaluationError, match="g of order 1 is needed"):
        g.prime(X).evaluate(data, functions={"g": lambda t: t})
    with pytest.raises(EvaluationError, match="There is no function g"):
        g(X).evaluate(data)
    with pytest.raises(EvaluationError, match=r"X\^c needs a whole number, 1.5 was found"):
        power(X, c).evaluate({**data, "c": 1.5})
