"""Terms that differ at one index, or in scalars only, written as one: what they share stands once, the rest is a sum beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import final

from matcalc.index.assembly import unbracketed
from matcalc.index.form import AtomKind, Factor, Form, Indices, Rational, Term, bracket, rational
from matcalc.index.shortening import weight
from matcalc.language.sizes import Size

MOST_FACTORS = 10  # of a term that is compared with others


def joined(form: Form, finished: Callable[[Form], Form]) -> Form:
    """The form with terms joined where that takes fewer atoms.

    Args:
        form: a sum.
        finished: what finishes the form of a bracket.
    """
    current = form
    while len(current.terms) > 1:
        shorter = _joined_once(current, finished)
        if shorter is None:
            return current
        current = shorter
    return current


def _joined_once(form: Form, finished: Callable[[Form], Form]) -> Form | None:
    terms = form.terms
    for i, first in enumerate(terms):
        for j in range(i + 1, len(terms)):
            made = _pair(first, terms[j], form.axes, finished)
            if made is not None:
                return Form(form.axes, (*terms[:i], made, *terms[i + 1 : j], *terms[j + 1 :]))
    return None


@final
@dataclass(slots=True)
class _Shared:
    """What two terms share, in the indices of the first."""

    common: list[Factor]
    first: list[Factor]
    second: list[Factor]


def _pair(first: Term, second: Term, axes: tuple[Size, ...], finished: Callable[[Form], Form]) -> Term | None:
    """One term for two; None where they share nothing, differ at several indices, or it would be no shorter."""
    if max(len(first.factors), len(second.factors)) > MOST_FACTORS:
        return None
    atoms = [Counter(a.key for a, _, _ in term.factors) for term in (first, second)]
    if atoms[0].keys().isdisjoint(atoms[1]) or _differ_in_matrices(first, atoms[1]) or _differ_in_matrices(second, atoms[0]):
        return None
    shared = _shared(first, second, len(axes))
    if shared is None or not shared.common:
        return None
    ends = {i for _, ix, _ in (*shared.first, *shared.second) for i in ix}
    if len(ends) > 1 or any(a.kind is AtomKind.DELTA for a, _, _ in (*shared.first, *shared.second)):
        return None
    standing = {i for _, ix, _ in shared.common for i in ix}
    if not ends <= standing and any(i >= len(axes) for i in ends):
        return None
    sizes = axes + first.bound
    end = tuple(ends)
    outer, c, d = _outer(first.coefficient, second.coefficient)
    rests = ((c, shared.first), (d, shared.second))
    inner_terms = tuple(Term(number, tuple((a, tuple(0 for _ in ix), e) for a, ix, e in rest), ()) for number, rest in rests)
    inner = finished(unbracketed(Form(tuple(sizes[i] for i in end), inner_terms)))
    inner, outer = _signed(inner, outer)
    before = weight(Form(axes, (first, second)))
    if not inner.terms:
        return None
    if len(inner.terms) > 1:
        made = Term(outer, (*shared.common, (bracket(inner), end, 1)), first.bound)
    elif inner.terms[0].factors:
        return None
    else:
        made = Term(rational(outer * inner.terms[0].coefficient), tuple(shared.common), first.bound)
    kept = {i for _, ix, _ in made.factors for i in ix}
    if any(i not in kept for i in range(len(axes), len(axes) + len(first.bound))):
        return None
    return made if weight(Form(axes, (made,))) < before else None


def _differ_in_matrices(term: Term, others: Counter[bytes]) -> bool:
    """Whether a matrix stands in the term more often than among the others: then they differ at two indices."""
    own: Counter[bytes] = Counter()
    for atom, indices, _ in term.factors:
        own[atom.key] += 1
        if own[atom.key] > others[atom.key] and len(set(indices)) > 1:
            return True
    return False


def _outer(c: Rational, d: Rational) -> tuple[Rational, Rational, Rational]:
    """A number in front of c u + d v, and what is left of both."""
    a, b = Fraction(c), Fraction(d)
    for front in (a, b):
        if (a / front).denominator == 1 and (b / front).denominator == 1:
            return rational(front), rational(a / front), rational(b / front)
    return 1, c, d


def _signed(inner: Form, outer: Rational) -> tuple[Form, Rational]:
    """The bracket with the sign people write: 1 - s, not s - 1."""
    constants = [t for t in inner.terms if not t.factors]
    negative = constants[0].coefficient < 0 if constants else inner.terms[0].coefficient < 0 if inner.terms else False
    if negative:
        inner = Form(inner.axes, tuple(Term(-t.coefficient, t.factors, t.bound) for t in inner.terms))
        outer = -outer
    if constants and inner.terms[0].factors:
        ordered = sorted(inner.terms, key=lambda t: bool(t.factors))
        inner = Form(inner.axes, tuple(ordered))
    return inner, outer


def _shared(first: Term, second: Term, free: int) -> _Shared | None:
    """Both terms matched factor by factor, the indices of the second renamed to those of the first; None where they do not agree."""
    names = {i: i for i in range(free)}
    taken: dict[int, Rational] = {}
    left_of_second: list[Factor] = []
    waiting = list(second.factors)
    while waiting:
        found = _best(first, waiting, names, taken)
        if found is None:
            break
        place, at, renaming = found
        names |= renaming
        atom, indices, power = first.factors[at]
        other = waiting.pop(place)[2]
        power = power if (power <= other) == (power > 0) else other
        taken[at] = power
        if other != power:
            left_of_second.append((atom, indices, rational(other - power)))
    for atom, indices, power in waiting:
        if any(i not in names for i in indices):
            return None
        left_of_second.append((atom, tuple(names[i] for i in indices), power))
    common = [(a, ix, taken[k]) for k, (a, ix, _) in enumerate(first.factors) if k in taken]
    left = [(a, ix, rational(e - taken.get(k, 0))) for k, (a, ix, e) in enumerate(first.factors) if e != taken.get(k, 0)]
    return _Shared(common, left, left_of_second)


def _best(
    first: Term, waiting: list[Factor], names: dict[int, int], taken: dict[int, Rational]
) -> tuple[int, int, dict[int, int]] | None:
    """The factor of the second term that fits one of the first with the fewest new names."""
    best: tuple[int, int, int, dict[int, int]] | None = None
    used = set(names.values())
    for place, (atom, indices, power) in enumerate(waiting):
        for at, (other, ends, exponent) in enumerate(first.factors):
            if at in taken or other.key != atom.key or power * exponent <= 0:
                continue
            for way in (indices, indices[::-1]) if atom.symmetric else (indices,):
                renaming = _renaming(way, ends, names, used)
                if renaming is not None and (best is None or len(renaming) < best[0]):
                    best = len(renaming), place, at, renaming
    return None if best is None else best[1:]


def _renaming(indices: Indices, ends: Indices, names: dict[int, int], used: set[int]) -> dict[int, int] | None:
    made: dict[int, int] = {}
    for i, end in zip(indices, ends, strict=True):
        known = names.get(i, made.get(i))
        if known is None:
            if end in used or end in made.values():
                return None
            made[i] = end
        elif known != end:
            return None
    return made
