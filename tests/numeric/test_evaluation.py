"""The value of every type of node against NumPy written by hand."""

from collections.abc import Callable
from fractions import Fraction
from math import factorial
from typing import Any, get_args

import numpy as np
import pytest

from matcalc.errors import EvaluationError, LayoutError
from matcalc.language import building as mc
from matcalc.language.expressions import Add, Derivative, Expr, Hadamard, MapDerivative, Node, Symbol
from matcalc.language.matrix_operations import diagonal_sums, entry, index, indexed_sum, matrix_function, matrix_power, pinv
from matcalc.language.sizes import Shape, dims
from matcalc.numeric.data import Data, bind
from matcalc.numeric.evaluation import VALUES, add_row, evaluate, value, values_of

rng = np.random.default_rng(1)
A, B, S = rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.normal(size=(5, 5)) + 4 * np.eye(5)
V, R, C = rng.normal(size=(3, 1)), rng.normal(size=(1, 3)), 1.7
DATA = {"A": A, "B": B, "S": S, "v": V, "r": R, "c": C, "p": 4, "q": 2}
a, b, s = mc.matrix("A", "m", "n"), mc.matrix("B", "m", "n"), mc.matrix("S", "k", "k")
v, r, c = mc.vector("v", "n"), mc.row("r", "n"), mc.scalar("c")
n = dims("n")
p, q, j, h = mc.scalar("p"), index("q"), index("j", "n"), index("h", "m")
sigmoid, f = mc.known_elementwise("sigmoid"), mc.function("f")
def series(matrix: Any, coefficient: Callable[[int], float]) -> Any:
    return sum(coefficient(k) * np.linalg.matrix_power(matrix, k) for k in range(30))


K = np.zeros((6, 6))
for one in range(2):
    for two in range(3):
        K[two + 3 * one, one + 2 * two] = 1.0  # the definition of vec on both sides, once more by hand

