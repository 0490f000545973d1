"""The expressions that SymPy's tests of matrix derivatives differentiate, in rectangular shapes where they allow it.

They are those of sympy/matrices/expressions/tests/test_derivatives.py of SymPy 1.14, where every array is k x k or k x 1. What is
differentiated there by one entry or entry by entry is an expression of this list. ``COUNTS`` tells how many derivatives each test
of that file takes, so that a newer file is noticed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy.matrices.expressions.hadamard import hadamard_power as power, hadamard_product as hadamard

HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)
m, n, p, q = sp.symbols("m n p q")

COUNTS: Mapping[str, int] = {
    "matrix_derivative_by_scalar": 15,
    "one_matrix": 1,
    "matrix_derivative_non_matrix_result": 5,
    "matrix_derivative_trivial_cases": 1,
    "matrix_derivative_with_inverse": 3,
    "matrix_derivative_vectors_and_scalars": 17,
    "matrix_derivatives_of_traces": 32,
    "derivatives_of_complicated_matrix_expr": 1,
    "mixed_deriv_mixed_expressions": 6,
    "derivatives_matrix_norms": 8,
    "derivatives_elementwise_applyfunc": 19,
    "derivatives_of_hadamard_expressions": 7,
}


@dataclass(frozen=True)
class Case:
    """A derivative that SymPy's tests take.

    Attributes:
        test: the name of SymPy's test, without ``test_``.
        by: the name of the variable.
        shapes: for each name the sizes of its axes, one letter an axis; a column has one, a scalar none.
        write: the expression of the symbols with the names of its parameters.
    """

    test: str
    by: str
    shapes: Mapping[str, str]
    write: Callable[..., Any]

    @property
    def symbols(self) -> dict[str, Any]:
        return {name: _symbol(name, axes) for name, axes in self.shapes.items()}

    @property
    def expr(self) -> Any:
        symbols = self.symbols
        return self.write(*(symbols[name] for name in inspect.signature(self.write).parameters))

    @property
    def square(self) -> Case:
        """The same case with all sizes equal, as SymPy's tests have it."""
        return replace(self, shapes={name: "n" * len(axes) for name, axes in self.shapes.items()})

    @property
    def variable(self) -> Any:
        return self.symbols[self.by]

    def __str__(self) -> str:
        return f"{self.expr} by {self.by}"


def _symbol(name: str, axes: str) -> Any:
    if not axes:
        return sp.Symbol(name)
    rows, columns = (sp.Symbol(axis) if axis != "1" else sp.Integer(1) for axis in (axes + "1")[:2])
    return sp.MatrixSymbol(name, rows, columns)


def _case(test: str, by: str, shapes: str, write: Callable[..., Any]) -> Case:
    return Case(test, by, dict(each.split(":") for each in shapes.split()), write)


