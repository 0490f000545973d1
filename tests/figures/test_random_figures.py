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


@pytest.mark.parametrize("seed", range(24))
def test_a_random_derivative_is_drawn_or_refused(seed: int) -> None:
    generator = Generator(seed)
    expression = generator.expression(depth=1 + seed % 3)
    found = variables(expression)
    if not found:
        return
    d = mc.derive(expression, generator.choice(found), layout=LAYOUTS[seed % 2])
    for draws in FIGURES:
        try:
            drawing = draws(d, style=STYLES[seed // 2 % 2])
        except mc.MatcalcError as refused:
            assert len(str(refused)) > 40
            continue
        assert_apart(drawing, shapes=("factor", "result", "node", "joint", "card"))
