"""From an expression to its index form.

Rows and columns of every part are tuples of elementary indices: one index for an axis, none for size 1, several where vec or a
Kronecker product made the axis. So vec, Kronecker products and commutation matrices are a renaming of indices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from matcalc.errors import UnsupportedError
from matcalc.index.assembly import inverted, raised
from matcalc.index.canonical import close, size_factors
from matcalc.index.form import (
    AtomKind, Indices, OpenTerm, bracket, delta, determinant_atom, map_atom, rational, same_diagonal, softmax_atom, variable,
)  # fmt: skip
from matcalc.index.parts import Lowered, Lowering, Part
from matcalc.index.whole_matrices import inverse_of, multiplied
from matcalc.index import entries, whole_matrices
from matcalc.index.applied import applied, one_atom, raised_part
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, ApplyMatrixFunction, Commutation, Derivative, Determinant, Diag, DiagonalPart, Divide, Entry, Expr, Hadamard,
    Identity, Index, IndexedSum, Inverse, Kron, Let, LogDeterminant, MapDerivative, MatMul, MatrixPower, Negate, Norm, Number, Ones,
    Power, PseudoInverse, Scale, SizeNumber, Softmax, Subtract, Sum, Symbol, Trace, Transpose, Vec, Zeros, DiagonalSums,
)  # fmt: skip
from matcalc.language.sizes import ndim
from matcalc.language.traversal import postorder

MOST_FACTORS_COPIED = 12  # a shared part with more factors becomes one bracket instead of being copied


def lower(expression: Expr, axes_of: Callable[[Let], Lowered], order: Sequence[Expr] | None = None) -> Lowered:
    """The index form of an expression; named quantities in it stay names.

    Args:
        expression: what was written.
        axes_of: the lowered definition of a named quantity, of which only the axes are used.
        order: its nodes, operands first, where they are known.
    """
    run = Lowering(axes_of)
    uses: dict[Expr, int] = {}
    nodes = list(postorder([expression])) if order is None else order
    for node in nodes:
        for child in node.operands:
            uses[child] = uses.get(child, 0) + 1
    for node in nodes:
        part = run.indexed and entries.pointwise(run, node) or LOWERING[type(node)](run, node)
        if uses.get(node, 0) > 1 and sum(len(factors) for _, factors in part.terms) > MOST_FACTORS_COPIED:
            form = close(part.terms, part.free, run.scope.sizes)
            part = Part(part.rows, part.columns, [(1, [(bracket(form), part.free, 1)])])
        run.parts[node] = part
    if run.indexed:
        entries.check_bound(run, expression)
    return run.closed(run.take(expression))


# ---- leaves ----------------------------------------------------------------------------------------------------------


def _number(run: Lowering, node: Number) -> Part:
    return Part((), (), [(rational(node.value), [])] if node.value else [])


def _size_number(run: Lowering, node: SizeNumber) -> Part:
    coefficient, factors = size_factors(node.size)
    return Part((), (), [(coefficient, factors)])


def _symbol(run: Lowering, node: Symbol) -> Part:
    rows, columns = run.axes(node.shape)
    free = rows + columns
    return Part(rows, columns, [(1, [(variable(node, tuple(run.scope.sizes[i] for i in free)), free, 1)])])


def _let(run: Lowering, node: Let) -> Part:
    meaning = run.axes_of(node)
    rows, columns = run.scope.fresh_all(meaning.row_sizes), run.scope.fresh_all(meaning.column_sizes)
    return Part(rows, columns, [(1, [(variable(node, meaning.form.axes), rows + columns, 1)])])


def _ones(run: Lowering, node: Ones) -> Part:
    return Part(*run.axes(node.shape), [(1, [])])


def _zeros(run: Lowering, node: Zeros) -> Part:
    return Part(*run.axes(node.shape), [])


def _identity(run: Lowering, node: Identity) -> Part:
    rows, columns = run.axes(node.shape)
    return Part(rows, columns, run.delta_terms(rows, columns))


def _commutation(run: Lowering, node: Commutation) -> Part:
    (i, a), (j, b) = (run.scope.fresh_all((size, size)) for size in (node.rows, node.columns))
    return Part((i, j), (b, a), [(1, [(delta(node.rows), (i, a), 1), (delta(node.columns), (j, b), 1)])])


# ---- linear operations -----------------------------------------------------------------------------------------------


def _transpose(run: Lowering, node: Transpose) -> Part:
    part = run.take(node.argument)
    return Part(part.columns, part.rows, part.terms)


def _negate(run: Lowering, node: Negate) -> Part:
    part = run.take(node.argument)
    return Part(part.rows, part.columns, [(-c, f) for c, f in part.terms])


def _joined(run: Lowering, node: Add | Subtract | Hadamard | Divide) -> tuple[Part, Part]:
    """Both operands at the same indices; a scalar stands at any."""
    left, right = run.take(node.left), run.take(node.right)
    if not left.free:
        return Part(right.rows, right.columns, left.terms), right
    if not right.free:
        return left, Part(left.rows, left.columns, right.terms)
    return left, Part(left.rows, left.columns, run.renamed(right, right.free, left.free, node))


def _add(run: Lowering, node: Add) -> Part:
    left, right = _joined(run, node)
    return Part(left.rows, left.columns, left.terms + right.terms)


def _subtract(run: Lowering, node: Subtract) -> Part:
    left, right = _joined(run, node)
    return Part(left.rows, left.columns, left.terms + [(-c, f) for c, f in right.terms])


def _sum(run: Lowering, node: Sum) -> Part:
    part = run.take(node.argument)
    return Part((), (), run.scope.summed(part.terms, part.free))


def _diagonal_sums(run: Lowering, node: DiagonalSums) -> Part:
    part = run.take(node.argument)
    (k,), (q,) = _single(part.rows, node), _single(part.columns, node)
    i, j = run.scope.fresh_all((run.scope.sizes[k], run.scope.sizes[q]))
    atom = same_diagonal(run.scope.sizes[k], run.scope.sizes[q])
    return Part((i,), (j,), run.scope.product([(1, [(atom, (i, j, k, q), 1)])], (i, j, k, q), part.terms, (k, q)))


def _single(indices: Indices, node: Expr) -> Indices:
    if len(indices) != 1:
        raise UnsupportedError(f"{node!r}: the rows and columns of a Kronecker product have no diagonals here.")
    return indices


def _trace(run: Lowering, node: Trace) -> Part:
    part = run.take(node.argument)
    return Part((), (), run.scope.summed(run.renamed(part, part.columns, part.rows, node), part.rows))


def _diag(run: Lowering, node: Diag) -> Part:
    part = run.take(node.argument)
    twins = run.scope.fresh_all([run.scope.sizes[i] for i in part.free])
    deltas = [(delta(run.scope.sizes[i]), (i, j), 1) for i, j in zip(part.free, twins, strict=True)]
    return Part(part.free, twins, [(c, [*f, *deltas]) for c, f in part.terms])


def _diagonal_part(run: Lowering, node: DiagonalPart) -> Part:
    part = run.take(node.argument)
    return Part(part.rows, (), run.renamed(part, part.columns, part.rows, node))


def _vec(run: Lowering, node: Vec) -> Part:
    part = run.take(node.argument)
    return Part(part.columns + part.rows, (), part.terms)


# ---- products --------------------------------------------------------------------------------------------------------


def _factor(run: Lowering, node: Expr) -> Part:
    """An operand of a product: the number before a sum stays before its bracket, so that -(x - m)^T A (x - m) has one bracket twice."""
    part = run.take(node)
    number = _number_before(node) if len(part.terms) > 1 else 1
    if number == 1 or number == 0:
        return part
    bare: list[OpenTerm] = [(rational(Fraction(c) / number), f) for c, f in part.terms]
    return Part(part.rows, part.columns, [(rational(c * number), f) for c, f in run.scope.bracketed(bare, part.free)])


def _number_before(node: Expr) -> Fraction:
    """The number that multiplies an expression as it is written."""
    number = Fraction(1)
    while True:
        match node:
            case Negate():
                number, node = -number, node.argument
            case Transpose():
                node = node.argument
            case Scale(left=Number() as front, right=rest):
                number, node = number * Fraction(front.value), rest
            case Divide(left=rest, right=Number() as below) if below.value:
                number, node = number / Fraction(below.value), rest
            case _:
                return number


def _matmul(run: Lowering, node: MatMul) -> Part:
    return multiplied(run, _factor(run, node.left), _factor(run, node.right), node)


def _scale(run: Lowering, node: Scale) -> Part:
    plain = isinstance(node.left, Number) or isinstance(node.right, Number)
    left, right = (run.take(node.left), run.take(node.right)) if plain else (_factor(run, node.left), _factor(run, node.right))
    array = left if left.free else right
    return Part(array.rows, array.columns, run.scope.product(left.terms, left.free, right.terms, right.free))


def _hadamard(run: Lowering, node: Hadamard) -> Part:
    left, right = _joined(run, node)
    return Part(left.rows, left.columns, run.scope.product(left.terms, left.free, right.terms, right.free))


def _divide(run: Lowering, node: Divide) -> Part:
    scalar = not node.right.shape
    left, right = (run.take(node.left), run.take(node.right)) if scalar else _joined(run, node)
    bottom = inverted(run.scope, right.terms, () if scalar else right.free)
    return Part(left.rows, left.columns, run.scope.product(left.terms, left.free, bottom, () if scalar else right.free))


def _kron(run: Lowering, node: Kron) -> Part:
    left, right = run.take(node.left), run.take(node.right)
    terms = run.scope.product(left.terms, left.free, right.terms, right.free)
    return Part(left.rows + right.rows, left.columns + right.columns, terms)


# ---- powers and functions --------------------------------------------------------------------------------------------


def _power(run: Lowering, node: Power) -> Part:
    return raised_part(run, run.take(node.base), node.exponent)


def _norm(run: Lowering, node: Norm) -> Part:
    part = run.take(node.argument)
    squared = run.scope.summed(raised(run.scope, part.terms, part.free, 2), part.free)
    return Part((), (), raised(run.scope, squared, (), Fraction(1, 2)))


def _apply(run: Lowering, node: Apply) -> Part:
    return applied(run, run.take(node.argument), node.function)


def _softmax(run: Lowering, node: Softmax) -> Part:
    part = run.take(node.argument)
    lowered = run.closed(part)
    count = len(part.free)
    along = tuple(range(lowered.rows)) if node.axis == "columns" else tuple(range(lowered.rows, count))
    return one_atom(part, softmax_atom(lowered.form, along))


def _inverse(run: Lowering, node: Inverse) -> Part:
    return inverse_of(run, run.take(node.argument))


def _determinant(run: Lowering, node: Determinant) -> Part:
    part = run.take(node.argument)
    if not part.free:
        return part
    lowered = run.closed(part)
    return Part((), (), [(1, [(determinant_atom(lowered.form, lowered.rows), (), 1)])])


def _log_determinant(run: Lowering, node: LogDeterminant) -> Part:
    return applied(run, _determinant(run, node), ElementwiseFunction("log", known=True))  # type: ignore[arg-type]


def _map(run: Lowering, node: ApplyMap | MapDerivative) -> Part:
    arguments = tuple(run.closed(run.take(a)).form for a in node.arguments)
    wrt = node.wrt if isinstance(node, MapDerivative) else ()
    atom = map_atom(node.function, arguments, wrt)
    rows, columns = run.axes(node.shape)
    return Part(rows, columns, [(1, [(atom, _atom_order(node, rows, columns), 1)])])


def _atom_order(node: ApplyMap | MapDerivative, rows: Indices, columns: Indices) -> Indices:
    """The indices in the order of the atom's axes, output first: what the layout of a derivative turned round is turned back."""
    if isinstance(node, ApplyMap) or len(rows + columns) < 2:
        return rows + columns
    inputs = [count for count in (ndim(node.arguments[k].shape) for k in node.wrt) if count]
    if len(inputs) > 1:
        return rows + columns
    numerator = columns + rows if ndim(node.function.shape) == 0 and inputs == [2] else rows + columns
    return numerator if node.layout == "numerator" else numerator[::-1]


