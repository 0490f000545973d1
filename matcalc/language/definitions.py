"""A definition in LaTeX, taken apart: the name on the left, with the arguments that it drops, and the text on the right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import final

from matcalc.errors import MatcalcError, ReadError, UnknownNameError
from matcalc.language.expressions import Expr, Index
from matcalc.language.mentions import Mentions, mentions
from matcalc.language.naming import checked_name
from matcalc.language.reading.formula import read
from matcalc.language.reading.lexer import Tokens, lexed
from matcalc.language.reading.names import Key, NameKey, key_of, key_of_tokens
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.source import Source, Span
from matcalc.language.traversal import postorder
from matcalc.language.unrolling import free_indices

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
        try:
            found = read(self._right_side(), scope)
        except MatcalcError as error:
            faults = [self._in_whole(message) for message in getattr(error, "faults", (str(error),))]
            raise type(error)(*faults) from None
        free = free_indices([found]) if any(isinstance(node, Index) for node in postorder([found])) else []
        if free:
            claim = f"The index {free[0].name} is free here: a definition names a whole quantity, not an entry."
            way_out = r"Write it without indices, as \mathbf{z} = \mathbf{W} \mathbf{x}."
            raise Source(self.text).unreadable(self.right, claim, way_out)
        return found

    def mentions(self, scope: Scope) -> Mentions:
        """The names that the right side holds.

        Raises:
            MatcalcError: it is no formula.
        """
        found = mentions(self._right_side(), scope)
        shown = (replace(each, error=UnknownNameError(self._in_whole(str(each.error)))) for each in found.unknown)
        return replace(found, unknown=tuple(shown))

    def unknown_arguments(self, known: Callable[[NameKey], bool], names: Iterable[str]) -> list[UnknownNameError]:
        """The errors of the arguments on the left side that are not declared."""
        source, listed = Source(self.text), list(names)
        claim = "{} is not declared; an argument on the left side is a declared quantity."
        return [
            source.unknown(span, claim.format(key.plain), key.plain, listed) for key, span in self.arguments if not known(key)
        ]

    def _right_side(self) -> str:
        """The right side, at its place in the whole text, with what the reader skips before it."""
        start, end = self.right
        return _SKIPPED * start + self.text[start:end]

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


def is_definition(text: str) -> bool:
    """Whether a text has a sign of definition outside of braces.

    Example:
        >>> is_definition(r"f(x) = x^\\top x"), is_definition(r"\\sum_{i=1}^n x_i")
        (True, False)
    """
    return bool(_signs(lexed(text)))


def left_side(text: str) -> NameKey | None:
    """The key of the name that a text would define; None where no name can be found, however faulty the text is."""
    try:
        tokens = lexed(text)
        found = _signs(tokens)
        if not found:
            return None
        start = 1 if tokens.list[0].text == "&" else 0
        end = found[0]
        while end > start and tokens.list[end - 1].text in _BESIDE_SIGNS:
            end -= 1
        opened = _call(tokens, start, end) if end > start else None
        span = tokens.span(start, end if opened is None else opened)
        return key_of(text[span.start : span.end])
    except MatcalcError:
        return None


def _signs(tokens: Tokens) -> list[int]:
    """The tokens that are signs of definition, outside of braces."""
    listed, found, i = tokens.list, [], 0
    while i < len(listed):
        if i in tokens.closing:
            i = tokens.closing[i]
        elif listed[i].text in SIGNS:
            found.append(i)
        i += 1
    return found


def _sign(tokens: Tokens) -> tuple[int, int]:
    """The tokens of the sign of definition, with what belongs to it: the first, and the first behind."""
    listed, found = tokens.list, _signs(tokens)
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
