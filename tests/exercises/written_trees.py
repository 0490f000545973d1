"""Right answers as trees of what is written, so that one piece can be changed even where the result does not conform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import final

from matcalc.language.expressions import (
    Add, Apply, Diag, Divide, Expr, Hadamard, Kron, Let, MatMul, Negate, Number, Ones, Scale, Subtract, Symbol, Transpose,
)  # fmt: skip

PRODUCT, HADAMARD, KRON, TERMS, AROUND, LEAF = "product", "hadamard", "kron", "terms", "around", "leaf"


@final
@dataclass(frozen=True)
class Piece:
    """A piece of a formula.

    Attributes:
        kind: ``product``, ``hadamard``, ``kron``, ``terms``, ``around`` or ``leaf``.
        parts: what it is made of.
        texts: of a leaf its text, of what is around an argument the text before and behind it, of terms their signs.
        node: of a leaf or a function the expression.
        turned: whether a transpose stands at it.
    """

    kind: str
    parts: tuple[Piece, ...] = ()
    texts: tuple[str, ...] = ()
    node: Expr | None = None
    turned: bool = False

    @property
    def is_scalar(self) -> bool:
        return self.node is not None and not self.node.shape

    @property
    def is_matrix(self) -> bool:
        return self.node is not None and len(self.node.shape) == 2


def pieces(expr: Expr) -> Piece:
    """The pieces of an expression."""
    match expr:
        case Transpose(argument=argument):
            inner = pieces(argument)
            return replace(inner, turned=not inner.turned)
        case MatMul() | Scale():
            return Piece(PRODUCT, tuple(part for side in expr.operands for part in _opened(pieces(side), PRODUCT)))
        case Hadamard():
            return Piece(HADAMARD, tuple(part for side in expr.operands for part in _opened(pieces(side), HADAMARD)))
        case Kron():
            return Piece(KRON, tuple(map(pieces, expr.operands)))
        case Add(left=left, right=right) | Subtract(left=left, right=right):
            first, second = pieces(left), pieces(right)
            sign = "+" if isinstance(expr, Add) else "-"
            if first.kind == TERMS and not first.turned:
                return Piece(TERMS, (*first.parts, second), (*first.texts, sign))
            return Piece(TERMS, (first, second), ("", sign))
        case Negate(argument=argument):
            return Piece(TERMS, (pieces(argument),), ("-",))
        case Apply(argument=argument) if not expr.function.known and isinstance(argument, Symbol | Let):
            return Piece(LEAF, (), (expr.latex(),), expr)
        case Diag(argument=argument):
            return Piece(AROUND, (pieces(argument),), (r"\operatorname{diag}(", ")"), expr)
        case _:
            return Piece(LEAF, (), (expr.latex(),), expr)


def _opened(piece: Piece, kind: str) -> tuple[Piece, ...]:
    return piece.parts if piece.kind == kind and not piece.turned else (piece,)


def written(piece: Piece, inside: bool = False) -> str:
    """The text of a piece; inside of something else in brackets where it needs them."""
    match piece.kind:
        case "leaf":
            text = piece.texts[0]
            if piece.turned:
                simple = isinstance(piece.node, Symbol | Let | Ones)
                return piece.node.T.latex() if simple and piece.node is not None else rf"({text})^\top"
            signs = any(sign in text for sign in (" + ", " - ", r"\odot", r"\otimes")) or text.startswith("-")
            needs = (isinstance(piece.node, Divide) or signs) and not isinstance(piece.node, Symbol | Let | Number)
            return f"({text})" if inside and needs else text
        case "around":
            text = f"{piece.texts[0]}{written(piece.parts[0])}{piece.texts[1]}"
        case "product":
            text = " ".join(written(part, True) for part in piece.parts)
        case "hadamard":
            text = r" \odot ".join(written(part, True) for part in piece.parts)
        case "kron":
            text = r" \otimes ".join(written(part, True) for part in piece.parts)
        case _:
            signed = [f"{sign} {written(part, True)}" for sign, part in zip(piece.texts, piece.parts, strict=True)]
            text = " ".join(signed).strip()
    if piece.turned:
        return rf"({text})^\top"
    return f"({text})" if inside and piece.kind != AROUND else text


def places(piece: Piece, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Piece]]:
    """Every piece with its path."""
    yield path, piece
    for k, part in enumerate(piece.parts):
        yield from places(part, (*path, k))


def put(root: Piece, path: tuple[int, ...], piece: Piece) -> Piece:
    """The formula with another piece at a path."""
    if not path:
        return piece
    k, *rest = path
    return replace(root, parts=(*root.parts[:k], put(root.parts[k], tuple(rest), piece), *root.parts[k + 1 :]))
