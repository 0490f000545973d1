"""The table of known elementwise functions: complete, and each derivative that of the row before it."""

import math

import numpy as np
import pytest

from matcalc.errors import EvaluationError
from matcalc.language.building import known_elementwise
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction
from matcalc.numeric.elementwise import KNOWN_VALUES, known_value

POINTS = np.array([[0.31, 0.8, 1.7], [2.9, 0.05, 4.0]])
ONE_SIDED = {"log", "sqrt"}
VALUES = {
    "identity": lambda t: t,
    "sigmoid": lambda t: 1 / (1 + math.exp(-t)),
    "tanh": math.tanh,
    "relu": lambda t: max(t, 0.0),
    "leaky_relu": lambda t: max(t, t / 100),
    "softplus": lambda t: math.log(1 + math.exp(t)),
    "gelu": lambda t: t * (1 + math.erf(t / math.sqrt(2))) / 2,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "square": lambda t: t**2,
    "sin": math.sin,
    "cos": math.cos,
    "abs": abs,
    "step": lambda t: float(t > 0),
    "sign": lambda t: math.copysign(1, t),
    "normal_cdf": lambda t: (1 + math.erf(t / math.sqrt(2))) / 2,
    "normal_pdf": lambda t: math.exp(-t * t / 2) / math.sqrt(2 * math.pi),
}


def points(name: str) -> np.ndarray:
    return POINTS if name in ONE_SIDED else np.concatenate([POINTS, -POINTS])


def test_the_table_is_complete() -> None:
    assert set(KNOWN_VALUES) == set(KNOWN_FUNCTIONS)


@pytest.mark.parametrize("name", KNOWN_VALUES)
def test_the_value_is_that_of_the_definition(name: str) -> None:
    z = points(name)
    wanted = np.vectorize(VALUES[name], otypes=[float])(z)
    np.testing.assert_allclose(known_value(known_elementwise(name), z), wanted, rtol=1e-12)


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", KNOWN_VALUES)
def test_each_order_is_the_derivative_of_the_one_before(name: str, order: int) -> None:
    function = ElementwiseFunction(name, order, True, KNOWN_FUNCTIONS[name].parameter)
    z = points(name)
    h = 1e-4 * np.maximum(np.abs(z), 0.1)
    far = known_value(function, z - 2 * h) - known_value(function, z + 2 * h)
    central = (far + 8 * (known_value(function, z + h) - known_value(function, z - h))) / (12 * h)
    derivative = known_value(function.prime, z)
    np.testing.assert_allclose(derivative, central, rtol=1e-7, atol=1e-8)
    if KNOWN_VALUES[name].complex_ready:
        step = np.imag(known_value(function, z + 1e-30j)) / 1e-30
        np.testing.assert_allclose(derivative, step, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("name", KNOWN_VALUES)
def test_far_out_nothing_overflows(name: str) -> None:
    if name in {"exp", "square"}:
        return
    z = np.array([[800.0]]) if name in ONE_SIDED else np.array([[800.0, -800.0]])
    for order in range(4):
        function = ElementwiseFunction(name, order, True, KNOWN_FUNCTIONS[name].parameter)
        assert np.all(np.isfinite(known_value(function, z))), order


def test_the_parameter_is_the_slope() -> None:
    steep = known_elementwise("leaky_relu").with_parameter("1/5")
    np.testing.assert_array_equal(known_value(steep, np.array([[-5.0, 5.0]])), [[-1.0, 5.0]])
    np.testing.assert_array_equal(known_value(steep.prime, np.array([[-5.0, 5.0]])), [[0.2, 1.0]])


def test_what_is_not_known_raises() -> None:
    z = np.ones((1, 1))
    with pytest.raises(EvaluationError, match="sigmoid is known here up to its derivative of order 3, not 4"):
        known_value(ElementwiseFunction("sigmoid", 4, True), z)
    with pytest.raises(EvaluationError, match="swish has no row"):
        known_value(ElementwiseFunction("swish", 0, True), z)
    with pytest.raises(EvaluationError, match="gelu takes no complex numbers here"):
        known_value(known_elementwise("gelu"), z + 1e-30j)
