"""A report in a notebook: formulas between dollar signs, which the notebook sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from matcalc.derivation_check.macros import expanded, macros_in
from matcalc.derivation_check.report_html import CLASSES, SIGNS, marked_source
from matcalc.derivation_check.report_lines import MOST_REPAIRS, layout_in_words, style_of, summary, verdict_in_words
from matcalc.derivation_check.results import Link, Repair, Report
from matcalc.language.operators import METHODS, register
from matcalc.printing.messages import sentences
from matcalc.printing.notebook import in_dollars, words

_TONES = {"held": "#1a7f4b", "wrong-link": "#c0392b", "follows": "#8e5fc7", "undecided": "#a87400"}


def report_notebook(report: Report) -> str:
    """The report as HTML for a notebook."""
    name = f"{report.name}: " if report.name else ""
    head = f"{name}{summary(report)}. {layout_in_words(report)}"
    first = report.first_wrong
    told = f"<p>{_words(f'First wrong: line {first.line}, {first.verdict}.', bold=True)}</p>" if first is not None else ""
    rows = (row for link in report.links for row in _rows(link, report.text, link is first))
    return f"<div style='overflow-x:auto'><p>{_words(head)}</p>{told}{_table(rows)}</div>"


def link_notebook(link: Link) -> str:
    """One link as HTML for a notebook, without its place in the text."""
    return f"<div style='overflow-x:auto'>{_table(_rows(link, '', False))}</div>"


def _table(rows: Iterable[str]) -> str:
    return f"<table style='text-align:left'><tbody>{''.join(rows)}</tbody></table>"


def _rows(link: Link, text: str, is_first: bool) -> Iterator[str]:
    style = style_of(link)
    tone = f"color:{_TONES[CLASSES[style]]};font-weight:{'bold' if is_first else 'normal'}"
    verdict = f"<span style='{tone}'>{SIGNS[style]} {escape(verdict_in_words(link))}</span>"
    yield _row(f"line {link.line}", verdict, in_dollars(expanded(f"{link.left} = {link.right}", macros_in(text))))
    if not link.ok:
        source = marked_source(text, link.span, link.place)
        code = f"<code style='white-space:pre-wrap'>{source}</code><br>" if source else ""
        yield _row("", "", f"{code}{told(link.message)}")
        for number, repair in enumerate(link.repairs[:MOST_REPAIRS]):
            yield _row("", "try" if number == 0 else "or", _repair(repair))
        if link.right_form is not None:
            yield _row("", "right form", in_dollars(link.right_form))
    for note in link.notes:
        yield _row("", "note", told(note))


def _repair(repair: Repair) -> str:
    kinds = _words(f"{'left side; ' if repair.side == 'left' else ''}{', '.join(repair.kinds)}.")
    return f"{in_dollars(repair.latex)}<br>{kinds} {told(repair.message)}"


def repair_notebook(repair: Repair) -> str:
    """One repair as HTML for a notebook."""
    return f"<div>{_repair(repair)}</div>"


def _row(*texts: str) -> str:
    columns = "".join(f"<td style='text-align:left;vertical-align:top'>{text}</td>" for text in texts)
    return f"<tr>{columns}</tr>"


def told(message: str) -> str:
    """A message, its formulas for the notebook to set."""
    return words(sentences(message))


def _words(text: str, *, bold: bool = False) -> str:
    """Words in which the notebook looks for no formulas."""
    weight = "bold" if bold else "normal"
    return f"<span class='tex2jax_ignore mathjax_ignore' style='font-weight:{weight}'>{escape(text)}</span>"


register(METHODS, "report_notebook", report_notebook)
register(METHODS, "link_notebook", link_notebook)
register(METHODS, "repair_notebook", repair_notebook)
