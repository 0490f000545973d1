"""Powers of a matrix with a symbol in the exponent: the published forms, values in both layouts, planted faults, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError, NoMatrixFormError, UnsupportedError
from matcalc.index import engine, rules, sweep
from matcalc.index.engine import Engine
from matcalc.index.exponents import Exponent, Range, exponent_of
from matcalc.index.form import AtomKind, Form, nested_forms, rational
from matcalc.language.building import lift
from matcalc.language.expressions import Expr, Symbol
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.tape import hessian, jacobian
from matcalc.verification import verify_step
from tests.oracle import close, laid_out_by_definition, vec_by_definition

X, A, B = mc.matrix("X", "n", "n"), mc.matrix("A", "n", "n"), mc.matrix("B", "n", "n")
Y = mc.matrix("Y", "m", "n")
k, j, t = mc.scalar("k"), mc.scalar("j"), mc.scalar("t")
a, b, v = mc.vector("a", "n"), mc.vector("b", "n"), mc.vector("v", "n")
power: Any = mc.matrix_power
tr: Any = mc.trace
LAYOUTS = ("numerator", "denominator")
DECLARED = {"X": "n n", "A": "n n", "B": "n n", "Y": "m n", "k": "", "j": "", "t": "", "a": "n", "b": "n", "v": "n"}

# name: of, by, numerator, denominator
PUBLISHED: dict[str, tuple[Expr, Expr, str, str]] = {
    "trace": (tr(power(X, k)), X, r"k X^{k-1}", r"k (X^{k-1})^\top"),
    "bilinear": (
        a.T @ power(X, k) @ b, X,
        r"\sum_{r=0}^{k-1} X^{k-1-r} b a^\top X^r", r"\sum_{r=0}^{k-1} (X^r)^\top a b^\top (X^{k-1-r})^\top",
    ),
    "two powers": (
        a.T @ power(X, k).T @ power(X, k) @ b, X,
        r"\sum_{r=0}^{k-1} X^{k-1-r} (a b^\top + b a^\top) (X^k)^\top X^r",
        r"\sum_{r=0}^{k-1} (X^r)^\top X^k (b a^\top + a b^\top) (X^{k-1-r})^\top",
    ),
    "trace with a matrix": (
        tr(A @ power(X, k)), X, r"\sum_{r=0}^{k-1} X^{k-1-r} A X^r", r"\sum_{r=0}^{k-1} (X^{k-1-r} A X^r)^\top",
    ),
    "two in a trace": (
        tr(A @ power(X, k) @ B @ power(X, k)), X,
        r"\sum_{r=0}^{k-1} X^{k-1-r} (B X^k A + A X^k B) X^r",
        r"\sum_{r=0}^{k-1} (X^{k-1-r} (B X^k A + A X^k B) X^r)^\top",
    ),
    "determinant": (mc.det(power(X, k)), X, r"k \det(X^k) X^{-1}", r"k \det(X^k) (X^{-1})^\top"),
    "log determinant": (mc.logdet(power(X, k)), X, r"k X^{-1}", r"k (X^{-1})^\top"),
    "beside its inverse": (tr(power(X, k) @ mc.inv(X)), X, r"(k-1) X^{k-2}", r"(k-1) (X^{k-2})^\top"),
    "beside itself": (tr(X @ power(X, k)), X, r"(k+1) X^k", r"(k+1) (X^k)^\top"),
    "inverse": (tr(mc.inv(power(X, k))), X, r"-k X^{-k-1}", r"-k (X^{-k-1})^\top"),
    "of an inverse": (tr(power(mc.inv(X), k)), X, r"-k X^{-k-1}", r"-k (X^{-k-1})^\top"),
    "other exponent": (tr(power(X, 2 * k - 1)), X, r"(2 k - 1) X^{2 k - 2}", r"(2 k - 1) (X^{2 k - 2})^\top"),
    "difference of symbols": (tr(power(X, j - k)), X, r"(j - k) X^{j - k - 1}", r"(j - k) (X^{j - k - 1})^\top"),
    "of a product": (tr(power(A @ X, k)), X, r"k (A X)^{k-1} A", r"k ((A X)^{k-1} A)^\top"),
    "of a transpose": (
        tr(power(X.T, k) @ A), X, r"\sum_{r=0}^{k-1} X^{k-1-r} A^\top X^r", r"\sum_{r=0}^{k-1} (X^r)^\top A (X^{k-1-r})^\top",
    ),
    "scalar inside": (tr(power(t * A, k)), t, r"k \operatorname{tr}(A (t A)^{k-1})", r"k \operatorname{tr}(A (t A)^{k-1})"),
    "matrix by a scalar": (power(t * A, k), t, r"k A (t A)^{k-1}", r"k (A (t A)^{k-1})^\top"),
    "product by a scalar": (power(t * A @ B, k) @ b, t, r"k A B (t A B)^{k-1} b", r"k (A B (t A B)^{k-1} b)^\top"),
    "number": (tr(power(X, 25)), X, r"25 X^{24}", r"25 (X^{24})^\top"),
    "negative number": (tr(power(X, -25)), X, r"-25 X^{-26}", r"-25 (X^{-26})^\top"),
}  # fmt: skip

FURTHER: dict[str, tuple[Expr, Expr]] = {
    "norm": (mc.norm(power(X, k) @ b), X),
    "square of a norm": (mc.sum((power(X, k) @ b) ** 2), X),
    "of a sum with an outer product": (v.T @ power(A + v @ v.T, k) @ v, v),
    "of a product with a diagonal": (a.T @ power(A @ mc.diag(v), k) @ b, v),
    "vector by vector": (power(mc.diag(v) @ A, k) @ b, v),
    "negative": (a.T @ power(X, -k) @ b, X),
    "bilinear with a negative number": (a.T @ power(X, -21) @ b, X),
    "bilinear with a number": (a.T @ power(X, 22) @ b, X),
    "of rectangular matrices": (a.T @ power(Y.T @ Y, k) @ b, Y),
    "entry by entry": (mc.sum(mc.tanh(power(X, k) / 20) * A), X),
    "two exponents": (tr(A @ power(X, k) @ B @ power(X, j)), X),
    "powers of different matrices": (a.T @ power(X, k) @ power(A, j) @ b, A),
    "by a scalar that does not commute": (a.T @ power(t * A + B, k) @ b, t),
    "a named power": (mc.sum((mc.let("Z", power(X, k)) @ b - a) ** 2), X),
    "a named exponent": (a.T @ power(X, mc.let("q", k + 1)) @ b, X),
    "of a named matrix": (tr(power(mc.let("U", t * A), k) @ B), t),
    "many": (sum((mc.scalar(f"c_{i}") * (a.T @ power(X, k) @ b) * (b.T @ X @ a) for i in range(4)), 0 * k), X),
}


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_derivative_is_written_as_it_is_published(name: str, layout: str) -> None:
    of, by, *forms = PUBLISHED[name]
    derivation = mc.derive(of, by, layout=layout)
    assert derivation.result == mc.parse(forms[LAYOUTS.index(layout)], shapes=DECLARED)
    assert mc.parse(derivation.result.latex(), shapes=DECLARED) == derivation.result
    assert derivation.verify().ok
    assert all(verify_step(step) for step in derivation.steps)


ALL: dict[str, tuple[Expr, Expr]] = {name: (of, by) for name, (of, by, _, _) in PUBLISHED.items()} | FURTHER


def test_no_case_hides_another() -> None:
    assert len(ALL) == len(PUBLISHED) + len(FURTHER)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_result_and_index_form_agree_with_reverse_mode(name: str, layout: str) -> None:
    of, by = ALL[name]
    data = draw([of, by], np.random.default_rng(5))
    derivation = mc.derive(of, by, layout=layout)
    raw = jacobian(of, by, data)
    close(index_sum(derivation.index_form.form, data), raw)
    close(value(derivation.result, data), laid_out_by_definition(raw, of.shape, by.shape, layout))


@pytest.mark.parametrize("exponent", [0, 1, 2, 5])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_exponent_is_given_as_a_number(exponent: int, layout: str) -> None:
    rng = np.random.default_rng(exponent)
    values: dict[str, Any] = {"X": rng.normal(size=(3, 3)), "a": rng.normal(size=3), "b": rng.normal(size=3), "k": exponent}
    derivation = mc.derive(a.T @ power(X, k) @ b, X, layout=layout)
    terms = [np.linalg.matrix_power(values["X"], r) for r in range(exponent)]
    wanted = sum((np.outer(p.T @ values["a"], q @ values["b"]) for p, q in zip(terms, terms[::-1], strict=True)), np.zeros((3, 3)))
    close(derivation.tensor.evaluate(values), wanted)
    close(derivation.index_form.evaluate(values), wanted)
    close(derivation.result.evaluate(values), wanted if layout == "denominator" else wanted.T)


def test_the_trace_holds_for_negative_exponents_as_well() -> None:
    values: dict[str, Any] = {"X": np.array([[2.0, 1.0], [0.5, 3.0]]), "k": -2}
    inverse = np.linalg.inv(values["X"])
    close(mc.derive(tr(power(X, k)), X, layout="numerator").result.evaluate(values), -2 * inverse @ inverse @ inverse)


def test_an_exponent_that_is_not_whole_is_refused() -> None:
    form = mc.derive(tr(power(X, k)), X, layout="numerator").index_form
    with pytest.raises(EvaluationError, match=r"k - 1 is 0\.5 here; an exponent of a matrix is a whole number"):
        form.evaluate({"X": np.eye(2), "k": 1.5})


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("of", [power(X, k), power(X, k) @ mc.inv(X), power(X.T, k), power(X, -k)], ids=repr)
def test_the_derivative_of_a_power_by_vec(of: Expr, layout: str) -> None:
    data = draw([of], np.random.default_rng(6))
    found = value(mc.derive(of, X, layout=layout).vec_form, data)
    close(found, vec_by_definition(jacobian(of, X, data), of.shape, X.shape, layout))


def test_a_power_of_a_kronecker_product_has_an_index_form() -> None:
    S = mc.matrix("S", "m", "m")
    of = tr(power(mc.kron(S, X), k))
    derivation = mc.derive(of, X, layout="numerator")
    data = draw([of], np.random.default_rng(7))
    close(index_sum(derivation.index_form.form, data), jacobian(of, X, data))
    with pytest.raises(NoMatrixFormError, match=r"A power of a matrix whose axes are made of several indices"):
        _ = derivation.result


# ---- second derivatives ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "by"),
    [(tr(power(X, k)), X), (a.T @ power(X, k) @ b, X), (a.T @ power(X, -k) @ b, X), (mc.sum((power(X, k) @ b) ** 2), X),
     (a.T @ power(t * A, k) @ b, t), (a.T @ power(A + v @ v.T, k) @ b, v)],
    ids=["trace", "bilinear", "negative", "norm", "scalar", "vector"],
)  # fmt: skip
def test_second_derivatives_agree_with_differences_of_reverse_mode(of: Expr, by: Expr) -> None:
    own = Engine()
    assert isinstance(by, Symbol)
    variable = own.variable(by)
    form = own.derivative(own.derivative(own.lowered(of).form, variable), variable)
    data = draw([of], np.random.default_rng(8))
    close(index_sum(form, data), hessian(of, by, by, data), 1e-6)


def test_hessians_that_matrices_write() -> None:
    assert repr(mc.hessian(tr(power(X, k)), X)) == "k (sum_{r=0}^{k - 2} (X^r ⊗ (X^(k - 2 - r))^T) K_{n,n})"
    assert repr(mc.hessian(a.T @ power(t * A, k) @ b, t)) == "k (k - 1) (a^T A A (t A)^(k - 2) b)"


def test_a_second_derivative_that_no_matrices_write_says_so() -> None:
    with pytest.raises(NoMatrixFormError, match=r"the derivative of a power of a matrix along a matrix that is not shown to commute"):
        mc.hessian(a.T @ power(X, k) @ b, X)


# ---- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "of",
    [tr(power(X, k)), a.T @ power(X, k) @ b, tr(power(k * X, k)), power(X, k) @ b, mc.let("C", tr(power(X, mc.let("q", k + 1))))],
    ids=["trace", "bilinear", "base and exponent", "vector", "named"],
)
def test_there_is_no_derivative_by_the_exponent(of: Expr) -> None:
    with pytest.raises(UnsupportedError, match=r"There is no derivative by [kq]: it stands in the exponent of a matrix"):
        _ = mc.derive(of, k, layout="numerator").result


def test_many_terms_do_not_hide_the_exponent() -> None:
    """With more terms than are spread the derivative is taken inwards, by another road."""
    of = sum((mc.scalar(f"c_{i}") * k * (a.T @ power(X, k) @ b) for i in range(9)), 0 * k)
    with pytest.raises(UnsupportedError, match=r"There is no derivative by k"):
        _ = mc.derive(of, k, layout="numerator").result


@pytest.mark.parametrize(
    ("exponent", "shown"),
    [(k * j, "k j"), (k**2, r"k\^2"), (1 / k, "1/k"), (a.T @ b, r"a\^T b")],
    ids=["product", "power", "quotient", "inner"],
)
def test_an_exponent_that_is_not_linear_is_refused(exponent: Expr, shown: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"its exponent is to be a sum of numbers, scalar names, sizes .*{shown} is none"):
        _ = mc.derive(tr(power(X, exponent)), X, layout="numerator").result


# ---- joining ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (power(X, k) @ power(X, j), power(X, j + k)),
        (power(X, k) @ X, power(X, k + 1)),
        (X @ power(X, k), power(X, k + 1)),
        (power(X, k) @ mc.inv(X), power(X, k - 1)),
        (power(X, k) @ power(X, -k), mc.identity("n") @ mc.identity("n")),
        (power(X, k) @ power(X, 1 - k), X),
        (power(X, -k - 1) @ power(X, k), mc.inv(X)),
        (power(A + B, k) @ (A + B), power(A + B, k + 1)),
        (power(X, k) @ mc.expm(X) @ power(X, j), mc.expm(X) @ power(X, j + k)),
        (power(X, k).T @ X.T, power(X, k + 1).T),
    ],
    ids=lambda side: repr(side).replace(" ", ""),
)
def test_powers_of_one_matrix_are_joined(left: Expr, right: Expr) -> None:
    assert Engine().lowered(left).form == Engine().lowered(right).form


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (power(X, k) @ power(X, k).T, power(X, 2 * k)),
        (power(X, k) @ A @ power(X, j), A @ power(X, j + k)),
        (power(X, k) @ power(A, k), power(X @ A, k)),
        (power(A + B, k) @ (A - B), power(A + B, k + 1)),
        (power(X, k) * power(X, k), power(X, 2 * k)),
    ],
    ids=lambda side: repr(side).replace(" ", ""),
)
def test_others_are_not(left: Expr, right: Expr) -> None:
    assert Engine().lowered(left).form != Engine().lowered(right).form
    data = draw([left, right], np.random.default_rng(9))
    close(index_sum(Engine().lowered(left).form, data), value(left, data))


def test_a_product_without_a_power_stays_as_it_is_written() -> None:
    kinds = {atom.kind for term in Engine().lowered(X @ X @ mc.inv(X)).form.terms for atom, _, _ in term.factors}
    assert kinds == {AtomKind.VARIABLE, AtomKind.INVERSE}


def test_exponents_are_sums_of_names_and_numbers() -> None:
    made = exponent_of(2 * k - (j - 3) / 2 - 1, power(X, k))
    assert repr(made.expression()) == "2 k - j/2 + 1/2"
    assert made - made == Exponent(0)
    assert (made.times(2) + exponent_of(j, power(X, j))).names == {"k"}
    signs = {-k: True, -k - 5: True, 1 - k: True, k - j: False, lift(-3): True, k: False}
    assert {e: exponent_of(e, power(X, e)).is_negative for e in signs} == signs
    assert Range(made) == Range(exponent_of(2 * k - j / 2 + lift(1) / 2, power(X, k)))


def test_the_letter_of_a_sum_is_no_name_in_it() -> None:
    r = mc.vector("r", "n")
    assert repr(mc.derive(r.T @ power(X, k) @ b, X, layout="numerator").result) == "sum_{s=0}^{k - 1} X^(k - 1 - s) b r^T X^s"
    R = mc.matrix("X", "r", "r")
    of = mc.vector("a", "r").T @ power(R, k) @ mc.vector("b", "r")
    assert repr(mc.derive(of, R, layout="numerator").result).startswith("sum_{s=0}^{k - 1}")


# ---- planted faults --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [-1, 0, 2], ids=["sign", "zero", "twice"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch, factor: int, layout: str) -> None:
    right = rules.DERIVATIVES[AtomKind.MATRIX_POWER]

    def wrong(atom: Any, by: Any, derive: Any) -> Form:
        form = right.apply(atom, by, derive)
        return Form(form.axes, tuple(replace(term, coefficient=rational(factor * term.coefficient)) for term in form.terms))

    table = MappingProxyType({**rules.DERIVATIVES, AtomKind.MATRIX_POWER: replace(right, apply=wrong)})
    for module in (rules, engine, sweep):
        monkeypatch.setattr(module, "DERIVATIVES", table)
    for of in (tr(power(X, k)), a.T @ power(X, k) @ b):
        report = mc.derive(of, X, layout=layout).verify()
        assert not report.ok
        assert [check.passed for check in report.checks if check.oracle in ("backprop", "difference", "exact")] == [False] * 3


def test_the_exact_oracle_takes_a_number_for_the_exponent_and_tells_it() -> None:
    report = mc.derive(a.T @ power(X, k) @ power(A, j) @ b, X, layout="numerator").verify()
    (exact,) = (check for check in report.checks if check.oracle == "exact")
    assert exact.passed
    assert [(tried["j"], tried["k"]) for tried in exact.sizes] == [(3, 2)] * len(exact.sizes)
    assert "(n, j, k)" in exact.found


@pytest.mark.parametrize(
    "wrong",
    [r"\sum_{r=0}^{k-1} X^r b a^\top X^r", r"\sum_{r=0}^{k-2} X^{k-1-r} b a^\top X^r", r"\sum_{r=1}^{k} X^{k-1-r} b a^\top X^r",
     r"\sum_{r=0}^{k-1} X^r a b^\top X^{k-1-r}"],
    ids=["exponent", "last term", "first term", "order"],
)  # fmt: skip
def test_a_wrong_sum_over_powers_has_another_value(wrong: str) -> None:
    of = a.T @ power(X, k) @ b
    data = draw([of], np.random.default_rng(10))
    right = value(mc.derive(of, X, layout="numerator").result, data)
    assert np.abs(value(mc.parse(wrong, shapes=DECLARED), data) - right).max() > 1e-3


def test_every_atom_of_a_power_tells_the_names_in_it() -> None:
    form = mc.derive(a.T @ power(X, k) @ b, X, layout="numerator").index_form.form
    atoms = [atom for inner in nested_forms([form]) for term in inner.terms for atom, _, _ in term.factors]
    assert [atom.names for atom in atoms if atom.kind is AtomKind.MATRIX_POWER] == [{"X", "k"}] * 2


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\operatorname{tr}(X^k)", ("k X^(k - 1)", "k X^(k - 1)")),
        (r"a^\top X^k b", ("sum_{r=0}^{k - 1} X^(k - 1 - r) b a^T X^r", "sum_{r=0}^{k - 1} X^r a b^T X^(k - 1 - r)")),
    ],
    ids=["trace", "bilinear"],
)
def test_powers_of_a_symmetric_matrix_are_not_transposed(text: str, shown: tuple[str, str], layout: str) -> None:
    derivation = mc.derive(text, "X", shapes=DECLARED, layout=layout, assume=["X symmetric", "k positive integer"])
    assert repr(derivation.result) == shown[LAYOUTS.index(layout)]
    assert derivation.verify().ok
