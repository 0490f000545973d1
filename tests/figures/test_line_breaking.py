"""Long formulas are broken where a person would break them, and no line is wider than it may be where that can be helped."""

import pytest

import matcalc as mc
from matcalc.figures.line_breaking import broken
from matcalc.figures.typeset import Formula, extent

FORMULAS = (
    r"\mathbf{A} \mathbf{x} + \mathbf{B} \mathbf{y} - \mathbf{c}",
    r"\left(f'(\mathbf{z}) \odot \mathbf{W}^\top \left(\mathbf{u} - \frac{1}{n_2} \mathbf{v}\right)\right) \mathbf{x}^\top",
    r"\sum_{k,p} X_{kj} (1 - (A^{(1)}_{ki})^2) W^{(2)}_{pi} \left(-\frac{1}{N} Y_{kp} + \frac{1}{N} \sum_q A^{(2)}_{kp} Y_{kq}\right)",
    r"\operatorname{diag}(\operatorname{vec}(\mathbf{A})) (\mathbf{1}_n \mathbf{1}_n^\top \otimes \mathbf{I}_N) \|\mathbf{X}\|_F^2",
)


def tight(text: str) -> str:
    for shown in (r"\left", r"\right", "{} ", " "):
        text = text.replace(shown, "")
    return text


@pytest.mark.parametrize("width", [0.6, 1.2, 2.5, 9.0])
@pytest.mark.parametrize("latex", FORMULAS)
def test_the_lines_together_are_the_formula_and_each_can_be_set(latex: str, width: float) -> None:
    lines = broken(latex, width, 11)
    assert tight("".join(lines)) == tight(latex)
    for line in lines:
        assert extent(line, 11)[0] > 0
        assert line.count("{") == line.count("}")
        assert line.count(r"\left") == line.count(r"\right")


@pytest.mark.parametrize("latex", FORMULAS)
def test_what_fits_is_one_line(latex: str) -> None:
    width, _, _ = extent(Formula(latex), 11)
    assert broken(latex, width + 0.05, 11) == (latex,)


@pytest.mark.parametrize("latex", FORMULAS)
def test_lines_keep_the_width_where_pieces_are_short(latex: str) -> None:
    assert max(extent(line, 11)[0] for line in broken(latex, 1.6, 11)) <= 1.6 * 1.05


def test_a_sum_is_broken_before_a_product_and_a_bracket_stays_whole() -> None:
    latex = r"\mathbf{A} (\mathbf{x} + \mathbf{y}) + \mathbf{B} \mathbf{z}"
    lines = broken(latex, 0.8 * extent(Formula(latex), 11)[0], 11)
    assert lines == (r"\mathbf{A} (\mathbf{x} + \mathbf{y})", r"{} + \mathbf{B} \mathbf{z}")


def test_brackets_that_grow_and_are_parted_do_not_grow() -> None:
    latex = r"\left(\frac{\mathbf{a}}{2} + \mathbf{b} + \mathbf{c} + \mathbf{d} + \mathbf{e}\right)"
    lines = broken(latex, 0.7, 11)
    assert len(lines) > 1
    assert all(r"\left" not in line and r"\right" not in line for line in lines)


def test_a_fraction_is_never_broken() -> None:
    assert broken(r"\frac{\mathbf{a} + \mathbf{b} + \mathbf{c}}{\mathbf{d} + \mathbf{e}}", 0.1, 11) == (
        r"\frac{\mathbf{a} + \mathbf{b} + \mathbf{c}}{\mathbf{d} + \mathbf{e}}",
    )


def test_a_sign_is_not_parted_from_its_operand_nor_a_sum_from_its_term() -> None:
    for line in broken(r"-\mathbf{a} \odot \partial \mathbf{b} + \sum_k \mathbf{c} \cdot \nabla \mathbf{d}", 0.2, 11):
        assert not line.rstrip().endswith(("-", r"\partial", r"\nabla", r"\odot", "+", r"\cdot"))


def test_expressions_of_the_printers_break() -> None:
    x, y = mc.vector("x", "n"), mc.vector("y", "n")
    expression = x.T @ y + mc.norm(x - y) ** 2 * (x.T @ x) - mc.logdet(mc.matrix("A", 3, 3))
    lines = broken(expression.latex(), 1.0, 11)
    assert len(lines) >= 3
    assert all(extent(line, 11)[0] > 0 for line in lines)
