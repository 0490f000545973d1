"""Generated code: as a function and as text it gives what evaluating gives, forms nothing that it need not, and says what it lacks."""

from __future__ import annotations

import ast
from typing import Any, get_args

import numpy as np
import pytest

import matcalc as mc
from matcalc.code.elementwise import KNOWN_CODES
from matcalc.code.helpers import HELPERS
from matcalc.code.identifiers import identifier
from matcalc.code.node_rules import RULES
from matcalc.code.program import Program
from matcalc.errors import EvaluationError, MatcalcError, NoMatrixFormError, UnsupportedError
from matcalc.language.elementwise import KNOWN_FUNCTIONS, known_function
from matcalc.language.expressions import Derivative, Expr, Node
from matcalc.language.traversal import postorder
from matcalc.numeric.data import Data
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from tests.code_runs import as_matrix, check, check_each, function_of, given
from tests.oracle import close
from tests.random_expressions import Generator, variables
from tests.test_published_cases import CASES, LAYOUTS, Draw, NotCovered, expression

BATCHES, PER_BATCH = 8, 25
f = mc.function("f")
A, B, D = mc.matrix("A", "m", "n"), mc.matrix("B", "n", "p"), mc.matrix("D", "p", "q")
S, T = mc.matrix("S", "n", "n"), mc.matrix("T", "n", "n")
v, w, x, y, c = mc.vector("v", "n"), mc.vector("w", "m"), mc.vector("x", "n"), mc.vector("y", "m"), mc.scalar("c")
u = mc.vector("u", "n")


def data_of(*roots: Expr, seed: int = 0) -> Data:
    return draw(roots, np.random.default_rng(seed))


def checked(expr: Expr, seed: int = 0, **options: Any) -> Program:
    """The program of an expression, after it was run in both ways at random data."""
    program = mc.to_numpy(expr, **options)
    data = data_of(expr, seed=seed)
    check(program, data, value(expr, data))
    return program


def body(program: Program) -> list[str]:
    """The lines of the function behind its docstring, without the reading of sizes."""
    lines = program.source.split('"""')[-1].strip().splitlines()
    return [line.strip() for line in lines if "namespace(" not in line and ".shape[" not in line]


# ---- the same values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_expressions(batch: int) -> None:
    ran = 0
    for seed in range(batch * PER_BATCH, (batch + 1) * PER_BATCH):
        expr = Generator(seed).expression()
        try:
            data = data_of(expr, seed=seed)
        except (EvaluationError, ZeroDivisionError):
            continue
        program = mc.to_numpy(expr, sizes=data.sizes if seed % 2 else None)
        check(program, data, value(expr, data))
        ran += 1
    assert ran > PER_BATCH * 0.8


@pytest.mark.parametrize("layout", LAYOUTS)
def test_random_derivatives(layout: str) -> None:
    ran = 0
    for seed in range(1000, 1120):
        expr = Generator(seed).expression(depth=3)
        names = variables(expr)
        if not names:
            continue
        try:
            derivation = mc.derive(expr, names[seed % len(names)], layout=layout)
            result = derivation.result
            data = data_of(result, seed=seed)
        except NoMatrixFormError:
            check_tensor(derivation, seed)
            continue
        except (UnsupportedError, EvaluationError, ZeroDivisionError):
            continue
        check(mc.to_numpy(result), data, value(result, data))
        ran += 1
    assert ran > 30


def check_tensor(derivation: mc.Derivation, seed: int) -> None:
    try:
        data = data_of(derivation.of, derivation.wrt, seed=seed)
        wanted = derivation.tensor.evaluate(data.values, sizes=data.sizes, functions=data.functions)
        program = derivation.to_numpy()
    except (EvaluationError, UnsupportedError, ZeroDivisionError):
        return
    check(program, data, wanted)


