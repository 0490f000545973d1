"""Index forms evaluated as they read: the product of the factors for all values of the free indices, and an explicit loop over
each summed index.

It shares the engine's rules, so it checks the step from index form to matrix form and nothing before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.index.exponents import Exponent, Range
from matcalc.index.form import Atom, AtomKind, Form, Indices, PowerOf, Term, nested_forms
from matcalc.language.sizes import Shape, Size
from matcalc.language.unrolling import NEGATIVE_RANGE
from matcalc.numeric.data import Array, Data
from matcalc.numeric.evaluation import value
from matcalc.numeric.functions import elementwise_value, map_derivative, map_value
from matcalc.numeric.matrix_functions import derivative_along, matrix_function_value

Inner = Mapping[bytes, Array]
Labelled = tuple[Array, Indices]


def index_sum(form: Form, data: Data) -> Array:
    """The value of an index form: an array with one axis for each free index.

    Args:
        form: the index form.
        data: values of the symbols, sizes and functions; named quantities are computed from their definitions.
    """
    done: dict[bytes, Array] = {}
    for inner in nested_forms([form]):
        extents = [extent(size, data) for size in inner.axes]
        total = np.zeros(extents)
        for term in inner.terms:
            total = total + _term(term, inner.axes, extents, data, done)
        done[inner.key] = total
    return done[form.key]


def _term(term: Term, axes: Sequence[object], extents: list[int], data: Data, inner: Inner) -> Array:
    """One product, summed over its bound indices one by one, the cheapest first."""
    sizes = extents + [extent(size, data) for size in term.bound]
    waiting: list[Labelled] = [(np.asarray(float(term.coefficient)), ())]
    for atom, indices, exponent in term.factors:
        array = _diagonal(ATOM_VALUES[atom.kind](atom, data, inner), indices)
        waiting.append((array[0] ** float(exponent) if exponent != 1 else array[0], array[1]))
    left = set(range(len(axes), len(sizes)))
    while left:
        chosen = min(left, key=lambda i: _cost(i, waiting, sizes))
        left.remove(chosen)
        touching = [entry for entry in waiting if chosen in entry[1]]
        waiting = [entry for entry in waiting if chosen not in entry[1]]
        waiting.append(_summed(touching, chosen, sizes))
    free = tuple(range(len(axes)))
    return _product(waiting, free, sizes)


def extent(size: Size, data: Data) -> int:
    """The number of values of an index: a size, or how many powers it counts.

    Raises:
        EvaluationError: a negative number of powers: the sum of the powers below an exponent holds for exponents that are none.
    """
    if not isinstance(size, Range):
        return data.extent(size)
    count = _whole(size.count, data)
    if count < 0:
        raise EvaluationError(NEGATIVE_RANGE.format(size.count.expression(), count))
    return count


def _whole(exponent: Exponent, data: Data) -> int:
    """The whole number that an exponent is."""
    total = Fraction(exponent.constant)
    for unit, factor in exponent.multiples:
        total += factor * Fraction(float(value(unit, data)[0, 0].real))
    if total.denominator != 1:
        raise EvaluationError(f"{exponent.expression()!r} is {float(total):g} here; an exponent of a matrix is a whole number.")
    return int(total)


def _cost(index: int, waiting: Sequence[Labelled], sizes: Sequence[int]) -> int:
    joined = {i for _, indices in waiting if index in indices for i in indices}
    return int(np.prod([sizes[i] for i in joined]))


def _diagonal(array: Array, indices: Indices) -> Labelled:
    """The entries where axes with the same index agree."""
    kept = tuple(dict.fromkeys(indices))
    if len(kept) == len(indices):
        return array, indices
    result = np.einsum(array, [kept.index(i) for i in indices], list(range(len(kept))))
    return result, kept


def _summed(touching: Sequence[Labelled], index: int, sizes: Sequence[int]) -> Labelled:
    """The product of factors, summed by a loop over the values of one index."""
    rest = tuple(sorted({i for _, indices in touching for i in indices} - {index}))
    total = np.zeros([sizes[i] for i in rest])
    for v in range(sizes[index]):
        at: list[Labelled] = []
        for array, indices in touching:
            at.append((np.take(array, v, axis=indices.index(index)), tuple(i for i in indices if i != index)))
        total = total + _product(at, rest, sizes)
    return total, rest


def _product(factors: Sequence[Labelled], onto: Indices, sizes: Sequence[int]) -> Array:
    """The product entry by entry, over all values of the indices ``onto``."""
    result = np.ones([sizes[i] for i in onto])
    for array, indices in factors:
        order = sorted(range(len(indices)), key=lambda k: onto.index(indices[k]))
        shape = [sizes[i] if i in indices else 1 for i in onto]
        result = result * np.transpose(array, order).reshape(shape)
    return result


# ---- atoms -----------------------------------------------------------------------------------------------------------


def _variable(atom: Atom, data: Data, inner: Inner) -> Array:
    (node,) = atom.payload
    extents = [data.extent(size) for size in atom.sizes]
    return value(node, data).reshape(extents)


def _size(atom: Atom, data: Data, inner: Inner) -> Array:
    return np.asarray(float(data.extent(atom.payload[0])))


def _delta(atom: Atom, data: Data, inner: Inner) -> Array:
    return np.eye(extent(atom.sizes[0], data))


def _diagonals(atom: Atom, data: Data, inner: Inner) -> Array:
    places = np.subtract.outer(np.arange(extent(atom.sizes[0], data)), np.arange(extent(atom.sizes[1], data)))
    return np.equal.outer(places, places).astype(np.float64)


def _function(atom: Atom, data: Data, inner: Inner) -> Array:
    form, function = atom.payload
    array = inner[form.key]
    return elementwise_value(function, array.reshape(1, -1), data).reshape(array.shape)


def _bracket(atom: Atom, data: Data, inner: Inner) -> Array:
    return inner[atom.payload[0].key]


def _as_matrix(atom: Atom, inner: Inner) -> Array:
    form, rows = atom.payload[:2]
    array = inner[form.key]
    return array.reshape(int(np.prod(array.shape[:rows])), -1)


def _inverse(atom: Atom, data: Data, inner: Inner) -> Array:
    return np.linalg.inv(_as_matrix(atom, inner)).reshape([data.extent(size) for size in atom.sizes])


def _determinant(atom: Atom, data: Data, inner: Inner) -> Array:
    return np.asarray(np.linalg.det(_as_matrix(atom, inner)))


def _softmax(atom: Atom, data: Data, inner: Inner) -> Array:
    form, along = atom.payload
    array = inner[form.key]
    powers = np.exp(array - array.max(axis=along, keepdims=True))
    return np.asarray(powers / powers.sum(axis=along, keepdims=True))


def _map(atom: Atom, data: Data, inner: Inner) -> Array:
    function, forms, wrt = atom.payload
    arguments = tuple(_as_declared(inner[f.key], shape) for f, shape in zip(forms, function.argument_shapes, strict=True))
    raw = map_derivative(function, wrt, arguments, data) if wrt else map_value(function, arguments, data)
    return np.asarray(raw).reshape([data.extent(size) for size in atom.sizes])


def _pseudo_inverse(atom: Atom, data: Data, inner: Inner) -> Array:
    return np.linalg.pinv(_as_matrix(atom, inner)).reshape([data.extent(size) for size in atom.sizes])


def _matrix_power(atom: Atom, data: Data, inner: Inner) -> Array:
    matrix, power = _as_matrix(atom, inner), atom.payload[2]
    return _stacked(atom, power, data, lambda exponent: _raised(matrix, exponent))


def _raised(matrix: Array, exponent: int) -> Array:
    return np.asarray(np.linalg.matrix_power(np.linalg.inv(matrix) if exponent < 0 else matrix, abs(exponent)))


def _stacked(atom: Atom, power: PowerOf, data: Data, at: Callable[[int], Array]) -> Array:
    """What ``at`` makes of the exponent, for all values of the indices in it."""
    counts = [extent(size, data) for size in power.sizes]
    shape = [data.extent(size) for size in atom.sizes[: len(atom.sizes) - len(counts)]]
    start = _whole(power.exponent, data)
    result = np.zeros((*shape, *counts))
    for point in np.ndindex(*counts):
        shift = sum((weight * r for weight, r in zip(power.weights, point, strict=True)), Fraction(0))
        result[(..., *point)] = at(start + int(shift)).reshape(shape)
    return result


def _matrix_function(atom: Atom, data: Data, inner: Inner) -> Array:
    return matrix_function_value(atom.payload[2], _as_matrix(atom, inner), data).reshape([data.extent(size) for size in atom.sizes])


def _frechet(atom: Atom, data: Data, inner: Inner) -> Array:
    """The derivative along every matrix with a single entry 1, the last direction counting fastest."""
    function, order = atom.payload[2], atom.payload[3]
    matrix = _as_matrix(atom, inner)
    if isinstance(function, PowerOf):
        return _stacked(atom, function, data, lambda exponent: _along_entries(lambda block: _raised(block, exponent), matrix, order))
    made = _along_entries(lambda block: matrix_function_value(function, block, data), matrix, order)
    return made.reshape([data.extent(size) for size in atom.sizes])


def _along_entries(function: Callable[[Array], Array], matrix: Array, order: int) -> Array:
    """D g(U)(E_1, ..., E_m) for all matrices E with a single entry 1: axes (rows, columns, entries of E_1, ..., entries of E_m)."""
    n = len(matrix)
    result = np.zeros((n, n, *[n * n] * order))
    for point in np.ndindex(*[n * n] * order):
        directions = [np.eye(n * n)[k].reshape(n, n) for k in point]
        result[(..., *point)] = derivative_along(function, matrix, directions)
    return result


def _as_declared(array: Array, shape: Shape) -> Array:
    """The 2-D array that an argument of this shape is given as."""
    if len(shape) == 2:
        return array.reshape(1, -1) if shape[0] == 1 else array
    return array.reshape(-1, 1)


ATOM_VALUES: Mapping[AtomKind, Callable[[Atom, Data, Inner], Array]] = MappingProxyType(
    {
        AtomKind.VARIABLE: _variable, AtomKind.SIZE: _size, AtomKind.DELTA: _delta, AtomKind.DIAGONALS: _diagonals,
        AtomKind.FUNCTION: _function,
        AtomKind.BRACKET: _bracket, AtomKind.INVERSE: _inverse, AtomKind.DETERMINANT: _determinant,
        AtomKind.SOFTMAX: _softmax, AtomKind.MAP: _map, AtomKind.PSEUDO_INVERSE: _pseudo_inverse,
        AtomKind.MATRIX_POWER: _matrix_power, AtomKind.MATRIX_FUNCTION: _matrix_function, AtomKind.FRECHET: _frechet,
    }
)  # fmt: skip
