"""Scripts that act: on a value as powers and transposes, on a function as primes, parameters and axes."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import NoReturn, final

from matcalc.errors import ReadError
from matcalc.language import building
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import Expr
from matcalc.language.reading import names
from matcalc.language.reading.lexer import Tokens
from matcalc.language.reading.meanings import Head, Marks
from matcalc.language.reading.operations import Operations
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.source import Span
from matcalc.language.reading.superscripts import Superscript
from matcalc.language.reading.vocabulary import AXES, OPERATIONS, Operation

LEAST_ORDER_IN_BRACKETS = 4  # f^{(4)} is a derivative; up to three, primes are written and (1) is a layer


@final
class Acting:
    """What the scripts of one text do."""

    def __init__(self, tokens: Tokens, scope: Scope, do: Operations) -> None:
        self.tokens = tokens
        self.source = tokens.source
        self.scope = scope
        self.do = do

    def marked(self, value: Expr, marks: tuple[Marks, ...], base: Span) -> Expr:
        """A value, that stands at ``base``, with the scripts that are not part of its name."""
        for mark in marks:
            span = base.to(mark.span)
            if mark.below is not None:
                below = self.tokens.span(*mark.below)
                raise self.source.unsupported(
                    below, f"{self.source.piece(span)}: a subscript that no declared name has; entries are not read yet.",
                    "Declare the name with its subscript.",
                )  # fmt: skip
            if mark.primes:
                way_out = r"Write ^\top for a transpose; a prime is the derivative of a function, or part of a declared name."
                raise self.source.unreadable(span, f"{self.source.piece(span)}: a prime that nothing declares.", way_out)
            if mark.above is not None:
                value = self._raised(value, mark, mark.above, base)
            base = span
        return value

    def _raised(self, value: Expr, mark: Marks, above: Superscript, base: Span) -> Expr:
        span = base.to(mark.span)
        if above.unsupported:
            raise self.source.unsupported(span, f"{above.unsupported} is not read.", "Declare the name with its superscript.")
        if above.negated:
            value = self.do.inverse(value, base, span)
        elif above.exponent is not None:
            value = self.do.power(value, above.exponent, base, span, entrywise=above.entrywise)
        elif above.held:
            self._refuse_superscript(above, span)
        return value.T if above.transposed else value

    def _refuse_superscript(self, above: Superscript, span: Span) -> NoReturn:
        key = names.Key(above.held)
        if key in self.scope.quantities or self.scope.size_at(key) is not None:
            raise self.source.unsupported(above.span, f"The exponent {above.held} is not a number.", "Only numbers are read as exponents.")
        known = [name for name in self.scope.plain_names() if "^" in name]
        claim = f"{self.source.piece(span)}: the superscript {above.held} is neither a number nor part of a declared name."
        plain = re.sub(r"\\[A-Za-z]+|[{}\s]", "", self.source.text[span.start : span.start + 80])
        raise self.source.unknown(above.span, claim, plain, known or self.scope.plain_names())

    def other_function(self, head: Head, marks: tuple[Marks, ...], span: Span) -> Head:
        """A function with the scripts that make it another function."""
        for mark in marks:
            head, left = self._other_function(head, mark, span)
            if left.above is not None:
                raise self._unclear(span)
        return head

    def _unclear(self, span: Span) -> ReadError:
        claim = f"{self.source.piece(span)}: a superscript of a function reads in several ways."
        return self.source.unreadable(span, claim, "Declare the name with it, or write it behind the argument.")

    def _other_function(self, head: Head, mark: Marks, span: Span) -> tuple[Head, Marks]:
        """Primes, parameters and axes, and what is left to act on the value."""
        below = names.script_text(self.tokens, *mark.below) if mark.below else ""
        above, order = mark.above, mark.primes
        bracketed = above.text[1:-1][:4] if above is not None and above.text[:1] == "(" else ""
        if bracketed.isdecimal() and int(bracketed) >= LEAST_ORDER_IN_BRACKETS:
            order, above = int(bracketed), None
        if isinstance(head, Operation) and head.name not in OPERATIONS and (order or below):
            head = building.known_elementwise(head.name)
        if below and isinstance(head, ElementwiseFunction) and head.parameter is not None:
            head, below = head.with_parameter(self._parameter(mark, span)), ""
        elif below in AXES and isinstance(head, Operation) and head.name == "softmax":
            head, below = Operation("softmax", partial(building.softmax, axis=AXES[below])), ""
        if below:
            raise self.source.unreadable(span, f"{self.source.piece(span)}: a subscript that this function has not.", "Take it out.")
        if order and not isinstance(head, ElementwiseFunction):
            raise self.source.unsupported(
                span, f"{self.source.piece(span)}: only elementwise functions have primes.", "Write the derivative."
            )
        if order and isinstance(head, ElementwiseFunction):
            head = replace(head, order=head.order + order)
        return head, replace(mark, below=None, above=above, primes=0)

    def _parameter(self, mark: Marks, span: Span) -> str:
        assert mark.below is not None
        text = names.script_text(self.tokens, *mark.below)
        above, _, below = text.removeprefix("-").partition("/")
        if above.replace(".", "", 1).isdecimal() and (not below or (below.isdecimal() and int(below))):
            return text
        raise self.source.unreadable(span, f"{text} is no number.", "Write one, as 1/100.")

    def applied(self, head: Head, marks: tuple[Marks, ...], values: list[tuple[Expr, Span]], head_span: Span, span: Span) -> Expr:
        """A function with its scripts, at its arguments."""
        left: list[Marks] = []
        for mark in marks:
            head, rest = self._other_function(head, mark, head_span)
            left.append(rest)
        value = self.do.applied(head, values, head_span, span)
        for mark in left:
            above = mark.above
            if above is None:
                continue
            unknown = isinstance(head, ElementwiseFunction) and not head.known
            if unknown or above.exponent is None or above.exponent < 1 or above.transposed:
                raise self._unclear(head_span)
            value = self.do.power(value, above.exponent, span, span, entrywise=bool(value.shape))
        return value
