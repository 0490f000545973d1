"""Counts of arrangements, compared with an enumeration that shares no code with them."""

from itertools import pairwise, permutations, product
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcalc.errors import TooManyFactorsError
from matcalc.layout.arrangements import Counts, Kind, Matrix, Word
from tests.brute_force import Ordering

SIZES = (1, 2, 3)
Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


def drawn(matrix: Matrix, rng: np.random.Generator) -> Array:
    """A random matrix of floats of a kind, at full size."""
    assert isinstance(matrix.rows, int)
    assert isinstance(matrix.columns, int)
    table: Array = rng.uniform(0.5, 2.0, (matrix.rows, matrix.columns)) * rng.choice([-1.0, 1.0], (matrix.rows, matrix.columns))
    match matrix.kind:
        case Kind.SYMMETRIC:
            return table + table.T
        case Kind.DIAGONAL:
            return table * np.eye(matrix.rows)
        case Kind.IDENTITY:
            return np.eye(matrix.rows)
        case Kind.ZERO:
            return np.zeros_like(table)
        case _:
            return table


def enumerated(ordering: Ordering, seed: int) -> tuple[int, int, int, int]:
    """The four numbers, by multiplying every arrangement out in floats."""
    rng = np.random.default_rng(seed)
    tables = [drawn(matrix, rng) for matrix in ordering.matrices]
    factors = [tables[m].T if t else tables[m] for m, t in ordering.true]
    truth = factors[0]
    for factor in factors[1:]:
        truth = truth @ factor
    values: list[Array] = []
    every = fitting = right = 0
    for order in permutations(factors):
        for turns in product((False, True), repeat=len(factors)):
            every += 1
            parts = [part.T if turned else part for part, turned in zip(order, turns, strict=True)]
            if any(a.shape[1] != b.shape[0] for a, b in pairwise(parts)):
                continue
            found = parts[0]
            for part in parts[1:]:
                found = found @ part
            if found.shape != ordering.target:
                continue
            fitting += 1
            right += np.allclose(found, truth, rtol=1e-9, atol=1e-11)
            if not any(np.allclose(found, value, rtol=1e-9, atol=1e-11) for value in values):
                values.append(found)
    return every, fitting, right, len(values)


def numbers(counts: Counts) -> tuple[int, int, int, int]:
    return counts.arrangements, counts.shape_consistent, counts.right, counts.distinct_values


@st.composite
def orderings(draw: st.DrawFn) -> Ordering:
    """Up to four factors that conform, some equal or transposed, square ones of any kind."""
    count = draw(st.integers(1, 4))
    path = draw(st.lists(st.sampled_from(SIZES), min_size=count + 1, max_size=count + 1))
    matrices: list[Matrix] = []
    word: list[tuple[int, bool]] = []
    for rows, columns in pairwise(path):
        old = [(m, t) for m, found in enumerate(matrices) for t in (False, True) if found.shape(t) == (rows, columns)]
        again = draw(st.sampled_from([None, *old]))
        if again is not None:
            word.append(again)
            continue
        kinds = list(Kind) if rows == columns else [Kind.GENERAL, Kind.ZERO]
        word.append((len(matrices), False))
        matrices.append(Matrix(rows, columns, draw(st.sampled_from([Kind.GENERAL, *kinds]))))
    return Ordering(tuple(matrices), tuple(word), (path[0], path[-1]))


@settings(max_examples=120, deadline=None)
@given(orderings(), st.integers(0, 2**20))
def test_counts_are_those_of_a_full_enumeration(ordering: Ordering, seed: int) -> None:
    assert numbers(ordering.counts) == enumerated(ordering, seed)


SQUARE = (Matrix(3, 3), Matrix(3, 3, Kind.DIAGONAL), Matrix(3, 3, Kind.SYMMETRIC), Matrix(3, 1))


