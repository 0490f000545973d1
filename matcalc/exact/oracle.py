"""The oracle *exact*: a claimed derivative against dual numbers over a finite field, with no tolerance.

Both are contracted with a random direction, so one dual evaluation judges all entries: a wrong answer passes with a chance of about
1e-22 times its degree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from matcalc.errors import EvaluationError
from matcalc.exact.arrangement import Index, cell, indices
from matcalc.exact.drawing import NoRootsError, drawn, size_choices
from matcalc.exact.duals import contracted, directional
from matcalc.exact.evaluation import Place
from matcalc.exact.field import Matrix, UndefinedError, shape_of
from matcalc.language.expressions import Expr

METHOD = "dual numbers modulo a prime of 74 bits"


def deviation(
    of: Expr, by: Expr, answer: Expr, layout: str, *, by_vec: bool = False, sizes: Mapping[str, int] | None = None, seed: int = 0
) -> float:
    """0.0 if the answer is the derivative, infinity if it is not.

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
    fault = EvaluationError("No sizes were tried.")
    for chosen in size_choices([of, by, answer], sizes):
        try:
            place = drawn([of, by, answer], f"oracle {seed}", chosen)
            rows, columns = place.point.extents(by.shape)
            direction = [[place.atoms.element("direction", i, j) for j in range(columns)] for i in range(rows)]
            truth = directional(of, by, direction, place)
        except UndefinedError as error:
            fault = EvaluationError(f"No data over the finite field were found: {error}.")
        except NoRootsError:
            raise
        except EvaluationError as error:
            fault = error
        else:
            cells = _cells_by_vec(of, by, layout, place) if by_vec else _cells(of, by, layout)
            return 0.0 if _along(of, by, place, cells, answer, direction) == truth else float("inf")
    raise fault


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
