"""Sums, products and scalars of SymPy's matrix expressions, put together as written."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.matrices import expressions as sm

from matcalc.language.sizes import Shape, rows_and_columns
from matcalc.sympy_bridge.symbols import extents_in_sympy


def is_array(value: Any) -> bool:
    """Whether SymPy takes it for a matrix, which a 1 x 1 product is too."""
    return bool(getattr(value, "is_Matrix", False))


def one_by_one(value: Any) -> bool:
    return is_array(value) and value.shape == (1, 1)


def as_scalar(value: Any) -> Any:
    """The value as a SymPy scalar; a 1 x 1 matrix stands as its trace."""
    return sm.Trace(value) if is_array(value) else value


def ones_of(shape: Shape) -> Any:
    """All entries one."""
    return sm.OneMatrix(*extents_in_sympy(shape)) if shape else sp.S.One


def scaled(coefficient: Any, value: Any) -> Any:
    """The multiple of a scalar or of a matrix expression."""
    return product(coefficient, value) if is_array(value) else coefficient * value


def product(*factors: Any) -> Any:
    """The matrix product, the scalar factors in front."""
    coefficient: Any = sp.S.One
    matrices: list[Any] = []
    for factor in factors:
        scalar, rest = factor.as_coeff_matrices() if isinstance(factor, sm.MatMul) else (sp.S.One, [factor])
        if not is_array(factor):
            scalar, rest = factor, []
        coefficient *= scalar
        matrices += rest
    if coefficient == 1 and len(matrices) == 1:
        return matrices[0]
    return sm.MatMul(*([] if coefficient == 1 else [coefficient]), *matrices)


def hadamard(left: Any, right: Any) -> Any:
    """The product entry by entry; of two scalars their product."""
    if not is_array(left) and not is_array(right):
        return left * right
    return sm.HadamardProduct(left, right)


def total(value: Any, shape: Shape) -> Any:
    """The sum of all entries, a 1 x 1 product with rows and columns of ones."""
    if not shape:
        return value
    rows, columns = rows_and_columns(shape)
    left = [] if rows == 1 else [ones_of((1, rows))]
    right = [] if columns == 1 else [ones_of((columns,))]
    return product(*left, value, *right)
