"""Letters that the fonts of figures lack: another font of the machine that has them, or else their numbers in Unicode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import final

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

FONT = "DejaVu Sans"
MATH_FALLBACK = "STIXGeneral"  # where mathtext looks for what its own fonts lack
_NOT_FOR_LETTERS = ("Last Resort", "STIXSize", "STIXNonUnicode", "cm")  # boxes with numbers, parts of brackets, other encodings
# What mathtext sets in the place of a letter, narrow or wide, and what else it might be: so its place is known by the difference.
NARROW, WIDE = ("n", "u"), ("M", "N")
_ROOM = {NARROW: 0.55, WIDE: 0.92}  # ems
_WIDE_FROM = 0.75  # ems


@final
@dataclass(frozen=True, slots=True)
class Spare:
    """A font in which a letter was found.

    Attributes:
        family, path: the font.
        advance: how wide the letter is, in ems.
    """

    family: str
    path: str
    advance: float

    @property
    def stand_ins(self) -> tuple[str, str]:
        """What stands for the letter while mathtext sets the rest, and what else might."""
        return WIDE if self.advance > _WIDE_FROM else NARROW

    @property
    def room(self) -> float:
        """How wide these are, in ems."""
        return _ROOM[self.stand_ins]


@lru_cache(maxsize=256)
def spare_font(letter: str, bold: bool = False) -> Spare | None:
    """The first font that has a letter; None where none has it."""
    weights = (700, "bold") if bold else (400, "normal", "regular")
    faces = fontManager.ttflist
    for entry in sorted(faces, key=lambda each: (each.name != FONT, each.style != "normal", each.weight not in weights, each.name)):
        if entry.name.startswith(_NOT_FOR_LETTERS):
            continue
        try:
            face = get_font(entry.fname)
            found = ord(letter) in face.get_charmap()
        except (RuntimeError, OSError):  # a file that cannot be read is no font
            continue
        if found:
            face.set_size(100, 72)
            return Spare(entry.name, entry.fname, face.load_char(ord(letter)).linearHoriAdvance / 65536 / 100)
    return None


def letters_that_lack(text: str, family: str) -> tuple[str, ...]:
    """The letters of a text that a font does not have, each as often as it stands there.

    Example:
        >>> letters_that_lack("xա", "STIXGeneral")
        ('ա',)
    """
    return tuple(letter for letter in text if ord(letter) > 127 and not letter.isspace() and ord(letter) not in _letters(family))


@lru_cache(maxsize=8)
def _letters(family: str) -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family=family))).get_charmap())


def spelled(text: str, letters: Sequence[str], *, math: bool = False) -> str:
    """A text in which letters are told by their numbers.

    Example:
        >>> spelled("x 変", "変"), spelled(r"\\mathbf{変}", "変", math=True)
        ('x U+5909', '\\\\mathbf{\\\\mathrm{U{+}5909}}')
    """
    for letter in dict.fromkeys(letters):
        text = text.replace(letter, rf"\mathrm{{U{{+}}{ord(letter):04X}}}" if math else f"U+{ord(letter):04X}")
    return text
