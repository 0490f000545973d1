"""How many words there are with given matrices: trails, times the ways to put matrices in the places of a trail.

A content says how often each matrix stands in a word. Diagonal matrices, multiples of the identity and 1 x 1 factors are not part of
it: they take gaps, and how many gaps a word has at each size depends on its content alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import comb, factorial, prod
from typing import TypeAlias, final

from matcalc.language.sizes import Size
from matcalc.layout.arrangements import Kind, Matrix
from matcalc.layout.trails import Trails
from matcalc.layout.word_values import is_diagonal

Content: TypeAlias = tuple[int, ...]  # how often each of the links stands


@final
@dataclass(frozen=True)
class Words:
    """The matrices of which words are made.

    Attributes:
        matrices: the different matrices.
        uses: how often each of them is a factor.
    """

    matrices: tuple[Matrix, ...]
    uses: Mapping[int, int]

    @cached_property
    def links(self) -> tuple[int, ...]:
        """The matrices that are part of a content."""
        return tuple(m for m in self.uses if not self._fills_gaps(self.matrices[m]))

    @cached_property
    def total(self) -> Content:
        return tuple(self.uses[m] for m in self.links)

    @cached_property
    def vectors(self) -> tuple[bool, ...]:
        """Of each link whether it has a side of size 1."""
        return tuple(1 in (self.matrices[m].rows, self.matrices[m].columns) for m in self.links)

    @cached_property
    def diagonals(self) -> dict[Size, tuple[int, ...]]:
        """At each size how often each diagonal matrix stands."""
        found: dict[Size, tuple[int, ...]] = {}
        for m, count in self.uses.items():
            if is_diagonal(self.matrices[m]):
                found[self.matrices[m].rows] = (*found.get(self.matrices[m].rows, ()), count)
        return found

    def trails(self, start: Size) -> Trails:
        """The trails from a size."""
        most: dict[tuple[Size, Size], int] = {}
        for name, count in zip(self._classes, self.total, strict=True):
            if name is not None:
                most[name] = most.get(name, 0) + count
        return Trails(tuple(most), tuple(most.values()), start)

    def number(self, content: Content, trails: Trails) -> int:
        """How many words have this content, from where the trails begin."""
        used = self._used(content, trails)
        found = trails.number(used)
        if not found:
            return 0
        visits = trails.visits(used)
        for size, count in self._loops(content).items():
            found *= ways_to_share(count, visits.get(size, 0))
        return found * self._choices(content)

    def gaps(self, content: Content, trails: Trails) -> Counter[Size]:
        """How many gaps a word of this content has at each size: before its first letter, between two letters, behind its last."""
        return Counter(trails.visits(self._used(content, trails))) + self._loops(content)

    def end(self, content: Content, trails: Trails) -> Size:
        """Where a word of this content ends."""
        return trails.end(self._used(content, trails))

    def parts(self, times: int, vectors: int) -> Iterator[Content]:
        """Every content with so many vectors that may be taken so many times."""
        most = [count // times for count in self.total]
        ends = [count if vector else 0 for count, vector in zip(most, self.vectors, strict=True)]
        if sum(ends) < vectors:
            return
        inner = [0 if vector else count for count, vector in zip(most, self.vectors, strict=True)]
        middles = list(product(*(range(count + 1) for count in inner)))
        for outer in _of_sum(ends, vectors):
            for middle in middles:
                yield tuple(map(sum, zip(outer, middle, strict=True)))

    def symmetric_at(self, size: Size) -> Iterator[int]:
        """The places in a content of the symmetric matrices of a size."""
        for place, m in enumerate(self.links):
            if self.matrices[m].is_symmetric and self.matrices[m].rows == size:
                yield place

    @staticmethod
    def _fills_gaps(matrix: Matrix) -> bool:
        return is_diagonal(matrix) or matrix.kind is Kind.IDENTITY or matrix.rows == matrix.columns == 1

    @cached_property
    def _classes(self) -> tuple[tuple[Size, Size] | None, ...]:
        """Of each link the two sizes that it joins; of a square one none."""
        names: dict[frozenset[Size], tuple[Size, Size]] = {}
        found: list[tuple[Size, Size] | None] = []
        for m in self.links:
            sizes = (self.matrices[m].rows, self.matrices[m].columns)
            found.append(names.setdefault(frozenset(sizes), sizes) if sizes[0] != sizes[1] else None)
        return tuple(found)

    def _used(self, content: Content, trails: Trails) -> list[int]:
        taken: Counter[tuple[Size, Size] | None] = Counter()
        for name, count in zip(self._classes, content, strict=True):
            taken[name] += count
        return [taken[name] for name in trails.classes]

    def _loops(self, content: Content) -> Counter[Size]:
        """How many square links there are at each size."""
        found: Counter[Size] = Counter()
        for m, name, count in zip(self.links, self._classes, content, strict=True):
            if name is None and count:
                found[self.matrices[m].rows] += count
        return found

    def _choices(self, content: Content) -> int:
        """The ways to choose matrices for the places of a trail: equal ones are not told apart, a square one may be transposed."""
        places: Counter[object] = Counter()
        found = 1
        for m, name, count in zip(self.links, self._classes, content, strict=True):
            matrix = self.matrices[m]
            places[name or matrix.rows] += count
            found *= comb(places[name or matrix.rows], count)
            if name is None and not matrix.is_symmetric:
                found *= 2**count
        return found


def _of_sum(most: Sequence[int], total: int) -> Iterator[Content]:
    """Every content within bounds of a given sum."""
    if not most:
        if total == 0:
            yield ()
        return
    for count in range(min(most[0], total) + 1):
        for rest in _of_sum(most[1:], total - count):
            yield (count, *rest)


def ways_to_share(count: int, places: int) -> int:
    """The ways to share out so many equal things among places."""
    return comb(count + places - 1, count) if places else int(count == 0)


def orders_of(counts: Iterable[int]) -> int:
    """How many orders things have, of which so many are equal, so many others, and so on."""
    counts = tuple(counts)
    return factorial(sum(counts)) // prod(map(factorial, counts))
