"""One page that answers whether there is a rule: every part, for chains, outer products, sums over paths, and where no string exists."""

from __future__ import annotations

import re

import pytest

import matcalc as mc
import matcalc.verification
from matcalc.errors import MatcalcError, UnknownNameError
from matcalc.explanation import Explanation
from matcalc.numeric.tape import jacobian

NET = mc.Network(widths=(2, 3, 5), activation="f")
RULE, NETWORK, WALKS = "The rule", "The network of indices", "Two walks, two layouts"
SHAPES, COSTS, VERIFIED = "Shapes that fit are no rule", "What brackets cost", "Verification"


def said(page: Explanation, title: str) -> str:
    return " ".join(page.part(title).sentences)


def test_the_page_of_the_input() -> None:
    page = mc.explain(NET.cost, NET.x)
    assert [part.title for part in page.parts] == [
        "What is asked", RULE, "No order in components", NETWORK, WALKS, SHAPES, COSTS, VERIFIED,
    ]  # fmt: skip
    assert "dC/dx is 1 x n_0 in numerator layout and n_0 x 1 in denominator layout." in said(page, "What is asked")
    assert "dC/da^(2) · da^(2)/dz^(2) · dz^(2)/da^(1) · da^(1)/dz^(1) · dz^(1)/dx" in said(page, "What is asked")
    assert "have 3,840 arrangements, orders with any transposes. At general sizes 4 fit and 4 are right." in said(page, SHAPES)
    assert "With all sizes 3, 384 fit, with 72 different values, and 4 are right." in said(page, SHAPES)
    assert "from the output end it takes n_0*n_1 + n_1*n_2 + n_1 + n_2, from the input end" in said(page, COSTS)
    assert said(page, VERIFIED) == "The derivative holds in both layouts, by backprop, difference, exact, index."
    assert page.ok is True


def test_the_wrong_arrangement_fits_and_is_wrong() -> None:
    ((general, equal),) = mc.explain(NET.cost, NET.x).orders
    shown = re.search(r"One that fits and is wrong: (.*?)\. It fits only because n_1 = n_0 = 3", said(mc.explain(NET.cost, NET.x), SHAPES))
    assert shown is not None
    row = equal.row(shown[1].split(" "))
    assert row.verdict.value == "wrong value" and all(joint.fits for joint in row.joints)
    assert general.row(shown[1].split(" ")).verdict.value == "does not fit"


def test_the_walks_are_the_results() -> None:
    page = mc.explain(NET.cost, NET.x)
    texts = [text for text, _ in page.part(WALKS).formulas]
    for layout, shape, text in zip(("numerator", "denominator"), ("1 x n_0", "n_0 x 1"), texts, strict=True):
        assert text == f"{layout} layout, {shape}: {mc.derive(NET.cost, NET.x, layout=layout).result!r}"
    assert "(dC/da^(2) · da^(2)/dz^(2)" in said(page, WALKS)
    assert "checked: equal" in said(page, WALKS)


def test_the_stand_in_is_told_where_it_occurs() -> None:
    page = mc.explain(NET.cost, NET.W[1])
    part = page.part("What stands for dz^(1)/dW^(1)")
    assert [text for text, _ in part.formulas] == ["numerator layout: x, at the front", "denominator layout: x^T, at the end"]
    assert "x^T ⊗ I_{n_1} in numerator layout" in " ".join(part.sentences)
    assert "dz^(1)/dW^(1) was taken as its stand-in." in said(page, SHAPES)
    assert "an outer product, as if joined by an edge of size 1" in said(page, NETWORK)


def test_without_three_axes_there_is_no_stand_in() -> None:
    with pytest.raises(MatcalcError, match=r"There is no part 'What stands for dz\^\(1\)/dx'; there are 'What is asked', 'The rule'"):
        mc.explain(NET.cost, NET.x).part("What stands for dz^(1)/dx")


def test_several_paths_are_explained_one_by_one() -> None:
    x, A, B = mc.vector("x", "n"), mc.matrix("A", "m", "n"), mc.matrix("B", "n", "m")
    r = mc.let("r", x + B @ mc.tanh(mc.let("z", A @ x)))
    page = mc.explain(mc.let("C", mc.function("L", of=r, shape=())), x)
    assert "2 paths lead from C to x, and the derivative is the sum over them" in said(page, "What is asked")
    assert [text.partition(" = ")[0] for text, _ in page.part("A sum over paths").formulas] == [
        "numerator layout: dC/dr · dr/dx", "numerator layout: dC/dr · dr/dz · dz/dx",
        "denominator layout: dr/dx · dC/dr", "denominator layout: dz/dx · dr/dz · dC/dr",
    ]  # fmt: skip
    assert "2 fit, with 2 different values, and 1 is right" in said(page, f"{SHAPES} (dC/dr · dr/dz · dz/dx)")
    assert "Every joint fits" in said(page, f"{SHAPES} (dC/dr · dr/dz · dz/dx)")
    assert len(page.orders) == 2
    assert page.ok is True


