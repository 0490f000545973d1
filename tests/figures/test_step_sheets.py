"""The derivation sheet holds every step, aligned, with its rule and source, in one layout or in both."""

import pytest

import matcalc as mc
from matcalc.errors import MatcalcError, UnknownNameError
from matcalc.figures.drawing import Drawing, Mark
from matcalc.figures.step_sheets import derivation_sheet
from matcalc.figures.style import style_of
from tests.figures.derivations import CASES, SHAPES, network_case
from tests.figures.marks_apart import assert_apart

TEXTS = ("heading", "number", "left side", "sign", "right side", "rule", "source")


def joined(marks: tuple[Mark, ...]) -> str:
    """What stands in lines, without what breaking changes: the size of brackets, and spaces."""
    text = "".join(mark.text for mark in marks).replace(r"\dfrac", r"\frac").replace("{} ", "")
    return text.replace(r"\left", "").replace(r"\right", "").replace(" ", "")


def plain(latex: str) -> str:
    return latex.replace(r"\left", "").replace(r"\right", "").replace(" ", "")


def step_marks(drawing: Drawing, number: int, role: str) -> tuple[Mark, ...]:
    """The marks of a step, which stand between the number of it and that of the next."""
    places = [k for k, mark in enumerate(drawing.marks) if mark.role == "number"]
    start, end = places[number], places[number + 1] if number + 1 < len(places) else len(drawing.marks)
    return tuple(mark for mark in drawing.marks[start:end] if mark.role == role)


@pytest.mark.parametrize("name", CASES)
def test_every_step_is_there_with_its_rule(name: str) -> None:
    d, _ = CASES[name]
    drawing = derivation_sheet(d)
    assert [mark.text for mark in drawing.with_role("number")] == [str(k + 1) for k in range(len(d.steps))]
    for k, step in enumerate(d.steps):
        assert joined(step_marks(drawing, k, "right side")) == plain(step.after.latex())
        left = joined(step_marks(drawing, k, "left side"))
        assert left == plain(step.before.latex()) or (not left and d.steps[k - 1].after == step.before)
        assert step_marks(drawing, k, "rule") and step_marks(drawing, k, "source")


def test_equations_are_aligned_at_their_signs_and_rules_in_the_margin() -> None:
    d, _ = CASES["small"]
    drawing = derivation_sheet(d)
    for role in ("sign", "rule", "number"):
        assert len({round(mark.box[0], 3) for mark in drawing.with_role(role)}) == 1
    firsts = [step_marks(drawing, k, "right side")[0] for k in range(len(d.steps))]
    assert len({round(mark.box[0], 3) for mark in firsts}) == 1
    assert min(mark.box[0] for mark in drawing.with_role("rule")) > max(mark.box[2] for mark in drawing.with_role("right side"))


def test_names_in_rules_are_formulas() -> None:
    d, _ = network_case((2, 3, 5), "denominator")
    rules = " ".join(mark.text for mark in derivation_sheet(d).with_role("rule"))
    assert r"$\partial \mathbf{z}^{(1)} / \partial \mathbf{W}^{(1)}$ has 3 axes and $\mathbf{x}^⊤$ stands for it" in rules
    assert "dz^(1)" not in rules and "^T" not in rules


def test_shapes_are_told_with_the_numbers_given() -> None:
    d, sizes = CASES["small"]
    sources = " ".join(mark.text for mark in derivation_sheet(d).with_role("source"))
    assert r"$n_0 \times n_1$;" in sources
    assert r"$2 \times 3$;" in " ".join(mark.text for mark in derivation_sheet(d, sizes=sizes).with_role("source"))
    with pytest.raises(UnknownNameError, match="No size is named 'k'"):
        derivation_sheet(d, sizes={"k": 3})


