"""Terms whose indices count powers: U^r dU U^(k-1-r) for each r is laid out with r as a number, and the sum over r is written around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import chain, count, islice
from typing import TypeAlias

from matcalc.errors import NoMatrixFormError
from matcalc.index.exponents import Exponent, Range
from matcalc.index.finished_atoms import transposed_form
from matcalc.index.form import AtomKind, Factor, Form, PowerOf, Rational, Term, exponent_expression, nested_forms, rational
from matcalc.language.expressions import Expr, Index, IndexedSum, Number
from matcalc.language.matrix_operations import matrix_power
from matcalc.language.sizes import Size
from matcalc.language.unrolling import free_indices
from matcalc.layout.network import Edge, Label, Network
from matcalc.layout.pieces import Piece, merged, written_sum
from matcalc.layout.strings import String, item, own_transpose

Ranges: TypeAlias = tuple[tuple[Index, Range], ...]
LayOut: TypeAlias = Callable[[Form, Sequence[int], Sequence[int]], Expr]  # a form, its axes of rows and those of columns

LETTERS = "rsvwpqij"


def ranges_of(term: Term, left: Sequence[Factor] | None = None) -> dict[int, tuple[Index, Range]]:
    """The indices of a term that count powers, each with the letter it is written with and its range.

    A letter is passed over that is a name in the term or counts powers in a sum inside it. With ``left`` only those indices count that
    stand in these factors, where the others are part of a matrix that was written by itself and has their sums.
    """
    found: dict[int, Range] = {}
    for atom, indices, _ in term.factors if left is None else left:
        if atom.kind is AtomKind.MATRIX_POWER:
            found |= dict(zip(indices[len(indices) - len(atom.payload[2].ranges) :], atom.payload[2].ranges, strict=True))
    if not found:
        return {}
    inner = [form for atom, _, _ in term.factors for form in atom.forms]
    taken = {name for atom, _, _ in term.factors for name in atom.names} | _sizes_in(term) | _letters_inside(inner)
    letters: Iterator[str] = (letter for letter in chain(LETTERS, (f"r_{n}" for n in count(1))) if letter not in taken)
    names = islice(letters, len(found))
    return {i: (Index(name), found[i]) for i, name in zip(found, names, strict=True)}


def _sizes_in(term: Term) -> set[str]:
    sizes = [size for atom, _, _ in term.factors for size in atom.sizes if not isinstance(size, int | Range)]
    return {name for size in sizes for name in size.names}


def _letters_inside(forms: Sequence[Form]) -> set[str]:
    """The letters of sums over ranges inside forms."""
    terms = [term for form in nested_forms(forms) for term in form.terms]
    return {index.name for term in terms for index, _ in ranges_of(term).values()}


def numbers_first(factors: Sequence[Factor]) -> Sequence[Factor]:
    """The factors with those in front that are made of names in the exponents of the others: k det(X^k) X^-1."""
    scalars = [factor for factor in factors if not factor[1] and factor[0].kind in (AtomKind.VARIABLE, AtomKind.BRACKET)]
    if not scalars:
        return factors
    inside = (atom for outer, _, _ in factors for form in outer.forms for term in form.terms for atom, _, _ in term.factors)
    powers = [atom for atom in chain((factor[0] for factor in factors), inside) if atom.kind is AtomKind.MATRIX_POWER]
    names = {name for atom in powers for name in atom.payload[2].names}
    numbers = [factor for factor in scalars if factor[0].names and factor[0].names <= names]
    numbers.sort(key=lambda factor: factor[0].kind is AtomKind.BRACKET)
    return [*numbers, *(factor for factor in factors if not any(factor is number for number in numbers))] if numbers else factors


def add_power(inner: LayOut, network: Network, factor: Factor, ranges: dict[int, tuple[Index, Range]]) -> None:
    """A power of a matrix into the network of its term, its exponent written with the letters of its indices."""
    atom, indices, exponent = factor
    form, rows, power = atom.payload
    count_of_axes = len(form.axes)
    if count_of_axes > 2:
        raise NoMatrixFormError(
            "A power of a matrix whose axes are made of several indices (by vec or a Kronecker product) has no matrix form here. "
            "Take .tensor or .index_form."
        )
    string = power_string(inner(form, range(rows), range(rows, count_of_axes)), power, [ranges[i][0] for i in indices[count_of_axes:]])
    if not count_of_axes:
        network.scalars.append((string[0][0], exponent))
    else:
        string = own_transpose(string) if transposed_form(form) == form else string
        network.add_edge(Edge(indices[0], indices[1], (Label(string, exponent),)))


def power_string(base: Expr, power: PowerOf, indices: Sequence[Index] = ()) -> String:
    """A power of a matrix that is laid out; of a transpose the transposed power."""
    string = item(base)
    turned = len(string) == 1 and string[0][1] is True
    return item(matrix_power(string[0][0] if turned else base, exponent_expression(power, indices)), transposed=turned)


def gathered(pieces: Sequence[Piece], sizes: Sequence[Size]) -> list[Piece]:
    """Terms of these rows and columns, those with the same ranges as one sum over them."""
    array = list(sizes) != [1, 1]
    result: list[Piece] = []
    groups: dict[Ranges, list[Piece]] = {}
    for piece in pieces:
        if not piece.ranges:
            result.append(piece)
        elif piece.ranges in groups:
            groups[piece.ranges].append(piece)
        else:
            groups[piece.ranges] = [piece]
    for ranges, members in groups.items():
        coefficient, outside, inside = _common(members)
        body = written_sum(merged(inside), sizes)
        for index, span in reversed(ranges):
            body = IndexedSum(index, Number(Fraction(0)), (span.count - Exponent(1)).expression(), body, body.shape)
        scalars = outside if array else (*outside, (body, 1))
        result.append(Piece(coefficient, scalars, item(body) if array else ()))
    return result


def _common(pieces: Sequence[Piece]) -> tuple[Rational, tuple[tuple[Expr, Rational], ...], list[Piece]]:
    """The number and the scalars that every term has and no index stands in, and the terms without them."""
    first = pieces[0]
    outside = tuple(s for s in first.scalars if not free_indices([s[0]]) and all(s in piece.scalars for piece in pieces))
    same = all(abs(piece.coefficient) == abs(first.coefficient) for piece in pieces)
    number: Rational = first.coefficient if same else 1
    rest = [
        Piece(rational(Fraction(piece.coefficient) / number), tuple(s for s in piece.scalars if s not in outside), piece.string)
        for piece in pieces
    ]
    return number, outside, rest

