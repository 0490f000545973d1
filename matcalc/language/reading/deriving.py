"""Written derivatives: from the parts of a fraction or operator to a node in the layout of the text."""

from __future__ import annotations

from dataclasses import replace
from typing import final

from matcalc.errors import LayoutError, MatcalcError, NoMatrixFormError, ShapeError
from matcalc.language import building
from matcalc.language.elementwise import MapFunction
from matcalc.language.expressions import ApplyMap, Derivative, Expr, Let, Transpose
from matcalc.language.matrix_operations import written_derivative
from matcalc.language.operators import METHODS
from matcalc.language.reading.lexer import Tokens
from matcalc.language.reading.operations import Operations
from matcalc.language.reading.scope import OpenMap, Scope
from matcalc.language.reading.sizing import is_unsure, stand_in
from matcalc.language.reading.source import Span
from matcalc.language.reading.syntax import Quotient
from matcalc.language.sizes import ndim, shape_text
from matcalc.language.traversal import postorder


@final
class Deriving:
    """The derivatives of one text."""

    def __init__(self, tokens: Tokens, scope: Scope, do: Operations) -> None:
        self.tokens = tokens
        self.source = tokens.source
        self.scope = scope
        self.do = do

    def derivative(
        self, base: Quotient, of: Expr | OpenMap | MapFunction, by: list[Expr], span: Span, *, bracketed: bool = False
    ) -> Expr:
        """The derivative that a fraction or an operator writes, of what stands in it or behind it.

        A transpose of a vector that is derived tells the layout where nothing else does, unless it stands in brackets with it.
        """
        times = sum(variable.times for variable in base.by)
        if times != base.order:
            claim = f"The derivative is of order {base.order} above and {times} below the line."
            raise self.source.unreadable(base.span, claim, r"Write \frac{\partial^2 f}{\partial x \partial y}.")
        variables = [each for value, variable in zip(by, base.by, strict=True) for each in [value] * variable.times]
        if isinstance(of, OpenMap | MapFunction):
            of = self._at_variable(of, variables[0], span)
        if any(is_unsure(value) for value in (of, *variables)):
            return stand_in((), sure=False)
        if len(variables) == 2 and all(ndim(value.shape) == 1 for value in variables):
            return self._hessian(of, variables, span)
        if base.gradient:
            return self._gradient(of, variables, span)
        told = isinstance(of, Transpose) and ndim(of.shape) == 1 and not bracketed and self.scope.layout is None
        of = self._one(of, variables[0], span, self._layout(of, variables[0]), told=told)
        for variable in variables[1:]:  # by scalars, which leave the shape that the first one gave
            of = self._one(of, variable, span, "numerator")
        return of

    def _layout(self, of: Expr, by: Expr) -> str | None:
        """The layout of the text; a mixed one lays gradients of scalars out in the shape of their variable, all else by the numerator."""
        if self.scope.layout != "mixed":
            return self.scope.layout
        return "denominator" if by.shape and not of.shape else "numerator"

    def _at_variable(self, function: OpenMap | MapFunction, variable: Expr, span: Span) -> Expr:
        """A map without an argument, at the variable: L in dL/dY."""
        if isinstance(variable, Transpose):
            variable = variable.argument
        shape = self.do.sizing.shape(variable.shape)
        made = function
        if isinstance(made, OpenMap):
            made = self.do.maps.setdefault(made.name, MapFunction(made.name, made.shape, (shape,)))
        if made.argument_shapes != (shape,):
            taken = ", ".join(map(shape_text, made.argument_shapes))
            claim = f"{made.name} takes {taken}; {self.source.piece(span)} derives it by {shape_text(shape)}."
            self.do.fault(span, claim, "Write its arguments, or derive by one of them.", variable)
            return stand_in(made.shape, sure=False)
        value = ApplyMap(made, (variable,), made.shape)
        self.do.sizing.apply(made.name, value)
        return value

    def _one(self, of: Expr, by: Expr, span: Span, layout: str | None, *, told: bool = False) -> Expr:
        """One derivative; a transpose in it says the layout: dy/dx^T is the numerator's, dy^T/dx the denominator's.

        ``told`` says that the transpose of what is derived does.
        """
        by_transposed = isinstance(by, Transpose) and not (isinstance(of, ApplyMap) and by in of.arguments)
        if by_transposed and told:
            raise self.source.unreadable(span, "Both parts of this derivative are transposed.", "Leave one transpose out.")
        if by_transposed and isinstance(by, Transpose):
            return self._one(of, by.argument, span, "numerator")
        if told and isinstance(of, Transpose):
            return self._one(of.argument, by, span, "denominator")
        try:
            return self._held(written_derivative(of, by, layout), span)
        except NoMatrixFormError as error:
            if self.scope.stand_ins and layout is not None:
                return METHODS["stand_in"](of, by, layout)  # type: ignore[no-any-return]
            if self.scope.by_vec:
                return written_derivative(building.vec(of), building.vec(by), layout)
            raise self.source.placed(NoMatrixFormError(self.source.message(span, str(error))), span) from None
        except LayoutError as error:
            raise self.source.placed(LayoutError(self.source.message(span, str(error))), span) from None
        except MatcalcError as error:
            raise self.source.at(span, error) from None

    def _held(self, derivative: Expr, span: Span) -> Expr:
        """A partial derivative of what is made of its variable itself: with the other named quantities held, where that is the reading."""
        if not self.scope.direct or not isinstance(derivative, Derivative) or r"\partial" not in self.source.text[span.start : span.end]:
            return derivative
        of = derivative.of.definition if isinstance(derivative.of, Let) else derivative.of
        return replace(derivative, direct=True) if derivative.by in postorder([of]) else derivative

    def _gradient(self, of: Expr, by: list[Expr], span: Span) -> Expr:
        """Nabla, which has the shape of its variable."""
        if of.shape:
            way_out = "Write the derivative, or brackets around all that is derived."
            raise ShapeError(self.source.message(span, rf"\nabla is of a scalar; this is {shape_text(of.shape)}.", way_out))
        return self._one(of, by[0], span, "denominator")

    def _hessian(self, of: Expr, by: list[Expr], span: Span) -> Expr:
        """Columns by the variable that is written transposed, rows by the other; without a transpose columns by the second."""
        if of.shape:
            claim = f"A second derivative by vectors is of a scalar; this is {shape_text(of.shape)}."
            raise ShapeError(self.source.message(span, claim, "Write brackets around all that is derived."))
        transposed = [isinstance(each, Transpose) for each in by]
        if all(transposed):
            raise self.source.unreadable(span, "Both variables of this derivative are transposed.", "Leave one transpose out.")
        first, second = (each.argument if isinstance(each, Transpose) else each for each in (by[::-1] if transposed[0] else by))
        return self._one(self._one(of, first, span, "denominator"), second, span, "numerator")
