"""Data of which something is assumed: made so when they are drawn, and checked when they are given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, final

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.assumed import properties_of
from matcalc.language.assumptions import Assumption
from matcalc.language.expressions import Symbol
from matcalc.numeric.arrays import Array

Imposed: TypeAlias = Callable[[Array, np.random.Generator], Array]
TOLERANCE = 1e-6


@final
@dataclass(frozen=True, slots=True)
class Condition:
    """What a property means for an array.

    Attributes:
        imposed: an array that has it, made of one that need not; None where drawn arrays have it, but for chance.
        holds: whether an array has it, but for rounding; None where nothing is checked.
    """

    imposed: Imposed | None
    holds: Callable[[Array], bool] | None


def _close(array: Array, wanted: Array) -> bool:
    return bool(np.allclose(array, wanted, rtol=TOLERANCE, atol=TOLERANCE * (1.0 + float(np.abs(array).max(initial=0.0)))))


def _one_hot(array: Array, rng: np.random.Generator) -> Array:
    made = np.zeros(array.size)
    made[rng.integers(array.size)] = 1.0
    return np.asarray(made.reshape(array.shape))


def _rows_one_hot(array: Array, rng: np.random.Generator) -> Array:
    return np.asarray(np.eye(array.shape[1])[rng.integers(array.shape[1], size=array.shape[0])])


def _toeplitz(array: Array, symmetric: bool) -> Array:
    """Constant along the diagonals, which the first column and the first row begin."""
    size = len(array)
    lags = np.subtract.outer(np.arange(size), np.arange(size))
    below, right = array[np.abs(lags), 0], array[0, np.abs(lags)]
    return np.asarray(np.where((lags >= 0) | symmetric, below, right))


def _gram(array: Array, shift: float) -> Array:
    return np.asarray(array @ array.T / len(array) + shift * np.eye(len(array)))


def _orthogonal(array: Array) -> Array:
    """Orthonormal columns, of a wide array orthonormal rows."""
    wide = array.shape[0] < array.shape[1]
    made = np.linalg.qr(array.T if wide else array)[0]
    return np.asarray(made.T if wide else made)


def _positive_determinant(array: Array) -> Array:
    return array if np.linalg.det(array) > 0 else np.concatenate([-array[:1], array[1:]])


def _whole(array: Array) -> Array:
    return np.where(np.rint(3 * array) == 0, 1.0, np.rint(3 * array))


def _is_definite(array: Array, least: float) -> bool:
    return _close(array, array.T) and bool(np.linalg.eigvalsh((array + array.T) / 2).min() >= least)


def _binary(array: Array) -> bool:
    return bool(np.all((array == 0.0) | (array == 1.0)))


# In the order in which they are imposed: what comes later keeps what was imposed before.
CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "det > 0": Condition(lambda a, rng: _positive_determinant(a), lambda a: bool(np.linalg.det(a) > 0)),
        "positive definite": Condition(lambda a, rng: _gram(a, 0.5), lambda a: _is_definite(a, 1e-300)),
        "positive semidefinite": Condition(lambda a, rng: _gram(a, 0.0), lambda a: _is_definite(a, -TOLERANCE * np.abs(a).max())),
        "symmetric": Condition(lambda a, rng: (a + a.T) / 2.0, lambda a: _close(a, a.T)),
        "skew-symmetric": Condition(lambda a, rng: (a - a.T) / 2.0, lambda a: _close(a, -a.T)),
        "diagonal": Condition(lambda a, rng: a * np.eye(*a.shape), lambda a: _close(a, a * np.eye(*a.shape))),
        "lower triangular": Condition(lambda a, rng: np.tril(a), lambda a: _close(a, np.tril(a))),
        "upper triangular": Condition(lambda a, rng: np.triu(a), lambda a: _close(a, np.triu(a))),
        "toeplitz": Condition(lambda a, rng: _toeplitz(a, symmetric=False), lambda a: _close(a, _toeplitz(a, symmetric=False))),
        "symmetric toeplitz": Condition(
            lambda a, rng: _toeplitz(a, symmetric=True), lambda a: _close(a, _toeplitz(a, symmetric=True))
        ),
        "orthogonal": Condition(
            lambda a, rng: _orthogonal(a),
            lambda a: _close(a.T @ a, np.eye(a.shape[1])) or (a.shape[0] < a.shape[1] and _close(a @ a.T, np.eye(a.shape[0]))),
        ),
        "positive": Condition(lambda a, rng: np.abs(a), lambda a: bool(np.all(a > 0))),
        "negative": Condition(lambda a, rng: -np.abs(a), lambda a: bool(np.all(a < 0))),
        "nonnegative": Condition(lambda a, rng: np.abs(a), lambda a: bool(np.all(a >= 0))),
        "nonzero": Condition(None, lambda a: bool(np.all(a != 0))),
        "sums to one": Condition(lambda a, rng: np.abs(a) / np.abs(a).sum(), lambda a: _close(a.sum(), np.ones(()))),
        "rows sum to one": Condition(
            lambda a, rng: np.abs(a) / np.abs(a).sum(axis=1, keepdims=True), lambda a: _close(a.sum(axis=1), np.ones(len(a)))
        ),
        "columns sum to one": Condition(
            lambda a, rng: np.abs(a) / np.abs(a).sum(axis=0, keepdims=True), lambda a: _close(a.sum(axis=0), np.ones(a.shape[1]))
        ),
        "in {0,1}": Condition(lambda a, rng: np.floor(1000.0 * a) % 2.0, _binary),
        "in {-1,1}": Condition(lambda a, rng: np.floor(1000.0 * a) % 2.0 * 2.0 - 1.0, lambda a: bool(np.all(np.abs(a) == 1.0))),
        "one-hot": Condition(_one_hot, lambda a: _binary(a) and a.sum() == 1.0),
        "rows one-hot": Condition(_rows_one_hot, lambda a: _binary(a) and bool(np.all(a.sum(axis=1) == 1.0))),
        "columns one-hot": Condition(
            lambda a, rng: _rows_one_hot(a.T, rng).T, lambda a: _binary(a) and bool(np.all(a.sum(axis=0) == 1.0))
        ),
        "integer": Condition(lambda a, rng: _whole(a), lambda a: bool(np.all(a == np.rint(a)))),
        "positive integer": Condition(lambda a, rng: np.abs(_whole(a)), lambda a: bool(np.all((a == np.rint(a)) & (a > 0)))),
    }
)


def imposed(symbol: Symbol, array: Array, rng: np.random.Generator) -> Array:
    """The array with all that is assumed of the symbol."""
    properties = properties_of(symbol)
    for name, condition in CONDITIONS.items():
        if name in properties and condition.imposed is not None:
            array = condition.imposed(array, rng)
    fault = broken(symbol, array)
    if fault is not None:
        raise EvaluationError(f"No data were found for {symbol.name} that are {' and '.join(symbol.assumed)}: they are not {fault}.")
    return array


def broken(symbol: Symbol, array: Array) -> str | None:
    """What is assumed of a symbol and does not hold for its value; None where all does."""
    for name in symbol.assumed:
        condition = CONDITIONS.get(name)
        if condition is not None and condition.holds is not None and np.all(np.isfinite(array)) and not condition.holds(array):
            return name
    return None


def determinants(relations: Iterable[Assumption], values: Mapping[str, Array]) -> dict[str, float]:
    """The determinants that relations compare."""
    factors = (each for relation in relations for side in relation.sides for _, product in side for each in product)
    names = {each[1] for each in factors if isinstance(each, tuple)}
    return {name: float(np.linalg.det(values[name])) for name in names if name in values and values[name].shape[0] == values[name].shape[1]}
