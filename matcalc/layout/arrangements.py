"""Arrangements of a product: every order of its factors with every choice of transposes, which of them fit, and which are right.

A product is a word: each letter is a matrix, as it is or transposed. Whether two words have one value for all entries of their
matrices is decided at random entries modulo the prime 2**61 - 1, and the value is pressed into one number, u^T M v with random u
and v, so that a word costs as much as its vectors.

A size need not be taken as large as it is. An entry of a product is a sum over indices of products of entries, and in each summand
at most as many different indices of a size occur as words have places for it; the entries are independent of how indices are
numbered, so two words that agree with so many indices agree with any number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import permutations, product
from math import factorial, prod
from operator import mul
from random import Random
from typing import TypeAlias, final

from matcalc.errors import TooManyFactorsError
from matcalc.language.sizes import Size
from matcalc.layout.products import Joint

MOST_FACTORS = 7
PRIME = 2**61 - 1
SEED = 1961

Letter: TypeAlias = tuple[int, bool]  # which matrix, and is it transposed
Word: TypeAlias = tuple[Letter, ...]
Arrangement: TypeAlias = tuple[tuple[int, bool], ...]  # which factor of the true product, and is it transposed
Vector: TypeAlias = list[int]
Left: TypeAlias = tuple[int, ...]  # how often each matrix is still to be placed
Move: TypeAlias = tuple[Letter, Left, Size]


class Kind(StrEnum):
    """What is known of a matrix beyond its shape; all but the first and the last are square and equal their transpose."""

    GENERAL = "general"
    SYMMETRIC = "symmetric"
    DIAGONAL = "diagonal"
    IDENTITY = "identity"
    ZERO = "zero"


@final
@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix of independent entries, but for what its kind says."""

    rows: Size
    columns: Size
    kind: Kind = Kind.GENERAL

    @property
    def is_symmetric(self) -> bool:
        return self.kind in (Kind.SYMMETRIC, Kind.DIAGONAL, Kind.IDENTITY) or self.rows == self.columns == 1

    def shape(self, transposed: bool) -> tuple[Size, Size]:
        return (self.columns, self.rows) if transposed else (self.rows, self.columns)


@final
@dataclass(frozen=True, slots=True)
class Counts:
    """How many arrangements there are, how many fit in shape, how many are right, and how many values those that fit have."""

    arrangements: int
    shape_consistent: int
    right: int
    distinct_values: int


