"""Derivatives by the free entries of a matrix: against differences in the free parameters, and as the books print them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import MatcalcError, UnsupportedError
from matcalc.language.expressions import Expr
from matcalc.numeric.data import Array, Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.structured import STRUCTURES, Structure
from tests.oracle import close

A, B, X = mc.matrix("A", "n", "n"), mc.matrix("B", "m", "n"), mc.matrix("X", "n", "n")
a, b = mc.vector("a", "n"), mc.vector("b", "n")
f = mc.function("f")
z = mc.let("z", f(X @ a))
LAYOUTS = ("numerator", "denominator")

# what stands in the Matrix Cookbook, section 2.8, and like it
PRINTED = {
    "(142)": (mc.trace(A @ X), "diagonal", "A ⊙ I_n"),
    "(138)": (mc.trace(A @ X), "symmetric", "A + A^T - A ⊙ I_n"),
    "(140)": (mc.det(X), "symmetric", "2 det(X) X^-1 - det(X) X^-1 ⊙ I_n"),
    "(141)": (mc.logdet(X), "symmetric", "2 X^-1 - X^-1 ⊙ I_n"),
    "form": (a.T @ X @ b, "symmetric", "a b^T + b a^T - a b^T ⊙ I_n"),
    "symmetric already": (a.T @ X @ a, "symmetric", "2 a a^T - a a^T ⊙ I_n"),
    "square": (mc.trace(X @ X), "symmetric", "4 X - 2 X ⊙ I_n"),
    "inverse": (mc.trace(mc.inv(X)), "symmetric", "-2 X^-1 X^-1 + X^-1 X^-1 ⊙ I_n"),
    "diagonal of a function": (mc.sum(f(X)), "diagonal", "f'(X) ⊙ I_n"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("of", "structured", "text"), PRINTED.values(), ids=list(PRINTED))
def test_as_it_is_printed_the_same_in_both_layouts(of: Expr, structured: str, text: str, layout: str) -> None:
    found = mc.derive(of, X, layout=layout, structured=structured)
    assert repr(found.result) == text
    assert found.verify().ok


def test_skew_symmetric_depends_on_the_layout() -> None:
    found = [mc.derive(a.T @ X @ b, X, layout=layout, structured="skew-symmetric") for layout in LAYOUTS]
    assert [repr(each.result) for each in found] == ["b a^T - a b^T", "a b^T - b a^T"]
    assert all(each.verify().ok for each in found)
    assert repr(mc.derive(a.T @ X @ a, X, layout="numerator", structured="skew-symmetric").result) == "0_{n x n}"


# ---- against differences, one free parameter at a time ---------------------------------------------------------------

SCALARS = {
    "trace": mc.trace(A @ X), "network": mc.sum(z**2), "quadratic": mc.trace(B @ X @ X.T @ B.T), "function": mc.sum(mc.tanh(X) * A),
    "form": a.T @ X @ b, "nothing": a.T @ b,
}  # fmt: skip


def places(structure: str, i: int, j: int) -> list[tuple[int, int, float]]:
    """Where the parameter that sits at (i, j) stands, and with which sign."""
    if structure == "diagonal":
        return [(i, j, 1.0)] if i == j else []
    if structure == "symmetric":
        return [(i, j, 1.0)] if i == j else [(i, j, 1.0), (j, i, 1.0)]
    if structure == "skew-symmetric":
        return [] if i == j else [(i, j, 1.0), (j, i, -1.0)]
    places = product(range(5), range(5))
    if structure == "toeplitz":
        return [(k, q, 1.0) for k, q in places if k - q == i - j]
    return [(k, q, 1.0) for k, q in places if abs(k - q) == abs(i - j)]


def along(array: Array) -> Array:
    """The mean along every diagonal, at its entries."""
    return np.array([[np.diagonal(array, j - i).mean() for j in range(len(array))] for i in range(len(array))])


def structured_matrix(array: Array, structure: str) -> Array:
    return {
        "diagonal": np.diag(np.diag(array)), "symmetric": (array + array.T) / 2, "skew-symmetric": (array - array.T) / 2,
        "toeplitz": along(array), "symmetric toeplitz": along(array + array.T),
    }[structure]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("name", "structure"), [*product(SCALARS, Structure)], ids=lambda part: str(part))
def test_agrees_with_differences_in_the_free_parameters(name: str, structure: Structure, layout: str) -> None:
    of = SCALARS[name]
    drawn = draw([of, X], np.random.default_rng(4), sizes={"n": 5})
    at = structured_matrix(drawn.values["X"], structure.value)

    def moved(i: int, j: int, step: float) -> float:
        array = at.copy()
        for k, q, sign in places(structure.value, i, j):
            array[k, q] += sign * step
        return float(value(of, Data({**drawn.values, "X": array}, drawn.sizes, drawn.functions))[0, 0])

    h = 1e-5
    truth = np.array([[(moved(i, j, h) - moved(i, j, -h)) / (2 * h) for j in range(5)] for i in range(5)])
    found = mc.derive(of, X, layout=layout, structured=structure.value)
    at_point = Data({**drawn.values, "X": at}, drawn.sizes, drawn.functions)
    close(value(found.result, at_point), truth if layout == "denominator" else truth.T, 1e-7)
    close(found.index_form.evaluate(at_point.values, sizes=drawn.sizes, functions=drawn.functions), truth, 1e-7)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("structure", Structure)
@pytest.mark.parametrize("of", [X @ a, f(X) @ b, B @ X @ X], ids=["vector", "function", "matrix"])
def test_of_an_array_by_its_tensor_and_by_vec(of: Expr, structure: Structure, layout: str) -> None:
    found = mc.derive(of, X, layout=layout, structured=structure.value)
    report = found.verify()
    assert report.ok
    assert ("by vec" in [check.oracle for check in report.checks]) is not STRUCTURES[structure].along_diagonals


def test_by_vec_of_a_symmetric_matrix() -> None:
    found = mc.derive(B @ X @ a, X, layout="numerator", structured="symmetric")
    assert repr(found.vec_form) == "(a^T ⊗ B) (I_{n*n} + K_{n,n} - diag(vec(I_n)))"


# ---- steps, names, faults --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", [mc.trace(A @ X), mc.let("C", mc.sum(z * b)), X @ b], ids=["scalar", "chain", "vector"])
def test_every_step_holds_by_itself_and_the_last_tells_the_rule(of: Expr) -> None:
    found = mc.derive(of, X, layout="denominator", structured="symmetric")
    assert all(step.verify() for step in found.steps)
    last = found.steps[-1]
    assert "the parameter at (i, j) stands at (j, i) too" in last.rule and "Matrix Cookbook" in last.source
    assert last.statement == STRUCTURES[Structure.SYMMETRIC].statement
    assert repr(last.before).endswith("/dX_free")


def test_the_name_tells_the_structure() -> None:
    found = mc.derive(mc.trace(A @ X), X, layout="numerator", structured="diagonal")
    assert repr(found) == "dtr(A X)/dX in numerator layout, X diagonal"
    assert found.latex().endswith(r"\right|_{\text{diagonal}} = \mathbf{A} \odot \mathbf{I}_n")


TOEPLITZ = {
    "(143)": (mc.trace(A @ X), "toeplitz", "diagsums(A)", "diagsums(A^T)"),
    "(144)": (mc.trace(A @ X), "symmetric toeplitz", "diagsums(A + A^T) - tr(A) I_n", "diagsums(A + A^T) - tr(A) I_n"),
    "log-determinant": (mc.logdet(X), "symmetric toeplitz", "2 diagsums(X^-1) - tr(X^-1) I_n", "2 diagsums(X^-1) - tr(X^-1) I_n"),
    "a number in front": (-3 * mc.sum(f(X)), "toeplitz", "-3 diagsums(f'(X)^T)", "-3 diagsums(f'(X))"),
}


@pytest.mark.parametrize(("of", "structured", "numerator", "denominator"), TOEPLITZ.values(), ids=list(TOEPLITZ))
def test_toeplitz_matrices(of: Expr, structured: str, numerator: str, denominator: str) -> None:
    for layout, text in zip(LAYOUTS, (numerator, denominator), strict=True):
        found = mc.derive(of, X, layout=layout, structured=structured)
        assert repr(found.result) == text
        assert found.verify(sizes={"n": 5}).ok
        assert all(step.verify() for step in found.steps)
        assert mc.parse(found.result.latex(), shapes={"A": "n n", "X": "n n"}, functions={"f": "elementwise"}) is not None


def test_diagonal_sums_are_derived_and_read_back() -> None:
    D, v = mc.diagonal_sums(B), mc.vector("v", "n")
    for of in (mc.sum(f(D)), mc.norm(D @ v), mc.sum(mc.diagonal_sums(B @ mc.diag(v)))):
        assert all(mc.derive(of, B, layout=layout).verify().ok for layout in LAYOUTS)
    assert mc.parse(D.latex(), shapes={"B": "m n"}) == D
    assert mc.derive(D, B, layout="numerator").verify().ok


def test_a_wrong_answer_is_found() -> None:
    found = mc.derive(mc.trace(A @ X), X, layout="numerator", structured="symmetric")
    found.__dict__["result"] = A + A.T
    report = found.verify()
    assert not report.ok
    assert {check.oracle for check in report.checks if not check.passed} >= {"backprop", "difference", "exact"}


def test_entries_are_independent_where_no_structure_is_asked_for() -> None:
    assert repr(mc.derive(mc.trace(A @ X), X, layout="numerator", assume=["X symmetric"]).result) == "A"


def test_what_has_no_such_structure() -> None:
    with pytest.raises(UnsupportedError, match=r"structured='symetric': .* Did you mean symmetric"):
        mc.derive(mc.trace(A @ X), X, layout="numerator", structured="symetric")
    with pytest.raises(MatcalcError, match=r"a is \(n,\); structured='diagonal' is for a square matrix"):
        mc.derive(a.T @ b, a, layout="numerator", structured="diagonal")
    with pytest.raises(MatcalcError, match=r"B is \(m, n\); structured='symmetric' is for a square matrix"):
        mc.derive(mc.sum(B), B, layout="numerator", structured="symmetric")


def test_sums_along_diagonals_of_a_diagonal_by_free_entries() -> None:
    """An index that stands twice in what is summed along diagonals is no place to cut the derivative by vec."""
    of = mc.trace(mc.tanh(mc.diagonal_sums(mc.matrix("A", "n", "n") * mc.identity("n"))))
    assert mc.derive(of, "A", layout="numerator", structured="skew-symmetric").verify().ok
