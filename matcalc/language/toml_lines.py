"""Where things stand in a TOML text that is known to be valid: the line of every key and of every element of a list."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias, final

Path: TypeAlias = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
      (?P<skipped>[ \t\r]+|\#[^\n]*)
    | (?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
    | (?P<newline>\n)
    | (?P<sign>[][{}=,.])
    | (?P<bare>[^][{}=,.\s\#"']+)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


class Piece(NamedTuple):
    """A string, a bare word, a sign or the end of a line."""

    kind: str
    text: str
    line: int


def pieces_of(text: str) -> list[Piece]:
    """The pieces of a text, without blanks and comments, each with its line."""
    found: list[Piece] = []
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "skipped":
            found.append(Piece(kind, match[0], line))
        line += match[0].count("\n")
    return found


def lines_of(text: str) -> dict[Path, int]:
    """The line of every key and element, by the way to it: ("shapes", "x"), ("definitions", 2).

    Example:
        >>> lines_of("assume = [\\n  'A symmetric',\\n]\\n[shapes]\\nA = 'n n'\\n")
        {('assume',): 1, ('assume', 0): 2, ('shapes',): 4, ('shapes', 'A'): 5}
    """
    walk = _Walk(pieces_of(text))
    while walk.i < len(walk.pieces):
        walk.statement()
    return walk.lines


@final
class _Walk:
    """One pass over the pieces."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.i = 0
        self.table: Path = ()
        self.lines: dict[Path, int] = {}

    def statement(self) -> None:
        """A table, a key with its value, or the end of a line."""
        if self._at("\n"):
            self.i += 1
        elif self._at("["):
            while self._at("["):
                self.i += 1
            self.table = self._key(())
            while self._at("]"):
                self.i += 1
        else:
            self._pair(self.table)

    def _at(self, text: str) -> bool:
        return self.i < len(self.pieces) and self.pieces[self.i].text == text

    def _key(self, base: Path) -> Path:
        """A key, its parts with points between them."""
        path = base
        while True:
            piece = self.pieces[self.i]
            path = (*path, _named(piece))
            self.lines.setdefault(path, piece.line)
            self.i += 1
            if not self._at("."):
                return path
            self.i += 1

    def _pair(self, base: Path) -> None:
        path = self._key(base)
        self.i += 1  # the sign =
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._at("["):
            self._several("]", path)
        elif self._at("{"):
            self._several("}", path)
        else:
            while self.i < len(self.pieces) and self.pieces[self.i].text not in ("\n", ",", "]", "}"):
                self.i += 1

    def _several(self, closing: str, path: Path) -> None:
        """The elements of a list or of a table in braces."""
        self.i += 1
        number = 0
        while self.i < len(self.pieces) and not self._at(closing):
            if self._at("\n") or self._at(","):
                self.i += 1
            elif closing == "}":
                self._pair(path)
            else:
                self.lines.setdefault((*path, number), self.pieces[self.i].line)
                self._value((*path, number))
                number += 1
        self.i += 1


def _named(piece: Piece) -> str:
    """The key that a piece writes."""
    if piece.kind != "string":
        return piece.text
    inside = piece.text[1:-1]
    if piece.text[0] == "'":
        return inside
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), inside)
