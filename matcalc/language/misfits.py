"""What a person reads when operands do not fit: the claim, the text, the sizes, and the way out."""

from __future__ import annotations

from matcalc.errors import ShapeError
from matcalc.language.expressions import Expr, Let, Symbol, Transpose
from matcalc.language.operators import METHODS
from matcalc.language.sizes import Shape, ndim, rows_and_columns, shape_text


def misfit(node: Expr, claim: str, way_out: str) -> ShapeError:
    """The error of a node whose operands do not fit: the claim, the text with a line under it, the way out."""
    text = METHODS["text"](node)
    return ShapeError(f"{text} does not conform: {claim}\n    {text}\n    {'^' * len(text)}\n    {way_out}")


def both_shapes(left: Expr, right: Expr) -> str:
    """Both operands with their shapes, in words."""
    a, b = METHODS["text"](left), METHODS["text"](right)
    return f"{a} is {shape_text(left.shape)}, {b} is {shape_text(right.shape)}"


def differing_sizes(left: Shape, right: Shape) -> str:
    """The sizes in which two shapes differ, in words."""
    pairs = zip(rows_and_columns(left), rows_and_columns(right), strict=True)
    return ", ".join(f"{a} and {b} differ" for a, b in pairs if a != b)


def written(node: Expr) -> str:
    """An operand as it is written in Python: a name, a name with .T, or the text in brackets."""
    if isinstance(node, Symbol | Let):
        return node.name
    if isinstance(node, Transpose) and isinstance(node.argument, Symbol | Let):
        return f"{node.argument.name}.T"
    return f"({METHODS['text'](node)})"


def way_out_of_product(left: Expr, right: Expr) -> str:
    """What to write instead of a matrix product whose inner sizes differ."""
    (rows, inner), (found, columns) = rows_and_columns(left.shape), rows_and_columns(right.shape)
    first, second = written(left), written(right)
    if not left.shape or not right.shape:
        return "A scalar multiplies with *."
    column = ndim(left.shape) == 1 and left.shape[0] != 1
    if column and left.shape == right.shape:
        return f"For the inner product write {first}.T @ {second}, for the outer product {first} @ {second}.T, entry by entry *."
    if column and columns == 1 and found != rows:
        return f"Two columns have no product; the outer product is {first} @ {second}.T."
    if column and found == rows:
        return f"If the row {first} was meant, write {first}.T @ {second}; if {second} transposed was meant, write {second}.T."
    if rows == found:
        return f"If the rows of {first} were meant, write {first}.T @ {second}; else declare {second} with size {inner}."
    if inner == columns:
        return f"If {second} transposed was meant, write {first} @ {second}.T; else declare {second} with size {inner}."
    if rows == columns:
        return f"In the other order they fit: {second} @ {first}."
    return f"{second} needs rows of size {inner}, or {first} columns of size {found}."