@pytest.mark.parametrize("name", CASES)
def test_published_cases(name: str) -> None:
    case = CASES[name]
    try:
        expr = expression(case)
        data = Draw(case, np.random.default_rng(len(name))).data
    except NotCovered as reason:
        pytest.skip(str(reason))
    check(mc.to_numpy(expr), data, value(expr, data))
    for layout in LAYOUTS:
        try:
            result = mc.derive(expr, case["wrt"], layout=layout).result
        except (MatcalcError, ValueError):
            continue
        if any(isinstance(node, Derivative) for node in postorder([result])):  # of an unknown map: there is nothing to call
            with pytest.raises(UnsupportedError, match="is a derivative that is not carried out"):
                mc.to_numpy(result)
            continue
        check(mc.to_numpy(result), data, value(result, data), 1e-7)


def test_arrays_with_three_and_four_axes() -> None:
    Z = mc.let("Z", f(A @ B))
    soft = mc.softmax(A, axis="rows")
    found = ((A @ x, A, "(m, m, n)"), (Z, A, "(m, p, m, n)"), (mc.inv(S), S, "(n, n, n, n)"), (soft, A, "(m, n, m, n)"))
    for of, by, shape in found:
        derivation = mc.derive(of, by, layout="numerator")
        data = data_of(of, seed=3)
        wanted = derivation.tensor.evaluate(data.values, sizes=data.sizes, functions=data.functions)
        check(derivation.to_numpy(), data, wanted)
        check(derivation.tensor.to_numpy(), data, wanted)
        assert f"Returns an array of shape {shape}." in derivation.numpy_source


def test_second_derivatives() -> None:
    second = mc.second_derivative(mc.sum(f(A @ x)), A)
    data = data_of(second.of, seed=5)
    wanted = second.tensor.evaluate(data.values, sizes=data.sizes, functions=data.functions)
    check(second.tensor.to_numpy(), data, wanted)
    check(second.to_numpy(), data, value(second.result, data))
    assert second.numpy_source.startswith("import sys\n")


def test_a_deep_network() -> None:
    net = mc.Network(widths=(3, *[2] * 149, 4))
    program = mc.to_numpy(mc.gradients(net.cost, [net.W[1]], layout="numerator"))
    data = data_of(net.cost, seed=1)
    check_each(program, data, {"W^(1)": value(mc.derive(net.cost, net.W[1], layout="numerator").result, data)})


def test_stacked_derivatives_and_maps() -> None:
    u = mc.function("u", of=(x, A), shape=("m",))
    assert isinstance(u, Expr)
    for layout in LAYOUTS:
        for expr in (mc.derive(u.T @ w, x, layout=layout).result, mc.derive(A @ B, A, layout=layout).vec_form):
            checked(expr)
    data = data_of(u)
    derivation = mc.derive(u, A, layout="numerator")
    check(derivation.to_numpy(), data, derivation.tensor.evaluate(data.values, sizes=data.sizes, functions=data.functions))


def test_written_sums_are_loops() -> None:
    i = mc.index("i", "n")
    checked(mc.indexed_sum(i, mc.entry(x, i) ** 2 * mc.entry(v, i)))
    program = checked(mc.indexed_sum(i, mc.entry(x, i) * A) @ v)
    assert "loop" in program.operations
    checked(mc.entry(A, 2, 1) * x)


# ---- several results -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [None, "rows", "columns"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_gradients_of_a_network_at_once(batch: str | None, layout: str) -> None:
    net = mc.Network(widths=(5, 3, 2), batch=batch)
    found = mc.gradients(net.cost, net.parameters.values(), layout=layout)
    data = data_of(*found.values())
    program = mc.to_numpy(found)
    check_each(program, data, {name: value(expr, data) for name, expr in found.items()})
    names = [statement.name for statement in program.statements]
    letters = ("z", "a") if batch is None else ("Z", "A")
    assert [name for name in names if name[:2] in ("z_", "Z_", "a_", "A_")] == [f"{c}_{k}" for k in (1, 2) for c in letters]
    assert program.operations.count("sigmoid") == 2
    assert "diagonal_matrix" not in program.operations
    assert "ones" not in program.operations


