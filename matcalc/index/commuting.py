"""Which matrices are shown to commute: those that are made, by sums of powers, inverses and functions, of one and the same matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from matcalc.index.form import Atom, AtomKind, Factor, Form, Term
from matcalc.index.keys import term_key

Generator: TypeAlias = tuple[Any, ...]  # what tells one matrix from another
Letter: TypeAlias = tuple[Generator | None, bool]  # a matrix, None for the identity, and whether it is transposed
Word: TypeAlias = tuple[Letter, ...]  # a product of matrices

MADE_OF_THEIR_FORM = frozenset({AtomKind.INVERSE, AtomKind.MATRIX_POWER, AtomKind.MATRIX_FUNCTION, AtomKind.BRACKET})


def generator(form: Form) -> Generator | None:
    """The matrix that a square matrix is made of by powers and functions; None for a multiple of the identity.

    Each term is a product of matrices from the row to the column: of A, A^2 and A^-1 it is A, of A B and A B A B it is A B. Where the terms
    do not agree, or one is no product, it is the whole sum but for a scalar in front of it and a multiple of the identity.
    """
    words = [_word(term) for term in form.terms]
    found = {None if word is None else _root(word) for word in words if word != ()}
    if not found:
        return None
    (first, *others) = found
    return first if first is not None and not others else ("sum", _sum_key(form, words))


def _sum_key(form: Form, words: Sequence[Word | None]) -> object:
    """What tells a sum from others, its multiples taken as one; the form itself where its terms have different scalars in front."""
    parts = [(_parted(term), term.coefficient) for term, word in zip(form.terms, words, strict=True) if word != ()]
    if len({scalar for (_, scalar), _ in parts}) > 1:
        return form.key
    terms = sorted((matrix, Fraction(coefficient)) for (matrix, _), coefficient in parts)
    return tuple((matrix, str(coefficient / terms[0][1])) for matrix, coefficient in terms)


def _parted(term: Term) -> tuple[bytes, bytes]:
    """The keys of what hangs together with the axes of a matrix, and of the scalars beside it."""
    reached, inside = {0, 1}, list[Factor]()
    grown = True
    while grown:
        met = [factor for factor in term.factors if factor not in inside and not reached.isdisjoint(factor[1])]
        inside += met
        reached.update(i for _, indices, _ in met for i in indices)
        grown = bool(met)
    return _key(inside), _key([factor for factor in term.factors if factor not in inside])


def _key(factors: Sequence[Factor]) -> bytes:
    """The key of a product in which the first two indices are free."""
    labels = {0: 0, 1: 1}
    for _, indices, _ in factors:
        for i in indices:
            labels.setdefault(i, len(labels))
    return term_key([(atom, tuple([labels[i] for i in indices]), e) for atom, indices, e in factors], 2, len(labels) - 2)


def atom_generator(atom: Atom) -> Generator | None:
    """The generator of an atom with two axes, as `generator` gives that of a form."""
    if atom.kind is AtomKind.DELTA:
        return None
    if atom.kind in MADE_OF_THEIR_FORM and len(atom.payload[0].axes) == 2:
        return generator(atom.payload[0])
    return "atom", atom.key


def commute(word: Sequence[Letter], base: Generator | None) -> bool:
    """Whether a product of matrices is shown to commute with a matrix of that generator."""
    if base is None:
        return True
    left = [letter for letter in word if letter[0] is not None]
    while left:
        taken = 1 if left[0] == (base, False) else len(base) if tuple(left[: len(base)]) == base else 0
        if not taken:
            return False
        del left[:taken]
    return True


def _root(word: Word) -> Generator:
    """The shortest word of which the word is a power; of a single upright matrix that matrix."""
    length = next(n for n in range(1, len(word) + 1) if len(word) % n == 0 and word[:n] * (len(word) // n) == word)
    shortest = word[:length]
    (generator_of_first, turned), *_ = shortest
    return shortest if length > 1 or turned or generator_of_first is None else generator_of_first


def _word(term: Term) -> Word | None:
    """The matrices of a term from its first axis to its second; None where it is no product of matrices."""
    stands = Counter(i for _, indices, _ in term.factors for i in indices)
    if stands[0] != 1 or stands[1] != 1:
        return None
    word: list[Letter] = []
    left = list(term.factors)
    at = 0
    while at != 1:
        factor = next(factor for factor in left if at in factor[1])
        left.remove(factor)
        atom, indices, exponent = factor
        if exponent != 1 or len(indices) != 2 or indices[0] == indices[1]:
            return None
        turned = indices[1] == at
        own = atom_generator(atom)
        if own is not None:
            word.append((own, turned and not atom.symmetric))
        at = indices[0] if turned else indices[1]
        if at != 1 and stands[at] != 2:
            return None
    return tuple(word)
