"""Expressions in plain text, for terminals and messages: ``W^T (f'(z) ⊙ delta)``.

The same structure and brackets as in LaTeX. A division binds like ⊙ and is written close: ``(2/n) W``; ``X^-1`` is the inverse,
``X^(-1)`` the power entry by entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, MapFunction
from matcalc.language.expressions import (
    Add, Apply, ApplyMatrixFunction, Commutation, Determinant, Diag, DiagonalPart, Divide, Expr, Hadamard, Identity, Index, Inverse,
    Kron, Let, LogDeterminant, MatMul, Norm, Number, Ones, Power, PseudoInverse, Scale, SizeNumber, Softmax, Subtract, Sum, Symbol,
    Trace, Transpose, Vec, Zeros, DiagonalSums,
)  # fmt: skip
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import Shape, Size, ndim, rows_and_columns
from matcalc.printing.names import has_superscript
from matcalc.printing.pieces import Level, Piece, Rope, at_least, flattened, name_level
from matcalc.printing.structure import Dialect, Enclosure, Leaf, Powers, printed

SIGNS: Mapping[type[Expr], str] = MappingProxyType(
    {Add: " + ", Subtract: " - ", MatMul: " ", Scale: " ", Hadamard: " ⊙ ", Kron: " ⊗ "}
)
HEADS: Mapping[type[Expr], str] = MappingProxyType(
    {
        Sum: "sum", Diag: "diag", DiagonalPart: "diag", DiagonalSums: "diagsums", Trace: "tr", Norm: "norm", Vec: "vec", Determinant: "det",
        LogDeterminant: "logdet", Inverse: "inv",
    }
)  # fmt: skip
MOST_PRIMES = 3


def text(expr: Expr) -> str:
    """The expression in plain text.

    Example:
        >>> import matcalc as mc
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> text((W @ x) * (W @ x + b).T.T)
        'W x ⊙ ((W x + b)^T)^T'
    """
    return printed(expr, TEXT)


def _brackets(piece: Piece) -> Rope:
    return ("(", piece.rope, ")")


def _leaf(node: Leaf) -> Piece:
    match node:
        case Number(value=value):
            level = Level.WHOLE if value.denominator == 1 else Level.BLEND
            return Piece(str(value), min(level, Level.PRODUCT) if value < 0 else level, numeral=True, negative=value < 0)
        case SizeNumber(size=size):
            single = len(size.names) == 1 and size.coefficient == 1
            level = Level.SCRIPTED if has_superscript(size.names[0]) else Level.WHOLE
            return Piece(repr(size), level if single else Level.PRODUCT, numeral=size.coefficient != 1)
        case Symbol(name=name) | Let(name=name) | Index(name=name):
            return Piece(name, name_level(name))
        case Ones(shape=shape):
            return Piece(f"1_{_shape(shape)}", Level.WHOLE)
        case Zeros(shape=shape):
            return Piece(f"0_{_shape(shape)}", Level.WHOLE)
        case Identity(size=size):
            return Piece(f"I_{_size(size)}", Level.WHOLE)
        case Commutation(rows=rows, columns=columns):
            return Piece(f"K_{{{rows!r},{columns!r}}}", Level.WHOLE)


def _shape(shape: Shape) -> str:
    rows, columns = rows_and_columns(shape)
    return f"{{{rows!r} x {columns!r}}}" if len(shape) == 2 else _size(rows)


def _size(size: Size) -> str:
    written = repr(size)
    return written if written.isalnum() else f"{{{written}}}"


def _transposed(quantity: Symbol | Let) -> Piece:
    return Piece(f"{quantity.name}^T", Level.SCRIPTED)


def _suffix(node: Transpose | Inverse | PseudoInverse | Power) -> str:
    match node:
        case Transpose():
            return "^T"
        case Inverse():
            return "^-1"
        case PseudoInverse():
            return "^+"
        case Power(exponent=exponent):
            return f"^{exponent}" if exponent.denominator == 1 and exponent >= 0 else f"^({exponent})"


def _exponent(piece: Piece) -> Rope:
    """A number that is not negative, or a name, bare."""
    return ("^", piece.rope) if piece.level is Level.WHOLE else ("^(", piece.rope, ")")


def _entry(base: Piece, positions: tuple[Piece, ...]) -> Piece:
    """The array in brackets, which tells an entry from a name with a subscript."""
    texts = [flattened(piece.rope) for piece in positions]
    alone = len(texts) == 1 and texts[0].isalnum()
    close = texts[0] if alone else "{" + ("" if all(len(t) == 1 and t.isalpha() for t in texts) else ",").join(texts) + "}"
    return Piece((_brackets(base), "_", close), Level.WHOLE)


def _indexed_sum(index: Piece, low: Piece, high: Piece, body: Piece) -> Piece:
    return Piece(("sum_{", index.rope, "=", low.rope, "}^{", high.rope, "} ", body.rope), Level.BLEND)


def _enclosed(node: Enclosure, argument: Piece) -> Piece:
    match node:
        case ApplyMatrixFunction(function=matrix_function):
            name = f"{matrix_function.name}m" if matrix_function.known else matrix_function.name
            return Piece((primed(name, matrix_function.order), _brackets(argument)), Level.WHOLE)
        case Apply(function=function):
            return applied(function, argument)
        case Softmax(axis=axis):
            head = f"softmax_{axis}" if ndim(node.argument.shape) == 2 else "softmax"
        case _:
            head = HEADS[type(node)]
    return Piece((head, _brackets(argument)), Level.WHOLE)


def applied(function: ElementwiseFunction, argument: Piece) -> Piece:
    """An elementwise function around a printed argument."""
    return Piece((_function_name(function), _brackets(argument)), Level.WHOLE)


def _function_name(function: ElementwiseFunction) -> str:
    usual = KNOWN_FUNCTIONS[function.name].parameter if function.known else function.parameter
    name = function.name if function.parameter == usual else f"{function.name}[{function.parameter}]"
    return primed(name, function.order)


def primed(name: str, order: int) -> str:
    return name + ("'" * order if order <= MOST_PRIMES else f"^({order})")


def _quotient(node: Divide, left: Piece, right: Piece) -> Piece:
    one_number = isinstance(node.left, Number) and right.numeral and right.level >= Level.SCRIPTED  # as 1/2 would be read
    above = at_least(left, Level.SCRIPTED, _brackets)
    if one_number and above.numeral:
        above = Piece(_brackets(above), Level.WHOLE)
    return Piece((above.rope, "/", at_least(right, Level.SCRIPTED, _brackets).rope), Level.BLEND, numeral=above.numeral)


def _map_name(function: MapFunction) -> Piece:
    return Piece(function.name, name_level(function.name))


def _derivative(of: Piece, powers: Powers) -> Piece:
    times = sum(power for _, power in powers)
    by = [part for piece, power in powers for part in (" d", piece.rope) * power]
    above = "d" if times == 1 else f"d{times}"
    return Piece((above, of.rope, "/d", *by[1:]), Level.FRACTION if times == 1 else Level.BLEND)


TEXT = Dialect(
    signs=SIGNS,
    dot=" * ",
    brackets=_brackets,
    leaf=_leaf,
    transposed=_transposed,
    suffix=_suffix,
    exponent=_exponent,
    entry=_entry,
    indexed_sum=_indexed_sum,
    enclosed=_enclosed,
    quotient=_quotient,
    map_name=_map_name,
    derivative=_derivative,
    derivative_of_expression=_derivative,
    gradient=lambda of, by: _derivative(of, ((by, 1),)),
)
register(METHODS, "text", text)
