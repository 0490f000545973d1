"""A definition in LaTeX, taken apart: the name on the left, with the arguments that it drops, and the text on the right."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import final

from matcalc.errors import MatcalcError, ReadError
from matcalc.language.expressions import Expr
from matcalc.language.naming import checked_name
from matcalc.language.reading.formula import read
from matcalc.language.reading.lexer import Tokens, lexed
from matcalc.language.reading.names import Key, NameKey, key_of, key_of_tokens
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.source import Span

SIGNS = frozenset(("=", ":=", r"\triangleq", r"\equiv"))
_BESIDE_SIGNS = frozenset((":", "&"))
_INDENT = "    "
_CUT = "... "
_SKIPPED = "~"  # a space in TeX


@final
@dataclass(frozen=True, slots=True)
class Definition:
    """A definition.

    Attributes:
        name: the plain name on the left.
        key: of that name.
        text: all of it, as it was written.
        right: where the right side stands in it.
        left: where the left side stands.
        arguments: the names in brackets on the left, which the quantity drops, with their places.
    """

    name: str
    key: NameKey
    text: str
    right: Span
    left: Span
    arguments: tuple[tuple[Key, Span], ...] = ()

    def value(self, scope: Scope) -> Expr:
        """What the right side means with the names of a scope; errors show it in the whole definition."""
        start, end = self.right
        try:
            return read(_SKIPPED * start + self.text[start:end], scope)
        except MatcalcError as error:
            faults = [self._in_whole(message) for message in getattr(error, "faults", (str(error),))]
            raise type(error)(*faults) from None

    def _in_whole(self, message: str) -> str:
        """A message of the reader, with the left side where it was given spaces that it skips, of the same length."""
        shown = "".join(c if c.isprintable() else " " for c in self.text)
        lines = message.split("\n")
        for i, line in enumerate(lines):
            lead = _INDENT + _CUT if line.startswith(_INDENT + _CUT) else _INDENT
            held = line.removeprefix(lead)
            skipped = len(held) - len(held.lstrip(_SKIPPED))
            if skipped and line.startswith(_INDENT):
                first = self.right.start - skipped
                lines[i] = f"{lead}{shown[first : self.right.start]}{held[skipped:]}"
        return "\n".join(lines)


def definition_of(text: str) -> Definition:
    """The definition that a text writes, as ``\\mathbf{z} = \\mathbf{W} \\mathbf{x}``; also with ``:=`` or ``&=``.

    Raises:
        ReadError: no sign of definition, several, or a left side that is no name.

    Example:
        >>> made = definition_of(r"C(\\mathbf{a}, \\mathbf{y}) := \\frac{1}{2} \\|\\mathbf{a} - \\mathbf{y}\\|^2")
        >>> made.name, [key.plain for key, _ in made.arguments]
        ('C', ['a', 'y'])
    """
    tokens = lexed(text)
    first, behind = _sign(tokens)
    source, last = tokens.source, len(tokens.list)
    if behind == last:
        raise source.unreadable(tokens.span(first, behind), "Nothing stands behind the sign of definition.", "Write what the name means.")
    start = 1 if tokens.list[0].text == "&" else 0
    if first == start:
        raise source.unreadable(tokens.span(first, behind), "No name stands before the sign of definition.", "Write one.")
    opened = _call(tokens, start, first)
    named_to = first if opened is None else opened
    span = tokens.span(start, named_to)
    written = text[span.start : span.end]
    try:
        key = key_of(written)
        if isinstance(key, Key) and (key.above == "T" or key.above.endswith(("top", ")T", "]T"))):
            way_out = "Define the name without it, and transpose the right side."
            raise source.unreadable(span, f"{source.piece(span)} is a transpose.", way_out)
        name = checked_name(written)
    except ReadError:
        raise
    except MatcalcError:
        raise source.unreadable(
            span, f"{source.piece(span)} is not a name, so nothing can be defined here.",
            r"Left of the sign stands a name, as \mathbf{z}^{(1)}, or one with declared names in brackets, as C(\mathbf{a}, \mathbf{y}).",
        ) from None  # fmt: skip
    arguments = () if opened is None else _arguments(tokens, opened + 1, first - 1)
    return Definition(name, key, text, tokens.span(behind, last), tokens.span(start, first), arguments)


def _sign(tokens: Tokens) -> tuple[int, int]:
    """The tokens of the sign of definition, with what belongs to it: the first, and the first behind."""
    listed, found, i = tokens.list, [], 0
    while i < len(listed):
        if i in tokens.closing:
            i = tokens.closing[i]
        elif listed[i].text in SIGNS:
            found.append(i)
        i += 1
    whole = tokens.span(0, len(listed))
    if not found:
        claim = "This defines nothing: there is no = between a name and what it means."
        raise tokens.source.unreadable(whole, claim, r"Write it as \mathbf{z} = \mathbf{W} \mathbf{x}.")
    if len(found) > 1:
        place = tokens.span(found[1], found[1] + 1)
        raise tokens.source.unreadable(place, "A second =; a definition has one.", "Write a definition for each name, or one side less.")
    first, behind = found[0], found[0] + 1
    while first and listed[first - 1].text in _BESIDE_SIGNS:
        first -= 1
    while behind < len(listed) and listed[behind].text == "&":
        behind += 1
    return first, behind


def _call(tokens: Tokens, start: int, end: int) -> int | None:
    """Where the bracket opens that holds the arguments of the left side; None if there is none."""
    listed = tokens.list
    if listed[end - 1].text != ")":
        return None
    depth = 0
    for i in range(end - 1, start, -1):
        depth += (listed[i].text == ")") - (listed[i].text == "(")
        if depth == 0:
            return None if listed[i - 1].text in "^_" else i
    return None


def _arguments(tokens: Tokens, start: int, end: int) -> tuple[tuple[Key, Span], ...]:
    bounds = [start - 1, *(i for i in range(start, end) if tokens.list[i].text == ","), end]
    found: list[tuple[Key, Span]] = []
    for before, behind in pairwise(bounds):
        span = tokens.span(before + 1, behind)
        key = key_of_tokens(tokens, before + 1, behind) if before + 1 < behind else None
        if key is None:
            claim = "An argument on the left side is a declared name."
            raise tokens.source.unreadable(span, claim, r"Write it as C(\mathbf{a}, \mathbf{y}).")
        found.append((key, span))
    return tuple(found)
