"""Derivatives that are written in a text: their spellings, their layout, and what they are of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcalc.errors import LayoutError, NoMatrixFormError
from matcalc.language import building as mc
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import Derivative, Entry, Expr, Let, MapDerivative, Vec
from matcalc.language.matrix_operations import index, written_derivative
from matcalc.language.reading.formula import parse

x, y, c, t = mc.vector("x", "n"), mc.vector("y", "m"), mc.scalar("c"), mc.scalar("t")
W, A = mc.matrix("W", "m", "n"), mc.matrix("A", "n", "n")
f = ElementwiseFunction("f")
z = mc.let("z^(1)", W @ x + y)
a = mc.let("a^(1)", f(z))
C = mc.let("C", mc.sum(a**2) / 2)
u = mc.function("u", of=x, shape=("m",))
U = mc.function("U", of=(c, t), shape=("n", "m"))
assert isinstance(u, Expr) and isinstance(U, Expr) and isinstance(z, Let)
NAMES = {"x": x, "y": y, "c": c, "t": t, "W": W, "A": A, "z^(1)": z, "a^(1)": a, "C": C}
FUNCTIONS: dict[str, Any] = {
    "f": "elementwise", "u": {"of": "x", "shape": "m"}, "U": {"of": ["c", "t"], "shape": "n m"}, "L": {"shape": ""},
}  # fmt: skip


def reading(latex: str, layout: str | None = None, **more: Any) -> Expr:
    return parse(latex, names=NAMES, functions=FUNCTIONS, layout=layout, **more)


SPELLINGS = [
    r"\frac{\partial C}{\partial \mathbf{z}^{(1)}}",
    r"\dfrac{\partial C}{\partial z^{(1)}}",
    r"{\frac {\partial C}{\partial z^{(1)}}}",
    r"{\partial C \over \partial z^{(1)}}",
    r"\frac{dC}{dz^{(1)}}",
    r"\frac{d C}{d \mathbf{z}^{(1)}}",
    r"{dC \over dz^{(1)}}",
    r"\frac{\mathrm{d} C}{\mathrm{d} \mathbf{z}^{(1)}}",
    r"\frac{\mathrm dC}{\mathrm dz^{(1)}}",
    r"\partial C / \partial z^{(1)}",
    r"dC/d\mathbf{z}^{(1)}",
    r"\partial_{\mathbf{z}^{(1)}} C",
    r"\frac{\partial}{\partial \mathbf{z}^{(1)}} C",
    r"\frac{d}{dz^{(1)}} C",
    r"\frac{\partial C}{\partial (\mathbf{z}^{(1)})}",
]


@pytest.mark.parametrize("latex", SPELLINGS)
@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_spelling_of_a_derivative(latex: str, layout: str) -> None:
    made = reading(latex, layout)
    assert made == written_derivative(C, z, layout)
    assert made.shape == ((1, mc.vector("k", "m").shape[0]) if layout == "numerator" else y.shape)


def test_a_derivative_needs_a_layout_unless_both_are_scalars() -> None:
    with pytest.raises(LayoutError, match=r"The derivative of C by x needs a layout"):
        reading(r"\frac{\partial C}{\partial x}")
    assert reading(r"\frac{\partial c}{\partial t}") == written_derivative(c, t, None)


@pytest.mark.parametrize("layout", [None, "numerator", "denominator"])
def test_what_tells_the_layout_by_itself(layout: str | None) -> None:
    assert reading(r"\frac{\partial a^{(1)}}{\partial \mathbf{x}^\top}", layout) == written_derivative(a, x, "numerator")
    turned = written_derivative(a, x, "denominator") if layout is None else written_derivative(a.T, x, layout)
    assert reading(r"\frac{\partial (a^{(1)})^\top}{\partial \mathbf{x}}", layout) == turned
    assert reading(r"\nabla_{\mathbf{x}} C", layout) == written_derivative(C, x, "denominator")
    assert reading(r"\nabla_W C", layout).shape == W.shape
    hessian = written_derivative(written_derivative(C, x, "denominator"), x, "numerator")
    by_fraction = (r"\frac{\partial^2 C}{\partial x \partial x^\top}", r"\frac{\partial^2 C}{\partial x^2}")
    for latex in (*by_fraction, r"\nabla^2_x C", r"\nabla_x^2 C"):
        assert reading(latex, layout) == hessian
    assert hessian.latex() == r"\frac{\partial^2 C}{\partial \mathbf{x} \partial \mathbf{x}^\top}"


OF: list[tuple[str, Expr]] = [
    (r"\frac{\partial u}{\partial \mathbf{x}}", MapDerivative(u.function, (x,), (0,), "numerator", (y.shape[0], x.shape[0]))),  # type: ignore[attr-defined]
    (r"\frac{\partial \mathbf{u}(\mathbf{x})}{\partial \mathbf{x}}", written_derivative(u, x, "numerator")),
    (r"\frac{\partial \operatorname{tr}(A)}{\partial A}", written_derivative(mc.trace(A), A, "numerator")),
    (r"\frac{\partial (\mathbf{x}^\top A \mathbf{x})}{\partial \mathbf{x}}", written_derivative(x.T @ A @ x, x, "numerator")),
    (r"\frac{\partial}{\partial \mathbf{x}} \mathbf{x}^\top A \mathbf{x}", written_derivative(x.T @ A @ x, x, "numerator")),
    (r"\frac{\partial}{\partial \mathbf{x}} (\mathbf{x}^\top A \mathbf{x})", written_derivative(x.T @ A @ x, x, "numerator")),
    (r"c \frac{\partial}{\partial \mathbf{x}} (A x)", c * written_derivative(A @ x, x, "numerator")),
    (r"W^\top \nabla_y C", W.T @ written_derivative(C, y, "denominator")),
    (
        r"\frac{\partial C}{\partial a^{(1)}} \frac{\partial a^{(1)}}{\partial z^{(1)}}",
        written_derivative(C, a, "numerator") @ written_derivative(a, z, "numerator"),
    ),
    (r"\frac{\partial f(z^{(1)})}{\partial z^{(1)}}", written_derivative(f(z), z, "numerator")),
    (r"\frac{\partial^2 U}{\partial c \partial t}", MapDerivative(U.function, (c, t), (0, 1), "numerator", U.shape)),  # type: ignore[attr-defined]
    (r"\frac{\partial^2 U}{\partial c^2}", MapDerivative(U.function, (c, t), (0, 0), "numerator", U.shape)),  # type: ignore[attr-defined]
    (r"\frac{\partial L}{\partial \mathbf{y}}", written_derivative(mc.function("L", of=y, shape=()), y, "numerator")),
    (
        r"\frac{\partial a^{(1)}_i}{\partial z^{(1)}_i}",
        written_derivative(Entry(a, index("i", "m"), mc.lift(1)), Entry(z, index("i", "m"), mc.lift(1)), None),
    ),
    (r"\frac{\partial C}{\partial W_{ij}}", written_derivative(C, Entry(W, index("i", "m"), index("j", "n")), None)),
    (r"\frac{\partial \operatorname{vec}(z^{(1)})}{\partial \operatorname{vec}(W)}", written_derivative(mc.vec(z), mc.vec(W), "numerator")),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "expected"), OF, ids=[latex for latex, _ in OF])
def test_what_a_derivative_is_of(latex: str, expected: Expr) -> None:
    made = reading(latex, "numerator")
    assert made == expected
    if r"\nabla" not in latex:  # which is printed as a fraction, so in the layout of the text
        assert reading(made.latex(), "numerator") == made


def test_a_derivative_with_three_axes_is_read_by_vec_on_request() -> None:
    with pytest.raises(NoMatrixFormError, match="has 3 axes"):
        reading(r"\frac{\partial z^{(1)}}{\partial W}", "denominator")
    made = reading(r"\frac{\partial z^{(1)}}{\partial W}", "denominator", reading="jacobian")
    assert isinstance(made, Derivative) and isinstance(made.by, Vec)
    assert made == written_derivative(mc.vec(z), mc.vec(W), "denominator")


def test_a_declared_derivative_goes_before_a_written_one() -> None:
    delta = mc.vector("d", "m")
    assert parse(r"\frac{\partial C}{\partial \mathbf{z}} \mathbf{x}^\top", names={"dC/dz": delta, "x": x}) == delta @ x.T


def test_written_derivatives_have_values() -> None:
    rng = np.random.default_rng(5)
    values = {"W": rng.normal(size=(2, 3)), "x": rng.normal(size=3), "y": rng.normal(size=2)}
    functions = {"f": (np.sin, np.cos, lambda s: -np.sin(s))}
    found = reading(r"\frac{\partial C}{\partial z^{(1)}} \frac{\partial z^{(1)}}{\partial x} - \frac{\partial C}{\partial x}", "numerator")
    assert np.abs(found.evaluate(values, functions=functions)).max() < 1e-12
    doubled = r"2 \frac{\partial C}{\partial z^{(1)}} \frac{\partial z^{(1)}}{\partial x} - \frac{\partial C}{\partial x}"
    wrong = reading(doubled, "numerator")
    assert np.abs(wrong.evaluate(values, functions=functions)).max() > 1e-3


def test_the_variable_without_a_transpose_is_that_of_the_rows() -> None:
    first = written_derivative(written_derivative(c, x, "denominator"), y, "numerator")
    second = written_derivative(written_derivative(c, y, "denominator"), x, "numerator")
    assert reading(r"\frac{\partial^2 c}{\partial x \partial y^\top}") == reading(r"\frac{\partial^2 c}{\partial x \partial y}") == first
    assert reading(r"\frac{\partial^2 c}{\partial x^\top \partial y}") == second
    assert (first.shape, second.shape) == (W.T.shape, W.shape)


def test_several_layouts_in_one_expression_are_told_by_each_derivative() -> None:
    made = written_derivative(C, x, "denominator").T + written_derivative(C, x, "numerator")
    assert made.latex() == r"(\nabla_{\mathbf{x}} C)^\top + \frac{\partial C}{\partial \mathbf{x}^\top}"
    assert reading(made.latex()) == made


def test_nabla_of_a_map_without_its_argument() -> None:
    assert reading(r"\nabla_{\mathbf{x}} L") == reading(r"\nabla_{\mathbf{x}} L(\mathbf{x})")


def test_a_transpose_in_brackets_behind_an_operator_does_not_tell_the_layout() -> None:
    assert reading(r"\frac{\partial}{\partial c} (\mathbf{x}^\top)", "numerator") == written_derivative(x.T, c, "numerator")
    assert reading(r"\frac{\partial (x^\top x)^\top}{\partial c}") == written_derivative((x.T @ x).T, c, None)
