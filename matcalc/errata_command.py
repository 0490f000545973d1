"""The command ``matcalc errata``: published formulas that fail, checked while you wait."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from matcalc.demo import WIDTH, wrapped
from matcalc.errors import UnknownNameError
from matcalc.layout.conventions import Layout
from matcalc.misprints.entries import Entry, chosen, entries
from matcalc.misprints.report import Errata, Erratum, checked, table
from matcalc.network_options import Choice


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--format", "form", type=Choice(["text", "latex", "json"]), default="text", show_default=True, help="How to print.")
@click.option(
    "--layout", "-l", type=Choice([layout.value for layout in Layout]), help="Of what is right; without it, that of the source."
)
@click.option("--list", "listed", is_flag=True, help="Only which there are, unchecked.")
def errata(ids: tuple[str, ...], form: str, layout: str | None, listed: bool) -> None:
    """Show published formulas that fail: each is read, derived anew and compared.

    Of each: the source, the claim, the verdict and how it is found, why it fails, for which sizes or with which symmetric matrix it would
    hold, and what is right.

    \b
    Examples:
      matcalc errata --list
      matcalc errata cookbook-127
      matcalc errata prml-3-13 --layout numerator --format latex

    The exit code is 0 if every formula fails as recorded, 1 if one holds or fails otherwise.
    """
    try:
        found = chosen(entries(), ids)
    except UnknownNameError as error:
        raise click.UsageError(f"{error} matcalc errata --list shows all.") from None
    if listed:
        click.echo(_data([_named(entry) for entry in found]) if form == "json" else "\n".join(_listed(found)))
        return
    shown = checked(found, layout)
    click.echo({"text": _text, "latex": _latex, "json": _json}[form](shown))
    sys.exit(0 if shown.ok else 1)


def _named(entry: Entry) -> dict[str, str]:
    return {"id": entry.id, "verdict": entry.verdict, "layout": entry.layout, "source": entry.source}


def _listed(found: tuple[Entry, ...]) -> Iterator[str]:
    """Each entry in one line, below the source where that is another."""
    source = ""
    for entry, line in zip(found, table((entry.id, entry.verdict, entry.layout) for entry in found), strict=True):
        work = entry.source.partition(": ")[0]
        if work != source:
            source = work
            yield from wrapped(work, "")
        yield f"  {line}"


def _text(shown: Errata) -> str:
    parts = [repr(shown)] if len(shown) > 1 else []
    parts += ["\n".join((_rule(row), *row.lines())) for row in shown]
    return "\n\n".join(parts)


def _rule(row: Erratum) -> str:
    return f"{row.id} {'-' * (WIDTH - 1 - len(row.id))}"


def _latex(shown: Errata) -> str:
    blocks = ["% needs amsmath"]
    for row in shown:
        comments = wrapped(f"% {row.id}: {row.source}. {row.verdict}: {row.reason}", "%   ")
        blocks.append("\n".join((*comments, "\\[", row.latex(), "\\]")))
    return "\n".join(blocks)


def _json(shown: Errata) -> str:
    return _data({"ok": shown.ok, "errata": [row.as_data() for row in shown]})


def _data(data: Any) -> str:
    return json.dumps(data, indent=2)
