"""Which choices of closed scalars are left as they are by an exchange or a transpose of some of them: what Burnside's lemma counts.

With k closed scalars in a product, their exchanges and transposes are the 2^k k! signed permutations. One is made of cycles, and
leaves a product as it is if, along a cycle of length r, all r scalars are equal and, where the transposes along it are odd in number,
equal to their transposes too. Cycles of length 1 without a transpose ask for nothing. The others, the bound cycles, ask for matrices
that stand often enough, which are few.

Diagonal matrices are put in last: a gap of one of r equal scalars is tied to those of the other scalars and, where these equal their
transposes, to its mirror image. A diagonal matrix stands in all gaps that are tied or in none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, pairwise
from math import comb, factorial, perm
from typing import TypeAlias, final

from matcalc.language.sizes import Size
from matcalc.layout.trails import Trails
from matcalc.layout.word_counts import Content, Words, ways_to_share

Ties: TypeAlias = frozenset[tuple[Size, int, int]]  # at a size, how many gaps are tied together, and how many such ties there are
Bound: TypeAlias = dict[tuple[int, Ties], int]  # the content as a code


@final
class Codes:
    """Contents as numbers, which are added and compared with the total at once: a digit for each count, with a bit above it."""

    def __init__(self, total: Content) -> None:
        widths = [count.bit_length() + 1 for count in total]
        self._places = tuple(accumulate(widths, initial=0))
        self._top = sum(1 << (end - 1) for end in self._places[1:])
        self._most = self.of(total)

    def of(self, content: Content) -> int:
        return sum(count << place for count, place in zip(content, self._places, strict=False))

    def holds(self, code: int) -> bool:
        """Whether no matrix is taken more often than it stands; for a sum of two codes that hold."""
        return (self._most + self._top - code) & self._top == self._top

    def rest(self, code: int) -> Content:
        """What the content of a code leaves."""
        left = self._most - code
        return tuple((left >> place) & ((1 << end - place) - 1) for place, end in pairwise(self._places))


def distinct_products(words: Words, trails: Trails) -> int:
    """How many different multisets of closed scalars, with what stands before and behind them, all matrices make.

    Args:
        words: the matrices.
        trails: from the target's rows.
    """
    ends = (trails.start, trails.end(trails.most))
    touching = sum(count for count, vector in zip(words.total, words.vectors, strict=True) if vector)
    scalars = max(0, (touching - sum(size != 1 for size in ends)) // 2)
    gaps = words.gaps(words.total, trails)
    codes = Codes(words.total)
    found = 0
    for number, bound in enumerate(_bound(words, codes, scalars)):
        for (code, ties), ways in bound.items():
            left = words.number(codes.rest(code), trails)
            if left:
                found += comb(scalars, number) * ways * left * _fillings(words, gaps, ties)
    values, over = divmod(found, factorial(scalars) << scalars)
    assert over == 0, "the products that each signed permutation leaves as they are add up to whole orbits"
    return values


def _bound(words: Words, codes: Codes, scalars: int) -> list[Bound]:
    """For each number n of scalars, the choices of n scalars on bound cycles, for all signed permutations of n that have only such.

    The sum over the length of the cycle of the first scalar: there are (n-1)! / (n-r)! 2^(r-1) cycles of length r of either sign.
    """
    cycles = [_cycles(words, codes, length) for length in range(1, scalars + 1)]
    found: list[Bound] = [{(0, frozenset()): 1}]
    for number in range(1, scalars + 1):
        made: Bound = {}
        for length in range(1, number + 1):
            weight = perm(number - 1, length - 1) * 2 ** (length - 1)
            for (first, tied), ways in cycles[length - 1].items():
                for (second, others), more in found[number - length].items():
                    if codes.holds(first + second):
                        key = (first + second, _both(tied, others) if tied and others else tied or others)
                        made[key] = made.get(key, 0) + weight * ways * more
        found.append(made)
    return found


def _cycles(words: Words, codes: Codes, length: int) -> Bound:
    """The choices of equal scalars on one bound cycle of a length."""
    found: Bound = {}
    trails = words.trails(1)
    chosen = list(_mirrored(words, trails, length))
    if length > 1:
        chosen += _equal(words, trails, length)
    for content, ties, ways in chosen:
        key = (length * codes.of(content), _kept(words, ties))
        found[key] = found.get(key, 0) + ways
    return found


def _equal(words: Words, trails: Trails, length: int) -> Iterator[tuple[Content, Counter[tuple[Size, int]], int]]:
    """Scalars that may stand so often, with the ties between them."""
    for content in words.parts(length, 2):
        ways = words.number(content, trails)
        if ways:
            yield content, Counter({(size, length): n for size, n in words.gaps(content, trails).items()}), ways


def _mirrored(words: Words, trails: Trails, length: int) -> Iterator[tuple[Content, Counter[tuple[Size, int]], int]]:
    """Scalars that equal their transposes and may stand so often: a half, its mirror image, a symmetric matrix or nothing between."""
    for half in words.parts(2 * length, 1):
        ways = words.number(half, trails)
        if not ways:
            continue
        end = words.end(half, trails)
        gaps = words.gaps(half, trails)
        whole = tuple(2 * count for count in half)
        ties = Counter({(size, 2 * length): n for size, n in gaps.items()})
        for place in words.symmetric_at(end):
            if length * (whole[place] + 1) <= words.total[place]:
                yield (*whole[:place], whole[place] + 1, *whole[place + 1 :]), ties, ways
        yield whole, ties + Counter({(end, length): 1}) - Counter({(end, 2 * length): 1}), ways


def _kept(words: Words, ties: Counter[tuple[Size, int]]) -> Ties:
    """The ties that matter: of two gaps or more, at sizes where diagonal matrices stand."""
    return frozenset((size, tied, n) for (size, tied), n in ties.items() if n and tied > 1 and size in words.diagonals)


def _both(first: Ties, second: Ties) -> Ties:
    counted = Counter({(size, tied): n for size, tied, n in first})
    for size, tied, n in second:
        counted[size, tied] += n
    return frozenset((size, tied, n) for (size, tied), n in counted.items())


def _fillings(words: Words, gaps: Counter[Size], ties: Ties) -> int:
    """The ways to put the diagonal matrices into the gaps, those that are tied alike."""
    found = 1
    for size, counts in words.diagonals.items():
        tied = tuple(sorted((together, n) for at, together, n in ties if at == size))
        free = gaps[size] - sum(together * n for together, n in tied)
        for count in counts:
            found *= _spread(count, ((1, free), *tied))
    return found


def _spread(count: int, ties: tuple[tuple[int, int], ...]) -> int:
    """The ways to put so many equal matrices into gaps of which n at a time are filled alike, for each (n, how many such)."""
    if not ties:
        return int(count == 0)
    (together, number), *others = ties
    found = 0
    for taken in range(count // together + 1):
        found += ways_to_share(taken, number) * _spread(count - taken * together, tuple(others))
    return found
