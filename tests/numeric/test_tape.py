"""Reverse mode: every pullback against both kinds of differences, on data without symmetry and with different sizes."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, get_args

import numpy as np
import pytest

from matcalc.errors import EvaluationError
from matcalc.language import building as mc
from matcalc.language.expressions import (
    Apply, ApplyMatrixFunction, Commutation, Derivative, Divide, Entry, Expr, Identity, Inverse, MapDerivative, MatMul, MatrixPower,
    Node, Number, Ones, PseudoInverse, SizeNumber, Softmax, Symbol, Transpose, Vec, Zeros,
)  # fmt: skip
from matcalc.language.matrix_operations import diagonal_sums, entry, index, indexed_sum, matrix_function, matrix_power, pinv
from matcalc.language.sizes import dims
from matcalc.language.traversal import postorder, with_definition
from matcalc.numeric import pullbacks
from matcalc.numeric.data import Data
from matcalc.numeric.differences import central, complex_step
from matcalc.numeric.drawing import draw
from matcalc.numeric.tape import gradients, hessian, jacobian

A, B, S, T = mc.matrix("A", "m", "n"), mc.matrix("B", "m", "n"), mc.matrix("S", "k", "k"), mc.matrix("T", "k", "p")
x, y, r, c = mc.vector("x", "n"), mc.vector("y", "n"), mc.row("r", "n"), mc.scalar("c")
i, j = index("i", "n"), index("j")
f: Any = mc.function("f")
u: Any = mc.function("u", of=(x, A), shape=("q",))
w: Any = mc.function("w", of=x, shape=("m", "n"))
g: Any = mc.function("g", of=(x, y, c), shape=())
d: Any = mc.function("d", of=c, shape=(1, "q"))


def raw(applied: Any, wrt: tuple[int, ...], layout: str, shape: tuple[Any, ...]) -> Expr:
    return MapDerivative(applied.function, applied.arguments, wrt, layout, shape)


n, q = dims("n"), dims("q")
CASES: dict[str, Expr] = {
    "let": mc.let("z", A @ x),
    "transpose": A.T,
    "negate": -A,
    "sum": mc.sum(A),
    "diag": mc.diag(x),
    "diag of a row": mc.diag(r),
    "diagonal": mc.diag(S),
    "trace": mc.trace(S @ S),
    "sums along diagonals": diagonal_sums(A * B),
    "norm": mc.norm(A),
    "softmax": mc.softmax(x),
    "softmax of a row": mc.softmax(r),
    "softmax rows": mc.softmax(A, axis="rows"),
    "softmax columns": mc.softmax(A, axis="columns"),
    "vec": mc.vec(A),
    "det": mc.det(S),
    "logdet": mc.logdet(S),
    "inverse": mc.inv(S),
    "sigmoid": mc.known_elementwise("sigmoid")(A),
    "relu": mc.known_elementwise("relu")(A @ x),
    "unknown f": f(A),
    "unknown f'": f.prime(A),
    "unknown f''": f.prime.prime(A),
    "add": A + B,
    "add a scalar": A + c,
    "subtract": A - B,
    "subtract from a scalar": c - A,
    "matmul": A @ B.T,
    "outer": x @ r,
    "scale": A * c,
    "scale from the left": c * x,
    "scale of scalars": c * mc.sum(x),
    "hadamard": A * B,
    "hadamard square": A * A,
    "divide": A / B,
    "divide by a scalar": A / c,
    "divide a scalar": c / A,
    "kron": mc.kron(A, x @ r),
    "power": A**3,
    "negative power": A**-2,
    "rational power": (A * A + 1) ** Fraction(3, 2),
    "power zero": A**0,
    "power one": A**1,
    "map of two": u,
    "map to a matrix": w,
    "scalar map": g,
    "row by a scalar": d,
    "map derivative numerator": raw(u, (0,), "numerator", (q, n)),
    "map derivative denominator": raw(u, (0,), "denominator", (n, q)),
    "scalar map derivative": raw(g, (0,), "denominator", (n,)),
    "scalar map second": raw(g, (0, 1), "numerator", (n, n)),
    "scalar map second, a scalar": raw(g, (1, 2), "numerator", (1, n)),
    "row by a scalar, derivative": raw(d, (0,), "numerator", (1, q)),
    "pseudo-inverse of a wide matrix": pinv(A),
    "pseudo-inverse of a tall matrix": pinv(A.T),
    "pseudo-inverse of a column": pinv(x),
    "matrix power": matrix_power(S, 3),
    "matrix power one": matrix_power(S, 1),
    "matrix power zero": matrix_power(S, 0),
    "negative matrix power": matrix_power(S, -2),
    "matrix exponential": matrix_function("exp")(S),
    "matrix cosine": matrix_function("cos")(S),
    "matrix sine, second derivative": matrix_function("sin").prime.prime(S),
    "unknown matrix function": matrix_function("h")(S),
    "unknown matrix function, derivative": matrix_function("h").prime(S),
    "entry": entry(A, 1, 2),
    "entry of a row": entry(r, 2),
    "sum over an index": indexed_sum(i, entry(A, 1, i) ** 2 * A),
    "sum over a part": indexed_sum(j, entry(x, j) * entry(y, j), 1, 2),
    "empty sum": indexed_sum(j, c * x, 3, 2) + x,
    "constants": mc.commutation("m", "n") @ mc.vec(A)
    + mc.ones(mc.vec(A).shape[0]) * mc.sum(mc.identity("n") @ x + mc.zeros("n")),
    "a long way": mc.sum(mc.inv(S) @ T * mc.softmax(T, axis="rows")) * mc.known_elementwise("tanh")(A @ x).T @ (A @ y),
}


def variables(expr: Expr) -> list[Expr]:
    return [node for node in postorder([expr], with_definition) if isinstance(node, Symbol)]


def assert_tape_is_right(expr: Expr, data: Data) -> None:
    for by in variables(expr):
        found = jacobian(expr, by, data)
        np.testing.assert_allclose(found, complex_step(expr, by, data), rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(found, central(expr, by, data), rtol=1e-7, atol=1e-8)


def test_the_table_is_complete() -> None:
    assert set(pullbacks.PULLBACKS) == set(get_args(Node))


def test_every_type_of_node_is_tried() -> None:
    tried = {type(node) for expr in CASES.values() for node in postorder([expr], with_definition)}
    assert tried | {SizeNumber, Derivative} == set(get_args(Node))
    assert {Ones, Zeros, Identity, Commutation, Number} <= tried


@pytest.mark.parametrize("name", CASES)
def test_every_pullback(name: str) -> None:
    assert_tape_is_right(CASES[name], draw([CASES[name]], np.random.default_rng(3)))


@pytest.mark.parametrize(
    ("node_type", "wrong", "name"),
    [
        (MatMul, pullbacks.both(lambda g, a, b: g @ b.T, lambda g, a, b: -a.T @ g), "matmul"),
        (Divide, pullbacks.entrywise(lambda g, a, b: g / b, lambda g, a, b: g * (a / b**2)), "divide"),
        (Inverse, pullbacks.one(lambda g, x, y: -(y @ g @ y)), "inverse"),
        (Vec, pullbacks.one(lambda g, x, y: g.reshape(len(g), *x.shape)), "vec"),
        (Apply, lambda g, record, position: g, "sigmoid"),
        (Softmax, lambda g, record, position: g * record.value, "softmax rows"),
        (Transpose, pullbacks.one(lambda g, x, y: g.reshape(len(g), *x.shape)), "transpose"),
        (PseudoInverse, pullbacks.one(lambda g, x, y: -(y.T @ g @ y.T)), "pseudo-inverse of a wide matrix"),
        (MatrixPower, pullbacks.one(lambda g, x, y: 3 * g @ (x @ x).T), "matrix power"),
        (ApplyMatrixFunction, pullbacks.one(lambda g, x, y: g @ y.T), "matrix exponential"),
        (Entry, pullbacks.one(lambda g, x, y: g * np.eye(*x.shape)), "entry"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""),
)
def test_a_wrong_pullback_is_found(
    monkeypatch: pytest.MonkeyPatch, node_type: type[Expr], wrong: Callable[..., Any], name: str
) -> None:
    data = draw([CASES[name]], np.random.default_rng(3))
    monkeypatch.setitem(pullbacks.PULLBACKS, node_type, wrong)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_tape_is_right(CASES[name], data)


def network(layers: int) -> tuple[Expr, list[Expr], list[Expr]]:
    tanh = mc.known_elementwise("tanh")
    a, parameters, named = mc.vector("x", "n_0"), [], []
    for number in range(1, layers + 1):
        W, b = mc.matrix(f"W{number}", f"n_{number}", f"n_{number - 1}"), mc.vector(f"b{number}", f"n_{number}")
        z = mc.let(f"z{number}", W @ a + b)
        a = mc.let(f"a{number}", tanh(z))
        parameters += [W, b]
        named += [z, a]
    return mc.let("C", mc.sum((a - mc.vector("y", f"n_{layers}")) ** 2) / 2), parameters, named


def test_gradients_of_a_network_by_parameters_and_lets_in_one_sweep() -> None:
    cost, parameters, named = network(3)
    data = draw([cost], np.random.default_rng(5))
    bys = [*parameters, *named]
    for by, found in zip(bys, gradients(cost, bys, data), strict=True):
        np.testing.assert_allclose(found, jacobian(cost, by, data), rtol=1e-14)
        np.testing.assert_allclose(found, complex_step(cost, by, data), rtol=1e-10, atol=1e-14)


def test_a_let_is_varied_by_itself() -> None:
    z = mc.let("z", A @ x)
    cost = mc.sum(z * z) + mc.sum(A @ x)
    data = draw([cost], np.random.default_rng(2))
    np.testing.assert_allclose(jacobian(cost, z, data), 2 * (data.values["A"] @ data.values["x"])[:, 0])
    np.testing.assert_array_equal(jacobian(z, z, data), np.eye(data.sizes["m"]))


def test_what_does_not_occur_gives_zeros_of_the_right_axes() -> None:
    data = draw([A @ x, T, c], np.random.default_rng(2))
    m, k, p = (data.sizes[name] for name in "mkp")
    for by, inputs in ((T, (k, p)), (c, ())):
        for rule in (jacobian, central, complex_step):
            found = rule(A @ x, by, data)
            np.testing.assert_array_equal(found, np.zeros((m, *inputs)))
    np.testing.assert_array_equal(hessian(mc.sum(x), x, T, data), np.zeros((data.sizes["n"], k, p)))


def test_axes_are_output_then_input() -> None:
    data = draw([A @ x], np.random.default_rng(2))
    m, n_ = data.sizes["m"], data.sizes["n"]
    found = jacobian(A @ x, A, data)
    wanted = np.einsum("oi,j->oij", np.eye(m), data.values["x"][:, 0])
    assert found.shape == (m, m, n_)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(jacobian((A @ x).T, r, data_with_row(data)), np.zeros((m, n_)))


def data_with_row(data: Data) -> Data:
    return Data({**data.values, "r": np.ones((1, data.sizes["n"]))}, data.sizes)


def test_deep_and_shared_graphs() -> None:
    deep: Expr = x
    for _ in range(5000):
        deep = -deep
    shared: Expr = x
    for _ in range(100):
        shared = (shared + shared) / 2
    data = draw([x], np.random.default_rng(1))
    for expr in (deep, shared):
        np.testing.assert_allclose(jacobian(expr, x, data), np.eye(data.sizes["n"]))


def test_hessians() -> None:
    rng = np.random.default_rng(4)
    cost = x.T @ A.T @ A @ x / 2 + c * mc.sum(f(x))
    data = draw([cost], rng)
    M, v, scale = data.values["A"], data.values["x"], float(data.values["c"][0, 0])
    wanted = M.T @ M + scale * np.diag(data.functions["f"][2](v)[:, 0])
    np.testing.assert_allclose(hessian(cost, x, x, data), wanted, rtol=1e-8, atol=1e-9)
    mixed = hessian(cost, x, A, data)
    assert mixed.shape == (*v.shape[:1], *M.shape)
    np.testing.assert_allclose(mixed, np.moveaxis(hessian(cost, A, x, data), -1, 0), rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(hessian(cost, c, x, data), data.functions["f"][1](v)[:, 0], rtol=1e-8)


def test_the_hessian_by_a_let_varies_the_let() -> None:
    z = mc.let("z", A @ x)
    cost = mc.sum(f(z))
    data = draw([cost], np.random.default_rng(4))
    at = data.values["A"] @ data.values["x"]
    second = np.diag(data.functions["f"][2](at)[:, 0])
    np.testing.assert_allclose(hessian(cost, z, z, data), second, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(hessian(cost, x, z, data), data.values["A"].T @ second, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(hessian(cost, z, x, data), second @ data.values["A"], rtol=1e-8, atol=1e-9)


def test_what_cannot_be_done_raises() -> None:
    data = draw([A @ x, c], np.random.default_rng(2))
    with pytest.raises(EvaluationError, match=r"gradients needs a scalar; z is \(m,\)"):
        gradients(mc.let("z", A @ x), [x], data)
    with pytest.raises(EvaluationError, match="is not a variable: a declared symbol or a let is"):
        jacobian(A @ x, A @ x, data)
    z = mc.let("z", mc.sum(x * x))
    slope = Derivative(z, x, "denominator", False, x.shape)
    with pytest.raises(EvaluationError, match="differentiating it again on the tape is not supported"):
        jacobian(slope, x, data)
    np.testing.assert_array_equal(jacobian(slope, c, data), np.zeros(data.sizes["n"]))
    np.testing.assert_allclose(central(slope, x, data), 2 * np.eye(data.sizes["n"]), atol=1e-9)
    with pytest.raises(EvaluationError, match="The derivative of f of order 1 is needed"):
        jacobian(f(x), x, Data(data.values, data.sizes, {"f": (np.sin,)}))


def test_what_has_no_derivative_says_so() -> None:
    k = mc.scalar("k")
    power, sums = matrix_power(S, k), indexed_sum(j, entry(x, j) ** 2, 1, k)
    data = draw([power, sums], np.random.default_rng(2), sizes={"n": 7})
    assert_tape_is_right_by(power, S, data)
    assert_tape_is_right_by(sums, x, data)
    with pytest.raises(EvaluationError, match=r"S\^k has a whole exponent, by which there is no derivative"):
        jacobian(power, k, data)
    with pytest.raises(EvaluationError, match=r"\(x\)_k has no derivative by a position"):
        jacobian(entry(x, k), k, data)


def assert_tape_is_right_by(expr: Expr, by: Expr, data: Data) -> None:
    np.testing.assert_allclose(jacobian(expr, by, data), complex_step(expr, by, data), rtol=1e-10, atol=1e-12)


def test_the_pseudo_inverse_of_a_matrix_of_lower_rank_takes_no_complex_step() -> None:
    rank_one = pinv(mc.outer(x, mc.vector("b", "p")))
    data = draw([rank_one], np.random.default_rng(2))
    with pytest.raises(EvaluationError, match="is the pseudo-inverse of what has no full rank"):
        complex_step(rank_one, x, data)
    np.testing.assert_allclose(jacobian(rank_one, x, data), central(rank_one, x, data), rtol=1e-6, atol=1e-7)


def test_against_jax() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    cost, parameters, _ = network(2)
    data = draw([cost], np.random.default_rng(6))
    v = data.values

    def loss(W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
        return jnp.sum((jnp.tanh(W2 @ jnp.tanh(W1 @ v["x"] + b1) + b2) - v["y"]) ** 2) / 2

    points = [v[by.name] for by in parameters]  # type: ignore[attr-defined]
    wanted = jax.grad(loss, argnums=(0, 1, 2, 3))(*points)
    for found, other in zip(gradients(cost, parameters, data), wanted, strict=True):
        np.testing.assert_allclose(found.ravel(), np.asarray(other).ravel(), rtol=1e-12, atol=1e-15)
    expr = mc.inv(S) @ T * mc.logdet(S)
    data = draw([expr], np.random.default_rng(6))
    wanted = jax.jacobian(lambda s, t: jnp.linalg.inv(s) @ t * jnp.linalg.slogdet(s)[1])(data.values["S"], data.values["T"])
    np.testing.assert_allclose(jacobian(expr, S, data), np.asarray(wanted), rtol=1e-10, atol=1e-12)
