"""Factors, stand-ins and products of paths: their order, their shapes joint by joint, and what they multiply to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import LayoutError, MatcalcError, NoStandInError, SeveralPathsError
from matcalc.language.expressions import Expr
from matcalc.layout.products import Joint, Reading
from matcalc.numeric.drawing import draw
from matcalc.numeric.evaluation import value
from matcalc.numeric.tape import jacobian
from tests.oracle import close, laid_out_by_definition, vec_by_definition
from tests.random_expressions import variables

x, y, t, c = mc.vector("x", "n"), mc.vector("y", "m"), mc.scalar("t"), mc.scalar("c")
W, V, B = mc.matrix("W", "m", "n"), mc.matrix("V", "p", "m"), mc.matrix("B", "q", "n")
f: Any = mc.function("f")
LAYOUTS = ("numerator", "denominator")


def layers() -> Expr:
    z = mc.let("z", W @ x + y)
    a = mc.let("a", f(z))
    o = mc.let("o", V @ a)
    return mc.let("C", mc.sum(o**2) / 2)


def rows_as_samples() -> Expr:
    X, U = mc.matrix("X", "N", "n"), mc.matrix("U", "n", "m")
    Z = mc.let("Z", X @ U)
    return mc.let("C", mc.sum(mc.tanh(Z) ** 2))


def through_scalars() -> Expr:
    v = mc.let("v", W @ x)
    s = mc.let("s", mc.norm(v))
    return mc.let("C", t * mc.sin(mc.let("r", s**2 + 1)))


def through_a_matrix() -> Expr:
    Z = mc.let("Z", t * W)
    return mc.let("C", mc.sum(f(Z) * W))


def through_rows() -> Expr:
    r = mc.let("r", mc.row("k", "n") * t)
    q = mc.let("q", mc.sin(r))
    return mc.let("w", q @ B.T)


def scalar_between_matrices() -> Expr:
    s = mc.let("s", mc.trace(W @ W.T))
    v = mc.let("v", s * y)
    return mc.let("C", y.T @ mc.exp(v) / 10)


def residual() -> Expr:
    z = mc.let("z", x + mc.tanh(mc.let("u", B.T @ B @ x)))
    return mc.let("C", mc.sum(z**2))


CHAINS = {
    make.__name__: make()
    for make in (layers, rows_as_samples, through_scalars, through_a_matrix, through_rows, scalar_between_matrices, residual)
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("of", CHAINS.values(), ids=CHAINS.keys())
def test_the_products_of_all_paths_add_up_to_the_derivative(of: Expr, layout: str) -> None:
    data = draw([of], np.random.default_rng(1))
    for by in variables(of):
        raw = jacobian(of, by, data)
        d = mc.derive(of, by, layout=layout)
        by_vec = vec_by_definition(raw, of.shape, by.shape, layout)
        close(np.asarray(sum(value(p.expression, data) for p in d.products("jacobian"))), by_vec)
        products = d.products()
        if all(p.reading is not Reading.JACOBIAN for p in products):
            wanted = laid_out_by_definition(raw, of.shape, by.shape, layout)
            close(np.asarray(sum(value(p.expression, data) for p in products)), wanted)
            close(np.asarray(sum(value(p.named_expression, data) for p in products)), wanted)
        assert all(joint.fits for p in products for joint in p.joints)


@pytest.mark.parametrize("of", CHAINS.values(), ids=CHAINS.keys())
def test_the_order_of_the_factors_is_reversed_in_the_other_layout(of: Expr) -> None:
    for by in variables(of):
        numerator, denominator = (mc.derive(of, by, layout=layout).products("jacobian") for layout in LAYOUTS)
        for one, other in zip(numerator, denominator, strict=True):
            assert [repr(f) for f in one.factors] == [repr(f) for f in reversed(other.factors)]


@pytest.mark.parametrize(
    ("layout", "text"), [("numerator", "x o^T V diag(f'(z))"), ("denominator", "diag(f'(z)) V^T o x^T")]
)
def test_the_stand_in_stands_in_front_in_numerator_layout_and_behind_in_denominator_layout(layout: str, text: str) -> None:
    d = mc.derive(CHAINS["layers"], W, layout=layout)
    assert repr(d.product) == text
    assert d.product.reading is Reading.STAND_IN
    assert repr(d.factors) == "(dC/do, do/da, da/dz, dz/dW)"
    last = d.factors[-1]
    assert repr(last.stand_in(layout)) == {"numerator": "x", "denominator": "x^T"}[layout]
    assert last.stand_in_is_first(layout) == (layout == "numerator")
    assert [repr(j) for j in d.product.joints] == (["1 = 1", "p = p", "m = m"] if layout == "numerator" else ["m = m", "p = p", "1 = 1"])


@pytest.mark.parametrize(
    ("layout", "text"), [("numerator", "X"), ("denominator", "X^T")]
)
def test_the_stand_in_of_a_batch_is_the_matrix_of_samples(layout: str, text: str) -> None:
    d = mc.derive(CHAINS["rows_as_samples"], "U", layout=layout)
    stand_in = d.factors[-1].stand_in(layout)
    assert repr(stand_in) == text
    assert d.product.reading is Reading.STAND_IN
    assert d.verify().ok


def test_a_factor_that_mixes_rows_has_no_stand_in() -> None:
    z = mc.let("z", mc.diag(mc.matrix("S", "n", "n") @ x) @ x + mc.matrix("S", "n", "n").T @ x)
    (factor,) = mc.derive(z, "S", layout="numerator").factors
    assert not factor.has_stand_in
    with pytest.raises(NoStandInError, match=r"stand for dz/dS = .*beside the derivative by z without transposing"):
        factor.stand_in("numerator")


def test_a_weight_that_is_used_transposed_has_no_stand_in() -> None:
    """Z = X U^T: the derivative by Z would have to be transposed beside what stands for dZ/dU."""
    Z = mc.let("Z", mc.matrix("X", "N", "n") @ mc.matrix("U", "m", "n").T)
    d = mc.derive(mc.let("C", mc.sum(f(Z))), "U", layout="denominator")
    assert not d.factors[-1].has_stand_in
    assert d.product.reading is Reading.JACOBIAN
    assert d.verify().ok


def test_a_factor_that_is_a_matrix_needs_no_stand_in() -> None:
    (factor,) = mc.derive(mc.let("z", W @ x), x, layout="numerator").factors
    with pytest.raises(NoStandInError, match=r"dz/dx is a matrix by itself: take \.numerator or \.denominator"):
        factor.stand_in("numerator")
    assert factor.numerator.shape == factor.shape("numerator")


def test_a_stand_in_over_a_matrix_is_refused() -> None:
    d = mc.derive(CHAINS["through_a_matrix"], t, layout="numerator")
    with pytest.raises(NoStandInError, match=r"dC/dZ · dZ/dt is no product of matrices.*Take reading='jacobian'"):
        d.products("stand-in")


def test_a_scalar_between_a_product_and_a_matrix_multiplies() -> None:
    d = mc.derive(CHAINS["scalar_between_matrices"], W, layout="denominator")
    assert d.product.reading is Reading.MATRICES
    assert d.product.expression.shape == W.shape
    assert d.product.runs == (1, 2)


def test_several_paths_have_no_single_product() -> None:
    d = mc.derive(CHAINS["residual"], x, layout="numerator")
    with pytest.raises(SeveralPathsError, match=r"2 paths lead from C to x: dC/dz · dz/dx; dC/dz · dz/du · du/dx"):
        _ = d.factors
    assert len(d.products()) == 2


def test_an_unknown_reading_is_refused() -> None:
    with pytest.raises(LayoutError, match="'standin' is not a reading: it is 'stand-in' or 'jacobian'"):
        mc.derive(CHAINS["layers"], W, layout="numerator").products("standin")


@pytest.mark.parametrize("by", [W, mc.vector("absent", 3)], ids=["itself", "absent"])
def test_without_a_path_there_is_no_product(by: Expr) -> None:
    d = mc.derive(W, by, layout="numerator")
    assert d.factors == ()
    with pytest.raises(MatcalcError, match=r"No path leads from the quantity to the variable.*\.result"):
        _ = d.product


def test_a_joint_that_does_not_fit_says_so() -> None:
    assert not Joint(2, 3).fits
    assert repr(Joint(2, 3)) == "2 ≠ 3"
