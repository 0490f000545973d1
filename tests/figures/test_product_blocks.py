"""Shape blocks and mirrored layouts: factors, joints and verdicts."""

import pytest

import matcalc as mc
from matcalc.figures import layouts_mirrored, shape_blocks
from matcalc.figures.style import BROKEN, JOINED, STYLES
from matcalc.layout.conventions import Layout
from matcalc.layout.products import product_of
from tests.figures.marks_apart import assert_apart
from tests.figures.nets import derivations, residual

NET = mc.Network(widths=(2, 3, 5), activation="f")
ORDER = ["dz^(1)/dx", "da^(1)/dz^(1)", "dz^(2)/da^(1)", "da^(2)/dz^(2)", "dC/da^(2)"]


def joints(d: mc.Derivation, **options: object) -> list[tuple[str, str, str]]:
    drawn = shape_blocks(d, **options)  # type: ignore[arg-type]
    return [(joint.text, joint.verdict, joint.colour) for joint in drawn.with_role("joint")]


def test_the_joints_of_a_right_product_are_green() -> None:
    d = mc.derive(NET.cost, NET.W[1], layout="denominator")
    assert joints(d) == [(text, "joined", JOINED) for text in ("n_1 = n_1", "n_2 = n_2", "n_2 = n_2", "1 = 1")]


def test_a_wrong_order_has_red_joints_in_the_right_places_with_the_two_sizes() -> None:
    d = mc.derive(NET.cost, NET.x, layout="denominator")
    exchanged = [ORDER[0], ORDER[2], ORDER[1], *ORDER[3:]]
    assert joints(d, order=exchanged) == [
        ("n_1 = n_1", "joined", JOINED), (r"n_2 \neq n_1", "broken", BROKEN), (r"n_1 \neq n_2", "broken", BROKEN),
        ("n_2 = n_2", "joined", JOINED),
    ]  # fmt: skip
    (verdict,) = shape_blocks(d, order=exchanged).with_role("verdict")
    assert (verdict.text, verdict.verdict) == ("does not fit", "does not fit")


def test_where_sizes_coincide_all_joints_are_green_and_the_verdict_is_not() -> None:
    d = mc.derive(NET.cost, NET.x, layout="denominator")
    sizes = {"n_0": 2, "n_1": 3, "n_2": 3}
    drawn = shape_blocks(d, order=[ORDER[0], ORDER[2], ORDER[1], *ORDER[3:]], sizes=sizes)
    assert [joint.text for joint in drawn.with_role("joint")] == ["3 = 3"] * 4
    (verdict,) = drawn.with_role("verdict")
    assert verdict.verdict == "wrong value"
    assert "only because n_2 = n_1 = 3" in drawn.said
    (right,) = shape_blocks(d, order=ORDER, sizes=sizes).with_role("verdict")
    assert right.verdict == "right"


def test_a_product_that_leaves_another_shape_shows_both() -> None:
    n, m = mc.dims("n m")
    x, W = mc.vector("x", n), mc.matrix("W", m, n)
    d = mc.derive(mc.let("C", mc.sum(mc.let("z", W @ x) ** 2)), x, layout="denominator")
    drawn = shape_blocks(d, order=["(dC/dz)^T", "(dz/dx)^T"])
    assert [joint.verdict for joint in drawn.with_role("joint")] == ["joined"]
    assert [mark.text for mark in drawn.with_role("sign")] == ["=", "≠"]
    assert drawn.with_role("target")[0].text == "dC/dx"


def test_rectangles_are_in_proportion() -> None:
    d = mc.derive(NET.z[2], NET.a[1], layout="numerator")
    (factor,) = shape_blocks(d, sizes={"n_1": 3, "n_2": 7}).with_role("factor")
    left, bottom, right, top = factor.box
    assert (top - bottom) / (right - left) == pytest.approx(7 / 3)


def test_very_unlike_sizes_are_seen_and_a_note_says_so() -> None:
    net = mc.Network(widths=(784, 1), activation="f")
    drawn = shape_blocks(mc.derive(net.cost, net.W[1], layout="numerator"), sizes=net.sizes)
    assert min(min(m.box[2] - m.box[0], m.box[3] - m.box[1]) for m in drawn.with_role("factor")) > 0.1
    assert "none is drawn shorter" in " ".join(mark.text for mark in drawn.with_role("note"))
    width, height = drawn.get_size_inches()
    assert width < 10
    assert height < 10


def test_there_is_a_row_for_each_path() -> None:
    drawn = shape_blocks(mc.derive(residual(), "x", layout="numerator"))
    assert [mark.text for mark in drawn.with_role("sign")] == ["+", "+", "+", "="]


def test_an_order_is_of_one_product() -> None:
    with pytest.raises(mc.MatcalcError, match=r"sum over 4 paths\. Leave order= out"):
        shape_blocks(mc.derive(residual(), "x", layout="numerator"), order=["dC/dr_2"])


