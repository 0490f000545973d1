"""Whatever takes a name takes the plain name or any LaTeX writing of the symbol."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError, MatcalcError, UnknownNameError
from matcalc.language.expressions import Expr

W = mc.matrix(r"\mathbf{W}^{(1)}", "n_1", "n_0")
x = mc.vector(r"\mathbf{x}_1", "n_0")
theta = mc.vector(r"\boldsymbol{\theta}", "n_1")
phi: Any = mc.function(r"\phi")
z = mc.let(r"\mathbf{z}^{(1)}", W @ x + theta)
C = mc.let("C", mc.sum(phi(z) ** 2))
VARIABLES = [
    ("W^(1)", W), (r"\mathbf{W}^{(1)}", W), ("W^{(1)}", W), ("x_1", x), ("x1", x), (r"\mathbf{x}_{1}", x), (r"\theta", theta),
    ("theta", theta), (r"\mathbf z^{(1)}", z), ("z^(1)", z),
]  # fmt: skip
GENERATOR = np.random.default_rng(5)
VALUES = {
    r"\mathbf{W}^{(1)}": GENERATOR.normal(size=(3, 2)), "x1": GENERATOR.normal(size=2), r"\boldsymbol\theta": GENERATOR.normal(size=3),
}  # fmt: skip
PLAIN = dict(zip(("W^(1)", "x_1", "theta"), VALUES.values(), strict=True))


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_a_variable_is_named_in_any_writing(name: str, variable: Expr) -> None:
    assert mc.derive(C, name, layout="numerator").wrt == variable
    assert mc.gradients(C, [name], layout="denominator") == mc.gradients(C, [variable], layout="denominator")
    assert repr(mc.orders(C, name, layout="numerator")) == repr(mc.orders(C, variable, layout="numerator"))


def test_a_hessian_is_by_names_in_any_writing() -> None:
    f = mc.sum((W @ x) * theta)
    assert mc.hessian(f, r"\mathbf{x}_1", r"\theta") == mc.hessian(f, x, theta)


def test_near_names_are_suggested_for_a_name_in_latex() -> None:
    with pytest.raises(UnknownNameError, match=r"Nothing here is named '\\\\mathbf\{W\}\^\{\(2\)\}'. Did you mean W\^\(1\)"):
        mc.derive(C, r"\mathbf{W}^{(2)}", layout="numerator")


def test_two_symbols_of_one_key_are_told_apart_by_their_own_names() -> None:
    first, second = mc.vector("v1", "n"), mc.vector("v_1", "n")
    f = mc.sum(first * second**2)
    for name, variable in (("v1", first), ("v_1", second), (r"\mathbf{v}_1", second)):
        assert mc.derive(f, name, layout="numerator").wrt == variable
    other = mc.vector("v_{1}_a", "n") + mc.vector("u1^2", "n") + mc.matrix("u_1^2", "n", "n") @ first
    with pytest.raises(UnknownNameError, match=r"u1\^\{2\} may be each of u1\^2 and u_1\^2"):
        mc.derive(other, "u1^{2}", layout="numerator")


def test_values_sizes_and_functions_are_given_in_any_writing() -> None:
    d = mc.derive(C, W, layout="denominator")
    expected = d.result.evaluate(PLAIN, functions={"phi": "tanh"})
    assert expected.shape == (3, 2)
    for functions in ({r"\phi": "tanh"}, {r"\mathbf{\phi}": "tanh"}):
        np.testing.assert_array_equal(d.result.evaluate(VALUES, functions=functions), expected)
        np.testing.assert_allclose(d.index_form.evaluate(VALUES, functions=functions), expected, rtol=1e-12)
        np.testing.assert_allclose(d.tensor.evaluate(VALUES, sizes={"N_1": 3}, functions=functions), expected, rtol=1e-12)


def test_a_map_is_given_in_any_writing() -> None:
    u = mc.function(r"\mathbf{u}", of=x, shape=("m",))
    assert isinstance(u, Expr)
    A = np.array([[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]])
    d = mc.derive(mc.sum(u), x, layout="numerator")
    found = d.result.evaluate({"x_1": [1, 2]}, functions={r"\mathbf{u}": (lambda v: A @ v, lambda v: A)})
    np.testing.assert_array_equal(found, A.sum(axis=0, keepdims=True))


@pytest.mark.parametrize(
    "sizes", [{"n_1": 5, "n_0": 3}, {"N_1": 5, "N_0": 3}, {r"n_{1}": 5, r"\mathit{n}_0": 3}, {mc.dims("n_1"): 5, "n_0": 3}]
)
def test_sizes_of_a_verification_are_given_in_any_writing(sizes: Any) -> None:
    report = mc.derive(C, W, layout="numerator").verify(sizes=sizes)
    assert report.ok
    assert report.sizes == {"n_1": 5, "n_0": 3}
    assert np.allclose(mc.ones("n_1").evaluate(sizes={k: v for k, v in sizes.items() if v == 5}), np.ones((5, 1)))


def test_two_writings_of_one_name_hold_one_value() -> None:
    same = {**PLAIN, r"\mathbf{x}_1": PLAIN["x_1"].copy()}
    np.testing.assert_array_equal(z.evaluate(same), z.evaluate(PLAIN))
    with pytest.raises(EvaluationError, match=r"x_1 is given twice with different values, as x_1 and as \\mathbf\{x\}_1: leave one out"):
        z.evaluate({**PLAIN, r"\mathbf{x}_1": 2 * PLAIN["x_1"]})
    with pytest.raises(EvaluationError, match="x_1 is given twice with different values, as x_1 and as x1"):
        z.evaluate({x: 2 * PLAIN["x_1"], "x1": PLAIN["x_1"], "W^(1)": PLAIN["W^(1)"], "theta": PLAIN["theta"]})
    with pytest.raises(EvaluationError, match="n_1 is given twice with different values, as n_1 and as N_1"):
        mc.ones("n_1").evaluate(sizes={"n_1": 3, "N_1": 2})
    with pytest.raises(EvaluationError, match="n_1 is given twice with different values, as n_1 and as N_1"):
        mc.derive(C, W, layout="numerator").verify(sizes={"n_1": 3, "N_1": 2})
    with pytest.raises(EvaluationError, match=r"phi is given twice with different values, as phi and as \\phi"):
        C.evaluate(PLAIN, functions={"phi": "tanh", r"\phi": "sin"})


def test_what_cannot_be_read_as_a_name_is_superfluous() -> None:
    with pytest.raises(EvaluationError, match=r"A value is given for \\mathbf\{W, which does not occur"):
        z.evaluate({"x_1": PLAIN["x_1"], "theta": PLAIN["theta"], r"\mathbf{W": 1})
    np.testing.assert_array_equal(z.evaluate({**PLAIN, r"\mathbf{q": 1}), z.evaluate(PLAIN))


def test_orders_take_sizes_and_factors_in_any_writing() -> None:
    report = mc.orders(C, x, layout="denominator", sizes={"N_1": 3, r"n_{0}": 3})
    assert report.sizes == (("n_1", 3), ("n_0", 3))
    written = [r"\frac{\partial z^{(1)}}{\partial x_1}", r"\frac{\partial C}{\partial \mathbf{z}^{(1)}}"]
    assert report.row(written) == report.row(["dz^(1)/dx_1", "dC/dz^(1)"])
    with pytest.raises(MatcalcError, match="n_1 is given twice with different values, as n_1 and as N_1"):
        mc.orders(C, x, layout="denominator", sizes={"n_1": 3, "N_1": 2})
    listed = mc.orders([(r"\mathbf{W}^\top", "n", "m"), (r"\mathbf{g}", "m", 1)], target=("n", 1), layout="denominator")
    assert listed.factors == ("W^T", "g")
    assert listed.row([r"\mathbf{W}^\top", "g"]).verdict.value == "right"
