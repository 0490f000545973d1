"""Second derivatives: the Hessian of a scalar by vectors, by vec of matrices and mixed; of an array by scalars; and the tensor of any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

from matcalc.derivation import Derivation, axes_of_variable
from matcalc.errors import LayoutError, NoMatrixFormError, ShapeError
from matcalc.index.assembly import Scope
from matcalc.index.canonical import close
from matcalc.index.engine import Engine
from matcalc.index.form import Form
from matcalc.index.index_form import IndexForm
from matcalc.language.asked import Declarations, quantity_and_variables
from matcalc.language.building import vec
from matcalc.language.expressions import Derivative, Expr, Let, Symbol
from matcalc.language.operators import METHODS, Computable, Drawable, Typeset
from matcalc.language.reading.scope import FunctionLike, Names, ShapeLike
from matcalc.language.sizes import Size, ndim, rows_and_columns, shape_of, shape_text, size_product
from matcalc.layout.conventions import Axes, Layout, Style, axes_of, derivative_shape, layout_named, placed, style_named
from matcalc.layout.factors import groups_of, name_of
from matcalc.layout.matrix_form import Writer
from matcalc.layout.vectorised import vec_expression
from matcalc.steps import Step, Steps

WAY_OUT = "Take second_derivative(...).tensor, a sum over indices with one axis for each."
SOURCE = "Magnus & Neudecker, Matrix Differential Calculus, 2019, chapter 6 and chapter 10"


def hessian(
    of: Expr | str,
    x: Expr | str,
    y: Expr | str | None = None,
    *,
    layout: str | None = None,
    style: str = "hadamard",
    shapes: Mapping[str, ShapeLike] | None = None,
    functions: Mapping[str, FunctionLike] | None = None,
    names: Names | None = None,
    assume: Iterable[str] = (),
) -> Expr:
    """The second derivatives of a scalar: rows by x, columns by y; the same in both layouts.

    Shapes: n x n for a vector x of n entries, n x m for vectors x (n) and y (m); a scalar counts as size 1. A matrix X (p x q) counts as
    vec(X), its columns stacked: pq x pq, or pq x m with a vector y. An array by two scalars keeps its shape in numerator layout and is
    transposed in denominator layout.

    Args:
        of: a scalar, or an array derived by two scalars; or a formula in LaTeX that writes one.
        x: the variable of the rows, or its name.
        y: the variable of the columns; x where it is left out.
        layout: needed for an array by scalars only.
        style, shapes, functions, names, assume: as in `derive`.

    Returns:
        An expression.

    Raises:
        ShapeError: ``of`` is an array and a variable is one too.
        NoMatrixFormError: no matrices, Kronecker products and commutation matrices write the result; see `second_derivative`.
        LayoutError: an array by scalars, without a layout.

    Source: Magnus & Neudecker, Matrix Differential Calculus, 2019, chapter 6 and chapter 10.

    Example:
        >>> import matcalc as mc
        >>> A, x, y = mc.matrix("A", "n", "n"), mc.vector("x", "n"), mc.vector("y", "m")
        >>> mc.hessian(x.T @ A @ x, x)
        A + A^T
        >>> B, X = mc.matrix("B", "n", "m"), mc.matrix("X", "m", "q")
        >>> mc.hessian(x.T @ B @ y, x, y)
        B
        >>> mc.hessian(mc.norm(B @ X) ** 2 / 2, X)
        I_q ⊗ B^T B
    """
    found = second_derivative(of, x, y, layout=layout, style=style, shapes=shapes, functions=functions, names=names, assume=assume)
    found.check_hessian()
    return found.result


def second_derivative(
    of: Expr | str,
    x: Expr | str,
    y: Expr | str | None = None,
    *,
    layout: str | None = None,
    style: str = "hadamard",
    shapes: Mapping[str, ShapeLike] | None = None,
    functions: Mapping[str, FunctionLike] | None = None,
    names: Names | None = None,
    assume: Iterable[str] = (),
) -> SecondDerivative:
    """The second derivative of any quantity by two variables, with its tensor, steps and verification.

    Shapes: as in `hessian`; the tensor has the axes of ``of``, then those of x, then those of y, whatever they are.

    Args:
        of: an expression, or a formula in LaTeX.
        x: the first variable, or its name.
        y: the second variable; x where it is left out.
        layout: of an array by scalars; a scalar has the same second derivative in both.
        style, shapes, functions, names, assume: as in `derive`.

    Returns:
        A `SecondDerivative`.

    Raises:
        UnknownNameError: nothing has the name of a variable.

    Example:
        >>> import matcalc as mc
        >>> W, x = mc.matrix("W", "m", "n"), mc.vector("x", "n")
        >>> s = mc.second_derivative(mc.exp(W @ x), x)
        >>> s.tensor
        exp(Σ_p W_ip x_p) W_ik W_ij
        >>> s.tensor.shape
        (m, n, n)
    """
    drawn, chosen = style_named(style), None if layout is None else layout_named(layout)
    declarations, wrt = Declarations(shapes, functions, names, assume), [x] if y is None else [x, y]
    quantity, variables = quantity_and_variables(of, wrt, declarations, None if chosen is None else chosen.value)
    return SecondDerivative(quantity, variables[0], variables[-1], chosen, drawn)


@final
class SecondDerivative(Computable, Typeset, Drawable):
    """The derivative of ``of`` by ``x`` and then by ``y``: matrix, tensor, steps and verification.

    Shapes: as in `hessian`: of a scalar by vectors x (n) and y (m) n x m, the same in both layouts; a matrix counts as its vec.
    ``tensor``
    has the axes of the output, then of x, then of y.

    Attributes:
        of, x, y: what is derived, and by what.
        layout: of an array by scalars; None of a scalar, whose second derivative is the same in both.
        style: ``hadamard`` or ``diag``.

    Raises:
        NoMatrixFormError: by ``result``, where no matrix holds or writes it; ``tensor`` exists always.
        LayoutError: an array by two scalars, without a layout.

    Example:
        >>> import matcalc as mc
        >>> X, w = mc.matrix("X", "N", "d"), mc.vector("w", "d")
        >>> s = mc.second_derivative(mc.sum(mc.exp(X @ w)), w)
        >>> s.result
        X^T diag(exp(X w)) X
        >>> s.verify().ok
        True
    """

    def __init__(self, of: Expr, x: Symbol | Let, y: Symbol | Let, layout: Layout | None, style: Style) -> None:
        self.of = of
        self.x = x
        self.y = y
        self.layout = layout
        self.style = style
        self._engine = Engine()
        lowered = self._engine.lowered(of)
        count = len(lowered.form.axes)
        self._of_axes = axes_of(lowered.rows, count, 0)
        self._x_axes = axes_of_variable(x, self._engine, count)
        self._y_axes = axes_of_variable(y, self._engine, count + len(self._x_axes.all))

    def __repr__(self) -> str:
        by = f"d{self.x.name}^2" if self.x == self.y else f"(d{self.x.name} d{self.y.name})"
        told = f" in {self.layout.value} layout" if self.layout and self.of.shape else ""
        return f"d^2 {name_of(self.of)}/{by}{told}"

    def check_hessian(self) -> None:
        """Refuse what is no Hessian: the second derivative of an array by arrays.

        Raises:
            ShapeError: it is not.
        """
        if self.of.shape and any(node.shape for node in (self.x, self.y)):
            raise ShapeError(
                f"A Hessian is that of a scalar; {name_of(self.of)} is {shape_text(self.of.shape)}. An array is derived twice by scalars "
                f"only. {WAY_OUT}"
            )

    # ---- forms -------------------------------------------------------------------------------------------------------

    @cached_property
    def _form(self) -> Form:
        if self.of == self.x:
            first = self._engine.identity(self.x)
        else:
            first = self._engine.adjoints(self.of, [self.x])[self.x.name]
        return self._engine.finished(self._engine.adjoints_of_form(first, self.of, [self.y])[self.y.name])

    @cached_property
    def tensor(self) -> IndexForm:
        """The second derivative with one axis for each free index: of the output, then of x, then of y; it exists always."""
        groups = groups_of(self._of_axes) + groups_of(self._x_axes) + groups_of(self._y_axes)
        return IndexForm(self._form, groups, (self.of, self.x, self.y))

    @property
    def index_form(self) -> IndexForm:
        """The same as `tensor`."""
        return self.tensor

    @cached_property
    def result(self) -> Expr:
        """The second derivative as a matrix expression: of a scalar with rows by vec(x) and columns by vec(y).

        Raises:
            NoMatrixFormError: no matrix holds it, or no matrices and Kronecker products write it.
            LayoutError: an array by scalars, without a layout.
        """
        if not self.of.shape:
            writer = Writer(Layout.NUMERATOR, self.style)
            return vec_expression(writer, self._form, _stacked(self._x_axes), _stacked(self._y_axes))
        by = [axes for axes in (self._x_axes, self._y_axes) if axes.ndim] or [Axes((), ())]
        if len(by) > 1 or self._of_axes.ndim + by[0].ndim > 2:
            count = self._of_axes.ndim + self._x_axes.ndim + self._y_axes.ndim
            raise NoMatrixFormError(f"{self!r} has {count} axes, and no matrix holds them. {WAY_OUT}")
        if self.layout is None:
            raise LayoutError(f"{self!r} is an array: layout='numerator' keeps its shape, layout='denominator' transposes it.")
        place = placed(self._of_axes, by[0], self.layout, lambda: (repr(self), WAY_OUT))
        return vec_expression(Writer(self.layout, self.style), self._form, place.rows, place.columns)

    @property
    def vec_form(self) -> Expr:
        """The second derivative of a scalar by vec(x) and vec(y); of an array the matrix of `result`."""
        return self.result

    @property
    def shape(self) -> tuple[Size, ...]:
        """The shape of the result; where no matrix holds it, those of output, x and y."""
        x, y = self.x.shape, self.y.shape
        if not self.of.shape:
            return shape_of(size_product(*rows_and_columns(x)), size_product(*rows_and_columns(y)))
        if ndim(self.of.shape) + ndim(x) + ndim(y) > 2 or self.layout is None:
            return self.tensor.shape
        return derivative_shape(self.of.shape, x if ndim(x) else y, self.layout)

    def latex(self) -> str:
        """The equation in LaTeX: the second derivative and what it is; the sum over indices where there is no matrix."""
        try:
            right = self.result.latex()
        except NoMatrixFormError:
            right = self.tensor.latex()
        return f"{self.name.latex()} = {right}"

    # ---- how it came about -------------------------------------------------------------------------------------------

    @property
    def name(self) -> Derivative:
        """The second derivative written and not carried out; by a matrix as by its vec."""
        inner = Layout.NUMERATOR if self.of.shape else Layout.DENOMINATOR
        outer = self.layout or Layout.NUMERATOR
        x, y = _as_column(self.x), _as_column(self.y)
        first = Derivative(self.of, x, inner.value, False, derivative_shape(self.of.shape, x.shape, inner))
        return Derivative(first, y, outer.value, False, self.shape)

    @cached_property
    def first(self) -> Derivation:
        """The first derivative, by x: of a scalar the gradient in the shape of x."""
        return Derivation(self.of, self.x, Layout.NUMERATOR if self.of.shape else Layout.DENOMINATOR, self.style)

    @cached_property
    def again(self) -> DerivedAgain:
        """The first derivative as an expression, and its derivative by y, with the forms of this one.

        Raises:
            NoMatrixFormError: the first derivative has no matrix form, by vec neither.
        """
        layout = self.layout or Layout.NUMERATOR
        expression, groups = self._first_expression
        if not self.of.shape:
            layout = Layout.NUMERATOR
            if self._x_axes.ndim == 2 and self._y_axes.ndim < 2:
                expression, groups = vec(expression), (_stacked(self._x_axes),)
        form = self._summed(groups + groups_of(self._y_axes), (expression, self.y))
        return DerivedAgain(expression, self.y, layout, form, self)

    @property
    def _first_expression(self) -> tuple[Expr, tuple[tuple[int, ...], ...]]:
        """The first derivative as a matrix, by vec where there is no other, and the axes of the tensor that make its own."""
        if self._of_axes.ndim + self._x_axes.ndim > 2:
            return self.first.vec_form, (_stacked(self._of_axes), _stacked(self._x_axes))
        return self.first.result, groups_of(self._of_axes) + groups_of(self._x_axes)

    @cached_property
    def steps(self) -> Steps:
        """The first derivative, its derivative by y as a sum over indices, and the closed form; each can be verified by itself.

        Raises:
            NoMatrixFormError: the first derivative has no matrix form to go on from, by vec neither.
        """
        before, middle, layout = self._middle()
        rule = f"each entry of the first derivative is derived by {self.y.name}: product rule, and the rules of the first once more"
        steps = [*self.first.steps, Step(rule, before, middle, "chain rule of several variables", layout)]
        try:
            after = self.result
        except NoMatrixFormError:
            return Steps(steps)
        rows = f"rows by {_as_column(self.x)!r}, columns by {_as_column(self.y)!r}: the network of indices is read from the end of the rows"
        array = f"{layout} layout: the network of indices is read from the {'output' if layout == 'numerator' else 'input'} end"
        return Steps([*steps, Step(array if self.of.shape else rows, middle, after, SOURCE, layout)])

    def _middle(self) -> tuple[Derivative, IndexForm, str]:
        """The derivative of the first derivative, written; its sum over indices; and the layout in which both are read."""
        expression, groups = self._first_expression
        by: Expr = self.y
        layout, by_groups = self.layout or Layout.NUMERATOR, groups_of(self._y_axes)
        if not self.of.shape:
            layout, by = Layout.NUMERATOR, _as_column(self.y)
            by_groups = (_stacked(self._y_axes),) if self._y_axes.ndim == 2 else by_groups
            if self._x_axes.ndim == 2:
                expression, groups = vec(expression), (_stacked(self._x_axes),)
        written = Derivative(expression, by, layout.value, False, derivative_shape(expression.shape, by.shape, layout))
        return written, self._summed(groups + by_groups, (expression, by)), layout.value

    def _summed(self, groups: tuple[tuple[int, ...], ...], roots: tuple[Expr, ...]) -> IndexForm:
        """The sum over indices with its axes in another order or joined: each group of indices is one axis of the array."""
        scope = Scope()
        free = scope.fresh_all(self._form.axes)
        order = [free[axis] for group in groups for axis in group]
        counts = [len(group) for group in groups]
        ends = [sum(counts[: k + 1]) for k in range(len(counts))]
        joined = tuple(tuple(range(end - count, end)) for end, count in zip(ends, counts, strict=True))
        return IndexForm(close(scope.opened(self._form, free), order, scope.sizes), joined, roots)

    def verify(self, *, sizes: dict[str, int] | None = None, seed: int = 0) -> Any:
        """Compare with independent oracles: see `matcalc.second_verification.verify_second`."""
        return METHODS["verify_second"](self, sizes=sizes, seed=seed)


def _stacked(axes: Axes) -> tuple[int, ...]:
    """The axes of a quantity as vec stacks them: the column counts slowest."""
    return axes.columns + axes.rows


def _as_column(node: Symbol | Let) -> Expr:
    """The variable, a matrix by its vec."""
    return vec(node) if ndim(node.shape) == 2 else node


@final
@dataclass(frozen=True, slots=True)
class DerivedAgain:
    """The first derivative as an expression, ``of``, derived by the second variable: what oracles of first derivatives can judge."""

    of: Expr
    wrt: Symbol | Let
    layout: Layout
    index_form: IndexForm
    whole: SecondDerivative

    def __repr__(self) -> str:
        return repr(self.whole)

    @property
    def result(self) -> Expr:
        """The matrix of the second derivative, where it is that of ``of`` by ``wrt`` without vec."""
        if self._by_vec:
            raise NoMatrixFormError(f"{self!r} is a matrix by vec only. {WAY_OUT}")
        return self.whole.result

    @property
    def vec_form(self) -> Expr:
        """The matrix of the second derivative, as that of ``of`` by vec."""
        return self.whole.result

    @property
    def _by_vec(self) -> bool:
        scalar_by_matrix = not self.whole.of.shape and ndim(self.wrt.shape) == 2
        return scalar_by_matrix or len(derivative_shape(self.of.shape, self.wrt.shape, self.layout)) > 2
