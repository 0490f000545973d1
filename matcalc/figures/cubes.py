"""The cube: a derivative with three axes, dz/dW, entry by entry, and how it collapses onto the matrix dC/dW."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import final

import numpy as np

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError, NoMatrixFormError, NoStandInError
from matcalc.figures.blocks import FAR, NEAR, large
from matcalc.figures.drawing import Drawing
from matcalc.figures.jacobian_data import nearly_zero
from matcalc.figures.line_breaking import broken
from matcalc.figures.sheet import Box, Point, Sheet
from matcalc.figures.style import BLACK, BLUE, GREY, PALE, FigureStyle, style_of, tint
from matcalc.figures.typeset import Formula, extent
from matcalc.index.index_form import IndexForm
from matcalc.language.expressions import Derivative, Expr, Let, Symbol
from matcalc.language.sizes import Size, rows_and_columns
from matcalc.language.traversal import postorder, with_definition
from matcalc.layout.conventions import Style
from matcalc.layout.factors import Factor, name_of
from matcalc.layout.products import Product, Reading, product_of
from matcalc.numeric.arrays import Array
from matcalc.numeric.data import Data, size_names
from matcalc.numeric.drawing import draw, given_sizes
from matcalc.numeric.index_sums import index_sum
from matcalc.printing.index_sums import free_letters
from matcalc.printing.names import latex_entry, latex_size

MOST_ENTRIES = 12  # along an axis
_SMALLEST = 3
_DRAWS = 3
_CELL = 0.95  # units
_DEPTH = (0.62, 0.42)  # parts of a cell: from one slice to the next
_LONGEST = 8.0  # units


@final
@dataclass(frozen=True, slots=True)
class _Array:
    """A derivative with three axes, and which entries are zero for all data."""

    of: Expr
    by: Expr
    form: IndexForm
    filled: Array


@final
@dataclass(frozen=True, slots=True)
class _Chosen:
    """The path that is drawn, its product where it makes only a part of the derivative, and how many paths there are."""

    path: Sequence[Factor]
    product: Product | None
    paths: int

    @property
    def factor(self) -> Factor:
        """The factor with three axes."""
        return self.path[-1]


def cube(d: Derivation, *, sizes: Mapping[str, int] | None = None, style: str = "paper") -> Drawing:
    """The derivative with three axes in a derivation, drawn as a block of entries, and the matrix onto which it collapses.

    Entries that are zero for all data are left out. For ``d = derive(C, W)`` the block is the factor dz/dW: multiplied by dC/dz and
    summed over the entries of z, it collapses onto the matrix dC/dW. For ``d = derive(z, W)`` the block alone is drawn. Where several
    paths lead to W, the block of one path collapses onto the product of that path, a part of the derivative.

    Shapes: dz/dW of z (m) and W (m x n) has the axes m, m, n: the entry of z backwards, the row of W downwards, its column to the right.

    Args:
        d: the derivative.
        sizes: numbers for sizes, such as ``net.sizes``, at most 12; without them small numbers.
        style: ``paper`` or ``slide``.

    Raises:
        MatcalcError: no factor has three axes, an axis has more than 12 entries, or no product of matrices writes the path.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> drawn = cube(mc.derive(mc.let("z", W @ x), W, layout="numerator"), sizes={"m": 2, "n": 3})
        >>> [mark.text for mark in drawn.with_role("entry")]
        ['2,2,1', '2,2,2', '2,2,3', '1,1,1', '1,1,2', '1,1,3']
    """
    look = style_of(style)
    chosen = _chosen(d)
    data = _data([d.of, d.wrt], sizes)
    found = _Array(d.of, d.wrt, d.index_form, _filled(d.index_form, d, data)) if chosen is None else _of_factor(chosen.factor, d, data)
    if max(found.filled.shape) > MOST_ENTRIES:
        raise MatcalcError(
            f"{_called(found)} has {' x '.join(map(str, found.filled.shape))} entries at these sizes; at most {MOST_ENTRIES} along an axis "
            "can be seen. What is shown holds for all sizes: give smaller ones by sizes={...}."
        )
    sheet = Sheet(look)
    letters = free_letters(found.form.form)
    head = _equation(found, letters)
    box = _draw_array(sheet, found.filled, letters, found.form.shape, _cell(found.filled, look))
    if chosen is not None:
        box = _collapse(sheet, d, chosen, letters, box, data)
    lines = broken(head, max(box[2] - box[0], 14 * look.unit), look.large)
    top = box[3] + 1.2 * look.unit + sum(sum(extent(line, look.large)[1:]) + Sheet.gap(look.large) for line in lines)
    sheet.stack(box[0], top, lines, size=look.large, anchor="left", role="title")
    _remark(sheet, found, d, chosen, data, box[0])
    return sheet.drawing(kind="cube", said=_said(found, chosen, d))


def _chosen(d: Derivation) -> _Chosen | None:
    """The path whose last factor has three axes; None if the derivative itself has three.

    Raises:
        MatcalcError: there is neither, or the collapse of one of several paths is no product of matrices.
    """
    if d.index_form.ndim == 3:
        return None
    if d.structured is not None:
        raise MatcalcError(
            f"{d!r} is by the free entries of a matrix, and no factor collapses onto it. Take d.by_independent_entries.figure('cube')."
        )
    paths = [path for path in d.paths if path and path[-1].ndim == 3 and len(path) > 1]
    if not paths:
        counts = ", ".join(f"{factor!r} has {factor.ndim}" for path in d.paths[:1] for factor in path)
        raise MatcalcError(
            f"{d!r} has no factor with three axes at its end{f': {counts}' if counts else ''}. Take the derivative of a vector, or of what "
            "is made of one, by a matrix, such as derive(z, W) or derive(C, W); for others, see jacobian_heat_maps."
        )
    if all(path[-1] is paths[0][-1] for path in d.paths):  # what the block is multiplied by is then the whole derivative by its quantity
        return _Chosen(paths[0], None, len(d.paths))
    for path in paths:
        try:
            return _Chosen(path, product_of(path, d.layout, Reading.STAND_IN), len(d.paths))
        except (NoStandInError, NoMatrixFormError):
            continue
    place = next(k for k, path in enumerate(d.paths) if path is paths[0])
    raise MatcalcError(
        f"{len(d.paths)} paths lead from {name_of(d.of)} to {name_of(d.wrt)}, and none with three axes at its end is a product of "
        f"matrices, so there is no matrix onto which one collapses. Take the factor alone: d.paths[{place}][-1].index_form."
    )


# ---- data ------------------------------------------------------------------------------------------------------------


def _data(roots: Sequence[Expr], sizes: Mapping[str, int] | None) -> Data:
    """Random data; sizes that are not given are 3, 4, ..., each its own."""
    nodes = list(postorder(list(roots), with_definition))
    given = given_sizes(nodes, sizes or {})
    numbers = (number for number in count(_SMALLEST) if number not in given.values())
    names = sorted({name for node in nodes for name in size_names(node)} - given.keys())
    return draw(list(roots), np.random.default_rng(0), sizes={**given, **{name: next(numbers) for name in names}})


def _filled(form: IndexForm, d: Derivation, data: Data) -> Array:
    """Which entries are not zero for all data."""
    extents = [data.extent(size) for size in form.shape]
    found = np.zeros(extents, dtype=bool)
    if max(extents) > MOST_ENTRIES:
        return found
    for seed in range(_DRAWS):
        other = data if seed == 0 else draw([d.of, d.wrt], np.random.default_rng(seed), sizes=data.sizes)
        found |= ~nearly_zero(index_sum(form.form, other).reshape(extents))
    return found


def _of_factor(factor: Factor, d: Derivation, data: Data) -> _Array:
    return _Array(factor.of, factor.by, factor.index_form, _filled(factor.index_form, d, data))


def _called(found: _Array) -> str:
    return f"d{name_of(found.of)}/d{name_of(found.by)}"


def _cell(filled: Array, style: FigureStyle) -> float:
    """The side of an entry, in inches."""
    return style.unit * min(_CELL, _LONGEST / max(map(int, filled.shape)))


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _equation(found: _Array, letters: Sequence[str]) -> Formula:
    """The entry of the derivative, and what it is."""
    outer = len(rows_and_columns_used(found.of))
    of, by = _entry(found.of, letters[:outer]), _entry(found.by, letters[outer:])
    return Formula(rf"\dfrac{{\partial {of}}}{{\partial {by}}} = {found.form.latex()}")


def rows_and_columns_used(quantity: Expr) -> tuple[Size, ...]:
    """The sizes of the axes of a quantity that are longer than 1."""
    return tuple(size for size in quantity.shape if size != 1)


def _entry(quantity: Expr, letters: Sequence[str]) -> str:
    name = getattr(quantity, "name", None)
    return latex_entry(name, tuple(letters)) if name is not None else rf"\left({quantity.latex()}\right)_{{{''.join(letters)}}}"


def _draw_array(sheet: Sheet, filled: Array, letters: Sequence[str], shape: Sequence[Size], cell: float) -> Box:
    """The block: its frame, its entries from the back to the front, and its axes."""
    depth, rows, columns = filled.shape
    right, up = _DEPTH[0] * cell, _DEPTH[1] * cell
    corners = [(0.0, 0.0), (columns * cell, 0.0), (columns * cell, -rows * cell), (0.0, -rows * cell)]

    def behind(point: Point) -> Point:
        return point[0] + depth * right, point[1] + depth * up

    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        sheet.line([behind(start), behind(end)], colour=PALE, layer=1)
    for corner in corners:
        sheet.line([corner, behind(corner)], colour=PALE, layer=1)
    for number in reversed(range(depth)):
        for row in range(rows):
            for column in range(columns):
                if filled[number, row, column]:
                    origin = (column * cell + number * right, -row * cell + number * up)
                    text = f"{number + 1},{row + 1},{column + 1}"
                    _draw_entry(sheet, origin, cell, (right, up), text, layer=2 + (depth - number) / depth)
    sheet.line([*corners, corners[0]], colour=GREY, layer=4)
    unit, gap = sheet.style.unit, 0.55 * sheet.style.unit
    _axis(sheet, (-gap, 0.0), (-gap, -rows * cell), letters[1], shape[1], (-0.35 * unit, 0.0), "right")
    _axis(sheet, (0.0, -rows * cell - gap), (columns * cell, -rows * cell - gap), letters[2], shape[2], (0.0, -0.6 * unit), "center")
    foot = (columns * cell + gap, -rows * cell)
    _axis(sheet, foot, behind(foot), letters[0], shape[0], (0.35 * unit, -0.25 * unit), "left")
    return -gap - 2 * unit, -rows * cell - gap - unit, columns * cell + depth * right + gap + 1.5 * unit, depth * up


def _draw_entry(sheet: Sheet, origin: Point, cell: float, shift: Point, text: str, *, layer: float) -> None:
    """An entry as a small cube: its front, its top and its right side."""
    (x, y), (right, up) = origin, shift
    edge = tint(BLUE, 0.9)
    top = [(x, y), (x + cell, y), (x + cell + right, y + up), (x + right, y + up)]
    side = [(x + cell, y), (x + cell + right, y + up), (x + cell + right, y - cell + up), (x + cell, y - cell)]
    sheet.polygon(top, fill=tint(BLUE, 0.2), edge=edge, layer=layer)
    sheet.polygon(side, fill=tint(BLUE, 0.65), edge=edge, layer=layer)
    front = [(x, y), (x + cell, y), (x + cell, y - cell), (x, y - cell)]
    sheet.polygon(front, fill=tint(BLUE, 0.4), edge=edge, layer=layer, role="entry", text=text)


def _axis(sheet: Sheet, start: Point, end: Point, letter: str, size: Size, away: Point, anchor: str) -> None:
    """An axis with its letter and its size, an arrow to where it counts."""
    sheet.arrow(start, end, colour=GREY, role="axis", text=letter)
    x, y = (start[0] + end[0]) / 2 + away[0], (start[1] + end[1]) / 2 + away[1]
    sheet.text(x, y, Formula(rf"{letter} \leq {latex_size(size)}"), size=sheet.style.small, colour=BLACK, anchor=anchor)


# ---- the collapse ----------------------------------------------------------------------------------------------------


def _collapse(sheet: Sheet, d: Derivation, chosen: _Chosen, letters: Sequence[str], box: Box, data: Data) -> Box:
    """The arrow from the block to the matrix of the derivative, with what it is multiplied by and summed over."""
    style, unit = sheet.style, sheet.style.unit
    over = letters[: len(rows_and_columns_used(chosen.factor.of))]
    summed = Formula(rf"\sum_{{{', '.join(over)}}} {_multiplied(d, chosen, over)}\,(\;\cdot\;)")
    width, above, below = extent(summed, style.text)
    middle = (box[1] + box[3]) / 2
    start, length = box[2] + NEAR * unit, max(width + unit, 3 * unit)
    sheet.arrow((start, middle), (start + length, middle), role="collapse", text=f"sum over {', '.join(over)}")
    sheet.text(start + length / 2 - 0.2 * unit, middle + 0.5 * unit + (above + below) / 2, summed)
    shape = rows_and_columns(d.shape)
    cell = unit * min(_CELL, _LONGEST / max(data.extents(d.shape)))
    rows, columns = data.extents(shape)
    left, top = start + length + 2.2 * unit, middle + rows * cell / 2
    grid = [(left + k * cell, top - m * cell) for m in range(rows) for k in range(columns)]
    for x, y in grid:
        sheet.rectangle((x, y - cell, x + cell, y), fill=tint(BLUE, 0.4), edge=tint(BLUE, 0.9), role="matrix entry", text="")
    sheet.text(left - 0.4 * unit, middle, Formula(latex_size(shape[0])), size=style.small, anchor="right")
    sheet.text(left + columns * cell / 2, top + 0.5 * unit, Formula(latex_size(shape[1])), size=style.small)
    bottom = _matrix_below(sheet, d, chosen, left + columns * cell / 2, top - rows * cell - 0.8 * unit)
    return box[0], min(box[1], bottom), max(sheet.box[2], left + columns * cell), max(box[3], top + unit)


def _multiplied(d: Derivation, chosen: _Chosen, over: Sequence[str]) -> str:
    """An entry of what the block is multiplied by: of the derivative by its quantity, or of the product of the path's other factors."""
    others = chosen.path[:-1]
    if chosen.product is None or len(others) == 1:
        return rf"\dfrac{{\partial {_bracketed(d.of)}}}{{\partial {_entry(chosen.factor.of, over)}}}"
    product = large(Formula(product_of(others, d.layout).named_expression.latex()))
    return rf"\left({product}\right)_{{{''.join(over)}}}"


