"""The ``matcalc`` command."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Sequence

import click
from rich.console import Console
from rich.rule import Rule

from matcalc import __version__
from matcalc.answers import Wanted, derivatives, second_derivatives
from matcalc.check_command import check
from matcalc.demo import WIDTH, Demo, Section
from matcalc.derive_command import json_text, latex_text, text_sections
from matcalc.derive_options import (
    FUNCTION_FORMS, SHAPE_FORMS, FormulaCommand, check_declared, formula_given, functions_given, shapes_given, variables_given, way_out,
)  # fmt: skip
from matcalc.differential_command import differential
from matcalc.errata_command import errata
from matcalc.errors import MatcalcError, near_names
from matcalc.figures_command import figures
from matcalc.language.asked import Declarations
from matcalc.language.reading.scope import FunctionLike
from matcalc.layout.conventions import Layout, Style
from matcalc.network_options import LAYOUTS, Choice, network_option
from matcalc.networks import Network
from matcalc.order_commands import COMMANDS
from matcalc.structured import Structure

SUBSTITUTED = "matcalc.substituted"
SUBSTITUTES = {"⊙": ".*", "⊘": "./", "⊗": "(x)", "·": "*", "Σ": "sum", "δ": "delta", "∂": "d", "∇": "grad ", "≠": "!="}


def _substituted(error: UnicodeError) -> tuple[str, int]:
    """Signs of the field that a terminal cannot show, written with those it can."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(SUBSTITUTES.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


codecs.register_error(SUBSTITUTED, _substituted)


class _Commands(click.Group):
    """Commands that answer a mistyped name with the nearest one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None:
            raise click.UsageError(f"There is no command {name!r}. {near_names(name, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(__version__, prog_name="matcalc")
@click.pass_context
def commands(ctx: click.Context) -> None:
    """Matrix calculus in numerator and denominator layout."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@commands.command()
@network_option
@LAYOUTS
@click.option("--format", "form", type=Choice(["text", "latex"]), default="text", show_default=True, help="How to print.")
def demo(
    widths: tuple[int, ...], activation: str | list[str], loss: str, bias: bool, batch: str | None, layouts: str, form: str
) -> None:
    """Derive backpropagation of a network in both layouts and verify it.

    Prints the network, every factor with its shapes, the products with their shape check, the recursion for a general layer, how
    many orders of the factors fit and how many are right, and the verification. The exit code is 1 if anything fails to verify.
    """
    shown = Demo(Network(widths, activation, loss, bias, batch), tuple(Layout) if layouts == "both" else (Layout(layouts),))
    if form == "latex":
        for section in shown.sections():
            click.echo(f"\\section*{{{section.title}}}  % needs amsmath")
            click.echo("\n".join(section.latex))
    else:
        _print_sections(shown.sections())
    sys.exit(0 if shown.ok else 1)


def _print_sections(sections: Iterable[Section]) -> None:
    console = Console(width=WIDTH, highlight=False, soft_wrap=True)
    for section in sections:
        console.print(Rule(section.title, align="left", characters="-"))
        click.echo("\n".join(section.text).rstrip() + "\n")


