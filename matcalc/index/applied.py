"""Powers and functions of a part, entry by entry."""

from __future__ import annotations

from typing import Any

from matcalc.index.assembly import raised
from matcalc.index.form import Rational, function_atom
from matcalc.index.functions import SPECIAL_POWERS, derivative_terms
from matcalc.index.parts import Lowering, Part
from matcalc.language.elementwise import ElementwiseFunction


def raised_part(run: Lowering, part: Part, exponent: Rational) -> Part:
    """The power of each entry."""
    return Part(part.rows, part.columns, raised(run.scope, part.terms, part.free, exponent))


def one_atom(part: Part, atom: Any) -> Part:
    """A part that is one atom at the indices of another."""
    return Part(part.rows, part.columns, [(1, [(atom, part.free, 1)])])


def applied(run: Lowering, part: Part, function: ElementwiseFunction) -> Part:
    """A function of a part; primes of a known function are carried out by its row in the table."""
    if not function.known:
        return one_atom(part, function_atom(function, run.closed(part).form))
    if function.order:
        form = run.closed(part).form
        terms = derivative_terms(function, form, part.free, run.scope)
        return Part(part.rows, part.columns, terms)
    if function.name in SPECIAL_POWERS:
        return raised_part(run, part, SPECIAL_POWERS[function.name])
    return one_atom(part, function_atom(function, run.closed(part).form))
