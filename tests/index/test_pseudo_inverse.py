"""The pseudo-inverse: its rule by Golub and Pereyra at tall and wide matrices, the four equations of Penrose, planted faults."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.index import engine, rules, sweep
from matcalc.index.form import AtomKind, Form, rational
from matcalc.language.expressions import Expr
from matcalc.numeric.data import Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.index_sums import index_sum
from matcalc.numeric.tape import jacobian
from matcalc.verification import verify_step
from tests.oracle import close, laid_out_by_definition, vec_by_definition

X, C = mc.matrix("X", "m", "n"), mc.matrix("C", "m", "n")
c, b, y = mc.vector("c", "m"), mc.vector("b", "n"), mc.vector("y", "m")
t = mc.scalar("t")
LAYOUTS = ("numerator", "denominator")
SIZES = ({"m": 5, "n": 3}, {"m": 3, "n": 5})
pinv: Any = mc.pinv

CASES: dict[str, tuple[Expr, Expr]] = {
    "trace": (mc.trace(C @ pinv(X)), X),
    "bilinear": (b.T @ pinv(X) @ c, X),
    "least squares": (mc.sum((X @ pinv(X) @ c - c) ** 2), X),
    "norm": (mc.norm(pinv(X) @ c - b), X),
    "entry by entry": (mc.sum(mc.tanh(pinv(X)) * C.T), X),
    "of a scaled matrix": (mc.trace(C @ pinv(t * X)), t),
    "matrix by a scalar": (pinv(X + t * C), t),
    "of a transpose": (b.T @ pinv(X.T).T @ c, X),
    "of a product": (b.T @ pinv(X.T @ C) @ b, X),
    "of a column": (pinv(y) @ c, y),
    "a row by a column": (pinv(y), y),
    "of a row": (pinv(y.T), y),
    "a named one": (mc.norm(mc.let("P", pinv(X)) @ c), X),
    "vector by vector": (pinv(mc.diag(y) @ X) @ c, y),
}


@pytest.mark.parametrize("sizes", SIZES, ids=["tall", "wide"])
@pytest.mark.parametrize("name", CASES)
def test_derivatives_agree_with_reverse_mode(name: str, sizes: dict[str, int]) -> None:
    of, by = CASES[name]
    data = draw([of, by], np.random.default_rng(3))
    data = draw([of, by], np.random.default_rng(3), sizes={size: n for size, n in sizes.items() if size in data.sizes})
    raw = jacobian(of, by, data)
    for layout in LAYOUTS:
        derivation = mc.derive(of, by, layout=layout)
        close(index_sum(derivation.index_form.form, data), raw)
        close(value(derivation.result, data), laid_out_by_definition(raw, of.shape, by.shape, layout))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", CASES)
def test_each_is_verified_by_every_oracle(name: str, layout: str) -> None:
    derivation = mc.derive(*CASES[name], layout=layout)
    report = derivation.verify()
    assert report.ok
    assert all(verify_step(step) for step in derivation.steps)


@pytest.mark.parametrize("sizes", SIZES, ids=["tall", "wide"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_derivative_by_vec(sizes: dict[str, int], layout: str) -> None:
    data = draw([pinv(X)], np.random.default_rng(4), sizes=sizes)
    found = value(mc.derive(pinv(X), X, layout=layout).vec_form, data)
    close(found, vec_by_definition(jacobian(pinv(X), X, data), pinv(X).shape, X.shape, layout))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_is_written_with_the_projections(layout: str) -> None:
    """Each stands there once, and is never transposed: they are symmetric."""
    shown = repr(mc.derive(mc.trace(C @ pinv(X)), X, layout=layout).result)
    assert [shown.count(part) for part in ("(I_n - X^+ X)", "(I_m - X X^+)", "X^+ X)^T", "X X^+)^T")] == [1, 1, 0, 0]
    of_a_column = repr(mc.derive(pinv(y) @ c, y, layout=layout).result)
    assert "(I_m - y y^+)" in of_a_column
    assert "y^+ y" not in of_a_column


def test_along_a_curve_of_constant_lower_rank() -> None:
    """X(t) = G(t) H(t) has rank 2 for every t; its pseudo-inverse moves as the rule says."""
    G, H = mc.matrix("G", "m", "r"), mc.matrix("H", "r", "n")
    of = mc.trace(C @ pinv(G @ H))
    rng = np.random.default_rng(7)
    values = {"G": rng.normal(size=(5, 2)), "H": rng.normal(size=(2, 3)), "C": rng.normal(size=(5, 3))}
    found = mc.derive(of, G, layout="denominator").result.evaluate(values)
    step, wanted = 1e-6, np.zeros((5, 2))
    for place in np.ndindex(5, 2):
        shift = np.zeros((5, 2))
        shift[place] = step
        ends = [np.trace(values["C"] @ np.linalg.pinv((values["G"] + s * shift) @ values["H"], rcond=1e-9)) for s in (1, -1)]
        wanted[place] = (ends[0] - ends[1]) / (2 * step)
    close(found, wanted, 1e-6)


def test_the_equations_of_penrose_have_derivatives_that_vanish() -> None:
    """X X^+ X - X = 0 and its like, derived: the terms of the rule cancel."""
    for sizes in SIZES:
        for of in (X @ pinv(X) @ X - X, pinv(X) @ X @ pinv(X) - pinv(X), X @ pinv(X) - (X @ pinv(X)).T):
            data = draw([of], np.random.default_rng(8), sizes=sizes)
            form = mc.derive(of, X, layout="numerator").index_form.form
            assert np.abs(index_sum(form, data)).max() < 1e-9


@pytest.mark.parametrize("factor", [-1, 0, 2], ids=["sign", "zero", "twice"])
@pytest.mark.parametrize("place", [None, 0, 1, 2], ids=["all", "first term", "second term", "third term"])
def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch, place: int | None, factor: int) -> None:
    right = rules.DERIVATIVES[AtomKind.PSEUDO_INVERSE]

    def wrong(atom: Any, by: Any, derive: Any) -> Form:
        form = right.apply(atom, by, derive)
        factors = [factor if place in (None, at) else 1 for at in range(len(form.terms))]
        terms = [replace(term, coefficient=rational(f * term.coefficient)) for f, term in zip(factors, form.terms, strict=True)]
        return Form(form.axes, tuple(terms))

    table = MappingProxyType({**rules.DERIVATIVES, AtomKind.PSEUDO_INVERSE: replace(right, apply=wrong)})
    for module in (rules, engine, sweep):
        monkeypatch.setattr(module, "DERIVATIVES", table)
    of = b.T @ pinv(X) @ c
    found = [not mc.derive(of, X, layout="denominator").verify(sizes=sizes).ok for sizes in SIZES]
    nothing_at = {1: [True, False], 2: [False, True]}  # the second term vanishes at wide matrices, the third at tall ones
    assert found == nothing_at.get(-1 if place is None else place, [True, True])


def test_the_data_of_these_tests_are_of_full_rank() -> None:
    for sizes in SIZES:
        data: Data = draw([pinv(X)], np.random.default_rng(3), sizes=sizes)
        assert np.linalg.matrix_rank(data.values["X"]) == 3
