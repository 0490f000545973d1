"""Parts of what a notebook shows as HTML: tables in the look of the notebook's theme, formulas for it to set, words, verdicts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from matcalc.errors import ReadError
from matcalc.language.expression import Expr
from matcalc.language.sizes import Shape, Size, rows_and_columns
from matcalc.language.traversal import named
from matcalc.printing.line_breaks import SIDE_BY_SIDE, latex_width, stretches_of, typeset
from matcalc.printing.mathml import mathml
from matcalc.printing.messages import message_shown
from matcalc.printing.names import latex_size
from matcalc.printing.plain_latex import NO_SHAPES, plain_in_latex

CELL = 46  # letters of a formula in a cell, where two stand side by side
LONGEST_INLINE = 40  # letters of a formula in a sentence
TIMES = r" \times "
LEFT = "text-align:left;vertical-align:middle"
_ACTIVE = re.compile(
    r"\\(?:href|url|class|style|cssId|data|html\w*|require|unicode|(?:re)?newcommand|def|let|gdef|edef|xdef|newenvironment|include\w*"
    r"|input|catcode|csname|expandafter|Declare\w+|mmlToken|bbox|tip|toggle|mathtip|texttip|label|tag|ref|eqref|begingroup)(?![A-Za-z])|\$|%"
)
_TONES = {
    True: ("✓", "color:var(--jp-success-color1,#1a7f4b)"),
    False: ("✗", "color:var(--jp-error-color1,#c0392b)"),
    None: ("–", "opacity:.7"),
}  # the colours of the notebook's theme; elsewhere some that are read on white and on black


def formula(latex: str, width: float = CELL) -> str:
    """A formula, in several lines where it is longer than ``width`` letters."""
    return escape(typeset(latex, width))


def in_dollars(latex: str, style: str = r"\displaystyle ") -> str:
    """A formula that somebody wrote, for the notebook to set; as it was written where it would do more than be set, or cannot be."""
    try:
        mathml(latex)
    except (ReadError, RecursionError):
        return code(latex)
    if _ACTIVE.search(latex):
        return code(latex)
    return f"${style}{escape(' '.join(latex.replace('&', ' ').split()))}$"


def words(text: str, shapes: Mapping[str, Shape] = NO_SHAPES) -> str:
    """A text whose formulas, plain or in LaTeX, the notebook sets; a dollar sign of its own begins none.

    Args:
        text: a sentence, or a plain formula.
        shapes: of the arrays in it, which are bold, by plain name.
    """
    return message_shown(text, words=_plain_words, formula=_within_words, code=code, shapes=shapes)


def plain_formula(text: str, shapes: Mapping[str, Shape] = NO_SHAPES) -> str:
    """A plain formula, which has no words in it."""
    return _within_words(plain_in_latex(text, shapes))


def _within_words(latex: str) -> str:
    """A formula in a sentence; a long one, within which no notebook ends a line, in parts between which it does."""
    if latex_width(latex) <= LONGEST_INLINE or r"\left" in latex or r"\begin" in latex:
        return in_dollars(latex, "")
    parts = [""]
    for stretch in stretches_of(latex):
        if stretch.cost is not None and parts[-1]:
            parts.append("" if stretch.cost == SIDE_BY_SIDE else "{}")  # for the space before a sign
        parts[-1] += stretch.text
    return " ".join(in_dollars(part, "") for part in parts)


def shapes_of(*things: object) -> dict[str, Shape]:
    """The shapes of all names in what of these is an expression."""
    return {name: node.shape for name, node in named([thing for thing in things if isinstance(thing, Expr)]).items()}


def _plain_words(text: str) -> str:
    shown = escape(text)
    return f"<span class='tex2jax_ignore mathjax_ignore'>{shown}</span>" if "$" in text or "\\" in text else shown


def small(text: str) -> str:
    """HTML in small print."""
    return f"<small style='opacity:.75'>{text}</small>"


def size_words(shape: Sequence[Size]) -> str:
    """A shape in small print, that of a vector as a column."""
    sizes = shape if len(shape) > 2 else rows_and_columns(tuple(shape))
    return small("scalar" if not shape else f"${TIMES.join(map(latex_size, sizes))}$")


def judged(ok: bool | None, text: str, shapes: Mapping[str, Shape] = NO_SHAPES) -> str:
    """Words with the sign and the colour of a verdict; None is neither right nor wrong."""
    sign, tone = _TONES[ok]
    return f"<span style='{tone}'>{sign}</span> {words(text, shapes)}"


def code(text: str) -> str:
    """A text as it stands."""
    return f"<code class='tex2jax_ignore mathjax_ignore' style='white-space:pre-wrap'>{escape(text)}</code>"


def table(rows: Iterable[Sequence[str]], *, head: Sequence[str] = (), title: str = "", below: str = "") -> str:
    """A table of cells in HTML, the first of each row its heading; ``title`` and ``below`` are HTML too."""
    top = f"<thead><tr>{''.join(f'<th style={LEFT!r}>{cell}</th>' for cell in head)}</tr></thead>" if head else ""
    body = "".join(
        f"<tr><th scope='row' style={LEFT!r}>{first}</th>{''.join(f'<td style={LEFT!r}>{cell}</td>' for cell in cells)}</tr>"
        for first, *cells in rows
    )
    over = f"<div><b>{title}</b></div>" if title else ""
    under = f"<div>{below}</div>" if below else ""
    return f"<div style='overflow-x:auto'>{over}<table>{top}<tbody>{body}</tbody></table>{under}</div>"


def checks(
    what: str, ok: bool, found: Iterable[tuple[str, str, bool | None, str]], sizes: Mapping[str, int], seed: int,
    shapes: Mapping[str, Shape] = NO_SHAPES,
) -> str:  # fmt: skip
    """A table of what oracles found: each with its name, its method, whether it passed, and its words."""
    rows = [(words(oracle), words(method), judged(passed, text)) for oracle, method, passed, text in found]
    at = ", ".join(f"{name} = {number}" for name, number in sizes.items())
    return table(rows, title=judged(ok, what, shapes), below=small(words(f"{f'{at}; ' if at else ''}seed {seed}")))
