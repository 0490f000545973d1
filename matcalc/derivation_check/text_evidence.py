"""What claims tell of shapes without being true: what they derive, and the sides that stand before an equality sign."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from matcalc.derivation_check.documents import Document
from matcalc.derivation_check.name_uses import Written, derived_in, is_name, sizes_in, written
from matcalc.derivation_check.shape_inference import Fact
from matcalc.derivation_check.text_definitions import DERIVES, Layers
from matcalc.errors import MatcalcError

MOST_EXPRESSIONS = 60
LONGEST = 1_500


def evidence(found: Document, layers: Layers, words: frozenset[str], letters: frozenset[str], defining: frozenset[int]) -> list[Fact]:
    """Expressions that mean something in the text: what is derived brings in names; sides with sizes only tell what these are.

    A wrong line has to leave the shapes as they are, so that it is found to be wrong.
    """
    made: dict[str, Fact] = {}
    for text, brings, left in _texts(found, layers, words, letters, defining):
        if text not in made and len(made) < MOST_EXPRESSIONS:
            with suppress(MatcalcError):
                made[text] = Fact(None, (), written(text, words, letters), brings, left)
    return sorted(made.values(), key=lambda fact: not fact.brings)


def _texts(
    found: Document, layers: Layers, words: frozenset[str], letters: frozenset[str], defining: frozenset[int]
) -> Iterator[tuple[str, bool, Written | None]]:
    for formula in (*found.formulas, *found.expressions):
        left: Written | None = None
        for k, side in enumerate(formula.sides):
            text = found.clean[side.span.start : side.span.end].strip()
            if side.branches or not text or len(text) > LONGEST or layers.letters_in(text) or (formula.number in defining and k < 2):
                continue
            parsed = _parsed(text, words, letters)
            if parsed is None:
                continue
            if DERIVES.search(text):
                left = left or (parsed if k == 0 else None)
                yield from ((part, True, None) for part in derived_in(parsed))
            elif k == 0 and not is_name(parsed.tree) and len(formula.sides) > 1 and parsed.uses:
                yield text, True, None
            elif sizes_in((text,)):
                yield text, False, left


def _parsed(text: str, words: frozenset[str], letters: frozenset[str]) -> Written | None:
    try:
        return written(text, words, letters)
    except MatcalcError:
        return None
