"""Long formulas in lines: nothing is lost, lines keep to their width, and breaks stand where a reader expects them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import matcalc as mc
from matcalc.printing.line_breaks import broken, latex_width, stretches_of, text_lines, typeset

NET = mc.Network(widths=(2, 3, 5, 7, 3), activation="tanh")
LONG = {
    "network": mc.derive(NET.cost, NET.x, layout="numerator").latex(),
    "index form": mc.derive(NET.cost, NET.x, layout="numerator").index_form.latex(),
    "several lines": NET.recursion(layout="numerator").latex(),
    "published": r"\frac{\partial}{\partial x} \left(\frac{1}{2} \mathbf{x}^\top \mathbf{A} \mathbf{x} - \mathbf{b}^\top \mathbf{x}\right)",
    "names": r"\sum_{i=1}^{n} \ln \det(\mathbf{X}_i) + \operatorname{tr}(\mathbf{A} \mathbf{B}) - \sqrt{x} \hat{\mathbf{y}}",
}
BREAK = re.compile(r" \\\\\[0\.3em\]\n&+(\\quad )?|\\begin\{aligned\}\n|\n\\end\{aligned\}|\\displaystyle |\$|&|\s")


def without_breaks(typeset_latex: str) -> str:
    return BREAK.sub("", typeset_latex).replace(r"\Bigl", r"\left").replace(r"\Bigr", r"\right").replace(r"\\[0.3em]", "")


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("width", [12, 30, 55, 90])
def test_nothing_is_lost(name: str, width: int) -> None:
    bare = LONG[name].replace(r"\begin{aligned}", "").replace(r"\end{aligned}", "").replace("\\\\\n", "").replace("&", "")
    kept, whole = without_breaks(typeset(LONG[name], width)), re.sub(r"\s", "", bare)
    if name == "several lines":  # a condition beside a broken line stands behind its first line
        assert sorted(kept) == sorted(whole)
    else:
        assert kept == whole


@pytest.mark.parametrize("name", LONG)
def test_stretches_make_up_the_formula(name: str) -> None:
    assert "".join(part.text for part in stretches_of(LONG[name])) == LONG[name]


@pytest.mark.parametrize("width", [20, 37, 60])
def test_lines_keep_to_their_width(width: int) -> None:
    parts = stretches_of(LONG["index form"])
    for line in broken(parts, width):
        several = [part for part in line[1:] if part.cost is not None]
        assert sum(part.width for part in line) <= width or not several


def test_a_sum_is_broken_before_its_signs_and_not_inside_of_brackets() -> None:
    latex = r"C = (\mathbf{a} + \mathbf{b})^\top \mathbf{c} + \mathbf{x}^\top \mathbf{y} - \mathbf{u}^\top \mathbf{v}"
    first, second = typeset(latex, 16).split("\\\\[0.3em]\n")
    assert first.endswith(r"(\mathbf{a} + \mathbf{b})^\top \mathbf{c} ")
    assert second.startswith(r"&\quad + \mathbf{x}^\top")


def test_fences_that_a_break_parts_get_one_size() -> None:
    inside = " + ".join(rf"\mathbf{{x}}_{{{k}}}" for k in range(1, 30))
    shown = typeset(rf"\frac{{1}}{{n}} \left({inside}\right)", 40)
    assert shown.count(r"\Bigl(") == shown.count(r"\Bigr)") == 1
    assert r"\left" not in shown and r"\right" not in shown


def test_fences_that_no_break_parts_stay() -> None:
    terms = " + ".join(rf"\left(\frac{{1}}{{{k}}} x_{{{k}}}\right)" for k in range(2, 30))
    shown = typeset(terms, 40)
    assert shown.count(r"\left(") == shown.count(r"\right)") == 28
    assert r"\Bigl" not in shown
    assert shown.count(r"\\[0.3em]") > 3


def test_a_note_stands_behind_the_last_line() -> None:
    assert typeset("x + y", note="numerator layout") == r"$\displaystyle x + y \qquad {\small \text{numerator layout}}$"
    assert typeset(LONG["network"], 40, note="numerator layout").count("numerator layout") == 1


def test_a_fraction_is_as_wide_as_its_wider_part() -> None:
    assert latex_width(r"\frac{a b c d}{x}") == latex_width("a b c d") + 0.6
    assert latex_width(r"\begin{bmatrix} a & b \\ c & d e f \end{bmatrix}") == latex_width("c d e f")


# ---- text ------------------------------------------------------------------------------------------------------------


def test_a_short_text_stays_as_it_is() -> None:
    assert text_lines("f'(z) ⊙ (a - y)") == ["f'(z) ⊙ (a - y)"]


WORDS = ["x^T", "(A + B)", "+", "⊙", "-3", "W", "f'(z)", "- y", "diag(a - b)"]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=60), st.integers(12, 79))
def test_lines_of_text_lose_nothing(words: list[str], width: int) -> None:
    text = " ".join(words)
    assert " ".join(line.strip() for line in text_lines(text, width)) == text


def test_lines_of_text_keep_to_their_width() -> None:
    text = repr(mc.derive(NET.cost, NET.x, layout="numerator").index_form)
    lines = text_lines(text, 60)
    assert len(lines) > 2
    assert max(map(len, lines)) <= 60
    assert all(line.startswith("    ") for line in lines[1:])
