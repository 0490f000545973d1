"""Constructors of what acts on a whole matrix, of index notation, and of derivatives that are written and not carried out."""

from __future__ import annotations

from fractions import Fraction

from matcalc.errors import LayoutError, MatcalcError, NoMatrixFormError, ShapeError, UnsupportedError, near_names
from matcalc.language import building
from matcalc.language.building import Operand, checked_name, lift
from matcalc.language.derivative_shapes import LAYOUTS, derivative_shape
from matcalc.language.elementwise import KNOWN_MATRIX_FUNCTIONS, MatrixFunction, known_function
from matcalc.language.expressions import (
    ApplyMatrixFunction, ApplyMap, Derivative, DiagonalSums, Entry, Expr, Index, IndexedSum, Let, MapDerivative, MatrixPower, Number,
    PseudoInverse,
    SizeNumber, Symbol, Vec,
)  # fmt: skip
from matcalc.language.operators import METHODS, OPERATIONS, register
from matcalc.language.sizes import Dim, Size, ndim, rows_and_columns, shape_text, transposed
from matcalc.language.sizes import size as named_size
from matcalc.language.traversal import postorder


def _square(argument: Operand, what: str) -> Expr:
    value = lift(argument)
    rows, columns = rows_and_columns(value.shape)
    if rows != columns:
        text = METHODS["text"](value)
        raise ShapeError(f"{what} needs a square matrix: {text} is {shape_text(value.shape)}; {rows} and {columns} differ.")
    return value


# ---- a whole matrix --------------------------------------------------------------------------------------------------


def pinv(argument: Operand) -> Expr:
    """The Moore-Penrose inverse.

    Shapes: of an m x n matrix, ``(n, m)``.

    Raises:
        ShapeError: a scalar.

    Example:
        >>> import matcalc as mc
        >>> mc.pinv(mc.matrix("X", "m", "n")).shape
        (n, m)
    """
    value = lift(argument)
    if not value.shape:
        raise ShapeError(f"{METHODS['text'](value)} is a scalar; a pseudo-inverse is of an array. Write 1/x.")
    return PseudoInverse(value, transposed(value.shape))


def matrix_power(base: Operand, exponent: Operand) -> Expr:
    """A square matrix times itself, ``exponent`` times; the exponent may be a scalar expression.

    Shapes: of an n x n matrix, ``(n, n)``. The derivative of tr(X^k) by X is k X^(k - 1) in numerator layout, its transpose in
    denominator layout.

    Args:
        base: a square matrix.
        exponent: a whole number or a scalar.

    Raises:
        ShapeError: the matrix is not square.
        MatcalcError: an exponent that is an array or a fraction.

    Example:
        >>> import matcalc as mc
        >>> mc.matrix_power(mc.matrix("X", "n", "n"), 3)
        X^3
        >>> mc.matrix_power(mc.matrix("X", "n", "n"), mc.scalar("k") - 1)
        X^(k - 1)
    """
    value, power = _square(base, "A matrix power"), lift(exponent)
    if power == Number(Fraction(-1)):
        return building.inv(value)
    if power.shape or isinstance(power, Number) and power.value.denominator != 1:
        raise MatcalcError(f"{METHODS['text'](power)} is no exponent of a matrix: a whole number or a scalar is.")
    return MatrixPower(value, power, value.shape)


def matrix_function(name: str) -> MatrixFunction:
    """A function of a square matrix given by a power series: ``exp``, ``sin``, ``cos``, or an unknown one.

    Shapes: of an n x n matrix, ``(n, n)``. The derivative of tr(g(X)) by X is g'(X) in numerator layout, its transpose in denominator
    layout.

    Returns:
        A `MatrixFunction`, which applies to expressions and has ``prime``.

    Raises:
        MatcalcError: it is no name.
        ShapeError: when it is applied to a matrix that is not square.

    Example:
        >>> import matcalc as mc
        >>> X = mc.matrix("X", "n", "n")
        >>> mc.matrix_function("exp")(X), mc.matrix_function("g").prime(X)
        (expm(X), g'(X))
    """
    return MatrixFunction(checked_name(name), known=name in KNOWN_MATRIX_FUNCTIONS)


def apply_matrix_function(function: MatrixFunction, argument: Operand) -> Expr:
    """A matrix function of a square matrix, of the same shape."""
    value = _square(argument, f"The matrix function {function.name}")
    return ApplyMatrixFunction(function, value, value.shape)


