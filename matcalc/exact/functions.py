"""The known elementwise functions over a field, each by its definition; their derivatives by power series.

A function is one row, its definition in powers, exp, log, sin, cos, Phi and sign. Run on the series v + e of length k + 1 it gives
f(v) + f'(v) e + ... + f^(k)(v) e^k / k!, so a row serves all orders, and no rule of differentiation is written per function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import factorial
from types import MappingProxyType
from typing import TypeAlias, final

from matcalc.errors import EvaluationError
from matcalc.exact.atoms import Atoms
from matcalc.exact.field import power, reciprocal, residue
from matcalc.language.elementwise import ElementwiseFunction

Series: TypeAlias = list[int]


class NoRootError(ArithmeticError):
    """An even root of what is no square: other data are needed."""


@final
class Argument:
    """The argument v + e of a function, as a series, with what its exponentials need.

    Attributes:
        t: the series.
        below: v in the field below, None where there is none.
        atoms: the atoms of the field.
    """

    def __init__(self, v: int, below: int | None, order: int, atoms: Atoms) -> None:
        self.t: Series = [v, 1, *[0] * order][: order + 1]
        self.below = below
        self.atoms = atoms
        self.p = atoms.prime

    def plus(self, number: int, series: Series) -> Series:
        return [(series[0] + number) % self.p, *series[1:]]

    def times(self, left: Series, right: Series) -> Series:
        return [sum(left[k] * right[n - k] for k in range(n + 1)) % self.p for n in range(len(left))]

    def scaled(self, number: Fraction | int, series: Series) -> Series:
        c = residue(number, self.p)
        return [c * s % self.p for s in series]

    def reciprocal(self, s: Series) -> Series:
        head = reciprocal(s[0], self.p)
        found = [head]
        for n in range(1, len(s)):
            found.append(-head * sum(s[k] * found[n - k] for k in range(1, n + 1)) % self.p)
        return found

    def exp(self, linear: Fraction | int = 1, square: Fraction | int = 0) -> Series:
        """exp(linear t + square t^2)."""
        s = [a + b for a, b in zip(self.scaled(linear, self.t), self.scaled(square, self.times(self.t, self.t)), strict=True)]
        below: int | None = None
        if self.below is not None:
            q = self.p // 2
            below = (residue(linear, q) * self.below + residue(square, q) * self.below**2) % q
        found = [self.atoms.exp(s[0] % self.p, below)]
        for n in range(1, len(s)):
            found.append(sum(k * s[k] * found[n - k] for k in range(1, n + 1)) * pow(n, -1, self.p) % self.p)
        return found

    def integral(self, head: int, derivative: Series) -> Series:
        """The series with this value and this derivative."""
        return [head, *[d * pow(k, -1, self.p) % self.p for k, d in enumerate(derivative[:-1], 1)]]

    def log(self, s: Series) -> Series:
        derived = [*[k * s[k] for k in range(1, len(s))], 0]
        head = self.atoms.log(s[0])
        return self.integral(head, self.times(derived, self.reciprocal(s))) if len(s) > 1 else [head]

    def sqrt(self) -> Series:
        head = power(self.t[0], Fraction(1, 2), self.p)
        if head is None:
            raise NoRootError(self.t[0])
        found = [head]
        if len(self.t) > 1:
            scale = reciprocal(2 * head % self.p, self.p)
            for n in range(1, len(self.t)):
                found.append((self.t[n] - sum(found[k] * found[n - k] for k in range(1, n))) * scale % self.p)
        return found

    def waves(self) -> tuple[Series, Series]:
        """sin t and cos t."""
        s, c = ([head] for head in self.atoms.sin_and_cos(self.t[0]))
        for n in range(1, len(self.t)):
            scale = pow(n, -1, self.p)
            s, c = [*s, c[-1] * scale % self.p], [*c, -s[-1] * scale % self.p]
        return s, c

    def normal_pdf(self) -> Series:
        scale = self.atoms.element("1 / sqrt(2 pi)")
        return [scale * v % self.p for v in self.exp(0, Fraction(-1, 2))]

    def normal_cdf(self) -> Series:
        return self.integral(self.atoms.normal_cdf(self.t[0]), self.normal_pdf())

    def constant(self, number: int) -> Series:
        return [number % self.p, *[0] * (len(self.t) - 1)]


def _sigmoid(x: Argument, slope: Fraction) -> Series:
    return x.reciprocal(x.plus(1, x.exp(-1)))


def _tanh(x: Argument, slope: Fraction) -> Series:
    return x.plus(1, x.scaled(-2, x.reciprocal(x.plus(1, x.exp(2)))))


def _leaky_relu(x: Argument, slope: Fraction) -> Series:
    c = residue(slope, x.p)
    return x.times(x.t, x.constant(c + (1 - c) * x.atoms.step(x.t[0])))


FUNCTIONS: Mapping[str, Callable[[Argument, Fraction], Series]] = MappingProxyType(
    {
        "identity": lambda x, slope: x.t,
        "sigmoid": _sigmoid,
        "tanh": _tanh,
        "relu": lambda x, slope: x.times(x.t, x.constant(x.atoms.step(x.t[0]))),
        "leaky_relu": _leaky_relu,
        "softplus": lambda x, slope: x.log(x.plus(1, x.exp())),
        "gelu": lambda x, slope: x.times(x.t, x.normal_cdf()),
        "exp": lambda x, slope: x.exp(),
        "log": lambda x, slope: x.log(x.t),
        "sqrt": lambda x, slope: x.sqrt(),
        "square": lambda x, slope: x.times(x.t, x.t),
        "sin": lambda x, slope: x.waves()[0],
        "cos": lambda x, slope: x.waves()[1],
        "abs": lambda x, slope: x.times(x.t, x.constant(x.atoms.sign(x.t[0]))),
        "step": lambda x, slope: x.constant(x.atoms.step(x.t[0])),
        "sign": lambda x, slope: x.constant(x.atoms.sign(x.t[0])),
        "normal_cdf": lambda x, slope: x.normal_cdf(),
        "normal_pdf": lambda x, slope: x.normal_pdf(),
    }
)

WITH_EXP = frozenset({"sigmoid", "tanh", "softplus", "gelu", "exp", "normal_cdf", "normal_pdf"})


def derivative_at(function: ElementwiseFunction, more: int, v: int, below: int | None, atoms: Atoms) -> int:
    """The function, with its primes and so many more, at a value v, which is ``below`` in the field below.

    Raises:
        EvaluationError: the function is not known here.
        NoRootError, UndefinedError: it has no value at v.
    """
    order = function.order + more
    if not function.known:
        return atoms.drawn("function", function.name, order, v)
    if function.name not in FUNCTIONS:
        raise EvaluationError(f"{function.name} has no row in the table of known functions of matcalc.exact.")
    series = FUNCTIONS[function.name](Argument(v, below, order, atoms), function.parameter or Fraction(0))
    return series[order] * factorial(order) % atoms.prime
