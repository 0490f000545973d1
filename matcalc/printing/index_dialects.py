"""What differs between the notations of sums over indices: `LATEX_SUMS` and `TEXT_SUMS` are two tables of one kind.

Entries are italic in LaTeX, and so are whole arrays inside an index form: ``(X^{-1})_{ij}``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

from matcalc.index.form import Rational
from matcalc.language.elementwise import ElementwiseFunction, MatrixFunction
from matcalc.language.expressions import Expr, Index, Let, Number, SizeNumber, Symbol
from matcalc.language.sizes import Size
from matcalc.printing import latex, text
from matcalc.printing.names import (
    has_superscript, is_bracketed_entry, latex_entry, latex_size, latex_subscript, plain_name, quotient_parts,
)  # fmt: skip
from matcalc.printing.pieces import Level, Piece, Rope, at_least, name_level
from matcalc.printing.structure import Dialect, Powers

Letters: TypeAlias = tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class SumDialect:
    """What differs between notations of index forms.

    Attributes:
        expressions: the notation of expressions, which tells the round brackets.
        entry: a named quantity at indices, or whole without any.
        size: a size as a number.
        delta: Kronecker's delta, without its indices.
        sum_sign: the sign of a sum, without its indices.
        subscript: indices, in one or more groups, as a subscript.
        square: an array made of its entries, in square brackets, without its indices.
        applied: an elementwise function around its argument.
        derivative: the derivative of an entry by entries, each with how often it occurs.
        partial: the sign of a partial derivative by the argument at a position, or by the only one.
        range_sign: a sum sign with an index that counts from 0 to the piece.
        scalar: an exponent, or an end of a range.
        series: the name of a function of a whole matrix.
        pseudo_inverse: what a pseudo-inverse adds to its array.
        softmax, determinant: their names.
        nothing: the subscript of a softmax along no axis.
        root: the square root of a piece.
        power: an exponent as a superscript.
        front: a numerator over a denominator, as a factor before a sum.
        quotient: a numerator over a denominator.
    """

    expressions: Dialect
    entry: Callable[[str, Letters], Piece]
    size: Callable[[Size], Piece]
    delta: str
    sum_sign: str
    subscript: Callable[..., str]
    square: Callable[[Piece], Rope]
    applied: Callable[[ElementwiseFunction, Piece], Piece]
    derivative: Callable[[Piece, Powers], Piece]
    partial: Callable[[int | None], str]
    range_sign: Callable[[str, Piece], Rope]
    scalar: Callable[[Expr], Piece]
    series: Callable[[MatrixFunction], str]
    pseudo_inverse: str
    softmax: str
    determinant: str
    nothing: str
    root: Callable[[Piece], Piece]
    power: Callable[[Rational], str]
    front: Callable[[Piece, Piece], Piece]
    quotient: Callable[[Piece, Piece], Piece]


# ---- LaTeX -----------------------------------------------------------------------------------------------------------


def _latex_entry(name: str, letters: Letters) -> Piece:
    written = latex_entry(name, letters)
    if quotient_parts(name):
        level = Level.FRACTION if len(letters) < 2 else Level.WHOLE
        return Piece(written, level, tall=True)
    bracketed = bool(letters) and is_bracketed_entry(name, len(letters))
    return Piece(written, Level.WHOLE if bracketed else name_level(name))


def _latex_size(size: Size) -> Piece:
    return Piece(latex_size(size), _size_level(size))


def _latex_square(piece: Piece) -> Rope:
    return (r"\left[", piece.rope, r"\right]") if piece.tall else ("[", piece.rope, "]")


def _latex_partial(position: int | None) -> str:
    return r"\partial" if position is None else rf"\partial^{{({position})}}"


def _latex_root(piece: Piece) -> Piece:
    return Piece((r"\sqrt{", piece.rope, "}"), Level.WHOLE, piece.tall)


def _latex_power(exponent: Rational) -> str:
    written = str(exponent)
    return f"^{written}" if len(written) == 1 else f"^{{{written}}}"


def _latex_quotient(above: Piece, below: Piece) -> Piece:
    numbers = above.numeral and below.numeral
    return Piece((r"\frac{", above.rope, "}{", below.rope, "}"), Level.FRACTION, tall=True, numeral=numbers)


def _size_level(size: Size) -> Level:
    if isinstance(size, int):
        return Level.WHOLE
    if len(size.names) > 1 or size.coefficient != 1:
        return Level.PRODUCT
    return Level.SCRIPTED if has_superscript(size.names[0]) else Level.WHOLE


def _latex_series(function: MatrixFunction) -> str:
    if function.known:
        return rf"\operatorname{{{function.name}m}}"
    return latex.primed(latex_entry(function.name, ()), function.name, function.order)


def _scalar_level(expr: Expr) -> Level:
    """Whether it is a name or a number without a sign."""
    alone = isinstance(expr, Symbol | Let | Index | SizeNumber) or isinstance(expr, Number) and expr.value >= 0
    return Level.WHOLE if alone else Level.SUM


LATEX_SUMS = SumDialect(
    expressions=latex.LATEX,
    entry=_latex_entry,
    size=_latex_size,
    delta=r"\delta",
    sum_sign=r"\sum",
    subscript=latex_subscript,
    square=_latex_square,
    applied=latex.applied,
    derivative=latex.LATEX.derivative,
    partial=_latex_partial,
    range_sign=lambda letter, high: (r"\sum_{", letter, "=0}^{", high.rope, "}"),
    scalar=lambda expr: Piece(latex.latex(expr), _scalar_level(expr)),
    series=_latex_series,
    pseudo_inverse="^+",
    softmax=r"\operatorname{softmax}",
    determinant=r"\det",
    nothing=r"_\emptyset",
    root=_latex_root,
    power=_latex_power,
    front=_latex_quotient,
    quotient=_latex_quotient,
)


# ---- plain text ------------------------------------------------------------------------------------------------------


def _text_entry(name: str, letters: Letters) -> Piece:
    """Bracketed where the indices would seem to belong to a script of the name, or to the last part of a derivative's name."""
    below = _text_subscript(letters) if letters else ""
    if "/" in name or (letters and _takes_no_index(name)):
        return Piece(f"({name}){below}", Level.WHOLE)
    return Piece(f"{name}{below}", name_level(name))


