"""Random products with everything that bears on their counts, and their fast counts against brute force: for tests and the long run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from random import Random

from matcalc.language.sizes import Dim, Size
from matcalc.layout.arrangements import Counts, Kind, Matrix, Word
from matcalc.layout.counting import counts
from tests.brute_force import Ordering

M, N = Dim(("m",)), Dim(("n",))
POOLS: tuple[tuple[Size, ...], ...] = ((1, 2, 3), (2, 3), (2,), (3, N), (M, N, 2), (1, N, M), (1, 2))
SCALARS: tuple[tuple[Size, ...], ...] = ((1, 2), (1, N), (1, 3, 2))  # for products of closed scalars
KINDS = (
    (Kind.GENERAL,),
    (Kind.SYMMETRIC, Kind.DIAGONAL),
    (Kind.GENERAL, Kind.DIAGONAL, Kind.DIAGONAL, Kind.IDENTITY),
    (Kind.GENERAL, Kind.SYMMETRIC, Kind.DIAGONAL, Kind.IDENTITY, Kind.ZERO),
)
MOST_FACTORS = 6


@lru_cache(maxsize=1_000)
def chain(seed: int, most: int = MOST_FACTORS) -> Ordering:
    """A product of one to so many factors; half of the seeds give products that meet size 1 often, with matrices that stand twice."""
    random = Random(seed)
    path = _path(random, most, scalars=seed % 2 == 1)
    again = random.choice([0.0, 0.3, 0.6, 0.95])
    kinds = random.choice(KINDS)
    matrices: list[Matrix] = []
    word: list[tuple[int, bool]] = []
    for rows, columns in pairwise(path):
        old = [(m, t) for m, matrix in enumerate(matrices) for t in (False, True) if matrix.shape(t) == (rows, columns)]
        if old and random.random() < again:
            word.append(random.choice(old))
            continue
        kind = random.choice(kinds) if rows == columns else Kind.GENERAL
        matrices.append(Matrix(rows, columns, Kind.ZERO if random.random() < 0.01 else kind))
        word.append((len(matrices) - 1, False))
    return Ordering(tuple(matrices), tuple(word), (path[0], path[-1]))


def _path(random: Random, most: int, scalars: bool) -> list[Size]:
    """The sizes that a product meets."""
    pool = random.choice(SCALARS if scalars else POOLS)
    path = [1 if scalars and random.random() < 0.6 else random.choice(pool)]
    for _ in range(random.choice([most - 2, most - 1, most, most] if scalars else [*range(1, most), most - 1, most])):
        if scalars and path[-1] != 1 and random.random() < 0.5:
            path.append(1)
        elif random.random() < (0.4 if scalars and path[-1] != 1 else 0.25):
            path.append(path[-1])
        else:
            path.append(random.choice(pool))
    return path


def fast(ordering: Ordering) -> Counts:
    return counts(ordering.matrices, ordering.true, ordering.target)


def features(ordering: Ordering) -> Iterator[str]:
    """What a product has that a count must heed."""
    letters = [(ordering.matrices[m], t) for m, t in ordering.true]
    sizes: Sequence[Size] = [matrix.shape(t)[1] for matrix, t in letters[:-1]]
    yield from {f"a factor of kind {matrix.kind}" for matrix, _ in letters}
    if 1 in sizes:
        yield "size 1 inside"
    if 1 in ordering.target:
        yield "size 1 at an end"
    if any(matrix.rows == matrix.columns == 1 for matrix, _ in letters):
        yield "a 1 x 1 factor"
    if any(isinstance(size, Dim) for size in sizes):
        yield "a size without a number"
    if len(set(ordering.true)) < len(letters):
        yield "a matrix twice"
    if any((m, not t) in ordering.true for m, t in ordering.true):
        yield "a matrix and its transpose"
    if any(count > 2 for size, count in Counter(sizes).items() if size != 1):
        yield "a size met three times"
    if _scalars(ordering.true, ordering) > 1:
        yield "two closed scalars"


def _scalars(word: Word, ordering: Ordering) -> int:
    ends = [ordering.target[0], *(ordering.matrices[m].shape(t)[1] for m, t in word)]
    return ends.count(1) - 1


def judged(seed: int, most: int = MOST_FACTORS) -> tuple[Counter[str], tuple[str, ...]]:
    """Of one chain how it came out, and where the fast counts differ from brute force, in words."""
    ordering = chain(seed, most)
    found, expected = fast(ordering), ordering.counts
    if found == expected:
        return Counter(["equal"]), ()
    listed = ", ".join(f"{m}: {matrix}" for m, matrix in enumerate(ordering.matrices))
    return Counter(["different"]), (f"seed {seed}: {ordering.true} of {listed} to {ordering.target}: {found}, brute force {expected}",)
