"""Values and raw derivatives of the functions of an expression, known or given by the user, each result checked.

Of a function that is given with derivatives, one order more is taken by central differences of the last of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.elementwise import ElementwiseFunction, MapFunction
from matcalc.language.sizes import Dim, Shape, rows_and_columns, shape_text
from matcalc.numeric.data import Array, Data, Orders, axes
from matcalc.numeric.elementwise import known_value
from matcalc.numeric.given import UnknownFunction, form_of
from matcalc.numeric.stencil import central_differences, entrywise_differences


def elementwise_value(function: ElementwiseFunction, z: Array, data: Data) -> Array:
    """The function, with its primes, of each entry of z."""
    if function.known:
        return known_value(function, z)
    result = _elementwise_order(function, z, data)
    if result.shape != z.shape:
        primes = "'" * function.order
        raise EvaluationError(f"{function.name}{primes} acts on each entry: of shape {z.shape} it gave shape {result.shape}.")
    return result


def _elementwise_order(function: ElementwiseFunction, z: Array, data: Data) -> Array:
    """The callable of an order at z; of one order more than given, the differences of the last one."""

    def given(order: int, at: Array) -> Array:
        return numbers(function.name, called(function.name, orders_of(function, order, data)[order], (at,)))

    if by_differences(function, function.order, data):
        return entrywise_differences(partial(given, function.order - 1), z)
    return given(function.order, z)


def map_value(function: MapFunction, arguments: tuple[Array, ...], data: Data) -> Array:
    """The value of an unknown map, a 2-D array; a number or a 1-D array is taken for a scalar or a vector."""
    result = numbers(function.name, called(function.name, orders_of(function, 0, data)[0], arguments))
    shape = function.shape
    if result.ndim < 2 and (not shape or (result.ndim == 1 and 1 in rows_and_columns(shape))):
        result = result.reshape((1, -1) if len(shape) == 2 else (-1, 1))
    if result.ndim != 2 or not _fits(shape, result.shape, data):
        raise EvaluationError(f"{function.name} is declared {_declared(shape, data)}, its value has shape {result.shape}.")
    return result


def map_derivative(function: MapFunction, wrt: tuple[int, ...], arguments: tuple[Array, ...], data: Data) -> Array:
    """The raw derivative of an unknown map by the arguments at the positions ``wrt``, axes (output..., input..., ...)."""
    if not wrt:
        value = map_value(function, arguments, data)
        return value.reshape(axes(function.shape, (value.shape[0], value.shape[1])))
    if by_differences(function, len(wrt), data):
        return _differences_of_map(function, wrt, arguments, data)
    return _given_derivative(function, wrt, arguments, data)


def _given_derivative(function: MapFunction, wrt: tuple[int, ...], arguments: tuple[Array, ...], data: Data) -> Array:
    """The derivative that a callable of the user gives, its shape checked."""
    order = len(wrt)
    raw = called(function.name, orders_of(function, order, data)[order], arguments)
    if len(arguments) > 1:
        for position in wrt:
            if not isinstance(raw, tuple | list) or len(raw) != len(arguments):
                raise EvaluationError(
                    f"{function.name} has {len(arguments)} arguments: its derivative of order {order} is a tuple of as many at "
                    f"each level, not {type(raw).__name__}."
                )
            raw = raw[position]
    result = numbers(function.name, raw)
    wanted = axes(function.shape, data.extents(function.shape)) + _input_axes(function, wrt, arguments)
    if result.shape != wanted:
        raise EvaluationError(
            f"The derivative of {function.name} of order {order} by argument {', '.join(str(p + 1) for p in wrt)} is a raw array "
            f"with axes (output..., input...), here {wanted}; what was given has shape {result.shape}."
        )
    return result


def _input_axes(function: MapFunction, wrt: tuple[int, ...], arguments: tuple[Array, ...]) -> tuple[int, ...]:
    inputs: tuple[int, ...] = ()
    for position in wrt:
        array = arguments[position]
        inputs += axes(function.argument_shapes[position], (array.shape[0], array.shape[1]))
    return inputs


def _differences_of_map(function: MapFunction, wrt: tuple[int, ...], arguments: tuple[Array, ...], data: Data) -> Array:
    """The last derivative that is given, differentiated by its last argument by differences."""
    last = wrt[-1]

    def lower(array: Array) -> Array:
        return _given_derivative(function, wrt[:-1], (*arguments[:last], array, *arguments[last + 1 :]), data)

    found = central_differences(lower, arguments[last])
    return found.reshape((*found.shape[:-1], *_input_axes(function, (last,), arguments)))


def told_sizes(shape: Shape, value: Array, data: Data) -> dict[str, int]:
    """The sizes that the value of a map tells and the data do not know."""
    pairs = zip(rows_and_columns(shape), value.shape, strict=True)
    return {
        entry.names[0]: length
        for entry, length in pairs
        if isinstance(entry, Dim) and len(entry.names) == 1 and entry.coefficient == 1 and entry.names[0] not in data.sizes
    }


def by_differences(function: UnknownFunction, order: int, data: Data) -> bool:
    """Whether a derivative is taken by central differences of the last one given: where that is of first order at least, one below."""
    return order > 1 and len(data.functions.get(function.name, ())) == order


def orders_of(function: UnknownFunction, order: int, data: Data) -> Orders:
    """The callables of an unknown function, as many as that order needs."""
    name = function.name
    if name not in data.functions:
        raise EvaluationError(f"There is no function {name} in the data.")
    orders = data.functions[name]
    if order >= len(orders):
        raise EvaluationError(
            f"The derivative of {name} of order {order} is needed, so {order + 1} callables, not {len(orders)}: {form_of(function, order)}."
        )
    return orders


def called(name: str, function: Callable[..., Any], arrays: tuple[Array, ...]) -> Any:
    """The function at the arrays; one that takes no complex numbers says so in a matcalc error."""
    if not any(np.iscomplexobj(array) for array in arrays):
        return function(*arrays)
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            return function(*arrays)
        except (TypeError, ValueError, np.exceptions.ComplexWarning) as error:
            raise EvaluationError(f"{name} takes no complex numbers, so no complex step passes through it ({error}).") from error


def numbers(name: str, result: Any) -> Array:
    """What a function gave, as real or complex numbers."""
    try:
        array = np.asarray(result)
        return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
    except (TypeError, ValueError):
        raise EvaluationError(f"{name} gave no array of numbers: {result!r:.60}.") from None


def _fits(shape: Shape, found: tuple[int, ...], data: Data) -> bool:
    return all(
        length == data.extent(entry)
        for entry, length in zip(rows_and_columns(shape), found, strict=True)
        if isinstance(entry, int) or all(name in data.sizes for name in entry.names)
    )


def _declared(shape: Shape, data: Data) -> str:
    names = dict.fromkeys(name for entry in shape if isinstance(entry, Dim) for name in entry.names)
    known = ", ".join(f"{name} = {data.sizes[name]}" for name in names if name in data.sizes)
    return shape_text(shape) + (f" with {known}" if known else "")
