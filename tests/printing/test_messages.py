"""Messages: their formulas are told from their words, and each display shows them in its own writing."""

from __future__ import annotations

import re

import pytest

from matcalc.language.reading.source import shortened
from matcalc.printing.latex_text import latex_in_text
from matcalc.printing.mathml import mathml
from matcalc.printing.messages import Kind, message_in_text, parts_of, sentences
from matcalc.printing.notebook import words

PARTS = {
    r"\mathbf{W} x is m x n, not \frac{a}{b + c}.": [r"\mathbf{W} x", r"\frac{a}{b + c}"],
    r"(\mathbf{W}^{(l)})^T is (n_{l-1}, n_l); n_l differs": [r"(\mathbf{W}^{(l)})^T", "(n_{l-1}, n_l)", "n_l"],
    "plain x^T only": ["x^T"],
    r"W^{(2)} \delta^{(2)} does not conform: W^{(2)} is (n_2, n_1).": [r"W^{(2)} \delta^{(2)}", "W^{(2)}", "(n_2, n_1)"],
    r"\nabla_Z L \, W_1 does not conform": [r"\nabla_Z L \, W_1"],
    r"the sign of \frac{1}{N} \sum_{i=1}^{N} r_i X_{ij}; w_{j} in place of w_{i}; the sign": [
        r"\frac{1}{N} \sum_{i=1}^{N} r_i X_{ij}", "w_{j}", "w_{i}",
    ],
    r"It does not solve \nabla_w J = 0, which stands before it.": [r"\nabla_w J = 0"],
    "It fits only because n = m = 3: a layer is a column.": ["n = m = 3"],
    "The right side is right in numerator layout, e.g. a row.": [],
    r"\frac{1}{N} ... \mathbf{X}^T is missing": [r"\frac{1}{N} ... \mathbf{X}^T"],
    r"f'( in place of f(; \mu_1 is missing": ["f'(", r"\mu_1"],
    "": [],
}  # fmt: skip


@pytest.mark.parametrize("message", PARTS)
def test_formulas_are_told_from_words(message: str) -> None:
    parts = list(parts_of(message))
    formulas = [part.text for part in parts if part.kind is Kind.FORMULA and (len(part.text) > 1)]
    assert [text for text in formulas if text not in ("m x n",)] == PARTS[message]
    assert "".join(part.text for part in parts) == message


@pytest.mark.parametrize(
    "message",
    [
        r"\approx is no command that is read here.", r"'\\[' is not read in an expression.", r"This \partial is no part of a derivative.",
        r"write $C \in \mathbb{R}^{m \times n}$ in the text", "give a model with shapes={'C': 'm n', ...}.",
    ],
)  # fmt: skip
def test_what_has_to_be_written_stays_as_it_is(message: str) -> None:
    assert [part.kind for part in parts_of(message)].count(Kind.CODE) == 1
    assert message_in_text(message) == message


def test_a_letter_of_greek_alone_is_a_formula() -> None:
    assert message_in_text(r"\mu is missing") == "mu is missing"


@pytest.mark.parametrize("message", [each for each in PARTS if "\\" in each])
def test_no_latex_is_left_in_plain_text(message: str) -> None:
    assert not re.search(r"\\|_\{\w\}|\^\{\(", message_in_text(message))


@pytest.mark.parametrize("text", ["a_" * 4000, "(" * 3000, "a - " * 1000, r"\left(" * 900, "x^{" * 1500, "W^(2)^T " * 500])
def test_hostile_messages_are_shown(text: str) -> None:
    assert "".join(part.text for part in parts_of(text)) == " ".join(text.split())
    assert message_in_text(text) and words(text)


def test_a_notebook_sets_the_latex_and_escapes_the_rest() -> None:
    shown = words(r"W^{(2)} \delta is missing & x < y, \begin is no command")
    assert shown.startswith(r"$W^{(2)} \delta$ is missing &amp; $x &lt; y$, <code ")
    assert r">\begin</code> is no command" in shown


