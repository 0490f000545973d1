"""The prose around formulas: where its paragraphs and sentences end, and whether it says that a formula defines something."""

from __future__ import annotations

import bisect
import itertools
import re
from typing import final

from matcalc.derivation_check.segments import MASK, Segment, Segments
from matcalc.language.reading.source import Span

_BREAK = re.compile(
    r"""\n[ \t>]*\n\s* | \n(?=[ \t>]*(?:\#|[-*+][ ]|\d+[.)][ ])) | (?<=\n)\s*(?=\#) | (?<=^)(?=\#)
      | \\(?:section|subsection|subsubsection|paragraph|chapter|item|par)\b\*? | \\(?:begin|end)\s*\{[a-z]+\*?\}""",
    re.VERBOSE,
)
_HEADING_END = re.compile(r"^[ \t>]*#[^\n]*\n", re.MULTILINE)
_FULL_STOP = re.compile(r"(?<![\s.])[.!?][)\"'*_]*(?=\s|$)")
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:e\.g|i\.e|w\.r\.t|resp|cf|vs|eq|eqs|eqn|fig|sec|ch|no|approx|[A-Za-z])$", re.IGNORECASE)
_RELATION = re.compile(r"=|\\equiv|\\triangleq")
_DEFINES = re.compile(
    r"""\b(?:(?:re)?defin(?:e|es|ed|ing|ition)|let(?!\s+(?:us|me|'s)\b)|denot(?:e|es|ed|ing)|where|write|put
      | we\ (?:write|call|put|set|introduce|abbreviate)
      | (?<!training\ )(?<!data\ )(?<!test\ )set(?!\ of)(?!\s+to\b) | introduc(?:e|es|ing) | abbreviat(?:e|ing|ion)
      | notation | shorthand | stands?\ for)\b
      | \bwith(?!\s+respect)(?:\s+(?!\w*(?:layout|formulation|convention|calculus|rule|ind))\w+){0,3}\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_CLAIMS = re.compile(
    r"""\b(?:gets?|have|has|obtains?|gives?|given\ by|yields?|follows?|comput(?:e|es|ed|ing)|gradients?|derivatives?|becomes?|find|hence
      | thus|therefore|shows?|chain\ rule|so\ that|it\ holds|equals?)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_EXISTS = re.compile(r"\b(?:where|if|when|whenever)\b[^.:;]{0,100}?\b(?:is|are) (?:well[- ])?defined\s*,", re.IGNORECASE)
_GOES_ON = re.compile(r"[\s,;]*(?:and)?[\s,;]*")
_AT_MOST = 600  # characters of prose before a formula that are looked at


@final
class Prose:
    """The prose of a text, with its formulas masked."""

    def __init__(self, parts: Segments, text: str) -> None:
        self.text = parts.prose
        self.formulas = parts.formulas
        self.claims = tuple(bool(_RELATION.search(text, *each.content)) for each in parts.formulas)
        self._starts = [each.span.start for each in parts.formulas]
        self.paragraphs = self._parted()
        self.ends = self._sentence_ends(text)

    def _parted(self) -> tuple[Span, ...]:
        breaks = (match.end() for pattern in (_BREAK, _HEADING_END) for match in pattern.finditer(self.text))
        cuts = sorted({0, len(self.text), *breaks})
        return tuple(Span(a, b) for a, b in itertools.pairwise(cuts) if self.text[a:b].strip())

    def formula_at(self, place: int) -> int:
        """The number of the first formula that begins there or later."""
        return bisect.bisect_left(self._starts, place)

    def sentence(self, place: int) -> int:
        """A number of the sentence that a place stands in."""
        return bisect.bisect_right(self.ends, place)

    def sentence_start(self, place: int) -> int:
        """Where the sentence of a place begins."""
        found = bisect.bisect_right(self.ends, place)
        return self.ends[found - 1] if found else 0

    def sentence_end(self, place: int) -> int:
        """Where the sentence of a place ends."""
        found = bisect.bisect_right(self.ends, place)
        return self.ends[found] if found < len(self.ends) else len(self.text)

    def _sentence_ends(self, text: str) -> list[int]:
        ends = set()
        for match in _FULL_STOP.finditer(self.text):
            if match[0][0] != "." or not _ABBREVIATION.search(self.text, max(0, match.start() - 8), match.start()):
                ends.add(match.end())
        for each, claims in zip(self.formulas, self.claims, strict=True):
            if text[each.content.start : each.content.end].rstrip().endswith(".") or (claims and self._new_sentence_behind(each)):
                ends.add(each.span.end)
        for before, behind in itertools.pairwise(self.paragraphs):
            if not self._goes_on(before, behind):
                ends.add(behind.start)
        return sorted(ends)

    def _new_sentence_behind(self, formula: Segment) -> bool:
        """Whether a capital letter begins a sentence behind a formula that nothing punctuates."""
        behind = self.text[formula.span.end : formula.span.end + 20].lstrip(" \n")
        return bool(re.match(r"[A-Z][a-z]*\b", behind)) and not behind.startswith(("Where", "With"))

    def _goes_on(self, before: Span, behind: Span) -> bool:
        """Whether the sentence of a paragraph goes on in the next, as prose does in the formula that it introduces."""
        first = self.text[max(before.start, before.end - 200) : before.end].rstrip()[-1:]
        then = self.text[behind.start : behind.start + 200].lstrip()
        if first in (":", ","):
            return not then.startswith("#")
        if then[:1] == MASK:
            return first not in (".", "!", "?")
        return first == MASK and then[:1].islower()

    def defines(self, number: int, before: bool) -> bool:
        """Whether the words before a formula say that it defines; ``before`` tells it of the last formula in the same sentence."""
        formula = self.formulas[number]
        start = max(self.sentence_start(formula.span.start), formula.span.start - _AT_MOST)
        run_from = start
        for earlier in range(number - 1, -1, -1):
            if self.formulas[earlier].span.end <= start:
                break
            if self.claims[earlier]:
                run_from = self.formulas[earlier].span.end
                break
        words = _EXISTS.sub(" ", self.text[run_from : formula.span.start].replace(MASK, " "))
        if run_from > start and _GOES_ON.fullmatch(words):
            return before
        defining = [match.start() for match in _DEFINES.finditer(words)]
        claiming = [match.start() for match in _CLAIMS.finditer(words)]
        return bool(defining) and (not claiming or claiming[-1] < defining[-1])
