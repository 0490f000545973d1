"""How long a size is drawn: in proportion, with a number for each symbolic size, and never too short to be seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import final

from matcalc.factor_lists import given_sizes, resolved
from matcalc.figures.style import FigureStyle
from matcalc.figures.typeset import Formula
from matcalc.language.sizes import Dim, Size
from matcalc.printing.names import latex_size

# Numbers for sizes that have none: neighbours in a chain differ by enough to be seen.
_NUMBERS = (4, 7, 3, 6, 2, 5, 8)
_INCH = 0.55  # of the unit of the style, for a size of 1 where all are small
_LONGEST = 8.0  # units


@final
@dataclass(frozen=True, slots=True)
class Scale:
    """The lengths of sizes.

    Attributes:
        numbers: for each name of a size the number by which it is drawn.
        given: those of them that were asked for, and are shown in place of the name.
        inch: the length of a size of 1, in inches.
        shortest: what no length falls below.
    """

    numbers: Mapping[str, int]
    given: Mapping[str, int]
    inch: float
    shortest: float

    def number(self, size: Size) -> int:
        """The number by which a size is drawn."""
        found = resolved(size, self.numbers)
        assert isinstance(found, int)
        return found

    def length(self, size: Size) -> float:
        """The length of a size in inches."""
        return max(self.shortest, self.number(size) * self.inch)

    def shown(self, size: Size) -> Formula:
        """A size as it is written: its name, or the number that was given for it."""
        return Formula(latex_size(resolved(size, self.given)))

    def shape(self, rows: Size, columns: Size) -> Formula:
        """Rows and columns as they are written."""
        return Formula(rf"{self.shown(rows)} \times {self.shown(columns)}")

    def remarks(self, sizes: Iterable[Size]) -> list[str]:
        """What a reader must know of the lengths of these sizes, in sentences."""
        used = list(dict.fromkeys(sizes))
        names = sorted({name for entry in used if isinstance(entry, Dim) for name in entry.names})
        free = [f"${latex_size(Dim((name,)))} = {self.numbers[name]}$" for name in names if name not in self.given]
        told = [f"Drawn for {', '.join(free)}; what is shown holds for all sizes." if free else ""]
        if any(self.number(entry) * self.inch < 0.99 * self.shortest for entry in used):
            told.append("Sides are in proportion, but none is drawn shorter than can be seen.")
        return [sentence for sentence in told if sentence]


def scale_of(
    drawn: Iterable[Size], known: set[Size], sizes: Mapping[str, int] | None, style: FigureStyle, longest: float = _LONGEST
) -> Scale:
    """The scale by which sizes are drawn.

    Args:
        drawn: the sizes that are drawn.
        known: the sizes whose names may be given a number.
        sizes: numbers for names of sizes; the others get one, each its own.
        style: tells the unit.
        longest: the longest side, in units.

    Raises:
        UnknownNameError, MatcalcError: ``sizes`` names no size that is known, or gives something else than a positive int.
    """
    entries = list(dict.fromkeys(drawn))
    given = given_sizes(sizes, known)
    numbers = numbers_of(entries, given)
    most = max((_number(entry, numbers) for entry in entries), default=1)
    inch = min(_INCH, longest / most) * style.unit
    return Scale(numbers, given, inch, _INCH * style.unit)


def numbers_of(entries: Iterable[Size], given: Mapping[str, int]) -> dict[str, int]:
    """A number for each name of a size, those that are given and for each other one its own."""
    used = list(dict.fromkeys(entries))
    names = sorted({name for entry in used if isinstance(entry, Dim) for name in entry.names})
    taken = {*given.values(), *(entry for entry in used if isinstance(entry, int))}
    free = (number for number in chain(_NUMBERS, count(max(_NUMBERS) + 1)) if number not in taken)
    return {**{name: next(free) for name in names if name not in given}, **given}


def _number(entry: Size, numbers: Mapping[str, int]) -> int:
    found = resolved(entry, numbers)
    assert isinstance(found, int)
    return found

