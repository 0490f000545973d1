"""Terms laid out, and their sums: what all have in front taken out, like terms joined, one transpose instead of many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from itertools import combinations
from math import gcd
from typing import final

from matcalc.index.exponents import Range
from matcalc.index.form import Rational, rational
from matcalc.language.building import diag, identity, kron, ones, vec
from matcalc.language.expressions import Diag, Expr, Index, Kron, MatMul, Vec, transpose
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
    pieces = [replace(piece, scalars=_powers(piece.scalars)) for piece in pieces]
    array = list(sizes) != [1, 1]
    spread = array and not any(piece.string for piece in pieces)
    shared = () if array else _shared_scalars(pieces)
    if shared:
        rests = [replace(piece, scalars=tuple(each for each in piece.scalars if each not in shared)) for piece in pieces]
        return scaled(1, shared, item(written_sum(rests, sizes)))[1]
    if len(pieces) > 1 and _same_front(pieces):
        first = pieces[0]
        inner = written_sum([Piece(1 if (p.coefficient > 0) else -1, (), p.string) for p in pieces], sizes)
        size: Rational = first.coefficient if first.coefficient > 0 else -first.coefficient
        return scaled(size, first.scalars, item(inner) if array else ((inner, False),))[1]
    plain = _written_plainly(pieces, sizes, spread)
    front = _common_front([replace(p, string=p.string or _of_ones(p, sizes, spread)) for p in pieces]) if array else None
    if front is None:
        return plain
    number, scalars, rests = front
    factored = scaled(number, scalars, item(written_sum(rests, sizes)))[1]
    return factored if operations(factored) < operations(plain) else plain


def _written_plainly(pieces: Sequence[Piece], sizes: Sequence[Size], spread: bool) -> Expr:
    """The terms one by one, under one transpose where that is shorter."""
    strings = [piece.string or _of_ones(piece, sizes, spread) for piece in pieces]
    turned = [flipped(string) for string in strings]
    turn = len(pieces) > 1 and sum(map(transposes, turned)) + 1 < sum(map(transposes, strings))
    chosen = turned if turn else strings
    parts = [scaled(p.coefficient, p.scalars, s) for p, s in zip(pieces, chosen, strict=True)]
    if parts[0][0]:
        parts.sort(key=lambda part: part[0])
    result = signed_sum(parts)
    return transpose(result) if turn else result


def _of_ones(piece: Piece, sizes: Sequence[Size], spread: bool) -> String:
    """The ones that a scalar quantity stands before in a sum of arrays."""
    return item(ones(*sizes)) if spread or (list(sizes) != [1, 1] and piece.scalars) else ()


def _common_front(pieces: Sequence[Piece]) -> tuple[Rational, tuple[Power, ...], list[Piece]] | None:
    """What arrays have in front of them in common, powers of one quantity too, and what is left: I / s - a a^T / s^3."""
    first, *others = pieces
    if not others or not all(piece.string for piece in pieces):
        return None
    common: list[Power] = []
    for base, exponent in first.scalars:
        found = [exponent, *(e for piece in others for b, e in piece.scalars if b == base)]
        if len(found) == len(pieces) and (all(e > 0 for e in found) or all(e < 0 for e in found)):
            common.append((base, min(found) if exponent > 0 else max(found)))
    number = reduce(_common_number, (abs(Fraction(piece.coefficient)) for piece in pieces))
    if not common:
        return None
    rests = [
        Piece(
            rational(Fraction(piece.coefficient) / number),
            _powers((*piece.scalars, *((base, rational(-e)) for base, e in common))),
            piece.string,
            piece.ranges,
        )
        for piece in pieces
    ]
    return rational(number), tuple(common), rests


def _common_number(a: Fraction, b: Fraction) -> Fraction:
    """The largest number that divides both to whole numbers."""
    return Fraction(gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator)


def _powers(scalars: Sequence[Power]) -> tuple[Power, ...]:
    """Equal scalars as powers: tr(A) tr(A) is tr(A)^2."""
    exponents: dict[Expr, Rational] = {}
    for scalar, exponent in scalars:
        exponents[scalar] = rational(exponents.get(scalar, 0) + exponent)
    return tuple((scalar, exponent) for scalar, exponent in exponents.items() if exponent)


def _shared_scalars(pieces: Sequence[Piece]) -> tuple[Power, ...]:
    """The factors that stand in every term of a scalar sum; none where nothing would be left of a term."""
    if len(pieces) < 2 or any(piece.string for piece in pieces):
        return ()
    return tuple(
        each for each in pieces[0].scalars if each[1] > 0 and all(each in piece.scalars and len(piece.scalars) > 1 for piece in pieces[1:])
    )


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
    if first.scalars != second.scalars or abs(first.coefficient) != abs(second.coefficient) or first.ranges != second.ranges:
        return None
    if len(a) == len(b) == 1:
        return _joined_alone(first, second)
    if len(a) < 2 or len(b) < 2:
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
    number, left, right, same_sign = _signed(first.coefficient, left, second.coefficient, right)
    inner = _alike(left, right, same_sign)
    if inner is None:
        inner = left + right if same_sign else left - right
    return Piece(number, first.scalars, a[:before] + ((inner, turn),) + a[len(a) - after :])


def _signed(c: Rational, left: Expr, d: Rational, right: Expr) -> tuple[Rational, Expr, Expr, bool]:
    """The number in front of a sum of terms of one size, what is added first, the other, and whether both have one sign."""
    same_sign = (c < 0) == (d < 0)
    return (d, right, left, False) if c < 0 and not same_sign else (c, left, right, same_sign)


def _alike(left: Expr, right: Expr, same_sign: bool) -> Expr | None:
    """The sum or difference as one diag, vec or Kronecker product: diag(u) - diag(v) = diag(u - v), A ⊗ B + A ⊗ C = A ⊗ (B + C)."""

    def together(u: Expr, v: Expr) -> Expr:
        return u + v if same_sign else u - v

    match left, right:
        case (Diag(u), Diag(v)) if u.shape == v.shape:
            return diag(together(u, v))
        case (Vec(u), Vec(v)) if u.shape == v.shape:
            return vec(together(u, v))
        case (Kron(u, v), Kron(w, z)) if u == w and v.shape == z.shape:
            return kron(u, together(v, z))
        case (Kron(u, v), Kron(w, z)) if v == z and u.shape == w.shape:
            return kron(together(u, w), v)
    return None


def _joined_alone(first: Piece, second: Piece) -> Piece | None:
    """Two terms that are one diag, vec or Kronecker product each."""
    ((left, turned),), ((right, other),) = first.string, second.string
    if turned != other:
        return None
    number, left, right, same_sign = _signed(first.coefficient, left, second.coefficient, right)
    inner = _alike(left, right, same_sign)
    return None if inner is None else Piece(number, first.scalars, ((inner, turned),), first.ranges)


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
