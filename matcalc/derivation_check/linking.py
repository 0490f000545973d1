"""One link of a text: judged, with what was left out filled in, and repaired where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

from matcalc.derivation_check.edits import Edit, edited
from matcalc.derivation_check.instances import Instance, instances
from matcalc.derivation_check.judging import LAYOUTS, Judge, Judgement, Pair
from matcalc.derivation_check.layerless import fills
from matcalc.derivation_check.repairs import repairs
from matcalc.derivation_check.results import WRONG, Repair
from matcalc.derivation_check.what_if import conditions
from matcalc.errors import MatcalcError
from matcalc.language.reading.names import Key, key_of

WITH_CONDITIONS = ("ill-shaped", "wrong-value", "other-layout")


@final
@dataclass(frozen=True, slots=True)
class Finding:
    """What is found of a link in a layout.

    Attributes:
        judgement: of the pairs with what was left out filled in.
        pairs: these pairs.
        edits: what was filled in, of each pair on the left and on the right.
        layouts: those in which it holds.
        repairs: ranked.
        when: a sentence on when a wrong link would be right; empty where that is not known.
    """

    judgement: Judgement
    pairs: tuple[Pair, ...]
    edits: tuple[tuple[tuple[Edit, ...], ...], ...]
    layouts: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    when: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        words = [edit.words for pair in self.edits for side in pair for edit in side]
        return tuple(dict.fromkeys([*words, *self.judgement.notes]))


def finding(judge: Judge, pairs: Sequence[Pair], layout: str | None, *, with_repairs: bool = True) -> Finding:
    """The verdict on equalities that hold together, in a layout."""
    found = _filled_in(judge, tuple(pairs), layout)
    if found.judgement.holds:
        return replace(found, layouts=_layouts(judge, found, layout))
    if not with_repairs or found.judgement.verdict not in WRONG:
        return found
    when = conditions(judge, found.pairs, layout, found.judgement.verdict) if found.judgement.verdict in WITH_CONDITIONS else ""
    elsewhere = _layouts(judge, found, None) if found.judgement.verdict == "other-layout" else ()
    return replace(found, repairs=_repairs(judge, found, layout), when=when, layouts=elsewhere)


def _filled_in(judge: Judge, pairs: tuple[Pair, ...], layout: str | None) -> Finding:
    """The verdict where names without a layer are read at the layer that fits."""
    nothing = tuple(((), ()) for _ in pairs)
    plain = Finding(judge.verdict(pairs, layout), pairs, nothing)
    if plain.judgement.verdict not in ("unknown-symbol", "unreadable"):
        return plain
    best = plain
    try:
        at = instances([side for pair in pairs for side in (pair.left, pair.right)], judge.subject, pairs[0].condition)[0]
    except (MatcalcError, IndexError):
        return plain
    sides = [side for pair in pairs for side in (pair.left, pair.right)]
    for chosen in fills(sides, at):
        both = tuple((chosen[2 * k], chosen[2 * k + 1]) for k in range(len(pairs)))
        made = tuple(
            replace(pair, left=edited(pair.left, left), right=edited(pair.right, right))
            for pair, (left, right) in zip(pairs, both, strict=True)
        )
        found = Finding(judge.verdict(made, layout), made, both)
        if found.judgement.holds:
            return found
        if _lacks_more_than_layers(found, at):
            return best
        if best is plain and found.judgement.verdict not in ("unknown-symbol", "unreadable"):
            best = found
    return best


def _lacks_more_than_layers(found: Finding, at: Instance) -> bool:
    """Whether a name is unknown that has no layers, so that it is unknown whatever layers are filled in."""
    outcome = found.judgement.outcome
    if found.judgement.verdict != "unknown-symbol" or outcome.span is None or len(found.pairs) > 1:
        return False
    side = found.pairs[0].left if outcome.side == "left" else found.pairs[0].right
    try:
        key = key_of(side[outcome.span.start : outcome.span.end])
    except MatcalcError:
        return False
    return isinstance(key, Key) and all(key.stem != stem for stem, _ in at.world.layered)


def _layouts(judge: Judge, found: Finding, layout: str | None) -> tuple[str, ...]:
    """All layouts in which equalities hold that hold in one."""
    if found.judgement.holds and (layout is None or not judge.depends_on_layout(found.pairs)):
        return LAYOUTS
    return tuple(each for each in LAYOUTS if each == layout or judge.holds(found.pairs, each))


def _repairs(judge: Judge, found: Finding, layout: str | None) -> tuple[Repair, ...]:
    """The repairs of the first pair that is wrong."""
    for pair, edits in zip(found.pairs, found.edits, strict=True):
        single = judge.verdict([pair], layout)
        if not single.holds:
            before = tuple(dict.fromkeys(edit.kind for side in edits for edit in side))
            return repairs(judge, pair, layout, single, before)
    return ()
