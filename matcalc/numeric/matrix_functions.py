"""Values of functions of a square matrix, real and complex, known or given by the user, and their derivatives along a direction.

The exponential by scaling and squaring of its series: Higham, "Functions of Matrices" (2008), chapter 10; sine and cosine from
that of a block matrix. The derivative along E stands in the upper right of f([[X, E], [0, X]]), chapter 3 there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.elementwise import MatrixFunction
from matcalc.numeric.data import Array, Data
from matcalc.numeric.functions import called, numbers, orders_of

SCALED_NORM = 0.5
SERIES_TERMS = 18


def exponential(matrix: Array) -> Array:
    """The matrix exponential.

    Example:
        >>> import numpy as np
        >>> exponential(np.array([[0.0, 2.0], [0.0, 0.0]]))
        array([[1., 2.],
               [0., 1.]])
    """
    norm = float(np.abs(matrix).sum(axis=1).max())
    if not np.isfinite(norm):
        return np.full_like(matrix, np.nan)
    squarings = max(0, int(np.ceil(np.log2(norm / SCALED_NORM)))) if norm else 0
    scaled = matrix / 2.0**squarings
    unit = np.eye(len(matrix), dtype=matrix.dtype)
    made = unit
    for k in range(SERIES_TERMS, 0, -1):
        made = unit + scaled @ made / k
    for _ in range(squarings):
        made = made @ made
    return np.asarray(made)


def _cosine_and_sine(matrix: Array) -> tuple[Array, Array]:
    """Cosine and sine, from the exponential of [[0, X], [-X, 0]], which is [[cos X, sin X], [-sin X, cos X]]."""
    n, zero = len(matrix), np.zeros_like(matrix)
    both = exponential(np.block([[zero, matrix], [-matrix, zero]]))
    return both[:n, :n], both[:n, n:]


def _cosine(matrix: Array) -> Array:
    return _cosine_and_sine(matrix)[0]


def _sine(matrix: Array) -> Array:
    return _cosine_and_sine(matrix)[1]


def _negative(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda matrix: -function(matrix)


KNOWN_SERIES: Mapping[str, tuple[Callable[[Array], Array], ...]] = MappingProxyType(
    {
        "exp": (exponential,),
        "sin": (_sine, _cosine, _negative(_sine), _negative(_cosine)),
        "cos": (_cosine, _negative(_sine), _negative(_cosine), _sine),
    }
)  # the function and its derivatives, which come round again


def matrix_function_value(function: MatrixFunction, matrix: Array, data: Data) -> Array:
    """The function, with its primes, of a square matrix."""
    if function.known:
        orders = KNOWN_SERIES[function.name]
        return orders[function.order % len(orders)](matrix)
    given = orders_of(function, function.order, data)[function.order]
    result = numbers(function.name, called(function.name, given, (matrix,)))
    if result.shape != matrix.shape:
        raise EvaluationError(f"{function.name} acts on a square matrix: of shape {matrix.shape} it gave shape {result.shape}.")
    return result


def along(function: MatrixFunction, matrix: Array, direction: Array, data: Data) -> Array:
    """The derivative of a matrix function along a direction."""
    return derivative_along(lambda block: matrix_function_value(function, block, data), matrix, [direction])


def derivative_along(function: Callable[[Array], Array], matrix: Array, directions: Sequence[Array]) -> Array:
    """The derivative of a function of a matrix along several directions, one after the other; the function itself along none.

    Along E it is the upper right block of g([[X, E], [0, X]]); a further direction takes the same of that.

    Example:
        >>> import numpy as np
        >>> derivative_along(lambda X: X @ X, np.array([[1.0, 2.0], [0.0, 3.0]]), [np.array([[0.0, 1.0], [1.0, 0.0]])])
        array([[2., 4.],
               [4., 2.]])
    """
    block, others = matrix, list(directions)
    while others:
        zero = np.zeros_like(block)
        direction = others.pop()
        block = np.block([[block, direction], [zero, block]])
        others = [np.kron(np.eye(2), other) for other in others]
    n = len(matrix)
    return np.asarray(function(block)[:n, -n:])
