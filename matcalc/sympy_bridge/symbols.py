"""Sizes and names between matcalc and SymPy: a name stands as it is in both, a size is a product of symbols."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from matcalc.errors import MatcalcError, UnsupportedError
from matcalc.language.sizes import Shape, Size, rows_and_columns, size, size_product

_SIZES = "A size is a positive whole number, a name, or a product of these: name the sum or quotient by a symbol of its own."


def size_in_sympy(of: Size) -> Any:
    """The size as a SymPy integer or product of symbols."""
    if isinstance(of, int):
        return sp.Integer(of)
    return sp.Mul(sp.Integer(of.coefficient), *map(sp.Symbol, of.names))


def extents_in_sympy(shape: Shape) -> tuple[Any, Any]:
    """The number of rows and of columns in SymPy."""
    rows, columns = rows_and_columns(shape)
    return size_in_sympy(rows), size_in_sympy(columns)


def number_in_sympy(value: Fraction) -> Any:
    """The rational number in SymPy."""
    return sp.Rational(value.numerator, value.denominator)


def size_from_sympy(of: Any, whose: str) -> Size:
    """The size that a SymPy expression is.

    Raises:
        UnsupportedError: it is no product of names and whole numbers.
    """
    made: Size = 1
    try:
        for factor in sp.Mul.make_args(sp.sympify(of)):
            base, exponent = factor.as_base_exp()
            if base.is_Integer and exponent == 1:
                made = size_product(made, size(int(base)))
            elif base.is_Symbol and exponent.is_Integer and exponent > 0:
                for _ in range(int(exponent)):
                    made = size_product(made, size(base.name))
            else:
                raise UnsupportedError(f"{factor} is none.")
    except MatcalcError as fault:
        raise UnsupportedError(f"{whose} has the size {of}. {fault} {_SIZES}") from None
    return made
