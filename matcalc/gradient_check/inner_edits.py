"""Slips of the pen in sums and in functions: a term left out, a sign, a power, a function or its derivative taken for another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.gradient_check.edits import Change, Quantities, Way, flat, joined
from matcalc.gradient_check.report import DiagnosisKind
from matcalc.language.building import power, subtract, times
from matcalc.language.elementwise import known_function
from matcalc.language.expressions import (
    Add, Apply, Expr, Hadamard, Inverse, Let, MatMul, Negate, Ones, Power, PseudoInverse, Softmax, Subtract, Sum,
)  # fmt: skip
from matcalc.language.sizes import ndim
from matcalc.language.traversal import postorder, replaced
from matcalc.layout.conventions import Layout, Style

ACTIVATIONS = ("sigmoid", "tanh", "relu")


def _summands(node: Expr, quantities: Quantities) -> Iterator[Change]:
    """A term left out of a sum, or its sign."""
    if isinstance(node, Add | Subtract):
        other = (Subtract if isinstance(node, Add) else Add)(node.left, node.right, node.shape)
        yield DiagnosisKind.TERM, f"It has {other!r} where {node!r} is right.", other
        rest = Negate(node.right, node.right.shape) if isinstance(node, Subtract) else node.right
        yield DiagnosisKind.TERM, f"The term {node.right!r} is missing in {node!r}.", node.left
        yield DiagnosisKind.TERM, f"The term {node.left!r} is missing in {node!r}.", rest
    elif isinstance(node, Negate):
        yield DiagnosisKind.TERM, f"It has {node.argument!r} where {node!r} is right.", node.argument


def _powers(node: Expr, quantities: Quantities) -> Iterator[Change]:
    if isinstance(node, Power):
        yield DiagnosisKind.FUNCTION, f"It has {node.base!r} where {node!r} is right.", node.base


def _functions(node: Expr, quantities: Quantities) -> Iterator[Change]:
    """A function or an inverse left out, a function taken for another, and a softmax along the other axis."""
    found: list[Expr] = []
    if isinstance(node, Apply):
        found.append(node.argument)
        if node.function.known and not node.function.order:
            others = [known_function(name) for name in ACTIVATIONS if name != node.function.name]
            found += [Apply(other, node.argument, node.shape) for other in others]
    elif isinstance(node, Inverse | PseudoInverse):
        found.append(node.argument)
    elif isinstance(node, Softmax):
        found += [node.argument, Apply(known_function("sigmoid"), node.argument, node.shape)]
        if ndim(node.shape) == 2:
            axis = "rows" if node.axis == "columns" else "columns"
            other = replace(node, axis=axis)
            text = f"The softmax is along the wrong axis: that of {node.argument!r} is to make each of the {node.axis} sum to 1."
            yield DiagnosisKind.FUNCTION, text, other
    for new in found:
        yield DiagnosisKind.FUNCTION, f"It has {new!r} where {node!r} is right.", new


SUM_WAYS: tuple[Way, ...] = (_summands, _powers, _functions)


# ---- derivatives of functions ----------------------------------------------------------------------------------------

# What may be taken for the derivative of a = f(z): those of sigmoid and tanh, and the value itself.
_TAKEN_FOR: tuple[Callable[[Expr], Expr], ...] = (
    lambda a: times(a, subtract(1, a)),
    lambda a: subtract(1, power(a, 2)),
    lambda a: a,
)


def derivatives_of_functions(right: Expr, quantities: Quantities) -> Iterator[tuple[int, Expr, Expr, Change]]:
    """The derivative of a function, f'(z) for a = f(z), left out or taken for another.

    Each with its number in the list of what it is taken for, the quantity a, and the node that it stands in.
    """
    nodes = list(postorder([right]))
    unnamed = (node for node in nodes if isinstance(node, Apply))
    for applied in (*quantities.values(), *unnamed):
        definition = applied.definition if isinstance(applied, Let) else applied
        if not isinstance(definition, Apply) or definition.function.order:
            continue
        prime = _prime(applied, definition)
        if prime is None:
            continue
        parts = flat(prime)
        for node in nodes:
            if isinstance(node, Hadamard) and all(part in flat(node) for part in parts):
                rest = tuple(part for part in flat(node) if part not in parts)
                changes = _others_for(node, rest, applied, definition, prime)
            elif node == prime and len(parts) == 1:
                changes = _others_for(node, (), applied, definition, prime)
            else:
                continue
            for number, change in changes:
                yield number, applied, node, change


def _others_for(
    node: Expr, rest: tuple[Expr, ...], applied: Expr, definition: Apply, prime: Expr
) -> Iterator[tuple[int, Change]]:
    without = joined(Hadamard, rest) if rest else Ones(node.shape)
    yield 0, (DiagnosisKind.MISSING_FACTOR, f"The factor {prime!r} is missing.", without)
    others = [taken(applied) for taken in _TAKEN_FOR]
    others += [Apply(known_function("step"), applied, prime.shape)]
    others += [replaced(prime, {applied: definition.argument})]
    others += [replaced(prime, {applied: Apply(definition.function, applied, applied.shape)})]
    others += [replaced(prime, {definition.argument: applied})]
    for number, other in enumerate(others, 1):
        if other != prime:
            text = f"It has {other!r} where {prime!r} is right: {_reminder(applied, definition)}."
            yield number, (DiagnosisKind.FUNCTION, text, joined(Hadamard, (*rest, other)))


def _reminder(applied: Expr, definition: Apply) -> str:
    name = f"{applied!r} = " if isinstance(applied, Let) else ""
    return f"that is the derivative of {name}{definition!r}"


def _prime(applied: Expr, definition: Apply) -> Expr | None:
    """The derivative of a function as it is written in derivatives, f'(z) or a ⊙ (1 - a); None where it is no such product."""
    z = Let("the argument", definition.argument, definition.shape)
    a = Let("the value", Apply(definition.function, z, definition.shape), definition.shape)
    try:
        found = Derivation(Sum(a), z, Layout.DENOMINATOR, Style.HADAMARD).result
    except MatcalcError:
        return None
    return replaced(found, {a: applied, z: definition.argument}) if found.shape == applied.shape else None


def superfluous_factors(right: Expr, quantities: Quantities) -> Iterator[tuple[Expr, Change]]:
    """A factor f'(z) where there is none, as after softmax with cross-entropy; each with the node that it is multiplied with."""
    extras = [
        taken(node)
        for node in quantities.values()
        if isinstance(node, Let) and isinstance(node.definition, Apply | Softmax)
        for taken in _TAKEN_FOR
    ]
    for node in _multiplied([right]):
        for extra in extras:
            if node.shape == extra.shape:
                text = f"The factor {extra!r} is one too many."
                yield node, (DiagnosisKind.FUNCTION, text, Hadamard(node, extra, node.shape))


def _multiplied(roots: Iterable[Expr]) -> Iterator[Expr]:
    """The roots and the factors of matrix products, where one more factor may stand."""
    roots = list(roots)
    found = dict.fromkeys(roots)
    for node in postorder(roots):
        if isinstance(node, MatMul):
            found.update(dict.fromkeys(part for part in flat(node) if part.shape))
    yield from found
