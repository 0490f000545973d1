"""The known elementwise functions in SymPy: one formula of a real number each, for both directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import sympy as sp

from matcalc.language.elementwise import ElementwiseFunction, known_function

T = sp.Dummy("t", real=True)
_CDF = (1 + sp.erf(T / sp.sqrt(2))) / 2

FORMULAS: Mapping[str, Any] = MappingProxyType(
    {
        "identity": T,
        "sigmoid": 1 / (1 + sp.exp(-T)),
        "tanh": sp.tanh(T),
        "relu": sp.Max(0, T),
        "softplus": sp.log(1 + sp.exp(T)),
        "gelu": T * _CDF,
        "exp": sp.exp(T),
        "log": sp.log(T),
        "sqrt": sp.sqrt(T),
        "square": T**2,
        "sin": sp.sin(T),
        "cos": sp.cos(T),
        "abs": sp.Abs(T),
        "step": sp.Heaviside(T),
        "sign": sp.sign(T),
        "normal_cdf": _CDF,
        "normal_pdf": sp.exp(-(T**2) / 2) / sp.sqrt(2 * sp.pi),
    }
)
PARAMETRIC: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {"leaky_relu": lambda slope: sp.Max(0, T) + slope * sp.Min(0, T)},
)
NAMED_IN_DERIVATIVES = "sigmoid", "gelu", "normal_pdf"  # the derivatives of the others are short formulas
ORDERS = 4  # how often a function is derived to be found again


@cache
def formula(function: ElementwiseFunction) -> Any:
    """The formula of a known function of `T`, with its primes; of one with kinks it holds away from them."""
    if function.parameter is None:
        made = FORMULAS[function.name]
    else:
        made = PARAMETRIC[function.name](sp.Rational(function.parameter.numerator, function.parameter.denominator))
    made = made.diff(T, function.order) if function.order else made
    return made.replace(lambda e: isinstance(e, sp.DiracDelta), lambda e: sp.S.Zero)


@cache
def _by_formula() -> dict[Any, ElementwiseFunction]:
    """The known functions by their formulas; of two with one formula the first."""
    found: dict[Any, ElementwiseFunction] = {}
    for name in FORMULAS:
        found.setdefault(FORMULAS[name], known_function(name))
    for name in NAMED_IN_DERIVATIVES:
        function = known_function(name)
        for _ in range(1, ORDERS):
            function = function.prime
            found.setdefault(formula(function), function)
    return found


def function_of(body: Any, variable: Any) -> ElementwiseFunction | None:
    """The known function with that formula of the variable; None if there is none."""
    of_t = body.xreplace({variable: T})
    found = _by_formula().get(of_t)
    if found is not None:
        return found
    slope = of_t.coeff(sp.Min(0, T))
    if slope.is_Rational and slope and of_t == PARAMETRIC["leaky_relu"](slope):
        return known_function("leaky_relu").with_parameter(str(slope))
    return None