def test_the_text_of_backpropagation() -> None:
    net = mc.Network(widths=(5, 3, 2), batch="rows")
    program = mc.to_numpy(mc.gradients(net.cost, net.parameters.values(), layout="denominator"), name="gradients")
    assert repr(program) == "gradients(X, W_1, b_1, W_2, b_2, Y)"
    assert body(program) == [
        "Z_1 = X @ W_1.T + b_1.T",
        "A_1 = sigmoid(xp, Z_1)",
        "Z_2 = A_1 @ W_2.T + b_2.T",
        "A_2 = sigmoid(xp, Z_2)",
        "dC_dZ_2 = 1.0 / (n_2 * N) * (A_2 - Y) * A_2 * (1.0 - A_2)",
        "dC_dZ_1 = A_1 * (1.0 - A_1) * (dC_dZ_2 @ W_2)",
        "return {",
        "'W^(1)': dC_dZ_1.T @ X,",
        "'b^(1)': xp.sum(dC_dZ_1, axis=0, keepdims=True).T,",
        "'W^(2)': dC_dZ_2.T @ A_1,",
        "'b^(2)': xp.sum(dC_dZ_2, axis=0, keepdims=True).T,",
        "}",
    ]


# ---- what is not formed ----------------------------------------------------------------------------------------------

LINES: list[tuple[str, Expr, str]] = [
    ("rows scaled", mc.diag(w) @ A, "return w * A"),
    ("columns scaled", A @ mc.diag(v), "return v.T * A"),
    ("diagonal times vector", mc.diag(v) @ x, "return v * x"),
    ("identity", mc.identity("m") @ A @ x, "return A @ x"),
    ("ones on the left", mc.ones(1, "m") @ A, "return xp.sum(A, axis=0, keepdims=True)"),
    ("ones on the right", A @ mc.ones("n"), "return xp.sum(A, axis=1, keepdims=True)"),
    ("ones on both sides", mc.ones("m").T @ A @ mc.ones("n"), "return xp.sum(A)"),
    ("a column repeated", A + w @ mc.ones("n").T, "return A + w"),
    ("sum of a product", mc.sum(A @ B), "return xp.sum(xp.sum(A, axis=0, keepdims=True) @ B)"),
    ("trace of a product", mc.trace(S @ T), "return xp.sum(S * T.T)"),
    ("trace of an outer product", mc.trace(S @ x @ v.T), "return (v.T @ (S @ x))[0, 0]"),
    ("trace with a diagonal", mc.trace(mc.diag(v) @ S), "return xp.sum(v * xp.reshape(xp.linalg.diagonal(S), (-1, 1)))"),
    ("diagonal of a product", mc.diag(S @ T), "return xp.sum(S * T.T, axis=1, keepdims=True)"),
    ("solution", mc.inv(S) @ x, "return xp.linalg.solve(S, x)"),
    ("solution from the left", x.T @ mc.inv(S), "return xp.linalg.solve(S.T, x).T"),
    ("vectors first", x.T @ S @ T @ v, "return (x.T @ S @ T @ v)[0, 0]"),
    ("scalar at the vector", c * x @ y.T, "return outer(xp, c * x, y.T)"),
    ("Kronecker product", mc.kron(A, B) @ mc.vec(mc.matrix("X", "p", "n")), "return xp.reshape(A @ X.T @ B.T, (-1, 1))"),
    ("commutation", mc.commutation("m", "n") @ mc.vec(A), "return commuted(xp, m, n, xp.reshape(A.T, (-1, 1)))"),
    ("square of a norm", mc.norm(A) ** 2, "return xp.sum(A**2)"),
    ("log-determinant", mc.logdet(S), "return logdet(xp, S)"),
    ("log of a determinant", mc.log(mc.det(S)), "return logdet(xp, S)"),
    ("outer products times a vector", (v @ x.T + x @ v.T) @ u, "return (x.T @ u)[0, 0] * v + (v.T @ u)[0, 0] * x"),
    ("their transpose", (v @ x.T + 2 * x @ v.T).T @ u, "return (v.T @ u)[0, 0] * x + (2.0 * (x.T @ u)[0, 0]) * v"),
    ("a row times them", u.T @ (v @ x.T + x @ v.T), "return (u.T @ v)[0, 0] * x.T + (u.T @ x)[0, 0] * v.T"),
    ("outer products times a matrix", (v @ x.T + x @ v.T) @ B, "return outer(xp, v, x.T @ B) + outer(xp, x, v.T @ B)"),
    ("a product and an outer one", (S @ T + v @ x.T) @ u, "return S @ (T @ u) + (x.T @ u)[0, 0] * v"),
    ("sums cheaper together", (S + S.T) @ u, "return (S + S.T) @ u"),
]


