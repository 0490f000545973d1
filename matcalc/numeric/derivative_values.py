"""The value of a derivative that is written and not carried out, laid out by the definitions.

A first derivative is found by the tape; a derivative of what holds another derivative by differences of the values of that one: by
the complex step, or by central differences where a function takes no complex numbers or the data are complex already.
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.expressions import Derivative, Entry, Expr, Let, Vec
from matcalc.language.sizes import ndim, rows_and_columns
from matcalc.language.traversal import postorder, with_definition
from matcalc.numeric.data import Array, Point
from matcalc.numeric.differences import central, complex_step
from matcalc.numeric.evaluation import Operands, add_row, dependents, evaluation_order, position, values_of
from matcalc.numeric.layouts import laid_out
from matcalc.numeric.tape import jacobian


def derivative_value(node: Derivative, operands: Operands, point: Point) -> Array:
    """The derivative of an expression by a variable, by one entry or by the vec of one, a 2-D array in the layout of the node.

    A direct one holds the named quantities in the definition of what is derived.
    """
    match node.by:
        case Entry(base=base):
            raw = _raw(node, base, point)
            for k in reversed(_place(node.by, point)):
                raw = np.take(raw, k, axis=-1)
        case Vec(argument=argument) if ndim(argument.shape) == 2:
            by_matrix = np.swapaxes(_raw(node, argument, point), -1, -2)
            raw = by_matrix.reshape((*by_matrix.shape[:-2], -1))
        case Vec(argument=argument):
            raw = _raw(node, argument, point)
        case variable:
            raw = _raw(node, variable, point)
    return laid_out(raw, node.of.shape, [node.by.shape], node.layout)


def _raw(node: Derivative, by: Expr, point: Point) -> Array:
    """The derivative by a whole variable, axes (output..., input...)."""
    held: Container[Expr] = ()
    if node.direct:
        held = {name for name in postorder([node.of], with_definition) if isinstance(name, Let) and name != node.of}
    data, given = point.data, point.given
    order = evaluation_order([node.of], {}, data)
    if not any(isinstance(each, Derivative) for each in dependents(order, [by], data, held)):
        return jacobian(node.of, by, data, given, held)
    if not any(np.iscomplexobj(array) for array in (*data.values.values(), *given.values())):
        try:
            return complex_step(node.of, by, data, given=given, held=held)
        except EvaluationError:
            pass  # a function of the user takes no complex numbers
    return central(node.of, by, data, given=given, held=held)


def _place(entry: Entry, point: Point) -> tuple[int, ...]:
    """The index of an entry among the axes of its array."""
    found = values_of([entry.row, entry.column], point.data, point.given)
    array = np.empty(point.data.extents(entry.base.shape))
    both = position(entry, (array, found[entry.row], found[entry.column]))
    return tuple(k for k, size in zip(both, rows_and_columns(entry.base.shape), strict=True) if size != 1)


add_row(Derivative, derivative_value)
