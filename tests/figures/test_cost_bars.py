"""The bars of costs are those of the report: the same in both layouts, different for each bracketing."""

import pytest

import matcalc as mc
from matcalc.chain_costs import CostsReport, Mode
from matcalc.errors import MatcalcError, SeveralPathsError
from matcalc.figures.cost_bars import COLOURS, bracketing_costs
from matcalc.figures.drawing import Drawing
from matcalc.layout.conventions import Layout
from tests.figures.derivations import CASES, SHAPES, network_case
from tests.figures.marks_apart import assert_apart

TEXTS = ("label", "heading", "number", "bracketing", "verdict")


def chain() -> CostsReport:
    return mc.costs([("W3", 2, 7), ("W2", 7, 3), ("W1", 3, 5)])


def long_chain() -> CostsReport:
    return mc.costs([("W4", 784, 512), ("W3", 512, 8), ("W2", 8, 512), ("W1", 512, 784)])


def bars(drawing: Drawing) -> list[tuple[int, str, float, str]]:
    found = drawing.with_role("bar")
    return [(int(mark.text.replace(",", "")), mark.verdict, mark.box[2] - mark.box[0], mark.colour) for mark in found]


@pytest.mark.parametrize("report", [chain(), long_chain()], ids=["short", "long"])
def test_the_bars_have_the_counted_numbers(report: CostsReport) -> None:
    found = bars(bracketing_costs(report))
    wanted = {(row.numbers[0], row.layout.value) for row in report.rows if row.numbers is not None}
    assert {(count, layout) for count, layout, _, _ in found} == wanted
    longest = max(count for count, *_ in found)
    full = max(length for *_, length, _ in found)
    for count, layout, length, colour in found:
        assert length == pytest.approx(full * count / longest)
        assert colour == COLOURS[Layout(layout)]


def test_transposing_changes_no_length_and_bracketing_does() -> None:
    found = bars(bracketing_costs(long_chain()))
    assert [count for count, *_ in found] == [321126400] * 4 + [11339776] * 2
    numerator, denominator = ([length for _, layout, length, _ in found if layout == each] for each in ("numerator", "denominator"))
    assert numerator == pytest.approx(denominator)
    assert len({round(length, 6) for length in numerator}) == 2


def test_the_bracketings_stand_under_their_bars() -> None:
    drawing = bracketing_costs(long_chain())
    assert [mark.text for mark in drawing.with_role("bracketing")] == [
        r"\left(\left(\mathbf{W}_4 \mathbf{W}_3\right) \mathbf{W}_2\right) \mathbf{W}_1",
        r"\mathbf{W}_1^\top \left(\mathbf{W}_2^\top \left(\mathbf{W}_3^\top \mathbf{W}_4^\top\right)\right)",
        r"\mathbf{W}_4 \left(\mathbf{W}_3 \left(\mathbf{W}_2 \mathbf{W}_1\right)\right)",
        r"\left(\left(\mathbf{W}_1^\top \mathbf{W}_2^\top\right) \mathbf{W}_3^\top\right) \mathbf{W}_4^\top",
        r"\left(\mathbf{W}_4 \mathbf{W}_3\right) \left(\mathbf{W}_2 \mathbf{W}_1\right)",
        r"\left(\mathbf{W}_1^\top \mathbf{W}_2^\top\right) \left(\mathbf{W}_3^\top \mathbf{W}_4^\top\right)",
    ]
    for bar, written in zip(drawing.with_role("bar"), drawing.with_role("bracketing"), strict=True):
        assert bar.box[1] >= written.box[3]


def test_modes_with_one_bracketing_are_one_group() -> None:
    d, sizes = network_case((2, 3, 5), "denominator")
    headings = [mark.text for mark in bracketing_costs(d, sizes=sizes).with_role("heading")]
    assert "From the output end (reverse mode); the best bracketing" in headings


