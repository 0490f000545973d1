"""Computation graph: the named quantities from the inputs to the cost, each edge with its factor and its shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import final

from matcalc.derivation import Derivation
from matcalc.errors import LayoutError, MatcalcError, NoMatrixFormError
from matcalc.factor_lists import sizes_in
from matcalc.figures.blocks import FAR, NEAR, stack_height
from matcalc.figures.drawing import Drawing
from matcalc.figures.graph_bands import Band, Edge, bands
from matcalc.figures.layered import Layered, layered
from matcalc.figures.line_breaking import broken
from matcalc.figures.scales import Scale, scale_of
from matcalc.figures.sheet import Point, Sheet
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
_BEND, _STRAIGHT = 1.6, 0.6  # units: before and behind a card, where edges change their lanes there, and where none does
_LANE, _BETWEEN_BANDS = 0.8, 2.0  # units: between lanes, and between bands
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
        bands: the columns that stand side by side.
        cards: of the edges.
        on_path: the edges that lead from the variable to the quantity that is derived; all where none is asked for.
        columns: where each column stands in one band that holds all, in inches.
        bends: behind each column the length in which edges change their lanes.
        lane: the distance between neighbours.
        names, widths: of each node, in lines.
        height: of a node.
    """

    quantities: tuple[Expr, ...]
    places: Layered
    bands: tuple[Band, ...]
    cards: Mapping[Edge, _Card]
    on_path: frozenset[Edge]
    columns: tuple[float, ...]
    bends: tuple[float, ...]
    lane: float
    names: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    height: float


@final
@dataclass(frozen=True, slots=True)
class _Stage:
    """A band on the sheet: ``middle`` is the height of its lane 0."""

    plan: _Plan
    band: Band
    middle: float

    def at(self, column: int, lane: int) -> Point:
        """The middle of a cell, in inches."""
        return self.plan.columns[column] - self.plan.columns[self.band.start], self.middle + lane * self.plan.lane


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
    for stage in _stages(plan, look):
        for edge in sorted(stage.band.edges, key=lambda edge: edge in plan.on_path):
            _draw_edge(sheet, stage, edge)
        for node in stage.band.repeated:
            _draw_node(sheet, stage, node, scale, target, repeated=True)
        for node in stage.band.nodes:
            _draw_node(sheet, stage, node, scale, target)
        _place_cards(sheet, stage)
    _legend(sheet, plan, shown, thing)
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


def _on_path(quantities: Sequence[Expr], before: Mapping[int, Sequence[int]], target: Expr | None) -> frozenset[Edge]:
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
    quantities: tuple[Expr, ...], before: Mapping[int, Sequence[int]], on_path: frozenset[Edge], shown: Sequence[Layout],
    scale: Scale, style: FigureStyle, whole: bool,
) -> _Plan:  # fmt: skip
    """Where everything stands: between two columns as much room as the largest card there needs."""
    places = layered(before)
    cards = {
        (first, node): _card(_factor(quantities[node], quantities[first]), shown, scale, style)
        for first, node in places.edges if whole or (first, node) in on_path
    }  # fmt: skip
    unit = style.unit
    names = tuple(_name(quantity, style) for quantity in quantities)
    widths = tuple(_width(lines, scale, quantity, style) for lines, quantity in zip(names, quantities, strict=True))
    height = max(2.3 * unit, max(stack_height(lines, style) for lines in names) + 1.4 * unit)
    last = max(column for column, _ in places.nodes.values())
    bends = tuple((_BEND if _changes_lane(places, column) else _STRAIGHT) * unit for column in range(last))
    # an edge that is continued in another band begins there, so its card may stand between any two columns that it passes
    carded = [max((card.width for edge, card in cards.items() if _passes(places, edge, k)), default=0.0) for k in range(last)]
    steps = [max(widths) + card + 2 * NEAR * unit + 2 * bend for card, bend in zip(carded, bends, strict=True)]
    tallest = max((card.height for card in cards.values()), default=0.0) + 2 * NEAR * unit
    parted = bands(places, steps, style.width - max(widths))
    lane = max(height, tallest) + _LANE * unit
    return _Plan(quantities, places, parted, cards, on_path, tuple(accumulate(steps, initial=0.0)), bends, lane, names, widths, height)


def _passes(places: Layered, edge: Edge, column: int) -> bool:
    """Whether an edge leads from a column, or one before it, to one behind it."""
    return places.nodes[edge[0]][0] <= column < places.nodes[edge[1]][0]


def _changes_lane(places: Layered, column: int) -> bool:
    """Whether an edge changes its lane between a column and the next."""
    for edge, own in places.edges.items():
        (start, lane), (end, lane2) = places.nodes[edge[0]], places.nodes[edge[1]]
        if (start == column and lane != own) or (end == column + 1 and lane2 != own):
            return True
    return False


