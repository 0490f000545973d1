"""A raw derivative arranged as a matrix, by the definitions of the two layouts, entry by entry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matcalc.errors import EvaluationError, LayoutError
from matcalc.language.sizes import Shape, ndim
from matcalc.numeric.data import Array


def laid_out(raw: Array, of: Shape, by: Sequence[Shape], layout: str) -> Array:
    """The derivative as a 2-D array in a layout.

    In numerator layout a scalar by a p x q matrix is q x p, a vector by a vector has the rows of the vector that is
    differentiated, an array by a scalar keeps its shape; denominator layout is the transpose of each. The second derivative of
    a scalar by two vectors has rows by the first and columns by the second in both layouts.

    Args:
        raw: axes (output..., input..., ...), one for each free index.
        of: the shape of what is differentiated.
        by: the shape of each variable.
        layout: ``numerator`` or ``denominator``.

    Raises:
        EvaluationError: more free indices than a matrix has.
        LayoutError: no such layout.
    """
    if layout not in ("numerator", "denominator"):
        raise LayoutError(f"{layout!r} is no layout; it is 'numerator' or 'denominator'.")
    inputs = [n for n in map(ndim, by) if n]
    if ndim(of) == 0 and inputs == [1, 1]:
        return raw
    numerator = _numerator(raw, of, inputs)
    return numerator if layout == "numerator" else numerator.T


def _numerator(raw: Array, of: Shape, inputs: list[int]) -> Array:
    match ndim(of), sum(inputs):
        case 0, 0 | 1:
            return raw.reshape(1, -1)
        case 0, 2:
            return raw.T
        case 1, 0:
            return raw.reshape((1, -1) if len(of) == 2 else (-1, 1))
        case (1, 1) | (2, 0):
            return raw
        case _:
            raise EvaluationError(f"A derivative with {raw.ndim} free indices, shape {raw.shape}, has no matrix layout.")


def raw_of(matrix: Array, axes: tuple[int, ...], of: Shape, by: Sequence[Shape], layout: str) -> Array:
    """The raw array whose layout the matrix is; leading axes of ``matrix`` stay in front."""
    size = int(np.prod(axes, dtype=int))
    places = laid_out(np.arange(size).reshape(axes), of, by, layout)
    raw = np.empty((*matrix.shape[:-2], size), dtype=matrix.dtype)
    raw[..., places.ravel()] = matrix.reshape((*matrix.shape[:-2], size))
    return raw.reshape((*matrix.shape[:-2], *axes))