@final
@dataclass(frozen=True)
class Ordering:
    """A true product and what can be made of its factors.

    Attributes:
        matrices: the different matrices; a factor that stands twice is one matrix.
        true: the true product, from left to right.
        target: rows and columns of the product.

    Example:
        >>> W, g = Matrix(2, 3), Matrix(3, 1)
        >>> ordering = Ordering((W, g), ((0, False), (1, False)), (2, 1))
        >>> ordering.counts
        Counts(arrangements=8, shape_consistent=1, right=1, distinct_values=1)
    """

    matrices: tuple[Matrix, ...]
    true: Word
    target: tuple[Size, Size]

    def __post_init__(self) -> None:
        """Refuses what is too long to try.

        Raises:
            TooManyFactorsError: more than 7 factors.
        """
        count = len(self.true)
        if count > MOST_FACTORS:
            raise TooManyFactorsError(
                f"{count} factors have {factorial(count) * 2**count} arrangements, too many to try each: at most {MOST_FACTORS} "
                "factors are tried. Name the product of some neighbours as one factor, or ask for a part of the chain."
            )

    # ---- shapes ------------------------------------------------------------------------------------------------------

    def word(self, arrangement: Arrangement) -> Word:
        """The word of an arrangement; the transpose of a symmetric matrix is the matrix."""
        turned = ((self.true[factor], transposed) for factor, transposed in arrangement)
        return tuple((m, (t != transposed) and not self.matrices[m].is_symmetric) for (m, t), transposed in turned)

    def joints(self, word: Word) -> tuple[Joint, ...]:
        """Where neighbours meet, from left to right."""
        shapes = [self.matrices[m].shape(t) for m, t in word]
        return tuple(Joint(a[1], b[0]) for a, b in zip(shapes, shapes[1:], strict=False))

    def shape(self, word: Word) -> tuple[Size, Size]:
        """Rows of the first and columns of the last factor."""
        (first, turned_first), (last, turned_last) = word[0], word[-1]
        return self.matrices[first].shape(turned_first)[0], self.matrices[last].shape(turned_last)[1]

    def fits(self, word: Word) -> bool:
        """Whether every joint fits and the product has the target's shape."""
        return self.shape(word) == self.target and all(joint.fits for joint in self.joints(word))

    # ---- values ------------------------------------------------------------------------------------------------------

    def value(self, word: Word) -> int:
        """u^T M v modulo the prime for a word that fits."""
        vector = self._ends[1]
        for letter in reversed(word[1:]):
            vector = _times(self._tables[letter], vector)
        return sum(map(mul, self._left_rows[word[0]], vector)) % PRIME

    @cached_property
    def true_value(self) -> int:
        return self.value(self.word(tuple((factor, False) for factor in range(len(self.true)))))

    @cached_property
    def _dimensions(self) -> dict[Size, int]:
        """How large each size is taken: as it is, or as many indices of it as a word has, whichever is less."""
        places = Counter(self.target)
        merged: Counter[Size] = Counter()
        for m, _ in self.true:
            matrix = self.matrices[m]
            places.update((matrix.rows, matrix.columns))
            merged[matrix.rows] += matrix.kind in (Kind.DIAGONAL, Kind.IDENTITY)
        most = {size: max(count // 2 - merged[size], 1) for size, count in places.items()}
        return {size: min(size, count) if isinstance(size, int) else count for size, count in most.items()}

    @cached_property
    def _tables(self) -> dict[Letter, list[Vector]]:
        """The random matrices, as they are and transposed."""
        random = Random(SEED)
        tables: dict[Letter, list[Vector]] = {}
        for m, matrix in enumerate(self.matrices):
            table = _random_table(matrix.kind, self._dimensions[matrix.rows], self._dimensions[matrix.columns], random)
            tables[m, False] = table
            tables[m, True] = [list(column) for column in zip(*table, strict=True)]
        return tables

    @cached_property
    def _ends(self) -> tuple[Vector, Vector]:
        """The random vectors u and v."""
        random = Random(SEED + 1)
        u, v = ([random.randrange(PRIME) for _ in range(self._dimensions[size])] for size in self.target)
        return u, v

    @cached_property
    def _left_rows(self) -> dict[Letter, Vector]:
        """u^T M for every letter that may stand first."""
        rows = self.target[0]
        first = [letter for letter in self._tables if self.matrices[letter[0]].shape(letter[1])[0] == rows]
        return {(m, t): _times(self._tables[m, not t], self._ends[0]) for m, t in first}

    # ---- all that fit ------------------------------------------------------------------------------------------------

    def fitting_words(self) -> Iterator[tuple[Word, int]]:
        """Every word that fits, with its value; from the right end, what words share at their end is multiplied once."""
        placed = Counter(m for m, _ in self.true)
        start = tuple(placed[m] for m in range(len(self.matrices)))
        moves: dict[tuple[Left, Size], list[Move]] = {}
        stack: list[tuple[Left, Size, Vector, Word]] = [(start, self.target[1], self._ends[1], ())]
        while stack:
            left, size, vector, word = stack.pop()
            for letter, rest, rows in self._moves(left, size, moves):
                if any(rest):
                    stack.append((rest, rows, _times(self._tables[letter], vector), (letter, *word)))
                else:
                    yield (letter, *word), sum(map(mul, self._left_rows[letter], vector)) % PRIME

    def _moves(self, left: Left, size: Size, known: dict[tuple[Left, Size], list[Move]]) -> list[Move]:
        """The letters that can be put in front of an end with so many rows, if the rest can be placed before them."""
        if (left, size) not in known:
            found: list[Move] = []
            for m, matrix in enumerate(self.matrices):
                rest = (*left[:m], left[m] - 1, *left[m + 1 :])
                for transposed in (False,) if matrix.is_symmetric else (False, True):
                    rows, columns = matrix.shape(transposed)
                    ends = rows == self.target[0] if not any(rest) else left[m] and self._moves(rest, rows, known)
                    if left[m] and columns == size and ends:
                        found.append(((m, transposed), rest, rows))
            known[left, size] = found
        return known[left, size]

    def arrangements(self, word: Word) -> Iterator[Arrangement]:
        """The arrangements that are written as this word: equal factors exchanged, symmetric ones transposed or not."""
        sources = [[f for f, (m, _) in enumerate(self.true) if m == n] for n in range(len(self.matrices))]
        choices = [(False, True) if self.matrices[m].is_symmetric else (False,) for m, _ in word]
        for chosen in product(*map(permutations, sources)):
            waiting = [iter(factors) for factors in chosen]
            factors = [next(waiting[m]) for m, _ in word]
            for turned in product(*choices):
                yield tuple(
                    (f, other if self.matrices[m].is_symmetric else t != self.true[f][1])
                    for f, (m, t), other in zip(factors, word, turned, strict=True)
                )

    @cached_property
    def counts(self) -> Counts:
        """The four numbers.

        Every word stands for equally many arrangements. An unlucky draw can only make different values equal: by Schwartz and
        Zippel with a chance of at most (k + 2) / (2**61 - 1) for two words of k factors, so over the choice of the seed ``right`` is
        wrong with a chance below 3e-12 and ``distinct_values`` below 1e-6, even for seven matrices of one size.
        """
        count = len(self.true)
        uses = Counter(m for m, _ in self.true)
        each = prod(map(factorial, uses.values())) * 2 ** sum(self.matrices[m].is_symmetric for m, _ in self.true)
        fitting = right = 0
        values: set[int] = set()
        for _, value in self.fitting_words():
            fitting += 1
            right += value == self.true_value
            values.add(value)
        return Counts(factorial(count) * 2**count, each * fitting, each * right, len(values))


def _times(table: list[Vector], vector: Vector) -> Vector:
    return [sum(map(mul, row, vector)) % PRIME for row in table]


def _random_table(kind: Kind, rows: int, columns: int, random: Random) -> list[Vector]:
    """A random matrix of a kind, row by row."""
    drawn = [[random.randrange(PRIME) for _ in range(columns)] for _ in range(rows)]
    match kind:
        case Kind.GENERAL:
            return drawn
        case Kind.SYMMETRIC:
            return [[drawn[min(i, j)][max(i, j)] for j in range(columns)] for i in range(rows)]
        case Kind.DIAGONAL:
            return [[drawn[i][i] if i == j else 0 for j in range(columns)] for i in range(rows)]
        case Kind.IDENTITY:
            return [[int(i == j) for j in range(columns)] for i in range(rows)]
        case Kind.ZERO:
            return [[0] * columns for _ in range(rows)]
