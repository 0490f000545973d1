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
    Add, Apply, ApplyMap, ApplyMatrixFunction, Commutation, Derivative, Determinant, Diag, DiagonalPart, Divide, Entry, Expr, Hadamard,
    Identity, Index, IndexedSum, Inverse, Kron, Let, LogDeterminant, MapDerivative, MatMul, MatrixPower, Negate, Node, Norm, Number, Ones,
    Power, PseudoInverse, Scale, SizeNumber, Softmax, Subtract, Sum, Symbol, Trace, Transpose, Vec, Zeros, DiagonalSums,
)  # fmt: skip
from matcalc.language.sizes import Shape, ndim
from matcalc.language.traversal import postorder
from matcalc.printing.pieces import (
    Brackets, Level, Piece, Rope, as_right_operand, flattened, joined, name_level, scripted,
)  # fmt: skip

Leaf: TypeAlias = Number | SizeNumber | Symbol | Let | Ones | Zeros | Identity | Commutation | Index
Enclosure: TypeAlias = (
    Sum | Diag | DiagonalPart | DiagonalSums | Trace | Norm | Softmax | Vec | Determinant | LogDeterminant | Apply
    | ApplyMatrixFunction | Inverse
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
        exponent: what a matrix power adds to its base.
        entry: an array with the positions of one entry.
        indexed_sum: a sum of index, bounds and body.
        enclosed: a function or operation of the one argument it is written around.
        quotient: a division.
        map_name: the name of an unknown map.
        derivative: the derivative of something named by others, each with how often it occurs.
        derivative_of_expression: the derivative of what has no name.
        gradient: the derivative of a scalar in the shape of its variable.
        layouts_told: whether each derivative tells its layout, since there are several.
    """

    signs: Mapping[type[Expr], str]
    dot: str
    brackets: Brackets
    leaf: Callable[[Leaf], Piece]
    transposed: Callable[[Symbol | Let], Piece]
    suffix: Callable[[Transpose | Inverse | PseudoInverse | Power], str]
    exponent: Callable[[Piece], Rope]
    entry: Callable[[Piece, tuple[Piece, ...]], Piece]
    indexed_sum: Callable[[Piece, Piece, Piece, Piece], Piece]
    enclosed: Callable[[Enclosure, Piece], Piece]
    quotient: Callable[[Divide, Piece, Piece], Piece]
    map_name: Callable[[MapFunction], Piece]
    derivative: Callable[[Piece, Powers], Piece]
    derivative_of_expression: Callable[[Piece, Powers], Piece]
    gradient: Callable[[Piece, Piece], Piece]
    layouts_told: bool = False


def pieces(root: Expr, dialect: Dialect) -> dict[Expr, Piece]:
    """The piece of every node of the expression, each made once."""
    made: dict[Expr, Piece] = {}
    for node in postorder([root], written_parts):
        made[node] = _piece(cast(Node, node), tuple(made[part] for part in written_parts(node)), dialect)
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


def written_parts(node: Expr) -> tuple[Expr, ...]:
    """The parts that are written out in a node."""
    if not isinstance(node, Derivative):
        return node.operands
    if isinstance(node.of, Derivative) and is_second_derivative(node):
        return node.of.of, node.of.by, node.by
    if is_second_derivative(node):
        return _first_variable(node), node.by
    return node.of, node.by


def _piece(node: Node, parts: tuple[Piece, ...], d: Dialect) -> Piece:
    match node:
        case Number() | SizeNumber() | Symbol() | Let() | Ones() | Zeros() | Identity() | Commutation() | Index():
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
        case Transpose() | Inverse() | PseudoInverse() | Power():
            return scripted(_base(node, parts[0], d), d.suffix(node), d.brackets)
        case MatrixPower():
            return scripted(parts[0], d.exponent(parts[1]), d.brackets)
        case Entry(base=base):
            positions = parts[1:] if ndim(base.shape) == 2 else parts[1:2] if len(base.shape) == 1 else parts[2:]
            return d.entry(parts[0], positions)
        case IndexedSum():
            body = as_right_operand(parts[3], Level.SUM, d.brackets)
            return d.indexed_sum(parts[0], parts[1], parts[2], body)
        case (
            Sum() | Diag() | DiagonalPart() | DiagonalSums() | Trace() | Norm() | Softmax() | Vec() | Determinant() | LogDeterminant()
            | Apply() | ApplyMatrixFunction()
        ):  # fmt: skip
            return d.enclosed(node, parts[0])
        case ApplyMap() | MapDerivative() | Derivative():
            return _mapped(node, parts, d)
        case _:
            assert_never(node)


def _base(node: Transpose | Inverse | PseudoInverse | Power, piece: Piece, d: Dialect) -> Piece:
    """What carries a superscript: an entry or a number in brackets, unless it is a power; else all of its array would be meant."""
    inner = node.operands[0]
    power = isinstance(node, Power) and (node.exponent > 0 or isinstance(inner, Number))
    bracketed = isinstance(inner, Entry | Number) and not power
    return Piece(d.brackets(piece), Level.WHOLE, piece.tall) if bracketed else piece


def _mapped(node: ApplyMap | MapDerivative | Derivative, parts: tuple[Piece, ...], d: Dialect) -> Piece:
    """An unknown map at its arguments, or a derivative that is written and not carried out."""
    match node:
        case ApplyMap():
            listed = tuple(part for p in parts for part in (", ", p.rope))[1:]
            tall = any(p.tall for p in parts)
            return Piece((d.map_name(node.function).rope, d.brackets(Piece(listed, Level.SUM, tall))), Level.WHOLE, tall)
        case MapDerivative():
            by = [_quantity(node.arguments[i], parts[i], d) for i in range(len(parts))]
            if d.layouts_told and len(node.wrt) == 1:
                k = node.wrt[0]
                return _layout_told(node, node.function.shape, node.arguments[k], d.map_name(node.function), by[k], d)
            return d.derivative(d.map_name(node.function), tuple((by[i], len(list(run))) for i, run in groupby(node.wrt)))
        case Derivative():
            return _written_derivative(node, parts, d)
        case _:
            assert_never(node)


def _written_derivative(node: Derivative, parts: tuple[Piece, ...], d: Dialect) -> Piece:
    """A derivative of what has a name, or the operator before an expression in brackets."""
    of, by = parts[0], cast(Powers, ((_quantity(node.by, parts[-1], d), 1),))
    second = is_second_derivative(node)
    if second:
        of = d.map_name(node.of.function) if isinstance(node.of, MapDerivative) else of
        variable = _first_variable(node)
        first = _quantity(variable, parts[_place_of_variable(node)], d)
        by = ((first, 1), (_transposed_variable(node.by, by[0][0], d), 1)) if variable.shape else ((first, 1), *by)
        by = by if by[0] != by[1] else ((first, 2),)
    bare = _is_bare(_inner_of(node)) or (second and isinstance(node.of, MapDerivative))
    if d.layouts_told and not second:
        return _layout_told(node, node.of.shape, node.by, of if bare else Piece(d.brackets(of), Level.WHOLE, of.tall), by[0][0], d)
    if bare:
        return d.derivative(of, by)
    return d.derivative_of_expression(Piece(d.brackets(of), Level.WHOLE, of.tall), by)


def _layout_told(node: MapDerivative | Derivative, of_shape: Shape, by: Expr, of: Piece, variable: Piece, d: Dialect) -> Piece:
    """One derivative that tells its layout: nabla is that in the shape of the variable, one by a transpose that of numerator layout."""
    if node.layout == "denominator" and by.shape and not of_shape:
        return d.gradient(of, variable)
    if node.layout == "numerator" and by.shape:
        variable = _transposed_variable(by, variable, d)
    named = isinstance(node, MapDerivative) or _is_bare(node.of)
    return (d.derivative if named else d.derivative_of_expression)(of, ((variable, 1),))


def _first_variable(node: Derivative) -> Expr:
    """What the inner one of two derivatives is taken by."""
    inner = node.of
    assert isinstance(inner, Derivative | MapDerivative)
    return inner.by if isinstance(inner, Derivative) else inner.arguments[inner.wrt[0]]


def _place_of_variable(node: Derivative) -> int:
    """Which of the written parts of a second derivative the first variable is."""
    return 0 if isinstance(node.of, MapDerivative) else 1


def _transposed_variable(node: Expr, piece: Piece, d: Dialect) -> Piece:
    """The second variable of a Hessian."""
    if isinstance(node, Symbol | Let) and _is_bare(node):
        return d.transposed(node)
    return scripted(piece, d.suffix(Transpose(node, node.shape)), d.brackets)


def is_second_derivative(node: Derivative) -> bool:
    """Whether a derivative is written as one fraction with that which it derives: by two scalars, or a Hessian by one column twice."""
    inner = node.of
    if isinstance(inner, MapDerivative):
        k, hessian = inner.wrt[0], inner.layout == "denominator" and node.layout == "numerator"
        return len(inner.wrt) == 1 and hessian and not inner.function.shape and len(inner.arguments[k].shape) == len(node.by.shape) == 1
    if not isinstance(inner, Derivative):
        return False
    scalars = not (inner.by.shape or node.by.shape) and node.layout == "numerator"
    columns = not inner.of.shape and len(inner.by.shape) == len(node.by.shape) == 1
    return scalars or (columns and inner.layout == "denominator" and node.layout == "numerator")


def _inner_of(node: Derivative) -> Expr:
    return node.of.of if is_second_derivative(node) and isinstance(node.of, Derivative) else node.of


def _quantity(node: Expr, piece: Piece, d: Dialect) -> Piece:
    """What a derivative is taken by: bare if it has a name."""
    return piece if _is_bare(node) else Piece(d.brackets(piece), Level.WHOLE, piece.tall)


def _is_bare(node: Expr) -> bool:
    """Whether a quantity needs no brackets in the fraction of a derivative: a name, an entry, a trace, or the vec of something."""
    return isinstance(node, Entry | Vec | Index | Trace) or (isinstance(node, Symbol | Let) and name_level(node.name) is not Level.FRACTION)
