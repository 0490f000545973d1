"""Derivatives that are written as an operator before what they are of: a fraction, nabla, or a partial with a subscript."""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeAlias

from matcalc.language.elementwise import MapFunction
from matcalc.language.expressions import Expr
from matcalc.language.reading.ambiguities import is_bracketed
from matcalc.language.reading.deriving import Deriving
from matcalc.language.reading.operations import Operations
from matcalc.language.reading.scope import Head, OpenMap, Scope
from matcalc.language.reading.source import Source, Span
from matcalc.language.reading.syntax import Factor, Product, Quotient
from matcalc.language.traversal import postorder, with_definition

WAY_OUT = r"Write \frac{\partial C}{\partial \mathbf{x}}."

Value: TypeAlias = Expr | Head


class Read(NamedTuple):
    """A factor that was read: its value, its place, where the next one stands, and whether its argument had no brackets."""

    value: Expr | Head
    span: Span
    following: int
    unbracketed: bool


class Factors(Protocol):
    """What reads factors and products."""

    source: Source
    scope: Scope
    do: Operations
    deriving: Deriving

    def factor(self, factors: tuple[Factor, ...], i: int) -> Read: ...

    def product(self, node: Product) -> Value: ...

    def expression(self, value: Value, span: Span) -> Expr: ...

    def variables(self, base: Quotient) -> list[Expr]: ...


def operator_before(reader: Factors, factors: tuple[Factor, ...], i: int) -> Read | None:
    """A derivative written as an operator, with what it is of; None where something else stands.

    That is what stands in brackets; else behind a fraction the whole rest of the product, and behind nabla or a partial with a subscript
    one factor, or the whole rest where one factor would be a constant or no scalar.
    """
    factor = factors[i]
    base = factor.base
    if not isinstance(base, Quotient) or base.of is not None:
        return None
    if factor.scripts or i + 1 == len(factors) or factors[i + 1].sign:
        raise reader.source.unreadable(factor.span, "This derivative does not say of what.", WAY_OUT)
    rest = factors[i + 1 :]
    variables = reader.variables(base)
    if base.tight or is_bracketed(rest[0]):
        read = _one_or_all(reader, base, factors, i, variables)
    else:
        read = Read(reader.product(Product(rest)), rest[0].span.to(rest[-1].span), len(factors), False)
    whole = factor.span.to(read.span)
    of = read.value if isinstance(read.value, OpenMap | MapFunction) else reader.expression(read.value, read.span)
    bracketed = is_bracketed(rest[0]) and not rest[0].scripts
    made = reader.deriving.derivative(base, of, variables, whole, bracketed=bracketed)
    return Read(made, whole, read.following, False)


def _one_or_all(reader: Factors, base: Quotient, factors: tuple[Factor, ...], i: int, variables: list[Expr]) -> Read:
    """One factor, or all of the rest; where both can be meant, it is refused."""
    one = reader.factor(factors, i + 1)
    if one.following == len(factors) or factors[one.following].sign:
        return one
    noted = len(reader.do.faults)
    rest = factors[i + 1 :]
    everything = reader.product(Product(rest))
    del reader.do.faults[noted:]  # what does not conform is told if the rest is taken
    all_is_scalar = isinstance(everything, Expr) and not everything.shape
    one_is_scalar = not isinstance(one.value, Expr) or not one.value.shape
    bracketed = is_bracketed(factors[i + 1])
    if base.tight and all_is_scalar and (not one_is_scalar or not (bracketed or _depends(one.value, variables))):
        return Read(reader.product(Product(rest)), rest[0].span.to(rest[-1].span), len(factors), False)
    if base.gradient and one_is_scalar and not all_is_scalar:
        return one
    if reader.scope.takes_all and all_is_scalar:
        return Read(reader.product(Product(rest)), rest[0].span.to(rest[-1].span), len(factors), False)
    place = factors[i].span.to(factors[one.following].span)
    raise reader.source.unreadable(place, "Where what is derived ends reads in two ways.", "Write brackets around all of it.")


def _depends(value: Value, variables: list[Expr]) -> bool:
    """Whether a value may change with one of the variables."""
    if not isinstance(value, Expr):
        return True
    below = set(postorder([value], with_definition))
    return any(variable in below for variable in variables)
