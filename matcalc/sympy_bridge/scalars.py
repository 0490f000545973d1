"""Rows of the reading for numbers, scalar algebra and functions; entry by entry where a bound variable stands for an array."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from matcalc.errors import UnsupportedError
from matcalc.language import building as mc
from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, known_function
from matcalc.language.expressions import Expr, Number
from matcalc.language.matrix_operations import entry, index, indexed_sum
from matcalc.language.naming import checked_name
from matcalc.sympy_bridge.elementwise import function_of
from matcalc.sympy_bridge.reader import Place, Reader, Row, shown
from matcalc.sympy_bridge.symbols import size_from_sympy

_EXP, _LOG, _SIN, _COS, _CDF = map(known_function, ("exp", "log", "sin", "cos", "normal_cdf"))


# ---- algebra ---------------------------------------------------------------------------------------------------------


def signed_sum(reader: Reader, node: Any, terms: list[tuple[bool, Any]], place: Place) -> Expr:
    """A sum of terms, each with whether it is subtracted; one that is added comes first if there is one."""
    signs = [minus for minus, _ in terms]
    found = reader.parts(node, [term for _, term in terms], place)
    start = signs.index(False) if False in signs else 0
    made = mc.negate(found[start]) if signs[start] else found[start]
    for k, (minus, term) in enumerate(zip(signs, found, strict=True)):
        if k != start:
            made = mc.subtract(made, term) if minus else mc.add(made, term)
    return made


def scaled(coefficient: Expr, value: Expr) -> Expr:
    """The multiple of a value; 1 and -1 are not written."""
    if coefficient == Number(Fraction(1)):
        return value
    return mc.negate(value) if coefficient == Number(Fraction(-1)) else mc.times(coefficient, value)


def raised(base: Expr, exponent: Any, reader: Reader, place: Place) -> Expr:
    """Entries to a power; where the exponent is no number by exp and log, so for a positive base."""
    if exponent.is_Rational or exponent.is_Float:
        value = Fraction(repr(float(exponent))) if exponent.is_Float else Fraction(int(exponent.p), int(exponent.q))
        if value < 0:
            return mc.divide(1, raised(base, -exponent, reader, place))
        if value == Fraction(1, 2):
            return known_function("sqrt")(base)
        return base if value == 1 else mc.power(base, mc.lift(value))
    return _EXP(mc.times(reader.read(exponent, place), _LOG(base)))


def _number(reader: Reader, node: Any, place: Place) -> Expr:
    return mc.lift(Fraction(int(node.p), int(node.q)))


def _float(reader: Reader, node: Any, place: Place) -> Expr:
    return mc.lift(float(node))


def _pi(reader: Reader, node: Any, place: Place) -> Expr:
    """pi by the density of the normal distribution at 0, which is (2 pi)^(-1/2)."""
    return mc.divide(1, mc.times(2, mc.power(known_function("normal_pdf")(mc.lift(0)), 2)))


def _add(reader: Reader, node: Any, place: Place) -> Expr:
    terms = node.as_ordered_terms()
    signs = [term.as_coeff_Mul()[0].is_negative is True for term in terms]
    return signed_sum(reader, node, [(minus, -term if minus else term) for minus, term in zip(signs, terms, strict=True)], place)


def _mul(reader: Reader, node: Any, place: Place) -> Expr:
    """A product, the factors with negative exponents and the denominator of the number below the bar."""
    coefficient, rest = node.as_coeff_Mul()
    if not coefficient.is_Rational or rest.is_Add:
        coefficient, rest = sp.S.One, node
    minus, (top, bottom) = coefficient < 0, abs(coefficient).as_numer_denom()
    above, below = [] if top == 1 else [top], [] if bottom == 1 else [bottom]
    for factor in rest.as_ordered_factors():
        divides = factor.is_Pow and factor.exp.is_Rational and factor.exp < 0
        (below if divides else above).append(1 / factor if divides else factor)
    found = reader.parts(node, [*above, *below], place)
    made = reduce(mc.times, found[: len(above)]) if above else mc.lift(1)
    made = mc.negate(made) if minus else made
    return mc.divide(made, reduce(mc.times, found[len(above) :])) if below else made


def _pow(reader: Reader, node: Any, place: Place) -> Expr:
    return raised(reader.part(node, node.base, place), node.exp, reader, place)


# ---- functions -------------------------------------------------------------------------------------------------------


def _relu(value: Expr) -> Expr:
    return known_function("relu")(value)


def larger(left: Expr, right: Expr) -> Expr:
    """The larger of two numbers, by relu; 0 first as SymPy sorts it."""
    if left == Number(Fraction(0)):
        return _relu(right)
    return mc.add(left, _relu(mc.subtract(right, left)))


def smaller(left: Expr, right: Expr) -> Expr:
    """The smaller of two numbers, by relu."""
    return mc.subtract(left, _relu(mc.subtract(left, right)))


def _erf(value: Expr) -> Expr:
    return mc.subtract(mc.times(2, _CDF(mc.times(known_function("sqrt")(mc.lift(2)), value))), 1)


def _half_of(joined: Callable[[Expr, Expr], Expr]) -> Callable[[Expr], Expr]:
    return lambda value: mc.divide(joined(_EXP(value), _EXP(mc.negate(value))), 2)


FUNCTIONS: Mapping[type, Callable[[Expr], Expr]] = {
    sp.exp: _EXP,
    sp.log: _LOG,
    sp.sin: _SIN,
    sp.cos: _COS,
    sp.tanh: known_function("tanh"),
    sp.Abs: known_function("abs"),
    sp.sign: known_function("sign"),
    sp.Heaviside: known_function("step"),
    sp.tan: lambda value: mc.divide(_SIN(value), _COS(value)),
    sp.cot: lambda value: mc.divide(_COS(value), _SIN(value)),
    sp.sec: lambda value: mc.divide(1, _COS(value)),
    sp.csc: lambda value: mc.divide(1, _SIN(value)),
    sp.sinh: _half_of(mc.subtract),
    sp.cosh: _half_of(mc.add),
    sp.erf: _erf,
    sp.erfc: lambda value: mc.subtract(1, _erf(value)),
    sp.conjugate: lambda value: value,
    sp.re: lambda value: value,
}


def _function(reader: Reader, node: Any, place: Place) -> Expr:
    argument = node.args[0]
    value = reader.part(node, argument, place)
    if value.shape and getattr(argument, "is_Matrix", False):
        name = type(node).__name__
        raise reader.fault(
            node, place,
            f"{name} of a matrix is a scalar to SymPy. For the function of each entry write .applyfunc({name}); for the matrix "
            "function read the matrix alone and apply mc.matrix_function to it.",
        )  # fmt: skip
    return FUNCTIONS[type(node)](value)


def _extreme(of_two: Callable[[Expr, Expr], Expr]) -> Row:
    def row(reader: Reader, node: Any, place: Place) -> Expr:
        return reduce(of_two, reader.parts(node, sorted(node.args, key=lambda e: (e != 0, sp.default_sort_key(e))), place))

    return row


def _undefined_name(node: Any) -> ElementwiseFunction:
    name = checked_name(node.func.__name__)
    return known_function(name) if name in KNOWN_FUNCTIONS else ElementwiseFunction(name)


def _undefined(reader: Reader, node: Any, place: Place) -> Expr:
    values = reader.parts(node, node.args, place)
    if len(values) == 1 and (not values[0].shape or not getattr(node.args[0], "is_Matrix", False)):
        return _undefined_name(node)(values[0])
    if any(value.shape for value in values):
        raise reader.fault(
            node, place, "An undefined function of an array is a scalar to SymPy. Declare the map by mc.function(name, of=, shape=)."
        )
    return mc.function(node.func.__name__, of=values, shape=())


def _derivative(reader: Reader, node: Any, place: Place) -> Expr:
    """f', f'' of an undefined function of one variable."""
    (variable, times), *others = node.variable_count
    of = node.expr
    if others or not isinstance(of, AppliedUndef) or of.args != (variable,) or not times.is_Integer:
        raise reader.fault(node, place, "Only the derivative of an undefined function at its one variable is read: derive with mc.derive.")
    function = _undefined_name(of)
    for _ in range(int(times)):
        function = function.prime
    return function(reader.part(node, variable, place))


