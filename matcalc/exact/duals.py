"""Derivatives over a finite field by dual numbers a + b e with e^2 = 0: exact, with no tolerance.

A table of its own gives for each type of node the part b of its value from those of its operands. It shares no rule with
`matcalc.index`. Sources: the definition of each operation, with a + b e for a; for inverse and determinant Giles, "Collected matrix
derivative results for forward and reverse mode algorithmic differentiation" (2008), section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from operator import add, mul
from types import MappingProxyType
from typing import Any, TypeAlias, final

from matcalc.errors import EvaluationError, UnsupportedError
from matcalc.exact.arrangement import Index, indices
from matcalc.exact.evaluation import (
    MapEntries, applied, diagonal_matrix, entry_position, map_derivative, value_operands, vec, whole_exponent,
)  # fmt: skip
from matcalc.exact.field import (
    Matrix, determinant, diagonal_sums, entrywise, filled, flat, inner, inverse, kronecker, mapped, product, reciprocal, residue,
    shape_of, total, transposed,
)  # fmt: skip
from matcalc.exact.place import Place
from matcalc.language import expressions
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, ApplyMatrixFunction, Commutation, Derivative, Determinant, Diag, DiagonalPart, DiagonalSums, Divide, Entry,
    Expr, Hadamard, Identity, IndexedSum, Inverse, Kron, Let, LogDeterminant, MapDerivative, MatMul, MatrixPower, Negate, Norm, Number,
    Ones, Power, PseudoInverse, Scale, SizeNumber, Softmax, Subtract, Sum, Symbol, Trace, Transpose, Vec, Zeros,
)  # fmt: skip
from matcalc.language.traversal import postorder

_EXP = known_function("exp")


@final
class Dual:
    """A node with the values and the dual parts of its operands, and its own value."""

    __slots__ = ("node", "p", "parts", "place", "value", "values")

    def __init__(self, node: Any, parts: Sequence[Matrix | None], place: Place) -> None:
        self.node = node
        self.place = place
        self.p = place.p
        self.values = [place.values[operand] for operand in value_operands(node)]
        self.parts = parts
        self.value = place.values[node]

    @property
    def part(self) -> Matrix:
        """The dual part of the only operand."""
        (part,) = self.parts
        assert part is not None
        return part


DualRule: TypeAlias = Callable[[Dual], Matrix]


def _leaf(dual: Dual) -> Matrix:
    raise AssertionError(f"{type(dual.node).__name__} rests on nothing")


def _moved(rearrange: Callable[[Matrix], Matrix]) -> DualRule:
    """A node that only moves entries."""
    return lambda dual: rearrange(dual.part)


def _spread(part: Matrix, dual: Dual) -> Matrix:
    """The part of an operand in the shape of the node."""
    if shape_of(part) == shape_of(dual.value):
        return part
    return filled(*shape_of(dual.value), part[0][0])


def _sum_of(dual: Dual, parts: Sequence[Matrix | None]) -> Matrix:
    """The sum of the parts that are there."""
    found = [_spread(part, dual) for part in parts if part is not None]
    assert found
    return found[0] if len(found) == 1 else entrywise(add, found[0], found[1], dual.p)


def _subtract(dual: Dual) -> Matrix:
    left, right = dual.parts
    return _sum_of(dual, (left, None if right is None else mapped(lambda v: -v, right, dual.p)))


def _bilinear(operation: Callable[[Matrix, Matrix, int], Matrix]) -> DualRule:
    """(a + a' e)(b + b' e) = ab + (a'b + ab') e for a product of any kind."""

    def rule(dual: Dual) -> Matrix:
        (a, b), (da, db) = dual.values, dual.parts
        left = None if da is None else operation(da, b, dual.p)
        right = None if db is None else operation(a, db, dual.p)
        return _sum_of(dual, (left, right))

    return rule


def _times(left: Matrix, right: Matrix, p: int) -> Matrix:
    return entrywise(mul, left, right, p)


def _divide(dual: Dual) -> Matrix:
    """From q b = a: q' = (a' - q b') / b."""
    (_, b), (da, db) = dual.values, dual.parts
    loss = None if db is None else mapped(lambda v: -v, _times(dual.value, db, dual.p), dual.p)
    top = _sum_of(dual, (da, loss))
    return _times(top, mapped(lambda v: reciprocal(v, dual.p), b, dual.p), dual.p)


def _norm(dual: Dual) -> Matrix:
    """From n^2 = sum x^2: n' = sum x x' / n."""
    scale = reciprocal(dual.value[0][0], dual.p)
    return [[inner(dual.values[0], dual.part, dual.p) * scale % dual.p]]