def _takes_no_index(name: str) -> bool:
    """Whether a script of the name is a subscript, or a superscript whose end is not seen."""
    scripts = dict(plain_name(name).scripts)
    above = scripts.get("^", "1")
    return "_" in scripts or not (above.isalnum() or (above[0] in "([{" and above[-1] in ")]}"))


def _text_size(size: Size) -> Piece:
    return Piece(repr(size), _size_level(size))


def _text_subscript(*groups: Letters) -> str:
    single = all(len(letter) == 1 for group in groups for letter in group)
    inside = ",".join(("" if single else " ").join(group) for group in groups)
    return f"_{inside}" if single and len(groups) == 1 else f"_{{{inside}}}"


def _text_square(piece: Piece) -> Rope:
    return ("[", piece.rope, "]")


def _text_partial(position: int | None) -> str:
    return "∂" if position is None else f"∂^({position})"


def _text_root(piece: Piece) -> Piece:
    return Piece(("sqrt(", piece.rope, ")"), Level.WHOLE)


def _text_power(exponent: Rational) -> str:
    return f"^{exponent}" if exponent == int(exponent) else f"^({exponent})"


def _text_derivative(of: Piece, powers: Powers) -> Piece:
    return Piece(("(", text.TEXT.derivative(of, powers).rope, ")"), Level.WHOLE)


def _text_front(above: Piece, below: Piece) -> Piece:
    return Piece(_close_quotient(above, below), Level.BLEND, numeral=above.numeral)


def _text_quotient(above: Piece, below: Piece) -> Piece:
    return Piece(_close_quotient(above, below, " / "), Level.BLEND, numeral=above.numeral)


def _close_quotient(above: Piece, below: Piece, sign: str = "/") -> Rope:
    brackets = text.TEXT.brackets
    return (at_least(above, Level.PRODUCT, brackets).rope, sign, at_least(below, Level.FRACTION, brackets).rope)


def _text_series(function: MatrixFunction) -> str:
    return f"{function.name}m" if function.known else text.primed(function.name, function.order)


TEXT_SUMS = SumDialect(
    expressions=text.TEXT,
    entry=_text_entry,
    size=_text_size,
    delta="δ",
    sum_sign="Σ",
    subscript=_text_subscript,
    square=_text_square,
    applied=text.applied,
    derivative=_text_derivative,
    partial=_text_partial,
    range_sign=lambda letter, high: ("Σ_{", letter, "=0}^{", high.rope, "}"),
    scalar=lambda expr: Piece(text.text(expr), _scalar_level(expr)),
    series=_text_series,
    pseudo_inverse="^+",
    softmax="softmax",
    determinant="det",
    nothing="_∅",
    root=_text_root,
    power=_text_power,
    front=_text_front,
    quotient=_text_quotient,
)