@pytest.mark.parametrize(("expr", "line"), [pytest.param(expr, line, id=name) for name, expr, line in LINES])
def test_no_matrix_is_formed_that_need_not_be(expr: Expr, line: str) -> None:
    program = mc.to_numpy(expr)
    assert body(program) == [line]
    if "det" not in line:
        checked(expr)


def test_a_weighted_gram_matrix_is_one_of_a_scaled_matrix_where_no_weight_is_negative() -> None:
    weights = mc.sigmoid(w)
    assert body(checked(A.T @ mc.diag(weights) @ A)) == ["t1 = xp.sqrt(sigmoid(xp, w)) * A", "return t1.T @ t1"]
    assert body(checked(A.T @ mc.diag(w) @ A)) == ["return (w.T * A.T) @ A"]


def test_a_product_and_its_transpose_are_computed_once() -> None:
    p = mc.softmax(A @ x)
    program = checked(A.T @ (mc.diag(p) - p @ p.T) @ A)
    first = ["t1 = softmax_of_all(xp, A @ x)", "t2 = xp.sqrt(t1) * A", "t3 = A.T @ t1"]
    assert body(program) == [*first, "return t2.T @ t2 - outer(xp, t3, t3.T)"]
    assert body(checked(A.T @ A + 2 * x @ x.T)) == ["return A.T @ A + outer(xp, 2.0 * x, x.T)"]


def test_a_scalar_on_the_diagonal() -> None:
    jax = pytest.importorskip("jax")
    program = checked(A @ A.T + c * mc.identity("m"))
    given_values = (np.arange(6.0).reshape(2, 3), 7.0)
    wanted = np.array([[12.0, 14.0], [14.0, 57.0]])
    close(program(*given_values), wanted)
    close(np.asarray(function_of(program.source)(jax.numpy.asarray(given_values[0]), 7.0)), wanted)


def test_a_diagonal_is_added_in_place_whatever_the_order_of_the_entries_in_memory() -> None:
    program = checked(2 * S.T + mc.diag(v))
    close(program(np.arange(9.0).reshape(3, 3), np.array([[1.0], [2.0], [5.0]])), np.array([[1.0, 6, 12], [2, 10, 14], [4, 10, 21]]))


def test_values_that_fit_do_not_hide_others_that_do_not() -> None:
    program = mc.to_numpy(A @ x + w * c)
    fitting = (np.ones((3, 2)), np.ones((2, 1)), np.ones((3, 1)), 2.0)
    for _ in range(2):
        assert program(*fitting).tolist() == [[4.0]] * 3
        with pytest.raises(EvaluationError, match=r"x is an array of shape \(n, 1\); what was given has shape \(5, 1\), and n is 2 by A"):
            program(fitting[0], np.ones((5, 1)), *fitting[2:])
        with pytest.raises(EvaluationError, match="c is missing: a number or an array without axes"):
            program(*fitting[:3])
        with pytest.raises(EvaluationError, match="x is no array but a list"):
            program(fitting[0], [[1.0], [1.0]], *fitting[2:])


