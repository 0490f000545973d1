"""Random data: different sizes, no symmetry, finite everywhere, and functions whose derivatives are exact."""

from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from matcalc.errors import DefinitionClashError, EvaluationError
from matcalc.language import building as mc
from matcalc.language.expressions import Expr
from matcalc.numeric.data import bind
from matcalc.numeric.differences import central_differences
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value

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
