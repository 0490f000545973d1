"""Shape blocks: the product of the chain, each factor a rectangle in proportion to its sizes, each joint judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias, final

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.factor_lists import sizes_in
from matcalc.figures.blocks import (
    FAR, NEAR, WIDEST, Block, Cell, Line, blocks_of, cell_of, draw_cell, draw_joint, joint_text, joint_width, products_of, result_block,
    sizes_of, without_long_matrix,
)  # fmt: skip
from matcalc.figures.drawing import Drawing
from matcalc.figures.line_breaking import broken
from matcalc.figures.scales import Scale, scale_of
from matcalc.figures.sheet import Box, Sheet
from matcalc.figures.style import BLACK, BROKEN, GREY, RIGHT, WRONG, FigureStyle, style_of, tint
from matcalc.figures.typeset import Formula, extent
from matcalc.language.expressions import Derivative
from matcalc.language.sizes import Dim, Size
from matcalc.layout.order_names import Written, arrangement_of
from matcalc.layout.order_report import OrderRow, OrderVerdict
from matcalc.layout.products import Product, Reading
from matcalc.orders import orders_of_path
from matcalc.printing.names import latex_size

_VERDICTS = {OrderVerdict.RIGHT: RIGHT, OrderVerdict.WRONG_VALUE: WRONG, OrderVerdict.DOES_NOT_FIT: BROKEN}


@final
@dataclass(frozen=True, slots=True)
class _Joint:
    """Two sizes that meet."""

    left: Size
    right: Size
    fits: bool


@final
@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign between blocks, or a verdict in words with its colour."""

    text: str
    colour: str = BLACK
    verdict: str = ""


_Item: TypeAlias = "Cell | _Joint | _Sign"


def shape_blocks(
    d: Derivation, *, order: Sequence[Written] | None = None, sizes: Mapping[str, int] | None = None, reading: str | None = None,
    style: str = "paper",
) -> Drawing:  # fmt: skip
    """The product of the factors in the layout, each factor a rectangle in proportion to its sizes; each joint is judged.

    A joint shows the two sizes that meet: green with = where they are the same, red with ≠ where they are not. With several paths
    there is a row for each.

    Shapes: dz/da of z (n_1) and a (n_0) is n_1 x n_0 in numerator layout, n_0 x n_1 in denominator layout.

    Args:
        d: the derivative.
        order: another order of the factors, with transposes, as `OrdersReport.row` takes it: it is drawn and judged.
        sizes: numbers for sizes, such as ``net.sizes``; without them the sizes are general.
        reading: ``stand-in`` or ``jacobian``, for a factor with three or four axes.
        style: ``paper`` or ``slide``.

    Raises:
        NoMatrixFormError, NoStandInError: there is no product of matrices in that reading.
        MatcalcError: an order was given where several paths are; ``d`` has no factors, or is by the free entries of a matrix.

    Example:
        >>> import matcalc as mc
        >>> net = mc.Network(widths=(2, 3, 5), activation="f")
        >>> d = mc.derive(net.cost, net.x, layout="denominator")
        >>> [joint.text for joint in shape_blocks(d).with_role("joint")]
        ['n_1 = n_1', 'n_1 = n_1', 'n_2 = n_2', 'n_2 = n_2']
        >>> wrong = shape_blocks(d, order=["dz^(1)/dx", "dz^(2)/da^(1)", "da^(1)/dz^(1)", "da^(2)/dz^(2)", "dC/da^(2)"])
        >>> [joint.verdict for joint in wrong.with_role("joint")]
        ['joined', 'broken', 'broken', 'joined']
    """
    look = style_of(style)
    products = products_of(d, reading)
    if order is not None:
        return _in_order(d, products, order, sizes, look)
    rows = [blocks_of(product) for product in products]
    result, equation = without_long_matrix(result_block(d, products[0].reading), look)
    scale = _scale([*(block for row in rows for block in row), result], d, sizes, look)
    sheet = Sheet(look)
    top = _heading(sheet, d)
    for number, (product, blocks) in enumerate(zip(products, rows, strict=True)):
        items = _with_joints([cell_of(block, scale, look) for block in blocks], product)
        items = [_Sign("+"), *items] if number else items
        if number == len(rows) - 1 and sum(map(len, rows)) > 1:
            items += [_Sign("="), cell_of(result, scale, look)]
        top = _draw_row(sheet, items, top, scale)
    top = _draw_equation(sheet, equation, top)
    _remarks(sheet, [*_of_readings(products), *scale.remarks(sizes_of([*(b for row in rows for b in row), result]))], top)
    count = len(products[0].parts) if len(products) == 1 else 0
    told = f"a product of {count} factors" if count > 1 else "one factor" if count else f"a sum over {len(products)} paths"
    fits = "; every joint fits." if count != 1 else ": there is no chain and no joint."
    return sheet.drawing(kind="shape_blocks", said=f"{d!r} is {told}{fits}")


