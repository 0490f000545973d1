"""Index networks: nodes, copy nodes, walks; no box on another, and no wire through a box that it does not join."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, hypot, sin

import pytest

import matcalc as mc
from matcalc.figures import index_network
from matcalc.figures.network_layout import Place, Placed, Room, placed
from matcalc.figures.term_graph import Node, TermGraph, graph_of
from matcalc.figures.term_networks import _free_direction
from matcalc.figures.typeset import Formula
from matcalc.layout.conventions import Layout, Style
from matcalc.layout.matrix_form import Writer
from tests.figures.marks_apart import assert_apart
from tests.figures.nets import derivations

NET = mc.Network(widths=(2, 3, 5), activation="f")
ROOM = Room(lambda node: 0.8, 0.2, 0.4, 0.8)
HEIGHT = 0.5


def texts(d: mc.Derivation, role: str) -> list[str]:
    return [mark.text for mark in index_network(d).with_role(role)]


def test_the_nodes_are_the_factors_and_dots_join_three_ends() -> None:
    d = mc.derive(NET.cost, NET.x, layout="numerator")
    assert sorted(texts(d, "node")) == ["W^(1)", "W^(2)", "a^(2) - y", "f'(z^(1))", "f'(z^(2))"]
    assert sorted(texts(d, "copy")) == ["j", "k"]
    assert texts(d, "end") == ["i"]
    assert texts(d, "outer") == []


def test_an_outer_product_is_joined_by_an_edge_of_size_1() -> None:
    d = mc.derive(NET.cost, NET.W[2], layout="denominator")
    (joined,) = index_network(d).with_role("outer")
    assert joined.text == "1"


def test_the_walks_write_both_layouts_from_either_end() -> None:
    d = mc.derive(NET.z[2], NET.x, layout="numerator")
    read = index_network(d).with_role("reading")
    forwards = [mark.text for mark in sorted(read, key=lambda mark: mark.box[0]) if mark.colour == read[0].colour]
    backwards = [mark.text for mark in sorted(read, key=lambda mark: -mark.box[0]) if mark.colour == read[-1].colour]
    assert " ".join(forwards) == d.result.latex()
    assert " ".join(backwards) == mc.derive(NET.z[2], NET.x, layout="denominator").result.latex()


def test_the_left_end_is_that_of_the_rows_in_numerator_layout() -> None:
    drawn = index_network(mc.derive(NET.cost, NET.W[2], layout="denominator"))
    ends = sorted(drawn.with_role("end"), key=lambda mark: mark.box[0])
    assert [mark.text for mark in ends] == ["j", "i"]  # W is n_2 x n_1, i <= n_2; in numerator layout the derivative is n_1 x n_2


def test_a_trace_is_a_closed_loop_and_the_scalar_of_a_term() -> None:
    n, m = mc.dims("n m")
    A, X, B = mc.matrix("A", n, n), mc.matrix("X", n, m), mc.matrix("B", m, n)
    d = mc.derive(mc.trace(A @ X @ B) ** 2, X, layout="numerator")
    assert sorted(texts(d, "node")) == ["A", "A", "B", "B", "X"]
    assert texts(d, "copy") == []


def test_each_term_has_a_panel() -> None:
    n = mc.dims("n")
    x, A = mc.vector("x", n), mc.matrix("A", n, n)
    assert texts(mc.derive(x.T @ A @ x, x, layout="numerator"), "sign") == ["+"]


def test_three_axes_have_three_ends_and_no_walk() -> None:
    d = mc.derive(NET.z[1], NET.W[1], layout="numerator")
    assert sorted(texts(d, "end")) == ["i", "j", "k"]
    assert texts(d, "walk") == []


def test_what_is_zero_has_no_network() -> None:
    with pytest.raises(mc.MatcalcError, match="is zero: no term is left"):
        index_network(mc.derive(mc.sum(mc.vector("x", 3)), mc.vector("y", 2), layout="numerator"))


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_nothing_overlaps(layout: str, style: str) -> None:
    for d in derivations(layout):
        assert_apart(index_network(d, style=style))


# ---- wires -----------------------------------------------------------------------------------------------------------


def graphs() -> Iterator[TermGraph]:
    for d in derivations("numerator"):
        form = d.index_form.form
        for term in form.terms:
            yield graph_of(term, form, Writer(Layout.NUMERATOR, Style.HADAMARD))


def crossed(made: Placed, nodes: Sequence[Node]) -> list[tuple[int, int]]:
    """Wires, by their vertex, that pass through a box, by its key, that they do not join."""
    by_key = {node.key: node for node in nodes}
    found = []
    for vertex, points in made.wires:
        for first, second in pairwise(points):
            for part in range(41):
                x = first[0] + (second[0] - first[0]) * part / 40
                y = (first[1] + (second[1] - first[1]) * part / 40) * ROOM.row
                for key, (column, row) in made.boxes.items():
                    inside = abs(x - column) < 0.39 and abs(y - row * ROOM.row) < HEIGHT / 2 - 0.01
                    if inside and vertex not in by_key[key].legs:
                        found.append((vertex, key))
    return found


def test_no_wire_passes_through_a_box() -> None:
    for graph in graphs():
        for vertices, nodes in graph.components():
            for mirrored in (False, True):
                made = placed(graph, vertices, nodes, ROOM, mirrored=mirrored)
                assert crossed(made, nodes) == []
                assert set(made.boxes) == {node.key for node in nodes}


def complete(count: int) -> TermGraph:
    """A matrix between each two of so many summed indices: no string writes it."""
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    nodes = tuple(Node(key, pair, Formula("A"), "A", (Formula("A"), Formula("A"))) for key, pair in enumerate(pairs))
    return TermGraph(nodes, Formula(""), False, (0,), tuple("ijkpq"[:count]), (mc.dims("n"),) * count)


@pytest.mark.parametrize("count", [3, 4, 5])
def test_what_is_no_path_stands_so_that_no_wire_passes_through_a_box(count: int) -> None:
    graph = complete(count)
    made = placed(graph, set(range(count)), graph.nodes, ROOM, mirrored=False)
    assert set(made.boxes) == set(range(len(graph.nodes)))
    assert crossed(made, graph.nodes) == []


def test_the_check_of_wires_finds_a_planted_one() -> None:
    graph = complete(3)
    made = placed(graph, {0, 1, 2}, graph.nodes, ROOM, mirrored=False)
    x, row = made.boxes[0]
    made.wires.append((2, ((x - 1, row), (x + 1, row))))
    assert (2, 0) in crossed(made, graph.nodes)


@pytest.mark.parametrize("kind", ["index_network", "cube", "computation_graph"])
def test_no_index_has_the_letter_of_a_size(kind: str) -> None:
    k, i = mc.dims("k i")
    W, x = mc.matrix("W", k, i), mc.vector("x", i)
    z = mc.let("z", W @ x)
    cost = mc.let("C", mc.sum(mc.let("a", mc.function("f")(z))))
    drawn = mc.derive(cost, "x" if kind == "index_network" else "W", layout="denominator").figure(kind)
    texts = [re.sub(r"\\mathbf\{[1I]\}_.", "", mark.text) for mark in drawn.marks]  # whose size stands there
    indices = {letter for text in texts for found in re.findall(r"_\{?([a-z]+)", text) for letter in found}
    ranges = {(index, size) for text in texts for index, size in re.findall(r"([a-z]) \\leq ([a-z])", text)}
    assert {size for _, size in ranges} == ({"k", "i"} if kind != "computation_graph" else set())
    assert indices | ranges
    assert not (indices | {index for index, _ in ranges}) & {"k", "i"}


@pytest.mark.parametrize(
    ("ends", "towards"),
    [
        (((-1.0, 0.0), (1.0, 0.0), (0.0, -1.0)), (0.0, 1.0)),
        (((0.0, 1.0), (-1.0, 0.5), (-1.0, -1.0)), (1.0, -0.4)),
        (((0.1, 1.0),), (0.0, -1.0)),
    ],
)
def test_the_letter_of_an_index_stands_above_its_dot_or_where_no_wire_is(ends: Sequence[Place], towards: Place) -> None:
    angle = _free_direction([*([(0.0, 0.0), end] for end in ends[:-1]), [ends[-1], (0.0, 0.0)]], (0.0, 0.0))
    assert cos(angle) == pytest.approx(towards[0] / hypot(*towards), abs=0.2)
    assert sin(angle) == pytest.approx(towards[1] / hypot(*towards), abs=0.2)


def test_transposes_in_sentences_are_formulas() -> None:
    net = mc.Network(widths=(3, 4, 2), activation="relu", batch="columns")
    told = " ".join(mark.text for mark in index_network(mc.derive(net.cost, net.W[1], layout="numerator")).with_role("note"))
    assert r"$\mathbf{W}^{(2)⊤}$" in told
    assert "W^" not in told and "^T" not in told