def _substituted(reader: Reader, node: Any, place: Place) -> Expr:
    values = reader.parts(node, node.point, place)
    return reader.with_bound(node.expr, dict(zip(node.variables, values, strict=True)), place)


def applied(reader: Reader, function: Any, value: Expr, place: Place) -> Expr:
    """A SymPy function of one variable, of each entry of an array."""
    variable = sp.Dummy("t", real=True)
    body = sp.sympify(function(variable))
    known = function_of(body, variable)
    if known is not None:
        return value if known.name == "identity" else known(value)
    reader.bind(variable, value)
    made = reader.read(body, place)
    return mc.times(made, mc.ones(*_extents(value))) if made.shape != value.shape else made


def _extents(value: Expr) -> tuple[Any, Any]:
    return (value.shape[0], value.shape[1]) if len(value.shape) == 2 else (value.shape[0], 1)


# ---- entries ---------------------------------------------------------------------------------------------------------


def _entry(reader: Reader, node: Any, place: Place) -> Expr:
    parent, row, column = node.args
    value, *positions = reader.parts(node, [parent, row + 1, column + 1], place)
    if not value.shape:
        return value
    return entry(value, *positions)


def _delta(reader: Reader, node: Any, place: Place) -> Expr:
    """The Kronecker delta with a range of its indices: an entry of the identity matrix."""
    if len(node.args) != 3 or node.args[2][0] != 0:
        raise reader.fault(node, place, "A Kronecker delta needs the range of its indices from 0 on: write Identity(n)[i, j].")
    n = size_from_sympy(node.args[2][1] + 1, shown(node))
    return entry(mc.identity(n), *reader.parts(node, [node.args[0] + 1, node.args[1] + 1], place))


