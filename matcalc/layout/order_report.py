"""What is said of the arrangements of a product: the counts, and the verdict on each arrangement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import final

from matcalc.language.operators import Drawable, Tabled
from matcalc.language.sizes import Size
from matcalc.language.text_rows import filled
from matcalc.layout.arrangements import Arrangement
from matcalc.layout.certificate import Certificate
from matcalc.layout.conventions import Layout
from matcalc.layout.order_names import FactorName, Written, arrangement_of
from matcalc.layout.order_reasons import coincidence, difference, misfits
from matcalc.layout.ordering import Ordering
from matcalc.layout.products import Joint, Reading


class OrderVerdict(StrEnum):
    """What is said of one arrangement."""

    RIGHT = "right"
    WRONG_VALUE = "wrong value"
    DOES_NOT_FIT = "does not fit"


@final
@dataclass(frozen=True, slots=True, repr=False)
class OrderRow(Tabled):
    """One arrangement, judged.

    Shapes: ``joints`` are pairs of sizes, one for each place where two factors meet.

    Example:
        >>> import matcalc as mc
        >>> report = mc.orders([("A", "m", "n"), ("g", "n", 1)], target=("m", 1), layout="numerator")
        >>> row = report.row(["A^T", "g"])
        >>> row.verdict.value, row.joints
        ('does not fit', (m ≠ n,))

    Attributes:
        product: as it is written.
        factors: names from left to right, and whether each stands transposed.
        joints: where neighbours meet: columns of the left, rows of the right.
        verdict: ``right``, ``wrong value`` or ``does not fit``.
        reason: why, in a sentence or two: for what does not fit, the factors at each such joint and their sizes; for a wrong value
            the sizes that must coincide for it to fit, or, where it fits for all sizes, which factors are exchanged or transposed.
    """

    product: str
    factors: tuple[tuple[str, bool], ...]
    joints: tuple[Joint, ...]
    verdict: OrderVerdict
    reason: str

    def __repr__(self) -> str:
        return "\n".join(filled(f"{self.product}: {self.verdict.value}. {self.reason}"))


@final
@dataclass(frozen=True, slots=True, repr=False)
class OrdersReport(Tabled, Drawable):
    """The arrangements of a product: all, those that fit in shape, those that are right.

    ``rows`` goes through those that fit, the right ones first; ``row`` judges one that you write, whether it fits or not.

    Shapes: ``target`` is rows and columns of the product: of dC/dx with x (n) 1 x n in numerator layout, n x 1 in denominator layout.

    Raises:
        UnknownNameError: by ``row``, a name that is no factor.

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
        probed: whether the factors were probed for relations that nobody declared; those of a list cannot be.
        names: of each factor also the matrix that it is.
        ordering, general: what was counted, and the same with sizes as declared; `rows` and `row` are made of them.
        certified: makes `network`.

    Example:
        >>> import matcalc as mc
        >>> factors = [("A", "m", "n"), ("B", "n", "n"), ("g", "n", 1)]
        >>> report = mc.orders(factors, target=("m", 1), layout="numerator", sizes={"m": 3, "n": 3})
        >>> next(report.rows)
        A B g: right. It has the value of the true product for all entries.
        >>> report.row(["A", "B^T", "g"])
        A B^T g: wrong value. Every joint fits, but B stands transposed, and it is not
          symmetric.
        >>> report.row(["B", "A", "g"])
        B A g: wrong value. It fits only because n = m = 3: B ends in n, A begins with
          m.
        >>> report.row([2, 1, 0]).verdict.value
        'does not fit'
        >>> report.walks
        ('A B g', 'g^T B^T A^T')
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
    probed: bool
    names: tuple[FactorName, ...]
    ordering: Ordering
    general: Ordering
    certified: Callable[[], Certificate] = field(compare=False)

    @property
    def network(self) -> Certificate:
        """Whether a path joins the free indices, which two strings walk it, or what is needed besides; of a list, of its factors."""
        return self.certified()

    @property
    def walks(self) -> tuple[str, str]:
        """The true product in numerator and in denominator layout: one is the other from its end, each factor transposed.

        A factor that equals its transpose shows none.
        """
        symmetric = [self.ordering.matrices[m].is_symmetric for m, _ in self.ordering.true]
        walked = [name.written(not same) for name, same in zip(self.names, symmetric, strict=True)]
        true, turned = " ".join(self.factors), " ".join(reversed(walked))
        return (true, turned) if self.layout is Layout.NUMERATOR else (turned, true)

    def __repr__(self) -> str:
        at = ", ".join(f"{name} = {number}" for name, number in self.sizes) or "general sizes"
        head = filled(f"{' · '.join(self.factors)}, {self.layout.value} layout, {at}")
        values = "all of one value" if self.distinct_values == 1 else f"with {self.distinct_values} different values"
        counted = ((self.arrangements, "arrangements"), (self.shape_consistent, f"fit in shape, {values}"), (self.right, "right"))
        width = len(str(self.arrangements))
        return "\n".join([*head, *(f"  {number:>{width}} {what}" for number, what in counted)])

    @property
    def rows(self) -> Iterator[OrderRow]:
        """The arrangements that fit, found as they are asked for: the true one, the others that are right, then the wrong."""
        for arrangement in chain(self.ordering.right_arrangements(), self.ordering.wrong_arrangements()):
            yield self.judged(arrangement)

    def row(self, order: Sequence[Written]) -> OrderRow:
        """One arrangement, judged; it may be one that does not fit.

        Args:
            order: all factors from left to right. Each is a name, or the text of its matrix; a transposed one is ``"W^T"``,
                ``"W.T"``, ``"(dz/da)^T"`` or ``("W", True)``. A `Factor`, or its position in the true product, will do too.

        Raises:
            UnknownNameError: no factor has that name.
            MatcalcError: a factor is missing, stands too often, or is given as something else.
        """
        return self.judged(arrangement_of(order, self.names, self.ordering.true))

    def judged(self, arrangement: Arrangement) -> OrderRow:
        """The row of an arrangement that is given by positions in the true product."""
        names = [self.names[f].written(transposed) for f, transposed in arrangement]
        letters = [(self.ordering.true[f], transposed) for f, transposed in arrangement]
        shapes = [self.general.matrices[m].shape(turned != transposed) for (m, turned), transposed in letters]
        word = self.ordering.word(arrangement)
        faults = misfits(names, shapes, self.ordering, word)
        if faults:
            verdict, reason = OrderVerdict.DOES_NOT_FIT, "; ".join(faults) + "."
        elif self.ordering.value(word) == self.ordering.true_value:
            verdict, reason = OrderVerdict.RIGHT, "It has the value of the true product for all entries."
        else:
            verdict = OrderVerdict.WRONG_VALUE
            reason = coincidence(self.names, self.ordering, self.general, arrangement) or difference(
                self.names, self.ordering, self.general, arrangement, self.layout
            )
        factors = tuple((self.names[f].base, self.names[f].turned != transposed) for f, transposed in arrangement)
        return OrderRow(" ".join(names), factors, self.ordering.joints(word), verdict, reason)
