"""What the product of a chain costs in each bracketing, in both layouts: counted in sizes, at given numbers, and measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, final

from matcalc.derivation import Derivation, derive
from matcalc.errors import MatcalcError, ShapeError, near_names
from matcalc.factor_lists import factors_of_list, given_sizes, resolved, sizes_in
from matcalc.language.expressions import Expr
from matcalc.language.operators import METHODS, Drawable
from matcalc.language.sizes import Dim, Shape, Size
from matcalc.language.text_rows import WIDTH, filled
from matcalc.layout.arrangements import Matrix
from matcalc.layout.bracketing import Bracketing, Cost, best, cost, from_the_left, from_the_right, mirrored, written
from matcalc.layout.conventions import Layout, layout_named
from matcalc.layout.factors import Factor
from matcalc.layout.order_reasons import counted
from matcalc.layout.products import Reading, product_of
from matcalc.layout.relations import related
from matcalc.printing.line_breaks import text_lines
from matcalc.printing.notebook import formula, plain_formula, shapes_of, small, table, words

COLUMNS = ("layout", "mode", "product", "multiplications", "dense", "entries")
LABEL = 21  # columns before a formula that stands in a row of its own


class Mode(StrEnum):
    """Which end of the chain is multiplied first: the output's (reverse mode), the input's (forward mode), or what is cheapest."""

    REVERSE = "reverse"
    FORWARD = "forward"
    BEST = "best"


@final
@dataclass(frozen=True, slots=True)
class CostRow:
    """One bracketing in one layout.

    Attributes:
        layout, mode: which one.
        bracketing: as nested pairs of positions, counted from 0.
        written: the product with its brackets.
        multiplications, dense, entries: formulas in the sizes: multiplications with diagonal factors as diagonals, with every factor
            written out, and entries of all results together.
        numbers: the same three at the given sizes, None where a size has no number.

    Units: scalar multiplications, and entries of arrays.

    Example:
        >>> import matcalc as mc
        >>> row = mc.costs([("g", 1, "p"), ("V", "p", "m")]).row("reverse", "denominator")
        >>> row.written, row.multiplications
        ('V^T g^T', m*p)
    """

    layout: Layout
    mode: Mode
    bracketing: Bracketing
    written: str
    multiplications: Expr
    dense: Expr
    entries: Expr
    numbers: tuple[int, int, int] | None

    def __repr__(self) -> str:
        layout, mode, product, multiplications, dense, entries = _cells(self)
        told = f"{layout} layout, {mode}: {product} takes {multiplications} multiplications ({dense} dense), {entries} entries"
        return "\n".join(filled(told))


@final
@dataclass(frozen=True, slots=True, repr=False)
class CostsReport(Drawable):
    """The costs of a product.

    Attributes:
        what: the derivative, or the list of factors.
        factors: names of the factors from the output to the input.
        rows: each mode in numerator and in denominator layout.
        sizes: the numbers given.
        matrices: the factors in numerator layout, at the given sizes.
        shapes: of the names in the factors of a derivative.

    Units: costs are scalar multiplications and numbers of entries; ``measured`` gives seconds.

    Example:
        >>> import matcalc as mc
        >>> report = mc.costs([("g", 1, 2), ("V", 2, 3), ("W", 3, 5)])
        >>> report.row("reverse").written, report.row("reverse").numbers[0], report.row("forward").numbers[0]
        ('(g V) W', 21, 40)
    """

    what: str
    factors: tuple[str, ...]
    rows: tuple[CostRow, ...]
    sizes: Mapping[str, int]
    matrices: tuple[Matrix, ...]
    shapes: Mapping[str, Shape] = field(default_factory=dict, compare=False)

    def row(self, mode: Mode | str, layout: Layout | str = Layout.NUMERATOR) -> CostRow:
        """The row of a mode in a layout.

        Raises:
            MatcalcError: there is none; ``best`` needs a number for every size.
        """
        for row in self.rows:
            if row.mode == mode and row.layout == layout:
                return row
        layout_named(layout)
        if mode not in list(Mode):
            raise MatcalcError(f"There is no mode {str(mode)!r}. {near_names(str(mode), [each.value for each in Mode])}")
        raise MatcalcError(f"There is no row {mode} in {layout} layout; best needs a number for every size, as sizes={{...}}.")

    def measured(self, *, repeats: int = 7, seed: int = 0) -> dict[tuple[str, str], float]:
        """Seconds that each bracketing takes in NumPy, by mode and layout: the shortest of repeated runs at random data."""
        found: dict[tuple[str, str], float] = METHODS["measure_costs"](self, repeats=repeats, seed=seed)
        return found

    @property
    def verdict(self) -> str:
        """What the numbers say, in two or three sentences."""
        return " ".join(_sentences(self))

    def _repr_html_(self) -> str:
        rows = [(row.layout.value, row.mode.value, *_shown(row, self.shapes)) for row in self.rows]
        numbers = all(row.numbers is not None for row in self.rows)
        title = f"{words(self.what, self.shapes)}: {plain_formula(' · '.join(self.factors), self.shapes)}"
        return table(rows, head=COLUMNS if numbers else (*COLUMNS[:2], "", COLUMNS[2]), title=title, below=words(self.verdict))

    def __repr__(self) -> str:
        head = filled(f"{self.what}: {' · '.join(self.factors)}", later="    ")
        return "\n".join([*head, *_rows_in_text(self.rows), *filled(self.verdict, "  ")])


def _cells(row: CostRow) -> tuple[str, ...]:
    formulas = (row.multiplications, row.dense, row.entries)
    shown = [repr(f) for f in formulas] if row.numbers is None else [f"{number:,}" for number in row.numbers]
    return row.layout.value, row.mode.value, row.written, *shown


def _rows_in_text(rows: Sequence[CostRow]) -> Iterator[str]:
    """A table, the products below its rows where it would be too wide beside them; what is too wide even so row by row."""
    cells = [COLUMNS, *map(_cells, rows)]
    for places in (range(6), (0, 1, 3, 4, 5)):
        widths = [max(len(row[k]) for row in cells) for k in places]
        if 2 + sum(widths) + 2 * (len(widths) - 1) > WIDTH:
            continue
        for row in cells:
            yield f"  {'  '.join(row[k].ljust(width) for k, width in zip(places, widths, strict=True))}".rstrip()
            if 2 not in places and row is not COLUMNS:
                yield from _below(row[2], 2 + widths[0] + 2)
        return
    for row in cells[1:]:
        yield f"  {row[0]} layout, {row[1]}"
        for name, text in zip(COLUMNS[2:], row[2:], strict=True):
            first, *more = _below(text, LABEL)
            yield f"    {name}".ljust(LABEL) + first[LABEL:]
            yield from more


def _below(formula_text: str, column: int) -> list[str]:
    """A formula in lines from a column on."""
    return [" " * column + line for line in text_lines(formula_text, WIDTH - column)]


def _shown(row: CostRow, shapes: Mapping[str, Shape]) -> list[str]:
    """For a notebook the product and its numbers; or its formulas below each other, before the product, which wraps."""
    if row.numbers is not None:
        return [plain_formula(row.written, shapes), *(f"{number:,}" for number in row.numbers)]
    told = zip(COLUMNS[3:], (row.multiplications, row.dense, row.entries), strict=True)
    return ["".join(f"<div>{formula(each.latex(), 48)} {small(what)}</div>" for what, each in told), plain_formula(row.written, shapes)]


def _sentences(report: CostsReport) -> list[str]:
    if len(report.factors) < 2:
        return ["There is one factor, so nothing is multiplied."]
    found = ["Transposing changes nothing: each row in one layout is the mirror image of that in the other, with the same numbers."]
    reverse, forward = (report.row(mode) for mode in (Mode.REVERSE, Mode.FORWARD))
    if reverse.numbers is None or forward.numbers is None:
        same = reverse.multiplications == forward.multiplications
        depends = "Bracketing does; which is cheaper depends on the sizes."
        return [*found, "Output end first and input end first cost the same." if same else depends]
    a, b, c = reverse.numbers[0], forward.numbers[0], (report.row(Mode.BEST).numbers or (0,))[0]
    if a == b == c:
        return [*found, "Here bracketing changes nothing either."]
    cheap, dear, names = min(a, b), max(a, b), ("output", "input") if a <= b else ("input", "output")
    if a == b:
        found.append(f"Bracketing does: from either end it takes {a:,} multiplications, the best bracketing {c:,}{_times(a, c)}.")
    else:
        more = f", the best bracketing {c:,}{_times(cheap, c)}" if c < cheap else ", which is the best"
        found.append(
            f"Bracketing does: from the {names[1]} end it takes {dear:,} multiplications, from the {names[0]} end {cheap:,}{more}."
        )
    return found


def _times(large: int, small: int) -> str:
    if not small or large < 1.05 * small:
        return ""  # to one decimal it would be 1.0 times
    return f" ({large / small:.1f} times fewer)"


def costs(
    of: Expr | str | Sequence[tuple[Any, ...]],
    wrt: Expr | str | None = None,
    *,
    sizes: Mapping[str, int] | None = None,
    **declarations: Any,
) -> CostsReport:
    """Count what the product of the chain's factors takes, from the output end, from the input end, and at best.

    Shapes: a factor dz/da is m x n in numerator layout, n x m in denominator layout; the numbers are the same in both.

    Args:
        of: a quantity, whose derivative by ``wrt`` has the factors; or a list of (name, rows, columns) and, if known, a kind, as
            `orders` takes it: the product in numerator layout, from the output to the input.
        wrt: the variable, where ``of`` is a quantity.
        sizes: a number for each name of a size, or for some; the best bracketing is sought where all have one.
        declarations: of the names in a formula given as text, as `derive` takes them.

    Returns:
        A row for each mode and layout: the product with brackets, multiplications with diagonal factors as diagonals and with all
        factors written out, and entries of all results. What the factors themselves take to compute is not counted.

    Raises:
        SeveralPathsError: several paths lead from ``of`` to ``wrt``.
        ShapeError: the list is no product.

    Example:
        >>> import matcalc as mc
        >>> chain = [("W4", 784, 512), ("W3", 512, 8), ("W2", 8, 512), ("W1", 512, 784)]
        >>> report = mc.costs(chain)
        >>> [report.row(mode).numbers[0] for mode in ("reverse", "forward", "best")]
        [321126400, 321126400, 11339776]
        >>> report.row("best", "denominator").written
        '(W1^T W2^T) (W3^T W4^T)'
        >>> mc.costs([("g", 1, "m"), ("D", "m", "m", "diagonal"), ("W", "m", "n")]).row("reverse").multiplications
        m*n + m
    """
    if isinstance(of, Expr | str):
        if wrt is None:
            raise MatcalcError("costs of a derivative needs wrt, the variable.")
        return _of_derivation(derive(of, wrt, layout="numerator", **declarations), sizes)
    if wrt is not None or declarations:
        raise MatcalcError("A list of factors takes sizes= only.")
    names, matrices, word = factors_of_list(of)
    turned = [f"{name}^T" if transposed else name for name, (_, transposed) in zip(names, word, strict=True)]
    placed = [_placed(matrices[m], transposed) for m, transposed in word]
    numbers = given_sizes(sizes, {entry for matrix in placed for entry in (matrix.rows, matrix.columns)})
    shapes = {name: (matrix.rows, matrix.columns) for name, matrix in zip(names, placed, strict=True)}
    return replace(_report("costs of a product", turned, placed, numbers), shapes=shapes)


def _of_derivation(d: Derivation, sizes: Mapping[str, int] | None) -> CostsReport:
    return costs_of_path(d, d.factors, sizes)


def costs_of_path(d: Derivation, factors: Sequence[Factor], sizes: Mapping[str, int] | None = None) -> CostsReport:
    """What the product of the factors of one path takes; see `costs`."""
    product = product_of(factors, Layout.NUMERATOR)
    matrices, word = related(product.parts)
    names = [repr(factor) for factor in product.factors]
    apart = names.index(repr(factors[-1])) if product.reading is Reading.STAND_IN else None
    what = f"costs of {d!r}".partition(" in ")[0]
    if product.reading is Reading.JACOBIAN:
        what += f", {factors[-1]!r} by vec, its Kronecker product written out as a matrix"
    numbers = given_sizes(sizes, sizes_in([d.of, d.wrt]))
    found = _report(what, names, [_placed(matrices[m], t) for m, t in word], numbers, apart)
    return replace(found, shapes=shapes_of(d.of, d.wrt))


def _placed(matrix: Matrix, transposed: bool) -> Matrix:
    rows, columns = matrix.shape(transposed)
    return replace(matrix, rows=rows, columns=columns)


def _report(
    what: str, names: Sequence[str], declared: Sequence[Matrix], given: Mapping[str, int], apart: int | None = None
) -> CostsReport:
    """The rows of all modes; a stand-in, at the place ``apart``, meets the finished row or column beside it."""
    used = {name for matrix in declared for entry in (matrix.rows, matrix.columns) if isinstance(entry, Dim) for name in entry.names}
    numbers = {name: number for name, number in given.items() if name in used}
    matrices = tuple(replace(m, rows=resolved(m.rows, numbers), columns=resolved(m.columns, numbers)) for m in declared)
    for k in range(len(matrices) - 1):
        ends, begins = matrices[k].columns, matrices[k + 1].rows
        if ends != begins:
            raise ShapeError(
                f"{names[k]} and {names[k + 1]} do not join: {names[k]} has {counted(ends, ends, 'column')}, "
                f"{names[k + 1]} has {counted(begins, begins, 'row')}. "
                "The list is the product in numerator layout, from the output to the input."
            )
    count = len(matrices)
    places = [k for k in range(count) if k != apart]
    modes: dict[Mode, Bracketing] = {Mode.REVERSE: from_the_left(places), Mode.FORWARD: from_the_right(places)}
    if apart is not None:
        modes = {mode: (apart, found) if apart == 0 else (found, apart) for mode, found in modes.items()}
    if all(isinstance(entry, int) for m in matrices for entry in (m.rows, m.columns)):
        modes[Mode.BEST] = best(matrices, _extent)
    rows = [_row(Layout.NUMERATOR, mode, found, names, matrices) for mode, found in modes.items()]
    turned = tuple(Matrix(m.columns, m.rows, m.kind) for m in reversed(matrices))
    reversed_names = [_turned_name(name, m) for name, m in zip(reversed(names), turned, strict=True)]
    rows += [_row(Layout.DENOMINATOR, mode, mirrored(found, count), reversed_names, turned) for mode, found in modes.items()]
    return CostsReport(what, tuple(names), tuple(rows), numbers, matrices)


def _turned_name(name: str, matrix: Matrix) -> str:
    """The factor in denominator layout: a derivative has the same name there, a matrix is transposed."""
    if "/" in name or matrix.is_symmetric:
        return name
    return name.removesuffix("^T") if name.endswith("^T") else f"{name}^T"


def _row(layout: Layout, mode: Mode, bracketing: Bracketing, names: Sequence[str], matrices: Sequence[Matrix]) -> CostRow:
    found: Cost = cost(matrices, bracketing)
    formulas = (found.multiplications, found.dense, found.entries)
    known = all(isinstance(entry, int) for m in matrices for entry in (m.rows, m.columns))
    multiplications, dense, entries = formulas
    numbers = (multiplications.at(_extent), dense.at(_extent), entries.at(_extent)) if known else None
    shown = written(bracketing, names)
    return CostRow(layout, mode, bracketing, shown, multiplications.expression, dense.expression, entries.expression, numbers)


def _extent(entry: Size) -> int:
    assert not isinstance(entry, Dim), "all sizes are numbers here"
    return entry
