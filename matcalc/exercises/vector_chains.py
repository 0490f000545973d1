"""Random chains of named vectors, from an input to a scalar or to a vector."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import final

from matcalc.exercises.vocabulary import Vocabulary
from matcalc.language.building import function, let, norm, softmax
from matcalc.language.building import sum as total
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import Expr, Let, Softmax, Symbol
from matcalc.language.matrix_operations import logsumexp
from matcalc.language.sizes import Dim

HALF = Fraction(1, 2)


@final
@dataclass
class Chain:
    """A chain as it is built.

    Attributes:
        words: gives the names.
        at: the last vector so far.
        input: the first one.
        weights: all symbols that were taken up, the input apart.
        names: the named quantities, the first one first.
    """

    words: Vocabulary
    at: Expr
    input: Symbol
    weights: list[Symbol] = field(default_factory=list)
    names: list[Let] = field(default_factory=list)

    @property
    def size(self) -> str:
        """The size of the last vector, as a name."""
        return str(self.at.shape[0])

    @property
    def rng(self) -> random.Random:
        """The random numbers."""
        return self.words.rng

    def matrix(self, rows: str, columns: str) -> Symbol:
        """A new matrix of the chain."""
        self.weights.append(self.words.matrix(rows, columns))
        return self.weights[-1]

    def vector(self, size: str, what: str = "vector") -> Symbol:
        """A new vector of the chain."""
        self.weights.append(self.words.vector(size, what))
        return self.weights[-1]

    def scalar(self) -> Symbol:
        """A new scalar of the chain."""
        self.weights.append(self.words.scalar())
        return self.weights[-1]

    def named(self, definition: Expr) -> None:
        """The next vector of the chain."""
        made = self.words.hidden(definition)
        self.names.append(made)
        self.at = made


# ---- what a step may be ----------------------------------------------------------------------------------------------


def _linear(c: Chain) -> Expr:
    return c.matrix(c.words.size(), c.size) @ c.at


def _turned(c: Chain) -> Expr:
    return c.matrix(c.size, c.words.size()).T @ c.at


def _square(c: Chain) -> Expr:
    return c.matrix(c.size, c.size) @ c.at


def _affine(c: Chain) -> Expr:
    made = _linear(c)
    return made + c.vector(str(made.shape[0]))


def _unknown(c: Chain) -> Expr:
    return c.words.unknown()(c.at)


def _known(c: Chain) -> Expr:
    return c.words.known()(c.at)


def _weighted(c: Chain) -> Expr:
    return c.vector(c.size) * c.at


def _residual(c: Chain) -> Expr:
    return c.at + c.words.unknown()(c.at)


def _residual_linear(c: Chain) -> Expr:
    return c.at + c.matrix(c.size, c.size) @ c.at


def _gated(c: Chain) -> Expr:
    rows = c.words.size()
    return c.words.unknown()(c.matrix(rows, c.size) @ c.at) * (c.matrix(rows, c.size) @ c.at)


def _squared(c: Chain) -> Expr:
    return c.at * c.at


def _scaled(c: Chain) -> Expr:
    return c.scalar() * c.at


def _shifted(c: Chain) -> Expr:
    return c.at - c.vector(c.size, "target")


def _projected(c: Chain) -> Expr:
    v = c.vector(c.size)
    return v @ (v.T @ c.at)


def _soft(c: Chain) -> Expr:
    return softmax(c.at)


LINEAR: tuple[Callable[[Chain], Expr], ...] = (_linear, _turned, _affine, _square, _linear, _affine, _residual_linear, _projected)
BENT: tuple[Callable[[Chain], Expr], ...] = (_unknown, _known, _unknown, _weighted, _residual, _squared, _scaled, _shifted)
HARD: tuple[Callable[[Chain], Expr], ...] = (_gated, _soft, _residual)


# ---- what makes a scalar of the last vector --------------------------------------------------------------------------


def _half_square(c: Chain) -> Expr:
    return HALF * norm(c.at - c.vector(c.size, "target")) ** 2


def _mean_square(c: Chain) -> Expr:
    return 1 / Dim((c.size,)) * total((c.at - c.vector(c.size, "target")) ** 2)


def _square_of(c: Chain) -> Expr:
    return norm(c.at) ** 2


def _dot(c: Chain) -> Expr:
    return c.vector(c.size, "target").T @ c.at


def _quadratic(c: Chain) -> Expr:
    return c.at.T @ c.matrix(c.size, c.size) @ c.at


def _quadratic_of_error(c: Chain) -> Expr:
    error = c.at - c.vector(c.size, "target")
    return HALF * error.T @ c.matrix(c.size, c.size) @ error


def _map_of(c: Chain) -> Expr:
    made = function("L", of=(c.at, c.vector(c.size, "target")), shape=())
    assert isinstance(made, Expr)
    return made


def _cross_entropy(c: Chain) -> Expr:
    if isinstance(c.at, Let) and isinstance(c.at.definition, Softmax):
        return -total(c.vector(c.size, "target") * known_function("log")(c.at))
    return logsumexp(c.at) - c.vector(c.size, "target").T @ c.at


def _sum_of_unknown(c: Chain) -> Expr:
    return total(c.words.unknown()(c.at))


def _logistic(c: Chain) -> Expr:
    return total(known_function("softplus")(c.at) - c.vector(c.size, "target") * c.at)


def _log_sum(c: Chain) -> Expr:
    return logsumexp(c.at)


def _weighted_square(c: Chain) -> Expr:
    return HALF * total(c.vector(c.size) * (c.at - c.vector(c.size, "target")) ** 2)


HEADS: tuple[Callable[[Chain], Expr], ...] = (
    _half_square, _mean_square, _square_of, _dot, _quadratic, _quadratic_of_error, _map_of, _cross_entropy, _sum_of_unknown, _logistic,
    _log_sum, _weighted_square,
)  # fmt: skip


# ---- chains ----------------------------------------------------------------------------------------------------------


def chain(rng: random.Random, steps: int, hard: bool = False) -> Chain:
    """A chain of so many named vectors: linear steps and entrywise ones by turns, mostly."""
    words = Vocabulary(rng)
    start = words.vector(words.size())
    made = Chain(words, start, start)
    bent = rng.random() < 0.3
    for _ in range(steps):
        table = BENT if bent else LINEAR
        if hard and rng.random() < 0.3:
            table = HARD
        made.named(rng.choice(table)(made))
        bent = not bent if rng.random() < 0.85 else bent
    return made


def with_cost(made: Chain) -> Let:
    """The named scalar at the end of a chain."""
    value = made.rng.choice(HEADS)(made)
    name = "L" if value.operands and type(value).__name__ == "ApplyMap" else made.words.cost_name()
    cost = let(name, value)
    assert isinstance(cost, Let)
    return cost