def _stages(plan: _Plan, style: FigureStyle) -> Iterator[_Stage]:
    """The bands below each other."""
    top, half = 0.0, (plan.lane - _LANE * style.unit) / 2
    for band in plan.bands:
        low, high = band.lanes
        middle = top - half - high * plan.lane
        yield _Stage(plan, band, middle)
        top = middle + low * plan.lane - half - _BETWEEN_BANDS * style.unit


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


def _draw_node(
    sheet: Sheet, stage: _Stage, node: tuple[int, int, int], scale: Scale, target: Expr | None, *, repeated: bool = False
) -> None:
    """A quantity with its shape; what is given has corners, what is computed has none, the variable is orange."""
    style, plan, (number, column, lane) = sheet.style, stage.plan, node
    quantity = plan.quantities[number]
    x, y = stage.at(column, lane)
    half, tall = plan.widths[number] / 2, plan.height / 2
    box = (x - half, y - tall, x + half, y + tall)
    called, role = name_of(quantity), "repeated" if repeated else "node"
    asked = target is not None and quantity == target
    fill, edge = (tint(ORANGE, 0.35), ORANGE) if asked else (tint(SKY, 0.3), BLUE) if isinstance(quantity, Let) else (WHITE, BLACK)
    if isinstance(quantity, Symbol):
        sheet.rectangle(box, fill=fill, edge=edge, role=role, text=called, layer=3, dashed=repeated)
    else:
        sheet.pill(box, fill=WHITE if repeated else fill, edge=edge, role=role, text=called, dashed=repeated)
    lines = plan.names[number]
    high = stack_height(lines, style)
    sheet.stack(x, y + high / 2 + (0.42 * style.unit if quantity.shape else 0), lines)
    if quantity.shape:
        shape = scale.shape(*rows_and_columns(quantity.shape))
        sheet.text(x, y - high / 2 - 0.35 * style.unit, shape, size=0.85 * style.small, colour=GREY)


def _draw_edge(sheet: Sheet, stage: _Stage, edge: Edge) -> None:
    """An edge: it changes its lane next to its nodes, and is straight between."""
    style, plan = sheet.style, stage.plan
    (start, lane), (end, lane2), own = stage.band.edges[edge], plan.places.nodes[edge[1]], plan.places.edges[edge]
    widest = max(plan.widths) / 2
    (x, y), (x2, y2), (_, through) = stage.at(start, lane), stage.at(end, lane2), stage.at(start, own)
    on_path = edge in plan.on_path
    colour = BLUE if on_path else GREY
    points: list[Point] = [(x + plan.widths[edge[0]] / 2, y)] * 2 + [(x + widest, y)] * 2
    for (left, height), (right, height2) in (
        ((x + widest, y), (x + widest + plan.bends[start], through)),
        ((x + widest + plan.bends[start], through), (x2 - widest - plan.bends[end - 1], through)),
        ((x2 - widest - plan.bends[end - 1], through), (x2 - widest, y2)),
    ):
        middle = (left + right) / 2
        points += [(middle, height), (middle, height2), (right, height2)]
    points += [points[-1], *[(x2 - plan.widths[edge[1]] / 2, y2)] * 2]
    called = plan.cards[edge].called if edge in plan.cards else f"d{name_of(plan.quantities[edge[1]])}/d{name_of(plan.quantities[edge[0]])}"
    sheet.line(points, colour=colour, curved=True, width=(1.4 if on_path else 0.9) * style.line, role="edge", text=called)
    (tip, height), long, wide = points[-1], 0.32 * style.unit, 0.14 * style.unit
    sheet.polygon([(tip, height), (tip - long, height - wide), (tip - long, height + wide)], fill=colour, edge=colour)


def _place_cards(sheet: Sheet, stage: _Stage) -> None:
    """The cards on their edges, where these are straight between their first two columns."""
    unit, plan = sheet.style.unit, stage.plan
    for edge, (column, _) in stage.band.edges.items():
        if edge not in plan.cards:
            continue
        card = plan.cards[edge]
        (left, y), (right, _) = (stage.at(k, plan.places.edges[edge]) for k in (column, column + 1))
        x = (left + right) / 2
        half, tall = card.width / 2 + 0.5 * NEAR * unit, card.height / 2 + 0.5 * NEAR * unit
        sheet.rectangle((x - half, y - tall, x + half, y + tall), fill=WHITE, edge=WHITE, role="card", text=card.called, layer=4, width=0)
        top = y + card.height / 2
        for line, points, colour in card.lines:
            top = sheet.stack(x, top, [line], size=points, colour=colour)[1] - Sheet.gap(points)


def _legend(sheet: Sheet, plan: _Plan, shown: Sequence[Layout], thing: object) -> None:
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
    again = " A dashed box stands above already." if any(band.repeated for band in plan.bands) else ""
    sheet.note(left, top, f"Boxes with corners are given, the others are computed.{asked}{again}", width=width)
