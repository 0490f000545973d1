"""The pieces of a display: each a formula, a condition, or a line that goes on with the formula before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

from matcalc.derivation_check.conditions import condition
from matcalc.derivation_check.document_parts import Condition
from matcalc.derivation_check.parts import AMPERSAND, COLON, COMMA, GAP, IMPLIES, LINE, OPERATOR, RELATIONS, SEPARATORS, STOP, WORDS, Part
from matcalc.language.reading.source import Span

_MOST_MERGED = 7  # pieces that one condition may be parted into by its commas
_REMARK = re.compile(
    r"""\(\s*(?:[A-Z]{0,3}\s*\d+(?:\.\d+)*[a-z]?'*|\*+|\\ast|\\star|\\dagger)\s*\) | \\(?:square|Box|blacksquare|qedsymbol|checkmark)
      | (?:\\left\s*)?[(\[]\s*\\(?:text\w*|mathrm|mbox)\s*\{[^{}]*\}\s*(?:\\right\s*)?[)\]]""",
    re.VERBOSE,
)  # a number of the formula or a reason, in brackets
_JOINED = frozenset(("multline", "multlined"))
_APART = frozenset(("gather", "gathered"))
_LISTING = frozenset((COMMA, GAP, AMPERSAND, COLON))
_QUANTIFIED = re.compile(r"\s*(?:\\forall|∀|\(|\\left)")
_LOOSE = frozenset((AMPERSAND, GAP))
_CONDITION_WORDS = re.compile(r"\b(?:if|for|when|whenever|all|any|every|each|where|otherwise|provided)\b", re.IGNORECASE)


@final
@dataclass(slots=True)
class Piece:
    """Parts that belong together, what parted them from those before, and the words before them."""

    parts: list[Part]
    parted_by: frozenset[str]
    words: str
    condition: Condition | None = None
    line: int = field(default=0)

    @property
    def span(self) -> Span:
        return Span(self.parts[0].start, self.parts[-1].end)

    @property
    def relates(self) -> bool:
        return any(part.kind in RELATIONS for part in self.parts)

    ahead: bool = field(default=False)  # whether a relation stands in it, or behind the next &

    @property
    def says_condition(self) -> bool:
        """Whether the words before it begin a condition."""
        return bool(_CONDITION_WORDS.search(self.words))


def pieces(text: str, parts: Sequence[Part]) -> list[Piece]:
    """The pieces of a display, in order; those that are conditions say so."""
    found: list[Piece] = []
    for piece in _runs(parts):
        last = found[-1] if found else None
        if last is not None and piece.parted_by & _LOOSE and _REMARK.fullmatch(text, *piece.span):
            continue
        if last is not None and _joins(text, last, piece):
            last.parts += piece.parts
        else:
            found.append(piece)
    return _with_conditions(text, found)


def _runs(parts: Sequence[Part]) -> list[Piece]:
    """The runs of parts between separators."""
    runs: list[Piece] = []
    parted: set[str] = set()
    words: list[str] = []
    line, environment = 0, ""
    fresh = True
    for part in parts:
        if part.kind in SEPARATORS:
            if not fresh:
                parted, words, environment, fresh = set(), [], "", True
            parted.add(part.kind)
            if part.kind == WORDS:
                words.append(part.note)
            if part.kind == LINE or part.note.endswith("\n"):
                line += 1
                environment = environment or part.note
                parted.add(LINE)
        elif fresh:
            kinds = frozenset((*parted, environment)) if environment else frozenset(parted)
            runs.append(Piece([part], kinds, " ".join(words), line=line))
            fresh = False
        else:
            runs[-1].parts.append(part)
    then: Piece | None = None
    for run in reversed(runs):
        run.ahead = run.relates or (then is not None and then.parted_by <= _LOOSE and then.parts[0].kind in RELATIONS)
        then = run
    return runs


def _joins(text: str, last: Piece, piece: Piece) -> bool:
    """Whether a run goes on with the piece before it."""
    parted = piece.parted_by
    if parted & {COMMA, WORDS, IMPLIES, COLON, STOP}:
        return False
    if parted & _JOINED:
        return True
    first, before = piece.parts[0].kind, last.parts[-1].kind
    if before in RELATIONS or before == OPERATOR or first == OPERATOR:
        return True
    if LINE in parted:
        return last.relates and not piece.ahead and not parted & _APART and _condition_of(text, piece) is None
    if first in RELATIONS:
        return True
    if _condition_of(text, piece) is not None:
        return False
    if GAP in parted:
        return not piece.ahead
    return not (AMPERSAND in parted and piece.ahead and last.relates)


def _condition_of(text: str, piece: Piece) -> Condition | None:
    span = piece.span
    return condition(text[span.start : span.end], quantified=piece.says_condition)


def _with_conditions(text: str, found: list[Piece]) -> list[Piece]:
    """The pieces, with those made one that are a condition together, as ``l = 1, \\ldots, L``."""
    made: list[Piece] = []
    i = 0
    while i < len(found):
        first, end, whole = found[i], i + 1, None
        if first.relates or first.says_condition or _QUANTIFIED.match(text, *first.span):
            most = end
            while most < min(len(found), i + _MOST_MERGED) and not found[most].relates and found[most].parted_by <= _LISTING:
                most += 1
            for end in range(most, i, -1):
                whole = condition(text[first.span.start : found[end - 1].span.end], quantified=first.says_condition)
                if whole is not None:
                    break
        parts = [part for piece in found[i:end] for part in piece.parts]
        made.append(Piece(parts, first.parted_by, first.words, whole, first.line))
        i = end
    return made
