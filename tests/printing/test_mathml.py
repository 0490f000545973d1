"""LaTeX as MathML: well-formed, nothing lost, places marked."""

from __future__ import annotations

import re
from contextlib import suppress
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcalc.errors import ReadError
from matcalc.printing.mathml import mathml


def tree(latex: str, *places: tuple[int, int]) -> ElementTree.Element:
    return ElementTree.fromstring(f"<p>{mathml(latex, places).replace('<wbr>', '')}</p>")


def shown(latex: str) -> str:
    """The signs that are set, in their order."""
    return "".join(tree(latex).itertext())


@pytest.mark.parametrize(
    ("latex", "signs"),
    [
        (r"\frac{\partial C}{\partial \mathbf{W}^{(l)}} = \delta_{ij}", "∂C∂W(l)=δij"),
        (r"f'(z_i) \odot (W^{1})^{T} \cdots", "f′(zi)⊙(W1)T⋯"),
        (r"{dC \over da^L} \cdot 12.5 - 34", "dCdaL⋅12.5−34"),
        (r"\operatorname{tr}(A) \log \det X \text{ if } l < L", "tr(A)logdetX\u00a0if\u00a0l<L"),
        (r"\mathbb{R}^{n} \mathcal{L} \hat{\mathbf{y}} \|x\| \unknown", "ℝnℒy^‖x‖unknown"),
        (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}^\top", "1234⊤"),
        (r"a &= b \label{eq:x} \tag{3} \\ &= c % not this", "a=b=c"),
        (r"\sum_{i=1}^{n} \min_{x} \not= \substack{a \\ b} \sqrt[3]{y}", "∑i=1nminx=\u0338aby3"),
        (r"x := \left. y \right| \big( z \big) \textcolor{red}{w}", "x:=y|(z)w"),
    ],
)
def test_every_sign_is_set_once(latex: str, signs: str) -> None:
    assert shown(latex) == signs


def test_tall_fences_are_drawn_and_named() -> None:
    found = tree(r"\begin{cases} \frac{a}{b} & l < L \\ c & l = L \end{cases} \left( \frac{a}{b} \right]")
    assert [each.get("aria-label") for each in found.iter("svg")] == ["{", "(", "]"]
    assert list(tree(r"\left( a + b \right)").iter("svg")) == []


def test_limits_stand_below_and_scripts_beside() -> None:
    assert [each.tag for each in tree(r"\sum_{k} \max_x \int_0^1 x")[0].iter() if each.tag.startswith(("mu", "ms"))] == [
        "munder", "munder", "msubsup",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("latex", "piece", "marked"),
    [
        (r"A \mathbf{x}^\top B", r"\mathbf{x}^\top", ["x⊤"]),
        (r"W^{(l)}_{ki} a", "(l)", ["(l)"]),
        (r"\frac{a b}{c}", "b}{c", ["b", "c"]),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", r"b \\ &=", ["b", "="]),
        (r"f(x) + 2", "2", ["2"]),
        ("a 12 b", "12", ["12"]),
    ],
)
def test_what_comes_from_a_place_is_marked(latex: str, piece: str, marked: list[str]) -> None:
    at = latex.index(piece)
    found = tree(latex, (at, at + len(piece)))
    assert ["".join(each.itertext()) for each in found.iter("mrow") if each.get("class") == "wrong"] == marked


def test_long_formulas_may_be_broken_between_terms_and_fractions() -> None:
    chain = "".join(rf"\frac{{\partial a_{k}}}{{\partial z_{k}}}" for k in range(6))
    assert mathml(f"C = {chain}").count("<wbr>") == 4
    assert "<wbr>" not in mathml("a + b")


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        ("a }", "stands where nothing was opened"),
        ("{a", "A brace is not closed"),
        (r"\frac{a}", "ends where something has to follow"),
        (r"\left( a", r"\\left has no \\right"),
        (r"\begin{cases} a", "The environment cases is not closed"),
        (r"\frac" * 3000, "nested too deep"),
        ("{" * 3000, "nested too deep"),
    ],
)
def test_what_does_not_match_raises(latex: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        mathml(latex)


FORMULA = r"\frac{\partial C}{\partial W^{(l)}_{ij}} = \sum_k f'(z) \left( \mathbf{x} \right) & \\ < ' % [ ]"
PIECES = re.findall(r"\\[A-Za-z]+|.", FORMULA) + [
    r"\begin{cases}", r"\end{cases}", r"\over", r"\text", r"\sqrt[", r"\not", "\n", "量", "\u0301",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.integers(0, 30), st.integers(0, 12))
def test_any_text_is_set_well_formed_or_refused(latex: str, start: int, length: int) -> None:
    with suppress(ReadError):
        tree(latex, (start, start + length))
