"""How far rounding may have moved the values of expressions: they are computed again with every intermediate value changed a little.

Values that rest on 1 - tanh(20) or on the difference of two large numbers move far; values that differ by much more than they
move are different. Changing the data alone would not do: rounding to 1 hides it.
Source: Vignes, "A stochastic arithmetic for reliable scientific computation" (1993), where each operation is rounded at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.expressions import Expr, Index, Number, SizeNumber
from matcalc.language.traversal import postorder, whole_number_parts, with_definition
from matcalc.numeric.arrays import Array
from matcalc.numeric.data import Data, Point
from matcalc.numeric.evaluation import VALUES, completed, evaluation_order, value_operands

RELATIVE = 1e-15  # change of each intermediate value, about nine times the error of one rounding
TRIALS = 3


def with_noise(roots: Sequence[Expr], data: Data, rng: np.random.Generator) -> list[Array]:
    """The values of expressions with each entry of each intermediate value changed by `RELATIVE`, up or down at random."""
    order = evaluation_order(roots, {}, data)
    point = completed(order, Point(data))
    exact = _whole(order)
    values: dict[Expr, Array] = {}
    with np.errstate(all="ignore"):
        for node in order:
            operands = tuple([values[operand] for operand in value_operands(node, data)])
            value = VALUES[type(node)](node, operands, point)
            kept = node in exact or isinstance(node, SizeNumber) or (isinstance(node, Number) and Fraction(float(node.value)) == node.value)
            values[node] = value if kept else value * (1.0 + RELATIVE * rng.choice([-1.0, 1.0], value.shape))
    return [values[root] for root in roots]


def _whole(order: Sequence[Expr]) -> set[Expr]:
    """The parts that have to stay whole numbers: exponents of matrices, bounds and positions."""
    indices = [node for node in order if isinstance(node, Index)]
    return set(postorder([*indices, *whole_number_parts(order)], with_definition))


def moved(left: Expr, right: Expr, values: Sequence[Array], data: Data, rng: np.random.Generator) -> float:
    """The largest change of an entry of either side under noise; infinite where a side loses its value."""
    largest = 0.0
    for _ in range(TRIALS):
        try:
            noisy = with_noise([left, right], data, rng)
        except EvaluationError:
            return float("inf")
        found = max(float(np.abs(a - b).max()) for a, b in zip(noisy, values, strict=True))
        largest = max(largest, found) if np.isfinite(found) else float("inf")
    return largest