@commands.command(cls=FormulaCommand)
@click.argument("formula", nargs=-1)
@click.option(
    "--shape", "-s", "shapes", multiple=True, callback=shapes_given, metavar="NAME=SIZES", help=f"The shape of a name: {SHAPE_FORMS}."
)
@click.option("--wrt", "-w", multiple=True, metavar="NAME", help="The variable; of a Hessian one or two.")
@click.option(
    "--function", "-f", "functions", multiple=True, callback=functions_given, metavar="NAME=KIND", help=f"A function: {FUNCTION_FORMS}."
)
@click.option("--assume", multiple=True, metavar="TEXT", help='An assumption, as "A symmetric" or "y one-hot".')
@LAYOUTS
@click.option(
    "--style", type=Choice([style.value for style in Style]), default="hadamard", show_default=True, help="f'(z) ⊙ v, or diag(f'(z)) v."
)
@click.option(
    "--structured", type=Choice([str(each) for each in Structure]), default=None,
    help="The matrix --wrt is that; entry (i, j) is the derivative by the free entry there.",
)
@click.option("--hessian", is_flag=True, help="The second derivative of a scalar: rows by the first --wrt, columns by the second.")
@click.option("--steps", is_flag=True, help="Each step with its rule.")
@click.option("--index", is_flag=True, help="Also as a sum over indices.")
@click.option("--vec", is_flag=True, help="Also as the derivative by vec, with Kronecker products.")
@click.option("--verify/--no-verify", default=True, show_default=True, help="Compare with independent oracles at random data.")
@click.option("--format", "form", type=Choice(["text", "latex", "json"]), default="text", show_default=True, help="How to print.")
def derive(
    formula: tuple[str, ...], shapes: dict[str, str], wrt: tuple[str, ...], functions: dict[str, FunctionLike],
    assume: tuple[str, ...], layouts: str, style: str, structured: str | None, hessian: bool, steps: bool, index: bool, vec: bool,
    verify: bool, form: str,
) -> None:  # fmt: skip
    """Derive a formula in LaTeX by one of its names, in both layouts.

    Every name of the formula has a shape, of symbolic sizes or numbers. A formula given as - is read from the standard input.
    Quote the formula, and a shape with a space in it.

    \b
    Examples:
      matcalc derive '\\mathbf{x}^\\top A \\mathbf{x}' \\
        --shape x=n --shape "A=n n" --wrt x --steps
      matcalc derive '\\|\\mathbf{y} - X \\mathbf{w}\\|^2' \\
        -s y=N -s "X=N d" -s w=d -w w --hessian
      matcalc derive 'f(W x + b)' -s "W=m n" -s x=n -s b=m \\
        -f f=elementwise -w W -l numerator
      matcalc derive 'C(a)' -s x=n -f "a(x)=m" -f "C(a)=" -w x --format latex
      echo '\\ln \\det X' | matcalc derive - -s "X=n n" -w X --format json

    The exit code is 0 if all holds, 1 if something is not verified, 2 if the formula or an option cannot be read.
    """
    text = formula_given(formula)
    variables = variables_given(wrt, shapes, hessian)
    wanted = Wanted(steps, index, vec, verify, style, structured)
    if hessian and (vec or structured):
        raise click.UsageError("--vec and --structured are of a first derivative; a Hessian by a matrix is by its vec anyway.")
    declarations = Declarations(shapes, functions, None, assume)
    try:
        check_declared(text, variables, declarations)
        if hessian:
            answers = second_derivatives(text, variables, declarations, wanted)
        else:
            chosen = tuple(Layout) if layouts == "both" else (Layout(layouts),)
            answers = derivatives(text, variables[0], declarations, chosen, wanted)
    except MatcalcError as error:
        raise MatcalcError(f"{error}{way_out(error, text)}") from None
    if form == "text":
        _print_sections(list(text_sections(answers)))
    else:
        click.echo(json_text(answers) if form == "json" else latex_text(answers))
    sys.exit(0 if answers.ok else 1)


for _command in (*COMMANDS, differential, errata, check, figures):
    commands.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; a wrong option is one line and exit code 2, a formula that cannot be read is shown with its place."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, SUBSTITUTED), (sys.stderr, SUBSTITUTED)):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=errors)
    try:
        commands.main(args=None if arguments is None else list(arguments), prog_name="matcalc", standalone_mode=False)
    except click.NoSuchOption as error:
        _fail(_no_such_option(error))
    except click.UsageError as error:
        _fail(" ".join(error.format_message().split()))
    except click.Abort:
        sys.exit(130)
    except MatcalcError as error:
        _fail(str(error))


def _no_such_option(error: click.NoSuchOption) -> str:
    """What is said of an option that there is not; where it is the value of one, the option with that value."""
    said, name = error.format_message(), error.option_name.lstrip("-")
    options = error.ctx.command.params if error.ctx is not None else []
    for option in options:
        if isinstance(option.type, click.Choice) and name in option.type.choices:
            return f"No such option {error.option_name!r}. Write {max(option.opts, key=len)} {name}."
    minus = not error.option_name.startswith("--") and error.ctx is not None and error.ctx.info_name in ("derive", "differential")
    return f"{said}{' A formula that begins with a minus stands in brackets: (-x).' if minus else ''}"


def _fail(message: str) -> None:
    click.echo(f"matcalc: {message}", err=True)
    sys.exit(2)
