"""The known elementwise functions in NumPy: value and derivatives of order 1 to 3, one row for each.

What is not a number stays so, in constant derivatives too. The functions take real arrays, and complex ones where the row says so;
pieces are chosen by the real part, so that a complex step sees the derivative of the piece it stands on. At a kink the value of the left
piece is taken: relu'(0) = step(0) = 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.numeric.arrays import Array


@final
@dataclass(frozen=True, slots=True)
class NumericRow:
    """A function and its derivatives.

    Attributes:
        orders: f, f', f'', f'''; each takes the array, and the parameter where the function has one.
        complex_ready: whether the complex step may pass through it.
        kink: whether it has a kink or a jump at 0.
    """

    orders: tuple[Callable[..., Array], ...]
    complex_ready: bool = True
    kink: bool = False


def _constant(value: float) -> Callable[[Array], Array]:
    return lambda z: _numbers(z, np.full_like(z, value))


def _numbers(z: Array, found: Array) -> Array:
    """What was found, and NaN where the argument is."""
    return np.where(np.isnan(z), z, found)


def _sigmoid(z: Array) -> Array:
    right = z.real >= 0
    small = np.exp(np.where(right, -z, z))
    return np.asarray(np.where(right, 1.0, small) / (1.0 + small))


def _sigmoid_1(z: Array) -> Array:
    return _sigmoid(z) * _sigmoid(-z)


def _sigmoid_2(z: Array) -> Array:
    return np.asarray(_sigmoid_1(z) * (_sigmoid(-z) - _sigmoid(z)))


def _sigmoid_3(z: Array) -> Array:
    first = _sigmoid_1(z)
    return first * (1.0 - 6.0 * first)


def _tanh_1(z: Array) -> Array:
    return 4.0 * _sigmoid_1(2.0 * z)


def _tanh_2(z: Array) -> Array:
    return -2.0 * np.tanh(z) * _tanh_1(z)


def _tanh_3(z: Array) -> Array:
    return _tanh_1(z) * (6.0 * np.tanh(z) ** 2 - 2.0)


def _softplus(z: Array) -> Array:
    right = z.real >= 0
    return np.asarray(np.where(right, z, 0.0) + np.log1p(np.exp(np.where(right, -z, z))))


def _step(z: Array) -> Array:
    return _numbers(z.real, np.where(z.real > 0, 1.0, 0.0))


def _sign(z: Array) -> Array:
    return np.asarray(np.sign(z.real))


def _relu(z: Array) -> Array:
    return np.where(z.real <= 0, 0.0, z)


def _abs(z: Array) -> Array:
    return np.where(z.real < 0, -z, z)


def _leaky_relu(z: Array, slope: float) -> Array:
    return np.where(z.real > 0, z, slope * z)


def _leaky_relu_1(z: Array, slope: float) -> Array:
    return _numbers(z.real, np.where(z.real > 0, 1.0, slope))


def _flat(z: Array, slope: float) -> Array:
    return _numbers(z, np.zeros_like(z))


_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def _cdf(z: Array) -> Array:
    return np.asarray(0.5 * _erfc(-z / math.sqrt(2.0)))


def _pdf(z: Array) -> Array:
    return np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


_ZERO = _constant(0.0)

KNOWN_VALUES: Mapping[str, NumericRow] = MappingProxyType(
    {
        "identity": NumericRow((lambda z: z, _constant(1.0), _ZERO, _ZERO)),
        "sigmoid": NumericRow((_sigmoid, _sigmoid_1, _sigmoid_2, _sigmoid_3)),
        "tanh": NumericRow((np.tanh, _tanh_1, _tanh_2, _tanh_3)),
        "relu": NumericRow((_relu, _step, _ZERO, _ZERO), kink=True),
        "leaky_relu": NumericRow((_leaky_relu, _leaky_relu_1, _flat, _flat), kink=True),
        "softplus": NumericRow((_softplus, _sigmoid, _sigmoid_1, _sigmoid_2)),
        "gelu": NumericRow(
            (
                lambda z: z * _cdf(z),
                lambda z: _cdf(z) + z * _pdf(z),
                lambda z: (2.0 - z * z) * _pdf(z),
                lambda z: z * (z * z - 4.0) * _pdf(z),
            ),
            complex_ready=False,
        ),
        "exp": NumericRow((np.exp, np.exp, np.exp, np.exp)),
        "log": NumericRow((np.log, lambda z: 1.0 / z, lambda z: -1.0 / z**2, lambda z: 2.0 / z**3)),
        "sqrt": NumericRow(
            (np.sqrt, lambda z: 0.5 / np.sqrt(z), lambda z: -0.25 / (z * np.sqrt(z)), lambda z: 0.375 / (z * z * np.sqrt(z)))
        ),
        "square": NumericRow((lambda z: z * z, lambda z: 2.0 * z, _constant(2.0), _ZERO)),
        "sin": NumericRow((np.sin, np.cos, lambda z: -np.sin(z), lambda z: -np.cos(z))),
        "cos": NumericRow((np.cos, lambda z: -np.sin(z), lambda z: -np.cos(z), np.sin)),
        "abs": NumericRow((_abs, _sign, _ZERO, _ZERO), kink=True),
        "step": NumericRow((_step, _ZERO, _ZERO, _ZERO), kink=True),
        "sign": NumericRow((_sign, _ZERO, _ZERO, _ZERO), kink=True),
        "normal_cdf": NumericRow(
            (_cdf, _pdf, lambda z: -z * _pdf(z), lambda z: (z * z - 1.0) * _pdf(z)),
            complex_ready=False,
        ),
        "normal_pdf": NumericRow(
            (_pdf, lambda z: -z * _pdf(z), lambda z: (z * z - 1.0) * _pdf(z), lambda z: z * (3.0 - z * z) * _pdf(z))
        ),
    }
)


def known_value(function: ElementwiseFunction, z: Array) -> Array:
    """A known function, with its primes, of each entry.

    Raises:
        EvaluationError: no row has this name or this order, or the row takes no complex numbers.
    """
    row = KNOWN_VALUES.get(function.name)
    if row is None:
        raise EvaluationError(f"{function.name} has no row in the table of known functions of matcalc.numeric.")
    if function.order >= len(row.orders):
        last = len(row.orders) - 1
        raise EvaluationError(f"{function.name} is known here up to its derivative of order {last}, not {function.order}.")
    if np.iscomplexobj(z) and not row.complex_ready:
        raise EvaluationError(
            f"{function.name} takes no complex numbers here, so no complex step passes through it; use central differences."
        )
    rule = row.orders[function.order]
    return rule(z) if function.parameter is None else rule(z, float(function.parameter))
