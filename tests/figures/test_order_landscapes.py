"""The order landscape has the numbers of the report, and a verdict for each arrangement that it writes out."""

import pytest

import matcalc as mc
from matcalc.errors import MatcalcError, SeveralPathsError
from matcalc.figures.drawing import Drawing
from matcalc.figures.landscape_data import value_classes
from matcalc.figures.order_landscapes import FITS, SIGNS, order_landscape
from matcalc.figures.style import GREY, PALE, RIGHT, WRONG
from matcalc.layout.order_report import OrdersReport, OrderVerdict
from tests.figures.derivations import CASES, SHAPES, network_case
from tests.figures.marks_apart import assert_apart

SHAPES_DRAWN = ("bar",)


def list_report(sizes: dict[str, int] | None = None) -> OrdersReport:
    factors = [("A", "m", "n"), ("B", "n", "n"), ("g", "n", 1)]
    return mc.orders(factors, target=("m", 1), layout="numerator", sizes=sizes)


def net_report() -> OrdersReport:
    net = mc.Network(widths=(2, 3, 3), activation="tanh", loss="half_mse")
    return mc.orders(net.cost, net.x, layout="denominator", sizes={"n_0": 2, "n_1": 3, "n_2": 3})


def rows(drawing: Drawing) -> list[tuple[str, tuple[str, ...]]]:
    """The arrangements that are written out: the sign, and the factors from left to right."""
    found = []
    for sign in drawing.with_role("sign"):
        middle = (sign.box[1] + sign.box[3]) / 2
        beside = [mark for mark in drawing.with_role("factor") if mark.verdict and mark.box[1] < middle < mark.box[3]]
        found.append((sign.text, tuple(mark.text for mark in sorted(beside, key=lambda mark: mark.box))))
    return found


@pytest.mark.parametrize("report", [list_report({"m": 3, "n": 3}), list_report(), net_report()], ids=["3 x 3", "general", "network"])
def test_the_bars_are_the_numbers_of_the_report(report: OrdersReport) -> None:
    drawing = order_landscape(report)
    bars = {mark.verdict: mark for mark in drawing.with_role("bar")}
    wrong = report.shape_consistent - report.right
    assert bars["fits"].text == f"{report.shape_consistent:,}"
    assert bars["does not fit"].text == f"{report.arrangements - report.shape_consistent:,}"
    assert bars["right"].text == f"{report.right:,}"
    assert ("wrong value" in bars) == bool(wrong)
    assert (bars["right"].colour, bars["fits"].colour, bars["does not fit"].colour) == (RIGHT, FITS, PALE)
    if wrong:
        assert (bars["wrong value"].text, bars["wrong value"].colour) == (f"{wrong:,}", WRONG)
        length = {name: mark.box[2] - mark.box[0] for name, mark in bars.items()}
        assert length["wrong value"] / length["right"] == pytest.approx(wrong / report.right, rel=0.05)


def test_every_number_is_told_with_a_sign_beside_its_colour() -> None:
    told = [mark.text for mark in order_landscape(net_report()).with_role("label")]
    for text in ("3,840 arrangements", "✗ 3,792 do not fit", "48 fit in shape", "1 in 80, with 8 different values", "✓ 4 are right",
                 "≠ 44 fit but are wrong"):  # fmt: skip
        assert text in told


def test_each_arrangement_that_fits_is_written_out_with_its_verdict() -> None:
    report = list_report({"m": 3, "n": 3})
    shown = rows(order_landscape(report))
    plain = {r"\mathbf{A}": "A", r"\mathbf{B}": "B", r"\mathbf{g}": "g"}
    plain |= {rf"{latex}^\top": f"{name}^T" for latex, name in plain.items()}
    fitting = [(sign, [plain[factor] for factor in factors]) for sign, factors in shown if sign != "✗"]
    assert len(fitting) == report.shape_consistent == 8
    for sign, factors in fitting:
        assert sign == SIGNS[report.row(factors).verdict]
    assert {tuple(factors) for _, factors in fitting} == {tuple(row.product.split()) for row in report.rows}
    (misfit,) = [[plain[factor] for factor in factors] for sign, factors in shown if sign == "✗"]
    assert report.row(misfit).verdict is OrderVerdict.DOES_NOT_FIT


