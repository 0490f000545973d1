"""What is open while a formula is read, and the rules of precedence by which it closes.

Scripts bind tighter than juxtaposition, this tighter than ``\\odot``, ``\\otimes`` and ``\\oslash``, these tighter than + and -. The
stack is a list, so that depth costs no recursion.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, NoReturn, Protocol, final

from matcalc.errors import ReadError
from matcalc.language.reading.lexer import MOST_DEPTH, Token, Tokens
from matcalc.language.reading.source import Source, Span
from matcalc.language.reading.syntax import Base, Blend, Factor, Name, Numeral, Over, Product, Scripts, Sum


@final
@dataclass(slots=True)
class Frame:
    """A bracket or an argument that is open, and what was read in it.

    Attributes:
        kind: of the group that it becomes.
        closer: the token that closes it.
        start: where it was opened, in characters of the text.
        above: what stands above the line, in the lower part of a fraction.
        over: the indices of a sum whose term is read.
        sign: what stands before the next factor; None where a factor just ended, so that a sign or the end may follow.
        apart: whether an empty group parts the next script from the last.
    """

    kind: str
    closer: str
    start: int
    above: Sum | None = None
    over: tuple[Over, ...] = ()
    parts: list[Sum] = field(default_factory=list)
    terms: list[tuple[str, Blend]] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    factors: list[Factor] = field(default_factory=list)
    lead: str = ""
    blend: str = ""
    sign: str | None = ""
    apart: bool = False
    part_start: int = 0


class Closed(NamedTuple):
    """A frame that was closed, and its place."""

    frame: Frame
    span: Span


@final
class Frames:
    """The frames of one text, the innermost last."""

    def __init__(self, tokens: Tokens) -> None:
        self.source = tokens.source
        self.stack = [Frame("", "", 0)]

    @property
    def top(self) -> Frame:
        return self.stack[-1]

    def open(self, frame: Frame, token: Token) -> None:
        """Open a frame behind a token."""
        if len(self.stack) > MOST_DEPTH:
            raise self.source.unreadable(token.span, f"Nested deeper than {MOST_DEPTH}.", "Name a part and write its name.")
        frame.part_start = token.end
        self.stack.append(frame)

    def check_closed(self) -> None:
        """Raise if the text ends while something is open."""
        if len(self.stack) > 1:
            place, claim = Span(self.top.start, self.top.start + 1), f"This {self._opener(self.top)} is never closed."
            raise self.source.unreadable(place, claim, f"Write the {self.top.closer.rstrip('>')} that closes it.")

    def close(self, token: Token) -> Closed:
        """Close the innermost frame at a token."""
        frame = self.close_at(token.start)
        return Closed(frame, Span(frame.start, token.end))

    def close_at(self, end: int) -> Frame:
        """Close the innermost frame before a place in the text."""
        self.end_part(end)
        return self.stack.pop()

    def refuse_closer(self, token: Token) -> NoReturn:
        """The error of a closing bracket that does not close what is open."""
        frame, found = self.top, token.text.rstrip(">")
        if not frame.closer:
            raise self.source.unreadable(token.span, f"This {found} closes nothing.", "Take it out, or write what opens it.")
        claim = f"This {self._opener(frame)} is closed by {found}."
        raise self.source.unreadable(Span(frame.start, token.end), claim, f"Close it by {frame.closer.rstrip('>')}.")

    def _opener(self, frame: Frame) -> str:
        return {")": "(", "]": "[", "}": "{", r"\}": r"\{"}.get(frame.closer, frame.closer.rstrip(">"))

    def base(self, base: Base) -> None:
        """A base ends: it is the next factor."""
        frame = self.stack[-1]
        frame.factors.append(Factor(frame.sign or "", base, ()))
        frame.sign = None
        frame.apart = False

    def script(self, sign: str, place: tuple[int, int] | None, primes: int, span: Span) -> None:
        """A script, at tokens, or primes behind the last factor."""
        frame = self.top
        factor = frame.factors[-1]
        held = list(factor.scripts)
        last = Scripts(None, None, 0, span) if frame.apart or not held else held.pop()
        frame.apart = False
        below, above = last.below, last.above
        if place and (below if sign == "_" else above) is not None:
            kind = "subscripts" if sign == "_" else "superscripts"
            raise self.source.unreadable(factor.span.to(span), f"Two {kind}.", "Write brackets, or {} between.")
        if place and sign == "_":
            below = place
        elif place:
            above = place
        held.append(Scripts(below, above, last.primes + primes, last.span.to(span)))
        frame.factors[-1] = Factor(factor.sign, factor.base, tuple(held))

    def product_sign(self, token: Token) -> None:
        """A sign between two factors."""
        frame = self.top
        if frame.sign is not None:
            raise self._missing(frame, token.span, f"before {token.text}")
        frame.sign = token.text

    def _missing(self, frame: Frame, span: Span, where: str) -> ReadError:
        way_out = "Write it, or take the sign out."
        if frame.terms or frame.products or frame.factors or frame.lead:
            way_out = f"{way_out} A minus behind another sign needs brackets."
        return self.source.unreadable(span, f"An operand is missing {where}.", way_out)

    def blend_sign(self, token: Token) -> None:
        """A sign between two products; the same one may follow, except that of a quotient."""
        frame = self.top
        self._end_product(frame, token.span, f"before {token.text}")
        if frame.blend and (frame.blend != token.text or token.text == r"\oslash"):
            start = frame.products[0].span.start
            raise self.source.unreadable(
                Span(start, token.end), f"{frame.blend} and {token.text} side by side read in two ways.", "Write brackets around one."
            )
        frame.blend = token.text

    def sum_sign(self, token: Token) -> None:
        """A plus or minus, between two terms or before the first."""
        frame = self.top
        first = not frame.terms and not frame.products and not frame.factors and not frame.lead
        if not first:
            self._end_term(frame, token.span, f"before {token.text}")
        frame.lead = token.text

    def _end_product(self, frame: Frame, span: Span, where: str) -> None:
        if frame.sign is not None:
            raise self._missing(frame, span, where)
        frame.products.append(Product(tuple(frame.factors)))
        frame.factors = []
        frame.sign = ""

    def _end_term(self, frame: Frame, span: Span, where: str) -> None:
        self._end_product(frame, span, where)
        lead = frame.lead
        first = frame.products[0].factors[0]
        if lead == "-" and not frame.terms and isinstance(first.base, Numeral) and not first.scripts:
            number = Numeral(-first.base.value, first.base.fraction, Span(first.span.start, first.span.end))
            frame.products[0] = Product((Factor("", number, ()), *frame.products[0].factors[1:]))
            lead = ""
        frame.terms.append((lead, Blend(frame.blend, tuple(frame.products))))
        frame.products, frame.blend, frame.lead = [], "", ""

    def end_part(self, end: int, following: int | None = None) -> None:
        """The sum of the innermost frame ends at a bracket, a comma or the end of the text; another one may follow."""
        frame = self.top
        self._end_term(frame, Span(end, end + 1), "here")
        first, last = frame.terms[0], frame.terms[-1]
        start = frame.part_start if first[0] else first[1].span.start
        frame.parts.append(Sum(tuple(frame.terms), Span(start, last[1].span.end)))
        frame.terms = []
        frame.part_start = end if following is None else following


class Reader(Protocol):
    """What the parts of the grammar share: where they are in the tokens, what is declared, and the frames that are open.

    Attributes:
        i, end: the token that is read next, and where the tokens to read end.
        words: names of several letters that letters side by side may spell; ``longest`` is the length of the longest.
        declared: stems of one letter that are declared.
        styled_until: the token before which everything is styled.
    """

    tokens: Tokens
    source: Source
    i: int
    end: int
    words: frozenset[str]
    longest: int
    declared: frozenset[str]
    styled_until: int
    frames: Frames

    def part(self, start: int, end: int) -> Sum:
        """The syntax tree of some of the tokens, read by themselves."""
        ...


def integer(part: Sum) -> Fraction | None:
    """The whole number that is all of a part; None for anything else."""
    factor = only_factor(part)
    if factor is None or not isinstance(factor.base, Numeral) or factor.scripts or factor.base.fraction:
        return None
    return factor.base.value if factor.base.value.denominator == 1 else None


def only_factor(part: Sum) -> Factor | None:
    """The factor that is all of a part, without a sign before it."""
    sign, blend = part.terms[0]
    if sign or len(part.terms) > 1 or len(blend.products) > 1 or len(blend.products[0].factors) > 1:
        return None
    return blend.products[0].factors[0]


def only_name(part: Sum) -> Name | None:
    """The name that is all of a part, without scripts."""
    factor = only_factor(part)
    return factor.base if factor is not None and isinstance(factor.base, Name) and not factor.scripts else None
