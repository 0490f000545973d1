"""The functions of the language: known and unknown elementwise functions, functions of a matrix, and unknown maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, final

from matcalc.errors import MatcalcError
from matcalc.language.operators import OPERATIONS, Numeric
from matcalc.language.sizes import Shape

if TYPE_CHECKING:
    from matcalc.language.expression import Expr


@final
@dataclass(frozen=True, slots=True)
class FunctionRow:
    """What the language knows of a known elementwise function of a real number.

    Attributes:
        low, high: the open interval that holds its values; None where there is no such bound.
        parameter: the default of its one parameter, or None where it has none.
    """

    low: int | None = None
    high: int | None = None
    parameter: Fraction | None = None


KNOWN_FUNCTIONS: Mapping[str, FunctionRow] = MappingProxyType(
    {
        "identity": FunctionRow(),
        "sigmoid": FunctionRow(low=0, high=1),
        "tanh": FunctionRow(low=-1, high=1),
        "relu": FunctionRow(),
        "leaky_relu": FunctionRow(parameter=Fraction(1, 100)),
        "softplus": FunctionRow(low=0),
        "gelu": FunctionRow(),
        "exp": FunctionRow(low=0),
        "log": FunctionRow(),
        "sqrt": FunctionRow(),
        "square": FunctionRow(),
        "sin": FunctionRow(),
        "cos": FunctionRow(),
        "abs": FunctionRow(),
        "step": FunctionRow(),
        "sign": FunctionRow(),
        "normal_cdf": FunctionRow(low=0, high=1),
        "normal_pdf": FunctionRow(low=0),
    }
)


def _known(known: bool) -> str:
    return "known" if known else "unknown"


def _primed(name: str, order: int) -> str:
    return name + "'" * order


@final
@dataclass(frozen=True, slots=True, repr=False)
class ElementwiseFunction:
    """A function applied to each entry; ``order`` counts its primes.

    Shapes: f(z) has the shape of z. Its derivative by a column z (n) is diag(f'(z)), n x n in both layouts; by a matrix it has four axes.

    Attributes:
        name: plain name, such as ``sigmoid`` or ``f^1``.
        order: 0 for f itself, 1 for f', 2 for f''.
        known: whether it is a row of `KNOWN_FUNCTIONS`, or unknown.
        parameter: the slope of a leaky relu; None for all others.

    Raises:
        MatcalcError: when it is applied to what cannot stand in an expression.

    Example:
        >>> import matcalc as mc
        >>> f = mc.function("f")
        >>> z = mc.vector("z", "n")
        >>> f.prime(z)
        f'(z)
        >>> mc.sigmoid(z).shape
        (n,)
        >>> mc.derive(mc.tanh(z), z, layout="numerator").result
        diag(1 - tanh(z)^2)
    """

    name: str
    order: int = 0
    known: bool = False
    parameter: Fraction | None = None

    def __repr__(self) -> str:
        parameter = "" if self.parameter is None else f" with parameter {self.parameter}"
        return f"<{_known(self.known)} elementwise function {_primed(self.name, self.order)}{parameter}>"

    @property
    def prime(self) -> ElementwiseFunction:
        """The derivative of the function, again elementwise."""
        return replace(self, order=self.order + 1)

    def with_parameter(self, value: Numeric | str) -> ElementwiseFunction:
        """The same function with another parameter, such as the slope of a leaky relu.

        Example:
            >>> import matcalc as mc
            >>> mc.leaky_relu.with_parameter("1/5").parameter
            Fraction(1, 5)
        """
        if self.parameter is None:
            raise MatcalcError(f"{self.name} has no parameter.")
        try:
            return replace(self, parameter=Fraction(str(value)))
        except ValueError:
            raise MatcalcError(f"{value!r} is not a number: the parameter of {self.name} is one, like 0.2 or '1/5'.") from None

    def __call__(self, argument: Expr | Numeric) -> Expr:
        return OPERATIONS["apply"](self, argument)  # type: ignore[no-any-return]


@final
@dataclass(frozen=True, slots=True)
class MapFunction:
    """An unknown differentiable map of one or several arguments, with declared shapes.

    Attributes:
        name: plain name, such as ``u`` or ``C``.
        shape: shape of its value.
        argument_shapes: the shape of each argument.
    """

    name: str
    shape: Shape
    argument_shapes: tuple[Shape, ...]

    def __call__(self, *arguments: Expr) -> Expr:
        return OPERATIONS["apply_map"](self, arguments)  # type: ignore[no-any-return]


KNOWN_MATRIX_FUNCTIONS = ("exp", "sin", "cos")


@final
@dataclass(frozen=True, slots=True, repr=False)
class MatrixFunction:
    """A function of a square matrix given by a power series of a real number, not taken entry by entry.

    Shapes: of an n x n matrix, ``(n, n)``. The derivative of tr(g(X)) by X is g'(X) in numerator layout, its transpose in denominator
    layout.

    Attributes:
        name: plain name, such as ``g``, or that of a known one.
        order: 0 for g itself, 1 for g', the matrix function of the series derived term by term.
        known: whether it is one of `KNOWN_MATRIX_FUNCTIONS`, or unknown.

    Raises:
        ShapeError: when it is applied to a matrix that is not square.

    Example:
        >>> import matcalc as mc
        >>> X = mc.matrix("X", "n", "n")
        >>> mc.expm(X), mc.derive(mc.trace(mc.expm(X)), X, layout="denominator").result
        (expm(X), expm(X)^T)
    """

    name: str
    order: int = 0
    known: bool = False

    @property
    def prime(self) -> MatrixFunction:
        """The matrix function of the derivative of the series."""
        return replace(self, order=self.order + 1)

    def __repr__(self) -> str:
        return f"<{_known(self.known)} matrix function {_primed(self.name, self.order)}>"

    def __call__(self, argument: Expr) -> Expr:
        return OPERATIONS["apply_matrix_function"](self, argument)  # type: ignore[no-any-return]


def known_function(name: str) -> ElementwiseFunction:
    """The known elementwise function of that name."""
    return ElementwiseFunction(name, 0, True, KNOWN_FUNCTIONS[name].parameter)
