"""The figure `bracketing_costs`: what each bracketing of a product costs in both layouts, counted and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

from matcalc.chain_costs import CostRow, CostsReport, Mode, costs_of_path
from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.factor_lists import given_sizes, sizes_in
from matcalc.figures.drawing import Drawing
from matcalc.figures.factor_names import named_formulas
from matcalc.figures.line_breaking import broken
from matcalc.figures.sheet import Sheet
from matcalc.figures.scales import numbers_of
from matcalc.figures.style import BLUE, GREY, SKY, style_of
from matcalc.figures.typeset import Formula, extent, formula, wrapped
from matcalc.language.sizes import Dim
from matcalc.layout.arrangements import Matrix
from matcalc.layout.bracketing import Bracketing, pairs_inside_out
from matcalc.layout.conventions import Layout
from matcalc.layout.order_names import transposed_name, without_transpose
from matcalc.printing.names import latex_name, quotient_parts

Times = Mapping[tuple[str, str], float]

COLOURS = {Layout.NUMERATOR: BLUE, Layout.DENOMINATOR: SKY}
MODES = {
    Mode.REVERSE: "From the output end (reverse mode)",
    Mode.FORWARD: "From the input end (forward mode)",
    Mode.BEST: "The best bracketing",
}


def bracketing_costs(
    report: CostsReport | Derivation, *, sizes: Mapping[str, int] | None = None, style: str = "paper", measured: bool | Times = False
) -> Drawing:
    """The multiplications that each bracketing of a product takes, in numerator and in denominator layout, as bars.

    The two bars of a bracketing are equally long, since transposing changes nothing; those of different bracketings are not.

    Args:
        report: what `costs` gave, or what `derive` gave.
        sizes: with a derivation, numbers for names of sizes; each of the others gets one of its own, which the figure tells.
        style: ``paper`` or ``slide``.
        measured: True: measure the times as well; or times in seconds by mode and layout, as `CostsReport.measured` gives them.

    Raises:
        MatcalcError: a size of a report has no number; there is one factor only; or a time is missing.
        SeveralPathsError: a derivation with several paths.

    Example:
        >>> import matcalc as mc
        >>> report = mc.costs([("W3", 2, 7), ("W2", 7, 3), ("W1", 3, 5)])
        >>> [(mark.text, mark.verdict) for mark in bracketing_costs(report).with_role("bar")][:2]
        [('72', 'numerator'), ('72', 'denominator')]
    """
    found, known, chosen = _report(report, sizes)
    _check(found)
    times = found.measured() if measured is True else measured or None
    if times is not None:
        _check_times(found, times)
    sheet = Sheet(style_of(style))
    names = {layout: _names(found, layout, known) for layout in Layout}
    groups = _groups(found)
    top = _heading(sheet, found, names[Layout.NUMERATOR], chosen)
    columns = _columns(sheet, groups, times)
    top = _titles(sheet, columns, top)
    for group in groups:
        top = _group(sheet, group, names, columns, top)
    _verdict(sheet, found, top)
    return sheet.drawing(kind="bracketing_costs", said=_said(found))


def _report(
    report: CostsReport | Derivation, sizes: Mapping[str, int] | None
) -> tuple[CostsReport, Mapping[str, Formula], Sequence[str]]:
    """The costs with numbers, how factors are written, and the names of the sizes whose numbers were not asked for."""
    if isinstance(report, Derivation):
        given = given_sizes(sizes, sizes_in([report.of, report.wrt]))
        general = costs_of_path(report, report.factors)
        numbers = numbers_of([entry for matrix in general.matrices for entry in (matrix.rows, matrix.columns)], given)
        used = _names_of_sizes(general)
        found = costs_of_path(report, report.factors, {name: number for name, number in numbers.items() if name in used})
        known = {repr(factor): formula(factor.name(report.layout)) for factor in report.factors}
        return found, known, sorted(used - set(given))
    if sizes is not None:
        raise MatcalcError("A report of costs has its own sizes: give sizes= to costs, not to the figure.")
    return report, {}, ()


def _names_of_sizes(report: CostsReport) -> set[str]:
    """The names of the sizes that have no number."""
    entries = [entry for matrix in report.matrices for entry in (matrix.rows, matrix.columns)]
    return {name for entry in entries if isinstance(entry, Dim) for name in entry.names}


def _check(report: CostsReport) -> None:
    missing = _names_of_sizes(report)
    if missing:
        asked = ", ".join(f'"{name}": ...' for name in sorted(missing))
        raise MatcalcError(
            f"{report.what}: {', '.join(sorted(missing))} {'has' if len(missing) == 1 else 'have'} no number, so no bar has a length. "
            f"Give costs sizes={{{asked}}}."
        )
    if len(report.factors) < 2:
        raise MatcalcError(f"{report.what}: {' · '.join(report.factors)} is a single factor, so nothing is multiplied.")


def _check_times(report: CostsReport, times: Times) -> None:
    missing = [f"({row.mode.value!r}, {row.layout.value!r})" for row in report.rows if (row.mode.value, row.layout.value) not in times]
    if missing:
        raise MatcalcError(f"measured has no time for {', '.join(missing)}: give seconds for each mode and layout, or measured=True.")


def _said(report: CostsReport) -> str:
    counts = ", ".join(f"{mode.value} {_count(report.row(mode)):,}" for mode in Mode)
    return f"{report.what}: multiplications {counts}, the same in both layouts."


def _count(row: CostRow) -> int:
    assert row.numbers is not None, "all sizes are numbers here"
    return row.numbers[0]


Group = tuple[tuple[Mode, ...], tuple[CostRow, ...]]


def _groups(report: CostsReport) -> list[Group]:
    """The rows of each bracketing in both layouts, and the modes that have it."""
    found: dict[Bracketing, list[Mode]] = {}
    for mode in Mode:
        found.setdefault(report.row(mode).bracketing, []).append(mode)
    return [(tuple(modes), tuple(report.row(modes[0], layout) for layout in Layout)) for modes in found.values()]


# ---- names -----------------------------------------------------------------------------------------------------------


def _names(report: CostsReport, layout: Layout, known: Mapping[str, Formula]) -> tuple[str, ...]:
    """The factors from left to right in a layout."""
    names, matrices = report.factors, report.matrices
    if layout is Layout.DENOMINATOR:
        names = tuple(_turned(name, matrix) for name, matrix in zip(reversed(names), reversed(matrices), strict=True))
        matrices = tuple(Matrix(m.columns, m.rows, m.kind) for m in reversed(matrices))
    made = named_formulas(names, matrices, layout, aside=_stand_in(names, layout))
    return tuple(known.get(name, each) for name, each in zip(names, made, strict=True))


def _turned(name: str, matrix: Matrix) -> str:
    """The factor in denominator layout: a derivative has the same name there, a matrix is transposed."""
    if quotient_parts(name) is not None or matrix.is_symmetric:
        return name
    bare, turned = without_transpose(name)
    return bare if turned else transposed_name(name)


def _stand_in(names: Sequence[str], layout: Layout) -> int | None:
    """The factor for which a vector stands: that by the variable, where it does not stand at the end of the input."""
    parts = [quotient_parts(name) for name in names]
    outputs = {found[0] for found in parts if found is not None}
    last = [k for k, found in enumerate(parts) if found is not None and found[1] not in outputs]
    end = len(names) - 1 if layout is Layout.NUMERATOR else 0
    return last[0] if last and last[0] != end else None


def _bracketed(bracketing: Bracketing, names: Sequence[str]) -> str:
    """The product with its brackets, in LaTeX."""
    made: dict[int, str] = {}

    def side(part: Bracketing) -> str:
        if isinstance(part, int):
            name = names[part]
            return name if isinstance(name, Formula) else rf"\mathrm{{{name}}}"
        return rf"\left({made[id(part)]}\right)"

    for part in pairs_inside_out(bracketing):
        assert not isinstance(part, int)
        made[id(part)] = f"{side(part[0])} {side(part[1])}"
    return made[id(bracketing)]


# ---- on the sheet ----------------------------------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class _Column:
    """Bars of one kind: where they begin, how long the longest is, and each row's number and what is written behind its bar."""

    left: float
    width: float
    title: str
    numbers: Mapping[tuple[str, str], float]
    written: Mapping[tuple[str, str], str]

    def length(self, key: tuple[str, str]) -> float:
        return self.width * self.numbers[key] / (max(self.numbers.values()) or 1)