def _softmax(dual: Dual) -> Matrix:
    """The quotient of e = exp(z) and its sums: s' = (e' - s sum e') / sum e."""
    exps = applied(dual.node, _EXP, 0, dual.place)
    moved = _times(exps, dual.part, dual.p)
    turned = dual.node.axis == "columns"
    rows = [transposed(m) if turned else m for m in (exps, moved, dual.value)]
    found = []
    for e, de, s in zip(*rows, strict=True):
        scale, change = reciprocal(sum(e) % dual.p, dual.p), sum(de)
        found.append([(d - share * change) * scale % dual.p for d, share in zip(de, s, strict=True)])
    return transposed(found) if turned else found


def _apply(dual: Dual) -> Matrix:
    return _times(applied(dual.node, dual.node.function, 1, dual.place), dual.part, dual.p)


def _power(dual: Dual) -> Matrix:
    """From ln: (x^r)' = r x^r x' / x; at x = 0 only for whole r."""
    (base,), r, p = dual.values, dual.node.exponent, dual.p
    if r.denominator == 1 and r >= 1:
        slopes = mapped(lambda v: r.numerator * pow(v, r.numerator - 1, p), base, p)
    elif r == 0:
        slopes = filled(*shape_of(base), 0)
    else:
        scale = residue(r, p)
        slopes = [[scale * y * reciprocal(v, p) % p for v, y in zip(*rows, strict=True)] for rows in zip(base, dual.value, strict=True)]
    return _times(slopes, dual.part, p)


def _inverse(dual: Dual) -> Matrix:
    moved = product(product(dual.value, dual.part, dual.p), dual.value, dual.p)
    return mapped(lambda v: -v, moved, dual.p)


def _relative_change(dual: Dual) -> int:
    """tr(X^-1 X')."""
    return inner(transposed(inverse(dual.values[0], dual.p)), dual.part, dual.p)


def _determinant(dual: Dual) -> Matrix:
    """The derivative along X' of the product over columns: column by column, so that a singular X needs no inverse."""
    if dual.value[0][0]:
        return [[dual.value[0][0] * _relative_change(dual) % dual.p]]
    columns, moved = transposed(dual.values[0]), transposed(dual.part)
    return [[sum(determinant([*columns[:k], moved[k], *columns[k + 1 :]], dual.p) for k in range(len(columns))) % dual.p]]


def _apply_map(dual: Dual) -> Matrix:
    rows, columns = shape_of(dual.value)
    entries = MapEntries(dual.node.function, dual.values, dual.place)
    found = [_along(dual, entries, output, ()) for output in entries.outputs]
    return [found[i * columns : (i + 1) * columns] for i in range(rows)]


def _map_derivative(dual: Dual) -> Matrix:
    entries = MapEntries(dual.node.function, dual.values, dual.place)
    return map_derivative(dual.node, entries, dual.place, lambda output, by: _along(dual, entries, output, by))


def _along(dual: Dual, entries: MapEntries, output: Index, by: Sequence[tuple[int, Index]]) -> int:
    """One more derivative, contracted with the dual parts of all arguments."""
    result = 0
    for position, part in enumerate(dual.parts):
        if part is not None:
            entries_of_part = flat(part)
            result += sum(
                entries.entry(output, (*by, (position, i))) * d for i, d in zip(entries.inputs[position], entries_of_part, strict=True)
            )
    return result % dual.p


def _matrix_product_rule(base: Matrix, moved: Matrix, count: int, p: int) -> Matrix:
    """(B + B' e)^k, one factor after the other."""
    value, part = base, moved
    for _ in range(count - 1):
        part = entrywise(add, product(part, base, p), product(value, moved, p), p)
        value = product(value, base, p)
    return part


def _matrix_power(dual: Dual) -> Matrix:
    exponent, (base,), p = whole_exponent(dual.node, dual.place), dual.values, dual.p
    if not exponent:
        return filled(*shape_of(base), 0)
    moved = dual.part
    if exponent < 0:
        base = inverse(base, p)
        moved = mapped(lambda v: -v, product(product(base, moved, p), base, p), p)
    return _matrix_product_rule(base, moved, abs(exponent), p)


def _pseudo_inverse(dual: Dual) -> Matrix:
    """Of full rank: P = (X^T X)^-1 X^T gives (X^T X) P' = X'^T - (X'^T X + X^T X') P; a wide X is transposed."""
    (x,), p = dual.values, dual.p
    tall = len(x) >= len(x[0])
    x, dx, y = (m if tall else transposed(m) for m in (x, dual.part, dual.value))
    gram = inverse(product(transposed(x), x, p), p)
    change = entrywise(add, product(transposed(dx), x, p), product(transposed(x), dx, p), p)
    lost = mapped(lambda v: -v, product(change, y, p), p)
    found = product(gram, entrywise(add, transposed(dx), lost, p), p)
    return found if tall else transposed(found)


def _entry(dual: Dual) -> Matrix:
    row, column = entry_position(dual.node, dual.place)
    return [[dual.part[row][column]]]


