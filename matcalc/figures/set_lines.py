"""Lines of text as glyphs with their places: each formula is set piece by piece, each piece once for all sizes and all figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate
from typing import Any, final

import numpy as np
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

from matcalc.errors import MatcalcError
from matcalc.figures.formula_pieces import bracket, pieces
from matcalc.figures.spare_letters import FONT, MATH_FALLBACK, Spare, letters_that_lack, spare_font, spelled

MATH_FONT = "cm"
_FORMULA = re.compile(r"(\$[^$]*\$)")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """A glyph of a piece: its name, its outline in ems, how large it is and where its origin is."""

    name: str
    outline: Path
    scale: float
    x: float
    y: float


@final
@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of a line that was set, in ems, from its left end on the base line.

    Attributes:
        text: of plain text in the font of figures, what it says; "" of a part of a formula.
        width, above, below: the room that it takes.
        glyphs: what is drawn.
        bars: the bars of fractions and roots: left, bottom, width, height.
        outline: all glyphs in one outline.
    """

    text: str
    width: float
    above: float
    below: float
    glyphs: tuple[Glyph, ...]
    bars: tuple[tuple[float, float, float, float], ...]
    outline: Path


@final
@dataclass(frozen=True, slots=True, eq=False)
class SetLine:
    """A line that was set, in ems: its pieces, each with its left end, and the room that they take."""

    pieces: tuple[tuple[float, Piece], ...]
    width: float
    above: float
    below: float


@lru_cache(maxsize=8192)
def set_line(text: str, bold: bool = False) -> SetLine:
    """A line of text, formulas between dollars in it.

    Raises:
        MatcalcError: mathtext does not take a formula.

    Example:
        >>> line = set_line(r"the size of $\\mathbf{W}^{(2)}$")
        >>> [piece.text for _, piece in line.pieces]
        ['the size of ', '']
    """
    found: list[Piece] = []
    for part in filter(None, _FORMULA.split(text)):
        found += _of_formula(part) if _FORMULA.fullmatch(part) else [_plain(part, bold)]
    lefts = accumulate((piece.width for piece in found), initial=0.0)
    return SetLine(
        tuple(zip(lefts, found, strict=False)), sum(piece.width for piece in found),
        max((piece.above for piece in found), default=0.0), max((piece.below for piece in found), default=0.0),
    )  # fmt: skip


def font(size: float, *, bold: bool = False) -> FontProperties:
    """The font of all figures; ``size`` is in points."""
    return FontProperties(family=FONT, size=size, weight="bold" if bold else "normal", math_fontfamily=MATH_FONT)


# ---- pieces ----------------------------------------------------------------------------------------------------------


def _of_formula(text: str) -> list[Piece]:
    try:
        return [each for piece in pieces(text[1:-1]) for each in _set(piece)]
    except ValueError as error:
        raise MatcalcError(
            f"No figure can show {text}: matplotlib does not typeset this formula ({_reason(error)}). "
            "Give the quantity another name; .latex() and the text of a result do not need this."
        ) from None


