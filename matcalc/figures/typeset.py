"""Formulas in figures: the LaTeX of the printers as matplotlib's mathtext takes it, and how much room a text needs."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, final

from matcalc.figures.set_lines import set_line

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
        return _as_mathtext(str(self))


@lru_cache(maxsize=8192)
def _as_mathtext(latex: str) -> str:
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


def shown(text: str) -> str:
    """A text as matplotlib takes it: a formula with dollars, other text with its own dollars kept."""
    return text.mathtext if isinstance(text, Formula) else text


def extent(text: str, size: float, *, bold: bool = False) -> tuple[float, float, float]:
    """Width, height above the base line and depth below it of one line, in inches; ``size`` is in points."""
    if not text.strip():
        return 0.0, 0.0, 0.0
    line, em = set_line(shown(text), bold), size / POINTS_OF_AN_INCH
    return line.width * em, line.above * em, line.below * em


def wrapped(text: str, size: float, width: float) -> tuple[str, ...]:
    """A text, formulas between dollars in it, in lines of at most ``width`` inches.

    Example:
        >>> wrapped("Each factor is a rectangle.", 11, 1.2)
        ('Each factor is a', 'rectangle.')
    """
    lines: list[str] = []
    space, used = extent("a b", size)[0] - extent("ab", size)[0], 0.0
    for word in re.findall(r"(?:\$[^$]*\$|[^\s$])+", text):
        room = extent(word, size)[0]
        if lines and used + space + room <= width:
            lines[-1], used = f"{lines[-1]} {word}", used + space + room
        else:
            lines.append(word)
            used = room
    return tuple(lines)