CASES: dict[str, tuple[Expr, Callable[[], Any]]] = {
    "number": (mc.lift(Fraction(2, 3)), lambda: [[2 / 3]]),
    "size": (mc.lift(n) * v, lambda: 3 * V),
    "let": (mc.let("z", a @ v), lambda: A @ V),
    "let in let": (mc.let("y", mc.let("z", a @ v) * 2), lambda: 2 * A @ V),
    "ones": (a @ mc.ones("n"), lambda: A.sum(axis=1, keepdims=True)),
    "zeros": (v + mc.zeros("n"), lambda: V),
    "identity": (mc.identity("n") @ v, lambda: V),
    "commutation": (mc.commutation("m", "n") @ mc.vec(a), lambda: A.T.reshape(-1, 1, order="F")),
    "commutation entries": (mc.commutation("m", "n"), lambda: K),
    "transpose": (a.T, lambda: A.T),
    "negate": (-a, lambda: -A),
    "sum": (mc.sum(a), lambda: [[A.sum()]]),
    "diag": (mc.diag(v), lambda: np.diag(V[:, 0])),
    "diag of a row": (mc.diag(r), lambda: np.diag(R[0])),
    "diagonal": (mc.diag(s), lambda: np.diag(S)[:, None]),
    "trace": (mc.trace(s), lambda: [[np.trace(S)]]),
    "sums along diagonals": (
        diagonal_sums(s), lambda: [[np.trace(S, j - i) for j in range(5)] for i in range(5)],
    ),
    "norm": (mc.norm(a), lambda: [[np.linalg.norm(A)]]),
    "softmax": (mc.softmax(v), lambda: np.exp(V) / np.exp(V).sum()),
    "softmax of a row": (mc.softmax(r), lambda: np.exp(R) / np.exp(R).sum()),
    "softmax rows": (mc.softmax(a, axis="rows"), lambda: np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)),
    "softmax columns": (mc.softmax(a, axis="columns"), lambda: np.exp(A) / np.exp(A).sum(axis=0)),
    "vec": (mc.vec(a), lambda: np.concatenate([A[:, [0]], A[:, [1]], A[:, [2]]])),
    "det": (mc.det(s), lambda: [[np.linalg.det(S)]]),
    "logdet": (mc.logdet(s), lambda: [[np.log(np.linalg.det(S))]]),
    "inverse": (mc.inv(s) @ s, lambda: np.eye(5)),
    "apply": (sigmoid(a), lambda: 1 / (1 + np.exp(-A))),
    "apply prime": (sigmoid.prime(a), lambda: np.exp(-A) / (1 + np.exp(-A)) ** 2),
    "unknown f": (f(a), lambda: np.sin(A)),
    "unknown f''": (f.prime.prime(a), lambda: -np.sin(A)),
    "add": (a + b, lambda: A + B),
    "add a scalar": (c + a, lambda: C + A),
    "subtract": (a - b, lambda: A - B),
    "subtract from a scalar": (1 - v, lambda: 1 - V),
    "matmul": (a @ b.T, lambda: A @ B.T),
    "inner": (r @ v, lambda: [[float((R[0] * V[:, 0]).sum())]]),
    "outer": (v @ r, lambda: V * R),
    "scale": (c * a, lambda: C * A),
    "hadamard": (a * b, lambda: A * B),
    "divide": (a / b, lambda: A / B),
    "divide a scalar": (c / a, lambda: C / A),
    "divide by a scalar": (a / c, lambda: A / C),
    "kron": (mc.kron(a, s), lambda: np.kron(A, S)),
    "power": (a**3, lambda: A**3),
    "negative power": (a**-2, lambda: 1 / A**2),
    "pseudo-inverse, wide": (pinv(a), lambda: A.T @ np.linalg.inv(A @ A.T)),
    "pseudo-inverse, tall": (pinv(a.T), lambda: np.linalg.inv(A @ A.T) @ A),
    "pseudo-inverse of a column": (pinv(v), lambda: V.T / (V**2).sum()),
    "matrix power": (matrix_power(s, 3), lambda: S @ S @ S),
    "matrix power, negative": (matrix_power(s, -2), lambda: np.linalg.inv(S @ S)),
    "matrix power, a scalar": (matrix_power(s, p - 1), lambda: S @ S @ S),
    "matrix exponential": (matrix_function("exp")(s / 5), lambda: series(S / 5, lambda k: 1 / factorial(k))),
    "matrix exponential'": (matrix_function("exp").prime(s / 5), lambda: series(S / 5, lambda k: 1 / factorial(k))),
    "matrix sine": (matrix_function("sin")(s / 5), lambda: series(S / 5, lambda k: k % 2 * (-1) ** (k // 2) / factorial(k))),
    "matrix cosine": (matrix_function("cos")(s / 5), lambda: series(S / 5, lambda k: (1 - k % 2) * (-1) ** (k // 2) / factorial(k))),
    "matrix sine''": (matrix_function("sin").prime.prime(s), lambda: -evaluate(matrix_function("sin")(s), DATA)),
    "unknown matrix function": (matrix_function("g")(s), lambda: S @ S + 3 * S),
    "unknown matrix function'": (matrix_function("g").prime(s), lambda: 2 * S + 3 * np.eye(5)),
    "entry": (entry(a, 2, 3), lambda: [[A[1, 2]]]),
    "entry of a column": (entry(v, 3), lambda: [[V[2, 0]]]),
    "entry of a row": (entry(r, 2), lambda: [[R[0, 1]]]),
    "entry at a size": (entry(v, n), lambda: [[V[2, 0]]]),
    "sum over an index": (indexed_sum(j, entry(v, j) ** 2), lambda: [[(V**2).sum()]]),
    "sum of matrices": (indexed_sum(j, entry(v, j) * a * entry(r, j)), lambda: (R @ V)[0, 0] * A),
    "sum in a sum": (
        indexed_sum(h, indexed_sum(j, entry(a, h, j) * entry(v, j)) * indexed_sum(j, entry(b, h, j))),
        lambda: [B.sum(axis=1) @ A @ V],
    ),
    "sum with bounds": (indexed_sum(h, matrix_power(s, h) * p, 0, p - 2), lambda: 4 * (np.eye(5) + S + S @ S)),
    "sum up to an index": (indexed_sum(j, indexed_sum(index("d"), entry(v, index("d")), 1, j)), lambda: 3 * V[:1] + 2 * V[1:2] + V[2:]),
    "empty sum": (indexed_sum(j, entry(v, j), 1, 0), lambda: [[0.0]]),
    "empty sum of columns": (indexed_sum(h, h * v, 3, 2), lambda: 0 * V),
    "index as a number": (indexed_sum(j, j * entry(v, j)), lambda: [[1.0, 2.0, 3.0]] @ V),
    "sum of a let": (indexed_sum(j, mc.let("t", entry(v, j) * entry(r, j)) ** 2), lambda: [[((V[:, 0] * R[0]) ** 2).sum()]]),
    "sum of a let that has its own sum": (
        indexed_sum(j, entry(v, j) * mc.let("t", indexed_sum(j, entry(r, j)))),
        lambda: V.sum() * R.sum(),
    ),
    "free index": (entry(v, q) * q, lambda: [[2 * V[1, 0]]]),
    "rational power": ((a**2 + 1) ** Fraction(1, 2), lambda: np.sqrt(A**2 + 1)),
}  # fmt: skip


FUNCTIONS = {"f": (np.sin, np.cos, lambda t: -np.sin(t)), "g": (lambda t: t @ t + 3 * t, lambda t: 2 * t + 3 * np.eye(len(t)))}


def test_the_table_is_complete_and_refuses_a_second_row() -> None:
    assert set(VALUES) == set(get_args(Node))
    with pytest.raises(ValueError, match="Derivative has a row already"):
        add_row(Derivative, VALUES[Derivative])


@pytest.mark.parametrize("name", CASES)
def test_values(name: str) -> None:
    expr, wanted = CASES[name]
    found = evaluate(expr, DATA, sizes={"m": 2, "n": 3}, functions=FUNCTIONS)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, np.array(wanted()), rtol=1e-13, atol=1e-14)


def test_the_method_of_expressions() -> None:
    np.testing.assert_array_equal((a @ v).evaluate({"A": A, "v": V[:, 0]}), A @ V)
    np.testing.assert_array_equal(mc.ones("n").evaluate(sizes={"n": 2}), [[1.0], [1.0]])


def test_the_result_is_the_callers_own() -> None:
    given = np.ones((3, 1))
    found = evaluate(v, {"v": given})
    found[0, 0] = 7.0
    assert given[0, 0] == 1.0


def test_logdet_of_a_negative_determinant_is_nan() -> None:
    assert np.isnan(evaluate(mc.logdet(s), {"S": [[0.0, 1.0], [1.0, 0.0]]}))
    assert np.isnan(value(mc.logdet(s), Data({"S": np.array([[0, 1], [1, 1e-30j]])}, {"k": 2})))


def test_a_singular_matrix_has_no_inverse() -> None:
    with pytest.raises(EvaluationError, match=r"needs the inverse of a singular matrix of shape \(2, 2\)"):
        evaluate(mc.let("z", mc.inv(s)).definition, {"S": np.zeros((2, 2))})  # type: ignore[attr-defined]


def test_deep_and_shared_expressions() -> None:
    deep: Expr = v
    for _ in range(5000):
        deep = -deep
    np.testing.assert_array_equal(evaluate(deep, {"v": V}), V)
    shared: Expr = v
    for _ in range(200):
        shared = (shared + shared) / 2
    np.testing.assert_allclose(evaluate(shared, {"v": V}), V)


def test_complex_data_give_complex_values() -> None:
    found = value(mc.sum(v * v), Data({"v": np.array([[1.0], [1j]])}, {"n": 2}))
    assert found == 0.0
    assert np.iscomplexobj(found)


def test_a_given_let_is_not_computed() -> None:
    z = mc.let("z", a @ v)
    data = bind([z], DATA)
    given = np.array([[5.0], [6.0]])
    assert values_of([mc.sum(z), a @ v], data, {z: given})[mc.sum(z)] == 11.0


def test_nothing_is_spread_but_a_scalar() -> None:
    p, q = Symbol("p", (2,)), Symbol("q", (1, 3))
    data = Data({"p": np.ones((2, 1)), "q": np.ones((1, 3))})
    for node in (Hadamard(p, q, (2, 3)), Add(p, q, (2, 3))):
        with pytest.raises(EvaluationError, match=r"needs arrays of one shape, \(2, 1\) and \(1, 3\) differ"):
            value(mc.let("w", node).definition, data)  # type: ignore[attr-defined]


def test_a_missing_value_and_a_missing_order() -> None:
    with pytest.raises(EvaluationError, match=r"There is no value for v \(n,\)\."):
        value(v, Data())
    with pytest.raises(EvaluationError, match=r"of f of order 1 is needed, so 2 callables, not 1: functions=\{\"f\": \(f, f1\)\} with f1"):
        evaluate(f.prime(v), DATA, functions={"f": np.sin})
    with pytest.raises(EvaluationError, match="z is complex here: a function that was given returns complex numbers"):
        evaluate(mc.let("z", f(v)), DATA, functions={"f": lambda t: t * 1j})
    with pytest.raises(EvaluationError, match=r"f acts on each entry: of shape \(3, 1\) it gave shape \(1, 1\)"):
        evaluate(f(v), DATA, functions={"f": lambda t: t.sum(keepdims=True)})


# ---- unknown maps ----------------------------------------------------------------------------------------------------

u = mc.function("u", of=(v, a), shape=("p",))
M = rng.normal(size=(7, 3))
U_ORDERS = (
    lambda x, w: M @ x * w.sum(),
    lambda x, w: (M * w.sum(), (M @ x)[:, 0, None, None] * np.ones((1, 2, 3))),
    lambda x, w: ((np.zeros((7, 3, 3)), 1), (1, np.zeros((7, 2, 3, 2, 3)))),
)


def derivative(expr: Expr, wrt: tuple[int, ...], layout: str, shape: Shape = ()) -> MapDerivative:
    return MapDerivative(expr.function, expr.operands, wrt, layout, shape)  # type: ignore[attr-defined]


def test_a_map_of_two_arguments_tells_its_size() -> None:
    assert isinstance(u, Expr)
    functions = {"u": U_ORDERS}
    np.testing.assert_allclose(evaluate(u, DATA, functions=functions), M @ V * A.sum())
    np.testing.assert_allclose(evaluate(mc.ones("p").T @ u, DATA, functions=functions), [[(M @ V * A.sum()).sum()]])
    np.testing.assert_allclose(evaluate(derivative(u, (0,), "numerator"), DATA, functions=functions), M * A.sum())
    np.testing.assert_allclose(evaluate(derivative(u, (0,), "denominator"), DATA, functions=functions), M.T * A.sum())
    with pytest.raises(EvaluationError, match=r"3 free indices, shape \(7, 2, 3\), has no matrix layout"):
        evaluate(derivative(u, (1,), "numerator"), DATA, functions=functions)


def test_the_layouts_of_a_scalar_map() -> None:
    g = mc.function("g", of=(a, v, c, r), shape=())
    slopes = (2 * A, 3 * V[:, 0], np.array(4.0), 5 * R[0])
    mixed = np.arange(9.0).reshape(3, 3)
    second = tuple(tuple(mixed if (i, j) == (1, 3) else 0 for j in range(4)) for i in range(4))
    functions = {"g": (lambda *_: 1.0, lambda *_: slopes, lambda *_: second)}
    for wrt, numerator in {(0,): 2 * A.T, (1,): 3 * V.T, (2,): [[4.0]], (3,): 5 * R, (): [[1.0]]}.items():
        found = evaluate(derivative(g, wrt, "numerator"), DATA, functions=functions)
        np.testing.assert_array_equal(found, np.array(numerator))
        found = evaluate(derivative(g, wrt, "denominator"), DATA, functions=functions)
        np.testing.assert_array_equal(found, np.array(numerator).T)
    for layout in ("numerator", "denominator"):
        np.testing.assert_array_equal(evaluate(derivative(g, (1, 3), layout), DATA, functions=functions), mixed)
    with pytest.raises(LayoutError, match="'mixed' is no layout"):
        evaluate(derivative(g, (0,), "mixed"), DATA, functions=functions)


def test_faults_of_maps_are_named() -> None:
    assert isinstance(u, Expr)
    with pytest.raises(EvaluationError, match=r"u is declared \(p,\) with p = 5, its value has shape \(7, 1\)"):
        evaluate(u, DATA, sizes={"p": 5}, functions={"u": U_ORDERS})
    wrong = (U_ORDERS[0], lambda x, w: (M.T, M), U_ORDERS[2])
    message = r"The derivative of u of order 1 by argument 1 is a raw array with axes .*, here \(7, 3\); .* has shape \(3, 7\)"
    with pytest.raises(EvaluationError, match=message):
        evaluate(derivative(u, (0,), "numerator"), DATA, functions={"u": wrong})
    with pytest.raises(EvaluationError, match="u has 2 arguments: its derivative of order 1 is a tuple of as many at each level"):
        evaluate(derivative(u, (0,), "numerator"), DATA, functions={"u": (U_ORDERS[0], lambda x, w: M)})
    with pytest.raises(EvaluationError, match="The derivative of u of order 1 is needed"):
        evaluate(derivative(u, (0,), "numerator"), DATA, functions={"u": U_ORDERS[0]})
    with pytest.raises(EvaluationError, match="u gave no array of numbers: 'text'"):
        evaluate(u, DATA, functions={"u": lambda x, w: "text"})


# ---- derivatives that are written ------------------------------------------------------------------------------------

t = mc.scalar("t")
WRITTEN: dict[str, tuple[Expr, Expr, Callable[[], Any]]] = {
    "scalar by matrix": (mc.sum(a * a), a, lambda: 2 * A.T),
    "scalar by column": (v.T @ v, v, lambda: 2 * V.T),
    "scalar by row": (r @ r.T, r, lambda: 2 * R),
    "scalar by scalar": (c**2, c, lambda: [[2 * C]]),
    "column by column": (a @ v, v, lambda: A),
    "row by column": ((a @ v).T, v, lambda: A),
    "column by row": (a @ r.T, r, lambda: A),
    "column by scalar": (c * v, c, lambda: V),
    "row by scalar": (c * r, c, lambda: R),
    "matrix by scalar": (c * a, c, lambda: A),
    "by what does not occur": (a @ v, t, lambda: np.zeros((2, 1))),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_written_derivative_has_the_layout_of_its_node(name: str) -> None:
    of, by, wanted = WRITTEN[name]
    quantity = mc.let("Q", of)
    for layout, turned in (("numerator", False), ("denominator", True)):
        found = evaluate(Derivative(quantity, by, layout, False, ()), {**DATA, "t": 1.0})
        array = np.array(wanted())
        np.testing.assert_allclose(found, array.T if turned else array, rtol=1e-13, atol=1e-14)


def test_a_written_derivative_by_a_let_cuts_there() -> None:
    z = mc.let("z", a @ v)
    cost = mc.let("C", mc.sum(z * z))
    np.testing.assert_allclose(evaluate(Derivative(cost, z, "denominator", False, z.shape), DATA), 2 * A @ V)
    product = evaluate(Derivative(cost, z, "numerator", False, ()), DATA) @ evaluate(
        Derivative(z, v, "numerator", False, ()), DATA
    )
    np.testing.assert_allclose(product, evaluate(Derivative(cost, v, "numerator", False, ()), DATA))


def test_a_direct_derivative_holds_the_other_named_quantities() -> None:
    z = mc.let("z", a @ v)
    y = mc.let("y", mc.let("s", mc.sum(v)) * z + a @ (v * v))
    direct = evaluate(Derivative(y, v, "numerator", True, ()), DATA)
    np.testing.assert_allclose(direct, 2 * A * V.T)
    np.testing.assert_allclose(evaluate(Derivative(y, z, "numerator", True, ()), DATA), V.sum() * np.eye(2))
    through = evaluate(Derivative(y, v, "numerator", False, ()), DATA)
    np.testing.assert_allclose(through, direct + V.sum() * A + A @ V @ np.ones((1, 3)))
