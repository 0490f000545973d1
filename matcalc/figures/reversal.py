"""The animation `reversal_animation`: a product in numerator layout turns into that in denominator layout, factor by factor."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from os import PathLike, fspath
from pathlib import Path
from typing import Any, final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.figures.drawing import Mark, write
from matcalc.figures.reversal_stage import FADED, FILL, FIRST_ROW, Stage, stage_of
from matcalc.figures.sheet import MARGIN, Sheet
from matcalc.figures.style import BLACK, GREY, WHITE, style_of

DOTS_PER_INCH = {"paper": 100, "slide": 80}
SHADES = 9
STILL, PAUSE, STEP, END = 1800, 350, 70, 3200  # milliseconds
MOST_FRAMES = 72  # in motion, all factors together
EDGE = 4  # pixels around what moves, for the width of its lines
FRAMES = range(5, 13)  # in motion, for one factor


@final
@dataclass(frozen=True, slots=True, repr=False)
class Animation:
    """An animated GIF, which shows itself in a notebook.

    Attributes:
        kind: the name of the figure.
        said: what is to be seen, in a sentence.
        data: the file.
        frames: how many pictures it has.
        marks: what was drawn in each of them.
    """

    kind: str
    said: str
    data: bytes
    frames: int
    marks: tuple[tuple[Mark, ...], ...]

    def __repr__(self) -> str:
        return f"{self.kind}: {self.said}"

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the file, whose name ends in .gif. The same animation gives the same bytes.

        Raises:
            MatcalcError: the name ends otherwise, or the folder does not exist or cannot be written to.
        """
        target = Path(fspath(path))
        if target.suffix.lower() != ".gif":
            raise MatcalcError(f"{target.name!r}: an animation is a GIF; end the name with .gif.")
        write(target, self.data)
        return target

    def _repr_html_(self) -> str:
        return f'<img src="data:image/gif;base64,{b64encode(self.data).decode()}" alt="{escape(self.said, quote=True)}">'


def reversal_animation(
    d: Derivation, path: str | PathLike[str] | None = None, *, sizes: Mapping[str, int] | None = None, style: str = "paper"
) -> Animation:
    """The product of the factors in numerator layout turns into that in denominator layout.

    Each factor is a rectangle in proportion to its sizes, with its first row dark. One after the other, from the input end, they are
    turned over their diagonal, so that rows become columns, and take their places in the other product, which so begins with what
    was last. It begins and ends with a picture that stands still, and begins anew.

    Args:
        d: what `derive` gave, in either layout.
        path: where to write it; a name that ends in .gif.
        sizes: a number for each name of a size, or for some; the others are drawn by numbers that are told.
        style: ``paper`` or ``slide``.

    Raises:
        SeveralPathsError: the derivation has several paths.
        NoMatrixFormError: a factor has no matrix, and none by vec.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> C = mc.let("C", mc.sum(mc.let("z", W @ x) ** 2))
        >>> animation = reversal_animation(mc.derive(C, x, layout="numerator"))
        >>> animation
        reversal_animation: dC/dz dz/dx, 1 x m, m x n, becomes dz/dx dC/dz, n x m, m x 1: the order reversed, each factor transposed.
        >>> animation.data[:6]
        b'GIF89a'
    """
    stage = stage_of(d, sizes, style_of(style))
    pictures = tuple(_pictures(stage, DOTS_PER_INCH[style]))
    found = Animation("reversal_animation", stage.said, _gif(pictures), len(pictures), tuple(picture.marks for picture in pictures))
    if path is not None:
        found.save(path)
    return found


