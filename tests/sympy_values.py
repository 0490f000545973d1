"""The value of a SymPy expression at numbers, by SymPy's own explicit matrices: nothing of matcalc takes part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix, DiagonalOf
from sympy.tensor.array.expressions import array_expressions as at

from matcalc.numeric.data import Array

UNKNOWN: Mapping[str, Callable[[Any], Any]] = {
    "f": lambda t: sp.sin(sp.Rational(7, 10) * t) + t**2 / 3,
    "g": lambda t: sp.cos(t) + t / 2,
}


def array_value(expr: Any, values: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The value of a SymPy scalar, matrix expression or array expression: an array with as many axes as SymPy gives it.

    Args:
        expr: of matrix symbols and symbols with these names; the unknown functions are those of `UNKNOWN`.
        values: a 2-D array for each name, of a scalar one of shape (1, 1).
        sizes: an int for each symbolic size.
    """
    extents = {sp.Symbol(name): sp.Integer(n) for name, n in sizes.items()}
    numbers = {sp.Symbol(name): _number(value[0, 0]) for name, value in values.items() if value.shape == (1, 1)}
    made = sp.sympify(expr).xreplace(extents)
    made = _with_functions(made).xreplace(numbers)
    arrays = {
        symbol: sp.ImmutableDenseMatrix([[_number(x) for x in row] for row in values[symbol.name]])
        for symbol in made.atoms(sp.MatrixSymbol)
    }
    found = _explicit(made, arrays)
    return np.array(found.tolist() if hasattr(found, "tolist") else found, dtype=np.float64)


def _explicit(node: Any, arrays: Mapping[Any, Any]) -> Any:
    """A node at explicit matrices, its arguments first: SymPy leaves parts of what is made explicit as a whole."""
    if isinstance(node, sp.Sum | sp.Lambda | sp.Piecewise):
        return node.xreplace(arrays).doit()
    if isinstance(node, ElementwiseApplyFunction):
        return _explicit(node.expr, arrays).applyfunc(node.function)
    if isinstance(node, DiagonalOf):  # SymPy 1.14 does not carry it out
        return _explicit(node.arg, arrays).diagonal().T
    if isinstance(node, DiagonalMatrix):  # nor this
        return sp.diag(*_explicit(node.args[0], arrays).diagonal())
    if node in arrays:
        return arrays[node]
    if type(node) in _OF_ARRAYS:
        parts = [_explicit(part, arrays) for part in (node.args if isinstance(node, _OF_SEVERAL) else node.args[:1])]
        return _OF_ARRAYS[type(node)](node, [sp.Array(part) if hasattr(part, "tolist") else part for part in parts])
    if node.args and not isinstance(node, (sp.Identity, sp.ZeroMatrix, sp.OneMatrix)):
        node = node.func(*(_explicit(part, arrays) for part in node.args))
    return node.as_explicit() if hasattr(node, "as_explicit") else node.doit()


_OF_SEVERAL = at.ArrayTensorProduct, at.ArrayAdd
_OF_ARRAYS: Mapping[type, Callable[[Any, list[Any]], Any]] = {
    at.ArrayTensorProduct: lambda node, parts: sp.tensorproduct(*parts),
    at.ArrayAdd: lambda node, parts: reduce(add, parts),
    at.PermuteDims: lambda node, parts: sp.permutedims(parts[0], node.permutation.array_form),
    at.ArrayDiagonal: lambda node, parts: sp.tensordiagonal(parts[0], *node.diagonal_indices),
    at.ArrayContraction: lambda node, parts: sp.tensorcontraction(parts[0], *node.contraction_indices),
}


def value(expr: Any, values: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The same as a 2-D array, a scalar as (1, 1)."""
    found = array_value(expr, values, sizes)
    return found.reshape(1, 1) if found.ndim == 0 else found


def _number(x: Any) -> Any:
    return sp.Integer(int(x)) if x == int(x) else sp.Float(float(x), 17)


def _with_functions(expr: Any) -> Any:
    """The unknown functions by their formulas, derivatives of them carried out."""
    for name, formula in UNKNOWN.items():
        expr = expr.replace(sp.Function(name), formula)
    return expr.replace(lambda e: isinstance(e, sp.Derivative | sp.Subs), lambda e: e.doit())
