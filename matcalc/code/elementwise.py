"""The known elementwise functions as code: value and derivatives of order 1 to 3, one row for each.

What stands in a row is stable: no overflow where the value has none, and logarithms of sigmoids, of sums of exponentials and of one
plus an exponential are taken without them. At a kink the value of the left piece is taken, as in evaluating.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from matcalc.code.codes import Codes, is_function, is_helper, is_number, looked_through
from matcalc.code.instructions import Code
from matcalc.errors import UnsupportedError
from matcalc.language.elementwise import ElementwiseFunction

Row: TypeAlias = tuple[Callable[[Codes, Code], Code], ...]


def _plain(name: str) -> Callable[[Codes, Code], Code]:
    return lambda c, z: c.function(name, z)


def _number(value: int) -> Callable[[Codes, Code], Code]:
    return lambda c, z: c.number(value)


def _negated(rule: Callable[[Codes, Code], Code]) -> Callable[[Codes, Code], Code]:
    return lambda c, z: c.negate(rule(c, z))


def _sigmoid(c: Codes, z: Code) -> Code:
    return c.helper("sigmoid", z)


def _sigmoid_1(c: Codes, z: Code) -> Code:
    s = _sigmoid(c, z)
    return c.multiply(s, c.subtract(c.number(1), s))


def _sigmoid_2(c: Codes, z: Code) -> Code:
    return c.multiply(_sigmoid_1(c, z), c.subtract(c.number(1), c.multiply(c.number(2), _sigmoid(c, z))))


def _sigmoid_3(c: Codes, z: Code) -> Code:
    first = _sigmoid_1(c, z)
    return c.multiply(first, c.subtract(c.number(1), c.multiply(c.number(6), first)))


def _square(c: Codes, z: Code) -> Code:
    return c.power(z, Fraction(2))


def _tanh_1(c: Codes, z: Code) -> Code:
    return c.subtract(c.number(1), _square(c, c.function("tanh", z)))


def _tanh_2(c: Codes, z: Code) -> Code:
    return c.multiply(c.multiply(c.number(-2), c.function("tanh", z)), _tanh_1(c, z))


def _tanh_3(c: Codes, z: Code) -> Code:
    inner = c.subtract(c.multiply(c.number(6), _square(c, c.function("tanh", z))), c.number(2))
    return c.multiply(_tanh_1(c, z), inner)


def _step(c: Codes, z: Code) -> Code:
    return _clipped(c, c.function("sign", z), 0, 1)


def _clipped(c: Codes, z: Code, low: int | None, high: int | None) -> Code:
    bounds = tuple(c.make("literal", (), None if bound is None else float(bound), ()) for bound in (low, high))
    return c.function("clip", z, *bounds)


def _relu(c: Codes, z: Code) -> Code:
    return _clipped(c, z, 0, None)


def _over(numerator: Fraction, power: Fraction) -> Callable[[Codes, Code], Code]:
    return lambda c, z: c.divide(c.number(numerator), c.power(z, power))


def _log(c: Codes, z: Code) -> Code:
    """The logarithm; of a sum of exponentials, a sigmoid, a softmax or 1 + exp(u) without taking that first."""
    inside = looked_through(z)
    if is_function(inside, "sum") and not inside.data[1]:
        total = looked_through(inside.operands[0])
        if is_function(total, "exp"):
            return c.helper("logsumexp", total.operands[0], shape=())
    if is_helper(inside, "sigmoid"):
        return c.helper("log_sigmoid", inside.operands[0])
    if is_function(inside, "linalg.det"):
        return c.helper("logdet", inside.operands[0], shape=())
    if inside.operation in ("add", "subtract"):
        first, second = inside.operands
        if inside.operation == "subtract" and is_number(first, 1) and is_helper(looked_through(second), "sigmoid"):
            return c.helper("log_sigmoid", c.negate(looked_through(second).operands[0]))
        for one, other in ((first, second), (second, first)):
            if inside.operation == "add" and is_number(one, 1) and is_function(looked_through(other), "exp"):
                return c.helper("softplus", looked_through(other).operands[0])
    return c.function("log", z)


def _cdf(c: Codes, z: Code) -> Code:
    return c.helper("normal_cdf", z)


def _pdf(c: Codes, z: Code) -> Code:
    return c.helper("normal_pdf", z)


def _pdf_times(polynomial: Callable[[Codes, Code], Code]) -> Callable[[Codes, Code], Code]:
    return lambda c, z: c.multiply(polynomial(c, z), _pdf(c, z))


def _minus_z(c: Codes, z: Code) -> Code:
    return c.negate(z)


def _square_minus(number: int) -> Callable[[Codes, Code], Code]:
    return lambda c, z: c.subtract(_square(c, z), c.number(number))


_SINES: Row = (_plain("sin"), _plain("cos"), _negated(_plain("sin")), _negated(_plain("cos")))

KNOWN_CODES: Mapping[str, Row] = MappingProxyType(
    {
        "identity": (lambda c, z: z, _number(1), _number(0), _number(0)),
        "sigmoid": (_sigmoid, _sigmoid_1, _sigmoid_2, _sigmoid_3),
        "tanh": (_plain("tanh"), _tanh_1, _tanh_2, _tanh_3),
        "relu": (_relu, _step, _number(0), _number(0)),
        "softplus": (lambda c, z: c.helper("softplus", z), _sigmoid, _sigmoid_1, _sigmoid_2),
        "gelu": (
            lambda c, z: c.multiply(z, _cdf(c, z)),
            lambda c, z: c.add(_cdf(c, z), c.multiply(z, _pdf(c, z))),
            _pdf_times(lambda c, z: c.subtract(c.number(2), _square(c, z))),
            _pdf_times(lambda c, z: c.multiply(z, _square_minus(4)(c, z))),
        ),
        "exp": (_plain("exp"),) * 4,
        "log": (_log, _over(Fraction(1), Fraction(1)), _over(Fraction(-1), Fraction(2)), _over(Fraction(2), Fraction(3))),
        "sqrt": (
            _plain("sqrt"),
            _over(Fraction(1, 2), Fraction(1, 2)),
            _over(Fraction(-1, 4), Fraction(3, 2)),
            _over(Fraction(3, 8), Fraction(5, 2)),
        ),
        "square": (_square, lambda c, z: c.multiply(c.number(2), z), _number(2), _number(0)),
        "sin": _SINES,
        "cos": (*_SINES[1:], _SINES[0]),
        "abs": (_plain("abs"), _plain("sign"), _number(0), _number(0)),
        "step": (_step, _number(0), _number(0), _number(0)),
        "sign": (_plain("sign"), _number(0), _number(0), _number(0)),
        "normal_cdf": (_cdf, _pdf, _pdf_times(_minus_z), _pdf_times(_square_minus(1))),
        "normal_pdf": (
            _pdf,
            _pdf_times(_minus_z),
            _pdf_times(_square_minus(1)),
            _pdf_times(lambda c, z: c.multiply(z, c.subtract(c.number(3), _square(c, z)))),
        ),
    }
)


def _leaky_relu(c: Codes, z: Code, order: int, slope: Fraction) -> Code:
    if order == 0:
        return c.add(_relu(c, z), c.multiply(c.number(slope), _clipped(c, z, None, 0)))
    return c.add(c.number(slope), c.multiply(c.number(1 - slope), _step(c, z))) if order == 1 else c.number(0)


def known_code(codes: Codes, function: ElementwiseFunction, z: Code) -> Code:
    """A known function, with its primes, of each entry.

    Raises:
        UnsupportedError: no row has this name or this order.
    """
    if function.name == "leaky_relu" and function.parameter is not None and function.order < 4:
        return _leaky_relu(codes, z, function.order, function.parameter)
    row = KNOWN_CODES.get(function.name, ())
    if function.order >= len(row):
        raise UnsupportedError(
            f"No code is known for the derivative of {function.name} of order {function.order}; orders up to {len(row) - 1} are known."
        )
    return row[function.order](codes, z)
