"""A ratio that is found at several data, named: a number, a size, a scalar quantity, or a product or quotient of two of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, permutations
from math import prod
from typing import final

from matcalc.language.building import divide, lift, negate, times
from matcalc.language.expressions import Expr

LARGEST_DENOMINATOR = 12
LARGEST_NUMBER = 100


@final
@dataclass(frozen=True, slots=True)
class Atom:
    """Something that a ratio may be made of, with its value at each of the data."""

    expression: Expr
    values: tuple[float, ...]


@final
@dataclass(frozen=True, slots=True)
class Factor:
    """A ratio with its name, and the name of its inverse; a number without a short name is both by itself."""

    value: Expr | float
    inverse: Expr | float
    is_sign: bool


def named_factor(ratios: Sequence[float], atoms: Sequence[Atom], tolerance: float) -> Factor | None:
    """The simplest name of the ratios at all data; None where there is none.

    Args:
        ratios: what was found over what is right, at each of the data.
        atoms: sizes and scalars; those that never change tell nothing and are left out.
        tolerance: relative.
    """
    if any(ratio == 0.0 for ratio in ratios):
        return None
    changing = [atom for atom in atoms if 0.0 not in atom.values and _spread(atom.values) > 10.0 * tolerance]
    for over, under in _monomials(changing):
        quotients = [
            ratio * prod(a.values[k] for a in under) / prod(a.values[k] for a in over) for k, ratio in enumerate(ratios)
        ]
        if _spread(quotients) > tolerance:
            continue
        number = Fraction(quotients[0]).limit_denominator(LARGEST_DENOMINATOR)
        if abs(float(number) - quotients[0]) <= tolerance * abs(quotients[0]) and abs(number.numerator) <= LARGEST_NUMBER:
            return Factor(_written(number, over, under), _written(1 / number, under, over), number == -1 and not (over or under))
        if not (over or under):
            return Factor(float(f"{quotients[0]:.6g}"), float(f"{1.0 / quotients[0]:.6g}"), False)
    return None


def _spread(values: Sequence[float]) -> float:
    return (max(values) - min(values)) / max(map(abs, values))


def _monomials(atoms: Sequence[Atom]) -> Iterator[tuple[tuple[Atom, ...], tuple[Atom, ...]]]:
    """What stands over and under the line, simplest first."""
    yield (), ()
    for atom in atoms:
        yield (atom,), ()
        yield (), (atom,)
    for pair in combinations_with_replacement(atoms, 2):
        yield pair, ()
        yield (), pair
    for over, under in permutations(atoms, 2):
        yield (over,), (under,)


def _written(number: Fraction, over: tuple[Atom, ...], under: tuple[Atom, ...]) -> Expr:
    top = _product([*([lift(abs(number.numerator))] if abs(number.numerator) != 1 else []), *(a.expression for a in over)])
    bottom = _product([*([lift(number.denominator)] if number.denominator != 1 else []), *(a.expression for a in under)])
    if not under and not over:
        return lift(number)
    made = lift(1) if top is None else top
    written = divide(made, bottom) if bottom is not None else made
    return negate(written) if number < 0 else written


def _product(parts: Sequence[Expr]) -> Expr | None:
    found: Expr | None = None
    for part in parts:
        found = part if found is None else times(found, part)
    return found