def _sum(reader: Reader, node: Any, place: Place) -> Expr:
    return _summed(reader, node, node.function, list(node.limits), place)


def _summed(reader: Reader, node: Any, body: Any, limits: list[Any], place: Place) -> Expr:
    """A sum over indices, the last one outermost; matcalc counts from 1, SymPy from 0, so each index is moved by one."""
    if not limits:
        return reader.part(node, body, place)
    variable, low, high = limits[-1]
    try:
        length = size_from_sympy(high + 1, shown(node)) if low == 0 else None
    except UnsupportedError:
        length = None
    counted, over = sp.Dummy(variable.name), index(variable.name, length)
    reader.bind(counted, over)
    moved = {variable: counted - 1}
    inner = [sp.Tuple(limit[0], *(bound.xreplace(moved) for bound in limit[1:])) for limit in limits[:-1]]
    summed = _summed(reader, node, body.xreplace(moved), inner, place)
    if length is not None:
        return indexed_sum(over, summed)
    first, last = reader.parts(node, [low + 1, high + 1], place)
    return indexed_sum(over, summed, first, last)


SCALAR_ROWS: Mapping[type, Row] = {
    sp.Rational: _number,
    sp.Float: _float,
    type(sp.pi): _pi,
    type(sp.E): lambda reader, node, place: _EXP(mc.lift(1)),
    sp.Symbol: lambda reader, node, place: reader.symbol(node, place),
    sp.Add: _add,
    sp.Mul: _mul,
    sp.Pow: _pow,
    sp.Max: _extreme(larger),
    sp.Min: _extreme(smaller),
    AppliedUndef: _undefined,
    sp.Derivative: _derivative,
    sp.Subs: _substituted,
    sp.matrices.expressions.matexpr.MatrixElement: _entry,
    sp.KroneckerDelta: _delta,
    sp.Sum: _sum,
    **dict.fromkeys(FUNCTIONS, _function),
}
