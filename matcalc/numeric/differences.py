"""Derivatives by differences: the complex step, and central differences of fourth order.

Both return raw arrays with axes (output..., input...). The step of the central differences is h = 1e-3 max(|x_k|, 0.1) for
entry x_k, the complex step is 1e-30.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.expressions import Derivative, Expr, Let, Symbol
from matcalc.language.traversal import postorder, with_definition
from matcalc.numeric.data import Array, Data, Point, axes, short_text
from matcalc.numeric.evaluation import completed, dependents, evaluation_order, values_in_order, values_of
from matcalc.numeric.stencil import central_differences as central_differences, moved

COMPLEX_STEP = 1e-30


def central(
    of: Expr,
    by: Expr,
    data: Data,
    entries: Sequence[int] | None = None,
    *,
    given: Mapping[Expr, Array] | None = None,
    held: Container[Expr] = (),
) -> Array:
    """The derivative by central differences of fourth order.

    Args:
        of: what is differentiated.
        by: a symbol, or a `let`, which is then varied by itself.
        data: the point.
        entries: positions of entries of ``by``, row by row; without them, all.
        given: values that override those of some nodes at the point.
        held: nodes that count as constants.

    Returns:
        A raw array with axes (output..., input...); with ``entries`` an array (outputs, entries).
    """
    varied = _Varied(of, by, data, given or {}, held)
    if not varied.depends:
        return varied.arranged(None, entries)
    return varied.arranged(central_differences(varied.value, varied.start, entries), entries)


def complex_step(
    of: Expr,
    by: Expr,
    data: Data,
    entries: Sequence[int] | None = None,
    *,
    given: Mapping[Expr, Array] | None = None,
    held: Container[Expr] = (),
) -> Array:
    """The derivative by the complex step Im f(x + ih) / h, exact to rounding.

    Args, Returns: as for `central`.

    Raises:
        EvaluationError: a function takes no complex numbers, or the value at the point is not finite.
    """
    varied = _Varied(of, by, data, given or {}, held)
    if not varied.depends:
        return varied.arranged(None, entries)
    if not np.all(np.isfinite(varied.value(varied.start))):
        raise EvaluationError(f"{short_text(of)} is not finite at the data, so it has no complex step.")
    chosen = range(varied.start.size) if entries is None else entries
    columns = [varied.value(moved(varied.start, k, 1j * COMPLEX_STEP)).imag / COMPLEX_STEP for k in chosen]
    return varied.arranged(np.stack(columns, axis=-1), entries)


def check_variable(by: Expr) -> None:
    """Refuse a variable that is neither a symbol nor a `let`."""
    if not isinstance(by, Symbol | Let):
        raise EvaluationError(f"{short_text(by)} is not a variable: a declared symbol or a let is.")


def _check_given(of: Expr, by: Expr, given: Iterable[Expr]) -> None:
    """Refuse a point at which a quantity that depends on the variable is set apart from its definition."""
    set_apart = [node for node in given if node != by and by in postorder([node], with_definition)]
    below = set(postorder([of], with_definition)) if set_apart else set()
    for node in set_apart:
        if node in below:
            raise EvaluationError(
                f"{short_text(of)} depends on {short_text(by)} through {short_text(node)}, which is varied by itself here. "
                "Derivatives of third order are not taken by both."
            )


def _kept(values: Mapping[Expr, Array], changing: Container[Expr], held: Container[Expr]) -> dict[Expr, Array]:
    """The values that need not be computed again; where a written derivative hides what it rests on, only those that are held."""
    if any(isinstance(node, Derivative) for node in values):
        return {node: array for node, array in values.items() if node in held}
    return {node: array for node, array in values.items() if node not in changing}


class _Varied:
    """An expression as a function of one variable, the parts that do not depend on it computed once."""

    def __init__(self, of: Expr, by: Expr, data: Data, given: Mapping[Expr, Array], held: Container[Expr]) -> None:
        check_variable(by)
        order = evaluation_order([of], {}, data)
        point = completed(order, Point(data, given))
        values = values_in_order(order, point)
        changing = dependents(order, [by], point.data, held)
        _check_given(of, by, given)
        self.of, self.by, self.data = of, by, point.data
        self.fixed: Mapping[Expr, Array] = {**given, **_kept(values, changing, held)}
        self.depends = of in changing
        self.start = values_of([by], data, given)[by] if self.depends else np.zeros(point.data.extents(by.shape))
        outputs, inputs = values[of].shape, self.start.shape
        self.outputs = int(np.prod(outputs))
        self.axes = axes(of.shape, (outputs[0], outputs[1])) + axes(by.shape, (inputs[0], inputs[1]))

    def arranged(self, found: Array | None, entries: Sequence[int] | None) -> Array:
        """The columns found as a raw array, or as (outputs, entries); zeros where nothing was to be found."""
        shape = self.axes if entries is None else (self.outputs, len(entries))
        return np.zeros(shape) if found is None else found.reshape(shape)

    def value(self, array: Array) -> Array:
        return values_of([self.of], self.data, {**self.fixed, self.by: array})[self.of]
