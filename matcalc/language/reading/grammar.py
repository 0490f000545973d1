"""From tokens to the syntax tree: what each token and command means for the frames that are open.

Every bracket, group and argument of a command is a frame; what closes it becomes a base of the frame below.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NoReturn, final

from matcalc.language.reading import names
from matcalc.language.reading.frames import Frame, Frames, integer, only_name
from matcalc.language.reading.lexer import Token, Tokens
from matcalc.language.reading.source import Span
from matcalc.language.reading.syntax import Base, Blend, Factor, Group, Name, Numeral, Operator, Product, Quotient, Ratio, Sum
from matcalc.language.reading.vocabulary import COMMANDS, WORDS, operation_named

BLENDS = frozenset((r"\odot", r"\otimes", r"\oslash"))
_PRODUCTS = frozenset((r"\cdot", r"\times", "/"))
_SIGNS = BLENDS | _PRODUCTS | {"+", "-"}
_CLOSERS = {"(": ")", "[": "]", r"\{": r"\}", "|": "|", "|<": "|", r"\|": r"\|", r"\|<": r"\|"}
_CLOSING = frozenset((")", "]", r"\}", "}", "|>", r"\|>"))
_BARS = frozenset(("|", r"\|"))
_NOT_READ = {
    "=": "A formula with = is a definition; parse reads one expression. Read its right side.",
    ":=": "A formula with := is a definition; parse reads one expression. Read its right side.",
    "*": r"Write \odot for the product entry by entry, \cdot or nothing for a product.",
    "&": "One formula is read, without the signs of a table or of several lines.",
    r"\\": "One formula is read, without the signs of a table or of several lines.",
    r"\begin": "One formula is read, without an environment; matrices are declared by name.",
    r"\nabla": r"A derivative is written \frac{\partial C}{\partial \mathbf{x}}.",
    r"\partial": r"A derivative is written \frac{\partial C}{\partial \mathbf{x}}.",
}
_WORDS_WITHOUT_NODE = "sum prod int oint nabla partial min max sup inf lim arg argmin argmax langle rangle lfloor lceil begin mod"
_NO_NODE = frozenset(f"\\{word}" for word in _WORDS_WITHOUT_NODE.split())


@final
class Parser:
    """One pass over the tokens.

    Args:
        tokens: of the formula.
        words: names of several letters that the text may use.
        declared: stems of one letter that are declared, for e and d.
    """

    def __init__(self, tokens: Tokens, words: frozenset[str] = frozenset(), declared: frozenset[str] = frozenset()) -> None:
        self.tokens = tokens
        self.source = tokens.source
        self.words = words
        self.longest = max(map(len, words), default=0)
        self.declared = declared
        self.i = 0
        self.styled_until = 0
        self.frames = Frames(tokens)

    def parsed(self) -> Sum:
        """The syntax tree of the whole text."""
        listed = self.tokens.list
        if not listed:
            raise self.source.unreadable(Span(0, len(self.source.text)), "There is nothing to read.", "Write a formula.")
        while self.i < len(listed):
            self._token(listed[self.i])
        frame = self.frames.top
        self.frames.check_closed()
        self.frames.end_part(len(self.source.text))
        if len(frame.parts) > 1:
            raise self.source.unreadable(frame.parts[1].span, "A comma between two formulas.", "Read them one by one.")
        return frame.parts[0]

    # ---- tokens ------------------------------------------------------------------------------------------------------

    def _token(self, token: Token) -> None:
        text, frame = token.text, self.frames.top
        if token.kind == "letter":
            self._word_or_letter(token)
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

    def _word_or_letter(self, token: Token) -> None:
        """A letter, or the longest declared word that begins here."""
        listed, text, word, length = self.tokens.list, token.text, token.text, 1
        if self.longest > 1:
            for j in range(self.i + 1, min(self.i + self.longest, len(listed))):
                if listed[j].kind not in ("letter", "number") or listed[j].start != listed[j - 1].end:
                    break
                text += listed[j].text
                if text in self.words:
                    word, length = text, j + 1 - self.i
        span = self.tokens.span(self.i, self.i + length)
        styled = self.i < self.styled_until
        if word == "e" and not styled and "e" not in self.declared and self._exponent_follows():
            self._exponential(span)
            return
        self.frames.base(Name(names.aliased(word), styled, span))
        self.i += length

    def _exponent_follows(self) -> bool:
        return self.i + 1 < len(self.tokens.list) and self.tokens.list[self.i + 1].text == "^"

    def _exponential(self, span: Span) -> None:
        """``e^{...}``: the exponent is read as an expression."""
        self.i += 2
        frame = Frame("e", "}", span.start)
        if self.i in self.tokens.closing:
            self.frames.open(frame, self.tokens.list[self.i])
            self.i += 1
        else:
            exponent = self._single(self.i)
            self.frames.base(Group("e", (exponent,), span.to(exponent.span)))

    def _command(self, token: Token) -> None:
        text = token.text
        if text in names.STYLES:
            self._styled(token)
        elif text in names.ACCENTS or text[1:] in names.GREEK or text in names.ESCAPED:
            self._letter_with_accents(token)
        elif text in COMMANDS:
            self.frames.base(self._operation(text[1:], token.span))
            self.i += 1
        elif text == r"\operatorname":
            self._styled(token)
        elif text == r"\frac":
            self._fraction(token)
        elif text == r"\sqrt":
            self._root(token)
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

    # ---- names and arguments -----------------------------------------------------------------------------------------

    def _operation(self, word: str, span: Span) -> Base:
        if names.aliased(word) in self.words:
            return Name(names.aliased(word), False, span)
        return Operator(operation_named(word) or word, span)

    def _argument(self, i: int, what: str) -> tuple[int, int]:
        found = names.argument(self.tokens, i, len(self.tokens.list))
        if found is None:
            raise self.source.unreadable(self.tokens.span(i, i + 1), f"{what} needs an argument here.", "Write it in braces.")
        return found

    def _styled(self, token: Token) -> None:
        """A styled letter, digit or word; else the styled expression in braces."""
        start, end = self._argument(self.i, token.text)
        span = self.tokens.span(start, end)
        bold = token.text in names.BOLD
        inside = names.unbraced(self.tokens, start + 1, end)
        if token.text == r"\vec" and self.tokens.list[self.i + 1].text == "(":
            self.frames.base(Operator("vec", token.span))
            self.i += 1
        elif inside[1] - inside[0] == 1 and self.tokens.list[inside[0]].text in ("0", "1") and bold:
            self.frames.base(Name(self.tokens.list[inside[0]].text, True, span))
            self.i = end
        elif (stem := names.stem_of(self.tokens, start, end)) is None or not self._is_name(stem, token.text):
            self._styled_expression(token, start, end, stem)
        elif token.text in (r"\operatorname", r"\mathrm", r"\text", r"\mathsf") and stem not in self.words and len(stem) > 1:
            self.frames.base(self._operation(stem, span))
            self.i = end
        elif stem == "e" and token.text == r"\mathrm" and "e" not in self.declared:
            self.i = end - 1
            if not self._exponent_follows():
                raise self.source.unreadable(span, "e stands without an exponent.", r"Declare e, or write \exp(1).")
            self._exponential(span)
        else:
            self.frames.base(Name(stem, bold, span))
            self.i = end

    def _is_name(self, stem: str, style: str) -> bool:
        """Whether a styled stem is one name, rather than several letters side by side."""
        return (
            len(stem) == 1
            or stem in names.GREEK
            or stem in self.words
            or (style not in names.BOLD and stem in WORDS)
            or (any(stem.endswith(accent[1:]) for accent in names.ACCENTS))
        )

    def _styled_expression(self, token: Token, start: int, end: int, stem: str | None) -> None:
        span = self.tokens.span(start, end)
        if token.text not in names.BOLD or self.i + 1 not in self.tokens.closing:
            if token.text == r"\text":
                raise self.source.unreadable(span, "Words are not part of an expression.", "Leave them out, or declare the name.")
            name = stem or names.script_text(self.tokens, start, end)
            raise self.source.unknown(span, f"{name} is neither declared nor a known operation.", name, [*self.words, *WORDS])
        self.styled_until = max(self.styled_until, end)
        self.frames.open(Frame("{", "}", token.start), token)
        self.i += 2

    def _letter_with_accents(self, token: Token) -> None:
        start, end = self._argument(self.i, token.text)
        stem = names.stem_of(self.tokens, start, end)
        span = self.tokens.span(start, end)
        if stem is None:
            raise self.source.unreadable(span, f"{token.text} stands over one letter.", r"Write the scripts outside, as \hat{x}_1.")
        styled = self.i < self.styled_until or any(t.text in names.BOLD for t in self.tokens.list[start:end])
        self.frames.base(Name(stem, styled, span))
        self.i = end

    def _single(self, i: int) -> Sum:
        """An argument without braces: one digit, one letter or one styled letter."""
        start, end = self._argument(i, "This")
        token, span = self.tokens.list[start], self.tokens.span(start, end)
        stem = names.stem_of(self.tokens, start, end)
        if token.kind == "number" and len(token.text) == 1:
            base: Base = Numeral(Fraction(token.text), False, span)
        elif stem is not None:
            base = Name(stem, token.text in names.BOLD, span)
        else:
            raise self.source.unreadable(span, "One digit or one letter can stand here without braces.", "Write the argument in braces.")
        self.i = end
        return Sum((("", Blend("", (Product((Factor("", base, ()),)),))),), span)

    # ---- fractions, roots and braces ---------------------------------------------------------------------------------

    def _braced_argument(self, token: Token, kind: str) -> None:
        if self.i + 1 not in self.tokens.closing:
            raise self.source.unreadable(token.span, f"{token.text} needs its argument in braces.", f"Write {token.text}{{...}}.")
        self.frames.open(Frame(kind, "}", token.start), token)
        self.i += 2

    def _root(self, token: Token) -> None:
        if self.i + 1 < len(self.tokens.list) and self.tokens.list[self.i + 1].text == "[":
            raise self.source.unsupported(token.span, "Only square roots are read.", "Write x^{1/3} for another root of a scalar.")
        if self.i + 1 in self.tokens.closing:
            self._braced_argument(token, r"\sqrt")
        else:
            inside = self._single(self.i + 1)
            self.frames.base(Group(r"\sqrt", (inside,), token.span.to(inside.span)))

    def _fraction(self, token: Token) -> None:
        if self._derivative(token):
            return
        listed, i = self.tokens.list, self.i + 1
        if i in self.tokens.closing:
            self._braced_argument(token, "above")
        elif i < len(listed) and len(listed[i].text) == 2 and listed[i].text.isdecimal():
            above, below = map(int, listed[i].text)  # \frac12
            self.frames.base(self._number(Fraction(above), Fraction(below), token.span.to(listed[i].span)))
            self.i += 2
        else:
            self._below(self._single(i), token.start)

    def _derivative(self, token: Token) -> bool:
        """A fraction whose parts begin with \\partial, or with a d that is not declared."""
        above = names.argument(self.tokens, self.i + 1, len(self.tokens.list))
        below = above and names.argument(self.tokens, above[1], len(self.tokens.list))
        if not above or not below:
            return False
        starts = [names.unbraced(self.tokens, *part) for part in (above, below)]
        signs = [self.tokens.list[start].text if start < end else "" for start, end in starts]
        if r"\partial" not in signs and (signs != ["d", "d"] or "d" in self.declared):
            return False
        if signs[0] != signs[1]:
            raise self.source.unreadable(
                token.span.to(self.tokens.span(*below)), "One part of this fraction is a differential, the other is not.",
                r"Write \frac{\partial C}{\partial \mathbf{x}}.",
            )  # fmt: skip
        of, by = ((start + 1, end) for start, end in starts)
        self.frames.base(Quotient(of, by, token.span.to(self.tokens.span(*below))))
        self.i = below[1]
        return True

    def _below(self, above: Sum, start: int) -> None:
        """What stands below the line of a fraction whose upper part was read."""
        if self.i in self.tokens.closing:
            self.frames.open(Frame("below", "}", start, above=above), self.tokens.list[self.i])
            self.i += 1
        else:
            below = self._single(self.i)
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
        start, end = self._argument(self.i + 1, token.text)
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
