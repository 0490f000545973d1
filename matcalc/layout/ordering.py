"""A true product and what can be made of its factors: which arrangements fit, which are right, how many there are of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import final

from matcalc.language.sizes import Size
from matcalc.layout import counting, right_orders
from matcalc.layout.arrangements import Arrangement, Counts, Matrix, Word
from matcalc.layout.products import Joint
from matcalc.layout.trails import why_unreachable
from matcalc.layout.word_values import Value, value

MOST_COMPARED = 500  # right words among which the nearest to a wrong one is sought


@final
@dataclass(frozen=True)
class Ordering:
    """A true product and what can be made of its factors.

    Attributes:
        matrices: the different matrices; a factor that stands twice is one matrix.
        true: the true product, from left to right.
        target: rows and columns of the product.

    Example:
        >>> W, g = Matrix(2, 3), Matrix(3, 1)
        >>> ordering = Ordering((W, g), ((0, False), (1, False)), (2, 1))
        >>> ordering.counts
        Counts(arrangements=8, shape_consistent=1, right=1, distinct_values=1)
    """

    matrices: tuple[Matrix, ...]
    true: Word
    target: tuple[Size, Size]

    # ---- shapes ------------------------------------------------------------------------------------------------------

    def word(self, arrangement: Arrangement) -> Word:
        """The word of an arrangement; the transpose of a symmetric matrix is the matrix."""
        turned = ((self.true[factor], transposed) for factor, transposed in arrangement)
        return tuple((m, (t != transposed) and not self.matrices[m].is_symmetric) for (m, t), transposed in turned)

    def joints(self, word: Word) -> tuple[Joint, ...]:
        """Where neighbours meet, from left to right."""
        shapes = [self.matrices[m].shape(t) for m, t in word]
        return tuple(Joint(a[1], b[0]) for a, b in pairwise(shapes))

    def shape(self, word: Word) -> tuple[Size, Size]:
        """Rows of the first and columns of the last factor."""
        (first, turned_first), (last, turned_last) = word[0], word[-1]
        return self.matrices[first].shape(turned_first)[0], self.matrices[last].shape(turned_last)[1]

    def fits(self, word: Word) -> bool:
        """Whether every joint fits and the product has the target's shape."""
        return counting.fits(self.matrices, word, self.target)

    # ---- values and counts -------------------------------------------------------------------------------------------

    def value(self, word: Word) -> Value:
        """What two words have in common exactly if they have one value for all entries."""
        return value(self.matrices, word)

    @cached_property
    def true_word(self) -> Word:
        """The true product, symmetric letters without transposes."""
        return self.word(tuple((factor, False) for factor in range(len(self.true))))

    @cached_property
    def true_value(self) -> Value:
        return self.value(self.true_word)

    @cached_property
    def counts(self) -> Counts:
        """The four numbers, exact for independent matrices."""
        return counting.counts(self.matrices, self.true_word, self.target)

    @property
    def uses(self) -> Counter[int]:
        """How often each matrix stands in the product."""
        return Counter(m for m, _ in self.true)

    @property
    def unreachable(self) -> tuple[str, ...]:
        """Why no arrangement at all has the target's shape; empty where some do."""
        return why_unreachable(self.matrices, self.uses, self.target)

    # ---- one by one --------------------------------------------------------------------------------------------------

    def right_words(self) -> Iterator[Word]:
        """The first of the words that are right, the true one first."""
        return islice(right_orders.right_words(self.matrices, self.true_word), MOST_COMPARED)

    def right_arrangements(self) -> Iterator[Arrangement]:
        """Every arrangement that is right, found as it is asked for, the true one first."""
        return right_orders.right_arrangements(self.matrices, self.true)

    def wrong_arrangements(self) -> Iterator[Arrangement]:
        """Every arrangement that fits and is wrong, found as it is asked for."""
        for word in right_orders.fitting_words(self.matrices, self.uses, self.target):
            if self.value(word) != self.true_value:
                yield from right_orders.arrangements(self.matrices, self.true, word)
