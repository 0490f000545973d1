"""Reports built by hand, with links of every kind at known places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from matcalc.derivation_check.results import Link, Repair, Report, SetAside
from matcalc.language.reading.source import Span

TEXT = r"""Wir leiten in Nennerschreibweise ab, <b>für</b> $l \in [0, L]$.
$$\mathbf{z} = \mathbf{W}\mathbf{x} + \mathbf{b}$$
\begin{align}
\frac{\partial C}{\partial \mathbf{W}} &= \mathbf{x} \boldsymbol{\delta}^\top \\
  &= 2 \mathbf{W}
\end{align}
and $\frac{\partial C}{\partial b} = f(\mathbf{z}) \odot \boldsymbol{\delta}$, also
$C = <script>alert("x")</script> } ]$ and $y = \mathbf{y}$.
"""
WHERE = TEXT.index


def span(piece: str, after: int = 0) -> Span:
    """Where a piece stands in the text."""
    start = TEXT.index(piece, after)
    return Span(start, start + len(piece))


def link(left: str, right: str, place: Span | None = None, verdict: str = "holds", **more: Any) -> Link:
    """A link between the first places of its sides."""
    whole = span(left).to(span(right, span(left).start))
    given: dict[str, Any] = {"kind": "claim", "layout": "denominator", "layouts": (), "reading": None, "message": f"It is {verdict}."}
    given |= more
    line = TEXT.count("\n", 0, span(right, span(left).start).start) + 1
    return Link(verdict=verdict, left=left, right=right, span=whole, place=place or whole, line=line, **given)


SLIP = r"\mathbf{x} \boldsymbol{\delta}^\top"
BY_W = r"\frac{\partial C}{\partial \mathbf{W}}"
LINKS = (
    link(r"\mathbf{z}", r"\mathbf{W}\mathbf{x} + \mathbf{b}", kind="definition", layout=None, layouts=("numerator", "denominator")),
    link(
        BY_W, SLIP, span(SLIP), "other-layout", message="The right side is right in numerator layout.", notes=("delta is dC/dz.",),
        repairs=(
            Repair(("order", "transpose"), r"\boldsymbol{\delta} \mathbf{x}^\top", "right", "The factors the other way round."),
            Repair(("transpose",), r"\left(\frac{\partial C}{\partial \mathbf{W}}\right)^\top", "left", "The left side transposed."),
        ),
        right_form=r"\boldsymbol{\delta} \mathbf{x}^\top",
    ),
    link(SLIP, r"2 \mathbf{W}", span("2", WHERE("&= 2")), "wrong-value", follows=True),
    link(r"\frac{\partial C}{\partial b}", r"f(\mathbf{z}) \odot \boldsymbol{\delta}", span(r"f(\mathbf{z})"), "wrong-value"),
    link(
        "C", '<script>alert("x")</script> } ]', span("} ]"), "unreadable", layout=None,
        message="} closes nothing.\n    C = <script> }\n                 ^\n    Leave it out & try again.",
    ),
    link("y", r"\mathbf{y}", verdict="undecided", message="Nothing tells what y is."),
)  # fmt: skip
UNREAD, OPEN = span('C = <script>alert("x")</script> } ]'), span(r"y = \mathbf{y}")
LINKS = (*LINKS[:4], replace(LINKS[4], span=UNREAD), replace(LINKS[5], span=OPEN, place=OPEN))
ASIDE = SetAside(r"l \in [0, L]", span(r"l \in [0, L]"), 1, "It claims no equality.")
REPORT = Report(TEXT, LINKS, "denominator", (ASIDE,), "anna <1>.tex")
GOOD = Report(TEXT, LINKS[:1], None, (), "good.tex")
EMPTY = Report("no formulas", (), None, (), "empty.tex")
