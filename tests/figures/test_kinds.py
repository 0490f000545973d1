"""The table of kinds, figures by name, and the files of figures."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import matcalc as mc
from matcalc.figures import KINDS, Drawing, shape_blocks

NET = mc.Network(widths=(2, 3, 5), activation="f")
D = mc.derive(NET.cost, NET.W[1], layout="denominator")


def test_every_kind_has_a_function_of_its_name_and_tells_what_it_shows() -> None:
    for name, kind in KINDS.items():
        assert kind.draws is getattr(mc.figures, name)
        assert kind.draws.__name__ == name
        assert {"sizes", "style"} <= set(kind.options)
        assert re.search(r"Example:\n\s+>>> ", kind.draws.__doc__ or "")
        assert 1 <= kind.shows.count(".") <= 6


def test_what_a_kind_shows_is_true_of_figures_of_every_derivation() -> None:
    n, m = mc.dims("n m")
    quantity = mc.let("z", mc.matrix("A", m, n) @ mc.vector("x", n))
    by_x = mc.derive(quantity, "x", layout="numerator")
    landscape = by_x.figure("order_landscape")
    assert re.search(r"\b0 (fits|fit) but (is|are) wrong", landscape.said)
    assert "a product may fit" in KINDS["order_landscape"].shows
    batch = mc.Network(widths=(2, 3), activation="f", batch="rows")
    bias = mc.derive(batch.cost, batch.b[1], layout="denominator").figure("cube")  # of a matrix by a vector, onto a vector
    assert "by a vector" in KINDS["cube"].shows
    assert "matrix: an outer product" not in KINDS["cube"].shows
    assert len({round(mark.box[0], 3) for mark in bias.with_role("matrix entry")}) == 1


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"reversal_animation", "bracketing_costs"}))
def test_a_derivation_draws_itself(name: str) -> None:
    drawn = D.figure(name)
    assert drawn.kind == name
    assert drawn.said


def test_networks_reports_and_expressions_draw_themselves() -> None:
    assert NET.figure("computation_graph").kind == "computation_graph"
    assert NET.a[1].figure("computation_graph").kind == "computation_graph"
    assert mc.orders(NET.cost, NET.x, layout="numerator").figure("order_landscape").kind == "order_landscape"
    assert mc.costs(NET.cost, NET.x, sizes=NET.sizes).figure("bracketing_costs").kind == "bracketing_costs"


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(mc.MatcalcError, match=r"There is no figure 'shape_block'\. Did you mean shape_blocks\? .*Figures: shape_blocks, "):
        D.figure("shape_block")
    with pytest.raises(mc.MatcalcError, match=r"cube is of Derivation, not of Network\. Derive first: .* there are computation_graph"):
        NET.figure("cube")
    with pytest.raises(mc.MatcalcError, match=r"cube has no option 'styl'\. Did you mean style\? Options: sizes, style"):
        D.figure("cube", styl="slide")
    with pytest.raises(mc.MatcalcError, match=r"There is no style 'slides' of figures; .* Did you mean 'slide'\?"):
        D.figure("shape_blocks", style="slides")


@pytest.mark.parametrize("name", ["shape_blocks", "layouts_mirrored", "index_network", "computation_graph", "cube"])
def test_the_same_figure_has_the_same_bytes(name: str, tmp_path: Path) -> None:
    first, second = D.figure(name), mc.derive(NET.cost, NET.W[1], layout="denominator").figure(name)
    assert first.as_bytes("svg") == second.as_bytes("svg")
    assert first.as_bytes("svg") == first.as_bytes("svg")
    for form, start in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        assert first.save(tmp_path / f"{name}.{form}").read_bytes().startswith(start)


def test_a_figure_shows_itself_and_tells_the_formats() -> None:
    drawn = shape_blocks(D)
    assert isinstance(drawn, Drawing)
    picture, told = drawn._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert told["width"] == round(96 * drawn.get_figwidth())
    assert drawn.said in drawn.as_bytes("svg").decode()
    with pytest.raises(mc.MatcalcError, match=r"'blocks.jpg' does not tell the format: end it with .svg, .png, .pdf"):
        drawn.save("blocks.jpg")


def test_figures_are_imported_when_they_are_needed() -> None:
    program = "import sys, matcalc as mc; before = 'matplotlib' in sys.modules; mc.figures.cube; print(before, 'matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(mc.__file__).parents[1], check=False)
    assert done.stdout == "False True\n", done.stderr
