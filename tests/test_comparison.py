"""Both layouts side by side: what is shown is what was derived, the reversal is proved, and the mixed layout is right."""

from __future__ import annotations

import pytest

import matcalc as mc
from matcalc.errors import MatcalcError
from matcalc.layout.conventions import Layout

W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
f = mc.function("f")
z = mc.let("z", W @ x + b)
a = mc.let("a", f(z))
C = mc.let("C", mc.sum(a**2))


def test_factors_products_and_results_stand_side_by_side() -> None:
    c = mc.compare_layouts(C, x)
    assert [factor.name for factor in c.factors] == ["dC/da", "da/dz", "dz/dx"]
    for factor in c.factors:
        numerator, denominator = (factor.shapes[layout] for layout in Layout)
        assert mc.prove_equal(factor.matrices[Layout.NUMERATOR].T, factor.matrices[Layout.DENOMINATOR]).ok  # type: ignore[union-attr]
        assert sorted(map(str, numerator)) == sorted(map(str, denominator)) or 1 in numerator
    assert c.proof.verdict == "equal"
    assert c.reversal == "(dC/da · da/dz · dz/dx)^T = (dz/dx)^T (da/dz)^T (dC/da)^T"
    text = repr(c)
    assert "2 a^T diag(f'(z)) W" in text and "2 W^T diag(f'(z)) a" in text


def test_the_mixed_layout_is_a_transposed_product_of_jacobians_times_a_gradient() -> None:
    c = mc.compare_layouts(C, x)
    assert c.mixed.written == "(da/dz dz/dx)^T ∇_a C"
    jacobians = mc.derive(a, x, layout="numerator").result
    gradient = mc.derive(C, a, layout="denominator").result
    assert c.mixed.result is not None
    assert mc.prove_equal(jacobians.T @ gradient, c.mixed.result).verdict == "equal"
    by_weights = mc.compare_layouts(C, W)
    assert by_weights.mixed.written == "(da/dz)^T ∇_a C · x^T"
    assert by_weights.mixed.result is not None and by_weights.mixed.result.shape == W.shape
    assert "no scalar" in mc.compare_layouts(z, x).mixed.sentence
    net = mc.Network()
    assert mc.compare_layouts(net.cost, net.x).mixed.written.endswith("∇_{a^(2)} C")


def test_three_axes_and_several_paths_are_said() -> None:
    assert "more than two axes" in mc.compare_layouts(z, W).reversal
    assert mc.compare_layouts(z, W).proof is None
    no_scalar, scalar = mc.compare_layouts(z, W), mc.compare_layouts(C, W)
    assert "the vector that stands for it" not in no_scalar.reversal
    assert "the vector that stands for it" in scalar.reversal
    assert no_scalar.factors[-1].matrices[Layout.NUMERATOR] is None
    assert scalar.factors[-1].matrices[Layout.NUMERATOR] == x
    skip = mc.let("J", mc.sum(mc.let("h", z + mc.let("g", f(z)))))
    assert "2 paths add up" in mc.compare_layouts(skip, x).reversal


@pytest.mark.parametrize("wrt", [x, W, b], ids=repr)
def test_latex_and_html_are_whole(wrt: mc.Expr) -> None:
    c = mc.compare_layouts(C, wrt)
    latex = c.latex()
    assert latex.startswith("\\begin{aligned}") and latex.count("{") == latex.count("}")
    assert all(line.count("&") == 3 for line in latex.splitlines()[1:-1])
    html = c.html()
    assert html.count("<tr>") == html.count("</tr>") == len(c.factors) + 3
    assert "numerator layout" in html


def test_a_layout_is_not_asked_for() -> None:
    with pytest.raises(MatcalcError, match="shows both layouts; leave layout= out"):
        mc.compare_layouts(C, x, layout="numerator")
