"""Expressions with the symbols and named quantities of some names exchanged for others of the same shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matcalc.language.expressions import Derivative, Expr, Let, Symbol
from matcalc.language.traversal import postorder, with_definition, with_operands


def exchanged_names(roots: Sequence[Expr], exchange: Mapping[str, Expr]) -> list[Expr]:
    """The expressions with each symbol or `let` of a name exchanged, in the definitions of other named quantities too.

    Example:
        >>> import matcalc as mc
        >>> x, y = mc.vector("x", "n"), mc.vector("y", "n")
        >>> exchanged_names([mc.let("z", 2 * x) + x], {"x": y})[0]
        z + y
    """
    made = exchanged_leaves(roots, lambda node: exchange.get(node.name))
    return [made[root] for root in roots]


def exchanged_leaves(roots: Sequence[Expr], exchange: Callable[[Symbol | Let], Expr | None]) -> dict[Expr, Expr]:
    """For every node under the expressions the same one with symbols and named quantities exchanged; None leaves one as it is."""
    changed: dict[Expr, Expr] = {}
    for node in postorder(roots, with_definition):
        other = exchange(node) if isinstance(node, Symbol | Let) else None
        if other is not None:
            changed[node] = other
            continue
        match node:
            case Let(name=name, definition=definition, shape=shape):
                changed[node] = node if changed[definition] is definition else Let(name, changed[definition], shape)
            case Derivative():
                changed[node] = Derivative(changed[node.of], changed[node.by], node.layout, node.direct, node.shape)
            case _:
                below = tuple(changed[child] for child in node.operands)
                same = all(a is b for a, b in zip(below, node.operands, strict=True))
                changed[node] = node if same else with_operands(node, below)
    return changed
