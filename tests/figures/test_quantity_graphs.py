"""Computation graphs: every edge with its factor and shape; no node on another, no edge through a node, leaves late."""

from collections.abc import Mapping, Sequence

import pytest

import matcalc as mc
from matcalc.figures import computation_graph
from matcalc.figures.layered import layered
from tests.figures.marks_apart import assert_apart
from tests.figures.nets import networks, residual

NET = mc.Network(widths=(2, 3, 5), activation="f")


def test_every_edge_has_a_card_with_its_factor() -> None:
    drawn = computation_graph(NET, layout="denominator")
    edges = sorted(mark.text for mark in drawn.with_role("edge"))
    assert edges == sorted(mark.text for mark in drawn.with_role("card"))
    assert "dz^(2)/da^(1)" in edges
    assert len(edges) == 10
    labels = [mark.text for mark in drawn.with_role("label")]
    for written in (r"\mathbf{W}^{(2)\top}", r"n_1 \times n_2", r"\delta_{ij} x_k", r"n_1 \times n_0 \times n_1"):
        assert written in labels


def test_both_layouts_stand_on_the_cards_of_a_network() -> None:
    labels = [mark.text for mark in computation_graph(NET).with_role("label")]
    assert r"\mathbf{W}^{(2)}" in labels
    assert r"\mathbf{W}^{(2)\top}" in labels


def test_of_a_derivation_the_paths_have_cards() -> None:
    drawn = computation_graph(mc.derive(NET.cost, NET.W[2], layout="numerator"))
    assert sorted(mark.text for mark in drawn.with_role("card")) == ["dC/da^(2)", "da^(2)/dz^(2)", "dz^(2)/dW^(2)"]
    assert len(drawn.with_role("edge")) == 10


def test_sizes_are_shown_where_they_are_given() -> None:
    labels = [mark.text for mark in computation_graph(NET, sizes=NET.sizes).with_role("label")]
    assert r"5 \times 3" in labels


def test_what_has_no_names_and_what_is_none_is_refused() -> None:
    with pytest.raises(mc.MatcalcError, match="made of nothing that has a name"):
        computation_graph(mc.vector("x", 3))
    with pytest.raises(mc.MatcalcError, match="3 has no computation graph: give a derivation, a network or an expression"):
        computation_graph(3)  # type: ignore[arg-type]
    with pytest.raises(mc.MatcalcError, match="may also be asked for in layout='both'"):
        computation_graph(NET, layout="mixd")


@pytest.mark.parametrize("style", ["paper", "slide"])
def test_nothing_overlaps(style: str) -> None:
    for net in networks():
        assert_apart(computation_graph(net, style=style), shapes=("node", "card"))
    assert_apart(computation_graph(residual(), layout="numerator", style=style), shapes=("node", "card"))
    x, A = mc.vector("x", "n"), mc.matrix("A", "n", "n")
    assert_apart(computation_graph(x.T @ A @ x, style=style), shapes=("node", "card"))


# ---- where nodes and edges stand -------------------------------------------------------------------------------------

GRAPHS: dict[str, dict[int, Sequence[int]]] = {
    "chain": {0: (), 1: (0,), 2: (1,), 3: (2,)},
    "leaves": {0: (), 1: (), 2: (), 3: (0, 1, 2), 4: (), 5: (3, 4)},
    "residual": {0: (), 1: (0,), 2: (1,), 3: (2, 0), 4: (3,), 5: (4,), 6: (5, 3)},
    "tied": {0: (), 1: (), 2: (0, 1), 3: (2,), 4: (3, 1), 5: (4,), 6: (5, 1)},
    "diamond": {0: (), 1: (0,), 2: (0,), 3: (0,), 4: (1, 2, 3)},
    "dense": {k: tuple(range(k)) for k in range(7)},
}


def passed(before: Mapping[int, Sequence[int]]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The cells that hold nodes or edges that pass, and the gaps with the lanes that edges have there."""
    found = layered(before)
    cells = list(found.nodes.values())
    gaps = []
    for (first, node), lane in found.edges.items():
        start, end = found.nodes[first][0], found.nodes[node][0]
        assert start < end
        cells += [(column, lane) for column in range(start + 1, end)]
        gaps += [(column, lane) for column in range(start, end)]
    return cells, gaps


@pytest.mark.parametrize("name", GRAPHS)
def test_no_edge_passes_through_a_node_or_along_another_edge(name: str) -> None:
    cells, gaps = passed(GRAPHS[name])
    assert len(cells) == len(set(cells))
    assert len(gaps) == len(set(gaps))


def test_leaves_stand_next_to_what_they_lead_to() -> None:
    nodes = layered(GRAPHS["leaves"]).nodes
    assert nodes[4][0] == nodes[5][0] - 1
    assert {nodes[k][0] for k in (0, 1, 2)} == {0}
