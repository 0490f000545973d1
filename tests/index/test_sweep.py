"""Deep, shared and wide expressions without names: the derivative stays small, and a scalar by a matrix keeps its matrix form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.index.engine import Engine
from matcalc.index.form import Form, nested_forms
from matcalc.index.sweep import identity_form, term_counts, swept
from matcalc.language.expressions import Expr, Symbol
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.tape import jacobian
from tests.oracle import close, laid_out_by_definition
from tests.random_expressions import Generator, variables

x, c = mc.vector("x", "n"), mc.scalar("c")
W: Any = mc.matrix("W", "n", "n")
f: Any = mc.function("f")


def nested(step: Callable[[Expr], Expr], times: int, start: Expr = x) -> Expr:
    node = start
    for _ in range(times):
        node = step(node)
    return node


def count_of_parts(form: Form) -> int:
    return sum(len(term.factors) for inner in nested_forms([form]) for term in inner.terms)


def residual(blocks: int, named: bool) -> Expr:
    a: Expr = x
    for k in range(blocks):
        a = a + mc.tanh(mc.matrix(f"W_{k}", "n", "n") @ a + mc.vector(f"b_{k}", "n"))
        a = mc.let(f"a_{k}", a) if named else a
    return mc.sum(a**2)


STEPS: dict[str, Callable[[Expr], Expr]] = {
    "e + sin e": lambda e: e + mc.sin(e),
    "e + e": lambda e: e + e,
    "e * e": lambda e: e * e,
    "(e + x) * (e - x)": lambda e: (e + x) * (e - x),
    "tanh(W e)": lambda e: mc.tanh(W @ e),
    "e + tanh(W e)": lambda e: e + mc.tanh(W @ e),
    "softmax(W e)": lambda e: mc.softmax(W @ e),
    "e / (1 + e^T e)": lambda e: e / (1 + e.T @ e),
    "diag(e) W e": lambda e: mc.diag(e) @ W @ e,
}


@pytest.mark.parametrize("by", [x, W], ids=["x", "W"])
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_the_derivative_of_a_shared_graph_grows_no_faster_than_its_square(step: Callable[[Expr], Expr], by: Symbol) -> None:
    parts = [count_of_parts(mc.derive(mc.sum(nested(step, k)), by, layout="numerator").index_form.form) for k in (12, 24)]
    assert parts[1] <= 5 * parts[0] + 20


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_a_scalar_by_a_matrix_that_stands_at_every_level_has_its_matrix_form(step: Callable[[Expr], Expr], layout: str) -> None:
    of = mc.sum(nested(step, 7 if step is not STEPS["e * e"] else 4, 0.1 * x))
    data = draw([of], np.random.default_rng(2))
    for by in variables(of):
        result = mc.derive(of, by, layout=layout).result
        close(value(result, data), laid_out_by_definition(jacobian(of, by, data), (), by.shape, layout))


@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_thirty_residual_blocks(named: bool) -> None:
    of = residual(30, named)
    data = draw([of], np.random.default_rng(3), sizes={"n": 2})
    names = ["W_0", "b_7", "W_29"]
    found = mc.gradients(of, names, layout="denominator")
    for by in (node for node in variables(of) if node.name in names):
        raw = jacobian(of, by, data)
        close(value(found[by.name], data), raw.reshape(len(raw), -1))
        close(value(mc.derive(of, by, layout="denominator").result, data), raw.reshape(len(raw), -1))


@pytest.mark.parametrize("depth", [1200])
@pytest.mark.parametrize("step", [lambda e: -e, lambda e: 2 * e, lambda e: e.T.T, lambda e: e + x], ids=["-e", "2e", "e^T^T", "e+x"])
def test_many_unnamed_levels_overflow_nothing(step: Callable[[Expr], Expr], depth: int) -> None:
    of = mc.sum(nested(step, depth))
    data = draw([x], np.random.default_rng(4))
    assert mc.derive(of, x, layout="denominator").result.shape == x.shape
    if step(x) == 2 * x:
        return
    close(value(mc.derive(of, x, layout="denominator").result, data), jacobian(of, x, data).reshape(-1, 1))


def test_a_shared_graph_without_names_is_verified_and_called_by_its_shape() -> None:
    d = mc.derive(residual(30, False), "W_0", layout="denominator")
    report = d.verify(sizes={"n": 2})
    assert report.ok
    assert "unnamed, scalar" in report.what


@pytest.mark.parametrize("doublings", [5, 12, 25])
def test_a_matrix_power_by_squaring_is_written_with_its_shared_parts_kept_together(doublings: int) -> None:
    S: Any = mc.matrix("S", "n", "n")
    of = mc.trace(nested(lambda e: e @ e, doublings, S / 10))
    for layout in ("numerator", "denominator"):
        assert mc.derive(of, S, layout=layout).result.shape == S.shape
    if doublings == 5:
        assert mc.derive(of, S, layout="numerator").verify().ok


def test_a_product_of_a_thousand_matrices() -> None:
    v: Expr = x
    for k in range(1200):
        v = mc.matrix(f"A_{k}", "n", "n") @ v
    v = mc.let("v", v)
    assert mc.derive(v, x, layout="denominator").product.expression.shape == mc.derive(v, x, layout="denominator").shape


def test_a_thousand_unnamed_functions_inside_one_another() -> None:
    of = mc.sum(nested(mc.sin, 1001))
    data = draw([x], np.random.default_rng(4))
    close(value(mc.derive(of, x, layout="denominator").result, data), jacobian(of, x, data).reshape(-1, 1))


@pytest.mark.parametrize("levels", [6, 12])
@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_a_matrix_by_a_scalar_has_its_matrix_form(named: bool, levels: int) -> None:
    """Inwards the adjoints would have four axes; the derivative goes outwards from the scalar."""
    Z: Expr = c * W
    for k in range(levels):
        Z = mc.tanh(Z @ W) + Z
        Z = mc.let(f"Z_{k}", Z) if named else Z
    data = draw([Z], np.random.default_rng(5))
    for layout in ("numerator", "denominator"):
        d = mc.derive(Z, c, layout=layout)
        close(value(d.result, data), laid_out_by_definition(jacobian(Z, c, data), Z.shape, (), layout))


@pytest.mark.parametrize("seed", range(0, 200, 5))
def test_the_sweep_inwards_agrees_with_reverse_mode(seed: int) -> None:
    of = Generator(seed, named=False).expression((), depth=4)
    engine = Engine()
    form = engine.lowered(of).form
    wanted = {node.name: engine.variable(node) for node in variables(of) if node.name in form.names}
    data = draw([of], np.random.default_rng(seed))
    found = swept(form, None, wanted)
    assert list(found) == list(wanted)
    for node in variables(of):
        if node.name in found:
            close(index_sum(found[node.name], data), jacobian(of, node, data))


def test_terms_are_counted_with_their_multiplicity() -> None:
    e = nested(lambda e: mc.sin(e) + mc.cos(e), 40)
    assert term_counts(Engine().lowered(e).form, frozenset(("x",))) == {"x": 2**40}
    assert term_counts(Engine().lowered(x.T @ W @ x).form, frozenset(("x", "W", "absent"))) == {"x": 2, "W": 1}
    assert term_counts(Engine().lowered(mc.softmax(W @ mc.softmax(x))).form, frozenset(("x", "W"))) == {"x": 4, "W": 2}


def test_the_derivative_of_an_array_by_itself_is_a_delta_for_each_axis() -> None:
    form = identity_form((2, 3))
    data = draw([c], np.random.default_rng(0))
    close(index_sum(form, data), np.eye(6).reshape(2, 3, 2, 3))
