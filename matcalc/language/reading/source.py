"""The text that is read, and how an error shows a place in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, TypeVar, final

from matcalc.errors import MatcalcError, ReadError, UnknownNameError, UnsupportedError, near_names

WIDTH = 100  # characters of the text that an error shows
MOST_NEAR_NAMES = 1_000  # near names are sought among no more than these


_PARTS = re.compile(r"\\(?:left|right)\b\s*(?:\\[A-Za-z]+|\\.|.)|\\[A-Za-z]+\s*|\\.|\s|[^\\]", re.DOTALL)
_SCRIPTS = (["^"], ["_"], ["{"], ["("], ["'"])  # what belongs to that before it
LEAST_CUT = 6  # letters that are worth leaving out
LONGEST_PIECE = 400  # letters of a formula that are looked at to shorten it
Fault = TypeVar("Fault", bound=MatcalcError)

_span = tuple.__new__  # a span is made for every symbol that is read


class Span(NamedTuple):
    """A stretch of the text, from the first character to behind the last."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """From the start of this stretch to the end of the other."""
        return _span(Span, (self[0], other[1]))


def shortened(latex: str, most: int = 60) -> str:
    """A formula in one line of about so many letters, shortened in its middle, with whole groups, so that it can still be set.

    Example:
        >>> shortened("2 \\\\mathbf{x} + " + "y + " * 20 + "\\\\frac{a}{b}", 30)
        '2 \\\\mathbf{x} + y ... \\\\frac{a}{b}'
    """
    found = " ".join(latex[:LONGEST_PIECE].split())
    if len(found) <= most:
        return found
    parts = _PARTS.findall(found)
    return _cut(parts, "(){}", most) or (_cut(parts, "{}", most) if len(found) > 2 * most else "") or found


def _cut(parts: Sequence[str], brackets: str, most: int) -> str:
    """The parts without some in their middle, none inside of such brackets or of fences; nothing where no part can be left out."""
    opened = ((part[-1] in brackets[::2]) + part.startswith(r"\left") for part in parts)
    closed = ((part[-1] in brackets[1::2]) + part.startswith(r"\right") for part in parts)
    steps = (more - less for more, less in zip(opened, closed, strict=True))
    depths, reach = list(accumulate(steps)), list(accumulate(map(len, parts)))
    cuts = [at + 1 for at, depth in enumerate(depths) if depth == 0 and parts[at] not in "^_" and parts[at + 1 : at + 2] not in _SCRIPTS]
    heads = [at for at in cuts if reach[at - 1] <= most * 2 // 3] or cuts[:1]
    tails = [at for at in cuts if heads and reach[at - 1] > reach[heads[-1] - 1] + LEAST_CUT and reach[-1] - reach[at - 1] <= most // 3]
    if heads and reach[-1] >= LONGEST_PIECE - most:
        return f"{''.join(parts[: heads[-1]]).rstrip()} ..."
    if not tails or tails[0] == len(parts):
        return ""
    return f"{''.join(parts[: heads[-1]]).rstrip()} ... {''.join(parts[tails[0] :]).lstrip()}"


@final
@dataclass(frozen=True, slots=True)
class Source:
    """The text, as it was written."""

    text: str

    def piece(self, span: Span, most: int = 60) -> str:
        """What stands there, in one line and shortened in its middle."""
        return shortened(self.text[span.start : min(span.end, span.start + LONGEST_PIECE)], most)

    def message(self, span: Span, claim: str, way_out: str = "") -> str:
        """The claim, the text with carets under the place, and what to do."""
        start = max(0, min(span.start, len(self.text)))
        end = max(start, min(span.end, len(self.text)))
        first = 0 if end <= WIDTH else max(0, start - WIDTH // 4)
        last = min(len(self.text), first + WIDTH)
        shown = "".join(c if c.isprintable() else " " for c in self.text[first:last])
        before, after = ("... " if first else ""), (" ..." if last < len(self.text) else "")
        carets = " " * (len(before) + start - first) + "^" * max(1, min(end, last) - start)
        lines = [claim, f"    {before}{shown}{after}", f"    {carets}"]
        return "\n".join([*lines, f"    {way_out}"] if way_out else lines)

    def unreadable(self, span: Span, claim: str, way_out: str = "") -> ReadError:
        """The error of a place that cannot be read."""
        return self.placed(ReadError(self.message(span, claim, way_out)), span)

    def unsupported(self, span: Span, claim: str, way_out: str = "") -> UnsupportedError:
        """The error of a construct that has no node."""
        return self.placed(UnsupportedError(self.message(span, claim, way_out)), span)

    def unknown(self, span: Span, claim: str, name: str, known: Iterable[str]) -> UnknownNameError:
        """The error of a name that nothing declares, with near names."""
        names = [each for each, _ in zip(known, range(MOST_NEAR_NAMES), strict=False)]
        return self.placed(UnknownNameError(self.message(span, claim, near_names(name[:WIDTH], names))), span)

    def at(self, span: Span, error: MatcalcError) -> MatcalcError:
        """An error of a constructor, shown at its place."""
        return self.placed(ReadError(self.message(span, str(error))), span)

    def placed(self, error: Fault, span: Span) -> Fault:
        """An error that knows where its fault is."""
        error.span = span
        return error
