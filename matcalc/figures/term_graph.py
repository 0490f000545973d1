"""One term of a sum over indices as a graph: its factors as nodes with legs, its indices as vertices that join them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import final

from matcalc.errors import NoMatrixFormError
from matcalc.figures.typeset import Formula
from matcalc.index.form import Factor, Form, Term
from matcalc.language.building import diag, lift
from matcalc.language.expressions import Expr
from matcalc.language.operators import METHODS
from matcalc.language.sizes import Size
from matcalc.layout.index_network import index_letters
from matcalc.layout.matrix_form import Writer
from matcalc.layout.network import Edge, Label, Network
from matcalc.layout.strings import assembled, entrywise, quotient, shorter
from matcalc.printing.names import latex_name


@final
@dataclass(frozen=True, slots=True)
class Node:
    """A factor.

    Attributes:
        key: a number that tells it from the other factors of the term.
        legs: the vertices that it joins, one for each of its axes.
        formula: what it is called.
        called: its plain text.
        readings: the formula as it is read from the first leg to the second, and the other way round; of a vector as a row, as a
            column, and as a diagonal matrix.
    """

    key: int
    legs: tuple[int, ...]
    formula: Formula
    called: str
    readings: tuple[Formula, ...] = ()

    def other(self, vertex: int) -> int:
        """The leg of a matrix that is not this one."""
        return self.legs[1] if self.legs[0] == vertex else self.legs[0]

    def read_from(self, vertex: int) -> Formula:
        """A matrix as it is read from one of its legs on."""
        return self.readings[0 if self.legs[0] == vertex else 1]


@final
@dataclass(frozen=True, slots=True)
class TermGraph:
    """A term.

    Attributes:
        nodes: the factors that have indices.
        scalars: the number and the factors without indices, as one formula; empty where that is 1.
        negative: whether the number is below 0.
        free: for each free index its vertex; two that a delta makes one have the same.
        letters, sizes: of each index.
    """

    nodes: tuple[Node, ...]
    scalars: Formula
    negative: bool
    free: tuple[int, ...]
    letters: tuple[str, ...]
    sizes: tuple[Size, ...]

    def at(self, vertex: int) -> list[Node]:
        """The nodes that have a leg at a vertex."""
        return [node for node in self.nodes if vertex in node.legs]

    def ends_at(self, vertex: int) -> int:
        """How many legs and free ends meet at a vertex."""
        return sum(node.legs.count(vertex) for node in self.nodes) + self.free.count(vertex)

    def components(self) -> list[tuple[set[int], list[Node]]]:
        """The vertices that hang together, with their nodes: those with free indices first, in the order of these."""
        group = {vertex: {vertex} for vertex in (*self.free, *(leg for node in self.nodes for leg in node.legs))}
        for node in self.nodes:
            joined = set().union(*(group[leg] for leg in node.legs))
            for vertex in joined:
                group[vertex] = joined
        found = list({id(vertices): vertices for vertices in group.values()}.values())
        return [(vertices, [node for node in self.nodes if node.legs[0] in vertices]) for vertices in found]


def graph_of(term: Term, form: Form, writer: Writer) -> TermGraph:
    """The graph of a term of a form.

    Args:
        term, form: the term, and the form that it is of.
        writer: of one of the layouts, for the formulas of the factors.
    """
    sizes = (*form.axes, *term.bound)
    letters = tuple(latex_name(letter, ()) for letter in index_letters(term, form))
    try:
        network, deltas = writer.network(term, form.axes)
        nodes = list(_of_network(network))
        scalars = list(network.scalars)
    except NoMatrixFormError:
        plain = [factor for factor in term.factors if factor[1]]
        deltas = []
        nodes = [_plain_node(key, factor) for key, factor in enumerate(plain)]
        scalars = [(_scalar(writer, factor), 1) for factor in term.factors if not factor[1]]
    merged = _merged(deltas, len(sizes))
    moved = tuple(Node(n.key, tuple(merged[leg] for leg in n.legs), n.formula, n.called, n.readings) for n in nodes)
    number = abs(term.coefficient)
    factor = quotient([*([(lift(number), 1)] if number != 1 else []), *scalars]) if scalars or number != 1 else None
    free = tuple(merged[axis] for axis in range(len(form.axes)))
    return TermGraph(moved, Formula("" if factor is None else factor.latex()), term.coefficient < 0, free, letters, sizes)


def _merged(deltas: Iterable[tuple[int, int]], count: int) -> list[int]:
    """For each index the first of those that deltas make equal to it."""
    found = list(range(count))
    for one, other in deltas:
        low, high = sorted((found[one], found[other]))
        found = [low if vertex == high else vertex for vertex in found]
    return found


def _of_network(network: Network) -> Iterator[Node]:
    edges = list({id(edge): edge for found in network.edges.values() for edge in found}.values())
    key = 0
    for edge in edges:
        yield _matrix_node(key, edge)
        key += 1
    for vertex, labels in network.labels.items():
        for label in labels:
            yield _vector_node(key, vertex, label)
            key += 1


def _matrix_node(key: int, edge: Edge) -> Node:
    bare = assembled(shorter(edge.read_from(edge.first, True)))
    readings = tuple(Formula(assembled(edge.read_from(leg, True)).latex()) for leg in (edge.first, edge.second))
    return Node(key, (edge.first, edge.second), Formula(bare.latex()), repr(bare), readings)


def _vector_node(key: int, vertex: int, label: Label) -> Node:
    column = assembled(entrywise([(label.string, label.exponent)], False))
    readings = tuple(Formula(each.latex()) for each in (column.T, column, diag(column)))
    return Node(key, (vertex,), Formula(column.latex()), repr(column), readings)


def _plain_node(key: int, factor: Factor) -> Node:
    """A factor with three axes or more, as it stands in the sum over indices, without these."""
    atom, indices, exponent = factor
    alone = Form(atom.sizes, (Term(1, ((atom, tuple(range(len(indices))), exponent),), ()),))
    shown, text = METHODS["index_latex"](alone), METHODS["index_text"](alone)
    return Node(key, indices, Formula(shown), text)


def _scalar(writer: Writer, factor: Factor) -> Expr:
    atom, _, exponent = factor
    return quotient([(writer.atom(atom), exponent)])


def shortest_path(nodes: Sequence[Node], start: int, goal: set[int]) -> list[Node] | None:
    """The matrices on a shortest way from a vertex to one of a set; None if there is no way."""
    came: dict[int, Node | None] = {start: None}
    waiting = [start]
    for vertex in waiting:
        if vertex in goal and came[vertex] is not None:
            return _way_back(came, vertex)
        for node in nodes:
            if len(node.legs) == 2 and vertex in node.legs and node.other(vertex) not in came:
                came[node.other(vertex)] = node
                waiting.append(node.other(vertex))
    return None


def longest_way(nodes: Sequence[Node], start: int) -> list[Node]:
    """The matrices on the way to a vertex that is furthest from a start."""
    came: dict[int, Node | None] = {start: None}
    waiting = [start]
    for vertex in waiting:
        for node in nodes:
            if len(node.legs) == 2 and vertex in node.legs and node.other(vertex) not in came:
                came[node.other(vertex)] = node
                waiting.append(node.other(vertex))
    return _way_back(came, waiting[-1])


def _way_back(came: dict[int, Node | None], vertex: int) -> list[Node]:
    found: list[Node] = []
    while (node := came[vertex]) is not None:
        found.append(node)
        vertex = node.other(vertex)
    return found[::-1]
