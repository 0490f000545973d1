"""What a figure function returns: a figure of matplotlib that shows itself in a notebook, and knows what was drawn in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from os import PathLike, fspath
from pathlib import Path
from typing import Any, final

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from matcalc.errors import MatcalcError

FORMATS = ("svg", "png", "pdf")
_SAME_BYTES: Any = {"svg.hashsalt": "matcalc", "pdf.compression": 6}
DOTS_PER_INCH = 160
PIXELS_OF_AN_INCH = 96  # on a web page
PNG_EFFORT = 3  # of 9; more makes it slow, and hardly smaller


@final
@dataclass(frozen=True, slots=True)
class Mark:
    """Something that was drawn.

    Attributes:
        role: what it is: ``label``, ``factor``, ``joint``, ``edge``, ``bar``, ``cell``, ...
        text: what it says: a text, or a formula in LaTeX; "" where it says nothing.
        box: left, bottom, right and top, in inches from the lower left corner of the figure.
        colour: its colour, as #rrggbb.
        verdict: what it judges, such as ``joined`` or ``broken``, ``right``, ``wrong`` or ``misfit``; "" where it judges nothing.
    """

    role: str
    text: str
    box: tuple[float, float, float, float]
    colour: str = "#000000"
    verdict: str = ""

    def overlaps(self, other: Mark, slack: float = 0.01) -> bool:
        """Whether the boxes have more than ``slack`` inches in common both ways."""
        left, bottom, right, top = self.box
        left2, bottom2, right2, top2 = other.box
        return min(right, right2) - max(left, left2) > slack and min(top, top2) - max(bottom, bottom2) > slack

    def moved(self, right: float, up: float) -> Mark:
        """The same, so many inches to the right and upwards."""
        left, bottom, end, top = self.box
        return replace(self, box=(left + right, bottom + up, end + right, top + up))


@final
class Drawing(Figure):
    """A figure, with a list of what is in it.

    Attributes:
        kind: the name of the figure, ``shape_blocks``.
        said: what the figure shows, in a sentence: its text for those who cannot see it.
        marks: what was drawn, for tests and for programs.
    """

    def __init__(
        self, width: float, height: float, *, kind: str, said: str, marks: tuple[Mark, ...],
        paged: Callable[[], tuple[Drawing, ...]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white")
        FigureCanvasAgg(self)
        self.kind, self.said, self.marks = kind, said, marks
        self._paged = paged

    def __repr__(self) -> str:
        return f"{self.kind}: {self.said}"

    def with_role(self, role: str) -> tuple[Mark, ...]:
        """The marks of a role, in the order in which they were drawn."""
        return tuple(mark for mark in self.marks if mark.role == role)

    def pages(self) -> tuple[Drawing, ...]:
        """The figure in pages, as a PDF has it: itself, where it is not made of parts that go below each other without end."""
        return (self,) if self._paged is None else self._paged()

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the figure; the end of the name, .svg, .png or .pdf, says how. The same figure gives the same bytes.

        Raises:
            MatcalcError: the name ends otherwise, or the folder does not exist or cannot be written to.
        """
        target = Path(fspath(path))
        form = target.suffix.lower().removeprefix(".")
        if form not in FORMATS:
            raise MatcalcError(f"{target.name!r} does not tell the format: end it with {', '.join('.' + each for each in FORMATS)}.")
        write(target, self.as_bytes(form))
        return target

    def as_bytes(self, form: str) -> bytes:
        """The figure as a file of the format ``svg``, ``png`` or ``pdf``."""
        kept = BytesIO()
        with matplotlib.rc_context(_SAME_BYTES):
            if form == "png":
                self._write_png(kept)
            elif form == "pdf":
                from matplotlib.backends.backend_pdf import PdfPages  # slow to import, and seldom needed

                with PdfPages(kept, metadata={"CreationDate": None, "Subject": self.said}) as file:
                    for page in self.pages():
                        file.savefig(page)
            else:
                self.savefig(kept, format=form, metadata={"Date": None, "Description": self.said})
        return kept.getvalue()

    def _write_png(self, file: BytesIO) -> None:
        """The picture without the transparency that no figure has, which takes half the time of matplotlib's own file."""
        canvas = FigureCanvasAgg(self)
        canvas.draw()  # type: ignore[no-untyped-call]
        told = PngInfo()
        told.add_text("Description", self.said)
        picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]
        picture.save(file, "PNG", pnginfo=told, dpi=(self.dpi, self.dpi), compress_level=PNG_EFFORT)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        # JupyterLab fits a picture into its page, but cuts an SVG off, and shows no SVG of a stored notebook that is not trusted.
        return self.as_bytes("png"), {"width": round(PIXELS_OF_AN_INCH * self.get_figwidth())}


def write(target: Path, data: bytes) -> None:
    """Write a file.

    Raises:
        MatcalcError: its folder does not exist, or it cannot be written there.
    """
    try:
        target.write_bytes(data)
    except OSError as error:
        folder = target.parent
        why = str(error.strerror) if folder.is_dir() else "there is no such folder; make it first"
        raise MatcalcError(f"{target.name} cannot be written to the folder {str(folder)!r}: {why}.") from None
