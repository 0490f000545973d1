"""Formulas in figures: the LaTeX of the printers as matplotlib's mathtext takes it, and how much room a text needs."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, final

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.mathtext import MathTextParser
from matplotlib.textpath import text_to_path

from matcalc.errors import MatcalcError

FONT = "DejaVu Sans"
MATH_FONT = "cm"
POINTS_OF_AN_INCH = 72

_HEADS = "operatorname|tanh|sin|cos|exp|ln|det|sum"  # before which a factor leaves a thin space, as TeX does
_AFTER_NO_SIGN = "".join(rf"(?<!\\{sign})" for sign in ("odot", "otimes", "oslash", "cdot", "partial", "nabla"))
# What the printers write and mathtext does not take, or sets as an operator with room around it, and what it takes instead.
_WRITTEN_OTHERWISE = (
    (re.compile(r"\\tfrac"), r"\\frac"),
    (re.compile(r"\\displaystyle\s*"), ""),
    (re.compile(r"\\l?r?Vert\b"), r"\\|"),
    (re.compile(rf"(?<=[\w}}\])']){_AFTER_NO_SIGN}\s+(?=\\(?:{_HEADS})(?![A-Za-z]))"), r"\\, "),
    (re.compile(r"(\\sum(?:_(?:\{[^{}]*\}|\w))?(?:\^(?:\{[^{}]*\}|\w))?)\s*"), r"\1\\, "),
    (re.compile(r"\\top\b"), "⊤"),
)
_TEXT = re.compile(r"\\text\{([^{}]*)\}")
_FRACTION = re.compile(r"\\d?frac(?![A-Za-z])")
_CLOSING = (")", "]", "}", "^", "_", "=", "+", "-", ",", ".", "|", "'", r"\right", r"\)")


@final
class Formula(str):
    """A formula in LaTeX, told from text by its type; in a text it stands as ``$...$``.

    Example:
        >>> Formula(r"\\mathbf{W}^\\top").mathtext
        '$\\\\mathbf{W}^⊤$'
    """

    __slots__ = ()

    @property
    def mathtext(self) -> str:
        """The formula as a text of matplotlib, with its dollars."""
        latex = str(self)
        for pattern, written in _WRITTEN_OTHERWISE:
            latex = pattern.sub(written, latex)
        latex = _TEXT.sub(lambda found: rf"\mathrm{{{found[1]}}}".replace(" ", r"\ "), latex)
        return f"${_with_room_after_fractions(latex)}$"


def _with_room_after_fractions(latex: str) -> str:
    """A thin space after each fraction that a factor follows."""
    parts, done = [], 0
    for found in _FRACTION.finditer(latex):
        end = _behind_group(latex, _behind_group(latex, found.end()))
        rest = latex[end:].lstrip()
        if rest and not rest.startswith(_CLOSING) and end > done:
            parts.append(latex[done:end] + r"\,")
            done = end
    return "".join([*parts, latex[done:]])


def _behind_group(latex: str, start: int) -> int:
    """Where the group in braces that begins at ``start`` ends."""
    depth = 0
    for place in range(start, len(latex)):
        if latex[place - 1] != "\\":
            depth += (latex[place] == "{") - (latex[place] == "}")
        if depth == 0:
            return place + 1
    return len(latex)


def formula(thing: Any) -> Formula:
    """The formula of anything that has a ``latex`` method, or of LaTeX itself."""
    return Formula(thing if isinstance(thing, str) else thing.latex())


def font(size: float, *, bold: bool = False) -> FontProperties:
    """The font of all figures; ``size`` is in points."""
    return FontProperties(family=FONT, size=size, weight="bold" if bold else "normal", math_fontfamily=MATH_FONT)


def shown(text: str) -> str:
    """A text as matplotlib takes it: a formula with dollars, other text with its own dollars kept."""
    return text.mathtext if isinstance(text, Formula) else text


@lru_cache(maxsize=4096)
def _extent(text: str, size: float, bold: bool) -> tuple[float, float, float]:
    properties = font(size, bold=bold)
    _check_letters(text)
    if "$" in text:
        try:
            found = MathTextParser("path").parse(text, dpi=POINTS_OF_AN_INCH, prop=properties)
        except ValueError as error:
            raise MatcalcError(
                f"No figure can show {text}: matplotlib does not typeset this formula ({_reason(error)}). "
                "Give the quantity another name; .latex() and the text of a result do not need this."
            ) from None
        width, height, depth = float(found.width), float(found.height), float(found.depth)
        return width / POINTS_OF_AN_INCH, (height - depth) / POINTS_OF_AN_INCH, depth / POINTS_OF_AN_INCH
    width, height, depth = text_to_path.get_text_width_height_descent(text, properties, ismath=False)
    return width / POINTS_OF_AN_INCH, (height - depth) / POINTS_OF_AN_INCH, depth / POINTS_OF_AN_INCH


def _reason(error: ValueError) -> str:
    """What mathtext says of a formula, without its drawing of the place."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else "no reason is given"


@lru_cache(maxsize=1)
def _letters_of_the_font() -> frozenset[int]:
    return frozenset(get_font(findfont(font(POINTS_OF_AN_INCH))).get_charmap())


def _check_letters(text: str) -> None:
    """Raise where a letter would be drawn as an empty box.

    Raises:
        MatcalcError: the font lacks a letter.
    """
    lacking = [letter for letter in dict.fromkeys(text) if ord(letter) not in _letters_of_the_font() and not letter.isspace()]
    if lacking:
        codes = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in lacking)
        raise MatcalcError(
            f"No figure can show {text!r}: the font of figures, {FONT}, has no {codes}. Name the quantity with other letters; "
            "results, .latex() and the command need no font."
        )


def extent(text: str, size: float, *, bold: bool = False) -> tuple[float, float, float]:
    """Width, height above the base line and depth below it of one line, in inches; ``size`` is in points."""
    return _extent(shown(text), size, bold) if text.strip() else (0.0, 0.0, 0.0)


def wrapped(text: str, size: float, width: float) -> tuple[str, ...]:
    """A text, formulas between dollars in it, in lines of at most ``width`` inches.

    Example:
        >>> wrapped("Each factor is a rectangle.", 11, 1.2)
        ('Each factor is a', 'rectangle.')
    """
    lines: list[str] = []
    for word in re.findall(r"(?:\$[^$]*\$|[^\s$])+", text):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and extent(longer, size)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)
