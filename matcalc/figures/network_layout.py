"""Where the nodes of an index network stand: a trunk from left to right, what hangs from it below, parallel ways below their trunk.

What is no such network, as three ways that cross, stands on a circle, where no wire can pass through a box.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, cos, hypot, pi, sin
from typing import TypeAlias, final

from matcalc.figures.term_graph import Node, TermGraph, longest_way, shortest_path

Place: TypeAlias = tuple[float, float]  # inches to the right, and the row, counted downwards from 0


@final
@dataclass(frozen=True, slots=True)
class Room:
    """What the layout needs to know of the sizes of what is drawn, in inches.

    Attributes:
        width: the width that a node needs.
        gap: between neighbours.
        stub: the length of a wire to a free end.
        row: from one row to the next.
    """

    width: Callable[[Node], float]
    gap: float
    stub: float
    row: float


@final
@dataclass(slots=True)
class Placed:
    """A part of a network with the places of everything in it.

    Attributes:
        boxes: the places of nodes, by their keys.
        dots: of vertices.
        wires: the vertex of each, and the places through which it passes.
        ends: of free indices: which one, its place, and where its wire leads: ``left``, ``right`` or ``down``.
        trunk: vertices and nodes of the trunk from left to right, the nodes by their keys; a vertex stands as -1 - vertex.
        width: from 0 to the right end.
        depth: the number of rows.
        left, right: where the trunk begins and ends.
    """

    boxes: dict[int, Place] = field(default_factory=dict)
    dots: dict[int, Place] = field(default_factory=dict)
    wires: list[tuple[int, tuple[Place, ...]]] = field(default_factory=list)
    ends: list[tuple[int, Place, str]] = field(default_factory=list)
    trunk: list[int] = field(default_factory=list)
    width: float = 0.0
    depth: int = 1
    left: float = 0.0
    right: float = 0.0

    def add(self, other: Placed, x: float, row: int) -> None:
        """Add what another holds, moved to the right and down."""

        def moved(place: Place) -> Place:
            return place[0] + x, place[1] + row

        self.boxes |= {key: moved(place) for key, place in other.boxes.items()}
        self.dots |= {key: moved(place) for key, place in other.dots.items()}
        self.wires += [(vertex, tuple(map(moved, points))) for vertex, points in other.wires]
        self.ends += [(free, moved(place), side) for free, place, side in other.ends]
        self.depth = max(self.depth, other.depth + row)


class _NoStrip(Exception):
    """The network is no trunk with hanging parts and parallel ways that do not cross."""


@final
@dataclass(frozen=True, slots=True)
class _Way:
    """A way beside the trunk, from one of its vertices to another: the positions of these, and what it passes."""

    start: int
    end: int
    path: tuple[Node, ...]
    rest: tuple[Node, ...]


def placed(graph: TermGraph, vertices: set[int], nodes: Sequence[Node], room: Room, *, mirrored: bool) -> Placed:
    """One component of a network; ``mirrored``: its single free end stands on the right."""
    try:
        return _Strip(graph, room, mirrored).component(vertices, nodes)
    except _NoStrip:
        return _on_circle(graph, nodes, room)


@final
class _Strip:
    """Lays out one component."""

    def __init__(self, graph: TermGraph, room: Room, mirrored: bool) -> None:
        self.graph = graph
        self.room = room
        self.mirrored = mirrored

    def component(self, vertices: set[int], nodes: Sequence[Node]) -> Placed:
        """One component of the network, along a line: from one free index to the other, from the only one on, or as a loop."""
        if any(len(node.legs) > 2 for node in nodes):
            raise _NoStrip
        free = [vertex for vertex in self.graph.free if vertex in vertices]
        first, last = (free or [0])[:: -1 if self.mirrored else 1][:1] * 2
        if len(set(free)) > 1:
            first, last = (free[-1], free[0]) if self.mirrored else (free[0], free[-1])
            last = last if last != first else next(vertex for vertex in free if vertex != first)
            path = shortest_path(nodes, first, {last})
            assert path is not None
            return self._trunk(first, path, nodes, False, False)
        if len(free) > 1:
            return self._trunk(first, (), nodes, False, False)
        if not free:
            return self._closed(vertices, nodes)
        path = longest_way(nodes, first)
        if self.mirrored:
            return self._trunk(_along(first, path)[-1], path[::-1], nodes, True, False)
        return self._trunk(first, path, nodes, False, True)

    def _closed(self, vertices: set[int], nodes: Sequence[Node]) -> Placed:
        """A component without free ends: a loop if it has one, else a chain."""
        matrices = [node for node in nodes if len(node.legs) == 2]
        for node in matrices:
            way = shortest_path([each for each in nodes if each is not node], node.legs[1], {node.legs[0]})
            if way is not None:
                return self._trunk(node.legs[1], way, nodes, False, False)
        one = longest_way(nodes, min(vertices))
        start = _along(min(vertices), one)[-1]
        return self._trunk(start, longest_way(nodes, start), nodes, True, True)

    def _trunk(self, start: int, path: Sequence[Node], nodes: Sequence[Node], opens: bool, closes: bool) -> Placed:
        """The whole component along a path; it opens and closes with a vector where it has no free end there."""
        vertices = _along(start, path)
        first = self._vector_at(vertices[0], nodes, ()) if opens else None
        last = self._vector_at(vertices[-1], nodes, () if first is None else (first,)) if closes else None
        ends = [node for node in (first, last) if node is not None]
        rest = [node for node in nodes if node not in path and node not in ends]
        return self.strip(vertices, path, rest, opens=first, closes=last, left_end=not opens, right_end=not closes)

    def _vector_at(self, vertex: int, nodes: Sequence[Node], taken: Sequence[Node]) -> Node | None:
        found = [node for node in nodes if node.legs == (vertex,) and node not in taken]
        return found[-1] if found else None

    # ---- one strip ---------------------------------------------------------------------------------------------------

    def strip(
        self, vertices: Sequence[int], path: Sequence[Node], rest: Sequence[Node], *, opens: Node | None = None, closes: Node | None = None,
        hanging: bool = False, inner: bool = False, left_end: bool = False, right_end: bool = False,
    ) -> Placed:  # fmt: skip
        """A path from left to right, and everything that hangs from its vertices.

        Args:
            vertices, path: the vertices of the path, and the matrices between them.
            rest: the other nodes.
            opens, closes: vectors at the ends of the path.
            hanging: whether the first vertex stands elsewhere, and the strip begins behind it.
            inner: whether both ends of the path stand elsewhere.
            left_end, right_end: whether a free end of its first or last vertex stands there; the others hang below.
        """
        made = Placed()
        aside = self._aside(vertices, left_end, right_end)
        hung, ways = self._parts(vertices, rest, hanging, inner)
        laid = {way: self.strip(self._of_way(vertices, way), way.path, way.rest, inner=True) for way in ways}
        departures: dict[_Way, float] = {}
        slots: list[tuple[int, float, float, int]] = []  # vertex of a way, its dot, its place, which way
        cursor = 0.0
        if opens is not None:
            cursor = self._box(made, opens, cursor)
        dots: list[float] = []
        reach: list[Place] = []  # of each vertex on the path, without what hangs one row below by a matrix
        for number, vertex in enumerate(vertices):
            elsewhere = (hanging and number == 0) or (inner and number in (0, len(vertices) - 1))
            if number:
                made.boxes[path[number - 1].key] = (cursor + self.room.gap + self.room.width(path[number - 1]) / 2, 0)
                cursor += 2 * self.room.gap + self.room.width(path[number - 1])
            for way in (each for each in ways if each.end == number):
                cursor = max(cursor, departures[way] + laid[way].width + self.room.gap)
            dot = begin = inside = cursor
            if not elsewhere:
                arriving = [way for way in ways if way.end == number]
                dot, inside, cursor = self._vertex(made, vertex, cursor, hung[number], aside, arriving, slots, ways)
                for way in (each for each in ways if each.start == number):
                    departures[way] = cursor
                    slots.append((vertex, dot, cursor, ways.index(way)))
                    cursor += self.room.gap
            dots.append(dot)
            reach.append((begin, inside))
        made.trunk = self._order(vertices, path, opens, closes)
        if closes is not None:
            cursor = self._box(made, closes, cursor + self.room.gap) - self.room.gap
        made.width = made.right = cursor
        for node, (_, before), (behind, _) in zip(path, reach, reach[1:], strict=False):
            made.boxes[node.key] = ((before + behind) / 2, 0)
        self._wires(made, vertices, path, dots, opens, closes)
        for index, side in aside.items():
            dot = dots[0 if side == "left" else -1]
            x = -self.room.stub if side == "left" else cursor + self.room.stub
            made.ends.append((index, (x, 0), side))
            made.wires.append((self.graph.free[index], ((dot, 0), (x, 0))))
        self._lay_ways(made, ways, laid, slots)
        return made

    def _aside(self, vertices: Sequence[int], left_end: bool, right_end: bool) -> dict[int, str]:
        """The free indices whose ends stand at the ends of a path, and on which side."""
        free = [index for index, vertex in enumerate(self.graph.free) if vertex in vertices][:: -1 if self.mirrored else 1]
        found: dict[int, str] = {}
        for side, vertex, wanted in (("left", vertices[0], left_end), ("right", vertices[-1], right_end)):
            here = [index for index in free if self.graph.free[index] == vertex and index not in found]
            if wanted and here:
                found[here[0] if side == "left" else here[-1]] = side
        return found

    def _order(self, vertices: Sequence[int], path: Sequence[Node], opens: Node | None, closes: Node | None) -> list[int]:
        found = [] if opens is None else [opens.key]
        for number, vertex in enumerate(vertices):
            found += [path[number - 1].key] if number else []
            found.append(-1 - vertex)
        return [*found, *([] if closes is None else [closes.key])]

    def _box(self, made: Placed, node: Node, cursor: float) -> float:
        """A box in the first row; returns what is behind it."""
        width = self.room.width(node)
        made.boxes[node.key] = (cursor + width / 2, 0)
        return cursor + width + self.room.gap

    def _vertex(
        self, made: Placed, vertex: int, cursor: float, hung: Sequence[tuple[Node, tuple[Node, ...]]], aside: dict[int, str],
        arriving: Sequence[_Way], slots: list[tuple[int, float, float, int]], ways: Sequence[_Way],
    ) -> tuple[float, float, float]:  # fmt: skip
        """A vertex with what hangs from it; returns its place, and what is behind it in its own row and in all."""
        gap, begin = self.room.gap, cursor
        arrivals = []
        for way in arriving:
            arrivals.append((way, cursor))
            cursor += gap
        vectors = [node for node, _ in hung if len(node.legs) == 1]
        places: list[tuple[Node, float]] = []
        for node in vectors:
            width = self.room.width(node)
            places.append((node, cursor + width / 2))
            cursor += width + gap / 2
        ends: list[tuple[int, float]] = []
        for index in (k for k, each in enumerate(self.graph.free) if each == vertex and k not in aside):
            ends.append((index, cursor + gap))
            cursor += 2 * gap
        first = begin + gap * len(arrivals)
        if places or ends:
            cursor -= gap / 2
        dot = (first + cursor) / 2 if places or ends or len(arrivals) != 1 else begin
        inside = cursor
        for node, x in places:
            made.boxes[node.key] = (x, 1)
            made.wires.append((vertex, ((dot, 0), (x, 0.45), (x, 1))))
        for index, x in ends:
            made.ends.append((index, (x, 1), "down"))
            made.wires.append((vertex, ((dot, 0), (x, 0.45), (x, 1))))
        made.depth = max(made.depth, 2 if places or ends else 1)
        slots += [(vertex, dot, x, ways.index(way)) for way, x in arrivals]
        for node, rest in hung:
            if len(node.legs) == 2:
                below = self._branch(vertex, node, rest)
                made.add(below, cursor + gap / 2, 1)
                corner = cursor + gap / 4
                made.wires.append((vertex, ((dot, 0), (corner, 0.45), (corner, 1), (cursor + gap / 2 + below.left, 1))))
                cursor += gap / 2 + below.width
        made.dots[vertex] = (dot, 0)
        return dot, inside, cursor

    def _branch(self, vertex: int, node: Node, rest: Sequence[Node]) -> Placed:
        """What hangs from a vertex by a matrix: a strip of its own, one row below."""
        part = [node, *rest]
        path = longest_way(part, vertex)
        vertices = _along(vertex, path)
        last = self._vector_at(vertices[-1], part, ())
        others = [each for each in part if each not in path and each is not last]
        return self.strip(vertices, path, others, closes=last, hanging=True)

    # ---- what hangs where --------------------------------------------------------------------------------------------

    def _parts(
        self, vertices: Sequence[int], rest: Sequence[Node], hanging: bool, inner: bool
    ) -> tuple[list[list[tuple[Node, tuple[Node, ...]]]], list[_Way]]:
        """For each vertex of a path the vectors and branches that hang from it, and the ways between two of them."""
        hung: list[list[tuple[Node, tuple[Node, ...]]]] = [[] for _ in vertices]
        ways: list[_Way] = []
        for part in _apart(rest, set(vertices)):
            touched = [k for k, vertex in enumerate(vertices) if any(vertex in node.legs for node in part)]
            first = next(node for node in part if vertices[touched[0]] in node.legs)
            if len(touched) == 1:
                if sum(vertices[touched[0]] in node.legs for node in part) > 1:
                    raise _NoStrip
                hung[touched[0]].append((first, tuple(node for node in part if node is not first)))
            elif len(touched) == 2:
                path = shortest_path(part, vertices[touched[0]], {vertices[touched[1]]})
                assert path is not None
                ways.append(_Way(touched[0], touched[1], tuple(path), tuple(node for node in part if node not in path)))
            else:
                raise _NoStrip
        ways.sort(key=lambda way: way.end - way.start)
        for one in ways:
            if any(one.start < other.start < one.end < other.end for other in ways):
                raise _NoStrip
        elsewhere = [0] if hanging else [0, len(vertices) - 1] if inner else []
        if any(hung[k] for k in elsewhere) or any({way.start, way.end} & set(elsewhere) for way in ways):
            raise _NoStrip
        return hung, ways

    def _of_way(self, vertices: Sequence[int], way: _Way) -> list[int]:
        return _along(vertices[way.start], way.path)

    # ---- wires -------------------------------------------------------------------------------------------------------

    def _wires(
        self, made: Placed, vertices: Sequence[int], path: Sequence[Node], dots: Sequence[float], opens: Node | None, closes: Node | None
    ) -> None:
        """The wires along the path."""
        for number, vertex in enumerate(vertices):
            neighbours = [*([path[number - 1]] if number else []), *([path[number]] if number < len(path) else [])]
            neighbours += [opens] if opens is not None and number == 0 else []
            neighbours += [closes] if closes is not None and number == len(vertices) - 1 else []
            made.wires += [(vertex, ((dots[number], 0), made.boxes[node.key])) for node in neighbours]

    def _lay_ways(
        self, made: Placed, ways: Sequence[_Way], laid: dict[_Way, Placed], slots: Sequence[tuple[int, float, float, int]]
    ) -> None:
        """The ways beside the path, the shorter ones nearer to it."""
        deep = [(place[0], int(place[1])) for place in (*made.boxes.values(), *(place for _, place, _ in made.ends))]
        for number, way in enumerate(ways):
            (first, dot, x, _), (second, dot2, x2, _) = sorted((slot for slot in slots if slot[3] == number), key=lambda slot: slot[2])
            row = 1 + max((depth for at, depth in deep if x <= at <= x2), default=0)
            below = laid[way]
            shift = (x + x2) / 2 - below.width / 2
            made.add(below, shift, row)
            deep += [(x, row), (x2, row), *((shift + place[0], row + int(place[1])) for place in below.boxes.values())]
            ends = (shift + below.left, row), (shift + below.right, row)
            made.wires.append((first, ((dot, 0), (x, 0.45), (x, row), ends[0])))
            made.wires.append((second, ((dot2, 0), (x2, 0.45), (x2, row), ends[1])))


def _along(start: int, path: Sequence[Node]) -> list[int]:
    """The vertices of a path."""
    found = [start]
    for node in path:
        found.append(node.other(found[-1]))
    return found


def _apart(nodes: Sequence[Node], cut: set[int]) -> list[list[Node]]:
    """The nodes that hang together without the vertices that are cut."""
    left, found = list(nodes), []
    while left:
        part = [left.pop(0)]
        for node in part:
            inside = set(node.legs) - cut
            joined = [other for other in left if inside & set(other.legs)]
            part += joined
            left = [other for other in left if other not in joined]
        found.append(part)
    return found


# ---- on a circle -----------------------------------------------------------------------------------------------------


def _on_circle(graph: TermGraph, nodes: Sequence[Node], room: Room) -> Placed:
    """Every node and vertex on a circle, so large that no wire passes through a box; free ends outside."""
    vertices = sorted({leg for node in nodes for leg in node.legs})
    around: list[tuple[str, int]] = []
    for vertex in vertices:
        around.append(("dot", vertex))
        around += [("box", node.key) for node in nodes if min(node.legs) == vertex]
    widest = max(room.width(node) for node in nodes)
    diagonal = hypot(widest, room.row / 2)
    apart = max(widest + 2 * room.gap, len(around) * diagonal / (2 * pi))  # a wire past one box leaves room for half its diagonal
    radius = max(1.0, len(around) * apart / (2 * pi) * 1.1)
    height = radius + room.stub
    made = Placed(width=2 * height, depth=ceil(2 * height / room.row) + 1, right=2 * height)
    centre = radius + room.stub
    for number, (kind, key) in enumerate(around):
        angle = pi - 2 * pi * number / len(around)
        place = (centre + radius * cos(angle), (height - radius * sin(angle)) / room.row)
        (made.dots if kind == "dot" else made.boxes)[key] = place
        for index in (k for k, each in enumerate(graph.free) if kind == "dot" and each == key):
            out = (radius + room.stub) / radius
            end = (centre + radius * out * cos(angle), (height - radius * out * sin(angle)) / room.row)
            made.ends.append((index, end, "right" if end[0] > centre else "left"))
            made.wires.append((key, (place, end)))
    made.wires += [(leg, (made.dots[leg], made.boxes[node.key])) for node in nodes for leg in node.legs]
    return made
