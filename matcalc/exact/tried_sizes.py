"""Which sizes are tried: an expression means something for all sizes, so no single choice of them tells what holds.

Two sizes are different first and the same later, each is 1 once, the order turns, and larger ones follow. What holds for the sizes
that were tried is not proved for others; so a size that is written as a number, as in n x, and is the extent of nothing is also a
random element of the field, which stands for every number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from random import Random

from matcalc.language.assumed import relations_of, sizes_fit
from matcalc.language.expressions import (
    ApplyMap, Commutation, Expr, Identity, MapDerivative, Ones, SizeNumber, Symbol, Zeros,
)  # fmt: skip
from matcalc.language.sizes import Dim, Size
from matcalc.language.traversal import postorder, whole_number_parts, with_definition

MOST_SMALL = 12
MOST_CHOICES = 40
SPAN = 11  # different small numbers, from 2 on
ONE_NAME = (2, 3, 1, 4, 5, 7)


def _names(entries: Iterable[Size]) -> list[str]:
    return [name for entry in entries if isinstance(entry, Dim) for name in entry.names]


def _extents(node: Expr) -> tuple[Size, ...]:
    """The sizes that a node gives to arrays."""
    match node:
        case Symbol() | Ones() | Zeros():
            return node.shape
        case Identity(size=size):
            return (size,)
        case Commutation(rows=rows, columns=columns):
            return rows, columns
        case ApplyMap() | MapDerivative():
            return node.function.shape
        case _:
            return ()


def size_names(roots: Iterable[Expr]) -> list[str]:
    """The names of all sizes in the expressions, in the order of their appearance."""
    found: dict[str, None] = {}
    for node in postorder(roots, with_definition):
        found.update(dict.fromkeys(_names((node.size,) if isinstance(node, SizeNumber) else _extents(node))))
    return list(found)


def number_names(roots: Iterable[Expr]) -> set[str]:
    """The names of sizes that are factors or terms only: no extent, and in no bound, exponent or position."""
    roots = list(roots)
    nodes = list(postorder(roots, with_definition))
    bound = {name for node in nodes for name in _names(_extents(node))}
    bound.update(size_names(whole_number_parts(nodes)))
    return {name for name in size_names(roots) if name not in bound}


def size_choices(roots: Sequence[Expr], given: Mapping[str, int] | None = None) -> Iterator[dict[str, int]]:
    """Small sizes for the names in the expressions, as many as `MOST_CHOICES` where there are names that are not given.

    Different ones as they come; in reverse; all the same; every other 1, and the rest of them; neighbours the same; others. Of
    more than `SPAN` names any two differ in the first choice or in the second. What is given is taken where it is small.
    """
    fixed = {name: number for name, number in (given or {}).items() if number <= MOST_SMALL}
    names = [name for name in size_names(roots) if name not in fixed]
    if not names:
        yield fixed
        return
    seen: set[tuple[int, ...]] = set()
    symbols = [node for node in postorder(roots, with_definition) if isinstance(node, Symbol) and node.assumed]
    relations = relations_of(symbols)
    for numbers in chain(_planned(len(names)), _more(len(names))):
        if numbers not in seen:
            seen.add(numbers)
            if len(seen) > MOST_CHOICES:
                return
            sizes = {**fixed, **dict(zip(names, numbers, strict=True))}
            if not symbols or sizes_fit(symbols, relations, sizes):
                yield sizes


def _planned(names: int) -> Iterator[tuple[int, ...]]:
    if names == 1:
        yield from ((number,) for number in ONE_NAME)
        return
    ascending = [2 + k % SPAN for k in range(names)]
    yield tuple(ascending)
    yield tuple(2 + (k + k // SPAN) % SPAN for k in reversed(range(names)))
    yield (3,) * names
    yield tuple(1 if k % 2 == 0 else 3 + k // 2 % SPAN for k in range(names))
    yield tuple(1 if k % 2 else 4 + k // 2 % SPAN for k in range(names))
    if names > 2:
        yield tuple(3 + k // 2 % SPAN for k in range(names))
        yield tuple(2 + (k + 1) // 2 % SPAN for k in range(names))
    yield (*(number + 3 for number in ascending[1:]), 4)


def _more(names: int) -> Iterator[tuple[int, ...]]:
    """Numbers one after the other for one name, else pseudo-random ones, the same every time."""
    if names == 1:
        yield from ((number,) for number in count(1))
    rng = Random(names)
    for step in count(6):
        yield tuple(rng.randrange(1, min(step, MOST_SMALL) + 1) for _ in range(names))
        yield (2 + step % SPAN,) * names
