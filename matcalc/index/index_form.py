"""An index form as a person holds it: it prints as a sum over indices and evaluates to an array."""

from __future__ import annotations

from typing import Any, final

from matcalc.index.form import Form
from matcalc.language.expressions import Expr
from matcalc.language.operators import METHODS, Computable, Typeset
from matcalc.language.sizes import Size, size_product


@final
class IndexForm(Computable, Typeset):
    """A derivative, or any expression, as a sum over indices; no order of factors and no layout.

    Shapes: ``shape`` has one size for each free index, those of the output first; no layout.

    Raises:
        EvaluationError: by ``evaluate``, values that are missing or of the wrong shape.

    Attributes:
        form: the sum.
        groups: the axes of the array that it evaluates to, each a tuple of indices, the first counting slowest: one index for an
            ordinary axis, several where vec or a Kronecker product made the axis.
        roots: the expressions it came from, which tell the names and their values.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> d = mc.derive(mc.let("z", W @ x), W, layout="numerator")
        >>> d.index_form
        δ_ij x_k
        >>> d.index_form.shape
        (m, m, n)
    """

    __slots__ = ("form", "groups", "roots")

    def __init__(self, form: Form, groups: tuple[tuple[int, ...], ...], roots: tuple[Expr, ...]) -> None:
        self.form = form
        self.groups = groups
        self.roots = roots

    @property
    def shape(self) -> tuple[Size, ...]:
        """The size of each axis, output first."""
        sizes: list[Size] = []
        for group in self.groups:
            product: Size = 1
            for axis in group:
                product = size_product(product, self.form.axes[axis])
            sizes.append(product)
        return tuple(sizes)

    @property
    def ndim(self) -> int:
        """The number of free axes."""
        return len(self.groups)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IndexForm) and (self.form, self.groups) == (other.form, other.groups)

    def __hash__(self) -> int:
        return hash((self.form, self.groups))

    def __repr__(self) -> str:
        return METHODS["index_text"](self.form)  # type: ignore[no-any-return]

    def latex(self) -> str:
        """The sum over indices in LaTeX."""
        return METHODS["index_latex"](self.form)  # type: ignore[no-any-return]

    def evaluate(self, values: Any = None, *, sizes: Any = None, functions: Any = None) -> Any:
        """The value at given data, summed by explicit loops: a float64 array with one axis for each free axis, output first."""
        return METHODS["index_evaluate"](self, values, sizes=sizes, functions=functions)
