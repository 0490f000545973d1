"""Walking through a SymPy expression: names, sizes and bound variables, and what has no counterpart, told with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, final

import sympy as sp

from matcalc.errors import DefinitionClashError, MatcalcError, UnsupportedError
from matcalc.language.building import lift, scalar
from matcalc.language.expressions import Expr
from matcalc.language.matrix_operations import index
from matcalc.language.naming import checked_name, plain
from matcalc.sympy_bridge.symbols import size_from_sympy

Place: TypeAlias = tuple[str, ...]
Row: TypeAlias = Callable[["Reader", Any, Place], Expr]

SIZED = sp.MatrixSymbol, sp.Identity, sp.ZeroMatrix, sp.OneMatrix
_MOST_SHOWN = 80


def shown(node: Any) -> str:
    """The text of a SymPy expression, shortened where it is long."""
    text = str(node)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


@final
class Reader:
    """One reading of a SymPy expression.

    Args:
        root: the whole expression; the symbols in its sizes and in the positions of its entries are told by it.
        rows: by type of SymPy node what it is in matcalc.
        ways_out: by type of SymPy node what to write in its place.
        sizes: names of symbols that are sizes though no array has them.
    """

    def __init__(self, root: Any, rows: Mapping[type, Row], ways_out: Mapping[type, str], sizes: Iterable[str] = ()) -> None:
        self._rows = rows
        self._ways_out = ways_out
        self._made: dict[Any, Expr] = {}
        self._bound: dict[Any, Expr] = {}
        self._names: dict[str, Any] = {}
        nodes = list(sp.preorder_traversal(root))
        told = {plain(name) for name in sizes}
        self._sizes = {s for node in nodes if isinstance(node, SIZED) for s in _free(node.shape)}
        self._sizes |= {node for node in nodes if isinstance(node, sp.Symbol) and node.name in told}
        entries = [node for node in nodes if isinstance(node, sp.matrices.expressions.matexpr.MatrixElement)]
        self._positions = {s for node in entries for s in _free(node.args[1:])} - self._sizes

    def read(self, node: Any, place: Place = ()) -> Expr:
        """What a node is in matcalc.

        Raises:
            UnsupportedError: it has no counterpart; the node and its place are told.
        """
        if node in self._bound:
            return self._bound[node]
        if node not in self._made:
            row = next((self._rows[kind] for kind in type(node).__mro__ if kind in self._rows), None)
            if row is None:
                raise self.fault(node, place)
            self._made[node] = row(self, node, place)
        return self._made[node]

    def parts(self, whole: Any, nodes: Iterable[Any], place: Place) -> list[Expr]:
        """What several parts of a node are; what is wrong with each of them is told at once."""
        made: list[Expr] = []
        faults: list[MatcalcError] = []
        for k, node in enumerate(nodes, 1):
            try:
                made.append(self.read(node, (f"argument {k} of {type(whole).__name__}", *place)))
            except MatcalcError as fault:
                faults.append(fault)
        if len(faults) == 1:
            raise faults[0]
        if faults:
            raise UnsupportedError("\n".join(dict.fromkeys(map(str, faults))))
        return made

    def part(self, whole: Any, node: Any, place: Place) -> Expr:
        """What one part of a node is."""
        return self.parts(whole, [node], place)[0]

    def fault(self, node: Any, place: Place, why: str = "") -> UnsupportedError:
        """The error for a node without a counterpart: its kind, its text, its place and the way out."""
        kind = type(node).__name__
        way_out = next((self._ways_out[each] for each in type(node).__mro__ if each in self._ways_out), "")
        where = f" ({', '.join(place)})" if place else ""
        claim = why or f"{kind} has no counterpart in matcalc."
        return UnsupportedError(f"{shown(node)}{where}: {claim}{' ' if way_out else ''}{way_out}")

    def named(self, node: Any) -> str:
        """The name of a SymPy symbol, which stands for nothing else here."""
        name = checked_name(str(node.name))
        other = self._names.setdefault(name, node)
        if other != node:
            raise DefinitionClashError(f"{name} has two meanings: {sp.srepr(other)} and {sp.srepr(node)}. Rename one of them.")
        return name

    def symbol(self, node: Any, place: Place) -> Expr:
        """A scalar symbol: a size where it is one of an array, an index where it counts entries, else a scalar."""
        if node in self._sizes:
            return lift(size_from_sympy(node, shown(node)))
        return index(self.named(node)) if node in self._positions else scalar(self.named(node))

    def with_bound(self, body: Any, values: Mapping[Any, Expr], place: Place) -> Expr:
        """A body in which bound variables have values; they are renamed, so that no other occurrence is touched."""
        renamed = {variable: sp.Dummy(variable.name, **variable.assumptions0) for variable in values}
        self._bound.update({renamed[variable]: value for variable, value in values.items()})
        return self.read(body.xreplace(renamed), place)

    def bind(self, variable: Any, value: Expr) -> None:
        """Give a variable that occurs nowhere else a value."""
        self._bound[variable] = value


def _free(sizes: Iterable[Any]) -> set[Any]:
    return {symbol for each in sizes if each is not None for symbol in sp.sympify(each).free_symbols}
