"""Written derivatives, carried out: each becomes what it is, in its own layout."""

from __future__ import annotations

from dataclasses import replace

from matcalc.derivation import derive
from matcalc.errors import NoStandInError, SeveralPathsError
from matcalc.language.expressions import Derivative, Expr, Let, Symbol, Vec
from matcalc.language.operators import METHODS, register
from matcalc.language.traversal import postorder, with_operands


def carried_out(expr: Expr) -> Expr:
    r"""The expression with every derivative that is written in it derived; named quantities stay names.

    Shapes: those of the expression: each derivative stays in the layout that it was written in.

    Raises:
        NoMatrixFormError: a derivative has no matrix form.

    Args:
        expr: an expression with derivatives in it, as `parse` reads them.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> z = mc.let("z", W @ x)
        >>> C = mc.let("C", mc.sum(z**2))
        >>> e = mc.parse(r"\frac{\partial C}{\partial z} \frac{\partial z}{\partial x}", names=[C, z, x], layout="numerator")
        >>> e, mc.carried_out(e)
        (dC/dz dz/dx, 2 z^T W)
    """
    made: dict[Expr, Expr] = {}
    for node in postorder([expr], _written):
        if isinstance(node, Derivative):
            made[node] = _derived(replace(node, of=made[node.of]))
        else:
            made[node] = with_operands(node, tuple(made[part] for part in node.operands))
    return made[expr]


def _derived(node: Derivative) -> Expr:
    """A derivative by a quantity, or by the vec of one; another one as it is."""
    of, by = node.of, node.by
    if node.direct:
        return node
    if isinstance(by, Symbol | Let):
        return derive(of, by, layout=node.layout).result
    if isinstance(by, Vec) and isinstance(by.argument, Symbol | Let):
        whole = of.argument if isinstance(of, Vec) else of
        return derive(whole, by.argument, layout=node.layout).vec_form
    return node


def stand_in(of: Expr, by: Expr, layout: str) -> Expr:
    """The vector or matrix that texts write for a derivative with three axes, as a for dz/dW.

    Raises:
        NoStandInError: none may stand for it; more than one factor lies between the two.
    """
    if not isinstance(by, Symbol | Let):
        raise NoStandInError(f"{by!r} is no variable; only a derivative by a symbol or a named quantity has a stand-in.")
    try:
        (factor,) = derive(of, by, layout=layout).factors
    except (SeveralPathsError, ValueError) as error:
        raise NoStandInError(f"The derivative of {of!r} by {by!r} is no single factor, so that no vector stands for it.") from error
    return factor.stand_in(layout)


def _written(node: Expr) -> tuple[Expr, ...]:
    return (node.of,) if isinstance(node, Derivative) else node.operands


register(METHODS, "stand_in", stand_in)
