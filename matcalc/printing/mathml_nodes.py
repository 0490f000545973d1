"""Elements of MathML, each with the place of the LaTeX that it comes from, and how they are written with places marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import final

from matcalc.printing.mathml_fences import DRAWN, drawn
from matcalc.printing.mathml_signs import BARS, CLOSING, OPENING

SHORTEST_PIECE = 5  # elements between two places where a formula may be broken
RELATIONS = frozenset("=≠≤≥≈≡≔→⟹⇒⟺∼∝")
AXIS = 0.25  # of fractions above the baseline; this and all heights in em
GAP = 0.45  # between the lines of a table
PLAIN = (0.75, 0.25)  # of letters, above the baseline and below it
TALLEST_PLAIN = 0.85  # from the axis, that a fence as it is written covers
BREAKS_BEFORE = RELATIONS | frozenset("+−±⋅⊙⊗")


@final
@dataclass(frozen=True, slots=True)
class Node:
    """An element.

    Attributes:
        tag: the name of the element.
        content: its text, or the elements in it.
        start, end: the place in the LaTeX.
        attributes: of the element, each a name and a value.
        role: what its neighbours have to know: ``large``, ``limits``, ``function``, ``operator`` or nothing.
    """

    tag: str
    content: str | tuple[Node, ...]
    start: int
    end: int
    attributes: tuple[tuple[str, str], ...] = ()
    role: str = field(default="", compare=False)

    def within(self, places: Iterable[tuple[int, int]]) -> bool:
        """Whether it comes wholly from one of the places."""
        return self.start < self.end and any(start <= self.start and self.end <= end for start, end in places)


def row(nodes: Sequence[Node], start: int, end: int) -> Node:
    """One element for several."""
    return nodes[0] if len(nodes) == 1 else Node("mrow", tuple(nodes), start, end)


def gap(at: int, width: str) -> Node:
    """A space."""
    return Node("mspace", "", at, at, (("width", width),))


def operator(sign: str, start: int, end: int) -> Node:
    """A sign between or around others, as large as it is written."""
    if sign in BARS or sign == "/":
        return Node("mo", sign, start, end, (("stretchy", "false"), ("lspace", "0"), ("rspace", "0")), "open")
    if sign in OPENING or sign in CLOSING:
        form = "prefix" if sign in OPENING else "postfix"
        return Node("mo", sign, start, end, (("stretchy", "false"), ("form", form)), "open" if sign in OPENING else "")
    return Node("mo", sign, start, end, role="operator")


def fenced(opening: str, nodes: tuple[Node, ...], closing: str, start: int, end: int) -> Node:
    """Elements between fences that are as high as they are; an empty fence is none."""
    half = half_height(nodes)
    before = (fence(opening, start, half, "prefix"),) if opening else ()
    after = (fence(closing, end, half, "postfix"),) if closing else ()
    return Node("mrow", (*before, *nodes, *after), start, end)


def fence(sign: str, at: int, half: float, form: str) -> Node:
    """A fence; a tall one is drawn, as signs grow only with fonts that many machines lack."""
    if half <= TALLEST_PLAIN:
        return Node("mo", sign, at, at, (("stretchy", "false"), ("form", form)))
    return Node(DRAWN, sign, at, at, (("half", f"{half:.2f}"), ("axis", str(AXIS))))


def half_height(nodes: Iterable[Node]) -> float:
    """How far elements reach from the axis, up or down."""
    above, below = _extents(nodes)
    return max(above - AXIS, below + AXIS) + 0.05


def _extents(nodes: Iterable[Node]) -> tuple[float, float]:
    found = [PLAIN, *map(_extent, nodes)]
    return max(above for above, _ in found), max(below for _, below in found)


def _extent(node: Node) -> tuple[float, float]:
    """How far an element reaches above the baseline and below it, estimated."""
    if isinstance(node.content, str):
        return PLAIN
    parts = [_extent(part) for part in node.content]
    if node.tag == "mfrac":
        upper, lower = (sum(part, 0.0) for part in parts)
        return AXIS + 0.12 + upper, lower + 0.12 - AXIS
    if node.tag == "mtable":
        half = sum(sum(part, GAP) for part in parts) / 2
        return half + AXIS, half - AXIS
    above, below = _extents(node.content)
    if node.tag in ("mover", "munderover", "munder"):
        return above + 0.6 * (node.tag != "munder"), below + 0.7 * (node.tag != "mover")
    return above + 0.25 * (node.tag in ("msup", "msubsup")), below + 0.2 * (node.tag in ("msub", "msubsup"))


def table(cells: Sequence[Sequence[Sequence[Node]]], alignment: str, start: int, end: int) -> Node:
    """Lines of cells; alignment is ``left``, ``aligned`` (right and left in turn), or nothing for the middle."""
    lines = [line for line in cells if any(line)]
    rows = tuple(Node("mtr", tuple(Node("mtd", tuple(cell), start, end) for cell in line), start, end) for line in lines)
    return Node("mtable", rows, start, end, (*((("class", alignment),) if alignment else ()), ("displaystyle", "true")))


def written(nodes: Sequence[Node], places: Sequence[tuple[int, int]]) -> str:
    """The elements one after another; what comes from the places is marked, neighbours together."""
    parts = []
    for marked, group in groupby(nodes, key=lambda node: node.within(places)):
        text = "".join(_element(node, () if marked else places) for node in group)
        parts.append(f'<mrow class="wrong">{text}</mrow>' if marked else text)
    return "".join(parts)


def _element(node: Node, places: Sequence[tuple[int, int]]) -> str:
    if node.tag == DRAWN and isinstance(node.content, str):
        return drawn(node.content, dict(node.attributes))
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes)
    if isinstance(node.content, str):
        return f"<{node.tag}{attributes}>{escape(node.content)}</{node.tag}>"
    if node.tag in ("mrow", "mtd"):
        return f"<{node.tag}{attributes}>{written(node.content, places)}</{node.tag}>"
    return f"<{node.tag}{attributes}>{''.join(written((child,), places) for child in node.content)}</{node.tag}>"


def pieces(nodes: Sequence[Node]) -> Iterator[tuple[Node, ...]]:
    """Stretches of a formula between which a line may be broken: before a relation, a sum's sign, or a fraction behind another."""
    piece: list[Node] = []
    for node in nodes:
        if piece and _breaks(piece, node):
            yield tuple(piece)
            piece = []
        piece.append(node)
    if piece:
        yield tuple(piece)


def _breaks(piece: Sequence[Node], node: Node) -> bool:
    if node.role == "operator" and isinstance(node.content, str):
        return node.content in RELATIONS or (node.content in BREAKS_BEFORE and len(piece) >= SHORTEST_PIECE)
    return node.tag == "mfrac" and piece[-1].tag == "mfrac" and len(piece) >= 2
