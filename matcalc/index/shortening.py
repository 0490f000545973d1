"""Multiplying out: the expanded form, taken for display only where something cancels and the result is shorter."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.form import AtomKind, Factor, Form, OpenTerm, nested_forms, rational

MOST_TERMS = 64


def expanded(form: Form, most: int = MOST_TERMS) -> Form | None:
    """The form with every sum multiplied out, or None where that takes more than ``most`` terms."""
    out: dict[bytes, Form] = {}
    for inner in nested_forms([form]):
        result = _multiplied_out(inner, out, most)
        if result is None:
            return None
        out[inner.key] = result
    return out[form.key]


def _multiplied_out(form: Form, out: dict[bytes, Form], most: int) -> Form | None:
    scope = Scope()
    free = scope.fresh_all(form.axes)
    terms: list[OpenTerm] = []
    for coefficient, factors in scope.opened(form, free):
        summed = list(dict.fromkeys(i for _, ix, _ in factors for i in ix if i not in free))
        products: list[OpenTerm] = [(coefficient, [])]
        for factor in factors:
            times = factor[2] if _is_sum(factor) else 1
            assert isinstance(times, int)
            if times > most:
                return None
            for _ in range(times):
                right = scope.opened(out[factor[0].payload[0].key], factor[1]) if _is_sum(factor) else [(1, [factor])]
                if len(products) * len(right) > most:
                    return None
                products = [(rational(c * d), f + g) for c, f in products for d, g in right]
        terms.extend(scope.summed(products, summed))
        if len(terms) > most:
            return None
    return close(terms, free, scope.sizes)


def _is_sum(factor: Factor) -> bool:
    """Whether a factor is a sum to a whole positive power."""
    return factor[0].kind is AtomKind.BRACKET and isinstance(factor[2], int) and factor[2] > 0


def weight(form: Form) -> int:
    """How many atoms the form is written with, those inside brackets counted."""
    weights: dict[bytes, int] = {}
    for inner in nested_forms([form]):
        atoms = [atom for term in inner.terms for atom, _, _ in term.factors]
        weights[inner.key] = sum(1 + (weights[atom.payload[0].key] if atom.kind is AtomKind.BRACKET else 0) for atom in atoms)
    return weights[form.key]


def shortened(form: Form) -> Form:
    """The form, with sums multiplied out where a quotient inside cancels a factor outside and the result has fewer atoms."""
    if not any(_cancelling(term.factors) for term in form.terms):
        return form
    spread = _spread_cancelling(form)
    candidates = [form, spread, expanded(spread)]
    return min((c for c in candidates if c is not None), key=weight)


def _cancelling(factors: Sequence[Factor]) -> list[Factor]:
    """The sums among the factors in which something is divided by another of the factors."""
    outside = {atom.key for atom, _, exponent in factors if exponent > 0}
    return [
        factor
        for factor in factors
        if _is_sum(factor)
        and any(e < 0 and inner.key in outside for term in factor[0].payload[0].terms for inner, _, e in term.factors)
    ]


def _spread_cancelling(form: Form) -> Form:
    """Only those sums multiplied out, so that their quotients meet the factors they cancel."""
    scope = Scope()
    free = scope.fresh_all(form.axes)
    terms: list[OpenTerm] = []
    for coefficient, factors in scope.opened(form, free):
        summed = list(dict.fromkeys(i for _, ix, _ in factors for i in ix if i not in free))
        chosen = [factor for factor in _cancelling(factors) if factor[2] == 1]
        products: list[OpenTerm] = [(coefficient, [f for f in factors if f not in chosen])]
        for atom, indices, _ in chosen:
            right = scope.opened(atom.payload[0], indices)
            products = [(rational(c * d), f + g) for c, f in products for d, g in right]
        terms.extend(scope.summed(products, summed))
    return close(terms, free, scope.sizes)
