"""The two kinds of differences."""

import math

import numpy as np
import pytest

from matcalc.errors import EvaluationError
from matcalc.language import building as mc
from matcalc.numeric.data import bind
from matcalc.numeric.differences import central, central_differences, complex_step

A, x, c = mc.matrix("A", "m", "n"), mc.vector("x", "n"), mc.scalar("c")
DATA = {"A": [[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]], "x": [0.2, -0.4, 1.1], "c": 0.6}


def test_the_stencil_is_exact_for_polynomials_of_degree_four() -> None:
    found = central_differences(lambda t: t.ravel() ** 4, np.array([[1.5, -0.25]]))
    np.testing.assert_allclose(found, np.diag([4 * 1.5**3, -4 * 0.25**3]), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(("rule", "tolerance"), [(central, 1e-9), (complex_step, 1e-15)])
def test_derivatives_of_known_form(rule, tolerance) -> None:  # type: ignore[no-untyped-def]
    data = bind([A @ x * c], DATA)
    M, v = data.values["A"], data.values["x"]
    exp = mc.known_elementwise("exp")
    np.testing.assert_allclose(rule(A @ x * c, x, data), 0.6 * M, rtol=tolerance)
    np.testing.assert_allclose(rule(exp(x), x, data), np.diag(np.exp(v[:, 0])), rtol=tolerance, atol=1e-11)
    np.testing.assert_allclose(rule(mc.sum(A**2), A, data), 2 * M, rtol=tolerance)
    np.testing.assert_allclose(rule(exp(c), c, data), math.exp(0.6), rtol=tolerance)


@pytest.mark.parametrize("rule", [central, complex_step])
def test_a_let_is_varied_by_itself(rule) -> None:  # type: ignore[no-untyped-def]
    z = mc.let("z", A @ x)
    data = bind([z], DATA)
    at = data.values["A"] @ data.values["x"]
    np.testing.assert_allclose(rule(mc.sum(z * z) + mc.sum(x), z, data), 2 * at[:, 0], rtol=1e-9)
    np.testing.assert_allclose(rule(z, z, data), np.eye(2), rtol=1e-9, atol=1e-12)


def test_a_map_that_tells_its_size_is_varied() -> None:
    u = mc.function("u", of=x, shape=("p",))
    assert not isinstance(u, type(mc.function("f")))
    M = np.arange(15.0).reshape(5, 3)
    data = bind([u], DATA, functions={"u": lambda v: M @ v**2})
    for rule in (central, complex_step):
        np.testing.assert_allclose(rule(u, x, data), 2 * M * data.values["x"].T, rtol=1e-9, atol=1e-12)


def test_why_there_is_no_complex_step() -> None:
    gelu, log, f = mc.known_elementwise("gelu"), mc.known_elementwise("log"), mc.function("f")
    data = bind([x, f(c)], DATA, functions={"f": lambda t: np.vectorize(math.sin)(t)})
    with pytest.raises(EvaluationError, match="gelu takes no complex numbers here"):
        complex_step(gelu(x), x, data)
    with pytest.raises(EvaluationError, match="f takes no complex numbers, so no complex step passes through it"):
        complex_step(f(c), c, data)
    careless = bind([f(c)], DATA, functions={"f": lambda t: np.asarray(t).astype(float)})
    with pytest.raises(EvaluationError, match="f takes no complex numbers, so no complex step passes through it"):
        complex_step(f(c), c, careless)
    with pytest.raises(EvaluationError, match="z is not finite at the data, so it has no complex step"):
        complex_step(mc.let("z", log(x)), x, data)
    with pytest.raises(EvaluationError, match="is not a variable: a declared symbol or a let is"):
        central(x, mc.sum(x), data)
