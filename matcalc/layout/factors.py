"""One factor of a chain: the derivative of a named quantity by one that stands in its definition, in both layouts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import final

from matcalc.errors import NoStandInError
from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.form import AtomKind, Form, OpenTerm
from matcalc.index.index_form import IndexForm
from matcalc.language.expressions import (
    Add, Derivative, Divide, Expr, Hadamard, Kron, Let, MatMul, Negate, Power, Scale, Subtract, Symbol, Transpose,
)  # fmt: skip
from matcalc.language.operators import Tabled
from matcalc.language.sizes import Shape, Size, shape_text
from matcalc.language.traversal import postorder
from matcalc.layout.conventions import Axes, Layout, Style, derivative_shape, layout_named, placed
from matcalc.layout.matrix_form import Writer
from matcalc.layout.vectorised import vec_expression


MOST_PARTS_WRITTEN = 1000


def name_of(expression: Expr) -> str:
    """How a quantity is called in a sentence: its name, or its text, in brackets where it is more than a name.

    The text of a shared graph without names may be endless; it is called by its shape.
    """
    if isinstance(expression, Symbol | Let):
        return expression.name
    if not is_short(expression):
        return f"(unnamed, {shape_text(expression.shape)})"
    operator = isinstance(expression, Add | Subtract | MatMul | Scale | Hadamard | Divide | Kron | Negate | Transpose | Power)
    return f"({expression!r})" if operator else repr(expression)


def is_short(expression: Expr) -> bool:
    """Whether the text of an expression may be written into a sentence or a formula."""
    return _written_parts(expression) <= MOST_PARTS_WRITTEN


def _written_parts(expression: Expr) -> int:
    """How many symbols, names and operations the text of an expression has, shared parts counted wherever they stand."""
    counts: dict[Expr, int] = {}
    for node in postorder([expression]):
        counts[node] = 1 + sum(counts[operand] for operand in node.operands)
    return counts[expression]


def groups_of(axes: Axes) -> tuple[tuple[int, ...], ...]:
    """The axes of the array that holds a quantity: one for a vector, two for a matrix."""
    return tuple(group for group in (axes.rows, axes.columns) if group)


def laid_out(form: Form, of: Axes, by: Axes, layout: Layout, style: Style, claim: Callable[[], tuple[str, str]]) -> Expr:
    """The matrix of a derivative in a layout and style."""
    place = placed(of, by, layout, claim)
    return vec_expression(Writer(layout, style), form, place.rows, place.columns)


def vectorised(form: Form, of: Axes, by: Axes, layout: Layout, style: Style) -> Expr:
    """d vec(of) / d vec(by)^T, or its transpose in denominator layout."""
    rows, columns = of.columns + of.rows, by.columns + by.rows
    if layout is Layout.DENOMINATOR:
        rows, columns = columns, rows
    return vec_expression(Writer(layout, style), form, rows, columns)


@final
class Factor(Tabled):
    """A derivative between two names of a chain, dz/da.

    Shapes: dz/da of columns z (m) and a (n) is m x n in numerator layout, n x m in denominator layout; a factor with three or four axes
    has the axes of output and input in numerator layout, of input and output in denominator layout.

    Raises:
        NoMatrixFormError: by ``numerator``, ``denominator`` and ``matrix``, of a factor with three or four axes.
        NoStandInError: by ``stand_in``, of a factor that is a matrix by itself, or for which no vector may stand.

    Attributes:
        of, by: the two quantities.
        form: the sum over indices, as `index_form` shows it.
        direct: whether the other named quantities in the definition of ``of`` are held, since several paths lead to ``by``.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> z = mc.let("z", W @ x)
        >>> (dz_dx,) = mc.derive(z, x, layout="numerator").factors
        >>> dz_dx.numerator, dz_dx.denominator
        (W, W^T)
        >>> (dz_dW,) = mc.derive(z, W, layout="numerator").factors
        >>> dz_dW.shape("numerator"), dz_dW.stand_in("numerator"), dz_dW.vec_form("numerator")
        ((m, m, n), x, x^T ⊗ I_m)
    """

    def __init__(
        self, of: Expr, by: Symbol | Let, form: Form, axes: tuple[Axes, Axes], style: Style, direct: bool
    ) -> None:
        self.of = of
        self.by = by
        self.form = form
        self.direct = direct
        self._of_axes, self._by_axes = axes
        self._style = style

    def __repr__(self) -> str:
        return f"d{name_of(self.of)}/d{name_of(self.by)}"

    @property
    def ndim(self) -> int:
        """The number of axes, of output and input together."""
        return self._of_axes.ndim + self._by_axes.ndim

    @cached_property
    def index_form(self) -> IndexForm:
        """The derivative as a sum over indices."""
        groups = groups_of(self._of_axes) + groups_of(self._by_axes)
        return IndexForm(self.form, groups, (self.of, self.by))

    @cached_property
    def numerator(self) -> Expr:
        """The matrix in numerator layout.

        Raises:
            NoMatrixFormError: the factor has three or four axes, or no string of matrices writes it.
        """
        return self._matrix(Layout.NUMERATOR)

    @cached_property
    def denominator(self) -> Expr:
        """The matrix in denominator layout; raises as `numerator` does."""
        return self._matrix(Layout.DENOMINATOR)

    def _matrix(self, layout: Layout) -> Expr:
        return laid_out(self.form, self._of_axes, self._by_axes, layout, self._style, self._claim)

    def _claim(self) -> tuple[str, str]:
        stands = "Take .stand_in(layout), beside the derivative that it multiplies; " if self.has_stand_in else "Take "
        return repr(self), f"{stands}.vec_form(layout), the derivative by vec; or .index_form, the sum over indices."

    def matrix(self, layout: str) -> Expr:
        """The matrix in the layout of that name."""
        return self.numerator if layout_named(layout) is Layout.NUMERATOR else self.denominator

    def shape(self, layout: str) -> tuple[Size, ...]:
        """The shape in a layout; with three or four axes those of output and input (numerator) or input and output."""
        return derivative_shape(self.of.shape, self.by.shape, layout_named(layout))

    def vec_form(self, layout: str) -> Expr:
        """d vec(of) / d vec(by)^T in numerator layout, its transpose in denominator layout.

        It is right in its place in a chain of such derivatives, whose product is then the derivative by vec(by).
        """
        return vectorised(self.form, self._of_axes, self._by_axes, layout_named(layout), self._style)

    def name(self, layout: str) -> Derivative:
        """The factor written as a derivative and not carried out."""
        shape: Shape = self.shape(layout)
        return Derivative(self.of, self.by, layout_named(layout).value, self.direct, shape)

    # ---- stand-ins ---------------------------------------------------------------------------------------------------

    @cached_property
    def _stand_in(self) -> tuple[Form, bool]:
        """What is left of the factor when the delta that copies the output index is taken out, and whether it copies the row index.

        The rest has the axes (other input axis, other output axis), the second only if the output is a matrix.
        """
        of, by = self._of_axes, self._by_axes
        simple = max(len(of.rows), len(of.columns), len(by.rows), len(by.columns)) == 1
        if self.ndim < 3 or by.ndim != 2 or of.ndim == 0 or not simple:
            raise NoStandInError(f"{self!r} is a matrix by itself: take .numerator or .denominator.")
        out_row, out_column = (of.rows or of.columns)[0], of.columns[0] if of.ndim == 2 else None
        pairs = [(out_row, by.rows[0], by.columns[0], out_column, True)]
        if out_column is not None:
            pairs.append((out_column, by.columns[0], by.rows[0], out_row, False))
        for output, copied, other_input, other_output, by_rows in pairs:
            rest = self._without_delta(output, copied, other_input, other_output)
            if rest is not None:
                return rest, by_rows
        raise NoStandInError(
            f"No single vector or matrix may stand for {self!r} = {self.index_form!r}: none is right beside the derivative by "
            f"{name_of(self.of)} without transposing that. Take .vec_form(layout), right in its place in the chain by vec."
        )

    def _without_delta(self, output: int, copied: int, other_input: int, other_output: int | None) -> Form | None:
        scope = Scope()
        free = scope.fresh_all(self.form.axes)
        pair = {free[output], free[copied]}
        terms: list[OpenTerm] = []
        for coefficient, factors in scope.opened(self.form, free):
            deltas = [f for f in factors if f[0].kind is AtomKind.DELTA and set(f[1]) == pair]
            rest = [f for f in factors if f not in deltas]
            if not deltas or any(pair.intersection(indices) for _, indices, _ in rest):
                return None
            terms.append((coefficient, rest))
        kept = (free[other_input],) if other_output is None else (free[other_input], free[other_output])
        return close(terms, kept, scope.sizes) if terms else None

    def stand_in(self, layout: str) -> Expr:
        """The vector (or matrix) that texts write for a factor with three or four axes, dz/dW.

        It is right only beside the derivative that it multiplies, on the side that `stand_in_is_first` tells.

        Raises:
            NoStandInError: the factor is a matrix by itself, or no single vector or matrix may stand for it.
        """
        rest, by_rows = self._stand_in
        column = (1,) if len(rest.axes) == 2 else ()
        rows, columns = ((0,), column) if (layout_named(layout) is Layout.NUMERATOR) == by_rows else (column, (0,))
        return Writer(layout_named(layout), self._style).expression(rest, rows, columns)

    def stand_in_is_first(self, layout: str) -> bool:
        """Whether the stand-in stands in front of the other factors of the product, or behind them all."""
        return (layout_named(layout) is Layout.NUMERATOR) == self._stand_in[1]

    @property
    def has_stand_in(self) -> bool:
        """Whether a single vector or matrix may stand for the factor beside the derivative it multiplies."""
        try:
            return bool(self._stand_in)
        except NoStandInError:
            return False


class Factors(Tabled, tuple[Factor, ...]):
    """The factors of a path, output first: a tuple that a notebook shows as a table with both layouts."""

    __slots__ = ()


class Paths(Tabled, tuple[Factors, ...]):
    """The factors of each path: a tuple that a notebook shows as tables."""

    __slots__ = ()
