"""The types of the arrays and of the functions between them; sums along diagonals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Orders: TypeAlias = tuple[Callable[..., Any], ...]


def diagonal_sums(array: Array) -> Array:
    """At every entry of a matrix, or of each of several, the sum over the diagonal that it stands on."""
    rows, columns = array.shape[-2:]
    offsets = np.subtract.outer(np.arange(rows), np.arange(columns)) + columns - 1
    sums = np.stack([np.trace(array, columns - 1 - k, axis1=-2, axis2=-1) for k in range(rows + columns - 1)], axis=-1)
    return np.asarray(sums[..., offsets])
