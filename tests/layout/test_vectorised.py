"""Derivatives by vec: Kronecker products, commutation matrices, and rows and columns peeled off as diag(vec .)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import NoMatrixFormError
from matcalc.language.expressions import Expr
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.tape import jacobian
from tests.oracle import close, vec_by_definition

A, B, G = mc.matrix("A", "p", "m"), mc.matrix("B", "n", "q"), mc.matrix("G", "m", "n")
X: Any = mc.matrix("X", "m", "n")
S: Any = mc.matrix("S", "k", "k")
x = mc.vector("x", "n")
f: Any = mc.function("f")

FORMS: dict[str, tuple[Expr, Expr, str]] = {
    "A X B": (A @ X @ B, X, "B^T ⊗ A"),
    "X": (X, X, "I_{m*n}"),
    "X^T": (X.T, X, "K_{m,n}"),
    "X x": (X @ x, X, "x^T ⊗ I_m"),
    "f(X)": (f(X), X, "diag(vec(f'(X)))"),
    "G ⊙ X": (G * X, X, "diag(vec(G))"),
    "inverse": (mc.inv(S), S, "-(S^-1)^T ⊗ S^-1"),
    "trace times matrix": (mc.trace(S) * G, S, "vec(G) vec(I_k)^T"),
}


@pytest.mark.parametrize(("of", "by", "text"), FORMS.values(), ids=FORMS.keys())
def test_the_derivative_by_vec_is_the_one_of_the_tables(of: Expr, by: Expr, text: str) -> None:
    data = draw([of], np.random.default_rng(2))
    assert repr(mc.derive(of, by, layout="numerator").vec_form) == text
    for layout in ("numerator", "denominator"):
        d = mc.derive(of, by, layout=layout)
        assert d.vec_form.shape == d.vec_shape
        close(value(d.vec_form, data), vec_by_definition(jacobian(of, by, data), of.shape, by.shape, layout))


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(
    "of",
    [
        f(A @ X @ B), A @ f(X), f(X) @ B, mc.softmax(X, axis="rows"), mc.softmax(X, axis="columns"), X @ X.T, X.T @ X,
        mc.diag(X @ X.T), mc.vec(A @ X), mc.kron(x, X @ x), (X @ x) @ x.T, mc.sum(X) * X, X / mc.norm(X),
    ],
    ids=repr,
)  # fmt: skip
def test_the_derivative_by_vec_agrees_with_reverse_mode(of: Expr, layout: str) -> None:
    data = draw([of], np.random.default_rng(3))
    d = mc.derive(of, X, layout=layout)
    close(value(d.vec_form, data), vec_by_definition(jacobian(of, X, data), of.shape, X.shape, layout))


P, Q, R = mc.matrix("P", "h", "p"), mc.matrix("Q", "q", "r"), mc.matrix("R", "r", "n")
THROUGH_A_MATRIX: dict[str, tuple[Expr, Expr, str]] = {
    "outside and inside": (P @ f(A @ X @ B) @ Q, X, "(Q^T ⊗ P) diag(vec(f'(A X B))) (B^T ⊗ A)"),
    "beside rows": (f(A @ X) @ B, X, "(B^T ⊗ I_p) diag(vec(f'(A X))) (I_n ⊗ A)"),
    "two layers": (f(P @ f(A @ X)), X, "diag(vec(f'(P f(A X)))) (I_n ⊗ P) diag(vec(f'(A X))) (I_n ⊗ A)"),
    "transposed": (f(A @ X).T @ P.T, X, "(P ⊗ I_n) K_{p,n} diag(vec(f'(A X))) (I_n ⊗ A)"),
    "scalars in front": (mc.norm(x) ** 2 * f(A @ X) @ B / 3, X, "(1/3) norm(x)^2 (B^T ⊗ I_p) diag(vec(f'(A X))) (I_n ⊗ A)"),
    "diagonal between": (G @ mc.diag(x) @ B, x, "(B^T ⊗ I_m) diag(vec(G)) (I_n ⊗ 1_m)"),
    "diagonal alone": (mc.diag(x), x, "diag(vec(I_n)) (1_n ⊗ I_n)"),
    "diagonal of a product": (mc.diag(X @ x), X, "diag(vec(I_m)) (1_m x^T ⊗ I_m)"),
}


@pytest.mark.parametrize(("of", "by", "text"), THROUGH_A_MATRIX.values(), ids=THROUGH_A_MATRIX.keys())
def test_what_narrows_to_a_matrix_is_cut_there(of: Expr, by: Expr, text: str) -> None:
    data = draw([of], np.random.default_rng(7))
    assert repr(mc.derive(of, by, layout="numerator").vec_form) == text
    for layout in ("numerator", "denominator"):
        d = mc.derive(of, by, layout=layout)
        close(value(d.vec_form, data), vec_by_definition(jacobian(of, by, data), of.shape, by.shape, layout))
        assert d.verify().ok


def test_several_paths_through_matrices() -> None:
    of = mc.softmax(A @ X, axis="rows") @ B
    data = draw([of], np.random.default_rng(8))
    for layout in ("numerator", "denominator"):
        found = mc.derive(of, X, layout=layout).vec_form
        close(value(found, data), vec_by_definition(jacobian(of, X, data), of.shape, X.shape, layout))


def test_four_indices_tied_together_have_no_form_by_vec_and_the_tensor_stands() -> None:
    d = mc.derive(mc.diag(mc.diag(S)), S, layout="numerator")
    with pytest.raises(NoMatrixFormError, match=r"2 row and 2 column indices are tied together here.*take \.tensor"):
        _ = d.vec_form
    assert d.verify().ok


def test_with_a_name_inside_the_chain_rule_by_vec_writes_what_one_form_does_not() -> None:
    inner = mc.let("Y", A @ X)
    of = mc.let("Z", mc.let("H", f(inner)) @ B)
    data = draw([of], np.random.default_rng(4))
    for layout in ("numerator", "denominator"):
        (product,) = mc.derive(of, X, layout=layout).products("jacobian")
        close(value(product.expression, data), vec_by_definition(jacobian(of, X, data), of.shape, X.shape, layout))


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_the_rows_of_a_kronecker_product_are_sorted(layout: str) -> None:
    first, second, column = mc.matrix("F", "p", "q"), mc.matrix("G", "m", "n"), mc.vector("v", "m")
    square = mc.matrix("S", "n", "n")
    for of, by in (
        (mc.kron(first, second), second), (mc.kron(first, second), first), (mc.kron(column, first), column),
        (mc.kron(first, column.T), column), (mc.kron(square, square), square), (mc.trace(square) * mc.kron(first, square), square),
    ):  # fmt: skip
        report = mc.derive(of, by, layout=layout).verify()
        assert report.ok and [check.oracle for check in report.checks] == ["backprop", "difference", "exact", "by vec"]