@pytest.mark.parametrize("style", ["paper", "slide"])
def test_both_layouts_stand_side_by_side_where_they_fit(style: str) -> None:
    A, x = mc.matrix("A", "m", "n"), mc.vector("x", "n")
    drawing = derivation_sheet(mc.derive(A @ x, x, layout="denominator"), both=True, style=style)
    first, second = drawing.with_role("heading")
    assert "numerator" in first.text and "denominator" in second.text
    assert first.box[1] == pytest.approx(second.box[1]) and first.box[2] < second.box[0]
    numbers = sorted(drawing.with_role("number"), key=lambda mark: mark.box[0])
    assert [mark.text for mark in numbers] == ["1", "2", "1", "2"]
    assert numbers[1].box[1] == pytest.approx(numbers[3].box[1])
    assert_apart(drawing, texts=TEXTS)


def test_both_layouts_stand_below_each_other_where_they_are_wide() -> None:
    d, _ = CASES["small"]
    drawing = derivation_sheet(d, both=True)
    first, second = drawing.with_role("heading")
    assert first.box[0] == pytest.approx(second.box[0])
    above = drawing.marks[: [mark.text for mark in drawing.marks].index(second.text)]
    assert second.box[3] < min(mark.box[1] for mark in above)
    assert_apart(drawing, texts=TEXTS)


def test_second_derivatives_and_structured_ones_have_sheets() -> None:
    x, A = mc.vector("x", "n"), mc.matrix("A", "n", "n")
    second = mc.second_derivative(x.T @ A @ mc.tanh(x), x)
    drawing = derivation_sheet(second)
    assert len(drawing.with_role("number")) == len(second.steps) == 4
    assert_apart(drawing, texts=TEXTS)
    with pytest.raises(MatcalcError, match="has one form: both=True is for what derive gave"):
        derivation_sheet(second, both=True)
    symmetric = mc.derive(mc.trace(A @ A), A, layout="numerator", structured="symmetric")
    assert "A symmetric" in derivation_sheet(symmetric).with_role("heading")[0].text


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("name", CASES)
def test_nothing_overlaps(name: str, style: str) -> None:
    assert_apart(derivation_sheet(CASES[name][0], style=style), texts=TEXTS)


@pytest.mark.parametrize("widths", SHAPES, ids=str)
def test_nothing_overlaps_in_networks_of_any_shape(widths: tuple[int, ...]) -> None:
    d, sizes = network_case(widths, "denominator", activation="tanh", loss="half_mse")
    drawing = derivation_sheet(d, sizes=sizes)
    assert_apart(drawing, texts=TEXTS)


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("both", [False, True])
def test_a_long_derivation_has_pages_of_one_size_with_every_step_once(style: str, both: bool) -> None:
    d, _ = network_case(SHAPES[-1], "denominator", activation="tanh", loss="half_mse")
    drawing = derivation_sheet(d, style=style, both=both)
    pages = drawing.pages()
    looks = style_of(style)
    assert len(pages) > 1
    numbers = [mark.text for page in pages for mark in page.with_role("number")]
    assert numbers == [str(k + 1) for k in range(len(d.steps))] * (2 if both else 1)
    assert [mark.text for page in pages for mark in page.with_role("page")] == [f"{k} / {len(pages)}" for k in range(1, len(pages) + 1)]
    for page in pages:
        assert_apart(page, texts=(*TEXTS, "page"))
        assert page.get_figheight() == pytest.approx(looks.height + 0.24)
        assert page.with_role("number"), "no page is empty, and no heading stands alone"
        roles = [mark.role for mark in page.marks if mark.role != "page"]
        second = next((k for k, role in enumerate(roles) if role == "number" and "number" in roles[:k]), len(roles))
        assert "left side" in roles[:second], "a page begins with an equation that has a left side"
    kept = [(mark.role, mark.text) for page in pages for mark in page.marks if mark.role != "page"]
    assert kept == [(mark.role, mark.text) for mark in drawing.marks]
    assert drawing.as_bytes("pdf").count(b"/Type /Page ") == len(pages)


def test_what_fits_one_page_is_one_page_as_large_as_it_is() -> None:
    drawing = derivation_sheet(CASES["quadratic form"][0])
    (page,) = drawing.pages()
    assert page.marks == drawing.marks
    assert tuple(page.get_size_inches()) == tuple(drawing.get_size_inches())


def test_the_same_figure_has_the_same_bytes() -> None:
    first, second = (derivation_sheet(CASES["trace"][0]).as_bytes("svg") for _ in range(2))
    assert first == second
