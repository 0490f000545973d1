"""The quantities that tasks of the notebooks are about."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from matcalc.language.building import function, let, matrix, norm, vector
from matcalc.language.building import sum as total
from matcalc.networks import Network

HALF = Fraction(1, 2)


def vectors_only() -> tuple[Any, ...]:
    """z = W x, C = x^T A x, and x and A."""
    W, A, x = matrix("W", "m", "n"), matrix("A", "n", "n"), vector("x", "n")
    return let("z", W @ x), let("C", x.T @ A @ x), x, A


def linear_and_bilinear() -> tuple[Any, ...]:
    """z = A^T B x and x; C = x^T B a, and its x and B."""
    x, a = vector("x", "n"), vector("a", "k")
    across = matrix("B", "n", "k")
    z = let("z", matrix("A", "k", "m").T @ matrix("B", "k", "n") @ x)
    return z, x, let("C", x.T @ across @ a), x, across


def layer_of_two() -> tuple[Any, ...]:
    """Half the squared error of a layer whose weights stand between its input and a fixed matrix; its weights and its input."""
    A, W, x, y = matrix("A", "k", "m"), matrix("W", "k", "n"), vector("x", "n"), vector("y", "m")
    return let("C", HALF * norm(let("z", A.T @ W @ x) - y) ** 2), W, x


def layer() -> tuple[Any, ...]:
    """Half the squared error of one layer, its weights and its input."""
    W, x, b, y = matrix("W", "m", "n"), vector("x", "n"), vector("b", "m"), vector("y", "m")
    return let("C", HALF * norm(let("z", W @ x + b) - y) ** 2), W, x


def bent_layer() -> tuple[Any, ...]:
    """z and the cost of one layer that scales its outputs, and its weights, stored as inputs by outputs; the activation is unknown."""
    W, x, y, f = matrix("W", "n", "m"), vector("x", "n"), vector("y", "m"), function("f")
    z = let("z", vector("u", "m") * (W.T @ x) + vector("b", "m"))
    a = let("a", f(z))
    return z, let("C", HALF * norm(a - y) ** 2), W


def gated_layer() -> tuple[Any, ...]:
    """An activation that gates itself, and a cost that weighs its errors; a and z, C."""
    W, S, x, y, f = matrix("W", "m", "n"), matrix("S", "m", "m"), vector("x", "n"), vector("y", "m"), function("f")
    z = let("z", W @ x)
    a = let("a", z * f(z))
    return a, z, let("C", HALF * ((a - y).T @ S @ (a - y)))


def network(depth: int = 2, loss: str = "half_mse", batch: str | None = None) -> Network:
    """A network with an unknown activation."""
    return Network(widths=(3, 4, 2, 5)[: depth + 1], activation="f", loss=loss, batch=batch)


def square_layers() -> tuple[Any, Any]:
    """Two layers whose widths are all the same: the cost and the input."""
    W, V, x, y, f = matrix("W", "n", "n"), matrix("V", "n", "n"), vector("x", "n"), vector("y", "n"), function("f")
    z = let("z_1", W @ x)
    a = let("a_1", f(z))
    last = let("z_2", V @ a)
    out = let("a_2", f(last))
    return let("C", HALF * total((out - y) ** 2)), x
