"""Every single slip in a right form, and in the definitions that it rests on.

A slip in the right form is another expression; one in a definition is another value of a named quantity, and may be made in all
definitions of one build at once, as where all biases are forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, TypeAlias, final

from matcalc.gradient_check.edits import NAME_WAYS, PRODUCT_WAYS, Change, Quantities, Way, lowered
from matcalc.gradient_check.inner_edits import SUM_WAYS, derivatives_of_functions, superfluous_factors
from matcalc.gradient_check.report import DiagnosisKind
from matcalc.language.expressions import Expr, Hadamard, Let, MatMul, Symbol
from matcalc.language.traversal import postorder, replaced, with_definition

MOST_DEFINITIONS = 24
OFTEN = (DiagnosisKind.MISSING_FACTOR, DiagnosisKind.FUNCTION, DiagnosisKind.TERM, DiagnosisKind.TRANSPOSE)

Place: TypeAlias = tuple[Any, ...]


@final
@dataclass(frozen=True, slots=True)
class Slip:
    """The right form with a slip in it, or in a definition.

    Attributes:
        kind: what the slip is about.
        text: the slip in a sentence.
        changes: what stands in the right form, and what stands there instead; none for a slip in a definition.
        result: the right form then.
        definitions: named quantities with their other definitions, each before those that rest on it.
    """

    kind: DiagnosisKind
    text: str
    changes: tuple[tuple[Expr, Expr], ...]
    result: Expr
    definitions: tuple[tuple[Let, Expr], ...] = ()


def slips(right: Expr, quantities: Quantities) -> Iterator[Slip]:
    """Every single slip in a right form, then those in the definitions it rests on, and then names taken for others.

    Args:
        right: the right form.
        quantities: what there is, by plain name.
    """
    seen = {right}
    names = (_slip(right, node, change) for node, _, change in _edited(right, quantities, NAME_WAYS))
    for slip in chain(_in_form(right, quantities), _in_definitions(right, quantities), names):
        if slip.definitions or slip.result not in seen:
            seen.add(slip.result)
            yield slip


def _in_form(right: Expr, quantities: Quantities) -> Iterator[Slip]:
    alike: dict[int, dict[Expr, Slip]] = {}
    for number, applied, node, change in derivatives_of_functions(right, quantities):
        slip = _slip(right, node, change)
        alike.setdefault(number, {}).setdefault(applied, slip)
        yield slip
    for found in alike.values():
        if len(found) > 1:
            yield from _everywhere(right, found)
    for node, _, change in _edited(right, quantities, (*PRODUCT_WAYS, *SUM_WAYS)):
        yield _slip(right, node, change)
    for node, change in superfluous_factors(right, quantities):
        yield _slip(right, node, change)


def _slip(right: Expr, node: Expr, change: Change) -> Slip:
    kind, text, new = change
    return Slip(kind, text, ((node, new),), replaced(right, {node: new}))


def _everywhere(right: Expr, found: Mapping[Expr, Slip]) -> Iterator[Slip]:
    """One slip made in the derivatives of all functions."""
    first, *others = found.values()
    made: Slip | None = first
    for other in others:
        made = None if made is None else both(right, made, other)
    if made is not None:
        names = ", ".join(map(repr, list(found)[1:]))
        yield replace(made, kind=first.kind, text=f"{first.text} Likewise for {names}.")


def _edited(root: Expr, quantities: Quantities, ways: Sequence[Way]) -> Iterator[tuple[Expr, Place, Change]]:
    """Changes of each node, with their place, which is the same in expressions of one build."""
    nodes = list(postorder([root]))
    inner = {operand for node in nodes if isinstance(node, MatMul | Hadamard) for operand in node.operands if type(operand) is type(node)}
    for position, node in enumerate(nodes):
        for number, way in enumerate(() if node in inner else ways):
            for which, change in enumerate(way(node, quantities)):
                yield node, (position, number, which), change


# ---- definitions -----------------------------------------------------------------------------------------------------


def _in_definitions(right: Expr, quantities: Quantities) -> Iterator[Slip]:
    lets = [node for node in postorder([right], with_definition) if isinstance(node, Let)][:MOST_DEFINITIONS]
    alike: dict[Place, list[tuple[Let, Slip]]] = {}
    for let in lets:
        build = tuple("name" if isinstance(node, Symbol | Let) else type(node).__name__ for node in postorder([let.definition]))
        for node, place, (kind, text, new) in _edited(let.definition, quantities, (*PRODUCT_WAYS, *SUM_WAYS)):
            if _rests_on(new, let):
                continue
            definition = replaced(let.definition, {node: new})
            told = f"In {let.name}: {lowered(text)}"
            slip = Slip(kind, told, (), right, ((let, definition),))
            alike.setdefault((build, *place), []).append((let, slip))
            yield slip
    for found in alike.values():
        if len(found) > 1:
            first = found[0][1]
            others = ", ".join(let.name for let, _ in found[1:])
            definitions = tuple(entry for _, slip in found for entry in slip.definitions)
            yield replace(first, text=f"{first.text} Likewise in {others}.", definitions=definitions)


def _rests_on(expression: Expr, let: Let) -> bool:
    """Whether a quantity would be defined by itself."""
    return any(node == let for node in postorder([expression], with_definition))


# ---- two slips -------------------------------------------------------------------------------------------------------


def both(right: Expr, first: Slip, second: Slip) -> Slip | None:
    """Two slips at once; None where they exclude each other."""
    if first.definitions and second.definitions:
        return None
    changes = first.changes + second.changes
    if len(dict(changes)) < len(changes):
        return None
    result = _changed(right, changes)
    if result in (first.result, second.result) and changes not in (first.changes, second.changes):
        return None
    kind = first.kind if first.changes or not second.changes else second.kind
    return Slip(kind, f"{first.text} And {lowered(second.text)}", changes, result, first.definitions + second.definitions)


def _changed(root: Expr, changes: Sequence[tuple[Expr, Expr]]) -> Expr:
    """The form with all changes, the inner ones made in what the outer ones leave of it."""
    inside = {below for node, _ in changes for operand in node.operands for below in postorder([operand])}
    outermost = [node for node, _ in changes if node not in inside]
    made = {
        node: _changed(new, [change for change in changes if change[0] not in outermost]) for node, new in changes if node in outermost
    }
    return replaced(root, made) if made else root
