"""Networks written from operators, under other names: nothing may depend on `Network`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import matcalc as mc
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.traversal import named
from matcalc.layout.conventions import Layout
from matcalc.layout.products import Reading

BUILT: dict[str, Callable[[], Expr]] = {}


def built(make: Callable[[], Expr]) -> Callable[[], Expr]:
    BUILT[make.__name__] = make
    return make


def layers() -> tuple[Expr, Expr]:
    """Two layers with names that say nothing, and their target."""
    u, P, Q = mc.vector("u", "p"), mc.matrix("P", "q", "p"), mc.matrix("Q", "r", "q")
    c, d, t = mc.vector("c", "q"), mc.vector("d", "r"), mc.vector("t", "r")
    h = mc.let("h", mc.tanh(mc.let("s", P @ u + c)))
    return mc.let("o", mc.sigmoid(mc.let("v", Q @ h + d))), t


@built
def plain() -> Expr:
    o, t = layers()
    return mc.let("E", mc.sum((o - t) ** 2) / (2 * mc.dims("r")))


@built
def binary_cross_entropy() -> Expr:
    o, t = layers()
    return mc.let("E", -mc.sum(t * mc.log(o) + (1 - t) * mc.log(1 - o)))


@built
def residual() -> Expr:
    x, V, W, y = mc.vector("x", "n"), mc.matrix("V", "n", "m"), mc.matrix("W", "m", "n"), mc.vector("y", "n")
    z = mc.let("z", W @ x)
    r = mc.let("r", x + V @ mc.gelu(z))
    s = mc.let("s", r + mc.softplus(r))
    return mc.let("C", mc.norm(s - y) ** 2)


@built
def tied_weights() -> Expr:
    x, W, b, f = mc.vector("x", "n"), mc.matrix("W", "m", "n"), mc.vector("b", "n"), mc.function("f")
    z = mc.let("z", W @ x)
    y = mc.let("y", W.T @ f(z) + b)
    return mc.let("C", mc.sum((y - x) ** 2))


@built
def batch_as_rows() -> Expr:
    X, W, b, Y = mc.matrix("X", "N", "d"), mc.matrix("W", "k", "d"), mc.vector("b", "k"), mc.matrix("Y", "N", "k")
    Z = mc.let("Z", X @ W.T + mc.ones("N") @ b.T)
    P = mc.let("P", mc.softmax(Z, axis="rows"))
    return mc.let("C", -mc.sum(Y * mc.log(P)) / mc.dims("N"))


@built
def attention_head() -> Expr:
    X, Wq, Wk, Wv = mc.matrix("X", "N", "d"), mc.matrix("W_q", "d", "h"), mc.matrix("W_k", "d", "h"), mc.matrix("W_v", "d", "p")
    Q, K, V = mc.let("Q", X @ Wq), mc.let("K", X @ Wk), mc.let("V", X @ Wv)
    S = mc.let("S", Q @ K.T / mc.sqrt(mc.dims("h")))
    O = mc.let("O", mc.softmax(S, axis="rows") @ V)  # noqa: E741
    return mc.let("C", mc.norm(O) ** 2)


@built
def unknown_maps() -> Expr:
    x, A, y = mc.vector("x", "n"), mc.matrix("A", "m", "n"), mc.vector("y", "k")
    z = mc.let("z", A @ x)
    u = mc.let("u", mc.function("u", of=z, shape=("k",)))
    return mc.let("C", mc.function("L", of=(u, y), shape=()))


def variables(cost: Expr) -> list[Symbol | Let]:
    return [node for node in named([cost]).values() if isinstance(node, Symbol | Let) and node != cost]


@pytest.mark.parametrize("style", ["hadamard", "diag"])
@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("make", BUILT.values(), ids=list(BUILT))
def test_every_variable_agrees_with_the_oracles(make: Callable[[], Expr], layout: Layout, style: str) -> None:
    cost = make()
    for variable in variables(cost):
        report = mc.derive(cost, variable, layout=layout, style=style).verify(seed=4)
        assert report.ok and report.checks[0].passed and report.checks[1].passed, report


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("make", BUILT.values(), ids=list(BUILT))
def test_every_step_holds(make: Callable[[], Expr], layout: Layout) -> None:
    cost = make()
    for variable in variables(cost):
        for step in mc.derive(cost, variable, layout=layout).steps:
            assert step.verify(), (variable, step)


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("make", BUILT.values(), ids=list(BUILT))
def test_products_of_all_paths_have_joints_that_fit(make: Callable[[], Expr], layout: Layout) -> None:
    cost = make()
    for variable in variables(cost):
        for product in mc.derive(cost, variable, layout=layout).products():
            assert all(joint.fits for joint in product.joints)


def test_gradients_agree_with_derive_on_a_network_with_tied_weights() -> None:
    cost = tied_weights()
    for layout in Layout:
        together = mc.gradients(cost, ["W", "b", "x"], layout=layout)
        for name, gradient in together.items():
            d = mc.derive(cost, name, layout=layout)
            values = {"W": [[1.0, 2, 3], [-1, 0.5, 2]], "x": [0.5, -1, 2], "b": [1.0, 2, 0.25]}
            functions = {"f": (lambda t: t**3, lambda t: 3 * t**2)}
            first, second = (e.evaluate(values, functions=functions) for e in (gradient, d.result))
            assert first == pytest.approx(second, rel=1e-12)


def test_a_factor_with_three_axes_says_where_it_may_stand() -> None:
    d = mc.derive(plain(), "P", layout="numerator")
    last = d.factors[-1]
    assert (last.shape("numerator"), last.shape("denominator")) == ((q, q, p), (q, p, q))
    assert repr(last.stand_in("numerator")) == "u" and repr(last.stand_in("denominator")) == "u^T"
    assert last.stand_in_is_first("numerator") and not last.stand_in_is_first("denominator")
    assert repr(last.vec_form("numerator")) == "u^T ⊗ I_q" and repr(last.vec_form("denominator")) == "u ⊗ I_q"
    with pytest.raises(mc.errors.NoMatrixFormError, match=r"ds/dP has 3 axes, 1 of the output and 2 of the input"):
        last.numerator  # noqa: B018
    assert d.product.reading is Reading.STAND_IN
    assert d.products("jacobian")[0].parts[-1].shape == (q, mc.vec(mc.matrix("P", "q", "p")).shape[0])


def test_weights_that_stand_transposed_have_no_stand_in() -> None:
    h, W = mc.vector("h", "n"), mc.matrix("W", "n", "m")
    (factor,) = mc.derive(mc.let("z", W.T @ h), W, layout="denominator").factors
    with pytest.raises(mc.errors.NoStandInError, match="beside the derivative by z without transposing"):
        factor.stand_in("denominator")
    assert not factor.has_stand_in
    assert repr(factor.vec_form("numerator")) == "I_m ⊗ h^T"


p, q = mc.dims("p q")