def test_the_factors_of_a_derivation_have_their_names_in_both_layouts() -> None:
    d, sizes = network_case((2, 3, 5), "numerator", "x")
    forward = [mark.text for mark in bracketing_costs(d, sizes=sizes).with_role("bracketing")][-2:]
    by_x, cost = r"\frac{\partial \mathbf{z}^{(1)}}{\partial \mathbf{x}}", r"\frac{\partial C}{\partial \mathbf{a}^{(2)}}"
    assert forward[0].startswith(cost) and by_x in forward[0]
    assert forward[1].endswith(cost) and by_x in forward[1]


def test_times_are_drawn_beside_the_counts() -> None:
    report = chain()
    times = {(mode.value, layout.value): 0.002 * (1 + k) for k, mode in enumerate(Mode) for layout in Layout}
    drawing = bracketing_costs(report, measured=times)
    told = [mark.text for mark in drawing.with_role("number")]
    assert {"2 ms", "4 ms"} <= set(told)
    assert {"multiplications, counted", "time, measured"} <= {mark.text for mark in drawing.with_role("heading")}
    assert len(drawing.with_role("bar")) == 2 * len(bracketing_costs(report).with_role("bar"))
    assert_apart(drawing, texts=TEXTS, shapes=("bar",))
    del times["forward", "numerator"]
    with pytest.raises(MatcalcError, match=r"measured has no time for \('forward', 'numerator'\)"):
        bracketing_costs(report, measured=times)


def test_times_are_measured_where_that_is_asked() -> None:
    drawing = bracketing_costs(chain(), measured=True)
    assert len(drawing.with_role("number")) == len(drawing.with_role("bar"))


def test_what_cannot_be_drawn_is_refused() -> None:
    d, _ = network_case((2, 3, 5), "numerator")
    with pytest.raises(MatcalcError, match=r'n_0, n_1, n_2 have no number.* Give costs sizes=\{"n_0": ..., "n_1": ..., "n_2": ...\}'):
        bracketing_costs(mc.costs(d.of, d.wrt))
    with pytest.raises(MatcalcError, match="No size is named 'n_7'"):
        bracketing_costs(d, sizes={"n_7": 2})
    with pytest.raises(MatcalcError, match="A report of costs has its own sizes"):
        bracketing_costs(chain(), sizes={"n_0": 2})
    with pytest.raises(MatcalcError, match="is a single factor, so nothing is multiplied"):
        bracketing_costs(CASES["log det"][0], sizes={"n": 3})
    with pytest.raises(SeveralPathsError, match="2 paths lead from"):
        bracketing_costs(CASES["residual"][0], sizes={"n": 3})


def test_the_verdict_of_the_report_is_told() -> None:
    told = " ".join(mark.text for mark in bracketing_costs(long_chain()).with_role("verdict"))
    assert told == long_chain().verdict


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("name", ["small", "by x", "deep", "wide", "batch"])
def test_nothing_overlaps(name: str, style: str) -> None:
    d, sizes = CASES[name]
    assert_apart(bracketing_costs(d, sizes=sizes, style=style), texts=TEXTS, shapes=("bar",))


@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_nothing_overlaps_in_networks_of_any_shape(widths: tuple[int, ...]) -> None:
    d, sizes = network_case(widths, "numerator")
    assert_apart(bracketing_costs(d, sizes=sizes), texts=TEXTS, shapes=("bar",))


def test_the_same_figure_has_the_same_bytes() -> None:
    first, second = (bracketing_costs(chain()).as_bytes("svg") for _ in range(2))
    assert first == second


def test_sizes_that_are_not_given_get_numbers_and_the_figure_says_so() -> None:
    d, _ = network_case((2, 3, 5), "numerator")
    chosen = "not given are chosen for this figure"
    drawing = bracketing_costs(d)
    assert chosen in " ".join(mark.text for mark in drawing.marks)
    numbers = {"n_0": 2, "n_1": 3, "n_2": 5}
    assert chosen not in " ".join(mark.text for mark in bracketing_costs(d, sizes=numbers).marks)
    assert chosen in " ".join(mark.text for mark in bracketing_costs(d, sizes={"n_0": 11}).marks)
    assert "n_0 = 11" in " ".join(mark.text for mark in bracketing_costs(d, sizes={"n_0": 11}).marks)
    assert_apart(drawing, texts=TEXTS, shapes=("bar",))
