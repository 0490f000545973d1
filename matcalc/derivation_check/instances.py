"""Formulas for a general layer, at every layer that they are for: letters in scripts stand for numbers, at several depths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, final

from matcalc.derivation_check.documents import Condition
from matcalc.derivation_check.layers import letter_of, with_layers, with_letters
from matcalc.derivation_check.worlds import Subject, World
from matcalc.language.expressions import Let, Symbol
from matcalc.language.mentions import named_factors
from matcalc.language.reading.grammar import Parser
from matcalc.language.reading.lexer import lexed
from matcalc.language.reading.names import Key, letters_of, script_text
from matcalc.language.reading.scope import Scope
from matcalc.language.reading.syntax import Name

DEPTHS = (3, 2, 4)
MORE_DEPTHS = (5, 6)  # where the names exist at one of these only
DEPTHS_WITH_DOTS = (4, 3, 5)
MOST_INSTANCES = 12
DOTS = (r"\cdots", r"\dots", r"\ldots", r"\dotsb", r"\dotsm")
_NUMBERED_LAYER = re.compile(r"\(\d+\)|\[\d+\]")
_DOTS = re.compile(r"(\\cdot(?![a-z])\s*)?\\(cdots|ldots|dots[bm]?)(?![a-z])")


@final
@dataclass(frozen=True)
class Instance:
    """A formula at one depth and one value of each of its layer letters.

    Attributes:
        world: the quantities at that depth.
        letters: the numbers of the letters.
        scope: the names of the world, and under letters those of the layers that they stand for.
        varied: the quantities whose increments the formula writes; None where it writes none.
    """

    world: World
    letters: Mapping[str, int]
    scope: Scope
    varied: tuple[Symbol | Let, ...] | None = None
    _scopes: dict[tuple[Any, ...], Scope] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The letters and their numbers, as a message says them."""
        return ", ".join(f"{letter} = {number}" for letter, number in self.letters.items())

    def scope_for(self, layout: str | None, reading: str | None = None, direct: bool = False) -> Scope:
        """The names in a layout, with what delta stands for in it; ``reading`` is of derivatives with three axes."""
        key = (layout, reading, direct)
        if key not in self._scopes:
            deltas = with_letters(self.world.deltas(layout or "denominator"), self.letters)
            self._scopes[key] = replace(
                self.scope, quantities={**deltas, **self.scope.quantities}, layout=layout, direct=direct,
                takes_all=True, powers_of_vectors=True, silent=True, by_vec=reading == "jacobian", stand_ins=reading == "stand-in",
            )  # fmt: skip
        return self._scopes[key]


def instances(
    texts: Iterable[str], subject: Subject, condition: Condition | None = None, depths: Sequence[int] | None = None
) -> list[Instance]:
    """Every instance of a formula whose sides are these texts, a general one first.

    Args:
        depths: that are tried; without it some small ones, and that of the subject.

    Raises:
        MatcalcError: a text is no formula.
    """
    texts = list(texts)
    letters = layer_letters(texts, subject.given)
    if letters and condition is not None:  # l = L restricts a formula in which only l is written
        named = {each.letter for comparison in condition.comparisons for each in (comparison.left, comparison.right)}
        letters += sorted(letter for letter in named if letter.isupper() and letter not in letters)
    if not letters:
        return [_instance(subject, subject.given, {})]
    order = depths or (DEPTHS_WITH_DOTS if any(has_dots(text) for text in texts) else DEPTHS)
    chosen = [depth for depth in order if subject.has_other_depths and depth != subject.given.depth]
    worlds = [world for world in (*(() if depths else (subject.given,)), *map(subject.at, chosen)) if world is not None]
    worlds.sort(key=lambda world: order.index(world.depth) if world.depth in order else len(order))
    found = [
        _instance(subject, world, values)
        for world in worlds
        for values in _values(letters, world.depth)
        if condition is None or not condition.comparisons or condition.holds(values)
    ]
    return found[: MOST_INSTANCES * len(worlds)]


def _instance(subject: Subject, world: World, letters: Mapping[str, int]) -> Instance:
    """The instance of these letters, made once."""
    key = (world.depth, tuple(letters.items()))
    if key not in subject.kept:
        subject.kept[key] = Instance(world, letters, with_layers(world.scope, letters))
    made: Instance = subject.kept[key]
    return made


def _values(letters: Iterable[str], depth: int) -> Iterator[dict[str, int]]:
    """The numbers that letters may have: capitals are the last layer, the others run over all, inner ones first."""
    letters = list(letters)
    inner = sorted(range(depth + 2), key=lambda k: (not 1 < k < depth, not 1 <= k <= depth, k))
    choices = [[depth] if letter.isupper() else inner for letter in letters]
    yield from (dict(zip(letters, chosen, strict=True)) for chosen in product(*choices))


def layer_letters(texts: Iterable[str], world: World) -> list[str]:
    """The letters that stand for layers in scripts: small ones first, as l, then those of the last layer, as L.

    A letter in brackets above a name is one, and one above or below a name whose layers have numbers there. One that counts entries
    elsewhere, as the i of W^(l)_ij, is none.
    """
    found: dict[str, None] = {}
    doubtful: dict[str, None] = {}
    counting: set[str] = set()
    for text in texts:
        tokens = lexed(without_dots(text))
        tree = Parser(tokens, world.scope.words, world.scope.letters).parsed()
        for factor, _, bound in named_factors(tree, tokens, world.scope):
            counting |= {each.letter for each in bound}
            if not isinstance(factor.base, Name) or not factor.scripts:
                continue
            first = factor.scripts[0]
            above = script_text(tokens, *first.above) if first.above else ""
            below = script_text(tokens, *first.below) if first.below else ""
            stem = factor.base.stem
            if Key(stem, below, above) in world.scope.quantities:
                continue
            letter = letter_of(above)
            if letter in {each.letter for each in bound}:
                continue
            if letter and (above[0] in "([" or ((stem, "above") in world.layered and letter != "T")):
                found.setdefault(letter)
            if below and ((stem, "below") not in world.layered or (letter and above) or _NUMBERED_LAYER.fullmatch(above)):
                counting |= set(letters_of(below))
            elif (letter := letter_of(below)) and (stem, "below") in world.layered:
                doubtful.setdefault(letter)
    found.update((letter, None) for letter in doubtful if letter not in counting)
    return sorted(found, key=str.isupper)


def has_dots(text: str) -> bool:
    """Whether a text may leave something out."""
    return any(dots in text for dots in DOTS)


def without_dots(text: str) -> str:
    """The text with spaces in place of dots and of the signs of multiplication before them."""
    return _DOTS.sub(lambda found: " " * len(found[0]), text) if has_dots(text) else text
