"""Exponents of matrices that hold symbols, and the ranges of the indices that count their powers.

d(U^k) = sum over r of U^r dU U^(k-1-r) has an index r that counts no entries of an array: its range, 0 to k - 1, is given by an
exponent. Such an index is an axis of the powers that it stands in, and a `Range` stands where other indices have a size.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, final

from matcalc.errors import UnsupportedError
from matcalc.language.building import divide, lift, times
from matcalc.language.expressions import (
    Add, Divide, Expr, Let, Negate, Number, Scale, SizeNumber, Subtract, Symbol,
)  # fmt: skip
from matcalc.language.operators import METHODS
from matcalc.language.traversal import postorder

Rational: TypeAlias = int | Fraction
Unit: TypeAlias = Symbol | Let | SizeNumber


@final
@dataclass(frozen=True, slots=True, eq=False)
class Exponent:
    """A number plus multiples of scalar names and sizes.

    Attributes:
        constant: the number.
        multiples: each name or size with its coefficient, which is not zero, in the order of their texts.
    """

    constant: Rational
    multiples: tuple[tuple[Unit, Rational], ...] = ()

    def __repr__(self) -> str:
        return repr((str(self.constant), [(unit_key(unit), str(factor)) for unit, factor in self.multiples]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exponent) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __add__(self, other: Exponent) -> Exponent:
        total: dict[str, tuple[Unit, Rational]] = {unit_key(unit): (unit, factor) for unit, factor in self.multiples}
        for unit, factor in other.multiples:
            known = total.get(unit_key(unit), (unit, 0))
            total[unit_key(unit)] = unit, _whole(known[1] + factor)
        kept = [total[name] for name in sorted(total) if total[name][1] != 0]
        return Exponent(_whole(self.constant + other.constant), tuple(kept))

    def times(self, number: Rational) -> Exponent:
        """The exponent multiplied by a number."""
        if not number:
            return Exponent(0)
        return Exponent(_whole(self.constant * number), tuple((unit, _whole(f * number)) for unit, f in self.multiples))

    def __sub__(self, other: Exponent) -> Exponent:
        return self + other.times(-1)

    @property
    def names(self) -> frozenset[str]:
        """The names of the scalars in it."""
        return frozenset(unit.name for unit, _ in self.multiples if isinstance(unit, Symbol | Let))

    @property
    def is_negative(self) -> bool:
        """Whether it is written as a negative number: all its multiples are, or it is one."""
        return all(factor < 0 for _, factor in self.multiples) if self.multiples else self.constant < 0

    def expression(self) -> Expr:
        """The exponent as it is written: what is added, then what is subtracted."""
        parts = sorted(self.multiples, key=lambda entry: entry[1] < 0)
        made: Expr | None = None
        for unit, factor in parts:
            size = abs(Fraction(factor))
            term: Expr = unit if size.numerator == 1 else times(lift(size.numerator), unit)
            term = term if size.denominator == 1 else divide(term, lift(size.denominator))
            made = _joined(made, term, factor < 0)
        if self.constant or made is None:
            made = _joined(made, Number(abs(Fraction(self.constant))), self.constant < 0)
        return made


def unit_key(unit: Unit) -> str:
    """What tells a scalar name and a size of the same name apart."""
    return f"size {unit.size!r}" if isinstance(unit, SizeNumber) else unit.name


def _joined(before: Expr | None, term: Expr, negative: bool) -> Expr:
    if before is not None:
        return before - term if negative else before + term
    if isinstance(term, Number):
        return Number(-term.value) if negative else term
    return -term if negative else term


def _whole(value: Rational) -> Rational:
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


@final
@dataclass(frozen=True, slots=True)
class Range:
    """The whole numbers from 0 to before ``count``: the values of an index that counts powers."""

    count: Exponent

def _summands(node: Expr) -> tuple[Expr, ...]:
    return node.operands if isinstance(node, Negate | Add | Subtract | Scale | Divide) else ()


def exponent_of(node: Expr, what: Expr) -> Exponent:
    """The exponent that a scalar expression is.

    Raises:
        UnsupportedError: it is not linear in names, sizes and numbers.
    """
    made: dict[Expr, Exponent] = {}
    for part in postorder([node], _summands):
        below = [made[operand] for operand in _summands(part)]
        match part:
            case Number(value=value):
                made[part] = Exponent(_whole(value))
            case Symbol() | Let() | SizeNumber():
                made[part] = Exponent(0, ((part, 1),))
            case Negate():
                made[part] = below[0].times(-1)
            case Add():
                made[part] = below[0] + below[1]
            case Subtract():
                made[part] = below[0] - below[1]
            case Scale() if not (below[0].multiples and below[1].multiples):
                number, other = below if not below[0].multiples else below[::-1]
                made[part] = other.times(number.constant)
            case Divide() if not below[1].multiples and below[1].constant:
                made[part] = below[0].times(Fraction(1) / below[1].constant)
            case _:
                text = METHODS["text"]
                raise UnsupportedError(
                    f"{text(what)} has no rule of differentiation: its exponent is to be a sum of numbers, scalar names, sizes and "
                    f"multiples of them, and {text(part)} is none. Name it, with let, to derive by what stands in the base."
                )
    return made[node]
