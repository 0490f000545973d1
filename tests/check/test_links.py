"""Links that were once judged wrongly: each with what is said of it now."""

from __future__ import annotations

import matcalc as mc
from matcalc.derivation_check.results import Link

NETWORK = mc.Network((5, 4, 3, 2), activation=r"\sigma", loss="squared_error")
PERIOD = r"(W^{(l+1)})^T \operatorname{diag}(\sigma'(z^{(l+1)}))"
SECOND = r"(W^{(l+2)})^T \operatorname{diag}(\sigma'(z^{(l+2)}))"
LAST = r"(W^{(L)})^T \operatorname{diag}(\sigma'(z^{(L)})) (a^{(L)} - y)"


def link_of(latex: str, model: mc.Model | mc.Network, layout: str = "denominator") -> Link:
    (link,) = mc.check(latex, model, layout=layout).links
    return link


def test_inverses_that_exist_at_different_sizes_only_are_not_said_to_agree() -> None:
    model = mc.Model(shapes={"B": "m n", "C": "n n", "D": "n n"})
    assert link_of(r"(B^T B)^{-1} B^T = B^T (B B^T)^{-1}", model).verdict == "undecided"
    assert link_of(r"(C D)^{-1} = D^{-1} C^{-1}", model).verdict == "holds"


def test_dots_after_two_periods_of_functions_of_arguments() -> None:
    assert link_of(rf"\frac{{\partial C}}{{\partial a^{{(l)}}}} = {PERIOD} {SECOND} \cdots {LAST}", NETWORK).verdict == "holds"
    slipped = SECOND.replace(r"\sigma'", r"\sigma")
    assert link_of(rf"\frac{{\partial C}}{{\partial a^{{(l)}}}} = {PERIOD} {slipped} \cdots {LAST}", NETWORK).verdict != "holds"


def test_the_sigmoid_that_is_not_declared_is_a_function_inside_a_sum() -> None:
    model = mc.Model(shapes={"W": "m n", "x": "n", "t": "m"}, definitions=["a = W x", r"E = \frac{1}{2} \|\sigma(a) - t\|^2"])
    link = link_of(r"\frac{\partial E}{\partial x_k} = \sum_j (\sigma(a_j) - t_j) \sigma(a_j) W_{jk}", model)
    assert link.verdict == "wrong-value"
    assert link.repairs[0].kinds == ("derivative-of-function",)
