"""Costs of bracketings: against a count that multiplies by loops, and the best against all of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from random import Random

import pytest

from matcalc.language.sizes import Dim, Size
from matcalc.layout.arrangements import Kind, Matrix
from matcalc.layout.bracketing import Bracketing, best, cost, from_the_left, from_the_right, mirrored, written


def extent(entry: Size) -> int:
    assert isinstance(entry, int)
    return entry


@lru_cache
def bracketings(first: int, last: int) -> tuple[Bracketing, ...]:
    """Every bracketing of the factors from one to the other."""
    if first == last:
        return (first,)
    return tuple(
        (left, right)
        for split in range(first, last)
        for left in bracketings(first, split)
        for right in bracketings(split + 1, last)
    )


def counted(matrices: list[Matrix], bracketing: Bracketing) -> tuple[int, set[tuple[int, int]], tuple[int, int]]:
    """Multiplications where only entries that are not zero for sure are touched, those entries, and the shape; by loops."""
    if isinstance(bracketing, int):
        matrix = matrices[bracketing]
        rows, columns = extent(matrix.rows), extent(matrix.columns)
        full = {(i, j) for i in range(rows) for j in range(columns) if matrix.kind is Kind.GENERAL or i == j}
        return 0, full, (rows, columns)
    (a, left, (rows, _)), (b, right, (_, columns)) = (counted(matrices, side) for side in bracketing)
    pairs = [(i, k, j) for i, k in left for m, j in right if k == m]
    return a + b + len(pairs), {(i, j) for i, _, j in pairs}, (rows, columns)


def chains() -> Iterator[list[Matrix]]:
    for seed in range(40):
        random = Random(seed)
        sizes = [random.choice([1, 2, 3, 5]) for _ in range(random.randint(2, 6))]
        made: list[Matrix] = []
        for rows, columns in pairwise(sizes):
            made.append(Matrix(rows, columns))
            if random.random() < 0.5 and columns > 1:
                made.append(Matrix(columns, columns, Kind.DIAGONAL))
        yield made


@pytest.mark.parametrize("matrices", list(chains()))
def test_multiplications_are_those_of_loops_over_what_is_not_zero(matrices: list[Matrix]) -> None:
    for bracketing in bracketings(0, len(matrices) - 1):
        found = cost(matrices, bracketing)
        assert found.multiplications.at(extent) == counted(matrices, bracketing)[0]
        assert found.dense.at(extent) >= found.multiplications.at(extent)


@pytest.mark.parametrize("matrices", list(chains()))
def test_the_best_bracketing_is_the_best_of_all(matrices: list[Matrix]) -> None:
    costs = [cost(matrices, bracketing).multiplications.at(extent) for bracketing in bracketings(0, len(matrices) - 1)]
    assert cost(matrices, best(matrices, extent)).multiplications.at(extent) == min(costs)
    dense = [cost(matrices, bracketing).dense.at(extent) for bracketing in bracketings(0, len(matrices) - 1)]
    assert cost(matrices, best(matrices, extent, dense=True)).dense.at(extent) == min(dense)


@pytest.mark.parametrize("matrices", list(chains()))
def test_transposing_changes_no_number(matrices: list[Matrix]) -> None:
    turned = [Matrix(m.columns, m.rows, m.kind) for m in reversed(matrices)]
    for bracketing in bracketings(0, len(matrices) - 1):
        one, other = cost(matrices, bracketing), cost(turned, mirrored(bracketing, len(matrices)))
        assert (one.multiplications, one.dense, one.entries) == (other.multiplications, other.dense, other.entries)


def test_formulas_and_brackets() -> None:
    m, n = Dim(("m",)), Dim(("n",))
    matrices = [Matrix(1, m), Matrix(m, m, Kind.DIAGONAL), Matrix(m, n), Matrix(n, n, Kind.IDENTITY)]
    left, right = from_the_left(range(4)), from_the_right(range(4))
    assert (written(left, "gDWI"), written(right, "gDWI")) == ("((g D) W) I", "g (D (W I))")
    assert repr(cost(matrices, left).multiplications.expression) == "m*n + m"
    assert repr(cost(matrices, right).multiplications.expression) == "2*m*n"
    assert repr(cost(matrices, left).dense.expression) == "m*m + m*n + n*n"
    assert written(((0, 1), (2, 3)), "ABCD") == "(A B) (C D)"
    assert mirrored((0, (1, 2)), 3) == ((0, 1), 2)