def _bracketed(quantity: Expr) -> str:
    return quantity.latex() if isinstance(quantity, Let | Symbol) else rf"\left({quantity.latex()}\right)"


def _matrix_below(sheet: Sheet, d: Derivation, chosen: _Chosen, centre: float, top: float) -> float:
    """The name of the derivative and its matrix in the layout, or the product of one path of several; returns the lower end."""
    style = sheet.style
    if chosen.product is not None:
        box = sheet.stack(centre, top, broken(Formula(chosen.product.latex()), 12 * style.unit, style.text), role="path product")
        below = box[1] - 0.4 * style.unit
        return sheet.stack(centre, below, [f"one of {chosen.paths} paths"], size=style.small, colour=GREY, role="note")[1]
    name = Derivative(d.of, d.wrt, d.layout.value, False, d.shape).latex()
    try:
        text = Formula(rf"{large(Formula(name))} = {_by_delta(d)}")
    except NoMatrixFormError:
        text = large(Formula(name))
    lines = broken(text, 12 * style.unit, style.text)
    return sheet.stack(centre, top, lines)[1]


def _by_delta(d: Derivation) -> str:
    """The derivative as it is made of the derivative by what the variable stands in, where there is one such quantity."""
    if len(d.paths) != 1 or not d.paths[0][-1].has_stand_in:
        return d.result.latex()
    last = d.paths[0][-1]
    assert isinstance(last.of, Let)
    shape = Derivation(d.of, last.of, d.layout, Style.HADAMARD).shape
    delta = large(Formula(Derivative(d.of, last.of, d.layout.value, False, shape).latex()))
    stand_in = last.stand_in(d.layout.value).latex()
    return f"{stand_in} {delta}" if last.stand_in_is_first(d.layout.value) else f"{delta} {stand_in}"


