"""Reports on several texts: a table for the terminal, and pages with an overview."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from matcalc.derivation_check.report_html import page
from matcalc.derivation_check.report_lines import Line, Piece, counted
from matcalc.derivation_check.report_source import cells, shortened, wrapped
from matcalc.derivation_check.results import Report

TITLE = "Check of several derivations"
LONGEST_NAME = 32
COLUMNS = ("links", "held", "slips")
_UNSAFE = re.compile(r"[^\w.+-]+")


class Checked(NamedTuple):
    """A text and what was found of it: a report, or why there is none; ``html`` are the parts of its page, where they are wanted."""

    name: str
    report: Report | None
    error: str = ""
    html: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was read and everything holds."""
        return self.report is not None and self.report.ok

    @property
    def is_read(self) -> bool:
        """Whether anything in it could be read."""
        return self.report is not None and any(link.verdict != "unreadable" for link in self.report.links)

    @property
    def style(self) -> str:
        """The style of its row."""
        if self.report is None or not self.report.links:
            return "undecided"
        return "held" if self.report.ok else "wrong" if self.report.slips else "undecided"

    def numbers(self, report: Report) -> tuple[int, int, int]:
        """Links, those that hold, and those that are wrong by themselves."""
        return len(report.links), sum(link.ok for link in report.links), len(report.slips)

    def finding(self) -> str:
        """The first wrong line, or that there is none."""
        if self.report is None:
            return ""
        first = self.report.first_wrong
        if first is not None:
            return f"{first.line} {first.verdict}"
        return "none" if self.report.ok else "none, but not all decided" if self.report.links else "nothing to check"


def totals(entries: Sequence[Checked]) -> str:
    """How many of the texts hold."""
    right = sum(entry.ok for entry in entries)
    wrong = sum(entry.report is not None and bool(entry.report.slips) for entry in entries)
    unread = sum(entry.report is None for entry in entries)
    rest = [(wrong, f"{wrong} with something wrong"), (unread, f"{unread} that could not be checked")]
    return ", ".join([f"{right} of {counted(len(entries), 'text')} right", *(text for count, text in rest if count)]) + "."


# ---- terminal --------------------------------------------------------------------------------------------------------


def table_lines(entries: Sequence[Checked], width: int = 80) -> Iterator[Line]:
    """The table, a row for each text, and the totals below it."""
    longest = max([4, *(cells(entry.name) for entry in entries)])
    name = min(longest, LONGEST_NAME, max(12, width - 50))
    head = f"{'file':<{name}}  {'links':>5}  {'held':>5}  {'slips':>5}  {'first wrong line':<22}  layout"
    yield (Piece(head, "title"),)
    for entry in entries:
        yield from _row(entry, name, width)
    yield ()
    yield (Piece(totals(entries), "title"),)


def _row(entry: Checked, name: int, width: int) -> Iterator[Line]:
    shown = shortened(entry.name[::-1], name)[::-1]  # the end of a path tells files apart
    shown += " " * (name - cells(shown))
    if entry.report is None:
        for i, line in enumerate(wrapped(f"not checked: {entry.error}", max(20, width - name - 2))):
            yield (Piece(f"{shown if i == 0 else ' ' * name}  "), Piece(line, entry.style))
        return
    numbers = "".join(f"{number:>5}  " for number in entry.numbers(entry.report))
    yield (Piece(f"{shown}  {numbers}"), Piece(f"{entry.finding():<22}", entry.style), Piece(f"  {entry.report.layout or '-'}", "aside"))


# ---- pages -----------------------------------------------------------------------------------------------------------


def single_page(entries: Sequence[Checked]) -> str:
    """One file: the overview, and below it the parts of each report."""
    links = [f"#text-{i}" for i in range(len(entries))]
    sections = (f'<section class="report" id="text-{i}">{_body(entry)}</section>' for i, entry in enumerate(entries))
    return page(TITLE, (_overview(entries, links), *sections))


def folder_pages(entries: Sequence[Checked]) -> Mapping[str, str]:
    """The files of a folder by name: ``index.html`` with the overview, and one for each text."""
    names = list(_file_names(entry.name for entry in entries))
    back = '<p class="aside"><a href="index.html">All texts</a></p>'
    pages = {name: page(entry.name, (back, _body(entry))) for name, entry in zip(names, entries, strict=True)}
    return {"index.html": page(TITLE, (_overview(entries, names),)), **pages}


def _body(entry: Checked) -> str:
    if entry.report is not None:
        return entry.html
    why = f"<strong>It was not checked.</strong><p>{escape(entry.error)}</p>"
    return f'<h1>{escape(entry.name)}</h1><div class="first undecided">{why}</div>'


def _overview(entries: Sequence[Checked], links: Sequence[str]) -> str:
    titles = "".join(f'<th class="number">{title}</th>' for title in COLUMNS)
    head = f"<tr><th>text</th>{titles}<th>first wrong line</th><th>layout</th></tr>"
    rows = "".join(_overview_row(entry, link) for entry, link in zip(entries, links, strict=True))
    return (
        f'<h1>{TITLE}</h1><p class="summary">{escape(totals(entries))}</p>'
        f'<div class="wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
    )


def _overview_row(entry: Checked, link: str) -> str:
    style = "wrong-link" if entry.style == "wrong" else entry.style
    name = f'<td><a href="{escape(link)}">{escape(entry.name)}</a></td>'
    if entry.report is None:
        return f'<tr class="{style}">{name}<td colspan="5">not checked: {escape(entry.error)}</td></tr>'
    numbers = "".join(f'<td class="number">{number}</td>' for number in entry.numbers(entry.report))
    finding = f'<td class="verdict">{escape(entry.finding())}</td>'
    return f'<tr class="{style}">{name}{numbers}{finding}<td>{escape(entry.report.layout or "-")}</td></tr>'


def _file_names(names: Iterable[str]) -> Iterator[str]:
    """A file name for each, all different, also where case does not tell names apart."""
    taken = {"index"}
    for name in names:
        stem = re.sub(r"\.(tex|ltx|latex|md|markdown|txt)$", "", name, flags=re.IGNORECASE)
        base = _UNSAFE.sub("-", stem).strip("-.")[-80:] or "text"
        chosen, number = base, 2
        while chosen.lower() in taken:
            chosen, number = f"{base}-{number}", number + 1
        taken.add(chosen.lower())
        yield f"{chosen}.html"
