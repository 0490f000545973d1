"""How expressions are written: declarations, operators and named operations, each checking shapes as written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from numbers import Rational, Real
from typing import Any, overload

from matcalc.errors import MatcalcError, ShapeError, UnsupportedError, near_names
from matcalc.language.assumed import declared_symbol
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, MapFunction, known_function
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, Commutation, Determinant, Diag, DiagonalPart, Divide, Expr, Hadamard, Identity, Inverse, Kron, Let,
    LogDeterminant, MatMul, Negate, Norm, Number, Ones, Power, Scale, SizeNumber, Softmax, Subtract, Sum, Trace,
    Vec, Zeros, transpose,
)  # fmt: skip
from matcalc.language.misfits import both_shapes, differing_sizes, misfit, way_out_of_product
from matcalc.language.naming import checked_name as checked_name
from matcalc.language.operators import METHODS, OPERATIONS, Numeric, Written, register
from matcalc.language.sizes import (
    Dim, SizeLike, ndim, rows_and_columns, shape_of, shape_text, size, size_product,
)  # fmt: skip

Operand = Written | Numeric
Assumed = str | Iterable[str]


# ---- declarations ----------------------------------------------------------------------------------------------------


def scalar(name: str, *, assume: Assumed = ()) -> Expr:
    """A declared scalar; ``assume`` says what is assumed of it, as "positive integer".

    Example:
        >>> import matcalc as mc
        >>> mc.scalar("c").shape
        ()
    """
    return declared_symbol(checked_name(name), (), assume)


def vector(name: str, n: SizeLike, *, assume: Assumed = ()) -> Expr:
    """A declared column of n entries; ``assume`` says what is assumed of it, as "one-hot" or ["positive", "sums to one"].

    Example:
        >>> import matcalc as mc
        >>> mc.vector("x", "n").shape, mc.vector("x", "n").T.shape
        ((n,), (1, n))
    """
    return declared_symbol(checked_name(name), shape_of(size(n), 1), assume)


def row(name: str, n: SizeLike, *, assume: Assumed = ()) -> Expr:
    """A declared row of n entries; derivatives by it are laid out as by the column. ``assume`` as in `vector`.

    Example:
        >>> import matcalc as mc
        >>> mc.row("r", "n").shape
        (1, n)
    """
    return declared_symbol(checked_name(name), shape_of(1, size(n)), assume)


def matrix(name: str, rows: SizeLike, columns: SizeLike, *, assume: Assumed = ()) -> Expr:
    """A declared matrix; with one column it is a vector, with one row a row.

    ``assume`` says what is assumed of it, as "symmetric" or ["positive definite", "toeplitz"]; results are written accordingly, and
    test data drawn so.

    Example:
        >>> import matcalc as mc
        >>> mc.matrix("W", "m", "n").shape
        (m, n)
        >>> S, x = mc.matrix("S", "n", "n", assume="symmetric"), mc.vector("x", "n")
        >>> mc.derive(x.T @ S @ x, x, layout="denominator").result
        2 S x
    """
    return declared_symbol(checked_name(name), shape_of(size(rows), size(columns)), assume)


def let(name: str, definition: Operand) -> Expr:
    """A named quantity; the chain rule runs between names.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> z = mc.let("z", W @ x)
        >>> z, z.shape
        (z, (m,))
    """
    meaning = lift(definition)
    return Let(checked_name(name), meaning, meaning.shape)


@overload
def function(name: str) -> ElementwiseFunction: ...
@overload
def function(name: str, *, of: Expr | Iterable[Expr], shape: tuple[SizeLike, ...]) -> Expr: ...
def function(
    name: str, *, of: Expr | Iterable[Expr] | None = None, shape: tuple[SizeLike, ...] | None = None
) -> ElementwiseFunction | Expr:
    """An unknown function: elementwise, or with ``of=`` and ``shape=`` a differentiable map, applied.

    Args:
        name: plain name, or the symbol in LaTeX.
        of: the argument of the map, or several; without it the function is elementwise.
        shape: the shape of the map's value: ``()``, ``(m,)``, ``(1, m)`` or ``(m, n)``.

    Example:
        >>> import matcalc as mc
        >>> x = mc.vector("x", "n")
        >>> f = mc.function("f")
        >>> f.prime(x)
        f'(x)
        >>> u = mc.function("u", of=x, shape=("m",))
        >>> u, u.shape
        (u(x), (m,))
    """
    name = checked_name(name)
    if name in KNOWN_FUNCTIONS:
        raise MatcalcError(f"{name} is the name of a known function, so an unknown one needs another name.")
    if of is None:
        if shape is not None:
            raise MatcalcError(f"{name}: a shape needs of=, the argument of the map; without both, {name} is elementwise.")
        return ElementwiseFunction(name)
    if shape is None:
        raise MatcalcError(f"{name}: a map needs shape=, the shape of its value; shape=() for a scalar.")
    arguments = (of,) if isinstance(of, Expr) else tuple(of) if isinstance(of, Iterable) else ()
    if not arguments or not all(isinstance(a, Expr) for a in arguments) or not isinstance(shape, tuple | list) or len(shape) > 2:
        raise MatcalcError(f"{name}: of= is an expression or several, and shape= a tuple like (), ('m',) or ('m', 'n').")
    sizes = tuple(size(entry) for entry in shape)
    value_shape = shape_of(*sizes) if len(sizes) == 2 else shape_of(sizes[0], 1) if sizes else ()
    return MapFunction(name, value_shape, tuple(a.shape for a in arguments))(*arguments)


def ones(rows: SizeLike, columns: SizeLike = 1) -> Expr:
    """All entries one; ``ones(n)`` is a column."""
    return Ones(shape_of(size(rows), size(columns)))


def zeros(rows: SizeLike, columns: SizeLike = 1) -> Expr:
    """All entries zero; ``zeros(n)`` is a column."""
    return Zeros(shape_of(size(rows), size(columns)))


def identity(n: SizeLike) -> Expr:
    """The n x n identity matrix."""
    return Identity(size(n), shape_of(size(n), size(n)))


def commutation(m: SizeLike, n: SizeLike) -> Expr:
    """The commutation matrix K_{m,n}, with K_{m,n} vec(X) = vec(X^T) for X of shape (m, n)."""
    both = size_product(size(m), size(n))
    return Commutation(size(m), size(n), shape_of(both, both))


# ---- operators -------------------------------------------------------------------------------------------------------


def lift(value: object) -> Expr:
    """The expression that a value stands for: an expression, a size or a number."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, Dim):
        return SizeNumber(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise MatcalcError(f"{value!r} ({type(value).__name__}) cannot stand in an expression: an Expr, a Dim or a number can.")
    return Number(rational(value))


def rational(value: Real) -> Fraction:
    """The number as a fraction; a float is read as its shortest decimal, 0.1 as 1/10."""
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    try:
        return Fraction(repr(float(value)))
    except ValueError:
        raise MatcalcError(f"{value} is not a rational number.") from None


def _entrywise(node_type: type[Add] | type[Subtract] | type[Hadamard] | type[Divide], a: Expr, b: Expr) -> Expr:
    """Two arrays of one shape, or a scalar spread over an array."""
    if a.shape and b.shape and a.shape != b.shape:
        way_out = "Both sides need one shape; only a number or a scalar is spread over an array."
        if rows_and_columns(a.shape) == rows_and_columns(b.shape)[::-1]:
            way_out = f"One is the transpose of the other: write .T at one of them. {way_out}"
        raise misfit(node_type(a, b, a.shape), f"{both_shapes(a, b)}; {differing_sizes(a.shape, b.shape)}.", way_out)
    return node_type(a, b, a.shape or b.shape)


def add(left: Operand, right: Operand) -> Expr:
    return _entrywise(Add, lift(left), lift(right))


def subtract(left: Operand, right: Operand) -> Expr:
    return _entrywise(Subtract, lift(left), lift(right))


def times(left: Operand, right: Operand) -> Expr:
    a, b = lift(left), lift(right)
    if a.shape and b.shape:
        return _entrywise(Hadamard, a, b)
    return Scale(a, b, a.shape or b.shape)


def divide(left: Operand, right: Operand) -> Expr:
    return _entrywise(Divide, lift(left), lift(right))


def negate(argument: Operand) -> Expr:
    value = lift(argument)
    return Negate(value, value.shape)


def power(base: Operand, exponent: Operand) -> Expr:
    raised = lift(base)
    to = lift(exponent)
    if isinstance(to, Number):
        return Power(raised, to.value, raised.shape)
    raise UnsupportedError(
        f"{METHODS['text'](raised)} ** {METHODS['text'](to)}: an exponent is a number; write exp(p * log(x)) for another."
    )


def matmul(left: Operand, right: Operand) -> Expr:
    a, b = lift(left), lift(right)
    (rows, inner), (found, columns) = rows_and_columns(a.shape), rows_and_columns(b.shape)
    if inner == found:
        return MatMul(a, b, shape_of(rows, columns))
    raise misfit(MatMul(a, b, ()), f"{both_shapes(a, b)}; {inner} and {found} differ.", way_out_of_product(a, b))


# ---- named operations ------------------------------------------------------------------------------------------------


def apply(function: ElementwiseFunction, argument: object) -> Expr:
    value = lift(argument)
    return Apply(function, value, value.shape)


def apply_map(function: MapFunction, arguments: tuple[Expr, ...]) -> Expr:
    given = tuple(lift(a) for a in arguments)
    node = ApplyMap(function, given, function.shape)
    if len(given) != len(function.argument_shapes):
        raise ShapeError(f"{function.name} takes {len(function.argument_shapes)} arguments, {len(given)} were given.")
    faults = [
        f"{METHODS['text'](a)} is {shape_text(a.shape)}, {function.name} takes {shape_text(shape)} there"
        for a, shape in zip(given, function.argument_shapes, strict=True)
        if a.shape != shape
    ]
    if faults:
        raise misfit(node, "; ".join(faults) + ".", "A map is declared for one shape of each argument.")
    return node


def sum(argument: Operand) -> Expr:
    """The sum of all entries, a scalar."""
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
    """The trace of a square matrix."""
    return Trace(_square(argument, Trace, "A trace"))


def det(argument: Operand) -> Expr:
    """The determinant of a square matrix."""
    return Determinant(_square(argument, Determinant, "A determinant"))


def logdet(argument: Operand) -> Expr:
    """ln det X of a square matrix with positive determinant."""
    return LogDeterminant(_square(argument, LogDeterminant, "A determinant"))


def inv(argument: Operand) -> Expr:
    """The inverse of a square matrix."""
    value = _square(argument, Inverse, "An inverse")
    return Inverse(value, value.shape)


def diag(argument: Operand) -> Expr:
    """The diagonal matrix of a vector; of a square matrix, its diagonal as a column.

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

    Example:
        >>> import matcalc as mc
        >>> x = mc.vector("x", "n")
        >>> mc.norm(x), mc.norm(x, 1)
        (norm(x), sum(abs(x)))
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
    """The columns of a matrix, stacked into one column."""
    value = lift(argument)
    rows, columns = rows_and_columns(value.shape)
    return Vec(value, shape_of(size_product(rows, columns), 1))


def kron(left: Operand, right: Operand) -> Expr:
    """The Kronecker product."""
    a, b = lift(left), lift(right)
    (p, q), (r, s) = rows_and_columns(a.shape), rows_and_columns(b.shape)
    return Kron(a, b, shape_of(size_product(p, r), size_product(q, s)))


def known_elementwise(name: str) -> ElementwiseFunction:
    """The known elementwise function of that name, or an error with near names."""
    if name not in KNOWN_FUNCTIONS:
        raise MatcalcError(f"There is no known function {name!r}. {near_names(name, KNOWN_FUNCTIONS)}")
    return known_function(name)


_MEANINGS: dict[str, Callable[..., Any]] = {
    "add": add, "subtract": subtract, "times": times, "matmul": matmul, "divide": divide, "power": power, "negate": negate,
    "apply": apply, "apply_map": apply_map,
}  # fmt: skip
for _name, _meaning in _MEANINGS.items():
    register(OPERATIONS, _name, _meaning)
register(METHODS, "transpose", transpose)
