"""Walking through expressions without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import Any

from matcalc.errors import DefinitionClashError, UnknownNameError, near_names
from matcalc.language.expressions import (
    ApplyMap, Derivative, Entry, Expr, IndexedSum, Let, MapDerivative, MatrixPower, Symbol,
)  # fmt: skip
from matcalc.language.naming import Lookup, key_or_none
from matcalc.language.reading.names import Key
from matcalc.language.sizes import shape_text


def with_definition(node: Expr) -> tuple[Expr, ...]:
    """The operands of a node, a `let` counting as made of its definition and a derivative of its two quantities."""
    if isinstance(node, Let):
        return (node.definition,)
    return (node.of, node.by) if isinstance(node, Derivative) else node.operands


def postorder(roots: Iterable[Expr], operands: Callable[[Expr], tuple[Expr, ...]] = lambda e: e.operands) -> Iterator[Expr]:
    """Every different node once, operands before what is written of them."""
    done: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, expanded = stack.pop()
        if node in done:
            continue
        below = () if expanded else operands(node)
        if below:
            stack.append((node, True))
            stack += [(child, False) for child in below[::-1] if child not in done]
        else:
            done.add(node)
            yield node


def with_operands(node: Expr, operands: tuple[Expr, ...]) -> Expr:
    """The same node of other operands of the same shapes."""
    if operands == node.operands:
        return node
    values: dict[str, Any] = {f.name: getattr(node, f.name) for f in fields(node)}  # type: ignore[arg-type]
    if isinstance(node, ApplyMap | MapDerivative):
        values["arguments"] = operands
    else:
        names = [name for name in node.__match_args__ if isinstance(values[name], Expr)]
        values.update(zip(names, operands, strict=True))
    return type(node)(**values)


def replaced(root: Expr, replacements: dict[Expr, Expr]) -> Expr:
    """The expression with nodes replaced, from the top: what stands inside a replacement is left alone."""
    made: dict[Expr, Expr] = dict(replacements)
    for node in postorder([root], lambda e: () if e in replacements else e.operands):
        if node not in made:
            made[node] = with_operands(node, tuple(made[child] for child in node.operands))
    return made[root]


def named(roots: Iterable[Expr]) -> dict[str, Expr]:
    """Every symbol and `let` that the expressions rest on, by plain name, roots of the graph first.

    Raises:
        DefinitionClashError: one name has two definitions or two shapes.
    """
    found: dict[str, Expr] = {}
    for node in postorder(roots, with_definition):
        if isinstance(node, Symbol | Let):
            other = found.setdefault(node.name, node)
            if other != node and not same_symbol(other, node):
                raise clash(other, node)
    return found


def same_symbol(first: Expr, second: Expr) -> bool:
    """Whether two are one symbol, whatever is assumed of it."""
    return isinstance(first, Symbol) and isinstance(second, Symbol) and (first.name, first.shape) == (second.name, second.shape)


def clash(first: Expr, second: Expr) -> DefinitionClashError:
    """The error of two symbols or named quantities that have one name and different meanings."""
    assert isinstance(first, Symbol | Let)
    return DefinitionClashError(f"{first.name} has two meanings: {_meaning(first)} and {_meaning(second)}. Rename one of them.")


def _meaning(node: Expr) -> str:
    if isinstance(node, Let):
        return f"{node.name} = {node.definition!r}"
    return f"{node!r}, {shape_text(node.shape)}"


def find_name(name: str, roots: Iterable[Expr]) -> Expr:
    """The symbol or `let` of that name, plain or in LaTeX, in the expressions or declared where their text was read.

    Raises:
        UnknownNameError: there is none; it suggests near names.
    """
    roots = list(roots)
    names = {**{each: e for root in roots for each, e in root.declared.items()}, **named(roots)}
    found = Lookup(names).found(name)
    if found is None:
        key = key_or_none(name)
        raise UnknownNameError(f"Nothing here is named {name!r}. {near_names(key.plain if isinstance(key, Key) else name, names)}")
    return names[found]


def whole_number_parts(nodes: Iterable[Expr]) -> list[Expr]:
    """What has to be a whole number in those nodes: exponents of matrices, bounds of sums, positions of entries."""
    parts: list[Expr] = []
    for node in nodes:
        match node:
            case MatrixPower(exponent=exponent):
                parts.append(exponent)
            case IndexedSum(low=low, high=high):
                parts += [low, high]
            case Entry(row=row, column=column):
                parts += [row, column]
            case _:
                pass
    return parts
