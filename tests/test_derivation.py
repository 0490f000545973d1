"""`derive` and `gradients`: what they accept, refuse and leave alone, and single facts of calculus."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import (
    DefinitionClashError, LayoutError, MatcalcError, NoMatrixFormError, SeveralPathsError, ShapeError, UnknownNameError,
    UnsupportedError,
)  # fmt: skip
from matcalc.language.expressions import Expr, Let, Number, Zeros
from matcalc.language.traversal import named, postorder, with_definition
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.tape import jacobian
from tests.oracle import close, laid_out_by_definition

x, y, r, c = mc.vector("x", "n"), mc.vector("y", "m"), mc.row("r", "n"), mc.scalar("c")
W, A = mc.matrix("W", "m", "n"), mc.matrix("A", "m", "n")
f: Any = mc.function("f")
LAYOUTS = ("numerator", "denominator")
z = mc.let("z", W @ x + y)
a = mc.let("a", f(z))
C = mc.let("C", mc.sum(a**2) / 2)


def agrees(of: Expr, by: Expr) -> None:
    """Assert that the results in both layouts agree with reverse mode."""
    data = draw([of, by], np.random.default_rng(11))
    raw = jacobian(of, by, data)
    for layout in LAYOUTS:
        d = mc.derive(of, by, layout=layout)
        assert d.result.shape == d.shape
        close(value(d.result, data), laid_out_by_definition(raw, of.shape, by.shape, layout))


@pytest.mark.parametrize("by", ["W", "x", "y", "z", "a", W, x, z, a], ids=repr)
def test_a_variable_is_given_by_itself_or_by_its_name(by: Expr | str) -> None:
    d = mc.derive(C, by, layout="numerator")
    assert d.wrt == (by if isinstance(by, Expr) else named([C])[by])
    assert d.verify().ok


@pytest.mark.parametrize(
    ("by", "error", "message"),
    [
        ("w", UnknownNameError, "Nothing here is named 'w'. Known names: C, W, a, x, y, z"),
        (W @ x, MatcalcError, "W x is not a variable: derive by a declared symbol or by a quantity that let names"),
    ],
    ids=["unknown name", "no variable"],
)
def test_what_is_no_variable_is_refused(by: Any, error: type[MatcalcError], message: str) -> None:
    with pytest.raises(error, match=message):
        mc.derive(C, by, layout="numerator")


def test_a_layout_is_needed() -> None:
    with pytest.raises(LayoutError, match="layout='numerator' or layout='denominator'"):
        mc.derive(C, x)


def test_one_name_with_two_meanings_is_refused() -> None:
    other = mc.let("z", W @ x - y)
    with pytest.raises((DefinitionClashError), match=r"z has two (definitions|meanings)"):
        _ = mc.derive(mc.sum(z * other), x, layout="numerator").result
    with pytest.raises(DefinitionClashError, match="x has two"):
        _ = mc.derive(mc.sum(x) + mc.sum(mc.vector("x", "m")), x, layout="numerator").result


@pytest.mark.parametrize("of", [C, z, mc.let("Z", A * W), mc.sum(r)], ids=["scalar", "vector", "matrix", "row"])
def test_the_derivative_by_a_variable_that_does_not_occur_is_zero(of: Expr) -> None:
    for layout in LAYOUTS:
        d = mc.derive(of, mc.scalar("q"), layout=layout)
        assert d.index_form.form.is_zero
        assert isinstance(d.result, Zeros | Number)
        assert not np.any(value(d.result, draw([of], np.random.default_rng(0))))
        assert d.result.shape == d.shape
        assert (d.paths, d.factors) == ((), ())
        assert d.verify().ok
        assert all(step.verify() for step in d.steps)


@pytest.mark.parametrize("of", [z, a, mc.let("Z", A * W), C, r, W, c], ids=repr)
def test_the_derivative_of_a_quantity_by_itself_is_the_identity(of: Expr) -> None:
    data = draw([of], np.random.default_rng(1))
    size = value(of, data).size
    for layout in LAYOUTS:
        d = mc.derive(of, of, layout=layout)
        assert (d.paths, d.factors) == ((), ())
        close(value(d.vec_form, data), np.eye(size))
        assert all(step.verify() for step in d.steps)
        assert d.verify().ok


@pytest.mark.parametrize("by", [z, a], ids=["z", "a"])
def test_by_a_named_quantity_what_it_is_made_of_is_held(by: Expr) -> None:
    agrees(mc.let("D", mc.sum(a * z) + mc.norm(z) * mc.sum(W)), by)


ROWS: list[tuple[Expr, Expr]] = [
    (r @ W.T, r), (r @ x, r), (r @ x, x), (x.T * r, r), (c * r, c), (r.T, r), (mc.softmax(r), r), (mc.sin(c * x.T @ W.T), c),
    ((W @ x).T, x), (mc.let("q", r * c) @ W.T, c), (mc.norm(r), r), (mc.diag(r) @ x, r), (mc.let("q", mc.sin(c * r)), c),
    (mc.exp(mc.let("q", r * c)), c), (mc.exp(mc.let("q", r * mc.let("s", c**2))), c),
]  # fmt: skip


@pytest.mark.parametrize(("of", "by"), ROWS, ids=[f"{of!r} by {by!r}" for of, by in ROWS])
def test_rows_are_laid_out_as_columns_but_for_a_row_by_a_scalar(of: Expr, by: Expr) -> None:
    agrees(of, by)
    for layout in LAYOUTS:
        d = mc.derive(of, by, layout=layout)
        assert all(step.verify() for step in d.steps)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 3), (3, 1), (2, 2)])
def test_sizes_that_are_one_make_scalars_and_vectors(m: int, n: int) -> None:
    M, v = mc.matrix("M", m, n), mc.vector("v", n)
    of = mc.let("w", mc.sin(M @ v) if n > 1 else mc.sin(M * v))
    for by in (M, v):
        data = draw([of], np.random.default_rng(2))
        raw = jacobian(of, by, data)
        for layout in LAYOUTS:
            d = mc.derive(of, by, layout=layout)
            if raw.ndim <= 2:
                close(value(d.result, data), laid_out_by_definition(raw, of.shape, by.shape, layout))
            assert d.verify().ok


def test_numeric_sizes_may_be_equal_to_each_other() -> None:
    B, v = mc.matrix("B", 3, 3), mc.vector("v", 3)
    agrees(v.T @ B @ B.T @ v, B)
    agrees(mc.let("w", B @ (B.T @ v)), v)


# ---- facts -----------------------------------------------------------------------------------------------------------

S = mc.matrix("S", "n", "n")
FACTS: list[tuple[Expr, Expr]] = [
    (mc.norm(A @ x - y) ** 2, x),
    (x.T @ S @ x / (x.T @ x), x),
    (mc.logdet(S @ S.T + mc.identity("n")), S),
    (mc.trace(mc.inv(S) @ S.T @ S), S),
    (mc.log(mc.sum(mc.exp(x))), x),
    (mc.sum(mc.softmax(W @ x) * y), W),
    (mc.norm(mc.diag(x) @ S) ** 3, x),
    (mc.sum(mc.relu(W @ x + y)), W),
    (mc.sum(mc.diag(S) * x), S),
    (mc.det(S) / mc.trace(S), S),
    (mc.sum(mc.kron(x, y)) ** 2, x),
    (mc.sum(f.prime(W @ x)), x),
    (mc.norm(x @ y.T), y),
    (c**3 * mc.sum(x) - 1 / c, c),
    (mc.sum(x**3 / (1 + x**2)), x),
    (mc.inv(c * S) @ x, c),
    (mc.det(2 * S), S),
    (mc.sum(mc.ones("n") @ x.T), x),
    (mc.trace(S @ S @ S), S),
    (mc.sum(mc.commutation("m", "n") @ mc.vec(W)), W),
    (mc.vec(W).T @ mc.vec(A), W),
]


@pytest.mark.parametrize(("of", "by"), FACTS, ids=[f"{of!r} by {by!r}" for of, by in FACTS])
def test_single_derivatives_agree_with_reverse_mode(of: Expr, by: Expr) -> None:
    agrees(of, by)
    assert mc.derive(of, by, layout="numerator").verify().ok


def test_the_chain_rule_for_unknown_maps_of_several_arguments() -> None:
    v = mc.let("v", mc.tanh(x))
    u = mc.function("u", of=(v, W, c), shape=("m",))
    loss = mc.function("l", of=(u, y), shape=())
    assert isinstance(loss, Expr)
    for by in (c, x, v, y):
        agrees(mc.let("L", loss), by)
    agrees(mc.let("w", u), x)


def test_the_second_derivative_of_an_unknown_map_is_one_more_derivative() -> None:
    u = mc.function("u", of=x, shape=())
    assert isinstance(u, Expr)
    agrees(mc.let("v", mc.derive(u, x, layout="denominator").result), x)


def test_a_written_derivative_is_not_derived() -> None:
    (factor, *_) = mc.derive(C, x, layout="numerator").factors
    with pytest.raises(UnsupportedError, match="dC/da is a derivative that is only written; derive it first"):
        _ = mc.derive(mc.sum(factor.name("numerator")), x, layout="numerator").result


def test_axes_made_in_different_ways_are_not_joined() -> None:
    v = mc.vector("v", mc.vec(W).shape[0])
    with pytest.raises(UnsupportedError, match="joins an axis made of sizes"):
        _ = mc.derive(mc.vec(W).T @ v, W, layout="numerator").result


def test_too_many_paths_are_not_listed_and_the_result_does_not_need_them() -> None:
    node: Expr = x
    for k in range(9):
        node = mc.let(f"s_{k}", mc.sin(node) + mc.let(f"t_{k}", mc.cos(node)))
    of = mc.let("L", mc.sum(node))
    d = mc.derive(of, x, layout="denominator")
    with pytest.raises(SeveralPathsError, match="More than 256 paths lead from L to x"):
        _ = d.paths
    agrees(of, x)


# ---- gradients -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["hadamard", "diag"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_gradients_name_what_several_of_them_need(layout: str, style: str) -> None:
    found = mc.gradients(C, [y, "W", x], layout=layout, style=style)
    assert list(found) == ["y", "W", "x"]
    deltas = {node.name for e in found.values() for node in postorder([e]) if isinstance(node, Let)}
    assert "dC/dz" in deltas
    data = draw([C], np.random.default_rng(3))
    for by in (y, W, x):
        wanted = laid_out_by_definition(jacobian(C, by, data), (), by.shape, layout)
        close(value(found[by.name], data), wanted)  # type: ignore[attr-defined]


def test_gradients_of_an_array_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"gradients are those of a scalar; z is \(m,\). Take derive."):
        mc.gradients(z, [x], layout="numerator")


def test_gradients_by_a_quantity_and_by_what_it_is_made_of() -> None:
    found = mc.gradients(C, [z, x, "a"], layout="denominator")
    data = draw([C], np.random.default_rng(3))
    for by in (z, x, a):
        close(value(found[by.name], data), jacobian(C, by, data).reshape(-1, 1))  # type: ignore[attr-defined]


def test_a_quantity_is_not_changed_by_deriving_it() -> None:
    before = [(repr(node), hash(node)) for node in postorder([C], with_definition)]
    for layout in LAYOUTS:
        d = mc.derive(C, W, layout=layout)
        _ = d.result, d.vec_form, d.steps, d.paths, d.verify()
    mc.gradients(C, [W, x, y], layout="numerator")
    assert [(repr(node), hash(node)) for node in postorder([C], with_definition)] == before


def test_a_matrix_by_a_matrix_says_what_to_take_instead() -> None:
    with pytest.raises(NoMatrixFormError, match=r"df\(W\)/dW has 4 axes, 2 of the output and 2 of the input.*\.vec_form"):
        _ = mc.derive(f(W), W, layout="numerator").result