def test_a_sum_of_weighted_gram_matrices_is_one_product() -> None:
    p = mc.sigmoid(A @ x)
    cost = -mc.sum(y * mc.log(p) + (1 - y) * mc.log(1 - p))
    program = checked(mc.hessian(cost, x))
    assert body(program) == ["t1 = sigmoid(xp, A @ x)", "t2 = xp.sqrt(t1 * (1.0 - t1)) * A", "return t2.T @ t2"]


def test_a_diagonal_in_a_product_is_not_filled_up() -> None:
    program = checked(mc.hessian(mc.logsumexp(A @ x), x))
    assert "diagonal_matrix" not in program.operations
    assert "plus_diagonal" not in program.operations


def test_a_diagonal_is_added_to_new_arrays_only() -> None:
    data = data_of(S + mc.diag(v))
    before = data.values["S"].copy()
    program = checked(S + mc.diag(v))
    program(**given(program, data))
    assert (data.values["S"] == before).all()
    outer = mc.let("P", x @ x.T)
    close(as_matrix(value(outer, data_of(outer))), value(x @ x.T, data_of(outer)))
    shared = mc.trace(outer @ S) * (mc.diag(v) - outer)
    checked(shared + outer)


# ---- brackets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "line"),
    [
        ({"m": 2, "n": 3, "p": 5, "q": 7}, "return A @ B @ D"),
        ({"m": 7, "n": 5, "p": 3, "q": 2}, "return A @ (B @ D)"),
        (None, "return A @ B @ D"),
    ],
)
def test_brackets_by_sizes(sizes: dict[str, int] | None, line: str) -> None:
    assert body(checked(A @ B @ D, sizes=sizes)) == [line]


def test_the_brackets_of_a_jacobian_are_those_that_costs_counts_as_best() -> None:
    net = mc.Network(widths=(11, 7, 2, 5, 13))
    program = mc.derive(net.a[4], net.x, layout="numerator").to_numpy(sizes=net.sizes)
    assert body(program)[-1] == "return t2 @ ((((a_1 * (1.0 - a_1)).T * W_2) @ W_1))".replace("((((", "(((").replace("W_1))", "W_1)")


# ---- numbers that do not overflow ------------------------------------------------------------------------------------

LARGE_ENTRIES = np.array([[1000.0], [-1000.0], [999.0]])


@pytest.mark.parametrize(
    ("expr", "wanted"),
    [
        (mc.logsumexp(x), [[1000.0 + np.log1p(np.exp(-1.0))]]),
        (mc.log(mc.sigmoid(x)), [[0.0], [-1000.0], [0.0]]),
        (mc.log(1 - mc.sigmoid(x)), [[-1000.0], [0.0], [-999.0]]),
        (mc.log(1 + mc.exp(x)), [[1000.0], [0.0], [999.0]]),
        (mc.softplus(x), [[1000.0], [0.0], [999.0]]),
        (mc.exp(x) / (1 + mc.exp(x)), [[1.0], [0.0], [1.0]]),
        (mc.exp(x) / mc.sum(mc.exp(x)), [[1 / (1 + np.exp(-1.0))], [0.0], [1 / (1 + np.exp(1.0))]]),
        (mc.sigmoid(x), [[1.0], [0.0], [1.0]]),
    ],
    ids=str,
)
def test_large_numbers(expr: Expr, wanted: list[list[float]]) -> None:
    with np.errstate(over="ignore"):
        found = mc.to_numpy(expr)(LARGE_ENTRIES)
    close(as_matrix(found), np.array(wanted), 1e-15)


def test_a_determinant_that_is_too_large_for_a_number() -> None:
    assert mc.to_numpy(mc.log(mc.det(S)))(1e4 * np.eye(97)) == pytest.approx(97 * np.log(1e4))


# ---- other arrays ----------------------------------------------------------------------------------------------------


def test_jax_arrays() -> None:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        ran = 0
        for seed in range(60):
            expr = Generator(seed, maps=False).expression(depth=3)
            program = mc.to_numpy(expr)
            if any(argument.kind == "function" for argument in program.arguments):
                continue
            data = data_of(expr, seed=seed)
            for function in (program, function_of(program.source)):
                close(as_matrix(function(**given(program, data, jax.numpy.asarray))), value(expr, data))
            ran += 1
        assert ran > 10


