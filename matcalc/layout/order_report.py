"""What is said of the arrangements of a product: the counts, and the verdict on each arrangement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap
from typing import TypeAlias, final

from matcalc.errors import MatcalcError, UnknownNameError, near_names
from matcalc.language.sizes import Size
from matcalc.layout.arrangements import Arrangement, Ordering, Word
from matcalc.layout.conventions import Layout
from matcalc.layout.products import Joint, Reading

Written: TypeAlias = str | tuple[str, bool]


class OrderVerdict(StrEnum):
    """What is said of one arrangement."""

    RIGHT = "right"
    WRONG_VALUE = "wrong value"
    DOES_NOT_FIT = "does not fit"


@final
@dataclass(frozen=True, slots=True, repr=False)
class OrderRow:
    """One arrangement, judged.

    Attributes:
        product: as it is written.
        factors: names from left to right, and whether each is transposed.
        joints: where neighbours meet: columns of the left, rows of the right.
        verdict: ``right``, ``wrong value`` or ``does not fit``.
        reason: why, in a sentence; for what does not fit, the factors at each such joint and their sizes.
    """

    product: str
    factors: tuple[tuple[str, bool], ...]
    joints: tuple[Joint, ...]
    verdict: OrderVerdict
    reason: str

    def __repr__(self) -> str:
        return "\n".join(wrap(f"{self.product}: {self.verdict.value}. {self.reason}", 78, subsequent_indent="  "))


@final
@dataclass(frozen=True, slots=True, repr=False)
class OrdersReport:
    """The arrangements of a product: all, those that fit in shape, those that are right.

    Attributes:
        layout: the layout of the product.
        reading: how a factor of three or four axes was taken.
        factors: names in the true order, from left to right.
        target: rows and columns of the product, numbers where sizes were given.
        arrangements: k! 2^k for k factors.
        shape_consistent: how many have joints that all fit and a product of the target's shape.
        right: how many have the value of the true product, for all entries.
        distinct_values: how many different values those that fit have.
        sizes: the sizes given, by name; all others are different from each other and from every number.
        ordering, shapes: what was counted, and the shape of each factor as declared; `rows` and `row` are made of them.
    """

    layout: Layout
    reading: Reading
    factors: tuple[str, ...]
    target: tuple[Size, Size]
    arrangements: int
    shape_consistent: int
    right: int
    distinct_values: int
    sizes: tuple[tuple[str, int], ...]
    ordering: Ordering
    shapes: tuple[tuple[Size, Size], ...]

    def __repr__(self) -> str:
        at = ", ".join(f"{name} = {number}" for name, number in self.sizes) or "general sizes"
        head = wrap(f"{' · '.join(self.factors)}, {self.layout.value} layout, {at}", 78, subsequent_indent="  ")
        values = "all of one value" if self.distinct_values == 1 else f"with {self.distinct_values} different values"
        counted = ((self.arrangements, "arrangements"), (self.shape_consistent, f"fit in shape, {values}"), (self.right, "right"))
        width = len(str(self.arrangements))
        return "\n".join([*head, *(f"  {number:>{width}} {what}" for number, what in counted)])

    @property
    def rows(self) -> Iterator[OrderRow]:
        """The arrangements that fit, found as they are asked for: the true one, the others that are right, then the wrong."""
        true: Arrangement = tuple((factor, False) for factor in range(len(self.factors)))
        yield self._judged(true)
        for right in (True, False):
            for word, value in self.ordering.fitting_words():
                if (value == self.ordering.true_value) == right:
                    for arrangement in self.ordering.arrangements(word):
                        if arrangement != true:
                            yield self._judged(arrangement)

    def row(self, order: Sequence[Written]) -> OrderRow:
        """One arrangement, judged; it may be one that does not fit.

        Args:
            order: the names of all factors from left to right; a transposed one as ``"W^T"``, ``"W.T"``, ``"(dz/da)^T"`` or
                ``("W", True)``.

        Raises:
            UnknownNameError: no factor has that name.
            MatcalcError: a factor is missing or stands too often.
        """
        if isinstance(order, str):
            raise MatcalcError(f"{order!r} is one text; an order is a list of names, like {list(self.factors)}.")
        used: dict[int, bool] = {}
        for name, transposed in map(self._read, order):
            free = [f for f, known in enumerate(self.factors) if known == name and f not in used]
            if not free:
                raise MatcalcError(f"{name} stands too often, the product holds {self.factors.count(name)} of it. {self._all()}")
            used[free[0]] = transposed
        missing = [name for f, name in enumerate(self.factors) if f not in used]
        if missing:
            raise MatcalcError(f"Missing: {', '.join(missing)}. An arrangement holds every factor. {self._all()}")
        return self._judged(tuple(used.items()))

    def _all(self) -> str:
        return f"The factors are {', '.join(self.factors)}."

    def _read(self, written: Written) -> tuple[str, bool]:
        """The name of a factor, and whether it is written transposed."""
        if not isinstance(written, str):
            return self._read(written[0])[0], bool(written[1])
        if written in self.factors:
            return written, False
        name = re.sub(r"(\^T|\^\\top|\.T)$", "", written)
        bare = name[1:-1] if name not in self.factors and name.startswith("(") and name.endswith(")") else name
        if bare not in self.factors:
            raise UnknownNameError(f"No factor is named {bare!r}. {near_names(bare, self.factors)}")
        return bare, name != written

    def _judged(self, arrangement: Arrangement) -> OrderRow:
        factors = tuple((self.factors[f], transposed) for f, transposed in arrangement)
        names = [transposed_name(name) if transposed else name for name, transposed in factors]
        shapes = [self.shapes[f][::-1] if transposed else self.shapes[f] for f, transposed in arrangement]
        word = self.ordering.word(arrangement)
        faults = misfits(names, shapes, self.ordering, word)
        true = " ".join(self.factors)
        if faults:
            verdict, reason = OrderVerdict.DOES_NOT_FIT, "; ".join(faults) + "."
        elif self.ordering.value(word) == self.ordering.true_value:
            verdict, reason = OrderVerdict.RIGHT, "It has the value of the true product for all entries."
        else:
            verdict, reason = OrderVerdict.WRONG_VALUE, f"Every joint fits, but the value is not that of {true}."
        return OrderRow(" ".join(names), factors, self.ordering.joints(word), verdict, reason)


# ---- words -----------------------------------------------------------------------------------------------------------


def transposed_name(name: str) -> str:
    """The transpose of a factor of that name."""
    return f"({name})^T" if "/" in name or " " in name or name.endswith("^T") else f"{name}^T"


def _counted(declared: Size, found: Size, what: str) -> str:
    """A size in words: its name, and its number where one was given."""
    number = f"{declared}" if declared == found else f"{declared} = {found}"
    return f"{number} {what}" if found == 1 else f"{number} {what}s"


def misfits(names: Sequence[str], shapes: Sequence[tuple[Size, Size]], ordering: Ordering, word: Word) -> list[str]:
    """Every joint and every end of a product that does not fit, with the factors and their sizes.

    Args:
        names, shapes: the factors as written, from left to right, with their sizes as declared.
        ordering, word: the same product with numbers for sizes.
    """
    faults: list[str] = []
    for k, joint in enumerate(ordering.joints(word)):
        if not joint.fits:
            columns, rows = _counted(shapes[k][1], joint.columns, "column"), _counted(shapes[k + 1][0], joint.rows, "row")
            faults.append(f"{names[k]} and {names[k + 1]} do not join: {names[k]} has {columns}, {names[k + 1]} has {rows}")
    (rows_found, columns_found), (rows_wanted, columns_wanted) = ordering.shape(word), ordering.target
    if rows_found != rows_wanted:
        faults.append(f"{names[0]} leaves {_counted(shapes[0][0], rows_found, 'row')}, the target has {rows_wanted}")
    if columns_found != columns_wanted:
        columns = _counted(shapes[-1][1], columns_found, "column")
        faults.append(f"{names[-1]} leaves {columns}, the target has {columns_wanted}")
    return faults