@pytest.mark.parametrize(
    "word",
    [
        ((0, False), (1, False), (2, False), (3, False)),
        ((0, False), (0, True), (1, False), (3, False)),
        ((3, True), (0, False), (1, False), (3, False)),
        ((0, False), (1, False), (0, False), (1, False)),
        ((3, False), (3, True), (0, False), (2, False)),
    ],
    ids=["all kinds", "a matrix and its transpose", "a quadratic form", "each twice", "an outer product in front"],
)
def test_known_orderings_at_equal_sizes(word: Word) -> None:
    used = sorted({m for m, _ in word})
    new = {m: k for k, m in enumerate(used)}
    matrices = tuple(SQUARE[m] for m in used)
    renamed = tuple((new[m], t) for m, t in word)
    target = (matrices[renamed[0][0]].shape(renamed[0][1])[0], matrices[renamed[-1][0]].shape(renamed[-1][1])[1])
    ordering = Ordering(matrices, renamed, target)
    assert numbers(ordering.counts) == enumerated(ordering, 5)


@pytest.mark.parametrize("large", [4, 8, 40])
def test_a_size_beyond_the_number_of_indices_changes_nothing(large: int) -> None:
    def at(size: int) -> tuple[int, int, int, int]:
        matrices = (Matrix(2, size), Matrix(size, size), Matrix(size, size, Kind.DIAGONAL), Matrix(size, 2))
        return numbers(Ordering(matrices, ((0, False), (1, False), (2, False), (3, False)), (2, 2)).counts)

    assert at(large) == at(3) == (384, 16, 2, 8)


def test_the_words_that_fit_are_all_different_and_fit() -> None:
    ordering = Ordering(SQUARE, ((0, False), (1, False), (2, False), (3, False)), (3, 1))
    words = [word for word, _ in ordering.fitting_words()]
    assert len(words) == len(set(words)) == 12
    assert all(ordering.fits(word) for word in words)
    assert all(ordering.value(word) == value for word, value in ordering.fitting_words())
    arrangements = [arrangement for word in words for arrangement in ordering.arrangements(word)]
    assert len(arrangements) == len(set(arrangements)) == ordering.counts.shape_consistent == 48
    assert all(ordering.word(arrangement) in words for arrangement in arrangements)


@pytest.mark.parametrize(("last", "expected"), [(3, (645120, 645120, 1, 645120)), (1, (645120, 46080, 1, 46080))])
def test_seven_matrices_of_one_size(last: int, expected: tuple[int, int, int, int]) -> None:
    matrices = (*(Matrix(3, 3) for _ in range(6)), Matrix(3, last))
    ordering = Ordering(matrices, tuple((m, False) for m in range(7)), (3, last))
    assert numbers(ordering.counts) == expected


def test_seven_times_the_same_symmetric_matrix() -> None:
    ordering = Ordering((Matrix(3, 3, Kind.SYMMETRIC),), ((0, False),) * 7, (3, 3))
    assert numbers(ordering.counts) == (645120, 645120, 645120, 1)


def test_eight_factors_are_too_many() -> None:
    with pytest.raises(TooManyFactorsError, match=r"^8 factors have 10321920 arrangements, .* at most 7 factors are tried\."):
        Ordering((Matrix(3, 3),), ((0, False),) * 8, (3, 3))


@pytest.mark.parametrize("planted", [Kind.SYMMETRIC, Kind.DIAGONAL, Kind.IDENTITY, Kind.ZERO])
def test_a_wrong_kind_is_seen_by_the_enumeration(planted: Kind) -> None:
    word = ((0, False), (1, False), (2, False))
    said = Ordering((Matrix(3, 3), Matrix(3, 3, planted), Matrix(3, 1)), word, (3, 1))
    true = Ordering((Matrix(3, 3), Matrix(3, 3), Matrix(3, 1)), word, (3, 1))
    assert numbers(said.counts) != enumerated(true, 1) == (48, 8, 1, 8)
