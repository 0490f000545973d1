"""The layouts by their definitions, entry by entry, and the error of an array: shared by tests, with nothing of matcalc.layout."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from matcalc.language.sizes import Shape, ndim
from matcalc.numeric.data import Array


def laid_out_by_definition(raw: Array, of: Shape, by: Shape, layout: str) -> Array:
    """Entry by entry: which row and column of the matrix an entry of the raw derivative, output axes first, belongs to."""
    outputs = ndim(of)
    places: dict[tuple[int, int], Any] = {}
    for index in product(*map(range, raw.shape)):
        output, inputs = index[:outputs], index[outputs:]
        match len(output), len(inputs):
            case 0, 0:
                row, column = 0, 0
            case 0, 1:
                row, column = 0, inputs[0]
            case 0, 2:
                row, column = inputs[1], inputs[0]
            case 1, 0:
                row, column = (0, output[0]) if len(of) == 2 else (output[0], 0)
            case 1, 1:
                row, column = output[0], inputs[0]
            case 2, 0:
                row, column = output
            case _:
                raise AssertionError(f"{raw.ndim} axes make no matrix")
        places[(row, column) if layout == "numerator" else (column, row)] = raw[index]
    matrix = np.zeros([1 + max(place[k] for place in places) for k in (0, 1)])
    for place, entry in places.items():
        matrix[place] = entry
    return matrix


def vec_by_definition(raw: Array, of: Shape, by: Shape, layout: str) -> Array:
    """d vec(of) / d vec(by)^T with columns stacked, entry by entry; transposed in denominator layout."""
    extents = raw.shape[: ndim(of)], raw.shape[ndim(of) :]
    matrix = np.zeros([int(np.prod(sizes, dtype=int)) for sizes in extents])
    for index in product(*map(range, raw.shape)):
        row, column = (
            _stacked(part, sizes) for part, sizes in zip((index[: ndim(of)], index[ndim(of) :]), extents, strict=True)
        )
        matrix[row, column] = raw[index]
    return matrix if layout == "numerator" else matrix.T


def _stacked(index: tuple[int, ...], sizes: tuple[int, ...]) -> int:
    """The place of an entry when the columns of a matrix are stacked."""
    return sum(i * int(np.prod(sizes[:k], dtype=int)) for k, i in enumerate(index))


def error(found: Array, wanted: Array) -> float:
    """The largest deviation, relative to the largest entry wanted where that is above 1; infinite for another shape."""
    if found.shape != wanted.shape or not np.all(np.isfinite(found)):
        return float("inf")
    return float(np.abs(found - wanted).max() / max(1.0, float(np.abs(wanted).max()))) if wanted.size else 0.0


def close(found: Array, wanted: Array, tolerance: float = 1e-8) -> None:
    """Assert that two arrays have one shape and agree."""
    deviation = error(found, wanted)
    assert deviation <= tolerance, f"deviation {deviation:.1e}, shapes {found.shape} and {wanted.shape}"
