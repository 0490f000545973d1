"""Relations between factors that their kinds do not tell, found in tables of their entries modulo a prime, and what then is certain.

The counts of `matcalc.layout.counting` are for independent matrices. Factors of a derivation may hang together in other ways: A = -B^T,
A B = B A, B the inverse of A, C = A B, or A a column times a row. Where they do, words may be equal that else differ, never the other
way: more arrangements may be right, and values may be fewer.

What is looked for, in a table of each matrix that belongs to one random point:

1. a product of at most two factors, transposed or not, that is zero, or is a multiple of another such product or of the identity, though
   independent matrices give no such thing. So are found matrices that are equal or transposes up to a scalar, symmetric or
   antisymmetric, multiples of the identity or zero, that commute, that are inverse or orthogonal, or of which two make a third;
2. a matrix of rank one;
3. two of the first words that fit, of one value though independent matrices give them two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from operator import mul
from random import Random
from typing import TypeAlias, final

from matcalc.errors import UndecidedError
from matcalc.language.sizes import Size
from matcalc.layout.arrangements import Counts, Kind, Letter, Matrix, Word
from matcalc.layout.counting import arrangements_of_a_word, counts
from matcalc.layout.right_orders import fitting_words
from matcalc.layout.word_values import Value, transposed, value

MOST_TRIED = 2_000
MOST_TOLD = 4
SEED = 1987

Table: TypeAlias = Sequence[Sequence[int]]


@final
@dataclass(frozen=True, slots=True)
class Relation:
    """A product that independent factors would not give.

    Attributes:
        word: a product of at most two factors.
        other: what it is a multiple of: a product, () for the identity, or None where ``said`` tells it alone.
        said: what it is.
    """

    word: Word
    other: Word | None
    said: str

    def told(self, names: Sequence[str]) -> str:
        """In words, with a name for each matrix."""
        if self.other is None:
            return f"{_written(self.word, names)} {self.said}"
        return f"{_written(self.word, names)} {self.said} {_written(self.other, names) if self.other else 'the identity'}"


def probed(
    matrices: Sequence[Matrix], true: Word, target: tuple[Size, Size], tables: Mapping[int, Table], prime: int, names: Sequence[str]
) -> Counts:
    """The four numbers, for matrices whose entries are not independent perhaps.

    Without an undeclared relation they are those of `counts`. With one, every word that fits is tried if there are at most 2000.

    Args:
        matrices, true, target: as `counts` takes them.
        tables: the entries of each matrix modulo the prime, all at one random point; a size that is a name has 2 indices or more.
        prime: a large one.
        names: of the matrices, for the message.

    Raises:
        UndecidedError: there is a relation, and the words that fit are more; it carries the bounds.

    Example:
        >>> A, B = Matrix(2, 2), Matrix(2, 2)
        >>> tables = {0: [[1, 2], [3, 5]], 1: [[4, 2], [3, 8]]}  # B = A + 3
        >>> probed([A, B], ((0, False), (1, False)), (2, 2), tables, 2**61 - 1, ["A", "B"])
        Counts(arrangements=8, shape_consistent=8, right=2, distinct_values=6)
        >>> counts([A, B], ((0, False), (1, False)), (2, 2))
        Counts(arrangements=8, shape_consistent=8, right=1, distinct_values=8)
    """
    declared = counts(matrices, true, target)
    found = undeclared_relations(matrices, Counter(m for m, _ in true), tables, prime)
    tried = _Tried(matrices, true, target, tables, prime)
    if not found and not tried.merged:
        return declared
    bounds = tried.bounds(declared)
    if tried.is_complete:
        return Counts(declared.arrangements, declared.shape_consistent, bounds[0][0], bounds[1][0])
    raise UndecidedError(
        f"The factors are not independent: {_told(found, names)}. Between {bounds[0][0]} and {bounds[0][1]} arrangements are right, and "
        f"those that fit have between {bounds[1][0]} and {bounds[1][1]} different values. Ask for a part of the chain, whose arrangements "
        f"can be tried; at most {MOST_TRIED} words are.",
        bounds[0],
        bounds[1],
    )


def _told(found: Sequence[Relation], names: Sequence[str]) -> str:
    """The relations in words, the first of them if they are many."""
    said = [relation.told(names) for relation in found[:MOST_TOLD]] or ["some words of three factors or more have one value"]
    return "; ".join(said) + (f"; and {len(found) - MOST_TOLD} more relations" if len(found) > MOST_TOLD else "")


# ---- products of at most two factors -----------------------------------------------------------------------------------


def undeclared_relations(
    matrices: Sequence[Matrix], uses: Mapping[int, int], tables: Mapping[int, Table], prime: int
) -> tuple[Relation, ...]:
    """The relations between products of at most two factors, and the matrices of rank one.

    Example:
        >>> undeclared_relations([Matrix(2, 3)], {0: 1}, {0: [[1, 2, 3], [2, 4, 6]]}, 101)
        (Relation(word=((0, False),), other=None, said='has rank one'),)
    """
    found: list[Relation] = []
    told: set[frozenset[Word]] = set()
    related: set[int] = set()  # matrices that are related alone: their products say nothing new
    for relation in _relations(matrices, uses, tables, prime):
        pair = [word for word in (relation.word, relation.other) if word is not None]
        known = len(relation.word) == 2 and any(m in related for word in pair for m, _ in word)
        if not known and frozenset(transposed(matrices, word) for word in pair) not in told:
            found.append(relation)
            told.add(frozenset(pair))
            related.update(m for m, _ in relation.word if len(relation.word) == 1)
    return tuple(found)


def _relations(matrices: Sequence[Matrix], uses: Mapping[int, int], tables: Mapping[int, Table], prime: int) -> Iterator[Relation]:
    """Every relation, those that follow from others too."""
    seen: dict[tuple[Size, Size, tuple[int, ...]], Word] = {}
    for word, (rows, columns), table in _short_words(matrices, uses, tables, prime):
        entries = _monic([v for row in table for v in row], prime)
        expected = value(matrices, word)
        if not any(entries):
            if not expected.is_zero:
                yield Relation(word, None, "is zero")
        elif not rows == columns == 1:
            other = seen.setdefault((rows, columns, entries), word)
            if value(matrices, other) != expected:
                yield Relation(word, other, "is a multiple of")
            elif len(word) == 1 and 1 not in (rows, columns) and _has_rank_one(table, prime):
                yield Relation(word, None, "has rank one")


def _short_words(
    matrices: Sequence[Matrix], uses: Mapping[int, int], tables: Mapping[int, Table], prime: int
) -> Iterator[tuple[Word, tuple[Size, Size], Table]]:
    """The identity of each size, every factor and every product of two, with shape and table; 1 x 1 factors stand in none."""
    letters: list[tuple[Letter, tuple[Size, Size], Table]] = []
    for m in uses:
        matrix = matrices[m]
        if not matrix.rows == matrix.columns == 1:
            turns = (False,) if matrix.is_symmetric else (False, True)
            letters += [((m, t), matrix.shape(t), tables[m] if not t else _turned(tables[m])) for t in turns]
    for (m, _), (rows, columns), table in letters:
        if rows == columns and matrices[m].kind is not Kind.ZERO:
            yield (), (rows, columns), [[int(i == j) for j in range(len(table))] for i in range(len(table))]
    yield from (((letter,), shape, table) for letter, shape, table in letters)
    for (first, (rows, inner), left), (second, (meeting, columns), right) in product(letters, letters):
        if inner == meeting and (first[0] != second[0] or uses[first[0]] > 1):
            across = _turned(right)
            yield (first, second), (rows, columns), [[sum(map(mul, row, column)) % prime for column in across] for row in left]


def _turned(table: Table) -> Table:
    return [list(column) for column in zip(*table, strict=True)]


def _monic(entries: Sequence[int], prime: int) -> tuple[int, ...]:
    """The entries divided by the first that is not zero."""
    first = next((v % prime for v in entries if v % prime), 1)
    inverse = pow(first, -1, prime)
    return tuple(v * inverse % prime for v in entries)


def _has_rank_one(table: Table, prime: int) -> bool:
    """Whether all rows of a table that is not zero are multiples of one."""
    return len({_monic(row, prime) for row in table if any(v % prime for v in row)}) == 1


def _written(word: Word, names: Sequence[str]) -> str:
    return " ".join(f"{names[m]}^T" if t else names[m] for m, t in word)


# ---- the first words that fit ------------------------------------------------------------------------------------------


@final
class _Tried:
    """The first words that fit, with their values for independent matrices and for the tables.

    Attributes:
        is_complete: whether no others fit.
        merged: whether two have one value though independent matrices give them two.
    """

    def __init__(
        self, matrices: Sequence[Matrix], true: Word, target: tuple[Size, Size], tables: Mapping[int, Table], prime: int
    ) -> None:
        words = list(islice(fitting_words(matrices, Counter(m for m, _ in true), target), MOST_TRIED + 1))
        self.is_complete = len(words) <= MOST_TRIED
        pressed = _Pressed(tables, prime)
        self._found: list[tuple[Value, int]] = [(value(matrices, word), pressed.value(word)) for word in words[:MOST_TRIED]]
        self._true = value(matrices, true), pressed.value(true)
        self._each = arrangements_of_a_word(matrices, true)
        self.merged = len({found for _, found in self._found}) < len({expected for expected, _ in self._found})

    def bounds(self, declared: Counts) -> tuple[tuple[int, int], tuple[int, int]]:
        """The least and the most that ``right`` and ``distinct_values`` can be."""
        more = self._each * sum(found == self._true[1] and expected != self._true[0] for expected, found in self._found)
        wrong = self._each * sum(found != self._true[1] for _, found in self._found)
        values, expected = len({found for _, found in self._found}), len({expected for expected, _ in self._found})
        right = declared.right + more, declared.shape_consistent - wrong
        return right, (values, declared.distinct_values - (expected - values))


@final
class _Pressed:
    """Values of words pressed into one number, u^T M v with random u and v."""

    def __init__(self, tables: Mapping[int, Table], prime: int) -> None:
        self._prime = prime
        self._tables = {(m, t): _turned(table) if t else table for m, table in tables.items() for t in (False, True)}
        self._random = Random(SEED)
        self._ends: dict[tuple[bool, int], list[int]] = {}

    def value(self, word: Word) -> int:
        vector = self._end(True, len(self._tables[word[-1][0], not word[-1][1]]))
        for letter in reversed(word):
            vector = [sum(map(mul, row, vector)) % self._prime for row in self._tables[letter]]
        total: int = sum(map(mul, self._end(False, len(vector)), vector))
        return total % self._prime

    def _end(self, last: bool, length: int) -> list[int]:
        if (last, length) not in self._ends:
            self._ends[last, length] = [self._random.randrange(self._prime) for _ in range(length)]
        return self._ends[last, length]
