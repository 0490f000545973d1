"""The rules of differentiation of what acts on a whole matrix: pseudo-inverses, powers, and functions given by power series."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from matcalc.errors import UnsupportedError
from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.commuting import generator
from matcalc.index.exponents import Exponent, Range
from matcalc.index.form import (
    Atom, AtomKind, Factor, Form, Indices, OpenTerm, PowerOf, assumed_atom, bracket, delta, frechet_atom, pseudo_inverse_atom, rational,
)  # fmt: skip
from matcalc.index.joining import power_factors

Derive: TypeAlias = Callable[[Form, Atom], Form]

INSIDE = ("inside",)  # the payload of a variable that stands for the entries of a form, and not for a name


def pseudo_inverse(atom: Atom, by: Atom, derive: Derive) -> Form:
    """dX^+ = -X^+ dX X^+ + X^+ X^+T dX^T (I - X X^+) + (I - X^+ X) dX^T X^+T X^+, for X of constant rank.

    Of a column that is not zero X^+ X is 1, and of a row X X^+ is.
    """
    form, rows = atom.payload
    inner = derive(form, by)
    scope = Scope()
    free, wrt, inside = scope.fresh_all(atom.sizes), scope.fresh_all(by.sizes), scope.fresh_all(form.axes)
    one, other = scope.fresh_all(form.axes), scope.fresh_all(form.axes)  # summed indices of X^+T X^+ and X^+ X^+T
    same = pseudo_inverse_atom(form, rows)
    count = len(form.axes) - rows
    left, right, row, column = free[:count], free[count:], inside[:rows], inside[rows:]
    terms: list[OpenTerm] = []
    for c, f in scope.spread(inner, inside + wrt):
        terms.append((-c, [(same, left + row, 1), *f, (same, column + right, 1)]))
        if row:
            lost = _complement(form, rows, AtomKind.PSEUDO_INVERSE)
            terms.append((c, [(same, left + one[:rows], 1), (same, column + one[:rows], 1), *f, (lost, row + right, 1)]))
        if column:
            lost = _complement(form, rows, AtomKind.VARIABLE)
            terms.append((c, [(lost, left + column, 1), *f, (same, other[rows:] + row, 1), (same, other[rows:] + right, 1)]))
    return close(terms, free + wrt, scope.sizes)


def _complement(form: Form, rows: int, last: AtomKind) -> Atom:
    """I - X X^+ where the pseudo-inverse stands last, else I - X^+ X: a symmetric matrix, on what X maps nothing to or from."""
    scope = Scope()
    same = pseudo_inverse_atom(form, rows)
    axes = form.axes[:rows] if last is AtomKind.PSEUDO_INVERSE else form.axes[rows:]
    first, second, inside = scope.fresh_all(axes), scope.fresh_all(axes), scope.fresh_all(form.axes)
    terms: list[OpenTerm] = [(1, [(delta(size), (i, j), 1) for size, i, j in zip(axes, first, second, strict=True)])]
    if last is AtomKind.PSEUDO_INVERSE:
        terms += [(-c, [*f, (same, inside[rows:] + second, 1)]) for c, f in scope.opened(form, first + inside[rows:])]
    else:
        terms += [(-c, [(same, first + inside[:rows], 1), *f]) for c, f in scope.opened(form, inside[:rows] + second)]
    made = bracket(close(terms, first + second, scope.sizes))
    return assumed_atom(made, frozenset(), symmetric=len(axes) == 1)


def matrix_power(atom: Atom, by: Atom, derive: Derive) -> Form:
    """d(U^k) = sum of U^r dU U^(k-1-r) over r from 0 to k-1; of a negative power -sum of U^(-1-r) dU U^(r-k)."""
    form, rows, power = atom.payload
    if by.payload != INSIDE:
        refuse_exponent(atom, by.names)
    inner = derive(form, by)
    if power.ranges:
        return _through(frechet_atom(power, form, rows), atom, inner, by)
    scope = Scope()
    free, wrt, inside = scope.fresh_all(atom.sizes), scope.fresh_all(by.sizes), scope.fresh_all(form.axes)
    exponent: Exponent = power.exponent
    negative = exponent.is_negative
    span = Range(exponent.times(-1) if negative else exponent)
    index = scope.fresh(PowerOf(exponent, (1,), (span,)).sizes[0])
    first, second = (Exponent(-1), exponent) if negative else (Exponent(0), exponent - Exponent(1))
    step = -1 if negative else 1
    _, before = power_factors(form, rows, first, free[:rows] + inside[:rows], {index: (span, step)})
    _, after = power_factors(form, rows, second, inside[rows:] + free[rows:], {index: (span, -step)})
    terms: list[OpenTerm] = [(rational(step * c), [*before, *f, *after]) for c, f in _along(scope, inner, form, inside + wrt)]
    return close(terms, free + wrt, scope.sizes)


def refuse_exponent(atom: Atom, names: frozenset[str]) -> None:
    """Raise if a matrix is raised to a power that depends on a variable.

    Raises:
        UnsupportedError: it does.
    """
    if atom.kind is AtomKind.MATRIX_POWER or (atom.kind is AtomKind.FRECHET and isinstance(atom.payload[2], PowerOf)):
        found = sorted(atom.payload[2].names & names)
        if found:
            raise UnsupportedError(
                f"There is no derivative by {found[0]}: it stands in the exponent of a matrix, and such a power is defined for whole "
                "numbers only. Derive by what stands in the base."
            )


def matrix_function(atom: Atom, by: Atom, derive: Derive) -> Form:
    """dg(U) = L(U, dU), the derivative of g at U along dU."""
    form, rows, function = atom.payload
    return _through(frechet_atom(function, form, rows), atom, derive(form, by), by)


def frechet(atom: Atom, by: Atom, derive: Derive) -> Form:
    """The derivative of a derivative along directions: one direction more."""
    form, rows, function, order = atom.payload
    if by.payload != INSIDE:
        refuse_exponent(atom, by.names)
    return _through(frechet_atom(function, form, rows, order + 1), atom, derive(form, by), by)


def _through(outer: Atom, atom: Atom, inner: Form, by: Atom) -> Form:
    """An atom with one direction more, along the derivative of the matrix inside; the indices in exponents stay its last axes."""
    scope = Scope()
    free, wrt = scope.fresh_all(atom.sizes), scope.fresh_all(by.sizes)
    inside = scope.fresh_all(atom.payload[0].axes)
    function = atom.payload[2]
    count = len(free) - (len(function.ranges) if isinstance(function, PowerOf) else 0)
    factor: Factor = (outer, free[:count] + inside + free[count:], 1)
    return close([(c, [factor, *f]) for c, f in _along(scope, inner, atom.payload[0], inside + wrt)], free + wrt, scope.sizes)


def _along(scope: Scope, inner: Form, form: Form, indices: Indices) -> list[OpenTerm]:
    """The derivative of the matrix inside; as one factor where the whole of it commutes with the matrix and its terms do not."""
    if len(inner.terms) > 1 and len(inner.axes) == len(form.axes) == 2 and generator(inner) == generator(form):
        return [(1, [(bracket(inner), indices, 1)])]
    return scope.spread(inner, indices)
