"""Formulas that set something to zero, in order to solve for something: they claim nothing."""

from __future__ import annotations

import re

from matcalc.derivation_check.document_parts import GIVES_A_NUMBER, Document, Formula
from matcalc.language.reading.source import Span

DEMAND = "a demand, which is solved and claims nothing"
ZEROS = ("0", r"\mathbf{0}", r"\boldsymbol{0}")
_END_OF_SENTENCE = re.compile(r"[.!?](\s|$)|\n\s*\n")
_SETS_TO_ZERO = re.compile(
    r"\b(set(ting|s)?|equat(e|ing)|solv(e|ing)|stationary|vanish(es)?|optim(um|al)|at the minimum|minimis|minimiz)", re.IGNORECASE
)
_AT_AN_OPTIMUM = re.compile(
    r"\b(optimum|optimal|minimum|maximum|(mini|maxi)mi[sz]e(r|d)|solution|solved by|normal equations?)\b", re.IGNORECASE
)


def is_demand(document: Document, formula: Formula) -> bool:
    """Whether a formula sets something to zero in order to solve for something."""
    if len(formula.sides) < 2:
        return False
    last = formula.sides[-1].span
    if document.clean[last.start : last.end].strip() not in ZEROS:
        return False
    start = formula.sides[0].span.start
    sentence = re.split(r"[.!?]\s|\n\s*\n", document.text[max(0, start - 200) : start])[-1]
    return _SETS_TO_ZERO.search(sentence) is not None


def is_at_an_optimum(document: Document, formula: Formula) -> bool:
    """Whether the words before a formula say that it tells where something is least or greatest, as "at the optimum w = ..."."""
    start = formula.sides[0].span.start
    before = max((each.sides[-1].span.end for each in document.formulas if each.sides[-1].span.end <= start), default=0)
    words = _END_OF_SENTENCE.split(document.text[before:start])[-1]
    return len(formula.sides) > 1 and _AT_AN_OPTIMUM.search(words) is not None


def sentence_of(text: str, span: Span) -> Span:
    """The sentence, or the sentences, that a place stands in."""
    start = max((found.end() for found in _END_OF_SENTENCE.finditer(text, 0, span.start)), default=0)
    return Span(start, end_of_sentence(text, span.end))


def end_of_sentence(text: str, at: int) -> int:
    """Where the sentence ends that a place stands in."""
    found = _END_OF_SENTENCE.search(text, at)
    return found.start() if found else len(text)


def end_of_demand(text: str, at: int) -> int:
    """Where the sentence ends, a display behind a blank line included, to which it leads without a full stop."""
    end = end_of_sentence(text, at)
    return end_of_sentence(text, end + len(text[end:]) - len(text[end:].lstrip())) if text[end : end + 1].isspace() else end


def gives_numbers(document: Document, start: int, end: int) -> bool:
    """Whether a formula between two places gives a number to a symbol, as "with lambda = 0"."""
    return any(start <= span.start < end and reason.startswith(GIVES_A_NUMBER) for span, reason in document.set_aside)
