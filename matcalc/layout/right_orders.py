"""Words and arrangements listed one by one, found as they are asked for, so that the first come at once however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby, permutations, product
from typing import Any, TypeAlias, TypeVar

from matcalc.language.sizes import Size
from matcalc.layout.arrangements import Arrangement, Kind, Letter, Matrix, Word
from matcalc.layout.trails import groups_of_sizes, without_partner
from matcalc.layout.word_values import is_diagonal, normal_form, segments, transposed, upright

T = TypeVar("T")
Left: TypeAlias = Mapping[int, int]  # how often each matrix is still to be placed


def right_arrangements(matrices: Sequence[Matrix], true: Word) -> Iterator[Arrangement]:
    """Every arrangement that has the value of the true product, that one first.

    The nearest come first: symmetric factors transposed, then equal factors exchanged, then other words in the order of `right_words`.

    Example:
        >>> W, D, g = Matrix(2, 3), Matrix(3, 3, Kind.DIAGONAL), Matrix(3, 1)
        >>> for arrangement in right_arrangements([W, D, g], ((0, False), (1, False), (2, False))):
        ...     print(arrangement)
        ((0, False), (1, False), (2, False))
        ((0, False), (1, True), (2, False))
    """
    for word in right_words(matrices, true):
        yield from arrangements(matrices, true, word)


def arrangements(matrices: Sequence[Matrix], true: Word, word: Word) -> Iterator[Arrangement]:
    """The arrangements that are written as a word: equal factors exchanged, symmetric ones transposed or not."""
    factors = {m: [f for f, (n, _) in enumerate(true) if n == m] for m in dict.fromkeys(m for m, _ in true)}
    symmetric = [matrices[m].is_symmetric for m, _ in word]
    choices = [(False, True) if flag else (False,) for flag in symmetric]
    for chosen in _each([partial(permutations, found) for found in factors.values()]):
        waiting = {m: iter(order) for m, order in zip(factors, chosen, strict=True)}
        order = [next(waiting[m]) for m, _ in word]
        for turns in product(*choices):
            yield tuple(
                (f, turn if same else t != true[f][1]) for f, (_, t), same, turn in zip(order, word, symmetric, turns, strict=True)
            )


def right_words(matrices: Sequence[Matrix], true: Word) -> Iterator[Word]:
    """Every word that has the value of the true one, that one first.

    The nearest come first: multiples of the identity elsewhere, then runs of diagonal matrices in another order, then closed scalars
    transposed, then closed scalars exchanged. If a factor is zero, all words that fit are right.

    Example:
        >>> x, y = Matrix(3, 1), Matrix(3, 1)
        >>> list(right_words([x, y], ((0, True), (1, False))))
        [((0, True), (1, False)), ((1, True), (0, False))]
    """
    first: Word = tuple((m, t and not matrices[m].is_symmetric) for m, t in true)
    yield first
    ends = matrices[first[0][0]].shape(first[0][1])[0], matrices[first[-1][0]].shape(first[-1][1])[1]
    if any(matrices[m].kind is Kind.ZERO for m, _ in first):
        found = fitting_words(matrices, Counter(m for m, _ in first), ends)
    else:
        found = _of_one_value(matrices, first, ends[0])
    yield from (word for word in found if word != first)


def _of_one_value(matrices: Sequence[Matrix], true: Word, start: Size) -> Iterator[Word]:
    identities = Counter(m for m, _ in true if matrices[m].kind is Kind.IDENTITY)
    kept: Word = tuple(letter for letter in true if letter[0] not in identities)
    left, closed, right = segments(matrices, kept)
    names = [upright(matrices, normal_form(matrices, segment)) for segment in closed]
    for order in _orders(names):
        ways = [_directions(matrices, name, closed[place] if name == names[place] else name) for place, name in enumerate(order)]
        for turned in _each([partial(iter, found) for found in ways]):
            word = (*left, *(letter for segment in turned for letter in segment), *right)
            for spread in _with_runs_in_any_order(matrices, word):
                yield from _with_identities(matrices, spread, identities, start)


def _directions(matrices: Sequence[Matrix], name: Word, written: Word) -> tuple[Word, ...]:
    """A closed scalar as it is written, and its transpose if that is another."""
    turned = transposed(matrices, written)
    return (written,) if turned == normal_form(matrices, written) else (written, turned)


def _with_runs_in_any_order(matrices: Sequence[Matrix], word: Word) -> Iterator[Word]:
    """The word with each run of diagonal neighbours in every order."""
    choices: list[Callable[[], Iterator[Word]]] = []
    for diagonal, run in groupby(word, lambda letter: is_diagonal(matrices[letter[0]])):
        letters = tuple(run)
        choices.append(partial(_orders, letters) if diagonal else partial(iter, (letters,)))
    for parts in _each(choices):
        yield tuple(letter for part in parts for letter in part)


def _with_identities(matrices: Sequence[Matrix], word: Word, identities: Left, start: Size) -> Iterator[Word]:
    """The word with multiples of the identity wherever their sizes are met."""
    sizes = (start, *(matrices[m].shape(t)[1] for m, t in word))
    later = [set(sizes[place + 1 :]) for place in range(len(sizes))]
    stack: list[tuple[int, Word, dict[int, int]]] = [(0, (), dict(identities))]
    while stack:
        place, made, left = stack.pop()
        if place == len(word) and not any(left.values()):
            yield made
        stack.extend(
            (place, (*made, (m, False)), {**left, m: count - 1})
            for m, count in reversed(left.items())
            if count and matrices[m].rows == sizes[place]
        )
        if place < len(word) and all(matrices[m].rows in later[place] for m, count in left.items() if count):
            stack.append((place + 1, (*made, word[place]), left))


def fitting_words(matrices: Sequence[Matrix], uses: Left, target: tuple[Size, Size]) -> Iterator[Word]:
    """Every word that fits, without a step in vain: a letter is only placed where the rest can follow.

    Example:
        >>> for word in fitting_words([Matrix(3, 3), Matrix(3, 1)], {0: 1, 1: 1}, (3, 1)):
        ...     print(word)
        ((0, False), (1, False))
        ((0, True), (1, False))
    """
    if without_partner(matrices, uses, target) or len(groups_of_sizes(matrices, uses, target)) > 1:
        return
    stack: list[tuple[Word, Size, dict[int, int]]] = [((), target[0], dict(uses))]
    while stack:
        word, size, left = stack.pop()
        if not left:
            yield word
        following: list[tuple[Word, Size, dict[int, int]]] = []
        for (m, t), there in _letters(matrices, left, size):
            rest = {n: count - (n == m) for n, count in left.items() if count > (n == m)}
            if len(groups_of_sizes(matrices, rest, (there, target[1]))) == 1:
                following.append(((*word, (m, t)), there, rest))
        stack.extend(reversed(following))


def _letters(matrices: Sequence[Matrix], left: Left, size: Size) -> Iterator[tuple[Letter, Size]]:
    """The letters that begin with a size, and where each leads."""
    for m in left:
        for turned in (False,) if matrices[m].is_symmetric else (False, True):
            rows, columns = matrices[m].shape(turned)
            if rows == size:
                yield (m, turned), columns


# ---- lazily, unlike itertools.product and without equal ones, unlike itertools.permutations ----------------------------


def _each(choices: Sequence[Callable[[], Iterator[T]]]) -> Iterator[tuple[T, ...]]:
    """One of each, in every way; the last varies fastest."""
    if not choices:
        yield ()
        return
    for first in choices[0]():
        for rest in _each(choices[1:]):
            yield (first, *rest)


def _orders(things: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Every order of things, of which some may be equal, each once; the order given first if equal things stand together."""
    ranks = {thing: rank for rank, thing in enumerate(dict.fromkeys(things))}
    by_rank = list(ranks)
    order = sorted(ranks[thing] for thing in things)
    while True:
        yield tuple(by_rank[rank] for rank in order)
        ascent = next((place for place in range(len(order) - 2, -1, -1) if order[place] < order[place + 1]), None)
        if ascent is None:
            return
        larger = next(place for place in range(len(order) - 1, ascent, -1) if order[place] > order[ascent])
        order[ascent], order[larger] = order[larger], order[ascent]
        order[ascent + 1 :] = reversed(order[ascent + 1 :])