CASES: tuple[Case, ...] = (
    _case("matrix_derivative_by_scalar", "i", "A:mn i:", lambda A: A),
    _case("matrix_derivative_by_scalar", "i", "A:mn X:np B:np c:p i:", lambda A, X, B, c: A * (X + B) * c),
    _case("matrix_derivative_by_scalar", "i", "x:n i:", lambda x: x),
    _case("matrix_derivative_by_scalar", "i", "x:n y:n i:", lambda x, y: x.T * y),
    _case("matrix_derivative_by_scalar", "i", "x:n i:", lambda x: x * x.T),
    _case("matrix_derivative_by_scalar", "i", "x:n y:n i:", lambda x, y: x + y),
    _case("matrix_derivative_by_scalar", "i", "x:n i:", lambda x: power(x, 2)),
    _case("matrix_derivative_by_scalar", "i", "x:n i:", lambda x, i: power(x, i)),
    _case("matrix_derivative_by_scalar", "i", "x:n y:n i:", lambda x, y: hadamard(x, y)),
    _case("matrix_derivative_by_scalar", "i", "x:n y:n i:", lambda i, x, y: hadamard(i * sp.OneMatrix(n, 1), x, y)),
    _case("matrix_derivative_by_scalar", "i", "x:n i:", lambda i, x: i * x),
    _case("matrix_derivative_by_scalar", "i", "A:mp B:pn x:n i:", lambda i, A, B, x: sp.sin(i) * A * B * x),
    _case("matrix_derivative_by_scalar", "i", "x:n i:", lambda x: x.applyfunc(sp.sin)),
    _case("matrix_derivative_by_scalar", "i", "X:nn i:", lambda i, X: sp.Trace(i**2 * X)),
    _case("matrix_derivative_by_scalar", "x", "x:n mu:", lambda mu, x: 2 * mu * x),
    _case("one_matrix", "x", "x:n", lambda x: sp.MatMul(x.T, sp.OneMatrix(n, 1))),
    _case("matrix_derivative_non_matrix_result", "A", "A:mn", lambda A: A),
    _case("matrix_derivative_non_matrix_result", "A", "A:mn", lambda A: A.T),
    _case("matrix_derivative_non_matrix_result", "A", "A:mn", lambda A: 2 * A),
    _case("matrix_derivative_non_matrix_result", "A", "A:mn", lambda A: sp.MatAdd(A, A)),
    _case("matrix_derivative_non_matrix_result", "A", "A:mn B:mn", lambda A, B: A + B),
    _case("matrix_derivative_trivial_cases", "A", "X:mn A:pq", lambda X: X),
    _case("matrix_derivative_with_inverse", "X", "a:n X:nn b:n", lambda a, X, b: a.T * X.inv() * b),
    _case("matrix_derivative_with_inverse", "X", "X:nn", lambda X: sp.Determinant(X.inv())),
    _case("matrix_derivative_with_inverse", "X", "A:mn X:nn B:nm", lambda A, X, B: sp.Trace(A * X.inv() * B)),
    _case("matrix_derivative_with_inverse", "X", "X:nn A:nn", lambda X, A: sp.Trace((X + A).inv())),
    _case("matrix_derivative_vectors_and_scalars", "x", "x:n", lambda x: x),
    _case("matrix_derivative_vectors_and_scalars", "x", "x:n", lambda x: x.T),
    _case("matrix_derivative_vectors_and_scalars", "x", "x:n a:n", lambda x, a: x.T * a),
    _case("matrix_derivative_vectors_and_scalars", "x", "x:n a:n", lambda x, a: a.T * x),
    _case("matrix_derivative_vectors_and_scalars", "X", "a:m X:mn b:n", lambda a, X, b: a.T * X * b),
    _case("matrix_derivative_vectors_and_scalars", "X", "a:n X:mn b:m", lambda a, X, b: a.T * X.T * b),
    _case("matrix_derivative_vectors_and_scalars", "X", "a:n X:nn", lambda a, X: a.T * X * a),
    _case("matrix_derivative_vectors_and_scalars", "X", "a:n X:nn", lambda a, X: a.T * X.T * a),
    _case("matrix_derivative_vectors_and_scalars", "X", "b:n X:mn c:n", lambda b, X, c: b.T * X.T * X * c),
    _case(
        "matrix_derivative_vectors_and_scalars", "x", "B:mn x:n b:m C:mp D:pn d:p",
        lambda B, x, b, C, D, d: (B * x + b).T * C * (D * x + d),
    ),
    _case("matrix_derivative_vectors_and_scalars", "x", "x:n B:nn", lambda x, B: x.T * B * x),
    _case("matrix_derivative_vectors_and_scalars", "X", "b:n X:mn D:mm c:n", lambda b, X, D, c: b.T * X.T * D * X * c),
    _case(
        "matrix_derivative_vectors_and_scalars", "X", "X:mn b:n c:m D:mm", lambda X, b, c, D: (X * b + c).T * D * (X * b + c)
    ),
    _case("matrix_derivative_vectors_and_scalars", "x", "x:n", lambda x: x * x.T * x),
    _case("matrix_derivatives_of_traces", "A", "A:nn", lambda A: sp.Trace(A) * A),
    _case("matrix_derivatives_of_traces", "X", "X:nn", lambda X: sp.Trace(X)),
    _case("matrix_derivatives_of_traces", "X", "X:mn A:nm", lambda X, A: sp.Trace(X * A)),
    _case("matrix_derivatives_of_traces", "X", "A:pm X:mn B:np", lambda A, X, B: sp.Trace(A * X * B)),
    _case("matrix_derivatives_of_traces", "X", "A:pn X:mn B:mp", lambda A, X, B: sp.Trace(A * X.T * B)),
    _case("matrix_derivatives_of_traces", "X", "X:mn A:mn", lambda X, A: sp.Trace(X.T * A)),
    _case("matrix_derivatives_of_traces", "X", "X:mn A:mn", lambda X, A: sp.Trace(A * X.T)),
    _case("matrix_derivatives_of_traces", "X", "A:nn X:mm", lambda A, X: sp.Trace(sp.KroneckerProduct(A, X))),
    _case("matrix_derivatives_of_traces", "X", "X:nn", lambda X: sp.Trace(X**2)),
    _case("matrix_derivatives_of_traces", "X", "X:nn B:nn", lambda X, B: sp.Trace(X**2 * B)),
    _case("matrix_derivatives_of_traces", "X", "X:nn B:nn", lambda X, B: sp.Trace(sp.MatMul(X, X, B))),
    _case("matrix_derivatives_of_traces", "X", "X:mn B:mm", lambda X, B: sp.Trace(X.T * B * X)),
    _case("matrix_derivatives_of_traces", "X", "X:mn B:mm", lambda X, B: sp.Trace(B * X * X.T)),
    _case("matrix_derivatives_of_traces", "X", "X:mn B:mm", lambda X, B: sp.Trace(X * X.T * B)),
    _case("matrix_derivatives_of_traces", "X", "X:mn B:nn", lambda X, B: sp.Trace(X * B * X.T)),
    _case("matrix_derivatives_of_traces", "X", "X:mn B:nn", lambda X, B: sp.Trace(B * X.T * X)),
    _case("matrix_derivatives_of_traces", "X", "X:mn B:nn", lambda X, B: sp.Trace(X.T * X * B)),
    _case("matrix_derivatives_of_traces", "X", "A:nm X:mn B:nm", lambda A, X, B: sp.Trace(A * X * B * X)),
    _case("matrix_derivatives_of_traces", "X", "X:mn", lambda X: sp.Trace(X.T * X)),
    _case("matrix_derivatives_of_traces", "X", "X:mn", lambda X: sp.Trace(X * X.T)),
    _case("matrix_derivatives_of_traces", "X", "B:np X:mn C:mm", lambda B, X, C: sp.Trace(B.T * X.T * C * X * B)),
    _case("matrix_derivatives_of_traces", "X", "X:mn B:mm C:nn", lambda X, B, C: sp.Trace(X.T * B * X * C)),
    _case("matrix_derivatives_of_traces", "X", "A:pm X:mn B:nn C:mp", lambda A, X, B, C: sp.Trace(A * X * B * X.T * C)),
    _case(
        "matrix_derivatives_of_traces", "X", "A:pm X:mn B:nq C:pq",
        lambda A, X, B, C: sp.Trace((A * X * B + C) * (A * X * B + C).T),
    ),
    _case("matrix_derivatives_of_traces", "X", "X:nn", lambda X: sp.Trace(sp.KroneckerProduct(X, X))),
    _case("matrix_derivatives_of_traces", "X", "X:nn", lambda X: sp.Trace(X) * sp.Trace(X)),
    _case("matrix_derivatives_of_traces", "X", "X:nn k:", lambda X, k: sp.Trace(X**k)),
    _case("matrix_derivatives_of_traces", "X", "A:nn X:nn k:", lambda A, X, k: sp.Trace(A * X**k)),
    _case(
        "matrix_derivatives_of_traces", "X", "B:np X:mn C:mm", lambda B, X, C: sp.Trace(B.T * X.T * C * X * X.T * C * X * B)
    ),
    _case("matrix_derivatives_of_traces", "X", "A:mn X:nn B:nm", lambda A, X, B: sp.Trace(A * X ** (-1) * B)),
    _case("matrix_derivatives_of_traces", "X", "X:mn C:mm A:nn", lambda X, C, A: sp.Trace((X.T * C * X).inv() * A)),
    _case(
        "matrix_derivatives_of_traces", "X", "X:mn C:mm B:mm", lambda X, C, B: sp.Trace((X.T * C * X).inv() * (X.T * B * X))
    ),
    _case(
        "matrix_derivatives_of_traces", "X", "A:nn X:mn C:mm B:mm",
        lambda A, X, C, B: sp.Trace((A + X.T * C * X).inv() * (X.T * B * X)),
    ),
    _case(
        "derivatives_of_complicated_matrix_expr", "X", "a:n b:n A:nn B:nn C:nn D:nn X:nn",
        lambda a, b, A, B, C, D, X: a.T
        * (
            A * X * (X.T * B + X * A)
            + B.T * X.T * (a * b.T * (X * D * X.T + X * (X.T * B + A * X) * D * B - X.T * C.T * A) * B
                           + B * (X * D.T + B * A * X * A.T - 3 * X * D)) * B
            + 42 * X * B * X.T * A.T * (X + X.T)
        )
        * b,
    ),
    _case("mixed_deriv_mixed_expressions", "A", "A:nn", lambda A: 3 * sp.Trace(A)),
    _case("mixed_deriv_mixed_expressions", "A", "A:nn", lambda A: n),
    _case("mixed_deriv_mixed_expressions", "A", "A:nn", lambda A: sp.Trace(A) ** 2),
    _case("mixed_deriv_mixed_expressions", "A", "A:nn", lambda A: sp.Trace(sp.Trace(A) * A)),
    _case("mixed_deriv_mixed_expressions", "A", "A:nn", lambda A: sp.Trace(sp.Trace(sp.Trace(A) * A) * A)),
    _case("derivatives_matrix_norms", "x", "x:n y:n", lambda x, y: x.T * y),
    _case("derivatives_matrix_norms", "x", "x:n y:n", lambda x, y: (x.T * y) ** HALF),
    _case("derivatives_matrix_norms", "x", "x:n", lambda x: (x.T * x) ** HALF),
    _case("derivatives_matrix_norms", "x", "c:m a:m x:n b:n", lambda c, a, x, b: (c.T * a * x.T * b) ** HALF),
    _case("derivatives_matrix_norms", "x", "c:m a:m x:n b:n", lambda c, a, x, b: (c.T * a * x.T * b) ** THIRD),
    _case("derivatives_matrix_norms", "X", "a:m X:mn b:n", lambda a, X, b: (a.T * X * b) ** HALF),
    _case(
        "derivatives_matrix_norms", "X", "d:p x:p a:m X:mn b:n y:q c:q",
        lambda d, x, a, X, b, y, c: d.T * x * (a.T * X * b) ** HALF * y.T * c,
    ),
    _case("derivatives_elementwise_applyfunc", "x", "x:n", lambda x: x.applyfunc(sp.tan)),
    _case("derivatives_elementwise_applyfunc", "i", "x:n i:", lambda i, x: (i**2 * x).applyfunc(sp.sin)),
    _case("derivatives_elementwise_applyfunc", "i", "A:mp B:pn i:", lambda i, A, B: (sp.log(i) * A * B).applyfunc(sp.sin)),
    _case("derivatives_elementwise_applyfunc", "x", "A:mn x:n", lambda A, x: A * x.applyfunc(sp.exp)),
    _case(
        "derivatives_elementwise_applyfunc", "x", "x:n A:nn y:n", lambda x, A, y: x.T * A * x + n * y.applyfunc(sp.sin).T * x
    ),
    _case("derivatives_elementwise_applyfunc", "x", "x:n y:n", lambda x, y: x.applyfunc(sp.sin).T * y),
    _case("derivatives_elementwise_applyfunc", "X", "a:m X:mn b:n", lambda a, X, b: (a.T * X * b).applyfunc(sp.sin)),
    _case("derivatives_elementwise_applyfunc", "X", "a:m X:mn b:n", lambda a, X, b: a.T * X.applyfunc(sp.sin) * b),
    _case(
        "derivatives_elementwise_applyfunc", "X", "a:p A:pm X:mn B:nq b:q",
        lambda a, A, X, B, b: a.T * (A * X * B).applyfunc(sp.sin) * b,
    ),
    _case(
        "derivatives_elementwise_applyfunc", "X", "a:p A:pm X:mn b:n",
        lambda a, A, X, b: a.T * (A * X * b).applyfunc(sp.sin) * b.T,
    ),
    _case(
        "derivatives_elementwise_applyfunc", "X", "a:p A:pm X:mn B:nq b:q",
        lambda a, A, X, B, b: a.T * A * X.applyfunc(sp.sin) * B * b,
    ),
    _case(
        "derivatives_elementwise_applyfunc", "X", "a:p A:pm X:mn B:nq b:q",
        lambda a, A, X, B, b: a.T * (A * X.applyfunc(sp.sin) * B).applyfunc(sp.log) * b,
    ),
    _case(
        "derivatives_elementwise_applyfunc", "X", "a:m X:mn b:n",
        lambda a, X, b: a.T * X.applyfunc(sp.sin).applyfunc(sp.log) * b,
    ),
    _case("derivatives_of_hadamard_expressions", "x", "a:n x:n b:n", lambda a, x, b: hadamard(a, x, b)),
    _case(
        "derivatives_of_hadamard_expressions", "X", "a:m A:mn X:mn B:mn b:n", lambda a, A, X, B, b: a.T * hadamard(A, X, B) * b
    ),
    _case("derivatives_of_hadamard_expressions", "x", "x:n", lambda x: power(x, 2)),
    _case("derivatives_of_hadamard_expressions", "x", "x:n", lambda x: power(x.T, 2)),
    _case("derivatives_of_hadamard_expressions", "x", "x:n", lambda x: power(x, HALF)),
    _case("derivatives_of_hadamard_expressions", "X", "a:m X:mn b:n", lambda a, X, b: power(a.T * X * b, 2)),
    _case("derivatives_of_hadamard_expressions", "X", "a:m X:mn b:n", lambda a, X, b: power(a.T * X * b, HALF)),
)  # fmt: skip
