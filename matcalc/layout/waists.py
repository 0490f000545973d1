"""Where a term narrows to one matrix: all that leads from the rows to the columns goes through the two indices of it.

A matrix that stands between multiplies entry by entry the vec of what passes: vec(A f(X B) C) changes by
(C^T ⊗ A) diag(vec f'(X B)) (B^T ⊗ I) vec(dX), though the indices of f' join three factors each. The term is cut at both indices of such
a matrix into what lies before it, itself, and what lies behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.form import AtomKind, Factor, Form, Indices, Term, delta
from matcalc.language.sizes import Size
from matcalc.layout.range_sums import ranges_of


@final
@dataclass(frozen=True, slots=True)
class Waist:
    """A term cut in two at a matrix.

    Attributes:
        before: from the rows to the two indices of the matrix; its axes are the rows, then the second and the first index.
        matrix: its axes are the first and the second index.
        after: from the two indices to the columns; its axes are the second and the first index, then the columns.
        rest: what is a scalar, with the coefficient.
    """

    before: Form
    matrix: Form
    after: Form
    rest: Form


def waists(term: Term, axes: tuple[Size, ...], rows: Indices, columns: Indices) -> Iterator[tuple[Waist, Waist]]:
    """The places at which the term can be cut, each with its indices in either order."""
    if ranges_of(term):
        return
    scope = Scope()
    free = scope.fresh_all(axes)
    ((coefficient, factors),) = scope.opened(Form(axes, (term,)), free)
    ends = tuple(free[i] for i in rows), tuple(free[i] for i in columns)
    matrices = [ix for atom, ix, _ in factors if len(ix) == len(set(ix)) == 2 and atom.kind is not AtomKind.DELTA]
    copies = [ix for atom, ix, _ in factors if atom.kind is AtomKind.DELTA and any(set(ix) <= set(side) for side in ends)]
    for first, second in {frozenset(ix): ix for ix in (*matrices, *copies)}.values():
        parts = _parts(factors, (first, second), *ends)
        if parts is None:
            continue
        rest = close([(coefficient, parts.scalars)], (), scope.sizes)
        yield (_cut(parts, (first, second), ends, scope, rest), _cut(parts, (second, first), ends, scope, rest))


@final
@dataclass(frozen=True, slots=True)
class _Parts:
    before: list[Factor]
    matrix: list[Factor]
    after: list[Factor]
    scalars: list[Factor]


def _parts(factors: list[Factor], pair: tuple[int, int], rows: Indices, columns: Indices) -> _Parts | None:
    """The factors before, at and after two indices; None where some path from the rows to the columns goes past them."""
    group: dict[int, int] = {}

    def root(i: int) -> int:
        while group.setdefault(i, i) != i:
            i = group[i]
        return i

    for _, indices, _ in factors:
        outside = [i for i in indices if i not in pair]
        for i in outside:
            group[root(i)] = root(outside[0])
    above, below = ({root(i) for i in ends if i not in pair} for ends in (rows, columns))
    if above & below:
        return None
    touching = {root(i) for _, ix, _ in factors if set(ix) & set(pair) for i in ix if i not in pair}
    parts = _Parts([], [], [], [])
    for factor in factors:
        indices = factor[1]
        outside = [i for i in indices if i not in pair]
        if not indices or (outside and root(outside[0]) not in touching | above | below):
            parts.scalars.append(factor)
        elif outside:
            (parts.before if root(outside[0]) in above else parts.after).append(factor)
        elif len(set(indices)) == 2:
            parts.matrix.append(factor)
        else:
            parts.after.append(factor)
    copied = any(atom.kind is AtomKind.DELTA for atom, _, _ in parts.matrix)
    return None if copied and len(parts.matrix) > 1 else parts


def _cut(parts: _Parts, pair: tuple[int, int], ends: tuple[Indices, Indices], scope: Scope, rest: Form) -> Waist:
    """The forms of the parts; an index of the matrix that is a row or a column itself goes on under another name."""
    rows, columns = ends
    before, after = list(parts.before), list(parts.after)
    middle: list[int] = []
    for index in pair:
        if index not in rows and index not in columns:
            middle.append(index)
            continue
        inner = scope.fresh(scope.sizes[index])
        middle.append(inner)
        join: Factor = (delta(scope.sizes[index]), (index, inner), 1)
        if index in rows:
            before, after = [*before, join], _renamed(after, index, inner)
        else:
            before, after = _renamed(before, index, inner), [*after, join]
    first, second = middle
    matrix = [(atom, tuple(middle[pair.index(i)] for i in indices), exponent) for atom, indices, exponent in parts.matrix]
    sizes = scope.sizes
    return Waist(
        close([(1, before)], (*rows, second, first), sizes),
        close([(1, matrix)], (first, second), sizes),
        close([(1, after)], (second, first, *columns), sizes),
        rest,
    )


def _renamed(factors: list[Factor], old: int, new: int) -> list[Factor]:
    return [(atom, tuple(new if i == old else i for i in indices), exponent) for atom, indices, exponent in factors]
