"""Arithmetic modulo a prime: numbers, rational powers, matrices.

The primes form a chain p = 2q + 1, q = 2r + 1, ... with 74 bits. So the squares modulo p are a group of order q, in which every
rational power is unique and x^r x^s = x^(r+s), (x^r)^s = x^(rs), (xy)^r = x^r y^r hold: squares play the positive numbers. And
g^v for v modulo q is an exponential function from one field to the next (see `matcalc.exact.atoms`). Each prime is -1 modulo 8
and modulo every odd prime up to 47, so that 2, 3, 5, ..., 47 are squares and -1 is none, as for real numbers.

A single prime such as 2^61 - 1 would not do: there p - 1 = 2 * 3^2 * 5^2 * 7 * ... has small factors, so that cube roots and fifth roots
are not unique or do not exist, and (p - 1) / 2 is no prime, so that exponents modulo it are no field in which the argument of an
exponential could be computed. It would not be faster either: numbers of 61 and of 74 bits both take three of Python's digits of 30 bits.
Four primes serve three exponentials inside each other, more than formulas have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import mul
from typing import TypeAlias

CHAIN = (11313971999628241943999, 5656985999814120971999, 2828492999907060485999, 1414246499953530242999)
PRIME = CHAIN[0]
SMALL = 2**16  # numerator and denominator of a number that is taken for a constant

Matrix: TypeAlias = list[list[int]]


class UndefinedError(ArithmeticError):
    """A quotient by zero, the inverse of a singular matrix or the logarithm of zero: other data are needed."""


# ---- numbers ---------------------------------------------------------------------------------------------------------


def residue(value: int | Fraction, p: int) -> int:
    """The number modulo p."""
    return value.numerator * pow(value.denominator, -1, p) % p


def reciprocal(v: int, p: int) -> int:
    """1 / v modulo p."""
    if v == 0:
        raise UndefinedError("division by zero")
    return pow(v, -1, p)


def is_square(v: int, p: int) -> bool:
    """Whether v is a square modulo p; 0 is."""
    return v == 0 or pow(v, (p - 1) // 2, p) == 1


def power(v: int, exponent: Fraction, p: int) -> int | None:
    """v to a rational power; of squares the power that is again a square, None where an even root of another is asked for.

    Of what is no square, an odd root is minus that of its negative, as for real numbers.
    """
    if exponent.denominator == 1:
        whole = exponent.numerator
        return pow(v, whole, p) if whole >= 0 else pow(reciprocal(v, p), -whole, p)
    if v == 0:
        if exponent < 0:
            raise UndefinedError("a negative power of zero")
        return 0
    half = (p - 1) // 2
    if is_square(v, p):
        return pow(v, exponent.numerator * pow(exponent.denominator, -1, half) % half, p)
    if exponent.denominator % 2 == 0:
        return None
    return pow(v, exponent.numerator * pow(exponent.denominator, -1, p - 1) % (p - 1), p)


def small_fraction(v: int, p: int) -> Fraction | None:
    """The fraction with small numerator and denominator that is v modulo p, or None: most values are none."""
    previous, current, before, now = p, v, 0, 1
    while current > SMALL:
        quotient = previous // current
        previous, current = current, previous - quotient * current
        before, now = now, before - quotient * now
    return Fraction(current, now) if now and abs(now) <= SMALL else None


# ---- matrices --------------------------------------------------------------------------------------------------------


def filled(rows: int, columns: int, value: int) -> Matrix:
    """A matrix with one value in every entry."""
    return [[value] * columns for _ in range(rows)]


def unit(n: int) -> Matrix:
    """The identity matrix."""
    return [[int(i == j) for j in range(n)] for i in range(n)]


def shape_of(matrix: Sequence[Sequence[int]]) -> tuple[int, int]:
    """The number of rows and columns."""
    return len(matrix), len(matrix[0])


def transposed(matrix: Matrix) -> Matrix:
    """The transpose."""
    return [list(column) for column in zip(*matrix, strict=True)]


def entrywise(operation: Callable[[int, int], int], left: Matrix, right: Matrix, p: int) -> Matrix:
    """An operation entry by entry; a 1 x 1 matrix is spread over the other."""
    if shape_of(left) != shape_of(right):
        if shape_of(left) == (1, 1):
            (c,) = left[0]
            return [[operation(c, b) % p for b in row] for row in right]
        assert shape_of(right) == (1, 1), f"{shape_of(left)} and {shape_of(right)} do not match"
        (c,) = right[0]
        return [[operation(a, c) % p for a in row] for row in left]
    return [[operation(a, b) % p for a, b in zip(r, s, strict=True)] for r, s in zip(left, right, strict=True)]


def mapped(operation: Callable[[int], int], matrix: Matrix, p: int) -> Matrix:
    """An operation on every entry."""
    return [[operation(v) % p for v in row] for row in matrix]


def product(left: Matrix, right: Matrix, p: int) -> Matrix:
    """The matrix product."""
    assert shape_of(left)[1] == shape_of(right)[0], f"{shape_of(left)} and {shape_of(right)} do not match"
    columns = transposed(right)
    return [[sum(map(mul, row, column)) % p for column in columns] for row in left]


def kronecker(left: Matrix, right: Matrix, p: int) -> Matrix:
    """The Kronecker product."""
    return [[a * b % p for a in row for b in other] for row in left for other in right]


def flat(matrix: Matrix) -> list[int]:
    """The entries, row by row."""
    return [v for row in matrix for v in row]


def total(matrix: Matrix, p: int) -> int:
    """The sum of all entries."""
    return sum(map(sum, matrix)) % p


def inner(left: Matrix, right: Matrix, p: int) -> int:
    """The sum of the products of entries that stand in the same place."""
    return sum(sum(map(mul, row, other)) for row, other in zip(left, right, strict=True)) % p


def determinant(matrix: Matrix, p: int) -> int:
    """The determinant, by elimination."""
    work = [list(row) for row in matrix]
    result = 1
    for k in range(len(work)):
        pivot = next((i for i in range(k, len(work)) if work[i][k]), None)
        if pivot is None:
            return 0
        if pivot != k:
            work[k], work[pivot] = work[pivot], work[k]
            result = -result
        result = result * work[k][k] % p
        _eliminate(work, k, range(k + 1, len(work)), p)
    return result % p


def inverse(matrix: Matrix, p: int) -> Matrix:
    """The inverse, by elimination.

    Raises:
        UndefinedError: the matrix is singular.
    """
    n = len(matrix)
    work = [list(row) + unit_row for row, unit_row in zip(matrix, unit(n), strict=True)]
    for k in range(n):
        pivot = next((i for i in range(k, n) if work[i][k]), None)
        if pivot is None:
            raise UndefinedError("the inverse of a singular matrix")
        work[k], work[pivot] = work[pivot], work[k]
        _eliminate(work, k, [i for i in range(n) if i != k], p)
        scale = pow(work[k][k], -1, p)
        work[k] = [scale * v % p for v in work[k]]
    return [row[n:] for row in work]


def pseudo_inverse(matrix: Matrix, p: int) -> Matrix:
    """The pseudo-inverse R^T (C^T X R^T)^-1 C^T of X = C R, where C has its pivot columns and R the rows of its reduced form.

    Source: Ben-Israel and Greville, "Generalized Inverses" (2003), chapter 1: a factorization of full rank.

    Raises:
        UndefinedError: a column that is not zero is orthogonal to itself, which random data hardly give.
    """
    reduced, pivots = _reduced(matrix, p)
    if not pivots:
        return filled(len(matrix[0]), len(matrix), 0)
    columns = [[row[j] for row in matrix] for j in pivots]
    middle = inverse(product(product(columns, matrix, p), transposed(reduced), p), p)
    return product(transposed(reduced), product(middle, columns, p), p)


def _reduced(matrix: Matrix, p: int) -> tuple[Matrix, list[int]]:
    """The rows of the reduced echelon form that are not zero, and the columns of their leading ones."""
    work = [list(row) for row in matrix]
    pivots: list[int] = []
    for j in range(len(matrix[0])):
        k = len(pivots)
        pivot = next((i for i in range(k, len(work)) if work[i][j]), None)
        if pivot is None:
            continue
        work[k], work[pivot] = work[pivot], work[k]
        scale = pow(work[k][j], -1, p)
        work[k] = [scale * v % p for v in work[k]]
        for i, row in enumerate(work):
            if i != k and row[j]:
                work[i] = [(a - row[j] * b) % p for a, b in zip(row, work[k], strict=True)]
        pivots.append(j)
    return work[: len(pivots)], pivots


def _eliminate(work: Matrix, k: int, rows: Sequence[int], p: int) -> None:
    """Subtract multiples of row k so that column k of the other rows vanishes."""
    scale = pow(work[k][k], -1, p)
    for i in rows:
        factor = work[i][k] * scale % p
        if factor:
            work[i] = [(a - factor * b) % p for a, b in zip(work[i], work[k], strict=True)]


def diagonal_sums(matrix: Matrix, p: int) -> Matrix:
    """At every entry the sum over the diagonal that it stands on."""
    sums: dict[int, int] = {}
    for i, row in enumerate(matrix):
        for j, entry in enumerate(row):
            sums[i - j] = (sums.get(i - j, 0) + entry) % p
    return [[sums[i - j] for j in range(len(row))] for i, row in enumerate(matrix)]
