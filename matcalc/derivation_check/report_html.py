"""A report as HTML: one file without scripts and without anything from outside, formulas set as MathML, wrong places marked in them.

Whatever a text holds is escaped, and the page's policy lets nothing be loaded or run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from matcalc.derivation_check.macros import expanded, macros_in
from matcalc.derivation_check.report_lines import MOST_REPAIRS, layout_in_words, style_of, summary, verdict_in_words
from matcalc.derivation_check.report_style import STYLE
from matcalc.derivation_check.results import Link, Repair, Report
from matcalc.errors import ReadError
from matcalc.language.operators import METHODS, register
from matcalc.language.reading.source import Span
from matcalc.printing.mathml import mathml
from matcalc.printing.messages import message_shown, sentences

TITLE = "Check of a derivation"
SIGNS = {"held": "✓", "wrong": "✗", "follows": "↳", "undecided": "?"}
CLASSES = {"held": "held", "wrong": "wrong-link", "follows": "follows", "undecided": "undecided"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(title: str, parts: Iterable[str]) -> str:
    """A whole file."""
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )
    return "".join((head, *(f"{part}\n" for part in parts), "</body>\n</html>\n"))


def report_html(report: Report) -> str:
    """The report as one file."""
    return page(report.name or TITLE, report_parts(report))


def report_parts(report: Report, prefix: str = "link", heading: str = "h1") -> Iterator[str]:
    """What stands in the body; ``prefix`` of the anchors of links."""
    yield f"<{heading}>{escape(report.name or TITLE)}</{heading}>"
    words = f"{summary(report)}."
    yield f'<p class="summary">{escape(words[:1].upper() + words[1:])} {escape(layout_in_words(report))}</p>'
    first = report.first_wrong
    if report.ok:
        yield '<div class="first held"><strong>✓ Every line is right.</strong></div>'
    for i, link in enumerate(report.links):
        if link is first:
            yield _first(link, report.text, f"{prefix}-{i + 1}")
    cards = (_card(link, report.text, f"{prefix}-{i}", link is first) for i, link in enumerate(report.links, 1))
    yield f'<ol class="links">\n{"".join(cards)}</ol>'
    if report.set_aside:
        rows = "".join(
            f"<dt>line {each.line}</dt><dd><code>{escape(each.latex)}</code> {_prose(each.reason)}</dd>" for each in report.set_aside
        )
        yield f"<h2>Set aside, as nothing is claimed</h2><dl class='aside'>{rows}</dl>"
    yield f"<details><summary>The text that was checked</summary><pre>{_whole(report)}</pre></details>"


def _first(link: Link, text: str, anchor: str) -> str:
    head = f'<p><strong>✗ First wrong: <a href="#{anchor}">line {link.line}</a>, {escape(link.verdict)}</strong></p>'
    return f'<div class="first wrong-link">{head}{link_formula(link, text)}<p>{_prose(link.message)}</p></div>'


def _card(link: Link, text: str, anchor: str, is_first: bool) -> str:
    style = style_of(link)
    layout = f"<span>{escape(link.layout)} layout</span>" if link.layout else ""
    reading = f"<span>{escape(link.reading)} reading</span>" if link.reading else ""
    told = "<span>first wrong line</span>" if is_first else ""
    definition = "<span>definition</span>" if link.kind == "definition" else ""
    verdict = f'<span class="verdict">{SIGNS[style]} {escape(verdict_in_words(link))}</span>'
    head = f'<div class="head"><span>line {link.line}</span>{verdict}{told}{definition}{layout}{reading}</div>'
    body = "" if link.ok else "".join(_details(link, text))
    notes = "".join(f"<dt>note</dt><dd>{_prose(note)}</dd>" for note in link.notes)
    below = "".join(_ways_out(link)) + notes
    return f'<li class="{CLASSES[style]}" id="{anchor}">{head}{link_formula(link, text)}{body}{f"<dl>{below}</dl>" if below else ""}</li>\n'


def _details(link: Link, text: str) -> Iterator[str]:
    yield f"<pre>{marked_source(text, link.span, link.place)}</pre>"
    if style_of(link) == "follows":
        yield f"<p>It follows from the wrong line before it ({escape(link.verdict)}), so it is no slip of its own.</p>"
    yield f"<p>{_prose(link.message)}</p>"


def _ways_out(link: Link) -> Iterator[str]:
    for number, repair in enumerate(link.repairs[:MOST_REPAIRS]):
        yield f"<dt>{'try' if number == 0 else 'or'}</dt><dd>{_repair(repair)}</dd>"
    if link.right_form is not None and not link.ok:
        yield f'<dt>right form</dt><dd><div class="formula">{typeset(link.right_form)}</div></dd>'


def _repair(repair: Repair) -> str:
    kinds = "".join(f'<span class="kind">{escape(kind)}</span>' for kind in repair.kinds)
    side = "on the left side: " if repair.side == "left" else ""
    return f'<div class="formula">{side}{typeset(repair.latex)}</div><p>{kinds}{_prose(repair.message)}</p>'


# ---- formulas --------------------------------------------------------------------------------------------------------


def typeset(latex: str, places: Iterable[tuple[int, int]] = ()) -> str:
    """A formula as MathML; as it was written where it cannot be set."""
    try:
        return mathml(latex, places)
    except (ReadError, RecursionError):
        return f"<code>{escape(latex)}</code>"


def link_formula(link: Link, text: str) -> str:
    """Both sides of a link, the commands of the text written out, its place marked in them."""
    macros = macros_in(text)
    written, places = "", []
    for side, at in zip((link.left, link.right), _sides(link, text), strict=True):
        written += " = " if written else ""
        start, end = (0, 0) if at is None or link.ok else (max(link.place.start - at, 0), min(link.place.end - at, len(side)))
        if start >= end:
            written += expanded(side, macros)
            continue
        before, marked, behind = (expanded(part, macros) for part in (side[:start], side[start:end], side[end:]))
        places.append((len(written) + len(before), len(written) + len(before) + len(marked)))
        written += before + marked + behind
    return f'<div class="formula">{typeset(written, places)}</div>'


def _sides(link: Link, text: str) -> tuple[int | None, int | None]:
    """Where both sides begin in the text: the left one at the start of the stretch and the right one at its end, where they stand there."""
    start, end = link.span
    right = _places_of(link.right, text, start, end)
    at_end = [at for at in right if at + len(link.right.rstrip()) == end] or _around(link.place, right, link.right)
    right_at = next(reversed(at_end or right), None)
    left = _places_of(link.left, text, start, end if right_at is None else right_at)
    left_at = next(iter(_around(link.place, left, link.left) or left), None)
    return left_at, right_at


def _around(place: Span, found: list[int], side: str) -> list[int]:
    return [at for at in found if at <= place.start and place.end <= at + len(side)]


def _places_of(side: str, text: str, start: int, end: int) -> list[int]:
    """Where a side stands in a stretch; a blank in the side stands for whatever is there in the text."""
    stripped = side.strip()
    pattern = "".join("." if character.isspace() else re.escape(character) for character in stripped)
    before = len(side) - len(side.lstrip())
    return [match.start() + start - before for match in re.finditer(f"(?={pattern})", text[start:end], re.DOTALL)] if stripped else []


def marked_source(text: str, span: Span, place: Span) -> str:
    """A stretch of the text with the place in it marked."""
    start, end = min(max(place.start, span.start), span.end), max(min(place.end, span.end), span.start)
    before, inner, after = text[span.start : start], text[start : max(start, end)], text[max(start, end) : span.end]
    return f"{escape(before.lstrip())}{f'<mark>{escape(inner)}</mark>' if inner else ''}{escape(after.rstrip())}"


def _whole(report: Report) -> str:
    """The text with the places of all slips marked."""
    parts, at = [], 0
    for link in sorted(report.slips, key=lambda each: each.place):
        start, end = max(at, link.place.start), min(link.place.end, len(report.text))
        if start < end:
            parts += [escape(report.text[at:start]), f"<mark>{escape(report.text[start:end])}</mark>"]
            at = end
    return "".join((*parts, escape(report.text[at:])))


def _prose(message: str) -> str:
    """A message; plain formulas in it with their scripts set, LaTeX set as formulas."""
    return message_shown(sentences(message), words=escape, formula=_inline, code=lambda text: f"<code>{escape(text)}</code>")


def _inline(latex: str) -> str:
    return f'<span class="inline">{typeset(latex)}</span>'


register(METHODS, "report_html", report_html)
