"""The animation `reversal_animation`: a product in numerator layout turns into that in denominator layout, factor by factor."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from os import PathLike, fspath
from pathlib import Path
from typing import final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.figures.drawing import Drawing, Mark, write
from matcalc.figures.reversal_stage import FADED, FILL, FIRST_ROW, Stage, stage_of
from matcalc.figures.style import BLACK, GREY, WHITE, style_of

DOTS_PER_INCH = {"paper": 100, "slide": 80}
SHADES = 9
STILL, PAUSE, STEP, END = 1800, 350, 70, 3200  # milliseconds
MOST_FRAMES = 72  # in motion, all factors together
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
    pictures = _pictures(stage)
    made = _gif([drawing for drawing, _ in pictures], [duration for _, duration in pictures], DOTS_PER_INCH[style])
    found = Animation("reversal_animation", stage.said, made, len(pictures), tuple(drawing.marks for drawing, _ in pictures))
    if path is not None:
        found.save(path)
    return found


def _pictures(stage: Stage) -> list[tuple[Drawing, int]]:
    """The pictures, each with the time it stands, in milliseconds."""
    count = len(stage.blocks)
    frames = min(max(MOST_FRAMES // count, FRAMES.start), FRAMES.stop - 1)
    found = [(stage.picture(0, 0.0), STILL)]
    for turned in range(count):
        found += [(stage.picture(turned, k / frames), STEP) for k in range(1, frames)]
        found.append((stage.picture(turned + 1, 0.0), END if turned == count - 1 else PAUSE))
    return found


def _gif(drawings: Sequence[Drawing], durations: Sequence[int], dots: int) -> bytes:
    """The pictures in one file, all in the same few colours."""
    palette = Image.new("P", (1, 1))
    palette.putpalette(_colours())
    reduced = [_image(drawing, dots).quantize(palette=palette, dither=Image.Dither.NONE) for drawing in drawings]
    kept = BytesIO()
    reduced[0].save(kept, "GIF", save_all=True, append_images=reduced[1:], duration=list(durations), loop=0, optimize=False)
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


def _image(drawing: Drawing, dots: int) -> Image.Image:
    drawing.set_dpi(dots)
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()  # type: ignore[no-untyped-call]
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]
