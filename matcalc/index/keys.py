"""Keys: digests by which atoms, terms and forms are recognised, however their summed indices are numbered.

Comparing two deep forms then costs one comparison. The labels of summed indices in a key are canonical.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import groupby
from typing import Any, TypeAlias

Factor: TypeAlias = tuple[Any, tuple[int, ...], Any]  # atom, indices, exponent


def digest(content: object) -> bytes:
    """A key of 16 bytes; two contents share one with a chance below 1e-20 even among a billion."""
    return blake2b(repr(content).encode(), digest_size=16).digest()


def term_key(factors: Sequence[Factor], free: int, bound: int) -> bytes:
    """The key of a product, its coefficient left out.

    Args:
        factors: atoms with their indices and exponents; indices from ``free`` on are summed. The atoms tell all sizes.
        free: the number of free indices.
        bound: the number of summed indices.
    """
    if bound < 2:
        return _content_key(factors)
    summed = range(free, free + bound)
    labels = {i: i for i in range(free)} | dict.fromkeys(summed, -1)
    order = _canonical_order(factors, list(summed), labels)
    labels.update({i: free + place for place, i in enumerate(order)})
    return _content_key([(atom, tuple([labels[i] for i in indices]), exponent) for atom, indices, exponent in factors])


def _content_key(factors: Iterable[Factor]) -> bytes:
    return joined_key(sorted([factor_key(*factor) for factor in factors]))


def factor_key(atom: Any, indices: tuple[int, ...], exponent: Any) -> bytes:
    """The bytes of one factor; the atom tells how many indices follow. Those of a symmetric atom count in any order."""
    if atom.symmetric:
        indices = tuple(sorted(indices))
    if exponent == 1 and (not indices or max(indices) < 256):
        return atom.key + bytes(indices)  # type: ignore[no-any-return]
    return atom.key + f"^{exponent}{indices}".encode()  # type: ignore[no-any-return]


def joined_key(parts: Iterable[bytes]) -> bytes:
    """The key of several byte strings, told apart by their lengths."""
    return blake2b(b"".join([b"%d:%b" % (len(part), part) for part in parts]), digest_size=16).digest()


def _canonical_order(factors: Sequence[Factor], bound: list[int], labels: dict[int, int]) -> list[int]:
    """The summed indices in an order that does not depend on how they were called.

    Indices are coloured by where they stand and what stands beside them until the colouring is stable; a tie that is left is
    broken by trying each of its members, within one connected component at a time.
    """
    colours = _refined(dict.fromkeys(bound, 0), factors, labels)
    if len(set(colours.values())) == len(bound):
        return sorted(bound, key=colours.__getitem__)
    ordered: list[tuple[bytes, list[int]]] = []
    for component in _components(factors, bound):
        members = set(component)
        inside = [factor for factor in factors if members.intersection(factor[1])]
        ordered.append(_tie_broken(inside, component, {i: colours[i] for i in component}, labels))
    ordered.sort(key=lambda entry: entry[0])
    return [i for _, component in ordered for i in component]


def _refined(colours: dict[int, int], factors: Sequence[Factor], labels: dict[int, int]) -> dict[int, int]:
    """Colours refined by their neighbours until they split no further."""
    classes = len(set(colours.values()))
    current = colours
    while True:
        seen: dict[int, list[tuple[Any, ...]]] = {i: [] for i in current}
        for atom, indices, exponent in factors:
            names = tuple([(1, current[i]) if i in current else (0, labels[i]) for i in indices])
            for place, i in enumerate(indices):
                if i in seen:
                    seen[i].append((atom.key, exponent, *((0, tuple(sorted(names))) if atom.symmetric else (place, names))))
        signatures = {i: (current[i], tuple(sorted(places))) for i, places in seen.items()}
        ranks = {signature: rank for rank, signature in enumerate(sorted(set(signatures.values())))}
        current = {i: ranks[signature] for i, signature in signatures.items()}
        if len(ranks) == classes or len(ranks) == len(current):
            return current
        classes = len(ranks)


def _components(factors: Sequence[Factor], bound: list[int]) -> list[list[int]]:
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
    factors: Sequence[Factor], component: list[int], colours: dict[int, int], labels: dict[int, int]
) -> tuple[bytes, list[int]]:
    """The least key of the component over the ways to break ties, and its order."""
    by_colour: dict[int, list[int]] = {}
    for i in component:
        by_colour.setdefault(colours[i], []).append(i)
    tied = next((members for _, members in sorted(by_colour.items()) if len(members) > 1), None)
    if tied is None:
        order = sorted(component, key=colours.__getitem__)
        place = {i: (1, rank) for rank, i in enumerate(order)}
        named = [(a, tuple([place.get(i, (0, labels[i])) for i in ix]), e) for a, ix, e in factors]
        content = sorted([(a.key, tuple(sorted(ix)) if a.symmetric else ix, str(e)) for a, ix, e in named])
        return digest(content), order
    best: tuple[bytes, list[int]] | None = None
    for count, chosen in enumerate(tied):
        if any(_are_twins(chosen, other, factors) for other in tied[:count]):
            continue
        split = {i: 2 * rank + (i != chosen) for i, rank in colours.items()}
        tried = _tie_broken(factors, component, _refined(split, factors, labels), labels)
        if best is None or tried[0] < best[0]:
            best = tried
    assert best is not None
    return best


def _are_twins(first: int, second: int, factors: Sequence[Factor]) -> bool:
    """Whether exchanging the two indices leaves the factors as they are."""
    exchange = {first: second, second: first}
    exchanged = [(a, tuple([exchange.get(i, i) for i in ix]), e) for a, ix, e in factors]
    before, after = (
        sorted((a.key, tuple(sorted(ix)) if a.symmetric else ix, str(e)) for a, ix, e in each) for each in (factors, exchanged)
    )
    return before == after
