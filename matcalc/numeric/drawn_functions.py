"""Random functions with exact derivatives, real and complex: what stands for the unknown functions in random data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, product
from typing import Any

import numpy as np

from matcalc.numeric.data import Array, Orders

WAVES = 4


def drawn_elementwise(rng: np.random.Generator, positive: bool) -> Orders:
    """f(t) = c0 sin(w0 t + p0) + c1 t^2 + c2 tanh(w1 t + p1), with f', f'' and f'''.

    Args:
        rng: source of the coefficients.
        positive: whether f and f' are to be positive for t from 0.3 on.
    """
    c0, c2 = rng.uniform(0.1, 0.2, 2) if positive else _signed(rng, 0.4, 1.0, 2)
    c1 = rng.uniform(1.8, 2.4) if positive else rng.uniform(0.2, 0.6)
    w0, w1 = rng.uniform(0.5, 1.1, 2)
    p0, p1 = rng.uniform(0.2, 0.9, 2)

    def value(t: Array) -> Array:
        return np.asarray(c0 * np.sin(w0 * t + p0) + c1 * t**2 + c2 * np.tanh(w1 * t + p1))

    def first(t: Array) -> Array:
        return np.asarray(c0 * w0 * np.cos(w0 * t + p0) + 2.0 * c1 * t + c2 * w1 * (1.0 - np.tanh(w1 * t + p1) ** 2))

    def second(t: Array) -> Array:
        s = np.tanh(w1 * t + p1)
        return np.asarray(-c0 * w0**2 * np.sin(w0 * t + p0) + 2.0 * c1 - 2.0 * c2 * w1**2 * s * (1.0 - s**2))

    def third(t: Array) -> Array:
        s = np.tanh(w1 * t + p1)
        return np.asarray(-c0 * w0**3 * np.cos(w0 * t + p0) + c2 * w1**3 * (1.0 - s**2) * (6.0 * s**2 - 2.0))

    return value, first, second, third


def drawn_series(rng: np.random.Generator) -> Orders:
    """g(M) = c0 I + c1 M + c2 M^2 + c3 M^3 of a square matrix, with its first three derivatives."""
    coefficients = [float(c) for c in _signed(rng, 0.2, 0.8, 4)]
    orders: list[Callable[[Array], Array]] = []
    for _ in range(4):
        orders.append(_series(tuple(coefficients)))
        coefficients = [k * c for k, c in enumerate(coefficients)][1:]
    return tuple(orders)


def _series(coefficients: tuple[float, ...]) -> Callable[[Array], Array]:
    def value(matrix: Array) -> Array:
        made = np.zeros_like(matrix)
        for c in reversed(coefficients):
            made = made @ matrix + c * np.eye(len(matrix))
        return made

    return value


def drawn_map(
    rng: np.random.Generator,
    extents: tuple[int, int],
    outputs: tuple[int, ...],
    inputs: Sequence[tuple[int, ...]],
    positive: bool,
) -> Orders:
    """u_o(x) = b_o + sum_h V_oh sin(K_hi x_i + p_h) + A_oi x_i over the entries x of all arguments, with three derivatives.

    Args:
        rng: source of the coefficients.
        extents: rows and columns of the value.
        outputs: the raw axes of the value.
        inputs: the raw axes of each argument.
        positive: whether u is to be positive at positive arguments.
    """
    lengths = [int(np.prod(shape, dtype=int)) for shape in inputs]
    count, total = extents[0] * extents[1], sum(lengths)
    V = rng.uniform(0.1, 0.3, (count, WAVES)) if positive else _signed(rng, 0.3, 1.0, (count, WAVES))
    A = rng.uniform(0.1, 0.5, (count, total)) if positive else _signed(rng, 0.2, 0.6, (count, total))
    b = np.full(count, 1.5) if positive else _signed(rng, 0.2, 0.8, count)
    K, p = _signed(rng, 0.3, 1.0, (WAVES, total)) / np.sqrt(total), rng.uniform(0.2, 1.2, WAVES)
    ends = [0, *accumulate(lengths)]

    def joined(arguments: tuple[Array, ...]) -> Array:
        return np.concatenate([np.ravel(a) for a in arguments])

    def value(*arguments: Array) -> Array:
        x = joined(arguments)
        return np.reshape(b + V @ np.sin(K @ x + p) + A @ x, extents)

    def derivative(order: int) -> Callable[..., Any]:
        """Of that order, by each of the arguments where there are several."""
        def by_positions(phase: Array, positions: tuple[int, ...]) -> Array:
            blocks = [K[:, ends[i] : ends[i + 1]] for i in positions]
            raw = V * np.sin(phase + order * np.pi / 2.0)
            for block in blocks:
                raw = raw[..., np.newaxis, :] * block.T
            raw = raw.sum(axis=-1)
            if order == 1:
                raw = raw + A[:, ends[positions[0]] : ends[positions[0] + 1]]
            return np.reshape(raw, outputs + tuple(n for i in positions for n in inputs[i]))

        def at(*arguments: Array) -> Any:
            phase = K @ joined(arguments) + p
            if len(inputs) == 1:
                return by_positions(phase, (0,) * order)
            return _nested({i: by_positions(phase, i) for i in product(range(len(inputs)), repeat=order)}, len(inputs), ())

        return at

    return value, derivative(1), derivative(2), derivative(3)


def _nested(arrays: dict[tuple[int, ...], Array], count: int, prefix: tuple[int, ...]) -> Any:
    """The arrays as tuples of tuples, one level for each index."""
    if prefix in arrays:
        return arrays[prefix]
    return tuple(_nested(arrays, count, (*prefix, i)) for i in range(count))


def _signed(rng: np.random.Generator, low: float, high: float, shape: int | tuple[int, ...]) -> Array:
    """Entries of either sign with a magnitude between the bounds."""
    return np.asarray(rng.uniform(low, high, shape) * rng.choice([-1.0, 1.0], shape))
