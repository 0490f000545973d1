"""The derivatives of the known elementwise functions, one row each.

A row gives f'(t) as factors in the same argument: powers of known functions and of t itself, or a sum of such. The statement
that a student reads is printed from the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias, final

from matcalc.index.assembly import Scope, raised
from matcalc.index.form import Form, Indices, OpenTerm, Rational, function_atom, rational
from matcalc.language.elementwise import ElementwiseFunction, known_function

SPECIAL_POWERS: Mapping[str, Rational] = MappingProxyType({"identity": 1, "sqrt": Fraction(1, 2), "square": 2})

Monomial: TypeAlias = tuple[Rational, Mapping[str, Rational]]  # coefficient, exponent of each function; "t" is the argument
Polynomial: TypeAlias = tuple[Monomial, ...]


@final
@dataclass(frozen=True, slots=True)
class FunctionRule:
    """f'(t) as a product of polynomials in known functions of t.

    Attributes:
        product: the factors.
        slope: for a function with a parameter c, the factors are those of f'(t) - c, times (1 - c).
        source: where the identity stands.
    """

    product: tuple[Polynomial, ...]
    source: str
    slope: bool = False


def _power(name: str, exponent: int = 1, coefficient: Rational = 1) -> Polynomial:
    return ((coefficient, {name: exponent}),)


_DLMF = "NIST Digital Library of Mathematical Functions, {}"
_LAYER = "derivative of the layer's definition, entry by entry"

FUNCTION_RULES: Mapping[str, FunctionRule] = MappingProxyType(
    {
        "sigmoid": FunctionRule((_power("sigmoid"), ((1, {}), (-1, {"sigmoid": 1}))), "quotient rule on 1/(1 + exp(-t))"),
        "tanh": FunctionRule((((1, {}), (-1, {"tanh": 2})),), _DLMF.format("4.34.3 with 4.35.12")),
        "relu": FunctionRule((_power("step"),), f"{_LAYER}, t != 0"),
        "leaky_relu": FunctionRule((_power("step"),), f"{_LAYER}, t != 0", slope=True),
        "softplus": FunctionRule((_power("sigmoid"),), "chain rule on ln(1 + exp t)"),
        "gelu": FunctionRule((((1, {"normal_cdf": 1}), (1, {"t": 1, "normal_pdf": 1})),), "product rule on t Phi(t)"),
        "exp": FunctionRule((_power("exp"),), _DLMF.format("4.7.7")),
        "log": FunctionRule((_power("t", -1),), _DLMF.format("4.7.1")),
        "sin": FunctionRule((_power("cos"),), _DLMF.format("4.20.1")),
        "cos": FunctionRule((_power("sin", 1, -1),), _DLMF.format("4.20.2")),
        "abs": FunctionRule((_power("sign"),), f"{_LAYER}, t != 0"),
        "step": FunctionRule(((),), f"{_LAYER}, t != 0"),
        "sign": FunctionRule(((),), f"{_LAYER}, t != 0"),
        "normal_cdf": FunctionRule((_power("normal_pdf"),), _DLMF.format("7.2.1 with t = x / sqrt 2")),
        "normal_pdf": FunctionRule((((-1, {"t": 1, "normal_pdf": 1}),),), "chain rule on exp(-t^2/2) / sqrt(2 pi)"),
    }
)


def derivative_terms(function: ElementwiseFunction, argument: Form, free: Indices, scope: Scope) -> list[OpenTerm]:
    """f^(k)(argument) for a known f with k >= 1 primes, at open indices."""
    if function.order == 1 and function.name in FUNCTION_RULES:
        rule = FUNCTION_RULES[function.name]
        product: list[OpenTerm] = [(1, [])]
        for polynomial in rule.product:
            product = scope.product(product, free, _terms(polynomial, argument, free, scope), free)
        return _sloped(product, function, free, scope) if rule.slope else scope.bracketed(product, free)
    polynomial = _start(function)
    for _ in range(function.order - 1):
        polynomial = _differentiated(polynomial)
    return scope.bracketed(_terms(polynomial, argument, free, scope), free)


def _sloped(product: list[OpenTerm], function: ElementwiseFunction, free: Indices, scope: Scope) -> list[OpenTerm]:
    assert function.parameter is not None
    slope = function.parameter
    return scope.bracketed([(rational(slope), []), *((rational(c * (1 - slope)), f) for c, f in product)], free)


def _terms(polynomial: Polynomial, argument: Form, free: Indices, scope: Scope) -> list[OpenTerm]:
    """The polynomial in functions of the argument."""
    result: list[OpenTerm] = []
    for coefficient, powers in polynomial:
        terms: list[OpenTerm] = [(coefficient, [])]
        for name, exponent in powers.items():
            if name == "t":
                factor = raised(scope, scope.bracketed(scope.opened(argument, free), free), free, exponent)
            else:
                factor = [(1, [(function_atom(known_function(name), argument), free, exponent)])]
            terms = scope.product(terms, free, factor, free)
        result.extend(terms)
    return result


def _start(function: ElementwiseFunction) -> Polynomial:
    """f' multiplied out, as a polynomial in known functions."""
    if function.name in SPECIAL_POWERS:
        exponent = SPECIAL_POWERS[function.name]
        return ((exponent, {"t": rational(exponent - 1)}),)
    rule = FUNCTION_RULES[function.name]
    result: Polynomial = ((1, {}),)
    for polynomial in rule.product:
        result = tuple(_product(a, b) for a in result for b in polynomial)
    if rule.slope:
        assert function.parameter is not None
        result = ((rational(function.parameter), {}), *((rational(c * (1 - function.parameter)), p) for c, p in result))
    return result


def _product(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left[1])
    for name, exponent in right[1].items():
        powers[name] = rational(powers.get(name, 0) + exponent)
    return rational(left[0] * right[0]), {name: e for name, e in powers.items() if e}


def _differentiated(polynomial: Polynomial) -> Polynomial:
    """The derivative by t of a polynomial in functions of t, like monomials collected."""
    collected: dict[tuple[tuple[str, Rational], ...], Rational] = {}
    for coefficient, powers in polynomial:
        for name, exponent in powers.items():
            lowered = _product((rational(coefficient * exponent), powers), (1, {name: -1}))
            for inner in ((1, {}),) if name == "t" else _start(known_function(name)):
                c, p = _product(lowered, inner)
                key = tuple(sorted(p.items()))
                collected[key] = rational(collected.get(key, 0) + c)
    return tuple((c, dict(key)) for key, c in collected.items() if c)
