"""A sheet on which a figure is drawn in inches, each thing where it is put; the figure is made as large as what is on it.

Every text is measured before it is placed, so a figure function can leave the room that its labels need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, final

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from matcalc.figures.drawing import Drawing, Mark
from matcalc.figures.set_lines import set_line
from matcalc.figures.style import BLACK, GREY, WHITE, FigureStyle
from matcalc.figures.text_artists import Lines, PlacedLine
from matcalc.figures.typeset import extent, shown, wrapped

Point = tuple[float, float]
Box = tuple[float, float, float, float]
ANCHORS = {"left": 0.0, "center": 0.5, "right": 1.0}
MARGIN = 0.12  # inches on each side
LEADING = 0.0055  # inches between the lines of a stack, for each point of the text
NOTE_LEADING = 0.021  # inches from line to line of a note, for each point of the text


@final
class Sheet:
    """What is drawn, in inches, x to the right and y upwards, from any origin."""

    def __init__(self, style: FigureStyle) -> None:
        self.style = style
        self.marks: list[Mark] = []
        self._artists: list[Any] = []
        self._lines: list[PlacedLine] = []
        self._room: list[Box] = []

    def _keep(self, artist: Any, mark: Mark | None, box: Box) -> None:
        self._artists.append(artist)
        self._room.append(box)
        if mark is not None:
            self.marks.append(mark)

    def text(
        self, x: float, y: float, text: str, *, size: float | None = None, colour: str = BLACK, anchor: str = "center", bold: bool = False,
        role: str = "label", verdict: str = "",
    ) -> Box:
        """One line of text, or a `Formula`, at its left end, its middle or its right end ``x``, with its middle height at ``y``.

        Returns the box it takes.
        """
        points = size or self.style.text
        width, above, below = extent(text, points, bold=bold)
        left, base = x - ANCHORS[anchor] * width, y - (above - below) / 2
        box = (left, base - below, left + width, base + above)
        self._room.append(box)
        if text.strip():
            self._lines.append(PlacedLine(left, base, set_line(shown(text), bold), points, colour, bold))
            self.marks.append(Mark(role, str(text), box, colour, verdict))
        return box

    def stack(
        self, x: float, top: float, lines: Sequence[str], *, size: float | None = None, colour: str = BLACK, anchor: str = "center",
        role: str = "label",
    ) -> Box:
        """Lines below each other, the upper edge of the first at ``top``; returns the box they take."""
        points = size or self.style.text
        boxes: list[Box] = []
        for line in lines:
            _, above, below = extent(line, points)
            boxes.append(self.text(x, top - (above + below) / 2, line, size=points, colour=colour, anchor=anchor, role=role))
            top -= above + below + self.gap(points)
        return around_boxes(boxes) if boxes else (x, top, x, top)

    @staticmethod
    def gap(points: float) -> float:
        """The room between the lines of a stack, in inches."""
        return LEADING * points

    def note(self, x: float, top: float, text: str, *, width: float, colour: str = GREY, role: str = "note") -> Box:
        """A text in small letters in lines of at most ``width`` inches, from its left upper corner; formulas in it between dollars.

        The lines have the same distance, whatever formulas are in them.
        """
        boxes = []
        for line in wrapped(text, self.style.small, width):
            top -= NOTE_LEADING * self.style.small
            _, above, below = extent(line, self.style.small)
            base = top + NOTE_LEADING * self.style.small * 0.3
            middle = base + (above - below) / 2
            boxes.append(self.text(x, middle, line, size=self.style.small, colour=colour, anchor="left", role=role))
        return around_boxes(boxes) if boxes else (x, top, x, top)

    def pill(
        self, box: Box, *, fill: str = WHITE, edge: str = BLACK, role: str = "", text: str = "", verdict: str = "", layer: float = 3,
        width: float | None = None, dashed: bool = False,
    ) -> Box:
        """A rectangle with round ends, for a verdict or for the name of a node."""
        left, bottom, right, top = box
        drawn = FancyBboxPatch(
            (left, bottom), right - left, top - bottom, boxstyle=f"round,pad=0,rounding_size={min(top - bottom, right - left) / 2.5}",
            facecolor=fill, edgecolor=edge, linewidth=self.style.line if width is None else width, zorder=layer,
            linestyle="--" if dashed else "-",
        )  # fmt: skip
        self._keep(drawn, Mark(role, text, box, edge, verdict) if role else None, box)
        return box

    def disc(
        self, x: float, y: float, radius: float, *, fill: str = WHITE, edge: str = BLACK, role: str = "", text: str = "", layer: float = 3
    ) -> Box:
        """A circle around a point."""
        box = (x - radius, y - radius, x + radius, y + radius)
        drawn = Circle((x, y), radius, facecolor=fill, edgecolor=edge, linewidth=self.style.line, zorder=layer)
        self._keep(drawn, Mark(role, text, box, fill) if role else None, box)
        return box

    def rectangle(
        self, box: Box, *, fill: str = WHITE, edge: str = BLACK, role: str = "", text: str = "", verdict: str = "",
        width: float | None = None, hatch: str = "", dashed: bool = False, layer: float = 2,
    ) -> Box:
        """A rectangle; with a role it is listed among the marks, with the text that belongs to it."""
        left, bottom, right, top = box
        drawn = Rectangle(
            (left, bottom), right - left, top - bottom, facecolor=fill, edgecolor=edge, hatch=hatch or None, zorder=layer,
            linewidth=self.style.line if width is None else width, linestyle="--" if dashed else "-",
        )  # fmt: skip
        self._keep(drawn, Mark(role, text, box, fill, verdict) if role else None, box)
        return box

    def polygon(
        self, points: Sequence[Point], *, fill: str = WHITE, edge: str = BLACK, layer: float = 2, role: str = "", text: str = ""
    ) -> None:
        """A polygon, closed."""
        box = _around(points)
        drawn = Polygon(list(points), closed=True, facecolor=fill, edgecolor=edge, linewidth=self.style.line, zorder=layer)
        self._keep(drawn, Mark(role, text, box, fill) if role else None, box)

    def line(
        self, points: Sequence[Point], *, colour: str = BLACK, width: float | None = None, dashed: bool = False, curved: bool = False,
        role: str = "", text: str = "", verdict: str = "", layer: float = 1,
    ) -> None:
        """A line through points; ``curved``: a start, then for each curve its control points, one or two, and its end.

        Three points are one curve with one control point, four or more (3 k + 1) are curves with two each.
        """
        codes = None
        if curved:
            codes = [Path.MOVETO, *([Path.CURVE3 if len(points) == 3 else Path.CURVE4] * (len(points) - 1))]
        drawn = PathPatch(
            Path(list(points), codes), fill=False, edgecolor=colour, linewidth=self.style.line if width is None else width,
            linestyle="--" if dashed else "-", zorder=layer, capstyle="round",
        )  # fmt: skip
        box = _around(points)
        self._keep(drawn, Mark(role, text, box, colour, verdict) if role else None, box)

    def arrow(
        self, start: Point, end: Point, *, colour: str = BLACK, bend: float = 0.0, role: str = "", text: str = "", layer: float = 1
    ) -> None:
        """An arrow; ``bend`` is how far it bows to its right, as a part of its length."""
        drawn = FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=self.style.text, color=colour, linewidth=self.style.line, shrinkA=0, shrinkB=0,
            connectionstyle=f"arc3,rad={bend}", zorder=layer,
        )  # fmt: skip
        (x, y), (x2, y2) = start, end
        bow = ((x + x2) / 2 + bend / 2 * (y2 - y), (y + y2) / 2 - bend / 2 * (x2 - x))
        box = _around([start, end, bow])
        self._keep(drawn, Mark(role, text, box, colour) if role else None, box)

    def add(self, artist: Artist, box: Box, marks: Iterable[Mark] = ()) -> None:
        """Anything else of matplotlib's, in inches, with the box it takes and what is listed of it."""
        self._keep(artist, None, box)
        self.marks.extend(marks)

    @property
    def box(self) -> Box:
        """What everything drawn so far takes."""
        return around_boxes(self._room)

    @property
    def artists(self) -> tuple[Any, ...]:
        """What is drawn, in inches, for axes in these; the texts are one artist, which is the last."""
        return (*self._artists, Lines(self._lines))

    def drawing(self, *, kind: str, said: str, paged: Callable[[], tuple[Drawing, ...]] | None = None) -> Drawing:
        """The figure, as large as what is on the sheet and a margin; ``paged`` makes its pages."""
        left, bottom, right, top = (edge + (MARGIN if k > 1 else -MARGIN) for k, edge in enumerate(self.box))
        marks = tuple(mark.moved(-left, -bottom) for mark in self.marks)
        figure = Drawing(right - left, top - bottom, kind=kind, said=said, marks=marks, paged=paged)
        axes: Axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        for artist in self.artists:
            axes.add_artist(artist)  # add_patch would look for the extremes of every outline, and the limits are set
        return figure


def around_boxes(boxes: Sequence[Box]) -> Box:
    """The box around all boxes."""
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _around(points: Sequence[Point]) -> Box:
    return min(x for x, _ in points), min(y for _, y in points), max(x for x, _ in points), max(y for _, y in points)
