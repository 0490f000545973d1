"""The pictures of `reversal_animation`: two products, one above the other, and the factor that is on its way between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi
from typing import final

from matcalc.derivation import Derivation
from matcalc.factor_lists import sizes_in
from matcalc.figures.blocks import large
from matcalc.figures.scales import Scale, scale_of
from matcalc.figures.sheet import Box, Point, Sheet
from matcalc.figures.style import BLACK, BLUE, GREY, WHITE, FigureStyle
from matcalc.figures.typeset import Formula, extent, formula
from matcalc.figures.vec_names import name_by_vec
from matcalc.language.expressions import Derivative
from matcalc.language.sizes import Size, ndim, rows_and_columns
from matcalc.layout.conventions import Layout
from matcalc.layout.products import Product, Reading, product_of

FILL, FIRST_ROW, FADED = "#D6E6F2", BLUE, "#B4B4B4"
LONGEST = (7.0, 5.0, 3.6, 2.6, 1.8)  # units, of the longest side: the first with which both products fit the width
GAP = 0.8  # units between factors
TITLES = {
    Layout.NUMERATOR: "numerator layout: from the output to the input",
    Layout.DENOMINATOR: "denominator layout: from the input to the output",
}
CLEAR = 0.3  # of its way: a factor that has not left its place yet would cover the texts there
LAST_WORDS = "The same product: the order reversed, each factor transposed."


@final
@dataclass(frozen=True, slots=True)
class Block:
    """A factor in both products.

    Attributes:
        called: its name as a text.
        name: what it is the derivative of, and by what.
        matrices: what it is in numerator and in denominator layout; "" where that is its name.
        shape: rows and columns in numerator layout.
        slot: its place in the product in denominator layout.
    """

    called: str
    name: Formula
    matrices: tuple[Formula, Formula]
    shape: tuple[Size, Size]
    slot: int


@final
@dataclass(frozen=True, slots=True)
class Stage:
    """What stands where.

    Attributes:
        said: what is to be seen, in a sentence.
        heading: the name of the derivative.
        blocks: the factors in the order of the product in numerator layout.
        starts, ends: the middle of each block there, and in denominator layout.
        lane: the height in which blocks travel.
        titles: the heights of the titles of both products, and of the last words.
        box: the whole picture.
        words: whether there is room for the matrices below the blocks.
    """

    said: str
    heading: Formula
    blocks: tuple[Block, ...]
    scale: Scale
    style: FigureStyle
    starts: tuple[Point, ...]
    ends: tuple[Point, ...]
    lane: float
    titles: tuple[float, float, float]
    box: Box
    words: bool

    @property
    def order(self) -> tuple[int, ...]:
        """The blocks in the order in which they move: that of their places in denominator layout."""
        return tuple(sorted(range(len(self.blocks)), key=lambda k: self.blocks[k].slot))

    def paper(self) -> Sheet:
        """The whole picture, with nothing on it."""
        sheet = Sheet(self.style)
        sheet.rectangle(self.box, fill=WHITE, edge=WHITE, width=0.0, layer=-1)
        return sheet

    def still(self, turned: int, *, moving: bool = False) -> Sheet:
        """What stands still when so many factors stand in denominator layout, and the next is on its way or not."""
        sheet = self.paper()
        left, top = self.box[0], self.titles[0]
        sheet.text(left, top, f"{self.heading.mathtext} in {TITLES[Layout.NUMERATOR]}", anchor="left", role="title")
        lower = f"{self.heading.mathtext} in {TITLES[Layout.DENOMINATOR]}"
        sheet.text(left, self.titles[1], lower, colour=BLACK if turned else GREY, anchor="left", role="title")
        moved = self.order[:turned]
        for k, block in enumerate(self.blocks):
            leaving = moving and k == self.order[turned]
            self._block(sheet, block, self.starts[k], 0.0, "left" if leaving or k in moved else "waiting", texts=not leaving)
            if k in moved:
                self._block(sheet, block, self.ends[k], 1.0, "arrived")
        if turned == len(self.blocks):
            sheet.text(left, self.titles[2], LAST_WORDS, anchor="left", role="note")
        return sheet

    def moving(self, turned: int, part: float) -> Sheet:
        """The factor that is on its way when so many have arrived, and this part of the way is done."""
        sheet = Sheet(self.style)
        moving = self.order[turned]
        block = self.blocks[moving]
        if part > CLEAR:
            high = self.scale.length(block.shape[0])
            self._texts(sheet, block, self.starts[moving], high / 2, "left", after=False)
        self._block(sheet, block, self._on_its_way(moving, part), _eased(_within(part, 0.2, 0.8)), "moving")
        return sheet

    def _on_its_way(self, block: int, part: float) -> Point:
        """Down into the lane, along it, and down into its place."""
        (x, y), (x2, y2) = self.starts[block], self.ends[block]
        down, along, last = _eased(_within(part, 0.0, 0.3)), _eased(_within(part, 0.25, 0.75)), _eased(_within(part, 0.7, 1.0))
        return x + along * (x2 - x), y + down * (self.lane - y) + last * (y2 - self.lane)

    def _block(self, sheet: Sheet, block: Block, middle: Point, turn: float, role: str, *, texts: bool = True) -> None:
        """A factor that is turned so far over its diagonal, with its name above, and its shape and matrix below."""
        faded = role == "left"
        wide, high = self.scale.length(block.shape[1]), self.scale.length(block.shape[0])
        x, y = wide / 2, high / 2
        corners = [_turned(point, turn) for point in ((-x, y), (x, y), (x, -y), (-x, -y))]
        rows = self.scale.number(block.shape[0])
        row = [corners[0], corners[1], _mixed(corners[1], corners[2], 1 / rows), _mixed(corners[0], corners[3], 1 / rows)]
        edge, layer = (FADED, 1.0) if faded else (BLACK, 2.0)
        sheet.polygon(_at(corners, middle), fill=WHITE if faded else FILL, edge=edge, layer=layer, role=role, text=block.name)
        if not faded:
            sheet.polygon(_at(row, middle), fill=FIRST_ROW, edge=edge, layer=layer + 0.1, role="first row", text=block.name)
        if texts:
            self._texts(sheet, block, middle, max(abs(y) for _, y in corners), role, after=turn > 0.5)

    def _texts(self, sheet: Sheet, block: Block, middle: Point, half: float, role: str, *, after: bool) -> None:
        looks, faded = self.style, role == "left"
        colour, gap = (FADED if faded else BLACK), 0.3 * looks.unit
        _, above, below = extent(block.name, looks.text)
        sheet.text(middle[0], middle[1] + half + gap + (above + below) / 2, block.name, colour=colour, verdict=role)
        y = middle[1] - half - gap
        for text, size in _below(block, self.scale, looks, after=after, words=self.words):
            _, above, below = extent(text, size)
            shade = FADED if faded else GREY if size == looks.small else BLACK
            sheet.text(middle[0], y - (above + below) / 2, text, size=size, colour=shade, verdict=role)
            y -= above + below + 0.2 * looks.unit


def _below(block: Block, scale: Scale, looks: FigureStyle, *, after: bool, words: bool) -> list[tuple[str, float]]:
    """The shape of a block, and the matrix that it is, with their sizes in points."""
    rows, columns = reversed(block.shape) if after else block.shape
    found: list[tuple[str, float]] = [(scale.shape(rows, columns), looks.small)]
    return [*found, (block.matrices[after], looks.text)] if words and block.matrices[after] else found


def _within(part: float, start: float, end: float) -> float:
    return min(1.0, max(0.0, (part - start) / (end - start)))


def _eased(part: float) -> float:
    return (1 - cos(pi * part)) / 2


def _turned(point: Point, part: float) -> Point:
    """A point turned over the diagonal from upper left to lower right, as a sheet of paper is; at the end rows are columns."""
    x, y = point
    along, across = (x - y) / 2, (x + y) / 2 * cos(pi * part)
    return along + across, across - along


def _mixed(a: Point, b: Point, part: float) -> Point:
    return a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])


def _at(points: Sequence[Point], middle: Point) -> list[Point]:
    return [(x + middle[0], y + middle[1]) for x, y in points]


# ---- where everything stands -------------------------------------------------------------------------------------------


def stage_of(d: Derivation, sizes: Mapping[str, int] | None, looks: FigureStyle) -> Stage:
    """The stage on which both products have room, with the matrices below the factors where they fit the width."""
    numerator, denominator = (product_of(d.factors, layout) for layout in Layout)
    blocks = _blocks(numerator, denominator)
    drawn = [size for block in blocks for size in block.shape]
    chosen: tuple[Scale, bool, list[float]] | None = None
    for words in (True, False):
        for longest in LONGEST:
            scale = scale_of(drawn, sizes_in([d.of, d.wrt]), sizes, looks, longest)
            widths = [_width(block, scale, looks, words=words) for block in blocks]
            chosen = scale, words, widths
            if sum(widths) + GAP * looks.unit * (len(blocks) - 1) <= looks.width:
                return _stage(d, blocks, *chosen, looks)
    assert chosen is not None
    return _stage(d, blocks, *chosen, looks)


def _blocks(numerator: Product, denominator: Product) -> tuple[Block, ...]:
    found = []
    for factor, part in zip(numerator.factors, numerator.parts, strict=True):
        slot = denominator.factors.index(factor)
        by_vec = numerator.reading is Reading.JACOBIAN and max(ndim(factor.of.shape), ndim(factor.by.shape)) > 1
        # it stands in both layouts, so it has the transpose of neither
        name = large(name_by_vec(factor.of, factor.by, None) if by_vec else Formula(factor.name(Layout.NUMERATOR).latex()))
        known = part.latex() == factor.name(Layout.NUMERATOR).latex()
        matrices = (Formula(""), Formula("")) if known else (formula(part), formula(denominator.parts[slot]))
        found.append(Block(repr(factor), name, matrices, rows_and_columns(part.shape), slot))
    return tuple(found)


def _said(blocks: Sequence[Block]) -> str:
    turned = sorted(blocks, key=lambda block: block.slot)
    before = [block.called for block in blocks], [f"{block.shape[0]} x {block.shape[1]}" for block in blocks]
    after = [block.called for block in turned], [f"{block.shape[1]} x {block.shape[0]}" for block in turned]
    first, second = (f"{' '.join(names)}, {', '.join(shapes)}" for names, shapes in (before, after))
    return f"{first}, becomes {second}: the order reversed, each factor transposed."


def _width(block: Block, scale: Scale, looks: FigureStyle, *, words: bool) -> float:
    """The room that a block takes in either product, or on its way."""
    texts = [pair for after in (False, True) for pair in _below(block, scale, looks, after=after, words=words)]
    sides = [scale.length(size) for size in block.shape]
    return max([*sides, extent(block.name, looks.text)[0], *(extent(text, size)[0] for text, size in texts)])


def _stage(d: Derivation, blocks: tuple[Block, ...], scale: Scale, words: bool, widths: Sequence[float], looks: FigureStyle) -> Stage:
    gap, unit = 0.3 * looks.unit, looks.unit
    heights = [scale.length(block.shape[0]) for block in blocks]
    wides = [scale.length(block.shape[1]) for block in blocks]
    name = max(sum(extent(block.name, looks.text)[1:]) for block in blocks) + gap
    texts = [_below(block, scale, looks, after=after, words=words) for block in blocks for after in (False, True)]
    foot = gap + max(sum(sum(extent(text, size)[1:]) + 0.2 * unit for text, size in each) for each in texts)
    longest = max(*heights, *wides) / 2
    title = 1.6 * unit
    lane = -(max(heights) / 2 + foot + 0.5 * unit + longest + name)
    lower = lane - longest - foot - 0.5 * unit - max(wides) / 2 - name
    bottom = lower - max(wides) / 2 - foot
    order = sorted(range(len(blocks)), key=lambda k: blocks[k].slot)
    starts = _row(range(len(blocks)), widths, 0.0, looks)
    ends = _row(order, widths, lower, looks)
    heading = Formula(Derivative(d.of, d.wrt, Layout.NUMERATOR.value, False, d.shape).latex())
    told = [f"{heading.mathtext} in {text}" for text in TITLES.values()] + [LAST_WORDS]
    right = max(sum(widths) + GAP * unit * (len(blocks) - 1), *(extent(text, looks.text)[0] for text in told))
    top = max(heights) / 2 + name + title
    titles = top - 0.3 * unit, bottom - 0.8 * unit, bottom - 2.2 * unit
    box = (0.0, bottom - 2.8 * unit, right, top + 0.4 * unit)
    return Stage(_said(blocks), heading, blocks, scale, looks, starts, ends, lane, titles, box, words)


def _row(order: Sequence[int], widths: Sequence[float], y: float, looks: FigureStyle) -> tuple[Point, ...]:
    """The middles of the blocks, by their numbers, where they stand side by side in an order."""
    found: dict[int, Point] = {}
    x = 0.0
    for k in order:
        found[k] = (x + widths[k] / 2, y)
        x += widths[k] + GAP * looks.unit
    return tuple(found[k] for k in range(len(found)))