# ---- blocks ----------------------------------------------------------------------------------------------------------


def _scale(blocks: Sequence[Block], d: Derivation, sizes: Mapping[str, int] | None, style: FigureStyle) -> Scale:
    return scale_of(sizes_of(blocks), sizes_in([d.of, d.wrt]), sizes, style)


def _with_joints(cells: Sequence[Cell], product: Product) -> list[_Item]:
    """The cells with a joint between each two; a dot where a scalar multiplies what has another size."""
    items: list[_Item] = []
    ends = set(accumulate(product.runs))
    for place, cell in enumerate(cells):
        if place:
            left, right = cells[place - 1].block.columns, cell.block.rows
            scalar = place in ends and left != right
            items.append(_Sign("·") if scalar else _Joint(left, right, left == right))
        items.append(cell)
    return items


def _of_readings(products: Sequence[Product]) -> list[str]:
    if any(product.reading is Reading.STAND_IN for product in products):
        return ["Dashed: a vector or matrix that stands in for a derivative with three axes, right only beside its neighbour here."]
    if any(product.reading is Reading.JACOBIAN for product in products):
        return ["Each factor is the Jacobian of stacked columns, vec."]
    return []


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _heading(sheet: Sheet, d: Derivation) -> float:
    """The derivative and its layout; returns where the rest begins."""
    name = Formula(Derivative(d.of, d.wrt, d.layout.value, False, d.shape).latex())
    box = sheet.text(0, 0, f"{name.mathtext}  in {d.layout.value} layout", size=sheet.style.large, anchor="left", role="title")
    return box[1] - 2 * FAR * sheet.style.unit


def _draw_row(sheet: Sheet, items: Sequence[_Item], top: float, scale: Scale) -> float:
    """The items from left to right, in as many lines as they need; returns where the next row begins."""
    style = sheet.style
    lines: list[list[_Item]] = [[]]
    used = 0.0
    for group in _groups(items):
        room = sum(_room(item, scale, style) for item in group)
        if lines[-1] and used + room > style.width:
            lines.append([])
            used = 0.0
        lines[-1] += group
        used += room
    for line in lines:
        common = Line.of([item for item in line if isinstance(item, Cell)], style)
        middle = top - common.top(style)
        _draw_line(sheet, line, middle, common, scale)
        top = middle - common.bottom(style) - FAR * style.unit
    return top


def _groups(items: Sequence[_Item]) -> list[list[_Item]]:
    """What stands on one line together: a block with the joint behind it, the sign before it."""
    found: list[list[_Item]] = [[]]
    for item in items:
        behind = found[-1] and isinstance(found[-1][-1], Cell | _Joint) and (isinstance(item, Cell) or _is_equals(item))
        if behind:
            found.append([])
        found[-1].append(item)
    return found


def _is_equals(item: _Item) -> bool:
    return isinstance(item, _Sign) and item.text in ("=", "+")


def _room(item: _Item, scale: Scale, style: FigureStyle) -> float:
    if isinstance(item, Cell):
        return item.room + NEAR * style.unit
    if isinstance(item, _Joint):
        return joint_width(_joint_text(item, scale), style)
    if item.verdict:
        return extent(item.text, style.text, bold=True)[0] + 3 * FAR * style.unit
    return extent(item.text, style.large)[0] + FAR * style.unit


def _joint_text(joint: _Joint, scale: Scale) -> Formula:
    return joint_text(scale.shown(joint.left), scale.shown(joint.right), joint.fits)


def _draw_line(sheet: Sheet, line: Sequence[_Item], middle: float, common: Line, scale: Scale) -> None:
    """One line; a joint stands in the middle between the rectangles that it joins."""
    style = sheet.style
    x, before = 0.0, 0.0
    waiting: tuple[_Joint, float] | None = None
    for item in line:
        room = _room(item, scale, style)
        if isinstance(item, Cell):
            box = draw_cell(sheet, item, x + room / 2, middle, common)
            if waiting is not None:
                _joint_between(sheet, waiting[0], before, box[0], middle, scale)
                waiting = None
            before = box[2]
        elif isinstance(item, _Joint):
            waiting = (item, x)
        else:
            _draw_sign(sheet, item, x + room / 2, middle)
        x += room
    if waiting is not None:
        _joint_between(sheet, waiting[0], before, x, middle, scale)


def _joint_between(sheet: Sheet, joint: _Joint, left: float, right: float, middle: float, scale: Scale) -> None:
    box = draw_joint(sheet, (left + right) / 2, middle, _joint_text(joint, scale), joint.fits)
    for end, edge in ((left, box[0]), (box[2], right)):
        sheet.line([(end, middle), (edge, middle)], colour=GREY, width=sheet.style.line * 0.7)


