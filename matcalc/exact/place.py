"""Where values over a finite field are found: random data for symbols and functions, and one field in one evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import final

from matcalc.errors import EvaluationError
from matcalc.exact.atoms import Atoms
from matcalc.exact.field import Matrix, power
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Shape, Size, rows_and_columns

MOST_ENTRIES = 20_000


def extent(sizes: Mapping[str, int], size: Size) -> int:
    """The number that a size is, from those of the names in it."""
    if isinstance(size, int):
        return size
    number = size.coefficient
    for name in size.names:
        if name not in sizes:
            raise EvaluationError(f"There is no number for the size {name}.")
        number *= sizes[name]
    return number


@final
@dataclass(frozen=True, slots=True)
class Point:
    """Random data, made when they are asked for.

    Attributes:
        seed: what all entries and atoms follow from.
        sizes: an int for each named size.
        signs: how signs are taken, see `matcalc.exact.atoms`.
        positive: whether the entries of symbols and unknown functions are squares.
        redrawn: what tells apart the draws of single entries of symbols, by name and place.
        values: rows of whole or rational numbers for those symbols, by name, that are not random.
        numbers: elements of the field for sizes, by name, where they are written as numbers and not as extents.
        configuration: the number of the values that symbols have which take finitely many, as a one-hot vector.
    """

    seed: str
    sizes: Mapping[str, int] = field(default_factory=dict)
    signs: str = "atoms"
    positive: bool = False
    redrawn: Mapping[tuple[str, int, int], int] = field(default_factory=dict)
    values: Mapping[str, Sequence[Sequence[int | Fraction]]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    configuration: int = 0

    def number(self, size: Size) -> int:
        """A size that is written as a number."""
        return extent({**self.sizes, **self.numbers}, size)

    def extent(self, size: Size) -> int:
        """The number that a size is here."""
        return extent(self.sizes, size)

    def extents(self, shape: Shape) -> tuple[int, int]:
        """The number of rows and of columns of a shape."""
        rows, columns = (self.extent(size) for size in rows_and_columns(shape))
        if rows * columns > MOST_ENTRIES:
            raise EvaluationError(f"An array of {rows * columns} entries is too large for exact numbers; {MOST_ENTRIES} are the limit.")
        return rows, columns


@final
class Place:
    """One field in one evaluation.

    Attributes:
        point: the data.
        atoms: the atoms of the field.
        p: its prime.
        values: the values found so far.
        missed: the nodes at which an even root had no value, once for each entry.
        which: the values of symbols that take finitely many.
        coins: how many arguments, up to sign, had an even root or a sign taken by ``signs="squares"``, in this field and below.
    """

    def __init__(self, point: Point, level: int, below: Mapping[Expr, Matrix], which: Mapping[str, int] = MappingProxyType({})) -> None:
        self.point = point
        self.atoms = Atoms(point.seed, level, signs=point.signs, positive=point.positive)
        self.p = self.atoms.prime
        self.values: dict[Expr, Matrix] = {}
        self.missed: list[Expr] = []
        self.coins = 0
        self.which = which
        self._below = below

    def below(self, node: Expr) -> Matrix | None:
        """The value of a node in the field below, None where it was not wanted or there is none."""
        return self._below.get(node)

    def root(self, node: Expr, v: int, exponent: Fraction) -> int:
        """A rational power; a missing root is counted, and replaced."""
        if exponent.denominator % 2 == 0:
            self.atoms.toss(v)
        found = power(v, exponent, self.p)
        if found is None:
            self.missed.append(node)
            found = power(-v % self.p, exponent, self.p)
            assert found is not None
        return found
