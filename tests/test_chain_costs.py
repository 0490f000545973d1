"""Costs of the product of a chain: the numbers of the literature, both layouts, and what is measured."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc as mc
from matcalc.errors import EvaluationError, MatcalcError, ShapeError
from matcalc.numeric.measuring import drawn, multiplied

CHAIN = [("W4", 784, 512), ("W3", 512, 8), ("W2", 8, 512), ("W1", 512, 784)]


def test_a_bottleneck_makes_the_best_bracketing_cheaper_than_either_end() -> None:
    report = mc.costs(CHAIN)
    for layout in ("numerator", "denominator"):
        numbers = [report.row(mode, layout).numbers for mode in ("reverse", "forward", "best")]
        assert [n[0] for n in numbers if n is not None] == [321_126_400, 321_126_400, 11_339_776]
    net = mc.Network(widths=(784, 512, 8, 512, 784), activation="identity")
    same = mc.costs(net.a[4], net.x, sizes=net.sizes)
    assert [(same.row(mode).numbers or (0,))[0] for mode in ("reverse", "forward", "best")] == [321_126_400, 321_126_400, 11_339_776]
    assert "28.3 times fewer" in report.verdict


def test_reverse_mode_of_a_network_is_what_backpropagation_takes() -> None:
    net = mc.Network(widths=(5, 7, 3, 2), activation="tanh")
    report = mc.costs(net.cost, net.W[1])
    assert repr(report.row("reverse").multiplications) == "n_0*n_1 + n_1*n_2 + n_2*n_3 + n_1 + n_2 + n_3"
    assert report.row("reverse").written.startswith("dz^(1)/dW^(1) ((((")
    assert report.row("reverse", "denominator").written.endswith(") dz^(1)/dW^(1)")
    with pytest.raises(MatcalcError, match="best needs a number for every size"):
        report.row("best")
    assert (mc.costs(net.cost, net.x, sizes=net.sizes).row("reverse").numbers or (0,))[0] == 5 * 7 + 7 * 3 + 3 * 2 + 7 + 3 + 2


def test_a_list_that_is_no_product_is_refused() -> None:
    with pytest.raises(ShapeError, match="A and B do not join: A has n columns, B has m rows"):
        mc.costs([("A", "m", "n"), ("B", "m", "n")])
    with pytest.raises(MatcalcError, match="needs wrt"):
        mc.costs(mc.scalar("c"))


def test_every_bracketing_is_measured() -> None:
    report = mc.costs([("A", 3, 5), ("D", 5, 5, "diagonal"), ("B", 5, 2), ("E", 2, 2, "diagonal")])
    seconds = report.measured(repeats=1)
    assert set(seconds) == {(mode, layout) for mode in ("reverse", "forward", "best") for layout in ("numerator", "denominator")}
    assert all(0 < taken < 1 for taken in seconds.values())
    with pytest.raises(EvaluationError, match="A is m x n: to measure, give a number for every size"):
        mc.costs([("A", "m", "n"), ("B", "n", "k")]).measured()


def test_measured_products_have_the_value_of_the_chain() -> None:
    rng = np.random.default_rng(3)
    factors = [drawn(2, 3, "general", rng), drawn(3, 3, "diagonal", rng), drawn(3, 3, "identity", rng), drawn(3, 4, "general", rng)]
    dense = [f.array if f.kind == "full" else np.diag(f.array) for f in factors]
    made = multiplied(factors[0], multiplied(multiplied(factors[1], factors[2]), factors[3]))
    np.testing.assert_allclose(made.array, dense[0] @ dense[1] @ dense[2] @ dense[3])


def test_the_report_reads_as_a_table() -> None:
    lines = repr(mc.costs([("g", 1, "m"), ("D", "m", "m", "diagonal"), ("W", "m", "n")])).splitlines()
    assert lines[1].split() == ["layout", "mode", "product", "multiplications", "dense", "entries"]
    assert "(g D) W" in lines[2] and "m*n + m" in lines[2]
    assert "W^T (D g^T)" in lines[4]


def test_sizes_of_a_network_may_name_some_that_its_chain_does_not_have() -> None:
    net = mc.Network(widths=(2, 3, 5), batch="rows")
    report = mc.costs(net.cost, net.W[2], sizes={**net.sizes, "N": 7})
    assert report.sizes == {"n_1": 3, "n_2": 5, "N": 7}
    with pytest.raises(MatcalcError, match="No size is named 'n_7' here"):
        mc.costs(net.cost, net.W[2], sizes={"n_7": 2})


def test_a_ratio_that_is_nearly_one_is_not_told() -> None:
    report = mc.costs([("A", 300, 200), ("B", 200, 201), ("C", 201, 300)])
    assert "1.0 times" not in report.verdict
