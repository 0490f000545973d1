"""Figures of random expressions: each is drawn with nothing on anything else, or refused in words."""

from collections.abc import Callable

import pytest

import matcalc as mc
from matcalc.figures import Drawing, computation_graph, cube, index_network, layouts_mirrored, shape_blocks
from tests.figures.marks_apart import assert_apart
from tests.random_expressions import Generator, variables

FIGURES: tuple[Callable[..., Drawing], ...] = (shape_blocks, layouts_mirrored, index_network, computation_graph, cube)
STYLES = ("paper", "slide")
LAYOUTS = ("numerator", "denominator")


def drawn(draws: Callable[..., Drawing], d: mc.Derivation, style: str) -> Drawing | None:
    """The figure, or None where it is refused for what it is of."""
    try:
        return draws(d, style=style)
    except mc.MatcalcError:
        return None


@pytest.mark.parametrize("seed", range(24))
def test_a_random_derivative_is_drawn_or_refused(seed: int) -> None:
    generator = Generator(seed)
    expression = generator.expression(depth=1 + seed % 3)
    found = variables(expression)
    if not found:
        return
    d = mc.derive(expression, generator.choice(found), layout=LAYOUTS[seed % 2])
    drawings = [drawing for draws in FIGURES if (drawing := drawn(draws, d, style=STYLES[seed // 2 % 2])) is not None]
    assert drawings or repr(d.index_form) == "0"
    for drawing in drawings:
        assert_apart(drawing, shapes=("factor", "result", "node", "joint", "card"))
