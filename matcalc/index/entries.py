"""Lowering of index notation: entries at the index of a written sum, and what is computed from them point by point.

The index of a sum becomes an elementary index. A scalar that depends on it has it among its free indices, so that x_i is lowered to
what x is, and f(x_i) y_i to what f(x) and y are, entry by entry; the sum then closes the index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeAlias

from matcalc.errors import UnsupportedError
from matcalc.index.applied import applied
from matcalc.index.assembly import inverted, raised
from matcalc.index.form import Indices, OpenTerm
from matcalc.index.parts import Lowering, Part
from matcalc.language.expressions import (
    Add, Apply, Divide, Entry, Expr, Index, IndexedSum, Negate, Number, Power, Scale, SizeNumber, Subtract,
)  # fmt: skip
from matcalc.language.sizes import Size

Pointwise: TypeAlias = Callable[[Lowering, Any, list[Part], Indices], list[OpenTerm]]


def index(run: Lowering, node: Index) -> Part:
    """An index stands for itself; only entries and sums look at it, `pointwise` refuses all others."""
    run.indexed = True
    if node not in run.bound and node.size is not None:
        run.bound[node] = run.scope.fresh(node.size)
    return Part((run.bound[node],) if node in run.bound else (), (), [(1, [])])


def entry(run: Lowering, node: Entry) -> Part:
    """The array at the indices of the sums around the entry."""
    _check_number(node, node.base)
    part = run.take(node.base)
    old: Indices = ()
    new: Indices = ()
    for axis, position in ((part.rows, node.row), (part.columns, node.column)):
        if axis and isinstance(position, Index) and position in run.bound:
            old, new = old + axis, (*new, run.bound[position])
        elif axis:
            raise UnsupportedError(
                f"{node!r}: only entries at the index of a sum that runs over all of them are derived. {_way_out(run, axis, position)}"
            )
    if len(old) != len(new):
        raise UnsupportedError(f"{node!r}: {node.base!r} has an axis made of several, so its entries are not derived one by one.")
    terms = run.renamed(part, old, new, node)
    return Part(tuple(dict.fromkeys(new)), (), terms)


def _way_out(run: Lowering, axis: Indices, position: Expr) -> str:
    if isinstance(position, Index) and len(axis) == 1:
        return f"Give the index its size, as in index({position.name!r}, {str(run.scope.sizes[axis[0]])!r})."
    return "For a single entry write its product with a column that is declared."


def indexed_sum(run: Lowering, node: IndexedSum) -> Part:
    """The body, summed over its index from the first to the last entry."""
    size = _whole_range(node)
    _check_number(node, node.body)
    part = run.take(node.body)
    if node.index not in run.bound or run.bound[node.index] not in part.free:
        return Part(part.rows, part.columns, run.scope.summed(part.terms, (run.scope.fresh(size),)))
    over, fresh = run.bound[node.index], run.scope.fresh(size)
    summed = run.scope.summed(part.terms, (over,))
    terms: list[OpenTerm] = [(c, [(a, tuple([fresh if i == over else i for i in ix]), e) for a, ix, e in f]) for c, f in summed]
    return Part(tuple(i for i in part.free if i != over), (), terms)


def _whole_range(node: IndexedSum) -> Size:
    """The size of the axis that the index runs over; a part of it is refused."""
    high: Size | None = None
    match node.high:
        case SizeNumber(size=size):
            high = size
        case Number(value=value) if value.denominator == 1 and value > 0:
            high = int(value)
    if high is None or node.low != Number(Fraction(1)) or node.index.size not in (None, high):
        raise UnsupportedError(f"{node!r}: only sums over all entries of an axis, from 1 to its size, are derived.")
    return high


def pointwise(run: Lowering, node: Expr) -> Part | None:
    """A scalar that is computed from others which depend on the index of a sum; None where none of them does."""
    if isinstance(node, Index | Entry | IndexedSum):
        return None
    for operand in node.operands:
        _check_number(node, operand)
    if not any(run.parts[operand].free for operand in node.operands if not operand.shape):
        return None
    rule = POINTWISE.get(type(node))
    if rule is None or node.shape:
        raise UnsupportedError(
            f"{node!r} depends on the index of a sum in a way that is not derived; entries, and scalars made of them, are."
        )
    parts = [run.take(operand) for operand in node.operands]
    free = tuple(dict.fromkeys(i for part in parts for i in part.free))
    return Part(free, (), rule(run, node, parts, free))


def _check_number(node: Expr, operand: Expr) -> None:
    if isinstance(operand, Index):
        raise UnsupportedError(f"{node!r} takes the index {operand.name} as a number, for which there is no rule of differentiation yet.")


def check_bound(run: Lowering, expression: Expr) -> None:
    """Refuse an expression that leaves an index free, or is one."""
    _check_number(expression, expression)
    left = [node.name for node, i in run.bound.items() if i in run.parts[expression].free]
    if left:
        raise UnsupportedError(f"{expression!r} leaves the index {left[0]} free: sum over it, or write the array instead of its entry.")


def _sum(run: Lowering, node: Add, parts: list[Part], free: Indices) -> list[OpenTerm]:
    return parts[0].terms + parts[1].terms


def _difference(run: Lowering, node: Subtract, parts: list[Part], free: Indices) -> list[OpenTerm]:
    return parts[0].terms + [(-c, f) for c, f in parts[1].terms]


def _product(run: Lowering, node: Scale, parts: list[Part], free: Indices) -> list[OpenTerm]:
    left, right = parts
    return run.scope.product(left.terms, left.free, right.terms, right.free)


def _quotient(run: Lowering, node: Divide, parts: list[Part], free: Indices) -> list[OpenTerm]:
    left, right = parts
    return run.scope.product(left.terms, left.free, inverted(run.scope, right.terms, right.free), right.free)


def _power(run: Lowering, node: Power, parts: list[Part], free: Indices) -> list[OpenTerm]:
    return raised(run.scope, parts[0].terms, free, node.exponent)


def _applied(run: Lowering, node: Apply, parts: list[Part], free: Indices) -> list[OpenTerm]:
    return applied(run, parts[0], node.function).terms


POINTWISE: Mapping[type[Expr], Pointwise] = MappingProxyType(
    {
        Negate: lambda run, node, parts, free: [(-c, f) for c, f in parts[0].terms],
        Add: _sum,
        Subtract: _difference,
        Scale: _product,
        Divide: _quotient,
        Power: _power,
        Apply: _applied,
    }
)
