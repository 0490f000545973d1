"""A text as people write it: prose, formulas between delimiters, chains of equalities, conditions, layout cues.

Every place is a `Span` in characters of the text. ``Document.clean`` is the text with what is no mathematics inside the formulas (``&``,
line breaks, labels, tags, words) blanked by as many spaces, so that a slice of it can be given to the reader and places agree.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import final

from matcalc.derivation_check.abbreviations import with_abbreviations
from matcalc.derivation_check.chains import Chain, Settled, settled, sides_of, trimmed
from matcalc.derivation_check.conditions import between, both, lone_layer, on_indices
from matcalc.derivation_check.cues import Cues
from matcalc.derivation_check.document_parts import Comparison, Condition, Document, Formula, LayerNumber, Side
from matcalc.derivation_check.environments import structure
from matcalc.derivation_check.parts import RELATIONS, Parts
from matcalc.derivation_check.pieces import Piece, pieces
from matcalc.derivation_check.prose import Prose
from matcalc.derivation_check.segments import MASK, Segment, Segments, formulas_in_code, segments, undelimited
from matcalc.language.reading.source import Span

__all__ = ["Comparison", "Condition", "Document", "Formula", "LayerNumber", "Side", "document"]

_ANY = re.compile(r"\b(?:any|all|every|each|general|arbitrary|generic)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
_ANY_LAYER = re.compile(r"\b(?:any|all|every|each|general|arbitrary|generic)\s+(?:other\s+)?layers?\b", re.IGNORECASE)
_BACKWARD = re.compile(
    r"""[\s,;(]*(?:(?:and|valid|this\ holds|which\ holds)\s+)?
      (?:for(?:\ all|\ any|\ each|\ every)?|where|with|if|when|whenever|provided(?:\ that)?)\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSES = re.compile(r"[\s)]*(?:[.,;)]|and\b|$)")
_DEFINING_WORDS = re.compile(r"\b(?:where|with|let|define|denote|set|put)\b", re.IGNORECASE)
_ONLY_IF = re.compile(r"\b(?:if|when|whenever|provided)\b")
_QUOTED = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)+", re.MULTILINE)  # of a quotation in Markdown
_ENTITIES: Mapping[str, str] = MappingProxyType({"lt": "<", "gt": ">", "amp": "&", "nbsp": " "})
_ENTITY = re.compile(r"&(lt|gt|amp|nbsp);")
_PLAIN = {ord(space): " " for space in "\xa0\u2002\u2003\u2009\u200a\u200b\u202f\u2060\u2061\u2062\u2063\ufeff"} | {ord("\u2212"): "-"}
_UP_TO = re.compile(r"\s*,?\s*(?:up\s+|down\s+)?(?:to|through|until)\s*")


def document(text: str) -> Document:
    """The formulas of a text. A text without math delimiters and environments is one formula.

    >>> found = document(r"For $l = L$ we get $$\\delta^{(l)} = \\frac{\\partial C}{\\partial a^{(l)}} f'(z^{(l)})$$")
    >>> [found.clean[side.span.start : side.span.end] for side in found.formulas[0].sides]
    ['\\\\delta^{(l)}', "\\\\frac{\\\\partial C}{\\\\partial a^{(l)}} f'(z^{(l)})"]
    >>> found.formulas[0].condition.comparisons[0].sign
    '='
    """
    bare = _plain(text)
    found = segments(bare)
    if not found.formulas and not found.set_aside:
        without_code = blanked(bare, [(span.start, span.end) for span in found.code])
        result = _Reading(without_code, undelimited(without_code)).result()
    else:
        result = _Reading(bare, found).result()
    aside = sorted([*result.set_aside, *formulas_in_code(bare, found.code)])
    return replace(result, text=text, set_aside=tuple(aside))


def _plain(text: str) -> str:
    """The text with marks of quotations, entities of HTML and unusual spaces written as usual, each as long as it was."""
    plain = _QUOTED.sub(lambda match: " " * len(match[0]), text.replace("\r\n", " \n").replace("\r", "\n").translate(_PLAIN))
    return with_abbreviations(_ENTITY.sub(lambda match: _ENTITIES[match[1]].ljust(len(match[0])), plain))


