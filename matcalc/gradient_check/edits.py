"""Slips of the pen in products: a factor left out, transposed, moved, or taken for another.

A slip may change shapes: such an expression has a value only where sizes coincide, and is there for that case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from itertools import pairwise
from typing import TypeAlias

from matcalc.gradient_check.report import DiagnosisKind
from matcalc.language.expressions import (
    Add, Apply, Divide, Expr, Hadamard, Let, MatMul, Negate, Scale, Subtract, Symbol, Transpose,
)  # fmt: skip
from matcalc.language.sizes import ndim, transposed
from matcalc.language.traversal import postorder, replaced, with_operands

Quantities: TypeAlias = Mapping[str, Expr]
Change: TypeAlias = tuple[DiagnosisKind, str, Expr]
Way: TypeAlias = Callable[[Expr, Quantities], Iterator[Change]]


def _left_out(node: Expr, quantities: Quantities) -> Iterator[Change]:
    kind = DiagnosisKind.MISSING_FACTOR
    if isinstance(node, MatMul | Hadamard):
        parts = flat(node)
        for k, part in enumerate(parts):
            without = joined(type(node), parts[:k] + parts[k + 1 :])
            yield kind, f"The factor {part!r} is missing.", without
    elif isinstance(node, Scale):
        for part, rest in ((node.left, node.right), (node.right, node.left)):
            if not part.shape:
                yield kind, f"The factor {part!r} is missing.", rest
    elif isinstance(node, Divide):
        yield kind, f"The division by {node.right!r} is missing.", node.left


def _repeated(node: Expr, quantities: Quantities) -> Iterator[Change]:
    if isinstance(node, Hadamard):
        for part in flat(node):
            yield DiagnosisKind.FUNCTION, f"The factor {part!r} is there twice.", Hadamard(node, part, node.shape)


def _transposed(node: Expr, quantities: Quantities) -> Iterator[Change]:
    """A matrix in a product or a sum that is transposed, or is not."""
    for k, part in enumerate(parts := _operands(node)):
        if ndim(part.shape) < 2:
            continue
        matrix = _without_scalars(part)
        turned = matrix.argument if isinstance(matrix, Transpose) else Transpose(matrix, transposed(matrix.shape))
        text = f"It has {turned!r} where {matrix!r} is right."
        turned_parts = (*parts[:k], _turned(part), *parts[k + 1 :])
        new = joined(MatMul, turned_parts) if isinstance(node, MatMul) else with_operands(node, turned_parts)
        yield DiagnosisKind.TRANSPOSE, text, new


def _all_transposed(node: Expr, quantities: Quantities) -> Iterator[Change]:
    """Several matrices of one product that are transposed, or are not, as where no transpose was written at all."""
    parts = flat(node) if isinstance(node, MatMul) else ()
    matrices = [k for k, part in enumerate(parts) if ndim(part.shape) == 2]
    for written in (True, False):
        chosen = [k for k in matrices if isinstance(_without_scalars(parts[k]), Transpose) is written]
        if len(chosen) < 2:
            continue
        turned = tuple(_turned(part) if k in chosen else part for k, part in enumerate(parts))
        slips = [f"{_without_scalars(turned[k])!r} where {_without_scalars(parts[k])!r} is right" for k in chosen]
        text = f"It has {', '.join(slips[:-1])} and {slips[-1]}."
        yield DiagnosisKind.TRANSPOSE, text, joined(MatMul, turned)


def _turned(part: Expr) -> Expr:
    matrix = _without_scalars(part)
    return replaced(part, {matrix: matrix.argument if isinstance(matrix, Transpose) else Transpose(matrix, transposed(matrix.shape))})


def _operands(node: Expr) -> tuple[Expr, ...]:
    return flat(node) if isinstance(node, MatMul) else node.operands if isinstance(node, Add | Subtract) else ()


def _without_scalars(node: Expr) -> Expr:
    """The array that is multiplied by scalars; what is transposed in 2 X^T is X."""
    while isinstance(node, Scale | Negate):
        node = node.argument if isinstance(node, Negate) else node.right if node.right.shape else node.left
    return node


def _reordered(node: Expr, quantities: Quantities) -> Iterator[Change]:
    if not isinstance(node, MatMul):
        return
    parts = flat(node)
    for k, (left, right) in enumerate(pairwise(parts)):
        text = f"The factors {left!r} and {right!r} are in the wrong order."
        yield DiagnosisKind.ORDER, text, joined(MatMul, (*parts[:k], right, left, *parts[k + 2 :]))
    if len(parts) > 2:
        listed = ", ".join(map(repr, parts))
        yield DiagnosisKind.ORDER, f"The factors {listed} are in reverse order.", joined(MatMul, parts[::-1])


def _moved(node: Expr, quantities: Quantities) -> Iterator[Change]:
    """A Hadamard factor multiplied before the matrix instead of after it, or the other way round."""
    kind = DiagnosisKind.ORDER
    if isinstance(node, Hadamard):
        parts = flat(node)
        for k, string in enumerate(parts):
            for j, part in enumerate(parts):
                if j != k and isinstance(string, MatMul):
                    others = tuple(p for i, p in enumerate(parts) if i not in (j, k))
                    factors = flat(string)
                    last = Hadamard(factors[-1], part, part.shape)
                    first = Hadamard(part, factors[0], part.shape)
                    text = f"The factor {part!r} is multiplied before the matrix and not after it: {node!r} is right."
                    yield kind, text, joined(Hadamard, (*others, joined(MatMul, (*factors[:-1], last))))
                    yield kind, text, joined(Hadamard, (*others, joined(MatMul, (first, *factors[1:]))))
    elif isinstance(node, MatMul):
        factors = flat(node)
        for k, place in ((len(factors) - 1, slice(0, -1)), (0, slice(1, None))):
            held = factors[k]
            for part in flat(held) if isinstance(held, Hadamard) else ():
                rest = joined(Hadamard, tuple(p for p in flat(held) if p is not part))
                string = joined(MatMul, (*factors[place], rest) if k else (rest, *factors[place]))
                text = f"The factor {part!r} is multiplied after the matrix and not before it: {node!r} is right."
                yield kind, text, Hadamard(part, string, node.shape)


def _unprimed(node: Expr, quantities: Quantities) -> Iterator[Change]:
    if isinstance(node, Apply) and node.function.order:
        new = Apply(replace(node.function, order=node.function.order - 1), node.argument, node.shape)
        yield DiagnosisKind.FUNCTION, f"It has {new!r} where {node!r} is right.", new


def _mistaken(node: Expr, quantities: Quantities) -> Iterator[Change]:
    """A quantity taken for another of the same shape: throughout, or in one factor of a product."""
    if isinstance(node, Symbol | Let | Apply):
        for wrong in _others(node, quantities):
            yield DiagnosisKind.QUANTITY, f"It has {wrong!r} where {_meant(node)} is right.", wrong
    elif isinstance(node, MatMul | Hadamard):
        parts = flat(node)
        for k, part in enumerate(parts):
            for leaf in postorder([part]):
                for wrong in _others(leaf, quantities):
                    new = replaced(part, {leaf: wrong})
                    text = f"It has {new!r} where {part!r} is right."
                    yield DiagnosisKind.QUANTITY, text, joined(type(node), (*parts[:k], new, *parts[k + 1 :]))


def _others(node: Expr, quantities: Quantities) -> Iterator[Expr]:
    """What may have been taken for a quantity, or for a function of one."""
    named = isinstance(node, Symbol | Let)
    applied = node.definition if isinstance(node, Let) else node
    for other in quantities.values():
        if other.shape == node.shape and other != node:
            if named:
                yield other
            if isinstance(applied, Apply) and other != applied.argument:
                yield Apply(applied.function, other, node.shape)
    if isinstance(applied, Apply):
        yield Apply(applied.function, node, node.shape) if named else applied.argument


def _meant(node: Expr) -> str:
    return f"{node!r} = {node.definition!r}" if isinstance(node, Let) and isinstance(node.definition, Apply) else repr(node)


PRODUCT_WAYS: tuple[Way, ...] = (_left_out, _transposed, _reordered, _moved, _unprimed, _repeated, _all_transposed)
NAME_WAYS: tuple[Way, ...] = (_mistaken,)


def flat(node: Expr) -> tuple[Expr, ...]:
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


def joined(product: type[MatMul] | type[Hadamard], parts: tuple[Expr, ...]) -> Expr:
    """A product from the left, its shapes unchecked: at the data it has a value, or none."""
    return reduce(lambda left, right: product(left, right, left.shape), parts)


def lowered(text: str) -> str:
    """A sentence as it stands behind a colon or another one."""
    start = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if start in _FIRST_WORDS else text


_FIRST_WORDS = ("It", "The", "In", "All", "Only", "Its", "Where", "Summed", "What")
