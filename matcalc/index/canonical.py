"""Simplifying terms and labelling their summed indices, so that equal terms become equal keys.

`close` turns open terms, whose indices are any ints, into a `Form`: deltas are contracted, equal factors merged, a summed index
that stands in no factor becomes its size, and like terms are collected. The form is sound, not complete: equal keys mean equal
values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import groupby

from matcalc.index.form import AtomKind, Factor, Form, Indices, OpenTerm, Rational, Term, digest, rational, size_atom
from matcalc.language.sizes import Size


def close(terms: Iterable[OpenTerm], free: Sequence[int], sizes: Sequence[Size], bound: Iterable[Sequence[int]] | None = None) -> Form:
    """The form of open terms with free indices ``free``, in this order of axes.

    Args:
        terms: coefficient and factors of each term.
        free: the open indices that become axes 0..k-1.
        sizes: the size of each open index.
        bound: for each term the indices it sums over; without it, every index of its factors that is not free.
    """
    position = {index: axis for axis, index in enumerate(free)}
    collected: dict[bytes, Term] = {}
    bounds = bound if bound is not None else ((),) * len(terms := list(terms))
    for (coefficient, factors), summed in zip(terms, bounds, strict=True):
        found = _simplified(coefficient, factors, position, sizes, summed)
        if found[0] == 0:
            continue
        term = _labelled(found, position, sizes)
        other = collected.get(term.key)
        if other is not None:
            total = rational(other.coefficient + term.coefficient)
            term = Term(total, other.factors, other.bound, other.key)
        collected[term.key] = term
    return Form(tuple(sizes[i] for i in free), tuple(t for t in collected.values() if t.coefficient != 0))


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
        key = (atom.key, indices)
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
    """Multiply by a size: named sizes become factors."""
    if isinstance(size, int):
        return coefficient * size
    for name in size.names:
        atom = size_atom(name)
        for place, (other, _, exponent) in enumerate(factors):
            if other == atom:
                factors[place] = (atom, (), rational(exponent + 1))
                break
        else:
            factors.append((atom, (), 1))
    factors[:] = [factor for factor in factors if factor[2] != 0]
    return coefficient * size.coefficient


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
    """The term with its summed indices relabelled canonically."""
    coefficient, factors = term
    labels = dict(free)
    bound: list[int] = []
    for _, indices, _ in factors:
        for i in indices:
            if i not in labels:
                labels[i] = -1
                bound.append(i)
    start = len(free)
    if len(bound) > 1:
        bound = _canonical_order(factors, bound, labels, sizes)
    for label, i in enumerate(bound, start):
        labels[i] = label
    relabelled = tuple((atom, tuple([labels[i] for i in indices]), exponent) for atom, indices, exponent in factors)
    bound_sizes = tuple([sizes[i] for i in bound])
    return Term(coefficient, relabelled, bound_sizes, _term_key(relabelled, bound_sizes))


def _term_key(factors: Iterable[Factor], bound: tuple[Size, ...]) -> bytes:
    return digest((sorted([(atom.key, indices, str(exponent)) for atom, indices, exponent in factors]), repr(bound)))


def _canonical_order(factors: list[Factor], bound: list[int], labels: dict[int, int], sizes: Sequence[Size]) -> list[int]:
    """The summed indices in an order that does not depend on how they were called.

    Indices are coloured by where they stand and what stands beside them until the colouring is stable; a tie that is left is
    broken by trying each of its members, within one connected component at a time.
    """
    colours = _refined({i: (0, repr(sizes[i])) for i in bound}, factors, labels)
    if len(set(colours.values())) == len(bound):
        return sorted(bound, key=colours.__getitem__)
    ordered: list[tuple[bytes, list[int]]] = []
    for component in _components(factors, bound):
        members = set(component)
        inside = [factor for factor in factors if members.intersection(factor[1])]
        ordered.append(_tie_broken(inside, component, {i: colours[i] for i in component}, labels, sizes))
    ordered.sort(key=lambda entry: entry[0])
    return [i for _, component in ordered for i in component]


Colour = tuple[int, object]


def _refined(colours: dict[int, Colour], factors: list[Factor], labels: dict[int, int]) -> dict[int, Colour]:
    """Colours refined by their neighbours until they split no further."""
    classes = len(set(colours.values()))
    ranks = {colour: rank for rank, colour in enumerate(sorted(set(colours.values()), key=repr))}
    current = {i: ranks[c] for i, c in colours.items()}
    while True:
        seen: dict[int, list[object]] = {i: [] for i in current}
        for atom, indices, exponent in factors:
            names = tuple([(1, current[i]) if i in current else (0, labels[i]) for i in indices])
            for place, i in enumerate(indices):
                if i in seen:
                    seen[i].append((atom.key, str(exponent), place, names))
        signatures = {i: (current[i], sorted(places)) for i, places in seen.items()}  # type: ignore[type-var]
        distinct = sorted({repr(s) for s in signatures.values()})
        order = {text: rank for rank, text in enumerate(distinct)}
        current = {i: order[repr(s)] for i, s in signatures.items()}
        if len(distinct) == classes or len(distinct) == len(current):
            return {i: (rank, "") for i, rank in current.items()}
        classes = len(distinct)


def _components(factors: list[Factor], bound: list[int]) -> list[list[int]]:
    """Summed indices that are joined by factors."""
    group = {i: i for i in bound}

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    for _, indices, _ in factors:
        joined = [i for i in indices if i in group]
        for i in joined[1:]:
            group[root(i)] = root(joined[0])
    by_root = sorted(bound, key=root)
    return [list(members) for _, members in groupby(by_root, key=root)]


def _tie_broken(
    factors: list[Factor], component: list[int], colours: dict[int, Colour], labels: dict[int, int], sizes: Sequence[Size]
) -> tuple[bytes, list[int]]:
    """The least key of the component over the ways to break ties, and its order."""
    by_colour: dict[Colour, list[int]] = {}
    for i in component:
        by_colour.setdefault(colours[i], []).append(i)
    tied = next((members for _, members in sorted(by_colour.items()) if len(members) > 1), None)
    if tied is None:
        order = sorted(component, key=colours.__getitem__)
        place = {i: (1, rank) for rank, i in enumerate(order)}
        content = sorted([(a.key, tuple([place.get(i, (0, labels[i])) for i in ix]), str(e)) for a, ix, e in factors])
        return digest((content, repr([sizes[i] for i in order]))), order
    best: tuple[bytes, list[int]] | None = None
    for count, chosen in enumerate(tied):
        if any(_are_twins(chosen, other, factors) for other in tied[:count]):
            continue
        split: dict[int, Colour] = {i: (rank, "first" if i == chosen else "then") for i, (rank, _) in colours.items()}
        tried = _tie_broken(factors, component, _refined(split, factors, labels), labels, sizes)
        if best is None or tried[0] < best[0]:
            best = tried
    assert best is not None
    return best


def _are_twins(first: int, second: int, factors: list[Factor]) -> bool:
    """Whether exchanging the two indices leaves the factors as they are."""
    exchange = {first: second, second: first}
    before = sorted((a.key, ix, str(e)) for a, ix, e in factors)
    after = sorted((a.key, tuple([exchange.get(i, i) for i in ix]), str(e)) for a, ix, e in factors)
    return before == after


def reciprocal(value: Rational) -> Rational:
    """1 / value, exactly."""
    return rational(Fraction(1) / value)


def size_factors(size: Size) -> tuple[int, list[Factor]]:
    """A size as a coefficient and size atoms."""
    factors: list[Factor] = []
    return int(_times_size(1, factors, size)), factors
