"""Everything that the LaTeX printer prints is a formula that matplotlib takes, and is measured as it is drawn."""

import re
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import matcalc as mc
from matcalc.figures.sheet import Sheet
from matcalc.figures.style import style_of, tint
from matcalc.figures.typeset import Formula, extent, formula, wrapped
from tests.figures.nets import derivations
from tests.random_expressions import Generator

LONGEST = 3000


@pytest.mark.parametrize("seed", range(40))
def test_random_expressions_are_formulas(seed: int) -> None:
    for part in range(5):
        latex = Generator(100 * seed + part).expression(depth=3).latex()
        if len(latex) < LONGEST:
            width, above, below = extent(formula(latex), 11)
            assert width > 0
            assert above + below > 0


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_what_is_printed_of_derivations_are_formulas(layout: str) -> None:
    for d in derivations(layout):
        for path in d.paths:
            for factor in path:
                for latex in (factor.name(layout).latex(), factor.index_form.latex(), factor.vec_form(layout).latex()):
                    assert extent(Formula(latex), 11)[0] > 0
        assert extent(Formula(d.latex()), 11)[0] > 0


@pytest.mark.parametrize(
    ("latex", "mathtext"),
    [
        (r"\mathbf{W}^\top \mathbf{x}", r"$\mathbf{W}^⊤ \mathbf{x}$"),
        (r"\mathbf{W}^{(2)\top}", r"$\mathbf{W}^{(2)⊤}$"),
        (r"\tfrac{1}{2} x", r"$\frac{1}{2}\, x$"),
        (r"\frac{1}{\frac{a}{b}} x", r"$\frac{1}{\frac{a}{b}}\, x$"),
        (r"(\frac{1}{2})", r"$(\frac{1}{2})$"),
        (r"\text{if }k", r"$\mathrm{if\ }k$"),
        (r"\lVert x \rVert", r"$\| x \|$"),
    ],
)
def test_what_matplotlib_does_not_take_is_written_otherwise(latex: str, mathtext: str) -> None:
    assert Formula(latex).mathtext == mathtext


def test_bold_greek_letters_are_bold() -> None:
    assert r"\boldsymbol{\theta}" in formula(mc.vector("theta", "n")).mathtext


@pytest.mark.parametrize("text", ["Wavy jagged text", Formula(r"\frac{\partial C}{\partial \mathbf{W}^{(1)}}")])
def test_a_text_takes_the_room_that_was_measured(text: str) -> None:
    sheet = Sheet(style_of("paper"))
    left, bottom, right, top = sheet.text(0, 0, text)
    figure = sheet.drawing(kind="", said="")
    FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]
    (drawn,) = figure.axes[0].texts
    box = drawn.get_window_extent().transformed(figure.dpi_scale_trans.inverted())
    assert box.width == pytest.approx(right - left, abs=0.06)
    assert box.height == pytest.approx(top - bottom, abs=0.06)


def test_lines_of_a_text_are_as_wide_as_they_may_be() -> None:
    text = "Drawn for $n_0 = 4$ and $n_1 = 7$; what is shown holds for all sizes."
    lines = wrapped(text, 9, 2.0)
    assert " ".join(lines) == text
    assert all(extent(line, 9)[0] <= 2.0 for line in lines)


def test_a_tint_is_between_the_colour_and_white() -> None:
    assert tint("#0072B2", 1) == "#0072b2"
    assert tint("#0072B2", 0) == "#ffffff"


def test_no_module_of_figures_names_a_machine() -> None:
    for path in sorted(Path(mc.__file__).parent.joinpath("figures").glob("*.py")):
        assert not re.search(r"/(home|tmp|work|root)/", path.read_text(encoding="utf-8")), path


def test_a_letter_that_the_font_lacks_is_told_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    d = mc.derive(mc.let("z", mc.matrix("A", "m", "n") @ mc.vector("変", "n")), "A", layout="numerator")
    for kind in ("shape_blocks", "layouts_mirrored", "jacobian_heat_maps", "cube", "index_network"):
        with pytest.raises(mc.MatcalcError, match=r"the font of figures, DejaVu Sans, has no 変 \(U\+5909\)\. Name the quantity"):
            d.figure(kind)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("latex", [r"\foo{x}", r"\mathbf{A}_{", r"x^{a}^{b}", r"\frac{a}"])
def test_what_is_no_formula_is_told(latex: str) -> None:
    with pytest.raises(mc.MatcalcError, match=r"No figure can show \$" + re.escape(latex) + r"\$: matplotlib does not typeset"):
        extent(Formula(latex), 11)
    with pytest.raises(mc.MatcalcError, match=r"does not typeset this formula"):
        Sheet(style_of("paper")).text(0, 0, Formula(latex))


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    d = mc.derive(mc.let("z", mc.matrix("A", 2, 3) @ mc.vector("x", 3)), "x", layout="numerator")
    for kind, form in (("shape_blocks", "png"), ("reversal_animation", "gif")):
        with pytest.raises(mc.MatcalcError, match=rf"x\.{form} cannot be written to the folder '.*none': there is no such folder"):
            d.figure(kind).save(tmp_path / "none" / f"x.{form}")
        (tmp_path / f"y.{form}").mkdir()
        with pytest.raises(mc.MatcalcError, match=rf"y\.{form} cannot be written to the folder '.*': Is a directory"):
            d.figure(kind).save(tmp_path / f"y.{form}")
