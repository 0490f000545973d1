"""The derivations at which figures are tried: networks small, deep and wide, batches, softmax, and general expressions."""

from collections.abc import Mapping

import matcalc as mc
from matcalc.derivation import Derivation

Case = tuple[Derivation, Mapping[str, int] | None]


def network_case(widths: tuple[int, ...], layout: str, by: str = "W^(1)", activation: str = "f", loss: str = "C") -> Case:
    """The cost of a network of unknown functions by its first weights, at its widths."""
    net = mc.Network(widths=widths, activation=activation, loss=loss)
    return mc.derive(net.cost, by, layout=layout), net.sizes


def cases() -> dict[str, Case]:
    """Derivations of every sort, with sizes or without."""
    n, m = mc.dims("n m")
    A, X, B, x = mc.matrix("A", n, n), mc.matrix("X", n, m), mc.matrix("B", m, n), mc.vector("x", n)
    batch = mc.Network(widths=(2, 3, 5), activation="tanh", loss="softmax_cross_entropy", batch="rows")
    small = mc.Network(widths=(2, 3, 5), activation="relu", loss="half_mse")
    h = mc.let("h", mc.tanh(A @ x))
    y = mc.let("y", h + x)
    return {
        "one layer": network_case((3, 2), "denominator"),
        "small": network_case((2, 3, 5), "numerator"),
        "by x": network_case((2, 3, 5), "denominator", "x"),
        "deep": network_case((3, 2, 5, 1, 2, 3, 2), "denominator"),
        "wide": network_case((12, 11, 1), "numerator"),
        "relu": (mc.derive(small.cost, "b^(1)", layout="numerator"), small.sizes),
        "batch": (mc.derive(batch.cost, "W^(2)", layout="denominator"), {**batch.sizes, "N": 2}),
        "quadratic form": (mc.derive(x.T @ A @ x, x, layout="numerator"), None),
        "trace": (mc.derive(mc.trace(A @ X @ B), X, layout="denominator"), None),
        "log det": (mc.derive(mc.logdet(A), A, layout="numerator"), {"n": 3}),
        "two matrices": (mc.derive(X @ B @ X, X, layout="denominator"), None),
        "residual": (mc.derive(mc.sum(y**2), x, layout="denominator"), None),
    }


CASES = cases()
SHAPES = ((1, 1), (1, 7, 2), (12, 5, 3), (2, 3, 5, 7), (5, 1, 12, 2, 3), (3, 2, 4, 1, 5, 2), (2, 12, 3, 7, 5, 11, 1))  # depths 1 to 6
