"""The index network of one term, looked at before anything is written: what its indices join, and whether that is a path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import chain, count, islice
from typing import final

from matcalc.errors import NoMatrixFormError
from matcalc.index.form import Atom, AtomKind, Form, Rational, Term
from matcalc.language.sizes import Dim, Size
from matcalc.language.text_rows import filled
from matcalc.layout.matrix_form import ATOMS, Writer
from matcalc.layout.network import Edge, Network
from matcalc.layout.strings import String, assembled, shorter

LETTERS = "ijkpqrstuvw"


class Need(StrEnum):
    """What a string needs besides products and transposes."""

    OUTER = "outer product"
    DIAGONAL = "diag or ⊙"
    HADAMARD = "⊙"
    TRACE = "trace"
    SCALAR = "scalar"
    VEC = "vec and Kronecker products"
    AXES = "an array with three axes or more"


_IN_WORDS = {
    Need.OUTER: "an outer product", Need.TRACE: "a trace", Need.SCALAR: "a scalar factor", Need.AXES: "an array with three axes or more",
}  # fmt: skip


@final
@dataclass(frozen=True, slots=True)
class TermNetwork:
    """The index network of one term.

    Attributes:
        nodes: the factors as text, each with the indices it has.
        free, summed: the indices, and their sizes.
        is_path: whether what joins the free indices is a path, vectors at its joints taken as diagonal matrices. One of no edges
            where a delta makes them one index; an outer product is joined as if by an edge of size 1.
        path: the factors on it, from the first free index on.
        needs: what a string needs besides products and transposes.
        sentences: what joins the free indices, and what more is needed.
    """

    nodes: tuple[tuple[str, tuple[str, ...]], ...]
    free: tuple[tuple[str, Size], ...]
    summed: tuple[tuple[str, Size], ...]
    is_path: bool
    path: tuple[str, ...]
    needs: tuple[Need, ...]
    sentences: tuple[str, ...]

    def __repr__(self) -> str:
        nodes = " ".join(f"({text})_{','.join(indices)}" if indices else f"({text})" for text, indices in self.nodes)
        free = ", ".join(f"{name} of size {size}" for name, size in self.free) or "none"
        return "\n".join([*filled(f"{nodes}; free: {free}"), *(line for each in self.sentences for line in filled(each, "  ", "    "))])

    @property
    def reason(self) -> str:
        """The sentences as one text."""
        return " ".join(self.sentences)


@final
@dataclass(frozen=True, slots=True)
class _Meeting:
    """An index at which more than two ends meet: its factors, and whether it is free."""

    size: Size
    factors: tuple[str, ...]
    free: bool

    def __str__(self) -> str:
        own = "the free index" if self.free else "the index"
        return f"{own} of size {self.size} joins {in_words(self.factors)}"


def index_letters(term: Term, form: Form) -> tuple[str, ...]:
    """The letters of the free indices and of the summed ones; what is the name of a size or of a quantity is passed over."""
    sizes = (*form.axes, *term.bound)
    taken = {name for size in sizes if isinstance(size, Dim) for name in size.names} | form.names
    candidates = chain(LETTERS, (f"i_{k}" for k in count(1)))
    return tuple(islice((letter for letter in candidates if letter not in taken), len(sizes)))


def network_of(term: Term, form: Form, writer: Writer) -> TermNetwork:
    """The network of a term of a form.

    Args:
        term, form: the term, and the form it is of.
        writer: of one of the layouts, for the texts of the factors.
    """
    sizes = [*form.axes, *term.bound]
    names = index_letters(term, form)
    free = tuple(zip(names, form.axes, strict=False))
    summed = tuple((names[i], sizes[i]) for i in range(len(form.axes), len(sizes)))
    if len(form.axes) > 2:
        reason = f"It has {len(form.axes)} free indices, and a matrix has room for two."
        return TermNetwork(_plain_nodes(term, names), free, summed, False, (), (Need.VEC, Need.AXES), (reason,))
    try:
        found = _Look(term, form, writer)
        inner = _inner_needs(term, writer)
    except NoMatrixFormError as error:
        return TermNetwork(_plain_nodes(term, names), free, summed, False, (), (Need.AXES,), (str(error),))
    needs = tuple(dict.fromkeys([*found.needs, *(need for _, own in inner for need in own)]))
    inside = [f"{text} is a sum of its own, with {in_words([_IN_WORDS.get(n, n.value) for n in own])}." for text, own in inner]
    sentences = (*found.sentences(), *inside[:1])
    return TermNetwork(found.nodes(names), free, summed, found.is_path, found.path or (), needs, sentences)


@final
class _Look:
    """One term, as its network is before and after its reduction."""

    def __init__(self, term: Term, form: Form, writer: Writer) -> None:
        self.network, self.deltas = writer.network(term, form.axes)
        self.ends = sorted(self.network.free)
        self.edges = list({id(edge): edge for found in self.network.edges.values() for edge in found}.values())
        self.groups = _groups(self.network, self.edges)
        self.joined = any(set(self.ends) <= group for group in self.groups) or bool(self.deltas)
        open_edges = [e for e in self.edges if any(e.first in group for group in self.groups if group & self.network.free)]
        trunk = _without_branches(open_edges, self.network.free)
        self.path = _path(trunk, self.ends) if self.joined else ()
        reduced, _ = writer.network(term, form.axes)
        given = len(reduced.scalars)
        reduced.reduce()
        at_ends = [] if self.deltas else [end for end in self.ends if reduced.meeting_at(end) > 2]
        self.meetings = [self._meeting(vertex) for vertex in (*at_ends, *reduced.tied)]
        self.is_diagonal = bool(self.deltas) and any(reduced.meeting_at(end) > 1 for end in self.ends)
        self.scalars = [repr(scalar) for scalar, _ in reduced.scalars[given:]]
        self.knot = reduced.knot
        self.pairs = [] if self.knot else [(_text(a), _text(b)) for a, b in reduced.entrywise_pairs]
        self.powers = [_text(edge) for edge in self.edges if any(part.exponent != 1 for part in edge.parts)]
        self.is_path = self.knot is None and not self.pairs and (self.path is not None or not self.joined)

    def _meeting(self, vertex: int) -> _Meeting:
        labels = self.network.labels.get(vertex, [])
        vectors = [_bare(label.string) for label in labels for _ in range(_times(label.exponent))]
        matrices = [_text(edge) for edge in self.network.edges.get(vertex, [])]
        return _Meeting(self.network.sizes[vertex], (*vectors, *matrices), vertex in self.network.free)

    @property
    def needs(self) -> list[Need]:
        """What a string needs besides products and transposes, as far as this term itself goes."""
        if self.knot is not None:
            return [Need.AXES]
        found = [Need.OUTER] if len(self.ends) == 2 and not self.joined else []
        if self.meetings or self.is_diagonal:
            found.append(Need.DIAGONAL)
        if self.pairs or self.powers:
            found.append(Need.HADAMARD)
        for group in self.groups:
            if not group & self.network.free:
                inside = [edge for edge in self.edges if edge.first in group]
                found.append(Need.TRACE if len(inside) >= len(group) else Need.SCALAR)
        return found

    def sentences(self) -> list[str]:
        """One or two sentences: what joins the free indices, and what more is needed."""
        if self.knot is not None:
            size, joined = self.knot
            ends = "the other ends of these are joined in turn, so that neither ⊙ nor diag unties them"
            return [f"The index of size {size} joins {in_words(joined)}, and {ends}: no path, and no string."]
        told = [self._ends()]
        if self.meetings:
            shown = [str(meeting) for meeting in self.meetings[:2]]
            more = f" (and so on, {len(self.meetings)} in all)" if len(self.meetings) > 2 else ""
            told.append(f"{_capital('; '.join(shown))}{more}: ⊙ or diag stands there.")
        if self.scalars:
            which = "a scalar" if len(self.scalars) == 1 else "scalars"
            told.append(f"{in_words(self.scalars)} {'has' if len(self.scalars) == 1 else 'have'} no free index: {which}, in any place.")
        return told

    def _ends(self) -> str:
        pairs = [f"{a} and {b}" for a, b in self.pairs[:2]]
        by_entry = f"{' as well as '.join(pairs)} have both indices in common and are multiplied entry by entry, ⊙"
        if len(self.ends) < 2:
            said = "One index is free, so it is a row or a column" if self.ends else "No index is free, so it is a scalar"
            return f"{said}; {by_entry}." if pairs else f"{said}."
        if not self.joined:
            first = "Nothing joins the two free indices, so each belongs to a vector: an outer product, as if joined by an edge of size 1."
            return f"{first} {_capital(by_entry)}." if pairs else first
        if pairs:
            return f"No path joins the two free indices by itself: {by_entry}; with that a path is left."
        if self.deltas:
            return f"A delta makes the two free indices one: {'a diagonal matrix' if self.is_diagonal else 'the identity'}."
        return f"A path joins the two free indices, through {in_words(self.path or ())}."

    def nodes(self, names: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The factors with the names of their indices."""
        found: list[tuple[str, tuple[str, ...]]] = [("δ", (names[i], names[j])) for i, j in self.deltas]
        found += [(_text(edge), (names[edge.first], names[edge.second])) for edge in self.edges]
        for vertex, labels in self.network.labels.items():
            found += [(_bare(label.string), (names[vertex],)) for label in labels]
        return (*found, *((repr(scalar), ()) for scalar, _ in self.network.scalars))


