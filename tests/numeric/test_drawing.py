"""Random data: different sizes, no symmetry, finite everywhere, and functions whose derivatives are exact."""

from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from matcalc.errors import DefinitionClashError, EvaluationError
from matcalc.language import building as mc
from matcalc.language.expressions import Expr, Symbol
from matcalc.language.matrix_operations import entry, index, indexed_sum, matrix_function, matrix_power, pinv, written_derivative
from matcalc.language.traversal import postorder, with_definition
from matcalc.numeric.data import bind
from matcalc.numeric.differences import central, central_differences, complex_step
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.tape import jacobian

A, X, S = mc.matrix("A", "m", "n"), mc.matrix("X", "N", "p"), mc.matrix("S", "n", "n")
x, y, c = mc.vector("x", "n"), mc.vector("y", "N"), mc.scalar("c")
log, sqrt, relu, absolute = (mc.known_elementwise(name) for name in ("log", "sqrt", "relu", "abs"))
f: Any = mc.function("f")
u: Any = mc.function("u", of=(x, A, c), shape=("q", "m"))


def test_sizes_are_different_primes_in_the_order_of_appearance() -> None:
    data = draw([A @ x, mc.commutation("k", "h")], np.random.default_rng(0))
    assert dict(data.sizes) == {"m": 2, "n": 3, "k": 5, "h": 7}
    assert data.values["A"].shape == (2, 3)
    assert data.values["x"].shape == (3, 1)


def test_given_and_written_sizes_are_left_out_of_the_primes() -> None:
    data = draw([A @ x, mc.vector("t", 2), mc.vector("w", "k")], np.random.default_rng(0), sizes={"n": 5})
    assert dict(data.sizes) == {"n": 5, "m": 3, "k": 7}
    with pytest.raises(EvaluationError, match="n is 0 by sizes=; a size is an int of at least 1"):
        draw([A @ x], np.random.default_rng(0), sizes={"n": 0})


def test_the_same_generator_draws_the_same_data() -> None:
    first, second = (draw([A @ f(x)], np.random.default_rng(8)) for _ in range(2))
    np.testing.assert_array_equal(first.values["A"], second.values["A"])
    np.testing.assert_array_equal(value(A @ f(x), first), value(A @ f(x), second))


def test_nothing_is_symmetric() -> None:
    array = draw([S], np.random.default_rng(0)).values["S"]
    assert np.abs(array - array.T)[np.triu_indices(len(array), 1)].min() > 1e-3


@pytest.mark.parametrize(
    "expr",
    [
        log(x), log(-x), sqrt(1 - x * x), sqrt(x - 1), log(sqrt(x) - 1 / x), x ** Fraction(1, 3), 1 / (1 - x),
        mc.logdet(S), mc.logdet(-S @ -S), mc.logdet(mc.identity("n") + S), mc.inv(mc.identity("n") - S),
        mc.inv(X.T @ X) @ X.T @ y, mc.logdet(X.T @ X), log(f(x)), log(u), log(mc.det(S)), relu(A @ x), absolute(relu(A @ x) - c),
        relu(mc.diag(x)), log(-x.T @ mc.ones("n")) * log(c),
    ],
)  # fmt: skip
def test_hard_expressions_get_finite_data(expr: Expr) -> None:
    data = draw([expr], np.random.default_rng(0))
    assert np.all(np.isfinite(value(expr, data)))
    sizes = list(data.sizes.values())
    assert len(set(sizes)) == len(sizes)


def test_a_network_of_relus_is_neither_dead_nor_linear() -> None:
    for seed in range(20):
        z = A @ x
        data = draw([relu(z)], np.random.default_rng(seed))
        signs = value(z, data) > 0
        assert signs.any()
        assert not signs.all()
        assert np.abs(value(z, data)).min() > 1e-4


def test_a_relu_that_is_always_dead_is_drawn_all_the_same() -> None:
    assert not value(relu(-(x * x)), draw([relu(-(x * x))], np.random.default_rng(0))).any()


def test_what_is_never_finite_is_named() -> None:
    never = mc.let("never", log(-mc.norm(x)))
    with pytest.raises(EvaluationError, match=r"No random data were found for these expressions: .* stays non-finite"):
        draw([never * c], np.random.default_rng(0))
    big = mc.let("big", c * 10**12)
    with pytest.raises(EvaluationError, match=r"No random data were found for these expressions: .*1e\+08 in magnitude"):
        draw([mc.sum(big * x)], np.random.default_rng(0))
    with pytest.raises(DefinitionClashError, match="x has two meanings"):
        draw([mc.sum(x), mc.scalar("x")], np.random.default_rng(0))


@pytest.mark.parametrize("positive", [False, True], ids=["mixed", "positive"])
def test_unknown_elementwise_functions_have_exact_derivatives(positive: bool) -> None:
    expr = log(f(x)) if positive else f(x)
    orders = draw([expr], np.random.default_rng(1)).functions["f"]
    t = np.array([[-0.7, 0.4, 1.9]])
    for order, derivative in pairwise(orders):
        step = np.imag(order(t + 1e-30j)) / 1e-30
        np.testing.assert_allclose(derivative(t), step, rtol=1e-12)
    assert len(orders) == 4