@pytest.mark.parametrize("latex", [r"\href{javascript:alert(1)}{x}", r"\frac{a", r"\def\x{y} x_1"])
def test_a_notebook_is_given_no_formula_that_does_more(latex: str) -> None:
    assert "$" not in words(f"{latex} is missing")


def test_what_is_told_of_a_place_is_without_carets() -> None:
    assert sentences("It fails.\n    a = b\n        ^\n    Write c.") == "It fails. Write c."


# ---- LaTeX in plain text -----------------------------------------------------------------------------------------------

PLAIN = {
    r"\frac{\partial C}{\partial \mathbf{b}^{(4)}} = \boldsymbol{\delta}^{(4)\top}": "dC/db^(4) = delta^(4)^T",
    r"f'(\mathbf{z}_i) \odot (W^\top x - \tfrac{1}{2} y_{i+1})": "f'(z_i) ⊙ (W^T x - 1/2 y_{i+1})",
    r"-\sum_{i=1}^{n} x_i y_i": "-sum_{i=1}^{n} x_i y_i",
    r"\left(\frac{\partial q}{\partial y}\right)^\top u": "(dq/dy)^T u",
    r"\operatorname{diag}(f'(z)) W\mathbf{x}": "diag(f'(z)) W x",
    r"\mathrm{diag}(f'(z)) W(a - b)": "diag(f'(z)) W(a - b)",
    r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}": "[a b; c d]",
    r"\frac{a + b}{2 c} \hat{\mathbf{y}}": "(a + b)/(2 c) yhat",
    r"\frac{dC}{dw} \frac{\partial^2 C}{\partial x \partial y}": "dC/dw d^2C/dx dy",
    r"a = -b^{n+1}, W^{[1]T} \sqrt{d}": "a = -b^(n+1), W^[1]^T sqrt(d)",
    r"(\mathbf{X} ... \mathbf{X}^T, (n_2,)": "(X ... X^T, (n_2,)",
    r"W_{ij}^{(2)} \nabla_{W} C": "W_ij^(2) ∇_W C",
    r"\frac{\partial z_k^{(l+1)}}{\partial a_i^{(l)}}": "dz_k^(l+1)/da_i^(l)",
}


@pytest.mark.parametrize("latex", PLAIN)
def test_latex_in_plain_text(latex: str) -> None:
    assert latex_in_text(latex) == PLAIN[latex]


@pytest.mark.parametrize("latex", [r"\frac{a}{", r"\left( a", "a } b", "{" * 200])
def test_what_cannot_be_read_stays_as_it_was_written(latex: str) -> None:
    assert latex_in_text(latex) == latex


# ---- shortened ---------------------------------------------------------------------------------------------------------

LONG = (
    r"\frac{1}{N} (\mathbf{X} \mathbf{w} - \mathbf{y}) \mathbf{X}^T + 3 x",
    r"(\mathbf{W}^{(l+1)})^T \frac{\partial C}{\partial \mathbf{Z}^{(l+1)}} \mathbf{A}^{(l+1)}",
    r"\left(\frac{\partial C}{\partial \mathbf{Z}^{(l)}} + \mathbf{B}\right)^T \mathbf{1}_N \odot \operatorname{diag}(\mathbf{u}) v",
    "x + " * 400 + "y",
    r"\mathbf{W} \mathbf{x} + " * 90 + "y",
)


@pytest.mark.parametrize("latex", LONG)
def test_what_is_shortened_can_still_be_set(latex: str) -> None:
    found = shortened(latex)
    assert " ..." in found and len(found) < len(latex)
    assert "<math" in mathml(found)
    assert "\\" not in latex_in_text(found)


def test_what_is_short_stays() -> None:
    assert shortened(r"\left(\frac{\partial C}{\partial \mathbf{Z}^{(l)}}\right)^T \mathbf{1}_N").endswith(r"\right)^T \mathbf{1}_N")
    assert shortened("a  +\n b") == "a + b"
