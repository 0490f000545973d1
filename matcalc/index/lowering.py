"""From an expression to its index form.

Rows and columns of every part are tuples of elementary indices: one index for an axis, none for size 1, several where vec or a
Kronecker product made the axis. So vec, Kronecker products and commutation matrices are a renaming of indices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any, final

from matcalc.errors import UnsupportedError
from matcalc.index.assembly import Scope, inverted, raised
from matcalc.index.canonical import close, size_factors
from matcalc.index.form import (
    AtomKind, Form, Indices, OpenTerm, Rational, bracket, delta, determinant_atom, function_atom, inverse_atom, map_atom,
    rational, softmax_atom, variable,
)  # fmt: skip
from matcalc.index.functions import SPECIAL_POWERS, derivative_terms
from matcalc.language.elementwise import ElementwiseFunction
from matcalc.language.expressions import (
    Add, Apply, ApplyMap, Commutation, Derivative, Determinant, Diag, DiagonalPart, Divide, Expr, Hadamard, Identity, Inverse,
    Kron, Let, LogDeterminant, MapDerivative, MatMul, Negate, Norm, Number, Ones, Power, Scale, SizeNumber, Softmax, Subtract, Sum,
    Symbol, Trace, Transpose, Vec, Zeros,
)  # fmt: skip
from matcalc.language.sizes import Shape, Size, ndim, rows_and_columns
from matcalc.language.traversal import postorder

MOST_FACTORS_COPIED = 12  # a shared part with more factors becomes one bracket instead of being copied


@final
@dataclass(frozen=True, slots=True)
class Lowered:
    """A form together with how its axes make up rows and columns: the first ``rows`` axes are the row axis."""

    form: Form
    rows: int

    @property
    def row_sizes(self) -> tuple[Size, ...]:
        return self.form.axes[: self.rows]

    @property
    def column_sizes(self) -> tuple[Size, ...]:
        return self.form.axes[self.rows :]


@final
@dataclass(slots=True)
class _Part:
    """A part under construction: its row and column indices and its terms."""

    rows: Indices
    columns: Indices
    terms: list[OpenTerm]
    taken: bool = False

    @property
    def free(self) -> Indices:
        return self.rows + self.columns


@final
class _Lowering:
    """One call of `lower`: the scope of all its indices, and what the parts became."""

    def __init__(self, axes_of: Callable[[Let], Lowered]) -> None:
        self.scope = Scope()
        self.parts: dict[Expr, _Part] = {}
        self.axes_of = axes_of

    def take(self, node: Expr) -> _Part:
        """The part of an operand; a second use gets indices of its own."""
        part = self.parts[node]
        if not part.taken:
            part.taken = True
            return part
        sizes = self.scope.sizes
        names: dict[int, int] = {}

        def renamed(i: int) -> int:
            if i not in names:
                names[i] = self.scope.fresh(sizes[i])
            return names[i]

        rows, columns = tuple(map(renamed, part.rows)), tuple(map(renamed, part.columns))
        terms: list[OpenTerm] = [(c, [(a, tuple(map(renamed, ix)), e) for a, ix, e in f]) for c, f in part.terms]
        return _Part(rows, columns, terms)

    def closed(self, part: _Part) -> Lowered:
        return Lowered(close(part.terms, part.free, self.scope.sizes), len(part.rows))

    def axes(self, shape: Shape) -> tuple[Indices, Indices]:
        """New row and column indices of a declared shape."""
        rows, columns = rows_and_columns(shape)
        fresh = self.scope.fresh
        return (() if rows == 1 else (fresh(rows),)), (() if columns == 1 else (fresh(columns),))

    def renamed(self, part: _Part, old: Indices, new: Indices, what: Expr) -> list[OpenTerm]:
        """The terms with indices exchanged; both lists must have the same sizes one by one."""
        if old == new:
            return part.terms
        sizes = self.scope.sizes
        if [sizes[i] for i in old] != [sizes[i] for i in new]:
            raise UnsupportedError(
                f"{what!r} joins an axis made of sizes {[sizes[i] for i in old]} to one made of {[sizes[i] for i in new]}. "
                "Declare the second so that it is made in the same way, for instance as vec of a matrix."
            )
        names = dict(zip(old, new, strict=True))
        return [(c, [(a, tuple([names.get(i, i) for i in ix]), e) for a, ix, e in f]) for c, f in part.terms]


def lower(expression: Expr, axes_of: Callable[[Let], Lowered], order: Sequence[Expr] | None = None) -> Lowered:
    """The index form of an expression; named quantities in it stay names.

    Args:
        expression: what was written.
        axes_of: the lowered definition of a named quantity, of which only the axes are used.
        order: its nodes, operands first, where they are known.
    """
    run = _Lowering(axes_of)
    uses: dict[Expr, int] = {}
    nodes = list(postorder([expression])) if order is None else order
    for node in nodes:
        for child in node.operands:
            uses[child] = uses.get(child, 0) + 1
    for node in nodes:
        part = LOWERING[type(node)](run, node)
        if uses.get(node, 0) > 1 and sum(len(factors) for _, factors in part.terms) > MOST_FACTORS_COPIED:
            form = close(part.terms, part.free, run.scope.sizes)
            part = _Part(part.rows, part.columns, [(1, [(bracket(form), part.free, 1)])])
        run.parts[node] = part
    return run.closed(run.take(expression))


# ---- leaves ----------------------------------------------------------------------------------------------------------


def _number(run: _Lowering, node: Number) -> _Part:
    return _Part((), (), [(rational(node.value), [])] if node.value else [])


def _size_number(run: _Lowering, node: SizeNumber) -> _Part:
    coefficient, factors = size_factors(node.size)
    return _Part((), (), [(coefficient, factors)])


def _symbol(run: _Lowering, node: Symbol) -> _Part:
    rows, columns = run.axes(node.shape)
    free = rows + columns
    return _Part(rows, columns, [(1, [(variable(node, tuple(run.scope.sizes[i] for i in free)), free, 1)])])


def _let(run: _Lowering, node: Let) -> _Part:
    meaning = run.axes_of(node)
    rows, columns = run.scope.fresh_all(meaning.row_sizes), run.scope.fresh_all(meaning.column_sizes)
    return _Part(rows, columns, [(1, [(variable(node, meaning.form.axes), rows + columns, 1)])])


def _ones(run: _Lowering, node: Ones) -> _Part:
    return _Part(*run.axes(node.shape), [(1, [])])


def _zeros(run: _Lowering, node: Zeros) -> _Part:
    return _Part(*run.axes(node.shape), [])


def _identity(run: _Lowering, node: Identity) -> _Part:
    rows, columns = run.axes(node.shape)
    return _Part(rows, columns, [(1, [(delta(node.size), rows + columns, 1)] if rows else [])])


def _commutation(run: _Lowering, node: Commutation) -> _Part:
    (i, a), (j, b) = (run.scope.fresh_all((size, size)) for size in (node.rows, node.columns))
    return _Part((i, j), (b, a), [(1, [(delta(node.rows), (i, a), 1), (delta(node.columns), (j, b), 1)])])


# ---- linear operations -----------------------------------------------------------------------------------------------


def _transpose(run: _Lowering, node: Transpose) -> _Part:
    part = run.take(node.argument)
    return _Part(part.columns, part.rows, part.terms)


def _negate(run: _Lowering, node: Negate) -> _Part:
    part = run.take(node.argument)
    return _Part(part.rows, part.columns, [(-c, f) for c, f in part.terms])


def _joined(run: _Lowering, node: Add | Subtract | Hadamard | Divide) -> tuple[_Part, _Part]:
    """Both operands at the same indices; a scalar stands at any."""
    left, right = run.take(node.left), run.take(node.right)
    if not left.free:
        return _Part(right.rows, right.columns, left.terms), right
    if not right.free:
        return left, _Part(left.rows, left.columns, right.terms)
    return left, _Part(left.rows, left.columns, run.renamed(right, right.free, left.free, node))


def _add(run: _Lowering, node: Add) -> _Part:
    left, right = _joined(run, node)
    return _Part(left.rows, left.columns, left.terms + right.terms)


def _subtract(run: _Lowering, node: Subtract) -> _Part:
    left, right = _joined(run, node)
    return _Part(left.rows, left.columns, left.terms + [(-c, f) for c, f in right.terms])


def _sum(run: _Lowering, node: Sum) -> _Part:
    part = run.take(node.argument)
    return _Part((), (), run.scope.summed(part.terms, part.free))


def _trace(run: _Lowering, node: Trace) -> _Part:
    part = run.take(node.argument)
    return _Part((), (), run.scope.summed(run.renamed(part, part.columns, part.rows, node), part.rows))


def _diag(run: _Lowering, node: Diag) -> _Part:
    part = run.take(node.argument)
    twins = run.scope.fresh_all([run.scope.sizes[i] for i in part.free])
    deltas = [(delta(run.scope.sizes[i]), (i, j), 1) for i, j in zip(part.free, twins, strict=True)]
    return _Part(part.free, twins, [(c, [*f, *deltas]) for c, f in part.terms])


def _diagonal_part(run: _Lowering, node: DiagonalPart) -> _Part:
    part = run.take(node.argument)
    return _Part(part.rows, (), run.renamed(part, part.columns, part.rows, node))


def _vec(run: _Lowering, node: Vec) -> _Part:
    part = run.take(node.argument)
    return _Part(part.columns + part.rows, (), part.terms)


# ---- products --------------------------------------------------------------------------------------------------------


def _matmul(run: _Lowering, node: MatMul) -> _Part:
    left, right = run.take(node.left), run.take(node.right)
    right_terms = run.renamed(right, right.rows, left.columns, node)
    terms = run.scope.product(left.terms, left.free, right_terms, left.columns + right.columns)
    return _Part(left.rows, right.columns, run.scope.summed(terms, left.columns))


def _scale(run: _Lowering, node: Scale) -> _Part:
    left, right = run.take(node.left), run.take(node.right)
    array = left if left.free else right
    return _Part(array.rows, array.columns, run.scope.product(left.terms, left.free, right.terms, right.free))


def _hadamard(run: _Lowering, node: Hadamard) -> _Part:
    left, right = _joined(run, node)
    return _Part(left.rows, left.columns, run.scope.product(left.terms, left.free, right.terms, right.free))


def _divide(run: _Lowering, node: Divide) -> _Part:
    scalar = not node.right.shape
    left, right = (run.take(node.left), run.take(node.right)) if scalar else _joined(run, node)
    bottom = inverted(run.scope, right.terms, () if scalar else right.free)
    return _Part(left.rows, left.columns, run.scope.product(left.terms, left.free, bottom, () if scalar else right.free))


def _kron(run: _Lowering, node: Kron) -> _Part:
    left, right = run.take(node.left), run.take(node.right)
    terms = run.scope.product(left.terms, left.free, right.terms, right.free)
    return _Part(left.rows + right.rows, left.columns + right.columns, terms)


# ---- powers and functions --------------------------------------------------------------------------------------------


def _raised(run: _Lowering, part: _Part, exponent: Rational) -> _Part:
    return _Part(part.rows, part.columns, raised(run.scope, part.terms, part.free, exponent))


def _power(run: _Lowering, node: Power) -> _Part:
    return _raised(run, run.take(node.base), node.exponent)


def _norm(run: _Lowering, node: Norm) -> _Part:
    part = run.take(node.argument)
    squared = run.scope.summed(raised(run.scope, part.terms, part.free, 2), part.free)
    return _Part((), (), raised(run.scope, squared, (), Fraction(1, 2)))


def _one_atom(part: _Part, atom: Any) -> _Part:
    return _Part(part.rows, part.columns, [(1, [(atom, part.free, 1)])])


def applied(run: _Lowering, part: _Part, function: ElementwiseFunction) -> _Part:
    """A function of a part; primes of a known function are carried out by its row in the table."""
    if not function.known:
        return _one_atom(part, function_atom(function, run.closed(part).form))
    if function.order:
        form = run.closed(part).form
        terms = derivative_terms(function, form, part.free, run.scope)
        return _Part(part.rows, part.columns, terms)
    if function.name in SPECIAL_POWERS:
        return _raised(run, part, SPECIAL_POWERS[function.name])
    return _one_atom(part, function_atom(function, run.closed(part).form))


def _apply(run: _Lowering, node: Apply) -> _Part:
    return applied(run, run.take(node.argument), node.function)


def _softmax(run: _Lowering, node: Softmax) -> _Part:
    part = run.take(node.argument)
    lowered = run.closed(part)
    count = len(part.free)
    along = tuple(range(lowered.rows)) if node.axis == "columns" else tuple(range(lowered.rows, count))
    return _one_atom(part, softmax_atom(lowered.form, along))


def _inverse(run: _Lowering, node: Inverse) -> _Part:
    part = run.take(node.argument)
    if not part.free:
        return _Part((), (), inverted(run.scope, part.terms, ()))
    lowered = run.closed(part)
    return _Part(part.columns, part.rows, [(1, [(inverse_atom(lowered.form, lowered.rows), part.columns + part.rows, 1)])])


def _determinant(run: _Lowering, node: Determinant) -> _Part:
    part = run.take(node.argument)
    if not part.free:
        return part
    lowered = run.closed(part)
    return _Part((), (), [(1, [(determinant_atom(lowered.form, lowered.rows), (), 1)])])


def _log_determinant(run: _Lowering, node: LogDeterminant) -> _Part:
    return applied(run, _determinant(run, node), ElementwiseFunction("log", known=True))  # type: ignore[arg-type]


def _map(run: _Lowering, node: ApplyMap | MapDerivative) -> _Part:
    arguments = tuple(run.closed(run.take(a)).form for a in node.arguments)
    wrt = node.wrt if isinstance(node, MapDerivative) else ()
    atom = map_atom(node.function, arguments, wrt)
    rows, columns = run.axes(node.shape)
    return _Part(rows, columns, [(1, [(atom, _atom_order(node, rows, columns), 1)])])


def _atom_order(node: ApplyMap | MapDerivative, rows: Indices, columns: Indices) -> Indices:
    """The indices in the order of the atom's axes, output first: what the layout of a derivative turned round is turned back."""
    if isinstance(node, ApplyMap) or len(rows + columns) < 2:
        return rows + columns
    inputs = [count for count in (ndim(node.arguments[k].shape) for k in node.wrt) if count]
    if len(inputs) > 1:
        return rows + columns
    numerator = columns + rows if ndim(node.function.shape) == 0 and inputs == [2] else rows + columns
    return numerator if node.layout == "numerator" else numerator[::-1]


def _derivative(run: _Lowering, node: Derivative) -> _Part:
    raise UnsupportedError(f"{node!r} is a derivative that is only written; derive it first, with derive(of, by, layout=...).")


LOWERING: Mapping[type[Expr], Callable[[_Lowering, Any], _Part]] = MappingProxyType(
    {
        Number: _number, SizeNumber: _size_number, Symbol: _symbol, Let: _let, Ones: _ones, Zeros: _zeros, Identity: _identity,
        Commutation: _commutation, Transpose: _transpose, Negate: _negate, Sum: _sum, Diag: _diag, DiagonalPart: _diagonal_part,
        Trace: _trace, Norm: _norm, Softmax: _softmax, Vec: _vec, Determinant: _determinant, LogDeterminant: _log_determinant,
        Inverse: _inverse, Apply: _apply, Add: _add, Subtract: _subtract, MatMul: _matmul, Scale: _scale, Hadamard: _hadamard,
        Divide: _divide, Kron: _kron, Power: _power, ApplyMap: _map, MapDerivative: _map, Derivative: _derivative,
    }
)  # fmt: skip

__all__ = ["AtomKind", "Lowered", "lower"]
