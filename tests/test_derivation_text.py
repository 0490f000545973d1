"""`derive`, `gradients` and `hessian` of a formula in LaTeX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import DefinitionClashError, LayoutError, MatcalcError, ReadError, ShapeError, UnknownNameError
from matcalc.language.expressions import Expr

SHAPES: dict[str, Any] = {"x": "n", r"\mathbf{A}": "n n", "y": "p", "Q": "p q", "c": ""}
FORMULA = r"\mathbf{x}^\top A \mathbf{x}"
x, A, y = mc.vector("x", "n"), mc.matrix("A", "n", "n"), mc.vector("y", "p")
LAYOUTS = ("numerator", "denominator")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("wrt", ["x", r"\mathbf{x}", x, "A", r"\mathbf A"], ids=str)
def test_a_formula_is_derived_as_the_expression(wrt: Expr | str, layout: str) -> None:
    d = mc.derive(FORMULA, wrt, shapes=SHAPES, layout=layout)
    expected = mc.derive(x.T @ A @ x, wrt if isinstance(wrt, Expr) else ("x" if "x" in wrt else "A"), layout=layout)
    assert (d.of, d.wrt, d.result) == (expected.of, expected.wrt, expected.result)


def test_gradients_and_the_hessian_of_a_formula() -> None:
    gradients = mc.gradients(FORMULA, ["A", "x"], shapes=SHAPES, layout="denominator")
    assert gradients == mc.gradients(x.T @ A @ x, [A, x], layout="denominator")
    assert mc.hessian(FORMULA, "x", shapes=SHAPES) == mc.hessian(x.T @ A @ x, x)
    with pytest.raises(ShapeError, match=r"gradients are those of a scalar; \(A x\) is \(n,\)"):
        mc.gradients("A x", "x", shapes=SHAPES, layout="numerator")
    with pytest.raises(ShapeError, match=r"A Hessian is that of a scalar; \(A x\) is \(n,\)"):
        mc.hessian("A x", "x", shapes=SHAPES)


@pytest.mark.parametrize(("wrt", "numerator"), [("y", (1, "p")), ("Q", ("q", "p")), ("c", ())])
def test_by_a_declared_variable_that_does_not_occur_it_is_zeros(wrt: str, numerator: tuple[Any, ...]) -> None:
    sizes = {"n": 2, "p": 3, "q": 5}
    for layout, shape in (("numerator", numerator), ("denominator", numerator[::-1] if numerator != (1, "p") else ("p",))):
        d = mc.derive(FORMULA, wrt, shapes=SHAPES, layout=layout)
        assert tuple(map(str, d.result.shape)) == tuple(map(str, shape))
        assert not d.result.evaluate(sizes=sizes).any()
        assert d.verify().ok
        assert not mc.gradients(FORMULA, [wrt], shapes=SHAPES, layout=layout)[wrt].evaluate(sizes=sizes).any()


def test_with_three_axes_it_is_zeros_too() -> None:
    d = mc.derive(r"\mathbf{A} \mathbf{x}", "Q", shapes=SHAPES, layout="numerator")
    assert d.tensor.evaluate({"A": np.ones((2, 2)), "x": [1, 2], "Q": np.ones((3, 5))}).shape == (2, 3, 5)
    assert d.vec_form.evaluate(sizes={"n": 2, "p": 3, "q": 5}).shape == (2, 15)
    assert [(repr(step.before), repr(step.after), step.verify()) for step in d.steps] == [("d(A x)/dQ", "0", True)]
    assert mc.hessian(FORMULA, "x", "y", shapes=SHAPES).evaluate(sizes={"n": 2, "p": 3}).tolist() == np.zeros((2, 3)).tolist()


def test_a_symbol_that_does_not_occur_may_be_given() -> None:
    q = mc.vector("q", "r")
    assert mc.derive(FORMULA, q, shapes=SHAPES, layout="numerator").result.shape == (1, mc.dims("r"))
    with pytest.raises(DefinitionClashError, match="x has two meanings"):
        mc.derive(FORMULA, mc.vector("x", "p"), shapes=SHAPES, layout="numerator")


def test_the_variable_declares_itself() -> None:
    assert mc.derive(r"\|\mathbf{x}\|^2", x, layout="denominator").result == mc.derive(mc.norm(x) ** 2, x, layout="denominator").result


def test_functions_and_names_are_declared() -> None:
    functions: dict[str, Any] = {"f": "elementwise", "u": {"of": "x", "shape": "p"}}
    d = mc.derive(r"f(\mathbf{u})^\top \mathbf{y}", "x", shapes=SHAPES, functions=functions, layout="numerator")
    assert d.result.shape == (1, mc.dims("n"))
    assert d.verify().ok
    with pytest.raises(MatcalcError, match="u is a function; a derivative is taken by a declared quantity"):
        mc.derive(r"f(\mathbf{u})^\top \mathbf{y}", "u", shapes=SHAPES, functions=functions, layout="numerator")
    W = mc.matrix("W^(1)", "m", "n")
    z = mc.let("z^(1)", W @ x)
    C = mc.let("C", mc.sum(z**2))
    expected = mc.derive(C, W, layout="numerator")
    for names in ([C], {"C": C}):
        for wrt in (r"\mathbf{W}^{(1)}", "W^(1)", W):
            d = mc.derive("C", wrt, names=names, layout="numerator")
            assert (repr(d.factors), d.result) == (repr(expected.factors), expected.result)
    assert mc.derive("z^(1)", "x", names=[z], layout="numerator").result == W
    assert mc.derive("C", r"\mathbf{a}", names={"C": C, "a": z}, layout="numerator").wrt == z


def test_names_without_declarations_are_refused() -> None:
    message = r"Nothing is declared here that 'C' could name. Give the expression itself; or with a formula the shapes of its names"
    with pytest.raises(UnknownNameError, match=message):
        mc.derive("C", "x", layout="numerator")
    with pytest.raises(UnknownNameError, match=message):
        mc.gradients("C", ["x"], layout="numerator")
    with pytest.raises(UnknownNameError, match=message):
        mc.hessian("C", "x")


def test_declarations_of_an_expression_are_refused() -> None:
    with pytest.raises(MatcalcError, match="shapes= declare what stands in a formula given as text; x is an expression"):
        mc.derive(x, "x", shapes={"x": "n"}, assume=["A symmetric"], layout="numerator")
    with pytest.raises(MatcalcError, match="functions= declare what stands in a formula given as text"):
        mc.hessian(mc.sum(x), "x", functions={"f": "elementwise"})
    with pytest.raises(MatcalcError, match="names= declare what stands in a formula given as text"):
        mc.gradients(mc.sum(x), "x", names=[x], layout="numerator")


@pytest.mark.parametrize(
    ("formula", "wrt", "error", "message"),
    [
        (FORMULA, "z", UnknownNameError, "Nothing here is named 'z'. Known names: A, Q, c, x, y"),
        (FORMULA, "n", UnknownNameError, "Nothing here is named 'n'"),
        (r"\mathbf{x}^\top B \mathbf{x}", "x", UnknownNameError, r"B is not declared.\n    .*\n +\^"),
        (r"\mathbf{x}^\top A", "y", None, ""),
        (r"\mathbf{x} A", "x", ShapeError, "x.* A does not conform"),
        (r"\mathbf{x} +", "x", ReadError, "An operand is missing here"),
        ("", "x", ReadError, "There is nothing to read"),
        (FORMULA, "x y", UnknownNameError, "Nothing here is named 'x y'"),
        (FORMULA, r"\mathbf{x", UnknownNameError, "Nothing here is named"),
        (FORMULA, A @ x, MatcalcError, "A x is not a variable"),
    ],
)
def test_what_cannot_be_derived_says_why(formula: str, wrt: Any, error: type[MatcalcError] | None, message: str) -> None:
    if error is None:
        assert mc.derive(formula, wrt, shapes=SHAPES, layout="numerator").result.shape == (mc.dims("n"), mc.dims("p"))
        return
    with pytest.raises(error, match=message):
        mc.derive(formula, wrt, shapes=SHAPES, layout="numerator")


def test_the_layout_is_asked_for_first() -> None:
    with pytest.raises(LayoutError, match="layout='numerator' or layout='denominator'"):
        mc.derive("", "x", shapes=SHAPES)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_derivative_in_the_formula_has_the_layout_of_the_whole(layout: str) -> None:
    functions = {"C": {"of": "x", "shape": ""}}
    d = mc.derive(r"\frac{\partial C}{\partial \mathbf{x}}", "x", shapes={"x": "n"}, functions=functions, layout=layout)
    assert d.of.shape == ((1, mc.dims("n")) if layout == "numerator" else (mc.dims("n"),))
    assert d.verify().ok


def test_steps_of_what_no_string_of_matrices_writes_end_in_the_index_form() -> None:
    shapes = {"A": "m p", "C": "p q", "D": "p r", "E": "q r", "B": "m q", "x": "r"}
    formula = r"((A (C \odot D \operatorname{diag}(\mathbf{x}) E^\top)) \odot B) \mathbf{1}"
    for layout in LAYOUTS:
        d = mc.derive(formula, "x", shapes=shapes, layout=layout)
        assert [step.after for step in d.steps] == [d.index_form]
        assert d.steps[0].rule.startswith("no string of matrices, in index form")
        assert all(step.verify() for step in d.steps)


LEAST_SQUARES = r"f(w) = \frac1N \|X w - y\|^2"
DATA = {"w": "d", "X": "N d", "y": "N"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_definition_names_what_is_derived(layout: str) -> None:
    d = mc.derive(LEAST_SQUARES, "w", shapes=DATA, layout=layout)
    value = mc.parse(LEAST_SQUARES.partition("=")[2], shapes=DATA)
    assert d.of == mc.let("f", value) and repr(d.factors) == "(df/dw,)"
    assert d.result == mc.derive(value, "w", layout=layout).result
    assert d.verify().ok
    assert mc.gradients(LEAST_SQUARES, "w", shapes=DATA, layout=layout) == {"w": d.result}
    assert mc.derive(r"\mathbf{z} := X w", "z", shapes=DATA, layout=layout).result == mc.identity("N")


def test_the_hessian_of_a_definition() -> None:
    assert repr(mc.hessian(LEAST_SQUARES, "w", shapes=DATA)) == "(2/N) X^T X"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (r"w = X w", ReadError, "w is declared, and defined here as well"),
        (r"f(v) = X w", UnknownNameError, "v is not declared; an argument on the left side is a declared quantity"),
        (r"f = X w = y", ReadError, "A second =; a definition has one"),
        (r"X w = y", ReadError, "X w is not a name, so nothing can be defined here"),
        (r"f = X y", ShapeError, r"X y does not conform.*\n    f = X y\n        \^"),
        (r"z_i = \sum_j X_{ij} w_j", ReadError, "The index i is free here"),
    ],
)
def test_a_faulty_definition_says_why(text: str, error: type[MatcalcError], message: str) -> None:
    with pytest.raises(error, match=message):
        mc.derive(text, "w", shapes=DATA, layout="numerator")


def test_an_array_that_is_not_part_of_the_result_is_named_where_a_size_is_missing() -> None:
    d = mc.derive(r"\operatorname{tr}(X)", "X", shapes={"X": "n n"}, layout="numerator")
    message = r"no array that was given has it; X was given, but is not part of the expression\. Give sizes=\{\"n\""
    with pytest.raises(MatcalcError, match=message):
        d.result.evaluate({"X": np.ones((3, 3))})
    assert d.result.evaluate({"X": np.ones((3, 3))}, sizes={"n": 3}).tolist() == np.eye(3).tolist()
