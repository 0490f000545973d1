"""Random derivatives over all operations, with what is assumed of symbols, against what shares no code with the rules.

1,000 expressions here; more by ``python benchmarks/long_run.py derivations``.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import cache
from typing import Any, get_args

import numpy as np
import pytest

import matcalc as mc
from matcalc.derivation import derive
from matcalc.errors import EvaluationError, NoMatrixFormError
from matcalc.exact.oracle import deviation
from matcalc.language.building import lift
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import Commutation, Derivative, Expr, MapDerivative, Node, Symbol, Zeros
from matcalc.language.traversal import postorder, with_definition
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.tape import jacobian
from matcalc.second_derivative import second_derivative
from tests import derivation_trials
from tests.derivation_trials import NOT_AGAIN, LAYOUTS, STRUCTURED, judged, pattern
from tests.oracle import close, laid_out_by_definition, vec_by_definition
from tests.random_operations import OF_MATRICES, OF_SCALARS, OF_SQUARES, OF_VECTORS, REGULAR, Listed, Operations, derivable

EXPRESSIONS = 1_000
BATCHES = 20
LISTED = 1_000


@cache
def outcomes(batch: int) -> tuple[Counter[str], tuple[str, ...]]:
    """What was met in a batch of the seeds, and what is wrong."""
    each = EXPRESSIONS // BATCHES
    found = [judged(seed) for seed in range(each * batch, each * (batch + 1))]
    return sum((one.outcomes for one in found), Counter()), tuple(fault for one in found for fault in one.wrong)


@pytest.mark.parametrize("batch", range(BATCHES), ids="batch{}".format)
def test_every_derivative_of_random_expressions_is_right(batch: int) -> None:
    _, wrong = outcomes(batch)
    assert wrong == ()


def test_how_many_were_compared(record_testsuite_property: Any) -> None:
    """The numbers of a run are recorded with it; too few would mean that little was tried."""
    met: Counter[str] = sum((outcomes(batch)[0] for batch in range(BATCHES)), Counter())
    record_testsuite_property("random derivatives", dict(met))
    for layout in LAYOUTS:
        assert met[f"result in {layout} layout"] > 450
        assert met[f"vec form in {layout} layout"] > 600
        assert met[f"structured result in {layout} layout"] > 60
    assert met["tensor"] > 900
    assert min(met["second tensor"], met["second derivative as a matrix"], met["exact"], met["tensor against differences"]) > 75
    assert met["no data"] < 60
    assert not [what for what in met if what.startswith(NOT_AGAIN)], "what is wrong at some data only is wrong"
    assert met["no matrix form"] + met["no vec form"] < met["tensor"]


def test_the_generator_reaches_every_operation_and_every_assumption() -> None:
    nodes = [node for seed in range(2_000) for node in postorder([Operations(seed).expression(depth=1 + seed % 6)], with_definition)]
    assert set(get_args(Node)) - {type(node) for node in nodes} == {Zeros, Commutation, Derivative, MapDerivative}
    assumed = {node.assumed for node in nodes if isinstance(node, Symbol)}
    assert {tuple(sorted(each)) for each in (*OF_SCALARS, *OF_VECTORS, *OF_MATRICES, *OF_SQUARES, *REGULAR)} <= assumed


# ---- planted faults --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [20, 24, 31, 51])
def test_a_planted_fault_in_a_first_derivative_is_found(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivation_trials, "derive", lambda of, by, **options: derive(2 * of, by, **options))
    assert any("tensor by" in fault for fault in judged(seed).wrong)


def test_a_planted_fault_in_a_second_derivative_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivation_trials, "second_derivative", lambda of, x, y, **options: second_derivative(-of, x, y, **options))
    assert any("second tensor by" in fault for seed in (28, 38, 48, 58) for fault in judged(seed).wrong)


def test_a_planted_fault_in_a_layout_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def turned(raw: Any, of: Any, by: Any, layout: str) -> Any:
        return raw.reshape(raw.shape if layout == "numerator" and raw.ndim == 2 else (-1, 1))

    monkeypatch.setattr(derivation_trials, "laid_out_by_definition", turned)
    assert any("result in" in fault for seed in range(10) for fault in judged(seed).wrong)


@pytest.mark.parametrize("structure", STRUCTURED)
def test_patterns_are_what_a_free_entry_moves(structure: str) -> None:
    """A matrix that is moved along a pattern keeps its structure, and the patterns of all free entries together move all of it."""
    lags = np.subtract.outer(np.arange(5), np.arange(5))
    moved = pattern(structure, 5, 3, 1)
    where = {
        "symmetric": (lags == 2) & (np.arange(5) == 1) | ((lags == 2) & (np.arange(5) == 1)).T,
        "skew-symmetric": (lags == 2) & (np.arange(5) == 1) | ((lags == 2) & (np.arange(5) == 1)).T,
        "diagonal": np.zeros((5, 5), bool),
        "toeplitz": lags == 2,
        "symmetric toeplitz": np.abs(lags) == 2,
    }[structure]
    assert np.array_equal(moved != 0, where)
    assert np.array_equal(moved, {"skew-symmetric": -moved.T, "toeplitz": moved}.get(structure, moved.T))


# ---- what random expressions found -----------------------------------------------------------------------------------

A, B, k = mc.matrix("A", "n", "n"), mc.matrix("B", "m", "n"), mc.scalar("k", assume="positive integer")
r, v, x, z = mc.row("r", "m"), mc.vector("v", "n"), mc.vector("x", "n"), mc.vector("z", "m")
power_of_a_map = mc.matrix_power(mc.function("u", of=r, shape=("n", "n")), k)
sign, y = mc.scalar("s", assume="in {-1,1}"), mc.vector("y", "n", assume="in {-1,1}")
FOUND: dict[str, tuple[Expr, Expr]] = {
    "a power of a map, summed": (mc.sum(power_of_a_map), r),
    "the trace of a power of a map": (mc.trace(power_of_a_map), r),
    "a power of what is summed along diagonals": (x.T @ mc.matrix_power(mc.diagonal_sums(A), k) @ v, A),
    "its sum beside another": (x.T @ mc.matrix_power(mc.diagonal_sums(A), k) @ v + v.T @ mc.matrix_power(A, k) @ v, A),
    "a map of what is summed along diagonals": (mc.trace(mc.function("w", of=mc.diagonal_sums(B), shape=("p", "p"))), B),
    "a map of a name for it": (mc.trace(mc.function("w", of=mc.let("D", mc.diagonal_sums(B)), shape=("p", "p"))), B),
    "an odd function of a sign": (mc.sin(sign) * x, x),
    "an odd function of signs": (mc.sum(mc.sin(y * x)), x),
}


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_was_found_stays_right(name: str, layout: str) -> None:
    of, by = FOUND[name]
    data = draw([of], np.random.default_rng(7))
    d, raw = derive(of, by, layout=layout), jacobian(of, by, data)
    close(derivation_trials.index_value(d, data), raw)
    with suppress(NoMatrixFormError):  # of a power of a map
        close(value(d.result, data), laid_out_by_definition(raw, of.shape, by.shape, layout))
        close(value(d.vec_form, data), vec_by_definition(raw, of.shape, by.shape, layout))


def test_a_sum_over_powers_under_a_sum_along_diagonals_is_written_once() -> None:
    d = derive(*FOUND["a power of what is summed along diagonals"], layout="denominator")
    assert repr(d.result) == "diagsums(sum_{r=0}^{k - 1} (diagsums(A)^r)^T x v^T (diagsums(A)^(k - 1 - r))^T)"


def test_a_sign_alone_is_not_taken_out_of_a_function() -> None:
    assert repr(derive(*FOUND["an odd function of a sign"], layout="numerator").result) == "sin(s) I_n"
    assert repr(derive(*FOUND["an odd function of signs"], layout="numerator").result) == "(cos(x) ⊙ y)^T"


@pytest.mark.parametrize("seed", range(4))
def test_exact_data_are_what_is_assumed(seed: int) -> None:
    """Minus one is reduced modulo the prime, and positive shares of one are squares that sum to one."""
    for assumed in (["positive", "sums to one"], "probability vector"):
        shares = mc.vector("q", "m", assume=assumed)
        of = mc.kron(x, known_function("abs")(shares)) * mc.sum(shares)
        assert deviation(of, x, mc.kron(mc.identity("n"), shares), "numerator", seed=seed) == 0.0
        assert deviation(of, x, mc.kron(mc.identity("n"), shares**2), "numerator", seed=seed) > 0.0
    rows = mc.matrix("R", "m", "n", assume=["positive", "rows sum to one"])
    assert deviation(mc.sum(known_function("abs")(rows)) * x, x, lift(mc.dims("m")) * mc.identity("n"), "numerator", seed=seed) == 0.0
    odd = lift(1) * sign * mc.sin(lift(1))
    assert deviation(mc.sin(sign) * x, x, odd * mc.identity("n"), "numerator", seed=seed) == 0.0
    assert deviation(mc.sin(sign) * x, x, -odd * mc.identity("n"), "numerator", seed=seed) > 0.0


@pytest.mark.parametrize("assumed", [["orthogonal", "symmetric"], ["positive definite", "toeplitz"], ["orthogonal", "lower triangular"]])
def test_exact_data_that_cannot_be_made_are_refused(assumed: list[str]) -> None:
    Q = mc.matrix("Q", "n", "n", assume=assumed)
    with pytest.raises(EvaluationError, match="No data over a finite field were found for Q that are"):
        deviation(v.T @ Q @ v, v, 2 * v.T @ Q, "numerator", sizes={"n": 3})


def test_the_pseudo_inverse_of_what_is_not_finite_is_not_either() -> None:
    F, c = mc.matrix("F", "m", "n"), mc.scalar("c")
    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.isnan(mc.pinv(F / c).evaluate({"F": [[1, 2, 3], [4, 5, 7]], "c": 0})).all()


# ---- scalars with a matrix form --------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", range(10), ids="batch{}".format)
def test_a_scalar_of_the_listed_operations_always_has_a_matrix_form(batch: int) -> None:
    """@, ⊙, diag, tr, sum, functions entry by entry, inv, det and softmax of rows: the theorem of docs/scalar_has_matrix_form.md."""
    derived = 0
    for seed in range(LISTED // 10 * batch, LISTED // 10 * (batch + 1)):
        of: Expr = Listed(seed).expression((), depth=1 + seed % 6)
        for position, by in enumerate(derivable(of)):
            d = derive(of, by, layout=LAYOUTS[(seed + position) % 2])
            assert d.result.shape == d.shape
            derived += 1
    assert derived > 200
