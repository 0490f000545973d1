"""A report as lines for a terminal, each a few stretches of text with a style; what has colours is told by words and carets, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from matcalc.derivation_check.report_source import cells, rows, shortened, wrapped
from matcalc.derivation_check.results import WRONG, Link, Report
from matcalc.language.operators import METHODS, register
from matcalc.printing.latex_text import latex_in_text
from matcalc.printing.messages import message_in_text, sentences

LABEL = 8  # columns of what stands before a text
MOST_REPAIRS = 3
WAY_OUT = r"An equality is checked: between dollars, in \[ \] or an environment, or alone in a text without any of them."


class Piece(NamedTuple):
    """A stretch of a line in a style: ``held``, ``wrong``, ``follows``, ``undecided``, ``title``, ``aside``, or none."""

    text: str
    style: str = ""


Line: TypeAlias = tuple[Piece, ...]


def style_of(link: Link) -> str:
    """The style of a link."""
    if link.follows and link.verdict in WRONG:
        return "follows"
    return "held" if link.ok else "wrong" if link.verdict in WRONG else "undecided"


def verdict_in_words(link: Link) -> str:
    """The verdict; of a link that follows from a wrong one that word."""
    return "follows" if style_of(link) == "follows" else link.verdict


def told(message: str) -> str:
    """A message for a terminal: its formulas in plain text."""
    return message_in_text(sentences(message))


def counted(count: int, what: str) -> str:
    """A number and what is counted, as ``1 link``, ``2 links``."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def summary(report: Report) -> str:
    """How many links hold, and what of the others."""
    styles = Counter(map(style_of, report.links))
    if not report.links:
        return "nothing was found that could be checked"
    held = f"{styles['held']} of {counted(len(report.links), 'link')} {'holds' if styles['held'] == 1 else 'hold'}"
    rest = [
        (styles["wrong"], f"{styles['wrong']} wrong"),
        (styles["follows"], f"{styles['follows']} that only {'follows' if styles['follows'] == 1 else 'follow'} from a wrong one"),
        (styles["undecided"], f"{styles['undecided']} undecided"),
    ]
    return ", ".join([held, *(text for count, text in rest if count)])


def layout_in_words(report: Report) -> str:
    """The layout of the text as a sentence; nothing where there is nothing to tell."""
    if report.layout is None:
        return ""
    return "The text mixes the layouts in contradiction." if report.layout == "contradictory" else f"Read in {report.layout} layout."


# ---- lines -----------------------------------------------------------------------------------------------------------


def report_lines(report: Report, width: int = 80) -> Iterator[Line]:
    """The lines: a summary, the first wrong link, then all links in order."""
    width = max(width, 3 * LABEL)
    first = report.first_wrong
    head = f"{report.name}: {summary(report)}." if report.name else f"{summary(report).capitalize()}."
    yield from _text(head, "", "held" if report.ok else "title", width)
    yield from _text(layout_in_words(report), "", "", width)
    if report.ok:
        yield (Piece("Every line is right.", "held"),)
    if first is not None:
        yield ()
        yield from _text(f"First wrong: line {first.line}, {_verdict(first)}", "", "wrong", width)
        yield from _details(first, report.text, width)
    if report.links:
        yield ()
    else:
        yield from _text(WAY_OUT, "  ", "", width)
    label = max((len(_label(link)) for link in report.links), default=0) + 2
    for link in report.links:
        yield from _link(link, report, first, label, width)
    yield from _aside(report, width)


def report_text(report: Report, width: int = 80) -> str:
    """The lines without styles."""
    return "\n".join("".join(piece.text for piece in line).rstrip() for line in report_lines(report, width))


def _verdict(link: Link) -> str:
    judged = f" in {link.layout} layout" if link.layout else ""
    return f"{link.verdict}{judged}"


def _label(link: Link) -> str:
    return f"line {link.line}"


def _link(link: Link, report: Report, first: Link | None, label: int, width: int) -> Iterator[Line]:
    """A link in one line; below it, of a wrong one that is not shown already, what is wrong."""
    style = style_of(link)
    verdict = f"{verdict_in_words(link):<16}"
    definition = "definition " if link.kind == "definition" and link.ok else ""
    before = f"{_label(link):<{label}}{verdict}"
    room = width - cells(before) - len(definition)
    here = "shown above" if link is first else shortened(latex_in_text(f"{link.left} = {link.right}"), room)
    plain = link.ok or link is first
    shown = Piece(f"{definition}{here}", "aside") if plain else Piece("")
    yield (Piece(f"{_label(link):<{label}}", "aside"), Piece(verdict, style), shown)
    if not plain:
        yield from _details(link, report.text, width)
    elif link is not first:
        for note in link.notes:
            yield from _labelled("note", told(note), width)


def _details(link: Link, text: str, width: int) -> Iterator[Line]:
    """The formula with carets, what was found, repairs and the right form."""
    for row in rows(text, link.span, link.place, width - 4):
        yield (Piece(f"    {row.text}"),)
        if row.marks:
            yield (Piece(f"    {row.marks}", style_of(link)),)
    if not _shows(text, link):
        yield from _labelled("reads", latex_in_text(f"{link.left} = {link.right}"), width)
    if style_of(link) == "follows":
        yield from _text("It follows from the wrong line before it, so it is no slip of its own.", "  ", "follows", width)
    yield from _text(told(link.message), "  ", "", width)
    for number, repair in enumerate(link.repairs[:MOST_REPAIRS]):
        kinds = f"  [{', '.join(repair.kinds)}{', on the left side' if repair.side == 'left' else ''}]"
        yield from _labelled("try" if number == 0 else "or", f"{repair.latex}{kinds}", width, "held")
        yield from _labelled("", told(repair.message), width)
    if link.right_form is not None:
        yield from _labelled("right", link.right_form, width, "title")
    for note in link.notes:
        yield from _labelled("note", told(note), width)


def _shows(text: str, link: Link) -> bool:
    """Whether the stretch shows both sides."""
    stretch = "".join(text[link.span.start : link.span.end].split())
    return all("".join(side.split()) in stretch for side in (link.left, link.right))


def _text(text: str, indent: str, style: str, width: int) -> Iterator[Line]:
    for line in wrapped(text, width - len(indent)) if text else ():
        yield (Piece(f"{indent}{line}", style),)


def _labelled(label: str, text: str, width: int, style: str = "") -> Iterator[Line]:
    for i, line in enumerate(wrapped(text, width - LABEL) if text else ()):
        yield (Piece(f"  {label if i == 0 else '':<{LABEL - 2}}", "aside"), Piece(line, style))


def _aside(report: Report, width: int) -> Iterator[Line]:
    if report.set_aside:
        yield ()
        yield from _text(f"{counted(len(report.set_aside), 'formula')} set aside, as nothing is claimed:", "", "aside", width)
    for each in report.set_aside:
        yield (Piece(f"  {shortened(f'line {each.line}: {message_in_text(each.latex)}', width - 2)}", "aside"),)
        yield from _labelled("", told(each.reason), width, "aside")


register(METHODS, "report_text", report_text)
