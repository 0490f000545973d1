"""The figure `derivation_sheet`: the steps of a derivation, typeset as a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import final

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError, NoStandInError
from matcalc.factor_lists import given_sizes, resolved
from matcalc.figures.drawing import Drawing
from matcalc.figures.line_breaking import broken
from matcalc.figures.sheet import Sheet
from matcalc.figures.style import BLACK, GREY, WHITE, FigureStyle, style_of
from matcalc.figures.typeset import POINTS_OF_AN_INCH, Formula, extent, formula, wrapped
from matcalc.language.expressions import Derivative, Expr, SizeNumber
from matcalc.language.sizes import Size, rows_and_columns
from matcalc.language.traversal import postorder, with_definition
from matcalc.printing.names import latex_size
from matcalc.second_derivative import SecondDerivative
from matcalc.steps import Step

Derived = Derivation | SecondDerivative
SCALE = 1.1  # of formulas, in the size of text
MARGIN, WIDEST_MARGIN = 0.30, 0.42  # of the width, for the rules
LONGEST_LEFT = 0.28  # of the width, for a left side; a longer one has a line of its own
SPACING = 1.35  # of the lines in the margin, in their size


def derivation_sheet(
    d: Derived, *, sizes: Mapping[str, int] | None = None, style: str = "paper", both: bool = False
) -> Drawing:
    """The steps of a derivation: the equations aligned at their signs, the rule of each in the margin, and where it stands.

    A PDF has pages where it is too long for one; SVG and PNG are one long sheet.

    Args:
        d: what `derive` gave, or `second_derivative`.
        sizes: numbers for names of sizes, or for some, in the shapes that are written in the margin.
        style: ``paper`` or ``slide``.
        both: show the derivation in both layouts: side by side where both fit the width, else below each other.

    Raises:
        MatcalcError: both layouts of a second derivative.
        NoMatrixFormError: of a second derivative whose first has no matrix form.

    Example:
        >>> import matcalc as mc
        >>> A, x = mc.matrix("A", "n", "n"), mc.vector("x", "n")
        >>> sheet = derivation_sheet(mc.derive(x.T @ A @ x, x, layout="numerator"))
        >>> [mark.text for mark in sheet.with_role("right side")][-1]
        '\\\\mathbf{x}^\\\\top (\\\\mathbf{A}^\\\\top + \\\\mathbf{A})'
    """
    looks = style_of(style)
    written = _shapes_written(d, sizes)
    derivations = _layouts(d) if both else [d]
    pages = [_page(each, looks, looks.width, written) for each in derivations]
    half = (looks.width - 2 * looks.unit) / 2
    beside = False
    if both:
        narrow = [_page(each, looks, half, written) for each in derivations]
        beside = all(page.width <= half and page.lines == wide.lines for page, wide in zip(narrow, pages, strict=True))
        pages = narrow if beside else pages
    strips = _strips(pages, looks, half + 2 * looks.unit if beside else 0.0)
    sheet = Sheet(looks)
    _put(sheet, strips, 0.0)
    told = " and ".join(f"{each!r} in {len(each.steps)} step{'s' * (len(each.steps) != 1)}" for each in derivations)
    return sheet.drawing(kind="derivation_sheet", said=f"{told}.", paged=partial(_in_pages, strips, looks, f"{told}."))


def _layouts(d: Derived) -> list[Derived]:
    """The derivation in numerator and in denominator layout."""
    if isinstance(d, SecondDerivative):
        raise MatcalcError(f"{d!r} has one form: both=True is for what derive gave.")
    other = Derivation(d.of, d.wrt, d.layout.other, d.style, d.structured)
    return [d, other] if d.layout == "numerator" else [other, d]


def _shapes_written(d: Derived, sizes: Mapping[str, int] | None) -> Callable[[Expr], str]:
    """How the shape of an expression is written, with the numbers given."""
    nodes = list(postorder([d.of, *_variables(d)], with_definition))
    known: set[Size] = {entry for node in nodes for entry in node.shape} | {node.size for node in nodes if isinstance(node, SizeNumber)}
    numbers = given_sizes(sizes, known)

    def written(expression: Expr) -> str:
        rows, columns = (latex_size(resolved(entry, numbers)) for entry in rows_and_columns(expression.shape))
        return Formula(rf"{rows} \times {columns}").mathtext if expression.shape else "a scalar"

    return written


def _variables(d: Derived) -> tuple[Expr, ...]:
    return (d.wrt,) if isinstance(d, Derivation) else (d.x, d.y)


# ---- a page ----------------------------------------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class _Item:
    """A text that is placed: its left end, and its base line under the top of its row."""

    x: float
    base: float
    text: str
    size: float
    colour: str = BLACK
    role: str = "label"


@final
@dataclass(frozen=True, slots=True)
class _Row:
    """A heading or a step: what is in it, and how high and wide it is."""

    items: tuple[_Item, ...]
    height: float
    width: float


@final
@dataclass(frozen=True, slots=True)
class _Page:
    rows: tuple[_Row, ...]
    width: float

    @property
    def lines(self) -> int:
        """How many lines the formulas take."""
        return sum(item.role in ("left side", "right side") for row in self.rows for item in row.items)


@final
@dataclass(frozen=True, slots=True)
class _Columns:
    """Where left sides begin and end, where right sides begin, and how far formulas may reach."""

    number: float
    equals: float
    right: float
    end: float


def _page(d: Derived, looks: FigureStyle, width: float, written: Callable[[Expr], str]) -> _Page:
    steps = tuple(d.steps)
    lefts = [None if k and _same(steps[k - 1].after, step.before) else _displayed(step.before.latex()) for k, step in enumerate(steps)]
    size = SCALE * looks.text
    short = [extent(left, size)[0] for left in lefts if left is not None and extent(left, size)[0] <= LONGEST_LEFT * width]
    number = 1.2 * looks.unit
    equals = number + max(short, default=0.0) + 0.35 * looks.unit
    right = equals + extent(Formula("="), size)[0] + 0.35 * looks.unit
    columns = _Columns(number, equals, right, width * (1 - MARGIN) - looks.unit)
    equations = [_equation(k, step.after.latex(), left, looks, columns) for k, (step, left) in enumerate(zip(steps, lefts, strict=True), 1)]
    margin = max(row.width for row in equations) + 1.5 * looks.unit
    room = max(MARGIN * width, min(width - margin, WIDEST_MARGIN * width))
    called = _called(d)
    rows = [_with_notes(row, step, looks, (margin, room), called, written) for row, step in zip(equations, steps, strict=True)]
    return _Page((_heading(d, looks), *rows), max(row.width for row in rows))


def _displayed(latex: str) -> Formula:
    """A formula with its fractions as large as the rest."""
    return Formula(latex.replace(r"\frac", r"\dfrac"))


def _same(left: object, right: object) -> bool:
    return type(left) is type(right) and left == right


def _heading(d: Derived, looks: FigureStyle) -> _Row:
    name = Derivative(d.of, d.wrt, d.layout.value, False, d.shape) if isinstance(d, Derivation) else d.name
    told = f" in {d.layout.value} layout" if d.layout is not None else ""
    told += f", {d.wrt.name} {d.structured.value}" if isinstance(d, Derivation) and d.structured else ""
    text = f"{formula(name).mathtext}{told}"
    width, above, below = extent(text, looks.large)
    return _Row((_Item(0.0, -above, text, looks.large, role="heading"),), above + below + 1.4 * looks.unit, width)


def _equation(number: int, after: str, left: Formula | None, looks: FigureStyle, columns: _Columns) -> _Row:
    """A step: its number and its equation, in lines. A left side that is long has lines of its own."""
    size, gap = SCALE * looks.text, 0.35 * looks.unit
    items: list[_Item] = []
    deepest = 0.0
    if left is not None and columns.number + extent(left, size)[0] > columns.equals:
        for line in broken(left, columns.end - columns.number, size):
            _, above, below = extent(line, size)
            items.append(_Item(columns.number, deepest - above, line, size, role="left side"))
            deepest -= above + below + gap
        left = None
    for place, line in enumerate(broken(_displayed(after), columns.end - columns.right, size)):
        beside = [line] if left is None or place else [line, left]
        base = deepest - max(extent(each, size)[1] for each in beside)
        if not place:
            items.append(_Item(columns.right - gap - extent(Formula("="), size)[0], base, Formula("="), size, role="sign"))
        if left is not None and not place:
            items.append(_Item(columns.equals - gap - extent(left, size)[0], base, left, size, role="left side"))
        items.append(_Item(columns.right + (looks.unit if place else 0.0), base, line, size, role="right side"))
        deepest = base - max(extent(each, size)[2] for each in beside) - gap
    width = max(item.x + extent(item.text, item.size)[0] for item in items)
    return _Row((_Item(0.0, items[0].base, f"{number}", looks.small, GREY, "number"), *items), -deepest, width)


def _with_notes(
    row: _Row, step: Step, looks: FigureStyle, margin: tuple[float, float], called: Sequence[tuple[str, str]],
    written: Callable[[Expr], str],
) -> _Row:  # fmt: skip
    """The step with its rule in the margin, the shape of its right side, and where the rule stands."""
    rule = step.rule
    for name, shown in called:
        rule = rule.replace(name, shown)
    shape = f"{written(step.after)}; " if isinstance(step.after, Expr) else ""
    (left, room), items, base = margin, list(row.items), row.items[0].base
    lowest, source = base, 0.85 * looks.small
    for text, colour, size, role in ((rule, BLACK, looks.small, "rule"), (f"{shape}{step.source}", GREY, source, "source")):
        for line in wrapped(_with_superscripts(text), size, room):
            items.append(_Item(left, base, line, size, colour, role))
            lowest, base = base, base - SPACING * (size if role == "source" else looks.small) / POINTS_OF_AN_INCH
    height = max(row.height, -lowest + 0.3 * looks.unit) + 0.8 * looks.unit
    return _Row(tuple(items), height, max(item.x + extent(item.text, item.size)[0] for item in items))


def _with_superscripts(text: str) -> str:
    """A text with the sign of the transpose raised, outside of formulas."""
    return "$".join(part.replace("^T", "ᵀ") if k % 2 == 0 else part for k, part in enumerate(text.split("$")))


def _called(d: Derived) -> tuple[tuple[str, str], ...]:
    """How the factors are called in rules, and as formulas in a line of text; the longest names first."""
    if not isinstance(d, Derivation) or d.structured is not None:
        return ()
    found: dict[str, str] = {}
    for factor in (factor for path in d.paths for factor in path):
        found[repr(factor)] = Formula(rf"\partial {factor.of.latex()} / \partial {factor.by.latex()}").mathtext
        try:
            stand_in = factor.stand_in(d.layout)
            found[f"{stand_in!r} stands for it"] = f"{formula(stand_in).mathtext} stands for it"
        except NoStandInError:
            continue
    return tuple(sorted(found.items(), key=lambda pair: -len(pair[0])))


# ---- on the sheet ----------------------------------------------------------------------------------------------------


def _level(pages: Sequence[_Page]) -> list[_Page]:
    """The pages with the base lines and the heights of their rows alike, as far as both have rows."""
    found: list[list[_Row]] = [[] for _ in pages]
    for rows in zip_longest(*(page.rows for page in pages)):
        deepest = min(row.items[0].base for row in rows if row is not None)
        lowered = [None if row is None else _lowered(row, row.items[0].base - deepest) for row in rows]
        height = max(row.height for row in lowered if row is not None)
        for kept, row in zip(found, lowered, strict=True):
            kept += [] if row is None else [replace(row, height=height)]
    return [replace(page, rows=tuple(rows)) for page, rows in zip(pages, found, strict=True)]


def _lowered(row: _Row, by: float) -> _Row:
    return replace(row, items=tuple(replace(item, base=item.base - by) for item in row.items), height=row.height + by)


@final
@dataclass(frozen=True, slots=True)
class _Strip:
    """What stands side by side: rows, each with its left end, and how high they are; ``begins``: whether a derivation begins here."""

    rows: tuple[tuple[float, _Row], ...]
    height: float
    begins: bool

    @property
    def has_left(self) -> bool:
        """Whether its equation can be read without the row before it."""
        return self.begins or any(item.role == "left side" for _, row in self.rows for item in row.items)


def _strips(pages: Sequence[_Page], looks: FigureStyle, right: float) -> tuple[_Strip, ...]:
    """The rows of the derivations below each other, or side by side where the second has a left end."""
    if right:
        lefts, levelled = (0.0, right), _level(pages)
        found = []
        for number, rows in enumerate(zip_longest(*(page.rows for page in levelled))):
            there = tuple((left, row) for left, row in zip(lefts, rows, strict=True) if row is not None)
            found.append(_Strip(there, max(row.height for _, row in there), not number))
        return tuple(found)
    return tuple(
        _Strip(((0.0, row),), row.height + (2 * looks.unit if row is page.rows[-1] else 0.0), row is page.rows[0])
        for page in pages for row in page.rows
    )  # fmt: skip


def _put(sheet: Sheet, strips: Sequence[_Strip], top: float) -> None:
    """The strips below each other."""
    for strip in strips:
        for left, row in strip.rows:
            for item in row.items:
                _, above, below = extent(item.text, item.size)
                middle = top + item.base + (above - below) / 2
                sheet.text(left + item.x, middle, item.text, size=item.size, colour=item.colour, anchor="left", role=item.role)
        top -= strip.height


def _parted(strips: Sequence[_Strip], looks: FigureStyle) -> list[list[_Strip]]:
    """The strips of each page. A page begins with a left side where that takes no more than a third of the page before."""
    room = looks.height - 2 * looks.unit
    parts: list[list[_Strip]] = [[]]
    for number, strip in enumerate(strips):
        # a heading does not stand alone, and what is after the last line of a strip may be cut
        needed = strip.height - looks.unit + (strips[number + 1].height if strip.begins and number + 1 < len(strips) else 0.0)
        page = parts[-1]
        if page and sum(each.height for each in page) + needed > room:
            back = 0 if strip.has_left else next((k for k in range(1, len(page) // 3 + 1) if page[-k].has_left), 0)
            parts.append(page[len(page) - back :])
            del page[len(page) - back :]
        parts[-1].append(strip)
    return parts


def _in_pages(strips: Sequence[_Strip], looks: FigureStyle, said: str) -> tuple[Drawing, ...]:
    """The strips on pages of one size; a derivation begins on a new page where another does not fit below it."""
    parts = _parted(strips, looks)
    found = []
    for number, part in enumerate(parts, 1):
        sheet = Sheet(looks)
        if len(parts) > 1:
            page = (0.0, -max(looks.height, sum(strip.height for strip in part)), looks.width, 0.0)
            sheet.rectangle(page, fill=WHITE, edge=WHITE, width=0.0, layer=0)
            told = f"{number} / {len(parts)}"
            sheet.text(looks.width, page[1] + 0.3 * looks.unit, told, size=looks.small, colour=GREY, anchor="right", role="page")
        _put(sheet, part, -0.2 * looks.unit if len(parts) > 1 else 0.0)
        found.append(sheet.drawing(kind="derivation_sheet", said=said))
    return tuple(found)
