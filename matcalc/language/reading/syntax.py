"""The syntax tree of a formula: what stands where, before names are given a meaning.

Sums hold terms, terms are blends (``\\odot``, ``\\otimes``, ``\\oslash``) of products, products hold factors, and a factor is a base with
scripts. Only the bases nest.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, final

from matcalc.language.reading.source import Span


@final
@dataclass(frozen=True, slots=True, eq=False)
class Numeral:
    """A number; ``fraction`` says that it was written as a fraction of two numbers."""

    value: Fraction
    fraction: bool
    span: Span


@final
@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A letter or a word without its scripts: its stem, and whether it was styled, as bold."""

    stem: str
    styled: bool
    span: Span

    @property
    def is_sigmoid(self) -> bool:
        """Whether it means the logistic function where no quantity or function of that name is declared."""
        return self.stem == "sigma" and not self.styled


@final
@dataclass(frozen=True, slots=True, eq=False)
class Operator:
    """A named operation, as ``\\ln`` or ``\\operatorname{tr}``."""

    name: str
    span: Span


@final
@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """What a derivative is taken by: its tokens, what they read as, and how often."""

    place: tuple[int, int]
    part: Sum
    times: int


@final
@dataclass(frozen=True, slots=True, eq=False)
class Quotient:
    """A derivative, written as a fraction or as an operator before what it is of.

    Attributes:
        of: what stands behind the sign above, or None of an operator.
        of_place: its tokens.
        by: the variables, one for each sign below.
        order: how often is derived, as written above.
        gradient: whether it is a nabla, which has the shape of its variable.
        tight: whether it is an operator with a subscript, which takes the next factor only.
    """

    of: Sum | None
    of_place: tuple[int, int]
    by: tuple[Variable, ...]
    order: int
    gradient: bool
    tight: bool
    span: Span


@final
@dataclass(frozen=True, slots=True, eq=False)
class Over:
    """An index that a sum runs over, with its bounds if they are written."""

    letter: str
    low: Sum | None
    high: Sum | None
    span: Span


@final
@dataclass(frozen=True, slots=True, eq=False)
class Summation:
    """``\\sum`` with its indices, the first outermost, and the term that it is of."""

    over: tuple[Over, ...]
    body: Sum
    span: Span


@final
@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What stands in brackets; ``kind`` is the opening bracket, or ``|``, ``\\|``, ``\\sqrt``, ``e`` or ``\\underbrace``."""

    kind: str
    parts: tuple[Sum, ...]
    span: Span


@final
@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """``\\frac{above}{below}``."""

    above: Sum
    below: Sum
    span: Span


Base: TypeAlias = Numeral | Name | Operator | Quotient | Summation | Group | Ratio


@final
@dataclass(frozen=True, slots=True, eq=False)
class Scripts:
    """What follows a base: tokens below and above, from and to, and how many primes."""

    below: tuple[int, int] | None
    above: tuple[int, int] | None
    primes: int
    span: Span


@final
@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """A base with scripts; ``sign`` is what stands before it: nothing, ``\\cdot``, ``\\times`` or ``/``."""

    sign: str
    base: Base
    scripts: tuple[Scripts, ...]

    @property
    def span(self) -> Span:
        return self.base.span.to(self.scripts[-1].span) if self.scripts else self.base.span


@final
@dataclass(frozen=True, slots=True, eq=False)
class Product:
    factors: tuple[Factor, ...]

    @property
    def span(self) -> Span:
        return self.factors[0].span.to(self.factors[-1].span)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """Products with one sign between them, ``\\odot``, ``\\otimes`` or ``\\oslash``; none where there is one product."""

    sign: str
    products: tuple[Product, ...]

    @property
    def span(self) -> Span:
        return self.products[0].span.to(self.products[-1].span)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """Terms with their signs, + or -; that of the first is empty unless a minus was written that is not part of a number."""

    terms: tuple[tuple[str, Blend], ...]
    span: Span
