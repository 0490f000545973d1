"""Formulas that set something to zero, in order to solve for something: they claim nothing."""

from __future__ import annotations

import re

from matcalc.derivation_check.document_parts import Document, Formula
from matcalc.language.reading.source import Span

DEMAND = "a demand, which is solved and claims nothing"
ZEROS = ("0", r"\mathbf{0}", r"\boldsymbol{0}")
_END_OF_SENTENCE = re.compile(r"[.!?](\s|$)|\n\s*\n")
_SETS_TO_ZERO = re.compile(
    r"\b(set(ting|s)?|equat(e|ing)|solv(e|ing)|stationary|vanish(es)?|optim(um|al)|at the minimum|minimis|minimiz)", re.IGNORECASE
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


def sentence_of(text: str, span: Span) -> Span:
    """The sentence, or the sentences, that a place stands in."""
    start = max((found.end() for found in _END_OF_SENTENCE.finditer(text, 0, span.start)), default=0)
    return Span(start, end_of_sentence(text, span.end))


def end_of_sentence(text: str, at: int) -> int:
    """Where the sentence ends that a place stands in."""
    found = _END_OF_SENTENCE.search(text, at)
    return found.start() if found else len(text)
