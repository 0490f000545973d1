"""The command ``matcalc differential``: dC = tr(... dW ...), its identification in the layouts, and its verification.

The JSON holds ``of``, ``result`` (text, latex, shape), ``terms`` by variable, ``derivatives`` by layout and variable, ``steps`` (rule,
source, latex; null unless asked for), ``ok`` and the ``checks``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from matcalc.demo import wrapped
from matcalc.derive_options import (
    FUNCTION_FORMS, SHAPE_FORMS, FormulaCommand, check_declared, formula_given, functions_given, shapes_given, way_out,
)  # fmt: skip
from matcalc.differentials import Differential
from matcalc.differentials import differential as differential_of
from matcalc.errors import EvaluationError, MatcalcError
from matcalc.index.index_form import IndexForm
from matcalc.language.asked import Declarations
from matcalc.language.expressions import Expr
from matcalc.language.reading.scope import FunctionLike
from matcalc.layout.conventions import Layout
from matcalc.network_options import LAYOUTS, Choice
from matcalc.steps import Step


@click.command(cls=FormulaCommand)
@click.argument("formula", nargs=-1)
@click.option(
    "--shape", "-s", "shapes", multiple=True, callback=shapes_given, metavar="NAME=SIZES", help=f"The shape of a name: {SHAPE_FORMS}."
)
@click.option("--wrt", "-w", multiple=True, metavar="NAME", help="What changes; without it, every name.")
@click.option(
    "--function", "-f", "functions", multiple=True, callback=functions_given, metavar="NAME=KIND", help=f"A function: {FUNCTION_FORMS}."
)
@click.option("--assume", multiple=True, metavar="TEXT", help='An assumption, as "A symmetric" or "A constant".')
@LAYOUTS
@click.option("--steps", is_flag=True, help="Each step with its rule.")
@click.option("--verify/--no-verify", default=True, show_default=True, help="Compare with independent oracles at random data.")
@click.option("--format", "form", type=Choice(["text", "latex", "json"]), default="text", show_default=True, help="How to print.")
def differential(
    formula: tuple[str, ...], shapes: dict[str, str], wrt: tuple[str, ...], functions: dict[str, FunctionLike], assume: tuple[str, ...],
    layouts: str, steps: bool, verify: bool, form: str,
) -> None:  # fmt: skip
    """Write the differential of a formula in LaTeX, and the derivatives that it tells.

    Every name of the formula has a shape, of symbolic sizes or numbers. A formula given as - is read from the standard input.

    \b
    Examples:
      matcalc differential 'W x + b' -s "W=m n" -s x=n -s b=m
      matcalc differential '\\operatorname{tr}(A X)' -s "A=m n" -s "X=n m" -w X --steps
      matcalc differential 'f(W x)' -s "W=m n" -s x=n -f f=tanh -w W --format latex

    The exit code is 0 if all holds, 1 if something is not verified, 2 if the formula or an option cannot be read.
    """
    text = formula_given(formula)
    try:
        check_declared(text, wrt, Declarations(shapes, functions, None, assume))
        found = differential_of(text, wrt or None, shapes=shapes, functions=functions, assume=assume)
        chosen = tuple(Layout) if layouts == "both" else (Layout(layouts),)
        identified = {layout.value: found.identify(layout=layout.value) for layout in chosen}
        report = _verified(found) if verify else {"ok": True, "checks": []}
        shown = {"text": _text, "latex": _latex, "json": _json}[form](found, identified, report, steps)
    except MatcalcError as error:
        raise MatcalcError(f"{error}{way_out(error, text)}") from None
    click.echo(shown)
    sys.exit(0 if report["ok"] else 1)


def _verified(found: Differential) -> dict[str, Any]:
    try:
        report = found.verify()
    except EvaluationError as error:
        return {"ok": False, "checks": [{"oracle": "none", "found": f"not run: {error}"}]}
    return {"ok": report.ok, "checks": [{"oracle": each.oracle, "found": each.found} for each in report.checks]}


Identified = Mapping[str, Mapping[str, Step]]


def _text(found: Differential, identified: Identified, report: Mapping[str, Any], steps: bool) -> str:
    return "\n".join(_lines(found, identified, report, steps))


def _lines(found: Differential, identified: Identified, report: Mapping[str, Any], steps: bool) -> Iterator[str]:
    yield from wrapped(repr(found), "  ")
    for number, step in enumerate(found.steps if steps else (), 1):
        yield from wrapped(f"  {number}. {step.rule}", "     ")
    for layout, derivatives in identified.items():
        yield f"{layout.capitalize()} layout"
        for step in derivatives.values():
            yield from wrapped(f"  {step.before!r} = {step.after!r}", "    ")
            if steps:
                yield from wrapped(f"    by: {step.rule}", "      ")
    if report["checks"]:
        yield f"Verification: {'holds' if report['ok'] else 'NOT VERIFIED'}"
        for check in report["checks"]:
            yield from wrapped(f"  {check['oracle']:<11} {check['found']}", "    ")


def _latex(found: Differential, identified: Identified, report: Mapping[str, Any], steps: bool) -> str:
    rows = [found.latex().replace(" = ", " &= ", 1)]
    for derivatives in identified.values():
        rows += [f"{step.before.latex()} &= {step.after.latex()}" for step in derivatives.values()]
    notes = [f"% {step.rule}" for step in found.steps] if steps else []
    verdict = ["% verified" if report["ok"] else "% NOT VERIFIED"] if report["checks"] else []
    body = " \\\\\n".join(rows)
    return "\n".join(["% needs amsmath", *notes, "\\[", "\\begin{aligned}", body, "\\end{aligned}", "\\]", *verdict])


def _json(found: Differential, identified: Identified, report: Mapping[str, Any], steps: bool) -> str:
    data = {
        "of": _form(found.of),
        "result": _form(found.result),
        "terms": {name: _form(term) for name, term in found.terms.items()},
        "derivatives": {layout: {name: _form(step.after) for name, step in each.items()} for layout, each in identified.items()},
        "steps": _steps(found.steps) if steps else None,
        **report,
    }
    return json.dumps(data, indent=2, allow_nan=False)


def _form(form: Expr | IndexForm) -> dict[str, Any]:
    return {"text": repr(form), "latex": form.latex(), "shape": [entry if isinstance(entry, int) else str(entry) for entry in form.shape]}


def _steps(steps: Sequence[Step]) -> list[dict[str, str]]:
    return [{"rule": step.rule, "source": step.source, "latex": step.latex()} for step in steps]
