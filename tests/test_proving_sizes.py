"""Proofs hold for all sizes: what is right for some sizes only, or for some signs, ranks or roundings, is not called equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.exact.field import PRIME, product, pseudo_inverse, transposed
from matcalc.exact.fingerprints import fingerprint, lower_rank
from matcalc.exact.tried_sizes import MOST_CHOICES, number_names, size_choices
from matcalc.language.building import lift
from matcalc.language.expressions import Expr, Let
from matcalc.language.traversal import postorder, replaced
from tests.random_expressions import Generator

n, m = mc.dims("n m")
x, y, v = mc.scalar("x"), mc.scalar("y"), mc.vector("v", n)
S, Q, A, B = mc.matrix("S", n, n), mc.matrix("Q", n, n), mc.matrix("A", n, m), mc.matrix("B", m, n)
SHAPES = {"x": "", "y": "", "v": "n", "S": "n n", "Q": "n n", "A": "n m", "B": "m n"}
sqrt_2 = mc.sqrt(0 * x + 2)
p = mc.dims("p1 p2 p3 p4 p5 p6 p7")


def parsed(text: str) -> Expr:
    return mc.parse(text, shapes=SHAPES)


def falling(count: int) -> Expr:
    """(n - 1) (n - 2) ... (n - count)"""
    made: Expr = n - 1
    for k in range(2, count + 1):
        made = made * (n - k)
    return made


DIFFERENT: dict[str, tuple[Any, Any]] = {
    "binomial": (n * (n - 1) * x / 2, (2 * n - 3) * x),
    "product of sizes": (n * m * x, 6 * x),
    "zero at 2 and 3": ((n - 2) * (n - 3) * x, 0 * x),
    "zero at small numbers": (falling(9) * x, 0 * x),
    "zero at small extents": (falling(9) * mc.sum(v), 0 * x),
    "squares": (parsed(r"\sum_{i=1}^{n} i^2"), parsed("9n-13")),
    "triangle": (parsed(r"\sum_{i=1}^{n}\sum_{j=i+1}^{n} 1"), parsed("2n-3")),
    "determinant of a multiple": (parsed(r"\det(2S)"), parsed(r"(4n-4)\det(S)")),
    "determinant of the negative": (parsed(r"\det(-S)"), parsed(r"(5-2n)\det(S)")),
    "size 1": (mc.abs((n - 2) * x**2), (n - 2) * x**2),
    "sizes that differ": (mc.det(A @ B) * mc.det(B @ A), 0 * x),
    "two sizes that are the same beside a third": (mc.det(A @ B) * mc.det(B @ A) * (n - p[0]) * mc.sum(mc.ones(p[0])), 0 * x),
    "first and seventh size": ((p[0] - p[6]) * x * p[1] * p[2] * p[3] * p[4] * p[5], 0 * x),
    "wide": (mc.pinv(A.T @ A) @ A.T @ A, mc.identity(m)),
    "tall": ((A @ B) @ mc.pinv(A @ B), mc.identity(n)),
    "three terms": (parsed(r"\sum_{i=1}^{3} v_i"), parsed(r"\mathbf{1}^\top v")),
    "third entry": (parsed("v_3"), parsed("v_n")),
    "singular data": (mc.pinv(S @ Q), mc.pinv(Q) @ mc.pinv(S)),
    "sign of a constant": (mc.abs((sqrt_2 - 3) * x**2), (sqrt_2 - 3) * x**2),
    "root of a constant": (mc.sqrt((sqrt_2 - 3) ** 2), sqrt_2 - 3),
    "sign of a large prime": (mc.abs(53 * x**2), -53 * x**2),
    "coins at later sizes": ((n - 2) * mc.abs(x), (n - 2) * x),
}

UNDECIDED: dict[str, tuple[Any, Any, str]] = {
    "inverse of a singular product": (mc.pinv(A @ B), mc.inv(A @ B), "at n = 3, m = 2 the right side has no value while the other has one"),
    "normal equations": (mc.inv(A.T @ A) @ A.T, mc.pinv(A), "at n = 2, m = 3 the left side has no value while the other has one"),
    "ill-conditioned product": (mc.expm(10 * S) @ mc.expm(-10 * S), mc.identity(n), "rounding hides the values at"),
    "cancellation": (mc.log(1 - mc.tanh(x + 15)), mc.log(0 * y + 2) - mc.softplus(2 * x + 30), "refutes nothing, since there"),
    "magnified rounding": ((mc.log(x * y) - mc.log(x) - mc.log(y)) * 10**6 * 10**6, 0 * x, "rounding hides the values at 3 random"),
}

EQUAL: dict[str, tuple[Any, Any]] = {
    "polynomial in sizes": ((n + 1) * (n - 1) * x, (n**2 - 1) * x),
    "cubes": (parsed(r"4 \sum_{i=1}^{n} i^3"), parsed("n^2 (n+1)^2")),
    "high powers of a size": ((n - 1) ** 16 * mc.tanh(mc.sum(v)), (1 - n) ** 16 * (2 * mc.sigmoid(2 * mc.sum(v)) - 1)),
    "determinant of a multiple": (mc.det(mc.kron(mc.identity(2), S)), mc.det(S) ** 2),
    "pseudo-inverse by normal equations": (mc.pinv(A.T @ A) @ A.T, mc.pinv(A)),
    "pseudo-inverse of lower rank": (A @ mc.pinv(A) @ A, A),
    "entries that are there from 3 on": (parsed(r"\sum_{i=3}^{3} v_i x"), parsed("v_3 x")),
    "abs of a size": (mc.abs(n * x), n * mc.abs(x)),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_fails_for_some_sizes_is_different(name: str) -> None:
    left, right = map(lift, DIFFERENT[name])
    for seed in range(3):
        proof = mc.prove_equal(left, right, seed=seed)
        assert (proof.verdict, proof.method) == ("different", "floats")
    example = proof.counterexample
    assert example is not None
    sides = [side.evaluate(example.values, sizes=_needed(side, example.sizes)) for side in (left, right)]
    assert not np.allclose(sides[0], sides[1], rtol=1e-6, atol=1e-9)


def _needed(side: Expr, sizes: Any) -> dict[str, int]:
    names = set(next(size_choices([side])))
    return {name: number for name, number in sizes.items() if name in names}


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_has_no_value_or_is_hidden_by_rounding_is_undecided(name: str) -> None:
    left, right, why = UNDECIDED[name]
    proof = mc.prove_equal(left, right)
    assert proof.verdict == "undecided"
    assert why in proof.reason


@pytest.mark.parametrize("name", EQUAL)
def test_what_holds_for_all_sizes_is_still_proved(name: str) -> None:
    assert mc.prove_equal(*EQUAL[name]).verdict == "equal"


@pytest.mark.parametrize("seed", range(12))
def test_coins_count_at_every_size(seed: int) -> None:
    assert mc.prove_equal((n - 2) * mc.abs(x), (n - 2) * x, seed=seed).verdict == "different"


def test_a_proof_tells_the_sizes_it_tried() -> None:
    reason = mc.prove_equal(mc.pinv(A.T), mc.pinv(A).T).reason
    assert "for (n, m) = (2, 3), (3, 2), (3, 3), (1, 3), (4, 1), (6, 4), at 2 points each or more; " in reason
    assert reason.endswith("; other sizes are not proved")
    both = mc.prove_equal(mc.tanh(m * mc.sum(v)), 2 * mc.sigmoid(2 * m * mc.sum(v)) - 1).reason
    assert "for n = 3, 2, 1, 4 and m small and random modulo the prime, at 2 points" in both
    only_numbers = mc.prove_equal(mc.tanh(m * x), 2 * mc.sigmoid(2 * m * x) - 1)
    assert "not proved" not in only_numbers.reason
    assert 0.0 < float(only_numbers.error_probability or 0.0) < 1e-30


def test_too_high_a_power_of_a_size_is_no_proof() -> None:
    """A sum of n ones, whose number is known by counting only, beside a polynomial that vanishes at all sizes that are tried."""
    ones = mc.indexed_sum(mc.index("r"), mc.trace(mc.identity(1)), 1, n)
    left = falling(15) * (ones - n + 1) * mc.sum(v)
    found = fingerprint(left, falling(15) * mc.sum(v) * (1 + 0 * x))
    assert found.agree
    assert not found.proves
    assert "which so few do not tell" in found.reason


def test_sizes_are_different_the_same_turned_round_and_1() -> None:
    choices = list(size_choices([A]))
    assert choices[:6] == [{"n": a, "m": b} for a, b in [(2, 3), (3, 2), (3, 3), (1, 3), (4, 1), (6, 4)]]
    assert len(choices) == MOST_CHOICES
    assert [choice["n"] for choice in size_choices([v])][:8] == [2, 3, 1, 4, 5, 7, 6, 8]
    assert list(size_choices([x])) == [{}]


def test_of_many_sizes_any_two_differ_somewhere() -> None:
    names = [f"p_{k}" for k in range(40)]
    first, second, *_ = size_choices([mc.vector(f"x_{k}", name) for k, name in enumerate(names)])
    pairs = [(a, b) for a in names for b in names if a < b]
    assert all(first[a] != first[b] or second[a] != second[b] for a, b in pairs)


def test_numbers_are_told_from_extents() -> None:
    assert number_names([n * x + m * mc.sum(v)]) == {"m"}
    assert number_names([mc.indexed_sum(mc.index("r"), x, 1, n) * m]) == {"m"}
    assert number_names([mc.matrix_power(mc.matrix("G", 3, 3), n)]) == set()


@pytest.mark.parametrize(("rows", "columns"), [(2, 5), (5, 2), (3, 4), (4, 3)])
def test_pseudo_inverses_of_lower_rank_satisfy_penrose(rows: int, columns: int) -> None:
    matrix = lower_rank(rows, columns, "penrose")
    found = pseudo_inverse([[entry % PRIME for entry in row] for row in matrix], PRIME)
    there, back = product(matrix, found, PRIME), product(found, matrix, PRIME)
    assert product(there, matrix, PRIME) == [[entry % PRIME for entry in row] for row in matrix]
    assert product(back, found, PRIME) == found
    assert (transposed(there), transposed(back)) == (there, back)
    assert np.linalg.matrix_rank(np.array(matrix)) == max(1, min(rows, columns) - 1)
    assert pseudo_inverse([[0, 0]], PRIME) == [[0], [0]]


def test_nan_stays_nan() -> None:
    for function in (mc.relu, mc.abs, mc.leaky_relu, mc.softplus, mc.tanh):
        assert np.isnan(function(mc.sqrt(x)).evaluate({"x": -4.0}))
        assert np.isnan(mc.derive(function(x), x, layout="numerator").result.evaluate({"x": float("nan")}))


# ---- pairs whose truth is known by construction ----------------------------------------------------------------------

REWRITES: list[Callable[[Expr], Expr]] = [
    lambda part: part + part - part,
    lambda part: 3 * part - 2 * part,
    lambda part: part.T.T,
    lambda part: 0 * part - (0 * part - part),
    lambda part: part * n / n,
    lambda part: (part + part) / 2,
    lambda part: part * (mc.sin(x) ** 2 + mc.cos(x) ** 2),
    lambda part: part * (mc.tanh(y) + 1) / (2 * mc.sigmoid(2 * y)),
    lambda part: part + (mc.det(S @ Q) - mc.det(Q) * mc.det(S)),
    lambda part: part + (mc.relu(x) + mc.relu(-x) - mc.abs(x)),
]

CHANGES: list[Callable[[], Any]] = [
    lambda: (n - 2) * (n - 3),
    lambda: (n - 2) * (n - 3) * (n - 1) * y,
    lambda: n - m,
    lambda: (n - m) * (m - 2) * x,
    lambda: mc.det(2 * S) - (4 * n - 4) * mc.det(S),
    lambda: mc.abs((n - 2) * x**2) - (n - 2) * x**2,
    lambda: mc.abs(x) - x,
    lambda: mc.sqrt(x**2) + x,
    lambda: mc.sum(mc.relu(v)) - mc.sum(v),
    lambda: mc.trace(S @ Q) - mc.trace(S @ Q.T),
    lambda: mc.sum(v) / 1000,
    lambda: mc.norm(v) - mc.sum(v),
    lambda: mc.det(A @ B) * mc.det(B @ A),
]


def rewritten(of: Expr, rng: np.random.Generator) -> Expr:
    """An equal expression: one part rewritten by a rule that holds for all data."""
    nodes = [node for node in postorder([of]) if not isinstance(node, Let)]
    part = nodes[int(rng.integers(len(nodes)))]
    return replaced(of, {part: REWRITES[int(rng.integers(len(REWRITES)))](part)})


@pytest.mark.parametrize("batch", range(10), ids="batch{}".format)
def test_no_verdict_is_false(batch: int) -> None:
    verdicts: dict[tuple[bool, str], int] = {}
    for seed in range(10 * batch, 10 * batch + 10):
        rng = np.random.default_rng(seed)
        of = Generator(seed, named=False).expression(depth=1 + seed % 3)
        other = rewritten(rewritten(of, rng), rng)
        changed = other + CHANGES[seed % len(CHANGES)]()
        for truth, side in ((True, other), (False, changed)):
            verdict = mc.prove_equal(of, side, seed=seed).verdict
            assert verdict != ("different" if truth else "equal"), (seed, of, side)
            verdicts[truth, verdict] = verdicts.get((truth, verdict), 0) + 1
    assert verdicts[True, "equal"] >= 5
    assert verdicts[False, "different"] >= 6
