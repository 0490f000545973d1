"""Building forms from forms: opening them at indices, multiplying sums, contracting axes.

A `Scope` hands out indices for one form under construction. Sums inside products stay one factor, a bracket; what has one term is
multiplied in, and a short sum is multiplied out only where the other side is a single term, so that cancellation is seen
and nothing grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import final

from matcalc.index.canonical import close, reciprocal, size_factors
from matcalc.index.form import Atom, AtomKind, Factor, Form, Indices, OpenTerm, Rational, bracket, rational
from matcalc.language.sizes import Size

MOST_TERMS_SPREAD = 6  # a longer sum stays a bracket when something is multiplied to it


@final
class Scope:
    """The indices of one form under construction, and their sizes."""

    __slots__ = ("sizes",)

    def __init__(self) -> None:
        self.sizes: list[Size] = []

    def fresh(self, size: Size) -> int:
        """A new index of that size."""
        self.sizes.append(size)
        return len(self.sizes) - 1

    def fresh_all(self, sizes: Sequence[Size]) -> Indices:
        """New indices of those sizes."""
        start = len(self.sizes)
        self.sizes.extend(sizes)
        return tuple(range(start, start + len(sizes)))

    def opened(self, form: Form, indices: Indices) -> list[OpenTerm]:
        """The terms of a form at these indices, with new summed indices."""
        count = len(indices)
        opened: list[OpenTerm] = []
        for term in form.terms:
            if term.bound:
                names = indices + self.fresh_all(term.bound)
                opened.append((term.coefficient, [(a, tuple([names[i] for i in ix]), e) for a, ix, e in term.factors]))
            elif count == 1 and indices[0] == 0 or not count:
                opened.append((term.coefficient, list(term.factors)))
            else:
                opened.append((term.coefficient, [(a, tuple([indices[i] for i in ix]), e) for a, ix, e in term.factors]))
        return opened

    def bracketed(self, terms: list[OpenTerm], free: Indices) -> list[OpenTerm]:
        """The sum as one factor, if it has several terms."""
        if len(terms) == 1:
            return terms
        form = close(terms, free, self.sizes)
        if len(form.terms) < 2:
            return self.opened(form, free)
        return [(1, [(bracket(form), free, 1)])]

    def spread(self, form: Form, indices: Indices) -> list[OpenTerm]:
        """The terms of a form at these indices, or one bracket where that is shorter than multiplying something to each."""
        terms = self.opened(form, indices)
        return self.bracketed(terms, tuple(dict.fromkeys(indices))) if len(terms) > MOST_TERMS_SPREAD else terms

    def product(self, left: list[OpenTerm], left_free: Indices, right: list[OpenTerm], right_free: Indices) -> list[OpenTerm]:
        """The product of two sums; each index is named alike where they are to meet."""
        for one, other in ((left, right), (right, left)):
            if len(one) == 1 and not one[0][1]:  # a number
                return [(rational(one[0][0] * c), f) for c, f in other]
        left, right = self.bracketed(left, left_free), self.bracketed(right, right_free)
        if not left or not right:
            return []
        (c, f), (d, g) = left[0], right[0]
        return [(rational(c * d), f + g)]

    def summed(self, terms: list[OpenTerm], indices: Sequence[int]) -> list[OpenTerm]:
        """The sum over indices: where one stands in no factor, its size."""
        for i in indices:
            extra: list[OpenTerm] = []
            for coefficient, factors in terms:
                if not any(i in ix for _, ix, _ in factors):
                    times, sizes = size_factors(self.sizes[i])
                    coefficient, factors = coefficient * times, factors + sizes
                extra.append((coefficient, factors))
            terms = extra
        return terms


def raised(scope: Scope, terms: list[OpenTerm], free: Indices, exponent: Rational) -> list[OpenTerm]:
    """The entrywise power of a sum.

    The power is taken factor by factor only where that is an identity of real numbers: a single term without summed indices, and
    an exponent that is whole or meets a lone factor.
    """
    exponent = rational(exponent)
    if exponent == 1:
        return terms
    if exponent == 0:
        return [(1, [])]
    form = close(terms, free, scope.sizes)
    if len(form.terms) == 1:
        (term,) = form.terms
        coefficient, factors = term.coefficient, term.factors
        has_delta = any(atom.kind is AtomKind.DELTA for atom, _, _ in factors)
        whole = isinstance(exponent, int) and not (has_delta and exponent < 0)
        lone = coefficient == 1 and len(factors) == 1 and factors[0][2] == 1 and not has_delta
        sizes_only = coefficient == 1 and all(atom.kind is AtomKind.SIZE for atom, _, _ in factors)
        if not term.bound and (whole or lone or sizes_only):
            number = rational(Fraction(coefficient) ** exponent) if isinstance(exponent, int) else 1
            taken = [(a, tuple([free[i] for i in ix]), rational(e * exponent)) for a, ix, e in factors]
            if number == 1 and len(taken) == 1 and taken[0][0].kind is AtomKind.BRACKET and taken[0][2] == 1:
                return scope.opened(taken[0][0].payload[0], taken[0][1])
            return [(number, taken)]
    return [(1, [(bracket(form), free, exponent)])]


def inverted(scope: Scope, terms: list[OpenTerm], free: Indices) -> list[OpenTerm]:
    """The entrywise reciprocal of a sum."""
    if len(terms) == 1 and not terms[0][1] and terms[0][0] != 0:
        return [(reciprocal(terms[0][0]), [])]
    return raised(scope, terms, free, -1)


def contracted(left: Form, right: Form, over: int) -> Form:
    """The form of left times right, summed over the last ``over`` axes of left, which are the first of right."""
    scope = Scope()
    outer = scope.fresh_all(left.axes[: len(left.axes) - over])
    joint = scope.fresh_all(right.axes[:over])
    inner = scope.fresh_all(right.axes[over:])
    first = scope.bracketed(scope.opened(left, outer + joint), outer + joint)
    second = scope.spread(right, joint + inner)
    terms = [(rational(c * d), g + f) for c, f in first for d, g in second]
    return unbracketed(close(scope.summed(terms, joint), outer + inner, scope.sizes))


def unbracketed(form: Form) -> Form:
    """The form with a bracket written out where it stands alone in its term."""
    if not any(_lone_bracket(term.coefficient, term.factors) for term in form.terms):
        return form
    scope = Scope()
    free = scope.fresh_all(form.axes)
    terms: list[OpenTerm] = []
    for coefficient, factors in scope.opened(form, free):
        inner = _lone_bracket(coefficient, factors)
        if inner is None:
            terms.append((coefficient, factors))
            continue
        atom, indices, _ = inner
        summed = [i for i in dict.fromkeys(indices) if i not in free]
        inside = scope.summed(scope.opened(atom.payload[0], indices), summed)
        terms.extend((rational(coefficient * c), f) for c, f in inside)
    return unbracketed(close(terms, free, scope.sizes))


def _lone_bracket(coefficient: Rational, factors: Sequence[Factor]) -> Factor | None:
    """The bracket that is the whole term but for its sign; a multiple of a sum stays one, as people write 2 (a - y)."""
    if len(factors) == 1 and factors[0][0].kind is AtomKind.BRACKET and factors[0][2] == 1 and coefficient in (1, -1):
        return factors[0]
    return None


def added(forms: Sequence[Form]) -> Form:
    """The sum of forms with the same axes."""
    if len(forms) == 1:
        return forms[0]
    scope = Scope()
    free = scope.fresh_all(forms[0].axes)
    return close([term for form in forms for term in scope.opened(form, free)], free, scope.sizes)


def exchanged(form: Form, exchange: Mapping[bytes, Atom]) -> Form:
    """The form with atoms exchanged for others of the same axes, at every depth of brackets."""
    if not _holds(form, exchange):
        return form
    scope = Scope()
    free = scope.fresh_all(form.axes)
    terms: list[OpenTerm] = []
    for coefficient, factors in scope.opened(form, free):
        terms.append((coefficient, [(_exchanged_atom(atom, exchange), indices, e) for atom, indices, e in factors]))
    return close(terms, free, scope.sizes)


def _exchanged_atom(atom: Atom, exchange: Mapping[bytes, Atom]) -> Atom:
    if atom.kind is AtomKind.BRACKET:
        return bracket(exchanged(atom.payload[0], exchange))
    return exchange.get(atom.key, atom)


def _holds(form: Form, exchange: Mapping[bytes, Atom]) -> bool:
    """Whether one of the atoms stands in the form."""
    return any(
        atom.key in exchange or (atom.kind is AtomKind.BRACKET and _holds(atom.payload[0], exchange))
        for term in form.terms
        for atom, _, _ in term.factors
    )
