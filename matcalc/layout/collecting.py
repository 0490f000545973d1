"""Scalars in front of one and the same array, added up: s (1 - s)^2 x x^T - s^2 (1 - s) x x^T = s (1 - s) (1 - 2 s) x x^T."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from matcalc.index.form import Rational
from matcalc.language.expressions import Add, Expr, Negate, Number, Scale, Subtract
from matcalc.layout.strings import Power, scaled, signed_sum

Monomial: TypeAlias = frozenset[Power]
Polynomial: TypeAlias = dict[Monomial, Fraction]
Scaling: TypeAlias = tuple[Rational, tuple[Power, ...]]

MOST_TERMS = 8  # of a sum that is multiplied out
ONE: Monomial = frozenset()


def added_scalars(first: Scaling, second: Scaling) -> Scaling | None:
    """What is in front of an array that stands twice: the powers common to both, times the sum of the rest.

    Returns:
        Coefficient and scalars; None where the rest is not shorter than two terms.
    """
    powers = [_exponents(scalars) for _, scalars in (first, second)]
    common = {base: min(exponent, powers[1][base]) for base, exponent in powers[0].items() if base in powers[1]}
    total: Polynomial = {}
    for (coefficient, _), own in zip((first, second), powers, strict=True):
        rest = [(base, exponent - common.get(base, 0)) for base, exponent in own.items()]
        product = _multiplied_out(Fraction(coefficient), [power for power in rest if power[1]])
        if product is None:
            return None
        total = _sum(total, product)
    if not total:
        return 0, ()
    shared = tuple(power for power in common.items() if power[1])
    if len(total) > 2:
        return None
    size = min(map(abs, total.values()))
    if any((number / size).denominator != 1 for number in total.values()):
        size = Fraction(1)
    ordered = sorted(total.items(), key=lambda each: (sum(abs(exponent) for _, exponent in each[0]), each[1] < 0))
    if len(ordered) == 1:
        return ordered[0][1], (*shared, *ordered[0][0])
    parts = [scaled(number / size, tuple(monomial), ()) for monomial, number in ordered]
    return size, (*shared, (signed_sum(sorted(parts, key=lambda part: part[0])), 1))


def _multiplied_out(coefficient: Fraction, powers: Sequence[Power]) -> Polynomial | None:
    """The product of powers as a sum of monomials, short sums of scalars multiplied out."""
    result: Polynomial = {ONE: coefficient}
    for base, exponent in powers:
        terms = _linear(base) if exponent == 1 else None
        factor: Mapping[Monomial, Fraction] = terms or {frozenset(((base, exponent),)): Fraction(1)}
        if len(result) * len(factor) > MOST_TERMS:
            return None
        product: Polynomial = {}
        for left, number in result.items():
            for right, times in factor.items():
                product = _sum(product, {_product(left, right): number * times})
        result = product
    return result


def _exponents(scalars: Sequence[Power]) -> dict[Expr, Fraction]:
    """The exponent of each base; one that stands several times has the sum."""
    exponents: dict[Expr, Fraction] = {}
    for base, exponent in scalars:
        exponents[base] = exponents.get(base, Fraction(0)) + exponent
    return exponents


def _product(left: Monomial, right: Monomial) -> Monomial:
    exponents = dict(left)
    for base, exponent in right:
        exponents[base] = exponents.get(base, 0) + exponent
    return frozenset((base, exponent) for base, exponent in exponents.items() if exponent)


def _sum(left: Polynomial, right: Polynomial) -> Polynomial:
    numbers = {monomial: left.get(monomial, Fraction(0)) + right.get(monomial, Fraction(0)) for monomial in {**left, **right}}
    return {monomial: number for monomial, number in numbers.items() if number}


def _linear(node: Expr) -> Polynomial:
    """A scalar as a sum of numbers times what is no sum."""
    match node:
        case Add(left=left, right=right) if not node.shape:
            return _sum(_linear(left), _linear(right))
        case Subtract(left=left, right=right) if not node.shape:
            return _sum(_linear(left), _times(_linear(right), Fraction(-1)))
        case Negate(argument=argument):
            return _times(_linear(argument), Fraction(-1))
        case Number(value=value):
            return {ONE: value} if value else {}
        case Scale(left=Number(value=value), right=right) if not node.shape:
            return _times(_linear(right), value)
        case _:
            return {frozenset(((node, 1),)): Fraction(1)}


def _times(polynomial: Polynomial, number: Fraction) -> Polynomial:
    return {monomial: number * each for monomial, each in polynomial.items()}
