"""Simplifying terms: `close` turns open terms, whose indices are any ints, into a `Form`.

Deltas are contracted, equal factors merged, a summed index that stands in no factor becomes its size, and like terms are
collected. The form is sound, not complete: equal keys mean equal values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from matcalc.index.exponents import Range
from matcalc.index.form import Atom, AtomKind, Factor, Form, Indices, OpenTerm, Rational, Term, rational, size_atom
from matcalc.index.joining import JOINING, count_factors, joined
from matcalc.language.sizes import Size


def close(terms: Iterable[OpenTerm], free: Sequence[int], sizes: Sequence[Size]) -> Form:
    """The form of open terms with free indices ``free``, in this order of axes; every other index is summed.

    Args:
        terms: coefficient and factors of each term.
        free: the open indices that become axes 0..k-1.
        sizes: the size of each open index.
    """
    position = {index: axis for axis, index in enumerate(free)}
    found: list[Term] = []
    for coefficient, factors in terms:
        simple = _simplified(coefficient, factors, position, sizes, ())
        if any(factor[0].kind in JOINING for factor in simple[1]):
            simple = _joined(simple, position, sizes)
        if simple[0] != 0:
            found.append(_labelled(simple, position, sizes))
    return Form(tuple([sizes[i] for i in free]), tuple(found if len(found) < 2 else _collected(found, len(free))))


def _joined(term: OpenTerm, free: dict[int, int], sizes: Sequence[Size]) -> OpenTerm:
    """Powers of one matrix joined, and derivatives of matrix functions with what commutes."""
    while True:
        found = joined(*term, free)
        if found is None:
            return term
        coefficient, factors, idle = found
        term = _simplified(coefficient, factors, free, sizes, idle)


def _collected(terms: Sequence[Term], free: int) -> list[Term]:
    """Like terms added up. Keys are taken only where the atoms of two terms agree: they cost most."""
    by_atoms: dict[object, list[int]] = {}
    for place, term in enumerate(terms):
        atoms = tuple(sorted([(atom.key, exponent) for atom, _, exponent in term.factors]))
        by_atoms.setdefault(atoms, []).append(place)
    totals = dict(enumerate(terms))
    for places in by_atoms.values():
        if len(places) < 2:
            continue
        first_with: dict[bytes, int] = {}
        for place in places:
            first = first_with.setdefault(terms[place].key(free), place)
            if first != place:
                kept, other = totals[first], totals.pop(place)
                totals[first] = Term(rational(kept.coefficient + other.coefficient), kept.factors, kept.bound)
    return [term for term in totals.values() if term.coefficient != 0]


def _simplified(
    coefficient: Rational, factors: Iterable[Factor], free: dict[int, int], sizes: Sequence[Size], summed: Iterable[int]
) -> OpenTerm:
    """Deltas contracted, equal factors merged, sizes of idle summed indices multiplied in."""
    merged: dict[tuple[bytes, Indices], Factor] = {}
    deltas: list[Factor] = []
    idle = set(summed)
    for factor in factors:
        atom, indices, exponent = factor
        if atom.kind is AtomKind.DELTA:
            deltas.append(factor)
            continue
        key = (atom.key, tuple(sorted(indices)) if atom.symmetric else indices)
        other = merged.get(key)
        merged[key] = factor if other is None else (atom, indices, rational(other[2] + exponent))
    if deltas:
        return _contracted(coefficient, list(merged.values()), deltas, free, sizes, idle)
    kept = [factor for factor in merged.values() if factor[2] != 0]
    if len(kept) != len(merged):
        idle.update(i for _, indices, exponent in merged.values() if exponent == 0 for i in indices if i not in free)
    if idle:
        idle.difference_update(i for _, indices, _ in kept for i in indices)
        for i in sorted(idle):
            coefficient = _times_size(coefficient, kept, sizes[i])
    return coefficient, kept


def _times_size(coefficient: Rational, factors: list[Factor], size: Size) -> Rational:
    """Multiply by a size: named sizes become factors, and so does the number of values of an index that counts powers."""
    if isinstance(size, Range):
        number, counted = count_factors(size)
        for atom, _, exponent in counted:
            _multiply(factors, atom, exponent)
        return rational(coefficient * number)
    if isinstance(size, int):
        return coefficient * size
    for name in size.names:
        _multiply(factors, size_atom(name), 1)
    return coefficient * size.coefficient


def _multiply(factors: list[Factor], atom: Atom, exponent: Rational) -> None:
    """Multiply by a scalar atom to a power."""
    for place, (other, _, power) in enumerate(factors):
        if other == atom:
            factors[place] = (atom, (), rational(power + exponent))
            break
    else:
        factors.append((atom, (), exponent))
    factors[:] = [factor for factor in factors if factor[2] != 0]


def _contracted(
    coefficient: Rational, factors: list[Factor], deltas: list[Factor], free: dict[int, int], sizes: Sequence[Size], idle: set[int]
) -> OpenTerm:
    """Rename along deltas; a delta between two free indices stays, and the other factors use the earlier of the two."""
    name: dict[int, int] = {}

    def root(i: int) -> int:
        while i in name:
            i = name[i]
        return i

    kept: list[Factor] = []
    for atom, (first, second), _ in deltas:
        i, j = root(first), root(second)
        if i == j:
            if i not in free:
                idle.add(i)
            continue
        if i in free and (j not in free or free[i] < free[j]):
            i, j = j, i
        if i in free:  # both are free and i is the later one
            kept.append((atom, (j, i), 1))
        name[i] = j
        idle.discard(i)
        if j not in free:
            idle.add(j)
    renamed: list[Factor] = [(atom, tuple(root(i) for i in indices), exponent) for atom, indices, exponent in factors]
    deltas_left = [(atom, (root(j), i), exponent) for atom, (j, i), exponent in kept]
    idle = {root(i) for i in idle} - free.keys()
    coefficient, merged = _simplified(coefficient, renamed, free, sizes, idle)
    return coefficient, merged + deltas_left


def _labelled(term: OpenTerm, free: dict[int, int], sizes: Sequence[Size]) -> Term:
    """The term with its free indices as axes, and its summed indices numbered as they occur."""
    coefficient, factors = term
    labels = dict(free)
    bound: list[Size] = []
    for _, indices, _ in factors:
        for i in indices:
            if i not in labels:
                labels[i] = len(labels)
                bound.append(sizes[i])
    relabelled = tuple([(atom, tuple([labels[i] for i in indices]), exponent) for atom, indices, exponent in factors])
    return Term(coefficient, relabelled, tuple(bound))


def reciprocal(value: Rational) -> Rational:
    """1 / value, exactly."""
    return rational(Fraction(1) / value)


def size_factors(size: Size) -> tuple[Rational, list[Factor]]:
    """A size as a coefficient and size atoms."""
    factors: list[Factor] = []
    return _times_size(1, factors, size), factors
