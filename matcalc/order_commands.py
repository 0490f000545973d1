"""The commands about the order of factors: ``matcalc orders | compare | costs | explain``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import click

from matcalc.chain_costs import costs as costs_of
from matcalc.comparison import compare_layouts
from matcalc.explanation import explain as explanation_of
from matcalc.language.sizes import Dim
from matcalc.layout.arrangements import Matrix
from matcalc.layout.conventions import Layout
from matcalc.layout.order_report import OrdersReport
from matcalc.network_options import LAYOUTS, SIZES, Choice, asked_options, quantities, with_options
from matcalc.orders import orders as orders_of
from matcalc.printing.html_formulas import with_formulas_set

FORM = click.option("--format", "form", type=Choice(["text", "latex", "html"]), default="text", show_default=True, help="How to print.")
ROWS_SHOWN = 8


@click.command()
@asked_options
@with_options(
    LAYOUTS, SIZES,
    click.option("--reading", type=Choice(["stand-in", "jacobian"]), default="stand-in", show_default=True, help="How dz/dW is taken."),
    click.option("--rows", type=click.IntRange(0), default=ROWS_SHOWN, show_default=True, help="How many to judge one by one."),
)  # fmt: skip
@click.pass_context
def orders(ctx: click.Context, /, layouts: str, sizes: dict[str, int], reading: str, rows: int, **asked: Any) -> None:
    """Count the orders of the factors that fit in shape and those that are right.

    Without --sizes, at general sizes and at the widths of the network. Then the first arrangements that fit, each with its verdict and
    why.

    \b
    Examples:
      matcalc orders --widths 3,3,3 --wrt x --layout denominator
      matcalc orders --wrt x -n n_0=2 -n n_1=3 -n n_2=3
      matcalc orders --model examples/two_layers.toml --of C --wrt x
    """
    of, wrt, widths = quantities(ctx, **asked)
    chosen = tuple(Layout) if layouts == "both" else (Layout(layouts),)
    pages = []
    for layout in chosen:
        reports = [orders_of(of, wrt, layout=layout.value, sizes=sizes or None, reading=reading)]
        at = {} if sizes else _of_chain(widths, reports[0].general.matrices)
        if at:
            reports.append(orders_of(of, wrt, layout=layout.value, sizes=at, reading=reading))
        pages.append("\n".join([*map(repr, reports), *_rows(reports[-1], rows)]))
    click.echo("\n\n".join(pages))


def _of_chain(widths: dict[str, int], matrices: Sequence[Matrix]) -> dict[str, int]:
    """The widths of those sizes that the factors have."""
    names = {name for m in matrices for entry in (m.rows, m.columns) if isinstance(entry, Dim) for name in entry.names}
    return {name: width for name, width in widths.items() if name in names}


def _rows(report: OrdersReport, count: int) -> Iterator[str]:
    for row in islice(report.rows, count):
        yield f"  {row!r}".replace("\n", "\n  ")
    if count and report.shape_consistent > count:
        yield f"  ... and {report.shape_consistent - count:,} more that fit."


@click.command()
@asked_options
@with_options(FORM)
@click.pass_context
def compare(ctx: click.Context, /, form: str, **asked: Any) -> None:
    """Show both layouts of a derivative side by side, the reversal, and the mixed layout of most texts.

    \b
    Examples:
      matcalc compare --widths 2,3,5 --wrt x
      matcalc compare --model examples/two_layers.toml --of C --wrt 'W^(2)' \\
        --format latex
    """
    of, wrt, _ = quantities(ctx, **asked)
    _echo(compare_layouts(of, wrt), form)


@click.command()
@asked_options
@with_options(SIZES, click.option("--measure", is_flag=True, help="Also the time each bracketing takes in NumPy."))
@click.pass_context
def costs(ctx: click.Context, /, sizes: dict[str, int], measure: bool, **asked: Any) -> None:
    """Count the multiplications of each bracketing of the product, in both layouts.

    At the widths of the network, unless --sizes gives others; of a model as formulas, unless --sizes gives numbers.

    \b
    Examples:
      matcalc costs --widths 784,512,8 --wrt x
      matcalc costs --model examples/two_layers.toml --of C --wrt x
    """
    of, wrt, widths = quantities(ctx, **asked)
    report = costs_of(of, wrt, sizes=sizes or None)
    at = {} if sizes else _of_chain(widths, report.matrices)
    report = costs_of(of, wrt, sizes=at) if at else report
    click.echo(repr(report))
    if measure:
        for (mode, layout), seconds in report.measured().items():
            click.echo(f"  {layout:<12} {mode:<8} {seconds:.2e} s")


@click.command()
@asked_options
@with_options(FORM)
@click.pass_context
def explain(ctx: click.Context, /, form: str, **asked: Any) -> None:
    """Explain the order of the factors of a derivative on one page: is there a rule?

    The exit code is 1 if the derivative fails to verify.

    \b
    Examples:
      matcalc explain --widths 2,3,5 --wrt x
      matcalc explain --model examples/two_layers.toml --of C --wrt 'W^(2)' \\
        --format html
    """
    of, wrt, _ = quantities(ctx, **asked)
    page = explanation_of(of, wrt)
    _echo(page, form)
    sys.exit(1 if page.ok is False else 0)


def _echo(shown: Any, form: str) -> None:
    made = {"text": shown.__repr__, "latex": shown.latex, "html": shown.html}[form]()
    click.echo(with_formulas_set(made) if form == "html" else made)


COMMANDS = (orders, compare, costs, explain)