@final
class _Lines:
    """The lines of a text."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def of(self, place: int) -> int:
        """The number of the line of a place, from 1."""
        return bisect.bisect_right(self.starts, place)


def blanked(text: str, blanks: list[tuple[int, int]]) -> str:
    """The text with stretches of it replaced by spaces."""
    made, place = [], 0
    for start, end in sorted(blanks):
        start = max(start, place)
        if end > start:
            made += [text[place:start], " " * (end - start)]
            place = end
    return "".join([*made, text[place:]])


@final
class _Reading:
    """The formulas of a text, read in order."""

    def __init__(self, text: str, found: Segments) -> None:
        self.text = text
        self.found = found
        self.prose = Prose(found, text)
        self.cues = Cues(self.prose)
        self.chains: list[Chain] = []
        self.blanks: list[tuple[int, int]] = []
        self.set_aside: list[tuple[Span, str]] = list(found.set_aside)
        self.said = Condition()  # by the prose of this sentence
        self.sentence = -1
        self.passed = 0  # prose up to here has been read
        self.defined = False

    def result(self) -> Document:
        for number, segment in enumerate(self.found.formulas):
            self._read(number, segment)
        return self._document()

    def _read(self, number: int, segment: Segment) -> None:
        self._pass_prose(segment)
        parts = Parts(self.text, structure(self.text, *segment.content))
        self.blanks += parts.blanks
        found = pieces(self.text, parts.list)
        if found and all(piece.condition is not None for piece in found):
            self._condition_in_prose(number, segment, found)
            return
        if len(found) == 1 and self._is_any_layer(segment, found[0]):
            self.said = Condition()
        if self.prose.claims[number]:
            self.defined = self.prose.defines(number, self.defined and self.sentence == self.prose.sentence(segment.span.start))
        self._chains(segment, found)

    def _pass_prose(self, segment: Segment) -> None:
        """What the prose up to a formula says of the layers."""
        sentence = self.prose.sentence(segment.span.start)
        start = max(self.passed, self.prose.sentence_start(segment.span.start))
        if sentence != self.sentence or _ANY_LAYER.search(self.prose.text, start, segment.span.start):
            self.said = Condition()
        self.sentence, self.passed = sentence, segment.span.end

    def _is_any_layer(self, segment: Segment, piece: Piece) -> bool:
        before = self.prose.text[max(0, segment.span.start - 60) : segment.span.start]
        found = lone_layer(self.text[piece.span.start : piece.span.end])
        return found is not None and bool(found.letter) and bool(_ANY.search(before.replace(MASK, " ")))

    def _condition_in_prose(self, number: int, segment: Segment, found: list[Piece]) -> None:
        """A formula that is a condition: for what follows in its sentence, or for the formula before it."""
        asked = Condition()
        for piece in found:
            asked = both(asked, piece.condition or Condition())
        asked = self._with_upper_end(number, segment, asked)
        self.set_aside.append((trimmed(self.text, *segment.content), "a condition on the layers"))
        if on_indices(asked):
            return
        last = self.chains[-1] if self.chains and self.chains[-1].relates else None
        if last is not None and last.condition is None and self._looks_back(number, segment, last):
            last.condition = both(last.said, asked)
        else:
            self.said = both(self.said, asked)

    def _with_upper_end(self, number: int, segment: Segment, asked: Condition) -> Condition:
        """``l = 1`` to ``L``, written as two formulas."""
        if len(asked.comparisons) != 1 or asked.comparisons[0].sign != "=" or number + 1 >= len(self.found.formulas):
            return asked
        then = self.found.formulas[number + 1]
        end = lone_layer(self.text[then.content.start : then.content.end])
        if end is None or not _UP_TO.fullmatch(self.prose.text, segment.span.end, then.span.start):
            return asked
        only = asked.comparisons[0]
        return Condition(between(only.right, end, only.left))

    def _looks_back(self, number: int, segment: Segment, last: Chain) -> bool:
        """Whether a condition in prose is for the formula before it, as "for l < L" behind a display."""
        place = self.found.formulas[last.place]
        words = self.prose.text[place.span.end : segment.span.start]
        if len(words) > 60 or not _BACKWARD.fullmatch(words.replace(MASK, " ")):
            return False
        then = next((i for i in range(number + 1, min(number + 6, len(self.found.formulas))) if self.prose.claims[i]), None)
        start = self.found.formulas[then].span.start if then is not None else len(self.text)
        if then is None or self.prose.sentence(start) != self.sentence or "Where" in words:
            return True
        return bool(_CLOSES.match(self.prose.text, segment.span.end, start))

    def _chains(self, segment: Segment, found: list[Piece]) -> None:
        """The chains of a formula; a condition is for those before it in its line, or else for the next."""
        line: list[Chain] = []
        ahead: Condition | None = None
        number, parted, defines = 0, False, self.defined
        for piece in found:
            if piece.line != number or (parted and piece.condition is None):
                ahead = ahead if piece.line == number else None
                line, number, parted = [], piece.line, False
            if piece.condition is not None:
                self.set_aside.append((piece.span, "a condition on the layers"))
                if not on_indices(piece.condition):
                    self._restrict(line, piece.condition)
                    ahead, parted = (None if line else piece.condition), bool(line)
                continue
            if line and piece.relates and _ONLY_IF.search(piece.words):
                for chain in line:
                    chain.unread = " ".join(self.text[piece.span.start : piece.span.end].split())[:60]
                continue
            if piece.words:
                defines = bool(_DEFINING_WORDS.search(piece.words)) or (defines and "and" in piece.words.split())
            chain = self._chain(segment, piece, defines)
            if ahead is not None:
                chain.condition = both(self.said, ahead)
            line.append(chain)

    def _restrict(self, line: list[Chain], asked: Condition) -> None:
        for chain in line:
            chain.condition = both(chain.condition or chain.said, asked)

    def _chain(self, segment: Segment, piece: Piece, defines: bool) -> Chain:
        sides, signs = sides_of(self.text, piece.parts)
        if piece.parts[0].kind in RELATIONS:
            last = self._last_chain(segment)
            if last is not None:
                if last.signs and last.sides[-1].start == last.sides[-1].end:
                    last.sides.pop()
                    last.signs.pop()
                last.sides += sides[1:]
                last.signs += signs
                return last
        elif self.chains and self._is_awaited(segment):
            last = self.chains[-1]
            last.sides = [*last.sides[:-1], *sides]
            last.signs += signs
            return last
        chain = Chain(sides, signs, segment.display, defines, place=self._number(segment), said=self.said)
        self.chains.append(chain)
        return chain

    def _is_awaited(self, segment: Segment) -> bool:
        """Whether the formula right before ends with an equality sign."""
        last = self.chains[-1]
        between_them = self.text[self.found.formulas[last.place].span.end : segment.span.start]
        return last.sides[-1].start == last.sides[-1].end and last.place != self._number(segment) and not between_them.strip()

    def _number(self, segment: Segment) -> int:
        return self.prose.formula_at(segment.span.start)

    def _last_chain(self, segment: Segment) -> Chain | None:
        """The chain that a line beginning with an equality sign goes on with."""
        if not self.chains:
            return None
        here = self._number(segment)
        last = self.chains[-1]
        if last.place == here or last.relates or last.display:
            return last
        if not self.text[self.found.formulas[last.place].span.end : segment.span.start].strip():
            return last
        return next((chain for chain in reversed(self.chains) if chain.relates or chain.display), None)

    def _document(self) -> Document:
        clean = blanked(self.text, self.blanks)
        formulas: list[Formula] = []
        expressions: list[Formula] = []
        lines = _Lines(self.text)
        for chain in self.chains:
            made = settled(self.text, clean, chain)
            self.set_aside += made.set_aside
            self._enter(chain, made, formulas, expressions, lines)
        aside = tuple(sorted(set(self.set_aside)))
        return Document(self.text, clean, tuple(formulas), tuple(expressions), aside)

    def _enter(self, chain: Chain, made: Settled, formulas: list[Formula], expressions: list[Formula], lines: _Lines) -> None:
        said = self.cues.at(self.found.formulas[chain.place].span.start)
        asked = chain.condition if chain.condition is not None else chain.said
        for sides in [*made.formulas, *([(made.expression,)] if made.expression else [])]:
            line = lines.of(min(side.span.start for side in sides))
            number = len(formulas) + len(expressions) + 1
            defines = len(sides) > 1 and made.defines
            made_formula = Formula(sides, defines, said.layout, said.indexed, asked, said.section, number, line)
            (formulas if len(sides) > 1 else expressions).append(made_formula)
