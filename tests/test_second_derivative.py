"""Hessians against central differences of a reverse sweep."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import NoMatrixFormError, ShapeError
from matcalc.language.expressions import Expr
from matcalc.numeric import tape
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value

A, B, W = mc.matrix("A", "n", "n"), mc.matrix("B", "n", "m"), mc.matrix("W", "m", "n")
x, y = mc.vector("x", "n"), mc.vector("y", "m")
f = mc.function("f")
z = mc.let("z", W @ x)
C = mc.let("C", mc.sum((f(z) - y) ** 2) / (2 * mc.dims("m")))
L = mc.function("L", of=(x, y), shape=())

CASES = {
    "quadratic": (x.T @ A @ x, x, x),
    "bilinear": (x.T @ B @ y, x, y),
    "bilinear turned": (x.T @ B @ y, y, x),
    "through a name": (C, x, x),
    "by a name": (C, z, z),
    "by input and target": (C, x, y),
    "norm": (mc.norm(x), x, x),
    "known function": (mc.sum(mc.tanh(W @ x)), x, x),
    "unknown scalar": (L, x, x),
    "unknown scalar, mixed": (L, x, y),
    "log-sum-exp": (mc.log(mc.sum(mc.exp(x))), x, x),
    "softmax": (mc.norm(mc.softmax(x)) ** 2, x, x),
    "logdet": (mc.logdet(mc.identity("n") + x @ x.T), x, x),
    "linear": (y.T @ W @ x, x, x),
}


@pytest.mark.parametrize(("of", "first", "second"), CASES.values(), ids=list(CASES))
def test_agrees_with_differences_of_the_tape(of: Expr, first: Expr, second: Expr) -> None:
    result = mc.hessian(of, first, second)
    assert result.shape == (first.shape[0], second.shape[0])
    data = draw([of, first, second], np.random.default_rng(3))
    truth = tape.hessian(of, first, second, data)
    assert np.abs(value(result, data) - truth).max() <= 1e-9 * max(1.0, np.abs(truth).max())


def test_rows_by_the_first_columns_by_the_second() -> None:
    assert mc.hessian(x.T @ B @ y, x, y) == B
    assert mc.hessian(x.T @ B @ y, y, x) == B.T
    assert repr(mc.hessian(x.T @ A @ x, "x")) == "A + A^T"


def test_what_has_no_hessian() -> None:
    with pytest.raises(ShapeError, match=r"A Hessian is that of a scalar; .* is \(m,\)"):
        mc.hessian(W @ x, x)
    with pytest.raises(NoMatrixFormError, match=r"by the matrix W \(m, n\) has four axes"):
        mc.hessian(C, W)
    with pytest.raises(NoMatrixFormError, match="an unknown map with 3 axes"):
        mc.hessian(mc.sum(mc.function("u", of=x, shape=("m",)) ** 2), x)


def test_by_a_scalar_and_a_vector() -> None:
    a = mc.scalar("a")
    unknown = mc.function("F", of=(a, x), shape=())
    for first, second, shape in ((a, x, (1, 3)), (x, a, (3, 1))):
        data = draw([unknown], np.random.default_rng(0), sizes={"n": 3})
        found = value(mc.hessian(unknown, first, second), data)
        assert found.shape == shape
        assert np.abs(found.ravel() - tape.hessian(unknown, first, second, data).ravel()).max() < 1e-9


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_the_second_derivative_of_a_matrix_by_scalars(layout: str) -> None:
    s, t = mc.scalar("s"), mc.scalar("t")
    first = mc.derive(mc.function("U", of=(s, t), shape=("n", "m")), s, layout="numerator").result
    assert mc.derive(first, t, layout=layout).verify().ok
