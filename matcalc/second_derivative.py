"""The Hessian: the second derivative of a scalar by one or two vectors."""

from __future__ import annotations

from matcalc.derivation import axes_of_variable, variable_named
from matcalc.errors import NoMatrixFormError, ShapeError
from matcalc.index.engine import Engine
from matcalc.language.building import lift
from matcalc.language.expressions import Expr
from matcalc.language.sizes import shape_text
from matcalc.layout.conventions import Layout, style_named
from matcalc.layout.factors import name_of
from matcalc.layout.matrix_form import Writer
from matcalc.layout.vectorised import vec_expression


def hessian(of: Expr, x: Expr | str, y: Expr | str | None = None, *, style: str = "hadamard") -> Expr:
    """The second derivatives of a scalar: rows by x, columns by y; the same in both layouts.

    Shapes: n x n for a vector x of n entries, n x m for vectors x (n) and y (m); a scalar counts as size 1.

    Args:
        of: a scalar.
        x: the variable of the rows, or its plain name.
        y: the variable of the columns; x where it is left out.
        style: as in `derive`.

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
    quantity = lift(of)
    if quantity.shape:
        raise ShapeError(f"A Hessian is that of a scalar; {name_of(quantity)} is {shape_text(quantity.shape)}.")
    first = variable_named(x, [quantity])
    second = first if y is None else variable_named(y, [quantity])
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
    return vec_expression(Writer(Layout.NUMERATOR, style_named(style)), form, rows, columns)