def test_unknown_maps_have_exact_raw_derivatives() -> None:
    data = draw([u], np.random.default_rng(1))
    orders = data.functions["u"]
    arguments = [data.values[name] for name in ("x", "A", "c")]
    q, m, n = data.sizes["q"], data.sizes["m"], data.sizes["n"]
    inputs = [(n,), (m, n), ()]
    for i, first in enumerate(inputs):
        found = orders[1](*arguments)[i]
        assert found.shape == (q, m, *first)

        def moved(array: np.ndarray, order: int, path: tuple[int, ...] = (), i: int = i) -> np.ndarray:
            result: Any = orders[order](*[array if k == i else a for k, a in enumerate(arguments)])
            for position in path:
                result = result[position]
            return np.asarray(result)

        np.testing.assert_allclose(
            found.reshape(q, m, -1), central_differences(partial(moved, order=0), arguments[i]), rtol=1e-8, atol=1e-9
        )
        for j, second in enumerate(inputs):
            mixed = orders[2](*arguments)[j][i]
            assert mixed.shape == (q, m, *second, *first)
            differences = central_differences(partial(moved, order=1, path=(j,)), arguments[i])
            np.testing.assert_allclose(mixed.reshape(differences.shape), differences, rtol=1e-8, atol=1e-9)
            for k in range(3):
                third = orders[3](*arguments)[k][j][i]
                differences = central_differences(partial(moved, order=2, path=(k, j)), arguments[i])
                np.testing.assert_allclose(third.reshape(differences.shape), differences, rtol=1e-8, atol=1e-9)


def test_drawn_data_are_what_a_user_could_have_given() -> None:
    expr = mc.sum(u) + mc.sum(f(x))
    data = draw([expr], np.random.default_rng(1))
    again = bind([expr], data.values, sizes=data.sizes, functions=data.functions)
    np.testing.assert_array_equal(value(expr, again), value(expr, data))


# ---- exponents, bounds, positions ------------------------------------------------------------------------------------

k, i, p = mc.scalar("k"), index("i", "n"), index("p")
g = matrix_function("g")
WHOLE: dict[str, Expr] = {
    "exponent": matrix_power(S, k - 1),
    "negative exponent": matrix_power(S, -k),
    "bound": indexed_sum(p, c**2 * matrix_power(S, p), 0, k - 1),
    "bound and exponent": indexed_sum(p, matrix_power(S, k - 1 - p) @ x @ x.T @ matrix_power(S.T, p), 0, k - 1),
    "bound in a let": mc.let("z", indexed_sum(p, x * p, 1, mc.let("h", k + 1))),
    "position": entry(A, k - 1, 1) * x,
}


def symbols(of: Expr) -> list[Expr]:
    return [node for node in postorder([of], with_definition) if isinstance(node, Symbol) and node.shape]


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("seed", range(3))
def test_what_counts_is_a_whole_number(name: str, seed: int) -> None:
    of = WHOLE[name]
    data = draw([of], np.random.default_rng(seed))
    assert data.values["k"].shape == (1, 1)
    assert data.values["k"][0, 0] in (2.0, 3.0, 4.0)
    for by in symbols(of):
        np.testing.assert_allclose(jacobian(of, by, data), complex_step(of, by, data), rtol=1e-9, atol=1e-12)


def test_an_index_that_no_sum_binds_counts_along_its_axis() -> None:
    found = set()
    for seed in range(30):
        data = draw([entry(x, i) * entry(A, p, 1)], np.random.default_rng(seed), sizes={"n": 3, "m": 5})
        found.add((float(data.values["i"][0, 0]), float(data.values["p"][0, 0])))
    assert found == {(a, b) for a in (1.0, 2.0, 3.0) for b in (1.0, 2.0)}


@pytest.mark.parametrize("of", [pinv(A), pinv(A.T), pinv(A @ S), pinv(A) @ A @ x, pinv(X.T @ X + mc.identity("p")), g(S), g.prime(S @ S)])
def test_pseudo_inverses_and_matrix_functions_get_data_of_good_condition(of: Expr) -> None:
    for seed in range(3):
        data = draw([of], np.random.default_rng(seed))
        for by in symbols(of):
            found = jacobian(of, by, data)
            np.testing.assert_allclose(found, complex_step(of, by, data), rtol=1e-8, atol=1e-10)
            np.testing.assert_allclose(found, central(of, by, data), rtol=1e-5, atol=1e-6)


def test_drawn_matrix_functions_have_right_derivatives_and_commute_with_their_argument() -> None:
    data = draw([g(S)], np.random.default_rng(4))
    functions, matrix = data.functions["g"], data.values["S"]
    assert len(functions) == 4
    np.testing.assert_allclose(functions[0](matrix) @ matrix, matrix @ functions[0](matrix), rtol=1e-12)
    for order in range(3):
        along = (functions[order](matrix + 1e-5 * np.eye(len(matrix))) - functions[order](matrix - 1e-5 * np.eye(len(matrix)))) / 2e-5
        np.testing.assert_allclose(functions[order + 1](matrix), along, rtol=1e-6, atol=1e-7)


def test_written_derivatives_get_finite_data() -> None:
    slope = written_derivative(mc.sum(log(A @ x)), entry(x, i), None)
    for of in (slope, indexed_sum(i, slope**2), written_derivative(mc.sum(sqrt(x)), x, "denominator")):
        assert np.isfinite(value(of, draw([of], np.random.default_rng(2)))).all()


def test_sizes_are_sought_at_which_no_determinant_vanishes() -> None:
    K = mc.matrix("K", "m", "n")
    for e, wide in ((mc.logdet(K.T @ K), False), (mc.det(K @ K.T), True)):
        data = draw([e], np.random.default_rng(0))
        assert (data.sizes["m"] < data.sizes["n"]) == wide
    always = mc.det(mc.vector("x", "n") @ mc.vector("y", "n").T)
    assert abs(value(always, draw([always], np.random.default_rng(0))).item()) < 1e-9
