"""What figures say of themselves in a sentence: names in brackets, counts of every path, one or several."""

import re

import pytest

import matcalc as mc
from tests.figures.nets import residual


def test_expressions_without_a_name_stand_in_brackets() -> None:
    n = mc.dims("n")
    A, x = mc.matrix("A", n, n), mc.vector("x", n)
    d = mc.derive(x.T @ A @ x, x, layout="numerator")
    for kind in ("layouts_mirrored", "index_network", "jacobian_heat_maps", "shape_blocks", "derivation_sheet"):
        said = d.figure(kind).said
        assert "d(x^T A x)/dx" in said, said


def test_factors_of_every_path_are_counted() -> None:
    d = mc.derive(residual(), "x", layout="numerator")
    counts = [len(path) for path in d.paths]
    assert len(set(counts)) > 1
    said = d.figure("layouts_mirrored").said
    assert said.startswith(f"dC/dx: {len(counts)} paths of {', '.join(map(str, counts[:-1]))} and {counts[-1]} factors")


@pytest.mark.parametrize(
    "kind", ["layouts_mirrored", "jacobian_heat_maps", "derivation_sheet", "index_network", "shape_blocks", "computation_graph"]
)
def test_one_is_no_plural(kind: str) -> None:
    x = mc.vector("x", 3)
    for of in (mc.let("y", 2 * x), mc.let("z", mc.matrix("A", 2, 3) @ x)):
        said = mc.derive(of, x, layout="denominator").figure(kind).said
        assert not re.search(r"\b1 (factors|heat maps|steps|entries zero|quantities|terms|indices|paths)\b", said), said


@pytest.mark.parametrize("kind", ["layouts_mirrored", "shape_blocks", "jacobian_heat_maps"])
def test_names_by_vec_have_their_transpose_in_each_layout(kind: str) -> None:
    net = mc.Network(widths=(2, 3, 5), activation="f", loss="C", batch="rows")
    A, Z = r"\operatorname{vec}(\mathbf{A}^{(2)})", r"\operatorname{vec}(\mathbf{Z}^{(2)})"
    above = {rf"\frac{{\partial C}}{{\partial {A}^\top}}", rf"\frac{{\partial {A}}}{{\partial {Z}^\top}}"}
    below = {rf"\frac{{\partial C}}{{\partial {A}}}", rf"\frac{{\partial {A}^\top}}{{\partial {Z}}}"}
    for layout, names, others in (("numerator", above, below), ("denominator", below, above)):
        drawn = mc.derive(net.cost, net.W[1], layout=layout).figure(kind)
        labels = {mark.text.replace(r"\dfrac", r"\frac") for mark in drawn.marks}
        assert names <= labels
        assert kind == "layouts_mirrored" or not others & labels
        assert kind != "layouts_mirrored" or others <= labels
