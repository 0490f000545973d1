"""The shape of a tree and its value over a finite field, found from those of its leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add, mul

from matcalc.derivation_check.trees import Bracket, Leaf, Node, Row, Terms, Whole, text_of
from matcalc.exact.field import Matrix, entrywise, kronecker, mapped, product, transposed
from matcalc.language.sizes import Shape, rows_and_columns, shape_of, size_product


def shape_in(node: Node) -> Shape | None:
    """The shape of a tree, None where it does not conform; a cheap look before `value_in`."""
    match node:
        case Leaf(value=value):
            return None if value is None else value.shape
        case Whole(evaluate=evaluate):
            found = evaluate(text_of(node))
            return None if found is None else found.shape
        case Bracket(inside=inside, is_transposed=turned):
            shape = shape_in(inside)
            return shape if shape is None or not turned else _turned(shape)
        case Row(kind=kind, items=items):
            shapes = [shape_in(item) for item in items]
            if any(shape is None for shape in shapes):
                return None
            known = [shape for shape in shapes if shape is not None]
            return _SHAPES[kind](known)
        case Terms(items=items):
            shapes = [shape_in(item) for item in items]
            return None if any(shape is None for shape in shapes) else _common_shape([s for s in shapes if s is not None])


def _turned(shape: Shape) -> Shape:
    rows, columns = rows_and_columns(shape)
    return shape_of(columns, rows) if shape else ()


def _product_shape(shapes: Sequence[Shape]) -> Shape | None:
    made: Shape = ()
    for shape in shapes:
        if not made or not shape:
            made = made or shape
            continue
        (rows, inner), (found, columns) = rows_and_columns(made), rows_and_columns(shape)
        if inner != found:
            return None
        made = shape_of(rows, columns)
    return made


def _common_shape(shapes: Sequence[Shape]) -> Shape | None:
    arrays = {shape for shape in shapes if shape}
    return None if len(arrays) > 1 else next(iter(arrays), ())


def _kron_shape(shapes: Sequence[Shape]) -> Shape:
    rows, columns = zip(*map(rows_and_columns, shapes), strict=True)
    return shape_of(reduce(size_product, rows), reduce(size_product, columns))


_SHAPES: Mapping[str, Callable[[Sequence[Shape]], Shape | None]] = {
    "product": _product_shape, "hadamard": _common_shape, "kron": _kron_shape,
}  # fmt: skip


# ---- values ----------------------------------------------------------------------------------------------------------


def value_in(node: Node, p: int) -> Matrix:
    """The value of a tree whose shape is known to conform."""
    match node:
        case Leaf(value=value):
            assert value is not None
            return value.matrix
        case Whole(evaluate=evaluate):
            whole = evaluate(text_of(node))
            assert whole is not None
            return whole.matrix
        case Bracket(inside=inside, is_transposed=turned):
            found = value_in(inside, p)
            return transposed(found) if turned else found
        case Row(kind=kind, items=items):
            parts = [value_in(item, p) for item in items]
            made = parts[0]
            for part in parts[1:]:
                if kind == "kron":
                    made = kronecker(made, part, p)
                elif kind == "hadamard" or _is_number(made) or _is_number(part):
                    made = entrywise(mul, made, part, p)
                else:
                    made = product(made, part, p)
            return made
        case Terms(signs=signs, items=items):
            total: Matrix | None = None
            for sign, item in zip(signs, items, strict=True):
                part = value_in(item, p)
                part = mapped(lambda v: -v, part, p) if "-" in sign else part
                total = part if total is None else entrywise(add, total, part, p)
            assert total is not None
            return total


def times(node: Node, column: list[int], p: int, *, turned: bool = False) -> list[int]:
    """The value of a tree that conforms, or its transpose, times a column of numbers.

    Of large values this tells whether they differ with less work than all their entries: the matrices are never multiplied.
    """
    match node:
        case Bracket(inside=inside, is_transposed=flips):
            return times(inside, column, p, turned=turned != flips)
        case Terms(signs=signs, items=items) if len({shape_in(item) for item in items}) == 1:
            parts = [times(item, column, p, turned=turned) for item in items]
            return [
                sum(-v if "-" in sign else v for sign, v in zip(signs, entries, strict=True)) % p for entries in zip(*parts, strict=True)
            ]
        case Row(kind="product", items=items) if _is_one_string(items):
            for item in items if turned else reversed(items):
                if shape_in(item) == ():
                    ((c,),) = value_in(item, p)
                    column = [c * v % p for v in column]
                else:
                    column = times(item, column, p, turned=turned)
            return column
        case Row(kind="kron", items=(first, *rest)):
            other: Node = rest[0] if len(rest) == 1 else Row("kron", tuple(rest), node.between[1:])
            matrix = transposed(value_in(first, p)) if turned else value_in(first, p)
            block = len(column) // len(matrix[0])
            blocks = [times(other, column[k : k + block], p, turned=turned) for k in range(0, len(column), block)]
            return [sum(map(mul, row, entries)) % p for row in matrix for entries in zip(*blocks, strict=True)]
        case _:
            whole = transposed(value_in(node, p)) if turned else value_in(node, p)
            return [sum(map(mul, row, column)) % p for row in whole]


def _is_one_string(items: Sequence[Node]) -> bool:
    """Whether the factors can be multiplied from either end: none of the first ones is a row times a column."""
    shapes = [shape for item in items if (shape := shape_in(item)) != ()]
    known = [shape for shape in shapes if shape is not None]
    return all(_product_shape(known[:k]) != () for k in range(1, len(known) + 1))


def _is_number(matrix: Matrix) -> bool:
    return len(matrix) == 1 and len(matrix[0]) == 1
