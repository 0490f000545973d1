"""Everything that the LaTeX printer prints is a formula that matplotlib takes, and is measured as it is drawn."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.mathtext import MathTextParser
from matplotlib.textpath import text_to_path

import matcalc as mc
from matcalc.figures import set_lines
from matcalc.figures.set_lines import font, set_line
from matcalc.figures.sheet import Sheet
from matcalc.figures.spare_letters import Spare, spare_font
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


@pytest.mark.parametrize("text", ["Wavy jagged text", Formula(r"\frac{\partial C}{\partial \mathbf{W}^{(1)}}"), "as $x_1$ is"])
@pytest.mark.parametrize("size", [9, 22])
def test_a_text_takes_the_room_that_was_measured(text: str, size: float) -> None:
    sheet = Sheet(style_of("paper"))
    box = sheet.text(0, 0, text, size=size)
    figure = sheet.drawing(kind="", said="")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    dark = np.asarray(canvas.buffer_rgba())[:, :, 0] < 128  # type: ignore[no-untyped-call]
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    dots, margin = figure.dpi, 0.12
    assert (columns[-1] - columns[0]) / dots == pytest.approx(box[2] - box[0], abs=0.006 * size)
    assert (rows[-1] - rows[0]) / dots == pytest.approx(box[3] - box[1], abs=0.004 * size)
    assert columns[0] / dots == pytest.approx(margin, abs=0.003 * size) and rows[0] / dots == pytest.approx(margin, abs=0.003 * size)


@pytest.mark.parametrize("seed", range(24))
def test_formulas_set_piece_by_piece_are_those_set_as_a_whole(seed: int) -> None:
    text = formula(Generator(seed).expression(depth=1 + seed % 3)).mathtext
    if len(text) > 400:
        return
    properties = font(100)
    width, height, depth = (each / 100 for each in text_to_path.get_text_width_height_descent(text, properties, ismath=True))
    line = set_line(text)
    assert line.width == pytest.approx(width, rel=0.02, abs=0.02)
    assert (line.above, line.below) == pytest.approx((height - depth, depth), abs=0.03)
    whole = [name for name, *_ in text_to_path.get_glyphs_mathtext(properties, text)[0]]
    assert sorted(glyph.name for _, piece in line.pieces for glyph in piece.glyphs) == sorted(whole)


def test_a_formula_is_read_once_for_all_sizes_styles_and_files(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    parse = MathTextParser.parse

    def counted(self: Any, text: str, *given: Any, **options: Any) -> Any:
        read.append(text)
        return parse(self, text, *given, **options)

    monkeypatch.setattr(MathTextParser, "parse", counted)
    d = mc.derive(mc.let("z", mc.matrix("Q", "q", "r") @ mc.vector("s", "r")), "Q", layout="numerator")
    for style in ("paper", "slide"):
        for form in ("svg", "png", "pdf"):
            d.figure("shape_blocks", style=style).as_bytes(form)
    assert read
    assert max(Counter(read).values()) <= 2  # once for its room and once for its glyphs, which matplotlib keeps


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


KINDS_OF_LETTERS = ("shape_blocks", "layouts_mirrored", "jacobian_heat_maps", "cube", "index_network")


@pytest.mark.parametrize("kind", KINDS_OF_LETTERS)
def test_letters_that_mathtext_lacks_are_those_of_another_font(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    d = mc.derive(mc.let("z", mc.matrix("A", "m", "n") @ mc.vector("ա", "n")), "A", layout="numerator")
    assert any("ա" in mark.text for mark in d.figure(kind).marks)
    d.figure(kind).as_bytes("pdf")
    assert capfd.readouterr() == ("", "")
    (_, piece), = set_line(r"$\mathbf{ա}^{(1)}$").pieces
    names = [glyph.name for glyph in piece.glyphs]
    assert names[0].startswith("DejaVuSans") and len(names) == 4
    assert names[1:] == [glyph.name for _, each in set_line(r"$\mathbf{x}^{(1)}$").pieces for glyph in each.glyphs][1:]


def test_several_spare_letters_stand_in_their_order() -> None:
    (_, piece), = set_line(r"$\frac{ա}{\mathbf{ש}}$").pieces
    alone = [set_line(rf"${letter}$").pieces[0][1].glyphs[0].name for letter in (r"ա", r"\mathbf{ש}")]
    upper, lower = sorted(piece.glyphs, key=lambda glyph: -glyph.y)
    assert [upper.name, lower.name] == [name if k else upper.name for k, name in enumerate(alone)]
    assert upper.name != lower.name


def test_letters_that_no_font_has_are_told_by_their_numbers(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    letter = "\U00017042"  # some machine may have a font with it

    def none_found(sign: str, bold: bool = False) -> Spare | None:
        return None if sign == letter else spare_font(sign, bold)

    monkeypatch.setattr(set_lines, "spare_font", none_found)
    d = mc.derive(mc.let("z", mc.matrix("A", "m", "n") @ mc.vector(f"x{letter}", "n")), "A", layout="numerator")
    for kind in KINDS_OF_LETTERS:
        d.figure(kind).as_bytes("png")
    assert capfd.readouterr() == ("", "")
    ((_, piece),) = set_line(f"as {letter}").pieces
    assert piece.text == "as U+17042"
    (formula_piece,) = (piece for _, piece in set_line(rf"$\mathbf{{{letter}}}$").pieces)
    assert len(formula_piece.glyphs) == len("U+17042")


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
