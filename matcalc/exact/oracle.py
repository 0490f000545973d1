"""The oracle *exact*: a claimed derivative against dual numbers over a finite field, with no tolerance.

Both are contracted with a random direction, so one dual evaluation judges all entries: a wrong answer passes with a chance of about
1e-21 times its degree. Only where even roots depend on each other, as in sqrt(c^2), are more draws needed, or do not help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from typing import TypeAlias, final

from matcalc.errors import EvaluationError
from matcalc.exact.arrangement import Index, cell, indices
from matcalc.exact.assumed_data import MOST_CONFIGURATIONS, configurations
from matcalc.exact.degree import derivative_bound
from matcalc.exact.drawing import NoRootsError, drawn
from matcalc.exact.duals import contracted, directional
from matcalc.exact.evaluation import value_operands
from matcalc.exact.field import CHAIN, Matrix, UndefinedError, shape_of
from matcalc.exact.fingerprints import LARGEST_ERROR, draws_for, with_signs
from matcalc.exact.place import Place, extent
from matcalc.exact.roots import independent_roots
from matcalc.exact.tried_sizes import size_choices
from matcalc.language.assumed import properties_of
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.sizes import rows_and_columns
from matcalc.language.traversal import postorder, with_definition
from matcalc.language.unrolling import at_whole_numbers, whole_names, written_out

WHOLE_NUMBERS = (3, 2, 4)
METHOD = "dual numbers modulo a prime of 74 bits"
BOTH = (False, True)  # symbols as they come; else all of them squares
MOST_COINS = 2
ASSIGNMENTS = 3  # of sizes
MOST_WORK = 4_000  # entries of all nodes, but for the first sizes


@final
@dataclass(frozen=True, slots=True)
class Judgement:
    """What dual numbers say of a claimed derivative.

    Attributes:
        agrees: whether it is the derivative at all data that were tried.
        error_probability: at most so likely would a wrong one agree; 0.0 if it did not.
        sizes: the sizes that were taken first, or at which it is not the derivative.
        draws: how many data were tried, at the least for each of the sizes.
        weakness: in words, what keeps the error probability from being small.
        tried: all assignments of sizes that count: the error probability is the sum over them.
    """

    agrees: bool
    error_probability: float
    sizes: Mapping[str, int]
    draws: int
    weakness: str
    tried: tuple[Mapping[str, int], ...] = ()


def deviation(
    of: Expr, by: Expr, answer: Expr, layout: str, *, by_vec: bool = False, sizes: Mapping[str, int] | None = None, seed: int = 0
) -> float:
    """0.0 if the answer is the derivative at one draw of data, infinity if it is not; arguments and faults are those of `judge`."""
    agrees, _, _ = _at_some_sizes(_Claim(of, by, answer, layout, by_vec), size_choices([of, by, answer], sizes), seed)
    return 0.0 if agrees else float("inf")


def judge(
    of: Expr, by: Expr, answer: Expr, layout: str, *, by_vec: bool = False, sizes: Mapping[str, int] | None = None, seed: int = 0
) -> Judgement:
    """Whether the answer is the derivative, at two or three choices of the sizes that are not given, and how sure that is.

    A scalar in an exponent of a matrix, or in a bound of a sum, has one value, which is told with the sizes.

    Args:
        of: what is differentiated.
        by: a symbol or a `let`.
        answer: the claimed derivative, a matrix.
        layout: ``numerator`` or ``denominator``.
        by_vec: whether the answer is the derivative of vec(of) by vec(by)^T, or in denominator layout its transpose.
        sizes: those to take, where they are small.
        seed: of the random data.

    Raises:
        EvaluationError: no data were found.
        UnsupportedError: a derivative in the expressions is only written.
    """
    whole = sorted(whole_names(postorder([of, by, answer], with_definition)))
    if whole:
        numbers = dict(zip(whole, cycle(WHOLE_NUMBERS)))
        of, by, answer = at_whole_numbers([of, by, answer], numbers)
        found = judge(of, by, answer, layout, by_vec=by_vec, sizes=sizes, seed=seed)
        return replace(found, sizes={**found.sizes, **numbers}, tried=tuple({**tried, **numbers} for tried in found.tried))
    claim = _Claim(of, by, answer, layout, by_vec)
    choices = size_choices([of, by, answer], sizes)
    agrees, place, written = _at_some_sizes(claim, choices, seed)
    found = _judged(written, agrees, place, seed)
    for chosen in islice(choices, 2 * ASSIGNMENTS):
        if not found.agrees or len(found.tried) == ASSIGNMENTS:
            break
        more = _judged_at(claim, chosen, seed)
        if more is not None:
            found = _both(found, more)
    return found


def _judged(claim: _Claim, agrees: bool, place: Place, seed: int) -> Judgement:
    """What is known of a claim at the sizes of one place where it was tried."""
    used = dict(place.point.sizes)
    if not agrees:
        return Judgement(False, 0.0, used, 1, "", (used,))
    chance = derivative_bound(claim.of, claim.answer, place) / CHAIN[-1]
    roots = independent_roots([claim.of, claim.answer], place)
    values = configurations([claim.of, claim.by, claim.answer], place.point.extents)
    if values > 1:
        return _at_every_value(claim, place, seed, values, 1.0 if roots is None else chance * 4**roots)
    if roots is not None:
        return Judgement(True, min(1.0, chance * 4**roots), used, 1, "its degree is high", (used,))
    agrees, draws = _more_draws(claim, place, seed)
    doubt = 1.0 if place.point.positive else (1.0 - 0.5**place.coins) ** draws
    error = min(1.0, chance + doubt) if agrees else 0.0
    return Judgement(agrees, error, used, draws, "the signs of the roots in it may depend on each other", (used,))


def _at_every_value(claim: _Claim, place: Place, seed: int, values: int, chance: float) -> Judgement:
    """What is known of a claim in which symbols take finitely many values, as a one-hot vector: it is tried at all of them."""
    used = dict(place.point.sizes)
    why = f"its symbols take {values} values there, of which {MOST_CONFIGURATIONS} are tried" if values > MOST_CONFIGURATIONS else ""
    tried = min(values, MOST_CONFIGURATIONS)
    for configuration in range(1, tried):
        try:
            agrees, _ = _at(claim, f"oracle {seed}", used, BOTH[:1], configuration)
        except (EvaluationError, UndefinedError):
            why = why or "for some values of its symbols no data were found"
            continue
        if not agrees:
            return Judgement(False, 0.0, used, configuration, "", (used,))
    error = 1.0 if why else min(1.0, chance * tried)
    return Judgement(True, error, used, tried, why or "the signs of the roots in it may depend on each other", (used,))


def _judged_at(claim: _Claim, sizes: Mapping[str, int], seed: int) -> Judgement | None:
    """What is known of a claim at other sizes; None where there are no data, or arrays are large."""
    try:
        written = claim.written_out(sizes)
        if _entries(written, sizes) > MOST_WORK:
            return None
        agrees, place = _at(written, f"oracle {seed}", sizes, BOTH[:1])
    except (EvaluationError, UndefinedError):
        return None
    return _judged(written, agrees, place, seed)


def _entries(claim: _Claim, sizes: Mapping[str, int]) -> int:
    """How many entries all nodes have."""
    shapes = [rows_and_columns(node.shape) for node in postorder([claim.of, claim.answer], value_operands)]
    return sum(extent(sizes, rows) * extent(sizes, columns) for rows, columns in shapes)


def _both(first: Judgement, second: Judgement) -> Judgement:
    """Two judgements at different sizes; the second counts where it leaves little doubt."""
    if not second.agrees:
        return second
    if second.error_probability > LARGEST_ERROR:
        return first
    error = min(1.0, first.error_probability + second.error_probability)
    return replace(first, error_probability=error, draws=min(first.draws, second.draws), tried=(*first.tried, *second.tried))


@final
@dataclass(frozen=True, slots=True)
class _Claim:
    of: Expr
    by: Expr
    answer: Expr
    layout: str
    by_vec: bool

    def written_out(self, sizes: Mapping[str, int]) -> _Claim:
        """The claim with every written sum term by term; a named quantity is the same one in all its parts."""
        of, by, answer = written_out([self.of, self.by, self.answer], partial(extent, sizes))
        return replace(self, of=of, by=by, answer=answer)


def _at_some_sizes(claim: _Claim, choices: Iterable[Mapping[str, int]], seed: int) -> tuple[bool, Place, _Claim]:
    """Whether a claim holds at random data, for the first sizes for which there are some, the values, and the claim at these sizes."""
    fault = EvaluationError("No sizes were tried.")
    for chosen in choices:
        try:
            written = claim.written_out(chosen)
            return *_at(written, f"oracle {seed}", chosen, BOTH), written
        except UndefinedError as error:
            fault = EvaluationError(f"No data over the finite field were found: {error}.")
        except NoRootsError:
            raise
        except EvaluationError as error:
            fault = error
    raise fault


def _at(
    claim: _Claim, seed: str, sizes: Mapping[str, int], attempts: tuple[bool, ...], configuration: int = 0, signs: str = ""
) -> tuple[bool, Place]:
    of, by, answer = claim.of, claim.by, claim.answer
    roots = [of, by, answer]
    chosen = signs or ("squares" if _has_signs(roots) else "atoms")
    place = drawn(roots, seed, sizes, signs=chosen, attempts=attempts, configuration=configuration)
    rows, columns = place.point.extents(by.shape)
    direction = [[place.atoms.element("direction", i, j) for j in range(columns)] for i in range(rows)]
    truth = directional(of, by, direction, place)
    cells = _cells_by_vec(of, by, claim.layout, place) if claim.by_vec else _cells(of, by, claim.layout)
    agrees = _along(of, by, place, cells, answer, direction) == truth
    if not agrees and chosen == "atoms" and with_signs(roots):  # signs as atoms do not know that sign(v)^2 = 1
        return _at(claim, seed, sizes, attempts, configuration, "squares")
    return agrees, place


def _has_signs(roots: Iterable[Expr]) -> bool:
    """Whether the signs of some symbols are assumed; squares then play the positive numbers."""
    symbols = (node for node in postorder(roots, with_definition) if isinstance(node, Symbol) and node.assumed)
    return any(properties_of(symbol) & {"nonnegative", "negative"} for symbol in symbols)


def _more_draws(claim: _Claim, place: Place, seed: int) -> tuple[bool, int]:
    """Whether a claim that held once holds at more data, and at how many in all; few coins can be drowned, many cannot."""
    coins = place.coins
    draws = draws_for(coins) if coins <= MOST_COINS and not place.point.positive else 1
    done = 1
    while done < draws:
        try:
            agrees, _ = _at(claim, f"oracle {seed} {done}", place.point.sizes, BOTH[:1])
        except (EvaluationError, UndefinedError):
            break
        done += 1
        if not agrees:
            return False, done
    return True, done


Cells: TypeAlias = Callable[[Index, Index], tuple[int, int]]


def _cells(of: Expr, by: Expr, layout: str) -> Cells:
    return lambda output, index: cell(of.shape, [by.shape], layout, output, [index])


def _cells_by_vec(of: Expr, by: Expr, layout: str, place: Place) -> Cells:
    lengths = [place.point.extents(expr.shape)[0] for expr in (of, by)]

    def cells(output: Index, index: Index) -> tuple[int, int]:
        row, column = (_stacked(at, length) for at, length in zip((output, index), lengths, strict=True))
        return (row, column) if layout == "numerator" else (column, row)

    return cells


def _stacked(index: Index, rows: int) -> int:
    """The place of an entry when the columns are stacked."""
    return index[0] + rows * index[1] if len(index) == 2 else sum(index)


def _along(of: Expr, by: Expr, place: Place, cells: Cells, answer: Expr, direction: Matrix) -> Matrix | None:
    """The answer contracted with a direction; None if it is of the wrong shape."""
    matrix = place.values[answer]
    every = [cells(o, i) for o in indices(of.shape, *place.point.extents(of.shape)) for i in indices(by.shape, *shape_of(direction))]
    if shape_of(matrix) != (1 + max(row for row, _ in every), 1 + max(column for _, column in every)):
        return None

    def entry(output: Index, index: Index) -> int:
        row, column = cells(output, index)
        return matrix[row][column]

    return contracted(entry, of, by, direction, place)
