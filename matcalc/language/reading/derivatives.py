"""Derivatives and sums in the syntax: fractions of differentials, the operators nabla and partial, the indices of a sum."""

from __future__ import annotations

from matcalc.language.reading import names
from matcalc.language.reading.frames import Reader
from matcalc.language.reading.lexer import Token
from matcalc.language.reading.syntax import Over, Quotient, Variable

PARTIAL, NABLA = r"\partial", r"\nabla"
MOST_ORDER = 9
_WAY_OUT = r"Write \frac{\partial C}{\partial \mathbf{x}}."


def fraction(reader: Reader, token: Token) -> bool:
    """Read a fraction as a derivative if its parts begin with ``\\partial``, or with a d that is not declared."""
    above = names.argument(reader.tokens, reader.i + 1, reader.end)
    below = above and names.argument(reader.tokens, above[1], reader.end)
    if not above or not below:
        return False
    upper, lower = (names.unbraced(reader.tokens, *part) for part in (above, below))
    signs = [_sign(reader, *part) for part in (upper, lower)]
    if not any(signs):
        return False
    span = token.span.to(reader.tokens.span(*below))
    if signs[0] != signs[1]:
        if PARTIAL not in signs:
            return False
        raise reader.source.unreadable(span, "One part of this fraction is a differential, the other is not.", _WAY_OUT)
    order, start = _order(reader, upper[0] + _length(reader, upper[0]), upper[1])
    of = reader.part(start, upper[1]) if start < upper[1] else None
    by = _variables(reader, lower, signs[1], order)
    reader.frames.base(Quotient(of, (start, upper[1]), by, order, False, False, span))
    reader.i = below[1]
    return True


def _sign(reader: Reader, start: int, end: int) -> str:
    """The sign of a differential that tokens begin with, empty if there is none."""
    if start >= end:
        return ""
    text = reader.tokens.list[start].text
    if text == PARTIAL:
        return PARTIAL
    if _is_upright_d(reader, start):
        return "d"
    return "d" if text == "d" and "d" not in reader.declared else ""


def _is_upright_d(reader: Reader, i: int) -> bool:
    found = names.argument(reader.tokens, i, reader.end) if reader.tokens.list[i].text == r"\mathrm" else None
    return found is not None and names.stem_of(reader.tokens, *found) == "d"


def _length(reader: Reader, i: int) -> int:
    """How many tokens the sign of a differential takes."""
    if not _is_upright_d(reader, i):
        return 1
    found = names.argument(reader.tokens, i, reader.end)
    assert found is not None
    return found[1] - i


def _order(reader: Reader, i: int, end: int) -> tuple[int, int]:
    """How often is derived, as ``\\partial^2`` says, and where what follows it begins."""
    listed = reader.tokens.list
    if i >= end or listed[i].text != "^":
        return 1, i
    script = names.argument(reader.tokens, i + 1, end)
    text = names.script_text(reader.tokens, *script) if script else ""
    if script is None or not text.isdecimal() or not 0 < int(text[:3]) <= MOST_ORDER:
        raise reader.source.unreadable(reader.tokens.span(i, i + 2), "The order of a derivative is a small number.", _WAY_OUT)
    return int(text), script[1]


def _variables(reader: Reader, place: tuple[int, int], sign: str, order: int) -> tuple[Variable, ...]:
    """What stands behind each sign below the line."""
    starts: list[int] = []
    for i in _outside_braces(reader, *place):
        inside_sign = starts and i < starts[-1] + _length(reader, starts[-1])  # the d of \\mathrm d
        if not inside_sign and _sign(reader, i, place[1]) == sign:
            starts.append(i)
    bounds = [*starts, place[1]]
    found = []
    for start, end in zip(starts, bounds[1:], strict=True):
        first = start + _length(reader, start)
        if first >= end:
            raise reader.source.unreadable(reader.tokens.span(start, end), "What is derived by is missing.", _WAY_OUT)
        found.append(_variable(reader, first, end, repeated=order > len(starts)))
    return tuple(found)


def _outside_braces(reader: Reader, start: int, end: int) -> list[int]:
    found, i = [], start
    while i < end:
        found.append(i)
        i = reader.tokens.closing[i] + 1 if i in reader.tokens.closing else i + 1
    return found


def _variable(reader: Reader, start: int, end: int, *, repeated: bool) -> Variable:
    last, times = end, 1
    if repeated:
        listed = reader.tokens.list
        powers = [i for i in _outside_braces(reader, start, end) if listed[i].text == "^"]
        text = names.script_text(reader.tokens, powers[-1] + 1, end) if powers else ""
        if text.isdecimal() and 1 < int(text[:3]) <= MOST_ORDER:
            times, last = int(text), powers[-1]
    return Variable((start, end), reader.part(start, last), times)


# ---- operators before what they are of -------------------------------------------------------------------------------


def operator(reader: Reader, token: Token) -> bool:
    """Read ``\\nabla_x``, ``\\partial_x``, or ``\\partial C / \\partial x`` in one line."""
    listed, i = reader.tokens.list, reader.i
    if token.text == NABLA or (token.text == PARTIAL and i + 1 < reader.end and listed[i + 1].text == "_"):
        _subscripted(reader, token)
        return True
    if token.text in (PARTIAL, "d"):
        return _in_one_line(reader, token)
    return False


