"""The Hessian: the second derivative of a scalar by one or two vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matcalc.derivation import axes_of_variable
from matcalc.errors import NoMatrixFormError, ShapeError
from matcalc.index.engine import Engine
from matcalc.language.asked import Declarations, quantity_and_variables
from matcalc.language.expressions import Expr
from matcalc.language.reading.scope import FunctionLike, Names, ShapeLike
from matcalc.language.sizes import shape_text
from matcalc.layout.conventions import Layout, style_named
from matcalc.layout.factors import name_of
from matcalc.layout.matrix_form import Writer
from matcalc.layout.vectorised import vec_expression


def hessian(
    of: Expr | str,
    x: Expr | str,
    y: Expr | str | None = None,
    *,
    style: str = "hadamard",
    shapes: Mapping[str, ShapeLike] | None = None,
    functions: Mapping[str, FunctionLike] | None = None,
    names: Names | None = None,
    assume: Iterable[str] = (),
) -> Expr:
    """The second derivatives of a scalar: rows by x, columns by y; the same in both layouts.

    Shapes: n x n for a vector x of n entries, n x m for vectors x (n) and y (m); a scalar counts as size 1.

    Args:
        of: a scalar; or a formula in LaTeX that writes one.
        x: the variable of the rows, or its name.
        y: the variable of the columns; x where it is left out.
        style, shapes, functions, names, assume: as in `derive`.

    Raises:
        ShapeError: ``of`` is not a scalar.
        NoMatrixFormError: x or y is a matrix (three or four axes), or no string of matrices writes the result.

    Source: Magnus & Neudecker, Matrix Differential Calculus, 2019, chapter 6.

    Example:
        >>> import matcalc as mc
        >>> A, x, y = mc.matrix("A", "n", "n"), mc.vector("x", "n"), mc.vector("y", "m")
        >>> mc.hessian(x.T @ A @ x, x)
        A + A^T
        >>> B = mc.matrix("B", "n", "m")
        >>> mc.hessian(x.T @ B @ y, x, y)
        B
    """
    drawn = style_named(style)
    quantity, variables = quantity_and_variables(of, [x] if y is None else [x, y], Declarations(shapes, functions, names, assume))
    if quantity.shape:
        raise ShapeError(f"A Hessian is that of a scalar; {name_of(quantity)} is {shape_text(quantity.shape)}.")
    first, second = variables[0], variables[-1]
    for node in (first, second):
        if len([entry for entry in node.shape if entry != 1]) == 2:
            raise NoMatrixFormError(
                f"The Hessian by the matrix {node.name} {shape_text(node.shape)} has four axes (three with a vector): no matrix "
                "holds it. Derive twice: derive(derive(f, X, layout=...).result, X, layout=...).tensor, or take the derivative by a vector."
            )
    engine = Engine()
    gradient = engine.adjoints(quantity, [first])[first.name]
    form = engine.adjoints_of_form(gradient, quantity, [second])[second.name]
    rows = axes_of_variable(first, engine, 0).all
    columns = axes_of_variable(second, engine, len(rows)).all
    return vec_expression(Writer(Layout.NUMERATOR, drawn), form, rows, columns)
