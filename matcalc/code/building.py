"""Programs made of expressions."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.code.identifiers import Identifiers, identifier
from matcalc.code.needs import Needs, UnknownFunction, needs_of
from matcalc.code.program import Argument, Program, Read
from matcalc.code.statements import in_order, statements
from matcalc.code.node_rules import translated
from matcalc.language.elementwise import MapFunction, MatrixFunction
from matcalc.language.expressions import Expr
from matcalc.language.sizes import Shape, Size, rows_and_columns

LARGE = 1000  # what a size counts for, where no number is told: brackets are then set so that vectors are multiplied first


def program_of(results: Mapping[str | None, Expr], name: str, title: str, sizes: Mapping[str, int]) -> Program:
    """The program that computes expressions.

    Args:
        results: the expressions by their keys; a single one without a key is returned alone.
        name: of the function.
        title: first line of its docstring.
        sizes: numbers by the names of sizes, by which brackets are chosen.
    """
    needs = needs_of(results.values())
    orders = {each: orders for each, (_, orders) in needs.functions.items()}
    names = Identifiers(needs.symbols, needs.sizes, orders)
    translation = translated(results.values(), names, lambda size: extent(size, sizes))
    codes = {key: translation.full(translation.of(expr)) for key, expr in results.items()}
    made = statements(list(codes.values()), names.numbered())
    found = [(key, code, _array_text(results[key].shape)) for key, code in codes.items()]
    reads = [Read(names.sizes[size], names.arguments[symbol], axis) for size, (symbol, axis) in needs.told.items() if size in names.sizes]
    used = {code.data for code in in_order(codes.values()) if code.operation == "size"}
    return Program(identifier(name), title, arguments(needs, names, used, needs.functions), reads, made, found)


def extent(size: Size, sizes: Mapping[str, int]) -> int:
    """The number that a size counts for."""
    if isinstance(size, int):
        return size
    product = size.coefficient
    for name in size.names:
        product *= sizes.get(name, LARGE)
    return product


def arguments(
    needs: Needs, names: Identifiers, used: set[str], functions: Mapping[str, tuple[UnknownFunction, tuple[int, ...]]]
) -> list[Argument]:
    """Arrays and scalars, then the sizes that are used and no array tells, then the unknown functions."""
    found = []
    for symbol in needs.symbols:
        kind = "array" if symbol.shape else "scalar"
        shape = rows_and_columns(symbol.shape) if symbol.shape else ()
        found.append(Argument(names.arguments[symbol], symbol.name, kind, shape, _array_text(symbol.shape)))
    for size in needs.sizes:
        if size not in needs.told and names.sizes[size] in used:
            found.append(Argument(names.sizes[size], size, "size", (), "a size, an int"))
    for name, (function, orders) in functions.items():
        for order in orders:
            written = name + "'" * order
            found.append(Argument(names.of_function(name, order), written, "function", (), _function_text(function, order)))
    return found


def _array_text(shape: Shape) -> str:
    if not shape:
        return "a number or an array without axes"
    rows, columns = rows_and_columns(shape)
    return f"an array of shape ({rows}, {columns})"


def _function_text(function: object, order: int) -> str:
    which = "" if order == 0 else f"the derivative of order {order} of "
    if isinstance(function, MapFunction):
        shapes = ", ".join(_argument_text(shape) for shape in function.argument_shapes)
        if order == 0:
            return f"a function of {shapes} that gives {_argument_text(function.shape)}"
        several = f"; at each level a tuple of {len(function.argument_shapes)}" if len(function.argument_shapes) > 1 else ""
        return f"{which}{function.name}, an array with axes (output..., input...), a vector having one axis{several}"
    if isinstance(function, MatrixFunction):
        return f"{which}a function of a square matrix"
    return f"{which}a function applied to each entry"


def _argument_text(shape: Shape) -> str:
    return "a scalar" if not shape else f"({', '.join(map(str, rows_and_columns(shape)))})"
