"""Trails over sizes: a product is a walk from the target's rows to its columns that takes every factor once.

A factor that is not square joins two sizes, and is walked one way as it is and the other way transposed. Factors that join the same
two sizes are a class, and of a trail only its classes are counted here. A square factor stays where it is and is left to the caller:
whatever the trail, it visits a size equally often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TypeAlias, final

from matcalc.errors import TooManyFactorsError
from matcalc.language.sizes import Size
from matcalc.layout.arrangements import Matrix

MOST_STATES = 2_000_000

Class: TypeAlias = tuple[Size, Size]
Move: TypeAlias = tuple[int, int, int, int, Size]  # of a class: first bit, mask, how many factors, what one adds, where it leads


@final
@dataclass(frozen=True)
class Trails:
    """The trails from a size.

    Attributes:
        classes: pairs of different sizes, each once.
        most: how many factors each class has.
        start: where the trails begin.

    Example:
        >>> trails = Trails(((2, 3), (3, 5)), (2, 2), 2)
        >>> trails.number((2, 0)), trails.number((2, 2)), trails.number((0, 1))
        (1, 1, 0)
    """

    classes: tuple[Class, ...]
    most: tuple[int, ...]
    start: Size

    def number(self, used: Sequence[int]) -> int:
        """How many trails take so many factors of each class, and no others."""
        if any(count > most for count, most in zip(used, self.most, strict=True)):
            return 0
        return self._numbers.get(sum(count << bit for count, bit in zip(used, self._bits, strict=True)), 0)

    def visits(self, used: Sequence[int]) -> dict[Size, int]:
        """How often each size is met by a trail that takes so many factors of each class, its two ends included."""
        degrees = Counter({self.start: 0})
        for (a, b), count in zip(self.classes, used, strict=True):
            degrees[a] += count
            degrees[b] += count
        degrees[self.start] += 1
        degrees[self.end(used)] += 1
        return {size: degree // 2 for size, degree in degrees.items()}

    def end(self, used: Sequence[int]) -> Size:
        """Where a trail ends that takes so many factors of each class: only its ends have an odd number of them."""
        odd: set[Size] = set()
        for ends, count in zip(self.classes, used, strict=True):
            if count % 2:
                odd.symmetric_difference_update(ends)
        return next(iter(odd - {self.start}), self.start)

    @cached_property
    def _bits(self) -> tuple[int, ...]:
        """Where the number of factors taken of a class stands in the code of a state."""
        return tuple(accumulate((count.bit_length() for count in self.most[:-1]), initial=0)) if self.most else ()

    @cached_property
    def _numbers(self) -> dict[int, int]:
        """The number of trails for every code, found length by length.

        Raises:
            TooManyFactorsError: more states than can be gone through.
        """
        moves: dict[Size, list[Move]] = {}
        for (a, b), count, bit in zip(self.classes, self.most, self._bits, strict=True):
            for here, there in ((a, b), (b, a)):
                moves.setdefault(here, []).append((bit, (1 << count.bit_length()) - 1, count, 1 << bit, there))
        found: dict[int, int] = {}
        layer: dict[Size, dict[int, int]] = {self.start: {0: 1}}
        while layer:
            longer: dict[Size, dict[int, int]] = {}
            for here, states in layer.items():
                found.update(states)
                for bit, mask, count, one, there in moves.get(here, ()):
                    into = longer.setdefault(there, {})
                    for code, number in states.items():
                        if (code >> bit) & mask < count:
                            into[code + one] = into.get(code + one, 0) + number
            if len(found) > MOST_STATES:
                raise TooManyFactorsError(
                    f"{sum(self.most)} factors that are not square, with {len(self.classes)} pairs of sizes, have more than {MOST_STATES} "
                    "parts to count. Name the product of some neighbours as one factor, or ask for a part of the chain."
                )
            layer = {size: states for size, states in longer.items() if states}
        return found


# ---- what can never be reached -----------------------------------------------------------------------------------------


def without_partner(matrices: Sequence[Matrix], uses: Mapping[int, int], target: tuple[Size, Size]) -> dict[Size, int]:
    """The sizes that stand an odd number of times among the sides of the factors and of the target, and how often each does.

    Sides of one size meet in pairs, at a joint or at an end of the product; where their number is odd, one has no partner.

    Args:
        matrices, uses: the different matrices, and how often each is a factor.
        target: rows and columns of the product.

    Example:
        >>> without_partner([Matrix(2, 3), Matrix(5, 1)], {0: 1, 1: 1}, (2, 1))
        {3: 1, 5: 1}
    """
    sides = Counter(target)
    for m, count in uses.items():
        for size in (matrices[m].rows, matrices[m].columns):
            sides[size] += count
    return {size: count for size, count in sides.items() if count % 2}


def groups_of_sizes(matrices: Sequence[Matrix], uses: Mapping[int, int], target: tuple[Size, Size]) -> tuple[tuple[Size, ...], ...]:
    """The sizes in groups that no factor joins; the target's rows are in the first.

    Example:
        >>> groups_of_sizes([Matrix(2, 3), Matrix(5, 5), Matrix(3, 1)], {0: 1, 1: 1, 2: 1}, (2, 1))
        ((2, 1, 3), (5,))
    """
    group: dict[Size, int] = {}
    for size in (*target, *(s for m in uses for s in (matrices[m].rows, matrices[m].columns))):
        group.setdefault(size, len(group))
    for m in uses:
        old, new = sorted((group[matrices[m].rows], group[matrices[m].columns]), reverse=True)
        group = {size: new if number == old else number for size, number in group.items()}
    return tuple(tuple(size for size in group if group[size] == number) for number in sorted(set(group.values())))


def why_unreachable(matrices: Sequence[Matrix], uses: Mapping[int, int], target: tuple[Size, Size]) -> tuple[str, ...]:
    """Why no order and no transposes give the target, in sentences; empty where some do.

    Euler's theorem says that these are all the reasons: there is a trail if every size stands evenly often and the sizes hang together.

    Example:
        >>> for sentence in why_unreachable([Matrix(2, 3), Matrix(5, 5)], {0: 1, 1: 2}, (2, 1)):
        ...     print(sentence)
        3 stands once among the sides of the factors and of the target: sides of one size meet in pairs, so 3 has no partner.
        1 stands once among the sides of the factors and of the target: sides of one size meet in pairs, so 1 has no partner.
        No factor leads from 2, 3 to 1.
        No factor leads from 2, 3 to 5.
    """
    often = {1: "once"}
    said = [
        f"{size} stands {often.get(count, f'{count} times')} among the sides of the factors and of the target: sides of one size meet "
        f"in pairs, so {size if count == 1 else f'one {size}'} has no partner."
        for size, count in sorted(without_partner(matrices, uses, target).items(), key=lambda found: found[0] in target)
    ]
    first, *others = (", ".join(map(str, group)) for group in groups_of_sizes(matrices, uses, target))
    return (*said, *(f"No factor leads from {first} to {other}." for other in others))
