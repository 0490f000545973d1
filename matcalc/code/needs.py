"""What a program is given: the arrays, sizes and functions that expressions rest on, and where each size is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from matcalc.language.elementwise import ElementwiseFunction, MapFunction, MatrixFunction
from matcalc.language.expressions import (
    Apply, ApplyMap, ApplyMatrixFunction, Commutation, Expr, Identity, Index, MapDerivative, Ones, SizeNumber, Symbol, Zeros,
)  # fmt: skip
from matcalc.language.sizes import Dim, rows_and_columns
from matcalc.language.traversal import named, postorder, with_definition
from matcalc.language.unrolling import free_indices

UnknownFunction = ElementwiseFunction | MapFunction | MatrixFunction


@final
@dataclass(frozen=True, slots=True)
class Needs:
    """What expressions rest on.

    Attributes:
        symbols: declared symbols and free indices, in the order in which they occur.
        sizes: named sizes, in that order.
        told: for sizes that an array tells, the symbol and the axis.
        functions: unknown functions by name, each with the orders of derivatives that occur.
    """

    symbols: tuple[Symbol | Index, ...]
    sizes: tuple[str, ...]
    told: dict[str, tuple[Symbol, int]]
    functions: dict[str, tuple[UnknownFunction, tuple[int, ...]]]


def needs_of(roots: Iterable[Expr]) -> Needs:
    """What expressions rest on."""
    roots = list(roots)
    nodes = list(postorder(roots, with_definition))
    found = named(roots)
    symbols: list[Symbol | Index] = [node for node in found.values() if isinstance(node, Symbol)]
    told: dict[str, tuple[Symbol, int]] = {}
    for symbol in symbols:
        if isinstance(symbol, Symbol) and symbol.shape:
            for axis, entry in enumerate(rows_and_columns(symbol.shape)):
                if isinstance(entry, Dim) and len(entry.names) == 1 and entry.coefficient == 1:
                    told.setdefault(entry.names[0], (symbol, axis))
    sizes = dict.fromkeys(name for node in nodes for name in _size_names(node))
    return Needs((*symbols, *free_indices(roots)), tuple(sizes), told, _functions(nodes))


def _size_names(node: Expr) -> list[str]:
    entries = [*node.shape]
    if isinstance(node, SizeNumber | Identity):
        entries.append(node.size)
    elif isinstance(node, Commutation):
        entries += [node.rows, node.columns]
    elif isinstance(node, Symbol | Ones | Zeros | ApplyMap | MapDerivative):
        entries += node.shape
    return [name for entry in entries if isinstance(entry, Dim) for name in entry.names]


def _functions(nodes: Iterable[Expr]) -> dict[str, tuple[UnknownFunction, tuple[int, ...]]]:
    found: dict[str, UnknownFunction] = {}
    orders: dict[str, set[int]] = {}
    for node in nodes:
        if isinstance(node, Apply) and not node.function.known:
            function: UnknownFunction = ElementwiseFunction(node.function.name)
            order = node.function.order
        elif isinstance(node, ApplyMap | MapDerivative):
            function, order = node.function, len(node.wrt) if isinstance(node, MapDerivative) else 0
        elif isinstance(node, ApplyMatrixFunction) and not node.function.known:
            function, order = MatrixFunction(node.function.name), node.function.order
        else:
            continue
        found.setdefault(function.name, function)
        orders.setdefault(function.name, set()).add(order)
    return {name: (function, tuple(sorted(orders[name]))) for name, function in found.items()}
