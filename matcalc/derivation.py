"""Deriving: the derivative of one named quantity by another, with its factors, steps and forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, final

from matcalc.errors import NoMatrixFormError, SeveralPathsError
from matcalc.index.engine import Engine
from matcalc.index.form import Form
from matcalc.index.index_form import IndexForm
from matcalc.index.rules import Rule
from matcalc.language.asked import Declarations, quantity_and_variables
from matcalc.language.expressions import Derivative, Expr, Let, Symbol
from matcalc.language.operators import METHODS, Computable, Drawable, Typeset
from matcalc.language.reading.scope import FunctionLike, Names, ShapeLike
from matcalc.language.renaming import exchanged_names
from matcalc.language.sizes import Shape, Size, rows_and_columns
from matcalc.language.traversal import named
from matcalc.layout.certificate import Certificate, certificate
from matcalc.layout.conventions import (
    Axes, Layout, Style, axes_of, derivative_shape, layout_named, style_named, vec_shape,
)  # fmt: skip
from matcalc.layout.factors import Factor, Factors, Paths, groups_of, laid_out, name_of, vectorised
from matcalc.layout.matrix_form import Writer
from matcalc.layout.products import Product, Products, Reading, product_of, reading_of
from matcalc.printing.line_breaks import typeset
from matcalc.printing.notebook import shapes_of
from matcalc.steps import Steps, steps_of
from matcalc.structured import (
    STRUCTURES, FreeEntries, Structure, by_free_entries, free_entries_of, matrix_by_free_entries, shortest, structure_named,
    vec_by_free_entries,
    with_structure,
)  # fmt: skip

MOST_PATHS = 256
WAY_OUT = "Take .tensor or .index_form, a sum over indices; or .vec_form, the derivative by vec, a matrix."


def derive(
    of: Expr | str,
    wrt: Expr | str,
    *,
    layout: str | None = None,
    style: str = "hadamard",
    structured: str | None = None,
    shapes: Mapping[str, ShapeLike] | None = None,
    functions: Mapping[str, FunctionLike] | None = None,
    names: Names | None = None,
    assume: Iterable[str] = (),
) -> Derivation:
    r"""The derivative of one quantity by another, in a layout.

    Shapes: scalar by p x q matrix: q x p in numerator layout, p x q in denominator layout; vector (m) by vector (n): m x n, n x m;
    matrix by scalar: its own shape, its transpose. With three or four axes there is no matrix: see `Derivation.tensor`.

    Args:
        of: an expression; the chain rule runs through the quantities that `let` names in it. Or a formula in LaTeX, whose names
            are declared by the arguments below.
        wrt: a symbol, a named quantity, or the name, plain or in LaTeX, of one in ``of`` or declared with it. By a named quantity,
            what it is made of is held; by what does not occur, the derivative is zeros.
        layout: ``numerator`` or ``denominator``; there is no default.
        style: ``hadamard`` writes f'(z) ⊙ v where vectors meet, ``diag`` writes diag(f'(z)) v.
        structured: ``symmetric``, ``skew-symmetric``, ``diagonal``, ``toeplitz``, ``symmetric toeplitz``: the matrix ``wrt`` is that, and
            entry (i, j) is the derivative by the free parameter that sits there. Else all entries are independent, of a symmetric one
            too.
        shapes, functions, names, assume: of the names in a formula, as `parse` takes them; ``assume`` also of those in an expression.

    Returns:
        A `Derivation`: its result, factors, product, steps, and what verifies it.

    Raises:
        LayoutError: no layout, or one that does not exist.
        UnknownNameError: nothing has the name ``wrt``, or the formula holds a name that is not declared.
        ReadError: the text is no formula.

    Source: layouts as in Wikipedia, "Matrix calculus", section "Layout conventions".

    Example:
        >>> import matcalc as mc
        >>> a, X, b = mc.vector("a", 3), mc.matrix("X", 3, 4), mc.vector("b", 4)
        >>> mc.derive(a.T @ X @ b, X, layout="denominator").result
        a b^T
        >>> mc.derive(a.T @ X @ b, X, layout="numerator").result
        b a^T
        >>> mc.derive(r"\mathbf{a}^\top X \mathbf{b}", "a", shapes={"a": "p", "X": "p q", "b": "q"}, layout="numerator").result
        b^T X^T
        >>> A, S = mc.matrix("A", 3, 3), mc.matrix("S", 3, 3)
        >>> mc.derive(mc.trace(A @ S), S, layout="denominator", structured="symmetric").result
        A + A^T - A ⊙ I_3
    """
    chosen, drawn = layout_named(layout), style_named(style)
    quantity, (variable,) = quantity_and_variables(of, [wrt], Declarations(shapes, functions, names, assume), chosen.value)
    structure = structure_named(structured, variable)
    if structure is not None:
        quantity, variable = with_structure(quantity, variable, structure)
    return Derivation(quantity, variable, chosen, drawn, structure)


def axes_of_variable(node: Symbol | Let, engine: Engine, start: int) -> Axes:
    """The axes of a variable of differentiation, counted from ``start``."""
    if isinstance(node, Let):
        lowered = engine.lowered(node)
        return axes_of(lowered.rows, len(lowered.form.axes), start)
    rows, columns = rows_and_columns(node.shape)
    return axes_of(int(rows != 1), int(rows != 1) + int(columns != 1), start)


@final
class Derivation(Computable, Typeset, Drawable):
    """The derivative of ``of`` by ``wrt`` in a layout: result, factors, steps, index form, and its verification.

    Shapes: ``result`` and ``shape`` as for `derive`: scalar by p x q matrix q x p in numerator layout, p x q in denominator layout; vector
    (m) by vector (n) m x n, n x m. ``tensor`` and ``index_form`` have the axes of the output, then those of the input, in every layout.

    Attributes:
        of, wrt: what is derived, and by what.
        layout: ``numerator`` or ``denominator``.
        style: ``hadamard`` or ``diag``.
        structured: the structure of ``wrt``, or None.

    Raises:
        NoMatrixFormError: by ``result``, where no string of matrices writes the derivative, as of a vector by a matrix.
        SeveralPathsError: by ``factors`` and ``product``, where several paths lead to the variable; take ``paths`` and ``products()``.

    Example:
        >>> import matcalc as mc
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> f = mc.function("f")
        >>> z = mc.let("z", W @ x + b)
        >>> a = mc.let("a", f(z))
        >>> C = mc.let("C", mc.sum(a**2) / 2)
        >>> d = mc.derive(C, W, layout="denominator")
        >>> d.factors
        (dC/da, da/dz, dz/dW)
        >>> d.result
        (f'(z) ⊙ a) x^T
        >>> d.product
        diag(f'(z)) a x^T
    """

    def __init__(self, of: Expr, wrt: Symbol | Let, layout: Layout, style: Style, structured: Structure | None = None) -> None:
        self.of = of
        self.wrt = wrt
        self.layout = layout
        self.style = style
        self.structured = structured
        self._engine = Engine()
        lowered = self._engine.lowered(of)
        self._of_axes = axes_of(lowered.rows, len(lowered.form.axes), 0)
        self._by_axes = axes_of_variable(wrt, self._engine, len(lowered.form.axes))

    def __repr__(self) -> str:
        told = f", {self.wrt.name} {self.structured.value}" if self.structured else ""
        return f"d{name_of(self.of)}/d{name_of(self.wrt)} in {self.layout.value} layout{told}"

    def latex(self) -> str:
        """The equation in LaTeX: the derivative and what it is; the sum over indices where there is no matrix."""
        left = Derivative(self.of, self.wrt, self.layout.value, False, self.shape).latex()
        try:
            right = self.result.latex()
        except NoMatrixFormError:
            right = self.index_form.latex()
        if self.structured:
            left = rf"\left.{left}\right|_{{\text{{{self.structured.value}}}}}"
        return f"{left} = {right}"

    def _repr_latex_(self) -> str:
        count = len(self.shape)
        return typeset(self.latex(), note=f"{self.layout.value} layout" if count <= 2 else f"{count} axes, no matrix")

    # ---- forms of the whole ------------------------------------------------------------------------------------------

    @cached_property
    def _form(self) -> Form:
        if self.structured is None:
            return self._independent
        (row,), (column,) = self._by_axes.rows, self._by_axes.columns
        return self._engine.finished(by_free_entries(self._independent, self.structured, row, column))

    @cached_property
    def _independent(self) -> Form:
        """The derivative by independent entries."""
        return self._by_rules if self.of == self.wrt else self._engine.finished(self._by_rules)

    @cached_property
    def _by_rules(self) -> Form:
        """The derivative as the rules give it."""
        return self._engine.identity(self.wrt) if self.of == self.wrt else self._engine.adjoints(self.of, [self.wrt])[self.wrt.name]

    @property
    def unfinished(self) -> tuple[IndexForm, str] | None:
        """The sum over indices as the rules give it, and what makes `index_form` of it, in words; None where they are the same."""
        if self._independent.key == self._by_rules.key:
            return None
        return self._indexed(self._by_rules), self._engine.what_finished

    @cached_property
    def result(self) -> Expr:
        """The derivative as a matrix expression in the layout.

        Raises:
            NoMatrixFormError: it has three or four axes, or no string of matrices writes it; the message says what to take.
        """
        if self.structured is None or self.of.shape:
            return self._written(self._form)
        same_in_both = STRUCTURES[self.structured].same_in_both_layouts
        return shortest(
            matrix_by_free_entries(self._independent, self.structured, partial(self._finished_and_written, layout=layout))
            for layout in (Layout if same_in_both else (self.layout,))
        )

    def _finished_and_written(self, form: Form, layout: Layout) -> Expr:
        return self._written(self._engine.finished(form), layout)

    def _written(self, form: Form, layout: Layout | None = None) -> Expr:
        return laid_out(form, self._of_axes, self._by_axes, layout or self.layout, self.style, self._claim)

    @property
    def by_independent_entries(self) -> Derivation:
        """The same without the structure."""
        return Derivation(self.of, self.wrt, self.layout, self.style)

    @cached_property
    def free_entries(self) -> FreeEntries:
        """The derivative by the free entries as one by the independent entries of a matrix that the structured one is made of."""
        assert self.structured is not None
        free, made = free_entries_of(self.wrt, self.structured, named([self.of, self.wrt]))
        (of,) = exchanged_names([self.of], {self.wrt.name: made})
        return FreeEntries(self, Derivation(of, made, self.layout, self.style, self.structured), free)

    def _claim(self) -> tuple[str, str]:
        return f"d{name_of(self.of)}/d{name_of(self.wrt)}", WAY_OUT

    @property
    def shape(self) -> tuple[Size, ...]:
        """The shape in the layout; with three or four axes those of output and input (numerator) or input and output."""
        return derivative_shape(self.of.shape, self.wrt.shape, self.layout)

    @cached_property
    def index_form(self) -> IndexForm:
        """The derivative as a sum over indices: prints in text and LaTeX, evaluates to an array."""
        return self._indexed(self._form)

    def _indexed(self, form: Form) -> IndexForm:
        return IndexForm(form, groups_of(self._of_axes) + groups_of(self._by_axes), (self.of, self.wrt))

    @property
    def tensor(self) -> IndexForm:
        """The derivative with one axis for each free index, output first; it exists always."""
        return self.index_form

    @cached_property
    def vec_form(self) -> Expr:
        """d vec(of) / d vec(wrt)^T, or its transpose in denominator layout, with Kronecker products and commutation matrices."""
        by_vec = vectorised(self._independent, self._of_axes, self._by_axes, self.layout, self.style)
        return by_vec if self.structured is None else vec_by_free_entries(by_vec, self.structured, self.wrt.shape[0], self.layout)

    @property
    def vec_shape(self) -> Shape:
        """The shape of `vec_form`."""
        return vec_shape(self.of.shape, self.wrt.shape, self.layout)

    @cached_property
    def certificate(self) -> Certificate:
        """Whether a path joins the free indices, which two strings walk it, or why there is none and what is needed."""
        what, why_not = f"d{name_of(self.of)}/d{name_of(self.wrt)}", ""
        walks: tuple[Expr, Expr] | None = None
        try:
            first, second = (laid_out(self._form, self._of_axes, self._by_axes, each, self.style, self._claim) for each in Layout)
            walks = first, second
        except NoMatrixFormError as error:
            why_not = str(error)
        found = certificate(what, self._form, walks, why_not, Writer(Layout.NUMERATOR, self.style))
        return replace(found, shapes=shapes_of(self.of, self.wrt))

    # ---- the chain ---------------------------------------------------------------------------------------------------

    @cached_property
    def paths(self) -> Paths:
        """The factors of each path from ``of`` to ``wrt`` through the named quantities, output first.

        Raises:
            SeveralPathsError: there are more than 256.
        """
        if self.of == self.wrt:
            return Paths()
        between = {node.name: node for node in self._engine.order(self.of, [self.wrt]) if node != self.wrt}
        next_to = {name: self._leading(node, between) for name, node in between.items()}
        start = self._leading(self.of, between)
        found: list[tuple[Expr, ...]] = []
        stack: list[tuple[Expr, ...]] = [(self.of, node) for node in reversed(start)]
        while stack:
            path = stack.pop()
            last = path[-1]
            if last == self.wrt:
                found.append(path)
                if len(found) > MOST_PATHS:
                    raise SeveralPathsError(
                        f"More than {MOST_PATHS} paths lead from {name_of(self.of)} to {name_of(self.wrt)}. "
                        "The result does not need them: take .result, or gradients()."
                    )
                continue
            assert isinstance(last, Let)
            stack.extend((*path, node) for node in reversed(next_to[last.name]))
        several = len(found) > 1
        made: dict[tuple[Expr, Expr], Factor] = {}
        return Paths(Factors(self._factor(a, b, several, made) for a, b in pairwise(path)) for path in found)

    def _leading(self, node: Expr, between: dict[str, Let]) -> list[Symbol | Let]:
        """The names in a definition from which a path leads on to the variable."""
        names = self._engine.names_in(node)
        return [n for n in names if n.name in between or n == self.wrt]

    def _factor(self, of: Expr, by: Expr, several: bool, made: dict[tuple[Expr, Expr], Factor]) -> Factor:
        if (of, by) not in made:
            assert isinstance(by, Symbol | Let)
            lowered = self._engine.lowered(of)
            count = len(lowered.form.axes)
            axes = axes_of(lowered.rows, count, 0), axes_of_variable(by, self._engine, count)
            made[of, by] = Factor(of, by, self._engine.finished(self._engine.partial(of, by)), axes, self.style, several)
        return made[of, by]

    @property
    def factors(self) -> Factors:
        """The factors of the chain, output first, where there is one path.

        Raises:
            SeveralPathsError: there are several; take `paths`.
        """
        if len(self.paths) > 1:
            listed = "; ".join(" · ".join(map(repr, path)) for path in self.paths[:4])
            raise SeveralPathsError(
                f"{len(self.paths)} paths lead from {name_of(self.of)} to {name_of(self.wrt)}: {listed}. "
                "The derivative is the sum over the paths: take .paths (the factors of each) and .products() (their products)."
            )
        return self.paths[0] if self.paths else Factors()

    @property
    def product(self) -> Product:
        """The product of the factors in the layout's order, dz/dW as stand-in where it may be one, with its shape check.

        Raises:
            SeveralPathsError: there are several products; take `products`.
        """
        return product_of(self.factors, self.layout)

    def products(self, reading: Reading | str | None = None) -> Products:
        """The product of each path, all in one reading, so that they add up to the derivative (or to its form by vec).

        Args:
            reading: ``jacobian``: every factor is a derivative by vec; ``stand-in``. Without it, Jacobians where one path needs them.
        """
        if reading is None and len(self.paths) > 1 and any(reading_of(path) is Reading.JACOBIAN for path in self.paths):
            reading = Reading.JACOBIAN
        return Products(product_of(path, self.layout, reading) for path in self.paths)

    def rules_of(self, factor: Factor) -> tuple[Rule, ...]:
        """The rules of differentiation that a factor takes."""
        return self._engine.rules_of(factor.of, factor.by)

    @cached_property
    def steps(self) -> Steps:
        """The derivation, from the definition to the closed form; each step can be verified by itself."""
        return steps_of(self)

    # ---- checks and numbers ------------------------------------------------------------------------------------------

    def verify(self, *, sizes: dict[str, int] | None = None, seed: int = 0) -> Any:
        """Compare with independent oracles: see `matcalc.verification.verify`."""
        return METHODS["verify"](self if self.structured is None else self.free_entries, sizes=sizes, seed=seed)
