"""Arithmetic modulo the primes of the chain, against fractions and against the rules of powers of positive numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Matrix as Exact, isprime, primerange

from matcalc.exact.field import (
    CHAIN, PRIME, UndefinedError, determinant, inverse, is_square, kronecker, power, product, reciprocal, residue, small_fraction,
    unit,
)  # fmt: skip

ENTRIES = st.fractions(min_value=-9, max_value=9, max_denominator=7)
MATRICES = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(ENTRIES, min_size=n, max_size=n), min_size=n, max_size=n))
EXPONENTS = st.fractions(min_value=-4, max_value=4, max_denominator=12)


def residues(matrix: list[list[Fraction]], p: int) -> list[list[int]]:
    return [[residue(v, p) for v in row] for row in matrix]


def test_the_chain_is_what_it_is_said_to_be() -> None:
    assert all(isprime(p) for p in CHAIN)
    assert all(p == 2 * q + 1 for p, q in pairwise(CHAIN))
    for p in CHAIN:
        assert not is_square(p - 1, p)
        assert all(is_square(r, p) for r in primerange(48))


@given(ENTRIES, ENTRIES)
def test_residues_add_and_multiply_as_fractions(a: Fraction, b: Fraction) -> None:
    assert (residue(a, PRIME) + residue(b, PRIME)) % PRIME == residue(a + b, PRIME)
    assert residue(a, PRIME) * residue(b, PRIME) % PRIME == residue(a * b, PRIME)
    assert small_fraction(residue(a, PRIME), PRIME) == a


def test_a_large_residue_is_no_small_fraction() -> None:
    assert small_fraction(123456789 * 987654321, PRIME) is None


@pytest.mark.parametrize("p", CHAIN)
@given(matrix=MATRICES)
def test_determinant_and_inverse_are_those_of_fractions(p: int, matrix: list[list[Fraction]]) -> None:
    exact, n = Exact(matrix), len(matrix)
    wanted = Fraction(int(exact.det().p), int(exact.det().q))
    found = residues(matrix, p)
    assert determinant(found, p) == residue(wanted, p)
    if wanted:
        assert product(found, inverse(found, p), p) == unit(n)
        assert product(inverse(found, p), found, p) == unit(n)
    else:
        with pytest.raises(UndefinedError, match="singular"):
            inverse(found, p)


def test_a_pivot_that_vanishes_is_exchanged() -> None:
    matrix = [[0, 2, 1], [1, 0, 0], [3, 0, 5]]
    assert determinant(matrix, PRIME) == PRIME - 10
    assert product(matrix, inverse(matrix, PRIME), PRIME) == unit(3)


def test_kronecker_product() -> None:
    assert kronecker([[1, 2]], [[3], [4]], 7) == [[3, 6], [4, 1]]


@pytest.mark.parametrize("p", CHAIN)
@given(base=st.integers(2, 10**9), other=st.integers(2, 10**9), r=EXPONENTS, s=EXPONENTS)
def test_powers_of_squares_follow_the_rules_of_positive_numbers(p: int, base: int, other: int, r: Fraction, s: Fraction) -> None:
    x, y = base * base % p, other * other % p

    def to(v: int, exponent: Fraction) -> int:
        found = power(v, exponent, p)
        assert found is not None
        return found

    assert to(x, r) * to(x, s) % p == to(x, r + s)
    assert to(to(x, r), s) == to(x, r * s)
    assert to(x, r) * to(y, r) % p == to(x * y % p, r)
    assert is_square(to(x, r), p)


def test_roots_of_what_is_no_square() -> None:
    assert power(PRIME - 8, Fraction(1, 3), PRIME) == PRIME - 2
    assert power(PRIME - 4, Fraction(1, 2), PRIME) is None
    assert power(4, Fraction(1, 2), PRIME) == 2
    assert power(0, Fraction(1, 2), PRIME) == 0
    assert power(0, Fraction(0), PRIME) == 1


@pytest.mark.parametrize("exponent", [Fraction(-1), Fraction(-1, 2)])
def test_a_negative_power_of_zero_is_undefined(exponent: Fraction) -> None:
    with pytest.raises(UndefinedError, match="zero"):
        power(0, exponent, PRIME)
    with pytest.raises(UndefinedError, match="division by zero"):
        reciprocal(0, PRIME)
