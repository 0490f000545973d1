"""`parse`: a formula in LaTeX becomes an expression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matcalc.errors import LayoutError, near_names
from matcalc.language.expressions import Expr
from matcalc.language.reading.build import Builder
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import lexed
from matcalc.language.reading.scope import FunctionLike, Names, Scope, ShapeLike, declared
from matcalc.language.reading.sizing import Sizing

MOST_PASSES = 4


def parse(
    latex: str,
    *,
    shapes: Mapping[str, ShapeLike] | None = None,
    functions: Mapping[str, FunctionLike] | None = None,
    names: Names | None = None,
    assume: Iterable[str] = (),
    layout: str | None = None,
) -> Expr:
    """The expression that a formula in LaTeX writes; nothing of it is ever executed.

    **Shapes**: checked as written; every fault is collected and raised once.

    Args:
        latex: one formula, with or without the signs of math mode around it.
        shapes: of each name, plain or in LaTeX: "" a scalar, "n" a column, "1 n" a row, "m n" a matrix, or a tuple.
        functions: of each name "elementwise", a known function as "sigmoid", or a map {"of": "x", "shape": "m"}.
        names: symbols, named quantities and sizes that the text may use, by name or as a list.
        assume: assumptions, as "A symmetric"; each names something declared. None changes how a text is read.
        layout: of the derivatives in the text, which are not read yet unless their name is declared.

    Raises:
        ReadError: the text is no formula or reads in two ways.
        UnknownNameError: a name that nothing declares.
        ShapeError: sizes that do not conform.
        UnsupportedError: a construct that has no node.

    Example:
        >>> parse(r"\\mathbf{x}^\\top \\mathbf{A} \\mathbf{x}", shapes={"x": "n", "A": "n n"})
        x^T A x
        >>> parse(r"\\mathbf{x} \\mathbf{A}", shapes={"x": "n", "A": "n m"})
        Traceback (most recent call last):
            ...
        matcalc.errors.ShapeError: \\mathbf{x} \\mathbf{A} does not conform: \\mathbf{x} is (n,), \\mathbf{A} is (n, m); 1 and n differ.
            \\mathbf{x} \\mathbf{A}
            ^^^^^^^^^^^^^^^^^^^^^
            If the rows of \\mathbf{x} were meant, write (\\mathbf{x})^\\top \\mathbf{A}; else declare sizes that agree.
    """
    if layout not in (None, "numerator", "denominator"):
        raise LayoutError(f"{layout!r} is not a layout. {near_names(str(layout), ('numerator', 'denominator'))}")
    return read(latex, declared(shapes, functions, names, assume))


def read(latex: str, scope: Scope) -> Expr:
    """The expression that a formula writes with the names of a scope."""
    tokens = lexed(latex)
    tree = Parser(tokens, scope.words, scope.letters).parsed()
    sizing = Sizing()
    for _ in range(MOST_PASSES):
        sizing.settled = True
        builder = Builder(tokens, scope, sizing)
        made = builder.built(tree)
        builder.do.raise_faults()
        if sizing.settled:
            break
    missing = sizing.missing()
    if missing:
        name = tokens.source.piece(missing[0])
        way_out = rf"Write it, as \mathbf{{{1 if '1' in name else 0 if '0' in name else 'I'}}}_n."
        raise tokens.source.unreadable(missing[0], f"The size of {name} does not follow from what stands beside it.", way_out)
    return made
