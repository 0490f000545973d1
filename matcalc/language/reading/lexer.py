"""LaTeX in tokens: spacing and sizes of brackets dropped, spellings made one, braces matched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, final

from matcalc.errors import ReadError
from matcalc.language.reading.source import Source, Span

MOST_CHARACTERS = 100_000
MOST_TOKENS = 10_000
MOST_DEPTH = 200
MOST_DIGITS = 400

_TOKEN = re.compile(r"\s*(\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\.\d+|\S)", re.DOTALL | re.ASCII)
_SPACING = r"\, \; \: \! \> \space \quad \qquad \enspace \thinspace \displaystyle \textstyle \scriptstyle \limits \nolimits ~"
_SPACES = frozenset((*_SPACING.split(), "\\ ", "\\\n"))
_SIZES = frozenset(rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))
_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lbrack": "[", r"\rbrack": "]", r"\lparen": "(", r"\rparen": ")",
        r"\vert": "|", r"\Vert": r"\|", r"\lvert": "|<", r"\rvert": "|>", r"\lVert": r"\|<", r"\rVert": r"\|>",
        r"\dfrac": r"\frac", r"\tfrac": r"\frac", r"\cfrac": r"\frac", r"\circ": r"\odot", r"\intercal": r"\top",
        r"\log": r"\ln", r"\widehat": r"\hat", r"\widetilde": r"\tilde", r"\overline": r"\bar", r"\operatorname*": r"\operatorname",
        r"\ne": r"\neq", r"\coloneqq": ":=", r"\bm": r"\boldsymbol", r"\pmb": r"\boldsymbol",
    }
)  # fmt: skip
_SIDES = {r"\left": "<", r"\right": ">"}
_DELIMITERS = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))


class Token(NamedTuple):
    """A token: its text with one spelling for each meaning, its kind and its place.

    ``kind`` is "letter", "number", "command" or "sign".
    """

    text: str
    kind: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@final
@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, and for each opening brace where it is closed."""

    source: Source
    list: tuple[Token, ...]
    closing: Mapping[int, int]

    def span(self, start: int, end: int) -> Span:
        """The place of the tokens from ``start`` to before ``end``."""
        end = min(end, len(self.list))
        if start >= end:
            place = self.list[start].start if start < len(self.list) else len(self.source.text)
            return Span(place, place)
        return Span(self.list[start].start, self.list[end - 1].end)


_SWITCHES = frozenset((r"\rm", r"\bf", r"\it", r"\sf", r"\tt", r"\cal", r"\mit"))  # of fonts, as in {\bf x}: style, which names drop


def lexed(text: str) -> Tokens:
    """The tokens of a text; surrounding math delimiters are left out.

    Raises:
        ReadError: the text is too long or too deep, or a brace has no partner.
    """
    if len(text) > MOST_CHARACTERS:
        raise ReadError(f"The text has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read.")
    source = Source(text)
    found: list[Token] = []
    side, sized_at = "", -1  # what \left or \right says of the bracket that follows, and where it stands
    start, end = _without_delimiters(text)
    for match in _TOKEN.finditer(text, start, end):
        raw = match[1]
        if raw in _SPACES or (raw in _SWITCHES and found and found[-1].text == "{"):
            continue
        span = Span(*match.span(1))
        if raw in _SIDES or raw in _SIZES:
            side = _SIDES.get(raw) or {"l": "<", "r": ">"}.get(raw[-1], "")
            sized_at = span.start
            continue
        if sized_at >= 0:
            span, sized_at = Span(sized_at, span.end), -1
        if raw == "." and side:
            raise source.unreadable(span, "A bracket without its partner is not read.", "Write both brackets.")
        found.append(_token(source, raw, span, side))
        if len(found) > MOST_TOKENS:
            raise ReadError(f"The text has more than {MOST_TOKENS:,} symbols; so many are not read at once.")
        side = ""
    found = _without_over(source, found)
    return Tokens(source, tuple(found), _matched_braces(source, found))


def _without_delimiters(text: str) -> tuple[int, int]:
    """Where the formula begins and ends, without the signs of math mode around it and the full stop or comma behind it."""
    start, end = len(text) - len(text.lstrip()), _before_punctuation(text, len(text))
    for opening, closing in _DELIMITERS:
        inside = start + len(opening), end - len(closing)
        if inside[0] <= inside[1] and text.startswith(opening, start) and text.startswith(closing, inside[1]):
            return inside[0], _before_punctuation(text, inside[1])
    return start, end


def _before_punctuation(text: str, end: int) -> int:
    bare = text[:end].rstrip()
    return len(bare.rstrip(".,;").rstrip()) if bare[-1:] in (".", ",", ";") and bare[-2:-1] != "\\" else len(bare)


def _token(source: Source, raw: str, span: Span, side: str) -> Token:
    text = _SPELLINGS.get(raw, raw)
    if side and text in ("|", r"\|"):
        text += side
    if raw.isascii() and raw[-1].isdigit() and raw[0] != "\\":
        if len(raw) > MOST_DIGITS:
            raise source.unreadable(span, f"A number of {len(raw):,} digits; at most {MOST_DIGITS} are read.")
        return Token(text, "number", *span)
    if text.isalpha():
        return Token(text, "letter", *span)
    return Token(text, "command" if text[0] == "\\" and text[1:2].isalpha() else "sign", *span)


def _without_over(source: Source, found: list[Token]) -> list[Token]:
    """The tokens with ``{a \\over b}`` written as ``{\\frac{a}{b}}``."""
    bars = [i for i, token in enumerate(found) if token.text == r"\over"]
    if not bars:
        return found
    closing = {**_matched_braces(source, found), -1: len(found)}
    groups: dict[int, int] = {}  # the \over of each group, by where the group is opened
    opened = [-1]
    for i, token in enumerate(found):
        while i > closing[opened[-1]]:
            opened.pop()
        if i in closing:
            opened.append(i)
        elif token.text == r"\over" and groups.setdefault(opened[-1], i) != i:
            raise source.unreadable(token.span, r"Two \over side by side.", r"Write \frac{..}{..}.")
    ends = {closing[start] for start in groups}
    made = _fraction_begins(found[groups[-1]]) if -1 in groups else []
    for i, token in enumerate(found):
        if i in ends:
            made.append(_brace("}", token))
        if token.text == r"\over":
            made += [_brace("}", token), _brace("{", token)]
            continue
        made.append(token)
        if i in groups:
            made += _fraction_begins(found[groups[i]])
    return [*made, _brace("}", found[-1])] if -1 in groups else made


def _brace(text: str, beside: Token) -> Token:
    return Token(text, "sign", beside.start, beside.start)


def _fraction_begins(bar: Token) -> list[Token]:
    return [Token(r"\frac", "command", bar.start, bar.end), _brace("{", bar)]


def _matched_braces(source: Source, found: list[Token]) -> Mapping[int, int]:
    closing: dict[int, int] = {}
    opened: list[int] = []
    for i, token in enumerate(found):
        if token.text == "{":
            opened.append(i)
            if len(opened) > MOST_DEPTH:
                raise source.unreadable(token.span, f"Braces nested deeper than {MOST_DEPTH}.", "Name a part and write its name.")
        elif token.text == "}":
            if not opened:
                raise source.unreadable(token.span, "A } that closes nothing.", "Take it out, or write the { that it closes.")
            closing[opened.pop()] = i
    if opened:
        raise source.unreadable(found[opened[-1]].span, "This { is never closed.", "Write the } that closes it.")
    return closing
