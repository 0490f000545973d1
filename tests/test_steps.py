"""The steps of a derivation: one after another, each true by itself, and the last one the answer."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc as mc
from matcalc.index.index_form import IndexForm
from matcalc.language.expressions import Derivative, Expr
from matcalc.steps import Step

x, y, t = mc.vector("x", "n"), mc.vector("y", "m"), mc.scalar("t")
W, V, S = mc.matrix("W", "m", "n"), mc.matrix("V", "p", "m"), mc.matrix("S", "n", "n")
f: Any = mc.function("f")
z = mc.let("z", W @ x + y)
a = mc.let("a", f(z))
C = mc.let("C", mc.sum((V @ a) ** 2))
Z = mc.let("Z", mc.tanh(V @ W))
L = mc.let("L", mc.sum(Z**2))
R = mc.let("R", mc.let("s", x.T @ x) * mc.let("w", mc.sin(S @ x)))

CASES: dict[str, tuple[Expr, Expr]] = {
    "chain": (C, x), "stand-in": (C, W), "one factor": (z, x), "three axes": (z, W), "four axes": (Z, W), "over a matrix": (L, W),
    "two paths": (R, x), "unnamed": (mc.norm(S @ x), x), "itself": (z, z), "absent": (z, t), "scalar": (mc.sin(t) * t, t),
    "matrix by itself": (W, W), "four axes of a chain": (a, W),
}  # fmt: skip


@pytest.mark.parametrize("style", ["hadamard", "diag"])
@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(("of", "by"), CASES.values(), ids=CASES.keys())
def test_every_step_holds_by_itself(of: Expr, by: Expr, layout: str, style: str) -> None:
    steps = mc.derive(of, by, layout=layout, style=style).steps
    assert steps
    for step in steps:
        assert step.rule
        assert step.source
        assert step.layout == layout
        assert step.verify(), step
        assert step.verify(seed=3), step


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(("of", "by"), CASES.values(), ids=CASES.keys())
def test_the_last_step_is_the_answer(of: Expr, by: Expr, layout: str) -> None:
    d = mc.derive(of, by, layout=layout)
    answer = d.result if len(d.shape) <= 2 else d.vec_form
    last = d.steps[-1].after
    assert last == answer or (last == d.index_form and len(d.shape) > 2)


def test_the_steps_of_a_chain_begin_with_the_derivative_and_the_order_of_its_factors() -> None:
    first = mc.derive(C, x, layout="denominator").steps[0]
    assert isinstance(first.before, Derivative)
    assert first.rule == "chain rule, denominator layout: factors from input to output"
    assert repr(first.after) == "dz/dx da/dz dC/da"
    assert mc.derive(C, x, layout="numerator").steps[0].rule == "chain rule, numerator layout: factors from output to input"


def test_each_factor_is_shown_in_index_form_and_as_a_matrix() -> None:
    steps = mc.derive(C, x, layout="numerator").steps
    shown = [step for step in steps if isinstance(step.after, IndexForm)]
    assert [repr(step.before) for step in shown] == ["dC/da", "da/dz", "dz/dx"]
    matrices = [step for step in steps if isinstance(step.before, IndexForm)]
    assert [step.before for step in matrices] == [step.after for step in shown]


def test_a_stand_in_is_named_as_one() -> None:
    (first, *_) = mc.derive(C, W, layout="numerator").steps
    assert "dz/dW has 3 axes and x stands for it" in first.rule


def test_two_paths_are_summed() -> None:
    (first, *_) = mc.derive(R, x, layout="numerator").steps
    assert first.rule.endswith("summed over 2 paths")


@pytest.mark.parametrize(("of", "by", "rule"), [(z, z, "a quantity by itself"), (z, t, "a quantity that does not occur: zero")])
def test_without_a_path_there_is_one_step(of: Expr, by: Expr, rule: str) -> None:
    (step,) = mc.derive(of, by, layout="numerator").steps
    assert step.rule == rule


def test_a_result_without_factors_in_matrix_form_is_derived_from_the_index_form() -> None:
    """Of two factors one has no matrix form; the whole has one."""
    one, two, three = mc.matrix("A", "m", "p"), mc.matrix("B", "m", "q"), mc.matrix("G", "p", "q")
    four, five = mc.matrix("D", "p", "n"), mc.matrix("E", "q", "n")
    bridge = mc.let("v", ((one @ (three * (four @ mc.diag(x) @ five.T))) * two) @ mc.ones("q"))
    d = mc.derive(mc.let("K", mc.sum(bridge)), x, layout="denominator")
    assert [step.verify() for step in d.steps] == [True, True]
    assert d.steps[-1].after == d.result


@pytest.mark.parametrize("fault", [lambda e: 2 * e, lambda e: -e, lambda e: e.T], ids=["scaled", "sign", "transposed"])
def test_a_wrong_step_does_not_verify(fault: Any) -> None:
    d = mc.derive(C, x, layout="numerator")
    true = Step("claimed", d.steps[0].before, d.result, "planted", "numerator")
    wrong = Step("claimed", d.steps[0].before, fault(d.result), "planted", "numerator")
    other_layout = Step("claimed", d.index_form, d.result, "planted", "denominator")
    assert true.verify()
    assert not wrong.verify()
    assert not other_layout.verify()


def test_a_step_states_the_rules_it_uses() -> None:
    w, v = mc.matrix("W", "m", "n"), mc.vector("x", "n")
    first, *_ = mc.derive(mc.tanh(w @ v), v, layout="numerator").steps
    assert r"\frac{\partial f(u_i)}{\partial x_j} = f'(u_i)" in first.statement
    assert "elementwise function" in first.rule
