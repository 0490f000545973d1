"""The value of an expression over a finite field at random data, by one small function for each type of node.

What stands inside an exponential is evaluated in the field below as well, see `matcalc.exact.atoms`. Where an even root meets
what is no square, the evaluation goes on with another number and counts the place as missed, so that a search for data can tell
how far it is from its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from operator import add, mul, sub
from types import MappingProxyType
from typing import Any, TypeAlias, final

from matcalc.errors import EvaluationError, UnsupportedError
from matcalc.exact.arrangement import Index, cell, indices
from matcalc.exact.assumed_data import assumed_matrix, chosen_values
from matcalc.exact.field import (
    CHAIN, Matrix, determinant, diagonal_sums, entrywise, filled, flat, inner, inverse, kronecker, mapped, product, pseudo_inverse,
    reciprocal, residue, shape_of, total, transposed, unit,
)  # fmt: skip
from matcalc.exact.functions import WITH_EXP, NoRootError, derivative_at
from matcalc.exact.place import Place, Point
from matcalc.language import expressions
from matcalc.language.elementwise import ElementwiseFunction, MapFunction, known_function
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, ApplyMatrixFunction, Commutation, Derivative, Determinant, Diag, DiagonalPart, Divide, Entry, Expr, Hadamard,
    Identity, IndexedSum, Inverse, Kron, Let, LogDeterminant, MapDerivative, MatMul, MatrixPower, Negate, Norm, Number, Ones,
    Power, PseudoInverse, Scale, SizeNumber, Softmax, Subtract, Sum, Symbol, Trace, Transpose, Vec, Zeros, DiagonalSums,
)  # fmt: skip
from matcalc.language.traversal import postorder
from matcalc.language.unrolling import whole_value

_HALF = Fraction(1, 2)
_EXP = known_function("exp")

Operands: TypeAlias = list[Matrix]
ValueRule: TypeAlias = Callable[[Any, Operands, Place], Matrix]


# ---- one function for each type of node ------------------------------------------------------------------------------


def _symbol(node: Symbol, operands: Operands, place: Place) -> Matrix:
    rows, columns = place.point.extents(node.shape)
    if node.name in place.point.values:
        return [[residue(v, place.p) for v in row] for row in place.point.values[node.name]]
    redrawn, drawn = place.point.redrawn, place.atoms.drawn
    key = ("symbol", node.name)

    def entry(i: int, j: int) -> int:
        return drawn(*key, i, j, redrawn.get((node.name, i, j), 0))

    if node.assumed:
        return assumed_matrix(node, rows, columns, entry, place.p, place.which)
    return [[entry(i, j) for j in range(columns)] for i in range(rows)]


def _filled(value: int) -> ValueRule:
    return lambda node, operands, place: filled(*place.point.extents(node.shape), value)


def _commutation(node: Commutation, operands: Operands, place: Place) -> Matrix:
    m, n = place.point.extent(node.rows), place.point.extent(node.columns)
    place.point.extents(node.shape)
    matrix = filled(m * n, m * n, 0)
    for i in range(m):
        for j in range(n):
            matrix[j + i * n][i + j * m] = 1
    return matrix


def _entrywise(operation: Callable[[int, int], int]) -> ValueRule:
    return lambda node, operands, place: entrywise(operation, operands[0], operands[1], place.p)


def _divide(node: Divide, operands: Operands, place: Place) -> Matrix:
    bottom = mapped(lambda v: reciprocal(v, place.p), operands[1], place.p)
    return entrywise(mul, operands[0], bottom, place.p)


def diagonal_matrix(vector: Matrix) -> Matrix:
    """The diagonal matrix of a column or a row."""
    entries = flat(vector)
    return [[v if i == j else 0 for j in range(len(entries))] for i, v in enumerate(entries)]


def _norm(node: Norm, operands: Operands, place: Place) -> Matrix:
    return [[place.root(node, inner(operands[0], operands[0], place.p), _HALF)]]


def _softmax(node: Softmax, operands: Operands, place: Place) -> Matrix:
    exps = applied(node, _EXP, 0, place)
    if node.axis == "columns":
        return transposed(_shares(transposed(exps), place.p))
    return _shares(exps, place.p)


def _shares(rows: Matrix, p: int) -> Matrix:
    scales = [reciprocal(sum(row) % p, p) for row in rows]
    return [[v * scale % p for v in row] for row, scale in zip(rows, scales, strict=True)]


def _apply(node: Apply, operands: Operands, place: Place) -> Matrix:
    return applied(node, node.function, 0, place)


def applied(node: Apply | Softmax, function: ElementwiseFunction, more: int, place: Place) -> Matrix:
    """A function with so many more primes, at each entry of the argument of a node."""
    argument, below = place.values[node.argument], place.below(node.argument)
    seen: dict[int, int] = {}

    def entry(v: int, lower: int | None) -> int:
        if v not in seen:
            if function.name == "sqrt":
                place.atoms.toss(v)
            try:
                seen[v] = derivative_at(function, more, v, lower, place.atoms)
            except NoRootError:
                place.missed.append(node)
                seen[v] = derivative_at(function, more, -v % place.p, lower, place.atoms)
        return seen[v]

    if below is None:
        return [[entry(v, None) for v in row] for row in argument]
    return [[entry(v, b) for v, b in zip(row, lower, strict=True)] for row, lower in zip(argument, below, strict=True)]


def _power(node: Power, operands: Operands, place: Place) -> Matrix:
    return mapped(lambda v: place.root(node, v, node.exponent), operands[0], place.p)


def vec(matrix: Matrix) -> Matrix:
    """The columns stacked."""
    return [[v] for column in zip(*matrix, strict=True) for v in column]


@final
class MapEntries:
    """The entries of an unknown map and of its derivatives at given arguments; mixed derivatives do not depend on the order."""

    def __init__(self, function: MapFunction, arguments: Operands, place: Place) -> None:
        self._atoms = place.atoms
        self._at = place.atoms.element("map", function.name, repr(function.shape), repr(arguments))
        self.outputs = indices(function.shape, *place.point.extents(function.shape))
        self.inputs = [indices(shape, *shape_of(argument)) for shape, argument in zip(function.argument_shapes, arguments, strict=True)]

    def entry(self, output: Index, by: Sequence[tuple[int, Index]]) -> int:
        """The derivative of one entry of the value by entries of arguments, each with the position of its argument."""
        return self._atoms.drawn("map entry", self._at, output, tuple(sorted(by)))


def _apply_map(node: ApplyMap, operands: Operands, place: Place) -> Matrix:
    rows, columns = place.point.extents(node.shape)
    entries = MapEntries(node.function, operands, place)
    found = [entries.entry(output, ()) for output in entries.outputs]
    return [found[i * columns : (i + 1) * columns] for i in range(rows)]


def _map_derivative(node: MapDerivative, operands: Operands, place: Place) -> Matrix:
    entries = MapEntries(node.function, operands, place)
    return map_derivative(node, entries, place, entries.entry)


def map_derivative(node: MapDerivative, entries: MapEntries, place: Place, entry: Callable[..., int]) -> Matrix:
    """The matrix of a derivative of a map, of one entry for each output and each entry of the variables."""
    shapes = [node.function.argument_shapes[k] for k in node.wrt]
    found = filled(*place.point.extents(node.shape), 0)
    choices: list[tuple[Index, ...]] = [()]
    for position in node.wrt:
        choices = [(*chosen, index) for chosen in choices for index in entries.inputs[position]]
    for output in entries.outputs:
        for chosen in choices:
            row, column = cell(node.function.shape, shapes, node.layout, output, chosen)
            found[row][column] = entry(output, tuple(zip(node.wrt, chosen, strict=True)))
    return found


def _pseudo_inverse(node: PseudoInverse, operands: Operands, place: Place) -> Matrix:
    return pseudo_inverse(operands[0], place.p)


def whole_exponent(node: MatrixPower, place: Place) -> int:
    """The exponent of a matrix power as a number."""
    return whole_value(node.exponent, place.point.extent, partial(_no_number, node))


def _no_number(node: Expr, symbol: Symbol) -> Fraction:
    raise UnsupportedError(f"{node!r} has {symbol!r} where exact numbers need a whole number; they take none for a symbol.")


def _matrix_power(node: MatrixPower, operands: Operands, place: Place) -> Matrix:
    exponent, base = whole_exponent(node, place), operands[0]
    if exponent < 0:
        base = inverse(base, place.p)
    made = unit(len(base))
    for _ in range(abs(exponent)):
        made = product(made, base, place.p)
    return made


def _matrix_function(node: ApplyMatrixFunction, operands: Operands, place: Place) -> Matrix:
    raise UnsupportedError(f"{node!r} is a power series of a matrix, which has no exact value.")


def _index(node: expressions.Index, operands: Operands, place: Place) -> Matrix:
    raise UnsupportedError(f"The index {node.name} stands outside a sum.")


def entry_position(node: Entry, place: Place) -> tuple[int, int]:
    """Row and column of an entry, counted from 0."""
    row, column = (whole_value(part, place.point.extent, partial(_no_number, node)) for part in (node.row, node.column))
    rows, columns = place.point.extents(node.base.shape)
    if not (1 <= row <= rows and 1 <= column <= columns):
        raise EvaluationError(f"{node!r} is at ({row}, {column}) of an array of shape ({rows}, {columns}).")
    return row - 1, column - 1


def _entry(node: Entry, operands: Operands, place: Place) -> Matrix:
    row, column = entry_position(node, place)
    return [[operands[0][row][column]]]


def _derivative(node: Derivative, operands: Operands, place: Place) -> Matrix:
    raise UnsupportedError(f"{node!r} is a derivative that is only written; derive it first, with derive(of, by, layout=...).")


VALUES: Mapping[type[Expr], ValueRule] = MappingProxyType(
    {
        Number: lambda node, operands, place: [[residue(node.value, place.p)]],
        SizeNumber: lambda node, operands, place: [[place.point.number(node.size) % place.p]],
        Symbol: _symbol,
        Let: lambda node, operands, place: operands[0],
        Ones: _filled(1),
        Zeros: _filled(0),
        Identity: lambda node, operands, place: unit(place.point.extents(node.shape)[0]),
        Commutation: _commutation,
        Transpose: lambda node, operands, place: transposed(operands[0]),
        Negate: lambda node, operands, place: mapped(lambda v: -v, operands[0], place.p),
        Sum: lambda node, operands, place: [[total(operands[0], place.p)]],
        Diag: lambda node, operands, place: diagonal_matrix(operands[0]),
        DiagonalPart: lambda node, operands, place: [[operands[0][i][i]] for i in range(len(operands[0]))],
        DiagonalSums: lambda node, operands, place: diagonal_sums(operands[0], place.p),
        Trace: lambda node, operands, place: [[sum(operands[0][i][i] for i in range(len(operands[0]))) % place.p]],
        Norm: _norm,
        Softmax: _softmax,
        Vec: lambda node, operands, place: vec(operands[0]),
        Determinant: lambda node, operands, place: [[determinant(operands[0], place.p)]],
        LogDeterminant: lambda node, operands, place: [[place.atoms.log(determinant(operands[0], place.p))]],
        Inverse: lambda node, operands, place: inverse(operands[0], place.p),
        Apply: _apply,
        Add: _entrywise(add),
        Subtract: _entrywise(sub),
        MatMul: lambda node, operands, place: product(operands[0], operands[1], place.p),
        Scale: _entrywise(mul),
        Hadamard: _entrywise(mul),
        Divide: _divide,
        Kron: lambda node, operands, place: kronecker(operands[0], operands[1], place.p),
        Power: _power,
        ApplyMap: _apply_map,
        MapDerivative: _map_derivative,
        Derivative: _derivative,
        PseudoInverse: _pseudo_inverse,
        MatrixPower: _matrix_power,
        ApplyMatrixFunction: _matrix_function,
        expressions.Index: _index,
        Entry: _entry,
        IndexedSum: lambda node, operands, place: operands[0],
    }
)


# ---- through a graph -------------------------------------------------------------------------------------------------


def value_operands(node: Expr) -> tuple[Expr, ...]:
    """What the value of a node is computed from: of an entry and of a matrix power the matrix."""
    match node:
        case Let(definition=definition):
            return (definition,)
        case Entry(base=base) | MatrixPower(base=base):
            return (base,)
        case IndexedSum():
            raise UnsupportedError(f"{node!r} has to be written out before exact numbers can add its terms.")
        case _:
            return node.operands


def has_exp(node: Expr) -> bool:
    """Whether the node takes exponentials of its argument."""
    return isinstance(node, Softmax) or (isinstance(node, Apply) and node.function.known and node.function.name in WITH_EXP)


def exponential_depths(order: Sequence[Expr]) -> dict[Expr, int]:
    """For each node inside how many exponentials it stands; the order lists operands first."""
    depths: dict[Expr, int] = {}
    for node in reversed(order):
        depth = depths.setdefault(node, 0) + has_exp(node)
        for operand in value_operands(node):
            depths[operand] = max(depths.get(operand, 0), min(depth, len(CHAIN) - 1))
    return depths


def evaluated(roots: Iterable[Expr], point: Point) -> tuple[Place, list[Expr]]:
    """The values of all nodes at a point, in the first field of the chain, and the places where an even root was missed.

    Raises:
        UndefinedError: a division by zero, or the inverse of a singular matrix.
        EvaluationError, UnsupportedError: no data can help.
    """
    order = list(postorder(roots, value_operands))
    depths = exponential_depths(order)
    missed: list[Expr] = []
    coins = 0
    values: Mapping[Expr, Matrix] = {}
    which = chosen_values(order, point.extents, point.configuration)
    for level in range(max(depths.values(), default=0), -1, -1):
        place = Place(point, level, values, which)
        for node in order:
            if depths[node] >= level:
                operands = [place.values[operand] for operand in value_operands(node)]
                place.values[node] = VALUES[type(node)](node, operands, place)
        missed += place.missed
        coins += len(place.atoms.calls)
        values = place.values
    place.coins = coins
    return place, missed
