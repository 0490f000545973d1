"""Stretches of a text as they are shown in lines of fixed width, with carets under a place.

Columns are counted as terminals count them: a wide character takes two, a combining one none. What would move the cursor is replaced.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from matcalc.language.reading.source import Span

TAB = 4
MOST_ROWS = 6  # of one stretch; of a longer one only those around the place are shown
CUT = "..."
INVISIBLE = "·"  # in place of a character that shows nothing or moves the cursor


class Row(NamedTuple):
    """A line and the carets below it; without any, ``marks`` is empty."""

    text: str
    marks: str = ""


class _Cell(NamedTuple):
    text: str
    width: int
    marked: bool


def cells(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def visible(text: str) -> str:
    """The text in one line, without what would move the cursor, colour it or turn its direction."""
    return "".join(_visible(c) for c in " ".join(text.split()))


def _visible(character: str) -> str:
    return character if character.isprintable() else " " if character.isspace() else INVISIBLE


def shortened(text: str, width: int) -> str:
    """The text in one line of at most so many columns."""
    shown = visible(text)
    if cells(shown) <= width:
        return shown
    kept, room = "", width - len(CUT)
    for character in shown:
        room -= _width(character)
        if room < 0:
            break
        kept += character
    return kept + CUT


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns, broken at spaces, and inside of a word that is longer."""
    lines, line = [], ""
    for word in visible(text).split(" "):
        if line and cells(line) + 1 + cells(word) <= width:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        *full, line = _parts(word, width)
        lines += full
    return [*lines, line] if line or not lines else lines


def _parts(word: str, width: int) -> list[str]:
    parts, room = [""], width
    for character in word:
        if _width(character) > room:
            parts.append("")
            room = width
        parts[-1] += character
        room -= _width(character)
    return parts


# ---- places ----------------------------------------------------------------------------------------------------------


def rows(text: str, span: Span, place: Span, width: int) -> list[Row]:
    """The lines of a stretch, broken to the width, with carets under the place; of many those around the place."""
    found = [row for line in _lines(text, span, place) for row in _broken(line, width)]
    shown = [row for row in found if row.text.strip() or row.marks]
    if len(shown) <= MOST_ROWS:
        return shown
    marked = [i for i, row in enumerate(shown) if row.marks]
    first = max(0, min(marked[0] - 1 if marked else 0, len(shown) - MOST_ROWS))
    kept = shown[first : first + MOST_ROWS]
    return [*([Row(CUT)] if first else []), *kept, *([Row(CUT)] if first + MOST_ROWS < len(shown) else [])]


def _lines(text: str, span: Span, place: Span) -> Iterator[list[_Cell]]:
    """The cells of each line of the stretch, without the spaces at its sides."""
    start, end = max(0, span.start), min(len(text), span.end)
    from_, to = max(start, place.start), min(end, max(place.end, place.start + 1))
    if from_ >= end and place.start == end:
        from_, to = end - 1, end  # behind the last character: at it
    at = start
    for line in text[start:end].split("\n"):
        begin = at + len(line) - len(line.lstrip())
        yield _cells(line.strip(), begin, from_, to)
        at += len(line) + 1


def _cells(line: str, at: int, start: int, end: int) -> list[_Cell]:
    """A cell for each character; a combining one shares that of the character before it."""
    found: list[_Cell] = []
    column = 0
    for i, character in enumerate(line, at):
        marked = start <= i < end
        shown = " " * (TAB - column % TAB) if character == "\t" else _visible(character)
        if found and not cells(shown):
            found[-1] = _Cell(found[-1].text + shown, found[-1].width, found[-1].marked or marked)
        else:
            found.append(_Cell(shown, cells(shown), marked))
        column += cells(shown)
    return found


def _broken(line: Sequence[_Cell], width: int) -> Iterator[Row]:
    """Rows of at most so many columns; broken behind a space or before a command, in as few braces as can be in the last third."""
    depths = list(accumulate({"{": 1, "}": -1}.get(cell.text, 0) for cell in line))
    at = 0
    while at < len(line):
        end, room = at, width
        while end < len(line) and line[end].width <= room:
            room -= line[end].width
            end += 1
        end = max(end, at + 1)
        if end < len(line):
            third = at + 2 * (end - at) // 3
            breaks = [i for i in range(end, third, -1) if _may_break(line[i - 1].text, line[i].text)]
            end = min(breaks, key=lambda i: depths[i - 1], default=end)
        yield _row(line[at:end])
        at = end


def _may_break(before: str, after: str) -> bool:
    return before.isspace() or (after == "\\" and before not in "^_{\\")


def _row(line: Sequence[_Cell]) -> Row:
    text = "".join(cell.text for cell in line)
    marks = "".join(("^" if cell.marked else " ") * cell.width for cell in line).rstrip()
    return Row(text.rstrip() if not marks else text, marks)
