"""What a superscript asks for: a transpose, an inverse, a power, entry by entry or not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import final

from matcalc.language.reading import names
from matcalc.language.reading.lexer import Tokens
from matcalc.language.reading.source import Span

MOST_EXPONENT = 10**6
_UNSUPPORTED = {
    "*": "A conjugate transpose", r"\ast": "A conjugate transpose",
    "H": "A conjugate transpose", r"\star": "A star",
}  # fmt: skip


@final
@dataclass(frozen=True, slots=True)
class Superscript:
    """A superscript in its parts.

    Attributes:
        text: all of it, as part of a name.
        held: what is left before a sign of transposition; the same as ``text`` if there is none.
        exponent: the number that ``held`` is, or None.
        entrywise: the exponent stands behind ``\\odot``.
        negated: ``held`` is a single minus, as in ``^{-\\top}``.
        transposed: a sign of transposition ends it.
        pseudo: ``held`` is a plus or a dagger, for a pseudo-inverse.
        place: the tokens of ``held``.
        unsupported: what it stands for where that has no node.
    """

    text: str
    held: str
    exponent: Fraction | None
    entrywise: bool
    negated: bool
    transposed: bool
    pseudo: bool
    place: tuple[int, int]
    unsupported: str
    span: Span


def superscript(tokens: Tokens, start: int, end: int) -> Superscript:
    """The superscript that fills these tokens."""
    span = tokens.span(start, end)
    text = names.script_text(tokens, start, end)
    rest = _without_transpose(tokens, start, end)
    transposed = rest != end
    held = names.script_text(tokens, start, rest)
    entrywise = rest - start > 1 and tokens.list[start].text == r"\odot"
    exponent = number(tokens, start + entrywise, rest)
    unsupported = _UNSUPPORTED.get(tokens.list[start].text, "") if rest - start == 1 else ""
    pseudo = held in ("+", "dagger")
    return Superscript(text, held, exponent, entrywise, held == "-", transposed, pseudo, (start, rest), unsupported, span)


def _without_transpose(tokens: Tokens, start: int, end: int) -> int:
    """Where the sign of transposition begins that ends the tokens; ``end`` if there is none."""
    last = end - 1
    if tokens.list[last].text == "}":
        last = next(i for i in range(last, -1, -1) if tokens.closing.get(i) == end - 1)
    inside = names.unbraced(tokens, last, end)
    if inside[1] - inside[0] != 1 or tokens.list[inside[0]].text not in ("T", r"\top"):
        return end
    return last - 1 if last > start and tokens.list[last - 1].text in names.STYLES else last


def number(tokens: Tokens, start: int, end: int) -> Fraction | None:
    """The rational number that the tokens spell out, as ``-1``, ``1/2`` or ``\\frac{1}{2}``; None for anything else."""
    texts = [token.text for token in tokens.list[start:end] if token.text not in ("{", "}")]
    negative = texts[:1] == ["-"]
    texts = texts[negative or texts[:1] == ["+"] :]
    if texts[:1] == [r"\frac"] and len(texts) == 3:
        texts = [texts[1], "/", texts[2]]
    if texts[:1] == [r"\frac"] and len(texts) == 2 and len(texts[1]) == 2:
        texts = [texts[1][0], "/", texts[1][1]]
    if len(texts) == 3 and texts[1] == "/" and texts[0].isdecimal() and texts[2].isdecimal() and int(texts[2]):
        value = Fraction(int(texts[0]), int(texts[2]))
    elif len(texts) == 1 and texts[0].replace(".", "", 1).isdecimal():
        value = Fraction(texts[0])
    else:
        return None
    return -value if negative else value
