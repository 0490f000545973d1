"""Terms laid out, and their sums: what all have in front taken out, like terms joined, one transpose instead of many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import final

from matcalc.index.exponents import Range
from matcalc.index.form import Rational
from matcalc.language.building import diag, identity, ones
from matcalc.language.expressions import Diag, Expr, Index, MatMul, transpose
from matcalc.language.sizes import Size, rows_and_columns
from matcalc.language.traversal import postorder
from matcalc.layout.strings import Power, String, assembled, flipped, item, scaled, signed_sum, transposes


@final
@dataclass(frozen=True, slots=True)
class Piece:
    """One term laid out: coefficient, scalars, and the string of its array; no string for a term that is a scalar.

    ``ranges`` holds the indices that stand in its exponents, each with the numbers that it counts.
    """

    coefficient: Rational
    scalars: tuple[Power, ...]
    string: String
    ranges: tuple[tuple[Index, Range], ...] = ()


def written_sum(pieces: Sequence[Piece], sizes: Sequence[Size]) -> Expr:
    """The sum of terms laid out: what all have in front taken out, and one transpose written instead of many.

    A number beside an array is spread over it, as in 1 - a; a scalar quantity is written with ones.
    """
    array = list(sizes) != [1, 1]
    spread = array and not any(piece.string for piece in pieces)
    if len(pieces) > 1 and _same_front(pieces):
        first = pieces[0]
        inner = written_sum([Piece(1 if (p.coefficient > 0) else -1, (), p.string) for p in pieces], sizes)
        size: Rational = first.coefficient if first.coefficient > 0 else -first.coefficient
        return scaled(size, first.scalars, item(inner) if array else ((inner, False),))[1]
    strings = [piece.string or (item(ones(*sizes)) if spread or (array and piece.scalars) else ()) for piece in pieces]
    turned = [flipped(string) for string in strings]
    turn = len(pieces) > 1 and sum(map(transposes, turned)) + 1 < sum(map(transposes, strings))
    chosen = turned if turn else strings
    parts = [scaled(p.coefficient, p.scalars, s) for p, s in zip(pieces, chosen, strict=True)]
    if parts[0][0]:
        parts.sort(key=lambda part: part[0])
    result = signed_sum(parts)
    return transpose(result) if turn else result


def _same_front(pieces: Sequence[Piece]) -> bool:
    first = pieces[0]
    if not first.scalars and abs(first.coefficient) == 1:
        return False
    return all(p.string and p.scalars == first.scalars and abs(p.coefficient) == abs(first.coefficient) for p in pieces)


# ---- like terms ------------------------------------------------------------------------------------------------------


def merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Terms with the same scalars and a common beginning or end of their strings, joined: x^T A + x^T A^T = x^T (A + A^T)."""
    result: list[Piece] = []
    for piece in pieces:
        for place, other in enumerate(result):
            joined = _joined(other, piece) or _joined_at_a_vector(other, piece)
            if joined is not None:
                result[place] = joined
                break
        else:
            result.append(piece)
    return merged(result) if 1 < len(result) < len(pieces) else result


def _joined(first: Piece, second: Piece) -> Piece | None:
    a, b = first.string, second.string
    if first.scalars != second.scalars or len(a) < 2 or len(b) < 2 or abs(first.coefficient) != abs(second.coefficient):
        return None
    shortest = min(len(a), len(b)) - 1
    before, after = _common(a, b, shortest), _common(a[::-1], b[::-1], shortest)
    if before >= after:
        after = min(after, shortest - before)
    else:
        before = min(before, shortest - after)
    if not before and not after:
        return None
    rests = [string[before : len(string) - after] for string in (a, b)]
    turned = [flipped(string) for string in rests]
    turn = sum(map(transposes, turned)) + 1 < sum(map(transposes, rests))
    left, right = map(assembled, turned if turn else rests)
    if left.shape != right.shape:
        return None
    same_sign = (first.coefficient < 0) == (second.coefficient < 0)
    number = first.coefficient
    if not same_sign and number < 0:
        left, right, number = right, left, second.coefficient
    if isinstance(left, Diag) and isinstance(right, Diag) and left.argument.shape == right.argument.shape:
        u, v = left.argument, right.argument
        inner: Expr = diag(u + v if same_sign else u - v)
    else:
        inner = left + right if same_sign else left - right
    return Piece(number, first.scalars, a[:before] + ((inner, turn),) + a[len(a) - after :])


def _joined_at_a_vector(first: Piece, second: Piece) -> Piece | None:
    """Two vectors with inner products in front that hold the same vector: (b^T x) a + (a^T x) b = (a b^T + b a^T) x."""
    if not (first.scalars and second.scalars and first.string and second.string):
        return None
    for one in _with_inner_product(first):
        for other in _with_inner_product(second):
            joined = _joined(one, other)
            if joined is not None:
                return joined
    return None


def _with_inner_product(piece: Piece) -> Iterator[Piece]:
    """The piece with an inner product at the end of its column, or before its row, in place of a scalar in front."""
    rows, columns = rows_and_columns(assembled(piece.string).shape)
    if (rows == 1) == (columns == 1):
        return
    for place, (scalar, exponent) in enumerate(piece.scalars):
        string = item(scalar)
        if exponent != 1 or not isinstance(scalar, MatMul) or len(string) < 2:
            continue
        others = piece.scalars[:place] + piece.scalars[place + 1 :]
        for product in (string, flipped(string)):
            yield Piece(piece.coefficient, others, piece.string + product if columns == 1 else product + piece.string)


def _common(a: Sequence[object], b: Sequence[object], most: int) -> int:
    count = 0
    while count < most and a[count] == b[count]:
        count += 1
    return count


def with_identities(pieces: Sequence[Piece]) -> list[Piece]:
    """Sums of which one term is the end or the beginning of another: A ⊗ B + K (A ⊗ B) = (I + K) (A ⊗ B)."""
    result = list(pieces)
    for first, second in combinations(pieces, 2):
        if first in result and second in result:
            made = _with_identity(first, second)
            if made is not None:
                result[result.index(first)] = made
                result.remove(second)
    return result


def _with_identity(first: Piece, second: Piece) -> Piece | None:
    a, b = first.string, second.string
    if len(a) == len(b) or not a or not b or first.scalars != second.scalars or first.coefficient != second.coefficient:
        return None
    short, long = (a, b) if len(a) < len(b) else (b, a)
    if sum(operations(each) for each, _ in short) == 0:
        return None
    for rest, ends in ((long[: -len(short)], True), (long[len(short) :], False)):
        whole = assembled(rest)
        if (long[-len(short) :] if ends else long[: len(short)]) == short and whole.shape[:1] == whole.shape[1:]:
            one = identity(whole.shape[0])
            inner = one + whole if short is a else whole + one
            joint = ((inner, False),)
            return Piece(first.coefficient, first.scalars, joint + short if ends else short + joint)
    return None


def operations(expression: Expr) -> int:
    """How many operations an expression is written with, shared parts counted wherever they stand."""
    counted: dict[Expr, int] = {}
    for node in postorder([expression]):
        counted[node] = sum(counted[each] for each in node.operands) + bool(node.operands)
    return counted[expression]
