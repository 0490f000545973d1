"""Functions of a whole matrix: the published forms, what commutes and what does not, values, second derivatives, planted faults."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import NoMatrixFormError
from matcalc.index import engine, rules, sweep
from matcalc.index.commuting import generator
from matcalc.index.engine import Engine
from matcalc.index.form import AtomKind, Form, frechet_atom, rational
from matcalc.index.joining import plain_series, slope_of
from matcalc.language.elementwise import MatrixFunction
from matcalc.language.expressions import Expr, Symbol
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.matrix_functions import derivative_along
from matcalc.numeric.tape import hessian, jacobian
from matcalc.verification import verify_step
from tests.oracle import close, laid_out_by_definition

X, A, B = mc.matrix("X", "n", "n"), mc.matrix("A", "n", "n"), mc.matrix("B", "n", "n")
Y, Z = mc.matrix("Y", "m", "n"), mc.matrix("Z", "n", "m")
t, k = mc.scalar("t"), mc.scalar("k")
a, b = mc.vector("a", "n"), mc.vector("b", "n")
g, sin, cos = (mc.matrix_function(name) for name in ("g", "sin", "cos"))
expm: Any = mc.expm
tr: Any = mc.trace
unit = mc.identity("n")
LAYOUTS = ("numerator", "denominator")
DECLARED = {"X": "n n", "A": "n n", "B": "n n", "Y": "m n", "Z": "n m", "t": "", "k": "", "a": "n", "b": "n"}
FUNCTIONS = {"g": "matrix", r"\sin": "matrix", r"\cos": "matrix"}

# name: of, by, numerator, denominator
PUBLISHED: dict[str, tuple[Expr, Expr, str, str]] = {
    "trace of exp": (tr(expm(X)), X, r"e^X", r"(e^X)^\top"),
    "exp by a scalar": (expm(t * A), t, r"A e^{t A}", r"(A e^{t A})^\top"),
    "trace of exp by a scalar": (tr(expm(t * A)), t, r"\operatorname{tr}(A e^{t A})", r"\operatorname{tr}(A e^{t A})"),
    "unknown": (g(t * A), t, r"A g'(t A)", r"(A g'(t A))^\top"),
    "trace of an unknown": (tr(g(t * A)), t, r"\operatorname{tr}(A g'(t A))", r"\operatorname{tr}(A g'(t A))"),
    "trace of sin": (tr(sin(X)), X, r"\operatorname{cosm}(X)", r"\operatorname{cosm}(X)^\top"),
    "trace of cos": (tr(cos(X)), X, r"-\operatorname{sinm}(X)", r"-\operatorname{sinm}(X)^\top"),
    "beside its matrix": (tr(A @ expm(t * A)), t, r"\operatorname{tr}(A A e^{t A})", r"\operatorname{tr}(A A e^{t A})"),
    "X e^X": (tr(X @ expm(X)), X, r"e^X + X e^X", r"(e^X + X e^X)^\top"),
    "times a vector": (expm(t * A) @ b, t, r"A e^{t A} b", r"(A e^{t A} b)^\top"),
    "bilinear": (a.T @ expm(t * A) @ b, t, r"a^\top A e^{t A} b", r"a^\top A e^{t A} b"),
    "of a product": (tr(g(A @ X)), X, r"g'(A X) A", r"(g'(A X) A)^\top"),
    "of a rectangular product": (tr(g(Z @ Y)), Y, r"g'(Z Y) Z", r"(g'(Z Y) Z)^\top"),
    "of a square": (tr(g(Y.T @ Y)), Y, r"2 g'(Y^\top Y) Y^\top", r"2 Y g'(Y^\top Y)"),
    "of a transpose": (tr(expm(X.T)), X, r"e^X", r"(e^X)^\top"),
    "of a sum that commutes": (expm(t * A + t * B), t, r"(A + B) e^{t (A + B)}", r"((A + B) e^{t (A + B)})^\top"),
    "of a polynomial": (expm(A + t * (A @ A)), t, r"A A e^{A + t A A}", r"(A A e^{A + t A A})^\top"),
    "of a shift": (expm(A + t * unit), t, r"e^{A + t I_n}", r"(e^{A + t I_n})^\top"),
    "of a product by a scalar": (g(t * A @ B.T), t, r"A B^\top g'(t A B^\top)", r"g'(t A B^\top)^\top B A^\top"),
    "log determinant": (mc.logdet(expm(X)), X, "I_n", "I_n"),
    "trace of what does not commute": (tr(expm(t * A + B)), t, r"\operatorname{tr}(A e^{t A + B})", r"\operatorname{tr}(A e^{t A + B})"),
}  # fmt: skip

WITHOUT_FORM: dict[str, tuple[Expr, Expr]] = {
    "bilinear by the matrix": (a.T @ expm(X) @ b, X),
    "trace with another matrix": (tr(A @ g(X)), X),
    "trace with its transpose": (tr(X.T @ expm(X)), X),
    "sum that does not commute": (expm(t * A + B), t),
    "two exponentials": (tr(expm(A) @ expm(X)), X),
    "norm": (mc.norm(sin(X) @ b), X),
    "entry by entry": (mc.sum(mc.tanh(expm(X))), X),
    "of a rectangular square": (a.T @ g(Y.T @ Y) @ b, Y),
    "by a vector": (a.T @ expm(A @ mc.diag(b)) @ a, b),
    "of a power": (tr(A @ expm(mc.matrix_power(X, k))), X),
}


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_derivative_is_written_as_it_is_published(name: str, layout: str) -> None:
    of, by, *forms = PUBLISHED[name]
    derivation = mc.derive(of, by, layout=layout)
    assert derivation.result == mc.parse(forms[LAYOUTS.index(layout)], shapes=DECLARED, functions=FUNCTIONS)
    assert mc.parse(derivation.result.latex(), shapes=DECLARED, functions=FUNCTIONS) == derivation.result
    assert derivation.verify().ok
    assert all(verify_step(step) for step in derivation.steps)


ALL: dict[str, tuple[Expr, Expr]] = {name: (of, by) for name, (of, by, _, _) in PUBLISHED.items()} | WITHOUT_FORM


def test_no_case_hides_another() -> None:
    assert len(ALL) == len(PUBLISHED) + len(WITHOUT_FORM)


@pytest.mark.parametrize("name", ALL)
def test_the_index_form_agrees_with_reverse_mode(name: str) -> None:
    of, by = ALL[name]
    data = draw([of, by], np.random.default_rng(4))
    raw = jacobian(of, by, data)
    for layout in LAYOUTS:
        derivation = mc.derive(of, by, layout=layout)
        close(index_sum(derivation.index_form.form, data), raw)
        if name in PUBLISHED:
            close(value(derivation.result, data), laid_out_by_definition(raw, of.shape, by.shape, layout))


@pytest.mark.parametrize("name", WITHOUT_FORM)
def test_what_is_not_shown_to_commute_has_no_string_but_is_verified(name: str) -> None:
    of, by = WITHOUT_FORM[name]
    derivation = mc.derive(of, by, layout="denominator")
    with pytest.raises(NoMatrixFormError, match=r"along a matrix that is not shown to commute with its argument .* take .tensor"):
        _ = derivation.result
    assert derivation.verify().ok


def test_functions_of_the_user_are_enough() -> None:
    """g(M) = M^3 with its derivative: no rule knows it."""
    rng = np.random.default_rng(2)
    values = {"X": rng.normal(size=(3, 3)), "a": rng.normal(size=3), "b": rng.normal(size=3)}
    cube = {"g": (lambda M: M @ M @ M, lambda M: 3 * M @ M)}
    M = values["X"]
    pairs = [(M @ M, np.eye(3)), (M, M), (np.eye(3), M @ M)]
    wanted = sum((np.outer(p.T @ values["a"], q @ values["b"]) for p, q in pairs), np.zeros((3, 3)))
    close(mc.derive(a.T @ g(X) @ b, X, layout="denominator").tensor.evaluate(values, functions=cube), wanted)
    close(mc.derive(tr(g(X)), X, layout="denominator").result.evaluate(values, functions=cube), 3 * (M @ M).T)


def test_the_derivative_along_several_directions() -> None:
    rng = np.random.default_rng(3)
    M, E, F = rng.normal(size=(3, 3, 3))
    close(derivative_along(lambda x: x @ x, M, []), M @ M)
    close(derivative_along(lambda x: x @ x, M, [E]), M @ E + E @ M)
    close(derivative_along(lambda x: x @ x, M, [E, F]), E @ F + F @ E)
    close(derivative_along(np.linalg.inv, M, [E]), -np.linalg.inv(M) @ E @ np.linalg.inv(M))


# ---- second derivatives ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "by"),
    [(tr(expm(X)), X), (a.T @ g(X) @ b, X), (tr(g(Y.T @ Y)), Y), (tr(A @ sin(X)), X), (a.T @ expm(t * A) @ b, t),
     (a.T @ g(t * A + B) @ b, t)],
    ids=["trace", "bilinear", "rectangular", "sin", "scalar", "scalar that does not commute"],
)  # fmt: skip
def test_second_derivatives_agree_with_differences_of_reverse_mode(of: Expr, by: Expr) -> None:
    own = Engine()
    assert isinstance(by, Symbol)
    variable = own.variable(by)
    form = own.derivative(own.derivative(own.lowered(of).form, variable), variable)
    data = draw([of], np.random.default_rng(8))
    close(index_sum(form, data), hessian(of, by, by, data), 1e-6)


def test_the_third_derivative_of_a_trace() -> None:
    """tr(X^3), by a function that no rule knows, has third derivatives of 3 permutations of three matrices, twice."""
    own = Engine()
    assert isinstance(X, Symbol)
    variable = own.variable(X)
    form = own.lowered(tr(g(X))).form
    for _ in range(3):
        form = own.derivative(form, variable)
    data = replace(draw([tr(g.prime(X))], np.random.default_rng(1)), functions={"g": (lambda M: M @ M @ M, lambda M: 3 * M @ M)})
    found = index_sum(form, data)
    one = np.eye(data.sizes["n"])
    wanted = 3 * (np.einsum("jk,lm,ni->ijklmn", one, one, one) + np.einsum("jm,nk,li->ijklmn", one, one, one))
    close(found, wanted)


# ---- what commutes ---------------------------------------------------------------------------------------------------


def generator_of(expression: Expr) -> Any:
    return generator(Engine().lowered(expression).form)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (A, t * A), (A, A @ A - 3 * unit), (A, mc.inv(A)), (A, expm(A)), (A, mc.matrix_power(A, k)), (A @ B, A @ B @ A @ B),
        (A + B, t * (A + B)), (A + B, t * A + t * B + unit), (A.T @ B, expm(A.T @ B)), (A.T, A.T @ A.T),
        (expm(2 * A) @ A, mc.inv(A + unit)),
    ],
    ids=lambda side: repr(side).replace(" ", ""),
)  # fmt: skip
def test_matrices_made_of_one_commute(left: Expr, right: Expr) -> None:
    assert generator_of(left) == generator_of(right) is not None
    data = draw([left, right], np.random.default_rng(5))
    close(value(left @ right, data), value(right @ left, data))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (A, B), (A, A.T), (A @ B, B @ A), (A, A + B), (A + B, A - B), (A + B, t * A + B), (A + B, k * A + t * B), (A, A * A),
        (A, mc.diag(a)), (expm(A), expm(A.T)), (A @ B, A), (A + A.T, A), (mc.exp(A), A),
    ],
    ids=lambda side: repr(side).replace(" ", ""),
)  # fmt: skip
def test_others_are_not_taken_to_commute(left: Expr, right: Expr) -> None:
    assert generator_of(left) != generator_of(right)
    data = draw([left, right], np.random.default_rng(5))
    assert np.abs(value(left @ right, data) - value(right @ left, data)).max() > 1e-6


def test_a_multiple_of_the_identity_has_no_generator() -> None:
    assert generator_of(t * unit) is None
    assert generator_of(mc.zeros("n", "n")) is None


def test_known_series_come_round() -> None:
    names = [plain_series(MatrixFunction("sin", order, known=True)) for order in range(5)]
    assert [(number, function.name) for number, function in names] == [(1, "sin"), (1, "cos"), (-1, "sin"), (-1, "cos"), (1, "sin")]
    assert slope_of(MatrixFunction("cos", known=True)) == (-1, MatrixFunction("sin", known=True))
    assert slope_of(g) == (1, g.prime)
    with pytest.raises(KeyError, match="log"):
        slope_of(MatrixFunction("log", known=True))


def test_the_derivative_of_a_function_has_four_axes() -> None:
    form = Engine().lowered(X @ A).form
    assert [len(frechet_atom(g, form, 1, order).sizes) for order in (1, 2, 3)] == [4, 6, 8]


# ---- planted faults --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [-1, 0, 2], ids=["sign", "zero", "twice"])
@pytest.mark.parametrize("kind", [AtomKind.MATRIX_FUNCTION, AtomKind.FRECHET])
def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch, kind: AtomKind, factor: int) -> None:
    right = rules.DERIVATIVES[kind]

    def wrong(atom: Any, by: Any, derive: Any) -> Form:
        form = right.apply(atom, by, derive)
        return Form(form.axes, tuple(replace(term, coefficient=rational(factor * term.coefficient)) for term in form.terms))

    table = MappingProxyType({**rules.DERIVATIVES, kind: replace(right, apply=wrong)})
    for module in (rules, engine, sweep):
        monkeypatch.setattr(module, "DERIVATIVES", table)
    if kind is AtomKind.MATRIX_FUNCTION:
        for of in (tr(expm(X)), a.T @ g(X) @ b):
            report = mc.derive(of, X, layout="denominator").verify()
            assert not report.ok
            assert [check.passed for check in report.checks if check.oracle in ("backprop", "difference")] == [False, False]
        return
    assert isinstance(X, Symbol)
    own, of = Engine(), a.T @ g(X) @ b
    variable = own.variable(X)
    form = own.derivative(own.derivative(own.lowered(of).form, variable), variable)
    data = draw([of], np.random.default_rng(8))
    assert np.abs(index_sum(form, data) - hessian(of, X, X, data)).max() > 1e-3


@pytest.mark.parametrize(
    ("of", "wrong"),
    [(expm(t * A), expm(t * A)), (expm(t * A), A @ expm(A)), (tr(expm(t * A)), tr(expm(t * A))), (g(t * A), A @ g(t * A))],
    ids=["without A", "without t", "trace", "without prime"],
)
def test_a_wrong_derivative_has_another_value(of: Expr, wrong: Expr) -> None:
    data = draw([of, g.prime(A)], np.random.default_rng(10))
    right = value(mc.derive(of, t, layout="numerator").result, data)
    assert np.abs(value(wrong, data) - right).max() > 1e-3
