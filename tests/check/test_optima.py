"""What a text says of an optimum: it is no definition, and has to solve that the derivative is zero."""

from __future__ import annotations

import pytest

import matcalc as mc

LEAST_SQUARES = r"""
Let $$C = \frac{1}{2} \| X w - y \|^2.$$ Then $$\frac{\partial C}{\partial w} = X^\top (X w - y)$$ and at the optimum
$$w = (X^\top X)^{-1} %s y.$$
"""
DECLARED = mc.Model(shapes={"X": "m n", "w": "n", "y": "m"})


@pytest.mark.parametrize(
    ("factor", "model", "verdicts"),
    [
        (r"X^\top", None, ["holds", "holds", "holds"]),
        ("X", None, ["holds", "holds", "wrong-value"]),
        (r"X^\top", DECLARED, ["holds", "holds"]),
        ("X", DECLARED, ["holds", "holds", "ill-shaped"]),
    ],
)
def test_what_is_said_of_an_optimum_solves_the_derivative(factor: str, model: mc.Model | None, verdicts: list[str]) -> None:
    report = mc.check(LEAST_SQUARES % factor, model, layout="denominator")
    assert [link.verdict for link in report.links] == verdicts
    if model is not None and len(verdicts) == 2:
        assert "demand" in report.set_aside[-1].reason


@pytest.mark.parametrize("model", [None, DECLARED])
def test_a_name_that_a_quantity_was_not_written_through_is_not_judged(model: mc.Model | None) -> None:
    text = r"$$C = \frac{1}{2} \| X w - y \|^2$$ With $r = X w - y$ we have $$\frac{\partial C}{\partial r} = r$$"
    link = mc.check(text, model, layout="denominator").links[-1]
    assert (link.verdict, link.right_form) == ("undecided", None)
    assert "not written through r" in link.message
    through = text.replace(r"X w - y \|", r"r \|").replace("With", "where")
    assert mc.check(through, model, layout="denominator").links[-1].verdict == "holds"
