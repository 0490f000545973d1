"""The names of derivatives by vec: ∂vec(Z)/∂vec(W)^T in numerator layout, its transpose ∂vec(Z)^T/∂vec(W) in denominator layout."""

from __future__ import annotations

from matcalc.figures.typeset import Formula
from matcalc.language.building import vec
from matcalc.language.expressions import Expr, transpose
from matcalc.language.sizes import ndim
from matcalc.layout.conventions import Layout


def name_by_vec(of: Expr, by: Expr, layout: Layout | None) -> Formula:
    """The derivative of the stacked columns of one quantity by those of another, as a formula; no vec stands where neither is a matrix.

    Shapes: of Z (m x p) by W (m x n), m p x m n in numerator layout, m n x m p in denominator layout.

    Args:
        of, by: the quantities.
        layout: the layout; None for what stands for both, without transposes.

    Example:
        >>> import matcalc as mc
        >>> C, W = mc.scalar("C"), mc.matrix("W", 3, 5)
        >>> print(name_by_vec(C, W, Layout.NUMERATOR))
        \\frac{\\partial C}{\\partial \\operatorname{vec}(\\mathbf{W})^\\top}
        >>> print(name_by_vec(C, W, Layout.DENOMINATOR))
        \\frac{\\partial C}{\\partial \\operatorname{vec}(\\mathbf{W})}
    """
    if max(ndim(of.shape), ndim(by.shape)) < 2:
        above, below = of.latex(), by.latex()
    else:
        above, below = (
            _columns(each, turned=layout is with_transpose) for each, with_transpose in ((of, Layout.DENOMINATOR), (by, Layout.NUMERATOR))
        )
    return Formula(rf"\frac{{\partial {above}}}{{\partial {below}}}")


def _columns(quantity: Expr, *, turned: bool) -> str:
    """A quantity, of a matrix its stacked columns, turned into a row or not; a vector is named as in every other derivative."""
    if len(quantity.shape) < 2:
        return quantity.latex()
    stacked = vec(quantity)
    return (transpose(stacked) if turned else stacked).latex()
