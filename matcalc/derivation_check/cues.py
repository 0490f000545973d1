"""Which layout the prose names, and whether it says that what follows is in index form."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import final

from matcalc.derivation_check.prose import Prose
from matcalc.derivation_check.segments import MASK
from matcalc.language.reading.source import Span

_LAYOUT = re.compile(
    r"""(?<!\bthe\ )\b(?P<n>numerator)\b | (?<!\bthe\ )\b(?P<d>denominator)\b
      | \b(?P<n2>numerator)[- ]+(?:layout|convention|notation|form|style)
      | \b(?P<d2>denominator)[- ]+(?:layout|convention|notation|form|style)
      | \b(?P<n3>Jacobian)[- ](?:formulation|layout|convention) | \b(?P<d3>(?:gradient|Hessian))[- ](?:formulation|layout|convention)""",
    re.VERBOSE | re.IGNORECASE,
)
_NAMED = re.compile(r"[- ]+(?:layout|convention|notation|form|style)", re.IGNORECASE)
_DIVIDES = re.compile(r"\b(?:divid\w+|fractions?|quotients?|ratios?|cancel\w*|reciprocal)\b", re.IGNORECASE)
_NOT = re.compile(
    r"""\b(?:not|instead\ of|rather\ than|unlike|as\ opposed\ to|contrary\ to|opposite\ of|other\ than)
      (?:\ (?:in|the|use|using))*[- ](?:numerator|denominator)""",
    re.IGNORECASE | re.VERBOSE,
)
_INDEXED = re.compile(
    r"""without\ (?:using\ |any\ )*matrix\ calculus | \bindex\ (?:form|notation) | \bin\ (?:components|coordinates|indices)\b
      | \bcomponent\ form | \bentry\ by\ entry\b | \bwith\ indices\b""",
    re.IGNORECASE | re.VERBOSE,
)
_MATRICES = re.compile(r"\bmatrix (?:calculus|form|notation)|\bvector(?:i[sz]ed)? (?:form|notation)|\bin matrices\b", re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:without|not|instead of|rather than|avoid\w*)\b[^.:;]{0,40}$", re.IGNORECASE)
_COMMITS = re.compile(
    r"""\bthis\ (?:document|paper|note|post|article|text|section|chapter|book)\ \W*(?:us|adopt|follow) | \bthroughout\b | \bfrom\ now\ on\b
      | \b(?:we|I)\ (?:will\ |shall\ |always\ |only\ )?(?:use|adopt|follow|choose|work|go\b|stick)""",
    re.VERBOSE | re.IGNORECASE,
)
_SPEAKS_OF_THIS = re.compile(r"\b(?:we|I|this|here|throughout|following|below|now|use|using|let us)\b")


@final
@dataclass(frozen=True, slots=True)
class Place:
    """What the prose says of the formulas of a place."""

    layout: str | None = None
    indexed: bool = False
    section: int = 0


@final
class Cues:
    """What the prose says, by the places where it changes."""

    def __init__(self, prose: Prose) -> None:
        self._places: list[int] = [0]
        self._said: list[Place] = [Place()]
        for paragraph in prose.paragraphs:
            self._read(prose, paragraph)

    def at(self, place: int) -> Place:
        """What holds there."""
        return self._said[bisect.bisect_right(self._places, place) - 1]

    def _say(self, place: int, layout: str | None, indexed: bool) -> None:
        last = self._said[-1]
        if (layout, indexed) != (last.layout, last.indexed):
            self._places.append(max(place, self._places[-1]))
            self._said.append(Place(layout, indexed, last.section + 1))

    def _read(self, prose: Prose, paragraph: Span) -> None:
        text = prose.text[paragraph.start : paragraph.end]
        mentions = _mentions(text, paragraph.start)
        if len({layout for _, layout in mentions}) == 2:
            self._read_both(prose, paragraph, mentions)
            return
        found: list[tuple[int, str | None, bool]] = [(place, layout, False) for place, layout in mentions[:1]]
        found += [(place, None, indexed) for place, indexed in _forms(text, paragraph.start)]
        for place, layout, indexed in sorted(found, key=lambda cue: cue[0]):
            self._say(max(paragraph.start, prose.sentence_start(place)), layout or self._said[-1].layout, indexed)

    def _read_both(self, prose: Prose, paragraph: Span, mentions: list[tuple[int, str]]) -> None:
        """A paragraph that names both layouts: each where it introduces formulas by itself, and the last if it introduces what follows."""
        before = self._said[-1]
        for place, indexed in _forms(prose.text[paragraph.start : paragraph.end], paragraph.start):
            self._say(place, before.layout, indexed)
            before = self._said[-1]
        by_clause: dict[Span, set[str]] = {}
        for place, layout in mentions:
            by_clause.setdefault(_clause(prose, paragraph, place), set()).add(layout)
        stays: str | None = None
        for clause, layouts in by_clause.items():
            if len(layouts) == 1:
                self._say(clause.start, min(layouts), False)
                words = prose.text[clause.start : clause.end].replace(MASK, " ")
                last = not prose.text[clause.end : paragraph.end].strip()
                if _COMMITS.search(words) or (last and stays is None and _introduces(words)):
                    stays = min(layouts)
        self._say(paragraph.end, stays or before.layout, stays is None and before.indexed)


def _mentions(text: str, start: int) -> list[tuple[int, str]]:
    kept = _NOT.sub(lambda match: " " * len(match[0]), text)
    divides = _DIVIDES.search(text)
    return [
        (start + match.start(), "numerator" if str(match.lastgroup).startswith("n") else "denominator")
        for match in _LAYOUT.finditer(kept)
        if not divides or match.lastgroup not in ("n", "d") or _NAMED.match(kept, match.end())
    ]


def _forms(text: str, start: int) -> list[tuple[int, bool]]:
    """Where index form or matrices are named, in order."""
    indexed = list(_INDEXED.finditer(text))
    taken = {match.end() for match in indexed}
    found = [(match.start(), True) for match in indexed if not _NEGATED.search(text, max(0, match.start() - 60), match.start())]
    found += [(match.start(), False) for match in _MATRICES.finditer(text) if match.end() not in taken]
    return [(start + place, indexed) for place, indexed in sorted(found)]


def _clause(prose: Prose, paragraph: Span, place: int) -> Span:
    """The prose around a place, to the formulas and the ends of sentences beside it."""
    number = prose.formula_at(place)
    first = max(paragraph.start, prose.sentence_start(place))
    last = min(paragraph.end, prose.sentence_end(place))
    for earlier in range(number - 1, -1, -1):
        if prose.formulas[earlier].span.end <= first:
            break
        if prose.claims[earlier]:
            first = prose.formulas[earlier].span.end
            break
    for later in range(number, len(prose.formulas)):
        if prose.formulas[later].span.start >= last:
            break
        if prose.claims[later]:
            last = prose.formulas[later].span.start
            break
    return Span(first, last)


def _introduces(words: str) -> bool:
    return words.rstrip().endswith(":") or bool(_SPEAKS_OF_THIS.search(words))
