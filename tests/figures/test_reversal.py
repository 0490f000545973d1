"""The reversal: it begins with one product and ends with the other, and every picture can be read."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

import matcalc as mc
from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError, SeveralPathsError
from matcalc.figures.drawing import Mark
from matcalc.figures.reversal import Animation, reversal_animation
from matcalc.figures.reversal_stage import LAST_WORDS, Stage, stage_of
from matcalc.figures.style import style_of
from matcalc.language.sizes import rows_and_columns
from matcalc.layout.conventions import Layout
from matcalc.layout.products import product_of
from tests.figures.derivations import CASES, SHAPES, network_case


def small() -> Derivation:
    W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
    return mc.derive(mc.let("C", mc.sum(mc.let("z", W @ x) ** 2)), x, layout="denominator")


@pytest.fixture(scope="module")
def animation() -> Animation:
    return reversal_animation(small(), sizes={"m": 2, "n": 5})


def widths_and_heights(marks: tuple[Mark, ...], role: str) -> list[tuple[float, float]]:
    """The sizes of the rectangles of a role, from left to right."""
    found = sorted((mark.box for mark in marks if mark.role == role), key=lambda box: box[0])
    return [(box[2] - box[0], box[3] - box[1]) for box in found]


def test_it_is_a_gif_that_shows_itself_and_begins_anew(animation: Animation) -> None:
    image = Image.open(BytesIO(animation.data))
    assert (image.format, image.n_frames, image.info["loop"]) == ("GIF", animation.frames, 0)  # type: ignore[attr-defined]
    assert image.info["duration"] > 1000
    image.seek(animation.frames - 1)
    assert image.info["duration"] > 2000
    assert animation._repr_html_().startswith('<img src="data:image/gif;base64,R0lGOD')
    assert animation.said in repr(animation)
    assert 10 < animation.frames < 100 and len(animation.data) < 1_500_000


def test_it_begins_with_the_numerator_product_and_ends_with_the_other(animation: Animation) -> None:
    first, last = animation.marks[0], animation.marks[-1]
    names = [mark.text for mark in sorted((m for m in first if m.role == "waiting"), key=lambda mark: mark.box[0])]
    assert [mark.role for mark in last if mark.role == "waiting"] == []
    turned = [mark.text for mark in sorted((m for m in last if m.role == "arrived"), key=lambda mark: mark.box[0])]
    assert len(names) == 2 and turned == names[::-1]
    before, after = widths_and_heights(first, "waiting"), widths_and_heights(last, "arrived")
    assert [pytest.approx((high, wide)) for wide, high in reversed(before)] == after
    assert LAST_WORDS in [mark.text for mark in last] and LAST_WORDS not in [mark.text for mark in first]


def test_the_first_row_becomes_the_first_column(animation: Animation) -> None:
    row = max((mark for mark in animation.marks[0] if mark.role == "first row"), key=lambda mark: mark.box[0]).box
    column = min((mark for mark in animation.marks[-1] if mark.role == "first row"), key=lambda mark: mark.box[0]).box
    assert row[2] - row[0] == pytest.approx(column[3] - column[1])
    blocks = [mark.box for mark in animation.marks[-1] if mark.role == "arrived"]
    assert column[0] == pytest.approx(min(box[0] for box in blocks))


def test_each_picture_has_every_factor_once_and_its_shape(animation: Animation) -> None:
    for marks in animation.marks:
        present = [mark.text for mark in marks if mark.role in ("waiting", "moving", "arrived")]
        assert sorted(present) == sorted(mark.text for mark in animation.marks[0] if mark.role == "waiting")
        shown = [mark.text for mark in marks if mark.role == "label" and r"\times" in mark.text and mark.verdict != "left"]
        assert len(shown) == len(present)


@pytest.mark.parametrize("name", ["small", "by x", "batch", "trace"])
def test_the_ends_are_the_products_of_the_library(name: str) -> None:
    d, sizes = CASES[name]
    stage = stage_of(d, sizes, style_of("paper"))
    numerator, denominator = (product_of(d.factors, layout) for layout in Layout)
    assert [block.shape for block in stage.blocks] == [rows_and_columns(part.shape) for part in numerator.parts]
    turned = [stage.blocks[k].shape[::-1] for k in stage.order]
    assert turned == [rows_and_columns(part.shape) for part in denominator.parts]
    for k, part in zip(stage.order, denominator.parts, strict=True):
        assert stage.blocks[k].matrices[1] in ("", part.latex())


@pytest.mark.parametrize("style", ["paper", "slide"])
@pytest.mark.parametrize("widths", SHAPES[1:], ids=str)
def test_every_picture_can_be_read(widths: tuple[int, ...], style: str) -> None:
    d, sizes = network_case(widths, "denominator", "x")
    stage = stage_of(d, sizes, style_of(style))
    for turned in range(len(stage.blocks)):
        for part in (0.0, 0.3, 0.5, 0.62, 0.8, 0.97):
            assert_readable(marks_of(stage, turned, part), stage.box)
    assert_readable(marks_of(stage, len(stage.blocks), 0.0), stage.box)


def marks_of(stage: Stage, turned: int, part: float) -> tuple[Mark, ...]:
    """What is in a picture."""
    still = stage.still(turned, moving=part > 0).marks
    return (*still, *(stage.moving(turned, part).marks if part else ()))


def assert_readable(marks: tuple[Mark, ...], box: tuple[float, float, float, float]) -> None:
    """Assert that no two texts lie on each other, and that all is in the picture."""
    texts = [mark for mark in marks if mark.role in ("label", "title", "note")]
    assert [(a.text, b.text) for k, a in enumerate(texts) for b in texts[k + 1 :] if a.overlaps(b, 0.02)] == []
    left, bottom, right, top = (edge + (0.01 if k > 1 else -0.01) for k, edge in enumerate(box))
    assert [mark for mark in marks if mark.box[0] < left or mark.box[1] < bottom or mark.box[2] > right or mark.box[3] > top] == []


def test_nothing_stays_of_a_factor_that_has_moved_on() -> None:
    """Where a picture in motion has nothing, it is white, though only a part of it is drawn anew."""
    d, sizes = CASES["by x"]
    animation = reversal_animation(d, sizes=sizes)
    image = Image.open(BytesIO(animation.data))
    for number, marks in enumerate(animation.marks):
        image.seek(number)
        height = image.size[1]
        painted = ImageDraw.Draw(shown := image.convert("RGB"))
        for left, bottom, right, top in (mark.box for mark in marks):
            painted.rectangle((100 * left - 6, height - 100 * top - 6, 100 * right + 6, height - 100 * bottom + 6), fill="white")
        assert shown.getextrema() == ((255, 255),) * 3, number


def test_it_is_written_where_it_is_asked_and_always_the_same(tmp_path: Path, animation: Animation) -> None:
    again = reversal_animation(small(), tmp_path / "turn.gif", sizes={"m": 2, "n": 5})
    assert (tmp_path / "turn.gif").read_bytes() == again.data == animation.data
    assert animation.save(tmp_path / "more.gif").read_bytes() == animation.data
    with pytest.raises(MatcalcError, match=r"'turn\.png': an animation is a GIF; end the name with \.gif"):
        animation.save(tmp_path / "turn.png")


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(SeveralPathsError, match="2 paths lead from"):
        reversal_animation(CASES["residual"][0])
    with pytest.raises(MatcalcError, match="There is no style 'papr'"):
        reversal_animation(small(), style="papr")
