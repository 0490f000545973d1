"""The figure `order_landscape`: all arrangements of a product, those that fit, and those of them that are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.figures.drawing import Drawing
from matcalc.figures.factor_names import named_formulas, transposed_formula
from matcalc.figures.landscape_data import ValueClass, first_ones, misfit_example, value_classes
from matcalc.figures.sheet import Sheet
from matcalc.figures.style import BLACK, GREY, MISFIT, PALE, RIGHT, SKY, WHITE, WRONG, FigureStyle, style_of
from matcalc.figures.typeset import Formula, extent, formula
from matcalc.language.sizes import Dim
from matcalc.layout.arrangements import Arrangement, Matrix
from matcalc.layout.order_report import OrderRow, OrdersReport, OrderVerdict
from matcalc.layout.products import Reading
from matcalc.orders import orders
from matcalc.printing.names import latex_name, latex_size, quotient_parts

SIGNS = {OrderVerdict.RIGHT: "✓", OrderVerdict.WRONG_VALUE: "≠", OrderVerdict.DOES_NOT_FIT: "✗"}
COLOURS = {OrderVerdict.RIGHT: RIGHT, OrderVerdict.WRONG_VALUE: WRONG, OrderVerdict.DOES_NOT_FIT: MISFIT}
TEXT_COLOURS = {**COLOURS, OrderVerdict.WRONG_VALUE: "#9A6A00", OrderVerdict.RIGHT: "#007A59"}  # darker, to be read on white
FITS, ENLARGED = SKY, "#E3F1FB"
SLIVER = 0.02  # inches, the least width of a part that is not empty


def order_landscape(
    r: OrdersReport | Derivation, *, sizes: Mapping[str, int] | None = None, style: str = "paper", rows: int = 12
) -> Drawing:
    """All arrangements of a product sorted into those that do not fit, those that fit and are wrong, and those that are right.

    Two bars: all arrangements, and beneath, enlarged, those that fit; where they can be gone through, a part for each different value.
    Under the bars arrangements as they are written, each with its verdict. The numbers are exact, however large.

    Args:
        r: what `orders` gave, or what `derive` gave, whose factors are taken in its layout.
        sizes: with a derivation, a number for each name of a size, or for some; the others stay general.
        style: ``paper`` or ``slide``.
        rows: how many arrangements are written out at most; where more fit, one of each value.

    Raises:
        MatcalcError: sizes beside a report, which has its own; or fewer than one row.
        SeveralPathsError: a derivation with several paths.

    Example:
        >>> import matcalc as mc
        >>> factors = [("A", "m", "n"), ("B", "n", "n"), ("g", "n", 1)]
        >>> report = mc.orders(factors, target=("m", 1), layout="numerator", sizes={"m": 3, "n": 3})
        >>> print(order_landscape(report).said)
        Of 48 arrangements of A B g, 40 do not fit, 7 fit but are wrong, 1 is right.
    """
    if rows < 1:
        raise MatcalcError(f"rows = {rows}: at least one arrangement is written out.")
    report, names = _report(r, sizes)
    sheet = Sheet(style_of(style))
    classes = value_classes(report)
    left, width = 0.0, sheet.style.width
    top = _heading(sheet, report, names, left)
    top = _bars(sheet, report, classes, left, width, top)
    lines, left_out = _lines(report, names, classes or first_ones(report, rows), rows)
    _listed(sheet, lines, left_out, left, top)
    return sheet.drawing(kind="order_landscape", said=_said(report))


def _report(r: OrdersReport | Derivation, sizes: Mapping[str, int] | None) -> tuple[OrdersReport, _Names]:
    if isinstance(r, Derivation):
        found = orders(r.of, r.wrt, layout=r.layout.value, sizes=sizes)
        return found, _Names(found, {repr(factor): formula(factor.name(r.layout)) for factor in r.factors})
    if sizes is not None:
        raise MatcalcError("A report of orders has its own sizes: give sizes= to orders, not to the figure.")
    return r, _Names(r, {})


def _said(report: OrdersReport) -> str:
    misfits, wrong = report.arrangements - report.shape_consistent, report.shape_consistent - report.right
    return (
        f"Of {report.arrangements:,} arrangements of {' '.join(report.factors)}, {misfits:,} {_do(misfits)} not fit, "
        f"{wrong:,} {_fit(wrong)} but {_are(wrong)} wrong, {report.right:,} {_are(report.right)} right."
    )


def _do(number: int) -> str:
    return "does" if number == 1 else "do"


def _fit(number: int) -> str:
    return "fits" if number == 1 else "fit"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


# ---- heading and bars ------------------------------------------------------------------------------------------------


def _heading(sheet: Sheet, report: OrdersReport, names: _Names, left: float) -> float:
    """The true product, its layout and sizes; returns the lower end."""
    looks = sheet.style
    x, base = left, -max(extent(name, looks.large)[1] for name in names.true)
    for name in names.true:
        y = _middle(name, looks.large, base)
        x = sheet.text(x, y, name, size=looks.large, anchor="left", role="factor")[2] + 0.5 * looks.unit
    sizes = ", ".join(Formula(f"{latex_name(name, ())} = {number}").mathtext for name, number in report.sizes)
    symbolic = any(isinstance(size, Dim) for matrix in report.ordering.matrices for size in (matrix.rows, matrix.columns))
    general = f"{'other ' if sizes else ''}sizes different from each other" if symbolic else ""
    told = ", ".join(filter(None, [f"{report.layout.value} layout", sizes, general]))
    if names.aside is not None:
        told += f"; a vector stands for {Formula(names.bare[names.aside]).mathtext}"
    y = base - max(extent(name, looks.large)[2] for name in names.true) - looks.unit
    sheet.text(left, y, told, size=looks.small, colour=GREY, anchor="left")
    return y - 1.2 * looks.unit


def _middle(text: str, size: float, base: float) -> float:
    """The middle height of a text whose letters stand on a line."""
    _, above, below = extent(text, size)
    return base + (above - below) / 2


@final
@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a bar: how much of it, its colour and verdict, and the lines that part it into values."""

    count: int
    colour: str
    verdict: OrderVerdict | None
    values: tuple[int, ...] = ()


