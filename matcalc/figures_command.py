"""The command ``matcalc figures``: every kind of figure of one derivative, in files, with a page that explains each."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import click

from matcalc.derivation import Derivation, derive
from matcalc.errors import MatcalcError, near_name
from matcalc.factor_lists import resolved, sizes_in
from matcalc.language.expressions import Expr
from matcalc.language.operators import named_in
from matcalc.language.sizes import Dim, Shape
from matcalc.layout.conventions import Layout
from matcalc.network_options import SIZES, Choice, asked_options, quantities, was_given, with_options
from matcalc.networks import Network

FORMATS = ("svg", "png", "pdf")
STYLES = ("paper", "slide")
PAGE = "README.md"
WIDTH_OF_ALL = 3  # in the landscape of orders: where all sizes are the same, many orders fit
WITHOUT_SIZES = ("index_network", "order_landscape")  # which has no lengths, and which has sizes of its own
WITH_ENTRIES = ("jacobian_heat_maps", "cube")  # in which each entry is seen
AT_OWN_SIZES = "At the sizes asked for it has too many entries to be seen, so it is drawn at small sizes of its own."
WRONG_ORDER = "shape_blocks_wrong_order"
OF_A_WRONG_ORDER = (
    "The same factors with two neighbours exchanged, and the verdict on that order. A red joint shows two sizes that meet and differ, so "
    "there is no product. All joints may be green in an order that is wrong all the same, where sizes are the same."
)


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """A figure of the gallery.

    Attributes:
        name: of its files, without the ending.
        kind: of which kind it is.
        draws: makes it.
        shows: what is to be seen in it.
        call: how it is made in Python, ``d`` being the derivation.
        instead: what is drawn where this cannot be.
    """

    name: str
    kind: str
    draws: Callable[[], Any]
    shows: str
    call: str
    instead: Entry | None = None


@final
@dataclass(frozen=True, slots=True)
class Made:
    """An entry that was drawn: its files, or why it could not be."""

    entry: Entry
    said: str
    files: tuple[str, ...]
    why_not: str = ""


def _formats(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip().lower().removeprefix(".") for part in value.split(",")))
    for form in found:
        if form not in FORMATS:
            near = near_name(form, FORMATS)
            raise click.BadParameter(" ".join(filter(None, [f"{form!r}: one or more of {', '.join(FORMATS)}, like svg,png.", near])))
    return found


@click.command()
@click.option("--out", "-o", type=click.Path(path_type=Path), default="figures", show_default=True, help="The folder for the files.")
@asked_options
@with_options(
    click.option(
        "--layout", "-l", type=Choice([layout.value for layout in Layout]), default="denominator", show_default=True,
        help="The layout; some figures show both.",
    ),
    SIZES,
    click.option("--style", type=Choice(STYLES), default="paper", show_default=True, help="Sizes of text and lines."),
    click.option("--format", "forms", default="svg", show_default=True, callback=_formats, help="svg, png, pdf, with commas between."),
    click.option("--only", multiple=True, metavar="KIND", help="Only this kind of figure; repeated."),
)  # fmt: skip
@click.pass_context
def figures(
    ctx: click.Context, /, out: Path, layout: str, sizes: dict[str, int], style: str, forms: tuple[str, ...], only: tuple[str, ...],
    **asked: Any,
) -> None:  # fmt: skip
    """Draw every kind of figure of a derivative, and write a page that shows and explains each.

    The files are named by their kinds; the page is README.md. The animation is always a GIF.

    All are drawn at the widths and sizes asked for, but index_network, which has no lengths, and order_landscape, where all
    sizes are 3, so that many orders fit. Heat maps and cubes that would have too many entries are drawn at small sizes of
    their own; the page says where.

    \b
    Examples:
      matcalc figures --out figures/ --widths 2,3,5
      matcalc figures -o slides --style slide --format png,pdf \\
        --only shape_blocks --only layouts_mirrored
      matcalc figures --model examples/two_layers.toml --of C --wrt x

    The exit code is 0 if all are drawn, 1 if one cannot be drawn of this derivative, 2 if something cannot be read or written.
    """
    of, wrt, widths = quantities(ctx, **asked)
    kinds = _kinds(only)
    d = derive(of, wrt, layout=layout)
    network = None if asked["model"] else Network(*(asked[name] for name in ("widths", "activation", "loss", "bias", "batch")))
    entries = [entry for entry in _entries(d, network, {**widths, **sizes}, style) if entry.kind in kinds]
    try:
        out.mkdir(parents=True, exist_ok=True)
        made = [_made(entry, out, forms) for entry in entries]
        defined = list(_of_network(network, d) if network else _of_model(asked["model"], asked["of"], asked["wrt"], layout))
        (out / PAGE).write_text("\n".join(_page(ctx, d, defined, made)), encoding="utf-8")
    except OSError as error:
        raise MatcalcError(f"{error.filename}: it cannot be written: {error.strerror}.") from None
    sys.exit(0 if all(each.files for each in made) else 1)


def _kinds(only: Sequence[str]) -> Sequence[str]:
    """The kinds that are asked for, all without a wish."""
    known = tuple(named_in("matcalc.figures.kinds", "KINDS"))
    for name in only:
        if name not in known:
            listed = f"Kinds: {', '.join(known)}."
            raise click.UsageError(" ".join(filter(None, [f"There is no figure {name!r}.", near_name(name, known), listed])))
    return only or known


def _entries(d: Derivation, network: Network | None, sizes: dict[str, int], style: str) -> Iterator[Entry]:
    """The figures of the gallery, each of the derivation, that of the graph of the network where there is one."""
    for name, kind in named_in("matcalc.figures.kinds", "KINDS").items():
        thing: Any = network if name == "computation_graph" and network is not None else d
        known = _names_of_sizes([network.cost] if thing is network else [d.of, d.wrt])
        own = {key: number for key, number in sizes.items() if key in known}
        plain: dict[str, Any] = {"style": style}
        options = {**plain, "sizes": own} if own and name not in WITHOUT_SIZES else plain
        if name == "order_landscape":
            options = {**plain, "sizes": dict.fromkeys(known, WIDTH_OF_ALL)}
        call = _call(name, options, thing is network)
        small = Entry(name, name, _drawing(kind.draws, thing, plain), f"{kind.shows} {AT_OWN_SIZES}", _call(name, plain, thing is network))
        instead = small if name in WITH_ENTRIES and options != plain else None
        yield Entry(name, name, _drawing(kind.draws, thing, options), kind.shows, call, instead)
        if name == "shape_blocks" and (order := _wrong_order(d, own)) is not None:
            ordered = {"order": order, **options}
            yield Entry(WRONG_ORDER, name, _drawing(kind.draws, d, ordered), OF_A_WRONG_ORDER, _call(name, ordered, False))


def _call(name: str, options: dict[str, Any], of_network: bool) -> str:
    """The call that draws a kind of figure."""
    written = "".join(f", {key}={_quoted(value)}" for key, value in options.items() if value != "paper")
    return f"{'net' if of_network else 'd'}.figure({_quoted(name)}{written})"


def _names_of_sizes(roots: Sequence[Expr]) -> list[str]:
    found = sizes_in(list(roots))
    return sorted({name for size in found if isinstance(size, Dim) for name in size.names})


def _drawing(draws: Callable[..., Any], thing: Any, options: dict[str, Any]) -> Callable[[], Any]:
    return lambda: draws(thing, **options)


def _wrong_order(d: Derivation, sizes: dict[str, int]) -> list[str] | None:
    """The factors in their order, with two neighbours of different shapes exchanged in the middle; None where there are no such two."""

    def may_stand_anywhere(shape: Shape) -> bool:
        return all(resolved(entry, sizes) == 1 for entry in shape)

    try:
        product = d.product
    except MatcalcError:
        return None
    names = [repr(factor) for factor in product.factors]
    middle = len(names) // 2
    pairs = sorted(range(len(names) - 1), key=lambda k: abs(k + 1 - middle))
    for k in pairs:
        left, right = (part.shape for part in product.parts[k : k + 2])
        if left != right and not may_stand_anywhere(left) and not may_stand_anywhere(right) and len(set(names)) == len(names):
            return [*names[:k], names[k + 1], names[k], *names[k + 2 :]]
    return None


def _made(entry: Entry, out: Path, forms: Sequence[str]) -> Made:
    """Draw an entry and write its files."""
    try:
        drawn = entry.draws()
    except MatcalcError as error:
        if entry.instead is not None:
            made = _made(entry.instead, out, forms)
            return made if made.files else replace(made, entry=entry)
        click.echo(f"matcalc: {entry.name} is not drawn: {error}", err=True)
        return Made(entry, "", (), str(error))
    animated = not hasattr(drawn, "savefig")
    files = [f"{entry.name}.{form}" for form in (("gif",) if animated else forms)]
    for file in files:
        click.echo(str(drawn.save(out / file)))
    return Made(entry, drawn.said, tuple(files))


# ---- the page --------------------------------------------------------------------------------------------------------


def _page(ctx: click.Context, d: Derivation, defined: Sequence[str], made: Sequence[Made]) -> Iterator[str]:
    """The page in Markdown."""
    yield from ("# Figures", "")
    yield from (f"All are of {d!r}. Written by", "", "```sh", _command(ctx), "```", "")
    drawn = next((each for each in made if each.files), None)
    yield from ("One alone, in Python:" if drawn else "The derivative in Python:", "", "```python", "import matcalc as mc", "", *defined)
    if drawn is not None:
        yield f"{drawn.entry.call}.save({_quoted(drawn.files[0])})"
    yield from ("```", "")
    for each in made:
        yield from _section(each)


def _section(made: Made) -> Iterator[str]:
    entry = made.entry
    yield from (f"## {entry.name.replace('_', ' ').capitalize()}", "")
    if made.files:
        shown = next((file for file in made.files if not file.endswith(".pdf")), None)
        yield f"![{made.said.replace('[', '(').replace(']', ')')}]({shown})" if shown else f"[{made.files[0]}]({made.files[0]})"
        yield ""
    yield from (entry.shows, "")
    if made.why_not:
        yield from (f"Of this derivative it is not drawn: {made.why_not}", "")
    else:
        yield from (f"`{entry.call}`", "")


def _command(ctx: click.Context) -> str:
    """The command with the options that were given."""
    parts = ["matcalc", "figures"]
    for option in ctx.command.params:
        if option.name is None or not was_given(ctx, option.name) or not isinstance(option, click.Option):
            continue
        value = ctx.params[option.name]
        flag = max(option.opts, key=len)
        if isinstance(value, bool):
            parts.append(flag if value else option.secondary_opts[0])
        elif isinstance(value, dict):
            parts += [text for key, number in value.items() for text in (flag, f"{key}={number}")]
        elif option.multiple:
            parts += [text for each in value for text in (flag, str(each))]
        else:
            parts += [flag, ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)]
    return shlex.join(parts)


def _of_model(model: Path, of: str, wrt: str, layout: str) -> Iterator[str]:
    """The lines that make the derivation of a model."""
    yield f"model = mc.Model.from_toml({_quoted(str(model))})"
    yield f"d = mc.derive(model[{_quoted(of)}], model[{_quoted(wrt)}], layout={_quoted(layout)})"


def _of_network(network: Network, d: Derivation) -> Iterator[str]:
    """The lines that make the derivation of a network."""
    yield f"net = {_written(network)}"
    yield f"d = mc.derive({_in_network(network, d.of)}, {_in_network(network, d.wrt)}, layout={_quoted(d.layout.value)})"


def _in_network(network: Network, quantity: Expr) -> str:
    """How a quantity of a network is reached."""
    alone = {name: getattr(network, name) for name in ("cost", "x", "y")}
    of_layers = {f"{name}[{layer}]": each for name in "Wbza" for layer, each in getattr(network, name).items()}
    return next(f"net.{written}" for written, each in {**alone, **of_layers}.items() if each == quantity)


def _quoted(value: Any) -> str:
    """A text, or a list or table of texts and numbers, as Python writes it, with double quotes."""
    return json.dumps(value, ensure_ascii=False)


def _written(network: Network) -> str:
    """The call that makes a network."""
    names = [each if isinstance(each, str) else each.name for each in network.activations]
    own = names[:-1] if names[-1] == "softmax" else names
    activation = own[0] if own and len(set(own)) == 1 else own
    bias = "" if network.bias else ", bias=False"
    batch = "" if network.batch is None else f", batch={_quoted(network.batch)}"
    return f"mc.Network(widths={network.widths}, activation={_quoted(activation)}, loss={_quoted(network.loss)}{bias}{batch})"
