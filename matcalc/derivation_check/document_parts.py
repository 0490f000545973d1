"""What a text as people write it is made of: chains of equalities with their conditions and layout cues.

Every place is a `Span` in characters of the text. ``Document.clean`` is the text with what is no mathematics inside the formulas (``&``,
line breaks, labels, tags, words) blanked by as many spaces, so that a slice of it can be given to the reader and places agree.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import final

from matcalc.language.reading.source import Span

GIVES_A_NUMBER = "it gives a number to a symbol"  # a reason why a formula is set aside
SIGNS: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)


@final
@dataclass(frozen=True, slots=True)
class LayerNumber:
    """A layer as a letter plus a number: ``l + 1`` is ("l", 1), ``L`` is ("L", 0), a number k is ("", k)."""

    letter: str
    offset: int = 0


@final
@dataclass(frozen=True, slots=True)
class Comparison:
    """``left sign right``, where sign is =, <, <=, >, >= or !=."""

    left: LayerNumber
    sign: str
    right: LayerNumber


@final
@dataclass(frozen=True, slots=True)
class Condition:
    """Comparisons that all have to hold for the layers that a formula is for; without any it is for all."""

    comparisons: tuple[Comparison, ...] = ()

    def holds(self, letters: Mapping[str, int]) -> bool:
        """Whether it holds at values of the letters, as {"l": 2, "L": 3}; what names other letters is no restriction."""
        return all(_holds(comparison, letters) for comparison in self.comparisons)


def _holds(comparison: Comparison, letters: Mapping[str, int]) -> bool:
    left, right = comparison.left, comparison.right
    known = {"": 0, **letters}
    if left.letter not in known or right.letter not in known:
        return True
    return SIGNS[comparison.sign](known[left.letter] + left.offset, known[right.letter] + right.offset)


@final
@dataclass(frozen=True, slots=True)
class Side:
    """One side of an equality: its place, and of a `cases` environment its branches, each with its condition."""

    span: Span
    branches: tuple[tuple[Span, Condition], ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Formula:
    """A chain of equalities: two sides or more.

    Attributes:
        sides: the first is what the others are equal to.
        defines: whether the prose before it, or := in it, says that it defines its left side.
        layout: that the prose names for it: ``numerator`` or ``denominator``; None where it names none.
        indexed: whether the prose says that it is in index form, without matrix calculus.
        condition: on the layers.
        section: a number that grows with every layout cue, so that a left side may be defined anew in each.
        number: of the formula, from 1.
        line: of the text, from 1.
    """

    sides: tuple[Side, ...]
    defines: bool = False
    layout: str | None = None
    indexed: bool = False
    condition: Condition = field(default_factory=Condition)
    section: int = 0
    number: int = 1
    line: int = 1


@final
@dataclass(frozen=True, slots=True)
class Document:
    """A text with its formulas.

    Attributes:
        text: as it was written.
        clean: of the same length; what the reader is given slices of.
        formulas: chains of at least two sides.
        expressions: formulas without an equality that stand alone in a display, each with the condition and layout of its place.
        set_aside: places of formulas that claim nothing, each with the reason.
    """

    text: str
    clean: str
    formulas: tuple[Formula, ...]
    expressions: tuple[Formula, ...] = ()
    set_aside: tuple[tuple[Span, str], ...] = ()
