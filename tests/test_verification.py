"""Verification, by planted faults: each wrong rule, factor, layout or oracle is caught, and no oracle asks the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc import verification
from matcalc.errors import EvaluationError
from matcalc.exact.oracle import judge
from matcalc.index import engine, functions, rules, sweep
from matcalc.index.form import Atom, AtomKind, Form, rational
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import Expr, transpose
from matcalc.numeric.differences import complex_step
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.tape import jacobian
from matcalc.verification import Check, VerificationReport, relative_error

x, y, c = mc.vector("x", "n"), mc.vector("y", "m"), mc.scalar("c")
W, S = mc.matrix("W", "m", "n"), mc.matrix("S", "n", "n")
f: Any = mc.function("f")
u = mc.function("u", of=(x, W), shape=("q",))
assert isinstance(u, Expr)
LAYOUTS = ("numerator", "denominator")


USES: dict[AtomKind, Expr] = {
    AtomKind.VARIABLE: mc.sum(W @ x),
    AtomKind.FUNCTION: mc.sum(f(x)),
    AtomKind.BRACKET: mc.sum((x + c) ** 3),
    AtomKind.INVERSE: mc.trace(mc.inv(S) @ mc.diag(x)),
    AtomKind.DETERMINANT: mc.det(S + mc.diag(x)),
    AtomKind.SOFTMAX: mc.sum(mc.softmax(x) * x),
    AtomKind.MAP: mc.sum(u),
}


def planted(monkeypatch: pytest.MonkeyPatch, kind: AtomKind, apply: Callable[..., Form]) -> None:
    table = MappingProxyType({**rules.DERIVATIVES, kind: replace(rules.DERIVATIVES[kind], apply=apply)})
    for module in (rules, engine, sweep):
        monkeypatch.setattr(module, "DERIVATIVES", table)


def times(apply: Callable[..., Form], factor: int) -> Callable[..., Form]:
    """The rule, giving ``factor`` times what it should."""

    def wrong(atom: Atom, by: Atom, derive: Any) -> Form:
        form = apply(atom, by, derive)
        terms = tuple(replace(t, coefficient=rational(factor * t.coefficient)) for t in form.terms)
        return Form(form.axes, terms)

    return wrong


@pytest.mark.parametrize("factor", [-1, 0, 2], ids=["sign", "zero", "twice"])
@pytest.mark.parametrize("kind", USES, ids=str)
def test_a_wrong_row_of_the_table_of_derivatives_is_found(monkeypatch: pytest.MonkeyPatch, kind: AtomKind, factor: int) -> None:
    of, by = USES[kind], S if kind is AtomKind.INVERSE else x
    assert mc.derive(of, by, layout="numerator").verify().ok
    planted(monkeypatch, kind, times(rules.DERIVATIVES[kind].apply, factor))
    for layout in LAYOUTS:
        report = mc.derive(of, by, layout=layout).verify()
        assert not report.ok
        assert [(check.oracle, check.passed) for check in report.checks] == [
            ("backprop", False), ("difference", False), ("exact", False), ("index", True),
        ]  # fmt: skip
        assert "NOT verified" in repr(report)
        assert "exact       differs" in repr(report) and "(dual numbers modulo a prime of" in repr(report)


def test_the_index_oracle_shares_the_rules_and_does_not_count_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all others out of order, what is left passes and proves nothing."""
    switch_off(monkeypatch, "jacobian", "central", "complex_step", "judge")
    report = mc.derive(mc.sum(W @ x), x, layout="numerator").verify()
    assert [check.passed for check in report.checks] == [False, False, False, True]
    assert [check.reason for check in report.checks] == [*["switched off"] * 3, None]
    assert not report.ok
    assert repr(report).count("not run: switched off") == 3


