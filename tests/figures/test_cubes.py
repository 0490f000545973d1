"""The cube: which entries are drawn, and onto what it collapses."""

import pytest

import matcalc as mc
from matcalc.figures import cube
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
