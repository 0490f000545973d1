"""The judge of derivatives: its certainty, roots that depend on each other, and the long run."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import matcalc as mc
from matcalc.exact.drawing import drawn
from matcalc.exact.oracle import deviation, judge
from matcalc.exact.roots import independent_roots
from matcalc.language.expressions import Expr

x, y, c, d = mc.vector("x", "n"), mc.vector("y", "n"), mc.scalar("c"), mc.scalar("d")
X, S = mc.matrix("X", "m", "n"), mc.matrix("S", "n", "n")
one: Expr = c / c
SIZES = {"n": 2, "m": 3}
ROOTS: dict[str, tuple[list[Expr], int | None]] = {
    "none": ([mc.sum(mc.tanh(X @ x))], 0),
    "norms": ([mc.norm(x), mc.norm(X @ x), 1 / mc.norm(x) ** 3], 2),
    "each entry": ([mc.sqrt(x), x ** Fraction(-3, 2)], 2),
    "odd roots": ([x ** Fraction(1, 3)], 0),
    "of numbers": ([mc.sqrt(2 * one), mc.sqrt(mc.trace(mc.identity("n")) * c)], 1),
    "a square": ([mc.sqrt(c**2)], None),
    "a product": ([mc.sqrt(c), mc.sqrt(d), mc.sqrt(c * d)], None),
    "one under the other": ([mc.sqrt(mc.norm(x))], None),
    "inside an exponential": ([mc.exp(mc.sqrt(c))], None),
    "of an exponential": ([mc.sqrt(mc.exp(c))], None),
    "too many": ([mc.sqrt(X), mc.sqrt(X @ S)], None),
}


@pytest.mark.parametrize("name", ROOTS)
def test_roots_are_independent_where_no_product_of_radicands_is_a_square(name: str) -> None:
    roots, wanted = ROOTS[name]
    assert independent_roots(roots, drawn(roots, name, SIZES)) == wanted


@pytest.mark.parametrize("seed", range(8))
def test_the_sign_of_a_root_is_no_way_out(seed: int) -> None:
    """d sqrt(c^2)/dc = 1 holds at half of all c: one draw may not tell, a judgement does."""
    of = mc.sqrt(c**2)
    right = mc.derive(of, c, layout="numerator").result
    found = judge(of, c, right, "numerator", seed=seed)
    assert (found.agrees, found.draws) == (True, 34)
    assert found.error_probability < 1e-10
    for wrong in (one, -one):
        assert not judge(of, c, wrong, "numerator", seed=seed).agrees


def test_one_draw_may_not_tell_the_sign_of_a_root() -> None:
    found = {deviation(mc.sqrt(c**2), c, one, "numerator", seed=seed) for seed in range(20)}
    assert found == {0.0, float("inf")}


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_independent_roots_take_one_draw(layout: str) -> None:
    of = mc.norm(x) * mc.norm(X @ x) + mc.sum(mc.sqrt(x))
    right = mc.derive(of, x, layout=layout).result
    found = judge(of, x, right, layout)
    assert (found.agrees, found.draws, dict(found.sizes)) == (True, 1, SIZES)
    assert 0.0 < found.error_probability < 1e-12
    assert not judge(of, x, right + 0 * right + Fraction(1, 7) * right, layout).agrees


def test_what_proves_nothing_says_so() -> None:
    of = mc.sum(mc.exp(mc.sqrt(x)))
    found = judge(of, x, mc.derive(of, x, layout="numerator").result, "numerator")
    assert found.agrees
    assert found.error_probability > 0.5
    assert found.weakness == "the signs of the roots in it may depend on each other"


def test_a_higher_degree_leaves_more_doubt() -> None:
    chances = []
    for layers in (1, 2, 4):
        net = mc.Network(widths=(3, 4, 5, 2, 6)[: layers + 1], activation="tanh", loss="half_mse")
        right = mc.derive(net.cost, net.x, layout="numerator").result
        chances.append(judge(net.cost, net.x, right, "numerator").error_probability)
    assert chances == sorted(chances)
    assert chances[-1] < 1e-14


# ---- the long run ----------------------------------------------------------------------------------------------------


def long_run() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "long_run.py"
    spec = importlib.util.spec_from_file_location("long_run", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["long_run"] = module
    spec.loader.exec_module(module)
    return module


def ran(monkeypatch: pytest.MonkeyPatch, module: ModuleType, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["long_run.py", *arguments])
    return module.main()  # type: ignore[no-any-return]


def test_the_long_run_counts_what_it_met(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(monkeypatch, long_run(), "duals", "--count", "4", "--first", "3") == 0
    assert capsys.readouterr().out.startswith("duals: 4 seeds from 3: ")


def test_the_long_run_fails_where_a_trial_fails_and_where_nothing_was_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = long_run()

    def trial(seed: int) -> Any:
        return Counter({"exact" if seed else "wrong": 1}), () if seed else (f"seed {seed}",)

    monkeypatch.setitem(module.RUNS, "duals", module.Run(3, trial))
    assert ran(monkeypatch, module, "duals") == 1
    printed = capsys.readouterr().out
    assert "  FAILS: seed 0\n" in printed
    assert "duals: 3 seeds from 0: 2 exact, 1 wrong; 1 failures; " in printed
    assert ran(monkeypatch, module, "duals", "--count", "0") == 1
