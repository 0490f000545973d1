"""What a user gives in place of a dict, under another name, or for an unknown function: each fault says what was meant."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from matcalc.errors import EvaluationError
from matcalc.language import building as mc
from matcalc.language.elementwise import KNOWN_FUNCTIONS
from matcalc.language.expressions import Expr
from matcalc.language.sizes import dims
from matcalc.numeric.data import Data, bind
from matcalc.numeric.drawing import draw
from matcalc.numeric.elementwise import KNOWN_VALUES
from matcalc.numeric.evaluation import evaluate, value
from matcalc.second_derivative import hessian

W, x, c = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.scalar("c")
W1 = mc.matrix("W^(1)", "n_1", "n_0")
W2 = mc.matrix("W^(2)", "n_2", "n_1")
x0 = mc.vector("x", "n_0")
f: Any = mc.function("f")
u: Any = mc.function("u", of=x, shape=("m",))
tanh, gelu, leaky_relu = (mc.known_elementwise(name) for name in ("tanh", "gelu", "leaky_relu"))
V = np.array([[0.3], [-0.7], [1.1]])
RNG = partial(np.random.default_rng, 0)

# ---- dicts by name ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (np.ones((2, 3)), r"an array of shape \(2, 3\)"),
        ([1, 2], "a list of 2"),
        ((1, 2, 3), "a tuple of 3"),
        (2.5, "2.5"),
        (0, "0"),
        ("W", "'W'"),
        (x, "x"),
        (np.tanh, "the function tanh"),
    ],
)
def test_values_are_a_dict_by_name(given: Any, found: str) -> None:
    with pytest.raises(EvaluationError, match=rf'^values is a dict by name, like {{"W": \.\.\., "x": \.\.\.}}; {found} was given\.$'):
        evaluate(W @ x, given)
    with pytest.raises(EvaluationError, match=r'like \{"c": \.\.\.\}; '):
        evaluate(c, given)
    with pytest.raises(EvaluationError, match=r'like \{"W": \.\.\., "x": \.\.\.\}; '):
        evaluate(mc.ones("n"), given)


@pytest.mark.parametrize("take", [lambda e, sizes: evaluate(e, {}, sizes=sizes), lambda e, sizes: draw([e], RNG(), sizes=sizes)])
@pytest.mark.parametrize(("given", "found"), [(5, "5"), ([3], "a list of 1"), ("n", "'n'"), (0, "0"), (np.ones(2), "an array")])
def test_sizes_are_a_dict_by_name(take: Callable[[Expr, Any], Any], given: Any, found: str) -> None:
    with pytest.raises(EvaluationError, match=rf'sizes is a dict by name, like {{"m": 3}}; {found}.* was given\.'):
        take(W @ x, given)
    with pytest.raises(EvaluationError, match=r'sizes is a dict by name, like \{"n": 3\}; '):
        take(mc.lift(2), given)


@pytest.mark.parametrize(("given", "found"), [(np.tanh, "the function tanh"), (tanh, "the function tanh"), ("tanh", "'tanh'")])
def test_functions_are_a_dict_by_name(given: Any, found: str) -> None:
    form = r'functions is a dict by name, like \{"f": \(f, f1\)\} with f1 the derivative; '
    with pytest.raises(EvaluationError, match=rf"{form}{found} was given\."):
        evaluate(f(x), {"x": V}, functions=given)
    with pytest.raises(EvaluationError, match=rf"{form}{found} was given\."):
        evaluate(x, {"x": V}, functions=given)
    with pytest.raises(EvaluationError, match=r'like \{"u": \(u, du\)\} with du the derivative, raw axes \(output\.\.\., input\.\.\.\); '):
        evaluate(u, {"x": V}, functions=given)


def test_all_that_are_no_dicts_are_named_at_once() -> None:
    with pytest.raises(EvaluationError, match=r"(?s)^values is .*\nsizes is .*\nfunctions is ") as caught:
        bind([f(x)], 1, sizes=2, functions=np.sin)  # type: ignore[arg-type]
    assert len(caught.value.faults) == 3


def test_nothing_given_is_an_empty_dict() -> None:
    np.testing.assert_array_equal(evaluate(mc.lift(2), None), [[2.0]])
    with pytest.raises(EvaluationError, match=r"There is no value for x \(n,\)\. Give one by its plain name\."):
        evaluate(x)


# ---- names -----------------------------------------------------------------------------------------------------------


def test_a_near_name_that_does_not_occur_is_asked_about() -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate(W2 @ W1 @ x0 * c, {"W1": np.ones((2, 3)), "A": 1, "B": 2, "x": V})
    assert caught.value.faults == (
        "There is no value for W^(2) (n_2, n_1). Values are given for A, B, which do not occur.",
        "There is no value for W^(1) (n_1, n_0). A value is given for W1, which does not occur: was W^(1) meant?",
        "There is no value for c, a scalar. Values are given for A, B, which do not occur.",
    )


def test_a_quantity_that_has_a_definition_occurs() -> None:
    z = mc.let("z", W1 @ x0)
    with pytest.raises(EvaluationError, match=r"There is no value for W\^\(1\) \(n_1, n_0\)\. Give one by its plain name\.$"):
        evaluate(z, {"z": 1, "x": V})
    with pytest.raises(EvaluationError, match=r"There is no value for W\^\(1\) .*\. A value is given for A, which does not occur\.$"):
        evaluate(z, {"z": 1, "A": 1, "x": V})


def test_drawn_sizes_must_occur() -> None:
    with pytest.raises(EvaluationError, match=r"^sizes gives n_9, which does not occur in these expressions\. Did you mean n_\d") as caught:
        draw([W1], RNG(), sizes={"n_9": 4, "n_0": 0})
    assert caught.value.faults[1] == "n_0 is 0 by sizes=; a size is an int of at least 1."
    with pytest.raises(EvaluationError, match=r"sizes gives k, which does not occur in these expressions\. Known names: m, n\."):
        draw([W], RNG(), sizes={"k": 4})
    with pytest.raises(EvaluationError, match=r"sizes gives k, which does not occur in these expressions\. No size occurs in them\."):
        draw([c], RNG(), sizes={"k": 4})
    with pytest.raises(EvaluationError, match=r"n is 2\.5 by sizes=; a size is an int of at least 1"):
        draw([x], RNG(), sizes={"n": 2.5})  # type: ignore[dict-item]
    assert draw([W], RNG(), sizes={dims("n"): 4}).sizes == {"m": 2, "n": 4}


# ---- functions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "given", "message"),
    [
        (1, np.tanh, r'order 1 is needed, so 2 callables, not 1: functions=\{"f": \(f, f1\)\} with f1 the derivative\.'),
        (2, np.sin, r'order 2 is needed, so 3 callables, not 1: .*\(f, f1, f2\)\} with f1, f2 the derivatives of order 1, 2\.'),
        (4, (np.sin, np.cos), r'order 4 is needed, so 5 callables, not 2: .*\(f, f1, f2, f3, f4\)\} with f1, f2, f3, f4 the '),
        (3, np.sin, r'order 3 is needed, so 4 callables, not 1: .*\(f, f1, f2, f3\)\} with f1, f2, f3 the derivatives of order 1, 2, 3\.'),
        (5, "tanh", r"order 5 is needed, so 6 callables, not 4: "),
    ],
)  # fmt: skip
def test_a_missing_derivative_shows_the_form(order: int, given: Any, message: str) -> None:
    function = f
    for _ in range(order):
        function = function.prime
    with pytest.raises(EvaluationError, match=rf"^The derivative of f of {message}"):
        evaluate(function(x), {"x": V}, functions={"f": given})


def test_one_order_more_than_given_is_taken_by_differences() -> None:
    second = evaluate(f.prime.prime(x), {"x": V}, functions={"f": (np.sin, np.cos)})
    assert np.abs(second + np.sin(V)).max() < 1e-9


def test_the_hessian_of_a_map_of_two_arguments_given_with_its_first_derivatives() -> None:
    M = np.arange(6.0).reshape(2, 3) + 1.0
    y = mc.vector("y", "m")
    F = mc.function("F", of=(y, x), shape=())

    def first(p: Any, q: Any) -> Any:
        return (M @ q**2).ravel(), (2.0 * q.ravel() * (M.T @ p).ravel())

    data = {"x": np.array([0.3, -1.1, 0.02]), "y": np.array([0.7, -0.4])}
    given = {"F": (lambda p, q: p.T @ M @ q**2, first)}
    mixed = evaluate(hessian(F, y, x), data, functions=given)
    assert np.abs(mixed - 2.0 * M * data["x"]).max() < 1e-8
    by_x = evaluate(hessian(F, x, x), data, functions=given)
    assert np.abs(by_x - np.diag(2.0 * M.T @ data["y"])).max() < 1e-8


def test_a_missing_function_shows_the_form_of_the_orders_that_are_written() -> None:
    with pytest.raises(EvaluationError, match=r'There is no function f, .*\. Give functions=\{"f": \(f, f1\)\} with f1 the derivative\.'):
        evaluate(f(x) + f.prime(x), {"x": V})
    with pytest.raises(EvaluationError, match=r'There is no function f\^1, .*\. Give functions=\{"f\^1": f\}\.'):
        evaluate(mc.function("f^1")(x), {"x": V})
    with pytest.raises(EvaluationError, match=r'There is no function u, .*\. Give functions=\{"u": u\}\.'):
        evaluate(u, {"x": V})


@pytest.mark.parametrize("name", KNOWN_FUNCTIONS)
def test_a_known_function_gives_all_orders(name: str) -> None:
    known: Any = mc.known_elementwise(name)
    orders = KNOWN_VALUES[name].orders
    for given in (known, name):
        unknown, meant = f, known
        for _ in orders:
            found = evaluate(unknown(x), {"x": abs(V)}, functions={"f": given})
            np.testing.assert_array_equal(found, evaluate(meant(x), {"x": abs(V)}))
            unknown, meant = unknown.prime, meant.prime
        assert len(bind([f(x)], {"x": V}, functions={"f": given}).functions["f"]) == len(orders)


def test_a_known_function_keeps_its_parameter_and_its_primes() -> None:
    found = evaluate(f(x), {"x": V}, functions={"f": leaky_relu.with_parameter("1/5")})
    np.testing.assert_allclose(found, [[0.3], [-0.14], [1.1]])
    found = evaluate(f.prime(x), {"x": V}, functions={"f": tanh.prime})
    np.testing.assert_array_equal(found, evaluate(tanh.prime.prime(x), {"x": V}))
    for pair in ((tanh, tanh.prime), ("tanh", tanh.prime), (np.tanh, lambda t: 1 - np.tanh(t) ** 2)):
        np.testing.assert_allclose(evaluate(f.prime(x), {"x": V}, functions={"f": pair}), 1 - np.tanh(V) ** 2)


def test_a_known_function_without_complex_values_says_so() -> None:
    data = bind([f(x)], {"x": V}, functions={"f": gelu})
    with pytest.raises(EvaluationError, match=r"f takes no complex numbers, .*gelu takes no complex numbers here"):
        value(f(x), Data({"x": V + 0j}, data.sizes, data.functions))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("tahn", r"f is given as 'tahn', which is no known function\. Did you mean tanh\?"),
        (mc.function("g"), r'f is given as g, itself an unknown function\. Give functions=\{"f": \(f, f1\)\} with f1 the derivative, or a'),
        (f.prime, r'f is given as f\', itself an unknown function\. .*, or a known function, such as "tanh"\.'),
        (u.function, r"f is given as u, itself an unknown function\. "),
        ((np.sin, mc.function("g")), r"f is given as g, itself an unknown function\. "),
        (tanh.prime.prime.prime.prime, r"f is given as tanh''''; tanh is known here up to its derivative of order 3\."),
        ((np.sin, 3), r"f needs a callable or a tuple of them, itself and its derivatives; 3 was given\."),
        ((), r"f needs a callable or a tuple of them, itself and its derivatives; \(\) was given\."),
        (None, r"f needs a callable or a tuple of them, itself and its derivatives; None was given\."),
        (np.ones(2), r"f needs a callable or a tuple of them, itself and its derivatives; an array of shape \(2,\) was given\."),
    ],
)  # fmt: skip
def test_what_is_no_meaning_of_an_unknown_function(given: object, message: str) -> None:
    with pytest.raises(EvaluationError, match=rf"^{message}"):
        bind([f(x)], {"x": V}, functions={"f": given})


@pytest.mark.parametrize("given", [tanh, "tanh"], ids=["function", "name"])
def test_a_map_is_no_elementwise_function(given: object) -> None:
    with pytest.raises(
        EvaluationError,
        match=r'^u is a map from \(n,\) to \(m,\), tanh is applied to each entry\. Give functions=\{"u": \(u, du\)\} with du',
    ):
        bind([u], {"x": V}, functions={"u": given})