def test_jax_compiles_the_text_and_derives_it() -> None:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        C = mc.let("C", mc.sum(mc.tanh(A @ x) * w) + mc.logsumexp(x) - 2 * x.T @ x)
        data = data_of(C)
        given_values = given(mc.to_numpy(C), data, jax.numpy.asarray)
        gradient = mc.derive(C, x, layout="denominator")
        derived = jax.jit(jax.grad(lambda x: function_of(C.numpy_source)(**{**given_values, "x": x})))(given_values["x"])
        close(np.asarray(derived), value(gradient.result, data))
        second = mc.hessian(C, x).to_numpy()
        own = jax.jit(function_of(second.source))(**given(second, data, jax.numpy.asarray))
        close(np.asarray(own), value(mc.hessian(C, x), data))


# ---- the text --------------------------------------------------------------------------------------------------------

FORBIDDEN = (ast.Global, ast.Nonlocal, ast.Try, ast.With, ast.ClassDef, ast.AsyncFunctionDef, ast.Yield, ast.Await)


def test_texts_are_the_same_each_time_and_plain() -> None:
    for seed in range(40):
        source = mc.numpy_source(Generator(seed).expression())
        assert source == mc.numpy_source(Generator(seed).expression())
        tree = ast.parse(source)
        assert not [node for node in ast.walk(tree) if isinstance(node, FORBIDDEN)]
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}
        assert imported <= {"sys", "numpy"}
        called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        assert not called & {"eval", "exec", "compile", "open", "__import__"}


def test_what_is_needed_twice_is_computed_once() -> None:
    z = A @ x
    program = checked(mc.exp(z) * mc.sin(z) + mc.exp(z) ** 2)
    assert program.operations.count("matmul") == 1
    assert program.operations.count("exp") == 1


def test_names_become_identifiers_that_do_not_clash() -> None:
    z, z_1 = mc.let("z^(1)", A @ x), mc.let("z_1", mc.exp(A @ x))
    named = mc.let("lambda", mc.sum(z * z_1)) + mc.scalar("xp") + mc.let("t1", mc.exp(c) * c) * mc.norm(mc.vector("n", "n"))
    program = checked(named)
    assert repr(program) == "value(A, x, xp_, c, n)"
    assert [statement.name for statement in program.statements] == ["z_1", "z_1_2", "lambda_", "t1"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("W^(1)", "W_1"), ("dC/dz^(l+1)", "dC_dz_l_plus_1"), ("theta_k", "theta_k"), ("f'", "f_prime"), ("import", "import_"), ("γ", "γ")],
)
def test_identifiers(name: str, wanted: str) -> None:
    assert identifier(name) == wanted


def test_arguments_are_told_with_their_shapes() -> None:
    u = mc.function("u", of=x, shape=("k",))
    assert isinstance(u, Expr)
    source = mc.numpy_source(mc.norm(u) * f.prime(c) * (mc.ones("q") @ x.T))
    for line in (
        "    x: an array of shape (n, 1)",
        "    c: a number or an array without axes",
        "    q: a size, an int",
        "    u: a function of (n, 1) that gives (k, 1)",
        "    df: the derivative of order 1 of a function applied to each entry",
        "    Returns an array of shape (q, n).",
    ):
        assert line in source


# ---- what does not fit -----------------------------------------------------------------------------------------------


