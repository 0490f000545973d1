"""Reverse mode on a tape over every type of node: the oracle *backprop*.

The tape is the list of nodes in evaluation order with their values. One sweep from the end pulls a batch of cotangents, one for
each entry of the output, back to every node that depends on a variable. The cotangent of a `let` is complete before the sweep
goes on into its definition, so it is the derivative by the `let` as an independent variable.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.expressions import Derivative, Expr, Let
from matcalc.language.sizes import shape_text
from matcalc.language.traversal import postorder
from matcalc.numeric.data import Array, Data, Point, axes, short_text
from matcalc.numeric.differences import central_differences, check_variable
from matcalc.numeric.evaluation import completed, dependents, value_operands, values_in_order, values_of
from matcalc.numeric.pullbacks import PULLBACKS, Record


def jacobian(of: Expr, by: Expr, data: Data, given: Mapping[Expr, Array] | None = None, held: Container[Expr] = ()) -> Array:
    """The derivative of an expression by a symbol or a `let`, in reverse mode.

    Args:
        of: what is differentiated, of any shape.
        by: a symbol, or a `let`, which counts as an independent variable; one that does not occur gives zeros.
        data: the point.
        given: values that override those of some nodes at the point.
        held: nodes that count as constants: each keeps its value, and the derivative does not go through it.

    Returns:
        A raw array with axes (output..., input...): a column or row has one axis, a matrix two, a scalar none.

    Raises:
        EvaluationError: ``by`` is no variable, a derivative of a function is missing, or a `Derivative` depends on ``by``.
    """
    return _swept(of, [by], data, given or {}, held)[0]


def gradients(of: Expr, bys: Sequence[Expr], data: Data, given: Mapping[Expr, Array] | None = None) -> list[Array]:
    """The derivatives of a scalar by several variables, in one sweep; each a raw array with the axes of its variable."""
    if of.shape:
        raise EvaluationError(f"gradients needs a scalar; {short_text(of)} is {shape_text(of.shape)}.")
    return _swept(of, bys, data, given or {}, ())


def hessian(of: Expr, x: Expr, y: Expr, data: Data) -> Array:
    """The second derivative: central differences over y of the derivative by x, raw axes (output..., x..., y...).

    A `let` y is varied by itself; a `let` x follows its definition where that rests on y.
    """
    check_variable(y)
    known = isinstance(y, Let) or y in postorder([of], lambda node: value_operands(node, data))
    start = values_of([y], data)[y] if known else np.zeros(data.extents(y.shape))
    differences = central_differences(lambda array: jacobian(of, x, data, {y: array}), start)
    return differences.reshape(differences.shape[:-1] + axes(y.shape, (start.shape[0], start.shape[1])))


def _swept(of: Expr, bys: Sequence[Expr], data: Data, given: Mapping[Expr, Array], held: Container[Expr]) -> list[Array]:
    for by in bys:
        check_variable(by)
    order = list(postorder([of], lambda node: value_operands(node, data)))
    point = completed(order, Point(data, given))
    values = values_in_order(order, point)
    rows, columns = values[of].shape
    size = rows * columns
    changing = dependents(order, bys, point.data, held)
    start = np.eye(size).reshape(size, rows, columns)
    cotangents = _pull_back({of: start} if of in changing else {}, order, values, changing, set(bys), point)
    results = []
    for by in bys:
        shape = axes(of.shape, (rows, columns)) + axes(by.shape, _extents(by, values, point.data))
        results.append(cotangents[by].reshape(shape) if by in cotangents else np.zeros(shape))
    return results


def _pull_back(
    start: Mapping[Expr, Array],
    order: Sequence[Expr],
    values: Mapping[Expr, Array],
    changing: set[Expr],
    variables: set[Expr],
    point: Point,
) -> dict[Expr, Array]:
    """The cotangents of the variables; those of other nodes are let go as soon as they are used."""
    cotangents = dict(start)
    with np.errstate(all="ignore"):
        for node in reversed(order):
            if node not in cotangents:
                continue
            g = cotangents[node] if node in variables else cotangents.pop(node)
            operands = value_operands(node, point.data)
            record = Record(node, tuple([values[operand] for operand in operands]), values[node], point.data)
            pullback = PULLBACKS[type(node)]
            if isinstance(node, Derivative):
                pullback(g, record, 0)  # it has no operands to visit, and says why it cannot be gone through
            for position, operand in enumerate(operands):
                if operand in changing:
                    pulled = pullback(g, record, position)
                    cotangents[operand] = cotangents[operand] + pulled if operand in cotangents else pulled
    return cotangents


def _extents(by: Expr, values: Mapping[Expr, Array], data: Data) -> tuple[int, int]:
    if by in values:
        rows, columns = values[by].shape
        return rows, columns
    return data.extents(by.shape)
