"""Trails over sizes, and why a list of factors cannot reach its target."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from matcalc.language.sizes import Dim, Size
from matcalc.layout.arrangements import Matrix
from matcalc.layout.trails import Class, Trails, groups_of_sizes, why_unreachable, without_partner
from tests.layout.random_chains import chain, fast

M, N = Dim(("m",)), Dim(("n",))


def walked(classes: Sequence[Class], order: Sequence[int], start: Size) -> list[Size] | None:
    """The sizes met by a trail that takes these classes one after the other, None where it does not exist."""
    met = [start]
    for number in order:
        if met[-1] not in classes[number]:
            return None
        a, b = classes[number]
        met.append(b if met[-1] == a else a)
    return met


CLASSES: tuple[Class, ...] = ((2, 3), (3, N), (N, 2), (2, 7))


@pytest.mark.parametrize(
    "used", [(1, 1, 1, 0), (1, 1, 1, 1), (2, 0, 0, 1), (2, 2, 1, 0), (3, 1, 1, 1), (0, 1, 0, 0), (0, 0, 0, 0), (1, 0, 0, 1)]
)  # fmt: skip
def test_trails_are_counted_by_what_they_use(used: tuple[int, ...]) -> None:
    for start in (2, 3, N, 7):
        trails = Trails(CLASSES, (3, 2, 2, 1), start)
        taken = [number for number, count in enumerate(used) for _ in range(count)]
        found = [met for order in sorted(set(permutations(taken))) if (met := walked(CLASSES, order, start)) is not None]
        assert trails.number(used) == len(found)
        for met in found:
            assert trails.end(used) == met[-1]
            assert {size: n for size, n in trails.visits(used).items() if n} == {size: met.count(size) for size in met}


def test_more_than_there_is_is_never_used() -> None:
    assert Trails(CLASSES, (1, 0, 0, 1), 2).number((2, 0, 0, 0)) == 0
    assert Trails((), (), N).number(()) == 1


# ---- what can never be reached -----------------------------------------------------------------------------------------


def test_a_chain_that_fits_has_nothing_to_explain() -> None:
    for seed in range(200):
        ordering = chain(seed)
        uses = {m: sum(n == m for n, _ in ordering.true) for m, _ in ordering.true}
        assert why_unreachable(ordering.matrices, uses, ordering.target) == ()


def test_a_chain_has_orders_that_fit_exactly_if_there_is_nothing_to_explain() -> None:
    """With a factor exchanged for another, it may go either way."""
    seen = {True: 0, False: 0}
    for seed in range(300):
        ordering, other = chain(seed), chain(seed + 1)
        matrices = (other.matrices[0], *ordering.matrices[1:])
        uses = {m: sum(n == m for n, _ in ordering.true) for m, _ in ordering.true}
        told = why_unreachable(matrices, uses, ordering.target)
        fitting = fast(type(ordering)(matrices, ordering.true, ordering.target)).shape_consistent
        assert (fitting == 0) == bool(told)
        seen[bool(told)] += 1
    assert min(seen.values()) > 50


def test_sizes_without_a_partner_are_named() -> None:
    W, V, g = Matrix(M, N), Matrix(7, M), Matrix(N, 1)
    uses = {0: 1, 1: 1, 2: 2}
    assert without_partner([W, V, g], uses, (7, 1)) == {N: 3, 1: 3}
    assert groups_of_sizes([W, V, g], uses, (7, 1)) == ((7, 1, M, N),)
    assert why_unreachable([W, V, g], uses, (7, 1)) == (
        "n stands 3 times among the sides of the factors and of the target: sides of one size meet in pairs, so one n has no partner.",
        "1 stands 3 times among the sides of the factors and of the target: sides of one size meet in pairs, so one 1 has no partner.",
    )


def test_sizes_that_no_factor_joins_are_named() -> None:
    W, D, E = Matrix(M, N), Matrix(7, 7), Matrix(11, 13)
    assert groups_of_sizes([W, D, E], {0: 1, 1: 1, 2: 2}, (M, N)) == ((M, N), (7,), (11, 13))
    told = why_unreachable([W, D, E], {0: 1, 1: 1, 2: 2}, (M, N))
    assert told == ("No factor leads from m, n to 7.", "No factor leads from m, n to 11, 13.")
    assert why_unreachable([W, D], {0: 1}, (M, N)) == ()


def test_a_target_that_no_factor_has() -> None:
    assert why_unreachable([Matrix(2, 3)], {0: 1}, (2, 5)) == (
        "3 stands once among the sides of the factors and of the target: sides of one size meet in pairs, so 3 has no partner.",
        "5 stands once among the sides of the factors and of the target: sides of one size meet in pairs, so 5 has no partner.",
        "No factor leads from 2, 3 to 5.",
    )
