"""Where the nodes of a graph without circles stand: in columns along the longest ways, leaves late, and the lane of each edge.

An edge leaves its first node, changes to its lane, is straight between and through the columns, and changes to the lane of its last
node just before it. No two edges have the same lane between the same columns, and none passes through a node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import TypeAlias, final

Cell: TypeAlias = tuple[int, int]  # column and lane; lane 0 is the longest way, lanes above it are positive


@final
@dataclass(frozen=True, slots=True)
class Layered:
    """The places of the nodes and edges.

    Attributes:
        nodes: the cell of each node.
        edges: the lane of each edge, from and to.
    """

    nodes: dict[int, Cell]
    edges: dict[tuple[int, int], int]


def layered(before: Mapping[int, Sequence[int]]) -> Layered:
    """The places of nodes.

    Args:
        before: for each node, behind those that it comes from, these; the longest way goes through the first where several are as long.

    Example:
        >>> layered({0: (), 1: (), 2: (0, 1), 3: (2, 0)}).nodes
        {0: (0, 0), 2: (1, 0), 3: (2, 0), 1: (0, 1)}
    """
    columns = _columns(before)
    trunk = _trunk(before, columns)
    taken: set[Cell] = set()
    nodes: dict[int, Cell] = {}
    for node in trunk:
        nodes[node] = (columns[node], 0)
        taken.add(nodes[node])
    edges = [(first, node) for node in before for first in before[node]]
    sign = 1
    for way in _chains(before, columns, set(trunk)):
        ends = [node for node in before if way[-1] in before[node]]
        last = min((columns[node] for node in ends), default=columns[way[-1]] + 1)
        needed = range(columns[way[0]], last)
        lane = _free_lane(needed, taken, sign)
        sign = -sign
        for node in way:
            nodes[node] = (columns[node], lane)
        taken.update((column, lane) for column in needed)
    return Layered(nodes, _lanes(edges, nodes, taken))


def _columns(before: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """The length of the longest way to each node; a leaf stands next to the first node that it leads to."""
    found: dict[int, int] = {}
    for node in before:
        found[node] = 1 + max((found[first] for first in before[node]), default=-1)
    leads_to: dict[int, list[int]] = {node: [] for node in before}
    for node in before:
        for first in before[node]:
            leads_to[first].append(node)
    for node in reversed(list(before)):
        if not before[node] and leads_to[node]:
            found[node] = max(0, min(found[after] for after in leads_to[node]) - 1)
    return found


def _trunk(before: Mapping[int, Sequence[int]], columns: Mapping[int, int]) -> list[int]:
    """The longest way to the last node, the one with most nodes before it where several are as long."""
    found = [list(before)[-1]]
    while before[found[-1]]:
        found.append(max(before[found[-1]], key=lambda node: (columns[node], bool(before[node]))))
    return found[::-1]


def _chains(before: Mapping[int, Sequence[int]], columns: Mapping[int, int], placed: set[int]) -> Iterator[list[int]]:
    """The other nodes in ways that are as long as may be, each a list from its first node on."""
    left = [node for node in before if node not in placed]
    while left:
        way = [max(left, key=lambda node: (columns[node], -node))]
        while True:
            earlier = [node for node in before[way[-1]] if node in left and before[node]]
            if not earlier:
                break
            way.append(max(earlier, key=lambda node: columns[node]))
        yield way[::-1]
        left = [node for node in left if node not in way]


def _free_lane(columns: Sequence[int], taken: set[Cell], sign: int) -> int:
    """The lane nearest to the longest way that is free in these columns, first on the side that is asked for."""
    distance = 1
    while True:
        for lane in (sign * distance, -sign * distance):
            if all((column, lane) not in taken for column in columns):
                return lane
        distance += 1


def _lanes(edges: Sequence[tuple[int, int]], nodes: Mapping[int, Cell], taken: set[Cell]) -> dict[tuple[int, int], int]:
    """The lane of each edge: that of one of its nodes where it is free, the straight and the short edges first."""
    found: dict[tuple[int, int], int] = {}
    gaps: set[Cell] = set()  # the column before the gap, and the lane

    def is_free(edge: tuple[int, int], lane: int) -> bool:
        start, end = nodes[edge[0]][0], nodes[edge[1]][0]
        through = all((column, lane) not in taken for column in range(start + 1, end))
        return through and all((gap, lane) not in gaps for gap in range(start, end))

    def order(edge: tuple[int, int]) -> tuple[int, int]:
        (start, lane), (end, lane2) = nodes[edge[0]], nodes[edge[1]]
        return end - start, abs(lane2 - lane)

    for edge in sorted(edges, key=order):
        lanes = [nodes[edge[0]][1], nodes[edge[1]][1]]
        sign = 1 if lanes[0] >= 0 else -1
        others = (lane for distance in count(1) for lane in (sign * distance, -sign * distance))
        found[edge] = next(lane for lane in chain(lanes, others) if is_free(edge, lane))
        start, end = nodes[edge[0]][0], nodes[edge[1]][0]
        gaps.update((gap, found[edge]) for gap in range(start, end))
        taken.update((column, found[edge]) for column in range(start + 1, end))
    return found