def test_an_arrangement_of_each_value_where_more_fit() -> None:
    report = net_report()
    drawing = order_landscape(report)
    signs = [mark.text for mark in drawing.with_role("sign")]
    assert signs == ["✓", *["≠"] * 7, "✗"]
    notes = [mark.text for mark in drawing.with_role("note")]
    assert notes[0] == "4 have this value, that of the true product"
    assert sum(int(note.split()[0]) for note in notes[:8]) == 48
    assert notes[-1] == "Not shown: 40 more that fit and 3,791 more that do not fit."
    assert len(order_landscape(report, rows=3).with_role("sign")) == 4


def test_all_right_ones_are_listed_where_few_fit() -> None:
    W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
    C = mc.let("C", mc.sum(mc.let("a", mc.function("f")(mc.let("z", W @ x))) ** 2))
    drawing = order_landscape(mc.derive(C, x, layout="denominator"))
    assert [sign for sign, _ in rows(drawing)] == ["✓", "✓", "✗"]
    assert rows(drawing)[0][1][1] == r"\frac{\partial \mathbf{a}}{\partial \mathbf{z}}"
    assert rows(drawing)[1][1][1] == r"\left(\frac{\partial \mathbf{a}}{\partial \mathbf{z}}\right)^\top"


def test_the_first_factor_that_does_not_join_is_told() -> None:
    drawing = order_landscape(list_report({"m": 3, "n": 5}))
    assert any(mark.text == r"factors 1 and 2 do not join: $1 \neq 5$" and mark.colour == GREY for mark in drawing.with_role("note"))


def test_astronomical_numbers_are_exact() -> None:
    factors = [*((f"W{k}", 3, 3) for k in range(19)), ("g", 3, 1)]
    report = mc.orders(factors, target=(3, 1), layout="denominator")
    drawing = order_landscape(report, style="slide")
    assert {mark.text for mark in drawing.with_role("bar")} == {
        "63,777,066,403,145,711,616,000", "2,487,305,589,722,682,753,024,000", "1", "63,777,066,403,145,711,615,999"
    }  # fmt: skip
    assert value_classes(report) == ()
    assert [mark.text for mark in drawing.with_role("sign")] == ["✓", *["≠"] * 5, "✗"]
    assert_apart(drawing, shapes=SHAPES_DRAWN)


def test_the_classes_are_those_of_the_report() -> None:
    report = net_report()
    classes = value_classes(report)
    assert len(classes) == report.distinct_values
    for each in classes:
        verdicts = {report.judged(arrangement).verdict for arrangement in each.arrangements}
        assert verdicts == {OrderVerdict.RIGHT if each.right else OrderVerdict.WRONG_VALUE}


def test_factors_that_depend_on_each_other_are_counted_and_not_listed() -> None:
    A, x = mc.matrix("A", "n", "n"), mc.vector("x", "n")
    u = mc.let("u", A @ x)
    v = mc.let("v", mc.inv(A) @ u)
    C = mc.let("C", mc.sum(v**2))
    report = mc.orders(C, x, layout="denominator", sizes={"n": 3})
    counted, listed = report.right, sum(1 for _ in report.ordering.right_arrangements())
    assert counted > listed
    assert value_classes(report) == ()
    assert [mark.text for mark in order_landscape(report).with_role("sign")] == ["✓", "✗"]


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(MatcalcError, match="A report of orders has its own sizes"):
        order_landscape(list_report(), sizes={"m": 3})
    with pytest.raises(MatcalcError, match="rows = 0: at least one"):
        order_landscape(list_report(), rows=0)
    with pytest.raises(SeveralPathsError, match="orders counts the arrangements of one product"):
        order_landscape(CASES["residual"][0])


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("name", [name for name in CASES if name != "residual"])
def test_nothing_overlaps(name: str, style: str) -> None:
    d, sizes = CASES[name]
    assert_apart(order_landscape(d, sizes=sizes, style=style), texts=("label", "note", "sign", "factor"), shapes=SHAPES_DRAWN)


@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_nothing_overlaps_in_networks_of_any_shape(widths: tuple[int, ...]) -> None:
    d, sizes = network_case(widths, "denominator", "x")
    assert_apart(order_landscape(d, sizes=sizes), texts=("label", "note", "sign", "factor"), shapes=SHAPES_DRAWN)


def test_the_same_figure_has_the_same_bytes() -> None:
    first, second = (order_landscape(net_report()).as_bytes("svg") for _ in range(2))
    assert first == second
