"""The data at which expressions are evaluated: `Data`, and `bind`, which makes them of what a user gives.

Values are 2-D float64 arrays: ``(1, 1)`` for a scalar, ``(n, 1)`` for a column, ``(1, n)`` for a row, ``(m, n)`` for a matrix.
Raw arrays of derivatives have one axis for each free index instead: none for a scalar, one for a column or row, two for a matrix.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from matcalc.errors import EvaluationError
from matcalc.language.assumed import relations_of, sizes_fit
from matcalc.language.elementwise import ElementwiseFunction, MapFunction, MatrixFunction
from matcalc.language.expressions import (
    Apply, ApplyMap, ApplyMatrixFunction, Commutation, Expr, Identity, Index, Let, MapDerivative, Ones, SizeNumber, Symbol, Zeros,
)  # fmt: skip
from matcalc.language.naming import Lookup, by_known_name
from matcalc.language.sizes import Dim, Shape, Size, ndim, rows_and_columns, shape_text
from matcalc.language.traversal import named, postorder, with_definition
from matcalc.language.unrolling import free_indices
from matcalc.numeric.arrays import Array as Array, Orders as Orders
from matcalc.numeric.assumed_data import broken, determinants
from matcalc.numeric.given import (
    UnknownFunction as UnknownFunction, dict_fault, form_of, given_orders, kind_of, same, size_fault, size_name, sizes_fault, unused,
)  # fmt: skip


@final
@dataclass(frozen=True, slots=True)
class Data:
    """Values of the roots, sizes and functions, each by plain name.

    Attributes:
        values: a 2-D array for each declared symbol.
        sizes: an int for each named size.
        functions: for each unknown function the callables of its orders, (f, f', f'', ...) or (u, du, d2u, ...).
    """

    values: Mapping[str, Array] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    functions: Mapping[str, Orders] = field(default_factory=dict)

    def extent(self, size: Size) -> int:
        """The number that a size is here.

        Raises:
            EvaluationError: nothing tells the size.
        """
        if isinstance(size, int):
            return size
        product = size.coefficient
        for name in size.names:
            if name not in self.sizes:
                raise EvaluationError(_untold(name))
            product *= self.sizes[name]
        return product

    def extents(self, shape: Shape) -> tuple[int, int]:
        """The number of rows and of columns that a shape has here."""
        rows, columns = rows_and_columns(shape)
        return self.extent(rows), self.extent(columns)


@final
@dataclass(frozen=True, slots=True)
class Point:
    """Data, and values that override those of some nodes: a `let` among them is varied without its definition."""

    data: Data
    given: Mapping[Expr, Array] = field(default_factory=dict)


def axes(shape: Shape, extents: tuple[int, int]) -> tuple[int, ...]:
    """The axes that an array of so many rows and columns has in a raw derivative: one for each free index."""
    rows, columns = extents
    return ((), (rows * columns,), (rows, columns))[ndim(shape)]


def short_text(node: Expr) -> str:
    """The node as a message names it, cut where it is long."""
    text = node.name if isinstance(node, Symbol | Let) else repr(node)
    return text if len(text) <= 100 else text[:97] + "..."


def _untold(name: str, beside: Iterable[str] = ()) -> str:
    """The sentence on a size that nothing tells; ``beside`` names what was given and does not occur in the expression."""
    outside = f"; {', '.join(beside)} was given, but is not part of the expression" if beside else ""
    return f'Nothing tells the size {name}: no array that was given has it{outside}. Give sizes={{"{name}": ...}}.'


def no_value(symbol: Symbol | Index) -> str:
    """The sentence on a declared symbol without a value."""
    kind = f" {symbol.shape}" if symbol.shape else ", a scalar" if isinstance(symbol, Symbol) else ", an index that no sum binds"
    return f"There is no value for {symbol.name}{kind}."


# ---- what the expressions need ---------------------------------------------------------------------------------------


def size_names(node: Expr) -> Iterable[str]:
    """The names of sizes that a node brings into an expression, in its own order."""
    entries: tuple[Size, ...] = ()
    if isinstance(node, Symbol | Ones | Zeros):
        entries = node.shape
    elif isinstance(node, SizeNumber | Identity):
        entries = (node.size,)
    elif isinstance(node, Commutation):
        entries = (node.rows, node.columns)
    elif isinstance(node, ApplyMap | MapDerivative):
        entries = node.function.shape
    return [name for entry in entries if isinstance(entry, Dim) for name in entry.names]


def unknown_functions(nodes: Iterable[Expr]) -> dict[str, UnknownFunction]:
    """The unknown functions that occur in the nodes, by name and in the order of their first occurrence.

    Raises:
        EvaluationError: one name stands for two functions.
    """
    found: dict[str, UnknownFunction] = {}
    faults: dict[str, None] = {}
    for node in nodes:
        if isinstance(node, Apply) and not node.function.known:
            function: UnknownFunction = ElementwiseFunction(node.function.name)
        elif isinstance(node, ApplyMap | MapDerivative):
            function = node.function
        elif isinstance(node, ApplyMatrixFunction) and not node.function.known:
            function = MatrixFunction(node.function.name)
        else:
            continue
        if found.setdefault(function.name, function) != function:
            faults[f"{function.name} stands for two functions: {kind_of(found[function.name])} and {kind_of(function)}."] = None
    if faults:
        raise EvaluationError(*faults)
    return found


def _orders_wanted(nodes: Iterable[Expr]) -> dict[str, int]:
    """The highest order in which each unknown function is written."""
    found: dict[str, int] = {}
    for node in nodes:
        if isinstance(node, Apply | ApplyMatrixFunction):
            order = node.function.order
        elif isinstance(node, ApplyMap | MapDerivative):
            order = len(node.wrt) if isinstance(node, MapDerivative) else 0
        else:
            continue
        found[node.function.name] = max(order, found.get(node.function.name, 0))
    return found


# ---- binding ---------------------------------------------------------------------------------------------------------


def bind(
    roots: Iterable[Expr],
    values: Mapping[Any, Any] | None,
    *,
    sizes: Mapping[Any, Any] | None = None,
    functions: Mapping[Any, Any] | None = None,
) -> Data:
    """The data for these expressions, checked against what is declared.

    Values are wanted for declared symbols only; a `let` is computed from its definition, and superfluous names are ignored.
    Sizes that only the value of an unknown map tells may be missing.

    Args:
        roots: the expressions that will be evaluated.
        values: arrays or numbers by name, plain or in LaTeX, or by symbol; a vector may be 1-D.
        sizes: ints by name or `Dim`, needed where no array tells them.
        functions: callables of the unknown functions by name, function or applied map: ``(f, f1, f2, ...)`` on arrays,
            ``(u, du, d2u, ...)`` on one 2-D array for each argument, or one callable for the function alone. A known elementwise
            function, itself or by name, may stand for an unknown one and gives all its orders.

    Raises:
        EvaluationError: with every fault that was found.
    """
    roots = list(roots)
    nodes = list(postorder(roots, with_definition))
    symbols: list[Symbol | Index] = [node for node in named(nodes).values() if isinstance(node, Symbol)]
    symbols += free_indices(roots)
    values, sizes, functions = ({} if given is None else given for given in (values, sizes, functions))
    _check_dicts(nodes, values, sizes, functions)
    faults: list[str] = []
    told = _Sizes(faults)
    known_sizes = Lookup((name for node in nodes for name in size_names(node)), sizes=True)
    by_size, twice = by_known_name(sizes, known_sizes, size_name, same)
    faults.extend(twice)
    for name, number in by_size.items():
        told.tell(name, number, "sizes=")
    quantities = [node.name for node in named(nodes).values() if isinstance(node, Let)]
    arrays = _bound_values(symbols, quantities, values, told, faults)
    _check_products(symbols, arrays, told, faults)
    _check_assumed([symbol for symbol in symbols if isinstance(symbol, Symbol) and symbol.assumed], arrays, told, faults)
    wanted = unknown_functions(nodes)
    by_maps = {n for f in wanted.values() if isinstance(f, MapFunction) for s in f.shape if isinstance(s, Dim) for n in s.names}
    needed = {n: None for node in nodes if not isinstance(node, Symbol) for n in size_names(node)}
    beside = [str(name) for name in _outside(values, [*(symbol.name for symbol in symbols), *quantities])]
    faults.extend(_untold(name, beside) for name in needed if name not in told.found and name not in by_maps)
    bound = _bound_functions(wanted, _orders_wanted(nodes), functions, faults)
    if faults:
        raise EvaluationError(*faults)
    return Data(arrays, {name: number for name, (number, _) in told.found.items()}, bound)


def _check_dicts(nodes: list[Expr], values: object, sizes: object, functions: object) -> None:
    symbols = [node.name for node in named(nodes).values() if isinstance(node, Symbol)][:2] or ["W", "x"]
    wanted = unknown_functions(nodes)
    form = form_of(next(iter(wanted.values()), ElementwiseFunction("f")), 1).partition("=")[2]
    faults = (
        dict_fault("values", values, "{" + ", ".join(f'"{name}": ...' for name in symbols) + "}"),
        sizes_fault(sizes, (name for node in nodes for name in size_names(node))),
        dict_fault("functions", functions, form),
    )
    if any(faults):
        raise EvaluationError(*filter(None, faults))


def _outside(values: Mapping[Any, Any], names: Iterable[str]) -> Iterable[str]:
    """The names of arrays that were given and do not occur."""
    given, _ = by_known_name(values, Lookup(names), _value_name, same)
    return [name for name in given if name not in names and np.ndim(given[name])]


def _value_name(key: Any) -> str:
    return key.name if isinstance(key, Symbol | Let) else str(key)


class _Sizes:
    """The sizes told so far, each with who told it."""

    def __init__(self, faults: list[str]) -> None:
        self.found: dict[str, tuple[int, str]] = {}
        self.faults = faults

    def tell(self, name: str, number: Any, source: str) -> None:
        fault = size_fault(name, number, source)
        if fault:
            self.faults.append(fault)
            return
        other, teller = self.found.setdefault(name, (int(number), source))
        if other != number:
            self.faults.append(f"{name} has two values: {other} by {teller} and {number} by {source}.")


def _bound_values(
    symbols: list[Symbol | Index], quantities: list[str], values: Mapping[Any, Any], told: _Sizes, faults: list[str]
) -> dict[str, Array]:
    names = Lookup([*(symbol.name for symbol in symbols), *quantities])
    given, twice = by_known_name(values, names, _value_name, same)
    faults.extend(twice)
    superfluous = given.keys() - {symbol.name for symbol in symbols} - set(quantities)
    missing = [symbol.name for symbol in symbols if symbol.name not in given]
    arrays: dict[str, Array] = {}
    for symbol in symbols:
        if symbol.name in missing:
            hint = unused(symbol.name, missing, superfluous, "value") or "Give one by its plain name."
            faults.append(f"{no_value(symbol)} {hint}")
            continue
        array = _array(symbol, given[symbol.name], faults)
        if array is None:
            continue
        arrays[symbol.name] = array
        source = f"{symbol.name} of shape {array.shape}"
        for entry, length in zip(rows_and_columns(symbol.shape), array.shape, strict=True):
            if isinstance(entry, Dim) and len(entry.names) == 1 and entry.coefficient == 1:
                told.tell(entry.names[0], length, source)
            elif isinstance(entry, int) and entry != length:
                faults.append(f"{symbol.name} is declared {shape_text(symbol.shape)}, what was given has shape {array.shape}.")
    return arrays


def _array(symbol: Symbol | Index, value: Any, faults: list[str]) -> Array | None:
    """The value as a 2-D float array of the declared kind, or None and a fault."""
    declared = f"{symbol.name} is declared {shape_text(symbol.shape)}"
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biufO":
            raise TypeError
        array = array.astype(np.float64)
    except (TypeError, ValueError):
        faults.append(f"{declared}, what was given is no array of real numbers: {value!r:.60}.")
        return None
    if not symbol.shape:
        fits = array.size == 1 and array.ndim <= 2
        shape: tuple[int, ...] = (1, 1)
    elif len(symbol.shape) == 1:
        fits = array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1)
        shape = (array.size, 1)
    elif symbol.shape[0] == 1:
        fits = array.ndim == 1 or (array.ndim == 2 and array.shape[0] == 1)
        shape = (1, array.size)
    else:
        fits, shape = array.ndim == 2, array.shape
    if not fits:
        faults.append(f"{declared}, what was given has shape {array.shape}.")
        return None
    return array.reshape(shape)


def _check_products(symbols: list[Symbol | Index], arrays: Mapping[str, Array], told: _Sizes, faults: list[str]) -> None:
    """Compare lengths with sizes that are products, such as 2 n, once the single sizes are known."""
    for symbol in symbols:
        if symbol.name not in arrays:
            continue
        for entry, length in zip(rows_and_columns(symbol.shape), arrays[symbol.name].shape, strict=True):
            if not isinstance(entry, Dim) or (len(entry.names) == 1 and entry.coefficient == 1):
                continue
            missing = [name for name in entry.names if name not in told.found]
            faults.extend(_untold(name) for name in missing)
            if not missing and Data(sizes={n: told.found[n][0] for n in entry.names}).extent(entry) != length:
                found = arrays[symbol.name].shape
                faults.append(f"{symbol.name} is declared {shape_text(symbol.shape)}, what was given has shape {found}.")


def _check_assumed(symbols: list[Symbol], arrays: Mapping[str, Array], told: _Sizes, faults: list[str]) -> None:
    """Compare values with what is assumed of them, and with relations between numbers, determinants and sizes."""
    if faults or not symbols:
        return
    for symbol in symbols:
        fault = broken(symbol, arrays[symbol.name])
        if fault is not None:
            faults.append(f"{symbol.name} is assumed {fault}, and what was given is not. Results are written with that assumption.")
    sizes = {name: number for name, (number, _) in told.found.items()}
    numbers = {**sizes, **{name: float(array[0, 0]) for name, array in arrays.items() if array.size == 1}}
    relations = relations_of(symbols)
    known = determinants(relations, arrays)
    for relation in relations:
        if relation.holds(numbers, known) is False:
            faults.append(f"{relation.text} is assumed, and what was given does not fit. Results are written with that assumption.")
    if not faults and all(name in sizes for symbol in symbols for name in size_names(symbol)) and not sizes_fit(symbols, (), sizes):
        named_ones = ", ".join(symbol.name for symbol in symbols)
        faults.append(f"What is assumed of {named_ones} needs other sizes than were given: orthonormal columns or full rank.")


def _bound_functions(
    wanted: Mapping[str, UnknownFunction], orders: Mapping[str, int], given: Mapping[Any, Any], faults: list[str]
) -> dict[str, Orders]:
    by_name, twice = by_known_name(given, Lookup(wanted), _function_name, same)
    faults.extend(twice)
    superfluous = by_name.keys() - wanted.keys()
    missing = [name for name in wanted if name not in by_name]
    bound: dict[str, Orders] = {}
    for name, function in wanted.items():
        if name in missing:
            hint = unused(name, missing, superfluous, "function") or f"Give {form_of(function, orders[name])}."
            faults.append(f"There is no function {name}, {kind_of(function)}. {hint}")
            continue
        callables = given_orders(function, by_name[name], faults)
        if callables is not None:
            bound[name] = callables
    return bound


def _function_name(key: Any) -> str:
    if isinstance(key, ApplyMap):
        return key.function.name
    return key.name if isinstance(key, ElementwiseFunction | MapFunction | MatrixFunction) else str(key)