def test_where_no_string_exists_it_says_so() -> None:
    z = mc.let("z", mc.matrix("W", "m", "n") @ mc.vector("x", "n"))
    page = mc.explain(z, "W")
    assert "no string of matrices writes the derivative" in said(page, RULE)
    assert "nothing to walk" in said(page, WALKS)
    assert "Needed is an array with 3 axes (.tensor)" in said(page, NETWORK)
    assert said(page, VERIFIED).startswith("The derivative holds as an array, by backprop")
    assert page.orders == ()
    assert "No vector stands in for it here: z is no scalar" in said(page, "What stands for dz/dW")


def test_the_hadamard_product_of_attention_is_named() -> None:
    query, key, value = mc.matrix("Q", "m", "d"), mc.matrix("K", "n", "d"), mc.matrix("V", "n", "p")
    out = mc.let("O", mc.softmax(query @ key.T, axis="rows") @ value)
    page = mc.explain(mc.function("L", of=out, shape=()), query)
    told = "Here no path is there by itself, yet two strings write it, one for each layout; needed besides products: ⊙, diag or ⊙."
    assert told in said(page, RULE)
    assert "it is the derivative by vec, (V^T ⊗ I_m) diag(vec(softmax_rows(Q K^T)))" in said(page, "What stands for dO/dQ")
    assert "At general sizes 1 fits and 1 is right." in said(page, SHAPES) and "taken as its Jacobian by vec" in said(page, SHAPES)
    products = mc.compare_layouts(mc.function("L", of=out, shape=()), query).products
    assert [len(found) for found in products.values()] == [1, 1]
    assert page.ok is True


def test_a_scalar_by_a_scalar_has_no_layout() -> None:
    t = mc.scalar("t")
    page = mc.explain(mc.sum(t * mc.vector("x", "n")), t)
    assert "Here no index is free, so it is a scalar, the same in both layouts." in said(page, RULE)
    assert said(page, WALKS) == "It is a scalar, the same in both layouts."
    assert len(page.part(WALKS).formulas) == 1


def test_what_does_not_occur_and_the_variable_itself() -> None:
    x, y = mc.vector("x", "n"), mc.vector("y", "m")
    page = mc.explain(mc.sum(x**2), y)
    assert "No chain leads from sum(x^2) to y." in said(page, "What is asked")
    assert said(page, NETWORK) == "The derivative is zero: no term is left."
    assert mc.explain(x, x).part(WALKS).formulas[0][0] == "numerator layout, n x n: I_n"


def test_a_formula_in_latex() -> None:
    page = mc.explain(r"\mathbf{x}^\top A \mathbf{x}", "x", shapes={"x": "n", "A": "n n"})
    assert page.part(WALKS).formulas[0][0] == "numerator layout, 1 x n: x^T (A^T + A)"
    with pytest.raises(MatcalcError, match="explain shows both layouts; leave layout= out"):
        mc.explain(NET.cost, NET.x, layout="numerator")
    with pytest.raises(UnknownNameError, match=r"Nothing here is named 'W\^\(3\)'. Did you mean W\^\(2\)"):
        mc.explain(NET.cost, "W^(3)")


def test_a_derivative_that_fails_to_verify_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcalc.verification, "jacobian", lambda *a, **k: 2 * jacobian(*a, **k))
    page = mc.explain(NET.cost, NET.x)
    assert page.ok is False
    assert said(page, VERIFIED).startswith("NOT verified in both layouts: backprop: error")


def test_text_fits_a_terminal_and_a_page() -> None:
    lines = repr(mc.explain(NET.cost, NET.W[1])).splitlines()
    assert lines[0] == "dC/dW^(1): is there a rule for the order of the factors?"
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 70


def test_latex_escapes_what_is_text_and_not_what_is_formula() -> None:
    shown = mc.explain(NET.cost, NET.W[1]).latex()
    assert shown.startswith(r"\subsection*{dC/dW\textasciicircum{}(1): is there a rule")
    assert r"\paragraph{Two walks, two layouts}" in shown
    assert r"\[ \text{numerator layout, at the front:}\quad \mathbf{x} \]" in shown
    prose = [line for line in shown.splitlines() if not line.startswith("\\")]
    assert [line for line in prose if re.search(r"(?<!\\)[_^&#]", line)] == []
    assert shown.isascii()


def test_html_is_escaped() -> None:
    shown = mc.explain(NET.cost, NET.x).html()
    assert shown.startswith(r"<section>" + "\n" + r"<h2>$\frac{\partial C}{\partial \mathbf{x}}$: is there a rule")
    assert shown.count("<h3>") == shown.count("</h3>") == 8
    assert r"f&#x27;(\mathbf{z}^{(2)})" in shown
    assert mc.explain(NET.cost, NET.x)._repr_html_() == shown