def _bars(sheet: Sheet, report: OrdersReport, classes: Sequence[ValueClass], left: float, width: float, top: float) -> float:
    """All arrangements, and below, enlarged, those that fit; returns the lower end."""
    looks = sheet.style
    fitting, misfits, wrong = report.shape_consistent, report.arrangements - report.shape_consistent, report.shape_consistent - report.right
    told = _Told(f"{report.arrangements:,} arrangement{'s' * (report.arrangements > 1)}", BLACK, bold=True)
    no = _Told(f"{SIGNS[OrderVerdict.DOES_NOT_FIT]} {misfits:,} {_do(misfits)} not fit", GREY, verdict=OrderVerdict.DOES_NOT_FIT.value)
    y = _above_bar(sheet, left, top, [told, no] if misfits else [told])
    ends = _bar(sheet, left, y, width, [_Part(fitting, FITS, None), _Part(misfits, PALE, OrderVerdict.DOES_NOT_FIT)], report.arrangements)
    bottom = y - 1.2 * looks.unit
    lower = bottom - 1.4 * looks.unit
    share = f"1 in {report.arrangements / fitting:,.3g}, " if misfits and report.arrangements < 10**6 * fitting else ""
    values = "all of one value" if report.distinct_values == 1 else f"with {report.distinct_values:,} different values"
    told = _Told(f"{fitting:,} {_fit(fitting)} in shape", BLACK, bold=True)
    y2 = _above_bar(sheet, left, lower - 0.2 * looks.unit, [told, _Told(f"{share}{values}", GREY)] if fitting > 1 else [told])
    if misfits:
        sheet.polygon([(left, bottom), (ends[0], bottom), (left + width, lower), (left, lower)], fill=ENLARGED, edge=ENLARGED, layer=0)
    of_values = tuple(len(each.arrangements) for each in classes if not each.right)
    parts = [_Part(report.right, RIGHT, OrderVerdict.RIGHT), _Part(wrong, WRONG, OrderVerdict.WRONG_VALUE, of_values)]
    _bar(sheet, left, y2, width, parts, fitting)
    good = f"{SIGNS[OrderVerdict.RIGHT]} {report.right:,} {_are(report.right)} right"
    bad = f"{SIGNS[OrderVerdict.WRONG_VALUE]} {wrong:,} {_fit(wrong)} but {_are(wrong)} wrong"
    found = [_Told(good, TEXT_COLOURS[OrderVerdict.RIGHT], bold=True, verdict=OrderVerdict.RIGHT.value)]
    if wrong:
        found.append(_Told(bad, TEXT_COLOURS[OrderVerdict.WRONG_VALUE], bold=True, verdict=OrderVerdict.WRONG_VALUE.value))
    return _above_bar(sheet, left, y2 - 1.3 * looks.unit, found) - 0.6 * looks.unit


