"""Networks of many widths and depths, and other derivations, on which figures are tried."""

from collections.abc import Iterator

import matcalc as mc

WIDTHS = (
    ((2, 3), None, "half_mse"), ((1, 1), None, "C"), ((5, 2, 7), None, "softmax_cross_entropy"), ((12, 1, 9, 4), None, "squared_error"),
    ((3, 11, 2, 6, 5), None, "half_mse"), ((2, 3, 5, 4, 7, 6, 8), None, "C"), ((3, 2), "rows", "half_mse"), ((2, 5, 3), "columns", "C"),
)  # fmt: skip


def networks() -> Iterator[mc.Network]:
    """Networks with widths 1 to 12 and depths 1 to 6."""
    for widths, batch, loss in WIDTHS:
        yield mc.Network(widths=widths, activation="f" if loss != "softmax_cross_entropy" else "tanh", loss=loss, batch=batch)


def derivations(layout: str) -> Iterator[mc.Derivation]:
    """Of each network the derivative by its first weights and by its input, and some that are of no network."""
    for net in networks():
        yield mc.derive(net.cost, net.W[1], layout=layout)
        yield mc.derive(net.cost, net.x, layout=layout)
    yield from general(layout)


def general(layout: str) -> Iterator[mc.Derivation]:
    """Traces, quadratic forms, residual connections and tied weights."""
    n, m, p = mc.dims("n m p")
    x, y, A = mc.vector("x", n), mc.vector("y", n), mc.matrix("A", n, n)
    X, B, D = mc.matrix("X", n, m), mc.matrix("B", m, n), mc.matrix("D", n, n)
    yield mc.derive(x.T @ A @ x, x, layout=layout)
    yield mc.derive(mc.trace(A @ X @ B), X, layout=layout)
    yield mc.derive(mc.trace((A * D) @ X @ B) ** 2, X, layout=layout)
    yield mc.derive(mc.logdet(A), A, layout=layout)
    yield mc.derive(mc.let("s", mc.softmax(A @ x)), x, layout=layout)
    yield mc.derive(residual(), "x", layout=layout)
    yield mc.derive(residual(), "W", layout=layout)
    Q = mc.matrix("Q", p, n)
    yield mc.derive(mc.sum(mc.let("u", Q @ x) * mc.let("v", Q @ y)), Q, layout=layout)


def residual() -> mc.Expr:
    """Two layers with a residual connection around each and one matrix of weights for both."""
    n = mc.dims("n")
    x, y, b, W, f = mc.vector("x", n), mc.vector("y", n), mc.vector("b", n), mc.matrix("W", n, n), mc.function("f")
    first = mc.let("r_1", mc.let("h_1", f(mc.let("z_1", W @ x + b))) + x)
    second = mc.let("r_2", mc.let("h_2", f(mc.let("z_2", W @ first + b))) + first)
    return mc.let("C", mc.sum((second - y) ** 2))
