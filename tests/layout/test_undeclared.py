"""Relations between factors that no kind declares: found, told, and counted or bounded."""

from collections.abc import Callable
from random import Random

import pytest

from matcalc.errors import UndecidedError
from matcalc.exact.field import PRIME, inverse, product, transposed
from matcalc.layout import undeclared
from matcalc.layout.arrangements import Counts, Kind, Matrix, Word
from matcalc.layout.counting import counts
from matcalc.layout.right_orders import fitting_words
from matcalc.layout.undeclared import Table, probed, undeclared_relations
from tests.brute_force import Ordering
from tests.layout.random_chains import chain

Entries = list[list[int]]
Tables = dict[int, Entries]


def drawn(matrix: Matrix, random: Random) -> Entries:
    """Random entries of a kind; a size that is a name is taken as 3."""
    rows, columns = (size if isinstance(size, int) else 3 for size in (matrix.rows, matrix.columns))
    table = [[random.randrange(1, PRIME) for _ in range(columns)] for _ in range(rows)]
    match matrix.kind:
        case Kind.GENERAL:
            return table
        case Kind.SYMMETRIC:
            return [[table[min(i, j)][max(i, j)] for j in range(columns)] for i in range(rows)]
        case Kind.ZERO:
            return [[0] * columns for _ in range(rows)]
        case kind:
            number = table[0][0]
            return [[(number if kind is Kind.IDENTITY else table[i][i]) * (i == j) for j in range(columns)] for i in range(rows)]


def multiplied_out(matrices: list[Matrix], true: Word, target: tuple[int, int], tables: Tables) -> tuple[int, int]:
    """What is right and how many values there are, by the whole product of each word."""

    def value(word: Word) -> Entries:
        found, *rest = (transposed(tables[m]) if t else tables[m] for m, t in word)
        for table in rest:
            found = product(found, table, PRIME)
        return found

    words = list(fitting_words(matrices, {m: sum(n == m for n, _ in true) for m, _ in true}, target))
    values = [value(word) for word in words]
    each = counts(matrices, true, target).shape_consistent // len(words)
    return each * values.count(value(true)), len({str(found) for found in values})


# ---- planted relations -------------------------------------------------------------------------------------------------

S, V, R = Matrix(3, 3), Matrix(3, 1), Matrix(3, 2)
ABC: Word = ((0, False), (1, False), (2, False))


def scaled(table: Entries, number: int) -> Entries:
    return [[v * number % PRIME for v in row] for row in table]


def plus(table: Entries, other: Entries) -> Entries:
    return [[(a + b) % PRIME for a, b in zip(row, second, strict=True)] for row, second in zip(table, other, strict=True)]


def unit(number: int) -> Entries:
    return [[number * (i == j) for j in range(3)] for i in range(3)]


def set_last(make: Callable[[Tables], Entries]) -> Callable[[Tables], Tables]:
    return lambda t: {**t, max(t): make(t)}


def antisymmetric(t: Tables) -> Entries:
    return plus(t[max(t)], scaled(transposed(t[max(t)]), -1))


def orthogonal(t: Tables) -> Entries:
    """The Cayley transform of an antisymmetric matrix."""
    skew = antisymmetric(t)
    return product(plus(unit(1), scaled(skew, -1)), inverse(plus(unit(1), skew), PRIME), PRIME)


PLANTED: dict[str, tuple[list[Matrix], Word, Callable[[Tables], Tables], str]] = {
    "equal up to a number": ([S, S, S], ABC, set_last(lambda t: scaled(t[0], 5)), "C is a multiple of A"),
    "minus the transpose": ([S, S, S], ABC, set_last(lambda t: scaled(transposed(t[0]), -1)), r"C is a multiple of A\^T"),
    "commuting": ([S, S, S], ABC, set_last(lambda t: plus(t[0], unit(4))), "C A is a multiple of A C"),
    "inverse": ([S, S, S], ABC, set_last(lambda t: inverse(t[0], PRIME)), "A C is a multiple of the identity"),
    "a product": ([S, S, S], ABC, set_last(lambda t: product(t[0], t[1], PRIME)), "A B is a multiple of C"),
    "symmetric": ([S, S, S], ABC, set_last(lambda t: plus(t[2], transposed(t[2]))), r"C\^T is a multiple of C"),
    "antisymmetric": ([S, S, S], ABC, set_last(antisymmetric), r"C\^T is a multiple of C"),
    "a number": ([S, S, S], ABC, set_last(lambda t: unit(7)), "C is a multiple of the identity"),
    "zero": ([S, S, S], ABC, set_last(lambda t: unit(0)), "C is zero"),
    "of rank one": ([S, S, S], ABC, set_last(lambda t: [[a * b % PRIME for a in t[0][0]] for b in t[0][1]]), "C has rank one"),
    "orthogonal and twice": ([S, S], ((0, False), (1, False), (0, False), (1, True)), set_last(orthogonal),
                             r"B\^T B is a multiple of the identity"),
    "a vector made of others": ([S, V, V], ((0, False), (1, False), (2, True), (0, False)), set_last(lambda t: product(t[0], t[1], PRIME)),
                                "A B is a multiple of C"),
    "vectors at right angles": ([S, V, V], ((0, False), (1, False), (2, True)),
                                set_last(lambda t: [[t[1][1][0]], [-t[1][0][0] % PRIME], [0]]), r"B\^T C is zero"),
    "diagonal both": ([Matrix(3, 3, Kind.DIAGONAL), S, S], ABC, set_last(lambda t: [[v * (i == j) for j, v in enumerate(row)]
                      for i, row in enumerate(t[2])]), r"C\^T is a multiple of C"),
    "of rank one, not square": ([S, R, R], ((0, False), (1, False), (2, True)),
                                set_last(lambda t: [[a * b[0] % PRIME for a in t[1][0]] for b in t[2]]), "C has rank one"),
}  # fmt: skip