def _derivative(run: Lowering, node: Derivative) -> Part:
    raise UnsupportedError(f"{node!r} is a derivative that is only written; derive it first, with derive(of, by, layout=...).")


LOWERING: Mapping[type[Expr], Callable[[Lowering, Any], Part]] = MappingProxyType(
    {
        DiagonalSums: _diagonal_sums,
        Number: _number, SizeNumber: _size_number, Symbol: _symbol, Let: _let, Ones: _ones, Zeros: _zeros, Identity: _identity,
        Commutation: _commutation, Transpose: _transpose, Negate: _negate, Sum: _sum, Diag: _diag, DiagonalPart: _diagonal_part,
        Trace: _trace, Norm: _norm, Softmax: _softmax, Vec: _vec, Determinant: _determinant, LogDeterminant: _log_determinant,
        Inverse: _inverse, Apply: _apply, Add: _add, Subtract: _subtract, MatMul: _matmul, Scale: _scale, Hadamard: _hadamard,
        Divide: _divide, Kron: _kron, Power: _power, ApplyMap: _map, MapDerivative: _map, Derivative: _derivative,
        PseudoInverse: whole_matrices.pseudo_inverse, MatrixPower: whole_matrices.matrix_power,
        ApplyMatrixFunction: whole_matrices.matrix_function, Index: entries.index,
        Entry: entries.entry, IndexedSum: entries.indexed_sum,
    }
)  # fmt: skip

__all__ = ["AtomKind", "Lowered", "lower"]
