"""The operators of expressions as they are written, each checking shapes: sums, products, powers, functions applied."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from numbers import Rational, Real
from typing import Any

from matcalc.errors import MatcalcError, ShapeError, UnsupportedError
from matcalc.language.elementwise import ElementwiseFunction, MapFunction
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, Divide, Expr, Hadamard, MatMul, Negate, Number, Power, Scale, SizeNumber, Subtract, transpose,
)  # fmt: skip
from matcalc.language.misfits import both_shapes, differing_sizes, misfit, way_out_of_product
from matcalc.language.operators import METHODS, OPERATIONS, Numeric, Written, register
from matcalc.language.sizes import Dim, rows_and_columns, shape_of, shape_text

Operand = Written | Numeric


def lift(value: object) -> Expr:
    """The expression that a value stands for: an expression, a size or a number."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, Dim):
        return SizeNumber(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise MatcalcError(f"{value!r} ({type(value).__name__}) cannot stand in an expression: an Expr, a Dim or a number can.")
    return Number(rational(value))


def rational(value: Real) -> Fraction:
    """The number as a fraction; a float is read as its shortest decimal, 0.1 as 1/10."""
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    try:
        return Fraction(repr(float(value)))
    except ValueError:
        raise MatcalcError(f"{value} is not a rational number.") from None


def _entrywise(node_type: type[Add] | type[Subtract] | type[Hadamard] | type[Divide], a: Expr, b: Expr) -> Expr:
    """Two arrays of one shape, or a scalar spread over an array."""
    if a.shape and b.shape and a.shape != b.shape:
        way_out = "Both sides need one shape; only a number or a scalar is spread over an array."
        if rows_and_columns(a.shape) == rows_and_columns(b.shape)[::-1]:
            way_out = f"One is the transpose of the other: write .T at one of them. {way_out}"
        raise misfit(node_type(a, b, a.shape), f"{both_shapes(a, b)}; {differing_sizes(a.shape, b.shape)}.", way_out)
    return node_type(a, b, a.shape or b.shape)


def add(left: Operand, right: Operand) -> Expr:
    return _entrywise(Add, lift(left), lift(right))


def subtract(left: Operand, right: Operand) -> Expr:
    return _entrywise(Subtract, lift(left), lift(right))


def times(left: Operand, right: Operand) -> Expr:
    a, b = lift(left), lift(right)
    if a.shape and b.shape:
        return _entrywise(Hadamard, a, b)
    return Scale(a, b, a.shape or b.shape)


def divide(left: Operand, right: Operand) -> Expr:
    return _entrywise(Divide, lift(left), lift(right))


def negate(argument: Operand) -> Expr:
    value = lift(argument)
    return Negate(value, value.shape)


def power(base: Operand, exponent: Operand) -> Expr:
    raised = lift(base)
    to = lift(exponent)
    if isinstance(to, Number):
        return Power(raised, to.value, raised.shape)
    raise UnsupportedError(
        f"{METHODS['text'](raised)} ** {METHODS['text'](to)}: an exponent is a number; write exp(p * log(x)) for another."
    )


def matmul(left: Operand, right: Operand) -> Expr:
    a, b = lift(left), lift(right)
    (rows, inner), (found, columns) = rows_and_columns(a.shape), rows_and_columns(b.shape)
    if inner == found:
        return MatMul(a, b, shape_of(rows, columns))
    raise misfit(MatMul(a, b, ()), f"{both_shapes(a, b)}; {inner} and {found} differ.", way_out_of_product(a, b))


def apply(function: ElementwiseFunction, argument: object) -> Expr:
    value = lift(argument)
    return Apply(function, value, value.shape)


def apply_map(function: MapFunction, arguments: tuple[Expr, ...]) -> Expr:
    given = tuple(lift(a) for a in arguments)
    node = ApplyMap(function, given, function.shape)
    if len(given) != len(function.argument_shapes):
        raise ShapeError(f"{function.name} takes {len(function.argument_shapes)} arguments, {len(given)} were given.")
    faults = [
        f"{METHODS['text'](a)} is {shape_text(a.shape)}, {function.name} takes {shape_text(shape)} there"
        for a, shape in zip(given, function.argument_shapes, strict=True)
        if a.shape != shape
    ]
    if faults:
        raise misfit(node, "; ".join(faults) + ".", "A map is declared for one shape of each argument.")
    return node


_MEANINGS: dict[str, Callable[..., Any]] = {
    "add": add, "subtract": subtract, "times": times, "matmul": matmul, "divide": divide, "power": power, "negate": negate,
    "apply": apply, "apply_map": apply_map,
}  # fmt: skip
for _name, _meaning in _MEANINGS.items():
    register(OPERATIONS, _name, _meaning)
register(METHODS, "transpose", transpose)