def _reason(error: ValueError) -> str:
    """What mathtext says of a formula, without its drawing of the place."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else "no reason is given"


@lru_cache(maxsize=4096)
def _set(piece: str) -> tuple[Piece, ...]:
    """A piece; of a bracket that grows, what is in it by its own pieces, since it may be long."""
    found = bracket(piece)
    if found is None or not found[1]:
        return (_of_mathtext(piece),)
    opens, inside, closes, behind = found
    opening, closing = _brackets(opens, _as_high(inside), closes, behind)
    return (opening, *(each for part in pieces(inside) for each in _set(part)), closing)


@final
@dataclass(frozen=True, slots=True)
class _Inside:
    """A formula that is as high and as deep as what a bracket is around; any other that is does as well."""

    above: float
    below: float
    math: str = field(compare=False)


@lru_cache(maxsize=1024)
def _brackets(opens: str, inside: _Inside, closes: str, behind: str) -> tuple[Piece, Piece]:
    """Both ends of a bracket that grows, with the scripts behind it: what mathtext adds to what is inside."""
    alone = _of_mathtext(rf"\left. {inside.math} \right.")
    around = _of_mathtext(rf"\left{opens} {inside.math} \right{closes}{behind}")
    first = 0 if opens == "." else 1
    left = around.glyphs[first].x - alone.glyphs[0].x if first and alone.glyphs else 0.0
    ending, past = around.glyphs[first + len(alone.glyphs) :], left + alone.width
    moved = tuple(replace(glyph, x=glyph.x - past) for glyph in ending)
    bars = tuple((x - past, y, width, height) for x, y, width, height in around.bars[len(alone.bars) :])
    opening = replace(around, width=left, glyphs=around.glyphs[:first], bars=(), outline=_outline(around.glyphs[:first]))
    return opening, replace(around, width=around.width - past, glyphs=moved, bars=bars, outline=_outline(moved))


def _as_high(math: str) -> _Inside:
    found = [(max(each.above for each in _set(part)), max(each.below for each in _set(part)), part) for part in pieces(math)]
    highest, deepest = max(found, key=lambda each: each[0]), max(found, key=lambda each: each[1])
    parts = (highest,) if highest[1] == deepest[1] else (deepest,) if highest[0] == deepest[0] else (highest, deepest)
    return _Inside(round(highest[0], 6), round(deepest[1], 6), " ".join(_short(part) for _, _, part in parts))


def _short(piece: str) -> str:
    """A piece as high and as deep, with less in its brackets."""
    found = bracket(piece)
    if found is None or not found[1]:
        return piece
    opens, inside, closes, behind = found
    return rf"\left{opens} {_as_high(inside).math} \right{closes}{behind}"


@lru_cache(maxsize=4096)
def _of_mathtext(piece: str) -> Piece:
    lacking = letters_that_lack(piece, MATH_FALLBACK)
    if lacking:
        return _with_spare_letters(piece, lacking)
    text, properties = f"${piece}$", font(text_to_path.FONT_SCALE)
    room = text_to_path.get_text_width_height_descent(text, properties, ismath=True)
    return _piece("", room, *text_to_path.get_glyphs_mathtext(properties, text))


def _with_spare_letters(piece: str, lacking: Sequence[str]) -> Piece:
    """A piece set with other letters, which are then exchanged; letters that no font has are told by their numbers."""
    bold = r"\mathbf" in piece
    fonts = [spare_font(letter, bold) for letter in lacking]
    unknown = [letter for letter, spare in zip(lacking, fonts, strict=True) if spare is None]
    if unknown:
        return _of_mathtext(spelled(piece, unknown, math=True))
    found = dict(zip(lacking, (spare for spare in fonts if spare is not None), strict=True))
    one, other = (_of_mathtext("".join(found[sign].stand_ins[k] if sign in found else sign for sign in piece)) for k in (0, 1))
    places = [k for k, (glyph, another) in enumerate(zip(one.glyphs, other.glyphs, strict=True)) if glyph.name != another.name]
    glyphs = list(one.glyphs)
    for place, letter in zip(places, lacking, strict=True):
        glyphs[place] = _spare_glyph(glyphs[place], letter, found[letter])
    return replace(one, glyphs=tuple(glyphs), outline=_outline(glyphs))


def _spare_glyph(place: Glyph, letter: str, spare: Spare) -> Glyph:
    """A letter where another one stands, in the middle of its room."""
    glyph = _piece("", (0.0, 0.0, 0.0), *text_to_path.get_glyphs_with_font(_face([spare.path]), letter)).glyphs[0]
    scale = place.scale * min(1.0, spare.room / spare.advance)
    return replace(glyph, scale=scale, x=place.x + (spare.room * place.scale - spare.advance * scale) / 2, y=place.y)


@lru_cache(maxsize=4096)
def _plain(text: str, bold: bool) -> Piece:
    fonts = {letter: spare_font(letter, bold) for letter in letters_that_lack(text, FONT)}
    spares = {spare.path: spare.family for spare in fonts.values() if spare is not None}
    shown = spelled(text, [letter for letter, spare in fonts.items() if spare is None])
    properties = font(text_to_path.FONT_SCALE, bold=bold)
    face = _face([findfont(properties), *spares])
    properties.set_family([FONT, *spares.values()])
    room = text_to_path.get_text_width_height_descent(shown, properties, ismath=False)
    return _piece("" if spares else shown, room, *text_to_path.get_glyphs_with_font(face, shown))


def _face(paths: Sequence[str]) -> Any:
    """A font, and those that are asked for what it lacks."""
    face = get_font(list(paths))
    face.set_size(text_to_path.FONT_SCALE, text_to_path.DPI)
    return face


def _piece(text: str, room: tuple[float, float, float], placed: Iterable[Any], outlines: Any, bars: Iterable[Any]) -> Piece:
    """A piece of what matplotlib gives for a text at its own scale."""
    em = 1 / text_to_path.FONT_SCALE
    width, height, depth = (float(each) * em for each in room)
    paths = {name: Path(np.asarray(points, dtype=float).reshape(-1, 2) * em, codes) for name, (points, codes) in outlines.items()}
    glyphs = tuple(Glyph(name, paths[name], float(scale), float(x) * em, float(y) * em) for name, x, y, scale in placed)
    lines = tuple(_bar(np.asarray(points, dtype=float)[:4] * em) for points, _ in bars)
    return Piece(text, width, height - depth, depth, glyphs, lines, _outline(glyphs))


def _outline(glyphs: Sequence[Glyph]) -> Path:
    paths = [Affine2D().scale(glyph.scale).translate(glyph.x, glyph.y).transform_path(glyph.outline) for glyph in glyphs]
    return Path.make_compound_path(*paths)


def _bar(corners: np.ndarray) -> tuple[float, float, float, float]:
    (left, bottom), (right, top) = corners.min(axis=0), corners.max(axis=0)
    return float(left), float(bottom), float(right - left), float(top - bottom)
