"""Why a derivative is written as it is: its index network, whether a path joins the free indices, and the two walks of that path.

In components each term is a product of factors with shared indices, in which no order exists. Factors are nodes and shared indices edges. If
what joins the two free indices is a path, exactly two strings write the term, the walks from either end; a factor walked against its
own index order carries a transpose. Otherwise the certificate says what a string needs besides the product, or why there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import final

from matcalc.errors import NoMatrixFormError
from matcalc.index.form import Form, Term
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Size
from matcalc.layout.matrix_form import Writer
from matcalc.layout.network import Edge, Network
from matcalc.layout.strings import assembled


class Need(StrEnum):
    """What a string needs besides products and transposes."""

    OUTER = "outer product"
    DIAGONAL = "diag or ⊙"
    HADAMARD = "⊙"
    TRACE = "trace"
    SCALAR = "scalar"
    VEC = "vec and Kronecker products"
    AXES = "an array with three axes or more"


@final
@dataclass(frozen=True, slots=True)
class TermNetwork:
    """The index network of one term.

    Attributes:
        nodes: the factors as text, each with the indices it has.
        free, summed: the indices, and their sizes.
        is_path: whether what joins the free indices is a path (one of no edges where a delta makes them one index).
        path: the factors on it, from the first free index on.
        needs: what a string needs besides.
        reason: in words.
    """

    nodes: tuple[tuple[str, tuple[str, ...]], ...]
    free: tuple[tuple[str, Size], ...]
    summed: tuple[tuple[str, Size], ...]
    is_path: bool
    path: tuple[str, ...]
    needs: tuple[Need, ...]
    reason: str


@final
@dataclass(frozen=True, slots=True, repr=False)
class Certificate:
    """Whether a path joins the free indices, and which two strings walk it.

    Attributes:
        what: the derivative.
        terms: the network of each term of its sum over indices.
        is_path: whether in every term what joins the free indices is a path.
        walks: the strings in numerator and in denominator layout; None where no string of matrices writes the derivative.
        sentences: the answer in two or three plain sentences.
    """

    what: str
    terms: tuple[TermNetwork, ...]
    is_path: bool
    walks: tuple[Expr, Expr] | None
    sentences: tuple[str, ...]

    @property
    def needs(self) -> tuple[Need, ...]:
        """What the strings need besides products and transposes, in any term."""
        return tuple(dict.fromkeys(need for term in self.terms for need in term.needs))

    def __repr__(self) -> str:
        return "\n".join([f"{self.what}: {'a path' if self.is_path else 'no path'}", *(f"  {s}" for s in self.sentences)])


def certificate(what: str, form: Form, walks: tuple[Expr, Expr] | None, why_not: str, writer: Writer) -> Certificate:
    """The certificate of a derivative.

    Args:
        what: how it is called.
        form: its sum over indices.
        walks: the results in both layouts, if there are any.
        why_not: why there are none.
        writer: of one of the layouts, for the texts of the factors.
    """
    terms = tuple(_of_term(term, form, writer) for term in form.terms)
    is_path = bool(terms) and walks is not None and all(term.is_path for term in terms)
    return Certificate(what, terms, is_path, walks, tuple(_sentences(form, terms, is_path, walks, why_not)))


def _of_term(term: Term, form: Form, writer: Writer) -> TermNetwork:
    sizes = [*form.axes, *term.bound]
    names = _index_names(len(sizes))
    free = tuple((names[i], sizes[i]) for i in range(len(form.axes)))
    summed = tuple((names[i], sizes[i]) for i in range(len(form.axes), len(sizes)))
    if len(form.axes) > 2:
        needs = (Need.VEC, Need.AXES)
        reason = f"There are {len(form.axes)} free indices, and a matrix has two."
        return TermNetwork(_plain_nodes(term, names), free, summed, False, (), needs, reason)
    try:
        network, deltas = writer.network(term, form.axes)
    except NoMatrixFormError as error:
        return TermNetwork(_plain_nodes(term, names), free, summed, False, (), (Need.AXES,), str(error))
    nodes = _nodes(network, deltas, names)
    edges = list({id(edge): edge for found in network.edges.values() for edge in found}.values())
    return _classified(network, edges, deltas, nodes, names, free, summed)


def _classified(
    network: Network, edges: list[Edge], deltas: Sequence[tuple[int, int]], nodes: tuple[tuple[str, tuple[str, ...]], ...],
    names: Sequence[str], free: tuple[tuple[str, Size], ...], summed: tuple[tuple[str, Size], ...],
) -> TermNetwork:  # fmt: skip
    needs: dict[Need, None] = {}
    ends = sorted(network.free)
    groups = _groups(network, edges)
    for group in groups:
        if not group & network.free:
            inside = [edge for edge in edges if edge.first in group]
            needs[Need.TRACE if len(inside) >= len(group) else Need.SCALAR] = None
    if deltas:
        labelled = any(network.labels.get(i) for i in ends)
        needs |= {Need.DIAGONAL: None} if labelled else {}
        reason = "A delta makes the two free indices one: a diagonal matrix." if labelled else "A delta joins the free indices."
        return TermNetwork(nodes, free, summed, True, (), tuple(needs), reason)
    open_edges = [edge for edge in edges if any(edge.first in group for group in groups if group & network.free)]
    branches, trunk = _without_branches(open_edges, network.free)
    if branches and any(network.labels.get(v) or True for v in branches):
        needs[Need.DIAGONAL] = None
    parallel = len({frozenset((edge.first, edge.second)) for edge in trunk}) < len(trunk)
    if parallel:
        needs[Need.HADAMARD] = None
    path = _path(trunk, ends)
    labelled_inside = any(network.labels.get(v) for edge in trunk for v in (edge.first, edge.second))
    if labelled_inside:
        needs[Need.DIAGONAL] = None
    apart = len(ends) == 2 and not any(set(ends) <= group for group in groups)
    if apart:
        needs[Need.OUTER] = None
    is_path = path is not None and not parallel
    return TermNetwork(nodes, free, summed, is_path, path or (), tuple(needs), _reason(network, names, path, apart, parallel, bool(branches)))


def _reason(network: Network, names: Sequence[str], path: tuple[str, ...] | None, apart: bool, parallel: bool, branches: bool) -> str:
    if parallel:
        return "Two factors share both their indices, so they are multiplied entry by entry: ⊙."
    if path is None:
        return "An index joins three factors or more whose other ends are joined in turn, so no path leads from one free index to the other."
    if apart:
        return "The free indices lie in two parts, joined in an outer product, as if by an edge of size 1."
    if branches:
        return "An index joins three factors; one of them ends there in a vector, so ⊙ or diag ties it to the path."
    return "A path joins the free indices." if len(network.free) == 2 else "The factors are a chain."


def _groups(network: Network, edges: Sequence[Edge]) -> list[set[int]]:
    """The vertices that hang together."""
    group = {vertex: {vertex} for vertex in {*network.edges, *network.free}}
    for edge in edges:
        one, other = group[edge.first], group[edge.second]
        if one is not other:
            one |= other
            for vertex in other:
                group[vertex] = one
    return list({id(found): found for found in group.values()}.values())


def _without_branches(edges: Sequence[Edge], free: frozenset[int]) -> tuple[list[int], list[Edge]]:
    """The vertices at which a vector hangs that is made of matrices, and the edges that are left without such branches."""
    left = list(edges)
    hung: list[int] = []
    while True:
        degree: dict[int, int] = {}
        for edge in left:
            for vertex in (edge.first, edge.second):
                degree[vertex] = degree.get(vertex, 0) + 1
        loose = next((edge for edge in left if any(degree[v] == 1 and v not in free for v in (edge.first, edge.second))), None)
        if loose is None:
            return [v for v in hung if degree.get(v, 0) > 1 or (v in free and degree.get(v, 0) > 0)], left
        left.remove(loose)
        end = loose.first if degree[loose.first] == 1 and loose.first not in free else loose.second
        hung.append(loose.other(end))


def _path(edges: Sequence[Edge], ends: Sequence[int]) -> tuple[str, ...] | None:
    """The factors from the first free index to the last, if the edges are a path; None if they are not."""
    if not edges:
        return ()
    at, left, found = ends[0] if ends else edges[0].first, list(edges), []
    if not any(at in (edge.first, edge.second) for edge in left) and len(ends) == 2:
        at = ends[1]
    while left:
        following = [edge for edge in left if at in (edge.first, edge.second)]
        if len(following) != 1:
            return None
        edge = following[0]
        left.remove(edge)
        found.append(repr(assembled(edge.read_from(at, True))))
        at = edge.other(at)
    return tuple(found)


def _nodes(network: Network, deltas: Sequence[tuple[int, int]], names: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: list[tuple[str, tuple[str, ...]]] = [("δ", (names[i], names[j])) for i, j in deltas]
    seen: set[int] = set()
    for edges in network.edges.values():
        for edge in edges:
            if id(edge) not in seen:
                seen.add(id(edge))
                found.append((repr(assembled(edge.read_from(edge.first, True))), (names[edge.first], names[edge.second])))
    for vertex, labels in network.labels.items():
        found += [(repr(assembled(label.string)), (names[vertex],)) for label in labels]
    found += [(repr(scalar), ()) for scalar, _ in network.scalars]
    return tuple(found)


def _plain_nodes(term: Term, names: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((atom.kind.value, tuple(names[i] for i in indices)) for atom, indices, _ in term.factors)


def _index_names(count: int) -> list[str]:
    letters = "ijklmnpqrstuvw"
    return [letters[k] if k < len(letters) else f"i{k}" for k in range(count)]


def _sentences(form: Form, terms: Sequence[TermNetwork], is_path: bool, walks: tuple[Expr, Expr] | None, why_not: str) -> list[str]:
    """Two or three sentences for the case at hand."""
    if not terms:
        return ["The derivative is zero."]
    start = f"It is a sum over shared indices{' of ' + str(len(terms)) + ' terms' if len(terms) > 1 else ''}, in which no order exists."
    if walks is None:
        return [start, terms[0].reason, why_not]
    reasons = list(dict.fromkeys(term.reason for term in terms))
    middle = " ".join(reasons[:2])
    numerator, denominator = walks
    if is_path and len(form.axes) == 2:
        end = f"Exactly two strings walk it: {numerator!r} from the output end (numerator layout), {denominator!r} from the input end."
    else:
        end = f"So it is written {numerator!r} in numerator layout and {denominator!r} in denominator layout."
    return [start, middle, end]