def _without_exact_value(dual: Dual) -> Matrix:
    raise AssertionError(f"{type(dual.node).__name__} has no exact value, so no derivative was asked for")


def _derivative(dual: Dual) -> Matrix:
    raise UnsupportedError(f"{dual.node!r} is written and not carried out; derive it first.")


def _diagonal(matrix: Matrix) -> list[int]:
    return [row[i] for i, row in enumerate(matrix)]


DUALS: Mapping[type[Expr], DualRule] = MappingProxyType(
    {
        Number: _leaf,
        SizeNumber: _leaf,
        Symbol: _leaf,
        Ones: _leaf,
        Zeros: _leaf,
        Identity: _leaf,
        Commutation: _leaf,
        Let: _moved(lambda part: part),
        Transpose: _moved(transposed),
        Negate: lambda dual: mapped(lambda v: -v, dual.part, dual.p),
        Sum: lambda dual: [[total(dual.part, dual.p)]],
        Diag: _moved(diagonal_matrix),
        DiagonalPart: _moved(lambda part: [[v] for v in _diagonal(part)]),
        DiagonalSums: lambda dual: diagonal_sums(dual.part, dual.p),
        Trace: lambda dual: [[sum(_diagonal(dual.part)) % dual.p]],
        Norm: _norm,
        Softmax: _softmax,
        Vec: _moved(vec),
        Determinant: _determinant,
        LogDeterminant: lambda dual: [[_relative_change(dual)]],
        Inverse: _inverse,
        Apply: _apply,
        Add: lambda dual: _sum_of(dual, dual.parts),
        Subtract: _subtract,
        MatMul: _bilinear(product),
        Scale: _bilinear(_times),
        Hadamard: _bilinear(_times),
        Divide: _divide,
        Kron: _bilinear(kronecker),
        Power: _power,
        ApplyMap: _apply_map,
        MapDerivative: _map_derivative,
        Derivative: _derivative,
        PseudoInverse: _pseudo_inverse,
        MatrixPower: _matrix_power,
        ApplyMatrixFunction: _without_exact_value,
        expressions.Index: _without_exact_value,
        Entry: _entry,
        IndexedSum: _moved(lambda part: part),
    }
)


@final
class Along:
    """The derivatives of an expression along directions of a variable, at values that are known.

    Args:
        of: what is differentiated.
        by: a symbol, or a `let`, which counts as an independent variable.
        place: the values, ``of`` among them.
        held: quantities that do not change.

    Raises:
        EvaluationError: it is no variable.
    """

    def __init__(self, of: Expr, by: Expr, place: Place, held: Container[Expr] = ()) -> None:
        if not isinstance(by, Symbol | Let):
            raise EvaluationError(f"{by!r} is no variable: a symbol or a named quantity is.")
        self._of, self._by, self._place = of, by, place
        changing: set[Expr] = {by}
        self._order: list[Expr] = []
        for node in postorder([of], lambda node: () if node == by or node in held else value_operands(node)):
            if node != by and node not in held and any(operand in changing for operand in value_operands(node)):
                changing.add(node)
                self._order.append(node)

    def part(self, direction: Matrix) -> Matrix:
        """The derivative along a direction, a matrix in the shape of the variable.

        Raises:
            UndefinedError: a quotient by zero.
        """
        parts: dict[Expr, Matrix] = {self._by: direction}
        for node in self._order:
            below = [parts.get(operand) for operand in value_operands(node)]
            parts[node] = DUALS[type(node)](Dual(node, below, self._place))
        return parts[self._of] if self._of in parts else filled(*shape_of(self._place.values[self._of]), 0)


def directional(of: Expr, by: Expr, direction: Matrix, place: Place) -> Matrix:
    """The derivative of an expression along a direction of a variable: see `Along`."""
    return Along(of, by, place).part(direction)


def jacobian(of: Expr, by: Expr, place: Place) -> Matrix:
    """All derivatives: a row for each entry of the output, a column for each entry of the variable, both counted row by row.

    So it is the raw array with axes (output..., input...), its output axes and its input axes each made one.
    """
    rows, columns = place.point.extents(by.shape)
    along = Along(of, by, place)
    found = []
    for i in range(rows):
        for j in range(columns):
            direction = filled(rows, columns, 0)
            direction[i][j] = 1
            found.append(flat(along.part(direction)))
    return transposed(found)


def contracted(raw_at: Callable[[Index, Index], int], of: Expr, by: Expr, direction: Matrix, place: Place) -> Matrix:
    """The derivative along a direction, from its entries by output and input index."""
    (rows, columns), weights = place.point.extents(of.shape), flat(direction)
    inputs = indices(by.shape, *shape_of(direction))
    found = [
        sum(raw_at(output, i) * d for i, d in zip(inputs, weights, strict=True)) % place.p for output in indices(of.shape, rows, columns)
    ]
    return [found[i * columns : (i + 1) * columns] for i in range(rows)]
