"""Parts of what a notebook shows as HTML: tables in the look of the notebook's theme, formulas for it to set, words, verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from matcalc.language.sizes import Size, rows_and_columns
from matcalc.printing.line_breaks import typeset
from matcalc.printing.names import latex_size
from matcalc.printing.prose import prose_in_html

CELL = 46  # letters of a formula in a cell, where two stand side by side
TIMES = r" \times "
LEFT = "text-align:left;vertical-align:middle"
_TONES = {
    True: ("✓", "color:var(--jp-success-color1,#1a7f4b)"),
    False: ("✗", "color:var(--jp-error-color1,#c0392b)"),
    None: ("–", "opacity:.7"),
}  # the colours of the notebook's theme; elsewhere some that are read on white and on black


def formula(latex: str, width: float = CELL) -> str:
    """A formula, in several lines where it is longer than ``width`` letters."""
    return escape(typeset(latex, width))


def words(text: str) -> str:
    """A text with plain formulas in it; a dollar sign in it begins none."""
    shown = prose_in_html(text)
    return f"<span class='tex2jax_ignore mathjax_ignore'>{shown}</span>" if "$" in text or "\\" in text else shown


def small(text: str) -> str:
    """HTML in small print."""
    return f"<small style='opacity:.75'>{text}</small>"


def size_words(shape: Sequence[Size]) -> str:
    """A shape in small print, that of a vector as a column."""
    sizes = shape if len(shape) > 2 else rows_and_columns(tuple(shape))
    return small("scalar" if not shape else f"${TIMES.join(map(latex_size, sizes))}$")


def judged(ok: bool | None, text: str) -> str:
    """Words with the sign and the colour of a verdict; None is neither right nor wrong."""
    sign, tone = _TONES[ok]
    return f"<span style='{tone}'>{sign}</span> {words(text)}"


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
    what: str, ok: bool, found: Iterable[tuple[str, str, bool | None, str]], sizes: Mapping[str, int], seed: int
) -> str:
    """A table of what oracles found: each with its name, its method, whether it passed, and its words."""
    rows = [(words(oracle), words(method), judged(passed, text)) for oracle, method, passed, text in found]
    at = ", ".join(f"{name} = {number}" for name, number in sizes.items())
    return table(rows, title=judged(ok, what), below=small(words(f"{f'{at}; ' if at else ''}seed {seed}")))
