"""The number by which a side has to be multiplied: recognised among small fractions, sizes and scalars of the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import final

from matcalc.derivation_check.instances import Instance
from matcalc.derivation_check.judging import general
from matcalc.derivation_check.suggestions import general_latex
from matcalc.errors import MatcalcError
from matcalc.exact.bench import Bench
from matcalc.exact.field import Matrix, UndefinedError, reciprocal, small_fraction
from matcalc.language.building import power
from matcalc.language.expressions import Expr, Let, SizeNumber, Symbol
from matcalc.language.sizes import Dim
from matcalc.language.unrolling import free_indices

MOST_NUMBER = 60
MOST_SINGLE = 24


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


@final
class Scalars:
    """The scalars that may have been lost at an instance, with their values on benches."""

    def __init__(self, at: Instance, benches: tuple[Bench, ...], more: Sequence[Expr] = ()) -> None:
        self._benches = benches
        self._known: list[tuple[Scalar, tuple[int, ...]]] = [(Scalar("", ""), (1,) * len(self._benches))]
        for above, below, expr in _atoms(at, more):
            values = _values(expr, self._benches)
            if values is not None:
                self._known.append((Scalar(above, below), values))
        single = self._known[1 : 1 + MOST_SINGLE]
        self._known += [
            (first.times(second), tuple(a * b % bench.prime for a, b, bench in zip(va, vb, self._benches, strict=True)))
            for k, (first, va) in enumerate(single) for second, vb in single[k:]
            if va[0] * vb[0] % self._benches[0].prime != 1
        ]  # fmt: skip

    def recognised(self, ratios: tuple[int, ...]) -> Iterator[tuple[Scalar, Fraction]]:
        """The scalars and numbers whose product these ratios, one for each bench or for the first ones, can be; the simplest first."""
        for scalar, values in self._known:
            numbers = {small_fraction(c * reciprocal(v, bench.prime) % bench.prime, bench.prime)
                       for c, v, bench in zip(ratios, values, self._benches, strict=False)}  # fmt: skip
            number = numbers.pop() if len(numbers) == 1 else None
            if number and abs(number.numerator) <= MOST_NUMBER and number.denominator <= MOST_NUMBER:
                yield scalar, number


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
