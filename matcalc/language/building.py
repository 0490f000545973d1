"""How expressions are written: declarations and constants; the operators and the named operations have their names here too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import overload

from matcalc.errors import MatcalcError
from matcalc.language.arithmetic import Operand as Operand
from matcalc.language.arithmetic import add as add
from matcalc.language.arithmetic import apply as apply
from matcalc.language.arithmetic import apply_map as apply_map
from matcalc.language.arithmetic import divide as divide
from matcalc.language.arithmetic import lift as lift
from matcalc.language.arithmetic import matmul as matmul
from matcalc.language.arithmetic import negate as negate
from matcalc.language.arithmetic import power as power
from matcalc.language.arithmetic import subtract as subtract
from matcalc.language.arithmetic import times as times
from matcalc.language.array_operations import det as det
from matcalc.language.array_operations import diag as diag
from matcalc.language.array_operations import inv as inv
from matcalc.language.array_operations import kron as kron
from matcalc.language.array_operations import known_elementwise as known_elementwise
from matcalc.language.array_operations import logdet as logdet
from matcalc.language.array_operations import norm as norm
from matcalc.language.array_operations import outer as outer
from matcalc.language.array_operations import softmax as softmax
from matcalc.language.array_operations import sum as sum
from matcalc.language.array_operations import trace as trace
from matcalc.language.array_operations import vec as vec
from matcalc.language.assumed import declared_symbol
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, MapFunction
from matcalc.language.expressions import Commutation, Expr, Identity, Let, Ones, Zeros
from matcalc.language.naming import checked_name as checked_name
from matcalc.language.sizes import SizeLike, shape_of, size, size_product

Assumed = str | Iterable[str]


# ---- declarations ----------------------------------------------------------------------------------------------------


def scalar(name: str, *, assume: Assumed = ()) -> Expr:
    """A declared scalar.

    Shapes: ``()``. The derivative of a column y (m) by it is the column m x 1 in numerator layout, the row 1 x m in denominator layout; of
    a matrix Y it has Y's shape in numerator layout and is transposed in denominator layout.

    Args:
        name: plain name, or the symbol in LaTeX.
        assume: what is assumed of it, as "positive integer", or a list.

    Raises:
        MatcalcError: it is no name.
        ReadError: it is no assumption, or none of a scalar.

    Example:
        >>> import matcalc as mc
        >>> t, y = mc.scalar("t"), mc.vector("y", "m")
        >>> t.shape, mc.derive(t * y, t, layout="numerator").result, mc.derive(t * y, t, layout="denominator").result
        ((), y, y^T)
    """
    return declared_symbol(checked_name(name), (), assume)


def vector(name: str, n: SizeLike, *, assume: Assumed = ()) -> Expr:
    """A declared column of n entries.

    Shapes: ``(n,)``, a column. The derivative of a scalar by it is 1 x n in numerator layout, n x 1 in denominator layout; of a column y
    (m) it is m x n and n x m.

    Args:
        name: plain name, or the symbol in LaTeX.
        n: its size, a `Dim`, a name or a positive int.
        assume: what is assumed of it, as "one-hot" or ["positive", "sums to one"].

    Raises:
        MatcalcError: it is no name, or no size.
        ReadError: it is no assumption, or none of a column.

    Example:
        >>> import matcalc as mc
        >>> x, A = mc.vector("x", "n"), mc.matrix("A", "m", "n")
        >>> x.shape, x.T.shape
        ((n,), (1, n))
        >>> mc.derive(A @ x, x, layout="numerator").result, mc.derive(A @ x, x, layout="denominator").result
        (A, A^T)
    """
    return declared_symbol(checked_name(name), shape_of(size(n), 1), assume)


def row(name: str, n: SizeLike, *, assume: Assumed = ()) -> Expr:
    """A declared row of n entries; derivatives by it or of it are laid out as by or of the column.

    Shapes: ``(1, n)``. The derivative of a scalar by it is 1 x n in numerator layout, n x 1 in denominator layout, as by a column.

    Args:
        name, n, assume: as in `vector`.

    Raises:
        MatcalcError: it is no name, or no size.
        ReadError: it is no assumption, or none of a row.

    Example:
        >>> import matcalc as mc
        >>> r, y = mc.row("r", "n"), mc.vector("y", "n")
        >>> r.shape, mc.derive(r @ y, r, layout="numerator").result, mc.derive(r @ y, r, layout="denominator").result
        ((1, n), y^T, y)
    """
    return declared_symbol(checked_name(name), shape_of(1, size(n)), assume)


def matrix(name: str, rows: SizeLike, columns: SizeLike, *, assume: Assumed = ()) -> Expr:
    """A declared matrix; with one column it is a vector, with one row a row.

    Shapes: ``(rows, columns)``. The derivative of a scalar by it is columns x rows in numerator layout, rows x columns in denominator
    layout.

    Args:
        name: plain name, or the symbol in LaTeX.
        rows, columns: sizes, each a `Dim`, a name or a positive int.
        assume: what is assumed of it, as "symmetric" or ["positive definite", "toeplitz"]; results are written accordingly, and test data
            drawn so.

    Raises:
        MatcalcError: it is no name, or no size.
        ReadError: it is no assumption, or none of such a matrix.

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

    Shapes: that of its definition. A factor between two named columns, dz/da with z (m) and a (n), is m x n in numerator layout, n x m in
    denominator layout.

    Args:
        name: plain name, or the symbol in LaTeX.
        definition: an expression or a number; it is kept, and never put in unasked.

    Raises:
        MatcalcError: it is no name, or nothing that can stand in an expression.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> z = mc.let("z", W @ x)
        >>> z, z.shape, z.definition
        (z, (m,), W x)
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

    Shapes: an elementwise f(z) has the shape of z; of a column z (n) its derivative by z is diag(f'(z)), n x n in both layouts. A map u of
    shape (m,) of a column x (n) has a derivative m x n in numerator layout, n x m in denominator layout.

    Args:
        name: plain name, or the symbol in LaTeX.
        of: the argument of the map, or several; without it the function is elementwise.
        shape: the shape of the map's value: ``()``, ``(m,)``, ``(1, m)`` or ``(m, n)``.

    Returns:
        An `ElementwiseFunction`, which applies to expressions and has ``prime``; or the applied map, an expression.

    Raises:
        MatcalcError: it is no name, or that of a known function; a map without its shape, or a shape without a map.

    Example:
        >>> import matcalc as mc
        >>> x = mc.vector("x", "n")
        >>> f = mc.function("f")
        >>> f.prime(x)
        f'(x)
        >>> u = mc.function("u", of=x, shape=("m",))
        >>> u, u.shape
        (u(x), (m,))
        >>> mc.derive(u, x, layout="numerator").shape, mc.derive(u, x, layout="denominator").shape
        ((m, n), (n, m))
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
    """All entries one; ``ones(n)`` is a column.

    Shapes: ``(rows, columns)``, ``(rows,)`` for one column.

    Raises:
        MatcalcError: it is no size.

    Example:
        >>> import matcalc as mc
        >>> mc.ones("n").shape, mc.ones("m", "n").shape, mc.ones(2, 3)
        ((n,), (m, n), 1_{2 x 3})
    """
    return Ones(shape_of(size(rows), size(columns)))


def zeros(rows: SizeLike, columns: SizeLike = 1) -> Expr:
    """All entries zero; ``zeros(n)`` is a column.

    Shapes: ``(rows, columns)``, ``(rows,)`` for one column.

    Raises:
        MatcalcError: it is no size.

    Example:
        >>> import matcalc as mc
        >>> mc.zeros("n").shape, mc.zeros("m", "n").shape, mc.zeros(2, 3)
        ((n,), (m, n), 0_{2 x 3})
    """
    return Zeros(shape_of(size(rows), size(columns)))


def identity(n: SizeLike) -> Expr:
    """The n x n identity matrix.

    Shapes: ``(n, n)``.

    Raises:
        MatcalcError: it is no size.

    Example:
        >>> import matcalc as mc
        >>> x = mc.vector("x", "n")
        >>> mc.identity("n"), mc.derive(x, x, layout="numerator").result
        (I_n, I_n)
    """
    return Identity(size(n), shape_of(size(n), size(n)))


def commutation(m: SizeLike, n: SizeLike) -> Expr:
    """The commutation matrix K_{m,n}, with K_{m,n} vec(X) = vec(X^T) for X of shape (m, n).

    Shapes: ``(m*n, m*n)``; its transpose is K_{n,m}.

    Raises:
        MatcalcError: it is no size.

    Source: Magnus & Neudecker, Matrix Differential Calculus, 2019, section 3.7.

    Example:
        >>> import matcalc as mc
        >>> X = mc.matrix("X", "m", "n")
        >>> mc.prove_equal(mc.commutation("m", "n") @ mc.vec(X), mc.vec(X.T)).verdict
        'equal'
        >>> mc.derive(X.T, X, layout="numerator").vec_form
        K_{m,n}
    """
    both = size_product(size(m), size(n))
    return Commutation(size(m), size(n), shape_of(both, both))
