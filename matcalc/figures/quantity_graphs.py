"""Computation graph: the named quantities from the inputs to the cost, each edge with its factor and its shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import final

from matcalc.derivation import Derivation
from matcalc.errors import LayoutError, MatcalcError, NoMatrixFormError
from matcalc.factor_lists import sizes_in
from matcalc.figures.blocks import FAR, NEAR, stack_height
from matcalc.figures.drawing import Drawing
from matcalc.figures.layered import Layered, layered
from matcalc.figures.line_breaking import broken
from matcalc.figures.scales import Scale, scale_of
from matcalc.figures.sheet import Box, Point, Sheet
from matcalc.figures.style import BLACK, BLUE, GREY, ORANGE, SKY, VERMILLION, WHITE, FigureStyle, style_of, tint
from matcalc.figures.typeset import Formula, extent
from matcalc.index.engine import Engine
from matcalc.index.form import AtomKind
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.sizes import rows_and_columns
from matcalc.layout.conventions import Layout, Style, layout_named
from matcalc.layout.factors import Factor, name_of
from matcalc.networks import Network

_WIDEST = 6.0  # units: a formula on a card
_MOST_COLUMNS = 7  # from left to right; longer graphs are drawn downwards
_COLOURS = {Layout.NUMERATOR: BLUE, Layout.DENOMINATOR: VERMILLION}


@final
@dataclass(frozen=True, slots=True)
class _Card:
    """What is written on an edge: lines, each with its size in points and its colour."""

    called: str
    lines: tuple[tuple[str, float, str], ...]
    width: float
    height: float


@final
@dataclass(frozen=True, slots=True)
class _Plan:
    """The graph and where it stands.

    Attributes:
        quantities: the nodes, each behind those that it is made of.
        places: their cells, and those of the edges.
        cards: of the edges.
        on_path: the edges that lead from the variable to the quantity that is derived; all where none is asked for.
        downwards: whether columns are drawn below each other.
        column, lane: the distances between neighbours, in inches.
        names, widths: of each node, in lines.
        node: the width and height of the largest node.
        bend: the length in which an edge changes its lane.
    """

    quantities: tuple[Expr, ...]
    places: Layered
    cards: Mapping[tuple[int, int], _Card]
    on_path: frozenset[tuple[int, int]]
    downwards: bool
    column: float
    lane: float
    names: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    node: tuple[float, float]
    bend: float

    @property
    def half(self) -> float:
        """Half the length of a node along the columns, as a part of their distance."""
        return (self.node[1] if self.downwards else self.node[0]) / 2 / self.column

    def half_of(self, number: int) -> float:
        """The same of one node."""
        return self.half if self.downwards else self.widths[number] / 2 / self.column

    def at(self, column: float, lane: float) -> Point:
        """The middle of a cell, in inches."""
        return (lane * self.lane, -column * self.column) if self.downwards else (column * self.column, lane * self.lane)


def computation_graph(
    thing: Derivation | Network | Expr, *, layout: str | None = None, sizes: Mapping[str, int] | None = None, style: str = "paper"
) -> Drawing:
    """The named quantities from the inputs to the result; each edge carries the derivative along it, and its shape.

    Of a derivation, the edges of the paths to its variable are coloured and carry their factors, the others are grey.

    Shapes: dz/da of z (n_1) and a (n_0) is n_1 x n_0 in numerator layout, n_0 x n_1 in denominator layout.

    Args:
        thing: a derivation, a network, or an expression.
        layout: ``numerator``, ``denominator`` or ``both``; without it that of the derivation, else both.
        sizes: numbers for sizes, such as ``net.sizes``; without them the sizes are general.
        style: ``paper`` or ``slide``.

    Raises:
        LayoutError: there is no such layout.
        MatcalcError: ``thing`` is none of the three, or has no names in it.

    Example:
        >>> import matcalc as mc
        >>> net = mc.Network(widths=(2, 3), activation="f")
        >>> drawn = computation_graph(net, layout="numerator")
        >>> [node.text for node in drawn.with_role("node")]
        ['x', 'z^(1)', 'a^(1)', 'C', 'y', 'W^(1)', 'b^(1)']
        >>> drawn.with_role("edge")[0].text
        'dz^(1)/dx'
    """
    look = style_of(style)
    root, target, shown = _asked(thing, layout)
    quantities, before = _graph(root)
    scale = scale_of(sorted(sizes_in([root]), key=repr), sizes_in([root]), sizes, look)
    before = _trunk_first(quantities, before, target)
    on_path = _on_path(quantities, before, target)
    plan = _plan(quantities, before, on_path, shown, scale, look, target is None)
    sheet = Sheet(look)
    for edge in plan.places.edges:
        _draw_edge(sheet, plan, edge)
    for number in plan.places.nodes:
        _draw_node(sheet, plan, number, scale, target)
    _place_cards(sheet, plan)
    _legend(sheet, shown, thing)
    counted = "1 quantity" if len(quantities) == 1 else f"{len(quantities)} quantities"
    return sheet.drawing(kind="computation_graph", said=f"{counted} from the inputs to {name_of(root)}, with the derivative on each edge.")


def _asked(thing: object, layout: str | None) -> tuple[Expr, Expr | None, tuple[Layout, ...]]:
    """The quantity, the variable if there is one, and the layouts to show."""
    own = tuple(Layout) if layout is None or layout == "both" else (_layout(layout),)
    if isinstance(thing, Derivation):
        return thing.of, thing.wrt, (thing.layout,) if layout is None else own
    if isinstance(thing, Network):
        return thing.cost, None, own
    if isinstance(thing, Expr):
        return thing, None, own
    raise MatcalcError(f"{thing!r} has no computation graph: give a derivation, a network or an expression.")


def _layout(layout: str) -> Layout:
    try:
        return layout_named(layout)
    except LayoutError as error:
        raise LayoutError(f"{error} A computation graph may also be asked for in layout='both'.") from None


def _graph(root: Expr) -> tuple[tuple[Expr, ...], dict[int, tuple[int, ...]]]:
    """The quantities, each behind those that it is made of, and for each these."""
    engine = Engine()
    engine.lowered(root)
    made_of: dict[Expr, list[Symbol | Let]] = {}
    waiting: list[Expr] = [root]
    while waiting:
        quantity = waiting.pop()
        if quantity not in made_of:
            made_of[quantity] = engine.names_in(quantity) if not isinstance(quantity, Symbol) else []
            waiting += made_of[quantity]
    if len(made_of) < 2:
        raise MatcalcError(f"{name_of(root)} is made of nothing that has a name, so there is no graph to draw.")
    order: list[Expr] = []
    stack: list[tuple[Expr, bool]] = [(root, False)]
    while stack:
        quantity, ready = stack.pop()
        if quantity in order:
            continue
        if ready:
            order.append(quantity)
            continue
        stack.append((quantity, True))
        stack += [(each, False) for each in reversed(made_of[quantity])]
    position = {quantity: number for number, quantity in enumerate(order)}
    return tuple(order), {k: tuple(position[each] for each in made_of[quantity]) for k, quantity in enumerate(order)}


def _on_path(quantities: Sequence[Expr], before: Mapping[int, Sequence[int]], target: Expr | None) -> frozenset[tuple[int, int]]:
    """The edges on a way from the variable to the last quantity."""
    if target is None:
        return frozenset((first, node) for node in before for first in before[node])
    leading = {number for number, quantity in enumerate(quantities) if quantity == target}
    for node in before:
        if any(first in leading for first in before[node]):
            leading.add(node)
    return frozenset((first, node) for node in before for first in before[node] if first in leading)


# ---- cards -----------------------------------------------------------------------------------------------------------


def _plan(
    quantities: tuple[Expr, ...], before: Mapping[int, Sequence[int]], on_path: frozenset[tuple[int, int]], shown: Sequence[Layout],
    scale: Scale, style: FigureStyle, whole: bool,
) -> _Plan:  # fmt: skip
    """Where everything stands, with as much room as the largest card and the largest node need."""
    places = layered(before)
    downwards = 1 + max(column for column, _ in places.nodes.values()) > _MOST_COLUMNS
    cards = {
        (first, node): _card(_factor(quantities[node], quantities[first]), shown, scale, style)
        for first, node in places.edges if whole or (first, node) in on_path
    }  # fmt: skip
    unit = style.unit
    names = tuple(_name(quantity, style) for quantity in quantities)
    widths = tuple(_width(lines, scale, quantity, style) for lines, quantity in zip(names, quantities, strict=True))
    node = max(widths), max(2.3 * unit, max(stack_height(lines, style) for lines in names) + 1.4 * unit)
    widest = max((card.width for card in cards.values()), default=0.0) + 2 * NEAR * unit
    tallest = max((card.height for card in cards.values()), default=0.0) + 2 * NEAR * unit
    bend = (1.2 if downwards else 1.6) * unit
    column = (node[1] + tallest if downwards else node[0] + widest) + 2 * bend
    lane = max(node[0], widest) + unit if downwards else max(node[1], tallest) + unit
    return _Plan(quantities, places, cards, on_path, downwards, column, lane, names, widths, node, bend)


def _trunk_first(quantities: Sequence[Expr], before: Mapping[int, Sequence[int]], target: Expr | None) -> dict[int, tuple[int, ...]]:
    """What each quantity is made of, that first through which the longest way should go.

    It is the variable that is asked for; else what is multiplied, rather than what is added, and a vector rather than a matrix.
    """

    def rank(node: int, first: int) -> tuple[bool, bool, int]:
        factor = _factor(quantities[node], quantities[first])
        added = all(atom.kind is AtomKind.DELTA for term in factor.form.terms for atom, _, _ in term.factors)
        return quantities[first] != target, added, factor.ndim

    found: dict[int, tuple[int, ...]] = {}
    for node, firsts in before.items():
        leaves = all(not before[first] for first in firsts)
        found[node] = tuple(sorted(firsts, key=partial(rank, node))) if leaves else tuple(firsts)
    return found


def _factor(of: Expr, by: Expr) -> Factor:
    """The derivative along one edge; other quantities between are held."""
    assert isinstance(by, Symbol | Let)
    d = Derivation(of, by, Layout.NUMERATOR, Style.HADAMARD)
    return next(path[0] for path in d.paths if len(path) == 1)


def _card(factor: Factor, shown: Sequence[Layout], scale: Scale, style: FigureStyle) -> _Card:
    """The matrix in each layout with its shape; the sum over indices of what is no matrix."""
    lines: list[tuple[str, float, str]] = []
    matrices = [_matrix(factor, layout) for layout in shown]
    if None in matrices:
        lines += [(line, style.text, BLACK) for line in broken(factor.index_form.latex(), _WIDEST * style.unit, style.text)]
        lines.append((_shape(factor, shown[0], scale), style.small, GREY))
    else:
        for layout, matrix in zip(shown, matrices, strict=True):
            colour = _COLOURS[layout] if len(shown) > 1 else BLACK
            lines += [(line, style.text, colour) for line in broken(matrix or "", _WIDEST * style.unit, style.text)]
            lines.append((_shape(factor, layout, scale), style.small, colour if len(shown) > 1 else GREY))
    sizes = [extent(line, points) for line, points, _ in lines]
    height = sum(above + below for _, above, below in sizes) + sum(Sheet.gap(points) for _, points, _ in lines[1:])
    return _Card(repr(factor), tuple(lines), max(width for width, _, _ in sizes), height)


def _matrix(factor: Factor, layout: Layout) -> Formula | None:
    try:
        return Formula(factor.matrix(layout.value).latex())
    except NoMatrixFormError:
        return None


def _shape(factor: Factor, layout: Layout, scale: Scale) -> Formula:
    shape = factor.shape(layout.value)
    sizes = shape if len(shape) > 2 else rows_and_columns(shape)
    return Formula(r" \times ".join(scale.shown(size) for size in sizes))


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _name(quantity: Expr, style: FigureStyle) -> tuple[str, ...]:
    """The name of a quantity, or what it is where it has none, in lines."""
    return broken(quantity.latex(), _WIDEST * style.unit, style.text)


def _width(lines: Sequence[str], scale: Scale, quantity: Expr, style: FigureStyle) -> float:
    """The width of a node."""
    shape = extent(scale.shape(*rows_and_columns(quantity.shape)), 0.85 * style.small)[0] if quantity.shape else 0.0
    return max(shape, *(extent(line, style.text)[0] for line in lines), 1.5 * style.unit) + 3 * NEAR * style.unit


def _draw_node(sheet: Sheet, plan: _Plan, number: int, scale: Scale, target: Expr | None) -> Box:
    """A quantity with its shape; what is given has corners, what is computed has none, the variable is orange."""
    style, quantity = sheet.style, plan.quantities[number]
    x, y = plan.at(*plan.places.nodes[number])
    half, tall = plan.widths[number] / 2, plan.node[1] / 2
    box = (x - half, y - tall, x + half, y + tall)
    called = name_of(quantity)
    asked = target is not None and quantity == target
    fill, edge = (tint(ORANGE, 0.35), ORANGE) if asked else (tint(SKY, 0.3), BLUE) if isinstance(quantity, Let) else (WHITE, BLACK)
    if isinstance(quantity, Symbol):
        sheet.rectangle(box, fill=fill, edge=edge, role="node", text=called, layer=3)
    else:
        sheet.pill(box, fill=fill, edge=edge, role="node", text=called)
    lines = plan.names[number]
    high = stack_height(lines, style)
    sheet.stack(x, y + high / 2 + (0.42 * style.unit if quantity.shape else 0), lines)
    if not quantity.shape:
        return box
    sheet.text(x, y - high / 2 - 0.35 * style.unit, scale.shape(*rows_and_columns(quantity.shape)), size=0.85 * style.small, colour=GREY)
    return box


def _draw_edge(sheet: Sheet, plan: _Plan, edge: tuple[int, int]) -> None:
    """An edge: it changes its lane next to its nodes, and is straight between."""
    style = sheet.style
    (start, lane), (end, lane2) = plan.places.nodes[edge[0]], plan.places.nodes[edge[1]]
    own, bend = plan.places.edges[edge], plan.bend / plan.column
    on_path = edge in plan.on_path
    colour = BLUE if on_path else GREY
    corners = [(start + plan.half, lane), (start + plan.half + bend, own), (end - plan.half - bend, own), (end - plan.half, lane2)]
    points: list[Point] = [plan.at(start + plan.half_of(edge[0]), lane)] * 2 + [plan.at(*corners[0])] * 2
    for (column, from_lane), (column2, to_lane) in pairwise(corners):
        middle = (column + column2) / 2
        points += [plan.at(middle, from_lane), plan.at(middle, to_lane), plan.at(column2, to_lane)]
    points += [points[-1], *[plan.at(end - plan.half_of(edge[1]), lane2)] * 2]
    called = plan.cards[edge].called if edge in plan.cards else f"d{name_of(plan.quantities[edge[1]])}/d{name_of(plan.quantities[edge[0]])}"
    sheet.line(points, colour=colour, curved=True, width=(1.4 if on_path else 0.9) * style.line, role="edge", text=called)
    _tip(sheet, points[-1], plan.downwards, colour)


def _tip(sheet: Sheet, end: Point, downwards: bool, colour: str) -> None:
    """The head of an arrow."""
    (x, y), long, wide = end, 0.32 * sheet.style.unit, 0.14 * sheet.style.unit
    corners = [(x - wide, y + long), (x + wide, y + long)] if downwards else [(x - long, y - wide), (x - long, y + wide)]
    sheet.polygon([end, *corners], fill=colour, edge=colour)


def _place_cards(sheet: Sheet, plan: _Plan) -> None:
    """The cards on their edges, where these are straight between their first two columns."""
    unit = sheet.style.unit
    for edge, card in plan.cards.items():
        x, y = plan.at(plan.places.nodes[edge[0]][0] + 0.5, plan.places.edges[edge])
        half, tall = card.width / 2 + 0.5 * NEAR * unit, card.height / 2 + 0.5 * NEAR * unit
        sheet.rectangle((x - half, y - tall, x + half, y + tall), fill=WHITE, edge=WHITE, role="card", text=card.called, layer=4, width=0)
        top = y + card.height / 2
        for line, points, colour in card.lines:
            top = sheet.stack(x, top, [line], size=points, colour=colour)[1] - Sheet.gap(points)


def _legend(sheet: Sheet, shown: Sequence[Layout], thing: object) -> None:
    """What the colours and the forms of the nodes say."""
    left, bottom, right, _ = sheet.box
    style = sheet.style
    top = bottom - FAR * style.unit
    width = max(right - left, 16 * style.unit)
    if len(shown) > 1:
        for layout in shown:
            top = sheet.note(left, top, f"{layout.value} layout", width=width, colour=_COLOURS[layout])[1]
    else:
        top = sheet.note(left, top, f"{shown[0].value} layout", width=width)[1]
    asked = " Coloured edges lead from the variable, orange, to the result." if isinstance(thing, Derivation) else ""
    sheet.note(left, top, f"Boxes with corners are given, the others are computed.{asked}", width=width)
