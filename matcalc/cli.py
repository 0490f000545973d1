"""The ``matcalc`` command."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from rich.console import Console
from rich.rule import Rule

from matcalc import __version__
from matcalc.demo import WIDTH, Demo
from matcalc.errors import MatcalcError, near_names
from matcalc.layout.conventions import Layout
from matcalc.networks import ACTIVATIONS, BATCHES, LOSSES, Network


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


def _widths(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"{value!r}: positive ints separated by commas, input first, like 5,4,3,2.") from None


def _activation(ctx: click.Context, param: click.Parameter, value: str) -> str | list[str]:
    names = [name.strip() for name in value.split(",")]
    return names if len(names) > 1 else names[0]


@commands.command()
@click.option("--widths", default="3,4,2", show_default=True, callback=_widths, help="Widths of the layers, input first.")
@click.option(
    "--activation", default="f", show_default=True, callback=_activation,
    help=f"An unknown f, or one of {', '.join(ACTIVATIONS)}; or one a layer, separated by commas.",
)  # fmt: skip
@click.option("--loss", default="half_mse", show_default=True, help=f"One of {', '.join(LOSSES)}; or an unknown C.")
@click.option("--bias/--no-bias", default=True, show_default=True, help="Whether layers have a bias.")
@click.option("--batch", type=click.Choice(BATCHES), help="Samples as rows or as columns; without it, one sample.")
@click.option(
    "--layout", "layouts", type=click.Choice(["both", *(layout.value for layout in Layout)]), default="both", show_default=True,
    help="Which layout to show.",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "latex"]), default="text", show_default=True, help="How to print.")
def demo(
    widths: tuple[int, ...], activation: str | list[str], loss: str, bias: bool, batch: str | None, layouts: str, form: str
) -> None:
    """Derive backpropagation of a network in both layouts and verify it.

    Prints the network, every factor with its shapes, the products with their shape check, the recursion for a general layer, how
    many orders of the factors fit and how many are right, and the verification. The exit code is 1 if anything fails to verify.
    """
    shown = Demo(Network(widths, activation, loss, bias, batch), tuple(Layout) if layouts == "both" else (Layout(layouts),))
    console = Console(width=WIDTH, highlight=False, soft_wrap=True)
    for section in shown.sections():
        if form == "latex":
            click.echo(f"\\section*{{{section.title}}}  % needs amsmath")
            click.echo("\n".join(section.latex))
        else:
            console.print(Rule(section.title, align="left", characters="-"))
            click.echo("\n".join(section.text).rstrip() + "\n")
    sys.exit(0 if shown.ok else 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; a wrong option is one line and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    try:
        commands.main(args=None if arguments is None else list(arguments), prog_name="matcalc", standalone_mode=False)
    except click.UsageError as error:
        _fail(error.format_message())
    except click.Abort:
        sys.exit(130)
    except MatcalcError as error:
        _fail(str(error))


def _fail(message: str) -> None:
    click.echo(f"matcalc: {' '.join(message.split())}", err=True)
    sys.exit(2)
