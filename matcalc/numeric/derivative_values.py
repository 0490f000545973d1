"""The value of a derivative that is written and not carried out: by the tape, laid out by the definitions."""

from __future__ import annotations

from matcalc.language.expressions import Derivative, Expr, Let
from matcalc.language.traversal import postorder, with_definition
from matcalc.numeric.data import Array, Point
from matcalc.numeric.evaluation import Operands, add_row
from matcalc.numeric.layouts import laid_out
from matcalc.numeric.tape import jacobian


def derivative_value(node: Derivative, operands: Operands, point: Point) -> Array:
    """The derivative of one named quantity by another, a 2-D array in the layout of the node; a direct one holds the others."""
    held: set[Expr] = set()
    if node.direct:
        held = {name for name in postorder([node.of], with_definition) if isinstance(name, Let) and name != node.of}
    raw = jacobian(node.of, node.by, point.data, point.given, held)
    return laid_out(raw, node.of.shape, [node.by.shape], node.layout)


add_row(Derivative, derivative_value)
