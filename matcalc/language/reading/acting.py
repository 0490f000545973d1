"""Scripts that act: on a value as powers and transposes, on a function as primes, parameters and axes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NoReturn, final

from matcalc.errors import ReadError, UnknownNameError
from matcalc.language import building
from matcalc.language.elementwise import ElementwiseFunction, MatrixFunction
from matcalc.language.expressions import Expr
from matcalc.language.reading import names
from matcalc.language.reading.entries import Entries
from matcalc.language.reading.lexer import Tokens
from matcalc.language.reading.meanings import Marks
from matcalc.language.reading.operations import Operations
from matcalc.language.reading.scope import Head, Scope
from matcalc.language.reading.source import Span
from matcalc.language.reading.superscripts import Superscript
from matcalc.language.reading.vocabulary import AXES, OPERATIONS, Operation
from matcalc.language.sizes import ndim, rows_and_columns

LEAST_ORDER_IN_BRACKETS = 4  # f^{(4)} is a derivative; up to three, primes are written and (1) is a layer


@final
class Acting:
    """What the scripts of one text do."""

    def __init__(self, tokens: Tokens, scope: Scope, do: Operations, entries: Entries, read: Callable[[tuple[int, int]], Expr]) -> None:
        self.tokens = tokens
        self.source = tokens.source
        self.scope = scope
        self.do = do
        self.entries = entries
        self.read = read

    def marked(self, value: Expr, marks: tuple[Marks, ...], base: Span) -> Expr:
        """A value, that stands at ``base``, with the scripts that are not part of its name."""
        for mark in marks:
            span, above = base.to(mark.span), mark.above
            if mark.below is not None and above is not None and self._acts_on_whole(value, mark.below, above, span):
                value, above = value.T, None
            if mark.below is not None:
                value = self.entries.entry(value, mark.below, base.to(self.tokens.span(*names.braced(self.tokens, *mark.below))))
            if mark.primes:
                way_out = r"Write ^\top for a transpose; a prime is the derivative of a function, or part of a declared name."
                raise self.source.unreadable(span, f"{self.source.piece(span)}: a prime that nothing declares.", way_out)
            if above is not None:
                value = self._raised(value, mark, above, base)
            base = span
        return value

    def _acts_on_whole(self, value: Expr, below: tuple[int, int], above: Superscript, span: Span) -> bool:
        """Whether a superscript beside the subscript of an entry is of the whole array: a transpose is, a power of an entry is not.

        Raises:
            ReadError: it is a power of a matrix that may be meant either way.
        """
        if above.transposed and not above.held:
            return True
        after = above.place[0] > below[0]
        of_entry = not above.transposed and not above.pseudo and above.exponent is not None
        rows, columns = rows_and_columns(value.shape)
        if above.entrywise or ndim(value.shape) < 2 and not above.transposed:
            return False
        if of_entry and (rows != columns or (after and above.exponent is not None and above.exponent > 0)):
            return False
        claim = f"{self.source.piece(span)} reads in two ways: a power of the entry, or an entry of the power."
        raise self.source.unreadable(span, claim, r"Write (A^{-1})_{ij} or (A_{ij})^{-1}.")

    def _raised(self, value: Expr, mark: Marks, above: Superscript, base: Span) -> Expr:
        span = base.to(mark.span)
        if above.unsupported:
            raise self.source.unsupported(span, f"{above.unsupported} is not read.", "Declare the name with its superscript.")
        if above.negated and not above.transposed:
            claim = f"{self.source.piece(span)}: a minus alone is no exponent."
            raise self.source.unreadable(span, claim, "Write ^{-1} for an inverse, ^{+} for a pseudo-inverse.")
        if above.negated:
            value = self.do.inverse(value, base, span)
        elif above.exponent is not None:
            value = self.do.power(value, above.exponent, base, span, entrywise=above.entrywise)
        elif above.pseudo:
            value = self.do.pseudo_inverse(value, span)
        elif above.held:
            value = self._to_expression(value, above, base, span)
        return value.T if above.transposed else value

    def _to_expression(self, value: Expr, above: Superscript, base: Span, span: Span) -> Expr:
        """A power whose exponent is an expression of what is declared; in brackets it would be a layer."""
        if self._is_bracketed(*above.place):
            self._refuse_superscript(above, span)
        try:
            exponent = self.read(above.place)
        except UnknownNameError:
            self._refuse_superscript(above, span)
        return self.do.general_power(value, exponent, base, span)

    def _is_bracketed(self, start: int, end: int) -> bool:
        """Whether one pair of brackets is around all of these tokens."""
        depth = 0
        for i in range(start, end):
            depth += (self.tokens.list[i].text in ("(", "[")) - (self.tokens.list[i].text in (")", "]"))
            if depth <= 0:
                return i == end - 1 and i > start
        return False

    def _refuse_superscript(self, above: Superscript, span: Span) -> NoReturn:
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
        if order and isinstance(head, MatrixFunction):
            head, order = replace(head, order=head.order + order), 0
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