def cofactor(argument: Operand) -> Expr:
    """The matrix of cofactors of an invertible matrix, det(X) X^-T.

    Shapes: of an n x n matrix, ``(n, n)``. It is the derivative of det(X) by X in denominator layout.

    Raises:
        ShapeError: the matrix is not square.

    Example:
        >>> import matcalc as mc
        >>> mc.cofactor(mc.matrix("X", "n", "n"))
        det(X) (X^-1)^T
        >>> mc.cofactor(mc.matrix("X", "n", "n")).evaluate({"X": [[1, 2], [3, 5]]}).round(9)
        array([[ 5., -3.],
               [-2.,  1.]])
    """
    value = lift(argument)
    return building.times(building.det(value), building.inv(value).T)


def logsumexp(argument: Operand) -> Expr:
    """ln(sum(exp(x))) over all entries, a scalar.

    Shapes: of any array, ``()``. Its derivative by a column x is softmax(x), as a row in numerator layout, as a column in denominator
    layout.

    Raises:
        MatcalcError: what cannot stand in an expression.

    Example:
        >>> import matcalc as mc
        >>> x = mc.vector("x", "n")
        >>> mc.logsumexp(x)
        log(sum(exp(x)))
        >>> mc.derive(mc.logsumexp(x), x, layout="numerator").result, mc.derive(mc.logsumexp(x), x, layout="denominator").result
        (softmax(x)^T, softmax(x))
    """
    return known_function("log")(building.sum(known_function("exp")(lift(argument))))


# ---- index notation --------------------------------------------------------------------------------------------------


def entry(base: Operand, row: Operand, column: Operand | None = None) -> Expr:
    """One entry, counted from 1; of a column or row one position, of a matrix two.

    Shapes: ``()``.

    Args:
        base: an array.
        row, column: positions: numbers, scalars or an `index`; a single one for a column or a row.

    Raises:
        ShapeError: no such entry, one position in a matrix, or an index that runs along another size.
        MatcalcError: a position that is no whole number from 1 on.

    Example:
        >>> import matcalc as mc
        >>> x, A = mc.vector("x", "n"), mc.matrix("A", "m", "n")
        >>> mc.entry(x, 2), mc.entry(A, mc.index("i"), mc.index("j"))
        ((x)_2, (A)_{ij})
    """
    value = lift(base)
    rows, columns = rows_and_columns(value.shape)
    one = Number(Fraction(1))
    if column is None:
        if ndim(value.shape) != 1:
            text = METHODS["text"](value)
            raise ShapeError(f"{text} is {shape_text(value.shape)}; a single position tells an entry of a column or a row only.")
        first, second = (lift(row), one) if columns == 1 else (one, lift(row))
    else:
        first, second = lift(row), lift(column)
    for position, size in ((first, rows), (second, columns)):
        _check_position(value, position, size)
    return Entry(value, first, second)


def _check_position(value: Expr, position: Expr, size: Size) -> None:
    text = METHODS["text"]  # of what is at fault only: positions are checked for every entry that is read
    if position.shape:
        raise ShapeError(f"{text(position)} is {shape_text(position.shape)}, a position in {text(value)} is a scalar.")
    if isinstance(position, Number) and (position.value < 1 or position.value.denominator != 1):
        raise MatcalcError(f"{text(value)} has no entry at {position.value}; positions are counted from 1.")
    if isinstance(position, Number) and isinstance(size, int) and position.value > size:
        raise ShapeError(f"{text(value)} is {shape_text(value.shape)}; it has no entry at {position.value}.")
    if isinstance(position, Index) and position.size not in (None, size):
        raise ShapeError(f"{position.name} runs to {position.size}, but stands at an axis of size {size} of {text(value)}.")


def index(name: str, size: Dim | int | str | None = None) -> Index:
    """An index, which counts the entries along an axis of that size, from 1 on.

    Free of any sum it has a value by its name.

    Shapes: ``()``.

    Args:
        name: of the index.
        size: of the axis; it may be left out where the sum has an upper bound.

    Raises:
        MatcalcError: it is no name, or no size.

    Example:
        >>> import matcalc as mc
        >>> mc.entry(mc.vector("x", "n"), mc.index("i", "n")).evaluate({"x": [5, 6, 7], "i": 2})
        array([[6.]])
    """
    return Index(checked_name(name), None if size is None else named_size(size))