def _subscripted(reader: Reader, token: Token) -> None:
    i, order, below = reader.i + 1, 1, None
    while i < reader.end and reader.tokens.list[i].text in "^_":
        if reader.tokens.list[i].text == "^":
            order, i = _order(reader, i, reader.end)
            continue
        below = names.argument(reader.tokens, i + 1, reader.end)
        if below is None:
            break
        i = below[1]
    span = reader.tokens.span(reader.i, i)
    if below is None:
        raise reader.source.unreadable(span, f"{token.text} does not say by what is derived.", rf"Write {token.text}_{{\mathbf{{x}}}} C.")
    if order > 2 or (order == 2 and token.text == PARTIAL):
        raise reader.source.unreadable(span, f"{token.text} of order {order} is not read.", _WAY_OUT)
    place = names.unbraced(reader.tokens, *below)
    variable = Variable(place, reader.part(*place), order)
    reader.frames.base(Quotient(None, (i, i), (variable,), order, token.text == NABLA, True, span))
    reader.i = i


def _in_one_line(reader: Reader, token: Token) -> bool:
    """``\\partial C / \\partial x`` and ``dC/dx``: one name on each side of the slash."""
    listed, start = reader.tokens.list, reader.i + 1
    end = _end_of_name(reader, start)
    if end is None or end + 1 >= reader.end or listed[end].text != "/" or listed[end + 1].text != token.text:
        if token.text == PARTIAL:
            raise reader.source.unreadable(token.span, r"This \partial is no part of a derivative.", _WAY_OUT)
        return False
    by_end = _end_of_name(reader, end + 2)
    if by_end is None:
        return False
    by = _variable(reader, end + 2, by_end, repeated=False)
    span = reader.tokens.span(reader.i, by_end)
    reader.frames.base(Quotient(reader.part(start, end), (start, end), (by,), 1, False, False, span))
    reader.i = by_end
    return True


def _end_of_name(reader: Reader, start: int) -> int | None:
    """Where a letter or styled name with its scripts ends; None if none begins here."""
    first = names.argument(reader.tokens, start, reader.end)
    if first is None or names.stem_of(reader.tokens, *first) is None:
        return None
    end = first[1]
    while end < reader.end and reader.tokens.list[end].text in "^_'":
        if reader.tokens.list[end].text == "'":
            end += 1
            continue
        script = names.argument(reader.tokens, end + 1, reader.end)
        if script is None:
            return None
        end = script[1]
    return end


# ---- sums ------------------------------------------------------------------------------------------------------------


def summed_over(reader: Reader, token: Token) -> tuple[tuple[Over, ...], int]:
    """The indices of a sum, from its scripts, and where its term begins."""
    listed, i = reader.tokens.list, reader.i + 1
    held: dict[str, tuple[int, int]] = {}
    while i < reader.end and listed[i].text in "^_":
        script = names.argument(reader.tokens, i + 1, reader.end)
        if script is None or listed[i].text in held:
            raise reader.source.unreadable(reader.tokens.span(i, i + 1), "A bound of the sum is missing.", r"Write \sum_{i=1}^{n}.")
        held[listed[i].text], i = names.unbraced(reader.tokens, *script), script[1]
    if "_" not in held:
        span = reader.tokens.span(reader.i, i)
        raise reader.source.unreadable(span, "The sum does not say over which index.", r"Write \sum_{i=1}^{n}, or \sum_i.")
    return _indices(reader, held["_"], held.get("^")), i


def _indices(reader: Reader, below: tuple[int, int], above: tuple[int, int] | None) -> tuple[Over, ...]:
    tokens, (start, end) = reader.tokens, below
    equals = next((i for i in range(start, end) if tokens.list[i].text == "="), None)
    if equals is not None:
        low, high = reader.part(equals + 1, end), reader.part(*above) if above else None
        letters = _letters(reader, start, equals)
        spans = [tokens.span(start, end)] if len(letters) == 1 else [tokens.span(*place) for place in letters]
        return tuple(Over(_letter(reader, *place), low, high, span) for place, span in zip(letters, spans, strict=True))
    if above:
        raise reader.source.unreadable(tokens.span(*below), "A sum with an upper bound needs a lower one.", r"Write \sum_{i=1}^{n}.")
    return tuple(Over(_letter(reader, *place), None, None, tokens.span(*place)) for place in _letters(reader, start, end))


def _letters(reader: Reader, start: int, end: int) -> list[tuple[int, int]]:
    """The places of letters side by side or with commas between them."""
    places, i = [], start
    while i < end:
        if reader.tokens.list[i].text == ",":
            i += 1
            continue
        stop = _end_of_letter(reader, i, end)
        places.append((i, stop))
        i = stop
    return places or [(start, end)]


def _end_of_letter(reader: Reader, i: int, end: int) -> int:
    found = names.argument(reader.tokens, i, end)
    return found[1] if found else i + 1


def _letter(reader: Reader, start: int, end: int) -> str:
    key = names.key_of_tokens(reader.tokens, start, end)
    if key is None or key.below or key.above or key.primes:
        span = reader.tokens.span(start, end)
        raise reader.source.unreadable(span, "This is no index: a sum runs over a letter.", r"Write \sum_{i=1}^{n}, or \sum_i.")
    return key.stem