def _plain_nodes(term: Term, names: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The factors of a term that is not laid out, each by its name or its kind."""
    return tuple((_plain_name(atom), tuple(names[i] for i in indices)) for atom, indices, _ in term.factors)


def _plain_name(atom: Atom) -> str:
    if atom.kind is AtomKind.VARIABLE:
        return repr(atom.payload[0])
    return "δ" if atom.kind is AtomKind.DELTA else atom.kind.value


def _inner_needs(term: Term, writer: Writer) -> list[tuple[str, tuple[Need, ...]]]:
    """The factors that are sums of their own, and what these need."""
    found = []
    for atom, _, _ in term.factors:
        if atom.kind is AtomKind.BRACKET and atom.sizes:
            form = atom.payload[0]
            products = [inner for inner in form.terms if _is_product(inner)]
            needs = dict.fromkeys(need for inner in products for need in network_of(inner, form, writer).needs)
            if needs:
                found.append((_bare(ATOMS[atom.kind](writer, atom)), tuple(needs)))
    return found


def _is_product(term: Term) -> bool:
    """Whether several arrays are multiplied; a number that is spread and a power of one array, as in 1 - a^2, are entries by themselves."""
    return len([atom for atom, indices, _ in term.factors if indices]) > 1


def in_words(parts: Sequence[str]) -> str:
    """Parts of a sentence with commas and an and; a part that occurs twice in a row is said twice."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("the ") else text


def _text(edge: Edge) -> str:
    return _bare(edge.read_from(edge.first, True))


def _bare(string: String) -> str:
    """A factor as it is called where no order is: the way round that takes fewer transposes."""
    return repr(assembled(shorter(string)))


def _times(exponent: Rational) -> int:
    """How often a factor with that exponent stands there."""
    return max(1, int(exponent)) if Fraction(exponent).denominator == 1 else 1


# ---- the graph -------------------------------------------------------------------------------------------------------


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


def _without_branches(edges: Sequence[Edge], free: frozenset[int]) -> list[Edge]:
    """The edges that are left without branches that end in a summed index: those are vectors, made of matrices."""
    left = list(edges)
    while True:
        degree: dict[int, int] = {}
        for edge in left:
            for vertex in (edge.first, edge.second):
                degree[vertex] = degree.get(vertex, 0) + 1
        loose = next((edge for edge in left if any(degree[v] == 1 and v not in free for v in (edge.first, edge.second))), None)
        if loose is None:
            return left
        left.remove(loose)


def _path(edges: Sequence[Edge], ends: Sequence[int]) -> tuple[str, ...] | None:
    """The factors from the first free index to the last, if the edges are a path; None if they are not."""
    if not edges:
        return ()
    if not ends:
        return None
    at, left, found = ends[0], list(edges), []
    while left:
        following = [edge for edge in left if at in (edge.first, edge.second)]
        if len(following) != 1:
            return None
        left.remove(following[0])
        found.append(_text(following[0]))
        at = following[0].other(at)
    return tuple(found)
