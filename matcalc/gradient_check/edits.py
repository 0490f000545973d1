"""Slips of the pen: what a person may have computed instead of the right form, by one edit of it.

An edit may change shapes: such an expression has a value only where sizes coincide, and is there for that case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import TypeAlias, final

from matcalc.gradient_check.report import DiagnosisKind
from matcalc.language.building import matmul, negate, times
from matcalc.language.expressions import (
    Add, Apply, Divide, Expr, Hadamard, Let, MatMul, Negate, Number, Scale, SizeNumber, Subtract, Symbol, Transpose,
)  # fmt: skip
from matcalc.language.sizes import ndim, transposed
from matcalc.language.traversal import postorder, replaced

MOST_TERMS = 6
MOST_NODES = 200

Change: TypeAlias = tuple[DiagnosisKind, str, Expr]


@final
@dataclass(frozen=True, slots=True)
class Edit:
    """The right form with one slip.

    Attributes:
        kind: what the slip is about.
        text: the slip in a sentence.
        result: what is computed then.
    """

    kind: DiagnosisKind
    text: str
    result: Expr


def edits(right: Expr, quantities: Mapping[str, Expr]) -> Iterator[Edit]:
    """Every single slip in an expression.

    Args:
        right: the right form.
        quantities: what there is, by plain name.
    """
    nodes = list(postorder([right]))
    inner = {operand for node in nodes if isinstance(node, MatMul | Hadamard) for operand in node.operands if type(operand) is type(node)}
    seen = {right}
    for node in nodes:
        if node in inner:
            continue
        for way in _WAYS:
            for kind, text, new in way(node, quantities):
                result = replaced(right, {node: new})
                if result not in seen:
                    seen.add(result)
                    yield Edit(kind, text, result)


# ---- one function for each kind of slip ------------------------------------------------------------------------------


def _left_out(node: Expr, quantities: Mapping[str, Expr]) -> Iterator[Change]:
    kind = DiagnosisKind.MISSING_FACTOR
    if isinstance(node, MatMul | Hadamard):
        parts = _flat(node)
        for k, part in enumerate(parts):
            without = _joined(type(node), parts[:k] + parts[k + 1 :])
            yield kind, f"The factor {part!r} is missing.", without
    elif isinstance(node, Scale):
        for part, rest in ((node.left, node.right), (node.right, node.left)):
            if not part.shape and not isinstance(part, Number | SizeNumber):
                yield kind, f"The factor {part!r} is missing.", rest
    elif isinstance(node, Divide) and not isinstance(node.right, Number | SizeNumber):
        yield kind, f"The division by {node.right!r} is missing.", node.left


def _transposed(node: Expr, quantities: Mapping[str, Expr]) -> Iterator[Change]:
    if not isinstance(node, MatMul):
        return
    parts = _flat(node)
    for k, part in enumerate(parts):
        if ndim(part.shape) < 2:
            continue
        turned = part.argument if isinstance(part, Transpose) else Transpose(part, transposed(part.shape))
        text = f"It has {turned!r} where {part!r} is right."
        yield DiagnosisKind.TRANSPOSE, text, _joined(MatMul, (*parts[:k], turned, *parts[k + 1 :]))


def _reordered(node: Expr, quantities: Mapping[str, Expr]) -> Iterator[Change]:
    if not isinstance(node, MatMul):
        return
    parts = _flat(node)
    for k, (left, right) in enumerate(pairwise(parts)):
        text = f"The factors {left!r} and {right!r} are in the wrong order."
        yield DiagnosisKind.ORDER, text, _joined(MatMul, (*parts[:k], right, left, *parts[k + 2 :]))
    if len(parts) > 2:
        listed = ", ".join(map(repr, parts))
        yield DiagnosisKind.ORDER, f"The factors {listed} are in reverse order.", _joined(MatMul, parts[::-1])


def _moved(node: Expr, quantities: Mapping[str, Expr]) -> Iterator[Change]:
    """A Hadamard factor multiplied before the matrix instead of after it, or the other way round."""
    kind = DiagnosisKind.ORDER
    if isinstance(node, Hadamard):
        parts = _flat(node)
        for k, string in enumerate(parts):
            for j, part in enumerate(parts):
                if j != k and isinstance(string, MatMul):
                    others = tuple(p for i, p in enumerate(parts) if i not in (j, k))
                    factors = _flat(string)
                    last = Hadamard(factors[-1], part, part.shape)
                    first = Hadamard(part, factors[0], part.shape)
                    text = f"The factor {part!r} is multiplied before the matrix and not after it: {node!r} is right."
                    yield kind, text, _joined(Hadamard, (*others, _joined(MatMul, (*factors[:-1], last))))
                    yield kind, text, _joined(Hadamard, (*others, _joined(MatMul, (first, *factors[1:]))))
    elif isinstance(node, MatMul):
        factors = _flat(node)
        for k, place in ((len(factors) - 1, slice(0, -1)), (0, slice(1, None))):
            held = factors[k]
            for part in _flat(held) if isinstance(held, Hadamard) else ():
                rest = _joined(Hadamard, tuple(p for p in _flat(held) if p is not part))
                string = _joined(MatMul, (*factors[place], rest) if k else (rest, *factors[place]))
                text = f"The factor {part!r} is multiplied after the matrix and not before it: {node!r} is right."
                yield kind, text, Hadamard(part, string, node.shape)


def _unprimed(node: Expr, quantities: Mapping[str, Expr]) -> Iterator[Change]:
    if isinstance(node, Apply) and node.function.order:
        new = Apply(replace(node.function, order=node.function.order - 1), node.argument, node.shape)
        yield DiagnosisKind.FUNCTION, f"It has {new!r} where {node!r} is right.", new


def _mistaken(node: Expr, quantities: Mapping[str, Expr]) -> Iterator[Change]:
    """A quantity taken for another of the same shape: throughout, or in one factor of a product."""
    if isinstance(node, Symbol | Let | Apply):
        for wrong in _others(node, quantities):
            yield DiagnosisKind.QUANTITY, f"It has {wrong!r} where {_meant(node)} is right.", wrong
    elif isinstance(node, MatMul | Hadamard):
        parts = _flat(node)
        for k, part in enumerate(parts):
            for leaf in postorder([part]):
                for wrong in _others(leaf, quantities):
                    new = replaced(part, {leaf: wrong})
                    text = f"It has {new!r} where {part!r} is right."
                    yield DiagnosisKind.QUANTITY, text, _joined(type(node), (*parts[:k], new, *parts[k + 1 :]))


def _others(node: Expr, quantities: Mapping[str, Expr]) -> Iterator[Expr]:
    """What may have been taken for a quantity, or for a function of one."""
    named = isinstance(node, Symbol | Let)
    applied = node.definition if isinstance(node, Let) else node
    for other in quantities.values():
        if other.shape == node.shape and other != node:
            if named:
                yield other
            if isinstance(applied, Apply) and other != applied.argument:
                yield Apply(applied.function, other, node.shape)
    if isinstance(applied, Apply) and named and applied.argument != node:
        yield Apply(applied.function, node, node.shape)


def _meant(node: Expr) -> str:
    return f"{node!r} = {node.definition!r}" if isinstance(node, Let) and isinstance(node.definition, Apply) else repr(node)


_WAYS: tuple[Callable[[Expr, Mapping[str, Expr]], Iterator[Change]], ...] = (
    _left_out, _transposed, _reordered, _moved, _unprimed, _mistaken,
)  # fmt: skip


def _flat(node: Expr) -> tuple[Expr, ...]:
    """The operands of a product of several, from left to right."""
    found: list[Expr] = []
    stack: list[Expr] = [node]
    while stack:
        part = stack.pop()
        if type(part) is type(node) and isinstance(part, MatMul | Hadamard):
            stack += [part.right, part.left]
        else:
            found.append(part)
    return tuple(found)


def _joined(product: type[MatMul] | type[Hadamard], parts: tuple[Expr, ...]) -> Expr:
    """A product from the left, its shapes unchecked: at the data it has a value, or none."""
    return reduce(lambda left, right: product(left, right, left.shape), parts)


# ---- terms -----------------------------------------------------------------------------------------------------------


def terms(right: Expr) -> tuple[Expr, ...]:
    """The terms of a sum, products of sums multiplied out while they are few; one term where it is no sum."""
    if sum(1 for _ in postorder([right])) > MOST_NODES:
        return (right,)
    found = _terms(right)
    return found if 1 < len(found) <= MOST_TERMS else (right,)


def _terms(node: Expr) -> tuple[Expr, ...]:
    match node:
        case Add(left, right) if left.shape == right.shape:
            return _terms(left) + _terms(right)
        case Subtract(left, right) if left.shape == right.shape:
            return _terms(left) + tuple(negate(term) for term in _terms(right))
        case Negate(argument):
            return tuple(negate(term) for term in _terms(argument))
        case Transpose(argument):
            return tuple(term.T for term in _terms(argument))
        case MatMul(left, right):
            return _multiplied(matmul, left, right)
        case Hadamard(left, right):
            return _multiplied(times, left, right)
        case Scale(left, right):
            return _multiplied(times, left, right)
        case _:
            return (node,)


def _multiplied(product: Callable[[Expr, Expr], Expr], left: Expr, right: Expr) -> tuple[Expr, ...]:
    lefts, rights = _terms(left), _terms(right)
    if len(lefts) * len(rights) > MOST_TERMS:
        return (product(left, right),)
    return tuple(product(a, b) for a in lefts for b in rights)
