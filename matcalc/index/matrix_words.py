"""Products of matrices in finished forms, read as words: a product beside its inverse cancels, and what pseudo-inverses make shorter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import TypeAlias, final

from matcalc.index.assembly import Scope
from matcalc.index.form import Atom, AtomKind, Factor, Form, OpenTerm, Term, pseudo_inverse_atom, rational

Word: TypeAlias = tuple[tuple[Atom, bool], ...]  # matrices from the left, and whether each stands transposed

LONGEST_WORD = 6
MOST_TERMS = 4  # of a bracket that is multiplied out beside a pseudo-inverse


@final
@dataclass(frozen=True, slots=True)
class _Walk:
    """Factors that stand next to each other in a product, and the indices at its ends."""

    places: tuple[int, ...]
    word: Word
    ends: tuple[int, int]


def _walks(factors: Sequence[Factor], free: Set[int]) -> Iterator[_Walk]:
    """Every product of neighbours, read from either end."""
    counts = Counter(i for _, ix, _ in factors for i in ix)
    matrices = [k for k, (_, ix, e) in enumerate(factors) if e == 1 and len(ix) == 2 and ix[0] != ix[1]]
    for first in matrices:
        for turned in (False, True):
            left, right = factors[first][1][::-1] if turned else factors[first][1]
            places: tuple[int, ...] = (first,)
            word: Word = ((factors[first][0], turned),)
            while len(places) < LONGEST_WORD and right not in free and counts[right] == 2:
                following = next((k for k in matrices if k not in places and right in factors[k][1]), None)
                if following is None:
                    break
                atom, ends, _ = factors[following]
                other_way = ends[1] == right
                right = ends[0] if other_way else ends[1]
                places, word = (*places, following), (*word, (atom, other_way))
                yield _Walk(places, word, (left, right))


def _keys(word: Word) -> tuple[tuple[bytes, bool], ...]:
    return tuple((atom.key, turned and not atom.symmetric) for atom, turned in word)


def _flipped(word: Word) -> Word:
    return tuple((atom, not turned) for atom, turned in word[::-1])


def _inside(atom: Atom, turned: bool) -> Word:
    """The product that an inverse or pseudo-inverse is of, of the transpose where it stands transposed; empty where it is another thing."""
    form, rows = atom.payload[:2]
    if rows != 1 or len(form.axes) != 2 or len(form.terms) != 1 or form.terms[0].coefficient != 1:
        return ()
    factors = form.terms[0].factors
    if len(factors) == 1:
        (inner, ends, exponent) = factors[0]
        found: Word = ((inner, ends == (1, 0)),) if exponent == 1 and sorted(ends) == [0, 1] else ()
    else:
        whole = (walk.word for walk in _walks(factors, {0, 1}) if walk.ends == (0, 1) and len(walk.places) == len(factors))
        found = next(whole, ())
    return _flipped(found) if turned else found


@final
@dataclass(frozen=True, slots=True)
class Shorter:
    """A product for which less stands.

    Attributes:
        rest: the factors beside it.
        ends: the indices at its ends.
        inner: the indices that are summed in it and stand nowhere any more.
        kept: the one matrix that is left, at the ends; None where the product is the identity.
    """

    rest: list[Factor]
    ends: tuple[int, int]
    inner: tuple[int, ...]
    kept: Factor | None


def shorter_product(factors: Sequence[Factor], free: Set[int]) -> Shorter | None:
    """A product beside its inverse; X X^+ X = X and X^+ X X^+ = X^+, and of full rank X X^+ = I or X^+ X = I."""
    if not any(atom.kind in (AtomKind.INVERSE, AtomKind.PSEUDO_INVERSE) for atom, _, _ in factors):
        return None
    for walk in _walks(factors, free):
        kept = _kept(walk.word)
        if kept is None:
            continue
        left: Factor | None = None
        for atom, turned in kept:
            left = (atom, walk.ends[::-1] if turned else walk.ends, 1)
        rest = [f for k, f in enumerate(factors) if k not in walk.places]
        inner = {i for k in walk.places for i in factors[k][1]} - set(walk.ends)
        return Shorter(rest, walk.ends, tuple(inner), left)
    return None


def _kept(word: Word) -> Word | None:
    """What a product is equal to, if that is shorter: the identity, as an empty word, or one of its matrices."""
    (first, first_turned), (last, last_turned) = word[0], word[-1]
    keys = _keys(word)
    if first.kind is AtomKind.INVERSE and keys[1:] == _keys(_inside(first, first_turned)):
        return ()
    if last.kind is AtomKind.INVERSE and keys[:-1] == _keys(_inside(last, last_turned)):
        return ()
    identity = len(word) == 2 and any(_are_inverse(word[k], word[1 - k]) and _is_full(word[1 - k], 1 - k) for k in (0, 1))
    if identity:
        return ()
    return _of_three(word) if len(word) == 3 else None


def _of_three(word: Word) -> Word | None:
    """X X^+ X = X, also where the symmetric X X^+ is written the other way round, as (X^+)^T X^T."""
    first, second, third = word
    for one, other, end in ((first, second, third), (_flipped((third,))[0], _flipped((second,))[0], _flipped((first,))[0])):
        if not _are_inverse(one, other) and not _are_inverse(other, one):
            continue
        if _keys((end,)) in (_keys((one,)), _keys(_flipped((other,)))):
            return (end,) if end is third else _flipped((end,))
    return None


def _are_inverse(one: tuple[Atom, bool], other: tuple[Atom, bool]) -> bool:
    """Whether the first is the pseudo-inverse of the second."""
    return one[0].kind is AtomKind.PSEUDO_INVERSE and _keys(_inside(*one)) == _keys((other,))


def _is_full(matrix: tuple[Atom, bool], axis: int) -> bool:
    """Whether the rank is known to be the number of rows (axis 0) or of columns (axis 1)."""
    atom, turned = matrix
    return ("full row rank", "full column rank")[axis ^ turned] in atom.assumed


def multiplied_out(term: OpenTerm, free: frozenset[int], scope: Scope) -> list[OpenTerm] | None:
    """(I - X X^+) X with each term of the bracket by itself: it vanishes."""
    coefficient, factors = term
    for place, (atom, indices, exponent) in enumerate(factors):
        if atom.kind is not AtomKind.BRACKET or exponent != 1 or len(indices) != 2 or len(atom.payload[0].terms) > MOST_TERMS:
            continue
        form: Form = atom.payload[0]
        inner = {a.key: a for each in form.terms for a, _, _ in each.factors if a.kind is AtomKind.PSEUDO_INVERSE}
        related = {*inner, *(a.key for each in inner.values() for a, _ in _inside(each, False))}
        beside = [k for k, (a, ix, _) in enumerate(factors) if k != place and a.key in related and set(ix) & set(indices) - free]
        if inner and beside:
            rest = [*factors[:place], *factors[place + 1 :]]
            return [(rational(coefficient * c), [*f, *rest]) for c, f in scope.opened(form, indices)]
    return None


# ---- pseudo-inverses for inverses ------------------------------------------------------------------------------------


def with_pseudo_inverses(term: OpenTerm, free: Set[int], written: Set[bytes]) -> OpenTerm:
    """(X^T X)^{-1} X^T and X^T (X X^T)^{-1} as the pseudo-inverse of X, but for inverses that a person wrote.

    Args:
        term: of a finished form.
        free: its free indices.
        written: keys of the inverses in what is derived.
    """
    coefficient, factors = term
    for walk in _walks(factors, free):
        found = _pseudo_inverse_of(walk.word, written)
        if found is not None:
            atom, turned = found
            made = pseudo_inverse_atom(Form(atom.sizes, (Term(1, ((atom, (0, 1), 1),), ()),)), 1)
            rest = [f for k, f in enumerate(factors) if k not in walk.places]
            return with_pseudo_inverses((coefficient, [*rest, (made, walk.ends[::-1] if turned else walk.ends, 1)]), free, written)
    return term


def _pseudo_inverse_of(word: Word, written: Set[bytes]) -> tuple[Atom, bool] | None:
    """The matrix that a product is the pseudo-inverse of."""
    if len(word) != 2:
        return None
    for inverse, other, first in ((word[0], word[1], True), (word[1], word[0], False)):
        if inverse[0].kind is not AtomKind.INVERSE or inverse[0].key in written or other[0].kind is not AtomKind.VARIABLE:
            continue
        matrix = (other[0], not other[1])
        gram = (other, matrix) if first else (matrix, other)
        if _keys(_inside(*inverse)) == _keys(gram):
            return matrix
    return None
