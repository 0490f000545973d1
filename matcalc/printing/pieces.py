"""A printed part of an expression: what is written, and how tightly it holds together.

Brackets are decided here, by level and side. What is written is a rope, flattened once at the end, so that a deep expression
costs no more than its number of nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias, Union, final

from matcalc.printing.names import has_superscript, quotient_parts

Rope: TypeAlias = Union[str, tuple["Rope", ...]]  # noqa: UP007


class Level(IntEnum):
    """How tightly a piece holds together; one of a lower level than asked for is bracketed."""

    SUM = 1  # a + b, a - b, -a
    BLEND = 2  # a ⊙ b, a ⊗ b, a ⊘ b, and what begins with an operator that takes one argument
    PRODUCT = 3  # A b, 2 b
    FRACTION = 4  # a whole, which takes no script
    SCRIPTED = 5  # X^T, x^2, W^(1): takes no second superscript
    WHOLE = 6


@final
@dataclass(frozen=True, slots=True)
class Piece:
    """What is written of one node.

    Attributes:
        tall: it holds a fraction.
        numeral: it begins with a number, so that a minus or a factor before it would be read as part of the number.
        negative: that number is negative.
    """

    rope: Rope
    level: Level
    tall: bool = False
    numeral: bool = False
    negative: bool = False


Brackets: TypeAlias = Callable[[Piece], Rope]


def flattened(rope: Rope) -> str:
    """The text of a rope."""
    found: list[str] = []
    stack = [rope]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            found.append(part)
        else:
            stack.extend(reversed(part))
    return "".join(found)


def at_least(piece: Piece, level: Level, brackets: Brackets) -> Piece:
    """The piece, bracketed if it is of a lower level."""
    return piece if piece.level >= level else Piece(brackets(piece), Level.WHOLE, piece.tall)


def joined(left: Piece, sign: str, right: Piece, level: Level, brackets: Brackets, *, chained: bool) -> Piece:
    """Two operands with a sign between them; ``chained`` says that a left operand of the same level needs no brackets."""
    first = at_least(left, level if chained else Level(level + 1), brackets)
    second = as_right_operand(right, level, brackets)
    tall = left.tall or right.tall
    return Piece((first.rope, sign, second.rope), level, tall, first.numeral, first.negative)


def as_right_operand(right: Piece, level: Level, brackets: Brackets) -> Piece:
    """The right operand of a sign of that level, bracketed if it is of no higher level or begins with a minus."""
    return at_least(right, Level.WHOLE if right.negative else Level(level + 1), brackets)


def scripted(base: Piece, suffix: Rope, brackets: Brackets) -> Piece:
    """The base with a superscript."""
    whole = at_least(base, Level.WHOLE, brackets)
    return Piece((whole.rope, suffix), Level.SCRIPTED, whole.tall, whole.numeral)


def name_level(name: str) -> Level:
    """How tightly the writing of a plain name holds together."""
    if quotient_parts(name):
        return Level.FRACTION
    return Level.SCRIPTED if has_superscript(name) else Level.WHOLE
