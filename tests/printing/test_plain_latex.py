"""Plain formulas in sentences, as LaTeX that is set."""

from __future__ import annotations

import pytest

from matcalc.language.sizes import Dim, Shape
from matcalc.printing.mathml import mathml
from matcalc.printing.notebook import LONGEST_INLINE, words
from matcalc.printing.plain_latex import plain_in_latex

m, n = Dim(("m",)), Dim(("n",))
SHAPES: dict[str, Shape] = {"W^(2)": (m, n), "W": (m, n), "z": (m,), "a": (m,), "x": (n,), "y": (m,), "C": ()}
CASES = {
    "(da/dz)^T (f'(z) ⊙ delta^(2)) W^(2)^T": (
        r"(\frac{\partial \mathbf{a}}{\partial \mathbf{z}})^\top (f'(\mathbf{z}) \odot \delta^{(2)}) \mathbf{W}^{(2)\top}"
    ),
    "n_1 x n_0": r"n_1 \times n_0",
    "W x": r"\mathbf{W} \mathbf{x}",
    "x^T ⊗ I_{n_1}": r"\mathbf{x}^\top \otimes I_{n_1}",
    "dC/da · da/dz": r"\frac{\partial C}{\partial \mathbf{a}} \cdot \frac{\partial \mathbf{a}}{\partial \mathbf{z}}",
    "A^-1 x^2": r"A^{-1} \mathbf{x}^{2}",
    "a_i - y_i": "a_i - y_i",
    "sum_{i=1}^{n} exp(z_i)": r"\sum_{i=1}^{n} \operatorname{exp}(z_i)",
    "∇_z C": r"\nabla_{z} C",
    "δ_ij f'(z_i)": r"\delta_{ij} f'(z_i)",
    "h_{t-1}^T W1": r"h_{t-1}^\top W_1",
}


@pytest.mark.parametrize("plain", CASES)
def test_a_plain_formula_is_set(plain: str) -> None:
    latex = plain_in_latex(plain, SHAPES)
    assert latex == CASES[plain]
    assert "<math" in mathml(latex)


def test_a_sentence_keeps_its_words() -> None:
    shown = words("It fits only because n = m = 3: (da/dz)^T ends in n, a x in m.", SHAPES)
    assert shown == (
        r"It fits only because $n = m = 3$: $(\frac{\partial \mathbf{a}}{\partial \mathbf{z}})^\top$ ends in $n$, a $\mathbf{x}$ in $m$."
    )


def test_a_long_formula_in_a_sentence_is_broken() -> None:
    factors = [f"da^({k})/dz^({k})" for k in range(30, 0, -1)]
    assert words(f"costs of {' '.join(factors)}").count(r"\frac") == words(" ".join(factors)).count("$ $") + 1 == 30
    assert words(" · ".join(factors)).count(r"$ ${} \cdot ") == 29
    assert "$ $" not in words(" ".join(factors[:3])), f"it has less than {LONGEST_INLINE} letters"