def indexed_sum(over: Index, body: Operand, low: Operand = 1, high: Operand | None = None) -> Expr:
    """The sum of ``body`` over an index; up to the size of the index if no upper bound is given.

    Shapes: that of ``body``.

    Args:
        over: an `index`.
        body: what is added, with entries at that index.
        low, high: the bounds, both included.

    Raises:
        MatcalcError: no upper bound, or a sum over the same index inside.
        ShapeError: a bound that is no scalar.

    Example:
        >>> import matcalc as mc
        >>> x, i = mc.vector("x", "n"), mc.index("i", "n")
        >>> square = mc.indexed_sum(i, mc.entry(x, i) ** 2)
        >>> square.evaluate({"x": [1, 2, 3]})
        array([[14.]])
        >>> mc.derive(square, x, layout="numerator").result, mc.derive(square, x, layout="denominator").result
        (2 x^T, 2 x)
    """
    value = lift(body)
    if any(isinstance(node, IndexedSum) and node.index == over for node in postorder([value])):
        raise MatcalcError(f"A sum over {over.name} stands in a sum over {over.name}. Rename one of the two indices.")
    if high is None and over.size is None:
        raise MatcalcError(f"The sum over {over.name} has no upper bound: give high=, or the index a size.")
    top = lift(over.size if high is None else high)
    for bound in (lift(low), top):
        if bound.shape:
            raise ShapeError(f"{METHODS['text'](bound)} is {shape_text(bound.shape)}, a bound of a sum is a scalar.")
    return IndexedSum(over, lift(low), top, value, value.shape)


# ---- derivatives that are written and not carried out ----------------------------------------------------------------


def diagonal_sums(argument: Expr) -> Expr:
    """At every entry of a matrix the sum over the diagonal that it stands on, a Toeplitz matrix.

    Shapes: that of the matrix.

    Raises:
        MatcalcError: what cannot stand in an expression.

    Source: Petersen & Pedersen, The Matrix Cookbook, 2012, section 2.8.4, where it is alpha(A), of the transposed matrix.

    Example:
        >>> import matcalc as mc
        >>> mc.diagonal_sums(mc.matrix("A", "m", "n")).evaluate({"A": [[1, 2, 3], [4, 5, 6]]})
        array([[6., 8., 3.],
               [4., 6., 8.]])
    """
    matrix = lift(argument)
    return DiagonalSums(matrix, matrix.shape) if ndim(matrix.shape) == 2 else matrix


def written_derivative(of: Expr, by: Expr, layout: str | None) -> Expr:
    """The derivative of one expression by a variable, written and not carried out.

    Args:
        of: an expression; an unknown map at its arguments gives the node of its own derivative.
        by: a symbol or named quantity, one entry or the vec of one, or what stands as argument of the map.
        layout: of the derivative; of a scalar by a scalar it need not be told.

    Raises:
        LayoutError: the layout is missing.
        NoMatrixFormError: output and input have more than two axes together.
    """
    text = METHODS["text"]
    shape = derivative_shape(of.shape, by.shape, layout or "numerator")
    base = by.base if isinstance(by, Entry) else by.argument if isinstance(by, Vec) else by
    of_map = isinstance(of, ApplyMap) and by in of.arguments
    if not of_map and not isinstance(base, Symbol | Let):
        raise UnsupportedError(f"{text(by)} is no variable of {text(of)}: derive by a declared symbol or a named quantity.")
    if len(shape) > 2:
        raise NoMatrixFormError(
            f"The derivative of {text(of)} by {text(by)} has {len(shape)} axes, and no matrix holds them. "
            "Write it by vec: of vec(Z) by vec(W)^T."
        )
    if layout is None and (of.shape or by.shape):
        raise LayoutError(f"The derivative of {text(of)} by {text(by)} needs a layout: layout='numerator' or layout='denominator'.")
    if layout is not None and layout not in LAYOUTS:
        raise LayoutError(f"{layout!r} is not a layout. {near_names(str(layout), LAYOUTS)}")
    chosen = layout if layout is not None and (of.shape or by.shape) else "numerator"  # of a scalar by a scalar all layouts are one
    if isinstance(of, ApplyMap) and of_map:
        return MapDerivative(of.function, of.arguments, (of.arguments.index(by),), chosen, shape)
    if isinstance(of, MapDerivative) and by in of.arguments and not any(of.arguments[k].shape for k in (*of.wrt, of.arguments.index(by))):
        return MapDerivative(of.function, of.arguments, (*of.wrt, of.arguments.index(by)), of.layout, of.shape)
    return Derivative(of, by, chosen, False, shape)


register(OPERATIONS, "apply_matrix_function", apply_matrix_function)

__all__ = [
    "SizeNumber", "apply_matrix_function", "cofactor", "diagonal_sums", "entry", "index", "indexed_sum", "logsumexp", "matrix_function",
    "matrix_power",
    "pinv", "written_derivative",
]  # fmt: skip
