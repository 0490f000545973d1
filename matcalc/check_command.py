"""The command ``matcalc check``: derivations in files, each line judged, the first wrong one named."""

from __future__ import annotations

import glob
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from matcalc.derivation_check.report_data import FORMAT, report_data
from matcalc.derivation_check.report_html import TITLE, page
from matcalc.derivation_check.report_pages import Checked, folder_pages, single_page, table_lines
from matcalc.derivation_check.report_terminal import report_shown, shown_lines
from matcalc.errors import MatcalcError
from matcalc.file_checks import Asked, Text, all_checked, model_asked
from matcalc.network_options import NETWORK, Choice, was_given, widths_given, with_options

ENDINGS = (".tex", ".ltx", ".latex", ".md", ".markdown", ".txt")
STDIN = "standard input"
OF_A_NETWORK = ("activation", "loss", "bias", "batch")


def _network(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    return None if value is None else widths_given(ctx, param, value)


@click.command()
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--model", "-m", type=click.Path(), help="A TOML file: a model, or a network as [network].")
@click.option("--network", callback=_network, metavar="WIDTHS", help="A network: its widths, input first, like 5,4,3,2.")
@with_options(*NETWORK[1:])
@click.option("--layout", "-l", type=Choice(["numerator", "denominator", "mixed"]), help="Of the derivatives; without it, it is found out.")
@click.option("--partial", type=Choice(["total", "direct"]), default="total", show_default=True, help="What a partial derivative is.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a report in HTML: a file, or of several texts a folder.")
@click.option("--json", "data", type=click.Path(path_type=Path, allow_dash=True), help="Write the report as JSON; - for the terminal.")
@click.option("--jobs", "-j", type=click.IntRange(1), default=1, show_default=True, help="How many processes check.")
@click.option("--details", is_flag=True, help="Of several texts, the whole report of each before the table.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing; only the exit code and the files.")
@click.pass_context
def check(
    ctx: click.Context, /, files: tuple[str, ...], model: str | None, network: tuple[int, ...] | None, layout: str | None, partial: str,
    html: Path | None, data: Path | None, jobs: int, details: bool, quiet: bool, **of_network: Any,
) -> None:  # fmt: skip
    """Check derivations: each line is judged, the first wrong one named, with what is wrong, where, and the smallest repair.

    FILE is a text in LaTeX or Markdown as people write it, a folder (its .tex, .ltx, .latex, .md, .markdown and .txt files, also in folders
    in it), a pattern in quotes like 'week*/*.tex', or - for the standard input. Without a model, the definitions in each text are used.

    Of one file the report is printed. Of several a table is printed, a row for each, and --html names a folder: an index.html with the
    table, and a page for each text to hand back; if its name ends in .html, one file holds all. Of several the JSON holds a list "files".

    \b
    Examples:
      matcalc check derivation.tex --model net.toml --layout denominator
      matcalc check homework.tex --network 3,4,2 --html report.html
      matcalc check handed_in/ -m net.toml --html marked/ --jobs 2
      cat notes.md | matcalc check - --json -

    The exit code is 0 if all holds, 1 if a line is wrong or undecided or one of several files cannot be checked, 2 if nothing could be
    read.
    """
    given = [name for name in OF_A_NETWORK if was_given(ctx, name)]
    if model is not None and (network is not None or given):
        beside = "network" if network is not None else given[0]
        raise click.UsageError(f"--{beside} is of a network, and --model is another: leave one out.")
    if given and network is None:
        raise click.UsageError(f"--{given[0]} is of a network: give its widths by --network, like --network 5,4,3,2.")
    texts = list(_texts(files))
    several = len(texts) > 1 or any(Path(name).is_dir() or _is_pattern(name) for name in files)
    described = None if network is None else {"widths": network, **of_network}
    asked = Asked(described if model is None else model, layout, partial, html is not None)
    model_asked(asked)
    for target in (html, None if data is None or str(data) == "-" else data):
        _check_target(target)
    found = _found(texts, asked, jobs, quiet)
    _write(found, html, data, several)
    if not quiet and str(data) != "-":
        _print(found, several, details)
    sys.exit(0 if all(each.ok for each in found) else 1 if any(each.is_read for each in found) else 2)


def _found(texts: Sequence[Text], asked: Asked, jobs: int, quiet: bool) -> list[Checked]:
    """What is found of each text, in their order; a progress bar on a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = quiet or len(texts) < 2 or not console.is_terminal
    found: dict[int, Checked] = {}
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("checking", total=len(texts))
        for number, each in all_checked(texts, asked, jobs):
            found[number] = each
            progress.advance(task)
    return [found[number] for number in range(len(texts))]


# ---- what to check ---------------------------------------------------------------------------------------------------


def _texts(files: Iterable[str]) -> Iterator[Text]:
    """Every text once, in the order given; those of a folder or pattern by name."""
    if not files:
        raise click.UsageError("No file is named. Name a file, a folder, or - for the standard input.")
    seen = set()
    for name in files:
        for text in _named(name):
            key = text[0] if text[0] == STDIN else os.path.realpath(text[0])
            if key not in seen:
                seen.add(key)
                yield text


def _named(name: str) -> list[Text]:
    if name == "-":
        return [(STDIN, sys.stdin.read())]
    path = Path(name)
    if path.is_dir():
        found = sorted(each for each in path.rglob("*") if each.suffix.lower() in ENDINGS and each.is_file())
        if not found:
            raise click.UsageError(f"{name}: there is no text in this folder. Texts end in {', '.join(ENDINGS)}.")
        return [(str(each), each) for each in found]
    if not _is_pattern(name):
        return [(name, path)]
    matching = sorted(each for each in glob.glob(name, recursive=True) if Path(each).is_file())
    if not matching:
        raise click.UsageError(f"{name}: no file matches this pattern.")
    return [(each, Path(each)) for each in matching]


def _is_pattern(name: str) -> bool:
    return glob.has_magic(name) and not Path(name).exists()


# ---- what is written -------------------------------------------------------------------------------------------------


def _check_target(target: Path | None) -> None:
    """Before the work: whether there is a folder for what will be written."""
    if target is not None and not target.absolute().parent.is_dir():
        raise click.UsageError(f"{target}: there is no folder {target.parent}. Make it first.")


def _write(found: Sequence[Checked], html: Path | None, data: Path | None, several: bool) -> None:
    try:
        if html is not None:
            _write_html(found, html, several)
        if data is not None:
            text = json.dumps(_data(found, several), indent=2)
            if str(data) == "-":
                click.echo(text)
            else:
                data.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise MatcalcError(f"{error.filename}: it cannot be written: {error.strerror}.") from None


def _write_html(found: Sequence[Checked], html: Path, several: bool) -> None:
    if not several and found[0].report is not None:
        html.write_text(page(found[0].name or TITLE, (found[0].html,)), encoding="utf-8", errors="replace")
    elif not several or html.suffix.lower() in (".html", ".htm"):
        html.write_text(single_page(found), encoding="utf-8", errors="replace")
    else:
        html.mkdir(exist_ok=True)
        for name, text in folder_pages(found).items():
            (html / name).write_text(text, encoding="utf-8", errors="replace")


def _data(found: Sequence[Checked], several: bool) -> dict[str, Any]:
    """Of one text its report, of several a list of them; of a text that could not be checked its name and why."""
    files = [
        {"format": FORMAT, "name": each.name, "ok": False, "error": each.error} if each.report is None else report_data(each.report)
        for each in found
    ]
    return {"format": FORMAT, "ok": all(each.ok for each in found), "files": files} if several else files[0]


def _print(found: Sequence[Checked], several: bool, details: bool) -> None:
    console = Console(highlight=False)
    if several and not details:
        shown_lines(table_lines(found, console.width), console)
        return
    for each in found:
        if each.report is not None:
            report_shown(each.report, console)
        else:
            click.echo(f"matcalc: {each.name}: {each.error}", err=True)
        if several:
            click.echo()
    if several:
        shown_lines(table_lines(found, console.width), console)