def test_a_structured_derivative_is_no_product() -> None:
    A = mc.matrix("A", 3, 3)
    with pytest.raises(mc.MatcalcError, match="by the free entries of a matrix"):
        shape_blocks(mc.derive(mc.logdet(A), A, layout="numerator", structured="symmetric"))


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_nothing_overlaps(layout: str, style: str) -> None:
    for d in derivations(layout):
        assert_apart(shape_blocks(d, style=style))
        assert_apart(layouts_mirrored(d, style=style))


def test_the_layouts_are_mirrored() -> None:
    drawn = layouts_mirrored(mc.derive(NET.cost, NET.W[1], layout="numerator"))
    names = [mark.text for mark in drawn.with_role("factor")]
    assert names[:5] == names[:4:-1]
    above, below = drawn.with_role("factor")[:5], drawn.with_role("factor")[:4:-1]
    for one, other in zip(above, below, strict=True):
        width, height = one.box[2] - one.box[0], one.box[3] - one.box[1]
        assert (other.box[3] - other.box[1], other.box[2] - other.box[0]) == pytest.approx((width, height))
        assert one.box[1] > other.box[3]
    assert sorted(mark.text for mark in drawn.with_role("partner")) == sorted([*names[:5], "dC/dW^(1)"])


def test_the_lines_join_each_factor_to_its_partner() -> None:
    drawn = layouts_mirrored(mc.derive(NET.cost, NET.x, layout="numerator"))
    for line in drawn.with_role("partner")[:-1]:
        above, below = (mark for mark in drawn.with_role("factor") if mark.text == line.text)
        middles = sorted((mark.box[0] + mark.box[2]) / 2 for mark in (above, below))
        assert [line.box[0], line.box[2]] == pytest.approx(middles)
        assert (line.box[1], line.box[3]) == pytest.approx((below.box[3], above.box[1]))


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("widths", [(3, 11, 2, 6, 5), (2, 12, 3, 7, 5, 11, 4), (12,) * 7], ids=str)
def test_a_long_product_is_parted_alike_above_and_below(widths: tuple[int, ...], style: str) -> None:
    d = mc.derive(mc.Network(widths=widths, activation="f").cost, "W^(1)", layout="denominator")
    drawn = layouts_mirrored(d, style=style)
    assert_apart(drawn)
    assert drawn.get_figwidth() <= 1.3 * STYLES[style].width + 0.5
    titles = [mark.text for mark in drawn.with_role("title")]
    count = len(titles) // 2
    assert count > 1 or len(widths) < 6
    if count > 1:
        numbers = [f"numerator layout, part {k} of {count}" for k in range(1, count + 1)]
        assert titles[::2] == numbers
        assert titles[1::2] == [number.replace("numerator", "denominator") for number in reversed(numbers)]
        assert [mark.text for mark in drawn.with_role("sign")].count("⋯") == 4 * (count - 1)
        assert "above downwards, below upwards" in " ".join(mark.text for mark in drawn.with_role("note"))
    rows: dict[float, list[str]] = {}
    for mark in sorted(drawn.with_role("factor"), key=lambda each: each.box[0]):
        rows.setdefault(round((mark.box[1] + mark.box[3]) / 2, 2), []).append(mark.text)
    in_order = [rows[y] for y in sorted(rows, reverse=True)]
    upper, lower = in_order[::2], in_order[1::2]
    names = [repr(factor) for factor in product_of(d.factors, Layout.NUMERATOR).factors]
    assert [name for row in upper for name in row] == names
    assert [name for row in reversed(lower) for name in row] == names[::-1]
    assert [row[::-1] for row in lower] == upper
    assert len(drawn.with_role("result")) == 2


def test_a_path_that_is_parted_has_its_plus_before_its_first_part() -> None:
    d = mc.derive(residual(), "x", layout="numerator")
    drawn = layouts_mirrored(d, style="slide")
    signs = [mark.text for mark in drawn.with_role("sign")]
    assert signs.count("+") == 2 * (len(d.paths) - 1)
    for mark in drawn.with_role("sign"):
        if mark.text == "+":
            row = [other for other in drawn.with_role("factor") if other.box[1] <= mark.box[3] and other.box[3] >= mark.box[1]]
            assert mark.box[2] <= min(other.box[0] for other in row)


def test_what_has_no_factors_has_no_product() -> None:
    d = mc.derive(mc.sum(mc.vector("x", 3)), mc.vector("y", 2), layout="numerator")
    why = r"dsum\(x\)/dy in numerator layout has no factors: sum\(x\) does not go through a chain to y"
    with pytest.raises(mc.MatcalcError, match=why):
        shape_blocks(d)
    with pytest.raises(mc.MatcalcError, match="so there is no product to draw"):
        layouts_mirrored(d)