@final
@dataclass(frozen=True, slots=True)
class _Told:
    """A text beside a bar."""

    text: str
    colour: str
    bold: bool = False
    verdict: str = ""


def _above_bar(sheet: Sheet, left: float, top: float, texts: Sequence[_Told]) -> float:
    """One text at the left end and one at the right end, or below each other where both are long; returns the lower end."""
    looks = sheet.style
    lengths = [extent(each.text, looks.text, bold=each.bold)[0] for each in texts]
    beside = sum(lengths) + looks.unit <= looks.width
    base = top - 0.75 * looks.unit
    for place, each in enumerate(texts):
        at, anchor = (left + looks.width, "right") if place and beside else (left, "left")
        y = _middle(each.text, looks.text, base - (0 if beside else 1.1 * place * looks.unit))
        sheet.text(at, y, each.text, size=looks.text, colour=each.colour, anchor=anchor, bold=each.bold, verdict=each.verdict)
    return base - (0 if beside else 1.1 * (len(texts) - 1) * looks.unit) - 0.4 * looks.unit


def _bar(sheet: Sheet, left: float, top: float, width: float, parts: Sequence[_Part], total: int) -> list[float]:
    """A bar of parts in proportion, each wide enough to be seen; returns where they end."""
    looks = sheet.style
    bottom, ends, x = top - 1.2 * looks.unit, [], left
    least = [SLIVER if part.count else 0.0 for part in parts]
    free = width - sum(least)
    for part, small in zip(parts, least, strict=True):
        end = x + small + free * (part.count / total)
        if part.count:
            verdict = part.verdict.value if part.verdict else "fits"
            box = (x, bottom, end, top)
            sheet.rectangle(box, fill=part.colour, edge=part.colour, width=0.0, role="bar", text=f"{part.count:,}", verdict=verdict)
            _parted(sheet, part, x, end, bottom, top)
        ends.append(end)
        x = end
    sheet.rectangle((left, bottom, left + width, top), fill="none", edge=GREY, width=0.6 * looks.line)
    return ends


def _parted(sheet: Sheet, part: _Part, left: float, right: float, bottom: float, top: float) -> None:
    """White lines between the values, where there is room for them."""
    done = 0
    scale = (right - left) / part.count
    if len(part.values) > 1 and min(part.values) * scale > 2 * sheet.style.line / 72:
        for count in part.values[:-1]:
            done += count
            x = left + done * scale
            sheet.line([(x, bottom), (x, top)], colour=WHITE, layer=3)


# ---- arrangements as they are written ----------------------------------------------------------------------------------


@final
class _Names:
    """The factors of a report as formulas, those that are ``known`` by their names as they are known.

    ``bare`` is each without the transpose that the true product may hold of it; ``aside`` the factor that has a stand-in.
    """

    def __init__(self, report: OrdersReport, known: Mapping[str, Formula]) -> None:
        self.report = report
        general = report.general
        matrices = [Matrix(*general.matrices[m].shape(turned), general.matrices[m].kind) for m, turned in general.true]
        bare = [Matrix(*m.shape(name.turned), m.kind) for m, name in zip(matrices, report.names, strict=True)]
        bases = [name.base for name in report.names]
        self.aside = _stand_in(bases) if report.reading is Reading.STAND_IN else None
        named = named_formulas(bases, bare, report.layout, aside=self.aside)
        self.bare = tuple(known.get(base, name) for base, name in zip(bases, named, strict=True))
        self.true = self.written(tuple((factor, False) for factor in range(len(self.bare))))

    def written(self, arrangement: Arrangement) -> tuple[str, ...]:
        """The factors of an arrangement from left to right."""
        turned = ((factor, self.report.names[factor].turned != transposed) for factor, transposed in arrangement)
        return tuple(transposed_formula(self.bare[factor]) if turn else self.bare[factor] for factor, turn in turned)


def _stand_in(names: Sequence[str]) -> int | None:
    """Which factor is that by the variable at the end of the chain, for which a vector stands."""
    parts = [quotient_parts(name) for name in names]
    outputs = {found[0] for found in parts if found is not None}
    return next((k for k, found in enumerate(parts) if found is not None and found[1] not in outputs), None)


@final
@dataclass(frozen=True, slots=True)
class _Line:
    """An arrangement that is written out: its factors, its verdict, and what is said beside it."""

    factors: tuple[str, ...]
    verdict: OrderVerdict
    note: str
    first: bool  # of its value


