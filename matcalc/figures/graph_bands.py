"""A long graph in bands below each other: where its columns are parted, and what stands in each band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias, final

from matcalc.figures.layered import Layered

Edge: TypeAlias = tuple[int, int]


@final
@dataclass(frozen=True, slots=True)
class Band:
    """Some columns of a graph; the last of one band is the first of the next.

    Attributes:
        start, end: its first and its last column.
        nodes: each node with its column and lane.
        repeated: the same of nodes that stand in a band above and from which edges come.
        edges: for each edge the column and lane at which it begins; that is where its node or the repeated one stands.
        lanes: the lowest and the highest lane in which something is.
    """

    start: int
    end: int
    nodes: tuple[tuple[int, int, int], ...]
    repeated: tuple[tuple[int, int, int], ...]
    edges: Mapping[Edge, tuple[int, int]]
    lanes: tuple[int, int]


def bands(places: Layered, steps: Sequence[float], width: float) -> tuple[Band, ...]:
    """The bands of a graph: as few as fit, parted where least must be repeated, before columns in which much begins.

    Args:
        places: where nodes and edges stand.
        steps: the distance from each column to the next.
        width: how long a band may be.

    Example:
        >>> from matcalc.figures.layered import layered
        >>> chain = layered({0: (), 1: (0,), 2: (1,), 3: (2,), 4: (3,)})
        >>> [(band.start, band.end, band.repeated) for band in bands(chain, [1.0] * 4, 2.0)]
        [(0, 2, ()), (2, 4, ((2, 2, 0),))]
    """
    last = max(column for column, _ in places.nodes.values())
    best: dict[int, tuple[tuple[float, ...], tuple[int, ...]]] = {0: ((0.0,) * 4, (0,))}
    for end in range(1, last + 1):
        found = []
        for start in range(end):
            length = sum(steps[start:end])
            if length <= width or start == end - 1:
                cost, cuts = best[start]
                more = (1.0, float(len(_repeated(places, start, end))), -float(_beginning(places, start)), length**2)
                found.append((tuple(a + b for a, b in zip(cost, more, strict=True)), (*cuts, end)))
        best[end] = min(found)
    cuts = best[last][1]
    if last == 0:
        return (_band(places, 0, 0, 0),)
    return tuple(_band(places, start, end, last) for start, end in pairwise(cuts))


def _band(places: Layered, start: int, end: int, last: int) -> Band:
    edges = {edge: _begins(places, edge, start) for edge in places.edges if start < places.nodes[edge[1]][0] <= end}
    inside = []
    for node, (column, lane) in places.nodes.items():
        leads = any(edge[0] == node for edge in places.edges)
        comes = any(edge[1] == node for edge in places.edges)
        first, final_one = column == start and leads and (start == 0 or not comes), column == end and (comes or end == last)
        if start < column < end or first or final_one:
            inside.append((node, column, lane))
    repeated = _repeated(places, start, end)
    lanes = [lane for _, _, lane in (*inside, *repeated)] + [places.edges[edge] for edge in edges]
    return Band(start, end, tuple(inside), repeated, edges, (min(lanes), max(lanes)))


def _begins(places: Layered, edge: Edge, start: int) -> tuple[int, int]:
    """Where an edge begins in a band: at its node, or at the node's repetition in its own lane."""
    column, lane = places.nodes[edge[0]]
    return (column, lane) if column >= start else (start, places.edges[edge])


def _repeated(places: Layered, start: int, end: int) -> tuple[tuple[int, int, int], ...]:
    """The nodes of bands above from which edges come."""
    if start == 0:
        return ()
    found = set()
    for edge in places.edges:
        column, lane = _begins(places, edge, start)
        is_leaf = not any(other[1] == edge[0] for other in places.edges)
        here = places.nodes[edge[0]][0] == start and is_leaf  # a leaf stands in this band itself
        if start < places.nodes[edge[1]][0] <= end and column == start and not here:
            found.add((edge[0], column, lane))
    return tuple(sorted(found))


def _beginning(places: Layered, start: int) -> int:
    """How many nodes of a column are leaves."""
    comes = {edge[1] for edge in places.edges}
    return sum(column == start and node not in comes for node, (column, _) in places.nodes.items())
