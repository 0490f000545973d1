"""What a product of matrices costs in each bracketing: multiplications and entries of intermediate results.

A product of p x q with q x r takes p q r multiplications; a diagonal factor scales rows or columns, so it takes one for each entry
of the other; the identity takes none. Transposing every factor and reversing the order changes none of these numbers: the cost
belongs to the bracketing, not to the layout. The best bracketing of a chain is found by dynamic programming over its intervals:
Cormen, Leiserson, Rivest, Stein, "Introduction to Algorithms", chapter "Dynamic programming", matrix-chain multiplication.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias, Union, final

from matcalc.language import building
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Dim, Size, size_product
from matcalc.layout.arrangements import Kind, Matrix

Bracketing: TypeAlias = Union[int, tuple["Bracketing", "Bracketing"]]  # noqa: UP007


@final
@dataclass(frozen=True, slots=True)
class Polynomial:
    """A sum of products of sizes, each with how often it occurs."""

    terms: tuple[tuple[Size, int], ...]

    @classmethod
    def of(cls, counted: Counter[Size]) -> Polynomial:
        """The sum of sizes with these multiplicities; those that are numbers are one term."""
        merged: Counter[Size] = Counter()
        for entry, times in counted.items():
            if isinstance(entry, int):
                merged[1] += entry * times
            else:
                merged[Dim(entry.names)] += entry.coefficient * times
        found = [(entry, times) for entry, times in merged.items() if times]
        return cls(tuple(sorted(found, key=lambda term: (-_degree(term[0]), repr(term[0])))))

    @property
    def expression(self) -> Expr:
        """The polynomial as an expression of sizes."""
        parts = [building.lift(times) if entry == 1 else building.lift(_scaled(entry, times)) for entry, times in self.terms]
        return reduce(building.add, parts) if parts else building.lift(0)

    def at(self, extent: Callable[[Size], int]) -> int:
        """The number at given sizes."""
        return sum(extent(entry) * times for entry, times in self.terms)


def _degree(entry: Size) -> int:
    return len(entry.names) if isinstance(entry, Dim) else 0


def _scaled(entry: Size, times: int) -> Size:
    return size_product(times, entry)


@final
@dataclass(frozen=True, slots=True)
class Step:
    """One multiplication of a bracketing: what meets, what it gives, and what it takes.

    ``rows``, ``inner`` and ``columns`` are the sizes; ``kinds`` those of both sides and of the result.
    """

    rows: Size
    inner: Size
    columns: Size
    kinds: tuple[Kind, Kind, Kind]

    @property
    def dense(self) -> Size:
        """The multiplications where every matrix is written out."""
        return size_product(size_product(self.rows, self.inner), self.columns)

    @property
    def multiplications(self) -> Size | None:
        """The multiplications where diagonal matrices are kept as their diagonals; None for none."""
        left, right, _ = self.kinds
        if Kind.IDENTITY in (left, right) or Kind.ZERO in (left, right):
            return None
        if left is right is Kind.DIAGONAL:
            return self.rows
        if Kind.DIAGONAL in (left, right):
            return size_product(self.rows, self.columns)
        return self.dense

    @property
    def entries(self) -> Size:
        """The entries of the result, of a diagonal one those of its diagonal."""
        return self.rows if self.kinds[2] in (Kind.DIAGONAL, Kind.IDENTITY) else size_product(self.rows, self.columns)


@final
@dataclass(frozen=True, slots=True)
class Cost:
    """What a bracketing takes.

    Attributes:
        multiplications: with diagonal factors as diagonals.
        dense: with every factor written out.
        entries: of all intermediate results and the product together.
        steps: the multiplications, in the order in which they are done.
    """

    multiplications: Polynomial
    dense: Polynomial
    entries: Polynomial
    steps: tuple[Step, ...]


def from_the_left(places: Sequence[int]) -> Bracketing:
    """((A B) C) D, of the factors at these places."""
    made: Bracketing = places[0]
    for k in places[1:]:
        made = (made, k)
    return made


def from_the_right(places: Sequence[int]) -> Bracketing:
    """A (B (C D)), of the factors at these places."""
    made: Bracketing = places[-1]
    for k in reversed(places[:-1]):
        made = (k, made)
    return made


def cost(matrices: Sequence[Matrix], bracketing: Bracketing) -> Cost:
    """What the product of matrices takes in a bracketing; each matrix as it stands, from left to right."""
    steps = tuple(_steps(matrices, bracketing))
    counted: Counter[Size] = Counter()
    dense: Counter[Size] = Counter()
    entries: Counter[Size] = Counter()
    for step in steps:
        dense[step.dense] += 1
        entries[step.entries] += 1
        if step.multiplications is not None:
            counted[step.multiplications] += 1
    return Cost(Polynomial.of(counted), Polynomial.of(dense), Polynomial.of(entries), steps)


def _steps(matrices: Sequence[Matrix], bracketing: Bracketing) -> Iterator[Step]:
    """The multiplications, innermost first."""
    done: dict[int, Matrix] = {}
    for part in pairs_inside_out(bracketing):
        left, right = (matrices[side] if isinstance(side, int) else done[id(side)] for side in part)
        made = product_matrix(left, right)
        done[id(part)] = made
        yield Step(left.rows, left.columns, right.columns, (left.kind, right.kind, made.kind))


def product_matrix(left: Matrix, right: Matrix) -> Matrix:
    """The shape and kind of a product."""
    if Kind.ZERO in (left.kind, right.kind):
        kind = Kind.ZERO
    elif left.kind is Kind.IDENTITY:
        kind = right.kind
    elif right.kind is Kind.IDENTITY:
        kind = left.kind
    elif left.kind is right.kind is Kind.DIAGONAL:
        kind = Kind.DIAGONAL
    else:
        kind = Kind.GENERAL
    return Matrix(left.rows, right.columns, kind)


def best(matrices: Sequence[Matrix], extent: Callable[[Size], int], *, dense: bool = False) -> Bracketing:
    """The bracketing with the fewest multiplications at given sizes; of several the one that is more to the left."""
    count = len(matrices)
    made: dict[tuple[int, int], tuple[int, Bracketing, Matrix]] = {(k, k): (0, k, matrix) for k, matrix in enumerate(matrices)}
    for length in range(2, count + 1):
        for start in range(count - length + 1):
            end = start + length - 1
            choices = []
            for split in range(end - 1, start - 1, -1):
                (a, left, first), (b, right, second) = made[start, split], made[split + 1, end]
                step = Step(first.rows, first.columns, second.columns, (first.kind, second.kind, product_matrix(first, second).kind))
                taken = step.dense if dense else step.multiplications
                choices.append((a + b + (0 if taken is None else extent(taken)), (left, right), product_matrix(first, second)))
            made[start, end] = min(choices, key=lambda choice: choice[0])
    return made[0, count - 1][1]


def written(bracketing: Bracketing, names: Sequence[str]) -> str:
    """The product with its brackets."""
    made: list[str] = []
    stack: list[Bracketing | str] = [bracketing]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            made.append(part)
        elif isinstance(part, int):
            made.append(names[part])
        else:
            left, right = map(_in_brackets, part)
            stack += [*left, " ", *right][::-1]
    return "".join(made)


def _in_brackets(side: Bracketing) -> list[Bracketing | str]:
    return [side] if isinstance(side, int) else ["(", side, ")"]


def pairs_inside_out(bracketing: Bracketing) -> Iterator[tuple[Bracketing, Bracketing]]:
    """The pairs of brackets, innermost first and from the left, by a work list: brackets nest as deep as the chain is long."""
    stack: list[tuple[Bracketing, bool]] = [(bracketing, False)]
    while stack:
        part, ready = stack.pop()
        if isinstance(part, int):
            continue
        if ready:
            yield part
        else:
            stack += [(part, True), (part[1], False), (part[0], False)]


def mirrored(bracketing: Bracketing, count: int) -> Bracketing:
    """The same bracketing of the product in reverse order, as transposing it gives."""
    made: dict[int, Bracketing] = {}
    for part in pairs_inside_out(bracketing):
        left, right = ((count - 1 - side if isinstance(side, int) else made[id(side)]) for side in part)
        made[id(part)] = (right, left)
    return made[id(bracketing)] if not isinstance(bracketing, int) else count - 1 - bracketing