def _columns(sheet: Sheet, groups: Sequence[Group], times: Times | None) -> list[_Column]:
    looks = sheet.style
    rows = [row for _, found in groups for row in found]
    least = min(_count(row) for row in rows)
    counted = {_key(row): float(_count(row)) for row in rows}
    told = {_key(row): f"{_count(row):,}{_times(_count(row), least)}" for row in rows}
    kinds = [("multiplications, counted", counted, told)]
    if times is not None:
        seconds = {_key(row): times[_key(row)] for row in rows}
        kinds.append(("time, measured", seconds, {key: _duration(number) for key, number in seconds.items()}))
    left = max(extent(layout.value, looks.small)[0] for layout in Layout) + looks.unit
    behind = [max(extent(text, looks.text)[0] for text in texts.values()) + 1.2 * looks.unit for _, _, texts in kinds]
    width = max((looks.width - left - sum(behind)) / len(kinds), 6 * looks.unit)
    columns = []
    for (title, numbers, texts), room in zip(kinds, behind, strict=True):
        columns.append(_Column(left, width, title, numbers, texts))
        left += width + room
    return columns


def _key(row: CostRow) -> tuple[str, str]:
    return row.mode.value, row.layout.value


def _times(count: int, least: int) -> str:
    return f"  ({count / least:,.3g} times the least)" if least and count > least else ""


