"""Formulas in pieces that are set on their own: mathtext reads slowly, and the formulas of a figure are made of few different pieces."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
# What mathtext sets with room on both sides, but where it begins a formula or a bracket, or follows a relation.
_SIGNS = "pm mp times div ast star circ bullet cdot cap cup wedge vee oplus ominus otimes oslash odot"
_BINARY = frozenset({*"+-*−", *(rf"\{name}" for name in _SIGNS.split(" "))})
_BEGINS = "{([<=>:"  # after these a sign belongs to what follows
# Which leave room only where no bracket and no index follows, so that they are set together with what follows.
_NAMES = (
    "operatorname arccos csc ker min arcsin deg lg Pr arctan det lim sec arg dim liminf sin cos exp limsup sinh cosh gcd ln sup cot hom "
    "log tan coth inf max tanh"
)
_FUNCTIONS = frozenset(rf"\{name}" for name in _NAMES.split(" "))
_FONTS = "rm cal it tt sf bf bfit default bb frak scr regular normal"
_SWITCHES = frozenset(rf"\{name}" for name in _FONTS.split(" "))


def pieces(math: str) -> tuple[str, ...]:
    """The pieces of a formula that mathtext takes, without its dollars; beside each other they make the formula.

    A sign between two terms has an empty group before it, by which mathtext knows that it is one.

    Example:
        >>> pieces(r"\\mathbf{W}^{(2)} x_i + \\operatorname{tr}(X)")
        ('\\\\mathbf{W}^{(2)}', 'x_i', '{}+', '\\\\operatorname{tr}(', 'X', ')')
    """
    tokens = _TOKEN.findall(math)
    if not _SWITCHES.isdisjoint(tokens):  # what follows a switch of the font depends on it
        return (math,)
    found: list[str] = []
    place = 0
    while place < len(tokens):
        end = _end(tokens, place)
        text = "".join(tokens[place:end]).strip()
        if text:
            before = "".join(tokens[:place]).rstrip() if tokens[place] in _BINARY else ""
            found.append("{}" + text if before and before[-1] not in _BEGINS else text)
        place = end
    return tuple(found)


def bracket(piece: str) -> tuple[str, str, str, str] | None:
    """Of a bracket that grows: how it opens, what is in it, how it closes, and what stands behind; None of another piece.

    Example:
        >>> bracket(r"\\left( a + b \\right)^2")
        ('(', 'a + b', ')', '^2')
    """
    tokens = _TOKEN.findall(piece)
    if tokens[:1] != [r"\left"]:
        return None
    end = _closed(tokens, 0, r"\left", r"\right")
    opens, closes = _skipped(tokens, 1), _skipped(tokens, end)
    if closes >= len(tokens):
        return None
    inside = "".join(tokens[opens + 1 : end - 1]).strip()
    return tokens[opens], inside, tokens[closes], "".join(tokens[closes + 1 :])


def _end(tokens: Sequence[str], place: int) -> int:
    """Where the piece that begins here ends."""
    end = _behind(tokens, place)
    after = _skipped(tokens, end)
    while after < len(tokens) and tokens[after] in "_^'":
        end = after + 1 if tokens[after] == "'" else _behind(tokens, _skipped(tokens, after + 1))
        after = _skipped(tokens, end)
    return _end(tokens, after) if tokens[place] in _FUNCTIONS and after < len(tokens) else end


def _behind(tokens: Sequence[str], place: int) -> int:
    """Where what is written here ends: a group, a bracket that grows, a command with its arguments, or a sign."""
    if place >= len(tokens):
        return len(tokens)
    token = tokens[place]
    if token == r"\left":
        return min(len(tokens), _skipped(tokens, _closed(tokens, place, r"\left", r"\right")) + 1)
    if token == "{":
        return _closed(tokens, place, "{", "}")
    end = place + 1
    if token == r"\sqrt" and tokens[end : end + 1] == ["["]:
        end = _closed(tokens, end, "[", "]")
    if len(token) > 1 and token[0] == "\\":
        while tokens[(after := _skipped(tokens, end)) : after + 1] == ["{"]:
            end = _closed(tokens, after, "{", "}")
    return end


def _closed(tokens: Sequence[str], place: int, opening: str, closing: str) -> int:
    """Behind what closes the bracket that opens here; the end where nothing does."""
    depth = 0
    for k in range(place, len(tokens)):
        depth += (tokens[k] == opening) - (tokens[k] == closing)
        if depth == 0:
            return k + 1
    return len(tokens)


def _skipped(tokens: Sequence[str], place: int) -> int:
    """The next token that is no space."""
    while place < len(tokens) and tokens[place].isspace():
        place += 1
    return place
