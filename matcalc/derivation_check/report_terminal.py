"""A report on a terminal, in colours where it has them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from matcalc.derivation_check.report_lines import Line, report_lines
from matcalc.derivation_check.results import Report
from matcalc.language.operators import METHODS, register

COLOURS = {"held": "green", "wrong": "bold red", "follows": "magenta", "undecided": "yellow", "title": "bold", "aside": "dim"}


def report_shown(report: Report, console: Console | None = None) -> None:
    """The report printed."""
    target = Console(highlight=False) if console is None else console
    shown_lines(report_lines(report, target.width), target)


def shown_lines(lines: Iterable[Line], console: Console) -> None:
    """Lines printed each as it is, so that carets stay below what they mark."""
    for line in lines:
        text = Text()
        for piece in line:
            text.append(piece.text, COLOURS.get(piece.style, ""))
        text.rstrip()
        console.print(text, soft_wrap=True, highlight=False)


register(METHODS, "report_shown", report_shown)
