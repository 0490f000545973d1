"""Graphs in bands: each edge stands in one of them, and begins at its node or at the node repeated."""

from collections.abc import Sequence

import pytest

import matcalc as mc
from matcalc.figures import computation_graph
from matcalc.figures.graph_bands import bands
from matcalc.figures.layered import layered
from matcalc.figures.style import STYLES
from tests.figures.derivations import SHAPES
from tests.figures.marks_apart import assert_apart
from tests.figures.test_quantity_graphs import GRAPHS


@pytest.mark.parametrize("width", [1.0, 2.0, 3.0, 99.0])
@pytest.mark.parametrize("name", GRAPHS)
def test_every_node_and_edge_stands_in_one_band(name: str, width: float) -> None:
    before: dict[int, Sequence[int]] = GRAPHS[name]
    places = layered(before)
    last = max(column for column, _ in places.nodes.values())
    found = bands(places, [1.0] * last, width)
    assert sorted(node for band in found for node, _, _ in band.nodes) == sorted(before)
    assert sorted(edge for band in found for edge in band.edges) == sorted((first, node) for node in before for first in before[node])
    assert all(band.end - band.start <= max(width, 1) for band in found)
    for band in found:
        here = {(node, column, lane) for node, column, lane in (*band.nodes, *band.repeated)}
        assert {(edge[0], *start) for edge, start in band.edges.items()} <= here
        above = {node for other in found if other.start < band.start for node, _, _ in other.nodes}
        assert {node for node, _, _ in band.repeated} <= above


def test_it_is_parted_where_least_is_repeated() -> None:
    places = layered({0: (), 1: (0,), 2: (1, 0), 3: (2,), 4: (3, 2)})  # two ways to 2, and two to 4
    first, second = bands(places, [1.0] * 4, 2.0)
    assert (first.end, second.start) == (2, 2)
    assert [node for node, _, _ in second.repeated] == [2]


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_networks_of_any_depth_fit_the_width(widths: tuple[int, ...], style: str) -> None:
    net = mc.Network(widths=widths, activation="f")
    drawn = computation_graph(net, style=style)
    assert_apart(drawn, shapes=("node", "card", "repeated"))
    assert drawn.get_figwidth() <= STYLES[style].width + 0.5
    assert len(drawn.with_role("edge")) == len(drawn.with_role("card"))
    names = [mark.text for mark in drawn.with_role("node")]
    assert len(names) == len(set(names))
    assert {mark.text for mark in drawn.with_role("repeated")} <= set(names)
    told = "A dashed box stands above already." in " ".join(mark.text for mark in drawn.with_role("note")).replace("\n", " ")
    assert told == bool(drawn.with_role("repeated"))
