"""The figure `jacobian_heat_maps`: the factors of a derivative and what they make, each entry a coloured cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from matcalc.derivation import Derivation
from matcalc.figures.drawing import Drawing, Mark
from matcalc.figures.jacobian_data import Derived, JacobianMap, JacobianMaps, jacobian_maps
from matcalc.figures.line_breaking import broken
from matcalc.figures.sheet import Box, Sheet
from matcalc.figures.style import BLACK, BLUE, GREY, VERMILLION, WHITE, FigureStyle, style_of
from matcalc.figures.typeset import POINTS_OF_AN_INCH, Formula, extent, formula
from matcalc.language.sizes import rows_and_columns
from matcalc.numeric.arrays import Array
from matcalc.printing.names import latex_name, latex_size

MIDDLE = "#EDEDED"  # an entry that is nearly zero; one that is zero for all data is white, with a dot
FRAME = "#B4B4B4"
ZERO = "zero for all data"
MOST_LINES = 3  # of a formula under a matrix
BAR = 48  # cells of the colour bar
CELLS = (0.9, 0.7, 0.5, 0.35)  # sides of a cell, in units
FEW_LINES = 2
MOST_APART = 8  # how much larger the largest entry of one matrix may be than that of another, to be coloured by one scale


def jacobian_heat_maps(
    d: Derived, *, sizes: Mapping[str, int] | None = None, style: str = "paper", values: Mapping[str, Any] | None = None,
    functions: Mapping[str, Any] | None = None, seed: int = 0, pattern: bool = False,
) -> Drawing:  # fmt: skip
    """The factors of a derivative, in the order of its layout, as heat maps: their values, and which entries are zero for all data.

    A factor with three or four axes, dz/dW, is the derivative by vec: x^T ⊗ I in numerator layout, x ⊗ I in denominator layout; so
    the factors, multiplied as matrices, make the derivative by vec(W), which is shown beside the derivative by W.

    Args:
        d: what `derive` gave, or `second_derivative`.
        sizes: a number for each name of a size, or for some; the others are 3, 4, 5, ...
        style: ``paper`` or ``slide``.
        values, functions: data, as `evaluate` takes them; without them, they are drawn at random, unknown functions too.
        seed: of the random data.
        pattern: show only which entries are zero for all data.

    Raises:
        MatcalcError: a matrix has more than 20,000 entries.
        EvaluationError: values are missing or do not fit.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> z = mc.let("z", W @ x)
        >>> drawing = jacobian_heat_maps(mc.derive(z, W, layout="numerator"), sizes={"m": 2, "n": 3})
        >>> [mark.verdict for mark in drawing.with_role("cell")][:6]
        ['', 'zero for all data', '', 'zero for all data', '', 'zero for all data']
    """
    looks = style_of(style)
    found = jacobian_maps(d, sizes=sizes, values=values, functions=functions, seed=seed)
    sheet = Sheet(looks)
    scales = _scales(found.maps, pattern)
    bottom = _placed(sheet, _panels(found.maps, looks, scales))
    left = sheet.box[0]
    _legend(sheet, left, bottom - looks.unit, scales)
    _heading(sheet, left, sheet.box[3] + 1.4 * looks.unit, d, found, None if values or functions else seed)
    return sheet.drawing(kind="jacobian_heat_maps", said=_said(d, found))


def _said(d: Derived, found: JacobianMaps) -> str:
    counts = [(*each.values.shape, int(each.always_zero.sum())) for each in found.maps]
    listed = "; ".join(f"{rows} x {columns}, {zeros} {'entry' if zeros == 1 else 'entries'} {ZERO}" for rows, columns, zeros in counts)
    return f"{d!r}: {len(found.maps)} heat map{'s' * (len(found.maps) != 1)} ({listed})."


# ---- one matrix ------------------------------------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class _Panel:
    """A matrix with its texts, and how large they are.

    ``lines`` stand below it, black ones of what it is and a grey one. ``half`` is the room from the middle of the matrix to the left
    and to the right, ``above`` and ``below`` that upwards and down.
    """

    map: JacobianMap
    cell: tuple[float, float]
    colours: tuple[tuple[str, ...], ...]
    lines: tuple[tuple[str, str], ...]
    half: float
    above: float
    below: float


@final
@dataclass(frozen=True, slots=True)
class _Scales:
    """What the darkest colour means in each matrix: the same number, or the largest entry of each where these differ much.

    With ``pattern`` there is one colour.
    """

    limits: tuple[float, ...]
    common: bool
    pattern: bool


def _scales(maps: Sequence[JacobianMap], pattern: bool) -> _Scales:
    limits = [float(np.abs(each.values).max()) or 1.0 for each in maps]
    common = max(limits) <= MOST_APART * min(limits)
    return _Scales(tuple([max(limits)] * len(limits) if common else limits), common, pattern)


def _panels(maps: Sequence[JacobianMap], looks: FigureStyle, scales: _Scales) -> list[_Panel]:
    """The matrices, with smaller cells where they would else take many lines."""
    panels: list[_Panel] = []
    for largest in CELLS:
        panels = [_panel(each, looks, limit, scales, largest * looks.unit) for each, limit in zip(maps, scales.limits, strict=True)]
        if len(_in_lines(panels, looks)) <= FEW_LINES:
            break
    return panels


def _panel(each: JacobianMap, looks: FigureStyle, limit: float, scales: _Scales, largest: float) -> _Panel:
    rows, columns = each.values.shape
    wide, high = _cell(rows, columns, looks, largest)
    formulas = broken(each.wanted.matrix, max(columns * wide, 0.22 * looks.width), looks.small) if each.wanted.matrix else ()
    told = _shape_text(each) + ("" if scales.common or scales.pattern else f", up to ±{_written(limit)}")
    lines = (*((line, BLACK) for line in formulas if len(formulas) <= MOST_LINES), (told, GREY))
    widths = [extent(line, looks.small)[0] for line, _ in lines] + [extent(each.wanted.name, looks.large)[0]]
    half = max(columns * wide, *widths) / 2
    above = rows * high / 2 + 0.4 * looks.unit + _height(each.wanted.name, looks.large)
    below = rows * high / 2 + 0.4 * looks.unit + sum(_height(line, looks.small) + 0.25 * looks.unit for line, _ in lines)
    return _Panel(each, (wide, high), _colours(each, limit, scales.pattern), lines, half, above, below)


def _cell(rows: int, columns: int, looks: FigureStyle, largest: float) -> tuple[float, float]:
    """Width and height of a cell: a square, but where a long and narrow matrix would be too thin to be seen."""
    thinnest = 0.9 * looks.unit
    side = min(largest, 0.42 * looks.width / columns, 10 * looks.unit / rows)
    return max(side, min(largest, thinnest / columns)), max(side, min(largest, thinnest / rows))


def _height(text: str, size: float) -> float:
    _, above, below = extent(text, size)
    return above + below


def _shape_text(each: JacobianMap) -> str:
    """Rows and columns, as names of sizes and as numbers."""
    numbers = " × ".join(map(str, each.values.shape))
    named = rf"{latex_size(rows_and_columns(each.wanted.shape)[0])} \times {latex_size(rows_and_columns(each.wanted.shape)[1])}"
    if all(isinstance(size, int) for size in each.wanted.shape):
        return numbers
    return f"{Formula(named).mathtext} = {numbers}"


def _colours(each: JacobianMap, limit: float, pattern: bool) -> tuple[tuple[str, ...], ...]:
    """The colour of each cell, by the root of its value, so that small values are told from zero."""
    scaled = np.sign(each.values) * np.sqrt(np.abs(each.values) / limit)
    return tuple(
        tuple(WHITE if zero else BLUE if pattern else _colour(number) for zero, number in zip(zeros, numbers, strict=True))
        for zeros, numbers in zip(each.always_zero.tolist(), scaled.tolist(), strict=True)
    )


def _colour(number: float) -> str:
    """From blue at -1 over grey at 0 to vermillion at 1."""
    end, part = (VERMILLION if number > 0 else BLUE), min(1.0, abs(number))
    mixed = [round(int(MIDDLE[k : k + 2], 16) * (1 - part) + int(end[k : k + 2], 16) * part) for k in (1, 3, 5)]
    return "#{:02X}{:02X}{:02X}".format(*mixed)


# ---- on the sheet ----------------------------------------------------------------------------------------------------


def _placed(sheet: Sheet, panels: Sequence[_Panel]) -> float:
    """All matrices, in lines as wide as a page; returns the lower end."""
    looks, top = sheet.style, 0.0
    for line in _in_lines(panels, looks):
        middle = top - max(panel.above for panel in line)
        x = 0.0
        for panel in line:
            sign = panel.map.wanted.sign
            if sign:
                box = sheet.text(x, middle, sign, size=looks.large if sign != "i.e." else looks.text, anchor="left", role="sign")
                x = box[2] + 0.6 * looks.unit
            _drawn(sheet, panel, x + panel.half, middle)
            x += 2 * panel.half + looks.unit
        top = middle - max(panel.below for panel in line) - 0.8 * looks.unit
    return top + 0.8 * looks.unit


def _in_lines(panels: Sequence[_Panel], looks: FigureStyle) -> list[list[_Panel]]:
    lines: list[list[_Panel]] = []
    room = 0.0
    for panel in panels:
        sign = panel.map.wanted.sign
        needed = 2 * panel.half + looks.unit + (extent(sign, looks.large)[0] + 0.6 * looks.unit if sign else 0.0)
        if lines and needed - looks.unit <= room:
            lines[-1].append(panel)
            room -= needed
        else:
            lines.append([panel])
            room = looks.width - needed
    return lines


def _drawn(sheet: Sheet, panel: _Panel, x: float, middle: float) -> None:
    """A matrix, its name above, what it is and its shape below."""
    looks, (wide, high) = sheet.style, panel.cell
    rows, columns = panel.map.values.shape
    box = (x - columns * wide / 2, middle - rows * high / 2, x + columns * wide / 2, middle + rows * high / 2)
    _cells(sheet, box, panel.colours, panel.map.always_zero)
    name = panel.map.wanted.name
    sheet.rectangle(box, fill="none", edge=FRAME, role="matrix", text=panel.map.wanted.matrix or name, width=0.8 * looks.line)
    sheet.text(x, box[3] + 0.4 * looks.unit + _height(name, looks.large) / 2, name, size=looks.large)
    y = box[1] - 0.4 * looks.unit
    for text, colour in panel.lines:
        height = _height(text, looks.small)
        sheet.text(x, y - height / 2, text, size=looks.small, colour=colour)
        y -= height + 0.25 * looks.unit


def _cells(sheet: Sheet, box: Box, colours: Sequence[Sequence[str]], zeros: Array | None = None, *, role: str = "cell") -> None:
    """The cells of a matrix; those that are zero for all data are left white, with a dot in the middle."""
    left, _, right, top = box
    wide, high = (right - left) / len(colours[0]), (top - box[1]) / len(colours)
    marks, squares, fills, dots = [], [], [], []
    for row, line in enumerate(colours):
        for column, colour in enumerate(line):
            x, y = left + column * wide, top - (row + 1) * high
            zero = zeros is not None and bool(zeros[row, column])
            marks.append(Mark(role, f"{row},{column}", (x, y, x + wide, y + high), colour, ZERO if zero else ""))
            if zero:
                dots.append((x + wide / 2, y + high / 2))
            else:
                squares.append([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)])
                fills.append(colour)
    thin = min(wide, high) * POINTS_OF_AN_INCH
    edge = 0.06 * thin if thin > 4 and role == "cell" else 0.0
    if squares:
        filled = PolyCollection(squares, facecolors=fills, edgecolors=WHITE if edge else "face", linewidths=edge or 0.1, zorder=2)
        sheet.add(filled, box, marks)
    else:
        sheet.marks.extend(marks)
    if dots:
        sheet.add(_dots(dots, 0.22 * thin), box)


def _dots(places: Sequence[tuple[float, float]], size: float) -> Line2D:
    xs, ys = zip(*places, strict=True)
    return Line2D(xs, ys, linestyle="none", marker="o", markersize=size, color=FRAME, markeredgewidth=0, zorder=2)


# ---- around the matrices ---------------------------------------------------------------------------------------------


def _heading(sheet: Sheet, left: float, y: float, d: Derived, found: JacobianMaps, seed: int | None) -> None:
    looks = sheet.style
    layout = f" in {d.layout.value} layout" if d.layout is not None else ""
    structure = f", {d.wrt.name} {d.structured.value}" if isinstance(d, Derivation) and d.structured else ""
    sizes = ", ".join(Formula(f"{latex_name(name, ())} = {number}").mathtext for name, number in found.data.sizes.items())
    told = [f"at {sizes}" if sizes else "", f"data drawn at random, seed {seed}" if seed is not None else "given data"]
    if found.paths_left_out:
        told.append(f"{found.paths_left_out} more {'path is' if found.paths_left_out == 1 else 'paths are'} left out")
    notes = ", ".join(filter(None, told))
    name = found.maps[-1].wanted.name
    sheet.text(left, y, notes, size=looks.small, colour=GREY, anchor="left")
    above = y + 0.8 * looks.unit + _height(name, looks.large) / 2
    sheet.text(left, above, f"{formula(name).mathtext}{layout}{structure}", size=looks.large, anchor="left", role="heading")


def _legend(sheet: Sheet, left: float, y: float, scales: _Scales) -> None:
    """The colour bar, and what a dot means."""
    looks = sheet.style
    side = 0.7 * looks.unit
    x = left
    if scales.pattern:
        sheet.rectangle((x, y - side / 2, x + side, y + side / 2), fill=BLUE, edge=BLUE, role="key")
        x = sheet.text(x + side + 0.4 * looks.unit, y, "not zero", size=looks.small, anchor="left")[2] + looks.unit
    else:
        x = _colour_bar(sheet, x, y, scales) + 1.2 * looks.unit
    box = (x, y - side / 2, x + side, y + side / 2)
    sheet.rectangle(box, edge=FRAME, role="key", text=ZERO, verdict=ZERO, width=0.8 * looks.line)
    sheet.add(_dots([(x + side / 2, y)], 0.22 * side * POINTS_OF_AN_INCH), box)
    sheet.text(x + side + 0.4 * looks.unit, y, ZERO, size=looks.small, anchor="left")


def _colour_bar(sheet: Sheet, left: float, y: float, scales: _Scales) -> float:
    """The bar with five numbers under it, which stand where their roots do; returns its right end."""
    looks = sheet.style
    width, height = 12 * looks.unit, 0.6 * looks.unit
    parts = (-1.0, -0.5, 0.0, 0.5, 1.0)
    ticks = [_written(part * abs(part) * scales.limits[0]) for part in parts] if scales.common else ["−max", "−max/4", "0", "max/4", "max"]
    indent = extent(ticks[0], looks.small)[0] / 2
    box = (left + indent, y - height / 2, left + indent + width, y + height / 2)
    _cells(sheet, box, [[_colour((2 * k + 1) / BAR - 1) for k in range(BAR)]], role="bar")
    for part, tick in zip(parts, ticks, strict=True):
        sheet.text(box[0] + (part + 1) / 2 * width, box[1] - 0.5 * looks.unit, tick, size=looks.small, role="tick")
    if not scales.common:
        note = "max: the largest magnitude in each matrix"
        sheet.text(left, box[1] - 1.3 * looks.unit, note, size=looks.small, colour=GREY, anchor="left")
    return box[2] + indent


def _written(number: float) -> str:
    return f"{number:.2g}".replace("-", "−")
