"""Dual numbers over the field: every node, and the engine on random expressions in both layouts, wrong rules planted."""

from __future__ import annotations

from functools import partial
from typing import get_args

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError
from matcalc.exact.drawing import drawn
from matcalc.exact.duals import DUALS, directional, jacobian
from matcalc.exact.evaluation import evaluated
from matcalc.exact.field import small_fraction
from matcalc.exact.oracle import deviation, judge
from matcalc.exact.place import Point, extent
from matcalc.index import rules
from matcalc.index.form import AtomKind
from matcalc.language.elementwise import KNOWN_FUNCTIONS, known_function
from matcalc.language.expressions import ApplyMap, Let, MapDerivative, Node, Symbol, transpose
from matcalc.language.traversal import postorder, with_definition
from matcalc.language.unrolling import written_out
from matcalc.numeric import tape
from matcalc.numeric.data import bind
from tests.exact.against_engine import LAYOUTS, judged
from tests.test_verification import USES, S as square, planted, times, x as column

SIZES = {"n": 2, "m": 3, "p": 4}
A, X, S = mc.matrix("A", "p", "m"), mc.matrix("X", "m", "n"), mc.matrix("S", "n", "n")
y, c = mc.vector("y", "n"), mc.scalar("c")


def test_every_node_has_a_rule() -> None:
    assert set(DUALS) == set(get_args(Node))


def test_a_jacobian_is_counted_row_by_row() -> None:
    """d(AX)_ij / dX_kr = A_ik delta_jr."""
    of = A @ X
    place = drawn([of], "jacobian", SIZES)
    a = place.values[A]
    wanted = [[a[i][k] if j == s else 0 for k in range(3) for s in range(2)] for i in range(4) for j in range(2)]
    assert jacobian(of, X, place) == wanted
    assert jacobian(of, c, place) == [[0]] * 8


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", KNOWN_FUNCTIONS)
def test_the_derivative_of_a_known_function_is_that_of_the_engine(name: str, order: int) -> None:
    function = known_function(name)
    for _ in range(order):
        function = function.prime
    of = mc.sum(function(X))
    for layout in LAYOUTS:
        assert deviation(of, X, mc.derive(of, X, layout=layout).result, layout) == 0.0


def test_second_derivatives_of_a_map() -> None:
    u = mc.function("u", of=(y, c), shape=())
    assert isinstance(u, ApplyMap)
    gradient = mc.derive(u, y, layout="numerator").result
    hessian = mc.derive(gradient, y, layout="numerator").vec_form
    assert any(isinstance(node, MapDerivative) for node in [gradient])
    assert deviation(gradient, y, hessian, "numerator", by_vec=True) == 0.0
    assert deviation(gradient, y, 2 * hessian, "numerator", by_vec=True) == float("inf")


def test_a_named_quantity_is_a_variable_of_its_own() -> None:
    z = mc.let("z", X @ y)
    of = mc.sum(z * z) + mc.sum(X)
    place = drawn([of], "let", SIZES)
    ones = [[1]] * 3
    assert directional(of, z, ones, place) == [[2 * sum(v for (v,) in place.values[z]) % place.p]]
    with pytest.raises(EvaluationError, match="is no variable"):
        directional(of, X @ y, ones, place)


def test_a_singular_determinant_has_a_derivative() -> None:
    of = mc.det(S - S + mc.outer(y, y))
    place = drawn([of], "singular", SIZES)
    assert place.values[of] == [[0]]
    (a,), (b,) = place.values[y]
    assert jacobian(of, S, place) == [[0, 0, 0, 0]]
    assert directional(mc.det(mc.outer(y, y) + S), S, [[1, 0], [0, 0]], drawn([mc.det(mc.outer(y, y) + S)], "s", SIZES))
    assert a != b


