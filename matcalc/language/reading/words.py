"""Letters, words and styled names in the syntax, and arguments without braces."""

from __future__ import annotations

from fractions import Fraction

from matcalc.language.reading import derivatives, names
from matcalc.language.reading.frames import Frame, Reader
from matcalc.language.reading.lexer import Token
from matcalc.language.reading.source import Span
from matcalc.language.reading.syntax import Base, Blend, Factor, Group, Name, Numeral, Operator, Product, Sum
from matcalc.language.reading.vocabulary import WORDS, operation_named


def word_or_letter(reader: Reader, token: Token) -> None:
    """A letter, or the longest declared word that begins here."""
    listed, text, word, length = reader.tokens.list, token.text, token.text, 1
    if reader.longest > 1:
        for j in range(reader.i + 1, min(reader.i + reader.longest, reader.end)):
            if listed[j].kind not in ("letter", "number") or listed[j].start != listed[j - 1].end:
                break
            text += listed[j].text
            if text in reader.words:
                word, length = text, j + 1 - reader.i
    span = reader.tokens.span(reader.i, reader.i + length)
    styled = reader.i < reader.styled_until
    if word == "d" and not styled and increment(reader, span):
        return
    if word == "d" and not styled and "d" not in reader.declared and derivatives.operator(reader, token):
        return
    if word == "e" and not styled and "e" not in reader.declared and exponent_follows(reader):
        exponential(reader, span)
        return
    reader.frames.base(Name(names.aliased(word), styled, span))
    reader.i += length


def increment(reader: Reader, span: Span) -> bool:
    """Read d before a styled letter as one name, where that is declared: the increment of a quantity."""
    found = names.argument(reader.tokens, reader.i + 1, reader.end) if reader.longest > 1 else None
    stem = None if found is None else names.stem_of(reader.tokens, *found)
    if found is None or stem is None or f"d{stem}" not in reader.words:
        return False
    bold = reader.tokens.list[found[0]].text in names.BOLD
    reader.frames.base(Name(f"d{stem}", bold, span.to(reader.tokens.span(*found))))
    reader.i = found[1]
    return True


def _styled_increment(reader: Reader, end: int, span: Span) -> bool:
    """An increment whose d is upright."""
    first, reader.i = reader.i, end - 1
    if increment(reader, span):
        return True
    reader.i = first
    return False


def exponent_follows(reader: Reader) -> bool:
    return reader.i + 1 < reader.end and reader.tokens.list[reader.i + 1].text == "^"


def exponential(reader: Reader, span: Span) -> None:
    """``e^{...}``: the exponent is read as an expression."""
    reader.i += 2
    frame = Frame("e", "}", span.start)
    if reader.i in reader.tokens.closing:
        reader.frames.open(frame, reader.tokens.list[reader.i])
        reader.i += 1
    else:
        exponent = single(reader, reader.i)
        reader.frames.base(Group("e", (exponent,), span.to(exponent.span)))


def operation(reader: Reader, word: str, span: Span) -> Base:
    if names.aliased(word) in reader.words:
        return Name(names.aliased(word), False, span)
    return Operator(operation_named(word) or word, span)


def argument(reader: Reader, i: int, what: str) -> tuple[int, int]:
    found = names.argument(reader.tokens, i, reader.end)
    if found is None:
        raise reader.source.unreadable(reader.tokens.span(i, i + 1), f"{what} needs an argument here.", "Write it in braces.")
    return found


def styled(reader: Reader, token: Token) -> None:
    """A styled letter, digit or word; else the styled expression in braces."""
    start, end = argument(reader, reader.i, token.text)
    span = reader.tokens.span(start, end)
    bold = token.text in names.BOLD
    inside = names.unbraced(reader.tokens, start + 1, end)
    if token.text == r"\vec" and reader.tokens.list[reader.i + 1].text == "(":
        reader.frames.base(Operator("vec", token.span))
        reader.i += 1
    elif inside[1] - inside[0] == 1 and reader.tokens.list[inside[0]].text in ("0", "1") and bold:
        reader.frames.base(Name(reader.tokens.list[inside[0]].text, True, span))
        reader.i = end
    elif (stem := names.stem_of(reader.tokens, start, end)) is None or not is_name(reader, stem, token.text):
        styled_expression(reader, token, start, end, stem)
    elif token.text in (r"\operatorname", r"\mathrm", r"\text", r"\mathsf") and stem not in reader.words and len(stem) > 1:
        reader.frames.base(operation(reader, stem, span))
        reader.i = end
    elif stem == "d" and not bold and reader.longest > 1 and _styled_increment(reader, end, span):
        return
    elif stem == "e" and token.text == r"\mathrm" and "e" not in reader.declared:
        reader.i = end - 1
        if not exponent_follows(reader):
            raise reader.source.unreadable(span, "e stands without an exponent.", r"Declare e, or write \exp(1).")
        exponential(reader, span)
    else:
        reader.frames.base(Name(stem, bold, span))
        reader.i = end


def is_name(reader: Reader, stem: str, style: str) -> bool:
    """Whether a styled stem is one name, rather than several letters side by side."""
    return (
        len(stem) == 1
        or stem in names.GREEK
        or stem in reader.words
        or (style not in names.BOLD and stem in WORDS)
        or (any(stem.endswith(accent[1:]) for accent in names.ACCENTS))
    )


def styled_expression(reader: Reader, token: Token, start: int, end: int, stem: str | None) -> None:
    span = reader.tokens.span(start, end)
    if token.text not in names.BOLD or reader.i + 1 not in reader.tokens.closing:
        if token.text == r"\text":
            raise reader.source.unreadable(span, "Words are not part of an expression.", "Leave them out, or declare the name.")
        name = stem or names.script_text(reader.tokens, start, end)
        raise reader.source.unknown(span, f"{name} is neither declared nor a known operation.", name, [*reader.words, *WORDS])
    reader.styled_until = max(reader.styled_until, end)
    reader.frames.open(Frame("{", "}", token.start), token)
    reader.i += 2


def letter_with_accents(reader: Reader, token: Token) -> None:
    start, end = argument(reader, reader.i, token.text)
    stem = names.stem_of(reader.tokens, start, end)
    span = reader.tokens.span(start, end)
    if stem is None:
        raise reader.source.unreadable(span, f"{token.text} stands over one letter.", r"Write the scripts outside, as \hat{x}_1.")
    styled = reader.i < reader.styled_until or any(t.text in names.BOLD for t in reader.tokens.list[start:end])
    reader.frames.base(Name(stem, styled, span))
    reader.i = end


def single(reader: Reader, i: int) -> Sum:
    """An argument without braces: one digit, one letter or one styled letter."""
    start, end = argument(reader, i, "This")
    token, span = reader.tokens.list[start], reader.tokens.span(start, end)
    stem = names.stem_of(reader.tokens, start, end)
    if token.kind == "number" and len(token.text) == 1:
        base: Base = Numeral(Fraction(token.text), False, span)
    elif stem is not None:
        base = Name(stem, token.text in names.BOLD, span)
    else:
        raise reader.source.unreadable(span, "One digit or one letter can stand here without braces.", "Write the argument in braces.")
    reader.i = end
    return Sum((("", Blend("", (Product((Factor("", base, ()),)),))),), span)
