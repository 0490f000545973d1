"""Functions that generated code calls by name; their own source is part of its text. They are written for any array namespace.

Each takes the namespace first. What the standard has and PyTorch lacks, or has under another name, is taken where it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any


def namespace(*arrays: Any) -> Any:
    """The module that the operations on these arrays are taken from; NumPy for plain numbers."""
    for array in arrays:
        if hasattr(array, "__array_namespace__"):
            return array.__array_namespace__()
        if type(array).__module__.partition(".")[0] == "torch":
            return sys.modules["torch"]
    import numpy

    return numpy


def like(array: Any) -> Any:
    """The options by which a new array gets the type and the device of another."""
    return {name: getattr(array, name) for name in ("dtype", "device") if hasattr(array, name)}


def largest(xp: Any, z: Any, axis: Any) -> Any:
    return (xp.amax if hasattr(xp, "amax") else xp.max)(z, axis=axis, keepdims=True)


def sigmoid(xp: Any, z: Any) -> Any:
    return 1.0 / (1.0 + xp.exp(-z))


def softplus(xp: Any, z: Any) -> Any:
    return xp.clip(z, 0.0, None) + xp.log1p(xp.exp(-xp.abs(z)))


def log_sigmoid(xp: Any, z: Any) -> Any:
    return xp.clip(z, None, 0.0) - xp.log1p(xp.exp(-xp.abs(z)))


def softmax_of_rows(xp: Any, z: Any) -> Any:
    powers = xp.exp(z - largest(xp, z, 1))
    return powers / xp.sum(powers, axis=1, keepdims=True)


def softmax_of_columns(xp: Any, z: Any) -> Any:
    powers = xp.exp(z - largest(xp, z, 0))
    return powers / xp.sum(powers, axis=0, keepdims=True)


def softmax_of_all(xp: Any, z: Any) -> Any:
    powers = xp.exp(z - xp.max(z))
    return powers / xp.sum(powers)


def softmax_along(xp: Any, z: Any, axes: Any) -> Any:
    powers = xp.exp(z - largest(xp, z, axes))
    return powers / xp.sum(powers, axis=axes, keepdims=True)


def logsumexp(xp: Any, z: Any) -> Any:
    top = xp.max(z)
    return top + xp.log(xp.sum(xp.exp(z - top)))


def logdet(xp: Any, matrix: Any) -> Any:
    sign, logarithm = xp.linalg.slogdet(matrix)
    return logarithm + xp.log(sign)


def outer(xp: Any, column: Any, row: Any) -> Any:
    """A column times a row: by the matrix product where that is the fastest."""
    return xp.dot(column, row) if xp.__name__ == "numpy" else column * row


def plus_diagonal(xp: Any, matrix: Any, v: Any) -> Any:
    """The sum of a new matrix, which nothing else holds, and a diagonal one: in place, where arrays can be written to."""
    entries = xp.reshape(v, (-1,))
    if hasattr(matrix, "at"):  # JAX, which joins the operations when it compiles
        return matrix + xp.diag(xp.broadcast_to(entries, (matrix.shape[0],)))
    if xp.__name__ in ("numpy", "torch"):  # the diagonal as a view that can be written to
        diagonal = xp.einsum("ii->i", matrix)
        diagonal += entries
        return matrix
    k = xp.arange(matrix.shape[0])
    matrix[k, k] += entries
    return matrix


def diagonal_matrix(xp: Any, v: Any) -> Any:
    return plus_diagonal(xp, xp.zeros((v.shape[0], v.shape[0]), **like(v)), v)


def permuted(xp: Any, array: Any, axes: Any) -> Any:
    return (xp.permute_dims if hasattr(xp, "permute_dims") else xp.permute)(array, axes)


def kron(xp: Any, a: Any, b: Any) -> Any:
    return xp.reshape(a[:, None, :, None] * b[None, :, None, :], (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]))


def commuted(xp: Any, m: Any, n: Any, matrix: Any) -> Any:
    """K_{m,n} times a matrix."""
    return xp.reshape(permuted(xp, xp.reshape(matrix, (n, m, -1)), (1, 0, 2)), (m * n, -1))


def commutation(xp: Any, m: Any, n: Any, unit: Any) -> Any:
    return commuted(xp, m, n, unit)


def diagonal_sums(xp: Any, matrix: Any) -> Any:
    """At every entry the sum over its diagonal: with row i moved i places to the left, diagonals are columns."""
    m, n = matrix.shape
    beside = xp.reshape(xp.concat([xp.zeros((m, m), **like(matrix)), matrix], axis=1), (-1,))
    moved = xp.reshape(xp.concat([beside, xp.zeros((m,), **like(matrix))]), (m, m + n + 1))
    place = m + xp.arange(n)[None, :] - xp.arange(m)[:, None]
    return xp.reshape(xp.take(xp.sum(moved, axis=0), xp.reshape(place, (-1,))), (m, n))


def normal_pdf(xp: Any, z: Any) -> Any:
    return 0.3989422804014327 * xp.exp(-0.5 * z**2)


def expm(xp: Any, matrix: Any) -> Any:
    """The matrix exponential: scaling and squaring of the series; its number of squarings is read from the values."""
    norm, squarings = float(xp.max(xp.sum(xp.abs(matrix), axis=1))), 0
    while norm > 0.5 and squarings < 1100:
        norm, squarings = norm / 2, squarings + 1
    scaled, unit = matrix / 2.0**squarings, xp.eye(matrix.shape[0], **like(matrix))
    made = unit
    for k in range(18, 0, -1):
        made = unit + scaled @ made / k
    for _ in range(squarings):
        made = made @ made
    return made


def cosm(xp: Any, matrix: Any) -> Any:
    return expm(xp, blocks(xp, matrix))[: matrix.shape[0], : matrix.shape[0]]


def sinm(xp: Any, matrix: Any) -> Any:
    return expm(xp, blocks(xp, matrix))[: matrix.shape[0], matrix.shape[0] :]


def blocks(xp: Any, matrix: Any) -> Any:
    """The matrix [[0, X], [-X, 0]], of whose exponential cosine and sine of X are blocks."""
    zero = xp.zeros_like(matrix)
    return xp.concat([xp.concat([zero, matrix], axis=1), xp.concat([-matrix, zero], axis=1)], axis=0)


ERFC = (
    -0.6513268598908547, 0.6419697923564902, 0.019476473204185836, -0.009561514786808632, -0.0009465953444820369,
    0.00036683949785276145, 4.252332480690777e-05, -2.0278578112534242e-05, -1.6242900046470256e-06, 1.3036558355805232e-06,
    1.5626441722066142e-08, -8.523809591492654e-08, 6.5290544390988515e-09, 5.059343495551469e-09, -9.91364156493033e-10,
    -2.273651222931836e-10, 9.646791102015527e-11, 2.3940380830391146e-12, -6.886027526497553e-12, 8.944879273090725e-13,
    3.130921399342958e-13, -1.1270822361367252e-13, 3.810905255189232e-16, 7.106097613609237e-15,
)  # fmt: skip


def normal_cdf(xp: Any, z: Any) -> Any:
    """The normal distribution: erfc(w) is t exp(-w^2 + P(2t - 1)), t = 2/(2 + w), P a sum of Chebyshev polynomials."""
    w = xp.abs(z) / 1.4142135623730951
    t = 2.0 / (2.0 + w)
    x, a, b = 2.0 * t - 1.0, 0.0, 0.0
    for coefficient in ERFC[:0:-1]:
        a, b = coefficient + 2.0 * x * a - b, a
    tail = 0.5 * t * xp.exp(ERFC[0] + x * a - b - w * w)
    return xp.where(z > 0, 1.0 - tail, tail)


HELPERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            namespace, like, largest, sigmoid, softplus, log_sigmoid, softmax_of_rows, softmax_of_columns, softmax_of_all, softmax_along,
            logsumexp, logdet, outer, plus_diagonal, diagonal_matrix, permuted, kron, commuted, commutation, diagonal_sums, normal_pdf,
            normal_cdf, expm, cosm, sinm, blocks,
        )
    }
)  # fmt: skip
