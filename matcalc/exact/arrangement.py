"""Where an entry of a derivative stands in its matrix, by the definitions of the two arrangements that a `MapDerivative` names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from matcalc.errors import EvaluationError
from matcalc.language.sizes import Shape, ndim, rows_and_columns

Index: TypeAlias = tuple[int, ...]


def indices(shape: Shape, rows: int, columns: int) -> list[Index]:
    """The index of every entry, row by row: none for a scalar, one for a column or row, two for a matrix."""
    match ndim(shape):
        case 0:
            return [()]
        case 1:
            return [(k,) for k in range(rows * columns)]
        case _:
            return [(i, j) for i in range(rows) for j in range(columns)]


def cell(of: Shape, by: Sequence[Shape], layout: str, output: Index, inputs: Sequence[Index]) -> tuple[int, int]:
    """Row and column of the derivative of an output entry by an input entry of each variable.

    A scalar by two vectors has rows by the first and columns by the second, however it is laid out.

    Raises:
        EvaluationError: there are more than two indices.
    """
    by_indices = tuple(i for index in inputs for i in index)
    if not output and len(by_indices) == 2 and len([shape for shape in by if ndim(shape)]) == 2:
        return by_indices[0], by_indices[1]
    match output, by_indices:
        case (), ():
            place = 0, 0
        case (), (i,):
            place = 0, i
        case (), (i, j):
            place = j, i
        case (k,), ():
            place = (0, k) if rows_and_columns(of)[0] == 1 else (k, 0)
        case (k,), (i,):
            place = k, i
        case (k, m), ():
            place = k, m
        case _:
            raise EvaluationError(f"A derivative with {len(output) + len(by_indices)} free indices has no matrix.")
    return place if layout == "numerator" else (place[1], place[0])
