"""Index network: factors as nodes, shared indices as wires, and the two walks of the path that joins the free indices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, remainder, sin
from typing import final

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.figures.blocks import FAR, NEAR
from matcalc.figures.drawing import Drawing
from matcalc.figures.factor_names import transposed_formula
from matcalc.figures.line_breaking import broken
from matcalc.figures.network_layout import Place, Placed, Room, placed
from matcalc.figures.sheet import Box, Point, Sheet
from matcalc.figures.style import BLACK, BLUE, GREY, SKY, VERMILLION, WHITE, FigureStyle, style_of, tint
from matcalc.figures.term_graph import Node, TermGraph, graph_of
from matcalc.figures.typeset import Formula, extent, shown
from matcalc.language.expressions import Derivative
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import name_of
from matcalc.layout.index_network import TermNetwork
from matcalc.layout.matrix_form import Writer
from matcalc.printing.names import latex_size

_ROW, _GAP, _STUB = 3.0, 0.7, 1.2  # units: from row to row, between neighbours, of a wire to a free end
_HEIGHT = 1.5  # units: of a box
_NEAR_WIRE = 0.7  # radians: a letter so near to a wire would lie on it
_JOINED = 1.6  # units: of the edge of size 1
_ONES: tuple[Formula, Formula] = (Formula(r"\mathbf{1}^\top"), Formula(r"\mathbf{1}"))
_WALKS = ((Layout.NUMERATOR, BLUE, False), (Layout.DENOMINATOR, VERMILLION, True))


@final
@dataclass(frozen=True, slots=True)
class _Part:
    """A component with the place of its left upper corner."""

    placed: Placed
    x: float
    y: float
    row: float

    def at(self, place: Place) -> Point:
        return self.x + place[0], self.y - place[1] * self.row


def index_network(d: Derivation, *, sizes: Mapping[str, int] | None = None, walks: bool = True, style: str = "paper") -> Drawing:
    """The index network of a derivative: a panel for each term of its sum over indices.

    Factors are boxes and indices are wires. A dot joins three ends or more: there a string of matrices needs ⊙ or diag. A path that
    joins the two free indices is drawn from left to right; the two arrows above it are its walks, which write the derivative in
    numerator and in denominator layout. A dashed edge of size 1 joins the parts of an outer product, a closed loop is a trace.

    Shapes: the left end counts the rows in numerator layout, the right end those in denominator layout.

    Args:
        d: the derivative, in any layout.
        sizes: not used by this figure, which has no lengths; it is taken so that all figures may be asked for alike.
        walks: whether the two walks are drawn.
        style: ``paper`` or ``slide``.

    Raises:
        MatcalcError: the derivative is zero, so that it has no term.

    Example:
        >>> import matcalc as mc
        >>> n, m = mc.dims("n m")
        >>> x, z = mc.vector("x", n), mc.let("z", mc.matrix("W", m, n) @ mc.vector("x", n))
        >>> drawn = index_network(mc.derive(mc.let("a", mc.function("f")(z)), x, layout="numerator"))
        >>> [node.text for node in drawn.with_role("node")], [dot.text for dot in drawn.with_role("copy")]
        (["f'(z)", 'W'], ['i'])
    """
    look = style_of(style)
    form = d.index_form.form
    if not form.terms:
        raise MatcalcError(f"{d!r} is zero: no term is left, and there is no network to draw.")
    writer = Writer(Layout.NUMERATOR, d.style)
    graphs = [graph_of(term, form, writer) for term in form.terms]
    told = d.certificate.terms
    sheet = Sheet(look)
    top = _heading(sheet, d)
    for number, (graph, term) in enumerate(zip(graphs, told, strict=True)):
        top = _panel(sheet, graph, term, number, top, mirrored=not d.of.shape, walks=walks) - 2 * FAR * look.unit
    _sentences(sheet, d, graphs, top)
    terms = "one term" if len(graphs) == 1 else f"{len(graphs)} terms"
    said = f"The index network of d{name_of(d.of)}/d{name_of(d.wrt)}, {terms}. {d.certificate.sentences[0]}"
    return sheet.drawing(kind="index_network", said=said)


def _heading(sheet: Sheet, d: Derivation) -> float:
    name = Formula(Derivative(d.of, d.wrt, d.layout.value, False, d.shape).latex())
    box = sheet.text(0, 0, f"{name.mathtext}  in components", size=sheet.style.large, anchor="left", role="title")
    return box[1] - FAR * sheet.style.unit


# ---- one term --------------------------------------------------------------------------------------------------------


def _panel(sheet: Sheet, graph: TermGraph, term: TermNetwork, number: int, top: float, *, mirrored: bool, walks: bool) -> float:
    """A term: its sign and scalars, the parts with free ends in one line if they are two, the closed parts below."""
    style = sheet.style
    unit = style.unit
    room = _room(graph, style)
    with_walks = walks and term.is_path and 0 < len(graph.free) <= 2
    head = (3.2 if with_walks else 0.8) * unit
    x = _scalars(sheet, graph, number, top - head - _HEIGHT * unit / 2)
    parts = graph.components()
    free = [part for part in parts if part[0] & set(graph.free)]
    closed = [part for part in parts if not part[0] & set(graph.free)]
    made = [placed(graph, *part, room, mirrored=_is_mirrored(graph, part[0], mirrored, len(free))) for part in free]
    if len(made) == 2 and len(graph.free) == 2 and mirrored:
        made.reverse()
    middle = top - head - _HEIGHT * unit / 2
    drawn: list[_Part] = []
    bottom = middle
    if len(made) == 2 and len(graph.free) == 2:
        first = _Part(made[0], x + _stub_of(made[0], "left", unit), middle, room.row)
        second = _Part(made[1], first.x + made[0].width + _JOINED * unit, middle, room.row)
        drawn = [first, second]
        bottom = middle - (max(each.depth for each in made) - 1) * room.row
    else:
        for each in made:
            drawn.append(_Part(each, x + _stub_of(each, "left", unit), bottom if not drawn else bottom - room.row, room.row))
            bottom = drawn[-1].y - (each.depth - 1) * room.row
    for part in closed:
        each = placed(graph, *part, room, mirrored=False)
        lower = bottom - (room.row if drawn else 0)
        if drawn:
            sheet.text(x + 0.3 * unit, lower, "·", size=style.large, role="sign")
        drawn.append(_Part(each, x + 1.2 * unit, lower, room.row))
        bottom = lower - (each.depth - 1) * room.row
    for each_part in drawn:
        _draw_part(sheet, graph, each_part)
    if len(made) == 2 and len(graph.free) == 2:
        _outer(sheet, graph, drawn[0], drawn[1])
    if with_walks:
        _draw_walks(sheet, graph, drawn[: 1 if len(made) == 1 else 2], middle)
    return bottom - _HEIGHT * unit / 2 - NEAR * unit


def _is_mirrored(graph: TermGraph, vertices: set[int], mirrored: bool, parts: int) -> bool:
    """Whether the free end of a part stands on the right; of two ends, whether the second index is the left one."""
    own = [index for index, vertex in enumerate(graph.free) if vertex in vertices]
    if len(graph.free) == 2 and parts == 2:
        return own == [0] if mirrored else own == [1]
    return mirrored


def _stub_of(made: Placed, side: str, unit: float) -> float:
    """The room that a free end on the left needs."""
    return (_STUB + 1.0) * unit if any(each == side for _, _, each in made.ends) else 0.5 * unit


def _room(graph: TermGraph, style: FigureStyle) -> Room:
    widths = {node.key: _width(node, style) for node in graph.nodes}
    return Room(lambda node: widths[node.key], _GAP * style.unit, _STUB * style.unit, _ROW * style.unit)


def _width(node: Node, style: FigureStyle) -> float:
    """The width of a box, or of the longest way in which it is read."""
    readings = max((extent(each, style.text)[0] for each in node.readings), default=0.0)
    return max(_box_width(node, style), readings)


def _box_width(node: Node, style: FigureStyle) -> float:
    return max(extent(node.formula, style.text)[0] + 2 * NEAR * style.unit, _HEIGHT * style.unit)


def _scalars(sheet: Sheet, graph: TermGraph, number: int, y: float) -> float:
    """The sign of the term and what has no index; returns where the network begins."""
    x = 0.0
    if number or graph.negative:
        sign = "−" if graph.negative else "+"
        x = sheet.text(x, y, sign, size=sheet.style.large, anchor="left", role="sign")[2] + NEAR * sheet.style.unit
    if graph.scalars:
        x = sheet.text(x, y, graph.scalars, anchor="left")[2] + NEAR * sheet.style.unit
        x = sheet.text(x, y, "·", anchor="left", role="sign")[2] + NEAR * sheet.style.unit
    return x


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _draw_part(sheet: Sheet, graph: TermGraph, part: _Part) -> None:
    style = sheet.style
    by_key = {node.key: node for node in graph.nodes}
    for vertex, points in part.placed.wires:
        _draw_wire(sheet, [part.at(point) for point in points], graph.letters[vertex])
    for key, place in part.placed.boxes.items():
        _draw_node(sheet, by_key[key], part.at(place))
    for vertex, place in part.placed.dots.items():
        x, y = part.at(place)
        if graph.ends_at(vertex) != 2:
            sheet.disc(x, y, 0.16 * style.unit, fill=BLACK, role="copy", text=graph.letters[vertex])
        if vertex not in graph.free:
            angle = _free_direction([[part.at(point) for point in points] for _, points in part.placed.wires], (x, y))
            x, y = x + 0.5 * style.unit * cos(angle), y + 0.5 * style.unit * sin(angle)
            sheet.text(x, y, Formula(graph.letters[vertex]), size=style.small, colour=GREY)
    for index, place, side in part.placed.ends:
        _draw_end(sheet, graph, index, part.at(place), side)


def _free_direction(wires: Sequence[Sequence[Point]], dot: Point) -> float:
    """The angle at which a letter stands beside a dot: above it, or where no wire is near if one leads upwards."""
    leading = [points[1] for points in wires if points[0] == dot] + [points[-2] for points in wires if points[-1] == dot]
    angles = [atan2(y - dot[1], x - dot[0]) for x, y in leading]

    def room(angle: float) -> float:
        return min((abs(remainder(angle - other, 2 * pi)) for other in angles), default=pi)

    return pi / 2 if room(pi / 2) > _NEAR_WIRE else max((k * pi / 8 for k in range(16)), key=room)


def _draw_wire(sheet: Sheet, points: Sequence[Point], letter: str) -> None:
    """A wire, its corners rounded."""
    width = 1.3 * sheet.style.line
    if len(points) == 2:
        sheet.line(points, colour=BLACK, width=width, role="wire", text=letter)
        return
    through: list[Point] = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        enter, leave = _towards(corner, before, 0.3 * sheet.style.unit), _towards(corner, after, 0.3 * sheet.style.unit)
        through += [through[-1], enter, enter, corner, corner, leave]
    through += [through[-1], points[-1], points[-1]]
    sheet.line(through, colour=BLACK, width=width, curved=True, role="wire", text=letter)


def _towards(start: Point, end: Point, distance: float) -> Point:
    """The point at a distance from a start towards an end, at most half way."""
    length = max(1e-9, ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5)
    part = min(0.5, distance / length)
    return start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])


def _draw_node(sheet: Sheet, node: Node, place: Point) -> Box:
    style = sheet.style
    half, tall = _box_width(node, style) / 2, _HEIGHT * style.unit / 2
    box = (place[0] - half, place[1] - tall, place[0] + half, place[1] + tall)
    if len(node.legs) == 1:
        sheet.pill(box, fill=tint(SKY, 0.2), edge=BLUE, role="node", text=node.called)
    else:
        sheet.rectangle(box, fill=tint(SKY, 0.35), edge=BLUE, role="node", text=node.called, layer=3)
    sheet.text(*place, node.formula)
    return box


def _draw_end(sheet: Sheet, graph: TermGraph, index: int, place: Point, side: str) -> None:
    """A free end with its letter and its size."""
    style = sheet.style
    x, y = place
    sheet.disc(x, y, 0.13 * style.unit, fill=WHITE, role="end", text=graph.letters[index])
    letter = Formula(graph.letters[index])
    if side == "down":
        sheet.text(x, y - 0.55 * style.unit, letter)
        return
    sheet.text(x + (0.35 if side == "right" else -0.35) * style.unit, y, letter, anchor="left" if side == "right" else "right")


def _outer(sheet: Sheet, graph: TermGraph, left: _Part, right: _Part) -> None:
    """The dashed edge of size 1 that joins the two parts of an outer product."""
    style = sheet.style
    start, end = _edge_of(left, graph, style, last=True), _edge_of(right, graph, style, last=False)
    sheet.line([start, end], colour=GREY, dashed=True, width=1.3 * style.line, role="outer", text="1")
    sheet.text((start[0] + end[0]) / 2, start[1] - 0.5 * style.unit, Formula("1"), size=style.small, colour=GREY)


def _edge_of(part: _Part, graph: TermGraph, style: FigureStyle, *, last: bool) -> Point:
    """The outer edge of the last, or first, thing on the trunk."""
    key = part.placed.trunk[-1 if last else 0]
    if key < 0:
        return part.at(part.placed.dots[-1 - key])
    x, y = part.at(part.placed.boxes[key])
    half = _box_width(next(node for node in graph.nodes if node.key == key), style) / 2
    return (x + half if last else x - half), y


# ---- walks -----------------------------------------------------------------------------------------------------------


def _draw_walks(sheet: Sheet, graph: TermGraph, parts: Sequence[_Part], middle: float) -> None:
    """The two walks above the trunk: what each writes for each factor that it meets."""
    style, unit = sheet.style, sheet.style.unit
    read = [each for part in parts for each in _readings(graph, part, style)]
    if not read:
        return
    ends = [part.at(place)[0] for part in parts for _, place, side in part.placed.ends if side != "down"]
    edges = [sheet_x for x, width, _, _ in read for sheet_x in (x - width / 2, x + width / 2)]
    left, right = min([*ends, *edges]), max([*ends, *edges])
    y = middle + (_HEIGHT / 2 + 0.45) * unit
    for number, (layout, colour, dashed) in enumerate(_WALKS):
        height = max(sum(extent(texts[number], style.text)[1:]) for _, _, texts, _ in read)
        start, end = ((left, y), (right, y)) if number == 0 else ((right, y), (left, y))
        sheet.line([start, end], colour=colour, dashed=dashed, width=style.line, role="walk", text=layout.value)
        tip = 0.22 * unit if number == 0 else -0.22 * unit
        sheet.polygon([end, (end[0] - 2 * tip, y + 0.18 * unit), (end[0] - 2 * tip, y - 0.18 * unit)], fill=colour, edge=colour)
        for x, _, texts, _ in read:
            sheet.text(x, y + 0.15 * unit + height / 2, texts[number], colour=colour, role="reading")
        sheet.text(right + 0.5 * unit, y, f"{layout.value}", size=style.small, colour=colour, anchor="left", role="walk name")
        y += height + 0.6 * unit


def _readings(graph: TermGraph, part: _Part, style: FigureStyle) -> list[tuple[float, float, tuple[Formula, Formula], int]]:
    """What stands on the trunk: its place and width, and how it is read from the left and from the right."""
    by_key = {node.key: node for node in graph.nodes}
    trunk = part.placed.trunk
    begins = any(side == "left" for _, _, side in part.placed.ends)
    found: list[tuple[float, float, tuple[Formula, Formula], int]] = []
    for number, key in enumerate(trunk):
        if key < 0:
            vertex = -1 - key
            x = part.at(part.placed.dots[vertex])[0]
            hung = [node for node in graph.at(vertex) if node.key not in trunk]
            shown = [node.readings[2] if len(node.legs) == 1 else Formula(r"\mathrm{diag}(\cdots)") for node in hung]
            if shown:
                text = Formula(r"\,".join(shown))
                found.append((x, 0.0, (text, text), key))
            elif graph.ends_at(vertex) == 1:
                row, column = _ONES
                found.append((x, 0.0, (row, column) if number == 0 and not begins else (column, row), key))
            continue
        node = by_key[key]
        x = part.at(part.placed.boxes[key])[0]
        if len(node.legs) == 2:
            before = -1 - trunk[number - 1] if number else -1 - trunk[number + 1]
            texts = (node.read_from(before), node.read_from(node.other(before)))
        else:
            row, column = node.readings[:2]
            texts = (row, column) if number == 0 else (column, row)
        found.append((x, _box_width(node, style), texts, key))
    return found


def _sentences(sheet: Sheet, d: Derivation, graphs: Sequence[TermGraph], top: float) -> None:
    """The sizes of the indices, what the certificate says, and the strings that the walks write."""
    left, _, right, _ = sheet.box
    style = sheet.style
    width = max(right - left, 18 * style.unit)
    shown = [f"{letter} \\leq {latex_size(size)}" for letter, size in zip(graphs[0].letters, graphs[0].sizes, strict=True)]
    said = [f"{Formula(', '.join(shown)).mathtext}."] if shown and len(graphs) == 1 else []
    formulas = {node.called: node.formula for graph in graphs for node in graph.nodes}
    formulas |= {str(size): Formula(latex_size(size)) for graph in graphs for size in graph.sizes}
    written = d.certificate.walks is not None
    sentences = d.certificate.sentences[: -1 if written and len(d.certificate.sentences) > 1 else None]
    for sentence in [*said, *(_with_formulas(sentence, formulas) for sentence in sentences)]:
        top = sheet.note(left, top, sentence, width=width)[1] - 0.4 * NEAR * style.unit
    if not written:
        return
    for layout, colour, _ in _WALKS:
        name = sheet.note(left, top - FAR * style.unit, f"{layout.value} layout", width=width, colour=colour)
        result = Derivation(d.of, d.wrt, layout, d.style).result
        lines = broken(result.latex(), width, style.text)
        top = sheet.stack(left, name[1] - NEAR * style.unit, lines, anchor="left", colour=colour, role="equation")[1]


def _with_formulas(text: str, formulas: Mapping[str, Formula]) -> str:
    """A sentence in which the plain texts of factors, of their transposes and of sizes are formulas."""
    names = sorted((name for name in formulas if name), key=len, reverse=True)
    if not names:
        return text
    pattern = re.compile(r"(?<![\w^/])(" + "|".join(map(re.escape, names)) + r")(\^T)?(?![\w^/(])")
    return pattern.sub(lambda found: shown(transposed_formula(formulas[found[1]]) if found[2] else formulas[found[1]]), text)
