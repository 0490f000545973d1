"""Named operations on whole arrays, each checking shapes as written: sums, determinants, softmax, vec."""

from __future__ import annotations

from matcalc.errors import MatcalcError, ShapeError, UnsupportedError, near_names
from matcalc.language.arithmetic import Operand, lift, matmul
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, known_function
from matcalc.language.expressions import (
    Determinant, Diag, DiagonalPart, Expr, Inverse, Kron, LogDeterminant, Norm, Softmax, Sum, Trace, Vec, transpose,
)  # fmt: skip
from matcalc.language.misfits import misfit
from matcalc.language.operators import METHODS
from matcalc.language.sizes import ndim, rows_and_columns, shape_of, shape_text, size_product


def sum(argument: Operand) -> Expr:
    """The sum of all entries, a scalar.

    Shapes: of any array, ``()``. Its derivative by X (p x q) is a matrix of ones, q x p in numerator layout, p x q in denominator layout.

    Raises:
        MatcalcError: what cannot stand in an expression.

    Example:
        >>> import matcalc as mc
        >>> X = mc.matrix("X", "p", "q")
        >>> mc.derive(mc.sum(X), X, layout="numerator").result, mc.derive(mc.sum(X), X, layout="denominator").result
        (1_{q x p}, 1_{p x q})
    """
    return Sum(lift(argument))


def _square(argument: Operand, node_type: type[Expr], name: str) -> Expr:
    value = lift(argument)
    rows, columns = rows_and_columns(value.shape)
    if rows != columns:
        node = node_type(value, ())  # type: ignore[call-arg]
        text = METHODS["text"](value)
        raise misfit(node, f"{text} is {shape_text(value.shape)}; {rows} and {columns} differ.", f"{name} needs a square matrix.")
    return value


def trace(argument: Operand) -> Expr:
    """The trace of a square matrix.

    Shapes: of an n x n matrix, ``()``. The derivative of tr(A X) by X (p x q) is A in numerator layout, A^T in denominator layout.

    Raises:
        ShapeError: the matrix is not square.

    Example:
        >>> import matcalc as mc
        >>> A, X = mc.matrix("A", "q", "p"), mc.matrix("X", "p", "q")
        >>> mc.derive(mc.trace(A @ X), X, layout="numerator").result, mc.derive(mc.trace(A @ X), X, layout="denominator").result
        (A, A^T)
        >>> mc.trace(X)
        Traceback (most recent call last):
            ...
        matcalc.errors.ShapeError: tr(X) does not conform: X is (p, q); p and q differ.
            tr(X)
            ^^^^^
            A trace needs a square matrix.
    """
    return Trace(_square(argument, Trace, "A trace"))


def det(argument: Operand) -> Expr:
    """The determinant of a square matrix.

    Shapes: of an n x n matrix, ``()``. Its derivative by X is det(X) X^-1 in numerator layout, det(X) X^-T in denominator layout.

    Raises:
        ShapeError: the matrix is not square.

    Example:
        >>> import matcalc as mc
        >>> X = mc.matrix("X", "n", "n")
        >>> mc.derive(mc.det(X), X, layout="numerator").result, mc.derive(mc.det(X), X, layout="denominator").result
        (det(X) X^-1, det(X) (X^-1)^T)
    """
    return Determinant(_square(argument, Determinant, "A determinant"))


def logdet(argument: Operand) -> Expr:
    """ln det X of a square matrix with positive determinant.

    Shapes: of an n x n matrix, ``()``. Its derivative by X is X^-1 in numerator layout, X^-T in denominator layout.

    Raises:
        ShapeError: the matrix is not square.

    Example:
        >>> import matcalc as mc
        >>> X = mc.matrix("X", "n", "n")
        >>> mc.derive(mc.logdet(X), X, layout="numerator").result, mc.derive(mc.logdet(X), X, layout="denominator").result
        (X^-1, (X^-1)^T)
    """
    return LogDeterminant(_square(argument, LogDeterminant, "A determinant"))


def inv(argument: Operand) -> Expr:
    """The inverse of a square matrix.

    Shapes: of an n x n matrix, ``(n, n)``.

    Raises:
        ShapeError: the matrix is not square.

    Example:
        >>> import matcalc as mc
        >>> X, b = mc.matrix("X", "n", "n"), mc.vector("b", "n")
        >>> mc.inv(X), mc.derive(mc.inv(X) @ b, b, layout="denominator").result
        (X^-1, (X^-1)^T)
        >>> mc.derive(mc.trace(mc.inv(X)), X, layout="numerator").result
        -X^-1 X^-1
    """
    value = _square(argument, Inverse, "An inverse")
    return Inverse(value, value.shape)


def diag(argument: Operand) -> Expr:
    """The diagonal matrix of a vector; of a square matrix, its diagonal as a column.

    Shapes: of a column or a row of n entries, ``(n, n)``; of an n x n matrix, ``(n,)``. diag(v) x has the derivative diag(v) by x, in both
    layouts.

    Raises:
        ShapeError: a matrix that is not square.

    Example:
        >>> import matcalc as mc
        >>> mc.diag(mc.vector("x", "n")).shape
        (n, n)
        >>> mc.diag(mc.matrix("A", "n", "n")).shape
        (n,)
    """
    value = lift(argument)
    rows, columns = rows_and_columns(value.shape)
    if 1 in (rows, columns):
        n = size_product(rows, columns)
        return Diag(value, shape_of(n, n))
    return DiagonalPart(_square(value, DiagonalPart, "The diagonal"), (rows,))


