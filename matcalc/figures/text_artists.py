"""How lines that were set are drawn: as outlines in pictures, glyph by glyph in SVG and PDF, and in PDF words as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

from matplotlib.artist import Artist
from matplotlib.colors import to_rgb
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from matcalc.figures.set_lines import Glyph, Piece, SetLine, font

POINTS_OF_AN_INCH = 72


@final
@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line with its left end on the base line, in inches, its size in points, and its colour."""

    left: float
    base: float
    line: SetLine
    size: float
    colour: str
    bold: bool = False


@final
class Lines(Artist):
    """Lines in the coordinates of their axes, which are inches.

    The text of matplotlib itself would be read anew for each figure and each file.
    """

    def __init__(self, lines: Sequence[PlacedLine]) -> None:
        super().__init__()
        self.lines = tuple(lines)
        self.set_zorder(5)

    def draw(self, renderer: Any) -> None:
        """Draw the lines; matplotlib calls this."""
        if not self.get_visible():
            return
        figure: Any = self.figure
        form = figure.canvas.get_default_filetype()
        inches = Affine2D(self.get_transform().get_matrix())  # a copy, since transforms keep lists of all that is made with them
        marks: dict[tuple[str, float, str], tuple[Glyph, list[tuple[float, float]]]] = {}
        for line in self.lines:
            em = line.size / POINTS_OF_AN_INCH
            for left, piece in line.line.pieces:
                place = Affine2D().scale(em).translate(line.left + left * em, line.base) + inches
                if form == "png":
                    self._outline(renderer, line, piece, place)
                elif form == "pdf" and piece.text:
                    self._words(renderer, line, piece, place)
                else:
                    for glyph in piece.glyphs:
                        at = marks.setdefault((glyph.name, line.size * glyph.scale, line.colour), (glyph, []))[1]
                        x, y = place.transform((glyph.x, glyph.y))
                        at.append((float(x), float(y)))
                self._bars(renderer, line, piece, place, least=1.0 if form == "png" else 0.0)
        self._glyphs(renderer, inches, marks)

    def _outline(self, renderer: Any, line: PlacedLine, piece: Piece, place: Any) -> None:
        gc = _context(renderer, line.colour)
        gc.set_snap(False)
        renderer.draw_path(gc, piece.outline, place, to_rgb(line.colour))
        gc.restore()

    def _words(self, renderer: Any, line: PlacedLine, piece: Piece, place: Any) -> None:
        gc = _context(renderer, line.colour)
        x, y = place.transform((0.0, 0.0))
        renderer.draw_text(gc, x, y, piece.text, font(line.size, bold=line.bold), 0.0)
        gc.restore()

    def _bars(self, renderer: Any, line: PlacedLine, piece: Piece, place: Any, *, least: float) -> None:
        """The bars of fractions; in a picture at least a pixel high, since a thinner one would be grey."""
        pixel = least / place.get_matrix()[1, 1]
        for left, bottom, width, height in piece.bars:
            gc = _context(renderer, line.colour)
            right, top = left + width, bottom + max(height, pixel)
            bar = Path([(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)], closed=True)
            renderer.draw_path(gc, bar, place, to_rgb(line.colour))
            gc.restore()

    def _glyphs(
        self, renderer: Any, inches: Affine2D, marks: dict[tuple[str, float, str], tuple[Glyph, list[tuple[float, float]]]]
    ) -> None:
        """Each outline in each size and colour once, with all its places: so a file holds it once."""
        inch = inches.get_matrix()[0, 0]
        for (_, size, colour), (glyph, places) in marks.items():
            if len(glyph.outline):
                gc = _context(renderer, colour)
                scaled = Affine2D().scale(inch * size / POINTS_OF_AN_INCH)
                renderer.draw_markers(gc, glyph.outline, scaled, Path(places), Affine2D(), to_rgb(colour))
                gc.restore()


def _context(renderer: Any, colour: str) -> Any:
    gc = renderer.new_gc()
    gc.set_linewidth(0)
    gc.set_foreground(colour)
    return gc
