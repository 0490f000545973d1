"""Expressions in LaTeX, as a textbook writes them, with the brackets that reading them back needs.

Juxtaposition (product, scaling) is left-associative and binds tighter than ``\\odot``, ``\\otimes`` and ``\\oslash``, these
tighter than + and -. A minus before a number belongs to the number: ``-2 x`` is (-2) x, the negative of 2 x is ``-(2 x)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from matcalc.language.elementwise import KNOWN_FUNCTIONS, ElementwiseFunction, MapFunction, MatrixFunction
from matcalc.language.expressions import (
    Add, Apply, ApplyMatrixFunction, Commutation, Derivative, Determinant, Diag, DiagonalPart, Divide, Expr, Hadamard, Identity,
    Index, Inverse, Kron, Let, LogDeterminant, MapDerivative, MatMul, Norm, Number, Ones, Power, PseudoInverse, Scale, SizeNumber,
    Softmax, Subtract, Sum, Symbol, Trace, Transpose, Vec, Zeros, DiagonalSums,
)  # fmt: skip
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import Shape, ndim, rows_and_columns
from matcalc.language.traversal import postorder
from matcalc.printing.names import has_superscript, latex_name, latex_size, latex_transposed_name
from matcalc.printing.pieces import Level, Piece, Rope, flattened, joined, name_level
from matcalc.printing.structure import Dialect, Enclosure, Leaf, Powers, printed, terms, written_parts
from matcalc.printing.text import TEXT

SIGNS: Mapping[type[Expr], str] = MappingProxyType(
    {Add: " + ", Subtract: " - ", MatMul: " ", Scale: " ", Hadamard: r" \odot ", Kron: r" \otimes ", Divide: r" \oslash "}
)
HEADS: Mapping[type[Expr], str] = MappingProxyType(
    {
        Sum: r"\operatorname{sum}",
        Diag: r"\operatorname{diag}",
        DiagonalPart: r"\operatorname{diag}",
        DiagonalSums: r"\operatorname{diagsums}",
        Trace: r"\operatorname{tr}",
        Vec: r"\operatorname{vec}",
        Determinant: r"\det",
        LogDeterminant: r"\ln \det",
        Inverse: r"\operatorname{inv}",
    }
)
FUNCTIONS = MappingProxyType(
    {
        "identity": r"\operatorname{id}",
        "sigmoid": r"\sigma",
        "tanh": r"\tanh",
        "relu": r"\operatorname{relu}",
        "leaky_relu": r"\operatorname{leakyrelu}",
        "softplus": r"\operatorname{softplus}",
        "gelu": r"\operatorname{gelu}",
        "exp": r"\exp",
        "log": r"\ln",
        "sqrt": r"\operatorname{sqrt}",
        "square": r"\operatorname{square}",
        "sin": r"\sin",
        "cos": r"\cos",
        "abs": r"\operatorname{abs}",
        "step": r"\operatorname{step}",
        "sign": r"\operatorname{sign}",
        "normal_cdf": r"\Phi",
        "normal_pdf": r"\varphi",
    }
)
MOST_PRIMES = 3


def latex(expr: Expr) -> str:
    """The expression in LaTeX.

    Example:
        >>> import matcalc as mc
        >>> W, x, b = mc.matrix("W", "m", "n"), mc.vector("x", "n"), mc.vector("b", "m")
        >>> print(latex((mc.function("f")(W @ x + b)).T @ b / 2))
        \\frac{f(\\mathbf{W} \\mathbf{x} + \\mathbf{b})^\\top \\mathbf{b}}{2}
    """
    return printed(expr, dialect_of(expr))


def dialect_of(expr: Expr) -> Dialect:
    """The notation of an expression.

    Where e is the name of a quantity, the matrix exponential is not written as its power; where derivatives have several layouts, each
    tells its own.
    """
    nodes = list(postorder([expr], written_parts))
    named_e = "e" in expr.declared or any(isinstance(node, Symbol | Let) and node.name == "e" for node in nodes)
    layouts = {node.layout for node in nodes if isinstance(node, Derivative | MapDerivative) and node.shape}
    return replace(LATEX, enclosed=_enclosed_with_e if named_e else _enclosed, layouts_told=len(layouts) > 1)


def latex_lines(expr: Expr, *, width: int = 80) -> list[str]:
    """The expression in lines, broken at the signs of the sum or product at its top; joined by spaces, they are its LaTeX.

    In an ``aligned`` environment, put ``&`` before each line and ``\\\\\\\\`` between them.

    Args:
        width: of a line, in characters of the plain text of what it shows; one term is never broken.

    Example:
        >>> import matcalc as mc
        >>> x, y = mc.vector("x", "n"), mc.vector("y", "n")
        >>> for line in latex_lines(x.T @ y + y.T @ x - 3, width=12):
        ...     print(line)
        \\mathbf{x}^\\top \\mathbf{y}
        + \\mathbf{y}^\\top \\mathbf{x} - 3
    """
    lines: list[list[str]] = []
    room = 0
    for shown, plain in zip(terms(expr, dialect_of(expr)), terms(expr, TEXT), strict=True):
        if lines and len(plain) < room:
            lines[-1].append(shown)
            room -= len(plain) + 1
        else:
            lines.append([shown])
            room = width - len(plain)
    return [" ".join(line) for line in lines]


def _brackets(piece: Piece) -> Rope:
    return (r"\left(", piece.rope, r"\right)") if piece.tall else ("(", piece.rope, ")")


def _leaf(node: Leaf) -> Piece:
    match node:
        case Number(value=value):
            return _number(value)
        case SizeNumber(size=size):
            text = latex_size(size)
            single = len(size.names) == 1 and size.coefficient == 1
            level = Level.SCRIPTED if has_superscript(size.names[0]) else Level.WHOLE
            return Piece(text, level) if single else Piece(f"{{{text}}}", Level.PRODUCT)  # in braces one size, else a product
        case Symbol(name=name, shape=shape) | Let(name=name, shape=shape):
            level = name_level(name)
            return Piece(latex_name(name, shape), level, tall=level is Level.FRACTION)
        case Ones(shape=shape):
            return Piece(rf"\mathbf{{1}}_{_shape(shape)}", Level.WHOLE)
        case Zeros(shape=shape):
            return Piece(rf"\mathbf{{0}}_{_shape(shape)}", Level.WHOLE)
        case Identity(size=size):
            return Piece(rf"\mathbf{{I}}_{_script(latex_size(size))}", Level.WHOLE)
        case Commutation(rows=rows, columns=columns):
            return Piece(rf"\mathbf{{K}}_{{{latex_size(rows)},{latex_size(columns)}}}", Level.WHOLE)
        case Index(name=name):
            return Piece(latex_name(name, ()), name_level(name))


def _number(value: Fraction) -> Piece:
    """A number; a negative one may stand unbracketed only at the left."""
    whole = value.denominator == 1
    text = str(abs(value)) if whole else rf"\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    if value < 0:
        return Piece(f"-{text}", Level.PRODUCT, tall=not whole, numeral=True, negative=True)
    return Piece(text, Level.WHOLE if whole else Level.FRACTION, tall=not whole, numeral=True)


def _shape(shape: Shape) -> str:
    """The subscript of a constant: the size of a column, rows x columns of a row or matrix."""
    rows, columns = (latex_size(entry) for entry in rows_and_columns(shape))
    return rf"{{{rows} \times {columns}}}" if len(shape) == 2 else _script(rows)


def _script(inside: str) -> str:
    return inside if len(inside) == 1 else f"{{{inside}}}"


def _transposed(quantity: Symbol | Let) -> Piece:
    return Piece(latex_transposed_name(quantity.name, quantity.shape), Level.SCRIPTED)


def _suffix(node: Transpose | Inverse | PseudoInverse | Power) -> str:
    match node:
        case Transpose():
            return r"^\top"
        case Inverse():
            return "^{-1}"
        case PseudoInverse():
            return "^{+}"
        case Power(exponent=exponent):
            return rf"^{{\odot {exponent}}}" if node.shape else f"^{_script(str(exponent))}"


def _exponent(piece: Piece) -> Rope:
    return "^{", piece.rope, "}"


def _entry(base: Piece, positions: tuple[Piece, ...]) -> Piece:
    """The array in brackets, which tells an entry from a name with a subscript."""
    return Piece((_brackets(base), "_{", listed_positions(positions), "}"), Level.WHOLE, base.tall)


def listed_positions(positions: tuple[Piece, ...]) -> Rope:
    """Positions side by side if each is a letter, else with commas between them."""
    texts = [flattened(piece.rope) for piece in positions]
    return "".join(texts) if all(len(text) == 1 and text.isalpha() for text in texts) else ", ".join(texts)


def _indexed_sum(index: Piece, low: Piece, high: Piece, body: Piece) -> Piece:
    return Piece((r"\sum_{", index.rope, "=", low.rope, "}^{", high.rope, "} ", body.rope), Level.BLEND, tall=True)


def _matrix_function(function: MatrixFunction, argument: Piece) -> Piece:
    square: Shape = (2, 2)  # the name is set as that of a matrix
    name = rf"\operatorname{{{function.name}m}}" if function.known else latex_name(function.name, square)
    return Piece((primed(name, function.name, function.order), _brackets(argument)), Level.WHOLE, argument.tall)


def _enclosed(node: Enclosure, argument: Piece) -> Piece:
    if isinstance(node, ApplyMatrixFunction) and node.function == MatrixFunction("exp", known=True):
        return Piece(("e^{", argument.rope, "}"), Level.SCRIPTED, argument.tall)
    return _enclosed_with_e(node, argument)


def _enclosed_with_e(node: Enclosure, argument: Piece) -> Piece:
    """The same without e as a number, where it is a name."""
    tall, inside = argument.tall, argument.rope
    match node:
        case ApplyMatrixFunction(function=matrix_function):
            return _matrix_function(matrix_function, argument)
        case Apply(function=ElementwiseFunction(name="abs", order=0, known=True)) if node.shape:
            return Piece((FUNCTIONS["abs"], _brackets(argument)), Level.WHOLE, tall)  # bars around an array are a determinant
        case Apply(function=ElementwiseFunction(name="sqrt", order=0, known=True)) if ndim(node.shape) == 2:
            return Piece((FUNCTIONS["sqrt"], _brackets(argument)), Level.WHOLE, tall)  # a root over a matrix reads in two ways
        case Norm():
            nested = any(isinstance(each, Norm) for each in postorder([node.argument], written_parts))
            opening, closing = (r"\left\|", r"\right\|") if tall or nested else (r"\|", r"\|")  # side by side, bars close each other
            return Piece((opening, inside, closing, "_F" if ndim(node.argument.shape) == 2 else "_2"), Level.WHOLE, tall)
        case Apply(function=function):
            return applied(function, argument)
        case Softmax(axis=axis):
            of_matrix = ndim(node.argument.shape) == 2
            head = r"\operatorname{softmax}" + (f"_{{\\mathrm{{{'row' if axis == 'rows' else 'col'}}}}}" if of_matrix else "")
        case _:
            head = HEADS[type(node)]
    level = Level.BLEND if isinstance(node, LogDeterminant) else Level.WHOLE
    return Piece((head, _brackets(argument)), level, tall)


def applied(function: ElementwiseFunction, argument: Piece) -> Piece:
    """An elementwise function around a printed argument."""
    tall, inside = argument.tall, argument.rope
    match function:
        case ElementwiseFunction(name="abs", order=0, known=True):
            return Piece((r"\left|", inside, r"\right|"), Level.WHOLE, tall)
        case ElementwiseFunction(name="sqrt", order=0, known=True):
            return Piece((r"\sqrt{", inside, "}"), Level.WHOLE, tall)
        case _:
            return Piece((_function_name(function), _brackets(argument)), Level.WHOLE, tall)


def _function_name(function: ElementwiseFunction) -> str:
    """The function with its parameter, if that is not the usual one, and its primes."""
    name = FUNCTIONS[function.name] if function.known else latex_name(function.name, ())
    if function.known and function.parameter != KNOWN_FUNCTIONS[function.name].parameter:
        name += f"_{{{function.parameter}}}"
    return primed(name, function.name, function.order)


def primed(shown: str, name: str, order: int) -> str:
    """What is shown of a function, with the primes of its order."""
    if order and has_superscript(name):
        shown = f"{{{shown}}}"
    return shown + ("'" * order if order <= MOST_PRIMES else f"^{{({order})}}")


def _quotient(node: Divide, left: Piece, right: Piece) -> Piece:
    if node.right.shape:
        return joined(left, SIGNS[Divide], right, Level.BLEND, _brackets, chained=False)
    above = _brackets(left) if _is_integer(node.left) and _is_integer(node.right) else left.rope  # else one number, 1/2
    return Piece((r"\frac{", above, "}{", right.rope, "}"), Level.FRACTION, tall=True)


def _is_integer(node: Expr) -> bool:
    return isinstance(node, Number) and node.value.denominator == 1


def _map_name(function: MapFunction) -> Piece:
    return Piece(latex_name(function.name, function.shape), name_level(function.name))


def _fraction(of: Rope, powers: Powers) -> Rope:
    """What is derived, over what it is derived by."""
    times = sum(power for _, power in powers)
    partial = r"\partial" if times == 1 else rf"\partial^{times}"
    by: list[Rope] = []
    for piece, power in powers:
        base: Rope = ("{", piece.rope, "}") if power > 1 and piece.level is Level.SCRIPTED else piece.rope
        by += [" ", r"\partial ", base, f"^{power}" if power > 1 else ""]
    return (r"\frac{", partial, of, "}{", *by[1:], "}")


def _derivative(of: Piece, powers: Powers) -> Piece:
    return Piece(_fraction((" ", of.rope), powers), Level.FRACTION, tall=True)


def _derivative_of_expression(of: Piece, powers: Powers) -> Piece:
    return Piece((_fraction("", powers), " ", of.rope), Level.BLEND, tall=True)


def _gradient(of: Piece, by: Piece) -> Piece:
    return Piece((r"\nabla_{", by.rope, "} ", of.rope), Level.BLEND, of.tall)


LATEX = Dialect(
    signs=SIGNS,
    dot=r" \cdot ",
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
    derivative_of_expression=_derivative_of_expression,
    gradient=_gradient,
)
register(METHODS, "latex", latex)
