"""Options of the command that several subcommands share: those of a network, and which derivative of it is meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import click

from matcalc.errors import MatcalcError, near_name
from matcalc.language.expressions import Expr
from matcalc.language.model import Model
from matcalc.language.traversal import find_name
from matcalc.layout.conventions import Layout
from matcalc.networks import ACTIVATIONS, BATCHES, LOSSES, Network

Command: TypeAlias = Callable[..., None]


class Choice(click.Choice):  # type: ignore[type-arg]  # before click 8.2 it takes none
    """A choice that answers a mistyped value with the nearest one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            hint = near_name(str(value), [str(choice) for choice in self.choices])
            raise click.BadParameter(f"{error.message} {hint}".strip(), ctx=ctx, param=param) from None


def widths_given(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"{value!r}: positive ints separated by commas, input first, like 5,4,3,2.") from None


def _activation(ctx: click.Context, param: click.Parameter, value: str) -> str | list[str]:
    names = [name.strip() for name in value.split(",")]
    return names if len(names) > 1 else names[0]


def _sizes(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in value:
        name, sign, number = (part.strip() for part in text.partition("="))
        if not sign or not name or not number.isdecimal() or int(number) < 1:
            raise click.BadParameter(f"{text!r}: a size and its number, a positive int, like n_0=3.", param=param)
        if found.setdefault(name, int(number)) != int(number):
            raise click.BadParameter(f"{name} is given twice, as {found[name]} and as {number}: leave one out.", param=param)
    return found


NETWORK = (
    click.option("--widths", default="3,4,2", show_default=True, callback=widths_given, help="Widths of the layers, input first."),
    click.option(
        "--activation", default="f", show_default=True, callback=_activation,
        help=f"An unknown f, or one of {', '.join(ACTIVATIONS)}; or one a layer, separated by commas.",
    ),
    click.option("--loss", default="half_mse", show_default=True, help=f"One of {', '.join(LOSSES)}; or an unknown C."),
    click.option("--bias/--no-bias", default=True, show_default=True, help="Whether layers have a bias."),
    click.option("--batch", type=Choice(BATCHES), help="Samples as rows or as columns; without it, one sample."),
)  # fmt: skip

ASKED = (
    click.option("--model", "model", type=click.Path(path_type=Path), help="A model file in TOML, in place of a network."),
    click.option("--of", "of", default="C", show_default=True, metavar="NAME", help="The quantity that is derived."),
    click.option("--wrt", "-w", "wrt", default="W^(1)", show_default=True, metavar="NAME", help="The variable."),
)

LAYOUTS = click.option(
    "--layout", "-l", "layouts", type=Choice(["both", *(layout.value for layout in Layout)]), default="both", show_default=True,
    help="Which layout to show.",
)  # fmt: skip

SIZES = click.option(
    "--sizes", "-n", "sizes", multiple=True, callback=_sizes, metavar="NAME=NUMBER", help="A number for a size, like n_0=3; repeated."
)


def with_options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """A decorator that adds options, shown in that order."""

    def added(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return added


def network_option(command: Command) -> Command:
    """The options of a network."""
    return with_options(*NETWORK)(command)


def asked_options(command: Command) -> Command:
    """The options of a network or a model, and of one derivative in it."""
    return with_options(*NETWORK, *ASKED)(command)


def quantities(
    ctx: click.Context, widths: tuple[int, ...], activation: str | list[str], loss: str, bias: bool, batch: str | None,
    model: Path | None, of: str, wrt: str,
) -> tuple[Expr, Expr, dict[str, int]]:  # fmt: skip
    """The quantity, the variable, and the widths by name; of a model none.

    Raises:
        UsageError: options of a network beside a model.
        MatcalcError: the file is no model, or there is no such name.
    """
    if model is None:
        network = Network(widths, activation, loss, bias, batch)
        return find_name(of, [network.cost]), find_name(wrt, [network.cost]), dict(network.sizes)
    beside = [name for name in ("widths", "activation", "loss", "bias", "batch") if was_given(ctx, name)]
    if beside:
        raise click.UsageError(f"--{beside[0]} is of a network, and --model is another: leave one out.")
    found = Model.from_toml(model)
    return _of_model(found, of), _of_model(found, wrt), {}


def was_given(ctx: click.Context, name: str) -> bool:
    """Whether an option was written at the command line."""
    return ctx.get_parameter_source(name) not in (None, click.core.ParameterSource.DEFAULT)


def _of_model(model: Model, name: str) -> Expr:
    found = model[name]
    if not isinstance(found, Expr):
        raise MatcalcError(f"{name} is no quantity of the model.")
    return found
