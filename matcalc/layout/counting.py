"""How many arrangements of a product fit in shape, how many are right and how many values they have, without going through them.

**When two words have one value.** Take matrices of independent entries, but for their kinds, and words that fit one target.

1. *A zero factor* makes every word zero. *A multiple of the identity* commutes with all and may stand wherever its size is met.
   Diagonal neighbours commute. Call a word normal if it has no multiple of the identity, and its diagonal neighbours are in
   increasing order; a symmetric letter is never transposed.

2. *Without size 1*, normal words that differ have different values, for any sizes of 2 and more. Keep two indices of each size and
   zeros elsewhere. First let diagonal matrices be 1, and each letter be X^p Y^q, with X = (1 2; 0 1) and Y = X^T, which generate a
   free monoid. The transpose of X^p Y^q is X^q Y^p; symmetric letters take p = q, no pair (p, q) is used twice. These words form a
   code, so the value tells the letters that are not diagonal. Now the diagonal ones. In the entry (1, 2), the monomials with one
   factor off the diagonal come from index paths 1..1 2..2. The number of entries 11 tells where a path leaves 1, and its coefficient
   has the second entries of just those diagonal letters that stand behind: so the value tells which stand in each gap.

3. *Size 1* cuts a word: a column L, closed scalars s_1 .. s_k, a row R; L or R is missing where the target has size 1. Its value is
   s_1 ... s_k L R. Let all letters but vectors be diagonal: s = x^T W y becomes p x_1 y_1 + q x_2 y_2, with p and q products of
   different entries, L becomes (p x_1, q x_2). The first is irreducible over the rationals, for y = x too as -p q is no square; the
   entries of L have no common factor. So it is before, as a factor is homogeneous in each matrix and cannot have become a number.
   Polynomials have one factorisation, and a matrix of rank one has one primitive column: the value tells L, R and the s_i, not their
   order. A 1 x 1 factor is a closed scalar of its own.

4. *A closed scalar* is its transpose: x^T W y = y^T W^T x. If y is not x, it tells W. If y is x, it tells W + W^T. With two indices,
   W = (a b; c d): it tells a, d and b + c, and as det W is the product of the letters' det, also b c, hence {b, c}: W or W^T.

So a value is L, a multiset of closed scalars each up to its transpose, and R, all normal: `matcalc.layout.word_values.Value`.

**How many fit.** A word is a trail over sizes. A trail visits a size as often as half of its sides say, whatever its course, so square
factors at a size are put into its visits in a number of ways that does not depend on the trail; only trails over factors that are not
square are counted one length after the other, by what is used of each class. A square factor fits as it is and transposed.

**How many are right.** The number of words that have the value of the true one: orders of its closed scalars, a transpose of each that
changes it, orders of each diagonal run, places of multiples of the identity. Each word stands for m! arrangements for a matrix that
stands m times, and twice as many for each symmetric letter.

**How many values.** Without closed scalars, normal words: trails, times the ways to put letters to them, times those to put diagonal
letters into gaps. Else the orbits of such words under exchange and transposing of their scalars: `matcalc.layout.scalar_symmetries`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import factorial, prod

from matcalc.language.sizes import Size
from matcalc.layout.arrangements import Counts, Kind, Matrix, Word
from matcalc.layout.scalar_symmetries import distinct_products
from matcalc.layout.trails import Trails, without_partner
from matcalc.layout.word_counts import Words, orders_of, ways_to_share
from matcalc.layout.word_values import normal_form, runs, segments, transposed, upright


def counts(matrices: Sequence[Matrix], true: Word, target: tuple[Size, Size]) -> Counts:
    """The four numbers, exactly, for independent matrices of declared kinds.

    Args:
        matrices: the different matrices; a factor that stands twice is one matrix.
        true: the true product, from left to right. If it does not fit the target, the orders that fit may be none, and none is right.
        target: rows and columns of the product.

    Raises:
        TooManyFactorsError: so many pairs of sizes that even the parts of trails are too many.

    Example:
        >>> counts([Matrix(3, 3)] * 12, tuple((m, False) for m in range(12)), (3, 3)).distinct_values
        1961990553600
        >>> W, D, g = Matrix(2, 3), Matrix(3, 3, Kind.DIAGONAL), Matrix(3, 1)
        >>> counts([W, D, g], ((0, False), (1, False), (2, False)), (2, 1))
        Counts(arrangements=48, shape_consistent=2, right=2, distinct_values=1)
    """
    uses = Counter(m for m, _ in true)
    words = Words(tuple(matrices), uses)
    trails = words.trails(target[0])
    arrangements = factorial(len(true)) << len(true)
    fitting = 0 if without_partner(matrices, uses, target) else _fitting(words, trails)
    if not fitting:
        return Counts(arrangements, 0, 0, 0)
    if any(matrices[m].kind is Kind.ZERO for m in uses):
        return Counts(arrangements, fitting, fitting if fits(matrices, true, target) else 0, 1)
    right = words_of_one_value(words, trails, true) * arrangements_of_a_word(matrices, true) if fits(matrices, true, target) else 0
    return Counts(arrangements, fitting, right, distinct_products(words, trails))


def fits(matrices: Sequence[Matrix], word: Word, target: tuple[Size, Size]) -> bool:
    """Whether every joint of a word fits and its product has the target's shape."""
    size = target[0]
    for m, t in word:
        rows, columns = matrices[m].shape(t)
        if rows != size:
            return False
        size = columns
    return size == target[1]


def arrangements_of_a_word(matrices: Sequence[Matrix], word: Word) -> int:
    """How many arrangements are written as one word: equal factors exchanged, symmetric ones transposed or not."""
    uses = Counter(m for m, _ in word)
    return prod(map(factorial, uses.values())) << sum(matrices[m].is_symmetric for m, _ in word)


def _fitting(words: Words, trails: Trails) -> int:
    """The arrangements that fit."""
    found = trails.number(trails.most)
    visits = trails.visits(trails.most)
    squares: Counter[Size] = Counter()
    for m, count in words.uses.items():
        if words.matrices[m].rows == words.matrices[m].columns:
            squares[words.matrices[m].rows] += count
    for size, count in squares.items():
        found *= ways_to_share(count, visits.get(size, 0)) * (factorial(count) << count)
    return found * prod(map(factorial, trails.most))


def words_of_one_value(words: Words, trails: Trails, true: Word) -> int:
    """How many words have the value of the true one, none of whose factors is zero."""
    matrices = words.matrices
    _, closed, _ = segments(matrices, normal_form(matrices, true))
    found = orders_of(Counter(upright(matrices, segment) for segment in closed).values())
    found <<= sum(segment != transposed(matrices, segment) for segment in closed)
    for diagonal, run in runs(matrices, true):
        if diagonal:
            found *= orders_of(Counter(run).values())
    return found * _identities_placed(words, trails)


def _identities_placed(words: Words, trails: Trails) -> int:
    """The ways to put the multiples of the identity where their sizes are met."""
    places = Counter(trails.visits(trails.most))
    identities: dict[Size, list[int]] = {}
    for m, count in words.uses.items():
        matrix = words.matrices[m]
        if matrix.kind is Kind.IDENTITY:
            identities.setdefault(matrix.rows, []).append(count)
        elif matrix.rows == matrix.columns:
            places[matrix.rows] += count
    return prod(ways_to_share(sum(counts), places[size]) * orders_of(counts) for size, counts in identities.items())
