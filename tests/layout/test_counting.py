"""The counts without enumeration, against brute force; and that a fault in any clause of their theory is seen."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from math import factorial

import pytest

from matcalc.errors import TooManyFactorsError
from matcalc.language.sizes import Dim, Size
from matcalc.layout import counting, scalar_symmetries, trails, word_counts
from matcalc.layout.arrangements import Counts, Kind, Matrix, Word
from tests.brute_force import Ordering
from matcalc.layout.counting import counts
from tests.layout.random_chains import chain, fast, features, judged

CHAINS = 1_000


def plain(count: int) -> Word:
    return tuple((m, False) for m in range(count))


def of_sizes(*sizes: int) -> tuple[list[Matrix], Word, tuple[int, int]]:
    """A product of different general matrices."""
    return [Matrix(a, b) for a, b in pairwise(sizes)], plain(len(sizes) - 1), (sizes[0], sizes[-1])


# ---- against brute force -----------------------------------------------------------------------------------------------


def test_the_counts_of_random_chains_are_those_of_brute_force() -> None:
    outcomes: Counter[str] = Counter()
    failures: list[str] = []
    for seed in range(CHAINS):
        found, wrong = judged(seed)
        outcomes += found
        failures += wrong
    assert not failures, "\n".join(failures[:5])
    assert outcomes == {"equal": CHAINS}


def test_the_random_chains_have_what_matters() -> None:
    met = Counter(feature for seed in range(CHAINS) for feature in features(chain(seed)))
    assert len(met) == 13, sorted(met)
    assert all(count >= 60 for count in met.values()), met
    lengths = Counter(len(chain(seed).true) for seed in range(CHAINS))
    assert max(lengths) == 6
    assert all(count >= 40 for count in lengths.values()), lengths
    right = [chain(seed).counts for seed in range(CHAINS)]
    assert sum(1 < c.right < c.shape_consistent for c in right) > 300
    assert sum(c.distinct_values > 1 for c in right) > 300


# ---- planted faults ----------------------------------------------------------------------------------------------------


def caught(counted: Callable[[Ordering], Counts]) -> bool:
    """Whether the comparison sees a fault; a sum that is no whole number of orbits is seen by itself."""
    for seed in range(CHAINS):
        ordering = chain(seed)
        try:
            if counted(ordering) != ordering.counts:
                return True
        except AssertionError:
            return True
    return False


def without_kind(kind: Kind, other: Kind) -> Callable[[Ordering], Counts]:
    def counted(o: Ordering) -> Counts:
        return counts([replace(m, kind=other) if m.kind is kind else m for m in o.matrices], o.true, o.target)

    return counted


def without_size_one(o: Ordering) -> Counts:
    one = Dim(("one",))
    matrices = [Matrix(one if m.rows == 1 else m.rows, one if m.columns == 1 else m.columns, m.kind) for m in o.matrices]
    rows, columns = (one if size == 1 else size for size in o.target)
    return counts(matrices, o.true, (rows, columns))


def with_equal_factors_apart(o: Ordering) -> Counts:
    return counts([o.matrices[m] for m, _ in o.true], tuple((f, t) for f, (_, t) in enumerate(o.true)), o.target)


def with_transposes_apart(o: Ordering) -> Counts:
    letters = list(dict.fromkeys(o.true))
    matrices = [replace(o.matrices[m], rows=o.matrices[m].shape(t)[0], columns=o.matrices[m].shape(t)[1]) for m, t in letters]
    return counts(matrices, tuple((letters.index(letter), False) for letter in o.true), o.target)


def with_square_factors_once(o: Ordering) -> Counts:
    found = fast(o)
    return replace(found, shape_consistent=found.shape_consistent >> sum(o.matrices[m].rows == o.matrices[m].columns for m, _ in o.true))


FAULTS_IN_WHAT_IS_GIVEN: dict[str, Callable[[Ordering], Counts]] = {
    "a symmetric factor is not its transpose": without_kind(Kind.SYMMETRIC, Kind.GENERAL),
    "diagonal neighbours do not commute": without_kind(Kind.DIAGONAL, Kind.SYMMETRIC),
    "a multiple of the identity commutes with diagonals only": without_kind(Kind.IDENTITY, Kind.DIAGONAL),
    "zero is a matrix like others": without_kind(Kind.ZERO, Kind.GENERAL),
    "size 1 does not cut": without_size_one,
    "equal factors are told apart": with_equal_factors_apart,
    "a matrix and its transpose are told apart": with_transposes_apart,
    "a square factor counts once": with_square_factors_once,
}


@pytest.mark.parametrize("fault", FAULTS_IN_WHAT_IS_GIVEN.values(), ids=FAULTS_IN_WHAT_IS_GIVEN)
def test_a_fault_in_what_is_given_is_caught(fault: Callable[[Ordering], Counts]) -> None:
    assert caught(fault)


VISITS: Callable[[trails.Trails, Sequence[int]], dict[Size, int]] = trails.Trails.visits
CHOICES: Callable[[word_counts.Words, word_counts.Content], int] = word_counts.Words._choices
FAULTS_IN_THE_CODE: dict[str, tuple[object, str, object]] = {
    "a closed scalar is not its transpose": (counting, "transposed", lambda matrices, segment: segment),
    "equal closed scalars are told apart": (counting, "upright", lambda matrices, segment: object()),
    "closed scalars keep their places": (counting, "segments", lambda matrices, word: (word, (), ())),
    "diagonal runs keep their order": (counting, "runs", lambda matrices, word: ()),
    "a multiple of the identity stays": (counting, "_identities_placed", lambda words, found: 1),
    "no equal scalars in a cycle": (scalar_symmetries, "_equal", lambda words, found, length: ()),
    "no scalar equals its transpose": (scalar_symmetries, "_mirrored", lambda words, found, length: ()),
    "gaps are not tied": (scalar_symmetries, "_kept", lambda words, ties: frozenset()),
    "no symmetric matrix in the middle": (word_counts.Words, "symmetric_at", lambda words, size: ()),
    "the ends are no visits": (
        trails.Trails, "visits", lambda self, used: {size: n - (size == self.start) for size, n in VISITS(self, used).items()},
    ),
    "a square link is not transposed": (
        word_counts.Words, "_choices",
        lambda words, content: CHOICES(words, content) >> sum(words._loops(content).values()),
    ),
    "places are shared out as if one were": (counting, "ways_to_share", lambda count, places: 1),
}  # fmt: skip


@pytest.mark.parametrize(("where", "name", "wrong"), FAULTS_IN_THE_CODE.values(), ids=FAULTS_IN_THE_CODE)
def test_a_fault_in_the_code_is_caught(where: object, name: str, wrong: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(where, name, wrong)
    assert caught(fast)


def test_without_a_fault_nothing_is_caught() -> None:
    assert not caught(fast)


# ---- known numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "truth"),
    [((2, 3, 5), (4, 4, 1)), ((2, 3, 3), (48, 4, 8)), ((3, 3, 3), (384, 4, 72)), (("a", "b", "c"), (4, 4, 1))],
    ids=["2, 3, 5", "2, 3, 3", "3, 3, 3", "general"],
)  # fmt: skip
def test_the_gradient_of_two_layers(sizes: tuple[int | str, ...], truth: tuple[int, int, int]) -> None:
    x, h, y = (Dim((size,)) if isinstance(size, str) else size for size in sizes)
    factors = [Matrix(x, h), Matrix(h, h, Kind.DIAGONAL), Matrix(h, y), Matrix(y, y, Kind.DIAGONAL), Matrix(y, 1)]
    found = counts(factors, plain(5), (x, 1))
    assert (found.arrangements, found.shape_consistent, found.right, found.distinct_values) == (3840, *truth)


def test_twelve_factors_to_a_column() -> None:
    matrices = of_sizes(1, 3, 3, 2, 2, 3, 3, 2, 2, 3, 3, 2, 5)[0]
    found = counts(matrices, tuple((m, True) for m in reversed(range(12))), (5, 1))
    assert (found.shape_consistent, found.right, found.distinct_values) == (2_764_800, 1, 2_764_800)


def test_square_factors_of_one_size() -> None:
    found = counts([Matrix(3, 3)] * 12, plain(12), (3, 3))
    assert found == Counts(factorial(12) * 2**12, factorial(12) * 2**12, 1, 1_961_990_553_600)
    same = counts([Matrix(3, 3)], ((0, False),) * 12, (3, 3))
    assert same == Counts(factorial(12) * 2**12, factorial(12) * 2**12, factorial(12), 2**12)
    diagonal = counts([Matrix(3, 3, Kind.DIAGONAL)] * 12, plain(12), (3, 3))
    assert diagonal == Counts(same.arrangements, same.arrangements, same.arrangements, 1)


def test_closed_scalars_are_graphs() -> None:
    """Scalars x_i^T x_j are the edges of a graph, its loops those with i = j; so the values are the regular graphs of degree 4."""
    for vectors, graphs in ((1, 1), (2, 3), (3, 15), (4, 138), (5, 2021)):
        word = tuple((m, turned) for m in range(vectors) for turned in (True, False) * 2)
        assert counts([Matrix(3, 1)] * vectors, word, (1, 1)).distinct_values == graphs


def test_different_vectors_are_matched() -> None:
    found = counts([Matrix(3, 1)] * 20, tuple((m, m % 2 == 0) for m in range(20)), (1, 1))
    assert found.distinct_values == factorial(20) // (2**10 * factorial(10))
    assert found.right == 2**10 * factorial(10)


def test_diagonal_matrices_between_equal_vectors() -> None:
    """k different diagonal matrices in scalars x^T D .. D x, four of them: the ways to put k things into 4 boxes that look alike."""
    for k, boxes in ((1, 1), (2, 2), (3, 5), (4, 15), (5, 51)):
        matrices = [Matrix(3, 1), *(Matrix(3, 3, Kind.DIAGONAL) for _ in range(k))]
        word = ((0, True), *((m, False) for m in range(1, k + 1)), (0, False), *(((0, True), (0, False)) * 3))
        assert counts(matrices, word, (1, 1)).distinct_values == boxes


def test_equal_diagonal_matrices_between_equal_vectors_are_partitions() -> None:
    matrices = [Matrix(3, 1), Matrix(3, 3, Kind.DIAGONAL)]
    for k, partitions in ((1, 1), (2, 2), (3, 3), (4, 5), (5, 6), (6, 9)):  # into at most 4 parts
        word = ((0, True), *(((1, False),) * k), (0, False), *(((0, True), (0, False)) * 3))
        assert counts(matrices, word, (1, 1)).distinct_values == partitions


def test_twenty_factors() -> None:
    kinds = [Kind.DIAGONAL, Kind.GENERAL] * 10
    found = counts([Matrix(3, 3, kind) for kind in kinds], plain(20), (3, 3))
    gaps = 11
    assert found.distinct_values == factorial(10) * 2**10 * gaps**10
    assert found.right == 2**10
    complete = (2, 3, 4, 2, 5, 3, 6, 2, 7, 3, 8, 4, 5, 6, 4, 7, 5, 8, 6, 7, 8)  # every pair of the seven sizes from 2 to 8, but 2 and 8
    circuits = counts(*of_sizes(*complete, 2)).shape_consistent
    assert circuits == 3 * 129_976_320  # the Eulerian circuits of K_7 (McKay and Robinson, 1998), each passing size 2 three times
    assert counts(*of_sizes(*complete)).shape_consistent == circuits // 6  # those that end with the pair of 8 and 2, one of six


def test_a_product_that_does_not_fit_is_not_right() -> None:
    W, g = Matrix(2, 3), Matrix(3, 1)
    assert counts([W, g], ((1, False), (0, False)), (2, 1)) == Counts(8, 1, 0, 1)
    assert counts([W, g], plain(2), (3, 1)) == Counts(8, 0, 0, 0)
    assert counts([W, Matrix(7, 7)], plain(2), (2, 3)) == Counts(8, 0, 0, 0)
    assert counts([Matrix(2, 3, Kind.ZERO), g], ((1, False), (0, False)), (2, 1)) == Counts(8, 1, 0, 1)


def test_multiples_of_the_identity_only() -> None:
    for size in (1, 3, Dim(("n",))):
        assert counts([Matrix(size, size, Kind.IDENTITY)] * 3, plain(3), (size, size)) == Counts(48, 48, 48, 1)


def test_a_long_chain_of_different_sizes_has_one_trail() -> None:
    found = counts(*of_sizes(*range(2, 1_003)))
    assert (found.shape_consistent, found.right, found.distinct_values) == (1, 1, 1)


def test_too_many_parts_of_trails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trails, "MOST_STATES", 50)
    match = r"^12 factors that are not square, with 6 pairs of sizes, have more than 50 parts to count\. Name the product"
    sizes = (2, 3, 4, 5, 2, 4, 2, 3, 5, 3, 2, 5, 4)
    with pytest.raises(TooManyFactorsError, match=match):
        counts(*of_sizes(*sizes))