def _draw_equation(sheet: Sheet, equation: Formula | None, top: float) -> float:
    """The equation of a long result, in as many lines as the drawing is wide; returns where the next thing begins."""
    if equation is None:
        return top
    left, _, right, _ = sheet.box
    lines = broken(equation, max(right - left, WIDEST * sheet.style.unit), sheet.style.text)
    box = sheet.stack(left, top, lines, anchor="left", role="equation")
    return box[1] - FAR * sheet.style.unit


def _draw_sign(sheet: Sheet, sign: _Sign, x: float, middle: float) -> Box:
    if not sign.verdict:
        return sheet.text(x, middle, sign.text, size=sheet.style.large, role="sign")
    unit = sheet.style.unit
    width, above, below = extent(sign.text, sheet.style.text, bold=True)
    half = (above + below) / 2 + 0.3 * unit
    box = (x - width / 2 - 0.3 * unit, middle - half, x + width / 2 + 0.3 * unit, middle + half)
    sheet.pill(box, fill=tint(sign.colour, 0.12), edge=sign.colour, role="verdict", text=sign.text, verdict=sign.verdict)
    return sheet.text(x, middle, sign.text, bold=True)


def _remarks(sheet: Sheet, remarks: Sequence[str], top: float) -> None:
    if remarks:
        left, _, right, _ = sheet.box
        sheet.note(left, top, " ".join(remarks), width=max(right - left, 12 * sheet.style.unit))


# ---- an order that was given -----------------------------------------------------------------------------------------


def _in_order(
    d: Derivation, products: Sequence[Product], order: Sequence[Written], sizes: Mapping[str, int] | None, style: FigureStyle
) -> Drawing:
    """The factors in the order given, each joint judged, and the verdict on the whole."""
    if len(products) > 1:
        raise MatcalcError(f"An order is of one product, and {d!r} is a sum over {len(products)} paths. Leave order= out.")
    product = products[0]
    report = orders_of_path(d, d.factors, sizes, product.reading.value)
    arrangement = arrangement_of(order, report.names, report.ordering.true)
    row = report.judged(arrangement)
    blocks = blocks_of(product, [dict(arrangement)[place] for place in range(len(product.parts))])
    placed = [blocks[place] for place, _ in arrangement]
    target, equation = without_long_matrix(result_block(d, product.reading), style)
    scale = _scale([*placed, target], d, sizes, style)
    cells = [cell_of(block, scale, style) for block in placed]
    items: list[_Item] = []
    for place, cell in enumerate(cells):
        if place:
            joint = row.joints[place - 1]
            items.append(_Joint(cells[place - 1].block.columns, cell.block.rows, joint.fits))
        items.append(cell)
    sheet = Sheet(style)
    top = _heading(sheet, d)
    top = _draw_row(sheet, [*items, *_ending(row, placed, target, scale, style)], top, scale)
    if row.verdict is OrderVerdict.RIGHT:
        top = _draw_equation(sheet, equation, top)
    reason = with_formulas(row.reason, blocks, scale.numbers)
    _remarks(sheet, [reason, *_of_readings(products), *scale.remarks(sizes_of([*placed, target]))], top)
    return sheet.drawing(kind="shape_blocks", said=f"{row.product}: {row.verdict.value}. {row.reason}")


def with_formulas(text: str, blocks: Sequence[Block], sizes: Iterable[str]) -> str:
    """A sentence in which the plain names of factors and of sizes are formulas."""
    written = {block.called: _inline(block.name) for block in blocks if block.name is not None}
    written |= {name: latex_size(Dim((name,))) for name in sizes}
    names = sorted(written, key=len, reverse=True)
    pattern = re.compile(r"(?<![\w(/^])(" + "|".join(map(re.escape, names)) + r")(?![\w^/])")
    return pattern.sub(lambda found: Formula(written[found[1]]).mathtext, text)


def _inline(name: Formula) -> str:
    """A derivative as it stands in a line of text, without a bar."""
    found = re.fullmatch(r"\\frac\{(.*)\}\{(\\partial .*)\}", name)
    return rf"{found[1]} \,/\, {found[2]}" if found else name


def _ending(row: OrderRow, placed: Sequence[Block], target: Block, scale: Scale, style: FigureStyle) -> list[_Item]:
    """What stands behind the product: the result, or what the product has in its place."""
    verdict = _Sign(row.verdict.value, _VERDICTS[row.verdict], row.verdict.value)
    if row.verdict is OrderVerdict.RIGHT:
        return [_Sign("="), cell_of(target, scale, style), verdict]
    if not all(joint.fits for joint in row.joints):
        return [verdict]
    made = Block(row.product, None, None, placed[0].rows, placed[-1].columns, role="result")
    wanted = Block(target.called, target.name, None, target.rows, target.columns, role="target")
    return [_Sign("="), cell_of(made, scale, style), _Sign("≠", BROKEN), cell_of(wanted, scale, style), verdict]