def outer(left: Operand, right: Operand) -> Expr:
    """The outer product x y^T of two vectors.

    Shapes: of columns (m) and (n), ``(m, n)``.

    Raises:
        ShapeError: one of them is no column.

    Example:
        >>> import matcalc as mc
        >>> mc.outer(mc.vector("x", "n"), mc.vector("y", "m"))
        x y^T
    """
    a, b = lift(left), lift(right)
    faults = [e for e in (a, b) if rows_and_columns(e.shape)[1] != 1]
    if faults:
        raise ShapeError(*(f"outer takes columns; {METHODS['text'](e)} is {shape_text(e.shape)}." for e in faults))
    return matmul(a, transpose(b))


def norm(argument: Operand, order: int = 2) -> Expr:
    """The 2-norm of a vector, the Frobenius norm of a matrix; with ``order=1`` the sum of the absolute entries of a vector.

    Shapes: of any array, ``()``. Its derivative by a column x is the row x^T/norm(x) in numerator layout, the column x/norm(x) in
    denominator layout.

    Args:
        argument: an array.
        order: 2, or 1 for a vector.

    Raises:
        UnsupportedError: another order, or the 1-norm of a matrix, which has several meanings.

    Example:
        >>> import matcalc as mc
        >>> x = mc.vector("x", "n")
        >>> mc.norm(x), mc.norm(x, 1)
        (norm(x), sum(abs(x)))
        >>> mc.derive(mc.norm(x), x, layout="numerator").result
        x^T/norm(x)
    """
    value = lift(argument)
    if order == 2:
        return Norm(value)
    if order != 1:
        raise UnsupportedError(f"norm has no order {order!r}: 2 is the 2-norm, of a matrix the Frobenius norm, and 1 the 1-norm.")
    if ndim(value.shape) == 2:
        text = METHODS["text"](value)
        raise UnsupportedError(f"norm({text}, 1) of a matrix has several meanings: for the sum of all entries write sum(abs({text})).")
    return sum(known_function("abs")(value))


def softmax(argument: Operand, *, axis: str | None = None) -> Expr:
    """Softmax of a vector; of a matrix with ``axis="rows"`` each row sums to 1, with ``"columns"`` each column.

    Shapes: that of the argument. For a vector of n entries s, its derivative is diag(s) - s s^T, n x n in both layouts.

    Args:
        argument: a vector or a matrix.
        axis: ``rows`` or ``columns``, for a matrix.

    Raises:
        MatcalcError: a matrix without an axis, no such axis, or the axis of length 1 of a vector.

    Example:
        >>> import matcalc as mc
        >>> mc.softmax(mc.vector("z", "n"))
        softmax(z)
        >>> mc.softmax(mc.matrix("Z", "N", "n"), axis="rows")
        softmax_rows(Z)
    """
    value = lift(argument)
    rows, columns = rows_and_columns(value.shape)
    natural = "columns" if columns == 1 else "rows" if rows == 1 else None
    if axis is not None and axis not in ("rows", "columns"):
        raise MatcalcError(f"softmax has no axis {axis!r}; it is 'rows' (each row sums to 1) or 'columns'.")
    if natural is None and axis is None:
        text = METHODS["text"](value)
        raise MatcalcError(f"softmax({text}) of a matrix needs axis='rows' (each row sums to 1) or axis='columns'.")
    if natural and axis not in (None, natural):
        raise MatcalcError(f"softmax along the {axis} of a vector of shape {value.shape} is 1 everywhere: leave axis out.")
    return Softmax(value, natural or axis or "columns", value.shape)


def vec(argument: Operand) -> Expr:
    """The columns of a matrix, stacked into one column.

    Shapes: of an m x n matrix, ``(m*n,)``.

    Raises:
        MatcalcError: what cannot stand in an expression.

    Example:
        >>> import matcalc as mc
        >>> mc.vec(mc.matrix("X", 2, 3)).evaluate({"X": [[1, 2, 3], [4, 5, 6]]}).T
        array([[1., 4., 2., 5., 3., 6.]])
    """
    value = lift(argument)
    rows, columns = rows_and_columns(value.shape)
    return Vec(value, shape_of(size_product(rows, columns), 1))


def kron(left: Operand, right: Operand) -> Expr:
    """The Kronecker product.

    Shapes: of p x q and r x s, ``(p*r, q*s)``. d vec(W x) / d vec(W)^T is x^T kron I_m, m x mn, in numerator layout; its transpose in
    denominator layout.

    Raises:
        MatcalcError: what cannot stand in an expression.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> mc.kron(x.T, mc.identity("m")), mc.derive(W @ x, W, layout="numerator").vec_form
        (x^T ⊗ I_m, x^T ⊗ I_m)
    """
    a, b = lift(left), lift(right)
    (p, q), (r, s) = rows_and_columns(a.shape), rows_and_columns(b.shape)
    return Kron(a, b, shape_of(size_product(p, r), size_product(q, s)))


def known_elementwise(name: str) -> ElementwiseFunction:
    """The known elementwise function of that name, or an error with near names."""
    if name not in KNOWN_FUNCTIONS:
        raise MatcalcError(f"There is no known function {name!r}. {near_names(name, KNOWN_FUNCTIONS)}")
    return known_function(name)
