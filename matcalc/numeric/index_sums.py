"""Index forms evaluated as they read: the product of the factors for all values of the free indices, and an explicit loop over
each summed index.

It shares the engine's rules, so it checks the step from index form to matrix form and nothing before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from matcalc.index.form import Atom, AtomKind, Form, Indices, Term, nested_forms
from matcalc.language.sizes import Shape
from matcalc.numeric.data import Array, Data
from matcalc.numeric.evaluation import value
from matcalc.numeric.functions import elementwise_value, map_derivative, map_value

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
        extents = [data.extent(size) for size in inner.axes]
        total = np.zeros(extents)
        for term in inner.terms:
            total = total + _term(term, inner.axes, extents, data, done)
        done[inner.key] = total
    return done[form.key]


def _term(term: Term, axes: Sequence[object], extents: list[int], data: Data, inner: Inner) -> Array:
    """One product, summed over its bound indices one by one, the cheapest first."""
    sizes = extents + [data.extent(size) for size in term.bound]
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
    return np.eye(data.extent(atom.sizes[0]))


def _function(atom: Atom, data: Data, inner: Inner) -> Array:
    form, function = atom.payload
    array = inner[form.key]
    return elementwise_value(function, array.reshape(1, -1), data).reshape(array.shape)


def _bracket(atom: Atom, data: Data, inner: Inner) -> Array:
    return inner[atom.payload[0].key]


def _as_matrix(atom: Atom, inner: Inner) -> Array:
    form, rows = atom.payload
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


def _as_declared(array: Array, shape: Shape) -> Array:
    """The 2-D array that an argument of this shape is given as."""
    if len(shape) == 2:
        return array.reshape(1, -1) if shape[0] == 1 else array
    return array.reshape(-1, 1)


ATOM_VALUES: Mapping[AtomKind, Callable[[Atom, Data, Inner], Array]] = MappingProxyType(
    {
        AtomKind.VARIABLE: _variable, AtomKind.SIZE: _size, AtomKind.DELTA: _delta, AtomKind.FUNCTION: _function,
        AtomKind.BRACKET: _bracket, AtomKind.INVERSE: _inverse, AtomKind.DETERMINANT: _determinant,
        AtomKind.SOFTMAX: _softmax, AtomKind.MAP: _map,
    }
)  # fmt: skip
