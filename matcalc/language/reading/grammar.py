"""From tokens to the syntax tree: what each token and command means for the frames that are open.

Every bracket, group and argument of a command is a frame; what closes it becomes a base of the frame below.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NoReturn, final

from matcalc.language.reading import derivatives, names, words
from matcalc.language.reading.frames import Frame, Frames, integer, only_name
from matcalc.language.reading.lexer import Token, Tokens
from matcalc.language.reading.source import Span
from matcalc.language.reading.syntax import Base, Group, Numeral, Ratio, Sum, Summation
from matcalc.language.reading.vocabulary import COMMANDS

BLENDS = frozenset((r"\odot", r"\otimes", r"\oslash"))
_PRODUCTS = frozenset((r"\cdot", r"\times", "/"))
_SIGNS = BLENDS | _PRODUCTS | {"+", "-"}
_CLOSERS = {"(": ")", "[": "]", r"\{": r"\}", "|": "|", "|<": "|>", r"\|": r"\|", r"\|<": r"\|>"}
_CLOSING = frozenset((")", "]", r"\}", "}", "|>", r"\|>"))
_BARS = frozenset(("|", r"\|"))
_NOT_READ = {
    "=": "A formula with = is a definition; parse reads one expression. Read its right side.",
    ":=": "A formula with := is a definition; parse reads one expression. Read its right side.",
    "*": r"Write \odot for the product entry by entry, \cdot or nothing for a product.",
    "&": "One formula is read, without the signs of a table or of several lines.",
    r"\\": "One formula is read, without the signs of a table or of several lines.",
    r"\begin": "One formula is read, without an environment; matrices are declared by name.",
}
SUM = r"\sum"
MOST_PARTS = 12
_WORDS_WITHOUT_NODE = "prod int oint min max sup inf lim arg argmin argmax langle rangle lfloor lceil begin mod"
_NO_NODE = frozenset(f"\\{word}" for word in _WORDS_WITHOUT_NODE.split())


@final
class Parser:
    """One pass over the tokens.

    Args:
        tokens: of the formula.
        spelled: names of several letters that the text may use.
        declared: stems of one letter that are declared, for e and d.
        place: the tokens to read, from and to; all without it.
        depth: how many parsers read parts around this one.
    """

    def __init__(
        self,
        tokens: Tokens,
        spelled: frozenset[str] = frozenset(),
        declared: frozenset[str] = frozenset(),
        place: tuple[int, int] | None = None,
        depth: int = 0,
    ) -> None:
        self.tokens = tokens
        self.source = tokens.source
        self.words = spelled
        self.longest = max(map(len, spelled), default=0)
        self.declared = declared
        self.i, self.end = place or (0, len(tokens.list))
        self.depth = depth
        self.styled_until = 0
        self.frames = Frames(tokens)

    def parsed(self) -> Sum:
        """The syntax tree of the whole text."""
        listed = self.tokens.list
        where = self.tokens.span(self.i, self.end)
        if self.i >= self.end:
            place = where if listed else Span(0, len(self.source.text))
            raise self.source.unreadable(place, "There is nothing to read.", "Write a formula.")
        self.frames.top.part_start = where.start
        while self.i < self.end:
            self._token(listed[self.i])
        while self.frames.top.kind == SUM:
            self._close_sum(where.end)
        frame = self.frames.top
        self.frames.check_closed()
        self.frames.end_part(where.end)
        if len(frame.parts) > 1:
            raise self.source.unreadable(frame.parts[1].span, "A comma between two formulas.", "Read them one by one.")
        return frame.parts[0]

    def part(self, start: int, end: int) -> Sum:
        """The syntax tree of some of the tokens, read by themselves."""
        if self.depth >= MOST_PARTS:
            raise self.source.unreadable(self.tokens.span(start, end), f"Derivatives nested deeper than {MOST_PARTS}.", "Name a part.")
        return Parser(self.tokens, self.words, self.declared, (start, end), self.depth + 1).parsed()

    # ---- tokens ------------------------------------------------------------------------------------------------------

    def _token(self, token: Token) -> None:
        text, frame = token.text, self.frames.top
        while frame.kind == SUM and frame.sign is None and self._ends_sum(token):
            self._close_sum(token.start)
            frame = self.frames.top
        if token.kind == "letter":
            words.word_or_letter(self, token)
        elif token.kind == "command" and text not in BLENDS and text not in _PRODUCTS:
            self._command(token)
        elif text in "^_'":
            self._script(token)
        elif text == "{" and self.tokens.closing[self.i] == self.i + 1:
            frame.apart = True
            self.i += 2
        elif self._closes(token):
            self._close(token)
        elif text == ">" and frame.kind == "[":
            self._indicator(token)
        elif token.kind == "number" or text in _SIGNS or text == "," or text in _CLOSERS or text == "{":
            self._sign(token)
            self.i += 1
        elif text in _CLOSING:
            self.frames.refuse_closer(token)
        else:
            self._command(token)

    def _ends_sum(self, token: Token) -> bool:
        """Whether a token ends the term that a sum is of: a plus, a minus, a comma or what closes a bracket around it."""
        text = token.text
        around = next(frame for frame in reversed(self.frames.stack) if frame.kind != SUM)
        return text in "+-," or text in _CLOSING or text == around.closer or (text == ">" and around.kind == "[")

    def _close_sum(self, end: int) -> None:
        frame = self.frames.close_at(end)
        body = frame.parts[0]
        self.frames.base(Summation(frame.over, body, Span(frame.start, body.span.end)))

    def _closes(self, token: Token) -> bool:
        """Whether a token closes the innermost frame; a bar does only behind a factor."""
        frame = self.frames.top
        if token.text == frame.closer:
            return token.text not in _BARS or frame.sign is None
        return token.text in ("|>", r"\|>") and token.text[:-1] == frame.closer

    def _sign(self, token: Token) -> None:
        """A token that needs no look at those behind it."""
        text = token.text
        if token.kind == "number":
            self.frames.base(Numeral(Fraction(text), False, token.span))
        elif text in _PRODUCTS:
            self.frames.product_sign(token)
        elif text in BLENDS:
            self.frames.blend_sign(token)
        elif text == ",":
            self.frames.end_part(token.start, following=token.end)
        elif text in "+-":
            self.frames.sum_sign(token)
        else:
            self.frames.open(Frame(text.rstrip("<"), _CLOSERS.get(text, "}"), token.start), token)

    def _command(self, token: Token) -> None:
        text = token.text
        if text in names.STYLES:
            words.styled(self, token)
        elif text in names.ACCENTS or text[1:] in names.GREEK or text in names.ESCAPED:
            words.letter_with_accents(self, token)
        elif text in COMMANDS:
            self.frames.base(words.operation(self, text[1:], token.span))
            self.i += 1
        elif text == r"\operatorname":
            words.styled(self, token)
        elif text == r"\frac":
            self._fraction(token)
        elif text == r"\sqrt":
            self._root(token)
        elif text == r"\sum":
            self._sum_over(token)
        elif derivatives.operator(self, token):
            return
        elif text in (r"\underbrace", r"\overbrace", r"\boxed"):
            self._braced_argument(token, text)
        else:
            self._refuse(token)

    def _refuse(self, token: Token) -> NoReturn:
        text = token.text
        if text in _NO_NODE:
            raise self.source.unsupported(token.span, f"{text} is not read in an expression yet.", _NOT_READ.get(text, ""))
        way_out = _NOT_READ.get(text, "")
        if token.kind == "command":
            known = [*COMMANDS, *names.STYLES, *BLENDS, r"\frac", r"\sqrt", r"\cdot", r"\top", *(f"\\{g}" for g in names.GREEK)]
            raise self.source.unknown(token.span, f"{text} is no command that is read here.", text, known)
        raise self.source.unreadable(token.span, f"{text!r} is not read in an expression.", way_out)

    def _sum_over(self, token: Token) -> None:
        frame = Frame(SUM, "", token.start)
        frame.over, self.i = derivatives.summed_over(self, token)
        self.frames.open(frame, self.tokens.list[self.i - 1])

    # ---- fractions, roots and braces ---------------------------------------------------------------------------------

    def _braced_argument(self, token: Token, kind: str) -> None:
        if self.i + 1 not in self.tokens.closing:
            raise self.source.unreadable(token.span, f"{token.text} needs its argument in braces.", f"Write {token.text}{{...}}.")
        self.frames.open(Frame(kind, "}", token.start), token)
        self.i += 2

    def _root(self, token: Token) -> None:
        if self.i + 1 < self.end and self.tokens.list[self.i + 1].text == "[":
            raise self.source.unsupported(token.span, "Only square roots are read.", "Write x^{1/3} for another root of a scalar.")
        if self.i + 1 in self.tokens.closing:
            self._braced_argument(token, r"\sqrt")
        else:
            inside = words.single(self, self.i + 1)
            self.frames.base(Group(r"\sqrt", (inside,), token.span.to(inside.span)))

    def _fraction(self, token: Token) -> None:
        if derivatives.fraction(self, token):
            return
        listed, i = self.tokens.list, self.i + 1
        if i in self.tokens.closing:
            self._braced_argument(token, "above")
        elif i < self.end and len(listed[i].text) == 2 and listed[i].text.isdecimal():
            above, below = map(int, listed[i].text)  # \frac12
            self.frames.base(self._number(Fraction(above), Fraction(below), token.span.to(listed[i].span)))
            self.i += 2
        else:
            self._below(words.single(self, i), token.start)

    def _below(self, above: Sum, start: int) -> None:
        """What stands below the line of a fraction whose upper part was read."""
        if self.i in self.tokens.closing:
            self.frames.open(Frame("below", "}", start, above=above), self.tokens.list[self.i])
            self.i += 1
        else:
            below = words.single(self, self.i)
            self.frames.base(self._ratio(above, below, Span(start, below.span.end)))

    def _ratio(self, above: Sum, below: Sum, span: Span) -> Base:
        numerator, denominator = integer(above), integer(below)
        if numerator is not None and denominator is not None:
            return self._number(numerator, denominator, span)
        return Ratio(above, below, span)

    def _number(self, above: Fraction, below: Fraction, span: Span) -> Numeral:
        if below == 0:
            raise self.source.unreadable(span, "A division by zero.", "Write another number below the line.")
        return Numeral(above / below, True, span)

    # ---- scripts, commas and what closes -----------------------------------------------------------------------------

    def _close(self, token: Token) -> None:
        frame, span = self.frames.close(token)
        self.i += 1
        inside = frame.parts[0]
        if frame.kind == "above":
            self._below(inside, frame.start)
        elif frame.kind == "below":
            assert frame.above is not None
            self.frames.base(self._ratio(frame.above, inside, span))
        elif frame.kind == "{" and (name := only_name(inside)) is not None:
            self.frames.base(name)
        else:
            self.frames.base(Group(frame.kind, tuple(frame.parts), span))

    def _indicator(self, token: Token) -> None:
        """``[z > 0]`` behind a bold 1."""
        following = [t.text for t in self.tokens.list[self.i + 1 : self.i + 3]]
        if following != ["0", "]"]:
            raise self.source.unreadable(token.span, "Only an indicator compares, and only with 0.", r"Write \mathbb{1}[z > 0].")
        self.frames.top.kind = "indicator"
        self.i += 2
        self._close(self.tokens.list[self.i])

    def _script(self, token: Token) -> None:
        if self.frames.top.sign is not None:
            raise self.source.unreadable(token.span, f"{token.text} stands on nothing.", "Write what it belongs to before it.")
        if token.text == "'":
            self.frames.script("'", None, 1, token.span)
            self.i += 1
            return
        start, end = words.argument(self, self.i + 1, token.text)
        first = self.tokens.list[start]
        if first.kind == "number" and len(first.text) > 1 and end == start + 1:
            raise self.source.unreadable(first.span, f"TeX takes one digit of {first.text} here.", f"Write {{{first.text}}}.")
        place = names.unbraced(self.tokens, start, end)
        span = self.tokens.span(self.i, end)
        if place[0] >= place[1]:
            raise self.source.unreadable(span, "An empty script.", "Take it out.")
        if token.text == "^" and all(t.text == r"\prime" for t in self.tokens.list[slice(*place)]):
            self.frames.script("'", None, place[1] - place[0], span)
        else:
            self.frames.script(token.text, place, 0, span)
        self.i = end
