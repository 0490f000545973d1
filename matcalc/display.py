"""What a notebook shows of factors, products, steps, orders, networks, models and proofs: tables with formulas in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

from matcalc.errors import MatcalcError
from matcalc.exact.equality import MOST_SHOWN, Counterexample, Proof
from matcalc.language.by_name import ByName
from matcalc.language.expressions import Expr, Let, Symbol
from matcalc.language.model import Model
from matcalc.language.operators import METHODS, register
from matcalc.language.sizes import Dim, Shape, Size
from matcalc.layout.certificate import Certificate
from matcalc.layout.conventions import Layout
from matcalc.layout.factors import Factor, Factors, Paths
from matcalc.layout.order_report import OrderRow, OrdersReport, OrderVerdict
from matcalc.layout.products import Product, Products, Reading
from matcalc.networks import Network
from matcalc.printing.names import latex_name, latex_size
from matcalc.printing.plain_latex import NO_SHAPES
from matcalc.printing.notebook import formula, judged, plain_formula, size_words, small, table, words

MOST_ROWS = 3  # arrangements that are shown of those that are right, and of those that are wrong
MOST_TRIED = 10**7  # arrangements among which wrong ones are sought for a table
LONG = 70  # letters of a formula in a wide cell
NEXT_LINE = r" \\ "
HEADS = tuple(f"{layout.value} layout" for layout in Layout)


def html(thing: Any) -> str:
    """What a notebook shows of a thing: the meaning of ``_repr_html_``."""
    return TABLES[type(thing)](thing)


# ---- chains ----------------------------------------------------------------------------------------------------------


def _factor(factor: Factor) -> str:
    return _factors([factor])


def _factors(factors: Iterable[Factor]) -> str:
    return table(map(_factor_row, factors), head=("", "entry by entry", *HEADS))


def _factor_row(factor: Factor) -> tuple[str, ...]:
    name = formula(factor.name(Layout.NUMERATOR).latex())
    return (name, formula(factor.index_form.latex(), 30), *(_in_layout(factor, layout) for layout in Layout))


def _in_layout(factor: Factor, layout: Layout) -> str:
    """The matrix, or what stands for it, and the shape."""
    told = []
    if factor.ndim <= 2:
        told.append(_or_why(lambda: factor.matrix(layout)))
    else:
        stand_in = f"{formula(factor.stand_in(layout).latex(), 36)} {small('stands in for it')}" if factor.has_stand_in else ""
        told += [stand_in, f"{_or_why(lambda: factor.vec_form(layout))} {small('by vec')}"]
    return "<br>".join(filter(None, [*told, size_words(factor.shape(layout))]))


def _or_why(make: Callable[[], Expr]) -> str:
    try:
        return formula(make().latex(), 36)
    except MatcalcError:
        return small("no matrix form")


def _paths(paths: Iterable[tuple[Factor, ...]]) -> str:
    listed = list(paths)
    if len(listed) == 1:
        return _factors(listed[0])
    return "".join(f"<div><b>path {number}</b></div>{_factors(path)}" for number, path in enumerate(listed, 1))


def _product(product: Product) -> str:
    """The factors from left to right with their shapes, and what they make."""
    by_vec = small("by vec") if product.reading is Reading.JACOBIAN else ""
    names = [f"{formula(factor.name(product.layout).latex())} {by_vec}" for factor in product.factors]
    matrices, shapes = ([show(part) for part in product.parts] for show in (lambda part: formula(part.latex(), 30), _size))
    rows = [("matrix", *matrices), ("shape", *shapes)]
    fits = all(joint.fits for joint in product.joints)
    joints = f"{words(', '.join(map(repr, product.joints)))}: " if product.joints else ""
    told = judged(fits, "the shapes fit") if product.joints else ""
    below = f"{formula(product.latex(), LONG)}<br>{small(f'{product.layout.value} layout')} {small(joints)}{small(told)}"
    return table(rows, head=("factor", *names), below=below)


def _size(part: Expr) -> str:
    return size_words(part.shape)


def _products(products: Iterable[Product]) -> str:
    return "".join(map(_product, products))


# ---- reasons ---------------------------------------------------------------------------------------------------------


def _certificate(found: Certificate) -> str:
    head = f"<b>{words(found.what, found.shapes)}: {'a path' if found.is_path else 'no path'}</b>"
    return f"<div>{head}{''.join(f'<p>{words(sentence, found.shapes)}</p>' for sentence in found.sentences)}</div>"


def _order_row(row: OrderRow, shapes: Mapping[str, Shape] = NO_SHAPES) -> tuple[str, ...]:
    return plain_formula(row.product, shapes), judged(row.verdict is OrderVerdict.RIGHT, row.verdict.value), words(row.reason, shapes)


def _row(row: OrderRow) -> str:
    return table([_order_row(row)])


def _orders(report: OrdersReport) -> str:
    """The counts, and the first arrangements of those that fit, right and wrong."""
    at = ", ".join(f"{name} = {number}" for name, number in report.sizes) or "general sizes"
    values = "of one value" if report.distinct_values == 1 else f"with {report.distinct_values:,} different values"
    counts = [
        (f"{report.arrangements:,}", "arrangements: orders of the factors with any transposes"),
        (f"{report.shape_consistent:,}", f"fit in shape, {values}"),
        (f"{report.right:,}", "have the right value"),
    ]
    shapes = report.network.shapes
    title = f"{plain_formula(' · '.join(report.factors), shapes)}, {report.layout.value} layout, {words(at)}"
    shown = table(_order_row(row, shapes) for row in _some_rows(report))
    return f"{table(counts, title=title)}{shown}"


def _some_rows(report: OrdersReport) -> Iterator[OrderRow]:
    right = report.ordering.right_arrangements()
    yield from (report.judged(arrangement) for arrangement in islice(right, min(MOST_ROWS, report.right)))
    if report.shape_consistent > report.right and report.arrangements <= MOST_TRIED:
        yield from (report.judged(arrangement) for arrangement in islice(report.ordering.wrong_arrangements(), MOST_ROWS))


# ---- quantities ------------------------------------------------------------------------------------------------------


def _quantity_row(node: Expr) -> tuple[str, ...]:
    definition = formula(node.definition.latex(), LONG) if isinstance(node, Let) else ""
    return formula(node.latex()), definition, size_words(node.shape)


def _network(network: Network) -> str:
    """The definitions, layer by layer, and the cost."""
    lets = [quantity for k in network.W for quantity in (network.z[k], network.a[k])]
    widths = ", ".join(f"{name} = {number}" for name, number in network.sizes.items())
    title = f"{network.depth} layer{'s' if network.depth > 1 else ''}, {words(widths)}"
    return table(map(_quantity_row, [*lets, network.cost]), head=("quantity", "definition", "shape"), title=title)


def _model(model: Model) -> str:
    symbols = ", ".join(f"${node.latex()}$ {size_words(node.shape)}" for node in model.symbols.values())
    shapes = {name: node.shape for name, node in (*model.symbols.items(), *model.definitions.items())}
    shapes |= {alias: shapes[of] for alias, of in model.aliases.items() if of in shapes}
    told = [f"given: {symbols}"] if symbols else []
    told += [f"also called: {words(', '.join(f'{name} = {of}' for name, of in model.aliases.items()), shapes)}"] if model.aliases else []
    told += [f"assumed: {words(', '.join(model.assumptions))}"] if model.assumptions else []
    return table(map(_quantity_row, model.definitions.values()), head=("quantity", "definition", "shape"), below="<br>".join(told))


def _by_name(values: ByName[Any, Any]) -> str:
    rows = [(_head(name, value, values.heads), *_value(value, by_name=name in values.heads)) for name, value in values.items()]
    told = (formula(f"{left.latex()} = {right.latex()}", LONG) for left, right in values.where.items())
    where = "".join(f"<div style='margin-top:.6em'>{each}</div>" for each in told)
    return table(rows, below=f"where {where}" if where else "")


def _head(name: Any, value: Any, heads: Mapping[Any, Expr]) -> str:
    if name in heads:
        return formula(f"{heads[name].latex()} =", 30)
    return formula(value.latex() if isinstance(value, Symbol | Let) else latex_name(str(name), ()))


def _value(value: Any, *, by_name: bool) -> tuple[str, str]:
    """What is shown of a value, a named one by its name or by its definition, and its shape; or the cells of what has two."""
    if isinstance(value, Let) and not by_name:
        return formula(value.definition.latex(), LONG), size_words(value.shape)
    if isinstance(value, Expr):
        return "" if isinstance(value, Symbol) else formula(value.latex(), LONG), size_words(value.shape)
    cells: tuple[str, str] = value.cells() if hasattr(value, "cells") else (formula(value.latex(), LONG), "")
    return cells


# ---- proofs ----------------------------------------------------------------------------------------------------------


def _proof(proof: Proof) -> str:
    ok = {"equal": True, "different": False}.get(proof.verdict)
    shown = "" if proof.counterexample is None else _counterexample(proof.counterexample)
    return f"<div>{judged(ok, f'{proof.verdict} ({proof.method})')}: {words(proof.reason)}</div>{shown}"


def _counterexample(found: Counterexample) -> str:
    rows = [(formula(latex_size(Dim((name,)))), str(number)) for name, number in found.sizes.items()]
    for name, values in found.values.items():
        small_enough = sum(map(len, values)) <= MOST_SHOWN
        shape: tuple[Size, ...] = (2, 2) if len(values) > 1 < len(values[0]) else (2,) if len(values) > 1 else ()
        shown = formula(_matrix(values)) if small_enough else f"{len(values)} x {len(values[0])} numbers"
        rows.append((formula(latex_name(name, shape)), shown))
    if found.functions:
        rows.append((words(", ".join(found.functions)), "random smooth functions, in <code>.functions</code>"))
    return table(rows)


def _matrix(values: Iterable[Iterable[float]]) -> str:
    rows = [[f"{value:.3g}" for value in row] for row in values]
    if len(rows) == len(rows[0]) == 1:
        return rows[0][0]
    lines = NEXT_LINE.join(" & ".join(row) for row in rows)
    return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"


TABLES: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        Factor: _factor,
        Factors: _factors,
        ByName: _by_name,
        Paths: _paths,
        Product: _product,
        Products: _products,
        Certificate: _certificate,
        OrderRow: _row,
        OrdersReport: _orders,
        Network: _network,
        Model: _model,
        Proof: _proof,
        Counterexample: _counterexample,
    }
)
register(METHODS, "html", html)