def _listed(sheet: Sheet, lines: Sequence[_Line], left_out: str, left: float, top: float) -> None:
    """The arrangements in columns, with a sign in front and what there is to say behind."""
    looks = sheet.style
    size, columns = _columns(lines, looks)
    above, below = (max(extent(factor, size)[k] for line in lines for factor in line.factors) for k in (1, 2))
    indent = left + 1.6 * looks.unit
    end = indent + sum(columns) + 0.7 * looks.unit * len(columns)
    y = top
    for line in lines:
        y -= 0.3 * looks.unit * line.first
        base = y - above
        verdict, x, middle = line.verdict.value, indent, base + (above - below) / 2
        colour = TEXT_COLOURS[line.verdict]
        sheet.text(left + 0.5 * looks.unit, middle, SIGNS[line.verdict], size=looks.large, colour=colour, role="sign", verdict=verdict)
        for factor, width in zip(line.factors, columns, strict=True):
            shade, y = GREY if line.verdict is OrderVerdict.DOES_NOT_FIT else BLACK, _middle(factor, size, base)
            sheet.text(x + width / 2, y, factor, size=size, colour=shade, role="factor", verdict=verdict)
            x += width + 0.7 * looks.unit
        y = base - below - 0.45 * looks.unit
        if line.note:
            beside = end + extent(line.note, looks.small)[0] <= left + looks.width
            at = (end, middle) if beside else (indent, y - 0.2 * looks.unit)
            sheet.text(*at, line.note, size=looks.small, colour=GREY, anchor="left", role="note", verdict=verdict)
            y -= 0.0 if beside else 0.9 * looks.unit
    if left_out:
        sheet.text(indent, y - 0.4 * looks.unit, left_out, size=looks.small, colour=GREY, anchor="left", role="note")


def _columns(lines: Sequence[_Line], looks: FigureStyle) -> tuple[float, list[float]]:
    """The size of letters at which the lines are not wider than the page, or a small one, and the widths of the columns."""
    count = len(lines[0].factors)
    room = looks.width - (1.6 + 0.7 * count) * looks.unit
    found = (looks.text, [0.0] * count)
    for size in (looks.text, looks.small, 0.8 * looks.small):
        found = (size, [max(extent(line.factors[k], size)[0] for line in lines) for k in range(count)])
        if sum(found[1]) <= room:
            break
    return found


def _lines(report: OrdersReport, names: _Names, classes: Sequence[ValueClass], most: int) -> tuple[list[_Line], str]:
    """What is written out, and what is said of the rest: all that fit, or where they are more than ``most``, one of each value."""
    fitting = sum(len(each.arrangements) for each in classes)
    complete = fitting == report.shape_consistent
    all_shown = complete and fitting <= most
    lines: list[_Line] = []
    for number, each in enumerate(classes[:most]):
        shown = each.arrangements[:1] if complete and not all_shown else each.arrangements
        for k, a in enumerate(shown):
            note, first = _value_note(each) if complete and not k else "", k == 0 and (all_shown or number < 2)
            lines.append(_Line(names.written(a), report.judged(a).verdict, note, first))
    hidden = report.shape_consistent - len(lines)
    misfit = misfit_example(report)
    if misfit is not None:
        row = report.judged(misfit)
        lines.append(_Line(names.written(misfit), row.verdict, _misfit(report, row), True))
    misfits = report.arrangements - report.shape_consistent - (misfit is not None)
    rest = [f"{hidden:,} more that {_fit(hidden)}"] if hidden else []
    rest += [f"{misfits:,} more that {_do(misfits)} not fit"] if misfits else []
    return lines, f"Not shown: {' and '.join(rest)}." if rest else ""


def _value_note(each: ValueClass) -> str:
    """How many arrangements share a value; nothing where each has its own."""
    number = len(each.arrangements)
    if each.right:
        return "the true product" if number == 1 else f"{number:,} have this value, that of the true product"
    return "" if number == 1 else f"{number:,} have this value"


def _misfit(report: OrdersReport, row: OrderRow) -> str:
    """The first joint that does not fit, or the shape that the product does not have."""
    for place, joint in enumerate(row.joints):
        if not joint.fits:
            sizes = Formula(rf"{latex_size(joint.columns)} \neq {latex_size(joint.rows)}").mathtext
            return f"factors {place + 1} and {place + 2} do not join: {sizes}"
    target = Formula(rf"{latex_size(report.target[0])} \times {latex_size(report.target[1])}").mathtext
    return f"not {target}"