i, j, k = mc.index("i", "n"), mc.index("j", "m"), mc.index("k")
RARE = {
    "pseudo-inverse of a tall matrix": mc.pinv(X),
    "pseudo-inverse of a wide matrix": mc.pinv(X.T),
    "powers": mc.matrix_power(S, 3) + mc.matrix_power(S, -2) + mc.matrix_power(S, 0),
    "power at a size": mc.matrix_power(S, mc.dims("m")),
    "entries": mc.entry(X, 3, 2) * X + mc.entry(mc.inv(S), 2, 1),
    "sum": mc.indexed_sum(i, mc.entry(y, i) ** 2 * mc.entry(X, 1, i)),
    "sum of sums": mc.indexed_sum(j, mc.exp(mc.indexed_sum(i, mc.entry(X, j, i) * mc.entry(y, i)))),
    "sum of powers": mc.indexed_sum(k, mc.matrix_power(S, k), 0, 3),
    "triangle": mc.indexed_sum(i, mc.indexed_sum(k, mc.entry(S, k, i) ** 2, 1, i)),
}


@pytest.mark.parametrize("name", RARE)
def test_rare_nodes_agree_with_the_tape(name: str) -> None:
    """The exact derivative at small whole numbers, against reverse mode in floats at the same numbers."""
    of = RARE[name]
    data = {"X": [[1, -2], [3, 4], [0, 5]], "S": [[2, 1], [5, -3]], "y": [[3], [4]]}
    (out,) = written_out([of], partial(extent, SIZES)) if name != "sum of sums" else (None,)
    for by in [node for node in postorder([of], with_definition) if isinstance(node, Symbol)]:
        if out is None:  # exponentials are atoms, with no value to compare
            for layout in LAYOUTS:
                assert deviation(of, by, mc.derive(of, by, layout=layout).result, layout) == 0.0
            continue
        place, _ = evaluated([out, by], Point("x", SIZES, values=data))
        found = [small_fraction(v, place.p) for row in jacobian(out, by, place) for v in row]
        assert None not in found
        raw = tape.jacobian(of, by, bind([of, by], data, sizes=SIZES))
        assert np.allclose(np.array(found, dtype=float), raw.ravel(), rtol=1e-10, atol=1e-12)


def test_sums_are_judged_exactly() -> None:
    z = mc.let("z", mc.indexed_sum(i, mc.entry(y, i) ** 2 * mc.entry(S, i, i)))
    of = mc.let("Q", z**2 * mc.sum(y) + mc.indexed_sum(j, mc.entry(X @ y, j)))
    for by in (X, y, S, z):
        for layout in LAYOUTS:
            right = mc.derive(of, by, layout=layout).result
            assert deviation(of, by, right, layout) == 0.0
            assert deviation(of, by, 2 * right, layout) == float("inf")
            found = judge(of, by, right, layout)
            assert found.agrees
            assert found.error_probability < 1e-15


# ---- the engine ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", range(50), ids="batch{}".format)
def test_derivatives_of_random_expressions_are_exact(batch: int) -> None:
    """1,000 expressions in all; `benchmarks/long_run.py duals` takes more."""
    found = [judged(seed) for seed in range(20 * batch, 20 * batch + 20)]
    assert [text for each in found for text in each.wrong] == []
    assert sum(each.outcomes["exact"] for each in found) >= 60
    assert sum(bool(each.outcomes["exact"]) for each in found) >= 12


@pytest.mark.parametrize("factor", [-1, 0, 2], ids=["sign", "zero", "twice"])
@pytest.mark.parametrize("kind", USES, ids=str)
def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch, kind: AtomKind, factor: int) -> None:
    of, by = USES[kind], square if kind is AtomKind.INVERSE else column
    planted(monkeypatch, kind, times(rules.DERIVATIVES[kind].apply, factor))
    for layout in LAYOUTS:
        assert deviation(of, by, mc.derive(of, by, layout=layout).result, layout) == float("inf")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_other_layout_and_a_wrong_entry_are_found(layout: str) -> None:
    z = Let("z", X @ y, (mc.dims("m"),))
    right = mc.derive(z, y, layout=layout).result
    assert deviation(z, y, right, layout) == 0.0
    assert deviation(z, y, transpose(right), layout) == float("inf")
    assert deviation(S @ y, y, S.T if layout == "numerator" else S, layout) == float("inf")
