"""The text that is read, and how an error shows a place in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar, final

from matcalc.errors import MatcalcError, ReadError, UnknownNameError, UnsupportedError, near_names

WIDTH = 100  # characters of the text that an error shows
MOST_NEAR_NAMES = 1_000  # near names are sought among no more than these


_PARTS = re.compile(r"\\[A-Za-z]+\s*|\\.|\s|[^\\]", re.DOTALL)
Fault = TypeVar("Fault", bound=MatcalcError)

_span = tuple.__new__  # a span is made for every symbol that is read


class Span(NamedTuple):
    """A stretch of the text, from the first character to behind the last."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """From the start of this stretch to the end of the other."""
        return _span(Span, (self[0], other[1]))


@final
@dataclass(frozen=True, slots=True)
class Source:
    """The text, as it was written."""

    text: str

    def piece(self, span: Span, most: int = 60) -> str:
        """What stands there, in one line and shortened in its middle, between commands."""
        found = " ".join(self.text[span.start : min(span.end, span.start + 4 * most)].split())
        if len(found) <= most:
            return found
        parts = _PARTS.findall(found)
        head, tail = "", ""
        while parts and len(head) + len(parts[0]) <= most * 2 // 3:
            head += parts.pop(0)
        while parts and len(tail) + len(parts[-1]) <= most // 5:
            tail = parts.pop() + tail
        return f"{head.rstrip()} ... {tail.lstrip()}"

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
