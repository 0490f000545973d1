"""What must hold of every figure: no two texts lie on each other, none on what it does not belong to, and all is on the page."""

from collections.abc import Iterable

from matcalc.figures.drawing import Drawing, Mark

TEXTS = ("label", "note", "sign", "title", "reading", "walk name", "equation")
SHAPES = ("factor", "result", "target", "node", "joint", "verdict")


def assert_apart(drawing: Drawing, *, texts: Iterable[str] = TEXTS, shapes: Iterable[str] = SHAPES) -> None:
    """Assert that no two texts overlap, that no text lies across the edge of a shape, that shapes are apart, and all is on the page."""
    written = [mark for mark in drawing.marks if mark.role in set(texts)]
    drawn = [mark for mark in drawing.marks if mark.role in set(shapes)]
    assert written, drawing.kind
    assert _pairs_on_each_other(written) == []
    assert _pairs_on_each_other(drawn) == []
    crossing = [(text.text, shape.text) for text in written for shape in drawn if text.overlaps(shape) and not _inside(text, shape)]
    assert crossing == []
    assert_on_the_page(drawing)


def assert_on_the_page(drawing: Drawing) -> None:
    """Assert that every mark lies within the figure."""
    width, height = drawing.get_size_inches()
    outside = [mark for mark in drawing.marks if not _within(mark, (0.0, 0.0, float(width), float(height)))]
    assert outside == []


def _pairs_on_each_other(marks: list[Mark]) -> list[tuple[str, str]]:
    return [(one.text, other.text) for k, one in enumerate(marks) for other in marks[k + 1 :] if one.overlaps(other)]


def _inside(mark: Mark, outer: Mark) -> bool:
    return _within(mark, outer.box)


def _within(mark: Mark, box: tuple[float, float, float, float]) -> bool:
    left, bottom, right, top = mark.box
    return left >= box[0] - 0.01 and bottom >= box[1] - 0.01 and right <= box[2] + 0.01 and top <= box[3] + 0.01
