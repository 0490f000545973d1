"""Chains of equalities: their sides, which of them claim something, and why others are set aside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

from matcalc.derivation_check.conditions import condition, is_otherwise, on_indices, otherwise
from matcalc.derivation_check.document_parts import GIVES_A_NUMBER, Condition, Side
from matcalc.derivation_check.environments import CASES, SPACES, Structure, environment_name, structure
from matcalc.derivation_check.parts import DEFINED, DEFINES, MAPS, RELATION, RELATIONS, UPDATE, Part, are_words
from matcalc.language.reading.source import Span

_MATRICES = re.compile(r"\\begin\s*\{(?:[bpvBV]?matrix|smallmatrix|array|tabular)\*?\}")
_CASES = re.compile(r"\\begin\s*\{(?:cases|dcases|rcases)\*?\}")
_SEARCHES = re.compile(
    r"\\(?:arg|min|max|inf|sup|lim|argmin|argmax)(?![A-Za-z])(?!\s*(?:\(|\\left\s*\())|\\operatorname\*?\s*\{arg\s*(?:\\,)?(?:min|max)\}"
)
_SETS = re.compile(
    r"\\mathbb\s*\{?\s*[RNZC]|\\mathcal\s*\{?\s*[NU]\s*\}?\s*\(|\\(?:mid|setminus|cup|cap|emptyset)(?![A-Za-z])|[ℝℕ]"
)
_LISTED = re.compile(r"[,:]|\\l?dots(?![A-Za-z])")
# a derivative is what it is, whatever is said of it
_DERIVATIVE = re.compile(r"\s*(?:\\[dt]?frac\s*\{\s*(?:\\partial|d(?![a-z]{2})|\\mathrm\s*\{?\s*d)|\\nabla|\\partial)")
_SYMBOL = re.compile(r"(?:\\[A-Za-z]+|[A-Za-z])(?:\s*\{[A-Za-z]*\})?(?:\s*[_^]\s*(?:\w|\\\w+|\{[^{}=]*\}))*")
_NUMBER = re.compile(r"-?[\d.]+(?:\s*\\(?:times|cdot)\s*10\s*\^\s*\{?-?\d+\}?|\^\s*\{?-?\d+\}?)?")
_DEFINES_A_MACRO = re.compile(r"\\(?:[gx]?def|newcommand|renewcommand|DeclareMathOperator)(?![A-Za-z])|#\d")
_BARE = re.compile(r"[A-Za-z]|\\[A-Za-z]+")
_FIRST = re.compile(r"\\[A-Za-z]+|\\.|~", re.DOTALL)
_LAST = re.compile(r"(?:\\[A-Za-z]+|(?:\\right\s*|\\)?.)\Z", re.DOTALL)
_TRIMMED = frozenset((*SPACES, ",", ".", ";", ":"))


@final
@dataclass(slots=True)
class Chain:
    """Sides as they are found, each with the sign before it; further ones may come with later lines."""

    sides: list[Span]
    signs: list[Part]
    display: bool
    defines: bool = False
    condition: Condition | None = None
    unread: str = ""  # a condition that cannot be read
    place: int = 0  # of the formula in the text
    said: Condition = field(default_factory=Condition)  # by the prose before it

    @property
    def relates(self) -> bool:
        return any(sign.kind in RELATIONS for sign in self.signs)


@final
@dataclass(slots=True)
class Settled:
    """What a chain comes to."""

    formulas: list[tuple[Side, ...]] = field(default_factory=list)
    defines: bool = False
    expression: Side | None = None
    set_aside: list[tuple[Span, str]] = field(default_factory=list)


def trimmed(text: str, start: int, end: int) -> Span:
    """A stretch without spaces and punctuation at its ends."""
    while True:
        while start < end and text[start].isspace():
            start += 1
        leading = _FIRST.match(text, start, end)
        if leading is None or leading[0] not in (*SPACES, "~"):
            break
        start = leading.end()
    while start < end:
        if text[end - 1].isspace() and not (end - 2 >= start and text[end - 2] == "\\"):
            end -= 1
            continue
        trailing = _LAST.search(text, max(start, end - 20), end)
        if trailing is None or (trailing[0] not in _TRIMMED and trailing[0] != "~"):
            break
        end = trailing.start()
    return Span(start, max(start, end))


def sides_of(text: str, parts: Sequence[Part]) -> tuple[list[Span], list[Part]]:
    """The sides of a piece and the signs between them; a first side that is missing, or a last one, is empty."""
    sides: list[Span] = []
    signs: list[Part] = []
    start = parts[0].start
    for part in parts:
        if part.kind in RELATIONS:
            sides.append(trimmed(text, start, part.start))
            signs.append(part)
            start = part.end
    sides.append(trimmed(text, start, max(start, parts[-1].end)))
    return sides, signs


def settled(text: str, clean: str, chain: Chain) -> Settled:
    """The formulas of a chain: what stands between equality signs only."""
    made = Settled()
    whole = Span(min(s.start for s in chain.sides), max(s.end for s in chain.sides))
    reason = next((sign.note for i, sign in enumerate(chain.signs) if _claims_nothing(chain.signs, i)), "")
    if not reason and _DEFINES_A_MACRO.search(clean, *whole):
        reason = "a definition of a command"
    reason = reason or (f"its condition is not read: {chain.unread}" if chain.unread else "")
    if reason:
        made.set_aside.append((whole, reason))
        return made
    chain.sides = [trimmed(clean, *span) for span in chain.sides]
    if not chain.relates:
        _settle_expression(clean, chain, made)
        return made
    runs: list[list[Side]] = [[]]
    signs = [None, *chain.signs]
    for span, sign in zip(chain.sides, signs, strict=True):
        if sign is not None and sign.kind == RELATION:
            if sign.note != MAPS:
                made.set_aside.append((span if span.end > span.start else Span(sign.start, sign.end), sign.note))
            runs.append([])
        if span.start == span.end:
            if len(chain.sides) == 2 or sign is None:
                made.set_aside.append((Span(min(span.start, whole.start), whole.end), "an equality with nothing on one side"))
            continue
        side, why = _side(text, clean, span)
        if side is None:
            made.set_aside.append((span, why))
        else:
            runs[-1].append(side)
    made.formulas = [tuple(run) for run in runs if len(run) >= 2]
    made.formulas = [run for run in made.formulas if not _states_a_number(clean, run, made) and not _updates(clean, run, made)]
    if chain.signs and chain.signs[0].kind == DEFINED and len(made.formulas) == 1 and len(made.formulas[0]) == 2:
        made.formulas = [made.formulas[0][::-1]]
    first = made.formulas[0][0].span if made.formulas else whole
    says_so = chain.defines or chain.signs[0].kind in (DEFINES, DEFINED)
    made.defines = says_so and not _DERIVATIVE.match(clean, *first)
    if not made.formulas:
        made.set_aside = [(whole, made.set_aside[0][1] if made.set_aside else "an equality with nothing on one side")]
    return made


def _claims_nothing(signs: list[Part], i: int) -> bool:
    """Whether a sign makes the whole chain claim nothing; an arrow from one equality to another parts them."""
    if signs[i].note == MAPS and 0 < i < len(signs) - 1:
        return not (signs[i - 1].kind != RELATION and signs[i + 1].kind != RELATION)
    return signs[i].note in (UPDATE, MAPS)


def _settle_expression(clean: str, chain: Chain, made: Settled) -> None:
    span = chain.sides[0]
    written = clean[span.start : span.end].strip()
    if not written:
        return
    side, why = _side(clean, clean, span)
    if side is None:
        made.set_aside.append((span, why))
    elif _BARE.fullmatch(written):
        made.set_aside.append((span, "a symbol"))
    elif chain.display:
        made.expression = side
    else:
        made.set_aside.append((span, "an expression within a sentence, which claims nothing"))


def _states_a_number(clean: str, run: tuple[Side, ...], made: Settled) -> bool:
    """Whether an equality only gives a number to a symbol, as a step size or a count."""
    if len(run) != 2:
        return False
    left, right = (clean[s.span.start : s.span.end].strip() for s in run)
    if not (_SYMBOL.fullmatch(left) and _NUMBER.fullmatch(right)):
        return False
    made.set_aside.append((run[0].span.to(run[1].span), GIVES_A_NUMBER))
    return True


def _updates(clean: str, run: tuple[Side, ...], made: Settled) -> bool:
    """Whether an equality changes its left side, as ``W = W - \\eta G``."""
    left, right = ("".join(clean[s.span.start : s.span.end].split()) for s in run[:2])
    if len(run) > 3 or not right.startswith(left) or right[len(left) : len(left) + 1] not in ("-", "+"):
        return False
    made.set_aside.append((run[0].span.to(run[-1].span), UPDATE))
    return True


def _side(text: str, clean: str, span: Span) -> tuple[Side | None, str]:
    """A side that can be judged, or the reason why it cannot."""
    written = clean[span.start : span.end]
    if _CASES.search(written):
        return _side_with_cases(clean, span)
    if _MATRICES.search(written):
        found = structure(clean, *span)
        if _old_cases(found):
            return _branched(clean, span, found, 2)
        return None, "a matrix whose entries are spelled out"
    if _SEARCHES.search(written):
        return None, "a minimum, maximum or limit"
    if _SETS.search(written) or _LISTED.search(written, written.find(r"\{") % (len(written) + 1), max(0, written.rfind(r"\}"))):
        return None, "a set"
    if _spells_entries(clean, span):
        return None, "a list of entries"
    return Side(span), ""


def _spells_entries(clean: str, span: Span) -> bool:
    """Whether a side is a bracket that lists entries, as ``(a, b)^T``."""
    written = clean[span.start : min(span.end, span.start + 20)]
    if not re.match(r"(?:\\left\s*|\\[bB]igg?l?\s*)?[(\[]", written):
        return False
    found = structure(clean, *span)
    first = 0 if found.tokens[0].text in ("(", "[", r"\left") else 1
    depth = 0
    for token in found.tokens[first + 1 : found.closing.get(first, 0)]:
        depth += (token.text in ("(", "[", "{", r"\{")) - (token.text in (")", "]", "}", r"\}"))
        if token.text == "," and depth <= (found.tokens[first].text == r"\left"):
            return True
    return False


def _side_with_cases(clean: str, span: Span) -> tuple[Side | None, str]:
    found = structure(clean, *span)
    begin = 0
    while begin < len(found.tokens) and found.tokens[begin].kind != "env":
        begin += 1
    if begin or found.closing.get(0) != len(found.tokens) - 1 or environment_name(found.tokens[0]) not in CASES:
        return None, "cases with something beside them"
    return _branched(clean, span, found, 0)


def _old_cases(found: Structure) -> bool:
    """Whether a side is ``\\left\\{ \\begin{array} .. \\end{array} \\right.``, as cases were written once."""
    tokens = found.tokens
    return (
        len(tokens) > 4 and tokens[0].text == r"\left" and tokens[1].text in (r"\{", r"\lbrace") and tokens[2].kind == "env"
        and found.closing.get(0) == len(tokens) - 2 and tokens[-1].text == "." and found.closing.get(2) == len(tokens) - 3
    )  # fmt: skip


def _branched(clean: str, span: Span, found: Structure, begin: int) -> tuple[Side | None, str]:
    """A side of cases, each branch with its condition."""
    branches: list[tuple[Span, Condition]] = []
    conditions: list[Condition] = []
    last: Span | None = None
    for value, when in _rows(clean, found, begin):
        if last is not None:
            return None, "cases with a branch behind the one for all others"
        asked = condition(when, quantified=True)
        if asked is not None and not on_indices(asked):
            branches.append((value, asked))
            conditions.append(asked)
        elif is_otherwise(when):
            last = value
        else:
            return None, f"cases with a condition that is not one on layers: {' '.join(when.split())[:60] or 'none is written'}"
    if last is not None:
        rest = otherwise(conditions)
        if rest is None:
            return None, "cases whose last branch is for too many others"
        branches += [(last, each) for each in rest]
    return (Side(span, tuple(branches)), "") if branches else (None, "cases without a branch")


def _rows(clean: str, found: Structure, begin: int) -> list[tuple[Span, str]]:
    """The value and the condition of each row."""
    tokens, close = found.tokens, found.closing[begin]
    i = begin + 1
    if tokens[begin].text.endswith("{array}") and i in found.closing:
        i = found.closing[i] + 1
    rows: list[tuple[Span, str]] = []
    start, parted = tokens[i].start if i < close else tokens[close].start, -1
    while i <= close:
        token = tokens[i]
        if i == close or token.kind == "line":
            value = trimmed(clean, start, token.start if parted < 0 else parted)
            if value.end > value.start:
                rows.append((value, "" if parted < 0 else clean[parted : token.start].lstrip("&, ")))
            start, parted = token.end, -1
        elif parted < 0 and (token.text == "&" or _begins_condition(clean, found, i)):
            parted = token.start
        i = found.closing[i] + 1 if i in found.closing and i > begin and i < close else i + 1
    return rows


def _begins_condition(clean: str, found: Structure, i: int) -> bool:
    token = found.tokens[i]
    if token.kind == "word" or token.text in (r"\quad", r"\qquad"):
        return True
    inside = found.closing.get(i + 1)
    if inside is None or token.text not in (r"\text", r"\mbox", r"\textrm"):
        return False
    return are_words(clean[found.tokens[i + 1].end : found.tokens[inside].start])
