"""Second derivatives against central differences of a reverse sweep, and as they are written."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import LayoutError, NoMatrixFormError, ShapeError
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
X, Y, V = mc.matrix("X", "n", "q"), mc.matrix("Y", "m", "q"), mc.matrix("V", "q", "m")
w, r, s, t = mc.vector("w", "q"), mc.row("r", "n"), mc.scalar("s"), mc.scalar("t")
U = mc.function("U", of=(s, t), shape=("n", "n"))

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
    with pytest.raises(ShapeError, match=r"A Hessian is that of a scalar; .* is \(m,\)\. .* Take second_derivative"):
        mc.hessian(W @ x, x)
    with pytest.raises(NoMatrixFormError, match="an unknown map with 3 axes"):
        mc.hessian(mc.sum(mc.function("u", of=x, shape=("m",)) ** 2), x)
    with pytest.raises(NoMatrixFormError, match=r"a bracket with 4 axes stands in it.*take \.tensor"):
        mc.hessian(mc.sum(f(mc.softmax(W @ X, axis="rows"))), X)
    with pytest.raises(NoMatrixFormError, match=r"d\^2 f\(W X\)/\(dX dW\) has 6 axes"):
        assert mc.second_derivative(f(W @ X), X, W).result
    with pytest.raises(LayoutError, match="is an array: layout='numerator' keeps its shape"):
        mc.hessian(s * t * W, s, t)
    with pytest.raises(LayoutError, match="'mixed' is not a layout"):
        mc.hessian(s * t * W, s, t, layout="mixed")


# ---- by matrices, of arrays, and by several kinds of variables -------------------------------------------------------

BY_VEC = {
    "elementwise of a product": (mc.sum(f(W @ X)), X, X, "(I_q ⊗ W^T) diag(vec(f''(W X))) (I_q ⊗ W)"),
    "least squares": (mc.norm(W @ X - Y) ** 2 / 2, X, X, "I_q ⊗ W^T W"),
    "square": (mc.trace(A @ A), A, A, "2 K_{n,n}"),
    "log-determinant": (mc.logdet(A), A, A, "-(A^-1 ⊗ (A^-1)^T) K_{n,n}"),
    "determinant": (mc.det(A), A, A, "det(A) (vec((A^-1)^T) vec((A^-1)^T)^T - (A^-1 ⊗ (A^-1)^T) K_{n,n})"),
    "cubes": (mc.sum(X**3), X, X, "6 diag(vec(X))"),
    "norm": (mc.norm(X), X, X, "I_{n*q}/norm(X) - (vec(X) vec(X)^T)/norm(X)^3"),
    "layer": (mc.sum(f(W @ X @ w)), X, X, "w w^T ⊗ W^T diag(f''(W X w)) W"),
    "matrix and vector": (x.T @ X @ w, X, w, "I_q ⊗ x"),
    "vector and matrix": (x.T @ X @ w, w, X, "I_q ⊗ x^T"),
    "two matrices": (mc.trace(W @ X @ V), X, V, "(I_q ⊗ W^T) K_{q,m}"),
    "matrix and scalar": (t * mc.sum(X**3), X, t, "3 vec(X^2)"),
    "scalar and matrix": (t * mc.sum(X**3), t, X, "3 vec(X^2)^T"),
    "a row": ((r @ x) ** 2, r, x, "2 x r + 2 (r x) I_n"),
    "other": (x.T @ X @ w, s, V, "0_{1 x m*q}"),
}


@pytest.mark.parametrize(("of", "first", "second", "text"), BY_VEC.values(), ids=list(BY_VEC))
def test_by_vec(of: Expr, first: Expr, second: Expr, text: str) -> None:
    found = mc.second_derivative(of, first, second)
    assert repr(mc.hessian(of, first, second)) == repr(found.result) == text
    assert found.result.shape == found.shape
    assert found.verify().ok
    assert found.steps[-1].after == found.result
    assert all(step.verify() for step in found.steps)
    assert found.latex().endswith(f"= {found.result.latex()}")


ARRAYS = {
    "inverse": (mc.inv(U), s, t), "row by scalars": (s**2 * t * r, s, t), "vector by vector and scalar": (t**2 * f(W @ x), x, t),
    "vector by scalar and vector": (t**2 * f(W @ x), t, x),
}  # fmt: skip


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(("of", "first", "second"), ARRAYS.values(), ids=list(ARRAYS))
def test_of_an_array(of: Expr, first: Expr, second: Expr, layout: str) -> None:
    found = mc.second_derivative(of, first, second, layout=layout)
    assert found.result.shape == found.shape
    assert found.verify().ok
    assert all(step.verify() for step in found.steps)
    data = draw([of, first, second], np.random.default_rng(5))
    truth = tape.hessian(of, first, second, data)
    tensor = found.tensor.evaluate(data.values, sizes=data.sizes, functions=data.functions)
    assert tensor.shape == truth.shape
    assert np.abs(tensor - truth).max() <= 1e-9 * max(1.0, np.abs(truth).max())


TENSORS = {
    "vector by a vector": (f(W @ x), x, x), "vector by a matrix": (f(W @ x), W, x), "matrix by matrices": (W @ X, W, X),
    "scalar without a matrix": (mc.sum(f(mc.softmax(W @ X, axis="rows"))), X, X),
    "unknown scalar of a matrix": (mc.function("F", of=(X, y), shape=()), X, y),
}  # fmt: skip


@pytest.mark.parametrize(("of", "first", "second"), TENSORS.values(), ids=list(TENSORS))
def test_the_tensor_has_the_axes_of_output_first_and_second_variable(of: Expr, first: Expr, second: Expr) -> None:
    found = mc.second_derivative(of, first, second)
    data = draw([of, first, second], np.random.default_rng(5))
    truth = tape.hessian(of, first, second, data)
    tensor = found.tensor.evaluate(data.values, sizes=data.sizes, functions=data.functions)
    assert tensor.shape == truth.shape == tuple(data.extent(size) for size in found.tensor.shape)
    assert np.abs(tensor - truth).max() <= 1e-9 * max(1.0, np.abs(truth).max())
    assert found.verify().ok
    assert found.latex().endswith(f"= {found.tensor.latex()}")


def test_the_notation_of_a_second_derivative() -> None:
    cost = mc.second_derivative(C, x)
    assert repr(cost) == "d^2 C/dx^2"
    assert cost.name.latex() == r"\frac{\partial^2 C}{\partial \mathbf{x} \, \partial \mathbf{x}^\top}".replace(r" \,", "")
    by_matrix = mc.second_derivative(mc.let("D", mc.sum(X**3)), X).name.latex()
    assert by_matrix == r"\frac{\partial^2 D}{\partial \operatorname{vec}(\mathbf{X}) \partial \operatorname{vec}(\mathbf{X})^\top}"
    assert repr(mc.second_derivative(s * t * W, s, t, layout="denominator")) == "d^2 (s t W)/(ds dt) in denominator layout"


@pytest.mark.parametrize("planted", ["factor", "transpose", "index"])
def test_a_wrong_second_derivative_is_found(planted: str) -> None:
    found = mc.second_derivative(x.T @ B @ mc.tanh(y), x, y)
    right = found.result
    found.__dict__["result"] = {"factor": 2 * right, "transpose": right.T, "index": right}[planted]
    if planted == "index":
        found.__dict__["_form"] = mc.second_derivative(2 * x.T @ B @ mc.tanh(y), x, y)._form
    report = found.verify()
    assert not report.ok
    failed = {check.oracle for check in report.checks if check.error is not None and not check.passed}
    assert failed >= ({"again: index"} if planted == "index" else {"twice", "again: backprop"})


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