@final
@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture in the colours of all, what was drawn in it, and the time it stands, in milliseconds."""

    image: Image.Image
    marks: tuple[Mark, ...]
    duration: int


def _pictures(stage: Stage, dots: int) -> Iterator[_Picture]:
    """The pictures: one that stands still is drawn as a whole, and on it, for each that follows, only the factor that moves."""
    canvas = _Canvas(stage, dots)
    count = len(stage.blocks)
    frames = min(max(MOST_FRAMES // count, FRAMES.start), FRAMES.stop - 1)
    for turned in range(count + 1):
        yield canvas.still(stage.still(turned), STILL if turned == 0 else END if turned == count else PAUSE)
        if turned < count:
            ground = canvas.still(stage.still(turned, moving=True), STEP)
            kept = canvas.region()
            yield from (canvas.moving(ground, kept, stage.moving(turned, k / frames)) for k in range(1, frames))


@final
class _Canvas:
    """Where all pictures are drawn, one after the other."""

    def __init__(self, stage: Stage, dots: int) -> None:
        paper = stage.paper()
        drawing = paper.drawing(kind="reversal_animation", said=stage.said)
        drawing.set_dpi(dots)
        self.axes, (left, bottom) = drawing.axes[0], paper.box[:2]
        self.shift = MARGIN - left, MARGIN - bottom
        self.canvas = FigureCanvasAgg(drawing)
        self.canvas.draw()  # type: ignore[no-untyped-call]
        self.blank = self.region()
        self.palette = Image.new("P", (1, 1))
        self.palette.putpalette(_colours())

    def region(self) -> Any:
        """What is drawn now, kept."""
        return self.canvas.copy_from_bbox(self.axes.figure.bbox)  # type: ignore[no-untyped-call]

    def still(self, sheet: Sheet, duration: int) -> _Picture:
        """A picture of what is on the sheet."""
        self._draw(self.blank, sheet)
        return _Picture(self._reduced((0, 0, *self.canvas.get_width_height())), self._marks(sheet), duration)

    def moving(self, ground: _Picture, kept: Any, sheet: Sheet) -> _Picture:
        """A picture that was drawn, with what is on the sheet drawn on it; only that part is read anew."""
        self._draw(kept, sheet)
        (left, bottom), (right, top) = self.axes.transData.transform([sheet.box[:2], sheet.box[2:]])
        width, height = self.canvas.get_width_height()
        part = (
            max(0, int(left) - EDGE), max(0, int(height - top) - EDGE),
            min(width, int(right) + EDGE), min(height, int(height - bottom) + EDGE),
        )  # fmt: skip
        image = ground.image.copy()
        image.paste(self._reduced(part), part[:2])
        return _Picture(image, (*ground.marks, *self._marks(sheet)), STEP)

    def _draw(self, kept: Any, sheet: Sheet) -> None:
        self.canvas.restore_region(kept)  # type: ignore[no-untyped-call]
        for artist in sorted(sheet.artists, key=lambda each: each.get_zorder()):
            self.axes.add_artist(artist)
            self.axes.draw_artist(artist)
            artist.remove()

    def _marks(self, sheet: Sheet) -> tuple[Mark, ...]:
        return tuple(mark.moved(*self.shift) for mark in sheet.marks)

    def _reduced(self, part: tuple[int, int, int, int]) -> Image.Image:
        """A part of what was drawn, in the colours of the palette."""
        left, upper, right, lower = part
        drawn = np.ascontiguousarray(np.asarray(self.canvas.buffer_rgba())[upper:lower, left:right, :3])  # type: ignore[no-untyped-call]
        return Image.fromarray(drawn).quantize(palette=self.palette, dither=Image.Dither.NONE)


def _gif(pictures: Sequence[_Picture]) -> bytes:
    """The pictures in one file, all in the same few colours."""
    kept, images = BytesIO(), [picture.image for picture in pictures]
    durations = [picture.duration for picture in pictures]
    images[0].save(kept, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=False)
    return kept.getvalue()


def _colours() -> list[int]:
    """The colours of paper, blocks, lines and letters, and between each two that meet some of those that smooth their edges."""
    pairs = [(WHITE, BLACK), (WHITE, GREY), (WHITE, FADED), (FILL, BLACK), (FIRST_ROW, BLACK), (FILL, FIRST_ROW)]
    found = []
    for first, second in pairs:
        for step in range(SHADES):
            found += [round(a + (b - a) * step / (SHADES - 1)) for a, b in zip(_rgb(first), _rgb(second), strict=True)]
    return found


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