def test_every_fault_of_a_call_is_told() -> None:
    program = mc.to_numpy(A @ x + w * c + mc.ones("m") * f(c))
    with pytest.raises(EvaluationError, match=r"w is missing: an array of shape \(m, 1\)\.") as caught:
        program(np.ones((3, 2)), np.ones((5, 1)), c=np.ones((1, 1)), ff=1, f=3)
    assert caught.value.faults == (
        "value takes no ff. Did you mean f?",
        "x is an array of shape (n, 1); what was given has shape (5, 1), and n is 2 by A.",
        "w is missing: an array of shape (m, 1).",
        "c is a scalar, an array of shape (1, 1) was given: take its entry [0, 0].",
        "f is a function applied to each entry; 3 cannot be called.",
    )
    with pytest.raises(EvaluationError, match=r"x is an array of shape \(n, 1\); what was given has shape \(3,\)\. A column is an"):
        mc.to_numpy(mc.sum(x))(np.ones(3))
    with pytest.raises(EvaluationError, match=r"value takes 1 arrays and scalars, 2 were given\."):
        mc.to_numpy(mc.sum(x))(np.ones((3, 1)), 2)
    with pytest.raises(EvaluationError, match=r"x is given twice\."):
        mc.to_numpy(mc.sum(x))(np.ones((3, 1)), x=np.ones((3, 1)))


def test_what_cannot_become_code_is_told() -> None:
    with pytest.raises(MatcalcError, match=r"'A' cannot become code: an expression, a derivation, an index form or a dict"):
        mc.to_numpy("A")
    with pytest.raises(EvaluationError, match=r"sizes is a dict of positive ints by name, like \{\"n\": 3\}; \{'n': 0\} was given"):
        mc.to_numpy(A, sizes={"n": 0})
    fourth = known_function("tanh").prime.prime.prime.prime
    with pytest.raises(UnsupportedError, match="No code is known for the derivative of tanh of order 4; orders up to 3 are known"):
        mc.to_numpy(fourth(x))


# ---- tables ----------------------------------------------------------------------------------------------------------


def test_every_type_of_node_has_a_rule() -> None:
    assert set(RULES) == set(get_args(Node))


def test_every_known_function_has_code_of_four_orders() -> None:
    assert {*KNOWN_CODES, "leaky_relu"} == set(KNOWN_FUNCTIONS)
    assert {len(row) for row in KNOWN_CODES.values()} == {4}
    for name in KNOWN_FUNCTIONS:
        function = known_function(name)
        for _ in range(4):
            expr = function(x)
            data = Data({"x": np.array([[0.3], [1.7], [2.9]])}, {"n": 3})
            check(mc.to_numpy(expr), data, value(expr, data), 1e-13)
            function = function.prime


def test_the_normal_distribution_far_out() -> None:
    cdf = known_function("normal_cdf")(x)
    points = np.array([[-30.0], [-5.0], [0.0], [5.0], [30.0]])
    found = mc.to_numpy(cdf)(points)
    wanted = value(cdf, Data({"x": points}, {"n": 5}))
    assert np.abs(found / wanted - 1).max() < 1e-12


@pytest.mark.parametrize("name", ["exp", "sin", "cos"])
@pytest.mark.parametrize("order", range(4))
def test_functions_of_a_matrix(name: str, order: int) -> None:
    function = mc.matrix_function(name)
    for _ in range(order):
        function = function.prime
    checked(function(S))


def test_every_helper_is_needed_by_some_program() -> None:
    wide = [
        mc.softmax(A, axis="rows"), mc.softmax(A, axis="columns"), mc.softmax(x), mc.logsumexp(x), mc.log(mc.sigmoid(x)),
        mc.kron(A, B), mc.commutation("m", "n") @ mc.vec(A), mc.commutation("m", "n"), mc.diag(x), mc.gelu(x) + mc.gelu.prime(x),
        mc.matrix_function("cos")(S), mc.matrix_function("sin")(S), mc.log(1 + mc.exp(x)), mc.logdet(S), x @ x.T - mc.diag(x),
        known_function("normal_cdf")(x), mc.diagonal_sums(A),
    ]  # fmt: skip
    sources = [mc.numpy_source(expr) for expr in wide]
    sources.append(mc.derive(mc.softmax(A, axis="rows"), A, layout="numerator").numpy_source)
    assert [name for name in HELPERS if not any(f"def {name}(" in source for source in sources)] == []
