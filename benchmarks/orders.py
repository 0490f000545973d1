"""Counts of the orders of 12 to 24 factors, in ms, and how soon the first hundred right arrangements are listed.

Nothing is kept between calls. Of each the median of all repeats is taken.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from itertools import islice, pairwise

from matcalc.layout.arrangements import Kind, Matrix, Word
from matcalc.layout.counting import counts
from matcalc.layout.right_orders import right_arrangements

REPEATS = 7
LISTED = 100
EULER = (2, 3, 4, 2, 5, 3, 6, 2, 7, 3, 8, 4, 5, 6, 4, 7, 5, 8, 6, 7, 8)  # every pair of 7 sizes once, but 2 and 8
THREE = (1, 3, 3, 2, 2, 3, 3, 2, 2, 3, 3, 2, 5)


def of_sizes(sizes: Iterable[int], kind: Kind = Kind.GENERAL) -> tuple[list[Matrix], Word]:
    """A product of different matrices through these sizes; a square one has the kind."""
    matrices = [Matrix(a, b, kind if a == b else Kind.GENERAL) for a, b in pairwise(sizes)]
    return matrices, tuple((m, False) for m in range(len(matrices)))


def scalars(kind: Kind, count: int) -> tuple[list[Matrix], Word]:
    """x^T A_1 x x^T A_2 x ...: equal vectors, different matrices."""
    matrices = [Matrix(3, 1), *(Matrix(3, 3, kind) for _ in range(count))]
    return matrices, tuple(letter for m in range(1, count + 1) for letter in ((0, True), (m, False), (0, False)))


def doubled(count: int) -> tuple[list[Matrix], Word]:
    """Two equal scalars x^T A_1 A_2 .. x."""
    once = ((0, True), *((m, False) for m in range(1, count + 1)), (0, False))
    return [Matrix(3, 1), *(Matrix(3, 3) for _ in range(count))], once * 2


def pairs(vectors: int, times: int) -> tuple[list[Matrix], Word]:
    """Scalars of vectors that stand so often each."""
    return [Matrix(3, 1)] * vectors, tuple((place // times, place % 2 == 0) for place in range(vectors * times))


CASES: dict[str, tuple[list[Matrix], Word]] = {
    "12: 1x3, 3x3, 3x2, .. 2x5": of_sizes(THREE),
    "12 square": of_sizes([3] * 13),
    "20: three sizes, 10 diagonal": of_sizes([2, 2, 3, 3, 4, 4, 2, 2, 4, 4, 3, 3, 2, 2, 3, 3, 4, 4, 2, 2, 4], Kind.DIAGONAL),
    "20: seven sizes, all pairs": of_sizes(EULER),
    "21: seven sizes, closed": of_sizes((*EULER, 2)),
    "20: x^T x .. y^T y, 10 vectors twice": pairs(10, 2),
    "20: 5 vectors four times": pairs(5, 4),
    "20: x^T A .. x twice, 8 matrices": doubled(8),
    "24: x^T A x x^T B x .., general": scalars(Kind.GENERAL, 8),
    "24: x^T A x x^T B x .., symmetric": scalars(Kind.SYMMETRIC, 8),
    "24: x^T A x x^T B x .., diagonal": scalars(Kind.DIAGONAL, 8),
}


def median(measured: Callable[[], object]) -> float:
    """The median time of a call in ms, after one that does not count."""
    times = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        measured()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[1:])


def main() -> None:
    for title, (matrices, word) in CASES.items():
        (first, turned), (last, other) = word[0], word[-1]
        target = matrices[first].shape(turned)[0], matrices[last].shape(other)[1]
        counting = median(lambda m=matrices, w=word, t=target: counts(m, w, t))
        listing = median(lambda m=matrices, w=word: list(islice(right_arrangements(m, w), LISTED)))
        found = counts(matrices, word, target)
        print(f"  {title:<38}{counting:8.1f} ms   listed {listing:6.1f} ms   {found.shape_consistent:.2e} fit, ", end="")
        print(f"{found.right} right, {found.distinct_values:.2e} values")


if __name__ == "__main__":
    main()
