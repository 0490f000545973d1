"""A person's own code for a gradient, judged: right code passes, every planted fault is found and named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.derivation import Derivation, derive
from matcalc.errors import EvaluationError, LayoutError, MatcalcError, NoMatrixFormError, ReadError, ShapeError, UnknownNameError
from matcalc.gradient_check.slips import Slip, both, slips
from matcalc.gradient_check.inputs import Names, key_of
from matcalc.gradient_check.judging import drawn
from matcalc.gradient_check.readings import fitted
from matcalc.gradient_check.report import GradientReport, GradientReports
from matcalc.language.elementwise import ElementwiseFunction, MapFunction
from matcalc.language.expressions import Apply, ApplyMap, Expr, Let, Symbol
from matcalc.language.traversal import named, postorder, replaced, with_definition
from matcalc.numeric.arrays import Array
from matcalc.numeric.tape import jacobian
from tests.random_expressions import Generator, variables

D, N = "denominator", "numerator"
VANISHING = 1e-6

# ---- students' codes for W^(1) of a network of two layers ------------------------------------------------------------

NET = mc.Network(widths=(2, 3, 5), activation="tanh", loss="half_mse")


def forward(W1: Array, b1: Array, W2: Array, b2: Array, x: Array) -> tuple[Array, Array, Array, Array]:
    z1 = W1 @ x + b1
    a1 = np.tanh(z1)
    z2 = W2 @ a1 + b2
    return z1, a1, z2, np.tanh(z2)


def right(W1: Array, b1: Array, W2: Array, b2: Array, x: Array, y: Array, n_2: int) -> Array:
    _, a1, _, a2 = forward(W1, b1, W2, b2, x)
    delta2 = (a2 - y) / n_2 * (1 - a2**2)
    return np.asarray((W2.T @ delta2 * (1 - a1**2)) @ x.T)


def code(body: Callable[..., Any]) -> Callable[..., Any]:
    """A code for dC/dW^(1) out of x, y, W2, n, a1, a2, delta2 and what is right."""

    def written(W1: Array, b1: Array, W2: Array, b2: Array, x: Array, y: Array, n_2: int) -> Any:
        z1, a1, z2, a2 = forward(W1, b1, W2, b2, x)
        d2 = (a2 - y) / n_2 * (1 - a2**2)
        good = right(W1, b1, W2, b2, x, y, n_2)
        return body(SimpleNamespace(x=x, y=y, W2=W2, n=n_2, a1=a1, a2=a2, d2=d2, z1=z1, z2=z2, good=good))

    return written


def mutating(W1: Array, b1: Array, W2: Array, b2: Array, x: Array, y: Array, n_2: int) -> Array:
    found = right(W1, b1, W2, b2, x, y, n_2)
    W1 -= found
    return found


# name: code, verdict, kind of diagnosis, words of the message
STUDENTS: dict[str, tuple[Callable[..., Any], str, str | None, str]] = {
    "right": (right, "right", None, "It is right."),
    "lists": (code(lambda h: h.good.tolist()), "right", None, "It is right."),
    "transposed": (code(lambda h: h.good.T), "other-layout", None, "numerator layout; denominator layout was asked for"),
    "missing f' of layer 1": (code(lambda h: h.W2.T @ h.d2 @ h.x.T), "wrong-value", "missing-factor", "1 - (a^(1))^2 is missing"),
    "missing f' of layer 2": (
        code(lambda h: (h.W2.T @ ((h.a2 - h.y) / h.n) * (1 - h.a1**2)) @ h.x.T),
        "wrong-value", "missing-factor", "1 - (a^(2))^2 is missing",
    ),
    "missing 1/n": (code(lambda h: h.n * h.good), "wrong-value", "factor", "the factor 1/n_2 is missing"),
    "the wrong size": (code(lambda h: h.n * h.good / len(h.a1)), "wrong-value", "factor", "It is n_2/n_1 times what is right"),
    "twice": (code(lambda h: 2 * h.good), "wrong-value", "factor", "It is 2 times what is right: the factor 1/2 is missing"),
    "a number": (code(lambda h: h.good / np.log(10)), "wrong-value", "factor", "It is 0.434294 times what is right"),
    "sign": (code(lambda h: -h.good), "wrong-value", "factor", "right but for the sign"),
    "sign and layout": (code(lambda h: -h.good.T), "wrong-value", "factor", "in numerator layout, too"),
    "two faults": (code(lambda h: h.n * h.W2.T @ h.d2 @ h.x.T), "wrong-value", "missing-factor", "And the factor 1/n_2 is missing"),
    "f' of a": (
        code(lambda h: (h.W2.T @ h.d2 * (1 - np.tanh(h.a1) ** 2)) @ h.x.T),
        "wrong-value", "function", "It has 1 - tanh(a^(1))^2 where 1 - (a^(1))^2 is right: that is the derivative of a^(1) = tanh(z^(1))",
    ),
    "z for a": (
        code(lambda h: (h.W2.T @ ((h.a2 - h.y) / h.n * (1 - h.z2**2)) * (1 - h.a1**2)) @ h.x.T),
        "wrong-value", "function", "It has 1 - (z^(2))^2 where 1 - (a^(2))^2 is right",
    ),
    "y is left out": (
        code(lambda h: (h.W2.T @ (h.a2 / h.n * (1 - h.a2**2)) * (1 - h.a1**2)) @ h.x.T), "wrong-value", "term", "y",
    ),
    "last column": (
        code(lambda h: h.good * np.r_[np.ones(len(h.x) - 1), 3.0]), "wrong-value", "place", "Only the last column is wrong",
    ),
    "one entry": (code(lambda h: h.good + first(h.good)), "wrong-value", "place", "Only the first entry is wrong"),
    "zeros": (code(lambda h: 0 * h.good), "wrong-value", "zero", "zero everywhere"),
    "nothing to see": (code(lambda h: np.cos(h.good)), "wrong-value", None, "no simple slip explains them"),
    "integers": (code(lambda h: (1000 * h.good).astype(int)), "wrong-value", None, "wrong"),
    "rough": (code(lambda h: h.good * (1 + 1e-5)), "wrong-value", "precision", "take a larger tolerance"),
    "delta": (code(lambda h: h.W2.T @ h.d2 * (1 - h.a1**2)), "wrong-shape", "missing-factor", "The factor x^T is missing"),
    "W^(2)": (code(lambda h: h.d2 @ h.a1.T), "wrong-shape", "other-derivative", "It is dC/dW^(2), not dC/dW^(1)"),
    "flattened": (code(lambda h: h.good.ravel()), "wrong-shape", "reshaped", "row by row"),
    "stacked": (code(lambda h: h.good.ravel(order="F")), "wrong-shape", "reshaped", "derivative by vec"),
    "summed": (code(lambda h: h.good.sum()), "wrong-shape", None, "It has shape () where (5, 7) is wanted, (n_1, n_0)"),
    "not transposed": (
        code(lambda h: (h.W2 @ h.d2 * (1 - h.a1**2)) @ h.x.T),
        "failed", "transpose", "Where all sizes are equal it runs, and is wrong there: it has W^(2) where W^(2)^T is right",
    ),
    "factor before the matrix": (
        code(lambda h: (h.W2.T @ (h.d2 * (1 - h.a1**2))) @ h.x.T), "failed", "order", "is multiplied before the matrix",
    ),
    "right for equal sizes": (
        code(lambda h: h.good if len(h.x) == len(h.y) == len(h.a1) else h.good @ h.good), "failed", "equal-sizes", "is right",
    ),
    "raises": (code(lambda h: 1 / 0), "failed", None, "The code raised ZeroDivisionError in line"),
    "nothing": (code(lambda h: None), "failed", None, "a return may be missing"),
    "NaN": (code(lambda h: np.where(h.good == h.good[1, 2], np.nan, h.good)), "failed", None, "in 1 of 35 entries, the first at [1, 2]"),
    "complex": (code(lambda h: h.good + 0j), "failed", None, "complex numbers"),
    "objects": (code(lambda h: h.good.astype(object)), "failed", None, "no array of real numbers but of object"),
    "ragged": (code(lambda h: [[1.0], [1.0, 2.0]]), "failed", None, "no array of numbers"),
    "text": (code(lambda h: "0.5"), "failed", None, "'0.5', which is no array of real numbers"),
    "a tuple": (code(lambda h: (h.good, h.d2)), "failed", None, "give wrt as a list"),
    "random": (code(lambda h: h.good * np.random.default_rng().random()), "failed", None, "gives different results"),
    "mutating": (mutating, "right", None, "It is right."),
}  # fmt: skip


def first(like: Array) -> Array:
    found = np.zeros(like.shape)
    found[0, 0] = 1.0
    return found


@pytest.mark.parametrize("name", STUDENTS)
def test_a_students_code(name: str) -> None:
    function, verdict, kind, words = STUDENTS[name]
    report = mc.check_gradient(function, NET.cost, NET.W[1], layout=D)
    assert isinstance(report, GradientReport)
    assert (report.verdict.value, report.diagnosis and report.diagnosis.kind.value) == (verdict, kind), report
    assert words in report.message, report
    assert report.ok == (verdict == "right")
    assert (report.where is None) == (verdict != "wrong-value")
    assert str(report).startswith(f"dC/dW^(1) in denominator layout: {verdict.replace('-', ' ')}")


@pytest.mark.parametrize("name", [name for name, case in STUDENTS.items() if case[1] in ("right", "other-layout")])
def test_the_same_code_in_the_other_layout(name: str) -> None:
    expected = "right" if STUDENTS[name][1] == "other-layout" else "other-layout"
    assert mc.check_gradient(STUDENTS[name][0], NET.cost, "W^(1)", layout=N).verdict.value == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["two faults", "f' of a", "the wrong size", "factor before the matrix", "W^(2)"])
def test_a_diagnosis_does_not_depend_on_the_seed(name: str, seed: int) -> None:
    function, verdict, _, words = STUDENTS[name]
    report = mc.check_gradient(function, NET.cost, NET.W[1], layout=D, seed=seed)
    assert report.verdict.value == verdict
    assert words in report.message


def test_an_exception_is_kept_with_its_traceback_and_line() -> None:
    report = mc.check_gradient(STUDENTS["raises"][0], NET.cost, NET.W[1], layout=D)
    assert isinstance(report.error, ZeroDivisionError)
    assert report.error.__traceback__ is not None
    assert any("The line: " in note for note in report.notes)
    assert report.found_shape is None


def test_changed_inputs_and_integers_are_told() -> None:
    changed = mc.check_gradient(mutating, NET.cost, NET.W[1], layout=D).notes
    assert changed == ("The code changes what it is given: W^(1). Copy first, or use x = x - y in place of x -= y.",)
    integers = mc.check_gradient(STUDENTS["integers"][0], NET.cost, NET.W[1], layout=D).notes
    assert integers == ("It returned integers: an array made of integers cuts off what is written into it.",)


def test_where_names_the_entries() -> None:
    report = mc.check_gradient(STUDENTS["last column"][0], NET.cost, NET.W[1], layout=D)
    where = report.where
    assert where is not None
    assert (where.count, where.total) == (5, 35)
    assert {entry.index for entry in where.entries} == {(i, 6) for i in range(5)}
    assert where.worst.found == pytest.approx(3 * where.worst.wanted)
    assert "5 of 35 entries are wrong" in str(report)


# ---- batches, several variables --------------------------------------------------------------------------------------

BATCH = mc.Network(widths=(2, 3, 5), activation="f", loss="half_mse", batch="rows")


def backpropagation(
    X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array, f: Any, f_prime: Any, N: int, n_2: int
) -> dict[str, Array]:
    Z1 = X @ W1.T + b1.T
    A1 = f(Z1)
    Z2 = A1 @ W2.T + b2.T
    D2 = (f(Z2) - Y) / (N * n_2) * f_prime(Z2)
    D1 = D2 @ W2 * f_prime(Z1)
    return {"dW1": D1.T @ X, "db1": D1.sum(axis=0), "dC_dW2": D2.T @ A1, "b^(2)": D2.sum(axis=0)[:, np.newaxis]}


def test_backpropagation_of_a_batch() -> None:
    report = mc.check_gradient(backpropagation, BATCH.cost, BATCH.parameters.values(), layout=D)
    assert isinstance(report, GradientReports)
    assert report.ok
    assert len(report) == 4
    assert report["W^(1)"].ok
    assert report[BATCH.b[1]].notes == ("It returned shape (11,), which has no layout; denominator layout is (11, 1).",)
    assert str(report).startswith("4 of 4 derivatives right in denominator layout")
    with pytest.raises(UnknownNameError, match=r"no report on 'W1'\. Did you mean W"):
        report["W1"]


def test_a_sum_and_a_mean_over_the_batch() -> None:
    def summed(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array, f: Any, df: Any, N: int, n_2: int) -> list[Array]:
        found = backpropagation(X, Y, W1, b1, W2, b2, f, df, N, n_2)
        return [found["dW1"] * N, found["db1"] / N, found["dC_dW2"], found["b^(2)"].T]

    report = mc.check_gradient(summed, BATCH.cost, list(BATCH.parameters), layout=D)
    assert [r.verdict.value for r in report] == ["wrong-value", "wrong-value", "right", "other-layout"]
    assert [repr(r.factor) for r in report] == ["N", "1/N", "None", "None"]


def test_a_missing_sum_over_the_batch() -> None:
    def unsummed(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array, f: Any, df: Any, N: int, n_2: int) -> Array:
        Z2 = f(X @ W1.T + b1.T) @ W2.T + b2.T
        return np.asarray((f(Z2) - Y) / (N * n_2) * df(Z2))

    report = mc.check_gradient(unsummed, BATCH.cost, "b^(2)", layout=D)
    assert report.diagnosis.kind.value == "missing-sum"
    assert "Summed over its rows (axis=0) it is right" in report.message


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (lambda x, y: x, "A tuple of 2 arrays is wanted, or a dict, for x, y; the code returned an array of shape (3, 1)."),
        (lambda x, y: (x,), "2 arrays are wanted, for x, y; the code returned 1."),
        (lambda x, y: {"x": x}, "has no entry for y; its keys: 'x'."),
        (lambda x, y: {"y": x, "dx": x, "x_": x}, "has more than one entry for x; its keys: 'y', 'dx', 'x_'."),
    ],
)
def test_several_derivatives_that_are_not_there(returned: Callable[..., Any], words: str) -> None:
    report = mc.check_gradient(returned, S, [x, y], layout=D)
    assert not report.ok
    assert any(words in r.message for r in report)


def test_one_exception_is_told_once() -> None:
    report = mc.check_gradient(lambda x, y: 1 / 0, S, [x, y], layout=D)
    assert str(report).count("ZeroDivisionError") == 1


# ---- what is given ---------------------------------------------------------------------------------------------------

x, y, A = mc.vector("x", "n"), mc.vector("y", "n"), mc.matrix("A", "n", "n")
S = mc.let("S", mc.sum((x - y) ** 2))
Q = mc.let("Q", x.T @ A @ x)


def test_what_is_given_is_two_dimensional_or_flat() -> None:
    seen: list[tuple[int, ...]] = []

    def looking(x: Array, A: Array) -> Array:
        seen[:] = [x.shape, A.shape]
        return (A + A.T) @ x

    assert mc.check_gradient(looking, Q, x, layout=D).ok
    assert {len(shape) for shape in seen} == {2}
    assert mc.check_gradient(looking, Q, x, layout=D, vectors="flat").notes == ()
    assert [len(shape) for shape in seen] == [1, 2]
    assert mc.check_gradient(looking, Q, x, layout=N).verdict.value == "other-layout"
    assert mc.check_gradient(looking, Q, x, layout=N, vectors="flat").ok


GIVEN: dict[str, Callable[..., Any]] = {
    "dict": lambda given: 2 * (given["x"] - given["y"]),
    "keywords": lambda **given: 2 * (given["x"] - given["y"]),
    "some by keyword": lambda x, **given: 2 * (x - given["y"]),
    "keyword only": lambda *, y, x: 2 * (x - y),
    "by position": lambda y, x, /: 2 * (x - y),
    "defaults": lambda x, y, scale=2: scale * (x - y),
    "any more": lambda x, y, *more: 2 * (x - y),
    "a size": lambda x, y, n: 2 * (x - y) * n / len(x),
    "a quantity": lambda x, y, S: 2 * (x - y) * S / ((x - y) ** 2).sum(),
}


@pytest.mark.parametrize("name", GIVEN)
def test_parameters_are_matched_by_name(name: str) -> None:
    assert mc.check_gradient(GIVEN[name], S, x, layout=D).ok


def test_names_without_what_no_identifier_holds() -> None:
    assert [key_of(name) for name in ("W^(1)", "W_1", "theta_k", "f'", "dC/dz^(1)")] == ["W1", "W1", "thetak", "fprime", "dCdz1"]
    names = Names({"W^(1)": (), "b_1": (), "theta_k": ()})
    found = [names.find(name) for name in ("W1", "W_1", "b1", "theta_k", "thetak", "w1")]
    assert found == ["W^(1)", "W^(1)", "b_1", "theta_k", "theta_k", None]
    with pytest.raises(UnknownNameError, match=r"'W1' may be W\^\(1\) or W_1"):
        Names({"W^(1)": (), "W_1": ()}).find("W1")


def test_functions_are_given_with_their_derivatives() -> None:
    f = mc.function("f")
    u = mc.function("u", of=x, shape=("m",))
    v = mc.vector("v", "m")
    assert isinstance(u, Expr)
    cost = mc.sum(f(x)) + v.T @ u + mc.sum(mc.sigmoid(x))

    def gradient(x: Array, v: Array, fprime: Any, du: Any, sigmoid: Any) -> Array:
        return np.asarray(fprime(x) + du(x).T @ v + sigmoid(x) * (1 - sigmoid(x)))

    assert mc.check_gradient(gradient, cost, x, layout=D).ok
    assert mc.check_gradient(lambda x, v, df, du, sigmoid_prime: df(x) + du(x).T @ v + sigmoid_prime(x), cost, x, layout=D).ok
    hessian = mc.derive(mc.sum(f(x) * y), x, layout=D).result
    assert mc.check_gradient(lambda x, y, f_prime_prime: np.diag((f_prime_prime(x) * y).ravel()), hessian, x, layout=N).ok


def test_an_unprimed_function_is_named() -> None:
    f = mc.function("f")
    report = mc.check_gradient(lambda x, y, f: f(x) * y, mc.sum(f(x) * y), x, layout=D)
    assert report.diagnosis.kind.value == "function"
    assert "It has f(x) where f'(x) is right" in report.message


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x, w: x, "The parameter 'w' is no quantity, size or function here.\nThere are: x, y, S, n"),
        (lambda v, w: x, "'v' is no .*\n.*'w' is no "),
        (lambda X: X, "'X' is no .* Did you mean x"),
        (lambda x, y, s: x, "'s' is no .* Did you mean S"),
    ],
)
def test_a_parameter_that_is_nothing(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        mc.check_gradient(function, S, x, layout=D)


def test_a_dict_is_told_where_the_code_fails() -> None:
    report = mc.check_gradient(lambda v: 2 * v, S, x, layout=D)
    assert "Its one parameter 'v' is no quantity here, so it was given a dict of all of them" in report.message
    missing = mc.check_gradient(lambda given: given["yy"], S, x, layout=D)
    assert "KeyError" in missing.message
    assert "yy. Did you mean y" in missing.message


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"layout": None}, LayoutError, "A derivative needs a layout"),
        ({"layout": "rows"}, LayoutError, "'rows' is not a layout"),
        ({"vectors": "rows"}, MatcalcError, "vectors='rows': it is 'columns', shape .* or 'flat'"),
        ({"tolerance": 0}, MatcalcError, "tolerance=0: it is a number between 0 and 1"),
        ({"function": 3}, MatcalcError, "3 is not callable"),
        ({"function": dict}, MatcalcError, "The parameters of <class 'dict'> cannot be read"),
        ({"wrt": 3}, MatcalcError, "wrt is a variable, its plain name, or a list of them; 3 was given"),
        ({"wrt": []}, MatcalcError, "wrt is an empty list"),
        ({"wrt": "z"}, UnknownNameError, "Nothing here is named 'z'"),
        ({"sizes": {"q": 3}}, EvaluationError, "sizes gives q, which does not occur"),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], error: type[MatcalcError], message: str) -> None:
    question: dict[str, Any] = {"function": lambda x, y: x, "of": S, "wrt": x, "layout": D, **asked}
    with pytest.raises(error, match=message):
        mc.check_gradient(**question)


# ---- shapes ----------------------------------------------------------------------------------------------------------


def test_a_row_spread_over_a_column() -> None:
    report = mc.check_gradient(lambda x, y: 2 * (x.ravel() - y), S, x, layout=D)
    assert (report.verdict.value, report.diagnosis.kind.value) == ("wrong-shape", "broadcast")
    assert "Only the diagonal of what came out is meant" in report.message
    other = mc.check_gradient(lambda x, y: np.cos(x.ravel() - y), S, x, layout=D)
    assert other.diagnosis.kind.value == "broadcast"


@pytest.mark.parametrize("returned", [float, lambda s: np.full(1, s), lambda s: np.full((1, 1), s)], ids=["number", "(1,)", "(1, 1)"])
@pytest.mark.parametrize("layout", [D, N])
def test_a_scalar_in_any_shape(returned: Callable[[Any], Any], layout: str) -> None:
    c = mc.scalar("c")
    assert mc.check_gradient(lambda c, x: returned(2 * c * (x**2).sum()), c**2 * mc.sum(x**2), c, layout=layout).ok


def test_symmetric_results_are_right_in_both_layouts() -> None:
    for layout in (D, N):
        assert mc.check_gradient(lambda x: x @ x.T, Q, A, layout=layout).ok


W = mc.matrix("W", "m", "n")
z = mc.let("z", W @ x)


@pytest.mark.parametrize(
    ("layout", "function", "verdict", "words"),
    [
        (N, lambda W, x: np.einsum("ij,k->ijk", np.eye(len(W)), x.ravel()), "right", "axes of the output first"),
        (D, lambda W, x: np.einsum("ij,k->jki", np.eye(len(W)), x.ravel()), "right", "axes of the input first"),
        (D, lambda W, x: np.einsum("ij,k->ijk", np.eye(len(W)), x.ravel()), "other-layout", "With its axes exchanged"),
        (N, lambda W, x: np.kron(x.T, np.eye(len(W))), "right", "the derivative by vec"),
        (D, lambda W, x: np.kron(x, np.eye(len(W))), "right", "the derivative by vec"),
        (N, lambda W, x: np.kron(np.eye(len(W)), x.T), "wrong-value", "wrong"),
        (N, lambda W, x: x.T, "wrong-shape", "It has shape (1, 5) where (3, 3, 5) is wanted"),
    ],
)
def test_a_derivative_with_three_axes(layout: str, function: Callable[..., Any], verdict: str, words: str) -> None:
    report = mc.check_gradient(function, z, W, layout=layout)
    assert report.verdict.value == verdict, report
    assert words in report.message


def test_only_small_differences_of_shape_are_overlooked() -> None:
    assert fitted(np.ones(3), np.ones((1, 3))) is not None
    assert fitted(np.ones((3, 1)), np.ones((1, 3))) is None
    assert fitted(np.ones((3, 1)), np.ones((3, 1, 1))) is not None
    assert fitted(np.ones(6), np.ones((2, 3))) is None
    assert fitted(np.ones((1, 1, 1)), np.ones((1, 1))) is None


# ---- terms, factors and sizes ----------------------------------------------------------------------------------------

lam = mc.scalar("lam")
RIDGE = mc.let("R", mc.sum((W @ x) ** 2) + lam * mc.sum(W**2))

TERMS: dict[str, tuple[Expr, Expr, Callable[..., Any], str]] = {
    "half a term": (
        RIDGE, W, lambda W, x, lam: 2 * W @ x @ x.T + lam * W, "The term 2 lam W is 1/2 times what is right. The rest is right.",
    ),
    "no term": (RIDGE, W, lambda W, x: 2 * W @ x @ x.T, "The term 2 lam W is missing. The rest is right."),
    "sign of a term": (
        RIDGE, W, lambda W, x, lam: 2 * W @ x @ x.T - 2 * lam * W, "The term 2 lam W has the wrong sign. The rest is right.",
    ),
    "no scalar": (RIDGE, W, lambda W, x: 2 * W @ x @ x.T + 2 * W, "The term 2 lam W is 1/lam times what is right. The rest is right."),
    "a transpose is missing": (Q, x, lambda A, x: A @ x, "The term A^T is missing in A + A^T."),
    "softmax": (
        mc.let("s", mc.softmax(x)), x, lambda s: np.diag(s.ravel()), "The term -s s^T is missing. The rest is right.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TERMS)
def test_terms_with_wrong_coefficients(name: str) -> None:
    of, wrt, function, message = TERMS[name]
    report = mc.check_gradient(function, of, wrt, layout=D)
    assert report.diagnosis is not None
    assert report.diagnosis.kind.value == "term", report
    assert report.message.replace("softmax(x)", "s") == message


X, w, t = mc.matrix("X", "N", "d"), mc.vector("w", "d"), mc.vector("t", "N")
REGRESSION = mc.let("C", mc.sum((X @ w - t) ** 2) + lam * mc.sum(w**2))

REGRESSIONS: dict[str, tuple[Callable[..., Any], str | None, str]] = {
    "no regularisation": (lambda X, w, t: 2 * X.T @ (X @ w - t), "term", "The term 2 lam w is missing. The rest is right."),
    "half of it": (
        lambda X, w, t, lam: 2 * X.T @ (X @ w - t) + lam * w, "term", "The term 2 lam w is 1/2 times what is right. The rest is right.",
    ),
    "its sign": (
        lambda X, w, t, lam: 2 * X.T @ (X @ w - t) - 2 * lam * w, "term", "The term 2 lam w has the wrong sign. The rest is right.",
    ),
    "nothing else": (lambda w, lam: 2 * lam * w, "term", "The term 2 X^T (X w - t) is missing. The rest is right."),
    "a mean": (
        lambda X, w, t, lam, N: 2 * X.T @ (X @ w - t) / N + 2 * lam * w, "term",
        "The term 2 X^T (X w - t) is 1/N times what is right. The rest is right.",
    ),
    "a sign inside": (lambda X, w, t, lam: 2 * X.T @ (X @ w + t) + 2 * lam * w, "term", "It has X w + t where X w - t is right."),
    "no t": (lambda X, w, t, lam: 2 * X.T @ X @ w + 2 * lam * w, "term", "The term t is missing in X w - t."),
    "a sign inside and a factor": (
        lambda X, w, t, lam: X.T @ (X @ w + t) + lam * w, "term", "It has X w + t where X w - t is right. And the factor 2 is missing.",
    ),
    "no regularisation, transposed": (
        lambda X, w, t: 2 * (X @ w - t).T @ X, "term",
        "The term 2 lam w is missing in 2 X^T (X w - t) + 2 lam w. It is in numerator layout, too.",
    ),
    "lam squared": (
        lambda X, w, t, lam: 2 * X.T @ (X @ w - t) + 2 * lam**2 * w, "term",
        "The term 2 lam w is lam times what is right. The rest is right.",
    ),
    "not linear": (lambda X, w, t, lam: 2 * X.T @ np.sin(X @ w - t) + 2 * lam * w, None, "no simple slip explains them"),
    "w squared": (lambda X, w, t, lam: 2 * X.T @ (X @ w - t) + 2 * lam * w**2, None, "no simple slip explains them"),
    "a number that changes": (
        lambda X, w, t, lam: 2 * X.T @ (X @ w - t) + 2 * lam * w * np.cos(w[0, 0]), None, "no simple slip explains them",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REGRESSIONS)
def test_the_terms_of_a_regression(name: str) -> None:
    function, kind, words = REGRESSIONS[name]
    report = mc.check_gradient(function, REGRESSION, w, layout=D)
    assert (report.verdict.value, report.diagnosis and report.diagnosis.kind.value) == ("wrong-value", kind), report
    assert report.message == words if kind else words in report.message


def test_a_term_that_is_wrong_only_where_all_is_small() -> None:
    def gradient(X: Array, w: Array, t: Array, lam: float, d: int) -> Array:
        found = 2 * X.T @ (X @ w - t)
        return np.asarray(found if d > 3 else 1e-9 * np.cos(found))

    assert mc.check_gradient(gradient, REGRESSION, w, layout=D).diagnosis is None


def test_the_terms_of_a_number() -> None:
    s = mc.scalar("s")
    cost = mc.sum((s * (X @ w) - t) ** 2) + lam * s**2

    def fit(X: Array, w: Array, t: Array, s: float) -> float:
        return float(2 * ((s * X @ w - t) * (X @ w)).sum())

    forgotten = mc.check_gradient(fit, cost, s, layout=D)
    assert forgotten.message == "The term 2 (lam s) is missing. The rest is right."
    assert mc.check_gradient(lambda X, w, t, s: fit(X, w, t, s) + np.cos(s), cost, s, layout=D).diagnosis is None


# ---- several paths ---------------------------------------------------------------------------------------------------

V, U, a_0 = mc.matrix("V", "n", "n"), mc.matrix("U", "n", "n"), mc.vector("a_0", "n")
z_1 = mc.let("z_1", U @ a_0)
a_1 = mc.let("a_1", mc.tanh(z_1) + a_0)
z_2 = mc.let("z_2", V @ a_1)
a_2 = mc.let("a_2", mc.tanh(z_2) + a_1)
RESIDUAL = mc.let("C", mc.sum((a_2 - y) ** 2) / 2)


def residual(body: Callable[..., Any]) -> Callable[..., Any]:
    """A code out of what comes back to a_1 through the second layer and past it, and through the first layer."""

    def written(U: Array, V: Array, a_0: Array, a_1: Array, z_2: Array, a_2: Array, y: Array) -> Any:
        past = a_2 - y
        through = V.T @ ((1 - np.tanh(z_2) ** 2) * past)
        return body(past, through, lambda delta: (1 - np.tanh(U @ a_0) ** 2) * delta, U, a_0)

    return written


PATHS: dict[str, tuple[Expr, Callable[..., Any], str]] = {
    "no skip": (
        U, lambda p, q, f, U, a: f(q) @ a.T, "The path C → a_2 → a_1 → z_1 → U is missing. The rest is right. The derivative is the sum",
    ),
    "only the skip": (U, lambda p, q, f, U, a: f(p) @ a.T, "The path C → a_2 → z_2 → a_1 → z_1 → U is missing. The rest is right."),
    "sign of the skip": (
        U, lambda p, q, f, U, a: f(q - p) @ a.T, "The path C → a_2 → a_1 → z_1 → U has the wrong sign. The rest is right.",
    ),
    "transposed": (
        U, lambda p, q, f, U, a: a @ f(q).T,
        "The path C → a_2 → a_1 → z_1 → U is missing. The rest is right. It is in numerator layout, too. The derivative is",
    ),
    "a step": (
        a_0, lambda p, q, f, U, a: U.T @ f(p + q), "The 2 paths by the direct step a_1 → a_0 are missing. The rest is right.",
    ),
    "all but one": (a_0, lambda p, q, f, U, a: U.T @ f(q), "Only the path C → a_2 → z_2 → a_1 → z_1 → a_0 is there, and it is right."),
}  # fmt: skip


@pytest.mark.parametrize("name", PATHS)
def test_a_path_that_is_forgotten(name: str) -> None:
    by, body, message = PATHS[name]
    report = mc.check_gradient(residual(body), RESIDUAL, by, layout=D)
    assert report.diagnosis is not None
    assert report.diagnosis.kind.value == "term"
    assert report.message.startswith(message), report.message


def test_all_paths_are_right_and_others_are_no_path() -> None:
    assert mc.check_gradient(residual(lambda p, q, f, U, a: f(p + q) @ a.T), RESIDUAL, U, layout=D).ok
    assert mc.check_gradient(residual(lambda p, q, f, U, a: f(np.sin(q) + p) @ a.T), RESIDUAL, U, layout=D).diagnosis is None


# ---- two slips, and slips in the forward pass ------------------------------------------------------------------------

SIGMOID = mc.Network(widths=(3, 4, 2), activation="sigmoid", loss="half_mse")


def sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def sigmoid_code(
    inner: Callable[..., Any] = lambda a: a * (1 - a),
    outer: Callable[..., Any] = lambda a: a * (1 - a),
    first: Callable[..., Any] = lambda W, x, b: sigmoid(W @ x + b),
    second: Callable[..., Any] = lambda W, a, b: sigmoid(W @ a + b),
    error: Callable[..., Any] = lambda a, y, n: (a - y) / n,
) -> Callable[..., Any]:
    """A code for dC/dW^(1) with other functions in some places."""

    def written(W1: Array, b1: Array, W2: Array, b2: Array, x: Array, y: Array, n_2: int) -> Array:
        a1 = first(W1, x, b1)
        a2 = second(W2, a1, b2)
        return np.asarray((W2.T @ (error(a2, y, n_2) * outer(a2)) * inner(a1)) @ x.T)

    return written


PRIME = "a^(1) ⊙ (1 - a^(1))"
UNNAMED = "sigmoid(X w) ⊙ (1 - sigmoid(X w))"
SLIPS: dict[str, tuple[Callable[..., Any], str]] = {
    "f' and 1/n": (
        sigmoid_code(inner=lambda a: 1, error=lambda a, y, n: a - y), f"The factor {PRIME} is missing. And the factor 1/n_2 is missing.",
    ),
    "f' and the sign": (
        sigmoid_code(inner=lambda a: 1, error=lambda a, y, n: (y - a) / n), f"The factor {PRIME} is missing. And the sign is wrong.",
    ),
    "f', 1/n and the layout": (
        lambda W1, b1, W2, b2, x, y, n_2: SLIPS["f' and 1/n"][0](W1, b1, W2, b2, x, y, n_2).T,
        f"The factor {PRIME} is missing. And the factor 1/n_2 is missing. It is in numerator layout, too.",
    ),
    "no f'": (sigmoid_code(inner=lambda a: 1, outer=lambda a: 1), f"The factor {PRIME} is missing. Likewise for a^(2)."),
    "f' of tanh": (
        sigmoid_code(inner=lambda a: 1 - a**2),
        f"It has 1 - (a^(1))^2 where {PRIME} is right: that is the derivative of a^(1) = sigmoid(z^(1)).",
    ),
    "f' of tanh everywhere": (
        sigmoid_code(inner=lambda a: 1 - a**2, outer=lambda a: 1 - a**2),
        f"It has 1 - (a^(1))^2 where {PRIME} is right: that is the derivative of a^(1) = sigmoid(z^(1)). Likewise for a^(2).",
    ),
    "a for f'": (
        sigmoid_code(inner=lambda a: a), f"It has a^(1) where {PRIME} is right: that is the derivative of a^(1) = sigmoid(z^(1)).",
    ),
    "f'(a)": (
        sigmoid_code(inner=lambda a: sigmoid(a) * (1 - sigmoid(a))),
        f"It has sigmoid(a^(1)) ⊙ (1 - sigmoid(a^(1))) where {PRIME} is right: that is the derivative of a^(1) = sigmoid(z^(1)).",
    ),
    "no bias": (sigmoid_code(first=lambda W, x, b: sigmoid(W @ x)), "In z^(1): the term b^(1) is missing in W^(1) x + b^(1)."),
    "no biases": (
        sigmoid_code(first=lambda W, x, b: sigmoid(W @ x), second=lambda W, a, b: sigmoid(W @ a)),
        "In z^(1): the term b^(1) is missing in W^(1) x + b^(1). Likewise in z^(2).",
    ),
    "no bias and no 1/n": (
        sigmoid_code(first=lambda W, x, b: sigmoid(W @ x), error=lambda a, y, n: a - y),
        "In z^(1): the term b^(1) is missing in W^(1) x + b^(1). And the factor 1/n_2 is missing.",
    ),
    "no bias and no f'": (
        sigmoid_code(first=lambda W, x, b: sigmoid(W @ x), outer=lambda a: 1),
        "The factor a^(2) ⊙ (1 - a^(2)) is missing. And in z^(1): the term b^(1) is missing in W^(1) x + b^(1).",
    ),
    "another function": (
        sigmoid_code(first=lambda W, x, b: np.tanh(W @ x + b)), "In a^(1): it has tanh(z^(1)) where sigmoid(z^(1)) is right.",
    ),
    "a + y": (sigmoid_code(error=lambda a, y, n: (a + y) / n), "It has a^(2) + y where a^(2) - y is right."),
    "twice a factor": (sigmoid_code(inner=lambda a: a * (1 - a) ** 2), "The factor 1 - a^(1) is there twice."),
}  # fmt: skip

NEAR_MISSES: dict[str, Callable[..., Any]] = {
    "half a bias": sigmoid_code(first=lambda W, x, b: sigmoid(W @ x + b / 2)),
    "another f'": sigmoid_code(inner=lambda a: a * (1 - a**3)),
    "another error": sigmoid_code(error=lambda a, y, n: (a - y) ** 3 / n),
    "a step of its own": sigmoid_code(inner=lambda a: np.sign(a - 0.5)),
    "a term of its own": sigmoid_code(error=lambda a, y, n: (a - y + 0.1) / n),
}


@pytest.mark.parametrize("name", SLIPS)
def test_slips_in_a_network_of_sigmoids(name: str) -> None:
    function, message = SLIPS[name]
    assert mc.check_gradient(function, SIGMOID.cost, SIGMOID.W[1], layout=D).message == message


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_what_is_no_slip_is_not_diagnosed(name: str) -> None:
    report = mc.check_gradient(NEAR_MISSES[name], SIGMOID.cost, SIGMOID.W[1], layout=D)
    assert report.verdict.value == "wrong-value"
    assert report.diagnosis is None, report


def test_two_slips_at_once() -> None:
    right_form = derive(SIGMOID.cost, SIGMOID.W[1], layout=D).result
    found = list(slips(right_form, named([SIGMOID.cost])))
    inside, outside = (next(slip for slip in found if slip.text.startswith(f"The factor {name}")) for name in ("a^(1) ⊙", "a^(2) ⊙"))
    one, other = both(right_form, inside, outside), both(right_form, outside, inside)
    assert one is not None
    assert other is not None
    assert one.result == other.result
    assert "a^(1) ⊙" not in repr(one.result)
    assert "a^(2) ⊙" not in repr(one.result)
    assert both(right_form, inside, inside) is None
    forward = next(slip for slip in found if slip.definitions)
    assert both(right_form, forward, forward) is None
    together = both(right_form, inside, forward)
    assert together is not None
    assert together.definitions == forward.definitions


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda X, w, t: X.T @ (sigmoid(X @ w) - t), f"The factor {UNNAMED} is missing."),
        (
            lambda X, w, t: 2 * X.T @ ((sigmoid(X @ w) - t) * (1 - sigmoid(X @ w) ** 2)),
            f"It has 1 - sigmoid(X w)^2 where {UNNAMED} is right: that is the derivative of sigmoid(X w). And the factor 1/2 is missing.",
        ),
        (
            lambda X, w, t: X.T @ ((X @ w - t) * sigmoid(X @ w) * (1 - sigmoid(X @ w))),
            "It has X w - t where sigmoid(X w) - t is right.",
        ),
    ],
    ids=["missing", "another", "left out once"],
)
def test_functions_without_a_name(function: Callable[..., Any], message: str) -> None:
    assert mc.check_gradient(function, mc.sum((mc.sigmoid(X @ w) - t) ** 2) / 2, w, layout=D).message == message


def test_a_sum_over_indices() -> None:
    formula, shapes = r"\sum_{i=1}^{m} (x_i^2 - \sum_{j=1}^{n} B_{ij} v_j)^2", {"x": "m", "v": "n", "B": "m n"}
    assert mc.check_gradient(lambda x, v, B: -2 * B.T @ (x**2 - B @ v), formula, "v", shapes=shapes, layout=D).ok
    wrong = mc.check_gradient(lambda x, v, B: -2 * B.T @ (x**2 + B @ v), formula, "v", shapes=shapes, layout=D)
    assert wrong.diagnosis is not None
    assert wrong.diagnosis.kind.value == "term"
    assert mc.check_gradient(lambda x, v, B: np.cos(v), formula, "v", shapes=shapes, layout=D).diagnosis is None


def test_relu_taken_for_its_derivative() -> None:
    relu = mc.Network(widths=(3, 4, 2), activation="relu", loss="half_mse")

    def gradient(z1: Array, a1: Array, z2: Array, a2: Array, W2: Array, x: Array, y: Array, n_2: int) -> Array:
        return np.asarray((W2.T @ ((a2 - y) / n_2 * (z2 > 0)) * a1) @ x.T)

    report = mc.check_gradient(gradient, relu.cost, relu.W[1], layout=D)
    assert report.message == "It has a^(1) where step(z^(1)) is right: that is the derivative of a^(1) = relu(z^(1))."


def test_a_missing_sum_and_a_factor() -> None:
    def unsummed(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array, f: Any, df: Any, n_2: int) -> Array:
        Z2 = f(X @ W1.T + b1.T) @ W2.T + b2.T
        return np.asarray((f(Z2) - Y) / n_2 * df(Z2))

    report = mc.check_gradient(unsummed, BATCH.cost, "b^(2)", layout=D)
    assert report.diagnosis.kind.value == "missing-sum"
    assert report.message.endswith("The sum over its rows (axis=0) is missing. And the factor 1/N is missing.")


def test_a_transpose_is_told_of_the_matrix_alone() -> None:
    report = mc.check_gradient(lambda X, w, t: 2 * X @ (X @ w - t), mc.sum((X @ w - t) ** 2), w, layout=D)
    assert report.message.endswith("Where all sizes are equal it runs, and is wrong there: it has X where X^T is right.")
    inverse = mc.check_gradient(lambda A: A.T, mc.logdet(A), A, layout=D)
    assert inverse.diagnosis is not None
    assert inverse.message == "It has A where A^-1 is right."


def test_a_row_is_laid_out_as_the_column() -> None:
    r, H = mc.matrix("r", 1, "h"), mc.matrix("H", "h", "k")
    cost = mc.sum((r @ H) ** 2)
    note = (
        "r is a row, (1, h), and a row is laid out as the column: the derivative is (h, 1) in denominator layout; (1, h), the shape of r "
        "itself, is numerator layout."
    )
    report = mc.check_gradient(lambda r, H: 2 * r @ H @ H.T, cost, r, layout=D)
    assert (report.verdict.value, report.notes) == ("other-layout", (note,))
    assert mc.check_gradient(lambda r, H: 2 * H @ H.T @ r.T, cost, r, layout=N).notes == (note,)
    right = mc.check_gradient(lambda r, H: 2 * H @ H.T @ r.T, cost, r, layout=D)
    assert (right.ok, right.notes) == (True, ())
    wrong = mc.check_gradient(lambda r, H: -2 * r @ H @ H.T, cost, r, layout=D)
    assert (wrong.verdict.value, wrong.notes) == ("wrong-value", (note,))


# ---- formulas --------------------------------------------------------------------------------------------------------


def test_a_formula_with_its_declarations() -> None:
    shapes, formula = {"x": "n", "A": "m n", "b": "m"}, r"\sum_{i=1}^{m} f((A x - b)_i)"
    asked: dict[str, Any] = {"shapes": shapes, "functions": {"f": "elementwise"}, "layout": D}
    assert mc.check_gradient(lambda A, x, b, df: A.T @ df(A @ x - b), formula, "x", **asked).ok
    half = mc.check_gradient(lambda A, x, b, df: (A.T @ df(A @ x - b) / 2,), formula, ["x"], **asked)
    assert half["x"].message == "It is 1/2 times what is right: the factor 2 is missing."
    B = mc.matrix("B", "m", "n")
    assert mc.check_gradient(lambda B, x: 2 * B.T @ B @ x, r"\|B x\|^2", "x", names={"B": B}, shapes={"x": "n"}, layout=D).ok
    positive: dict[str, Any] = {"shapes": {"y": "n"}, "layout": D, "assume": {"y": "positive"}}
    assert mc.check_gradient(lambda y: 2 * np.abs(y), r"\|y\|^2", "y", **positive).ok


def test_declarations_are_of_a_formula() -> None:
    with pytest.raises(MatcalcError, match="shapes= and functions= declare what stands in a formula given as text; S is an expression"):
        mc.check_gradient(lambda x: x, S, x, shapes={"x": "n"}, functions={}, layout=D)
    with pytest.raises(UnknownNameError, match=r'shapes=\{"x": "n", "A": "n n"\}'):
        mc.check_gradient(lambda x: x, "x^T x", "x", layout=D)
    with pytest.raises(ReadError, match=r"x\^"):
        mc.check_gradient(lambda x: x, "x^", "x", shapes={"x": "n"}, layout=D)


def test_a_scalar_quantity_as_a_factor() -> None:
    report = mc.check_gradient(lambda x, y: x - y, lam * S, x, layout=D)
    assert report.factor == 1 / (2 * lam)
    assert "the factor 2 lam is missing" in report.message


def test_sizes_that_are_given() -> None:
    seen: set[tuple[int, ...]] = set()

    def gradient(W: Array, x: Array) -> Array:
        seen.add(W.shape)
        return np.ones((2, 1)) @ x.reshape(1, 3)

    assert mc.check_gradient(gradient, mc.sum(z), W, layout=D, sizes={"m": 2, "n": 3}).ok
    assert seen == {(2, 3)}
    failed = mc.check_gradient(gradient, mc.sum(z), W, layout=D)
    assert (failed.verdict.value, failed.sizes) == ("failed", {"m": 3, "n": 5})


def test_the_sizes_differ_and_change() -> None:
    parameters = [derive(NET.cost, p, layout=D) for p in NET.parameters.values()]
    draws = drawn([NET.cost], parameters, None, 0)
    assert len({tuple(data.sizes.items()) for data in draws}) == len(draws) == 4
    assert all(len(set(data.sizes.values())) == 3 and min(data.sizes.values()) > 2 for data in draws)


def test_declared_numbers_are_sizes_too() -> None:
    B, v = mc.matrix("B", 3, 5), mc.vector("v", 5)
    assert mc.check_gradient(lambda v: np.ones((3, 1)) @ v.T, mc.sum(B @ v), B, layout=D).ok
    report = mc.check_gradient(lambda v: np.ones((3, 1)) @ v.T / 5, mc.sum(B @ v), B, layout=D)
    assert repr(report.factor) == "1/5"
    assert "the sizes declared" in str(report)


def test_differences_need_a_tolerance() -> None:
    def forward_difference(x: Array, A: Array) -> Array:
        h = 1e-5
        return np.array([((x + h * e).T @ A @ (x + h * e) - x.T @ A @ x)[0, 0] / h for e in np.eye(len(x))[:, :, np.newaxis]])

    assert mc.check_gradient(forward_difference, Q, x, layout=D).diagnosis.kind.value == "precision"
    assert mc.check_gradient(forward_difference, Q, x, layout=D, tolerance=1e-3).ok


def test_a_variable_that_does_not_occur() -> None:
    other = mc.vector("w", "k")
    assert mc.check_gradient(lambda w: 0 * w, S, other, layout=D).ok
    assert mc.check_gradient(lambda w: w, S, other, layout=D).verdict.value == "wrong-value"


def test_a_code_that_keeps_something_between_calls() -> None:
    kept = np.zeros(1)

    def gradient(x: Array, y: Array) -> Array:
        kept[0] += 1.0
        return np.asarray(kept[0] * 2 * (x - y))

    assert "keeps something from one call" in mc.check_gradient(gradient, S, x, layout=D).message


def test_a_buffer_that_is_returned_again_and_again() -> None:
    buffers: dict[tuple[int, ...], Array] = {}

    def gradient(x: Array, y: Array) -> Array:
        buffer = buffers.setdefault(x.shape, np.empty(x.shape))
        buffer[:] = 2 * (x - y)
        return buffer

    assert mc.check_gradient(gradient, S, x, layout=D).ok


def test_every_slip_in_a_right_form_is_found() -> None:
    derivation = derive(NET.cost, NET.W[1], layout=D)
    found = list(slips(derivation.result, named([NET.cost])))
    assert {slip.kind.value for slip in found} == {"missing-factor", "transpose", "order", "quantity", "term", "function"}
    tried = 0
    for slip in found[::3]:
        try:
            own = own_code(written_out(slip))
            report = mc.check_gradient(lambda everything, own=own: own(everything), NET.cost, NET.W[1], layout=D)
        except (EvaluationError, ShapeError):
            continue
        tried += 1
        assert report.verdict.value in ("wrong-value", "wrong-shape", "failed"), (slip, report)
        if report.verdict.value != "failed":
            assert report.diagnosis is not None, (slip, report)
    assert tried > 40


def written_out(slip: Slip) -> Expr:
    """The form with a slip, in which the definitions are the wrong ones."""
    wrong = dict(slip.definitions)
    made: dict[Expr, Expr] = {}

    def again(node: Expr) -> Expr:
        for below in postorder([node], with_definition):
            if isinstance(below, Let):
                definition = wrong.get(below, below.definition)
                made[below] = Let(below.name, replaced(definition, lets_in(definition)), below.shape)
        return replaced(node, lets_in(node))

    def lets_in(node: Expr) -> dict[Expr, Expr]:
        return {below: made[below] for below in postorder([node]) if isinstance(below, Let)}

    return again(slip.result)


def test_a_shape_that_is_written_into_the_code() -> None:
    report = mc.check_gradient(lambda: np.ones(3), mc.sum(x), x, layout=D)
    assert report.message.startswith("At n = 5 it has shape (3,) where (5, 1) is wanted, (n,) in denominator layout. At other sizes")


def test_a_diagonal_in_place_of_a_matrix() -> None:
    report = mc.check_gradient(lambda a1: 1 - a1**2, NET.a[1], NET.z[1], layout=D)
    assert "It is the diagonal of what is right" in report.message


def test_a_code_that_leaves_the_program() -> None:
    report = mc.check_gradient(lambda x: sys.exit(), S, x, layout=D)
    assert isinstance(report.error, SystemExit)
    assert "The code raised SystemExit in line" in report.message


# ---- what is assumed of data -----------------------------------------------------------------------------------------

CLASSIFIER = mc.Network(widths=(2, 3, 5), activation="relu", loss="softmax_cross_entropy", batch="columns")


def classifier(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array, N: int) -> Array:
    Z1 = W1 @ X + b1
    E = np.exp(W2 @ np.maximum(Z1, 0) + b2)
    return np.asarray((W2.T @ (E / E.sum(axis=0) - Y) / N * (Z1 > 0)) @ X.T)


def test_labels_that_sum_to_one() -> None:
    report = mc.check_gradient(classifier, CLASSIFIER.cost, CLASSIFIER.W[1], layout=D)
    assert (report.verdict.value, report.diagnosis.kind.value) == ("wrong-value", "condition")
    assert report.message.startswith("It is right where the columns of Y sum to 1, as those of one-hot labels do, and wrong for")
    assert 'say assume={"Y": "columns sum to 1"}' in report.message
    assert mc.check_gradient(classifier, CLASSIFIER.cost, CLASSIFIER.W[1], layout=D, assume={"Y": "columns sum to 1"}).ok
    tripled = mc.check_gradient(
        lambda X, Y, W1, b1, W2, b2, N: 3 * classifier(X, Y, W1, b1, W2, b2, N),
        CLASSIFIER.cost, CLASSIFIER.W[1], layout=D, assume={"Y": "columns sum to 1"},
    )  # fmt: skip
    assert repr(tripled.factor) == "3"


def test_right_for_symmetric_matrices_only() -> None:
    report = mc.check_gradient(lambda A, x: 2 * A @ x, Q, x, layout=D)
    assert report.message.startswith("It is right where A is symmetric, and wrong for other data.")
    assert report.message.endswith("In general: it has A where A^T is right.")
    assert mc.check_gradient(lambda A, x: 2 * A @ x, Q, x, layout=D, assume={"A": "symmetric"}).ok
    assert not mc.check_gradient(lambda A, x: A @ x, Q, x, layout=D, assume={"A": "symmetric"}).ok
    positive = mc.check_gradient(lambda x: np.ones_like(x), mc.sum(mc.abs(x)), x, layout=D)
    assert "It is right where the entries of x are positive" in positive.message
    summing = mc.check_gradient(lambda x, y: 2 * (x - y) * y.sum(), S, x, layout=D)
    assert "It is right where the entries of y sum to 1, as those of a one-hot label do" in summing.message


@pytest.mark.parametrize(
    ("assume", "error", "message"),
    [
        ({"B": "symmetric"}, UnknownNameError, "assume names 'B', which is no declared quantity here. Known names: A, x"),
        ({"A": "triangular"}, UnknownNameError, "assume says 'triangular' of A; what can be assumed is: 'symmetric', 'positive', 'columns"),
        ({"x": "symmetric"}, EvaluationError, r"assume says 'symmetric' of x, whose shape is \(n,\)"),
    ],
)
def test_what_cannot_be_assumed(assume: dict[str, str], error: type[MatcalcError], message: str) -> None:
    with pytest.raises(error, match=message):
        mc.check_gradient(lambda A, x: A @ x, Q, x, layout=D, assume=assume)


SOFTMAX = mc.Network(widths=(2, 3, 5), activation="sigmoid", loss="softmax_cross_entropy", batch="columns")
HELD = "Where the columns of Y sum to 1, as those of one-hot labels do, "


def softmax_code(body: Callable[..., Any]) -> Callable[..., Any]:
    def written(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array, N: int) -> Any:
        A1 = sigmoid(W1 @ X + b1)
        Z2 = W2 @ A1 + b2
        E = np.exp(Z2)
        return body(SimpleNamespace(X=X, Y=Y, W2=W2, A1=A1, Z2=Z2, P=E / E.sum(axis=0), E=E, N=N))

    return written


# variable, code, kind, message up to the way out
LABELS: dict[str, tuple[str, Callable[..., Any], str, str]] = {
    "sign": ("W^(2)", lambda h: (h.Y - h.P) / h.N @ h.A1.T, "factor", HELD + "it is right but for the sign."),
    "twice": (
        "W^(2)", lambda h: 2 * (h.P - h.Y) / h.N @ h.A1.T, "factor", HELD + "it is 2 times what is right: the factor 1/2 is missing.",
    ),
    "transpose": ("W^(2)", lambda h: h.A1 @ (h.P - h.Y).T / h.N, "condition", HELD + "the values are right, but in numerator layout."),
    "missing f'": (
        "W^(1)", lambda h: h.W2.T @ (h.P - h.Y) / h.N @ h.X.T, "missing-factor", HELD + "the factor A^(1) ⊙ (1 - A^(1)) is missing.",
    ),
    "f' at the output": (
        "W^(2)", lambda h: ((h.P - h.Y) / h.N * h.P * (1 - h.P)) @ h.A1.T, "function",
        HELD + "the factor A^(2) ⊙ (1 - A^(2)) is one too many.",
    ),
    "no sum": (
        "b^(2)", lambda h: (h.P - h.Y) / h.N, "missing-sum",
        "It has shape (5, 3) where (5, 1) is wanted, (n_2,) in denominator layout. "
        + HELD + "summed over its columns (axis=1) it is right: that sum is missing.",
    ),
    "wrong axis": (
        "W^(2)", lambda h: (h.E / h.E.sum(axis=1, keepdims=True) - h.Y) / h.N @ h.A1.T, "function",
        HELD + "in A^(2): the softmax is along the wrong axis: that of Z^(2) is to make each of the columns sum to 1.",
    ),
    "no softmax": (
        "W^(2)", lambda h: (h.Z2 - h.Y) / h.N @ h.A1.T, "function", HELD + "in A^(2): it has Z^(2) where softmax_columns(Z^(2)) is right.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LABELS)
def test_one_more_slip_beside_labels_that_sum_to_one(name: str) -> None:
    variable, body, kind, message = LABELS[name]
    report = mc.check_gradient(softmax_code(body), SOFTMAX.cost, variable, layout=D)
    assert report.diagnosis is not None
    assert (report.diagnosis.kind.value, report.ok) == (kind, False)
    assert report.message == message + ' If that is meant, say assume={"Y": "columns sum to 1"}.'
    assumed = mc.check_gradient(softmax_code(body), SOFTMAX.cost, variable, layout=D, assume={"Y": "columns sum to 1"})
    assert "Where the columns" not in assumed.message
    assert assumed.diagnosis is None if name == "transpose" else assumed.diagnosis.kind.value == kind


def test_a_condition_is_not_told_where_it_explains_nothing() -> None:
    right = softmax_code(lambda h: (h.P * h.Y.sum(axis=0) - h.Y) / h.N @ h.A1.T)
    assert mc.check_gradient(right, SOFTMAX.cost, "W^(2)", layout=D).ok
    sign = mc.check_gradient(softmax_code(lambda h: (h.P * h.Y.sum(axis=0) + h.Y) / h.N @ h.A1.T), SOFTMAX.cost, "W^(2)", layout=D)
    assert sign.message == "It has A^(2) diag(Y^T 1_{n_2}) + Y where A^(2) diag(Y^T 1_{n_2}) - Y is right."
    nothing = mc.check_gradient(softmax_code(lambda h: np.cos(h.P - h.Y) @ h.A1.T), SOFTMAX.cost, "W^(2)", layout=D)
    assert nothing.diagnosis is None


# ---- random expressions ----------------------------------------------------------------------------------------------


def own_code(right_form: Expr) -> Callable[[Mapping[str, Any]], Array]:
    """The right form as a code that takes a dict of everything."""
    nodes = list(postorder([right_form], with_definition))
    symbols = [node.name for node in named(nodes).values() if isinstance(node, Symbol)]
    functions: dict[str, ElementwiseFunction | MapFunction] = {}
    for node in nodes:
        if isinstance(node, ApplyMap) or (isinstance(node, Apply) and not node.function.known) or type(node).__name__ == "MapDerivative":
            functions[node.function.name] = node.function  # type: ignore[attr-defined]

    def orders(given: Mapping[str, Any], name: str) -> tuple[Any, ...]:
        ways = ("{0}", "d{0}", "d2{0}", "d3{0}") if isinstance(functions[name], MapFunction) else ("{0}", "{0}'", "{0}''", "{0}'''")
        return tuple(given[way.format(name)] for way in ways)

    def gradient(everything: Mapping[str, Any]) -> Array:
        sizes = {name: number for name, number in everything.items() if isinstance(number, int)}
        values = {name: everything[name] for name in symbols}
        called = {name: orders(everything, name) for name in functions}
        return np.asarray(right_form.evaluate(values, sizes=sizes, functions=called))

    return gradient


@pytest.mark.parametrize("batch", range(6))
def test_the_right_form_of_random_expressions_is_right_and_no_other(batch: int) -> None:
    judged = 0
    for seed in range(10 * batch, 10 * batch + 10):
        of = Generator(seed).expression((), depth=2 + seed % 3)
        layout = (N, D)[seed % 2]
        for by in variables(of)[:2]:
            derivation = derive(of, by, layout=layout)
            try:
                gradient = own_code(derivation.result)
                draws = drawn([of, by], [derivation], None, 0)
            except (EvaluationError, NoMatrixFormError):
                continue
            if min(np.abs(jacobian(of, by, data)).max() for data in draws) > VANISHING:
                judged += 1
                check_own_code(gradient, derivation)
    assert judged > 5


def check_own_code(gradient: Callable[[Mapping[str, Any]], Array], derivation: Derivation) -> None:
    """Right as it is; scaled or with one entry changed, wrong."""

    def scaled(everything: Mapping[str, Any]) -> Array:
        return 1.01 * gradient(everything)

    def changed(everything: Mapping[str, Any]) -> Array:
        found = gradient(everything)
        found[-1, 0] += 0.01 * np.abs(found).max()
        return found

    of, by, layout = derivation.of, derivation.wrt, derivation.layout.value
    report = mc.check_gradient(gradient, of, by, layout=layout)
    assert report.ok, report
    for wrong in (scaled, changed):
        report = mc.check_gradient(wrong, of, by, layout=layout)
        assert report.verdict.value == "wrong-value", report


# ---- right at the usual data only ------------------------------------------------------------------------------------

x_n, c_0, W_mn = mc.vector("x", "n"), mc.scalar("c"), mc.matrix("W", "m", "n")
SQUARES, SQUARES_OF_W = mc.sum(x_n**2), mc.sum(W_mn**2)
ENTRIES = "It is right at the usual data, with entries of about 1"
BOTH = f"{ENTRIES} and sizes that differ"

# code, what is differentiated, variable, verdict, message up to the numbers
UNUSUAL: dict[str, tuple[Callable[..., Any], Expr, Expr, str, str]] = {
    "clipped": (
        lambda x: 2 * np.clip(x, -2, 2), SQUARES, x_n, "wrong-value", f"{ENTRIES}, and wrong where the entries are larger, up to ",
    ),
    "a clipped number": (lambda c: 2 * np.clip(c, -2, 2), c_0**2, c_0, "wrong-value", f"{ENTRIES}, and wrong where the entries are larger"),
    "cut off below": (lambda x: np.where(x > -1.5, 2 * x, 0), SQUARES, x_n, "wrong-value", f"{ENTRIES}, and wrong where the entries are"),
    "a kink elsewhere": (
        lambda x: (x > 0.05) * 1.0, mc.sum(mc.relu(x_n)), x_n, "wrong-value", f"{ENTRIES}, and wrong where the entries are close to",
    ),
    "not for one entry": (
        lambda x: 2 * x if len(x) > 1 else x, SQUARES, x_n, "wrong-value", f"{ENTRIES}, and wrong where n = 1.",
    ),
    "not for one row": (
        lambda W: W if len(W) == 1 else 2 * W, SQUARES_OF_W, W_mn, "wrong-value", f"{BOTH}, and wrong where all sizes are 1.",
    ),
    "not for a square": (
        lambda W: 2 * W.T if W.shape[0] == W.shape[1] else 2 * W, SQUARES_OF_W, W_mn, "wrong-value",
        f"{BOTH}, and wrong where sizes are equal: m = n = 3.",
    ),
    "not for many": (
        lambda W: W if len(W) >= 20 else 2 * W, SQUARES_OF_W, W_mn, "wrong-value",
        f"{BOTH}, and wrong where sizes are larger: m = 23, n = 29.",
    ),
    "a shape": (
        lambda W: 2 * W[:20], SQUARES_OF_W, W_mn, "wrong-shape",
        f"{BOTH}. But where sizes are larger: m = 23, n = 29: it has shape (20, 29) where (23, 29) is wanted.",
    ),
    "an exception": (
        lambda W: 2 * W if W.shape[0] != W.shape[1] else W[20], SQUARES_OF_W, W_mn, "failed",
        f"{BOTH}. But where sizes are equal: m = n = 3: the code raised IndexError in line",
    ),
    "in the other layout": (
        lambda W: 2 * W.T if len(W) < 20 else W.T, SQUARES_OF_W, W_mn, "wrong-value",
        "It is right, in numerator layout, at the usual data, with entries of about 1 and sizes that differ, and wrong where sizes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNUSUAL)
def test_a_code_that_is_right_at_the_usual_data_only(name: str) -> None:
    function, of, wrt, verdict, message = UNUSUAL[name]
    for seed in range(5):
        report = mc.check_gradient(function, of, wrt, layout=D, seed=seed)
        assert report.verdict.value == verdict, report
        assert report.message.startswith(message), report
        assert report.diagnosis is not None
        assert (report.diagnosis.kind.value, report.confirmed) == ("usual-data", ())
        assert (report.where is None) == (verdict != "wrong-value")
        assert (report.error is None) == (verdict != "failed")


def test_a_code_that_is_right_for_the_first_calls_only() -> None:
    for calls in (1, 3, 6, 10, 16):
        made: list[int] = []

        def counting(x: Array, made: list[int] = made, calls: int = calls) -> Array:
            made.append(1)
            return np.asarray(2 * x if len(made) <= calls else x)

        report = mc.check_gradient(counting, SQUARES, x_n, layout=D)
        assert (report.verdict.value, report.message[:27]) == ("failed", "Called twice with the same "), (calls, report)


@pytest.mark.parametrize("seed", range(5))
def test_a_code_that_errs_now_and_then(seed: int) -> None:
    rng = np.random.default_rng(seed)
    report = mc.check_gradient(lambda x: 2 * x * (1.0 + (rng.random() < 0.1)), SQUARES, x_n, layout=D)
    assert (report.verdict.value, report.message[:27]) == ("failed", "Called twice with the same "), report


def test_a_single_entry_that_numpy_takes_for_a_number_is_noted() -> None:
    report = mc.check_gradient(lambda x: 2 * np.diag(x.squeeze()) @ np.ones_like(x), SQUARES, x_n, layout=D)
    assert report.ok
    assert len(report.notes) == 1
    assert report.notes[0].startswith("Where n = 1, the code raised ValueError in line")
    assert mc.check_gradient(lambda x: 2 * x.squeeze(), SQUARES, x_n, layout=D, vectors="flat").notes == ()


def logistic(X: Array, w: Array) -> Array:
    a = sigmoid(X @ w)
    return np.asarray(X.T @ (a * (1 - a)))


# code that is right but for rounding: of a saturated function, of a small number beside a large one, of an inverse, of differences
ROUNDED: dict[str, tuple[Callable[..., Any], Expr, Expr]] = {
    "sigmoid": (logistic, mc.sum(mc.sigmoid(X @ w)), w),
    "tanh": (lambda X, w: X.T @ (1 - np.tanh(X @ w) ** 2), mc.sum(mc.tanh(X @ w)), w),
    "softmax": (
        lambda x: (lambda p: np.diag(p.ravel()) - p @ p.T)(np.exp(x) / np.exp(x).sum()), mc.softmax(x_n), x_n,
    ),
    "guarded": (lambda x: x / (np.linalg.norm(x) + 1e-8), mc.norm(x_n), x_n),
    "centred": (
        lambda x: (x - x.mean()) / np.linalg.norm(x - x.mean()), mc.norm(x_n - mc.ones("n") * (mc.sum(x_n) / mc.dims("n"))), x_n,
    ),
    "inverse": (lambda A, x: -np.linalg.inv(A).T @ x @ x.T @ np.linalg.inv(A).T, x.T @ mc.inv(A) @ x, A),
    "tall": (lambda X: 2 * X @ np.linalg.inv(X.T @ X), mc.logdet(X.T @ X), X),
}  # fmt: skip


@pytest.mark.parametrize("name", ROUNDED)
def test_right_code_is_not_rejected_for_its_rounding(name: str) -> None:
    function, of, wrt = ROUNDED[name]
    for seed in range(8):
        report = mc.check_gradient(function, of, wrt, layout=D, seed=seed)
        assert report.ok, report
        assert "larger entries" in report.confirmed


def test_a_matrix_that_only_rounding_makes_invertible_is_no_data() -> None:
    wanted = [derive(mc.logdet(X.T @ X), X, layout=D)]
    for seed in range(8):
        assert all(data.sizes["N"] > data.sizes["d"] for data in drawn([wanted[0].of, X], wanted, None, seed))


def test_what_was_confirmed_is_told() -> None:
    report = mc.check_gradient(lambda W: 2 * W, SQUARES_OF_W, W_mn, layout=D)
    assert report.confirmed == ("equal sizes", "larger entries", "entries close to 0", "larger sizes", "sizes of 1")
    assert "first at m = 3, n = 5, and with equal sizes, larger entries, entries close to 0" in " ".join(str(report).split())
    given = mc.check_gradient(lambda W: 2 * W, SQUARES_OF_W, W_mn, layout=D, sizes={"m": 2, "n": 5})
    assert given.confirmed == ("larger entries", "entries close to 0")
    several = mc.check_gradient(lambda x, c: (c * np.clip(2 * x, -5, 5), (x**2).sum()), c_0 * SQUARES, [x_n, c_0], layout=D)
    assert [r.verdict.value for r in several] == ["wrong-value", "right"]


def test_transposes_that_were_left_out_are_told_before_an_order_in_another_layout() -> None:
    A_mp, X_pq, B_qm = mc.matrix("A", "m", "p"), mc.matrix("X", "p", "q"), mc.matrix("B", "q", "m")
    report = mc.check_gradient(lambda A, B: A @ B, mc.trace(A_mp @ X_pq @ B_qm), X_pq, layout=D)
    assert report.diagnosis is not None
    assert report.diagnosis.kind.value == "transpose"
    assert report.message.endswith("and is wrong there: it has A where A^T is right and B where B^T is right.")


def test_nothing_is_assumed_to_sum_to_one_of_the_variable_itself() -> None:
    report = mc.check_gradient(lambda x: 2 * x * x.sum(), SQUARES, x_n, layout=D)
    assert (report.verdict.value, report.message) == ("wrong-value", "The values are wrong, and no simple slip explains them.")
