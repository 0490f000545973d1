"""Layouts mirrored: the product in numerator layout above, in denominator layout below, and lines from each factor to its transpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import final

from matcalc.derivation import Derivation
from matcalc.factor_lists import sizes_in
from matcalc.figures.blocks import (
    FAR, NEAR, Block, Cell, Line, blocks_of, cell_of, products_of, result_block, sizes_of, stack_matrix, without_long_matrix,
)  # fmt: skip
from matcalc.figures.drawing import Drawing
from matcalc.figures.line_breaking import broken
from matcalc.figures.scales import Scale, scale_of
from matcalc.figures.sheet import Point, Sheet
from matcalc.figures.style import BLACK, BLUE, GREY, ORANGE, PURPLE, SKY, FigureStyle, style_of, tint
from matcalc.figures.typeset import Formula
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import Factor, name_of
from matcalc.layout.products import Product, Reading, product_of

_COLOURS = (BLUE, ORANGE, PURPLE, SKY, GREY)
_BETWEEN, _MORE = 4.5, 0.4  # units between the rows, and more for each factor of a long chain
_WIDEST_OF_MANY = 4.5  # units: formulas of long chains are broken sooner
_MANY = 6
_WIDEST_PAIR = 1.3  # of the width of the style; a wider pair is parted


@final
@dataclass(frozen=True, slots=True)
class _Row:
    """A product in one layout, or a part of it: its cells, and the place in the path of each; which part of how many it is."""

    layout: Layout
    cells: tuple[Cell, ...]
    places: tuple[int, ...]
    result: Cell | None
    line: Line
    part: int = 1
    parts: int = 1

    @property
    def title(self) -> str:
        return f"{self.layout.value} layout" + (f", part {self.part} of {self.parts}" if self.parts > 1 else "")


def layouts_mirrored(
    d: Derivation, *, sizes: Mapping[str, int] | None = None, reading: str | None = None, style: str = "paper"
) -> Drawing:
    """The product in numerator layout above and in denominator layout below; lines join each factor to its transpose.

    The lines cross, as the order is reversed. With several paths there is a pair of rows for each. A product that is wider than a page
    is parted: what is the first part above is the last part below.

    Shapes: a factor that is n_1 x n_0 above is n_0 x n_1 below.

    Args:
        d: the derivative, in any layout.
        sizes: numbers for sizes, such as ``net.sizes``; without them the sizes are general.
        reading: ``stand-in`` or ``jacobian``, for a factor with three or four axes.
        style: ``paper`` or ``slide``.

    Raises:
        NoMatrixFormError, NoStandInError: there is no product of matrices in that reading.
        MatcalcError: ``d`` has no factors, or is by the free entries of a matrix.

    Example:
        >>> import matcalc as mc
        >>> net = mc.Network(widths=(2, 3, 5), activation="f")
        >>> drawn = layouts_mirrored(mc.derive(net.cost, net.z[1], layout="numerator"))
        >>> [mark.text for mark in drawn.with_role("factor")][:4]
        ['dC/da^(2)', 'da^(2)/dz^(2)', 'dz^(2)/da^(1)', 'da^(1)/dz^(1)']
        >>> [mark.text for mark in drawn.with_role("factor")][4:]
        ['da^(1)/dz^(1)', 'dz^(2)/da^(1)', 'da^(2)/dz^(2)', 'dC/da^(2)']
    """
    look = style_of(style)
    chosen = products_of(d, reading)[0].reading
    asked = None if chosen is Reading.MATRICES else chosen
    derivations = [Derivation(d.of, d.wrt, layout, d.style) for layout in Layout]
    pairs = [[product_of(path, layout, asked) for layout in Layout] for path in d.paths]
    results = [without_long_matrix(result_block(each, chosen), look) for each in derivations]
    blocks = [[blocks_of(product) for product in pair] for pair in pairs]
    drawn = sizes_of([*(b for pair in blocks for row in pair for b in row), *(result for result, _ in results)])
    scale = scale_of(drawn, sizes_in([d.of, d.wrt]), sizes, look, longest=6.0)
    sheet = Sheet(look)
    top, parted = 0.0, False
    for number, (path, pair, made) in enumerate(zip(d.paths, pairs, blocks, strict=True)):
        last = number == len(pairs) - 1
        rows = [
            _row(path, product, own, result if last else None, scale, look)
            for product, own, (result, _) in zip(pair, made, results, strict=True)
        ]
        for above, below in _parts(rows[0], rows[1], look):
            top = _draw_pair(sheet, (above, below), top, plus=number > 0) - 2 * FAR * look.unit
            parted = parted or above.parts > 1
    remarks = [*scale.remarks(drawn), "Each line joins a factor to its transpose; the order is reversed."]
    if parted:
        remarks.append("Dots stand where a product goes on: the parts are read from the first on, above downwards, below upwards.")
    _draw_end(sheet, [equation for _, equation in results], remarks, top)
    return sheet.drawing(kind="layouts_mirrored", said=_said(d))


def _said(d: Derivation) -> str:
    called, counts = f"d{name_of(d.of)}/d{name_of(d.wrt)}", [len(path) for path in d.paths]
    if len(counts) > 1:
        listed = f"{', '.join(map(str, counts[:-1]))} and {counts[-1]}"
        return f"{called}: {len(counts)} paths of {listed} factors in numerator layout, and below each reversed, every factor transposed."
    if counts == [1]:
        return f"{called}: 1 factor in numerator layout, and below it transposed."
    return f"{called}: {counts[0]} factors in numerator layout, and below them reversed and each transposed."


def _row(path: Sequence[Factor], product: Product, blocks: Sequence[Block], result: Block | None, scale: Scale, style: FigureStyle) -> _Row:
    widest = {"widest": _WIDEST_OF_MANY} if len(blocks) > _MANY else {}
    cells = tuple(cell_of(block, scale, style, **widest) for block in blocks)
    places = tuple(next(k for k, each in enumerate(path) if each is factor) for factor in product.factors)
    end = None if result is None else cell_of(result, scale, style, **widest)
    return _Row(product.layout, cells, places, end, _line(cells, end, style))


def _line(cells: Sequence[Cell], end: Cell | None, style: FigureStyle) -> Line:
    return Line.of([*cells, *([end] if end else [])], style)


def _parts(above: _Row, below: _Row, style: FigureStyle) -> Iterator[tuple[_Row, _Row]]:
    """Both rows in as few parts as fit the width, alike in length: a part above and the transposes of its factors below."""
    columns = {place: max(a.room, below.cells[below.places.index(place)].room) for a, place in zip(above.cells, above.places, strict=True)}
    rooms = [columns[place] + 2 * NEAR * style.unit for place in above.places]
    end = max((row.result.room + 2 * style.unit for row in (above, below) if row.result is not None), default=0.0)

    def fits(count: int) -> bool:
        dots = 3 * style.unit if count > 1 else 0.0
        return max(sum(rooms[start:stop]) for start, stop in pairwise(_cuts(len(rooms), count))) + dots + end <= _WIDEST_PAIR * style.width

    count = next((k for k in range(1, len(rooms)) if fits(k)), len(rooms))
    for number, (start, stop) in enumerate(pairwise(_cuts(len(rooms), count)), 1):
        chosen = above.places[start:stop]
        yield (
            _part(above, chosen, number, count, style, last=number == count),
            _part(below, chosen, count + 1 - number, count, style, last=number == 1),
        )


def _cuts(length: int, count: int) -> list[int]:
    """Where a length is parted into so many parts that are alike."""
    return [round(k * length / count) for k in range(count + 1)]


def _part(row: _Row, chosen: Sequence[int], number: int, count: int, style: FigureStyle, *, last: bool) -> _Row:
    kept = [(cell, place) for cell, place in zip(row.cells, row.places, strict=True) if place in chosen]
    cells, places = tuple(cell for cell, _ in kept), tuple(place for _, place in kept)
    result = row.result if last else None
    return _Row(row.layout, cells, places, result, _line(cells, result, style), number, count)


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _draw_pair(sheet: Sheet, rows: Sequence[_Row], top: float, *, plus: bool) -> float:
    """Both rows of a path, the lines between them; returns the lower end."""
    unit = sheet.style.unit
    above, below = rows
    head = sheet.text(0, top - 0.6 * unit, above.title, anchor="left", role="title")
    upper = head[1] - 2 * NEAR * unit - (above.line.top(sheet.style) + above.line.bottom(sheet.style) - above.line.height / 2)
    between = _BETWEEN + _MORE * max(0, len(above.cells) - _MANY)
    lower = upper - above.line.height / 2 - between * unit - below.line.height / 2
    indent = 1.5 * unit if plus or above.parts > 1 else 0.0
    columns = [max(a.room, b.room) + 2 * NEAR * unit for a, b in zip(above.cells, below.cells, strict=True)]
    end = max((row.result.room for row in rows if row.result is not None), default=0.0)
    ends: list[dict[int, Point]] = []
    for row, middle, upwards in ((above, upper, True), (below, lower, False)):
        if plus and row.part == 1:
            sheet.text(0.5 * unit, middle, "+", size=sheet.style.large, role="sign")
        ends.append(_draw_row(sheet, row, columns, indent, middle, upwards, end))
    for place in sorted(k for k in ends[0] if k >= 0):
        (x, y), (x2, y2) = ends[0][place], ends[1][place]
        points = [(x, y), (x, upper - above.line.height / 2), (x2, lower + below.line.height / 2), (x2, y2)]
        _draw_line(sheet, points, _COLOURS[place % len(_COLOURS)], above.cells[above.places.index(place)].block.called)
    if above.result is not None and below.result is not None:
        (x, y), (_, y2) = ends[0][-1], ends[1][-1]
        sheet.line([(x, y), (x, y2)], colour=GREY, dashed=True, role="partner", text=above.result.block.called)
    foot = lower - below.line.height / 2 - (below.line.top(sheet.style) + below.line.bottom(sheet.style) - below.line.height)
    return sheet.text(0, foot - 1.2 * unit, below.title, anchor="left", role="title")[1]


def _draw_row(
    sheet: Sheet, row: _Row, columns: Sequence[float], indent: float, middle: float, upwards: bool, end: float
) -> dict[int, Point]:
    """The cells of a row; where the line of each begins, by its place in the path, and that of the result as -1."""
    unit = sheet.style.unit
    found: dict[int, Point] = {}
    x = indent
    if row.part > 1:
        sheet.text(x - unit, middle, "⋯", size=sheet.style.large, role="sign")
    for cell, place, room in zip(row.cells, row.places, columns, strict=True):
        colour = _COLOURS[place % len(_COLOURS)]
        found[place] = _draw_cell(sheet, cell, row.line, x + room / 2, middle, upwards, (tint(colour, 0.25), colour))
        x += room
    if row.part < row.parts:
        sheet.text(x + unit, middle, "⋯", size=sheet.style.large, role="sign")
    if row.result is not None:
        sheet.text(x + unit / 2, middle, "=", size=sheet.style.large, role="sign")
        centre = x + (1 + NEAR) * unit + end / 2
        found[-1] = _draw_cell(sheet, row.result, row.line, centre, middle, upwards, (tint(BLACK, 0.1), BLACK))
    return found


def _draw_cell(
    sheet: Sheet, cell: Cell, line: Line, centre: float, middle: float, upwards: bool, colours: tuple[str, str]
) -> Point:
    """A block with its texts on the outer side, above or below; returns the middle of its inner edge."""
    style, unit = sheet.style, sheet.style.unit
    half = cell.height / 2
    box = (centre - cell.width / 2, middle - half, centre + cell.width / 2, middle + half)
    sheet.rectangle(box, fill=colours[0], edge=colours[1], role=cell.block.role, text=cell.block.called, dashed=bool(cell.block.remark))
    outer, gap = line.height / 2 + NEAR * unit, NEAR * unit
    if upwards:
        y = middle + outer
        sheet.stack(centre, y + line.foot, [cell.shape], size=style.small, colour=GREY)
        y += line.foot + gap
        stack_matrix(sheet, cell, centre, y + cell.below)
        sheet.stack(centre, y + (line.below + gap if line.below else 0) + cell.above, cell.names)
        return centre, middle - half
    y = middle - outer
    sheet.stack(centre, y, [cell.shape], size=style.small, colour=GREY)
    y -= line.foot + gap
    stack_matrix(sheet, cell, centre, y)
    sheet.stack(centre, y - (line.below + gap if line.below else 0), cell.names)
    return centre, middle + half


def _draw_line(sheet: Sheet, points: Sequence[Point], colour: str, called: str) -> None:
    """The line from a factor to its transpose: straight beside the blocks, a curve between the rows."""
    start, leaving, arriving, end = points
    bend = 0.5 * (leaving[1] - arriving[1])
    through = [
        start, start, leaving, leaving, (leaving[0], leaving[1] - bend), (arriving[0], arriving[1] + bend), arriving, arriving, end, end
    ]  # fmt: skip
    sheet.line(through, colour=colour, curved=True, width=1.4 * sheet.style.line, role="partner", text=called)


def _draw_end(sheet: Sheet, equations: Sequence[Formula | None], remarks: Sequence[str], top: float) -> None:
    """Long results as equations, and what is to be known of the sizes."""
    left, _, right, _ = sheet.box
    width = max(right - left, 16 * sheet.style.unit)
    for layout, equation in zip(Layout, equations, strict=True):
        if equation is not None:
            box = sheet.note(left, top, f"in {layout.value} layout:", width=width)
            lines = broken(equation, width, sheet.style.text)
            top = sheet.stack(left, box[1] - NEAR * sheet.style.unit, lines, anchor="left", role="equation")[1] - FAR * sheet.style.unit
    sheet.note(left, top, " ".join(remarks), width=width)
