"""Formulas in pieces: which belong together, and what stands in brackets that grow."""

import pytest
from matplotlib.textpath import text_to_path

from matcalc.figures.formula_pieces import bracket, pieces
from matcalc.figures.set_lines import font, set_line


@pytest.mark.parametrize(
    ("math", "found"),
    [
        (r"x_i^2 y'", ("x_i^2", "y'")),
        (r"\frac{a}{b} \odot c", (r"\frac{a}{b}", r"{}\odot", "c")),
        ("-a - (-b) = -c", ("-", "a", "{}-", "(", "-", "b", ")", "=", "-", "c")),
        (r"\operatorname{diag}(x)^\top", (r"\operatorname{diag}(", "x", r")^\top")),
        (r"\tanh^2 x \, y", (r"\tanh^2 x", r"\,", "y")),
        (r"\left(a \left(b\right) c\right)^2 d", (r"\left(a \left(b\right) c\right)^2", "d")),
        (r"\sqrt[3]{x} + \sqrt{y}", (r"\sqrt[3]{x}", "{}+", r"\sqrt{y}")),
        (r"0.5 x_{i_{2}}", ("0.5", "x_{i_{2}}")),
        (r"a \rm b", (r"a \rm b",)),
        (r"\mathbf{A}_{", (r"\mathbf{A}_{",)),
    ],
)
def test_what_belongs_together_is_one_piece(math: str, found: tuple[str, ...]) -> None:
    assert pieces(math) == found


def test_a_bracket_that_grows_is_parted() -> None:
    assert bracket(r"\left\{ a \left( b \right) \right\}_2") == (r"\{", r"a \left( b \right)", r"\}", "_2")
    assert bracket(r"\left( a") is None
    assert bracket("(a)") is None


@pytest.mark.parametrize("inside", [r"\frac{a}{b}", r"\dfrac{a}{b}_2", "x", r"\sum_i x_i"])
@pytest.mark.parametrize("depth", [1, 2, 5])
def test_brackets_in_brackets_are_as_high_as_mathtext_makes_them(inside: str, depth: int) -> None:
    math = inside
    for _ in range(depth):
        math = rf"\left({math} c\right)^2"
    line = set_line(f"${math}$")
    properties = font(100)
    width, height, deep = (each / 100 for each in text_to_path.get_text_width_height_descent(f"${math}$", properties, ismath=True))
    assert (line.above, line.below) == pytest.approx((height - deep, deep), abs=0.02)
    assert line.width == pytest.approx(width, rel=0.02)
    whole = text_to_path.get_glyphs_mathtext(properties, f"${math}$")[0]
    found = [(glyph.name, glyph.y, left + glyph.x) for left, piece in line.pieces for glyph in piece.glyphs]
    assert [name for name, *_ in found] == [name for name, *_ in whole]
    assert [y for _, y, _ in found] == pytest.approx([float(y) / 100 for _, _, y, _ in whole], abs=0.02)
    assert [x for *_, x in found] == pytest.approx([float(x) / 100 for _, x, _, _ in whole], rel=0.03, abs=0.05)
