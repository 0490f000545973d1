"""What is said of an answer: whether it is right, and if not, what kind of mistake it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import final

RIGHT = "right"

# Each kind of mistake, and the sentence that is said of it. The first ones are those of the repairs of `matcalc.check`.
SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "order": "The factors do not stand in the order that is right.",
        "transpose": "A transpose is missing, or stands where none belongs.",
        "other-layout": "That is the other layout: the transpose of what is asked for.",
        "missing-factor": "A factor is missing.",
        "extra-factor": "A factor or a term stands there that does not belong.",
        "layer-index": "A quantity of another layer stands there.",
        "derivative-of-function": "A function stands where its derivative belongs, or the other way round.",
        "hadamard": "A matrix product stands where an entrywise product belongs, or the other way round.",
        "sign": "A sign is wrong.",
        "index-name": "An index has another name than the one that fits.",
        "missing-sum": "A sum is missing.",
        "missing-term": "A term is missing.",
        "ill-shaped": "The shapes do not fit for general sizes.",
        "index-mismatch": "The free indices of the two sides differ.",
        "unknown-symbol": "A name stands there that this task does not have.",
        "empty": "Write an answer, and run it again.",
        "unreadable": "This could not be read as an answer.",
        "wrong-value": "It fits in shape, but its value is another one.",
        "undecided": "It could not be decided whether this is right, so it does not count; write it in a simpler form.",
        "unsolved": "Something is only written there that has yet to be worked out.",
        "left-side": "The left side is not the one that is asked for; leave it out, or write the one of the task.",
        "failed": "The function could not be run.",
        "other-derivative": "That is another derivative.",
        "wrong-layout": "That is not the layout.",
        "wrong-line": "That is not the line of the slip.",
        "wrong-kind": "The line is right, the kind of the slip is not.",
    }
)

_BOXES: Mapping[str, tuple[str, str]] = MappingProxyType({RIGHT: ("#009e73", "#e6f5f0"), "empty": ("#767676", "#f4f4f4")})


@final
@dataclass(frozen=True, slots=True, repr=False)
class Feedback:
    """The judgement of one answer.

    Attributes:
        ok: whether it is right.
        kind: ``right``, or the kind of the mistake: one of `SENTENCES`.
        message: what is the matter, in plain sentences; it does not tell the right answer.
        kinds: of a wrong answer, all kinds that would explain it by one smallest change, the likeliest first.

    Example:
        >>> Feedback.wrong("order", "A is m x n.")
        ✗ Not right (order). The factors do not stand in the order that is right. A is m x n.
        >>> Feedback.right()
        ✓ Right.
    """

    ok: bool
    kind: str
    message: str
    kinds: tuple[str, ...] = ()

    @classmethod
    def right(cls, message: str = "") -> Feedback:
        """Of a right answer."""
        return cls(True, RIGHT, message)

    @classmethod
    def wrong(cls, kind: str, *more: str, kinds: tuple[str, ...] = ()) -> Feedback:
        """Of a wrong answer: the sentence of its kind, and what else is known."""
        message = " ".join([SENTENCES[kind], *(each.strip() for each in more if each.strip())])
        return cls(False, kind, message, tuple(dict.fromkeys((kind, *kinds))))

    @property
    def heading(self) -> str:
        """The verdict in words, with a sign."""
        if self.kind == "empty":
            return "Not answered yet."
        return "✓ Right." if self.ok else f"✗ Not right ({self.kind})."

    def __repr__(self) -> str:
        return f"{self.heading} {self.message}".strip()

    def _repr_html_(self) -> str:
        """A box: green with a tick, orange with a cross, or grey where nothing is answered; the words say it too."""
        line, ground = _BOXES.get(self.kind, ("#d55e00", "#fdf0e6"))
        said = f"<br>{escape(self.message)}" if self.message else ""
        return (
            f"<div class='tex2jax_ignore mathjax_ignore' style='border-left:6px solid {line};background:{ground};color:#000000;"
            f"padding:0.5em 1em;margin:0.3em 0'><b>{escape(self.heading)}</b>{said}</div>"
        )