def _remark(sheet: Sheet, found: _Array, d: Derivation, chosen: _Chosen | None, data: Data, left: float) -> None:
    named = [size for size in dict.fromkeys(found.form.shape) if not isinstance(size, int)]
    drawn = ", ".join(f"${latex_size(size)} = {data.extent(size)}$" for size in named)
    box = sheet.box
    said = f"Drawn for {drawn}; " if named else ""
    text = f"{said}entries that are zero for all data are left out. The matrix is in {d.layout.value} layout."
    if len(d.shape) > 2:
        text = text.rpartition(" The matrix")[0]
    if chosen is not None and chosen.product is not None:
        whole = Formula(Derivative(d.of, d.wrt, d.layout.value, False, d.shape).latex()).mathtext
        text += f" It belongs to one of {chosen.paths} paths, on which other named quantities are held; {whole} is the sum over all."
    sheet.note(left, box[1] - FAR * sheet.style.unit, text[:1].upper() + text[1:], width=max(box[2] - left, 16 * sheet.style.unit))


def _said(found: _Array, chosen: _Chosen | None, d: Derivation) -> str:
    shape = " x ".join(map(str, found.form.shape))
    told = f"{_called(found)} is an array of {shape} entries, {found.form!r}"
    if chosen is None:
        return f"{told}."
    whole = f"d{name_of(d.of)}/d{name_of(d.wrt)}"
    if chosen.product is None:
        return f"{told}; summed with d{name_of(d.of)}/d{name_of(found.of)} it collapses onto {whole}."
    others = " ".join(map(repr, chosen.path[:-1]))
    onto = f"{chosen.product!r}, one of {chosen.paths} paths"
    return f"{told}; summed with {others} it collapses onto {onto}; {whole} is the sum over the paths."
