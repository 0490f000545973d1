"""Names that are written without their layer, as z for z^(L): read at the layer that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from matcalc.derivation_check.edits import Edit
from matcalc.derivation_check.instances import Instance, without_dots
from matcalc.derivation_check.layers import layer_text
from matcalc.errors import MatcalcError
from matcalc.language.mentions import named_factors
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import lexed
from matcalc.language.reading.names import Key, script_text
from matcalc.language.reading.source import Span
from matcalc.language.reading.syntax import Name

MOST_CHOICES = 64
OFFSETS = (0, -1, 1)
_STYLE = re.compile(r"[\^_]\{?\s*([(\[])")


def with_layers_filled_in(text: str, at: Instance, style: str) -> Iterator[tuple[Edit, ...]]:
    """The ways to give each name without a layer one, the likeliest first; nothing where every name has its layer.

    Args:
        text: a side.
        at: an instance of it.
        style: the text whose way of writing layers is followed.
    """
    places = _places(text, at)
    if not places:
        return
    choices = [[_edit(text, place, stem, where, layer, style) for layer in _layers(at)] for place, stem, where in places]
    for count, chosen in enumerate(product(*choices)):
        if count == MOST_CHOICES:
            return
        yield chosen


def _places(text: str, at: Instance) -> list[tuple[Span, str, str]]:
    """Where a layer is missing: the name, its stem, and whether layers stand above or below."""
    scope = at.scope_for("numerator")
    try:
        tokens = lexed(without_dots(text))
        tree = Parser(tokens, scope.words, scope.letters).parsed()
    except MatcalcError:
        return []
    found: list[tuple[Span, str, str]] = []
    for factor, _, bound in named_factors(tree, tokens, scope):
        assert isinstance(factor.base, Name)
        stem = factor.base.stem
        places = [place for place in ("above", "below") if (stem, place) in at.world.layered]
        if not places or stem in {each.letter for each in bound}:
            continue
        above = script_text(tokens, *factor.scripts[0].above) if factor.scripts and factor.scripts[0].above else ""
        below = script_text(tokens, *factor.scripts[0].below) if factor.scripts and factor.scripts[0].below else ""
        if any(key in table for key in (Key(stem), Key(stem, below), Key(stem, below, above), Key(stem, "", above), *_held(stem, above))
               for table in (scope.quantities, scope.functions, scope.applied, scope.sizes)):  # fmt: skip
            continue
        if above and above not in ("T", "top", "prime", "-1", "-T", "-top"):
            continue
        if places[0] == "below" and below:
            continue
        found.append((factor.base.span, stem, places[0]))
    return found


def _held(stem: str, above: str) -> list[Key]:
    """The name before a sign of transposition."""
    return [Key(stem, "", above.removesuffix(sign)) for sign in ("top", "T") if above.endswith(sign)]


def _layers(at: Instance) -> list[str]:
    if not at.letters:
        general = ["l", "l-1", "l+1"] if at.world.is_network else []
        return [*general, *(str(number) for number in range(at.world.depth, 0, -1))]
    letters = sorted(at.letters, key=str.isupper)
    return [layer_text(letter, offset) for letter in letters for offset in OFFSETS if not (letter.isupper() and offset > 0)]


def _edit(text: str, place: Span, stem: str, where: str, layer: str, style: str) -> Edit:
    sign = "^" if where == "above" else "_"
    bracket = _STYLE.search(style) or _STYLE.search(text)
    opened = bracket[1] if bracket and where == "above" else ""
    closed = {"(": ")", "[": "]", "": ""}[opened]
    written = f"{sign}{{{opened}{layer}{closed}}}"
    if text[: place.start].rstrip().endswith(("_", "^")):  # the name is a whole script, as the a of a nabla
        name = text[place.start : place.end]
        words = f"{stem} is written without its layer: {stem}{sign}{opened}{layer}{closed}"
        return Edit(place, f"{{{name}{written}}}", "layer-index", words)
    words = f"{stem} is written without its layer: {stem}{sign}{opened}{layer}{closed}"
    if text[place.end :].lstrip().startswith("^"):  # of the name with its layer, not a second superscript
        name = text[place.start : place.end]
        return Edit(place, f"({name}{written})", "layer-index", words)
    return Edit(Span(place.end, place.end), written, "layer-index", words)


def fills(texts: Sequence[str], at: Instance) -> Iterator[tuple[tuple[Edit, ...], ...]]:
    """For each text its edits, in every combination; nothing where no layer is missing."""
    style = " ".join(texts)
    each = [list(with_layers_filled_in(text, at, style)) or [()] for text in texts]
    if all(ways == [()] for ways in each):
        return
    for count, chosen in enumerate(product(*each)):
        if count == MOST_CHOICES:
            return
        yield chosen