def _duration(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _heading(sheet: Sheet, report: CostsReport, names: Sequence[str], chosen: Sequence[str]) -> float:
    looks = sheet.style
    product = " ".join(name if isinstance(name, Formula) else rf"\mathrm{{{name}}}" for name in names)
    y = 0.0
    for each in broken(product, looks.width, looks.large):
        _, above, below = extent(each, looks.large)
        sheet.text(0.0, y - (above + below) / 2, each, size=looks.large, anchor="left", role="heading")
        y -= above + below + 0.3 * looks.unit
    told = ", ".join(Formula(f"{latex_name(name, ())} = {number}").mathtext for name, number in report.sizes.items())
    shapes = " · ".join(f"{m.rows} × {m.columns}" for m in report.matrices)
    notes = [f"numerator layout: {shapes}", *([f"at {told}"] if told else [])]
    if chosen:
        notes.append("Numbers of sizes that were not given are chosen for this figure; at other ones another bracketing may be the best.")
    for note in notes:
        for line in wrapped(note, looks.small, looks.width):
            y -= 0.7 * looks.unit
            sheet.text(0.0, y, line, size=looks.small, colour=GREY, anchor="left")
    return y - 1.2 * looks.unit


def _titles(sheet: Sheet, columns: Sequence[_Column], top: float) -> float:
    """What the lengths of the bars are, above them."""
    looks = sheet.style
    for column in columns:
        _, above, below = extent(column.title, looks.small)
        y = top - 0.6 * looks.unit + (above - below) / 2
        sheet.text(column.left, y, column.title, size=looks.small, colour=GREY, anchor="left", role="heading")
    return top - 1.2 * looks.unit


def _group(
    sheet: Sheet, group: Group, names: Mapping[Layout, Sequence[str]], columns: Sequence[_Column], top: float
) -> float:
    """A bracketing: its bar and how it is written, in each layout; returns the lower end."""
    looks, (modes, rows) = sheet.style, group
    title = "; ".join(MODES[mode] if not k else MODES[mode][0].lower() + MODES[mode][1:] for k, mode in enumerate(modes))
    sheet.text(0.0, top - 0.5 * looks.unit, title, size=looks.text, anchor="left", bold=True, role="heading")
    y = top - 1.3 * looks.unit
    for row in rows:
        bottom = y - 0.9 * looks.unit
        sheet.text(0.0, (y + bottom) / 2, row.layout.value, size=looks.small, colour=GREY, anchor="left")
        for column in columns:
            right = column.left + column.length(_key(row))
            colour = COLOURS[row.layout]
            text = column.written[_key(row)]
            number = text.partition("  ")[0]
            box = (column.left, bottom, right, y)
            sheet.rectangle(box, fill=colour, edge=colour, width=0.3, role="bar", text=number, verdict=row.layout.value)
            sheet.text(right + 0.4 * looks.unit, (y + bottom) / 2, text, size=looks.text, anchor="left", role="number")
        y = bottom - 0.25 * looks.unit
        for line in broken(_bracketed(row.bracketing, names[row.layout]), looks.width - columns[0].left, looks.text):
            _, above, below = extent(line, looks.text)
            sheet.text(columns[0].left, y - (above + below) / 2, line, size=looks.text, anchor="left", role="bracketing")
            y -= above + below + 0.2 * looks.unit
        y -= 0.3 * looks.unit
    return y - 0.6 * looks.unit


def _verdict(sheet: Sheet, report: CostsReport, top: float) -> None:
    looks = sheet.style
    y = top
    for line in wrapped(report.verdict, looks.text, looks.width):
        y -= 0.5 * looks.unit
        sheet.text(0.0, y, line, size=looks.text, anchor="left", role="verdict")
        y -= 0.5 * looks.unit
