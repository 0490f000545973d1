"""Factors as rectangles: a block with its name above, its matrix and its shape below, and the joint between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError, NoMatrixFormError
from matcalc.figures.line_breaking import broken
from matcalc.figures.scales import Scale
from matcalc.figures.sheet import Box, Sheet
from matcalc.figures.style import BLACK, BLUE, BROKEN, GREY, JOINED, SKY, WHITE, FigureStyle, tint
from matcalc.figures.typeset import Formula, extent
from matcalc.figures.vec_names import name_by_vec
from matcalc.language.expressions import Derivative, Expr, Transpose, transpose
from matcalc.language.sizes import Size, ndim, rows_and_columns
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import Factor, name_of
from matcalc.layout.products import Product, Reading

FACTOR_FILL, RESULT_FILL = tint(SKY, 0.35), tint(BLACK, 0.1)
STAND_IN = "stand-in"
WIDEST = 7.0  # units: how wide a formula below a block may be before it is broken into lines
NEAR, FAR = 0.3, 0.55  # units: between what belongs together, and between what does not


@final
@dataclass(frozen=True, slots=True)
class Block:
    """A matrix that is drawn as a rectangle.

    Attributes:
        called: its plain name, such as dz/da.
        name, matrix: its name and what it is, as formulas; either may be missing.
        rows, columns: its shape.
        remark: what is said of it, such as ``stand-in``; its outline is then dashed.
        role: ``factor``, ``result`` or ``target``.
    """

    called: str
    name: Formula | None
    matrix: Formula | None
    rows: Size
    columns: Size
    remark: str = ""
    role: str = "factor"


@final
@dataclass(frozen=True, slots=True)
class Cell:
    """A block with its texts in lines, and the room that it takes in inches.

    Attributes:
        width, height: of the rectangle.
        room: of the rectangle and its texts, from left to right.
        above, below: the heights of the texts above and below the rectangle, without the shape, which stands next to it.
    """

    block: Block
    names: tuple[str, ...]
    matrices: tuple[str, ...]
    shape: Formula
    width: float
    height: float
    room: float
    above: float
    below: float


def large(name: Formula) -> Formula:
    """A name with its fractions as large as ordinary text."""
    return Formula(name.replace(r"\frac{", r"\dfrac{"))


def cell_of(block: Block, scale: Scale, style: FigureStyle, widest: float = WIDEST) -> Cell:
    """A block measured, its formulas broken into lines of at most ``widest`` units."""
    names = () if block.name is None else broken(large(block.name), widest * style.unit, style.text)
    matrices = () if block.matrix is None else broken(block.matrix, widest * style.unit, style.text)
    shape = scale.shape(block.rows, block.columns)
    width, height = scale.length(block.columns), scale.length(block.rows)
    texts = [extent(line, style.text)[0] for line in (*names, *matrices)]
    small = [extent(line, style.small)[0] for line in (shape, block.remark) if line]
    return Cell(
        block, names, matrices, shape, width, height, max(width, *texts, *small), stack_height(names, style),
        stack_height(matrices, style) + (sum(extent(block.remark, style.small)[1:]) + Sheet.gap(style.text) if block.remark else 0),
    )


def stack_height(lines: Sequence[str], style: FigureStyle) -> float:
    """The height of lines below each other, as a sheet stacks them."""
    heights = [sum(extent(line, style.text)[1:]) for line in lines]
    return sum(heights) + Sheet.gap(style.text) * max(0, len(lines) - 1)


def draw_cell(sheet: Sheet, cell: Cell, centre: float, middle: float, line: Line) -> Box:
    """Draw a cell around a middle; its texts stand where those of its line stand. Returns the rectangle."""
    unit, half = sheet.style.unit, line.height / 2
    if cell.names:
        sheet.stack(centre, middle + half + NEAR * unit + cell.above, cell.names)
    box = (centre - cell.width / 2, middle - cell.height / 2, centre + cell.width / 2, middle + cell.height / 2)
    fills = {"factor": (FACTOR_FILL, BLUE), "result": (RESULT_FILL, BLACK), "target": (WHITE, GREY)}
    fill, edge = fills[cell.block.role]
    sheet.rectangle(
        box, fill=fill, edge=edge, role=cell.block.role, text=cell.block.called, dashed=bool(cell.block.remark), layer=2
    )
    top = middle - half - NEAR * unit
    sheet.stack(centre, top, [cell.shape], size=sheet.style.small, colour=GREY)
    top -= line.foot + NEAR * unit
    stack_matrix(sheet, cell, centre, top)
    return box


def stack_matrix(sheet: Sheet, cell: Cell, centre: float, top: float) -> None:
    """The matrix in its lines, and below it what is said of it."""
    if cell.matrices:
        top = sheet.stack(centre, top, cell.matrices)[1] - Sheet.gap(sheet.style.text)
    if cell.block.remark:
        sheet.stack(centre, top, [cell.block.remark], size=sheet.style.small, colour=GREY)


@final
@dataclass(frozen=True, slots=True)
class Line:
    """What the cells of one line have in common: the tallest rectangle, and the most room for texts above and below."""

    height: float
    above: float
    below: float
    foot: float

    @staticmethod
    def of(cells: Sequence[Cell], style: FigureStyle) -> Line:
        """The line of these cells."""
        foot = max(sum(extent(cell.shape, style.small)[1:]) for cell in cells)
        return Line(
            max(cell.height for cell in cells), max(cell.above for cell in cells), max(cell.below for cell in cells), foot
        )

    def top(self, style: FigureStyle) -> float:
        """From the middle to the upper end."""
        return self.height / 2 + NEAR * style.unit + self.above

    def bottom(self, style: FigureStyle) -> float:
        """From the middle to the lower end."""
        return self.height / 2 + (2 if self.below else 1) * NEAR * style.unit + self.below + self.foot


# ---- blocks of a product ------------------------------------------------------------------------------------------------


def products_of(d: Derivation, reading: str | None = None) -> tuple[Product, ...]:
    """The product of each path of a derivation.

    Raises:
        MatcalcError: it has none.
    """
    if d.structured is not None:
        raise MatcalcError(f"{d!r} is by the free entries of a matrix and no product of the factors. Take d.by_independent_entries.")
    products = d.products(reading)
    if not products:
        raise MatcalcError(
            f"{d!r} has no factors: {name_of(d.of)} does not go through a chain to {name_of(d.wrt)}, so there is no product to draw. "
            "Take d.result."
        )
    return products


def derivative_name(factor: Factor, layout: Layout, reading: Reading) -> Formula:
    """The name of a factor as a formula; of a Jacobian of or by a matrix it is a derivative by vec."""
    if reading is Reading.JACOBIAN and max(ndim(factor.of.shape), ndim(factor.by.shape)) > 1:
        return name_by_vec(factor.of, factor.by, layout)
    return Formula(factor.name(layout.value).latex())


def blocks_of(product: Product, turned: Sequence[bool] | None = None) -> list[Block]:
    """The factors of a product as blocks.

    Args:
        product: the product.
        turned: which factors are drawn transposed.
    """
    found = []
    flips = turned or (False,) * len(product.parts)
    for factor, part, by_itself, flip in zip(product.factors, product.parts, product.turned, flips, strict=True):
        stands_in = product.reading is Reading.STAND_IN and factor.ndim > 2
        name = derivative_name(factor, product.layout, product.reading)
        written = _turned(part) if flip else part
        transposed = flip != by_itself
        shown = Formula(rf"\left({name}\right)^\top") if transposed else name
        rows, columns = rows_and_columns(written.shape)
        called = f"({factor!r})^T" if transposed else repr(factor)
        found.append(Block(called, shown, Formula(written.latex()), rows, columns, STAND_IN if stands_in else ""))
    return found


def _turned(matrix: Expr) -> Expr:
    return matrix.argument if isinstance(matrix, Transpose) else transpose(matrix)


def result_block(d: Derivation, reading: Reading) -> Block:
    """The derivative as a block; without its matrix where no string of matrices writes it."""
    by_vec = reading is Reading.JACOBIAN
    rows, columns = rows_and_columns(d.vec_shape if by_vec else d.shape)
    if by_vec and max(len(d.of.shape), len(d.wrt.shape)) > 1:
        name = name_by_vec(d.of, d.wrt, d.layout)
    else:
        name = Formula(Derivative(d.of, d.wrt, d.layout.value, False, d.shape).latex())
    try:
        matrix = Formula((d.vec_form if by_vec else d.result).latex())
    except NoMatrixFormError:
        matrix = None
    return Block(f"d{name_of(d.of)}/d{name_of(d.wrt)}", name, matrix, rows, columns, role="result")


def sizes_of(blocks: Sequence[Block]) -> list[Size]:
    """The rows and columns of blocks."""
    return [entry for block in blocks for entry in (block.rows, block.columns)]


def without_long_matrix(block: Block, style: FigureStyle) -> tuple[Block, Formula | None]:
    """The result without its matrix where that is too wide for one line below the block, and then the equation that tells it."""
    if block.matrix is None or extent(block.matrix, style.text)[0] <= WIDEST * style.unit:
        return block, None
    return replace(block, matrix=None), Formula(f"{block.name} = {block.matrix}")


# ---- joints ----------------------------------------------------------------------------------------------------------


def joint_text(left: Formula, right: Formula, fits: bool) -> Formula:
    """Two sizes that meet, with the sign of the verdict."""
    sign = "=" if fits else r"\neq"
    return Formula(f"{left} {sign} {right}")


def joint_width(text: Formula, style: FigureStyle) -> float:
    """The width of a joint with its room."""
    return extent(text, style.small)[0] + 2 * NEAR * style.unit


def draw_joint(sheet: Sheet, centre: float, middle: float, text: Formula, fits: bool) -> Box:
    """The two sizes that meet, in a pill that is green where they are the same and red where they are not."""
    style = sheet.style
    width, above, below = extent(text, style.small)
    half_x, half_y = width / 2 + 0.5 * NEAR * style.unit, (above + below) / 2 + 0.4 * NEAR * style.unit
    box = (centre - half_x, middle - half_y, centre + half_x, middle + half_y)
    colour = JOINED if fits else BROKEN
    sheet.pill(
        box, fill=tint(colour, 0.12), edge=colour, role="joint", text=text, verdict="joined" if fits else "broken",
        width=style.line * (1 if fits else 1.8),
    )  # fmt: skip
    sheet.text(centre, middle, text, size=style.small, colour=BLACK)
    return box
