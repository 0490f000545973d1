"""The derivatives of a scalar by several variables, in one sweep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matcalc.derivation import axes_of_variable
from matcalc.errors import MatcalcError, ShapeError
from matcalc.index.engine import Engine
from matcalc.index.form import Form
from matcalc.language.asked import Declarations, quantity_and_variables
from matcalc.language.by_name import ByName
from matcalc.language.expressions import Derivative, Expr, Let
from matcalc.language.reading.scope import FunctionLike, Names, ShapeLike
from matcalc.language.sizes import shape_text
from matcalc.language.traversal import postorder, with_definition
from matcalc.layout.conventions import Axes, Layout, layout_named, style_named
from matcalc.layout.factors import is_short, laid_out, name_of


def gradients(
    of: Expr | str,
    wrt: Iterable[Expr | str] | Expr | str,
    *,
    layout: str | None = None,
    style: str = "hadamard",
    shapes: Mapping[str, ShapeLike] | None = None,
    functions: Mapping[str, FunctionLike] | None = None,
    names: Names | None = None,
    assume: Iterable[str] = (),
) -> dict[str, Expr]:
    """The derivatives of a scalar by several variables, in one sweep from the scalar to the variables.

    A derivative that several others need, delta, is named once: a `let` named ``dC/dz`` stands for it.

    Shapes: each result has the transposed shape of its variable in numerator layout, the shape of its variable in denominator layout.

    Args:
        of: a scalar; or a formula in LaTeX that writes one.
        wrt: variables or their names, in the order of the answer; or a single one.
        layout: ``numerator`` or ``denominator``.
        style, shapes, functions, names, assume: as in `derive`.

    Returns:
        A dict from the plain name of each variable to its derivative, an expression.

    Raises:
        ShapeError: ``of`` is not a scalar.

    Example:
        >>> import matcalc as mc
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> z = mc.let("z", W @ x + b)
        >>> C = mc.let("C", mc.sum(z**2) / 2)
        >>> mc.gradients(C, [W, b], layout="denominator")
        {'W': dC/dz x^T, 'b': dC/dz}
    """
    chosen, drawn = layout_named(layout), style_named(style)
    if not isinstance(wrt, Expr | str | Iterable):
        raise MatcalcError(f"gradients takes a variable or a list of variables, not {wrt!r}.")
    asked = [wrt] if isinstance(wrt, Expr | str) else list(wrt)
    quantity, targets = quantity_and_variables(of, asked, Declarations(shapes, functions, names, assume), chosen.value)
    if quantity.shape:
        raise ShapeError(f"gradients are those of a scalar; {name_of(quantity)} is {shape_text(quantity.shape)}. Take derive.")
    engine = Engine()
    nowhere = Axes((), ())
    adjoints: list[Let] = []

    def claim() -> tuple[str, str]:
        return f"the derivative of {name_of(quantity)}", "Take derive(..., layout=...).tensor."

    def named(node: Let, form: Form) -> Form:
        axes = axes_of_variable(node, engine, 0)
        matrix = laid_out(engine.finished(form), nowhere, axes, chosen, drawn, claim)
        adjoint = Let(f"d{name_of(quantity)}/d{node.name}" if isinstance(quantity, Let) else f"d/d{node.name}", matrix, matrix.shape)
        adjoints.append(adjoint)
        turned = chosen is Layout.NUMERATOR and axes.ndim == 2
        return engine.named(adjoint, form.axes, axes.columns + axes.rows if turned else axes.all)

    forms = engine.adjoints(quantity, targets, named, cut=False)
    result: dict[str, Expr] = {}
    heads: dict[str, Expr] = {}
    for node in targets:
        axes = axes_of_variable(node, engine, 0)
        result[node.name] = laid_out(engine.finished(forms[node.name]), nowhere, axes, chosen, drawn, claim)
        if is_short(quantity):
            heads[node.name] = Derivative(quantity, node, chosen.value, False, result[node.name].shape)
    return ByName(result, heads, _named_in(result.values(), adjoints))


def _named_in(results: Iterable[Expr], adjoints: Iterable[Let]) -> dict[Expr, Expr]:
    """The derivatives that are named in results, each with what it is, those that rest on others before them."""
    used = set(postorder(list(results), with_definition))
    return {node: node.definition for node in reversed(list(adjoints)) if node in used}
