"""Edits of a text: what is written in place of what, of which kind, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from matcalc.language.reading.source import Span


@final
@dataclass(frozen=True, slots=True)
class Edit:
    """One edit.

    Attributes:
        span: what is replaced; an empty span is a place to insert at.
        text: what is written there.
        kind: of `matcalc.derivation_check.results.KINDS`.
        words: the edit as a message says it.
    """

    span: Span
    text: str
    kind: str
    words: str

    @property
    def length(self) -> int:
        """How many characters are taken out and put in."""
        return self.span.end - self.span.start + len(self.text)

    def clashes(self, other: Edit) -> bool:
        """Whether both change the same place."""
        if self.span.start == self.span.end or other.span.start == other.span.end:
            return self.span.start < other.span.end and other.span.start < self.span.end or self.span == other.span
        return self.span.start < other.span.end and other.span.start < self.span.end


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made."""
    for edit in sorted(edits, key=lambda each: each.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
