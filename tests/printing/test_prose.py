"""Plain formulas inside sentences, as HTML."""

import pytest

from matcalc.printing.prose import prose_in_html

CASES = [
    ("h_{t-1}^T", "h<sub>t-1</sub><sup>T</sup>"),
    ("A^-1 x_ij", "A<sup>-1</sup> x<sub>ij</sub>"),
    ("W^(l+1)^T", "W<sup>(l+1)</sup><sup>T</sup>"),
    ("(A B)^T & x < y", "(A B)<sup>T</sup> &amp; x &lt; y"),
    ("no scripts: ∇ ⊙", "no scripts: ∇ ⊙"),
    ("<b>x_1</b>", "&lt;b&gt;x<sub>1</sub>&lt;/b&gt;"),
]


@pytest.mark.parametrize(("text", "shown"), CASES)
def test_scripts_are_set_and_the_rest_is_escaped(text: str, shown: str) -> None:
    assert prose_in_html(text) == shown
