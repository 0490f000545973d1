"""Answers that are formulas or functions: every right form is taken, every wrong one refused with its kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import MatcalcError
from matcalc.exercises.asked import Asked, Rewriting
from matcalc.exercises.formula_judge import FormulaJudge
from matcalc.exercises.notebook_tasks import task

m, n, k = mc.dims("m n k")
W, V, x, b, y = mc.matrix("W", m, n), mc.matrix("V", k, m), mc.vector("x", n), mc.vector("b", m), mc.vector("y", k)
f = mc.function("f")
z = mc.let("z", W @ x + b)
p = mc.let("p", V @ f(z))
C = mc.let("C", mc.sum((p - y) ** 2) / 2)
BY_WEIGHTS = FormulaJudge(Asked(C, W, "denominator"))
BY_INPUT = FormulaJudge(Asked(C, x, "numerator"))
STACKED = FormulaJudge(Asked(mc.let("Y", V @ W), W, "numerator", by_vec=True))
PUSHED = FormulaJudge(Rewriting(V @ W @ x), pushed=True)
A, c, R = mc.matrix("A", n, n), mc.vector("c", n), mc.matrix("R", m, k)
TURNED = FormulaJudge(Asked(mc.let("Y", (V @ W).T), W, "numerator", by_vec=True))
INVERSE = FormulaJudge(Asked(mc.let("d", mc.log(mc.det(A))), A, "numerator"))
CUBED = FormulaJudge(Asked(mc.let("s", mc.sum((x - c) ** 3)), x, "numerator"))
BY_ENTRIES = FormulaJudge(Asked(mc.let("u", b * (W @ x)), x, "numerator"))
PUSHED_ENTRIES = FormulaJudge(Rewriting(R * V.T), pushed=True)
PUSHED_VALUES = FormulaJudge(Rewriting(f(V @ W) @ W.T @ b), pushed=True)
UNKNOWN = FormulaJudge(Asked(mc.let("L", mc.function("L", of=(p, y), shape=())), x, "denominator"))


@pytest.mark.parametrize(
    ("judge", "answer"),
    [
        (BY_WEIGHTS, r"(f'(\mathbf{z}) \odot (\mathbf{V}^\top (\mathbf{p} - \mathbf{y}))) \mathbf{x}^\top"),
        (BY_WEIGHTS, r"\operatorname{diag}(f'(z)) V^{\top} (p - y) x^T"),
        (BY_WEIGHTS, r"$$\frac{\partial C}{\partial \mathbf{W}} = (x (f'(z) \odot V^\top (p - y))^\top)^\top.$$"),
        (BY_WEIGHTS, r"\[ \nabla_W C = -(f'(z) \odot V^\top (y - p)) x^\top \]"),
        (BY_WEIGHTS, "dC/dW = (f'(z) ⊙ V^T (p - y)) x^T"),
        (BY_WEIGHTS, "(f'(z) ⊙ V.T @ (p - y)) @ x.T"),
        (BY_WEIGHTS, r"(f'(z) \odot V^\top (p - y)) x^\top = \frac{\partial C}{\partial W}"),
        (BY_WEIGHTS, r"\begin{equation} (f'(Wx + b) \odot V^\top V f(z) - f'(z) \odot V^\top y) x^\top \end{equation}"),
        (BY_WEIGHTS, (f.prime(z) * (V.T @ (p - y))) @ x.T),
        (BY_WEIGHTS, mc.derive(C, W, layout="denominator")),
        (BY_WEIGHTS, lambda V, z, df, p, y, x: (df(z) * (V.T @ (p - y))) @ x.T),
        (BY_INPUT, "(p - y)^T V diag(f'(z)) W"),
        (BY_INPUT, lambda W, V, p, y, z, df: (p - y).T @ V @ np.diag(df(z).ravel()) @ W),
        (STACKED, r"I_n \otimes V"),
        (STACKED, r"\frac{\partial \operatorname{vec}(Y)}{\partial \operatorname{vec}(W)^\top} = I_n \otimes V"),
        (STACKED, lambda V, n: np.kron(np.eye(n), V)),
        (STACKED, "kron(I_n, V)"),
        (STACKED, r"np.kron(I_n, transpose(V^{T}))"),
        (STACKED, r"\operatorname{kron}\left(\mathbf{I}_n, V\right)"),
        (TURNED, "(V ⊗ I_n) K_{m,n}"),
        (TURNED, r"\mathbf{K}_{k,n} (I_n \otimes V)"),
        (INVERSE, "A^-1"), (INVERSE, "inv(A)"), (INVERSE, "A^(-1)"), (INVERSE, "A**-1"), (INVERSE, "A⁻¹"),
        (INVERSE, "(A^-T)^T"), (INVERSE, "(A^-1^T)^T"), (INVERSE, "((A^T)^-1).T"), (INVERSE, "np.linalg.inv(A)"),
        (CUBED, "3 ((x - c)^2)^T"), (CUBED, "3 * ((x - c)**2).T"), (CUBED, r"3 (x - c)^{\odot 2 \top}"),
        (PUSHED_ENTRIES, "R^T ⊙ V"), (PUSHED_VALUES, "b^T W f(V W)^T"), (BY_ENTRIES, "diag(b) W"),
        (PUSHED, r"x^\top W^\top V^\top"),
        (PUSHED, x.T @ W.T @ V.T),
        (UNKNOWN, r"W^\top (f'(z) \odot V^\top \frac{\partial L}{\partial p})"),
    ],
)
def test_right_answers_are_taken_in_any_form(judge: FormulaJudge, answer: Any) -> None:
    found = judge.judged(answer)
    assert (found.ok, found.kind) == (True, "right"), found


@pytest.mark.parametrize(
    ("judge", "answer", "kind", "message"),
    [
        (BY_WEIGHTS, "x (f'(z) ⊙ V^T (p - y))^T", "other-layout", "transpose of what is asked for"),
        (BY_WEIGHTS, r"\operatorname{diag}(f'(z)) V (p - y) x^\top", "transpose", "V is (k, m)"),
        (BY_WEIGHTS, "(f(z) ⊙ V^T (p - y)) x^T", "derivative-of-function", "where its derivative belongs"),
        (BY_WEIGHTS, "V^T (p - y) x^T", "missing-factor", "A factor is missing"),
        (BY_WEIGHTS, "2 (f'(z) ⊙ V^T (p - y)) x^T", "extra-factor", "does not belong"),
        (BY_WEIGHTS, "(f'(z) ⊙ V^T (y - p)) x^T", "sign", "A sign is wrong"),
        (BY_WEIGHTS, "(f'(z) ⊙ V^T (p + y)) x^T", "sign", "A sign is wrong"),
        (BY_WEIGHTS, "f'(z) V^T (p - y) x^T", "hadamard", "entrywise product"),
        (BY_WEIGHTS, r"(f'(z) \odot V^\top (p - y)) x", "transpose", "x is (n,)"),
        (BY_WEIGHTS, r"(f'(z) \odot V^\top (p - q)) x^\top", "unknown-symbol", "q is not declared"),
        (BY_WEIGHTS, r"(f'(z) \odot V^\top (p - y) x^\top", "unreadable", "never closed"),
        (BY_WEIGHTS, "", "unreadable", "empty"),
        (BY_WEIGHTS, "+" * 5000, "unreadable", "at most 1000"),
        (BY_WEIGHTS, "x" * 900, "unreadable", "at most 40 are read"),
        (BY_WEIGHTS, "(" * 400 + "x" + ")" * 400, "unreadable", "in more than 40 others"),
        (BY_WEIGHTS, sum([W] * 300, start=W), "unreadable", "more than 400 parts"),
        (BY_WEIGHTS, r"\frac{\partial C}{\partial W}", "unsolved", "has yet to be worked out"),
        (BY_WEIGHTS, r"\partial z_i/\partial W", "unsolved", "has yet to be worked out"),
        (BY_WEIGHTS, r"\frac{\partial C}{\partial z} x^\top", "unsolved", "has yet to be worked out"),
        (BY_WEIGHTS, r"\frac{\partial C}{\partial b} = (f'(z) \odot V^\top (p - y)) x^\top", "left-side", "asked for is dC/dW"),
        (BY_WEIGHTS, r"\frac{\partial C}{\partial W} = (f'(z) \odot V^\top (p - y)) x^\top = 0", "ill-shaped", "asked for is m x n"),
        (BY_WEIGHTS, r"(f'(z) \odot V^\top (p - y)) x^\top = W", "left-side", "asked for is dC/dW"),
        (BY_WEIGHTS, 3, "ill-shaped", "asked for is m x n"),
        (BY_WEIGHTS, True, "unreadable", "no bool"),
        (BY_WEIGHTS, None, "unreadable", "no NoneType"),
        (BY_WEIGHTS, np.ones((2, 3)), "unreadable", "no ndarray"),
        (BY_WEIGHTS, mc.matrix("W", 2, 3), "unknown-symbol", "W"),
        (BY_WEIGHTS, (f.prime(z) * (V.T @ (p + y))) @ x.T, "sign", "A sign is wrong"),
        (BY_WEIGHTS, mc.derive(C, W, layout="numerator"), "other-layout", "transpose"),
        (BY_WEIGHTS, lambda V, z, df, p, y, x: x @ (df(z) * (V.T @ (p - y))).T, "other-layout", "transpose"),
        (BY_WEIGHTS, lambda V, z, df, p, y, x: -(df(z) * (V.T @ (p - y))) @ x.T, "sign", "entries are wrong"),
        (BY_WEIGHTS, lambda V, z, f, p, y, x: (f(z) * (V.T @ (p - y))) @ x.T, "derivative-of-function", "entries are wrong"),
        (BY_WEIGHTS, lambda V, z, df, p, y, x: 2 * (df(z) * (V.T @ (p - y))) @ x.T, "extra-factor", "entries are wrong"),
        (BY_WEIGHTS, lambda V, z, df, p, y, x: df(z) * (V.T @ (p - y)), "ill-shaped", "asked for"),
        (BY_WEIGHTS, lambda x: 1 / 0, "failed", "ZeroDivisionError"),
        (BY_WEIGHTS, lambda nothing, x: x, "failed", "nothing"),
        (BY_WEIGHTS, int, "unreadable", "no type"),
        (STACKED, r"V \otimes I_n", "order", "do not stand in the order"),
        (STACKED, r"V^\top \otimes I_n", "order", "do not stand in the order"),
        (STACKED, r"I_n \otimes V^\top", "other-layout", "the transpose of what is asked for"),
        (STACKED, "V", "missing-factor", "A factor is missing. The answer is k x m, asked for is k*n x m*n."),
        (STACKED, "kron(V)", "unreadable", "kron takes 2 arguments, here it has 1"),
        (STACKED, "kron(V, eye(n)", "unreadable", "The bracket of kron( is never closed"),
        (PUSHED_ENTRIES, "(R ⊙ V^T)^T", "unsolved", "has yet to be worked out"),
        (PUSHED_ENTRIES, "(V^T ⊙ R)^T", "transpose", "stands around a product"),
        (PUSHED_ENTRIES, "(2 (R ⊙ V^T) / 2)^T", "transpose", "stands around a product"),
        (BY_ENTRIES, "b W", "hadamard", "entrywise product"),
        (BY_ENTRIES, r"b \odot W", "hadamard", "entrywise product"),
        (STACKED, "V ⊗ W ⊗ V ⊗ W ⊗ V", "unreadable", "more than 3 Kronecker products"),
        (STACKED, mc.kron(mc.kron(V, W), mc.kron(mc.kron(V, V), mc.kron(V, W))), "unreadable", "more than 3 Kronecker products"),
        (PUSHED, "(V W x)^T", "unsolved", "has yet to be worked out"),
        (PUSHED, "x^T (V W)^T", "transpose", "stands around a product"),
        (PUSHED, "V^T W^T x^T", "order", "do not stand in the order"),
        (PUSHED, lambda V, W, x: x.T @ W.T @ V.T, "unreadable", "not for a function"),
    ],
)
def test_wrong_answers_are_refused_with_their_kind(judge: FormulaJudge, answer: Any, kind: str, message: str) -> None:
    found = judge.judged(answer)
    assert (found.ok, found.kind) == (False, kind), found
    assert message in found.message


@pytest.mark.parametrize(
    ("judge", "answer", "searched"),
    [
        (BY_WEIGHTS, "(f'(z) ⊙ V^T (p + y)) x^T", 1),
        (BY_WEIGHTS, "W^t (p - y) x^T", 0),
        (BY_WEIGHTS, "W W^T " * 12 + "V^T (p - y) x^T", 0),
        (BY_WEIGHTS, "W^T (" * 12 + "z" + ")" * 12, 0),
        (BY_WEIGHTS, "V ⊗ W ⊗ V ⊗ W ⊗ V W V", 0),
        (BY_WEIGHTS, "W" * 40, 0),
        (BY_WEIGHTS, "W" * 3999, 0),
        (BY_WEIGHTS, r"\nabla_W C = (f'(z) \odot V^\top (p + y)) x^\top = W W = W + x = V", 1),
    ],
)
def test_mistakes_are_looked_for_in_short_answers_only_and_once(
    judge: FormulaJudge, answer: str, searched: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def counted(text: str, *given: Any, **named: Any) -> Any:
        asked.append(text)
        return mc.check(text, *given, **named)

    monkeypatch.setattr("matcalc.exercises.formula_judge.check", counted)
    found = judge.judged(answer)
    assert not found.ok
    assert len(asked) == searched, found


def test_a_lost_term_is_told() -> None:
    A = mc.matrix("A", n, n)
    judge = FormulaJudge(Asked(mc.let("q", x.T @ A @ x + mc.sum(f(x))), x, "denominator"))
    assert judge.judged("A x + A^T x + f'(x)").ok
    assert judge.judged("A x + A^T x").kind == "missing-term"
    assert judge.judged("A x + f'(x)").kind == "missing-term"
    assert BY_WEIGHTS.judged("(f'(z) ⊙ V^T p) x^T").kind == "missing-term"
    assert BY_WEIGHTS.judged("(f'(z) ⊙ V^T p) x^T - (f'(z) ⊙ V^T (y + y)) x^T").kind != "missing-term"


def test_of_two_equal_terms_one_is_a_lost_factor() -> None:
    judge = FormulaJudge(Asked(mc.let("q", x.T @ x), x, "denominator"))
    assert judge.judged("x + x").ok
    assert judge.judged("x").kind == "missing-factor"


def test_what_is_undecided_is_not_right(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = mc.prove_equal(x, 2 * x)
    object.__setattr__(proof, "verdict", "undecided")
    object.__setattr__(proof, "reason", "it is too large.")
    monkeypatch.setattr("matcalc.exercises.formula_judge.prove_equal", lambda left, right: proof)
    found = BY_WEIGHTS.judged("(f'(z) ⊙ V^T (p - y)) x^T")
    assert (found.ok, found.kind) == (False, "undecided")
    assert "it is too large" in found.message


def test_a_function_that_forgets_a_constant_lacks_a_factor() -> None:
    N = mc.dims("N")
    X, Y = mc.matrix("X", n, N), mc.matrix("Y", m, N)
    Z = mc.let("Z", W @ X)
    judge = FormulaJudge(Asked(mc.let("E", 1 / N * mc.sum((Z - Y) ** 2)), W, "denominator"))
    assert judge.judged(lambda Z, Y, X: 2 * (Z - Y) @ X.T / X.shape[1]).ok
    kinds = [
        judge.judged(answer).kind
        for answer in (
            lambda Z, Y, X: 2 * (Z - Y) @ X.T,
            lambda Z, Y, X: (Z - Y) @ X.T / X.shape[1],
            lambda Z, Y, X: (Z - Y) @ X.T,
            lambda Z, Y, X: 2 * (Z - Y) @ X.T / X.shape[1] ** 2,
            lambda Z, Y, X: 4 * (Z - Y) @ X.T / X.shape[1],
            lambda Z, Y, X: 2 * (Y - Z) @ X.T / X.shape[1],
        )
    ]
    assert kinds == ["missing-factor"] * 3 + ["extra-factor"] * 2 + ["sign"]


def test_the_functions_of_a_task_are_among_its_names() -> None:
    given = BY_WEIGHTS.names
    answer = (given["f"].prime(given["z"]) * (given["V"].T @ (given["p"] - given["y"]))) @ given["x"].T
    assert BY_WEIGHTS.judged(answer).ok



DIVIDED = FormulaJudge(Asked(mc.let("H", -mc.sum(c * mc.log(x))), x, "denominator"))


@pytest.mark.parametrize("answer", [r"-\frac{c}{x}", "-c / x", r"-c \oslash x", r"-c \odot \frac{1}{x}"])
def test_a_division_by_a_column_is_one_of_each_entry(answer: str) -> None:
    assert DIVIDED.judged(answer).ok, DIVIDED.judged(answer)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (r"-\frac{x}{c}", "missing-factor"), (r"\frac{c}{x}", "sign"), (r"-\frac{c^\top}{x}", "transpose"),
        (r"-\frac{2}{x}", "missing-factor"),
    ],
)
def test_a_wrong_division_is_refused(answer: str, kind: str) -> None:
    found = DIVIDED.judged(answer)
    assert (found.ok, found.kind) == (False, kind), found


class Broken:
    """A judge that fails."""

    names: ClassVar[dict[str, Any]] = {}
    how = ""

    def judged(self, answer: Any) -> Any:
        raise MatcalcError("a fault of the task")


def test_a_number_that_nothing_prints_is_told_and_other_faults_are_not_hidden() -> None:
    given = task("00.3")
    B, A = given.names["B"], given.names["A"]
    assert given.check(10**5000 * (B.T @ A)).kind == "unreadable"
    with pytest.raises(MatcalcError, match="a fault of the task"):
        replace(given, judge=Broken()).check("A")
