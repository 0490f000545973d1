"""Central differences of fourth order of a function of arrays: by every entry of its argument, or of what acts on each entry alone.

The step is h = 1e-3 max(|x_k|, 0.1) for entry x_k; at smooth functions of moderate size the relative error is about 1e-10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from matcalc.numeric.arrays import Array

RELATIVE_STEP = 1e-3
SMALLEST_SCALE = 0.1


def central_differences(function: Callable[[Array], Array], start: Array, entries: Sequence[int] | None = None) -> Array:
    """The derivative of a function of a 2-D array, by the stencil (f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / 12h for each entry.

    Returns:
        An array with the axes of the function's value, then one axis over the entries of ``start``, row by row; or over those
        whose positions are given.
    """
    columns = []
    for k in range(start.size) if entries is None else entries:
        h = RELATIVE_STEP * max(float(abs(start.flat[k])), SMALLEST_SCALE)
        columns.append(_stencil([function(moved(start, k, steps * h)) for steps in (-2, -1, 1, 2)]) / h)
    return np.stack(columns, axis=-1)


def entrywise_differences(function: Callable[[Array], Array], start: Array) -> Array:
    """The derivative of a function that acts on each entry alone, at all entries at once."""
    h = RELATIVE_STEP * np.maximum(np.abs(start), SMALLEST_SCALE)
    return np.asarray(_stencil([function(start + steps * h) for steps in (-2, -1, 1, 2)]) / h)


def moved(start: Array, k: int, step: complex) -> Array:
    """The array with one entry moved by a step."""
    result = start.astype(np.result_type(start, step))
    result.flat[k] += step
    return result


def _stencil(values: Sequence[Array]) -> Array:
    far_left, left, right, far_right = values
    return (far_left - 8.0 * left + 8.0 * right - far_right) / 12.0
