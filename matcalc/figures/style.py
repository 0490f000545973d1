"""How figures look: colours that people who see fewer colours can tell apart, and the sizes of text and lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import final

from matcalc.errors import MatcalcError

# Okabe and Ito, "Color Universal Design" (2008): told apart by people of all kinds of colour vision. A verdict is never told by its
# colour alone: a sign or a pattern stands beside it.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
GREY, PALE, WHITE = "#767676", "#E4E4E4", "#FFFFFF"

RIGHT, WRONG, MISFIT = GREEN, ORANGE, GREY  # what fits and is right, what fits and is wrong, what does not fit
JOINED, BROKEN = GREEN, VERMILLION  # two sizes that meet: the same, or not
SIGN_OF_JOINED, SIGN_OF_BROKEN = "=", "≠"


def tint(colour: str, part: float) -> str:
    """A colour mixed with white: ``part`` of it, the rest white.

    Example:
        >>> tint("#000000", 0.2)
        '#cccccc'
    """
    channels = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - channel) * part):02x}" for channel in channels)


@final
@dataclass(frozen=True, slots=True)
class FigureStyle:
    """The sizes of a style.

    Attributes:
        text: the height of ordinary text, in points.
        small, large: of notes and of headings, in points.
        line: the width of a line, in points.
        unit: the length by which spaces and boxes are measured, in inches.
        width: what a figure should not exceed where it can wrap, in inches.
        height: of a page of that width.
    """

    text: float
    small: float
    large: float
    line: float
    unit: float
    width: float
    height: float


STYLES: Mapping[str, FigureStyle] = MappingProxyType(
    {
        "paper": FigureStyle(text=11, small=9, large=13, line=1.0, unit=0.25, width=9.0, height=12.7),
        "slide": FigureStyle(text=18, small=15, large=22, line=2.0, unit=0.4, width=13.3, height=7.5),
    }
)


def style_of(name: str) -> FigureStyle:
    """The style of that name.

    Raises:
        MatcalcError: there is none.
    """
    if name not in STYLES:
        near = get_close_matches(str(name), STYLES, n=1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise MatcalcError(f"There is no style {name!r} of figures; there are {' and '.join(map(repr, STYLES))}.{meant}")
    return STYLES[name]
