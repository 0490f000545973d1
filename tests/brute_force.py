"""Every arrangement of a product tried: the truth that counting has to meet.

A product is a word: each letter is a matrix, as it is or transposed. Whether two words have one value for all entries of their
matrices is decided at random entries modulo the prime 2**61 - 1, and the value is pressed into one number, u^T M v with random u
and v, so that a word costs as much as its vectors.

A size need not be taken as large as it is. An entry of a product is a sum over indices of products of entries, and in one summand
no more different indices of a size occur than a word has places for it. How indices are numbered does not matter, so words that
agree with so many indices agree with any number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, permutations, product
from math import factorial, prod
from operator import mul
from random import Random
from typing import TypeAlias, final

from matcalc.errors import TooManyFactorsError
from matcalc.language.sizes import Size
from matcalc.layout.arrangements import Arrangement, Counts, Kind, Letter, Matrix, Word
from matcalc.layout.products import Joint

MOST_FACTORS = 7
FACTORS_IN_HEAD = 3  # about half of them: ends of four and heads of three meet in one product of vectors
PRIME = 2**61 - 1
SEED = 1961

Vector: TypeAlias = list[int]
Left: TypeAlias = tuple[int, ...]  # how often each matrix is still to be placed
Head: TypeAlias = tuple[Word, Vector]


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
        return tuple(Joint(a[1], b[0]) for a, b in pairwise(shapes))

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
        u, vector = self._ends
        for letter in reversed(word):
            vector = _times(self._tables[letter], vector)
        total: int = sum(map(mul, u, vector))
        return total % PRIME

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

    # ---- all that fit ------------------------------------------------------------------------------------------------

    def fitting_words(self) -> Iterator[tuple[Word, int]]:
        """Every word that fits, with its value: an end, grown leftwards from v, meets every head made of the last few factors."""
        placed = Counter(m for m, _ in self.true)
        start = tuple(placed[m] for m in range(len(self.matrices)))
        heads: dict[tuple[Left, Size], list[Head]] = {}
        stack: list[tuple[Left, Size, Word, Vector]] = [(start, self.target[1], (), self._ends[1])]
        while stack:
            left, size, word, vector = stack.pop()
            if sum(left) <= FACTORS_IN_HEAD:
                for head, row in self._heads(left, size, heads):
                    yield head + word, sum(map(mul, row, vector)) % PRIME
                continue
            for letter, rest in self._letters(left):
                rows, columns = self.matrices[letter[0]].shape(letter[1])
                if columns == size:
                    stack.append((rest, rows, (letter, *word), _times(self._tables[letter], vector)))

    def _heads(self, left: Left, size: Size, known: dict[tuple[Left, Size], list[Head]]) -> list[Head]:
        """Every word of just these matrices that has the target's rows and so many columns, with u^T times its product."""
        if not any(left):
            return [((), self._ends[0])] if size == self.target[0] else []
        if (left, size) not in known:
            known[left, size] = [
                ((*head, (m, t)), _times(self._tables[m, not t], row))
                for (m, t), rest in self._letters(left)
                if self.matrices[m].shape(t)[1] == size
                for head, row in self._heads(rest, self.matrices[m].shape(t)[0], known)
            ]
        return known[left, size]

    def _letters(self, left: Left) -> Iterator[tuple[Letter, Left]]:
        """The letters that may be placed next, and what is left then."""
        for m, matrix in enumerate(self.matrices):
            if left[m]:
                rest = (*left[:m], left[m] - 1, *left[m + 1 :])
                for transposed in (False,) if matrix.is_symmetric else (False, True):
                    yield (m, transposed), rest

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
        Zippel with a chance of at most (k + 2) / (2**61 - 1) for two words of k factors. So over the choice of the seed ``right``
        is wrong with a chance below 3e-12 and ``distinct_values`` below 1e-6, even for seven matrices of one size.
        """
        return self._tried[0]

    @property
    def right_words(self) -> tuple[Word, ...]:
        """Every word that is right."""
        return self._tried[1]

    @cached_property
    def _tried(self) -> tuple[Counts, tuple[Word, ...]]:
        count = len(self.true)
        uses = Counter(m for m, _ in self.true)
        each = prod(map(factorial, uses.values())) * 2 ** sum(self.matrices[m].is_symmetric for m, _ in self.true)
        fitting = 0
        right: list[Word] = []
        values: set[int] = set()
        for word, value in self.fitting_words():
            fitting += 1
            if value == self.true_value:
                right.append(word)
            values.add(value)
        return Counts(factorial(count) * 2**count, each * fitting, each * len(right), len(values)), tuple(right)


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
