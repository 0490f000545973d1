"""One walk over an expression, for every notation: which operands stand where, and which of them are bracketed.

A `Dialect` is the table of what differs between notations; `matcalc.printing.latex` and `matcalc.printing.text` are two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias, assert_never, cast, final

from matcalc.language.elementwise import MapFunction
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, Commutation, Derivative, Determinant, Diag, DiagonalPart, Divide, Expr, Hadamard, Identity, Inverse,
    Kron, Let, LogDeterminant, MapDerivative, MatMul, Negate, Node, Norm, Number, Ones, Power, Scale, SizeNumber, Softmax,
    Subtract, Sum, Symbol, Trace, Transpose, Vec, Zeros,
)  # fmt: skip
from matcalc.language.traversal import postorder
from matcalc.printing.pieces import (
    Brackets, Level, Piece, Rope, as_right_operand, flattened, joined, name_level, scripted,
)  # fmt: skip

Leaf: TypeAlias = Number | SizeNumber | Symbol | Let | Ones | Zeros | Identity | Commutation
Enclosure: TypeAlias = (
    Sum | Diag | DiagonalPart | Trace | Norm | Softmax | Vec | Determinant | LogDeterminant | Apply | Inverse
)  # fmt: skip
Powers: TypeAlias = tuple[tuple[Piece, int], ...]


@final
@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between notations.

    Attributes:
        signs: what stands between two operands.
        dot: the sign of a product whose right operand begins with a number.
        brackets: a piece in brackets.
        leaf: a node without operands.
        transposed: the transpose of a name.
        suffix: what a transpose, an inverse or a power adds to its base.
        enclosed: a function or operation of the one argument it is written around.
        quotient: a division.
        map_name: the name of an unknown map.
        derivative: the derivative of something named by others, each with how often it occurs.
        derivative_of_expression: the derivative of what has no name.
    """

    signs: Mapping[type[Expr], str]
    dot: str
    brackets: Brackets
    leaf: Callable[[Leaf], Piece]
    transposed: Callable[[Symbol | Let], Piece]
    suffix: Callable[[Transpose | Inverse | Power], str]
    enclosed: Callable[[Enclosure, Piece], Piece]
    quotient: Callable[[Divide, Piece, Piece], Piece]
    map_name: Callable[[MapFunction], Piece]
    derivative: Callable[[Piece, Powers], Piece]
    derivative_of_expression: Callable[[Piece, Powers], Piece]


def pieces(root: Expr, dialect: Dialect) -> dict[Expr, Piece]:
    """The piece of every node of the expression, each made once."""
    made: dict[Expr, Piece] = {}
    for node in postorder([root], _written):
        made[node] = _piece(cast(Node, node), tuple(made[part] for part in _written(node)), dialect)
    return made


def printed(root: Expr, dialect: Dialect) -> str:
    """The expression in that notation."""
    return flattened(pieces(root, dialect)[root].rope)


def terms(root: Expr, dialect: Dialect) -> list[str]:
    """The expression, parted before every sign of a sum or product at its top."""
    made = pieces(root, dialect)
    family = next((f for f in (_SUM, _PRODUCT, (Hadamard,), (Kron,)) if isinstance(root, f)), ())
    found: list[str] = []
    node, rope = root, made[root].rope
    while isinstance(node, family) and isinstance(node, Add | Subtract | MatMul | Scale | Hadamard | Kron):
        left, sign, right = cast(tuple[Rope, str, Rope], rope)
        found.append(f"{sign.strip()} {flattened(right)}".lstrip())
        node, rope = node.left, left
    return [flattened(rope), *reversed(found)]


_SUM: tuple[type[Expr], ...] = (Add, Subtract)
_PRODUCT: tuple[type[Expr], ...] = (MatMul, Scale)


def _written(node: Expr) -> tuple[Expr, ...]:
    """The parts that are written out in a node."""
    return (node.of, node.by) if isinstance(node, Derivative) else node.operands


def _piece(node: Node, parts: tuple[Piece, ...], d: Dialect) -> Piece:
    match node:
        case Number() | SizeNumber() | Symbol() | Let() | Ones() | Zeros() | Identity() | Commutation():
            return d.leaf(node)
        case Add() | Subtract():
            return joined(parts[0], d.signs[type(node)], parts[1], Level.SUM, d.brackets, chained=True)
        case Hadamard() | Kron():
            same = type(node.left) is type(node)
            return joined(parts[0], d.signs[type(node)], parts[1], Level.BLEND, d.brackets, chained=same)
        case MatMul() | Scale():
            right = as_right_operand(parts[1], Level.PRODUCT, d.brackets)
            sign = d.dot if right.numeral else d.signs[type(node)]
            return joined(parts[0], sign, right, Level.PRODUCT, d.brackets, chained=True)
        case Divide():
            return d.quotient(node, *parts)
        case Negate():
            bracketed = parts[0].numeral or parts[0].level < Level.BLEND
            inside = d.brackets(parts[0]) if bracketed else parts[0].rope
            return Piece(("-", inside), Level.SUM, parts[0].tall)
        case Transpose(argument=Symbol() | Let() as quantity) if name_level(quantity.name) is not Level.FRACTION:
            return d.transposed(quantity)
        case Inverse() if not node.argument.shape:
            return d.enclosed(node, parts[0])
        case Transpose() | Inverse() | Power():
            return scripted(parts[0], d.suffix(node), d.brackets)
        case Sum() | Diag() | DiagonalPart() | Trace() | Norm() | Softmax() | Vec() | Determinant() | LogDeterminant() | Apply():
            return d.enclosed(node, parts[0])
        case ApplyMap() | MapDerivative() | Derivative():
            return _mapped(node, parts, d)
        case _:
            assert_never(node)


def _mapped(node: ApplyMap | MapDerivative | Derivative, parts: tuple[Piece, ...], d: Dialect) -> Piece:
    """An unknown map at its arguments, or a derivative that is written and not carried out."""
    match node:
        case ApplyMap():
            listed = tuple(part for p in parts for part in (", ", p.rope))[1:]
            tall = any(p.tall for p in parts)
            return Piece((d.map_name(node.function).rope, d.brackets(Piece(listed, Level.SUM, tall))), Level.WHOLE, tall)
        case MapDerivative():
            by = [_quantity(node.arguments[i], parts[i], d) for i in range(len(parts))]
            return d.derivative(d.map_name(node.function), tuple((by[i], len(list(run))) for i, run in groupby(node.wrt)))
        case Derivative():
            by_one = ((_quantity(node.by, parts[1], d), 1),)
            if _is_plainly_named(node.of):
                return d.derivative(parts[0], by_one)
            return d.derivative_of_expression(Piece(d.brackets(parts[0]), Level.WHOLE, parts[0].tall), by_one)
        case _:
            assert_never(node)


def _quantity(node: Expr, piece: Piece, d: Dialect) -> Piece:
    """What a derivative is taken by: bare if it has a name."""
    return piece if _is_plainly_named(node) else Piece(d.brackets(piece), Level.WHOLE, piece.tall)


def _is_plainly_named(node: Expr) -> bool:
    return isinstance(node, Symbol | Let) and name_level(node.name) is not Level.FRACTION
