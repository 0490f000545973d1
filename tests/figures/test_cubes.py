"""The cube: which entries are drawn, and onto what it collapses."""

import numpy as np
import pytest

import matcalc as mc
from matcalc.derivation import Derivation
from matcalc.figures import cube
from matcalc.layout.products import Reading, product_of
from tests.figures.marks_apart import assert_apart

NET = mc.Network(widths=(2, 3, 5), activation="f")


def test_the_entries_of_dz_dW_are_where_the_delta_is() -> None:
    drawn = cube(mc.derive(NET.cost, NET.W[1], layout="denominator"), sizes=NET.sizes)
    assert {mark.text for mark in drawn.with_role("entry")} == {f"{i},{i},{k}" for i in (1, 2, 3) for k in (1, 2)}
    assert len(drawn.with_role("matrix entry")) == 6


def test_the_matrix_stands_in_the_layout() -> None:
    d = mc.derive(NET.cost, NET.W[1], layout="numerator")
    entries = cube(d, sizes=NET.sizes).with_role("matrix entry")
    columns = {round(mark.box[0], 3) for mark in entries}
    rows = {round(mark.box[1], 3) for mark in entries}
    assert (len(rows), len(columns)) == (2, 3)
    labels = [mark.text for mark in cube(d).with_role("label")]
    assert any(label.endswith(r"\mathbf{x} \dfrac{\partial C}{\partial \mathbf{z}^{(1)}}") for label in labels)


def test_entries_are_found_from_the_derivative_and_not_from_a_pattern() -> None:
    n, m = mc.dims("n m")
    x, W = mc.vector("x", n), mc.matrix("W", m, n)
    both = mc.let("z", mc.sum(W @ x) * mc.vector("u", 2))
    dense = cube(mc.derive(both, W, layout="numerator"), sizes={"m": 3, "n": 4})
    assert len(dense.with_role("entry")) == 2 * 3 * 4
    zero = cube(mc.derive(mc.let("z", (W @ x) * (W @ x)), W, layout="numerator"), sizes={"m": 3, "n": 4})
    assert len(zero.with_role("entry")) == 3 * 4


def test_a_batch_has_three_axes_by_its_bias() -> None:
    net = mc.Network(widths=(2, 3), activation="f", batch="rows")
    drawn = cube(mc.derive(net.cost, net.b[1], layout="denominator"), sizes={"N": 4, "n_0": 2, "n_1": 3})
    assert {mark.text for mark in drawn.with_role("entry")} == {f"{s},{k},{k}" for s in (1, 2, 3, 4) for k in (1, 2, 3)}


def tied_weights(layout: str) -> Derivation:
    """An autoencoder whose second layer has the weights of the first."""
    n, m = mc.dims("n m")
    W, x = mc.matrix("W", m, n), mc.vector("x", n)
    r = mc.let("r", W.T @ mc.let("h", W @ x))
    return mc.derive(mc.let("E", mc.sum((r - x) ** 2) / 2), W, layout=layout)


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_one_path_of_several_collapses_onto_its_own_product(layout: str) -> None:
    d = tied_weights(layout)
    drawn = cube(d, sizes={"n": 5, "m": 3})
    (shown,) = (mark.text for mark in drawn.with_role("path product"))
    (path,) = (path for path in d.paths if product_of(path, d.layout).latex() == shown)
    rng = np.random.default_rng(7)
    W, x = rng.normal(size=(3, 5)), rng.normal(size=5)
    error = W.T @ (W @ x) - x
    block = np.einsum("ij,k->ijk", np.eye(3), x)  # dh/dW; the other path has dr/dW
    collapsed = np.einsum("i,ijk->jk", W @ error, block)
    found = product_of(path, d.layout, Reading.STAND_IN).expression.evaluate({"W": W, "x": x})
    assert np.allclose(found, collapsed if layout == "denominator" else collapsed.T)
    assert not np.allclose(found, d.result.evaluate({"W": W, "x": x}))
    assert repr(path[-1]) == "dh/dW"
    assert "one of 2 paths; dE/dW is the sum over the paths" in drawn.said
    assert not any(mark.text == d.latex() for mark in drawn.marks)
    assert_apart(drawn)


def test_paths_that_end_in_the_same_factor_collapse_onto_the_derivative() -> None:
    n, m = mc.dims("n m")
    W, x, f = mc.matrix("W", m, n), mc.vector("x", n), mc.function("f")
    h = mc.let("h", W @ x)
    d = mc.derive(mc.let("E", mc.sum((mc.let("g", f(h)) + h) ** 2)), W, layout="denominator")
    drawn = cube(d)
    assert len(d.paths) == 2
    assert "summed with dE/dh it collapses onto dE/dW." in drawn.said
    assert not drawn.with_role("path product")


def test_where_no_path_of_several_is_a_product_the_way_out_works() -> None:
    n, m = mc.dims("n m")
    W, x, y = mc.matrix("W", m, n), mc.vector("x", m), mc.vector("y", m)
    d = mc.derive(mc.let("E", mc.sum(mc.let("u", W.T @ x) * mc.let("v", W.T @ y))), W, layout="numerator")
    with pytest.raises(mc.MatcalcError, match=r"2 paths lead .*, and none .* Take the factor alone: d\.paths\[0\]\[-1\]\.index_form"):
        cube(d)
    assert d.paths[0][-1].index_form.ndim == 3


def test_by_free_entries_it_is_refused() -> None:
    square = mc.matrix("S", 3, 3)
    cost = mc.let("E", mc.sum(mc.exp(mc.let("z", square @ mc.vector("t", 3)))))
    with pytest.raises(mc.MatcalcError, match=r"by the free entries of a matrix.*Take d\.by_independent_entries"):
        cube(mc.derive(cost, square, layout="numerator", structured="symmetric"))


def test_entries_that_cancel_are_left_out() -> None:
    n = mc.dims("n")
    x, A = mc.vector("x", n), mc.matrix("A", n, n)
    d = mc.derive(mc.let("z", (A - A.T) @ x), A, layout="numerator")
    assert not {"1,1,1", "2,2,2", "3,3,3"} & {mark.text for mark in cube(d, sizes={"n": 3}).with_role("entry")}


def test_what_has_no_three_axes_and_what_is_too_large_is_told() -> None:
    with pytest.raises(mc.MatcalcError, match=r"no factor with three axes at its end: .*dz\^\(1\)/dx has 2.*derive\(z, W\)"):
        cube(mc.derive(NET.cost, NET.x, layout="numerator"))
    with pytest.raises(mc.MatcalcError, match=r"has 3 x 3 x 784 entries at these sizes; at most 12 along an axis"):
        cube(mc.derive(NET.cost, NET.W[1], layout="numerator"), sizes={"n_0": 784, "n_1": 3})


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("sizes", [{"n_0": 1, "n_1": 1}, {"n_0": 12, "n_1": 11}, {"n_0": 1, "n_1": 7}, {"n_0": 9, "n_1": 2}])
def test_nothing_overlaps(sizes: dict[str, int], style: str) -> None:
    for d in (mc.derive(NET.cost, NET.W[1], layout="numerator"), mc.derive(NET.z[1], NET.W[1], layout="denominator")):
        assert_apart(cube(d, sizes=sizes, style=style))
