"""The value of a derivative that is written and not carried out: by the tape, laid out by the definitions."""

from __future__ import annotations

from matcalc.language.expressions import Derivative
from matcalc.numeric.data import Array, Point
from matcalc.numeric.evaluation import Operands, add_row
from matcalc.numeric.layouts import laid_out
from matcalc.numeric.tape import jacobian


def derivative_value(node: Derivative, operands: Operands, point: Point) -> Array:
    """The derivative of one named quantity by another, a 2-D array in the layout of the node."""
    raw = jacobian(node.of, node.by, point.data, point.given)
    return laid_out(raw, node.of.shape, [node.by.shape], node.layout)


add_row(Derivative, derivative_value)
