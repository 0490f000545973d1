"""A report as dicts, lists, texts and numbers, for JSON.

The keys, in this order:

    format        1; another number where a key changes its meaning or goes
    name          of the text
    ok            whether something was read and every link holds
    layout        "numerator", "denominator", "mixed", "contradictory" or null
    first_wrong   the place of the first wrong link in ``links``, from 0, or null
    slips         the places of the links that are wrong by themselves
    counts        how many links there are of each verdict
    links         each with every attribute of `Link`, and with ``ok`` and ``slip``, and where its place begins:
                  ``place_line`` and ``column``, from 1
    set_aside     formulas that claim nothing
    text          what was checked

A stretch of the text is [first character, character behind the last].
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from matcalc.derivation_check.results import VERDICTS, Link, Report
from matcalc.language.operators import METHODS, register

FORMAT = 1


def report_data(report: Report) -> dict[str, Any]:
    """The report, see the head of this module."""
    links = report.links
    first = report.first_wrong
    return {
        "format": FORMAT,
        "name": report.name,
        "ok": report.ok,
        "layout": report.layout,
        "first_wrong": None if first is None else next(i for i, link in enumerate(links) if link is first),
        "slips": [i for i, link in enumerate(links) if link.is_slip],
        "counts": {verdict: sum(link.verdict == verdict for link in links) for verdict in VERDICTS},
        "links": [_link(link, report.text) for link in links],
        "set_aside": [_plain(each) for each in report.set_aside],
        "text": report.text,
    }


def _link(link: Link, text: str) -> dict[str, Any]:
    line, column = line_and_column(text, link.place.start)
    return {**_plain(link), "ok": link.ok, "slip": link.is_slip, "place_line": line, "column": column}


def line_and_column(text: str, at: int) -> tuple[int, int]:
    """Where a character stands, both from 1."""
    before = text[: max(0, at)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


register(METHODS, "report_data", report_data)
