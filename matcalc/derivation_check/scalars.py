"""The number by which a side has to be multiplied: recognised among small fractions, sizes and scalars of the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import final

from matcalc.derivation_check.instances import Instance
from matcalc.derivation_check.wording import general
from matcalc.derivation_check.suggestions import general_latex
from matcalc.errors import MatcalcError
from matcalc.exact.bench import Bench
from matcalc.exact.field import Matrix, UndefinedError, reciprocal, residue, small_fraction
from matcalc.language.building import power
from matcalc.language.expressions import Expr, Let, SizeNumber, Symbol
from matcalc.language.sizes import Dim
from matcalc.language.unrolling import free_indices

MOST_NUMBER = 60
MOST_SINGLE = 24
FEW_NUMBERS = tuple(sign * number for number in (Fraction(1), Fraction(2), Fraction(1, 2), Fraction(4), Fraction(1, 4)) for sign in (1, -1))
NUMBERS = tuple(dict.fromkeys([*FEW_NUMBERS, *(Fraction(sign * a, b) for a in range(1, 7) for b in range(1, 7) for sign in (1, -1))]))


@final
@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar with its writing: ``above`` and ``below`` the line of a fraction."""

    above: str
    below: str

    def times(self, other: Scalar) -> Scalar:
        """The product of both."""
        return Scalar(f"{self.above} {other.above}".strip(), f"{self.below} {other.below}".strip())

    def latex(self, number: Fraction) -> str:
        """This scalar times a number, without its sign."""
        top, bottom = str(abs(number.numerator)), str(number.denominator)
        above = self.above if top == "1" and self.above else f"{top} {self.above}".strip()
        below = self.below if bottom == "1" and self.below else f"{bottom} {self.below}".strip()
        return above if below in ("", "1") else rf"\frac{{{above or '1'}}}{{{below}}}"


def ratio(wanted: Matrix, found: Matrix, p: int) -> int | None:
    """The number c of the field with wanted = c found; None where there is none, the shapes differ, or both are zero."""
    if (len(wanted), len(wanted[0])) != (len(found), len(found[0])):
        return None
    c: int | None = None
    for wanted_row, found_row in zip(wanted, found, strict=True):
        for w, f in zip(wanted_row, found_row, strict=True):
            if not f:
                if w:
                    return None
                continue
            here = w * reciprocal(f, p) % p
            if c is not None and here != c:
                return None
            c = here
    return c or None


def combination(parts: Sequence[Sequence[int]], wanted: Sequence[int], p: int) -> list[int] | None:
    """The numbers with which lists of entries add up to another; None where there are none, or several."""
    rows = [[*entries, w] for *entries, w in zip(*parts, wanted, strict=True)]
    count = len(parts)
    for k in range(count):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        scale = reciprocal(rows[k][k], p)
        rows[k] = [v * scale % p for v in rows[k]]
        for i, row in enumerate(rows):
            if i != k and row[k]:
                rows[i] = [(a - row[k] * b) % p for a, b in zip(row, rows[k], strict=True)]
    return [row[count] for row in rows[:count]] if not any(row[count] for row in rows[count:]) else None


@final
class Scalars:
    """The scalars that may have been lost at an instance, with their values on benches."""

    def __init__(self, at: Instance, benches: tuple[Bench, ...], more: Sequence[Expr] = ()) -> None:
        self._primes = tuple(bench.prime for bench in benches)
        atoms = [(Scalar(above, below), _values(expr, benches)) for above, below, expr in _atoms(at, more)]
        single = [(scalar, values) for scalar, values in atoms if values is not None]
        few = [(scalar, values) for scalar, values in single if r"\sqrt" not in scalar.above + scalar.below][:MOST_SINGLE]
        pairs = [
            (first.times(second), tuple(a * b % p for a, b, p in zip(va, vb, self._primes, strict=True)))
            for k, (first, va) in enumerate(few) for second, vb in few[k:]
            if va[0] * vb[0] % self._primes[0] != 1
        ]  # fmt: skip
        self._table: dict[int, list[tuple[Scalar, tuple[int, ...], Fraction]]] = {}
        for numbers, known in ((NUMBERS, single), (FEW_NUMBERS, pairs)):
            for number in numbers:
                factor = residue(number, self._primes[0])
                for scalar, values in known:
                    self._table.setdefault(values[0] * factor % self._primes[0], []).append((scalar, values, number))

    def may_be(self, c: int) -> bool:
        """Whether a ratio on the first bench can be recognised."""
        return c in self._table or self._number(c) is not None

    def recognised(self, ratios: Sequence[int]) -> Iterator[tuple[Scalar, Fraction]]:
        """The scalars and numbers whose product these ratios, one for each bench or for the first ones, can be; the simplest first."""
        if not ratios:
            return
        number = self._number(ratios[0])
        if number is not None and all(c == residue(number, p) for c, p in zip(ratios, self._primes, strict=False)):
            yield Scalar("", ""), number
        for scalar, values, factor in self._table.get(ratios[0], ()):
            if all(c == v * residue(factor, p) % p for c, v, p in zip(ratios, values, self._primes, strict=False)):
                yield scalar, factor

    def _number(self, c: int) -> Fraction | None:
        found = small_fraction(c, self._primes[0])
        return found if found and abs(found.numerator) <= MOST_NUMBER and found.denominator <= MOST_NUMBER else None


def _atoms(at: Instance, more: Sequence[Expr]) -> Iterator[tuple[str, str, Expr]]:
    """Sizes and scalars, above and below the line, with their writing."""
    scalars = [node for node in at.world.roots if isinstance(node, Symbol | Let) and not node.shape]
    for quantity in dict.fromkeys((*more, *scalars)):
        if not free_indices([quantity]):
            written = general_latex(quantity.latex(), at)
            yield written, "", quantity
            yield "", written, power(quantity, -1)
    sizes = dict.fromkeys(size for size in at.world.scope.sizes.values() if isinstance(size, Dim))
    for size in sizes:
        number, written = SizeNumber(size), general(repr(size), at)
        yield "", written, power(number, -1)
        yield written, "", number
        yield "", rf"\sqrt{{{written}}}", power(number, Fraction(-1, 2))
        yield rf"\sqrt{{{written}}}", "", power(number, Fraction(1, 2))

def _values(expr: Expr, benches: tuple[Bench, ...]) -> tuple[int, ...] | None:
    try:
        found = tuple(bench.value(expr)[0][0] for bench in benches)
    except (MatcalcError, UndefinedError):
        return None
    return found if all(found) else None
