"""Atoms made again of other forms, and what is known of their signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import final

from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.form import (
    Atom, AtomKind, Factor, Form, bracket, determinant_atom, frechet_atom, function_atom, inverse_atom, map_atom, matrix_function_atom,
    power_atom, pseudo_inverse_atom, softmax_atom,
)  # fmt: skip

Forms = tuple[Form, ...]

# The atom of one other form in place of its own.
REBUILT: Mapping[AtomKind, Callable[[Atom, Form], Atom]] = MappingProxyType(
    {
        AtomKind.FUNCTION: lambda atom, form: function_atom(atom.payload[1], form),
        AtomKind.BRACKET: lambda atom, form: bracket(form),
        AtomKind.INVERSE: lambda atom, form: inverse_atom(form, atom.payload[1]),
        AtomKind.PSEUDO_INVERSE: lambda atom, form: pseudo_inverse_atom(form, atom.payload[1]),
        AtomKind.DETERMINANT: lambda atom, form: determinant_atom(form, atom.payload[1]),
        AtomKind.SOFTMAX: lambda atom, form: softmax_atom(form, atom.payload[1]),
        AtomKind.MATRIX_POWER: lambda atom, form: power_atom(form, atom.payload[1], atom.payload[2]),
        AtomKind.MATRIX_FUNCTION: lambda atom, form: matrix_function_atom(atom.payload[2], form, atom.payload[1]),
        AtomKind.FRECHET: lambda atom, form: frechet_atom(atom.payload[2], form, atom.payload[1], atom.payload[3]),
    }
)


@final
@dataclass(frozen=True, slots=True)
class Rebuilt:
    """An atom for another, and whether its two axes stand the other way round."""

    atom: Atom
    turned: bool = False


def rebuilt(atom: Atom, forms: Forms) -> Atom:
    """The atom of other forms in place of its own, with the same axes."""
    if all(made.key == own.key for made, own in zip(forms, atom.forms, strict=True)):
        return atom
    if atom.kind is AtomKind.MAP:
        function, _, wrt = atom.payload
        return map_atom(function, forms, wrt)
    return REBUILT[atom.kind](atom, forms[0])


def transposed_form(form: Form) -> Form:
    """The form with its two axes exchanged."""
    scope = Scope()
    i, j = scope.fresh_all(form.axes)
    return close(scope.opened(form, (i, j)), (j, i), scope.sizes)


# ---- signs -----------------------------------------------------------------------------------------------------------
# Only what is a product of squares, of exponentials and of symbols assumed positive: that much holds over a finite field as well, where
# squares play the positive numbers, so that exact numbers can judge what is made of it.


def is_positive(form: Form) -> bool:
    """Whether the entries are products of what is known to be positive."""
    return _is_product_of(form, _is_positive)


def is_nonnegative(form: Form) -> bool:
    """Whether the entries are products of what is known not to be negative."""
    return _is_product_of(form, _is_nonnegative)


def _is_product_of(form: Form, has_sign: Callable[[Factor], bool]) -> bool:
    if len(form.terms) != 1:
        return False
    (term,) = form.terms
    return not term.bound and term.coefficient > 0 and all(map(has_sign, term.factors))


def _is_positive(factor: Factor) -> bool:
    atom, _, exponent = factor
    match atom.kind:
        case AtomKind.VARIABLE:
            return "positive" in atom.assumed or (_is_even(exponent) and "nonzero" in atom.assumed)
        case AtomKind.FUNCTION:
            function = atom.payload[1]
            return bool(function.known) and not function.order and function.name == "exp"
        case kind:
            return kind is AtomKind.SIZE


def _is_nonnegative(factor: Factor) -> bool:
    atom, _, exponent = factor
    return _is_even(exponent) or _is_positive(factor) or atom.kind is AtomKind.DELTA or "nonnegative" in atom.assumed


def _is_even(exponent: int | Fraction) -> bool:
    return isinstance(exponent, int) and exponent % 2 == 0