def switch_off(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    def fails(*args: Any, **options: Any) -> Any:
        raise EvaluationError("switched off")

    for name in names:
        monkeypatch.setattr(verification, name, fails)


def check(oracle: str, error: float | None, independent: bool) -> Check:
    return Check(oracle, "", error, 1e-9, None if error is not None else "not run", independent)


@pytest.mark.parametrize(
    ("checks", "ok"),
    [
        ([check("index", 0.0, False)], False),
        ([check("backprop", None, True), check("index", 0.0, False)], False),
        ([check("backprop", 0.0, True), check("index", 1.0, False)], False),
        ([check("backprop", 1.0, True), check("difference", 0.0, True)], False),
        ([check("backprop", 0.0, True), check("difference", None, True)], True),
        ([check("backprop", float("nan"), True)], False),
        ([], False),
    ],
    ids=["index alone", "backprop not run", "index fails", "backprop fails", "one is enough", "not a number", "none"],
)
def test_a_report_is_ok_only_if_an_independent_oracle_passed_and_none_failed(checks: list[Check], ok: bool) -> None:
    assert VerificationReport("d", tuple(checks), {}, 0).ok is ok


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "log", "gelu", "normal_pdf", "softplus"])
def test_a_wrong_row_of_the_table_of_functions_is_found(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    of = mc.sum(known_function(name)(x))
    assert mc.derive(of, x, layout="denominator").verify().ok
    wrong = MappingProxyType({**functions.FUNCTION_RULES, name: functions.FUNCTION_RULES["cos"]})
    monkeypatch.setattr(functions, "FUNCTION_RULES", wrong)
    report = mc.derive(of, x, layout="denominator").verify()
    assert not report.ok
    assert not report.checks[0].passed


def with_result(d: mc.Derivation, result: Expr) -> mc.Derivation:
    """The derivation with another result planted."""
    d.__dict__["result"] = result
    return d


a, X, b = mc.vector("a", 3), mc.matrix("X", 3, 4), mc.vector("b", 4)
z = mc.let("z", W @ x + y)
C = mc.let("C", mc.sum(mc.tanh(z) ** 2))

FAULTS: dict[str, tuple[Expr, Expr, str, Callable[[Expr], Expr]]] = {
    "transposed": (a.T @ X @ b, X, "denominator", transpose),
    "swapped factors": (x.T @ S @ S.T @ mc.tanh(x), x, "numerator", lambda e: (mc.tanh(x).T @ S.T @ S) + e - e),
    "scaled": (C, W, "numerator", lambda e: 2 * e),
    "sign": (C, x, "denominator", lambda e: -e),
    "transposed square": (mc.let("v", S @ mc.tanh(x)), x, "numerator", transpose),
    "one entry of noise": (C, x, "denominator", lambda e: e + 1e-6),
    "other layout": (C, x, "denominator", transpose),
}


@pytest.mark.parametrize(("of", "by", "layout", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_in_the_result_is_found(of: Expr, by: Expr, layout: str, fault: Callable[[Expr], Expr]) -> None:
    d = mc.derive(of, by, layout=layout)
    assert d.verify().ok
    wrong = with_result(mc.derive(of, by, layout=layout), fault(d.result))
    report = wrong.verify()
    assert not report.ok
    assert not any(check.passed for check in report.checks if check.oracle != "difference" or check.tolerance < 1e-7)


@pytest.mark.parametrize("place", [0, 1])
def test_a_fault_in_a_step_is_found_at_that_step(place: int) -> None:
    steps = mc.derive(C, x, layout="denominator").steps
    assert all(step.verify() for step in steps)
    closed = [(step, step.after) for step in steps if isinstance(step.after, Expr)]
    step, after = closed[place]
    assert not replace(step, after=2 * after).verify()


def test_an_oracle_made_to_agree_does_not_hide_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were reverse mode the engine in disguise, differences would still tell."""
    wrong = 2 * mc.derive(C, x, layout="denominator").result
    found: dict[str, Any] = {}
    monkeypatch.setattr(verification, "value", lambda e, data: found.setdefault("value", value(e, data)))
    monkeypatch.setattr(verification, "jacobian", lambda of, by, data: found["value"].reshape(-1))
    report = with_result(mc.derive(C, x, layout="denominator"), wrong).verify()
    assert [check.passed for check in report.checks] == [True, False, False, False]
    assert not report.ok


def only_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """All other independent oracles out of order; the sums over indices, which share the rules, left."""
    switch_off(monkeypatch, "jacobian", "central", "complex_step")


@pytest.mark.parametrize(("of", "by", "layout", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_the_exact_oracle_finds_each_fault_alone(
    monkeypatch: pytest.MonkeyPatch, of: Expr, by: Expr, layout: str, fault: Callable[[Expr], Expr]
) -> None:
    only_exact(monkeypatch)
    d = mc.derive(of, by, layout=layout)
    report = d.verify()
    assert report.ok
    assert [check.oracle for check in report.checks if check.passed and check.independent] == ["exact"]
    wrong = with_result(mc.derive(of, by, layout=layout), fault(d.result)).verify()
    assert exact_of(wrong).error == float("inf")
    assert exact_of(wrong).error_probability is None
    assert not wrong.ok


@pytest.mark.parametrize("factor", [-1, 0, 2], ids=["sign", "zero", "twice"])
@pytest.mark.parametrize("kind", USES, ids=str)
def test_the_exact_oracle_finds_a_wrong_rule_alone(monkeypatch: pytest.MonkeyPatch, kind: AtomKind, factor: int) -> None:
    """The sums over indices agree with the wrong rule, since they share it."""
    only_exact(monkeypatch)
    of, by = USES[kind], S if kind is AtomKind.INVERSE else x
    assert mc.derive(of, by, layout="numerator").verify().ok
    planted(monkeypatch, kind, times(rules.DERIVATIVES[kind].apply, factor))
    report = mc.derive(of, by, layout="numerator").verify()
    assert [check.passed for check in report.checks] == [False, False, False, True]
    assert exact_of(report).error == float("inf")


def exact_of(report: VerificationReport) -> Check:
    (found,) = [check for check in report.checks if check.oracle == "exact"]
    return found


def test_the_exact_oracle_finds_a_fault_that_floats_pass() -> None:
    """An error of 1e-10 is within the tolerance of the others."""
    d = mc.derive(C, x, layout="denominator")
    report = with_result(mc.derive(C, x, layout="denominator"), (1 + Fraction(1, 10**10)) * d.result).verify()
    assert [check.passed for check in report.checks] == [True, True, False, True]
    assert not report.ok


def test_the_exact_oracle_states_its_chance_of_an_error() -> None:
    report = mc.derive(C, W, layout="numerator").verify()
    chance = exact_of(report).error_probability
    assert chance is not None
    assert 0.0 < chance < 1e-15
    assert f"exact       equal, error probability at most {chance:.0e}" in repr(report)
    assert all(check.error_probability is None for check in report.checks if check.oracle != "exact")


def test_derivatives_by_vec_are_judged_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    only_exact(monkeypatch)
    d = mc.derive(W @ x, W, layout="numerator")
    assert exact_of(d.verify()).passed
    d.__dict__["vec_form"] = 2 * d.vec_form
    assert exact_of(d.verify()).error == float("inf")


def test_where_the_exact_oracle_proves_nothing_it_counts_as_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Roots inside exponentials: their signs could make a wrong result agree."""
    d = mc.derive(mc.sum(mc.exp(mc.sqrt(x))), x, layout="numerator")
    check = exact_of(d.verify())
    assert (check.passed, check.error) == (False, None)
    assert "a wrong result would agree as well with a chance of up to" in str(check.reason)
    only_exact(monkeypatch)
    assert not d.verify().ok


def test_what_has_no_matrix_is_not_run_exactly() -> None:
    A, C, D, B = mc.matrix("A", "p", "q"), mc.matrix("C", "q", "r"), mc.matrix("D", "q", "n"), mc.matrix("B", "p", "r")
    knotted = ((A @ (C * (D @ mc.diag(x) @ mc.matrix("E", "r", "n").T))) * B) @ mc.ones("r")
    check = exact_of(mc.derive(knotted, x, layout="numerator").verify())
    assert (check.passed, check.error) == (False, None)
    assert "neither ⊙, diag nor a trace unties them" in str(check.reason)


def test_the_oracles_run_without_the_tables_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    data = draw([C], np.random.default_rng(0))
    wanted = jacobian(C, W, data)
    for module in (rules, engine, sweep):
        monkeypatch.setattr(module, "DERIVATIVES", {})
    monkeypatch.setattr(functions, "FUNCTION_RULES", {})
    np.testing.assert_array_equal(jacobian(C, W, data), wanted)
    np.testing.assert_allclose(complex_step(C, W, data), wanted, rtol=1e-10)
    z_bar = 2 * mc.tanh(z) * (1 - mc.tanh(z) ** 2)
    assert judge(C, W, x @ z_bar.T, "numerator").agrees
    assert not judge(C, W, z_bar @ x.T, "numerator").agrees


n, p_7 = mc.dims("n"), mc.dims("p_1 p_2 p_3 p_4 p_5 p_6 p_7")
RIGHT_FOR_2: dict[str, tuple[Expr, Expr, Expr]] = {
    "n for 2": (x.T @ x, x, n * x.T),
    "Cayley-Hamilton": (mc.trace(S @ S @ S), S, 3 * (mc.trace(S) * S - mc.det(S) * mc.identity("n"))),
    "n/2": (mc.sum(mc.tanh(x)), x, n / 2 * (1 - mc.tanh(x) ** 2).T),
}


@pytest.mark.parametrize("name", RIGHT_FOR_2)
def test_what_is_right_for_two_entries_only_fails_every_oracle(name: str) -> None:
    of, by, claim = RIGHT_FOR_2[name]
    found = judge(of, by, claim, "numerator")
    assert (found.agrees, dict(found.sizes)) == (False, {"n": 3})
    assert judge(of, by, claim, "numerator", sizes={"n": 2}).agrees
    report = with_result(mc.derive(of, by, layout="numerator"), claim).verify()
    passed = {check.oracle: check.passed for check in report.checks}
    assert passed == {"backprop": False, "difference": True, "exact": False, "index": False}
    assert "differs for n = 3" in repr(report)
    assert not report.ok


def test_a_report_tells_all_sizes() -> None:
    report = mc.derive(C, W, layout="numerator").verify()
    assert (dict(report.sizes), dict(report.second_sizes)) == ({"m": 2, "n": 3}, {"m": 3, "n": 2})
    assert exact_of(report).sizes == ({"m": 2, "n": 3}, {"m": 3, "n": 2}, {"m": 3, "n": 3})
    assert "verified (m = 2, n = 3 and m = 3, n = 2; seed 0)" in " ".join(repr(report).split())
    assert " ".join(repr(report).split()).count(" for (m, n) = (2, 3), (3, 2), (3, 3)") == 1
    many = mc.derive(sum((mc.sum(mc.vector(f"v{k}", size) ** 2) for k, size in enumerate(p_7)), c), "v0", layout="numerator").verify()
    assert " for 3 choices of the 7 sizes" in " ".join(repr(many).split())


def test_sizes_that_are_asked_for_are_the_only_ones() -> None:
    report = mc.derive(C, W, layout="numerator").verify(sizes={"m": 4, "n": 9})
    assert (dict(report.second_sizes), exact_of(report).sizes) == ({}, ({"m": 4, "n": 9},))


def test_sizes_and_seed_are_those_asked_for() -> None:
    d = mc.derive(C, W, layout="numerator")
    report = d.verify(sizes={"m": 4, "n": 9}, seed=5)
    assert (dict(report.sizes), report.seed, report.ok) == ({"m": 4, "n": 9}, 5, True)
    assert d.verify(seed=1) == d.verify(seed=1)
    assert len(set(d.verify().sizes.values())) == 2


@pytest.mark.parametrize(
    ("found", "wanted", "error"),
    [
        ([1.0, 2.0], [1.0, 4.0], 0.5),
        ([1.0, 2.0], [1.0, 2.0, 3.0], float("inf")),
        ([float("nan"), 2.0], [1.0, 2.0], float("inf")),
        ([0.0, 1e-5], [0.0, 0.0], 1.0),
        ([1e-17, -1e-17], [0.0, 1e-17], 2e-12),
    ],
    ids=["relative", "shape", "not a number", "zero wanted", "rounding where zero is wanted"],
)
def test_the_error_is_relative_to_the_largest_entry(found: list[float], wanted: list[float], error: float) -> None:
    assert relative_error(np.array(found), np.array(wanted)) == pytest.approx(error)


@pytest.mark.parametrize("of", [mc.sum(mc.softmax(x)), mc.trace(mc.inv(S) @ S), mc.sum(x) / mc.sum(x) + c], ids=repr)
def test_a_derivative_that_vanishes_is_verified(of: Expr) -> None:
    for by in (x, S):
        assert mc.derive(of, by, layout="numerator").verify().ok


def test_gelu_takes_central_differences() -> None:
    report = mc.derive(mc.sum(mc.gelu(x)), x, layout="numerator").verify()
    assert [check.method for check in report.checks[:2]] == ["reverse mode in NumPy", "central differences"]
    assert report.ok