@pytest.mark.parametrize(("matrices", "true", "plant", "told"), PLANTED.values(), ids=PLANTED)
def test_a_planted_relation_is_told_and_counted(
    matrices: list[Matrix], true: Word, plant: Callable[[Tables], Tables], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(5)
    target = (3, matrices[true[-1][0]].shape(true[-1][1])[1])
    assert isinstance(target[1], int)
    tables = plant({m: drawn(matrix, random) for m, matrix in enumerate(matrices)})
    truth = multiplied_out(matrices, true, (3, target[1]), tables)
    found = probed(matrices, true, target, tables, PRIME, "ABC")
    assert (found.right, found.distinct_values) == truth

    monkeypatch.setattr(undeclared, "MOST_TRIED", 3)
    with pytest.raises(UndecidedError, match=f"^The factors are not independent: ([^.]*; )?{told}") as caught:
        probed(matrices, true, target, tables, PRIME, "ABC")
    assert caught.value.right[0] <= truth[0] <= caught.value.right[1]
    assert caught.value.distinct_values[0] <= truth[1] <= caught.value.distinct_values[1]
    low, high = caught.value.right
    assert f"Between {low} and {high} arrangements are right" in str(caught.value)
    low, high = caught.value.distinct_values
    assert f"have between {low} and {high} different values. Ask for a part of the chain" in str(caught.value)


def test_the_bounds_are_those_of_what_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    A = drawn(S, Random(3))
    monkeypatch.setattr(undeclared, "MOST_TRIED", 10)
    with pytest.raises(UndecidedError, match="B is a multiple of A") as caught:
        probed([S, S, S], ABC, (3, 3), {0: A, 1: scaled(A, 2), 2: drawn(S, Random(4))}, PRIME, "ABC")
    assert counts([S, S, S], ABC, (3, 3)) == Counts(48, 48, 1, 48)
    assert caught.value.right == (1, 39)  # the first ten words hold the true one, and nine of other values
    assert caught.value.distinct_values == (10, 48)


def test_many_relations_are_told_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    A = drawn(S, Random(3))
    monkeypatch.setattr(undeclared, "MOST_TRIED", 1)
    with pytest.raises(UndecidedError, match=r"B is a multiple of A; C is .*; and 2 more relations\. Between"):
        probed([S] * 7, tuple((m, False) for m in range(7)), (3, 3), {m: scaled(A, m + 1) for m in range(7)}, PRIME, "ABCDEFG")


def test_words_of_three_factors_that_agree_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """C such that A B C = C B A, though no two of them commute: C = A B A."""
    random = Random(8)
    A, B = drawn(S, random), drawn(S, random)
    tables = {0: A, 1: B, 2: product(product(A, B, PRIME), A, PRIME)}
    assert undeclared_relations([S, S, S], {0: 1, 1: 1, 2: 1}, tables, PRIME) == ()
    found = probed([S, S, S], ABC, (3, 3), tables, PRIME, "ABC")
    assert (found.right, found.distinct_values) == multiplied_out([S, S, S], ABC, (3, 3), tables)
    assert found.right == 2
    monkeypatch.setattr(undeclared, "MOST_TRIED", 40)
    with pytest.raises(UndecidedError, match="not independent: some words of three factors or more have one value"):
        probed([S, S, S], ABC, (3, 3), tables, PRIME, "ABC")


# ---- independent factors -----------------------------------------------------------------------------------------------


def random_tables(ordering: Ordering, seed: int) -> dict[int, Table]:
    random = Random(seed)
    return {m: drawn(matrix, random) for m, matrix in enumerate(ordering.matrices)}


def test_independent_factors_have_no_relation() -> None:
    for seed in range(300):
        ordering = chain(seed)
        tables = random_tables(ordering, seed)
        uses = {m: sum(n == m for n, _ in ordering.true) for m, _ in ordering.true}
        assert undeclared_relations(ordering.matrices, uses, tables, PRIME) == (), seed
        names = [f"M{m}" for m in tables]
        assert probed(ordering.matrices, ordering.true, ordering.target, tables, PRIME, names) == ordering.counts
