"""Sums along diagonals in a term: what stands on one side of [i - j = k - l] as a matrix, and its `diagonal_sums` in its place."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from matcalc.errors import NoMatrixFormError
from matcalc.index.canonical import close
from matcalc.index.form import AtomKind, Factor, Indices
from matcalc.language.building import ones
from matcalc.language.expressions import Expr
from matcalc.language.matrix_operations import diagonal_sums
from matcalc.language.sizes import Size

if TYPE_CHECKING:
    from matcalc.layout.matrix_form import Writer


def is_sum(factor: Factor) -> bool:
    """Whether a factor tells which diagonal is summed."""
    return factor[0].kind is AtomKind.DIAGONALS


def summed_diagonals(
    writer: Writer, factors: list[Factor], sizes: tuple[Size, ...], apart: Set[int]
) -> tuple[list[Factor], list[tuple[Indices, Expr]]]:
    """The factors of a term without those that are summed along diagonals, and these as matrices, each with its two indices.

    Indices ``apart`` are free, or stand in what is written already: they are not summed here.

    Raises:
        NoMatrixFormError: neither side of a sum is a matrix by itself.
    """
    if not any(map(is_sum, factors)):
        return factors, []
    rest = list(factors)
    written: list[tuple[Indices, Expr]] = []
    while any(map(is_sum, rest)):
        done = {index for indices, _ in written for index in indices} | apart
        factor, outside, inside, members = _widest(rest, done)
        rows, columns = (sizes[index] for index in inside)
        matrix = writer.inner(close([(1, members)], inside, sizes), (0,), (1,)) if members else ones(rows, columns)
        rest = [each for each in rest if each is not factor and each not in members]
        written.append((outside, diagonal_sums(matrix)))
    return rest, written


def _widest(rest: list[Factor], apart: set[int]) -> tuple[Factor, Indices, Indices, list[Factor]]:
    """The sum with most inside, which may hold others: the factor, its indices outside and inside, and what is inside."""
    found: list[tuple[Factor, Indices, Indices, list[Factor]]] = []
    for factor in filter(is_sum, rest):
        first, second = factor[1][:2], factor[1][2:]
        for outside, inside in ((first, second), (second, first)):
            members = _members(rest, factor, inside, apart | set(outside))
            if members is not None:
                found.append((factor, outside, inside, members))
    if not found:
        raise NoMatrixFormError("What is summed along diagonals here is no matrix by itself. Take .tensor or .index_form.")
    return max(found, key=lambda each: len(each[3]))


def _members(factors: list[Factor], summed: Factor, inside: Indices, apart: set[int]) -> list[Factor] | None:
    """The factors that the inner indices lead to; None where they lead to what is apart."""
    reached, members = set(inside), list[Factor]()
    grown = True
    while grown:
        met = [each for each in factors if each is not summed and each not in members and not reached.isdisjoint(each[1])]
        members += met
        reached.update(index for _, indices, _ in met for index in indices)
        grown = bool(met)
    return members if reached.isdisjoint(apart) and len(set(inside)) == 2 else None
