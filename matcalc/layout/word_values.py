"""The value of a word as a key: two words of independent matrices have one value exactly if they have one key.

Why that is so stands in `matcalc.layout.counting`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias, final

from matcalc.layout.arrangements import Kind, Letter, Matrix, Word

Run: TypeAlias = tuple[bool, tuple[Letter, ...]]  # is it one of diagonal matrices, and its letters


@final
@dataclass(frozen=True, slots=True)
class Value:
    """What the value of a word is made of.

    Attributes:
        left: from the target's rows to the first size 1; the whole word where there is none.
        closed: the scalars from one size 1 to the next, each read from the end that comes first in the order of letters, sorted.
        right: from the last size 1 to the target's columns.
        is_zero: a factor is zero; then nothing else is told.
    """

    left: Word
    closed: tuple[Word, ...]
    right: Word
    is_zero: bool = False


ZERO = Value((), (), (), is_zero=True)


def value(matrices: Sequence[Matrix], word: Word) -> Value:
    """The value of a word that fits.

    Example:
        >>> A, x, y = Matrix(3, 3), Matrix(3, 1), Matrix(3, 1)
        >>> one = value([A, x, y], ((1, True), (0, False), (2, False)))
        >>> one == value([A, x, y], ((2, True), (0, True), (1, False)))
        True
        >>> one == value([A, x, y], ((1, True), (0, True), (2, False)))
        False
    """
    if any(matrices[m].kind is Kind.ZERO for m, _ in word):
        return ZERO
    left, closed, right = segments(matrices, normal_form(matrices, word))
    return Value(left, tuple(sorted(upright(matrices, segment) for segment in closed)), right)


def segments(matrices: Sequence[Matrix], word: Word) -> tuple[Word, tuple[Word, ...], Word]:
    """A word cut where it meets size 1: what stands before, the closed scalars, and what stands behind."""
    pieces: list[Word] = []
    begun = 0
    for place, (m, t) in enumerate(word, 1):
        if matrices[m].shape(t)[1] == 1:
            pieces.append(word[begun:place])
            begun = place
    if not word or matrices[word[0][0]].shape(word[0][1])[0] == 1:
        return (), tuple(pieces), word[begun:]
    return (pieces[0], tuple(pieces[1:]), word[begun:]) if pieces else (word, (), ())


def normal_form(matrices: Sequence[Matrix], word: Word) -> Word:
    """The word without multiples of the identity, neighbouring diagonal matrices in increasing order."""
    return tuple(letter for diagonal, run in runs(matrices, word) for letter in (sorted(run) if diagonal else run))


def runs(matrices: Sequence[Matrix], word: Word) -> Iterator[Run]:
    """The word without multiples of the identity, no symmetric letter transposed, in runs of diagonal matrices and runs of others."""
    kept = [(m, t and not matrices[m].is_symmetric) for m, t in word if matrices[m].kind is not Kind.IDENTITY]
    for diagonal, run in groupby(kept, lambda letter: is_diagonal(matrices[letter[0]])):
        yield diagonal, tuple(run)


def is_diagonal(matrix: Matrix) -> bool:
    """Whether it commutes with its diagonal neighbours; what is 1 x 1 is a scalar of its own."""
    return matrix.kind is Kind.DIAGONAL and matrix.rows != 1


def upright(matrices: Sequence[Matrix], segment: Word) -> Word:
    """A closed scalar, read from the end that comes first in the order of letters."""
    return min(segment, transposed(matrices, segment))


def transposed(matrices: Sequence[Matrix], segment: Word) -> Word:
    """The transpose of a word, in normal form."""
    return normal_form(matrices, tuple((m, not t) for m, t in reversed(segment)))
