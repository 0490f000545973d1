"""Closed forms as people write them, in both layouts and styles; and what has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import NoMatrixFormError
from matcalc.language.expressions import Expr, MatMul, Transpose
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.tape import jacobian
from tests.oracle import close, laid_out_by_definition
from tests.random_expressions import variables

x, y, g, c = mc.vector("x", "n"), mc.vector("y", "m"), mc.vector("g", "m"), mc.scalar("c")
A: Any = mc.matrix("A", "m", "n")
S: Any = mc.matrix("S", "n", "n")
f: Any = mc.function("f")
a, X, b = mc.vector("a", 3), mc.matrix("X", 3, 4), mc.vector("b", 4)
W, V = mc.matrix("W", "m", "n"), mc.matrix("V", "p", "m")
s = mc.vector("s", "m")
z = mc.let("z", W @ x + s)
h = mc.let("h", f(z))
o = mc.let("o", V @ h)
C = mc.let("C", mc.sum(o**2) / 2)
p = mc.softmax(x)

# of, by, numerator, denominator: as printed
CLOSED: dict[str, tuple[Expr, Expr, str, str]] = {
    "bilinear": (a.T @ X @ b, X, "b a^T", "a b^T"),
    "linear": (A @ x, x, "A", "A^T"),
    "inner product": (y.T @ A @ x, x, "y^T A", "A^T y"),
    "least squares": (mc.norm(A @ x - g) ** 2, x, "2 (A x - g)^T A", "2 A^T (A x - g)"),
    "squared norm": (x.T @ x, x, "2 x^T", "2 x"),
    "norm": (mc.norm(x), x, "x^T/norm(x)", "x/norm(x)"),
    "trace": (mc.trace(A @ W.T), A, "W^T", "W"),
    "log determinant": (mc.logdet(S), S, "S^-1", "(S^-1)^T"),
    "determinant": (mc.det(S), S, "det(S) S^-1", "det(S) (S^-1)^T"),
    "trace of an inverse": (mc.trace(mc.inv(S)), S, "-S^-1 S^-1", "-(S^-1 S^-1)^T"),
    "sum": (mc.sum(x), x, "1_{1 x n}", "1_n"),
    "softmax": (p, x, "diag(softmax(x)) - softmax(x) softmax(x)^T", "diag(softmax(x)) - softmax(x) softmax(x)^T"),
    "function": (f(x), x, "diag(f'(x))", "diag(f'(x))"),
    "vector by scalar": (c**2 * x, c, "2 c x", "2 c x^T"),
    "matrix by scalar": (c * A, c, "A", "A^T"),
    "itself": (z, z, "I_m", "I_m"),
}


@pytest.mark.parametrize(("of", "by", "numerator", "denominator"), CLOSED.values(), ids=CLOSED.keys())
def test_the_closed_form_is_the_one_people_write(of: Expr, by: Expr, numerator: str, denominator: str) -> None:
    found = [mc.derive(of, by, layout=layout) for layout in ("numerator", "denominator")]
    assert [repr(d.result) for d in found] == [numerator, denominator]
    assert all(d.verify().ok for d in found)


@pytest.mark.parametrize(
    ("layout", "wanted"),
    [("numerator", {x.T @ (S + S.T), x.T @ (S.T + S)}), ("denominator", {(S + S.T) @ x, (S.T + S) @ x})],
    ids=["numerator", "denominator"],
)
def test_a_quadratic_form_takes_the_vector_out(layout: str, wanted: set[Expr]) -> None:
    assert mc.derive(x.T @ S @ x, x, layout=layout).result in wanted


def test_the_bilinear_form_is_an_outer_product_with_the_factors_in_the_order_of_the_layout() -> None:
    denominator, numerator = (mc.derive(a.T @ X @ b, X, layout=layout).result for layout in ("denominator", "numerator"))
    assert denominator == a @ b.T
    assert numerator == b @ a.T
    assert isinstance(denominator, MatMul)
    assert (denominator.shape, numerator.shape) == ((3, 4), (4, 3))


@pytest.mark.parametrize(
    ("layout", "style", "text"),
    [
        ("denominator", "hadamard", "f'(z) ⊙ V^T o"),
        ("denominator", "diag", "diag(f'(z)) V^T o"),
        ("numerator", "hadamard", "(f'(z) ⊙ V^T o)^T"),
        ("numerator", "diag", "o^T V diag(f'(z))"),
    ],
)
def test_delta_in_both_styles(layout: str, style: str, text: str) -> None:
    assert repr(mc.derive(C, z, layout=layout, style=style).result) == text
    assert mc.derive(C, z, layout=layout, style=style).verify().ok


@pytest.mark.parametrize(("style", "text"), [("hadamard", "W^T (f'(z) ⊙ V^T o)"), ("diag", "W^T diag(f'(z)) V^T o")])
def test_backpropagation_through_a_layer_in_both_styles(style: str, text: str) -> None:
    assert repr(mc.derive(C, x, layout="denominator", style=style).result) == text


# ---- no matrix form --------------------------------------------------------------------------------------------------


def bridge() -> tuple[Expr, Expr]:
    """((A (C ⊙ D diag(x) E^T)) ⊙ B) 1: the five matrices make a bridge between the output index and the input index."""
    one, two = mc.matrix("A", "m", "p"), mc.matrix("B", "m", "q")
    three, four, five = mc.matrix("G", "p", "q"), mc.matrix("D", "p", "n"), mc.matrix("E", "q", "n")
    return ((one @ (three * (four @ mc.diag(x) @ five.T))) * two) @ mc.ones("q"), x


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_a_bridge_has_no_matrix_form_and_says_why(layout: str) -> None:
    of, by = bridge()
    d = mc.derive(of, by, layout=layout)
    reason = r"a summed index of size [pq] joins 3 factors \(.*\).*neither ⊙, diag nor a trace.*\.tensor"
    with pytest.raises(NoMatrixFormError, match=reason):
        _ = d.result
    report = d.verify()
    assert report.ok
    assert "(array)" in report.what
    data = draw([of], np.random.default_rng(0))
    close(d.tensor.evaluate(data.values), jacobian(of, by, data))


def test_a_scalar_made_of_the_bridge_has_a_matrix_form() -> None:
    of, by = bridge()
    for layout in ("numerator", "denominator"):
        assert mc.derive(mc.sum(of), by, layout=layout).verify().ok
        assert mc.derive(mc.norm(of), by, layout=layout).result.shape == ((1, mc.dims("n")) if layout == "numerator" else (mc.dims("n"),))


def test_the_derivative_of_a_map_with_three_axes_stands_in_no_string() -> None:
    U = mc.function("U", of=x, shape=("m", "p"))
    with pytest.raises(NoMatrixFormError, match="a derivative of an unknown map with 3 axes stands in it"):
        _ = mc.derive(mc.sum(f(U)), x, layout="numerator").result


# ---- details of writing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(
    "of",
    [
        c / (1 + c**2), 1 / mc.norm(x), mc.sum(x) / c**2, (c + c) / (2 + c * c), mc.dims("n") / c,
        mc.sum(mc.softmax(mc.vec(A)) * mc.vec(W)), mc.norm(A @ S), mc.norm(mc.diag(A @ A.T)), mc.sum(mc.softmax(A, axis="columns") * W),
        mc.logdet(2 * mc.identity("n") + A.T @ A), mc.trace(mc.diag(x) @ S) ** 2, mc.sum(S) * mc.trace(S), mc.sum(x / (S @ x)),
        mc.sum(mc.sqrt(1 + A * A)), mc.sum(mc.kron(A, S)), mc.det(mc.inv(S)), x.T @ mc.inv(S) @ x, mc.sum((A - W) ** 3),
    ],
    ids=repr,
)  # fmt: skip
def test_a_scalar_has_a_matrix_form_by_everything_in_it(of: Expr, layout: str) -> None:
    data = draw([of], np.random.default_rng(7))
    for by in variables(of):
        for style in ("hadamard", "diag"):
            d = mc.derive(of, by, layout=layout, style=style)
            close(value(d.result, data), laid_out_by_definition(jacobian(of, by, data), (), by.shape, layout))


def test_a_sum_keeps_its_transpose_and_symbols_take_theirs() -> None:
    result = mc.derive(mc.sum((A @ x + y) ** 2), x, layout="numerator").result
    assert repr(result) == "2 (A x + y)^T A"
    inner = mc.derive((S @ x).T @ x, x, layout="numerator").result
    assert not isinstance(inner, Transpose)
