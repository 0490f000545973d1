"""What a check gives: a report of links, each with its verdict, and the repairs of the wrong ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

from matcalc.language.operators import METHODS
from matcalc.language.reading.source import Span
from matcalc.language.text_rows import filled
from matcalc.printing.latex_text import latex_in_text
from matcalc.printing.messages import message_in_text, sentences

HOLDS = "holds"
VERDICTS = ("unreadable", "unknown-symbol", "index-mismatch", HOLDS, "other-layout", "ill-shaped", "wrong-value", "undecided")
KINDS = (
    "order", "transpose", "other-layout", "missing-factor", "extra-factor", "layer-index", "derivative-of-function", "hadamard", "sign",
    "index-name", "missing-sum",
)  # fmt: skip
WRONG = frozenset(VERDICTS) - {HOLDS, "undecided"}


@final
@dataclass(frozen=True, slots=True)
class Repair:
    """The smallest edits of what was written that make a link hold.

    Attributes:
        kinds: of the edits, from `KINDS`.
        latex: the side with the edits made.
        side: ``right`` or ``left``, the side that is edited.
        message: the edits in words.
    """

    kinds: tuple[str, ...]
    latex: str
    side: str
    message: str

    def __repr__(self) -> str:
        return "\n".join(filled(f"{', '.join(self.kinds)} ({self.side}): {latex_in_text(self.latex)}"))

    def _repr_html_(self) -> str:
        return str(METHODS["repair_notebook"](self))


@final
@dataclass(frozen=True, slots=True)
class Link:
    """One claimed equality, or a definition.

    Attributes:
        kind: ``claim`` or ``definition``.
        verdict: one of `VERDICTS`.
        left, right: both sides as they were written, in LaTeX.
        span: where the link stands in the text, in characters.
        place: where what is wrong stands, inside of the span; the whole span where nothing smaller is known.
        layout: the layout that it was judged in; None of a formula that does not depend on it.
        layouts: those in which it holds, of ``numerator``, ``denominator`` and ``mixed``; all of them where it depends on none.
        reading: ``stand-in`` or ``jacobian``, where a factor with three axes stands in it and a reading makes it hold.
        message: what was found, in one or two sentences, formulas in LaTeX as they were written.
        notes: what was taken for granted, as a layer that was left out.
        repairs: ranked, the smallest first.
        right_form: of a wrong link what the engine finds in place of the right side, in LaTeX; None where it finds nothing.
        follows: whether a wrong link follows correctly from the wrong one before it, so that it is no slip of its own.
        formula: the number of the formula in the text, from 1.
        line: the line of the text, from 1.
    """

    kind: str
    verdict: str
    left: str
    right: str
    span: Span
    place: Span
    layout: str | None
    layouts: tuple[str, ...]
    reading: str | None
    message: str
    notes: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    right_form: str | None = None
    follows: bool = False
    formula: int = 1
    line: int = 1

    @property
    def ok(self) -> bool:
        """Whether the link holds."""
        return self.verdict == HOLDS

    @property
    def told(self) -> str:
        """The message in one line of plain text: its formulas as matcalc prints them, not in LaTeX."""
        return message_in_text(sentences(self.message))

    @property
    def is_slip(self) -> bool:
        """Whether it is wrong by itself, and not only because the link before it is."""
        return self.verdict in WRONG and not self.follows

    def __repr__(self) -> str:
        equation = latex_in_text(f"{self.left} = {self.right}")
        return "\n".join(filled(f"line {self.line}: {equation}: {self.verdict}. {self.told}"))

    def _repr_html_(self) -> str:
        return str(METHODS["link_notebook"](self))


@final
@dataclass(frozen=True, slots=True)
class SetAside:
    """A formula of the text that claims nothing, and why it was left out."""

    latex: str
    span: Span
    line: int
    reason: str


@final
@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What was found in a derivation.

    Attributes:
        text: that was checked.
        links: the claimed equalities and definitions, in the order of the text.
        layout: ``numerator``, ``denominator``, ``mixed``, ``contradictory``, or None where nothing decides it.
        set_aside: formulas that claim nothing.
        name: of the text, as a file's.
    """

    text: str
    links: tuple[Link, ...]
    layout: str | None
    set_aside: tuple[SetAside, ...] = ()
    name: str = ""

    @property
    def ok(self) -> bool:
        """Whether something was read and every link holds."""
        return bool(self.links) and all(link.ok for link in self.links)

    @property
    def first_wrong(self) -> Link | None:
        """The first link that is wrong, or None."""
        return next((link for link in self.links if link.verdict in WRONG), None)

    @property
    def slips(self) -> tuple[Link, ...]:
        """The links that are wrong by themselves."""
        return tuple(link for link in self.links if link.is_slip)

    def __iter__(self) -> Iterator[Link]:
        return iter(self.links)

    def __repr__(self) -> str:
        first = self.first_wrong
        held = sum(link.ok for link in self.links)
        head = f"{held} of {len(self.links)} links hold"
        told = f"{head}; every line is right" if self.ok else f"{head}; first wrong: {first!r}" if first else head
        return "\n".join(filled(told))

    def as_dict(self) -> dict[str, Any]:
        """The report as dicts, lists, strings and numbers: see `matcalc.derivation_check.report_data`."""
        found: dict[str, Any] = METHODS["report_data"](self)
        return found

    def to_json(self) -> str:
        """The report as JSON, in ASCII."""
        return json.dumps(self.as_dict(), indent=2)

    def printed(self, width: int = 80) -> str:
        """The report for a terminal, without colours; ``width`` in columns."""
        return str(METHODS["report_text"](self, width))

    def show(self) -> None:
        """The report printed to the terminal, in colours where it has them."""
        METHODS["report_shown"](self)

    def to_html(self) -> str:
        """The report as one HTML file that needs no network, its formulas typeset."""
        return str(METHODS["report_html"](self))

    def _repr_html_(self) -> str:
        return str(METHODS["report_notebook"](self))
