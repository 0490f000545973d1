"""The index network of one term, and its reduction to strings.

Vertices are indices, edges are matrices, labels are vectors at a vertex. Summed vertices are removed one by one:

    degree 0    its labels make a scalar: an inner product, a sum, a trace
    degree 1    the matrix times the labels is a label of the neighbour: A v
    degree 2    the two matrices are joined, with a label between them as A diag(v) B
    parallel    two matrices between the same vertices are multiplied entry by entry

What is left of a network of treewidth two is free vertices; a summed vertex that is left joins three or more factors and no
string of matrices writes the term.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import final

from matcalc.errors import NoMatrixFormError
from matcalc.index.exponents import Range
from matcalc.index.form import Rational
from matcalc.language.building import diag, norm, ones, trace
from matcalc.language.building import sum as total
from matcalc.language.expressions import DiagonalPart, Expr, Index, Ones, Transpose
from matcalc.language.sizes import Size, rows_and_columns
from matcalc.layout.conventions import Style
from matcalc.layout.strings import Power, String, assembled, entrywise, flipped, item, shorter, transposes


@final
@dataclass(frozen=True, slots=True)
class Label:
    """A vector at a vertex, as the string of its column; ``plain`` unless it is a product that was contracted."""

    string: String
    exponent: Rational = 1
    plain: bool = True


@final
@dataclass(eq=False, slots=True)
class Edge:
    """A matrix between two vertices: labels read from the first to the second, multiplied entry by entry."""

    first: int
    second: int
    parts: tuple[Label, ...]

    def other(self, vertex: int) -> int:
        return self.second if vertex == self.first else self.first

    def parts_from(self, vertex: int) -> tuple[Label, ...]:
        """The parts as they are read from that vertex on."""
        if vertex == self.first:
            return self.parts
        return tuple(Label(flipped(part.string), part.exponent, part.plain) for part in self.parts)

    def read_from(self, vertex: int, as_rows: bool) -> String:
        """The string as it is read from that vertex on."""
        strings = [(part.string, part.exponent) for part in plain_first(self.parts_from(vertex))]
        turned = sum(transposes(flipped(string)) - transposes(string) for string, _ in strings)
        return entrywise(strings, as_rows and turned != 0)


def plain_first(labels: Iterable[Label]) -> list[Label]:
    """Vectors and matrices before products, each in the order written."""
    return sorted(labels, key=lambda label: not label.plain)


@final
class Network:
    """One term as a graph, reduced in place; ``as_rows`` tells which way round a tie in transposes is written.

    ``ranges`` holds the indices that stand in exponents. What was met on the way is kept: pairs of matrices multiplied entry by
    entry, and summed indices at which more than two ends met.
    """

    def __init__(self, free: frozenset[int], sizes: Mapping[int, Size], style: Style, as_rows: bool) -> None:
        self.free = free
        self.sizes = sizes
        self.style = style
        self.as_rows = as_rows
        self.scalars: list[Power] = []
        self.ranges: tuple[tuple[Index, Range], ...] = ()
        self.labels: dict[int, list[Label]] = {}
        self.edges: dict[int, list[Edge]] = {}
        self.entrywise_pairs: list[tuple[Edge, Edge]] = []
        self.tied: list[int] = []
        self._summed: dict[int, None] = {}

    # ---- building ----------------------------------------------------------------------------------------------------

    def meet(self, vertex: int) -> None:
        """Make a vertex known."""
        if vertex not in self.edges:
            self.edges[vertex] = []
            self.labels[vertex] = []
            if vertex not in self.free:
                self._summed[vertex] = None

    def add_label(self, vertex: int, label: Label) -> None:
        self.meet(vertex)
        self.labels[vertex].append(label)

    def add_edge(self, edge: Edge) -> None:
        """Add a matrix; one from a vertex to itself counts by its diagonal."""
        self.meet(edge.first)
        self.meet(edge.second)
        if edge.first == edge.second:
            for part in edge.parts:
                self.labels[edge.first].append(Label(item(diag(assembled(part.string))), part.exponent, plain=False))
            return
        self.edges[edge.first].append(edge)
        self.edges[edge.second].append(edge)

    def _remove(self, edge: Edge) -> None:
        self.edges[edge.first].remove(edge)
        self.edges[edge.second].remove(edge)

    # ---- vectors -----------------------------------------------------------------------------------------------------

    def vector(self, vertex: int) -> String:
        """All labels of a vertex as one column; ones where it has none."""
        labels = self.labels[vertex]
        if not labels:
            return item(ones(self.sizes[vertex]))
        ordered = plain_first(labels)
        whole = [k for k, x in enumerate(ordered) if x.exponent == 1]
        if self.style is Style.DIAG and whole and len(ordered) > 1:
            tail = ordered.pop(whole[-1])
            return self._diagonals(ordered) + tail.string
        return self.entrywise_vector(vertex)

    def entrywise_vector(self, vertex: int) -> String:
        """All labels of a vertex, multiplied entry by entry, as one column."""
        labels = plain_first(self.labels[vertex])
        return entrywise([(x.string, x.exponent) for x in labels], self.as_rows)

    @staticmethod
    def _diagonals(labels: list[Label]) -> String:
        string: String = ()
        for label in labels:
            string += item(diag(assembled(entrywise([(label.string, label.exponent)], False))))
        return string

    def between(self, vertex: int) -> String:
        """The labels of a vertex that a string passes through: nothing, or a diagonal matrix."""
        if not self.labels[vertex]:
            return ()
        if self.style is Style.DIAG:
            return self._diagonals(self.labels[vertex])
        return item(diag(assembled(self.vector(vertex))))

    # ---- reduction ---------------------------------------------------------------------------------------------------

    def reduce(self) -> None:
        """Remove every summed vertex that can be removed."""
        ends, joints = deque(self._summed), deque[int]()
        while True:
            while ends or joints:
                vertex = (ends or joints).popleft()
                if vertex not in self._summed:
                    continue
                if len(self.edges[vertex]) > 1 and ends:
                    joints.append(vertex)
                    continue
                ends.extend(self._removed(vertex))
            pair = self._parallel()
            if pair is None:
                return
            ends.extend(self._merged(*pair))

    def _removed(self, vertex: int) -> list[int]:
        """Remove a summed vertex of degree 0, 1 or 2; the vertices to look at again."""
        edges = self.edges[vertex]
        if len(edges) > 2 or (len(edges) == 2 and edges[0].other(vertex) == edges[1].other(vertex)):
            return []
        if self.meeting_at(vertex) > 2:
            self.tied.append(vertex)
        if not edges:
            self._close(vertex)
            del self._summed[vertex]
            return []
        neighbours = [edge.other(vertex) for edge in edges]
        if len(edges) == 1:
            (edge,), (end,) = list(edges), neighbours
            if self._is_square_sum(vertex, end, edge):
                self.scalars.append((norm(assembled(edge.parts[0].string)), 2))
                del self._summed[end]
            else:
                self.labels[end].append(Label(edge.read_from(end, self.as_rows) + self.vector(vertex), plain=False))
            self._remove(edge)
        else:
            first, second = list(edges)
            start, end = neighbours
            string = first.read_from(start, self.as_rows) + self.between(vertex) + second.read_from(vertex, self.as_rows)
            self._remove(first)
            self._remove(second)
            self.add_edge(Edge(start, end, (Label(string, plain=False),)))
        del self._summed[vertex]
        return neighbours

    def _is_square_sum(self, vertex: int, end: int, edge: Edge) -> bool:
        alone = end in self._summed and len(self.edges[end]) == 1
        square = len(edge.parts) == 1 and edge.parts[0].exponent == 2
        return alone and square and not self.labels[vertex] and not self.labels[end]

    def _parallel(self) -> tuple[Edge, Edge] | None:
        seen: dict[frozenset[int], Edge] = {}
        for vertex, edges in self.edges.items():
            for edge in edges:
                if edge.first != vertex:
                    continue
                ends = frozenset((edge.first, edge.second))
                if ends in seen:
                    return seen[ends], edge
                seen[ends] = edge
        return None

    def _merged(self, first: Edge, second: Edge) -> list[int]:
        """Two matrices between the same vertices: a trace where nothing else stands there, else a Hadamard product."""
        start, end = first.first, first.second
        self._remove(first)
        self._remove(second)
        closed = {start, end} <= self._summed.keys() and not self.edges[start] and not self.edges[end]
        bare = not self.labels[start] and not self.labels[end]
        single = all(len(edge.parts) == 1 and edge.parts[0].exponent == 1 for edge in (first, second))
        if closed and bare and single:
            loop = shorter(first.read_from(start, self.as_rows) + second.read_from(end, self.as_rows))
            self.scalars.append((trace(assembled(loop)), 1))
            del self._summed[start], self._summed[end]
            return []
        self.entrywise_pairs.append((first, second))
        self.add_edge(Edge(start, end, first.parts_from(start) + second.parts_from(start)))
        return [start, end]

    def _close(self, vertex: int) -> None:
        """A summed vertex without matrices: its labels make a scalar."""
        labels = self.labels[vertex]
        if len(labels) == 1:
            (label,) = labels
            if label.exponent == 2:
                self.scalars.append((norm(assembled(label.string)), 2))
            else:
                self.scalars.append((self._total(label), 1))
            return
        ordered = plain_first(labels)
        whole = [k for k, x in enumerate(ordered) if x.exponent == 1]
        if not whole:
            self.scalars.append((total(assembled(entrywise([(x.string, x.exponent) for x in ordered], self.as_rows))), 1))
            return
        tail = ordered.pop(whole[-1])
        if self.style is Style.DIAG:
            head, *middle = ordered
            string = entrywise([(head.string, head.exponent)], False)
            self.scalars.append((assembled(shorter(flipped(string) + self._diagonals(middle) + tail.string)), 1))
            return
        string = entrywise([(x.string, x.exponent) for x in ordered], self.as_rows)
        self.scalars.append((assembled(shorter(flipped(string) + tail.string)), 1))

    @staticmethod
    def _total(label: Label) -> Expr:
        """The sum of the entries of one label; of a diagonal it is a trace, of A 1 the sum of A."""
        string = label.string
        if label.exponent != 1:
            return total(assembled(entrywise([(string, label.exponent)], False)))
        if len(string) == 1 and isinstance(string[0][0], DiagonalPart):
            of = string[0][0].argument
            return trace(of.argument if isinstance(of, Transpose) else of)
        if len(string) > 1 and isinstance(string[-1][0], Ones) and len(rows_and_columns(string[-1][0].shape)) == 2:
            return total(assembled(string[:-1]))
        return total(assembled(string))

    def meeting_at(self, vertex: int) -> int:
        """How many ends meet at a vertex: matrices, vectors (each as often as its whole exponent says), and a free end."""
        powers = [label.exponent for label in self.labels.get(vertex, [])]
        vectors = sum(int(power) if power == int(power) and power > 0 else 1 for power in powers)
        return len(self.edges.get(vertex, [])) + vectors + (vertex in self.free)

    # ---- what is left ------------------------------------------------------------------------------------------------

    @property
    def knot(self) -> tuple[Size, tuple[str, ...]] | None:
        """The size of a summed index that is left, and the factors that it joins."""
        if not self._summed:
            return None
        vertex = next(iter(self._summed))
        return self.sizes[vertex], tuple(repr(assembled(edge.read_from(vertex, self.as_rows))) for edge in self.edges[vertex])

    def require_reduced(self) -> None:
        """Raise if a summed index is left.

        Raises:
            NoMatrixFormError: an index joins three or more factors that no products, ⊙ and diag can untie.
        """
        if self.knot is None:
            return
        size, joined = self.knot
        raise NoMatrixFormError(
            f"No string of matrices writes this: a summed index of size {size} joins {len(joined)} factors "
            f"({', '.join(joined)}), whose other ends are joined in turn, so that neither ⊙, diag nor a trace unties them. "
            "The derivative exists: take .tensor or .index_form, which print and evaluate as sums over indices."
        )

    def edge_between(self, first: int, second: int) -> Edge | None:
        """The matrix between two free vertices."""
        return next((edge for edge in self.edges.get(first, []) if edge.other(first) == second), None)


