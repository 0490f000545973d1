"""Names as Python writes them: each argument, size, function and named quantity gets an identifier, all different."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import final

from matcalc.code.helpers import HELPERS
from matcalc.language.expressions import Index, Symbol

RESERVED = frozenset(("xp", "sum", "range", "int", "sys", "numpy", *HELPERS, *keyword.kwlist))


def identifier(name: str) -> str:
    """The plain name as an identifier: ``W^(1)`` is W_1, ``dC/dz`` is dC_dz, ``f'`` is f_prime.

    Example:
        >>> identifier("W^(1)"), identifier("dC/dz^(L-1)"), identifier("lambda"), identifier("2")
        ('W_1', 'dC_dz_L_minus_1', 'lambda_', '_2')
    """
    text = name.replace("'", "_prime").replace("-", "_minus_").replace("+", "_plus_").replace("*", "_star")
    text = re.sub(r"\W+", "_", text).strip("_") or "_"
    text = re.sub(r"__+", "_", text)
    if not text.isidentifier():
        text = f"_{text}"
    return f"{text}_" if text in RESERVED else text


@final
class Identifiers:
    """Identifiers that do not clash, given in the order: arguments, sizes, functions, then names as they come."""

    def __init__(self, arguments: Iterable[Symbol | Index], sizes: Iterable[str], functions: Mapping[str, tuple[int, ...]]) -> None:
        self._taken: set[str] = set()
        self._lets: dict[str, str] = {}
        self._indices: dict[Index, str] = {}
        self.arguments: dict[Symbol | Index, str] = {symbol: self.fresh(symbol.name) for symbol in arguments}
        self.sizes: dict[str, str] = {name: self.fresh(name, "size") for name in sizes}
        self.functions: dict[tuple[str, int], str] = {
            (name, order): self.fresh(_function_name(identifier(name), order)) for name, orders in functions.items() for order in orders
        }

    def fresh(self, name: str, kind: str = "") -> str:
        """A new identifier for a name; where it is taken, with what it is of or a number behind it."""
        base = identifier(name)
        made = base
        if made in self._taken and kind:
            made = base = f"{base}_{kind}"
        number = 2
        while made in self._taken:
            made, number = f"{base}_{number}", number + 1
        self._taken.add(made)
        return made

    def of_let(self, name: str) -> str:
        if name not in self._lets:
            self._lets[name] = self.fresh(name)
        return self._lets[name]

    def of_index(self, index: Index) -> str:
        if index in self.arguments:
            return self.arguments[index]
        if index not in self._indices:
            self._indices[index] = self.fresh(index.name)
        return self._indices[index]

    def of_function(self, name: str, order: int) -> str:
        return self.functions[name, order]

    def numbered(self) -> Iterator[str]:
        """Identifiers for what has no name: t1, t2, ..."""
        number = 1
        while True:
            if f"t{number}" not in self._taken:
                yield f"t{number}"
            number += 1


def _function_name(name: str, order: int) -> str:
    """f, df, d2f, ..."""
    return name if order == 0 else f"d{name}" if order == 1 else f"d{order}{name}"
