"""Values of written derivatives: by entries and by vec, in sums, and of other derivatives, against closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from matcalc.errors import EvaluationError
from matcalc.language import building as mc
from matcalc.language.expressions import Derivative, Expr, Let
from matcalc.language.matrix_operations import entry, index, indexed_sum, written_derivative
from matcalc.language.sizes import dims
from matcalc.numeric import derivative_values, evaluation
from matcalc.numeric.evaluation import evaluate
from matcalc.numeric.layouts import laid_out

rng = np.random.default_rng(7)
M, P, V, Y, R, C, D = (
    rng.normal(size=(5, 3)), rng.normal(size=(2, 5)), rng.normal(size=(3, 1)), rng.normal(size=(5, 1)), rng.normal(size=(1, 3)), 1.3, 0.7,
)  # fmt: skip
DATA = {"W": M, "A": P, "x": V, "y": Y, "r": R, "c": C, "d": D}
W, A, x, y, r = mc.matrix("W", "m", "n"), mc.matrix("A", "p", "m"), mc.vector("x", "n"), mc.vector("y", "m"), mc.row("r", "n")
c, d = mc.scalar("c"), mc.scalar("d")
i, j, k = index("i", "n"), index("j", "m"), index("k")
tanh = mc.known_elementwise("tanh")
FUNCTIONS = {"f": (np.tanh, lambda t: 1 - np.tanh(t) ** 2, lambda t: -2 * np.tanh(t) * (1 - np.tanh(t) ** 2))}
z = mc.let("z", W @ x)
cost = mc.sum(tanh(z) * y)
SLOPE = (1 - np.tanh(M @ V) ** 2) * Y
BEND = np.diag((-2 * np.tanh(M @ V) * (1 - np.tanh(M @ V) ** 2) * Y)[:, 0])


def by(of: Expr, *variables: Expr, layout: str = "numerator") -> Expr:
    """The derivative by one variable after the other; by scalars alone it has no layout to tell."""
    for variable in variables:
        of = written_derivative(of, variable, layout)
    return of


def value(expr: Expr) -> Any:
    return evaluate(expr, DATA, functions=FUNCTIONS)


FIRST: dict[str, tuple[Expr, Callable[[], Any]]] = {
    "scalar by an entry of a column": (by(cost, entry(x, 2)), lambda: (M.T @ SLOPE)[1:2]),
    "scalar by an entry of a row": (by(r @ x, entry(r, 3)), lambda: V[2:]),
    "scalar by an entry of a matrix": (by(cost, entry(W, 4, 2)), lambda: (SLOPE @ V.T)[3:4, 1:2]),
    "scalar by an entry of a let": (by(cost, entry(z, 5)), lambda: SLOPE[4:]),
    "column by an entry of a matrix": (by(W @ x, entry(W, 4, 2)), lambda: V[1, 0] * np.eye(5)[:, 3:4]),
    "matrix by an entry of a column": (by(x @ r, entry(x, 1)), lambda: np.eye(3)[:, :1] @ R),
    "entry by a column": (by(entry(W @ x, 2), x), lambda: M[1:2]),
    "entry by a matrix": (by(entry(W @ x, 2), W), lambda: V @ np.eye(5)[1:2]),
    "entry by an entry": (by(entry(A @ W, 2, 3), entry(W, 4, 3)), lambda: P[1:2, 3:4]),
    "entry by another entry": (by(entry(W @ x, 2), entry(W, 1, 3)), lambda: [[0.0]]),
    "scalar by vec": (by(cost, mc.vec(W)), lambda: (SLOPE @ V.T).T.reshape(1, -1)),
    "scalar by vec of a column": (by(cost, mc.vec(x)), lambda: SLOPE.T @ M),
    "vec by vec": (by(mc.vec(A @ W), mc.vec(W)), lambda: np.kron(np.eye(3), P)),
    "vec by vec of another": (by(mc.vec(A @ W), mc.vec(A)), lambda: np.kron(M.T, np.eye(2))),
    "column by vec": (by(W @ x, mc.vec(W)), lambda: np.kron(V.T, np.eye(5))),
    "vec of a transpose by vec": (by(mc.vec(W.T), mc.vec(W)), lambda: evaluate(mc.commutation("m", "n"), sizes={"m": 5, "n": 3})),
    "vec by a scalar": (by(mc.vec(c * W), c), lambda: M.T.reshape(-1, 1)),
    "scalar by what does not occur": (by(c**2, entry(x, 1)), lambda: [[0.0]]),
}


@pytest.mark.parametrize("name", FIRST)
def test_a_derivative_by_a_part_of_a_variable(name: str) -> None:
    written, wanted = FIRST[name]
    assert isinstance(written, Derivative)
    np.testing.assert_allclose(value(written), wanted(), rtol=1e-12, atol=1e-14)
    turned = written_derivative(written.of, written.by, "denominator")
    np.testing.assert_allclose(value(turned), np.array(wanted()).T, rtol=1e-12, atol=1e-14)


SECOND: dict[str, tuple[Expr, Callable[[], Any]]] = {
    "Hessian by a column": (by(by(cost, x, layout="denominator"), x), lambda: M.T @ BEND @ M),
    "Hessian by two columns": (by(by(cost, x, layout="denominator"), y), lambda: M.T @ np.diag((1 - np.tanh(M @ V) ** 2)[:, 0])),
    "Hessian of an unknown function": (by(by(mc.sum(mc.function("f")(W @ x) * y), x, layout="denominator"), x), lambda: M.T @ BEND @ M),
    "by a let": (by(by(cost, z, layout="denominator"), z), lambda: BEND),
    "by a column and a let": (by(by(cost, x, layout="denominator"), z), lambda: M.T @ BEND),
    "mixed scalars": (by(c**3 * d**2, c, d), lambda: [[6 * C**2 * D]]),
    "twice by a scalar": (by(c**3 * d**2, c, c), lambda: [[6 * C * D**2]]),
    "by two entries": (by(cost, entry(x, 1), entry(x, 3)), lambda: (M.T @ BEND @ M)[:1, 2:]),
    "by a scalar and a column": (by(c**2 * cost, c, x), lambda: 2 * C * SLOPE.T @ M),
    "inside an expression": (by(mc.sum(by(cost, x) ** 2) * c, x), lambda: 2 * C * SLOPE.T @ M @ M.T @ BEND @ M),
    "of a real function": (by(by(mc.sum(mc.function("g")(x)), x, layout="denominator"), x), lambda: np.diag(6 * V[:, 0])),
}


@pytest.mark.parametrize("name", SECOND)
def test_a_second_derivative(name: str) -> None:
    written, wanted = SECOND[name]
    real = {"g": (lambda t: float_only(t) ** 3, lambda t: 3 * float_only(t) ** 2)}
    np.testing.assert_allclose(evaluate(written, DATA, functions={**FUNCTIONS, **real}), wanted(), rtol=1e-8, atol=1e-10)


def float_only(array: Any) -> Any:
    if np.iscomplexobj(array):
        raise TypeError("real numbers only")
    return array


THIRD: dict[str, tuple[Expr, float]] = {
    "three scalars": (by(c**3 * d**2, c, d, c), 12 * C * D),
    "four scalars": (by(c**3 * d**2, c, d, c, d), 12 * C),
    "what stands beside is not kept": (by(by(c**2 * d**3, c, c) * c**2, d), 6 * C**2 * D**2),
    "what stands beside is not kept, by it": (by(by(c**2 * d**3, d) * c**2, c), 12 * C**3 * D**2),
}


@pytest.mark.parametrize("name", THIRD)
def test_higher_derivatives_of_scalars(name: str) -> None:
    written, wanted = THIRD[name]
    np.testing.assert_allclose(value(written), [[wanted]], rtol=1e-7)


def test_a_third_derivative_by_a_let_and_by_what_it_rests_on_is_refused() -> None:
    t = mc.let("t", c**2)
    with pytest.raises(EvaluationError, match="depends on c through t, which is varied by itself here"):
        value(by(t**3 * d, c, c, t))


SUMS: dict[str, tuple[Expr, Callable[[], Any]]] = {
    "over entries of a column": (indexed_sum(i, by(cost, entry(x, i)) ** 2), lambda: [[((M.T @ SLOPE) ** 2).sum()]]),
    "over both indices": (
        indexed_sum(i, indexed_sum(j, by(cost, entry(W, j, i)) * entry(W, j, i))), lambda: [[(SLOPE @ V.T * M).sum()]],
    ),
    "over a trace of second derivatives": (indexed_sum(i, by(cost, entry(x, i), entry(x, i))), lambda: [[np.trace(M.T @ BEND @ M)]]),
    "of entries of the output": (indexed_sum(j, by(entry(W @ x, j), entry(W, j, 2))), lambda: [[5 * V[1, 0]]]),
    "the chain rule": (
        indexed_sum(j, by(cost, entry(z, j)) * by(entry(W @ x, j), entry(x, 3))), lambda: (M.T @ SLOPE)[2:],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SUMS)
def test_a_sum_of_derivatives_by_entries(name: str) -> None:
    written, wanted = SUMS[name]
    np.testing.assert_allclose(value(written), wanted(), rtol=1e-10)


def test_the_index_of_an_entry_may_be_given() -> None:
    written = by(cost, entry(x, k))
    for number in (1, 2, 3):
        np.testing.assert_allclose(evaluate(written, {**DATA, "k": number}), (M.T @ SLOPE)[number - 1 : number], rtol=1e-12)
    with pytest.raises(EvaluationError, match=r"\(x\)_k is at \(4, 1\), counted from 1, of an array of shape \(3, 1\)"):
        evaluate(written, {**DATA, "k": 4})
    with pytest.raises(EvaluationError, match="There is no value for k, an index that no sum binds"):
        value(written)


def test_a_direct_derivative_holds_named_quantities_in_a_second_one() -> None:
    total = Let("Q", mc.sum(z * z) * mc.sum(x * x) + c * by(mc.sum(x * x * x), entry(x, 1)), ())
    direct = Derivative(total, x, "numerator", True, (1, dims("n")))
    wanted = 2 * ((M @ V) ** 2).sum() * V.T + np.array([[6 * C * V[0, 0], 0, 0]])
    np.testing.assert_allclose(value(direct), wanted, rtol=1e-8)


@pytest.mark.parametrize("name", ["scalar by vec", "vec by vec", "column by vec"])
def test_rows_stacked_instead_of_columns_are_found(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def wrong(node: Derivative, operands: Any, point: Any) -> Any:
        raw = derivative_values._raw(node, node.by.operands[0], point)
        return laid_out(raw.reshape((*raw.shape[:-2], -1)), node.of.shape, [node.by.shape], node.layout)

    monkeypatch.setitem(evaluation.VALUES, Derivative, wrong)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        test_a_derivative_by_a_part_of_a_variable(name)
